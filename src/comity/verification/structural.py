"""A step in one series of counts with a wandering level and a season: the one-series check.

y[t] counts events in periods t = 0 .. T - 1 with exposures w[t] (1 by default), and

    y[t] ~ Poisson(w[t] exp(mu[t] + gamma[t mod season] + delta * x[t]))
    mu[t] ~ Normal(mu[t - 1], sigma)     mu[0] ~ Normal(log mean(y / w), 3)
    gamma ~ Normal(0, 1) each, their sum 0        delta ~ Normal(0, step_sd)
    sigma ~ Exponential(mean level_mean)

x is 0 before the onset and 1 from it. For each sigma of a grid, Newton finds the mode and a normal
stands around it (Laplace); the answer mixes the normals by their evidence. The level's precision
has three diagonals and the few other numbers are eliminated by a Schur complement, so a fit costs
O(T). It assumes a season that does not change and a level without sudden moves but the step:
another sudden move near the onset shows it wrong. For a comparison with others use the four cells.

Source: Harvey & Durbin (1986), JRSS A 149; Durbin & Koopman (2000), JRSS B 62, for counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve_banded, cholesky_banded
from scipy.optimize import brentq
from scipy.special import ndtr

from comity.errors import ModelError

Floats = NDArray[np.float64]

FIRST_SD = 3.0
SEASON_SD = 1.0
GRID = np.exp(np.linspace(np.log(0.002), np.log(1.5), 41))
_MOST_STEPS, _CLOSE = 60, 1e-9


@dataclass(frozen=True, slots=True)
class StepEffect:
    """Posterior of the step delta, on the log scale, as a mixture over the grid of `sigmas`.

    `weights`, `means` and `sds` are by sigma; `level` (T,) and `season` are posterior means.
    """

    sigmas: Floats
    weights: Floats
    means: Floats
    sds: Floats
    level: Floats
    season: Floats

    @property
    def mean(self) -> float:
        """Posterior mean of delta."""
        return float(self.weights @ self.means)

    @property
    def sd(self) -> float:
        """Posterior standard deviation of delta."""
        return float(np.sqrt(self.weights @ (self.sds**2 + self.means**2) - self.mean**2))

    @property
    def sigma(self) -> float:
        """Posterior mean of the level's step size, per period."""
        return float(self.weights @ self.sigmas)

    def probability_below(self, value: float = 0.0) -> float:
        """Return P(delta < value)."""
        return float(self.weights @ ndtr((value - self.means) / self.sds))

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Return the ends of the interval with equal tails. Raises ModelError outside (0, 1)."""
        if not 0 < level < 1:
            raise ModelError(f"A level lies between 0 and 1, not at {level!r}.")
        reach = 12 * float(self.sds.max()) + float(np.ptp(self.means))
        low, high = (
            brentq(
                lambda v, p=p: self.probability_below(v) - p, self.mean - reach, self.mean + reach
            )
            for p in ((1 - level) / 2, (1 + level) / 2)
        )
        return float(low), float(high)


@dataclass(frozen=True, slots=True)
class _Series:
    """Counts, log exposures, the regressors (T, P) with their prior precision, the centre of mu."""

    y: Floats
    offset: Floats
    X: Floats
    precision: Floats
    centre: float


def _regressors(periods: int, onset: int, season: int) -> Floats:
    """Return (T, P): the step first, then season - 1 orthonormal contrasts that sum to 0."""
    step = (np.arange(periods) >= onset).astype(np.float64)[:, None]
    if season == 1:
        return step
    contrasts = np.linalg.qr(np.column_stack([np.ones(season), np.eye(season)[:, 1:]]))[0][:, 1:]
    return np.hstack([step, contrasts[np.arange(periods) % season]])


def _walk(periods: int, sigma: float) -> Floats:
    """Return (2, T) upper banded precision of the level's prior."""
    band = np.zeros((2, periods))
    band[1] = 2 / sigma**2
    band[1, [0, -1]] = 1 / sigma**2
    band[1, 0] += 1 / FIRST_SD**2
    band[0, 1:] = -1 / sigma**2
    return band


def _times(band: Floats, v: Floats) -> Floats:
    """Return a symmetric tridiagonal matrix times a vector."""
    out: Floats = band[1] * v
    out[1:] += band[0, 1:] * v[:-1]
    out[:-1] += band[0, 1:] * v[1:]
    return out


