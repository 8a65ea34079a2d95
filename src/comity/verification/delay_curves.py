"""Distributions of a delay D in days: three families by median and spread, or steps.

Each has F (`cdf`), its inverse (`quantile`), P(early < D <= late) without loss in either tail
(`between`), and what sums over a window of starts come down to, in closed form:

    A(x) = int_0^x F(u) du = x F(x) - E[D; D <= x]                  (`area`; 0 up to day 0)

since a start even over a days-long window [s, s + w) is reported by day r with probability
(A(r - s) - A(r - s - w)) / w. A family is written by m, the log of the median in days, and k:

    lognormal   log D ~ Normal(m, exp(k))
    gamma       shape exp(-2 k), scale exp(m) / (its median at scale 1)
    Weibull     shape pi / sqrt(6) exp(-k), scale exp(m) / log(2)^(1 / shape)

so that exp(k) is the standard deviation of log D, about so for the gamma. Source of the closed
forms: the analytic solutions for even primary events of the R package primarycensored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity import special
from comity.verification.delay_laws import Law, law_of

Floats = NDArray[np.float64]

FAMILIES: Final = ("lognormal", "gamma", "weibull")


@dataclass(frozen=True, slots=True)
class Parametric:
    """One family's distribution by log median `m` and log spread `k`."""

    family: str
    m: float
    k: float

    @property
    def median(self) -> float:
        """Days by which half is reported."""
        return float(np.exp(self.m))

    @property
    def _shape(self) -> float:
        """Shape of the gamma, slope of the Weibull, standard deviation of the lognormal."""
        if self.family == "gamma":
            return float(np.exp(-2 * self.k))
        if self.family == "weibull":
            return float(np.pi / np.sqrt(6) * np.exp(-self.k))
        return float(np.exp(self.k))

    def _law(self) -> Law:
        return law_of(self.family, self.m, self.k)

    def stretched(self, factor: float) -> Parametric:
        """Return the distribution of `factor` times the delay."""
        return Parametric(self.family, self.m + float(np.log(factor)), self.k)

    def cdf(self, days: Floats) -> Floats:
        """Return P(D <= days); 0 up to day 0."""
        return self._law().cdf(days)

    def between(self, early: Floats, late: Floats) -> Floats:
        """Return P(early < D <= late), early <= late."""
        return self._law().between(early, late)

    def area(self, days: Floats) -> Floats:
        """Return the integral of F from 0 to `days`, in days; 0 up to day 0."""
        return self._law().area(days)

    def quantile(self, p: Floats) -> Floats:
        """Return the days by which a share p is reported."""
        if self.family == "lognormal":
            from scipy.special import ndtri

            return np.asarray(np.exp(self.m + self._shape * ndtri(p)))
        if self.family == "gamma":
            unit = special.gammaincinv(self._shape, p) / special.gammaincinv(self._shape, 0.5)
            return np.asarray(np.exp(self.m) * unit)
        with np.errstate(divide="ignore"):
            return np.asarray(np.exp(self.m) * (-np.log1p(-p) / np.log(2)) ** (1 / self._shape))


@dataclass(frozen=True, slots=True)
class Stepwise:
    """Masses (J,) over bins of delay, spread evenly in each: F is straight between `edges`."""

    edges: Floats
    mass: Floats

    @property
    def median(self) -> float:
        """Days by which half is reported."""
        return float(self.quantile(np.array(0.5)))

    def stretched(self, factor: float) -> Stepwise:
        """Return the distribution of `factor` times the delay."""
        return Stepwise(self.edges * factor, self.mass)

    def _steps(self) -> Floats:
        """Return (J + 1,) F at the edges."""
        steps = np.concatenate([[0.0], np.cumsum(self.mass)])
        return np.asarray(steps / steps[-1])

    def cdf(self, days: Floats) -> Floats:
        """Return P(D <= days); 1 from the last edge on."""
        return np.asarray(np.interp(days, self.edges, self._steps()))

    def between(self, early: Floats, late: Floats) -> Floats:
        """Return P(early < D <= late), early <= late."""
        return self.cdf(late) - self.cdf(early)

    def area(self, days: Floats) -> Floats:
        """Return the integral of F from 0 to `days`, in days; 0 up to day 0."""
        x = np.maximum(np.asarray(days, dtype=np.float64), 0.0)[..., None]
        low, width = self.edges[:-1], np.diff(self.edges)
        into = np.clip(x - low, 0.0, width)
        ramp = into**2 / (2 * width) + np.maximum(x - low - width, 0.0)
        return np.asarray(ramp @ (self.mass / self.mass.sum()))

    def quantile(self, p: Floats) -> Floats:
        """Return the days by which a share p is reported."""
        return np.asarray(np.interp(p, self._steps(), self.edges))
