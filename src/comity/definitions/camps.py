"""Two camps, if there are two: the split of definers by their definitions, and how strong it is.

No camp is written down beforehand. The two medoids whose camps lie closest together are found by
trying every pair. *Strength* is the mean silhouette: near 0 there is no split, 1 is two camps each
of one mind. The test asks whether aspects hang together: each aspect is shuffled among definers on
its own, and the split found again; `chance` is how often a shuffled table splits as strongly.
*Stability* of a definer is how often it stays on its side when definers are drawn anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.definitions.compare import ASPECTS, aspect_matrices, distances
from comity.definitions.model import Definition
from comity.errors import RegisterError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST = 6
SHUFFLES, RESAMPLES = 400, 400
CLEAR_STRENGTH, CLEAR_CHANCE, STABLE = 0.25, 0.05, 0.8
Z = 1.645  # 95 % on the side of the bar


@dataclass(frozen=True, slots=True)
class Placed:
    """One definer on the map: side 0 or 1, its silhouette, stability, and place (x, y)."""

    definition: Definition
    side: int
    silhouette: float
    stability: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Apart:
    """How much two definitions share of an aspect (0 to 1) on one side, and across the two."""

    aspect: str
    within: float
    across: float


@dataclass(frozen=True, slots=True)
class Camps:
    """The split. `clear` only where it is strong, and unlikely by chance by more than a draw of the
    shuffles makes of it; `shown` is the share of the squared distances that the map in two
    dimensions shows; `apart` how much two definitions share on average, by aspect, on one side and
    across, what tells the sides apart most first."""

    placed: tuple[Placed, ...]
    medoids: tuple[Definition, Definition]
    strength: float
    chance: float
    clear: bool
    shown: float
    apart: tuple[Apart, ...] = ()


def find_camps(rows: Sequence[Definition], seed: int = 0) -> Camps:
    """Return how definers split into two by their definitions, one definition each.

    Raises RegisterError with fewer than FEWEST definitions.
    """
    if len(rows) < FEWEST:
        raise RegisterError(
            f"{len(rows)} definitions are too few to look for camps; {FEWEST} are the least."
        )
    aspects = aspect_matrices(rows)
    apart = distances(aspects)
    pair, sides = _split(apart)
    silhouettes = _silhouettes(apart, sides)
    strength = float(silhouettes.mean())
    random = np.random.default_rng(seed)
    chance = _chance(aspects, strength, random)
    stability = _stability(apart, sides, random)
    places, shown = _map(apart)
    placed = tuple(
        Placed(
            row, int(sides[k]), float(silhouettes[k]), float(stability[k]),
            float(places[k, 0]), float(places[k, 1]),
        )
        for k, row in enumerate(rows)
    )  # fmt: skip
    error = Z * np.sqrt(chance * (1 - chance) / SHUFFLES)
    clear = bool(strength >= CLEAR_STRENGTH and chance + error <= CLEAR_CHANCE)
    medoids = rows[pair[0]], rows[pair[1]]
    return Camps(placed, medoids, strength, chance, clear, shown, _apart(aspects, sides))


def _apart(aspects: Floats, sides: Ints) -> tuple[Apart, ...]:
    """Return how much is shared on one side and across, by aspect, the largest difference first."""
    pairs = np.triu(np.ones((len(sides), len(sides)), dtype=bool), 1)
    same = pairs & (sides[:, None] == sides[None, :])
    found = []
    for name, values in zip(ASPECTS, aspects, strict=True):
        known = ~np.isnan(values)
        within, across = values[same & known], values[pairs & ~same & known]
        if len(within) and len(across):
            found.append(Apart(name, float(within.mean()), float(across.mean())))
    return tuple(sorted(found, key=lambda a: a.across - a.within))


def _split(apart: Floats) -> tuple[tuple[int, int], Ints]:
    """Return the best two medoids by exhaustive search, and each row's side; a tie goes to 0."""
    n = len(apart)
    best, pair = np.inf, (0, 1)
    for i in range(n - 1):
        cost = np.minimum(apart[i][None, :], apart[i + 1 :]).sum(1)
        j = int(cost.argmin())
        if cost[j] < best - 1e-12:
            best, pair = float(cost[j]), (i, i + 1 + j)
    sides = (apart[pair[1]] < apart[pair[0]]).astype(np.int64)
    return pair, sides


def _silhouettes(apart: Floats, sides: Ints) -> Floats:
    """Return how much nearer each row is to its own camp than to the other, -1 to 1."""
    n = len(apart)
    own = sides[:, None] == sides[None, :]
    size = own.sum(1)
    inside = np.where(own, apart, 0).sum(1) / np.maximum(size - 1, 1)
    outside = np.where(own, 0, apart).sum(1) / np.maximum(n - size, 1)
    larger = np.maximum(inside, outside)
    found = np.where(larger > 0, (outside - inside) / np.where(larger > 0, larger, 1), 0.0)
    return np.asarray(np.where((size == 1) | (size == n), 0.0, found))


def _chance(aspects: Floats, strength: float, random: np.random.Generator) -> float:
    """Return how often a table with every aspect shuffled on its own splits as strongly."""
    n, as_strong = aspects.shape[1], 0
    for _ in range(SHUFFLES):
        shuffled = np.stack([a[np.ix_(p, p)] for a in aspects for p in (random.permutation(n),)])
        apart = distances(shuffled)
        as_strong += int(_silhouettes(apart, _split(apart)[1]).mean() >= strength)
    return float(1 + as_strong) / (1 + SHUFFLES)


def _stability(apart: Floats, sides: Ints, random: np.random.Generator) -> Floats:
    """Return how often each row stays on its side when the rows that make camps are drawn anew."""
    n = len(apart)
    stayed = np.zeros(n)
    for _ in range(RESAMPLES):
        drawn = random.integers(0, n, n)
        pair, _ = _split(apart[np.ix_(drawn, drawn)])
        one, two = drawn[pair[0]], drawn[pair[1]]
        again = (apart[two] < apart[one]).astype(np.int64)
        same = again == sides
        stayed += same if same.sum() * 2 >= n else ~same
    return stayed / RESAMPLES


def _map(apart: Floats) -> tuple[Floats, float]:
    """Return places in two dimensions by classical scaling, and the share they show."""
    n = len(apart)
    centre = np.eye(n) - 1 / n
    values, vectors = np.linalg.eigh(-0.5 * centre @ apart**2 @ centre)
    order = np.argsort(values)[::-1][:2]
    kept = np.maximum(values[order], 0)
    places = vectors[:, order] * np.sqrt(kept)
    signs = np.sign(places[np.abs(places).argmax(0), [0, 1]])
    positive = values[values > 0].sum()
    return places * np.where(signs == 0, 1, signs), float(
        kept.sum() / positive
    ) if positive else 0.0
