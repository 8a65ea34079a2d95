"""How much each level weighs: m and u probabilities by expectation and maximisation (EM).

Fellegi and Sunter (1969): a level weighs log(m / u), m its share among pairs of one incident, u
among pairs of two. u is counted on pairs drawn at random. m and how many links there are between
two lists are estimated together by EM, m with a prior: the m of a labelled set, worth so many
pairs. Small lists hold few links, so that EM alone would run away; the prior holds it, and how far
links depend on that is shown by `linkage.sensitivity`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SMALLEST = 1e-6  # no level is impossible
ROUNDS, CLOSE = 200, 1e-7


@dataclass(frozen=True, slots=True)
class Weights:
    """What the levels weigh. `m` and `u`: a comparison's levels in order, least alike first; each
    sums to one. `links`: links expected between two lists, by their names in order; `possible`:
    how many pairs of their records there are."""

    m: Mapping[str, tuple[float, ...]]
    u: Mapping[str, tuple[float, ...]]
    links: Mapping[tuple[str, str], float]
    possible: Mapping[tuple[str, str], int]

    def bits(self, name: str, level: int) -> float:
        """Return what a level adds, in bits (log2 of m over u); a null level adds nothing."""
        if level < 0:
            return 0.0
        return float(np.log2(self.m[name][level] / self.u[name][level]))


def shares(
    vectors: pl.DataFrame,
    sizes: Mapping[str, int],
    usual: Mapping[str, Floats] | None = None,
    worth: float = 0.0,
) -> dict[str, Floats]:
    """Return each level's share among pairs that have the comparison.

    Half a pair is added to every level so that none is impossible, and `worth` pairs that are as
    usual, so that two tiny lists, whose few pairs are mostly links, do not pass for chance.
    """
    return {
        name: _share(
            _levels(vectors, name, None, size), 0.5 + (worth * usual[name] if usual else 0.0)
        )
        for name, size in sizes.items()
    }


def _levels(vectors: pl.DataFrame, name: str, weight: Floats | None, size: int) -> Floats:
    """Return the pairs (or their weights) in each level of a comparison."""
    level = vectors[name].to_numpy()
    kept = level >= 0
    return np.bincount(
        level[kept], weights=None if weight is None else weight[kept], minlength=size
    ).astype(float)


def _share(counts: Floats, add: float | Floats) -> Floats:
    raised = np.maximum(counts + add, SMALLEST)
    found: Floats = raised / raised.sum()
    return found


def estimate(
    vectors: pl.DataFrame,
    between: Sequence[tuple[str, str]],
    possible: Mapping[tuple[str, str], int],
    u: Mapping[str, Floats],
    prior: Mapping[str, Floats],
    worth: float,
    split: float,
) -> tuple[Weights, Floats, Floats]:
    """Return the weights, every candidate pair's probability, and what it would be without rivals.

    A record is rarely two records of one other list: pairs that share a record compete, but with a
    chance of `split` it is, and then they do not. `vectors` as from `linkage.vectors`; `between`
    names each pair's two lists; `possible` counts all pairs of two lists; `prior` is the m that is
    believed beforehand, `worth` so many labelled links. Pairs that are no candidates count as no
    links.
    """
    names = list(u)
    groups = sorted(possible)
    group = np.array([groups.index(g) for g in between], dtype=np.int64)
    total = np.array([float(possible[g]) for g in groups])
    m = {name: np.asarray(prior[name], dtype=float) for name in names}
    links = np.array([min(0.05 * n, 0.1 * np.sqrt(n) + 1.0) for n in total])
    chance = np.zeros(vectors.height)
    rivals = _rivals(vectors, group)
    for _ in range(ROUNDS):
        before = chance
        odds = _odds(vectors, names, m, u, (links / total)[group])
        chance = odds / (1.0 + (rivals(odds) if split < 1.0 else odds))
        links = np.maximum(np.bincount(group, weights=chance, minlength=len(groups)), 0.05)
        links = np.minimum(links, 0.9 * total)
        m = {
            name: _share(_levels(vectors, name, chance, len(u[name])), worth * prior[name])
            for name in names
        }
        if not len(chance) or np.max(np.abs(chance - before)) < CLOSE:
            break
    odds = _odds(vectors, names, m, u, (links / total)[group])
    alone = odds / (1.0 + odds)
    chance = split * alone + (1.0 - split) * odds / (1.0 + rivals(odds))
    weights = Weights(
        {n: tuple(map(float, m[n])) for n in names},
        {n: tuple(map(float, u[n])) for n in names},
        {g: float(x) for g, x in zip(groups, links, strict=True)},
        dict(possible),
    )
    return weights, chance, alone


def _rivals(vectors: pl.DataFrame, group: Ints) -> Callable[[Floats], Floats]:
    """Return what sums, for each pair, the odds of all pairs of the same two lists with either of
    its records: a record is rarely of two incidents of one list, so its pairs compete."""
    width = int(group.max(initial=0)) + 1
    left, ends = np.unique(vectors["left"].to_numpy() * width + group, return_inverse=True)
    right, others = np.unique(vectors["right"].to_numpy() * width + group, return_inverse=True)

    def summed(odds: Floats) -> Floats:
        by_left = np.bincount(ends, weights=odds, minlength=len(left))
        by_right = np.bincount(others, weights=odds, minlength=len(right))
        found: Floats = by_left[ends] + by_right[others] - odds
        return found

    return summed


def _odds(
    vectors: pl.DataFrame,
    names: Sequence[str],
    m: Mapping[str, Floats],
    u: Mapping[str, Floats],
    rate: Floats,
) -> Floats:
    score = np.log(rate) - np.log1p(-rate)
    for name in names:
        ratio = np.append(np.log(m[name]) - np.log(u[name]), 0.0)  # the last entry serves -1
        score = score + ratio[vectors[name].to_numpy()]
    found: Floats = np.exp(np.clip(score, -50.0, 50.0))
    return found
