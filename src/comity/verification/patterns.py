"""Incidents dated to several periods: where each may have begun, how likely its record is there.

Given a start in period t a record has the weight

    share of the period's days in its span  x  P(its report date | a start on those days)

or, where its report date is not known, the chance of any report by the closing day. Only the
weights and the exposure depend on the reporting delay: `weigh` gives them anew for another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from comity.verification.grid import Grid

if TYPE_CHECKING:
    from comity.verification.delay import DelayByEpoch, DelayFit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NO_DAY = np.int64(-1)
REPORT_POINTS = 6  # start days per period at which a known report date is weighed
SMALLEST = 1e-12  # chance given to a report date that its start's delay makes impossible


@dataclass(frozen=True, slots=True)
class ListWindow:
    """What one list could hold: first and last start day covered and closing day, all INCLUSIVE
    ordinals; `delay` where the list's reporting delay could be estimated."""

    covers_from: int
    covers_to: int
    closed_on: int
    delay: DelayFit | DelayByEpoch | None = None


@dataclass(frozen=True, slots=True)
class Patterns:
    """K distinct records: their group, span of starts and of reports (K, 2), days INCLUSIVE
    (reports NO_DAY where unknown), and the first of the `width` periods each may lie in."""

    group: Ints
    spans: Ints
    reports: Ints
    first: Ints
    width: int

    def some(self, which: NDArray[np.bool_]) -> Patterns:
        """Return the records of a mask (K,)."""
        return Patterns(
            self.group[which], self.spans[which], self.reports[which], self.first[which],
            self.width,
        )  # fmt: skip


def exposure_of(grid: Grid, window: ListWindow, leaves_at: Ints) -> Floats:
    """Return (G, T) the probability that an incident starting in each period is in the list, for
    groups that leave at these periods (G,)."""
    covered = grid.overlap(window.covers_from, window.covers_to)
    if window.delay is not None:
        from comity.verification.delay import reported_by

        covered = covered * reported_by(window.delay, grid.edges, window.closed_on)
    stays = np.arange(grid.periods) < leaves_at[:, None]
    return np.where(stays, covered, 0.0)


def _days(grid: Grid, spans: Ints, first: Ints, width: int) -> tuple[Ints, Ints, Ints, Floats]:
    """Return (K, L) periods, the first day of each span in them, the day after its last, and the
    share of the period's days they are; beyond the grid the share is 0."""
    columns = first[:, None] + np.arange(width)
    inside = columns < grid.periods
    columns = np.minimum(columns, grid.periods - 1)
    lo = np.maximum(grid.edges[columns], spans[:, :1])
    hi = np.maximum(np.minimum(grid.edges[columns + 1], spans[:, 1:] + 1), lo)
    share = (hi - lo) / (grid.edges[columns + 1] - grid.edges[columns])
    return columns, lo, hi, np.where(inside, share, 0.0)


def place(grid: Grid, group: Ints, spans: Ints, reports: Ints, exposure: Floats) -> Patterns:
    """Return records with the periods they may lie in: days of their span, exposure above 0."""
    none = np.zeros(len(spans), dtype=np.int64)
    _, _, _, share = _days(grid, spans, none, grid.periods)
    present = (share > 0) & (exposure[group] > 0)
    some = present.any(axis=1)
    first = np.where(some, present.argmax(axis=1), 0)
    last = np.where(some, grid.periods - 1 - present[:, ::-1].argmax(axis=1), first)
    width = int((last - first).max()) + 1 if len(spans) else 1
    return Patterns(group, spans, reports, first.astype(np.int64), width)


def weigh(patterns: Patterns, grid: Grid, window: ListWindow, exposure: Floats) -> Floats:
    """Return (K, L) the weights of records in their periods, 0 beyond span, grid and exposure."""
    columns, lo, hi, share = _days(grid, patterns.spans, patterns.first, patterns.width)
    inclusion = exposure[patterns.group[:, None], columns]
    weight: Floats = share * inclusion
    reports = patterns.reports
    known = np.flatnonzero(reports[:, 1] != NO_DAY)
    if window.delay is None or not len(known):
        return weight
    from comity.verification.delay import reported_between

    steps = (np.arange(REPORT_POINTS) + 0.5) / REPORT_POINTS
    day = lo[known, :, None] + (hi - lo)[known, :, None] * steps
    first, last = reports[known, 0][:, None, None], reports[known, 1][:, None, None]
    chance = reported_between(window.delay, day, first - day, last + 1 - day)
    weight[known] = share[known] * np.maximum(chance, SMALLEST).mean(axis=2)
    weight[known] *= inclusion[known] > 0
    return weight


def held_share(grid: Grid, window: ListWindow, spans: Ints, gone_at: Ints) -> Floats:
    """Return the chance that each coarse incident (K, 2), days INCLUSIVE, is one to count.

    It is listed, so it began within the coverage; of the covered days of its span, the share
    before its group leaves and inside the grid is that chance.
    """
    lo = np.maximum(spans[:, 0], window.covers_from)
    hi = np.minimum(spans[:, 1], window.covers_to)
    inside_lo = np.maximum(lo, grid.edges[0])
    inside_hi = np.minimum(hi, grid.edges[gone_at] - 1)
    days = np.clip(inside_hi - inside_lo + 1, 0, None)
    return np.asarray(days / np.clip(hi - lo + 1, 1, None))
