"""How near two definitions are, who is nearest to whom, and how a definer's words changed.

Nearness is the weighted mean over five aspects (`WEIGHTS`) of how much two definitions share. Of
what is protected, which properties, and against what: the Jaccard index of what they name. Of
content and orientation: 1 where they answer alike, else 0. Silence on what is protected or which
properties counts as naming nothing; where both are silent, where what it guards against is left
open by either, or where an answer is unclear, the aspect has no weight. 1 is alike in every aspect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from comity.definitions.model import Definition, Definitions, kin_of

Floats = NDArray[np.float64]

WEIGHTS: Mapping[str, float] = {
    "protects": 2.0, "properties": 1.0, "against": 1.0, "content": 2.0, "orientation": 1.0,
}  # fmt: skip
ASPECTS = tuple(WEIGHTS)
NEEDS_BOTH = ("against", "content", "orientation")


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near two definitions are, from 0 to 1, and by aspect; None has no weight."""

    first: Definition
    second: Definition
    value: float | None
    by_aspect: Mapping[str, float | None]
    shared: Mapping[str, frozenset[str]]
    only_first: Mapping[str, frozenset[str]]
    only_second: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Shift:
    """What a definer's later definition names that its earlier one did not, and the reverse."""

    earlier: Definition
    later: Definition
    gained: Mapping[str, frozenset[str]]
    lost: Mapping[str, frozenset[str]]


def nearness(first: Definition, second: Definition) -> Nearness:
    """Return how near two definitions are, aspect by aspect."""
    one, two = first.elements, second.elements
    by_aspect = {a: _shared(a, one[a], two[a]) for a in ASPECTS}
    weighed = [(WEIGHTS[a], v) for a, v in by_aspect.items() if v is not None]
    total = sum(w for w, _ in weighed)
    return Nearness(
        first, second, sum(w * v for w, v in weighed) / total if total else None, by_aspect,
        {a: one[a] & two[a] for a in ASPECTS}, {a: one[a] - two[a] for a in ASPECTS},
        {a: two[a] - one[a] for a in ASPECTS},
    )  # fmt: skip


def aspect_matrices(rows: Sequence[Definition]) -> Floats:
    """Return how much each pair shares, by aspect (5, n, n); nan where it has no weight."""
    found = np.full((len(ASPECTS), len(rows), len(rows)), np.nan)
    elements = [d.elements for d in rows]
    for k, aspect in enumerate(ASPECTS):
        for i, one in enumerate(elements):
            for j in range(i, len(rows)):
                value = _shared(aspect, one[aspect], elements[j][aspect])
                if value is not None:
                    found[k, i, j] = found[k, j, i] = value
    return found


def distances(aspects: Floats) -> Floats:
    """Return 1 - nearness of each pair (n, n) from matrices by aspect; 1/2 where nothing weighs."""
    weight = np.array([WEIGHTS[a] for a in ASPECTS])[:, None, None] * ~np.isnan(aspects)
    total = weight.sum(0)
    near = (np.nan_to_num(aspects) * weight).sum(0) / np.where(total > 0, total, 1)
    apart = np.where(total > 0, 1 - near, 0.5)
    np.fill_diagonal(apart, 0.0)
    return np.asarray(apart, dtype=float)


def _shared(aspect: str, one: frozenset[str], two: frozenset[str]) -> float | None:
    if not (one | two) or (aspect in NEEDS_BOTH and not (one and two)):
        return None
    return len(one & two) / len(one | two)


def definitions_of(
    definitions: Definitions, term: str = "", definers: Sequence[str] = (), kin: bool = False
) -> tuple[Definition, ...]:
    """Return definitions of a term (with its `kin`, terms for the same subject) and of definers."""
    terms = kin_of(term) if kin else (term,)
    found = [
        d for d in definitions.rows
        if (not term or d.term in terms) and (not definers or d.definer in definers)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda d: (d.definer, str(d.date.earliest), d.id)))


def latest_of_each(rows: Sequence[Definition], term: str = "") -> tuple[Definition, ...]:
    """Return each definer's latest definition; of several of one date the first by id.

    With `term` a definer's own definition of it goes before one of a term of its kin, however much
    later; of kin the order of `kin_of` decides, which has what a state calls the security of its
    own information before the security of states from each other.
    """
    order = [term, *(k for k in kin_of(term) if k != term)] if term else []

    def rank(row: Definition) -> int:
        return order.index(row.term) if row.term in order else len(order)

    chosen: dict[str, Definition] = {}
    for row in sorted(rows, key=lambda d: (str(d.date.earliest), d.id)):
        held = chosen.get(row.definer)
        nearer = held is not None and rank(row) < rank(held)
        if held is None or nearer or (
            rank(row) == rank(held) and str(row.date.earliest) > str(held.date.earliest)
        ):  # fmt: skip
            chosen[row.definer] = row
    return tuple(chosen[k] for k in sorted(chosen))


def neighbours(rows: Sequence[Definition], of: Definition) -> tuple[Nearness, ...]:
    """Return how near others are to a definition, nearest first."""
    found = [nearness(of, other) for other in rows if other.id != of.id]
    known = [n for n in found if n.value is not None]
    return tuple(sorted(known, key=lambda n: (-(n.value or 0.0), n.second.id)))


def extremes(rows: Sequence[Definition], most: int = 4) -> tuple[list[Nearness], list[Nearness]]:
    """Return the nearest and the farthest pairs of different definers, most telling first.

    Among equals come pairs whose aspects all have weight, then ids in order.
    """
    pairs = [
        n for k, one in enumerate(rows) for two in rows[k + 1 :]
        if one.definer != two.definer and (n := nearness(one, two)).value is not None
    ]  # fmt: skip

    def open_aspects(n: Nearness) -> int:
        return sum(v is None for v in n.by_aspect.values())

    near = sorted(
        pairs, key=lambda n: (-(n.value or 0.0), open_aspects(n), n.first.id, n.second.id)
    )
    far = sorted(pairs, key=lambda n: (n.value or 0.0, open_aspects(n), n.first.id, n.second.id))
    return near[:most], far[:most]


def shifts_of(rows: Sequence[Definition]) -> tuple[Shift, ...]:
    """Return what changed between one definer's definitions of one term, in order of date."""
    by_term: dict[tuple[str, str], list[Definition]] = {}
    for row in sorted(rows, key=lambda d: (str(d.date.earliest), d.id)):
        by_term.setdefault((row.definer, row.term), []).append(row)
    return tuple(
        Shift(
            a, b,
            {k: b.elements[k] - a.elements[k] for k in ASPECTS},
            {k: a.elements[k] - b.elements[k] for k in ASPECTS},
        )
        for listed in by_term.values()
        for a, b in pairwise(listed)
        if a.date.latest is None or b.date.earliest is None or a.date.latest < b.date.earliest
    )  # fmt: skip
