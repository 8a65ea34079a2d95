"""Does it last: the level of every year after the agreement against that before, and its return."""

from __future__ import annotations

import datetime as dt

import numpy as np

from comity.verification.change import Analysis
from comity.verification.examine.model import PathPoint, Persistence
from comity.verification.model import Check, RatioInterval
from comity.verification.prepare import Prepared
from comity.verification.words import percent, term

BEFORE_YEARS = 2
EVEN = 0.5


def persistence(prepared: Prepared, primary: Analysis) -> Persistence | None:
    """Return the path by year, or None where nothing was fitted or no whole year was observed.

    A year's level is delta plus u averaged over it, against u averaged over the two years before
    the agreement: relative to the comparison. A draw has *returned* in a year when the level had
    been below in an earlier year after the agreement and is not in this one; `returned` is that
    share among draws that had been below.
    """
    fit = primary.fit
    if fit is None:
        return None
    per_year = 12 // prepared.grid.months
    onset, stop = prepared.onset, prepared.window[1]
    years = (stop - onset) // per_year
    if years < 1:
        return None
    u = fit.draws.X[:, :, fit.layout.walks.index("u")]
    start = max(onset - BEFORE_YEARS * per_year, prepared.window[0])
    before = u[:, start:onset].mean(axis=1)
    level, tail = prepared.choices.level, (1 - prepared.choices.level) / 2
    ever = np.zeros(len(before), dtype=bool)
    points = []
    for year in range(1, years + 1):
        first = onset + (year - 1) * per_year
        path = fit.estimands["jump"] + u[:, first : first + per_year].mean(axis=1) - before
        median, lower, upper = (
            float(np.exp(fit.draws.quantile(path, p))) for p in (0.5, tail, 1 - tail)
        )
        had = fit.draws.probability(ever)
        back = fit.draws.probability(ever & (path >= 0)) / had if had > 0 else 0.0
        points.append(
            PathPoint(
                year, prepared.grid.starts[first],
                dt.date.fromordinal(int(prepared.grid.edges[first + per_year]) - 1),
                RatioInterval(median, lower, upper, level),
                fit.draws.probability(path < 0), min(back, 1.0),
            )
        )  # fmt: skip
        ever |= path < 0
    returned = next((p.last for p in points if p.returned >= EVEN), None)
    return Persistence(tuple(points), returned, _sentence(points, returned), (_check(points),))


def _check(points: list[PathPoint]) -> Check:
    """Say whether the last year is likely still below the level before."""
    last = points[-1]
    return Check(
        "still below", last.below >= 0.8,
        f"in year {last.year} ({last.first} to {last.last}) below with {percent(last.below)}",
    )  # fmt: skip


def _sentence(points: list[PathPoint], returned: dt.date | None) -> str:
    """Return the finding in one sentence."""
    lowest = min(points, key=lambda p: p.ratio.median)
    last = points[-1]
    words = (
        f"Lowest in year {lowest.year} ({lowest.ratio.median:.2f} of the two years before, "
        f"{lowest.ratio.lower:.2f}-{lowest.ratio.upper:.2f}); in year {last.year}, the last "
        f"observed, below the old level is {term(last.below)} ({percent(last.below)})"
    )
    if returned is not None:
        return f"{words}. If it fell, it was more likely than not back by {returned}."
    top = max(points, key=lambda p: p.returned)
    if top.returned < 0.01:
        return f"{words}. No return to the old level is seen."
    return (
        f"{words}. A return to the old level is not established in any year (at most "
        f"{percent(top.returned)}, in year {top.year})."
    )
