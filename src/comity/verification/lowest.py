"""Where a smooth function of two numbers is lowest, by damped Newton steps and differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_MOST_STEPS, _LONGEST, _STEP = 40, 1.5, 1e-3  # of Newton; the last is of differences
_AROUND = np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1]]) * _STEP
_FLAT = 1e-3  # Newton decrement (twice the loss still to gain) at which it ends


def lowest_point(
    losses: Callable[[Floats], Floats], at: Floats, least_curvature: float
) -> tuple[Floats, Floats, float]:
    """Return where a loss of two numbers is lowest, its Hessian by differences, and the loss;
    `losses` gives it at several points (n, 2) at once, (n,).

    Damped Newton steps; a direction that curves down is walked as if it curved up as much. A point
    is asked about together with those its slopes take: most steps are taken, and seven points at
    once cost hardly more than one.
    """
    found = losses(at + _AROUND)
    here = float(found[0])
    for _ in range(_MOST_STEPS):
        gradient, hessian = _slopes(found[1:], here)
        values, vectors = np.linalg.eigh(hessian)
        values = np.maximum(np.abs(values), least_curvature)
        step = -(vectors / values) @ (vectors.T @ gradient)
        if -float(gradient @ step) < _FLAT:
            break
        step *= min(1.0, _LONGEST / float(np.abs(step).max()))
        found = losses(at + step + _AROUND)
        while found[0] > here and float(np.abs(step).max()) > _STEP:
            step /= 2
            found = losses(at + step + _AROUND)
        if found[0] > here:
            break
        at, here = at + step, float(found[0])
    return at, hessian, here


def _slopes(f: Floats, here: float) -> tuple[Floats, Floats]:
    """Return gradient (2,) and Hessian (2, 2) by central differences: `f` are the losses around a
    point, (6,), `here` that of the point."""
    gradient = np.array([f[0] - f[1], f[2] - f[3]]) / (2 * _STEP)
    first, second = f[0] + f[1] - 2 * here, f[2] + f[3] - 2 * here
    cross = (f[4] + f[5] - 2 * here - first - second) / 2
    return gradient, np.array([[first, cross], [cross, second]]) / _STEP**2
