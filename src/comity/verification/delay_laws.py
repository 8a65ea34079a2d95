"""The formulas of a delay's three families, at one m and k or at many at once, to the same bits.

`delay_curves` says what they are. A `Law` holds a family's parameters and what follows from them,
once or for every day asked about; `Laws` asks several laws about the
same days, which costs a search for the likeliest little more than asking one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity import special

Floats = NDArray[np.float64]

NARROW: Final = 0.1  # length of an interval over the days before it, below which it is narrow
_HIGHEST: Final = 700.0  # of an exponent


@dataclass(frozen=True, slots=True)
class Law:
    """A family with eight numbers, (8,), or (8, P) for each of P days asked about; see `law_of`."""

    family: str
    numbers: Floats

    @property
    def m(self) -> Floats:
        """The log of the median in days."""
        return np.asarray(self.numbers[0])

    @property
    def shape(self) -> Floats:
        """Shape of the gamma, slope of the Weibull, standard deviation of the lognormal."""
        return np.asarray(self.numbers[1])

    def some(self, which: NDArray[np.bool_]) -> Law:
        """Return the law at some of the days; itself where it is one for all of them."""
        if self.numbers.ndim == 1:
            return self
        return Law(self.family, self.numbers.compress(which, axis=1))

    def repeated(self, times: int) -> Law:
        """Return the law with each of its numbers for as many days."""
        return Law(self.family, np.repeat(self.numbers, times, axis=1))

    def standard(self, x: Floats) -> Floats:
        """Return days above 0 as z of a normal, x of a gamma of scale 1, or Weibull's hazard."""
        if self.family == "lognormal":
            return np.asarray((np.log(x) - self.m) / self.shape)
        if self.family == "gamma":
            return np.asarray(x * self.numbers[5])
        power = np.minimum(self.shape * (np.log(x) - self.m), _HIGHEST)
        return np.asarray(np.log(2) * np.exp(power))

    def below(self, x: Floats) -> Floats:
        """Return P(D <= x) of days above 0."""
        at = self.standard(x)
        if self.family == "lognormal":
            return np.asarray(special.ndtr(at))
        if self.family == "gamma":
            return np.asarray(special.gammainc(self.shape, at))
        return np.asarray(-np.expm1(-at))

    def beyond(self, x: Floats) -> Floats:
        """Return P(D > x) of days above 0, to full precision where it is small."""
        at = self.standard(x)
        if self.family == "lognormal":
            return np.asarray(special.ndtr(-at))
        if self.family == "gamma":
            return np.asarray(special.gammaincc(self.shape, at))
        return np.asarray(np.exp(-at))

    def partial_mean(self, x: Floats) -> Floats:
        """Return E[D; D <= x] of days above 0."""
        at, shape = self.standard(x), self.shape
        if self.family == "lognormal":
            return np.asarray(np.exp(self.m + self.numbers[2] / 2 + special.log_ndtr(at - shape)))
        if self.family == "gamma":
            return np.asarray(shape * self.numbers[6] * special.gammainc(shape + 1, at))
        return np.asarray(self.numbers[6] * self.numbers[7] * special.gammainc(1 + 1 / shape, at))

    def density(self, x: Floats) -> Floats:
        """Return the density of days above 0, a day."""
        at, shape = self.standard(x), self.shape
        if self.family == "lognormal":
            return np.asarray(np.exp(-(at**2) / 2) / (x * shape * np.sqrt(2 * np.pi)))
        if self.family == "gamma":
            return np.asarray(np.exp(shape * np.log(at) - at) / (x * self.numbers[7]))
        return np.asarray(at * np.exp(-at) * shape / x)

    def cdf(self, days: Floats) -> Floats:
        """Return P(D <= days); 0 up to day 0."""
        return self._above_zero(days, Law.below)

    def area(self, days: Floats) -> Floats:
        """Return the integral of F from 0 to `days`, in days; 0 up to day 0."""
        return self._above_zero(days, lambda law, x: x * law.below(x) - law.partial_mean(x))

    def _above_zero(self, days: Floats, value: Callable[[Law, Floats], Floats]) -> Floats:
        """Return value(law, days) where days are above 0, 0 elsewhere."""
        x = np.asarray(days, dtype=np.float64)
        out = np.zeros(x.shape)
        some = x > 0
        out[some] = value(self.some(some), x[some])
        return out

    def between(self, early: Floats, late: Floats) -> Floats:
        """Return P(early < D <= late), early <= late."""
        early, late = np.asarray(early, dtype=np.float64), np.asarray(late, dtype=np.float64)
        out = np.empty(early.shape)
        narrow = late - early < NARROW * self.numbers[4] * early
        out[narrow] = self.some(narrow)._within(early[narrow], late[narrow])
        high = ~narrow & (early > self.numbers[3])
        above = self.some(high)
        out[high] = above.beyond(early[high]) - above.beyond(late[high])
        low = ~narrow & ~high
        under = self.some(low)
        out[low] = under.cdf(late[low]) - under.cdf(early[low])
        return out

    def _within(self, early: Floats, late: Floats) -> Floats:
        """Return P(early < D <= late) of intervals short beside the days before them and beside
        the spread, by Simpson's rule: to about a millionth of itself."""
        ends = self.density(early) + self.density(late)
        return np.asarray((ends + 4 * self.density((early + late) / 2)) * (late - early) / 6)


def law_of(family: str, m: Floats | float, k: Floats | float) -> Law:
    """Return the law of a family by log median m and log spread k, numbers or arrays (n,).

    Its numbers: m, the shape, its square, the median, the spread where below 1, what a day is in
    a gamma of scale 1, the scale, and the gamma function that a mean or a density needs.
    """
    m, k = np.asarray(m, dtype=np.float64), np.asarray(k, dtype=np.float64)
    numbers = np.zeros((8, *m.shape))
    numbers[0], numbers[3], numbers[4] = m, np.exp(m), np.minimum(1.0, np.exp(k))
    median = numbers[3]
    if family == "lognormal":
        numbers[1] = np.exp(k)
        numbers[2] = numbers[1] * numbers[1]
    elif family == "gamma":
        numbers[1] = np.exp(-2 * k)
        half = special.gammaincinv(numbers[1], 0.5)
        numbers[5], numbers[6], numbers[7] = half / median, median / half, special.gamma(numbers[1])
    else:
        numbers[1] = np.pi / np.sqrt(6) * np.exp(-k)
        numbers[6] = np.exp(m - np.log(np.log(2)) / numbers[1])
        numbers[7] = special.gamma(1 + 1 / numbers[1])
    return Law(family, numbers)


@dataclass(frozen=True, slots=True)
class Laws:
    """Several laws of one family asked about the same days: `law` has numbers (8, n)."""

    law: Law

    @property
    def size(self) -> int:
        """How many laws there are."""
        return int(self.law.numbers.shape[1])

    def between(self, early: Floats, late: Floats) -> Floats:
        """Return (n, P) the P(early < D <= late) of each law, early <= late (P,)."""
        n = self.size
        if n == 1:
            return Law(self.law.family, self.law.numbers[:, 0]).between(early, late)[None]
        every = self.law.repeated(early.size)
        return every.between(np.tile(early, n), np.tile(late, n)).reshape(n, -1)

    def area(self, days: Floats) -> Floats:
        """Return (n, *shape) each law's integral of F from 0 to days of any shape."""
        n = self.size
        if n == 1:
            return Law(self.law.family, self.law.numbers[:, 0]).area(days)[None]
        area = self.law.repeated(days.size).area(np.tile(days.ravel(), n))
        return area.reshape(n, *days.shape)
