"""Whether one side's acts make the other's likelier: a mutually exciting (Hawkes) process.

The rate of acts of side a on day t is base_a + sum over b of pull_ab * decay * sum over earlier
acts of b of exp(-decay * days since). pull_ab is how many acts of a one act of b brings about in
all, pull_aa how many of its own. Acts of one day do not excite each other. Parameters are fitted on
the log scale with weak priors and Laplace intervals (Hawkes 1971; Rasmussen 2013). Two lists of
dated acts with a common cause (a summit, a leak) look mutually exciting: that is said, not removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.errors import ModelError

Floats = NDArray[np.float64]

FEWEST_ACTS = 15  # of each side, below which nothing is fitted
PULL_MEDIAN, PULL_SD = 0.2, 1.0  # of the lognormal prior of each pull
MEMORY_DAYS, MEMORY_SD = 60.0, 0.7  # median of 1 / decay, and sd of its log
RATE_SD = 1.0  # of the log base rate, around the mean rate
NARROW = 12.0  # a pull is identified where its interval's ends differ by less than this factor


@dataclass(frozen=True, slots=True)
class Estimate:
    """A quantity with its interval."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Excitation:
    """A fitted process. `pull[a][b]`: acts of a that one act of b brings about. `identified` says
    whether the data tell it from its prior; `reason` why not."""

    acts: tuple[int, int]
    days: int
    base: tuple[Estimate, Estimate]
    pull: tuple[tuple[Estimate, Estimate], tuple[Estimate, Estimate]]
    memory_days: Estimate
    identified: tuple[tuple[bool, bool], tuple[bool, bool]]
    reason: str


def fit_excitation(
    first: Sequence[float], second: Sequence[float], days: float, level: float = 0.9
) -> Excitation:
    """Fit the process to the days of two sides' acts in [0, days).

    Raises ModelError for days out of range. With fewer than FEWEST_ACTS acts of a side nothing is
    fitted and `reason` says so.
    """
    times = [np.sort(np.asarray(t, dtype=float)) for t in (first, second)]
    if days <= 0 or any(t.size and (t[0] < 0 or t[-1] >= days) for t in times):
        raise ModelError(f"Acts must lie on days from 0 to {days:g}, the length of the record.")
    counts = (times[0].size, times[1].size)
    if min(counts) < FEWEST_ACTS:
        return _unfitted(counts, days)
    from scipy.optimize import minimize  # slow to import, and few pairs have acts enough
    from scipy.special import ndtri

    history = _History(times, days)
    start = history.centre()
    found = minimize(history.loss, start, jac=True, method="L-BFGS-B")
    spread = np.sqrt(np.diag(_inverse_hessian(history, found.x)))
    z = float(ndtri(0.5 + level / 2))
    low, middle, high = (np.exp(found.x + k * z * spread) for k in (-1, 0, 1))
    each = [
        Estimate(float(m), float(a), float(b)) for m, a, b in zip(middle, low, high, strict=True)
    ]
    memory = Estimate(1 / each[6].value, 1 / each[6].upper, 1 / each[6].lower)
    known = [e.upper / e.lower < NARROW for e in each[2:6]]
    reason = "" if any(known) else (
        "the interval of every pull is nearly as wide as before looking: the acts are too few or "
        "too evenly spread"
    )  # fmt: skip
    return Excitation(
        counts, int(days), (each[0], each[1]), ((each[2], each[3]), (each[4], each[5])), memory,
        ((known[0], known[1]), (known[2], known[3])), reason,
    )  # fmt: skip


def simulate(
    base: Floats, pull: Floats, decay: float, days: float, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return two sides' acts drawn from the process, as clusters of acts and what they bring about.

    Raises ModelError where acts would breed acts without end.
    """
    if np.max(np.abs(np.linalg.eigvals(pull))) >= 1:
        raise ModelError("These pulls have no end: each act brings about one act or more.")
    found: list[list[float]] = [[], []]
    waiting = [
        (side, float(t))
        for side in (0, 1)
        for t in random.uniform(0, days, random.poisson(base[side] * days))
    ]
    while waiting:
        side, t = waiting.pop()
        found[side].append(t)
        for other in (0, 1):
            later = t + random.exponential(1 / decay, random.poisson(pull[other, side]))
            waiting += [(other, float(u)) for u in later if u < days]
    return np.sort(found[0]), np.sort(found[1])


class _History:
    """The likelihood of two sides' acts: log parameters are base (2), pull (4, by row), decay."""

    def __init__(self, times: list[Floats], days: float) -> None:
        self._days = days
        self._counts = [t.size for t in times]
        self._left = [days - t for t in times]
        self._since = [
            [np.where((d := a[:, None] - b[None, :]) > 0, d, np.inf) for b in times] for a in times
        ]

    def centre(self) -> Floats:
        """Return the prior's centre."""
        rates = [np.log(0.6 * n / self._days) for n in self._counts]
        return np.array([*rates, *[np.log(PULL_MEDIAN)] * 4, -np.log(MEMORY_DAYS)])

    def loss(self, raw: Floats) -> tuple[float, Floats]:
        """Return the negative log posterior and its gradient."""
        base, pull, decay = np.exp(raw[:2]), np.exp(raw[2:6]).reshape(2, 2), float(np.exp(raw[6]))
        value, gradient = 0.0, np.zeros(7)
        for a in (0, 1):
            rate = np.full(self._counts[a], base[a])
            parts, slopes = [], []
            for b in (0, 1):
                since = self._since[a][b]
                kernel = np.exp(-decay * since)
                reach = np.where(np.isinf(since), 0.0, since)
                parts.append(decay * kernel.sum(1))
                slopes.append(((1 - decay * reach) * kernel).sum(1))
                rate = rate + pull[a, b] * parts[b]
            value -= float(np.log(rate).sum()) - base[a] * self._days
            gradient[a] -= base[a] * ((1 / rate).sum() - self._days)
            for b in (0, 1):
                gone = 1 - np.exp(-decay * self._left[b])
                value += pull[a, b] * gone.sum()
                of_pull = gone.sum() - (parts[b] / rate).sum()
                gradient[2 + 2 * a + b] += pull[a, b] * of_pull
                of_decay = (self._left[b] * (1 - gone)).sum() - (slopes[b] / rate).sum()
                gradient[6] += decay * pull[a, b] * of_decay
        scale = np.array([RATE_SD] * 2 + [PULL_SD] * 4 + [MEMORY_SD])
        away = (raw - self.centre()) / scale
        return value + 0.5 * float(away @ away), gradient + away / scale


def _inverse_hessian(history: _History, mode: Floats) -> Floats:
    step = 1e-4
    rows = [
        (history.loss(mode + s)[1] - history.loss(mode - s)[1]) / (2 * step)
        for s in np.eye(len(mode)) * step
    ]
    hessian = (np.array(rows) + np.array(rows).T) / 2
    values, vectors = np.linalg.eigh(hessian)
    return np.asarray((vectors / np.maximum(values, 0.2)) @ vectors.T, dtype=float)


def _unfitted(counts: tuple[int, int], days: float) -> Excitation:
    none = Estimate(float("nan"), float("nan"), float("nan"))
    return Excitation(
        counts, int(days), (none, none), ((none, none), (none, none)), none,
        ((False, False), (False, False)),
        f"{counts[0]} and {counts[1]} acts: at least {FEWEST_ACTS} of each side are needed",
    )  # fmt: skip
