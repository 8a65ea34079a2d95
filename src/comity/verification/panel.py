"""From incidents to a panel: how often each cell was reported to begin something, period by period.

The panel keeps every date as imprecise as it is: what is known to one period is a count, the rest
is a pattern over the periods it may have begun in. What the list could not have held (before or
after its coverage, not yet reported at its closing) is exposure below one, never a quiet period.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from comity.verification.counts import Counts
from comity.verification.grid import Grid
from comity.verification.patterns import (
    NO_DAY,
    ListWindow,
    Patterns,
    exposure_of,
    held_share,
    place,
    weigh,
)
from comity.verification.scope import Membership

if TYPE_CHECKING:
    from comity.verification.delay import DelayByEpoch, DelayFit

__all__ = ["ListWindow", "Panel", "build_panel", "held_share", "shares_by_period"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Panel:
    """Counts of one list and scope on one grid. `rows` are the table rows used with their cell
    (parallel arrays); `groups` name each group; counts of group g were divided by `factors[g]` for
    their dispersion; `unplaced` counts incidents without a usable date. `window`, `leaves` (G,) and
    `patterns` are what it takes to count anew under another reporting delay."""

    grid: Grid
    counts: Counts
    groups: tuple[str, ...]
    rows: Ints
    row_cells: tuple[str, ...]
    unplaced: Mapping[str, int]
    year_only: float
    factors: Floats
    window: ListWindow
    leaves: Ints
    patterns: Patterns

    def counts_under(self, delay: DelayFit | DelayByEpoch) -> Counts:
        """Return the same counts with exposure and weights as another reporting delay has them."""
        window = replace(self.window, delay=delay)
        exposure = exposure_of(self.grid, window, self.leaves)
        weight = weigh(self.patterns, self.grid, window, exposure)
        return replace(
            self.counts, exposure=exposure / self.factors[:, None],
            weight=weight if len(self.counts.n) else self.counts.weight,
        )  # fmt: skip

    def laid_out_as(self, other: Panel, counts: Counts) -> Counts:
        """Return counts of this panel with the groups of another panel of the same window, in its
        order; a group that only the other has holds nothing, one that it lacks is left out."""
        mine = {key: g for g, key in enumerate(zip(counts.cells, self.leaves, strict=True))}
        theirs = list(zip(other.counts.cells, other.leaves, strict=True))
        exposure, y = other.counts.exposure.copy(), np.zeros_like(other.counts.y)
        number = np.full(len(counts.cells), -1, dtype=np.int64)
        for position, key in enumerate(theirs):
            if key in mine:
                number[mine[key]] = position
                exposure[position], y[position] = counts.exposure[mine[key]], counts.y[mine[key]]
        kept = number[counts.group] >= 0
        return Counts(
            other.counts.cells, exposure, y, number[counts.group[kept]], counts.first[kept],
            counts.weight[kept], counts.n[kept],
        )  # fmt: skip

    def incidents(self, first: int, stop: int) -> dict[str, float]:
        """Return incidents per cell in periods [first, stop), coarse dates shared out and the
        division for dispersion undone."""
        spread = self.counts.spread()[:, first:stop].sum(axis=1) * self.factors
        cells = dict.fromkeys(self.counts.cells, 0.0)
        for cell, value in zip(self.counts.cells, spread, strict=True):
            cells[cell] += float(value)
        return cells


def _ordinals(column: pl.Series) -> Ints:
    """Return a date column as proleptic ordinals, missing as NO_DAY."""
    epoch = dt.date(1970, 1, 1).toordinal()
    days = column.to_physical().cast(pl.Int64) + epoch
    return np.asarray(days.fill_null(int(NO_DAY)).to_numpy(), dtype=np.int64)


def _cluster_factor(campaign: pl.Series, weight: Floats) -> float:
    """Return sum of squared over sum of cluster weights: 1 where every incident stands alone and
    weighs one. An incident without a campaign is a cluster of its own."""
    if not len(weight) or weight.sum() <= 0:
        return 1.0
    named = (campaign.fill_null("") != "").to_numpy()
    squares = float((weight[~named] ** 2).sum())
    if named.any():
        frame = pl.DataFrame({"campaign": campaign.filter(pl.Series(named)), "w": weight[named]})
        totals = (
            frame.group_by("campaign", maintain_order=True).agg(pl.col("w").sum())["w"].to_numpy()
        )
        squares += float((totals**2).sum())
    return squares / float(weight.sum())


@dataclass(frozen=True, slots=True)
class _Located:
    """Membership rows with days: parallel arrays over (incident, cell)."""

    position: Ints
    row: Ints
    group: Ints
    lo: Ints
    hi: Ints
    rep_lo: Ints
    rep_hi: Ints
    size: Floats
    campaign: pl.Series


def _groups(membership: Membership, grid: Grid) -> tuple[pl.DataFrame, list[tuple[str, int]]]:
    """Return membership with a group number, and each group's (cell, first period it is gone)."""
    frame, keys = membership.frame, [("A", grid.periods)]
    boundaries = {
        day: grid.boundary(day) for day in frame["leaves"].drop_nulls().unique().to_list()
    }
    gone = (
        pl.col("leaves").replace_strict(
            list(boundaries),
            list(boundaries.values()),
            default=grid.periods,
            return_dtype=pl.Int64,
        )
        if boundaries
        else pl.lit(grid.periods, dtype=pl.Int64)
    )
    frame = frame.with_columns(gone.alias("gone"))
    found = sorted(set(frame.select("cell", "gone").unique().rows()))
    keys += [key for key in found if key != ("A", grid.periods)]
    number = {key: g for g, key in enumerate(keys)}
    index = pl.DataFrame(
        {
            "cell": [k[0] for k in keys],
            "gone": [k[1] for k in keys],
            "group": list(number.values()),
        },
        schema={"cell": pl.String, "gone": pl.Int64, "group": pl.Int64},
    )
    return frame.join(index, on=["cell", "gone"], how="left", maintain_order="left"), keys


