"""Proportional hazards with values that change in time (Cox 1972): Efron's ties, strata, a ridge.

Rows are spells (start, stop] of somebody at risk; the partial likelihood compares, at every time of
an event, those to whom it happened with all at risk in the same stratum. Times alone order it: no
baseline is assumed. Values are scaled to a standard deviation of 1 while fitting, where the ridge
takes penalty / 2 * rows * beta^2 from the log likelihood; coefficients come back in units of the
values. A test compares them with those of lifelines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.errors import AdoptionError

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
STEPS, CLOSE = 50, 1e-10
NO_FIT = "The model of these norms has no single best fit: too few states, or all alike."


@dataclass(frozen=True, slots=True)
class _RiskSets:
    """Those at risk at each time of an event, all such sets one after the other.

    `values` (m, k) of those at risk, with the `set` each row is in and the row `first` in each;
    `tied` (d, k) of those to whom it happened, likewise; `share`: how many of those tied with a row
    are gone before it (Efron).
    """

    values: Floats
    first: Indices
    set: Indices
    tied: Floats
    tied_first: Indices
    tied_set: Indices
    share: Floats


def fit_cox(
    stratum: Sequence[str],
    start: Floats,
    stop: Floats,
    event: NDArray[np.bool_],
    values: Floats,
    penalty: float,
) -> Floats:
    """Return the log ratios of rates (k) for values (n, k) of n spells.

    Raises AdoptionError where no event or no variation leaves nothing to fit.
    """
    scale = values.std(0, ddof=1) if len(values) > 1 else np.zeros(values.shape[1])
    if not event.any() or not (scale > 0).all():
        raise AdoptionError(NO_FIT)
    scaled = (values - values.mean(0)) / scale
    numbers = {name: k for k, name in enumerate(dict.fromkeys(stratum))}
    number = np.array([numbers[name] for name in stratum])
    sets = _risk_sets(number, start, stop, event, scaled)
    ridge = penalty * len(values)
    beta = np.zeros(values.shape[1])
    level, slope, curve = _likelihood(sets, beta, ridge)
    for _ in range(STEPS):
        step = _solve(curve, slope)
        if slope @ step < CLOSE:
            return np.asarray(beta / scale, dtype=float)
        for _ in range(STEPS):  # halve a step that overshoots
            found = _likelihood(sets, beta + step, ridge)
            if found[0] >= level:
                break
            step = step / 2
        beta = beta + step
        level, slope, curve = found
    raise AdoptionError(NO_FIT)


def _solve(curve: Floats, slope: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.solve(curve, slope), dtype=float)
    except np.linalg.LinAlgError as error:
        raise AdoptionError(NO_FIT) from error


def _risk_sets(
    stratum: NDArray[np.int64],
    start: Floats,
    stop: Floats,
    event: NDArray[np.bool_],
    values: Floats,
) -> _RiskSets:
    """Return who was at risk, and to whom it happened, at each time of an event in a stratum."""
    rows, tied, share = [], [], []
    for name in np.unique(stratum):
        mine = np.flatnonzero(stratum == name)
        for time in np.unique(stop[mine][event[mine]]):
            here = mine[(start[mine] < time) & (time <= stop[mine])]
            rows.append(here)
            tied.append(here[event[here] & (stop[here] == time)])
            share.append(np.arange(len(tied[-1])) / len(tied[-1]))
    sizes, ties = [len(r) for r in rows], [len(t) for t in tied]
    return _RiskSets(
        values[np.concatenate(rows)], _firsts(sizes), np.repeat(np.arange(len(rows)), sizes),
        values[np.concatenate(tied)], _firsts(ties), np.repeat(np.arange(len(rows)), ties),
        np.concatenate(share),
    )  # fmt: skip


def _firsts(sizes: Sequence[int]) -> Indices:
    """Return where each of some groups begins when they stand one after the other."""
    return np.cumsum([0, *sizes[:-1]])


def _likelihood(sets: _RiskSets, beta: Floats, ridge: float) -> tuple[float, Floats, Floats]:
    """Return the penalised log partial likelihood, its gradient, and its curvature (negated)."""
    rate, weight = np.exp(sets.values @ beta), np.exp(sets.tied @ beta)
    moved, gone = rate[:, None] * sets.values, weight[:, None] * sets.tied
    at, share = sets.tied_set, sets.share
    total = (
        np.add.reduceat(rate, sets.first)[at] - share * np.add.reduceat(weight, sets.tied_first)[at]
    )
    first = (
        np.add.reduceat(moved, sets.first)[at]
        - share[:, None] * np.add.reduceat(gone, sets.tied_first)[at]
    )
    mean = first / total[:, None]
    whole = np.add.reduceat(1 / total, sets.tied_first)[sets.set]
    less = np.add.reduceat(share / total, sets.tied_first)[at]
    level = float((sets.tied @ beta).sum() - np.log(total).sum() - 0.5 * ridge * (beta @ beta))
    slope = sets.tied.sum(0) - mean.sum(0) - ridge * beta
    curve = sets.values.T @ (whole[:, None] * moved) - sets.tied.T @ (less[:, None] * gone)
    return level, slope, curve - mean.T @ mean + ridge * np.eye(len(beta))
