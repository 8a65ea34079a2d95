"""A reporting delay's uncertainty carried into a fit, without fitting again.

A fit is made at the delay's centre. Its draws theta_s, of weight w_s, are then shared out at random
over J draws of the delay. Those of part j are moved by one step h_j, two Newton steps from the mode
towards the mode that delay j would have had, and weighed anew,

    w'_s  proportional to  w_s p_j(theta_s + h_j) / p_0(theta_s)

each part to the same sum; p_0 and p_j are the exact posteriors with exposure and date weights as
the centre and as delay j have them. What results is a sample of the mean over delays of the
posteriors given each: the delay is estimated from its own dates alone, and the panel's counts do
not feed back into it. Effective draws are those of the part with the fewest, times J: a delay that
is carried by one draw fails the fit's diagnostic. The Pareto k is that of the fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from comity.verification.counts import Counts
from comity.verification.fit import Fit, log_ratios
from comity.verification.laplace import Model, build_scatter, evaluate, gradient, solve
from comity.verification.posterior import log_posterior
from comity.verification.steps import Mixture

Floats = NDArray[np.float64]

FEWEST = 200  # draws of a part, below which there are fewer parts
NEWTON_STEPS = 2
TINY = 1e-300


def mix_delay(fit: Fit, versions: Sequence[Counts], seed: int, window: range, months: int) -> Fit:
    """Return a fit whose draws carry the uncertainty of a delay.

    `versions` are the counts the fit was made on as each draw of the delay has them (see
    `Panel.counts_under`): the same groups and patterns, and at least the cells that were fitted.
    `window` and `months` are those of the fit.
    """
    if not versions:
        return fit
    draws, modes = fit.draws, fit.mixture.modes
    size = len(draws.weights)
    parts = max(min(len(versions), size // FEWEST), 1)
    part = np.random.default_rng(seed).permutation(np.arange(size) % parts)
    X, b = np.empty_like(draws.X), np.empty_like(draws.b)
    weights, fewest = np.zeros(size), float(size)
    for j in range(parts):
        mine = np.flatnonzero(part == j)
        model = _under(fit.mixture.model, versions[j].select(fit.layout.cells))
        dX, db = _shift(fit.mixture, model)
        moved, edges = draws.X[mine], draws.b[mine]
        moved += dX
        edges += db
        X[mine], b[mine] = moved, edges
        found = log_posterior(model, moved, edges, modes.tau[draws.component[mine]])
        # in logs: a draw with the largest ratio may weigh next to nothing
        found += np.log(np.maximum(draws.weights[mine], TINY)) - draws.exact[mine]
        raw = np.exp(found - found.max())
        raw = np.minimum(raw, raw.mean() * np.sqrt(len(raw)))  # truncated (Ionides 2008)
        weights[mine] = raw / raw.sum() / parts
        fewest = min(fewest, float(raw.sum() ** 2 / (raw**2).sum()))
    effective = min(float(1.0 / (weights**2).sum()), parts * fewest)
    mixed = replace(draws, X=X, b=b, weights=weights, effective=effective)
    estimands = log_ratios(fit.layout, X, b, fit.onset, window, 12 // months)
    return replace(fit, draws=mixed, estimands=estimands)


def _under(model: Model, counts: Counts) -> Model:
    """Return the model on other counts: other exposure and date weights, or other incidents."""
    old = model.counts
    same = counts.weight.shape == old.weight.shape and np.array_equal(counts.group, old.group)
    if not same or not np.array_equal(counts.first, old.first):
        return replace(model, counts=counts, scatter=build_scatter(counts, model.Z))
    with np.errstate(divide="ignore"):
        log_weight = np.log(counts.weight) if len(counts.n) else model.scatter.log_weight
    return replace(model, counts=counts, scatter=replace(model.scatter, log_weight=log_weight))


def _shift(mixture: Mixture, model: Model) -> tuple[Floats, Floats]:
    """Return steps of walks (T, W) and borders (p,) from the weightiest mode towards the mode of
    another model, with the precision of the first."""
    best = int(np.argmax(mixture.weights))
    modes = mixture.modes
    X, b, tau = (each[best : best + 1] for each in (modes.X, modes.b, modes.tau))
    for _ in range(NEWTON_STEPS):
        gx, gb = gradient(model, X, b, tau, evaluate(model, X, b, tau))
        dx, db = solve(modes.factors[best], gx[0].ravel(), gb[0])
        X, b = X + dx.reshape(X.shape), b + db
    return X[0] - modes.X[best], b[0] - modes.b[best]
