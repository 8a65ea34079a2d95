"""Draws from the fitted mixture, importance-weighted against the exact posterior.

Each draw comes from one Laplace component and carries the ratio of exact to approximate density
as its weight; the effective sample size and the Pareto k of the weights (Vehtari et al. 2024) say
how far the approximation can be trusted, and every number below uses the weighted draws.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import lgamma

import numpy as np
from numpy.typing import NDArray

from comity.verification.lapack import dtbtrs
from comity.verification.laplace import Factor, Model, bounded, evaluate, predictor, solve
from comity.verification.steps import Mixture

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BLOCK = 100  # draws evaluated at once: as many as stay in a processor's cache
TAIL = 6.0  # degrees of freedom of the noise in levels and steps, whose posteriors have long tails


@dataclass(frozen=True, slots=True)
class Draws:
    """S weighted draws: walks X (S, T, W), borders b (S, G + Q), weights (S,) that sum to one, the
    mixture's component each came from (S,) and its exact log posterior there (S,)."""

    X: Floats
    b: Floats
    weights: Floats
    effective: float  # effective sample size
    pareto_k: float
    component: Ints
    exact: Floats

    def quantile(self, values: Floats, p: float) -> float:
        """Return the weighted p-quantile of one number per draw, (S,)."""
        return self.quantiles(values, (p,))[0]

    def quantiles(self, values: Floats, points: tuple[float, ...]) -> tuple[float, ...]:
        """Return several weighted quantiles of one number per draw, (S,)."""
        order = np.argsort(values)
        weights = self.weights[order]
        middle = np.cumsum(weights) - 0.5 * weights
        return tuple(float(p) for p in np.interp(points, middle, values[order]))

    def probability(self, event: NDArray[np.bool_]) -> float:
        """Return the weighted share of draws in which something holds, (S,)."""
        return float(np.clip(self.weights @ event, 0.0, 1.0))

    def sd(self, values: Floats) -> float:
        """Return the weighted standard deviation of one number per draw, (S,)."""
        mean = self.weights @ values
        return float(np.sqrt(self.weights @ (values - mean) ** 2))


def _offsets(factor: Factor, noise: Floats, walks: int) -> tuple[Floats, Floats]:
    """Turn noise (S, n + p) into steps away from a mode: (S, T, W) and (S, p)."""
    n = len(factor.V)
    db = np.linalg.solve(factor.schur.T, noise[:, n:].T)
    dx, _ = dtbtrs(factor.band, noise[:, :n].T, uplo="L", trans="T")
    dx -= factor.V @ db
    return dx.T.reshape(len(noise), -1, walks), np.asarray(db.T, dtype=np.float64)


def _log_noise(walks: Floats, borders: Floats) -> Floats:
    """Return the log density of the noise draws are made of, less that of a normal at zero."""
    per_border = lgamma((TAIL + 1) / 2) - lgamma(TAIL / 2) - 0.5 * np.log(TAIL / 2)
    heavy = per_border - (TAIL + 1) / 2 * np.log1p(borders**2 / TAIL)
    return np.asarray(heavy.sum(axis=1) - 0.5 * (walks**2).sum(axis=1))


def _towards_mean(
    model: Model, factor: Factor, dX: Floats, db: Floats, mu: Floats
) -> tuple[Floats, Floats]:
    """Return the step from a mode to the posterior mean, to second order: (T, W) and (p,).

    A Poisson rate makes the posterior lean down by half its precision's inverse times
    mu * variance(eta); the variance comes from steps dX (S, T, W), db (S, p) away from the mode.
    Centring the draws there lets fewer of them carry the weight.
    """
    eta = predictor(model, dX, db)
    spread = np.multiply(eta, eta, out=eta).mean(axis=0)
    lean = -0.5 * mu * spread
    gx = lean.T @ model.Z
    gx[model.anchor] = 0.0
    gb = np.concatenate([lean.sum(axis=1), (lean @ model.x) @ model.S])
    dx, step = solve(factor, gx.ravel(), gb)
    return dx.reshape(gx.shape), step


