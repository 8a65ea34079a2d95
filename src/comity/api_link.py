"""The public functions of linkage: link the lists at hand, decide, and the union of lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from comity.dates import DateReading
from comity.errors import SourceError
from comity.incidents.actors import load_actors
from comity.incidents.linkage.clusters import Conflict, conflicts, drawn, most_probable, settled
from comity.incidents.linkage.decisions import Decision, current, read_decisions
from comity.incidents.linkage.groups import finder_of_groups
from comity.incidents.linkage.link import link
from comity.incidents.linkage.model import Linkage
from comity.incidents.linkage.store import load_linkage, outdated, save_linkage
from comity.incidents.linkage.union import Union, union
from comity.incidents.load import load_evidence

if TYPE_CHECKING:
    from comity.incidents.model import Evidence

DRAWINGS = 12  # draws of the links that a verdict on the union carries
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Linked:
    """The links at hand with a person's decisions over them. `stale` names lists whose rows changed
    since they were linked."""

    linkage: Linkage
    decisions: Mapping[Pair, Decision]
    clusters: tuple[tuple[str, ...], ...]
    conflicts: tuple[Conflict, ...]
    stale: tuple[str, ...]


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
