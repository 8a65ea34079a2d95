"""The same model in PyMC, sampled with nutpie: the reference the fast fit is checked against.

Needs the extra `mcmc`. Never used on the main path.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from comity.verification.cells import DEFAULT_PRIOR, LAYOUTS, Prior
from comity.verification.counts import Counts
from comity.verification.fit import build_model, log_ratios, step_means, step_path
from comity.verification.laplace import Model

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sampled:
    """Posterior draws of every estimand's log rate ratio, and the sampler's worst R-hat."""

    estimands: dict[str, Floats]
    worst_rhat: float
    divergences: int


def sample_panel(
    counts: Counts,
    comparison: str,
    onset: int,
    *,
    window: range | None = None,
    months: int = 3,
    prior: Prior = DEFAULT_PRIOR,
    draws: int = 2000,
    chains: int = 2,
    seed: int = 0,
    progress: bool = False,
) -> Sampled:
    """Sample the posterior of one panel: arguments as for `fit_panel`, draws per chain.

    Assumes every cell of the comparison holds incidents (nothing is dropped here).
    """
    import nutpie

    layout = LAYOUTS[comparison]
    kept = counts.select(layout.cells)
    T = kept.shape[1]
    model = build_model(kept, layout, prior, step_path(T, onset), onset - 1)
    compiled = nutpie.compile_pymc_model(_reference(model, step_means(layout, prior, months)))
    trace = nutpie.sample(
        compiled, draws=draws, tune=1000, chains=chains, cores=chains, seed=seed,
        progress_bar=progress, target_accept=0.9,
    )  # fmt: skip
    borders = trace.posterior["border"].values
    X = trace.posterior["walk"].values.reshape(-1, T, model.walks)
    b = borders.reshape(-1, borders.shape[2])
    return Sampled(
        log_ratios(layout, X, b, onset, window or range(T), 12 // months),
        _rhat(borders[:, :, kept.shape[0]]),
        int(trace.sample_stats["diverging"].sum()),
    )


def _reference(model: Model, means: Floats) -> Any:
    """Return the PyMC model of the same posterior; walks are built from standard normals."""
    import pymc as pm
    import pytensor.tensor as pt

    counts, onset = model.counts, model.anchor + 1
    groups, T = counts.shape
    W = model.walks
    columns = np.minimum(counts.first[:, None] + np.arange(counts.weight.shape[1]), T - 1)
    with np.errstate(divide="ignore"):
        log_weight = np.maximum(np.log(counts.weight), -1e3)
    with pm.Model() as reference:
        step = pm.Exponential("step", lam=1.0 / means, shape=W)
        raw = pm.Normal("raw", shape=(T - 1, W))
        border = pm.Normal("border", mu=model.border_mean, sigma=model.border_sd)
        moves = raw * step
        after = pt.cumsum(moves[onset - 1 :], axis=0)
        before = -pt.cumsum(moves[: onset - 1][::-1], axis=0)[::-1]
        walk = pm.Deterministic("walk", pt.concatenate([before, pt.zeros((1, W)), after], axis=0))
        eta = border[:groups, None] + pt.dot(model.Z, walk.T)
        eta = eta + pt.dot(model.S, border[groups:])[:, None] * model.x
        fit = pt.sum(counts.y * eta) - pt.sum(counts.exposure * pt.exp(eta))
        if len(counts.n):
            pieces = eta[counts.group[:, None], columns] + log_weight
            fit = fit + pt.sum(counts.n * pt.logsumexp(pieces, axis=1))
        pm.Potential("likelihood", fit)
    return reference


def _rhat(chains: Floats) -> float:
    """Return the split R-hat of one quantity, chains (C, N)."""
    half = chains.shape[1] // 2
    parts = np.concatenate([chains[:, :half], chains[:, half : 2 * half]])
    within = parts.var(axis=1, ddof=1).mean()
    between = half * parts.mean(axis=1).var(ddof=1)
    return float(np.sqrt(((half - 1) / half * within + between / half) / within))
