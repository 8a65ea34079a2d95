"""The special functions a delay needs, without importing the rest of scipy.special.

They are scipy's own, loaded by themselves (`compiled`) or, where that fails, from scipy.special.
"""

from __future__ import annotations

from types import ModuleType

from comity.verification.compiled import load_compiled

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
