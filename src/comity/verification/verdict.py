"""From a question and its evidence to a verdict: every finding, then the three sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from comity.dates import DateReading, parse_date
from comity.incidents.model import Evidence
from comity.verification.cards import cards_of, list_use
from comity.verification.change import (
    Analysis,
    Plan,
    analyse,
    changes_of,
    find,
    fit_check,
    plan,
    run_plan,
)
from comity.verification.findings import (
    by_claimant_finding,
    by_list_finding,
    date_reading_finding,
    displacement_finding,
    persistence_points,
)
from comity.verification.model import (
    ActivitySeries,
    Change,
    Check,
    Choices,
    Claim,
    IncidentCard,
    InstrumentFacts,
    Question,
    Verdict,
)
from comity.verification.onset import onset_finding
from comity.verification.prepare import Prepared, prepare
from comity.verification.sentences import (
    HEADLINE,
    because,
    changed,
    kept,
    least_favourable,
)
from comity.verification.words import FELL_LEAST, FELL_PRIMARY, confidence

Progress = Callable[[str], None]


def _silent(_: str) -> None:
    """Tell nobody."""


def judge(
    question: Question,
    evidence: Evidence,
    *,
    choices: Choices | None = None,
    instrument: InstrumentFacts | None = None,
    under_promise: Mapping[str, dt.date] | None = None,
    claims: Sequence[Claim] = (),
    version: str = "",
    progress: Progress = _silent,
    brief: bool = False,
) -> Verdict:
    """Return the verdict on a question from a body of evidence.

    `under_promise` gives the other receivers owed the same promise, with the day from which.
    `brief` runs the declared comparison and its rivals on the narrow scope and the controls only,
    without onset or other outcomes: for the mirror. Raises QuestionError for a question that
    cannot be asked of this evidence.
    """
    choices = choices or Choices()
    prepared = prepare(question, evidence, under_promise or {}, choices)
    todo = plan(prepared)
    if brief:
        todo = Plan(tuple(i for i in todo.items if i[2] == "starts" and i[0].role != "variant"))
    analyses = run_plan(prepared, todo, progress)
    changes = tuple(c for a in analyses for c in changes_of(a, choices.level))
    primary = find(analyses, question.scope.id, question.comparison)
    assert primary is not None
    progress("onset, persistence and the rest")
    onset = None if brief else onset_finding(primary, prepared)
    cards = cards_of(prepared)
    public = _public(claims, choices.as_of)
    least = least_favourable(changes, question.scope.id)
    headline = next((c for c in changes_of(primary, choices.level) if c.estimand == HEADLINE), None)
    identified = headline is not None and headline.identified
    established = bool(
        identified
        and (headline.fell or 0.0) >= FELL_PRIMARY  # type: ignore[union-attr]
        and least is not None
        and (least.fell or 0.0) >= FELL_LEAST
    )
    first = changed(question, changes)
    second = kept(question, cards, public, prepared.window[1] > prepared.onset)
    third = because(question, first, changes, onset, established)
    uses = tuple(list_use(prepared, one, primary) for one in prepared.lists)
    reading = date_reading_finding(prepared, evidence, primary) if not brief else None
    checks = _checks(prepared, analyses, primary, headline, least, onset, first.term)
    speaking = len({name for a in analyses if a.fit is not None for name in a.lists})
    return Verdict(
        question=question,
        instrument=instrument,
        choices=choices,
        as_of=prepared.as_of,
        version=version,
        lists=uses,
        changed=first,
        kept=second,
        because=third,
        confidence=confidence(checks, identified, speaking),
        change=changes,
        onset=onset,
        displacement=displacement_finding(changes, question),
        persistence=persistence_points(primary, prepared),
        by_list=by_list_finding(prepared),
        by_claimant=by_claimant_finding(prepared, cards),
        date_reading=reading
        if reading is not None
        else date_reading_finding(prepared, None, primary),
        claims=public,
        activity=() if brief else _activity(prepared, primary),
        incidents=cards,
        caveats=_caveats(prepared, primary, cards),
        checks=checks,
    )


def _public(claims: Sequence[Claim], as_of: dt.date | None) -> tuple[Claim, ...]:
    """Return the claims made for sure by a day (INCLUSIVE), or all of them."""
    if as_of is None:
        return tuple(claims)
    latest = ((claim, parse_date(claim.date).latest) for claim in claims)
    return tuple(claim for claim, day in latest if day is not None and day <= as_of)


def with_mirror(verdict: Verdict, mirror: Verdict) -> Verdict:
    """Return a verdict with the same question in the other direction beside it."""
    return replace(verdict, mirror=mirror)


def _activity(prepared: Prepared, analysis: Analysis) -> tuple[ActivitySeries, ...]:
    """Return counts and fitted rates of each cell by period over the window."""
    if analysis.fit is None:
        return _bare_activity(prepared, analysis)
    first, stop = prepared.window
    level, fit = prepared.choices.level, analysis.fit
    rate = fit.rates()
    tail = (1 - level) / 2
    series = []
    groups = fit.mixture.model.counts
    for cell in fit.layout.cells:
        mine = [g for g, name in enumerate(groups.cells) if name == cell]
        exposed = groups.exposure[mine] > 0
        total = (rate[:, mine] * exposed).sum(axis=1)[:, first:stop]
        bounds = _weighted_quantiles(total, fit.draws.weights, (0.5, tail, 1 - tail))
        series.append(_series(prepared, analysis, cell, bounds))
    return tuple(series)


def _weighted_quantiles(
    values: np.ndarray, weights: np.ndarray, points: tuple[float, ...]
) -> np.ndarray:
    """Return weighted quantiles down the first axis: (len(points), T)."""
    order = np.argsort(values, axis=0)
    ordered = np.take_along_axis(values, order, axis=0)
    cumulative = np.cumsum(weights[order], axis=0)
    picks = [np.minimum((cumulative < p).sum(axis=0), len(values) - 1) for p in points]
    return np.stack([ordered[pick, np.arange(values.shape[1])] for pick in picks])


def _series(
    prepared: Prepared, analysis: Analysis, cell: str, bounds: np.ndarray | None
) -> ActivitySeries:
    """Return one cell's series over the window; bounds (3, T) are median, lower, upper."""
    first, stop = prepared.window
    count = np.zeros(stop - first)
    sharp = np.zeros(stop - first)
    for panel in analysis.panels:
        mine = [g for g, name in enumerate(panel.counts.cells) if name == cell]
        factors = panel.factors[mine]
        count += factors @ panel.counts.spread()[mine, first:stop]
        sharp += factors @ panel.counts.y[mine, first:stop]
    empty = tuple(float("nan") for _ in range(stop - first))
    rows = [tuple(map(float, row)) for row in bounds] if bounds is not None else [empty] * 3
    titles = {
        "A": "initiator to receiver",
        "B": "initiator to others",
        "C": "others to receiver",
        "D": "others to others",
    }
    return ActivitySeries(
        analysis.scope.id, cell, titles[cell],
        prepared.grid.labels[first:stop], prepared.grid.starts[first:stop],
        tuple(map(float, count)), tuple(map(float, sharp)), rows[0], rows[1], rows[2],
    )  # fmt: skip


