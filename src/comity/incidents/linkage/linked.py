"""The links at hand with what a person decided over them, as one record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from comity.incidents.linkage.clusters import Conflict
from comity.incidents.linkage.decisions import Decision
from comity.incidents.linkage.model import Linkage

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
