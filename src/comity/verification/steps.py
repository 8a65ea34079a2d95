"""Integrating over the walks' step sizes: an adaptive design in a scale where the prior is normal.

Each step size has an exponential prior; z = Phi^-1(F(step)) has a standard normal one, and the
likelihood is mild in z. A first design around z = 0 gives a quadratic surface, its mode and
curvature place a second, and the second's points carry the posterior: a central composite design
(Rue, Martino & Chopin 2009, section 6.5) for two walks or more, a line of nine points for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import erfc, sqrt

import numpy as np
from numpy.typing import NDArray

from comity.verification.laplace import TOLERANCE, Model, Modes, find_modes

Floats = NDArray[np.float64]

RADIUS = 1.1  # f0 of the design: its points stand at RADIUS * sqrt(W) posterior sds
LINE = np.linspace(-2.6, 2.6, 9)
REACH = 1.0  # how far, in prior sds, a round may move from the best point seen
LIMIT = 3.5  # how far, in prior sds, a design's centre may lie from the prior's
ROUGH = 0.3  # Newton decrement that is near enough for the first design
ROUNDS = 4  # designs tried at the most; most panels need one after the first
CLIMB_STEPS = 15  # looks around, where no design of the prior's width will do
CLIMB_RADIUS = 0.5  # how far, in prior sds, the first of them goes
SPREAD_MOST = 1.2  # the widest a posterior of a step is taken to be, in prior sds


def step_of(z: Floats, means: Floats) -> Floats:
    """Return step sizes for z, whose prior is standard normal where the step's is exponential."""
    tail = 0.5 * np.vectorize(erfc, otypes=[float])(np.asarray(z) / sqrt(2.0))
    return np.asarray(-means * np.log(tail))


def composite_design(walks: int) -> tuple[Floats, Floats]:
    """Return points (N, W) in units of posterior sd and their integration weights (N,).

    For one walk: nine points on a line with equal steps. Otherwise the centre, two points an axis
    and all corners, on a sphere; weights make the design exact for the variance of a normal.
    """
    if walks == 1:
        return LINE[:, None], np.full(len(LINE), LINE[1] - LINE[0]) / np.sqrt(2 * np.pi)
    axes = np.concatenate([np.eye(walks), -np.eye(walks)]) * np.sqrt(walks)
    corners = np.array(list(product((-1.0, 1.0), repeat=walks)))
    points = RADIUS * np.concatenate([axes, corners])
    outer = 1.0 / (len(points) * RADIUS**2 * np.exp(-0.5 * walks * RADIUS**2))
    centre = 1.0 - len(points) * outer * np.exp(-0.5 * walks * RADIUS**2)
    weights = np.concatenate([[centre], np.full(len(points), outer)])
    return np.concatenate([np.zeros((1, walks)), points]), weights


def scouting_points(points: Floats, walks: int) -> Floats:
    """Return the points of a first look: the design's, drawn in, with every other corner only
    where there are enough without (a quadratic in four walks has 15 terms; 17 points stay)."""
    if walks < 4:
        return points * 0.8 if walks > 1 else points
    corner = (points != 0).all(axis=1)
    return np.asarray(0.8 * points[~corner | (np.prod(points, axis=1) > 0)])


def _quadratic_features(z: Floats) -> Floats:
    """Return the columns 1, z, z_a z_b (a <= b) of a full quadratic, (N, 1 + W + W (W + 1) / 2)."""
    a, b = np.triu_indices(z.shape[1])
    return np.concatenate([np.ones((len(z), 1)), z, z[:, a] * z[:, b]], axis=1)


