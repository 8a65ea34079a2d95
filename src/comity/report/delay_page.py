"""How late a list is, as plain text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from comity.report.lines import Line, columns, wrap
from comity.report.text import clean
from comity.verification.delay_report import DelayAt, DelayEstimate, DelayReport
from comity.verification.words import percent

FAMILIES = {"lognormal": "lognormal", "gamma": "gamma", "weibull": "Weibull"}
HALF, MOST = 0.5, 0.9


def days_text(days: float) -> str:
    """Return a number of days without false precision.

    >>> days_text(0.4), days_text(86.3), days_text(12345.0), days_text(178_000.0)
    ('<1', '86', '12,345', '>100 years')
    """
    if days < 1:
        return "<1"
    return f"{days:,.0f}" if days < 36525 else ">100 years"


def interval_text(at: DelayAt) -> str:
    """Return days with their interval."""
    return f"{days_text(at.days)} ({days_text(at.lower)}-{days_text(at.upper)})"


def delay_lines(report: DelayReport, width: int = 80) -> list[Line]:
    """Return the page: what it rests on, each group's delay in three readings, what follows."""
    whole = report.estimates[0]
    name = f"{clean(report.list)} {clean(report.release)}"
    head = f"{name}: from start to first public report, in days"
    lines: list[Line] = [(line, "") for line in wrap(head, width)]
    lines += _said(_basis(report, whole), width)
    lines.append(("", ""))
    rows = [("starts", "n", "reading", "half within", "nine in ten")]
    for estimate in report.estimates:
        rows += _rows(estimate)
    lines += columns(rows, width, right=(1,))
    lines.append(("", ""))
    for text in _notes(report):
        lines += _said(text, width)
    return lines


def _said(text: str, width: int) -> list[Line]:
    return [("", line) for line in wrap(text, width)]


def _basis(report: DelayReport, whole: DelayEstimate) -> str:
    """Return what the estimates rest on."""
    said = (
        f"{whole.n} of {whole.incidents} incidents have both dates to a year; the list closed on "
        f"{report.closed_on}."
    )
    said += f" In brackets: {round(100 * report.level)} % intervals."
    if report.report_dates_from:
        said += f" Dates of report: {clean(report.report_dates_from)}."
    if report.question:
        said += f" Cells of {clean(report.question)}, scope {clean(report.scope)}."
    return said


def _rows(estimate: DelayEstimate) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield a group's lines: as listed, then each estimate, or that there are too few."""
    listed = "" if estimate.listed is None else days_text(estimate.listed)
    few = "" if estimate.parametric else "too few"
    yield estimate.label, str(estimate.n), "as listed", listed, few
    if not estimate.parametric:
        return
    best = max(estimate.families, key=lambda name: estimate.families[name])
    for reading, found in ((FAMILIES[best], estimate.parametric), ("by steps", estimate.steps)):
        at = {one.share: one for one in found}
        yield "", "", reading, interval_text(at[HALF]), interval_text(at[MOST])


def _notes(report: DelayReport) -> Iterator[str]:
    """Yield what is made of the delay, and what to mind."""
    yield report.sentence
    if report.last_year is not None:
        year = report.last_year
        yield (
            f"Of what began in {year.year}, {percent(year.share)} "
            f"({percent(year.lower)}-{percent(year.upper)}) is reported by the closing day."
        )
    few = sum(not estimate.parametric for estimate in report.estimates)
    if few:
        yield (
            f"{few} {'group has' if few == 1 else 'groups have'} fewer than 20 incidents with both "
            "dates to a year: nothing is said of their delay, and none of it is used."
        )
    for estimate in report.estimates:
        told = estimate.reason in report.sentence
        if estimate.parametric and not estimate.identified and not told:
            yield f"One delay does not fit {estimate.label}: {estimate.reason}."
    if few == len(report.estimates):
        return
    yield (
        "As listed is the median of the delays the list shows: too short where late reports are "
        "still to come. The others undo that. Steps say nothing of delays longer than the list "
        "could have shown; a curve's tail beyond them is the curve's."
    )
