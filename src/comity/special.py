"""The special functions that are needed, without importing the rest of scipy.special.

They are scipy's own, loaded by themselves (`compiled`) or, where that fails, from scipy.special.
"""

from __future__ import annotations

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