def fit_quadratic(z: Floats, value: Floats) -> tuple[Floats, Floats]:
    """Return the mode (W,) and curvature (W, W) of a quadratic through log densities at z.

    Points far below the best count less. Curvatures below half the prior's are raised to it, and
    the mode is kept within REACH of the best point: the surface is a guide for placing the next
    points, not the posterior.
    """
    walks = z.shape[1]
    near = np.exp(0.25 * np.maximum(value - value.max(), -12.0))[:, None]
    features = _quadratic_features(z) * near
    coefficients, *_ = np.linalg.lstsq(features, value * near[:, 0], rcond=None)
    gradient = coefficients[1 : 1 + walks]
    curvature = np.zeros((walks, walks))
    curvature[np.triu_indices(walks)] = -coefficients[1 + walks :]
    curvature = curvature + curvature.T
    values, vectors = np.linalg.eigh(curvature)
    curvature = (vectors * np.clip(values, 0.5, 100.0)) @ vectors.T
    best = z[int(np.argmax(value))]
    mode = best + np.clip(np.linalg.solve(curvature, gradient) - best, -REACH, REACH)
    return np.clip(mode, -LIMIT, LIMIT), curvature


@dataclass(frozen=True, slots=True)
class Mixture:
    """The posterior as a weighted set of Laplace approximations: weights (M,) sum to one; z (M, W);
    `log_evidence` is the log marginal likelihood up to a constant shared by fits of one panel."""

    model: Model
    modes: Modes
    weights: Floats
    z: Floats
    log_evidence: float


def _at(
    model: Model, z: Floats, means: Floats, X: Floats, b: Floats, tolerance: float = TOLERANCE
) -> tuple[Modes, Floats]:
    """Return modes at z (M, W) and their log posterior of z."""
    modes = find_modes(model, X, b, step_of(z, means) ** -2.0, tolerance)
    return modes, modes.log_marginal - 0.5 * (z**2).sum(axis=1)


def _warm(first: Modes, z: Floats, target: Floats) -> tuple[Floats, Floats]:
    """Return starting states at `target` by a linear surface through the modes already found."""
    features = np.concatenate([np.ones((len(z), 1)), z], axis=1)
    wanted = np.concatenate([np.ones((len(target), 1)), target], axis=1)
    blend = wanted @ np.linalg.pinv(features)
    X = np.tensordot(blend, first.X, axes=1)
    return X, blend @ first.b


def starting_state(model: Model) -> tuple[Floats, Floats]:
    """Return flat walks (1, T, W) and borders at each group's average rate (1, G + Q)."""
    counts = model.counts
    groups, T = counts.shape
    total = counts.spread().sum(axis=1) + 0.5
    b = np.zeros((1, groups + model.S.shape[1]))
    b[0, :groups] = np.log(total / np.maximum(counts.exposure.sum(axis=1), 1e-9))
    return np.zeros((1, T, model.walks)), b


@dataclass(slots=True)
class _Climb:
    """The best point found on the surface of step sizes, and where to start from beside it."""

    z: Floats
    value: float
    X: Floats
    b: Floats

    def look(self, model: Model, means: Floats, z: Floats) -> Floats:
        """Return the surface at points (N, W), and keep the best of them if it is better."""
        X, b = np.repeat(self.X, len(z), axis=0), np.repeat(self.b, len(z), axis=0)
        modes, value = _at(model, z, means, X, b)
        best = int(np.argmax(value))
        if value[best] > self.value:
            self.z, self.value = z[best], float(value[best])
            self.X, self.b = modes.X[[best]], modes.b[[best]]
        return value