def build_panel(
    table: pl.DataFrame,
    membership: Membership,
    grid: Grid,
    window: ListWindow,
    basis: str = "start",
    outcome: str = "starts",
) -> Panel:
    """Return the panel of one list.

    `basis` "start" counts by start, "report" by report date (for a list that has no start).
    `outcome` "starts" counts incidents, "severity" weighs each by its severity, "active" counts
    operations in every period they were under way. Weighted outcomes enter as a likelihood raised
    to one over the weights' dispersion, so that a few large operations are not many small ones.
    """
    frame, keys = _groups(membership, grid)
    picked = table[frame["row"].to_numpy()] if frame.height else table.clear()
    located, unplaced = _locate(picked, frame, basis, outcome, grid, window)
    groups = len(keys)
    gone_at = np.array([gone for _, gone in keys], dtype=np.int64)
    exposure = exposure_of(grid, window, gone_at)
    none = np.zeros(0, dtype=np.int64)
    patterns = Patterns(none, np.zeros((0, 2), np.int64), np.zeros((0, 2), np.int64), none, 1)
    located, left_out = _covered(located, grid, window, gone_at)
    unplaced |= left_out
    if outcome == "active":
        y, sizes = _active(picked[located.position], located, grid, exposure)
        counts = Counts(
            tuple(c for c, _ in keys), exposure, y, none, none, np.zeros((0, 1)), np.zeros(0)
        )
    else:
        cells = tuple(c for c, _ in keys)
        counts, patterns = _count(located, grid, window, exposure, cells, gone_at)
        sizes = located.size
    factors = np.ones(groups)
    for g in range(groups):
        mine = located.group == g
        factors[g] = max(
            1.0, _cluster_factor(located.campaign.filter(pl.Series(mine)), sizes[mine])
        )
    scaled = Counts(
        counts.cells, counts.exposure / factors[:, None], counts.y / factors[:, None],
        counts.group, counts.first, counts.weight, counts.n / factors[counts.group],
    )  # fmt: skip
    width = located.hi - located.lo
    row_cells = tuple(keys[g][0] for g in located.group)
    names = tuple(
        cell if gone >= grid.periods else f"{cell} until {grid.labels[max(gone - 1, 0)]}"
        for cell, gone in keys
    )
    year_only = float((width >= 300).mean()) if len(width) else 0.0
    return Panel(
        grid, scaled, names, located.row, row_cells, unplaced, year_only, factors, window, gone_at,
        patterns,
    )  # fmt: skip


