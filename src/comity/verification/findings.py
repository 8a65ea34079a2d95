"""The findings beside the change itself: displacement, persistence, by list, by claimant, dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from comity.dates import DateReading
from comity.incidents.model import UNION, Evidence
from comity.saying import joined, say
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
from comity.verification.sentences import HEADLINE, ratio_words
from comity.verification.words import chance, percent, term

TOP_CLAIMANTS = 8
CLAIMANT_DRAWS = 700  # of each fit without a claimant: eight rows beside the headline


def displacement_finding(changes: Sequence[Change], question: Question) -> Finding:
    """Return whether the initiator's activity elsewhere moved (cell B against D)."""
    title = say("finding.displacement")
    rows = tuple(c for c in changes if c.estimand == "displacement" and c.outcome == "starts")
    narrow = next((c for c in rows if c.scope == question.scope.id), None)
    if narrow is None or not narrow.identified or narrow.ratio is None:
        why = narrow.reason if narrow is not None else say("reason.no_cell")
        return Finding(
            "displacement", title,
            say("finding.not_displaced", why=why), rows,
        )  # fmt: skip
    rose = 1.0 - (narrow.fell or 0.0)
    sentence = say(
        "finding.displaced", chance=chance(rose), rose=percent(rose), ratio=ratio_words(narrow)
    )
    return Finding("displacement", title, sentence, rows)


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
            points.append(PersistencePoint(years, None, None, say("finding.beyond", years=years)))
            continue
        path = fit.estimands["jump"] + u[:, first:last].mean(axis=1) - before
        quantiles = [
            float(np.exp(fit.draws.quantile(path, p)))
            for p in (0.5, (1 - level) / 2, (1 + level) / 2)
        ]
        below = fit.draws.probability(path < 0)
        ratio = RatioInterval(quantiles[0], quantiles[1], quantiles[2], level)
        sentence = say("finding.lasts", years=years, term=term(below), below=percent(below))
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
    title = say("finding.by_list")
    if len(prepared.lists) < 2:
        name = prepared.lists[0].release.list
        return Finding("by-list", title, say("finding.one_list", name=name))
    rows = tuple(
        replace(
            _row(prepared, (one,), prepared.question.comparison),
            label=say("finding.alone", list=one.release.list),
        )
        for one in prepared.lists
    )
    known = [c for c in rows if c.identified]
    by_report = {one.release.list for one in prepared.lists if one.basis == "report"}
    said = joined(
        [
            say("finding.by_report", list=c.lists[0], ratio=ratio_words(c))
            if c.lists[0] in by_report
            else joined([c.lists[0], ratio_words(c)], " ")
            for c in rows
        ],
        "; ",
    )
    agree = len({(c.fell or 0) > 0.5 for c in known}) == 1
    verb = "finding.same_way" if agree else "finding.other_ways"
    if len(known) < 2:
        verb = "finding.not_compared"
    return Finding("by-list", title, say(verb, each=said), rows)


def by_claimant_finding(prepared: Prepared, cards: Sequence[IncidentCard]) -> Finding:
    """Return the change without each claimant's incidents, where claimants are known.

    An incident leaves with a claimant if no other party claims it.
    """
    title = say("finding.by_claimant")
    mine = [c for c in cards if prepared.question.scope.id in c.scopes]
    named = [c for c in mine if c.claimants]
    if len(named) < 5:
        return Finding(
            "by-claimant", title,
            say("finding.few_claimants", n=len(named), of=len(mine)),
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
        rows.append(replace(row, label=say("finding.without", claimant=claimant)))
        said.append(
            say(
                "finding.without_each",
                claimant=claimant,
                n=len(alone[claimant]),
                ratio=ratio_words(row),
            )
        )
    keys = tuple(key for claimant in top for key in alone[claimant])
    return Finding(
        "by-claimant", title,
        say("finding.claimants", each=joined(said, '; '))
        if said
        else say("finding.no_claimant"), tuple(rows), (), keys,
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
    title = say("finding.date_reading")
    now = next(c for c in changes_of(primary, prepared.choices.level) if c.estimand == HEADLINE)
    if any(one.release.list == UNION for one in prepared.lists):
        said = say("finding.union_dates")
        return Finding("date-reading", title, said, (now,))
    if evidence is None or primary.fit is None:
        return Finding("date-reading", title, say("finding.not_computed"), (now,))
    reading = prepared.choices.reading
    literal = reading == DateReading("exact", "exact")
    other = DateReading() if literal else DateReading("exact", "exact")
    again = reread(prepared, evidence, other)
    row = _row(again, again.counting, prepared.question.comparison)
    readings = (say("finding.read_day"), say("finding.read_period"))
    ours, theirs = readings if literal else reversed(readings)
    sentence = say(
        "finding.dates", ours=ours, now=ratio_words(now), theirs=theirs, other=ratio_words(row)
    )
    rows = (replace(now, label=ours), replace(row, label=theirs))
    return Finding("date-reading", title, sentence, rows)