def _climbed(model: Model, means: Floats, climb: _Climb) -> tuple[Floats, Floats]:
    """Return the surface's mode (W,) and its spread along each axis (W,), by steps that only look
    nearby: for panels so rich that no quadratic holds over the width of the prior."""
    walks = len(means)
    star = np.concatenate([np.eye(walks), -np.eye(walks)])
    radius, spread = np.full(walks, CLIMB_RADIUS), np.full(walks, CLIMB_RADIUS)
    for _ in range(CLIMB_STEPS):
        before, centre = climb.value, climb.z.copy()
        value = climb.look(model, means, np.clip(centre + star * radius, -LIMIT, LIMIT))
        up, down = value[:walks], value[walks:]
        slope, bend = (up - down) / (2 * radius), (2 * before - up - down) / radius**2
        peaked = bend > 1 / SPREAD_MOST**2
        step = np.where(peaked, slope / np.where(peaked, bend, 1.0), np.sign(slope) * radius)
        step = np.clip(step, -2 * radius, 2 * radius)
        halves = np.clip(centre + step * np.array([[1.0], [0.5]]), -LIMIT, LIMIT)
        climb.look(model, means, halves)
        spread = np.where(peaked, 1 / np.sqrt(np.maximum(bend, 1e-9)), SPREAD_MOST)
        if climb.value < before + 0.05 and (radius <= 1.5 * spread).all():
            break
        radius = np.clip(np.minimum(radius, 1.2 * spread), 0.02, CLIMB_RADIUS)
    return climb.z, np.clip(spread, 0.02, SPREAD_MOST)


def _near_mode(model: Model, means: Floats, modes: Modes, z: Floats, value: Floats) -> Mixture:
    """Return the posterior over step sizes by a design placed after a climb to the mode."""
    best = int(np.argmax(value))
    climb = _Climb(z[best], float(value[best]), modes.X[[best]], modes.b[[best]])
    mode, spread = _climbed(model, means, climb)
    points, weights = composite_design(len(means))
    scale = np.diag(spread)
    for _ in range(2):  # along the axes first, then along the surface's own directions
        target = mode + points @ scale.T
        X, b = np.repeat(climb.X, len(target), 0), np.repeat(climb.b, len(target), 0)
        modes, value = _at(model, target, means, X, b)
        mixture = _mixture(model, modes, value, weights, target, scale)
        inward = np.asarray(np.linalg.solve(scale, (target - mode).T).T, dtype=np.float64)
        moved, curvature = fit_quadratic(inward, value)
        mode = mode + scale @ np.clip(moved, -1.0, 1.0)
        scale = scale @ np.linalg.inv(np.linalg.cholesky(curvature)).T
    return mixture


def _mixture(
    model: Model, modes: Modes, value: Floats, weights: Floats, z: Floats, scale: Floats
) -> Mixture:
    """Return points with their posterior weights as one mixture."""
    log_weight = value + np.log(weights)
    top = log_weight.max()
    share = np.exp(log_weight - top)
    evidence = float(top + np.log(share.sum()) + np.log(np.abs(np.linalg.det(scale))))
    return Mixture(model, modes, share / share.sum(), z, evidence)


def integrate_steps(model: Model, means: Floats) -> Mixture:
    """Return the posterior over step sizes with exponential priors of the given means (W,)."""
    walks = len(means)
    X, b = starting_state(model)
    points, weights = composite_design(walks)
    centre, _ = _at(model, np.zeros((1, walks)), means, X, b, ROUGH)
    z = scouting_points(points, walks)
    X, b = np.repeat(centre.X, len(z), axis=0), np.repeat(centre.b, len(z), axis=0)
    modes, value = _at(model, z, means, X, b, ROUGH)
    mode = np.zeros(walks)
    for _ in range(ROUNDS):
        best = int(np.argmax(value))
        moved, curvature = fit_quadratic(z, value)
        scale = np.linalg.inv(np.linalg.cholesky(curvature)).T
        target = moved + points @ scale.T
        X, b = _warm(modes, z, target)
        if not np.isfinite(X).all():
            X, b = np.repeat(modes.X[[best]], len(z), 0), np.repeat(modes.b[[best]], len(z), 0)
        z = target
        modes, value = _at(model, z, means, X, b)
        shift, mode = np.linalg.solve(scale, moved - mode), moved
        share = np.exp(value - value.max()) * weights
        if share.max() < 0.5 * share.sum() and np.abs(shift).max() < 2.0:
            break
    else:
        if walks > 1:
            return _near_mode(model, means, modes, z, value)
    return _mixture(model, modes, value, weights, z, scale)
