"""The special functions that are needed, without importing the rest of scipy.special.

They are scipy's own, loaded by themselves (`compiled`) or, where that fails, from scipy.special;
two short ones are written here.
"""

from __future__ import annotations

import math
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from comity.compiled import load_compiled

NEEDED = ("gamma", "gammainc", "gammaincc", "gammaincinv", "log_ndtr", "ndtr")


def load_wrapped() -> ModuleType:
    """Return scipy.special."""
    from scipy import special

    return special  # type: ignore[no-any-return]


_special = load_compiled("special", "_special_ufuncs", NEEDED) or load_wrapped()
gamma = _special.gamma
gammainc = _special.gammainc
gammaincc = _special.gammaincc
gammaincinv = _special.gammaincinv
log_ndtr = _special.log_ndtr
ndtr = _special.ndtr


def logsumexp(logs: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    """Return the log of the sum of exponentials along an axis, which stays with length 1.

    Each sum is taken relative to its largest term, so that nothing overflows; terms of -inf count
    for nothing, as long as one along the axis is finite.
    """
    most = logs.max(axis=axis, keepdims=True)
    return np.asarray(most + np.log(np.exp(logs - most).sum(axis=axis, keepdims=True)))


def t_quantile(share: float, degrees: int) -> float:
    """Return the value below which Student's t with some degrees of freedom lies with a probability
    from 0.5 up to, but not, 1.

    Bisection finds where the finite sums for whole degrees of freedom give that probability
    (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4). Raises ValueError out of range.
    """
    if degrees < 1 or not 0.5 <= share < 1:
        raise ValueError(f"no quantile of t with {degrees} degrees of freedom at {share}")
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        if _t_within(middle, degrees) < 2 * share - 1:
            low = middle
        else:
            high = middle
    return math.sqrt(degrees) * math.tan((low + high) / 2)


def _t_within(angle: float, degrees: int) -> float:
    """Return the probability that |t| stays below sqrt(degrees) * tan(angle)."""
    odd = degrees % 2
    term = math.cos(angle) if odd else 1.0
    total = 0.0
    for k in range(1 + odd, degrees, 2):
        total += term
        term *= k / (k + 1) * math.cos(angle) ** 2
    total *= math.sin(angle)
    return (angle + total) * 2 / math.pi if odd else total
