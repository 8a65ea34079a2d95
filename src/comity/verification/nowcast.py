"""How many began in each recent period, once all reports are in: counts made whole for the delay.

n[t, d] incidents began in period t and were reported d periods later, d = 0 .. longest; at the
present period `now` only t + d <= now can have been seen. With N[t] the final count,

    N[t] ~ Poisson(lambda[t])                lambda[t] ~ Gamma(shape, rate)
    n[t, .] | N[t] ~ Multinomial(p)          p the delay's distribution, the same for every t
    g[d] = P(D = d | D <= d) ~ Beta(1/2, 1/2)          its reverse hazards, d = 1 .. longest

Counting the reverse hazards over the triangle that has been seen takes the truncation into account
exactly: g[d] ~ Beta(1/2 + sum_t n[t, d], 1/2 + sum_t n[t, < d]), t <= now - d. Then
F(d) = prod_{k > d} (1 - g[k]) is the share seen after d periods, and what is still to come in t is
negative binomial. It assumes that the delay does not change over time and that none is longer than
`longest`: delays that shorten show it wrong, as counts that fall below their interval.

Source: Höhle & an der Heiden (2014), Biometrics 70; `bayes.trunc` of the R package surveillance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.errors import ModelError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Nowcast:
    """Final counts by period (T,): `seen` so far, `median` and INCLUSIVE `lower` and `upper` ends
    of the interval that holds the share `level`; `reported` is the mean share seen by now."""

    seen: Ints
    median: Floats
    lower: Floats
    upper: Floats
    reported: Floats
    level: float


def reporting_triangle(start: Ints, report: Ints, first: int, now: int, longest: int) -> Ints:
    """Return (now - first + 1, longest + 1) incidents by start from `first` and by delay, as known
    at the end of `now`; both INCLUSIVE. Later reports and longer delays are left out.

    Raises ModelError where a report comes before its start.
    """
    delay = np.asarray(report) - np.asarray(start)
    if bool((delay < 0).any()):
        raise ModelError(
            f"{int((delay < 0).sum())} reports come before their start: give each incident's "
            "start, then its report, in whole periods."
        )
    keep = (report <= now) & (start >= first) & (delay <= longest)
    triangle = np.zeros((now - first + 1, longest + 1), dtype=np.int64)
    np.add.at(triangle, (np.asarray(start)[keep] - first, delay[keep]), 1)
    return triangle


def share_reported(triangle: Ints, draws: int, rng: np.random.Generator) -> Floats:
    """Return (draws, longest + 1) draws of F(d), the share reported within d periods; F(longest)
    is 1. The last row of `triangle` is the present period."""
    periods, width = triangle.shape
    ages = periods - 1 - np.arange(periods)
    kept = np.ones((draws, width))
    for d in range(1, width):
        old = ages >= d
        at = triangle[old, d].sum()
        before = triangle[old, :d].sum()
        kept[:, d] = 1 - rng.beta(0.5 + at, 0.5 + before, size=draws)
    after = np.cumprod(kept[:, ::-1], axis=1)[:, ::-1]
    return np.concatenate([after[:, 1:], np.ones((draws, 1))], axis=1)


def nowcast(
    triangle: Ints,
    prior: tuple[float, float] | None = None,
    level: float = 0.95,
    draws: int = 10_000,
    seed: int = 1,
) -> Nowcast:
    """Return the final count of every period of a triangle, its last row the present period.

    `prior` is the shape and rate of lambda; by default shape 1 and, as its mean, the mean of the
    last `longest` + 1 periods: what was seen in them over the share reported of them.

    Raises ModelError for an empty or negative triangle, reports from after the present, or a
    level or prior out of range.
    """
    periods, width = _check(triangle, prior, level)
    ages = periods - 1 - np.arange(periods)
    seen = triangle.sum(axis=1)
    rng = np.random.default_rng(seed)
    share = share_reported(triangle, draws, rng)[:, np.minimum(ages, width - 1)]
    recent = ages < width
    level_now = seen[recent].sum() / share.mean(axis=0)[recent].sum()
    shape, rate = prior or (1.0, 1.0 / max(float(level_now), 0.5))
    intensity = rng.gamma(shape + seen, 1.0 / (rate + share))
    final = seen + rng.poisson(intensity * (1.0 - share))
    lower, median, upper = np.quantile(
        final, [(1 - level) / 2, 0.5, (1 + level) / 2], axis=0, method="inverted_cdf"
    )
    return Nowcast(seen, median, lower, upper, share.mean(axis=0), level)


def _check(triangle: Ints, prior: tuple[float, float] | None, level: float) -> tuple[int, int]:
    """Return the triangle's shape. Raises ModelError as `nowcast` says."""
    if triangle.ndim != 2 or 0 in triangle.shape or bool((triangle < 0).any()):
        raise ModelError(
            f"A triangle of shape {triangle.shape} is none of counts by period and delay: "
            "make it with reporting_triangle."
        )
    periods, width = triangle.shape
    future = np.add.outer(np.arange(periods), np.arange(width)) > periods - 1
    if bool((triangle[future] > 0).any()):
        raise ModelError(
            "The triangle holds reports from after its last period: cut it with "
            "reporting_triangle(..., now=...)."
        )
    if not 0 < level < 1 or (prior is not None and min(prior) <= 0):
        raise ModelError(
            f"A level of {level} with prior {prior} cannot be: a level lies between 0 and 1, a "
            "prior's shape and rate above 0."
        )
    return periods, width