def _bare_activity(prepared: Prepared, analysis: Analysis) -> tuple[ActivitySeries, ...]:
    """Return counts alone, where nothing was fitted."""
    cells = sorted({c for p in analysis.panels for c in p.counts.cells})
    return tuple(_series(prepared, analysis, cell, None) for cell in cells)


def _checks(
    prepared: Prepared,
    analyses: Sequence[Analysis],
    primary: Analysis,
    headline: Change | None,
    least: Change | None,
    onset: object,
    word: str,
) -> tuple[Check, ...]:
    """Return everything that was looked at before a confidence was given."""
    checks = [fit_check(primary)]
    if headline is not None and not headline.identified:
        checks.append(Check("identified", False, headline.reason))
    elif headline is not None:
        checks.append(Check("identified", True, "the narrow change is identified"))
    others = [a for a in analyses if a is not primary and a.fit is not None]
    bad = [f"{a.scope.id} {a.comparison} {a.outcome}" for a in others if not a.healthy]
    detail = f"{len(others) - len(bad)} of {len(others)} other fits passed"
    checks.append(
        Check(
            "other fits",
            None if not others else not bad,
            detail + (f"; not {', '.join(bad)}" if bad else ""),
        )
    )
    if headline is not None and least is not None and headline.identified:
        agree = ((headline.fell or 0) >= 0.5) == ((least.fell or 0) >= 0.5)
        strong = (headline.fell or 0) < FELL_PRIMARY or (least.fell or 0) >= FELL_LEAST
        checks.append(
            Check(
                "comparisons agree",
                agree and strong,
                f"the least favourable comparison ({least.comparison}) "
                + ("agrees" if agree and strong else "does not support the declared one"),
            )
        )
    delayed = [one for one in prepared.counting if one.window.delay is None]
    checks.append(
        Check(
            "reporting delay known",
            not delayed,
            "no report dates in "
            + ", ".join(one.release.list for one in delayed)
            + ": late reports cannot be allowed for"
            if delayed
            else "estimated for every list",
        )
    )
    coarse = max((p.year_only for p in primary.panels), default=0.0)
    checks.append(
        Check(
            "dates fine enough",
            coarse <= 0.25,
            f"{100 * coarse:.0f} % of incidents in scope are dated to the year or worse",
        )
    )
    largest = max((float(f) for p in primary.panels for f in p.factors), default=1.0)
    checks.append(
        Check("clustering", None, f"campaigns inflate a cell's variance by at most {largest:.2f}")
    )
    return tuple(checks)


