"""The five LAPACK routines the fit needs, without importing the rest of scipy.linalg.

Importing scipy.linalg takes half a second, five times as long as the smallest verdict's fits; the
compiled module it wraps takes a hundredth. It is loaded from where scipy is installed; where it
is not found there, scipy.linalg.lapack serves. Both are the same routines (a test compares them).
"""

from __future__ import annotations

import importlib.util
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from types import ModuleType

NAME = "scipy.linalg._flapack"


def load_compiled() -> ModuleType | None:
    """Return scipy's compiled LAPACK module, or None where it is not where it is expected."""
    found = importlib.util.find_spec("scipy")
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent / "linalg"
    for suffix in EXTENSION_SUFFIXES:
        path = folder / f"_flapack{suffix}"
        if not path.exists():
            continue
        spec = importlib.util.spec_from_file_location(NAME, path)
        if spec is None or spec.loader is None:
            return None
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except ImportError:
            return None
        return module
    return None


def load_wrapped() -> ModuleType:
    """Return scipy.linalg.lapack."""
    from scipy.linalg import lapack

    return lapack  # type: ignore[no-any-return]


_lapack = load_compiled() or load_wrapped()
dpbtrf = _lapack.dpbtrf
dpbtrs = _lapack.dpbtrs
dpotrf = _lapack.dpotrf
dpotrs = _lapack.dpotrs
dtbtrs = _lapack.dtbtrs
