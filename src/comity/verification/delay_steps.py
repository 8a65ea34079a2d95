"""The distribution over bins of delay that makes the records likeliest: Turnbull's expectation.

Each round shares every record out over the bins by its chance in them, and adds for each the ghosts
that the closing date hides: those of the same start that would have been reported later.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MONTH: Final = 365.25 / 12
_MONTHS = 24  # of delay in bins of a month; quarters beyond
_STILL = 1e-6  # change of F at which rounds end
_TINY = 1e-300


def _round(held: Floats, seen: Floats, n: Floats, mass: Floats) -> tuple[Floats, float]:
    """Return the masses after one round (records shared out by their chance, and for each record
    the ghosts that the closing date hides) and the log likelihood before it."""
    top, bottom = np.maximum(held @ mass, _TINY), np.maximum(seen @ mass, _TINY)
    new = mass * ((n / top) @ held + (n / bottom) @ (1.0 - seen))
    return np.asarray(new / new.sum()), float(n @ (np.log(top) - np.log(bottom)))


def expectation(held: Floats, seen: Floats, n: Floats, mass: Floats, rounds: int) -> Floats:
    """Return the masses after at most so many rounds, three to a leap along where they are heading
    (SQUAREM, Varadhan & Roland 2008); a leap that loses likelihood is taken back."""
    for _ in range(rounds // 3):
        one, _ = _round(held, seen, n, mass)
        two, before = _round(held, seen, n, one)
        first, second = one - mass, two - 2 * one + mass
        moved = float(np.abs(np.cumsum(two - one)).max())
        if moved < _STILL or not second.any():
            return two
        length = max(float(np.linalg.norm(first) / np.linalg.norm(second)), 1.0)
        leap = np.maximum(mass + 2 * length * first + length**2 * second, 1e-3 * two)
        found, after = _round(held, seen, n, leap / leap.sum())
        mass = found if after >= before else two
    return mass


def bins(longest: float) -> Floats:
    """Return edges of months for two years of delay, then of quarters, to the longest or over."""
    months = np.arange(min(np.ceil(longest / MONTH), _MONTHS) + 1.0)
    quarters = np.arange(_MONTHS, np.ceil(longest / MONTH) + 2, 3.0)[1:]
    return np.asarray(np.concatenate([months, quarters]) * MONTH)
