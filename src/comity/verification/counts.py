"""A panel's numbers: what the likelihood needs, and nothing about countries or lists.

Group g belongs to one cell. `y[g, t]` counts incidents known to have begun in period t. The rest
are patterns: `n` incidents of group `group` that began in one of the periods `first .. first+L-1`,
with `weight[k, l]` proportional to the chance of that record given a start in that period: the
share of the period's days, times the chance of its report date (of any report by the closing
date where none is known); 0 is impossible, and every row has a positive weight.
`exposure[g, t]` is the probability that an incident starting in t is in the list: F(closed_on - t)
times the share of the period the list covers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Counts:
    """Sufficient numbers of one panel; G groups, T periods, K distinct coarse patterns.

    Shapes: cells (G,), exposure and y (G, T), group, first and n (K,), weight (K, L).
    """

    cells: tuple[str, ...]
    exposure: Floats
    y: Floats
    group: Ints
    first: Ints
    weight: Floats
    n: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """(G, T)."""
        return self.y.shape[0], self.y.shape[1]

    def spread(self) -> Floats:
        """Return (G, T) counts with every coarse date shared out by its weights: for charts and
        tables, never for the fit (sharing out smears a step)."""
        shared = self.y.copy()
        if len(self.n):
            share = self.weight / self.weight.sum(axis=1, keepdims=True) * self.n[:, None]
            rows = np.repeat(self.group, self.weight.shape[1])
            columns = (self.first[:, None] + np.arange(self.weight.shape[1])).ravel()
            inside = columns < self.y.shape[1]
            np.add.at(shared, (rows[inside], columns[inside]), share.ravel()[inside])
        return shared

    def select(self, cells: tuple[str, ...]) -> Counts:
        """Return the counts of some cells only, groups in their old order."""
        keep = [g for g, cell in enumerate(self.cells) if cell in cells]
        renumber = {g: position for position, g in enumerate(keep)}
        rows = np.array([int(g) in renumber for g in self.group], dtype=bool)
        return Counts(
            cells=tuple(self.cells[g] for g in keep),
            exposure=self.exposure[keep],
            y=self.y[keep],
            group=np.array([renumber[int(g)] for g in self.group[rows]], dtype=np.int64),
            first=self.first[rows],
            weight=self.weight[rows],
            n=self.n[rows],
        )

    def scaled(self, dispersion: float) -> Counts:
        """Return the counts of a likelihood raised to 1 / dispersion (overdispersion, clusters)."""
        return Counts(
            self.cells,
            self.exposure / dispersion,
            self.y / dispersion,
            self.group,
            self.first,
            self.weight,
            self.n / dispersion,
        )
