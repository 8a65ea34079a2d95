"""The rows behind each chart, as plain values: testable without drawing anything.

Time is a decimal year (2015.5 is the middle of 2015), so that no time zone enters a chart.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from comity.report.text import (
    COMPARISONS,
    OUTCOMES,
    cell_titles,
    change_fell,
    change_ratio,
    clean,
    number,
    period_word,
    role_words,
)
from comity.saying import joined, say
from comity.verification.model import ActivitySeries, Change, IncidentCard, Verdict
from comity.verification.otherwise import not_promised
from comity.verification.sentences import HEADLINE
from comity.verification.words import percent

if TYPE_CHECKING:
    from comity.verification.glance import Glance  # it loads what a fit needs: charts need none

Row = dict[str, Any]
Shown: TypeAlias = "Verdict | Glance"  # what has activity and incidents
MOST_SPANS = 120
QUARTER_DAYS = 92


def decimal_year(day: dt.date) -> float:
    """Return a day's beginning as a decimal year.

    >>> decimal_year(dt.date(2015, 1, 1)), round(decimal_year(dt.date(2016, 7, 1)), 2)
    (2015.0, 2016.5)
    """
    days = 366 if calendar.isleap(day.year) else 365
    return day.year + (day.timetuple().tm_yday - 1) / days


def finite(value: float | None) -> float | None:
    """Return a number, or None where it is missing, infinite or not a number."""
    return value if value is not None and math.isfinite(value) else None


def activity_rows(verdict: Shown) -> list[Row]:
    """Return one row a cell and period: counts (sharp and coarse) and the fitted rate with ends.

    `x` and `x2` are the period's first day and the day after its last.
    """
    titles = cell_titles(verdict.question.scope)
    rows = []
    for series in narrow_series(verdict):
        edges = [decimal_year(day) for day in series.starts]
        width = edges[1] - edges[0] if len(edges) > 1 else 0.25
        edges.append(edges[-1] + width)
        for k, period in enumerate(series.periods):
            sharp = finite(series.sharp[k]) or 0.0
            count = max(finite(series.count[k]) or 0.0, sharp)
            rows.append(
                {
                    "cell": series.cell,
                    "title": titles.get(series.cell, clean(series.title)),
                    "period": period,
                    "x": edges[k],
                    "x2": edges[k + 1],
                    "middle": (edges[k] + edges[k + 1]) / 2,
                    "sharp": sharp,
                    "count": count,
                    "rate": finite(series.rate[k]),
                    "lower": finite(series.lower[k]),
                    "upper": finite(series.upper[k]),
                }
            )
    return rows


def narrow_series(verdict: Shown) -> tuple[ActivitySeries, ...]:
    """Return the narrow scope's series that hold at least one period, by cell."""
    scope = verdict.question.scope.id
    mine = [s for s in verdict.activity if s.scope == scope and s.periods]
    return tuple(sorted(mine, key=lambda s: s.cell))


def span_rows(verdict: Shown) -> list[Row]:
    """Return the narrow scope's incidents as spans of the days on which each may have begun.

    `x` is the first such day, `x2` the day after the last; both are kept inside the question's
    window. An incident without any bound is left out. At most MOST_SPANS, the widest left out
    first, in order of start.
    """
    question = verdict.question
    first = decimal_year(question.window_from)
    last = decimal_year(question.window_to + dt.timedelta(days=1))
    rows: list[Row] = []
    for card in in_scope(verdict):
        if card.start_earliest is None and card.start_latest is None:
            continue
        start = first if card.start_earliest is None else decimal_year(card.start_earliest)
        stop = last
        if card.start_latest is not None:
            stop = decimal_year(card.start_latest + dt.timedelta(days=1))
        if stop <= first or start >= last:
            continue
        rows.append(
            {
                "key": clean(card.key),
                "name": clean(card.name) or clean(card.key),
                "x": max(start, first),
                "x2": min(stop, last),
                "sharp": stop - start <= QUARTER_DAYS / 365,
                "when": card.when,
            }
        )
    kept = sorted(rows, key=lambda r: float(r["x2"]) - float(r["x"]))[:MOST_SPANS]
    ordered = sorted(kept, key=lambda r: (r["x"], r["x2"], r["key"]))
    return [{**row, "order": n} for n, row in enumerate(ordered)]


