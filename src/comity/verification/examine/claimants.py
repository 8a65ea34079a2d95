"""By claimant: the change without what rests on one company, one government, one kind of party."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from comity.incidents.model import read_attributions
from comity.verification.change import Analysis, lay_out
from comity.verification.examine.model import ClaimantEffect, Claimants
from comity.verification.examine.pool import Progress, run_all
from comity.verification.examine.robustness import task_of
from comity.verification.examine.tasks import FitSummary, run_fit
from comity.verification.model import Check, RatioInterval
from comity.verification.prepare import ListData, Prepared
from comity.verification.sentences import HEADLINE
from comity.verification.words import counted, percent

MOST = 24  # claimants looked at: those named for the most incidents in scope
KINDS: Mapping[str, str] = {
    "private-company": "all companies",
    "receiver-government": "the receiver's government",
    "third-government": "other governments",
    "media": "all media",
}
MOVED = 0.15  # a change in the probability of a fall that is worth a word

Key = tuple[str, str]  # list, id
Named = Mapping[Key, frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Named:
    """Who is named for each incident, claimants' kinds, and the incidents in scope (cell A)."""

    by_incident: Named
    kinds: Mapping[str, str]
    mine: frozenset[Key]


def _read(prepared: Prepared) -> _Named:
    """Return the claimants of every incident of the lists."""
    from comity.verification.prepare import membership_of

    named: dict[Key, frozenset[str]] = {}
    kinds: dict[str, str] = {}
    mine: set[Key] = set()
    for one in prepared.counting:
        name = one.release.list
        frame = membership_of(one, prepared.question.scope, prepared.under_promise).frame
        rows = frame.filter(pl.col("cell") == "A")["row"].to_list()
        mine |= {(name, str(i)) for i in one.table[rows]["id"].to_list()}
        some = one.table.filter(pl.col("attributions") != "").select("id", "attributions")
        for identity, text in some.iter_rows():
            claims = [a for a in read_attributions(text) if a.claimant]
            named[name, str(identity)] = frozenset(a.claimant for a in claims)
            kinds |= {a.claimant: a.claimant_kind for a in claims}
    return _Named(named, kinds, frozenset(mine))


def _without(one: ListData, keys: frozenset[Key]) -> ListData:
    """Return a list without some incidents, in whatever cell they are."""
    ids = [identity for name, identity in keys if name == one.release.list]
    return replace(one, table=one.table.filter(~pl.col("id").is_in(ids)))


def _laid(prepared: Prepared, keys: frozenset[Key]) -> Analysis:
    """Return the declared analysis without some incidents, ready to be fitted."""
    lists = tuple(_without(one, keys) for one in prepared.counting)
    question = prepared.question
    return lay_out(prepared, question.scope, question.comparison, lists=lists)


def claimants(
    prepared: Prepared,
    base: float | None,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Claimants:
    """Return the net change without each claimant, and without each kind of claimant.

    `base` is the declared analysis's probability of a fall. What rests on a claimant alone leaves
    in every cell of the comparison; the second reading takes out all it is named for.
    """
    found = _read(prepared)
    mine = [found.by_incident.get(k, frozenset()) for k in found.mine]
    unnamed = sum(not names for names in mine)
    counts: dict[str, int] = {}
    for names in mine:
        for name in names:
            counts[name] = counts.get(name, 0) + 1
    top = sorted(counts, key=lambda c: (-counts[c], c))[:MOST]
    groups = [(c, found.kinds[c], frozenset({c})) for c in top]
    for kind, title in KINDS.items():
        members = frozenset(c for c, k in found.kinds.items() if k == kind)
        if len(members & counts.keys()) > 1:
            groups.append((title, kind, members))
    plans = [_plan(prepared, found, *group) for group in groups]
    tasks, places = [], []
    for number, (_, pair) in enumerate(plans):
        for which, laid in enumerate(pair):
            if not laid.reason:
                tasks.append(task_of(prepared, laid, seed=prepared.choices.seed))
                places.append((number, which))
    answers = dict(zip(places, run_all(run_fit, tasks, workers, progress), strict=True))
    level = prepared.choices.level
    rows = tuple(
        _with(row, answers.get((number, 0)), answers.get((number, 1)), level)
        for number, (row, _) in enumerate(plans)
    )
    return Claimants(
        rows, unnamed, len(mine), _sentence(rows, unnamed, len(mine), base), _checks(rows, base)
    )


def _plan(
    prepared: Prepared, found: _Named, title: str, kind: str, members: frozenset[str]
) -> tuple[ClaimantEffect, tuple[Analysis, Analysis]]:
    """Return one claimant's row, still without answers, and its two analyses."""
    involved = frozenset(k for k, names in found.by_incident.items() if names & members)
    alone = frozenset(k for k in involved if found.by_incident[k] <= members)
    first = _laid(prepared, alone)
    row = ClaimantEffect(
        title, kind, len(involved & found.mine), len(alone & found.mine),
        round(first.before, 2), round(first.after, 2), None, None, None, None,
    )  # fmt: skip
    return row, (first, _laid(prepared, involved))


def _answer(summary: FitSummary | None, level: float) -> tuple[RatioInterval | None, float | None]:
    """Return ratio and probability of the headline, None where it is not identified."""
    if summary is None or summary.reason(HEADLINE):
        return None, None
    e = summary.estimates[HEADLINE]
    return RatioInterval(e.median, e.lower, e.upper, level), e.fell


def _with(
    row: ClaimantEffect, alone: FitSummary | None, involved: FitSummary | None, level: float
) -> ClaimantEffect:
    """Return a row with its answers."""
    (ratio, fell), (ratio_in, fell_in) = _answer(alone, level), _answer(involved, level)
    return replace(row, ratio=ratio, fell=fell, ratio_involved=ratio_in, fell_involved=fell_in)


def _furthest(rows: tuple[ClaimantEffect, ...], base: float | None) -> ClaimantEffect | None:
    """Return the single claimant whose leaving moves the probability most."""
    if base is None:
        return None
    single = [r for r in rows if r.fell is not None and r.claimant not in KINDS.values()]
    return max(single, key=lambda r: abs((r.fell or 0.0) - base), default=None)


def _checks(rows: tuple[ClaimantEffect, ...], base: float | None) -> tuple[Check, ...]:
    """Say whether the answer rests on one claimant."""
    most = _furthest(rows, base)
    if most is None or base is None or most.fell is None:
        return (Check("no single claimant", None, "claimants are hardly recorded"),)
    moved = abs(most.fell - base)
    return (
        Check(
            "no single claimant", moved < MOVED,
            f"without {most.claimant} the chance of a fall goes from {percent(base)} to "
            f"{percent(most.fell)}",
        ),
    )  # fmt: skip


def _sentence(
    rows: tuple[ClaimantEffect, ...], unnamed: int, total: int, base: float | None
) -> str:
    """Return the finding in one sentence."""
    if not rows:
        return (
            f"No claimant is on record for any of {counted(total, 'incident')} in scope: how much "
            "rests on one company or government cannot be known from these lists."
        )
    biggest = rows[0]
    words = (
        f"{biggest.claimant} is named for {biggest.involved} of {counted(total, 'incident')} in "
        f"scope, alone for {biggest.alone}"
    )
    words += f"; for {unnamed} nobody is on record" if unnamed else ""
    most = _furthest(rows, base)
    if most is not None and base is not None and most.fell is not None:
        words += (
            f". Leaving out what rests on one claimant alone moves the chance of a fall most for "
            f"{most.claimant}: from {percent(base)} to {percent(most.fell)}"
        )
    return words + "."