def pareto_k(log_weights: Floats) -> float:
    """Return the Pareto shape of the largest fifth of importance weights (Zhang & Stephens 2009).

    Below 0.5 the weighted mean has finite variance; above 0.7 it is not to be trusted.
    """
    size = int(min(0.2 * len(log_weights), 3.0 * np.sqrt(len(log_weights))))
    ordered = np.sort(log_weights)
    tail = np.exp(ordered[-size:] - ordered[-1]) - np.exp(ordered[-size - 1] - ordered[-1])
    tail = np.maximum(tail, 1e-12)
    if tail[-1] - tail[0] < 1e-9:
        return 0.0
    grid = 30 + int(np.sqrt(size))
    quartile = tail[max(int(size / 4 + 0.5) - 1, 0)]
    theta = 1.0 / tail[-1] + (1 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))) / (3 * quartile)
    k = np.log1p(-theta[:, None] * tail).mean(axis=1)
    profile = size * (np.log(-theta / k) - k - 1)
    weight = np.exp(profile - profile.max())
    best = float((theta * weight).sum() / weight.sum())
    shape = float(np.log1p(-best * tail).mean())
    return (size * shape + 5.0) / (size + 10.0)


def draw(mixture: Mixture, size: int, seed: int) -> Draws:
    """Return about `size` weighted draws, antithetic in pairs, shared out over the components.

    Components get draws in proportion to their weight (at least one pair where the weight is over
    a thousandth); the same seed and panel give the same draws.
    """
    random = np.random.default_rng(seed)
    modes, model = mixture.modes, mixture.model
    pairs = np.maximum(np.round(mixture.weights * size / 2), 1).astype(int)
    pairs[mixture.weights < 1e-3] = 0
    T, W = modes.X.shape[1:]
    p = modes.b.shape[1]
    mu = evaluate(model, modes.X, modes.b, modes.tau, derivatives=False).mu
    X, b = np.empty((2 * pairs.sum(), T, W)), np.empty((2 * pairs.sum(), p))
    bases, which, at = [], [], 0
    for m in map(int, np.flatnonzero(pairs)):
        half = random.standard_normal((pairs[m], T * W + p))
        half[:, model.anchor * W : (model.anchor + 1) * W] = 0.0
        half[:, T * W :] = random.standard_t(TAIL, (pairs[m], p))
        factor = modes.factors[m]
        dX, db = _offsets(factor, half, W)
        lean_X, lean_b = _towards_mean(model, factor, dX, db, mu[m])
        near, far = slice(at, at + pairs[m]), slice(at + pairs[m], at + 2 * pairs[m])
        at += 2 * pairs[m]
        for whole, centre, step in ((X, modes.X[m] + lean_X, dX), (b, modes.b[m] + lean_b, db)):
            np.add(centre, step, out=whole[near])
            np.subtract(centre, step, out=whole[far])
        base = modes.value[m] + _log_noise(half[:, : T * W], half[:, T * W :])
        bases += [base, base]
        which.append(np.full(2 * pairs[m], m))
    component = np.concatenate(which)
    exact = log_posterior(model, X, b, modes.tau[component])
    log_weights = exact - np.concatenate(bases)
    per_draw = mixture.weights[component] / (2.0 * pairs[component])
    raw = np.exp(log_weights - log_weights.max())
    raw = np.minimum(raw, raw.mean() * np.sqrt(len(raw)))  # truncated (Ionides 2008)
    weights = per_draw * raw
    weights /= weights.sum()
    effective = float(1.0 / (weights**2).sum())
    return Draws(X, b, weights, effective, pareto_k(log_weights), component, exact)


def log_posterior(model: Model, X: Floats, b: Floats, tau: Floats) -> Floats:
    """Return the log posterior of S states given their walk precisions tau (S, W), (S,)."""
    blocks = (slice(k, k + BLOCK) for k in range(0, len(X), BLOCK))
    return np.concatenate([evaluate(model, X[k], b[k], tau[k], False).value for k in blocks])


def rates(mixture: Mixture, draws: Draws) -> Iterator[tuple[slice, Floats]]:
    """Yield draws by blocks, each with its rates per period by group, (BLOCK, G, T), before any
    loss to late reports."""
    for k in range(0, len(draws.X), BLOCK):
        block = slice(k, k + BLOCK)
        eta = bounded(predictor(mixture.model, draws.X[block], draws.b[block]))
        yield block, np.exp(eta, out=eta)
