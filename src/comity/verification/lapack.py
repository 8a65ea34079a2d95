"""The five LAPACK routines the fit needs, without importing the rest of scipy.linalg.

They are scipy's own, loaded by themselves (`compiled`) or, where that fails, from scipy.linalg.
"""

from __future__ import annotations

from types import ModuleType

from comity.compiled import load_compiled

NEEDED = ("dpbtrf", "dpbtrs", "dpotrf", "dpotrs", "dtbtrs")


def load_wrapped() -> ModuleType:
    """Return scipy.linalg.lapack."""
    from scipy.linalg import lapack

    return lapack  # type: ignore[no-any-return]


_lapack = load_compiled("linalg", "_flapack", NEEDED) or load_wrapped()
dpbtrf = _lapack.dpbtrf
dpbtrs = _lapack.dpbtrs
dpotrf = _lapack.dpotrf
dpotrs = _lapack.dpotrs
dtbtrs = _lapack.dtbtrs
