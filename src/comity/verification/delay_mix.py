"""A reporting delay's uncertainty carried into a fit, without fitting again.

A fit is made at the delay's centre. Its draws theta_s are then shared out at random over J draws
of the delay, and those of part j are weighed, so that each part has the same weight in the whole,

    w_s  proportional to  w_s L_j(theta_s) / L_0(theta_s)

where L_j is the panel's likelihood with exposure and date weights as delay j has them. What results
is a sample of the mean over delays of the posteriors given each: the delay is estimated from its
own dates alone, and the panel's counts do not feed back into it. The new weights have a Pareto k of
their own; the fit keeps the worse of the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from comity.verification.counts import Counts
from comity.verification.fit import Fit
from comity.verification.laplace import predictor
from comity.verification.posterior import Draws, pareto_k

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TINY = 1e-300
FEWEST = 100  # draws of a part, below which parts are joined: a ratio needs some to be weighed by


def mix_delay(fit: Fit, versions: Sequence[Counts], seed: int) -> Fit:
    """Return a fit whose draws carry the uncertainty of a delay.

    `versions` are the counts the fit was made on as each draw of the delay has them (see
    `Panel.counts_under`), of the same cells, groups and patterns or more cells than were fitted.
    """
    if not versions:
        return fit
    draws, model = fit.draws, fit.mixture.model
    size = len(draws.weights)
    parts = max(min(len(versions), size // FEWEST), 1)
    part = np.random.default_rng(seed).permutation(np.arange(size) % parts)
    weights = np.zeros(size)
    for j in range(parts):
        mine = np.flatnonzero(part == j)
        counts = versions[j].select(fit.layout.cells)
        eta = np.minimum(predictor(model, draws.X[mine], draws.b[mine]), 30.0)
        found = _log_ratio(np.exp(eta), model.counts, counts, model.scatter.cells)
        counted = draws.weights[mine] > 0  # a draw without weight sets no scale
        raw = draws.weights[mine] * np.exp(np.minimum(found - found[counted].max(), 0.0))
        weights[mine] = raw / raw.sum() / parts
    k = max(draws.pareto_k, pareto_k(np.log(np.maximum(weights, TINY))))
    mixed = Draws(draws.X, draws.b, weights, float(1.0 / (weights**2).sum()), k)
    return replace(fit, draws=mixed)


def _log_ratio(rate: Floats, base: Counts, other: Counts, cells: Ints) -> Floats:
    """Return (S,) the log likelihood of rates (S, G, T) by other counts, less that by these."""
    flat = rate.reshape(len(rate), -1)
    found = -(flat @ (other.exposure - base.exposure).ravel())
    if len(base.n):
        pieces = flat[:, cells]
        parts = [np.einsum("skl,kl->sk", pieces, c.weight) for c in (other, base)]
        found = found + np.log(parts[0] / parts[1]) @ base.n
    return np.asarray(found)
