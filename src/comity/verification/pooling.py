"""Partial pooling: several promises of one kind by one initiator, each learning from the others.

The log ratio theta_k of each promise's headline is normal(mu, tau) over the promises, mu is
normal(0, 1), tau half-normal(0.5); all else of each fit given its theta_k is as it was.

The promises are compared with the same things, so their errors are not independent: if the
initiator's activity elsewhere is misjudged, every theta_k is, the same way. So the evidence of a
promise is taken apart. b_k is the change elsewhere (cell B against D) and phi_k = theta_k + b_k the
change of cell A against C, which shares nothing. What a fit says of phi_k is not summed up as a
normal: each weighted draw counts by its weight over the density that phi_k had before A and C were
looked at, and

    L_k(mu, tau | z) = sum_s w_ks normal(phi_ks - b_k(z); mu, tau) / before_k(phi_ks)

b_k(z) = m_k + s_k z is what B and D say, as a normal; z is one number for all promises. Promises of
different days share most of that error, not all; here they share it wholly, which is the careful
side. z, mu and tau are integrated on a grid. A promise without any incident has L_k = 1: it
contributes nothing and borrows all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from comity.verification.cells import DEFAULT_PRIOR
from comity.verification.fit import Fit, net_change
from comity.verification.sentences import HEADLINE

Floats = NDArray[np.float64]

YEARS = 5  # of the headline, the net change over five years
MU_SD = 1.0
TAU_SCALE = 0.5
MU = np.linspace(-4.0, 4.0, 161)
TAU = np.arange(0.05, 2.5, 0.1)  # centres of bins a tenth wide
THETA = np.arange(-9.99, 10.0, 0.02)  # centres of bins
WIDEST = 1.5  # most by which the change elsewhere can be unknown: about its prior's sd
SHARED = 11  # points over the shared error, equally likely
MIXED = 24  # points of Gauss-Laguerre quadrature over the step size of the drift


@dataclass(frozen=True, slots=True)
class Alone:
    """What one promise's own evidence says: S draws of phi, `values`, with the weight of each in
    their likelihood, both (S,), and mean and sd of the change elsewhere, `elsewhere`; both 0 where
    the comparison shares nothing. No draws: a promise without evidence.
    """

    values: Floats
    likelihood: Floats
    elsewhere: tuple[float, float] = (0.0, 0.0)

    @property
    def speaks(self) -> bool:
        """Whether there is any evidence."""
        return len(self.values) > 0

    def given(self, z: float) -> Floats:
        """Return the draws of the log ratio theta, given the error all promises share."""
        return self.values - self.elsewhere[0] - z * self.elsewhere[1]


@dataclass(frozen=True, slots=True)
class Part:
    """One promise after pooling: probability of each bin around THETA, and how many draws of its
    own fit that is worth (0 where it has none)."""

    density: Floats
    effective: float

    def quantile(self, p: float) -> float:
        """Return the p-quantile of the log ratio."""
        return quantile(THETA, self.density, p)

    @property
    def fell(self) -> float:
        """Return the probability that the ratio is below 1."""
        return float(self.density[THETA < 0].sum())

    @property
    def sd(self) -> float:
        """Return the standard deviation of the log ratio."""
        return _sd(THETA, self.density)


@dataclass(frozen=True, slots=True)
class Pooled:
    """The joint posterior: `grid` (tau, mu) of probabilities, and one Part a promise, in order."""

    grid: Floats
    parts: tuple[Part, ...]

    @property
    def mu(self) -> Floats:
        """Posterior probability of each of MU, (161,)."""
        return np.asarray(self.grid.sum(axis=0))

    @property
    def tau(self) -> Floats:
        """Posterior probability of each bin around TAU."""
        return np.asarray(self.grid.sum(axis=1))

    @property
    def mu_sd(self) -> float:
        """Return the posterior standard deviation of mu."""
        return _sd(MU, self.mu)


def quantile(points: Floats, probability: Floats, p: float) -> float:
    """Return a quantile of a distribution given by the probabilities of equal bins around points.

    >>> round(quantile(np.array([0.0, 1.0, 2.0]), np.array([0.25, 0.5, 0.25]), 0.5), 3)
    1.0
    """
    half = (points[1] - points[0]) / 2
    edges = np.concatenate([[points[0] - half], points + half])
    return float(np.interp(p, np.concatenate([[0.0], np.cumsum(probability)]), edges))


def _sd(points: Floats, probability: Floats) -> float:
    mean = probability @ points
    return float(np.sqrt(probability @ (points - mean) ** 2))


def silent() -> Alone:
    """Return a promise without evidence."""
    return Alone(np.zeros(0), np.zeros(0))


def alone(fit: Fit, window: range, months: int = 3) -> Alone:
    """Return what a fit says of its headline; `window` is the fit's, in periods of `months`."""
    weights, theta = fit.draws.weights, fit.estimands[HEADLINE]
    sd, shared = fit.prior_sd[HEADLINE], shared_change(fit, window, months)
    if shared is None:
        return Alone(theta, weights / prior_density(theta, sd))
    mean, spread = _elsewhere(np.stack([theta, shared]), weights)
    phi = theta + shared
    return Alone(phi, weights / prior_density(phi - mean, sd, spread), (mean, spread))


