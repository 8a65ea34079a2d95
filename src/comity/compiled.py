"""Compiled modules of scipy loaded by themselves, without importing the packages around them.

Importing scipy.linalg or scipy.special takes a third to half a second, several times as long as
the smallest verdict's fits; the compiled module that does the work takes a hundredth. It is loaded
from where scipy is installed. Where it is not found there, or lacks what is needed, the package
serves: the routines are the same (a test compares them).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from types import ModuleType


def load_compiled(package: str, name: str, needed: Sequence[str]) -> ModuleType | None:
    """Return scipy's compiled module `name` of a package such as "linalg", or None where it is not
    where it is expected or has not every function needed."""
    found = importlib.util.find_spec("scipy")
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent / package
    for suffix in EXTENSION_SUFFIXES:
        path = folder / f"{name}{suffix}"
        if not path.exists():
            continue
        spec = importlib.util.spec_from_file_location(f"scipy.{package}.{name}", path)
        if spec is None or spec.loader is None:
            return None
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except ImportError:
            return None
        return module if all(hasattr(module, each) for each in needed) else None
    return None
