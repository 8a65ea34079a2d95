"""Several promises by one initiator, simulated from the stated model: for calibrating pooling.

Each promise's log ratio is normal(mu, tau); given it, the step and the drift are as the model's
prior has them. The promises share the initiator's walk, attention to everything, and the cells
B and D, in which no receiver of another promise is. With `shared` false every promise has a world
of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.verification.cells import DEFAULT_PRIOR
from comity.verification.counts import Counts
from comity.verification.model import CELLS
from comity.verification.simulate import year_patterns

Floats = NDArray[np.float64]

NET_PERIODS = 20  # five years of quarters


@dataclass(frozen=True, slots=True)
class Promises:
    """A world of promises: expected incidents of each A and C, of B and D beside them."""

    a: tuple[float, ...] = (30.0, 12.0, 10.0, 8.0, 5.0)
    c: tuple[float, ...] = (40.0, 20.0, 15.0, 15.0, 10.0)
    b: float = 40.0
    d: float = 150.0
    periods: int = 60
    onset: int = 39
    later: tuple[int, ...] = ()  # periods by which each promise came after `onset`; none: at once
    coarse: float = 0.08
    shared: bool = True

    def onset_of(self, k: int) -> int:
        """Return the first period after promise k."""
        return self.onset + (self.later[k] if self.later else 0)


def _walk(world: Promises, name: str, random: np.random.Generator) -> Floats:
    """Draw one walk, zero in the period before the agreement, (T,)."""
    step = random.exponential(DEFAULT_PRIOR.step_means[name])
    path = np.cumsum(step * random.standard_normal(world.periods))
    return np.asarray(path - path[world.onset - 1])


def _net_gradient(T: int, onset: int) -> Floats:
    """Return the derivative of the net change of five years by each move of the walk, (T - 1,)."""
    use = np.zeros(T)
    after = slice(onset, min(onset + NET_PERIODS, T))
    before = slice(max(onset - NET_PERIODS, 0), onset)
    use[after] += 1.0 / (after.stop - after.start)
    use[before] -= 1.0 / (before.stop - before.start)
    path = np.tril(np.ones((T, T - 1)), -1)
    return np.asarray(use @ (path - path[onset - 1]))


def drift_given(
    theta: float, T: int, onset: int, random: np.random.Generator
) -> tuple[float, Floats]:
    """Draw (delta, u) from their prior given that the net change is `theta`; u is (T,)."""
    gradient = _net_gradient(T, onset)
    size = float(gradient @ gradient)
    steps = -DEFAULT_PRIOR.step_means["u"] * np.log1p(-(np.arange(400) + 0.5) / 400)
    spread2 = 1.0 + steps**2 * size
    weight = np.exp(-0.5 * theta**2 / spread2) / np.sqrt(spread2)
    step = float(random.choice(steps, p=weight / weight.sum()))
    share = step**2 * size / (1.0 + step**2 * size)
    drift = share * theta + np.sqrt(share) * random.standard_normal()
    moves = step * random.standard_normal(T - 1)
    moves += gradient * (drift - gradient @ moves) / size
    u = np.concatenate([[0.0], np.cumsum(moves)])
    return theta - drift, np.asarray(u - u[onset - 1])


def simulate_promises(
    world: Promises, mu: float, tau: float, random: np.random.Generator
) -> tuple[list[Counts], Floats]:
    """Draw one panel a promise and the promises' true log ratios; T must be a multiple of four."""
    thetas = mu + tau * random.standard_normal(len(world.a))
    if not world.shared:
        return [_panel(world, [k], thetas, random)[0] for k in range(len(world.a))], thetas
    return _panel(world, list(range(len(world.a))), thetas, random), thetas


def _panel(
    world: Promises, which: list[int], thetas: Floats, random: np.random.Generator
) -> list[Counts]:
    """Draw the panels of some promises that share their comparison cells."""
    T = world.periods
    after = np.arange(T) >= world.onset
    since = {k: np.arange(T) >= world.onset_of(k) for k in which}
    s, i = _walk(world, "s", random), _walk(world, "i", random)
    delta_i = random.standard_normal()

    def starts(size: float, log_rate: Floats) -> NDArray[np.int64]:
        level = np.log(size / T) + 0.5 * random.standard_normal()
        return np.asarray(random.poisson(np.exp(np.minimum(level + log_rate, 9.0))))

    A, C = {}, {}
    for k in which:
        delta, u = drift_given(float(thetas[k]), T, world.onset_of(k), random)
        r = _walk(world, "r", random)
        A[k] = starts(world.a[k], s + i + r + u + delta_i * after + delta * since[k])
        C[k] = starts(world.c[k], s + r)
    B, D = starts(world.b, s + i + delta_i * after), starts(world.d, s)
    panels = []
    for k in which:
        y, group, first, n = year_patterns(np.stack([A[k], B, C[k], D]), world.coarse, random)
        panels.append(Counts(CELLS, np.ones_like(y), y, group, first, np.ones((len(group), 4)), n))
    return panels