def _elsewhere(both: Floats, weights: Floats) -> tuple[float, float]:
    """Return mean and sd of the change elsewhere before cells A and C were looked at.

    `both` are draws of theta and b, (2, S), after all were. To second order A and C say something
    of theta + b only: their share of the precision is the same in all its entries.
    """
    mean = both @ weights
    apart = both - mean[:, None]
    precision = np.linalg.inv((weights * apart) @ apart.T)
    natural = precision @ mean
    left = max(precision[1, 1] - precision[0, 1], WIDEST**-2.0)
    return float((natural[1] - natural[0]) / left), float(left**-0.5)


def shared_change(fit: Fit, window: range, months: int = 3) -> Floats | None:
    """Return each draw's five-year log change of what promises by one initiator are all compared
    with: its activity elsewhere (cell B), or everyone's (cell D) without it. None where the
    comparison holds neither, (S,) otherwise."""
    cells = fit.layout.cells
    if "B" not in cells and not ("D" in cells and "C" not in cells):
        return None
    walk = fit.layout.walks.index("i" if "i" in fit.layout.walks else "s")
    change = net_change(fit.draws.X[:, :, walk], fit.onset, YEARS * 12 // months, window)
    return change + fit.estimands.get("displacement", np.zeros(1))


def prior_density(values: Floats, sd: float, wider: float = 0.0) -> Floats:
    """Return a fit's prior density of a net change whose prior standard deviation is `sd`, with an
    independent normal of sd `wider` added to it.

    It is delta, normal(0, delta_sd), plus a drift that is normal given the step of u, whose
    variance grows with the squared step; the step is exponential, so that sd squared is delta's
    variance plus twice the drift's at the mean step.
    """
    delta = DEFAULT_PRIOR.delta_sd
    drift = max(sd**2 - delta**2, 0.0) / 2.0
    steps, share = np.polynomial.laguerre.laggauss(MIXED)
    spread = np.sqrt(delta**2 + drift * steps**2 + wider**2)
    density = np.zeros(len(values))
    for one, weight in zip(spread, share, strict=True):
        density += weight * _normal(values / one) / one
    return density


def _normal(z: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi))


def prior_grid() -> Floats:
    """Return the prior probabilities of (tau, mu) on the grid."""
    both = _normal(TAU / TAU_SCALE)[:, None] * _normal(MU / MU_SD)
    return np.asarray(both / both.sum())


def pool(promises: Sequence[Alone]) -> Pooled:
    """Return the joint posterior of mu, tau and every promise's log ratio."""
    points = np.array([NormalDist().inv_cdf((k + 0.5) / SHARED) for k in range(SHARED)])
    points /= points.std()
    binned = np.stack([[_binned(p, z) for z in points] for p in promises])  # (K, Z, theta)
    kernels = [_normal((THETA[:, None] - MU) / tau) / tau for tau in TAU]
    evidence = np.stack([binned @ kernel for kernel in kernels])  # (tau, K, Z, mu)
    evidence = np.maximum(evidence, 1e-300)
    log_post = np.log(prior_grid())[:, None, :] + np.log(evidence).sum(axis=1)
    full = np.exp(log_post - log_post.max())  # (tau, Z, mu)
    full /= full.sum()
    share = full[:, None] / evidence
    expected = sum(share[t] @ kernel.T for t, kernel in enumerate(kernels))  # (K, Z, theta)
    density = (binned * expected).sum(axis=1)
    parts = tuple(
        Part(density[k], _effective(p, points, expected[k])) for k, p in enumerate(promises)
    )
    return Pooled(full.sum(axis=1), parts)


def _binned(promise: Alone, z: float) -> Floats:
    """Return a promise's likelihood weights given a shared error, summed over bins of THETA."""
    width = THETA[1] - THETA[0]
    if not promise.speaks:
        return np.full(len(THETA), width)
    place = np.clip(np.round((promise.given(z) - THETA[0]) / width), 0, len(THETA) - 1)
    binned = np.bincount(place.astype(np.int64), promise.likelihood, len(THETA))
    return np.asarray(binned, dtype=np.float64)


def _effective(promise: Alone, points: Floats, expected: Floats) -> float:
    """Return the effective number of a promise's draws once the others have weighed them."""
    if not promise.speaks:
        return 0.0
    total = np.zeros(len(promise.values))
    for z, wanted in zip(points, expected, strict=True):
        total += promise.likelihood * np.interp(promise.given(float(z)), THETA, wanted)
    return float(total.sum() ** 2 / (total**2).sum())
