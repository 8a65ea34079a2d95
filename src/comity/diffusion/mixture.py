"""Texts that two parents explain better than one: each feature from whichever of them has it.

Both must be near, as a single parent must: at most half of what is compared may differ. Two
parents never do worse than one, so a saved change alone says little. Beside it stand how often
the features, drawn anew, still show it, and how often a text that was taken from one parent alone
would look so, if its features change as often as those of this tree do.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np

from comity.diffusion.compared import MISSING, Compared
from comity.diffusion.model import Mixture

SIMULATED = 1000


@dataclass(frozen=True, slots=True)
class Mixing:
    """What the search for mixed texts needs: the comparison, the tree, the resamples."""

    compared: Compared
    parents: dict[int, int]
    weights: np.ndarray
    rng: np.random.Generator
    changing: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "changing", _changing(self.compared, self.parents))


def _changing(compared: Compared, parents: dict[int, int]) -> float:
    """Return the share of compared features that change on an edge of the tree, one half added."""
    edges = [(c, p) for c, p in parents.items() if c != p]
    changed = sum(int(compared.differs[c, p].sum()) for c, p in edges)
    total = sum(len(compared.features) - int(compared.missing[c, p]) for c, p in edges)
    return (changed + 0.5) / (total + 1)


def mixture_of(mixing: Mixing, child: int) -> Mixture | None:
    """Return the two parents that explain a child with fewer changes than any one, or None."""
    compared = mixing.compared
    near = np.flatnonzero(compared.near()[child])
    if len(near) < 2:
        return None
    differs = compared.differs[child, near]
    alone = int(differs.sum(axis=1).min())
    pairs = np.array(list(itertools.combinations(range(len(near)), 2)))
    together = (differs[pairs[:, 0]] & differs[pairs[:, 1]]).sum(axis=1)
    least = int(together.min())
    if least >= alone:
        return None
    tied = pairs[together == least]
    sums = differs[tied].sum(axis=(1, 2))
    gaps = compared.missing[child, near][tied].sum(axis=1)
    strangers = compared.strangers[child, near][tied].sum(axis=1)
    ranked = near[tied[np.lexsort((tied[:, 1], tied[:, 0], strangers, gaps, sums))]]
    return _mixture(mixing, child, [(int(a), int(b)) for a, b in ranked], (alone, least))


def _mixture(
    mixing: Mixing, child: int, pairs: list[tuple[int, int]], changed: tuple[int, int]
) -> Mixture:
    """Return the record of the first of some pairs, the others as its ties."""
    compared, pair = mixing.compared, pairs[0]
    a, b = (compared.differs[child, p] for p in pair)
    (first, second), *ties = [
        (compared.variants[p].instrument, compared.variants[q].instrument) for p, q in pairs
    ]

    def names(flags: np.ndarray) -> tuple[str, ...]:
        return tuple(compared.features[f] for f in np.flatnonzero(flags))

    return Mixture(
        first, second, names(b & ~a), names(a & ~b), names(a & b), *changed, tuple(ties),
        _support(mixing, child, pair), _by_chance(mixing, child, changed[0] - changed[1]),
    )  # fmt: skip


def _support(mixing: Mixing, child: int, pair: tuple[int, int]) -> float:
    """Return the share of resamples in which the pair does better than any parent alone."""
    differs = mixing.compared.differs[child]
    single = mixing.weights @ differs[mixing.compared.near()[child]].T.astype(float)
    together = mixing.weights @ (differs[pair[0]] & differs[pair[1]]).astype(float)
    return float((together < single.min(axis=1)).mean())


def _by_chance(mixing: Mixing, child: int, saved: int) -> float:
    """Return how often a text of one parent would save so many changes by having two."""
    compared, rng = mixing.compared, mixing.rng
    known = compared.own[child] != MISSING
    source = compared.filled[mixing.parents[child]]
    drawn = np.repeat(source[None, :], SIMULATED, axis=0)
    flips = (rng.random(drawn.shape) < mixing.changing) & known & (source != MISSING)
    for f, values in enumerate(compared.values):
        if len(values) > 1:
            step = rng.integers(1, len(values), size=SIMULATED)
            moved = (drawn[:, f] + step) % len(values)
            drawn[:, f] = np.where(flips[:, f], moved, drawn[:, f])
    earlier = np.unique(compared.filled[compared.allowed[child]], axis=0)
    comparable = known & (earlier != MISSING)
    differs = comparable[None] & (drawn[:, None, :] != earlier[None])
    changed = differs.sum(axis=2)
    differs[2 * changed > comparable.sum(axis=1)] = True
    alone = differs.sum(axis=2).min(axis=1)
    together = alone
    for a, b in itertools.combinations(range(len(earlier)), 2):
        together = np.minimum(together, (differs[:, a] & differs[:, b]).sum(axis=1))
    return float((alone - together >= saved).mean())
