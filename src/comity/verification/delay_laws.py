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
Ints = NDArray[np.int64]

NARROW: Final = 0.1  # length of an interval over the days before it, below which it is narrow
_HIGHEST: Final = 700.0  # of an exponent


@dataclass(frozen=True, slots=True)
class Law:
    """A family with eight numbers, (8,), or (8, P) for each of P days asked about, or (8, n, 1) for
    n laws of which each is asked about all days; see `law_of`."""

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
        """Return the law at some of the days; itself where it is the same for all of them."""
        if self.numbers.ndim != 2:
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
        some = x > 0
        if some.all():
            return value(self, x)
        out = np.zeros(np.broadcast_shapes(self.numbers.shape[1:], x.shape))
        if some.any():
            out[..., some] = value(self.some(some), x[some])
        return out

    def kinds(self, early: Floats, late: Floats) -> Ints:
        """Return how `between` is had of each interval: a position in `WAYS`."""
        found = np.where(early > self.numbers[3], 1, 2)
        found[late - early < NARROW * self.numbers[4] * early] = 0
        return found

    def between(self, early: Floats, late: Floats) -> Floats:
        """Return P(early < D <= late), early <= late."""
        early, late = np.asarray(early, dtype=np.float64), np.asarray(late, dtype=np.float64)
        out, kinds = np.empty(early.shape), self.kinds(early, late)
        for kind, way in enumerate(WAYS):
            some = kinds == kind
            if some.any():
                out[some] = way(self.some(some), early[some], late[some])
        return out

    def within(self, early: Floats, late: Floats) -> Floats:
        """Return P(early < D <= late) of intervals short beside the days before them and beside
        the spread, by Simpson's rule: to about a millionth of itself."""
        days = np.stack([early, late, (early + late) / 2])
        at = self.density(days[:, None] if self.numbers.ndim == 3 else days)
        return np.asarray((at[0] + at[1] + 4 * at[2]) * (late - early) / 6)

    def above(self, early: Floats, late: Floats) -> Floats:
        """Return P(early < D <= late) beyond the median, without loss in the upper tail."""
        return self.beyond(early) - self.beyond(late)

    def under(self, early: Floats, late: Floats) -> Floats:
        """Return P(early < D <= late) that begin up to the median."""
        return self.cdf(late) - self.cdf(early)


WAYS: Final = (Law.within, Law.above, Law.under)


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

    @property
    def each(self) -> Law:
        """The laws as one that is asked about all days in each of n rows."""
        return Law(self.law.family, self.law.numbers[:, :, None])

    def between(self, early: Floats, late: Floats) -> Floats:
        """Return (n, P) the P(early < D <= late) of each law, early <= late (P,).

        Laws near each other go the same way about nearly every interval: those together, what is
        of the days alone computed once; the others law by law.
        """
        every = self.each
        kinds, out = every.kinds(early, late), np.empty((self.size, early.size))
        first, alike = kinds[0], (kinds == kinds[0]).all(axis=0)
        for kind, way in enumerate(WAYS):
            some = np.flatnonzero(alike & (first == kind))
            if some.size:
                out[:, some] = way(every, early[some], late[some])
        if not alike.all():
            rest = np.flatnonzero(~alike)
            own = self.law.repeated(rest.size)
            days = (np.tile(days[rest], self.size) for days in (early, late))
            out[:, rest] = own.between(*days).reshape(self.size, -1)
        return out

    def area(self, days: Floats) -> Floats:
        """Return (n, *shape) each law's integral of F from 0 to days of any shape."""
        return self.each.area(days.ravel()).reshape(self.size, *days.shape)