def _locate(
    picked: pl.DataFrame,
    frame: pl.DataFrame,
    basis: str,
    outcome: str,
    grid: Grid,
    window: ListWindow,
) -> tuple[_Located, dict[str, int]]:
    """Return the rows with a usable span on the grid, and how many had none, by reason."""
    rep_lo, rep_hi = _ordinals(picked["reported_earliest"]), _ordinals(picked["reported_latest"])
    if basis == "report":
        lo, hi = rep_lo, rep_hi
    else:
        lo, hi = _ordinals(picked["start_earliest"]), _ordinals(picked["start_latest"])
        tighter = (rep_hi != NO_DAY) & (hi != NO_DAY) & (rep_hi < hi) & (rep_hi >= lo)
        hi = np.where(tighter, rep_hi, hi)
    missing = (lo == NO_DAY) | (hi == NO_DAY)
    outside = ~missing & ((hi < grid.edges[0]) | (lo >= grid.edges[-1]))
    begun = ~missing & ~outside & (lo > min(window.covers_to, window.closed_on))
    late = begun | (~missing & ~outside & (rep_lo != NO_DAY) & (rep_lo > window.closed_on))
    keep = np.flatnonzero(~missing & ~outside & ~late)
    size = np.ones(len(lo))
    unplaced = {
        "no usable date": int(missing.sum()),
        "outside the window": int(outside.sum()),
        "after the list's coverage": int(begun.sum()),
        "reported after the list closed": int((late & ~begun).sum()),
    }
    if outcome == "severity":
        severity = picked["severity"].to_numpy()
        known = np.nan_to_num(severity.astype(np.float64), nan=-1.0)
        unplaced["no severity"] = int((known[keep] <= 0).sum())
        keep = keep[known[keep] > 0]
        size = known
    located = _Located(
        keep,
        frame["row"].to_numpy().astype(np.int64)[keep],
        frame["group"].to_numpy().astype(np.int64)[keep],
        lo[keep], hi[keep], rep_lo[keep], rep_hi[keep], size[keep],
        picked["campaign"][keep],
    )  # fmt: skip
    return located, {k: v for k, v in unplaced.items() if v}


def _covered(
    located: _Located, grid: Grid, window: ListWindow, gone_at: Ints
) -> tuple[_Located, dict[str, int]]:
    """Return the rows that may lie where their group is observed; count the rest by reason."""
    until = grid.edges[gone_at][located.group] - 1
    outside = (located.hi < window.covers_from) | (located.lo > window.covers_to)
    gone = ~outside & (located.lo > until)
    keep = np.flatnonzero(~outside & ~gone)
    arrays = (getattr(located, f.name) for f in fields(located))
    left_out = {
        "outside the list's coverage": int(outside.sum()),
        "others already under the same promise": int(gone.sum()),
    }
    return _Located(*(a[keep] for a in arrays)), {k: v for k, v in left_out.items() if v}


def _count(
    located: _Located,
    grid: Grid,
    window: ListWindow,
    exposure: Floats,
    cells: tuple[str, ...],
    gone_at: Ints,
) -> tuple[Counts, Patterns]:
    """Return counts and distinct coarse patterns of located incidents."""
    T, groups = grid.periods, len(cells)
    first = np.searchsorted(grid.edges, located.lo, side="right") - 1
    last = np.searchsorted(grid.edges, located.hi, side="right") - 1
    single = first == last
    inside = single & (first >= 0) & (first < T)
    inside &= exposure[located.group, np.clip(first, 0, T - 1)] > 0
    flat = located.group * T + np.clip(first, 0, T - 1)
    y = np.bincount(flat[inside], weights=located.size[inside], minlength=groups * T)
    coarse = np.flatnonzero(~single)
    columns = [located.group, located.lo, located.hi]
    if window.delay is not None:
        columns += [located.rep_lo, located.rep_hi]
    keys = np.stack([c[coarse] for c in columns], axis=1)
    distinct, which = np.unique(keys, axis=0, return_inverse=True)
    n = np.bincount(which.reshape(-1), weights=located.size[coarse], minlength=len(distinct))
    spans = distinct[:, 1:3]
    reports = distinct[:, 3:5] if window.delay is not None else np.full_like(spans, NO_DAY)
    patterns = place(grid, distinct[:, 0], spans, reports, exposure)
    weight = weigh(patterns, grid, window, exposure)
    held = held_share(grid, window, spans, gone_at[patterns.group])
    alive = weight.sum(axis=1) > 0
    patterns = patterns.some(alive)
    counts = Counts(
        cells, exposure, y.reshape(groups, T).astype(np.float64), patterns.group, patterns.first,
        weight[alive], (n * held)[alive],
    )  # fmt: skip
    return counts, patterns


