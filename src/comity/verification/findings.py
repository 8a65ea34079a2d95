"""The findings beside the change itself: displacement, persistence, by list, by claimant, dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from comity.dates import DateReading
from comity.incidents.model import UNION, Evidence
from comity.verification.change import OTHER_DRAWS, Analysis, analyse, changes_of
from comity.verification.model import (
    Change,
    Finding,
    IncidentCard,
    PersistencePoint,
    Question,
    RatioInterval,
)
from comity.verification.prepare import ListData, Prepared, reread
from comity.verification.sentences import HEADLINE, chance, ratio_words
from comity.verification.words import percent, term

TOP_CLAIMANTS = 8
CLAIMANT_DRAWS = 700  # of each fit without a claimant: eight rows beside the headline


def displacement_finding(changes: Sequence[Change], question: Question) -> Finding:
    """Return whether the initiator's activity elsewhere moved (cell B against D)."""
    rows = tuple(c for c in changes if c.estimand == "displacement" and c.outcome == "starts")
    narrow = next((c for c in rows if c.scope == question.scope.id), None)
    if narrow is None or not narrow.identified or narrow.ratio is None:
        why = narrow.reason if narrow is not None else "the comparison holds no cell for it"
        return Finding(
            "displacement", "Did activity move elsewhere?",
            f"Whether activity moved to other receivers is not identified: {why}.", rows,
        )  # fmt: skip
    rose = 1.0 - (narrow.fell or 0.0)
    sentence = (
        "That the initiator's reported activity against others rose at the agreement "
        f"{chance(rose)} ({percent(rose)}; step {ratio_words(narrow)})."
    )
    return Finding("displacement", "Did activity move elsewhere?", sentence, rows)


def persistence_points(analysis: Analysis, prepared: Prepared) -> tuple[PersistencePoint, ...]:
    """Return, for one, two, three and five years on, whether the level is still below that before.

    The level of year k is delta plus u averaged over that year, against u averaged over the two
    years before the agreement: relative to the comparison, like the net change.
    """
    fit = analysis.fit
    if fit is None:
        return ()
    per_year = 12 // prepared.grid.months
    level = prepared.choices.level
    u = fit.draws.X[:, :, fit.layout.walks.index("u")]
    start = max(prepared.onset - 2 * per_year, prepared.window[0])
    before = u[:, start : prepared.onset].mean(axis=1)
    points = []
    for years in (1, 2, 3, 5):
        first = prepared.onset + (years - 1) * per_year
        last = first + per_year
        if last > prepared.window[1]:
            points.append(
                PersistencePoint(years, None, None, f"Year {years}: beyond the evidence.")
            )
            continue
        path = fit.estimands["jump"] + u[:, first:last].mean(axis=1) - before
        quantiles = [
            float(np.exp(fit.draws.quantile(path, p)))
            for p in (0.5, (1 - level) / 2, (1 + level) / 2)
        ]
        below = fit.draws.probability(path < 0)
        ratio = RatioInterval(quantiles[0], quantiles[1], quantiles[2], level)
        sentence = f"Year {years}: below the two years before, {term(below)} ({percent(below)})."
        points.append(PersistencePoint(years, ratio, below, sentence))
    return tuple(points)


def _row(
    prepared: Prepared, lists: tuple[ListData, ...], comparison: str, draws: int = OTHER_DRAWS
) -> Change:
    """Return the headline estimand of the narrow scope on some lists."""
    analysis = analyse(prepared, prepared.question.scope, comparison, lists=lists, draws=draws)
    rows = changes_of(analysis, prepared.choices.level)
    return next(c for c in rows if c.estimand == HEADLINE)


