"""Proportional hazards with values that change in time (Cox 1972): Efron's ties, strata, a ridge.

Rows are spells (start, stop] of somebody at risk; the partial likelihood compares, at every time of
an event, those to whom it happened with all at risk in the same stratum. Times alone order it: no
baseline is assumed. Values are scaled to a standard deviation of 1 while fitting, where the ridge
takes penalty / 2 * rows * beta^2 from the log likelihood; coefficients come back in units of the
values. A test compares them with those of lifelines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from comity.errors import AdoptionError

Floats = NDArray[np.float64]
RiskSet = tuple[Floats, NDArray[np.bool_]]
STEPS, CLOSE = 50, 1e-10
NO_FIT = "The model of these norms has no single best fit: too few states, or all alike."


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
    sets = list(_risk_sets(np.asarray(stratum), start, stop, event, scaled))
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
    stratum: NDArray[np.str_], start: Floats, stop: Floats, event: NDArray[np.bool_], values: Floats
) -> Iterator[RiskSet]:
    """Yield, for each time of an event in a stratum, the values at risk and to whom it happened."""
    for name in np.unique(stratum):
        mine = np.flatnonzero(stratum == name)
        for time in np.unique(stop[mine][event[mine]]):
            here = mine[(start[mine] < time) & (time <= stop[mine])]
            yield values[here], event[here] & (stop[here] == time)


def _likelihood(
    sets: Sequence[RiskSet], beta: Floats, ridge: float
) -> tuple[float, Floats, Floats]:
    """Return the penalised log partial likelihood, its gradient, and its curvature (negated)."""
    level = -0.5 * ridge * float(beta @ beta)
    slope, curve = -ridge * beta, ridge * np.eye(len(beta))
    for values, happened in sets:
        rate = np.exp(values @ beta)
        tied, weight = values[happened], rate[happened]
        share = np.arange(len(tied)) / len(tied)  # Efron: of those tied, how many are gone
        total = rate.sum() - share * weight.sum()
        first = rate @ values - np.outer(share, weight @ tied)
        mean = first / total[:, None]
        whole = values.T @ (rate[:, None] * values) * (1 / total).sum()
        gone = tied.T @ (weight[:, None] * tied) * (share / total).sum()
        level += float((tied @ beta).sum() - np.log(total).sum())
        slope = slope + tied.sum(0) - mean.sum(0)
        curve = curve + whole - gone - mean.T @ mean
    return level, slope, curve
