"""The public functions of linkage: link the lists at hand, decide, and the union of lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from comity.dates import DateReading
from comity.errors import SourceError
from comity.incidents.actors import load_actors
from comity.incidents.linkage.clusters import conflicts, drawn, most_probable, settled
from comity.incidents.linkage.decisions import Decision, current, read_decisions
from comity.incidents.linkage.groups import finder_of_groups
from comity.incidents.linkage.link import link
from comity.incidents.linkage.linked import Linked
from comity.incidents.linkage.model import Linkage
from comity.incidents.linkage.store import load_linkage, outdated, save_linkage
from comity.incidents.linkage.union import Union, union
from comity.incidents.load import load_evidence
from comity.incidents.model import JOIN
from comity.verification.examine.sight import Sight
from comity.verification.unseen.bounds import bound_unseen
from comity.verification.unseen.captures import MOST_LISTS, captures_of
from comity.verification.unseen.copies import cited_by, cited_pairs
from comity.verification.unseen.coverage import Coverage

if TYPE_CHECKING:
    from comity.incidents.model import Evidence

DRAWINGS = 12  # draws of the links that a verdict on the union carries
Pair = tuple[str, str]


def link_lists(
    lists: Sequence[str] = (),
    evidence: Evidence | None = None,
    home: Path | None = None,
    save: bool = True,
    seed: int = 0,
) -> Linkage:
    """Link the lists at hand, or some of them, and keep the links on this machine.

    Nothing is merged, and a person's decisions stay. Raises SourceError where there are not two
    lists, or two are the same file; StoreError where the links cannot be written.
    """
    held = evidence if evidence is not None else load_evidence(tuple(lists) or None, home)
    found = link(held, finder_of_groups(load_actors()), seed=seed)
    if save:
        save_linkage(found, home)
    return found


def linked(home: Path | None = None, evidence: Evidence | None = None) -> Linked:
    """Return the links at hand and what a person decided. Raises SourceError where none were
    made."""
    found = load_linkage(home)
    if found is None:
        raise SourceError("No lists have been linked here yet. Link those at hand: `comity link`.")
    held = evidence if evidence is not None else load_evidence(None, home)
    return _linked(found, current(read_decisions(home)), outdated(found, held))


def _linked(linkage: Linkage, decisions: Mapping[Pair, Decision], stale: tuple[str, ...]) -> Linked:
    said = {pair: d.verdict == "same" for pair, d in decisions.items()}
    links = settled(linkage.table, said)
    clusters = most_probable(links)
    return Linked(linkage, decisions, clusters, conflicts(links, clusters, said), stale)


def union_of_lists(
    evidence: Evidence,
    reading: DateReading | None = None,
    home: Path | None = None,
    seed: int = 0,
    drawings: int = DRAWINGS,
) -> Union:
    """Return the lists of some evidence as one, each incident once, with other draws of the links.

    The links kept on this machine are used where they are of these very lists; else they are made
    anew, and not kept. A person's decisions win over the model's. Raises SourceError.
    """
    names = {r.list for r in evidence.releases}
    kept = load_linkage(home)
    if kept is None or set(kept.digests) != names or outdated(kept, evidence):
        kept = link_lists(evidence=evidence, save=False, seed=seed)
    said = {p: d.verdict == "same" for p, d in current(read_decisions(home)).items()}
    links = settled(kept.table, {p: same for p, same in said.items() if _of(p) <= names})
    return union(
        evidence, most_probable(links), reading or DateReading(),
        tuple(drawn(links, seed + 1 + n) for n in range(drawings)),
    )  # fmt: skip


def _of(pair: Pair) -> set[str]:
    return {key.split(":", 1)[0] for key in pair}


def coverage_of_lists(
    evidence: Evidence | None = None, home: Path | None = None, seed: int = 0
) -> Coverage:
    """Return how the lists at hand overlap and what none of them holds, all incidents together.

    Incidents whose start may lie outside the shared years are left out. Raises SourceError where
    there are not two lists.
    """
    held = evidence if evidence is not None else load_evidence(None, home)
    joined = union_of_lists(held, home=home, seed=seed, drawings=0).evidence
    (release,) = joined.releases
    first = release.covers_from.earliest or dt.date(1, 1, 1)
    last = release.covers_to.latest or dt.date(9999, 12, 31)
    names = tuple(r.list for r in held.releases)
    holders = [
        {key.split(":", 1)[0] for key in ident.split(JOIN)}
        for ident, begun, ended in joined.table.select(
            "id", "start_earliest", "start_latest"
        ).iter_rows()
        if begun is not None and ended is not None and first <= begun and ended <= last
    ]
    captures = captures_of(names[:MOST_LISTS], holders)
    copies = cited_pairs(captures.lists, cited_by(held))
    return Coverage(
        first, last,
        {n: sum(n in h for h in holders) for n in names},
        {n: sum(h == {n} for h in holders) for n in names},
        {(a, b): sum(a in h and b in h for h in holders) for a, b in combinations(names, 2)},
        bound_unseen(captures, copies=copies, seed=seed),
    )  # fmt: skip


def sight_of(question: str, home: Path | None = None, seed: int | None = None) -> Sight:
    """Return what the lists hold and miss of a question's scope, before and after its agreement.

    With the seed of a verdict, by default, the numbers are those of `verify --unseen`. Raises
    QuestionError, SourceError.
    """
    from comity.api import others_under_promise
    from comity.instruments.register import load_register
    from comity.verification.examine.unseen import unseen
    from comity.verification.model import Choices
    from comity.verification.prepare import prepare
    from comity.verification.question import load_question

    asked = load_question(question)
    choices = Choices() if seed is None else Choices(seed=seed)
    joined = union_of_lists(load_evidence(None, home), home=home, seed=choices.seed).evidence
    under = others_under_promise(load_register(), asked)
    return unseen(prepare(asked, joined, under, choices), joined)
