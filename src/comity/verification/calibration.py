"""Is a posterior calibrated? Ranks of the truth under prior draws, and whether they are uniform.

Simulation-based calibration (Talts et al. 2018): draw a truth from the prior, data from the truth,
fit; the truth's place in the posterior is then uniform on [0, 1]. Uniformity is judged by a
chi-square over equal bins and by a band that the whole empirical distribution leaves with a stated
chance (Säilynoja, Bürkner & Vehtari 2022).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from comity.verification.fit import Fit

Floats = NDArray[np.float64]

BINS = 20
POINTS = 100  # at which the empirical distribution is held against its band
SIMULATED = 2000  # uniform samples behind the band


def place_of(fit: Fit, estimand: str, truth: float) -> float:
    """Return the posterior probability that an estimand (a log ratio) lies below the truth."""
    return fit.draws.probability(fit.estimands[estimand] < truth)


def chi_square(places: Floats, bins: int = BINS) -> float:
    """Return the p-value of uniform places (N,) over equal bins."""
    counts, _ = np.histogram(places, bins=bins, range=(0.0, 1.0))
    return float(stats.chisquare(counts).pvalue)


@dataclass(frozen=True, slots=True)
class Band:
    """Whether an empirical distribution stays in its simultaneous band.

    `furthest` is the largest distance from uniform in units of the band's half width there: the
    band is left where it is above 1; `at` is the place where.
    """

    inside: bool
    furthest: float
    at: float


def _edges(n: int, share: float) -> tuple[Floats, Floats, Floats]:
    """Return points z, and the counts below each between which a share of samples lies."""
    z = np.arange(1, POINTS) / POINTS
    low = stats.binom.ppf((1 - share) / 2, n, z)
    high = stats.binom.ppf((1 + share) / 2, n, z)
    return z, low, high


def _below(places: Floats) -> Floats:
    """Return how many places lie below each point, (..., POINTS - 1)."""
    z = np.arange(1, POINTS) / POINTS
    return np.asarray(np.sort(places, axis=-1).searchsorted(z), dtype=np.float64)


@lru_cache(maxsize=8)
def _pointwise(n: int, level: float) -> float:
    """Return the share that a pointwise interval must hold for the whole to hold `level`."""
    random = np.random.default_rng(1)
    z = np.arange(1, POINTS) / POINTS
    tails = np.empty(SIMULATED)
    for k in range(SIMULATED):
        below = _below(random.random(n))
        one = np.minimum(stats.binom.cdf(below, n, z), stats.binom.sf(below - 1, n, z))
        tails[k] = one.min()
    return float(1 - 2 * np.quantile(tails, 1 - level))


def ecdf_band(places: Floats, level: float = 0.95) -> Band:
    """Say whether the empirical distribution of places (N,) stays in its band."""
    n = len(places)
    z, low, high = _edges(n, _pointwise(n, level))
    below, middle = _below(places), n * z
    half = np.where(below > middle, high - middle, middle - low) + 1e-9
    away = np.abs(below - middle) / half
    worst = int(np.argmax(away))
    inside = bool(((below >= low) & (below <= high)).all())
    return Band(inside, float(away[worst]), float(z[worst]))


def coverage(places: Floats, level: float = 0.90) -> tuple[float, float]:
    """Return how often the central interval held the truth, and its Monte Carlo error."""
    tail = (1 - level) / 2
    share = float(((places >= tail) & (places <= 1 - tail)).mean())
    return share, float(np.sqrt(level * (1 - level) / len(places)))