def in_scope(verdict: Shown) -> tuple[IncidentCard, ...]:
    """Return the incidents of the narrow scope from initiator to receiver."""
    scope = verdict.question.scope.id
    return tuple(c for c in verdict.incidents if scope in c.scopes and c.cell == "A")


def mark_rows(verdict: Shown) -> list[Row]:
    """Return the agreement and its rivals in order of date: label, date, decimal year.

    The agreement's label is "agreement", the rivals' are numbers from 1.
    """
    question = verdict.question
    rows: list[Row] = [
        {
            "label": str(n),
            "what": clean(rival.what),
            "date": rival.date.isoformat(),
            "x": decimal_year(rival.date),
            "kind": "rival",
        }
        for n, rival in enumerate(sorted(question.rivals, key=lambda r: r.date), start=1)
    ]
    rows.append(
        {
            "label": "agreement",
            "what": say("marks.agreement"),
            "date": question.agreed.isoformat(),
            "x": decimal_year(question.agreed),
            "kind": "agreement",
        }
    )
    return sorted(rows, key=lambda r: str(r["date"]))


def onset_rows(verdict: Verdict) -> list[Row]:
    """Return one row a candidate period, prior and posterior, and one for "no change"."""
    onset = verdict.onset
    if onset is None:
        return []
    rows: list[Row] = [
        {"period": p, "prior": a, "posterior": b, "x": period_start(p), "kind": "change"}
        for p, a, b in zip(onset.periods, onset.prior, onset.posterior, strict=True)
    ]
    rows.append(
        {
            "period": "no change",
            "prior": onset.no_change_prior,
            "posterior": onset.no_change,
            "x": None,
            "kind": "none",
        }
    )
    return rows


def period_start(period: str) -> float:
    """Return where a period begins as a decimal year.

    >>> period_start("2015-Q4"), period_start("2015-H2"), period_start("2015")
    (2015.75, 2015.5, 2015.0)
    """
    year, _, part = period.partition("-")
    if part.startswith("H"):
        return int(year) + (int(part[1:]) - 1) / 2
    if part.startswith("Q"):
        return int(year) + (int(part[1:]) - 1) / 4
    return int(year) + ((int(part) - 1) / 12 if part else 0.0)


def forest_rows(verdict: Verdict) -> list[Row]:
    """Return the net change over five years by scope, comparison, outcome, list and claimant.

    `declared` marks the question's own comparison. A row that is not identified has no ratio and
    says why in `reason`.
    """
    question = verdict.question
    scopes = {s.id: s for s in question.scopes}
    headline = [c for c in verdict.change if c.estimand == HEADLINE]
    starts = [c for c in headline if c.outcome == "starts"]
    asked = "asked" if not_promised(question) else "narrow"
    rows: list[Row] = []

    def add(group: str, label: str, change: Change) -> None:
        rows.append(_forest_row(verdict, len(rows), group, label, change))

    for scope in question.scopes:
        change = verdict.change_of(scope.id, estimand=HEADLINE)
        if change is not None:
            title = joined([role_words(question, scope), clean(scope.title)], ": ")
            add(say("group.scope"), title, change)
    for change in starts:
        if change.scope == question.scope.id and change.comparison != question.comparison:
            label = COMPARISONS.get(change.comparison, change.comparison)
            add(say(f"group.{asked}_comparisons"), label, change)
    for change in headline:
        if change.scope == question.scope.id and change.outcome != "starts":
            label = OUTCOMES.get(change.outcome, change.outcome)
            add(say(f"group.{asked}_counts"), label, change)
    for change in verdict.by_list.rows:
        if change.scope in scopes:
            add(say("group.list"), ", ".join(clean(name) for name in change.lists), change)
    return rows


def _forest_row(verdict: Verdict, order: int, group: str, label: str, change: Change) -> Row:
    """Return one row of the forest."""
    ratio = change.ratio if change.identified else None
    return {
        "order": order,
        "group": group,
        "label": label,
        "declared": change.comparison == verdict.question.comparison,
        "median": ratio.median if ratio else None,
        "lower": ratio.lower if ratio else None,
        "upper": ratio.upper if ratio else None,
        "text": change_ratio(change, "–"),
        "fell": change_fell(change),
        "reason": "" if ratio else clean(change.reason),
    }


