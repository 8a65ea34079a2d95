"""How often each set of lists holds the same incident: what every estimate of the unseen starts
from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from comity.errors import ModelError

Floats = NDArray[np.float64]
Pattern = tuple[int, ...]
MOST_LISTS = 6
FEWEST_LISTS = 2


@dataclass(frozen=True, slots=True)
class Captures:
    """Counts of capture patterns. `lists` names the lists; `counts` maps a pattern (a 1 where a
    list holds the incident, in the order of `lists`) to how many incidents have it."""

    lists: tuple[str, ...]
    counts: Mapping[Pattern, float]

    @property
    def seen(self) -> float:
        """How many incidents some list holds."""
        return float(sum(self.counts.values()))

    @property
    def overlap(self) -> float:
        """How many incidents two lists or more hold."""
        return float(sum(n for pattern, n in self.counts.items() if sum(pattern) > 1))

    def held(self, *lists: int) -> float:
        """Return how many incidents all of these lists (by number) hold."""
        return float(sum(n for p, n in self.counts.items() if all(p[i] for i in lists)))

    def pairs(self) -> list[tuple[int, int]]:
        """Return every pair of lists, by number."""
        return list(combinations(range(len(self.lists)), 2))

    def cells(self) -> tuple[NDArray[np.int64], Floats]:
        """Return every pattern but the unseen one (C, L) and its count (C,)."""
        patterns = [p for p in product((0, 1), repeat=len(self.lists)) if any(p)]
        return np.array(patterns), np.array([float(self.counts.get(p, 0.0)) for p in patterns])

    def without(self, number: int) -> Captures:
        """Return the captures of the other lists; what only this one holds is then unseen."""
        counts: Counter[Pattern] = Counter()
        for pattern, n in self.counts.items():
            rest = pattern[:number] + pattern[number + 1 :]
            if any(rest):
                counts[rest] += n  # type: ignore[assignment]
        return captures_from(self.lists[:number] + self.lists[number + 1 :], counts)


def captures_from(lists: Iterable[str], counts: Mapping[Pattern, float]) -> Captures:
    """Return checked captures. Raises ModelError for fewer than two lists or more than six, a
    pattern of another length, the unseen pattern, or a count that is negative or not finite."""
    names = tuple(lists)
    if not FEWEST_LISTS <= len(names) <= MOST_LISTS:
        raise ModelError(
            f"What is unseen can be asked of {FEWEST_LISTS} to {MOST_LISTS} lists, not of "
            f"{len(names)}."
        )
    if len(set(names)) != len(names):
        raise ModelError(f"A list is named twice: {', '.join(names)}.")
    kept: dict[Pattern, float] = {}
    for pattern, n in counts.items():
        if len(pattern) != len(names) or set(pattern) - {0, 1}:
            raise ModelError(f"{pattern} is not a pattern of {len(names)} lists: zeros and ones.")
        if not any(pattern):
            raise ModelError("An incident that no list holds cannot be counted: leave it out.")
        if not np.isfinite(n) or n < 0:
            raise ModelError(f"{n} incidents of pattern {pattern} is no count.")
        if n:
            kept[pattern] = float(n)
    return Captures(names, kept)


def captures_of(lists: Iterable[str], incidents: Iterable[Collection[str]]) -> Captures:
    """Return captures from the lists that hold each incident; one held by none of them is skipped.

    >>> captures_of(["a", "b"], [{"a"}, {"a", "b"}, {"a"}]).counts
    {(1, 0): 2.0, (1, 1): 1.0}
    """
    names = tuple(lists)
    counts = Counter(tuple(int(n in holders) for n in names) for holders in incidents)
    counts.pop((0,) * len(names), None)
    return captures_from(names, counts)