def _objective(series: _Series, band: Floats, mu: Floats, beta: Floats) -> float:
    """Return the log posterior of (mu, beta) given sigma, without sigma's own constant."""
    eta = series.offset + mu + series.X @ beta
    centred = mu - series.centre
    penalty = centred @ _times(band, centred) + beta @ (series.precision * beta)
    return float(series.y @ eta - np.exp(np.minimum(eta, 50.0)).sum() - 0.5 * penalty)


def _mode(
    series: _Series, sigma: float, mu: Floats, beta: Floats
) -> tuple[Floats, Floats, Floats, float]:
    """Return level, coefficients, their covariance and the log evidence of one sigma.

    Raises ModelError where Newton does not converge.
    """
    prior = _walk(len(mu), sigma)
    value = _objective(series, prior, mu, beta)
    for _ in range(_MOST_STEPS):
        rate = np.exp(series.offset + mu + series.X @ beta)
        gap = series.y - rate
        band = prior + np.vstack([np.zeros_like(rate), rate])
        factor = cholesky_banded(band)
        cross = rate[:, None] * series.X
        solved = cho_solve_banded((factor, False), cross)
        schur = series.X.T @ cross + np.diag(series.precision) - cross.T @ solved
        g_mu = gap - _times(prior, mu - series.centre)
        g_beta = series.X.T @ gap - series.precision * beta
        step_beta = np.linalg.solve(schur, g_beta - solved.T @ g_mu)
        step_mu = cho_solve_banded((factor, False), g_mu - cross @ step_beta)
        gain = float(g_mu @ step_mu + g_beta @ step_beta)
        if gain < _CLOSE:
            logs = 2 * np.log(factor[1]).sum() + np.linalg.slogdet(schur)[1]
            evidence = value - (len(mu) - 1) * np.log(sigma) - 0.5 * logs
            return mu, beta, np.linalg.inv(schur), float(evidence)
        size = 1.0
        while size > 1e-8:
            new_mu, new_beta = mu + size * step_mu, beta + size * step_beta
            found = _objective(series, prior, new_mu, new_beta)
            if found >= value:
                break
            size /= 2
        mu, beta, value = new_mu, new_beta, found
    raise ModelError(
        f"No mode was found for a level that moves by {sigma:.3g} a period: the counts may be too "
        "large or too few; try longer periods."
    )


def _check(y: Floats, w: Floats, onset: int, season: int) -> None:
    """Raise ModelError where the series cannot have a step at the onset."""
    if y.ndim != 1 or w.shape != y.shape or bool((y < 0).any()) or bool((w <= 0).any()):
        raise ModelError(
            f"Counts of shape {y.shape} with exposure {w.shape} are no series: give one row of "
            "counts of 0 or more, and exposures above 0."
        )
    if not 1 <= onset < len(y):
        raise ModelError(
            f"A step at period {onset} lies outside the series: its first period is one of 1 to "
            f"{len(y) - 1}."
        )
    if not 1 <= season <= len(y):
        raise ModelError(f"A season of {season} periods does not fit in {len(y)}; 1 is none.")
    if y.sum() == 0:
        raise ModelError("A series without any event says nothing of a step.")


def fit_step(
    y: Floats,
    onset: int,
    season: int = 12,
    exposure: Floats | None = None,
    level_mean: float = 0.3,
    step_sd: float = 10.0,
) -> StepEffect:
    """Return the posterior of a step in counts (T,) at `onset`, the first period with x = 1.

    `season` is the number of periods in a season's round; 1 is no season. Raises ModelError for a
    series that cannot have the step.
    """
    y = np.asarray(y, dtype=np.float64)
    w = np.ones_like(y) if exposure is None else np.asarray(exposure, dtype=np.float64)
    _check(y, w, onset, season)
    X = _regressors(len(y), onset, season)
    precision = np.full(X.shape[1], 1 / SEASON_SD**2)
    precision[0] = 1 / step_sd**2
    centre = float(np.log(y.sum() / w.sum()))
    series = _Series(y, np.log(w), X, precision, centre)
    mu, beta = np.full(len(y), centre), np.zeros(X.shape[1])
    found = []
    for sigma in GRID:
        mu, beta, covariance, evidence = _mode(series, float(sigma), mu, beta)
        prior = np.log(sigma) - sigma / level_mean  # per step of the grid, even in log sigma
        found.append((mu, beta, covariance[0, 0], evidence + prior))
    levels, betas, variances, logs = (np.array(part) for part in zip(*found, strict=True))
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    cycle = _regressors(season, season, season)[:, 1:] if season > 1 else np.zeros((1, 0))
    return StepEffect(
        GRID, weights, betas[:, 0], np.sqrt(variances),
        weights @ levels, cycle @ (weights @ betas[:, 1:]),
    )  # fmt: skip