def by_list_finding(prepared: Prepared) -> Finding:
    """Return the change in each list alone."""
    title = "Does each list say the same?"
    if len(prepared.lists) < 2:
        name = prepared.lists[0].release.list
        return Finding("by-list", title, f"Only one list ({name}) was used: nothing to compare.")
    rows = tuple(
        replace(
            _row(prepared, (one,), prepared.question.comparison), label=f"{one.release.list} alone"
        )
        for one in prepared.lists
    )
    known = [c for c in rows if c.identified]
    by_report = {one.release.list for one in prepared.lists if one.basis == "report"}
    said = "; ".join(
        f"{c.lists[0]}{' (by date of report)' if c.lists[0] in by_report else ''} {ratio_words(c)}"
        for c in rows
    )
    agree = len({(c.fell or 0) > 0.5 for c in known}) == 1
    verb = "point the same way" if agree and len(known) > 1 else "do not all point the same way"
    if len(known) < 2:
        verb = "cannot be compared: fewer than two are identified"
    return Finding("by-list", title, f"The lists taken alone {verb}: {said}.", rows)


def by_claimant_finding(prepared: Prepared, cards: Sequence[IncidentCard]) -> Finding:
    """Return the change without each claimant's incidents, where claimants are known.

    An incident leaves with a claimant if no other party claims it.
    """
    title = "How much rests on one claimant?"
    mine = [c for c in cards if prepared.question.scope.id in c.scopes]
    named = [c for c in mine if c.claimants]
    if len(named) < 5:
        return Finding(
            "by-claimant", title,
            f"Claimants are recorded for {len(named)} of {len(mine)} incidents in scope: how much "
            "rests on one company or government cannot be known from these lists.",
        )  # fmt: skip
    alone: dict[str, list[str]] = {}
    for card in named:
        if len(card.claimants) == 1:
            alone.setdefault(card.claimants[0], []).append(card.key)
    top = sorted(alone, key=lambda c: (-len(alone[c]), c))[:TOP_CLAIMANTS]
    rows, said = [], []
    for claimant in top:
        lists = tuple(_without(one, frozenset(alone[claimant])) for one in prepared.counting)
        row = _row(prepared, lists, prepared.question.comparison, CLAIMANT_DRAWS)
        rows.append(replace(row, label=f"without {claimant}"))
        said.append(f"without {claimant} ({len(alone[claimant])}) {ratio_words(row)}")
    keys = tuple(key for claimant in top for key in alone[claimant])
    return Finding(
        "by-claimant", title,
        f"Net change {'; '.join(said) or 'rests on no single claimant'}.", tuple(rows), (), keys,
    )  # fmt: skip


def _without(one: ListData, keys: frozenset[str]) -> ListData:
    """Return a list without some incidents."""
    import polars as pl

    ids = [key.partition(":")[2] for key in keys if key.startswith(f"{one.release.list}:")]
    table = one.table.filter(~pl.col("id").is_in(ids))
    return replace(one, table=table, redrawn=())


def date_reading_finding(
    prepared: Prepared, evidence: Evidence | None, primary: Analysis
) -> Finding:
    """Return what reading every first of a period as that very day would change."""
    title = "What does the reading of dates change?"
    now = next(c for c in changes_of(primary, prepared.choices.level) if c.estimand == HEADLINE)
    if any(one.release.list == UNION for one in prepared.lists):
        said = "The lists' dates were read before they were joined; ask with the other reading."
        return Finding("date-reading", title, said, (now,))
    if evidence is None or primary.fit is None:
        return Finding("date-reading", title, "Not computed here.", (now,))
    reading = prepared.choices.reading
    literal = reading == DateReading("exact", "exact")
    other = DateReading() if literal else DateReading("exact", "exact")
    again = reread(prepared, evidence, other)
    row = _row(again, again.counting, prepared.question.comparison)
    ours, theirs = ("day", "period") if literal else ("period", "day")
    sentence = (
        f"A first of January or of a month read as the {ours}: {ratio_words(now)}; read as the "
        f"{theirs}: {ratio_words(row)}."
    )
    rows = (replace(now, label=f"read as the {ours}"), replace(row, label=f"read as the {theirs}"))
    return Finding("date-reading", title, sentence, rows)
