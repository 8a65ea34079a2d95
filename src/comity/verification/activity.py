"""Counts and fitted rates by period, as a chart of activity needs them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from comity.saying import say
from comity.verification.change import Analysis
from comity.verification.fit import Fit
from comity.verification.model import ActivitySeries
from comity.verification.prepare import Prepared

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def activity_of(prepared: Prepared, analysis: Analysis) -> tuple[ActivitySeries, ...]:
    """Return counts and fitted rates of each cell by period over the window."""
    if analysis.fit is None:
        return _bare_activity(prepared, analysis)
    first, stop = prepared.window
    level, fit = prepared.choices.level, analysis.fit
    tail = (1 - level) / 2
    series = []
    for cell, total in zip(fit.layout.cells, _totals(fit, first, stop), strict=True):
        bounds = _weighted_quantiles(total, fit.draws.weights, (0.5, tail, 1 - tail))
        series.append(_series(prepared, analysis, cell, bounds))
    return tuple(series)


def _totals(fit: Fit, first: int, stop: int) -> list[Floats]:
    """Return, for each cell, every draw's rate in periods [first, stop), (T, S): the sum of its
    groups while they are exposed."""
    groups = fit.mixture.model.counts
    cells = [[g for g, name in enumerate(groups.cells) if name == c] for c in fit.layout.cells]
    exposed = [groups.exposure[mine, first:stop] > 0 for mine in cells]
    totals = [np.empty((stop - first, len(fit.draws.X))) for _ in cells]
    for block, rate in fit.rates_by_block():
        for mine, seen, total in zip(cells, exposed, totals, strict=True):
            part = rate[:, mine[0], first:stop] * seen[0]
            for g, open_ in zip(mine[1:], seen[1:], strict=True):
                part += rate[:, g, first:stop] * open_
            total[:, block] = part.T
    return totals


def _weighted_quantiles(values: Floats, weights: Floats, points: tuple[float, ...]) -> Floats:
    """Return weighted quantiles of each row of values above 0 (T, S): (len(points), T)."""
    found = np.empty((len(points), len(values)))
    for t, row in enumerate(values):
        order = _ascending(row)
        cumulative = np.cumsum(weights[order])
        pick = np.minimum(np.searchsorted(cumulative, points), len(row) - 1)
        found[:, t] = row[order[pick]]
    return found


def _ascending(row: Floats) -> Ints:
    """Return the positions (S,) that put numbers above 0 in order, as `argsort` does.

    Bits of a float above 0 are ordered as it is: its lowest are replaced by its position and the
    whole sorted, which is three times as fast. Where numbers so near each other that their
    difference was replaced come out in the wrong order, `argsort` sorts.
    """
    mask = (1 << len(row).bit_length()) - 1
    keys = row.view(np.int64) & ~mask
    keys |= np.arange(len(row))
    keys.sort()
    keys &= mask
    ordered = row[keys]
    return keys if bool((ordered[1:] >= ordered[:-1]).all()) else np.argsort(row)


def _series(
    prepared: Prepared, analysis: Analysis, cell: str, bounds: Floats | None
) -> ActivitySeries:
    """Return one cell's series over the window; bounds (3, T) are median, lower, upper."""
    first, stop = prepared.window
    count = np.zeros(stop - first)
    sharp = np.zeros(stop - first)
    for panel in analysis.panels:
        mine = [g for g, name in enumerate(panel.counts.cells) if name == cell]
        factors = panel.factors[mine]
        count += factors @ panel.counts.spread()[mine, first:stop]
        sharp += factors @ panel.counts.y[mine, first:stop]
    empty = tuple(float("nan") for _ in range(stop - first))
    rows = [tuple(map(float, row)) for row in bounds] if bounds is not None else [empty] * 3
    titles = {
        "A": say("cell.A"),
        "B": say("cell.B"),
        "C": say("cell.C"),
        "D": say("cell.D"),
    }
    return ActivitySeries(
        analysis.scope.id, cell, titles[cell],
        prepared.grid.labels[first:stop], prepared.grid.starts[first:stop],
        tuple(map(float, count)), tuple(map(float, sharp)), rows[0], rows[1], rows[2],
    )  # fmt: skip


def _bare_activity(prepared: Prepared, analysis: Analysis) -> tuple[ActivitySeries, ...]:
    """Return counts alone, where nothing was fitted."""
    cells = sorted({c for p in analysis.panels for c in p.counts.cells})
    return tuple(_series(prepared, analysis, cell, None) for cell in cells)
