"""One change in a Poisson rate, exactly: where it lies and what the rates are on both sides.

y[t] counts events in periods t = 0 .. T - 1 with exposures w[t] (1 by default). A change at tau,
the first period of the new rate, tau = 1 .. T - 1, each with the same prior probability, has

    y[t] ~ Poisson(w[t] * before)   t < tau           before ~ Gamma(a, b)
    y[t] ~ Poisson(w[t] * after)    t >= tau          after  ~ Gamma(a, b)

with a = b = 1 unless said otherwise, so that tau's posterior is a finite sum: with S and W the
counts and exposures of a side, each side gives b^a Gamma(a + S) / (Gamma(a) (b + W)^(a + S)). It
assumes one sudden change and rates that are constant before and after: a series that drifts shows
it wrong by a posterior that sits where nothing happened.

Source: Raftery & Akman (1986), Biometrika 73, for a change between events; by period here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from comity.errors import ModelError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """Posterior of one change: `probability` (T,) that each period is the first of the new rate
    (0 for the first period), given a change; posterior mean rates; `log_odds` for one change
    against none, prior odds even."""

    probability: Floats
    before: float
    after: float
    log_odds: float

    @property
    def mode(self) -> int:
        """The most probable first period of the new rate."""
        return int(self.probability.argmax())

    def interval(self, level: float = 0.95) -> tuple[int, int]:
        """Return first and last period, both INCLUSIVE, with equal tails outside."""
        if not 0 < level < 1:
            raise ModelError(f"A level lies between 0 and 1, not at {level!r}.")
        cumulative = np.cumsum(self.probability)
        low, high = np.searchsorted(cumulative, [(1 - level) / 2, (1 + level) / 2 - 1e-12])
        return int(low), int(high)


def _log_evidence(counts: Floats, exposure: Floats, shape: float, rate: float) -> Floats:
    """Return log of the mean likelihood over the prior, without factors no rate changes."""
    total = shape + counts
    prior = shape * np.log(rate) - gammaln(shape)
    return np.asarray(prior + gammaln(total) - total * np.log(rate + exposure))


def find_change(
    y: Floats,
    exposure: Floats | None = None,
    shape: float = 1.0,
    rate: float = 1.0,
) -> ChangePoint:
    """Return the exact posterior of one change in the rate of counts (T,).

    Raises ModelError for fewer than two periods, negative counts, exposures or priors not above 0.

    >>> find_change(np.array([9.0, 8, 10, 1, 0, 2])).mode
    3
    """
    y = np.asarray(y, dtype=np.float64)
    w = np.ones_like(y) if exposure is None else np.asarray(exposure, dtype=np.float64)
    if y.ndim != 1 or len(y) < 2 or w.shape != y.shape:
        raise ModelError(
            f"Counts of shape {y.shape} with exposure {w.shape} have no change to find: give two "
            "or more periods in one row, and an exposure for each."
        )
    if bool((y < 0).any()) or bool((w < 0).any()) or min(shape, rate) <= 0:
        raise ModelError("Counts and exposures are 0 or more, a prior's shape and rate above 0.")
    counts, exposed = np.cumsum(y), np.cumsum(w)
    first, first_w = counts[:-1], exposed[:-1]
    last, last_w = counts[-1] - first, exposed[-1] - first_w
    log = _log_evidence(first, first_w, shape, rate) + _log_evidence(last, last_w, shape, rate)
    weight = np.exp(log - log.max())
    mass = weight / weight.sum()
    none = _log_evidence(counts[-1:], exposed[-1:], shape, rate)[0]
    return ChangePoint(
        probability=np.concatenate([[0.0], mass]),
        before=float(mass @ ((shape + first) / (rate + first_w))),
        after=float(mass @ ((shape + last) / (rate + last_w))),
        log_odds=float(log.max() + np.log(weight.mean()) - none),
    )
