"""Panels simulated from the stated model: for calibration, benchmarks and tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.verification.cells import DEFAULT_PRIOR, LAYOUTS, Prior
from comity.verification.counts import Counts

Floats = NDArray[np.float64]

DCID_SIZE = (60.0, 60.0, 80.0, 220.0)


@dataclass(frozen=True, slots=True)
class Truth:
    """What a simulated panel came from: walks X (T, W), log ratios by estimand, step sizes (W,)."""

    X: Floats
    estimands: dict[str, float]
    steps: Floats


@dataclass(frozen=True, slots=True)
class World:
    """How panels are simulated.

    `sizes` are the cells' expected counts at alpha's prior mean and no drift; alpha is normal
    around log(size / periods) with `alpha_sd`. `delta` None draws delta and delta_i from their
    priors, a number fixes delta and sets delta_i to zero. `drift` False holds every walk at zero.
    A share `coarse` of incidents is known only to its year (four periods from a multiple of four).
    """

    sizes: tuple[float, ...] = DCID_SIZE
    periods: int = 60
    onset: int = 39
    coarse: float = 0.08
    delta: float | None = None
    drift: bool = True
    alpha_sd: float = 0.5
    comparison: str = "four-cells"

    @property
    def prior(self) -> Prior:
        """The prior the panels are drawn from, for the fit to use."""
        mean = tuple(float(np.log(s / self.periods)) for s in self.sizes)
        return Prior(DEFAULT_PRIOR.step_means, 1.0, mean, self.alpha_sd)


def year_patterns(
    counts: NDArray[np.int64], coarse: float, random: np.random.Generator
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64], Floats]:
    """Split (G, T) counts into sharp ones and year-only patterns: y, group, first, n."""
    hidden = random.binomial(counts, coarse)
    years = hidden.reshape(hidden.shape[0], -1, 4).sum(axis=2)
    group, year = np.nonzero(years)
    y = (counts - hidden).astype(float)
    return y, group.astype(np.int64), (year * 4).astype(np.int64), years[group, year].astype(float)


def simulate_panel(world: World, random: np.random.Generator) -> tuple[Counts, Truth]:
    """Draw one panel and its truth; `world.periods` must be a multiple of four."""
    layout = LAYOUTS[world.comparison]
    T, W, Q = world.periods, len(layout.walks), len(layout.steps)
    means = np.array([DEFAULT_PRIOR.step_means[w] for w in layout.walks])
    steps = random.exponential(means) if world.drift else np.zeros(W)
    X = np.cumsum(random.standard_normal((T, W)) * steps, axis=0)
    X -= X[world.onset - 1]
    alpha = np.array(world.prior.alpha_mean)[: len(layout.cells)]
    alpha = alpha + world.alpha_sd * random.standard_normal(len(alpha)) * world.drift
    delta = random.standard_normal(Q) if world.delta is None else np.zeros(Q)
    if world.delta is not None:
        delta[0] = world.delta
    Z = np.array([layout.walk_loads[c] for c in layout.cells], dtype=float)
    S = np.array([layout.step_loads[c] for c in layout.cells], dtype=float)
    after = (np.arange(T) >= world.onset).astype(float)
    eta = alpha[:, None] + Z @ X.T + (S @ delta)[:, None] * after
    n = random.poisson(np.exp(np.minimum(eta, 16.0)))
    y, group, first, many = year_patterns(n, world.coarse, random)
    counts = Counts(
        layout.cells, np.ones_like(y), y, group, first, np.ones((len(group), 4)), many
    )  # fmt: skip
    u = X[:, layout.walks.index("u")]
    truth = {"jump": float(delta[0]), "level": float(delta.sum())}
    for years in (1, 3, 5):
        k = 4 * years
        change = u[world.onset : world.onset + k].mean()
        change -= u[max(world.onset - k, 0) : world.onset].mean()
        truth[f"net-{years}"] = float(delta[0] + change)
    return counts, Truth(X, truth, steps)