def _caveats(
    prepared: Prepared, primary: Analysis, cards: Sequence[IncidentCard]
) -> tuple[str, ...]:
    """Return every caveat that applies, in plain words."""
    caveats = [
        "Only publicly reported incidents are counted; nothing here speaks of what no list saw."
    ]
    if prepared.question.assumes and prepared.question.comparison != "target-alone":
        caveats.append(f"The comparison assumes: {prepared.question.assumes}.")
    for one in prepared.counting:
        name = one.release.list
        if one.window.delay is None:
            caveats.append(
                f"{name} has no usable report dates: incidents not yet reported when it closed "
                f"({one.release.closed_on.text or 'date not stated'}) are missing from its last "
                "years, which can look like a fall."
            )
        if one.basis == "report":
            caveats.append(f"{name} gives no start: it counts by date of report, not of act.")
    if len(prepared.counting) > 1:
        caveats.append(
            "Several lists hold some of the same incidents; they are weighed as one list's worth "
            "of evidence, not added up."
        )
    coarse = max((p.year_only for p in primary.panels), default=0.0)
    if coarse > 0:
        caveats.append(
            f"{100 * coarse:.0f} % of incidents in scope are dated to the year or worse; a first "
            "of January is read as the year, a first of a month as the month"
            + (
                " (switched off here)."
                if prepared.choices.reading.first_of_year == "exact"
                else "."
            )
        )
    leavers = [name for p in primary.panels for name in p.groups if " until " in name]
    if leavers:
        caveats.append(
            f"{len(prepared.under_promise)} other receivers come under the same promise and leave "
            "the comparison from that day; their earlier record stays in it."
        )
    if prepared.choices.as_of is not None and any(
        not one.release.has_report_dates for one in prepared.lists
    ):
        caveats.append(
            "The as-of date cuts off later starts, but this evidence does not say when each "
            "incident became public: it overstates what was known that day."
        )
    straddling = sum(c.when == "straddles" for c in cards)
    if straddling:
        caveats.append(f"{straddling} incidents may have begun before or after the agreement.")
    return tuple(caveats)


EXACT = DateReading(first_of_year="exact", first_of_month="exact")
__all__ = ["EXACT", "analyse", "judge", "with_mirror"]
