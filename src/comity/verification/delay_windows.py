"""The chance of a record of delay, averaged over its window of starts: the likelihood's integrals.

A start even over [start_lo, start_hi + 1) and reported in [rep_lo, rep_hi + 1) after a delay of
distribution F has, with A(x) = int_0^x F and w the width of the start window, the chance

    (A(rep_hi + 1 - start_lo) - A(rep_hi - start_hi)
        - A(rep_lo - start_lo) + A(rep_lo - start_hi - 1)) / w

This is used where the windows touch or nearly do, where points would be wrong by more than half;
farther away Gauss-Legendre points keep F's upper tail, which differences of areas lose.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from comity.verification.delay_curves import Parametric, Stepwise
from comity.verification.delay_laws import Laws

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NEAR, _FAR, _FARTHEST = 0.25, 10.0, 60.0  # widths of a start window: for 8, 2 and 1 points
_ROUNDING = 1e-14


@dataclass(frozen=True, slots=True)
class DelayData:
    """Incidents with both dates: (N,) INCLUSIVE proleptic ordinals, `n` how many are alike."""

    start_lo: Ints
    start_hi: Ints
    rep_lo: Ints
    rep_hi: Ints
    closed_on: int
    n: Floats

    def some(self, which: NDArray[np.bool_]) -> DelayData:
        """Return the incidents of a mask (N,)."""
        return DelayData(
            self.start_lo[which], self.start_hi[which], self.rep_lo[which], self.rep_hi[which],
            self.closed_on, self.n[which],
        )  # fmt: skip

    def middle(self) -> Floats:
        """Return (N,) the middles of the start windows."""
        return np.asarray((self.start_lo + self.start_hi + 1) / 2)

    def listed(self) -> Floats:
        """Return (N,) the days between the middles of both windows, as a count would have them."""
        return np.asarray((self.rep_lo + self.rep_hi - self.start_lo - self.start_hi) / 2)


@dataclass(frozen=True, slots=True)
class Means:
    """How the mean over each start window of P(early < D <= late) is computed, N windows.

    Windows that reach, or nearly reach, what limits the delay (`near`) by the area under F at four
    limits, the others by Gauss-Legendre points, fewer the farther they are.
    """

    size: int
    near: Ints
    limits: Floats
    length: Floats
    owner: Ints
    weight: Floats
    early: Floats
    late: Floats

    def of(self, curve: Parametric | Stepwise) -> Floats:
        """Return the (N,) means."""
        means = np.bincount(
            self.owner, self.weight * curve.between(self.early, self.late), minlength=self.size
        ).astype(np.float64)
        a, b, c, d = curve.area(self.limits)
        # Differences of areas are exact to their own rounding, not below it.
        means[self.near] = np.maximum((a - b) - (c - d), _ROUNDING * a) / self.length
        return means

    def of_each(self, laws: Laws) -> Floats:
        """Return the (n, N) means of several laws, each to the bits of `of`."""
        n = laws.size
        owner = self.owner + self.size * np.arange(n)[:, None]
        parts = self.weight * laws.between(self.early, self.late)
        sums = np.bincount(owner.ravel(), parts.ravel(), minlength=n * self.size)
        means: Floats = sums.astype(np.float64).reshape(n, self.size)
        a, b, c, d = laws.area(self.limits).transpose(1, 0, 2)
        means[:, self.near] = np.maximum((a - b) - (c - d), _ROUNDING * a) / self.length
        return means


def _limits(lo: Ints, hi: Ints, first: Ints, last: Ints) -> Floats:
    """Return (4, N) delays whose areas, signed + - - +, sum a start in lo..hi reported in
    first..last, all INCLUSIVE."""
    limits = [last + 1 - lo, last - hi, first - lo, first - hi - 1]
    return np.stack(limits).astype(np.float64)


@lru_cache(maxsize=8)
def _points(count: int) -> tuple[Floats, Floats]:
    """Return places on [-1, 1] and weights of Gauss-Legendre points; not to be written to."""
    return np.polynomial.legendre.leggauss(count)


def _means(lo: Ints, hi: Ints, first: Ints, last: Ints, clear: Ints, near: float) -> Means:
    """Return the plan for starts in lo..hi reported in first..last; `clear` are the days between
    a start window's end and the next limit of the delay, below 0 where they overlap; areas are
    taken of windows clear by less than `near` times their width."""
    width: Floats = (hi - lo + 1).astype(np.float64)
    owners, weights, starts = [], [], []
    tier = np.digitize(clear / width, (near, _FAR, _FARTHEST))
    for level, points in ((1, 8), (2, 2), (3, 1)):
        rows = np.flatnonzero(tier == level)
        place, weight = _points(points)
        owners.append(np.repeat(rows, points))
        weights.append(np.tile(weight / 2, len(rows)))
        starts.append((lo[rows, None] + width[rows, None] * (place + 1) / 2).ravel())
    owner, s = np.concatenate(owners), np.concatenate(starts)
    at = np.flatnonzero(tier == 0)
    return Means(
        len(lo), at, _limits(lo[at], hi[at], first[at], last[at]), width[at],
        owner, np.concatenate(weights), first[owner] - s, last[owner] + 1 - s,
    )  # fmt: skip


def records_and_reports(data: DelayData) -> tuple[Means, Means]:
    """Return the plans for each record and for any report by the closing day."""
    lo, hi = data.start_lo, data.start_hi
    closing = np.full(len(lo), data.closed_on)
    records = _means(lo, hi, data.rep_lo, data.rep_hi, data.rep_lo - hi - 1, _NEAR)
    # Any report: its window begins with the starts. Areas lose precision in F's upper tail only,
    # where what is left to report is small: the records' worry, not this sum's.
    return records, _means(lo, hi, np.minimum(lo, closing), closing, closing - hi, _FAR)


def overlaps(data: DelayData, edges: Floats) -> tuple[Floats, Floats]:
    """Return (N, J) the chance of the record and of any report, given a delay in each bin."""
    low, width = edges[:-1], np.diff(edges)
    days = data.start_hi - data.start_lo + 1.0

    def share(first: Ints, last: Ints) -> Floats:
        signed = np.zeros((len(days), len(low)))
        limits = _limits(data.start_lo, data.start_hi, first, last)
        for sign, limit in zip((1, -1, -1, 1), limits, strict=True):
            into = np.clip(limit[:, None] - low, 0.0, width)
            signed += sign * (into**2 / (2 * width) + np.maximum(limit[:, None] - low - width, 0))
        part = signed / days[:, None]
        return np.asarray(np.where(part > _ROUNDING * 1e3, part, 0.0))

    closing = np.full(len(days), data.closed_on)
    return share(data.rep_lo, data.rep_hi), share(data.start_lo, closing)
