"""Where a smooth function of two numbers is lowest, by damped Newton steps and differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_MOST_STEPS, _LONGEST, _STEP = 40, 1.5, 1e-3  # of Newton; the last is of differences
_FLAT = 1e-3  # Newton decrement (twice the loss still to gain) at which it ends


def lowest_point(
    losses: Callable[[Floats], Floats], at: Floats, least_curvature: float
) -> tuple[Floats, Floats, float]:
    """Return where a loss of two numbers is lowest, its Hessian by differences, and the loss;
    `losses` gives it at several points (n, 2) at once, (n,).

    Damped Newton steps; a direction that curves down is walked as if it curved up as much.
    """

    def loss(point: Floats) -> float:
        return float(losses(point[None])[0])

    here = loss(at)
    for _ in range(_MOST_STEPS):
        gradient, hessian = _slopes(losses, at, here)
        values, vectors = np.linalg.eigh(hessian)
        values = np.maximum(np.abs(values), least_curvature)
        step = -(vectors / values) @ (vectors.T @ gradient)
        if -float(gradient @ step) < _FLAT:
            break
        step *= min(1.0, _LONGEST / float(np.abs(step).max()))
        found = loss(at + step)
        while found > here and float(np.abs(step).max()) > _STEP:
            step /= 2
            found = loss(at + step)
        if found > here:
            break
        at, here = at + step, found
    return at, hessian, here


def _slopes(losses: Callable[[Floats], Floats], at: Floats, here: float) -> tuple[Floats, Floats]:
    """Return gradient (2,) and Hessian (2, 2) of a loss by central differences."""
    shifts = np.array([[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1]]) * _STEP
    f = losses(at + shifts)
    gradient = np.array([f[0] - f[1], f[2] - f[3]]) / (2 * _STEP)
    first, second = f[0] + f[1] - 2 * here, f[2] + f[3] - 2 * here
    cross = (f[4] + f[5] - 2 * here - first - second) / 2
    return gradient, np.array([[first, cross], [cross, second]]) / _STEP**2