def activity_alt(verdict: Shown, cells: str = "ABCD") -> str:
    """Return the chart of activity in words: counts of each cell and fitted rates at both ends.

    `cells` are those drawn.
    """
    rows = [r for r in activity_rows(verdict) if r["cell"] in cells]
    if not rows:
        return say("alt.no_activity")
    first, last = rows[0]["period"], rows[-1]["period"]
    parts = [say("alt.activity", period=period_word(verdict), first=first, last=last)]
    for cell in dict.fromkeys(r["cell"] for r in rows):
        mine = [r for r in rows if r["cell"] == cell]
        values = {"cell": mine[0]["title"], "count": number(sum(r["count"] for r in mine))}
        fitted = [r for r in mine if r["rate"] is not None]
        if fitted:
            ends = {"first": _rate(fitted[0]), "last": _rate(fitted[-1])}
            parts.append(say("alt.fitted", **values, **ends))
        else:
            parts.append(say("alt.counted", **values))
    spans = span_rows(verdict)
    wide = sum(not r["sharp"] for r in spans)
    if spans and cells != "A":
        parts.append(say("alt.spans", n=len(spans), wide=wide))
    return joined([*parts, _marks_alt(mark_rows(verdict))], " ")


def _rate(row: Row) -> str:
    """Return "0.48 (0.24 to 0.91) in 2006-Q1"."""
    rate, period = f"{row['rate']:.2f}", row["period"]
    if row["upper"] is None:
        return say("alt.rate_alone", rate=rate, period=period)
    lower, upper = f"{row['lower']:.2f}", f"{row['upper']:.2f}"
    return say("alt.rate", rate=rate, lower=lower, upper=upper, period=period)


def _marks_alt(marks: Sequence[Row]) -> str:
    """Return the dated events in words."""
    agreement = say("alt.agreement")
    said = joined(
        [
            joined(
                [agreement, m["date"]]
                if m["kind"] == "agreement"
                else [m["label"], m["what"], m["date"]]
            )
            for m in marks
        ],
        "; ",
    )
    return say("alt.marked", marks=said)


def onset_alt(verdict: Verdict) -> str:
    """Return the chart of the onset in words: the likeliest periods and "no change"."""
    onset = verdict.onset
    if onset is None or not onset.periods:
        return say("alt.no_onset")
    ranked = sorted(zip(onset.posterior, onset.periods, strict=True), reverse=True)[:3]
    best = joined(joined([period, percent(p)], " ") for p, period in ranked)
    return say(
        f"alt.onset_{verdict.choices.otherwise.months}", n=len(onset.periods),
        first=onset.periods[0], last=onset.periods[-1], best=best, prior=percent(onset.prior[0]),
        none=percent(onset.no_change), none_prior=percent(onset.no_change_prior),
    )  # fmt: skip


def forest_alt(verdict: Verdict) -> str:
    """Return the chart of rate ratios in words, row by row."""
    rows = forest_rows(verdict)
    if not rows:
        return say("alt.no_forest")
    head = say("alt.forest")
    said = [
        say(
            "alt.row_fell" if r["fell"] else "alt.row",
            group=r["group"],
            label=r["label"],
            text=r["text"],
            fell=r["fell"],
        )
        for r in rows
    ]
    return joined([head, *said], " ")


def yearly(verdict: Verdict) -> list[tuple[int, float, float]]:
    """Return cell A's incidents by year of start: (year, dated to one period, shared out)."""
    series = next((s for s in narrow_series(verdict) if s.cell == "A"), None)
    if series is None:
        return []
    totals: dict[int, list[float]] = {}
    for day, count, sharp in zip(series.starts, series.count, series.sharp, strict=True):
        year = totals.setdefault(day.year, [0.0, 0.0])
        exact = finite(sharp) or 0.0
        year[0] += exact
        year[1] += max((finite(count) or 0.0) - exact, 0.0)
    return [(year, exact, coarse) for year, (exact, coarse) in sorted(totals.items())]