def shares_by_period(
    table: pl.DataFrame, membership: Membership, grid: Grid, window: ListWindow, basis: str
) -> pl.DataFrame:
    """Return which incident stands in which period with how much of itself: columns `row` (of the
    table), `cell`, `period` (of the grid), `share` (0 to 1) and `sharp` (known to that period).

    The shares of a cell and period add up to what a panel of starts has there, coarse dates shared
    out and the division for dispersion undone (`Counts.spread`): an incident is shared out over
    the periods of its span by the days in each, the chance that the list would hold a start there
    by its closing, and, where the reporting delay is known, the chance of its date of report.
    """
    frame, keys = _groups(membership, grid)
    picked = table[frame["row"].to_numpy()] if frame.height else table.clear()
    located, _ = _locate(picked, frame, basis, "starts", grid, window)
    gone_at = np.array([gone for _, gone in keys], dtype=np.int64)
    exposure = exposure_of(grid, window, gone_at)
    located, _ = _covered(located, grid, window, gone_at)
    spans = np.stack([located.lo, located.hi], axis=1)
    reports = np.stack([located.rep_lo, located.rep_hi], axis=1)
    if window.delay is None:
        reports = np.full_like(reports, NO_DAY)
    ends = np.searchsorted(grid.edges, spans, side="right") - 1
    sharp = ends[:, 0] == ends[:, 1]
    patterns = place(grid, located.group, spans, reports, exposure)
    weight = weigh(patterns, grid, window, exposure)
    total = weight.sum(axis=1)
    held = np.where(sharp, 1.0, held_share(grid, window, spans, gone_at[located.group]))
    share = weight / np.where(total > 0, total, 1.0)[:, None] * held[:, None]
    who, column = np.nonzero(share)
    return pl.DataFrame(
        {
            "row": located.row[who],
            "cell": [keys[g][0] for g in located.group[who]],
            "period": patterns.first[who] + column,
            "share": share[who, column],
            "sharp": sharp[who],
        },
        schema={"row": pl.Int64, "cell": pl.String, "period": pl.Int64, "share": pl.Float64,
                "sharp": pl.Boolean},
    )  # fmt: skip


def _active(
    picked: pl.DataFrame, located: _Located, grid: Grid, exposure: Floats
) -> tuple[Floats, Floats]:
    """Return expected operations under way (G, T) and each operation's periods (N,).

    Start and end are uniform over their spans; an unknown end is taken as the start, and an end
    known only to be after the start as lasting to the end of its span.
    """
    end_lo, end_hi = _ordinals(picked["end_earliest"]), _ordinals(picked["end_latest"])
    end_hi = np.where(end_hi == NO_DAY, located.hi, np.maximum(end_hi, located.hi))
    end_lo = np.where(end_lo == NO_DAY, located.lo, np.maximum(end_lo, located.lo))
    begun = (grid.edges[None, 1:] - located.lo[:, None]) / (located.hi - located.lo + 1)[:, None]
    ended = (end_hi[:, None] + 1 - grid.edges[None, :-1]) / (end_hi - end_lo + 1)[:, None]
    active = np.clip(begun, 0, 1) * np.clip(ended, 0, 1) * (exposure[located.group] > 0)
    y = np.zeros_like(exposure)
    np.add.at(y, located.group, active)
    return y, active.sum(axis=1)
