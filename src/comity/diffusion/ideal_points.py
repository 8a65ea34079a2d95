"""Where states stand by their votes: one axis, from ordered votes, with uncertainty.

An ordered-probit item response model. State i votes no, abstains or yes on resolution j as
z = slope_j * x_i + noise falls below cut_j1, between the cuts, or above cut_j2; noise and positions
are standard normal. An abstention is a vote between no and yes; an absence is no vote and says
nothing. Resolutions are fitted by their marginal likelihood, with positions summed out over a
grid, and normal priors; their uncertainty is Laplace's. A state's position is then exact on the
grid, averaged over draws of the resolutions. States that voted alike have one position, and are
computed once. (Bailey, Strezhnev and Voeten 2017 use the same likelihood with dynamics.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.errors import VotesError
from comity.special import log_ndtr, logsumexp, ndtr

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NO, ABSTAIN, YES, ABSENT = 0, 1, 2, -1
GRID = np.linspace(-4.5, 4.5, 127)
LOG_WEIGHT = -0.5 * GRID**2 - logsumexp(-0.5 * GRID**2)
SLOPE_SD, CUT_SD, GAP_MEAN, GAP_SD = 2.0, 3.0, -0.5, 1.0
DRAWS = 100
FEWEST_STATES, FEWEST_DIVIDED = 8, 2
STEPS, FLAT = 500, 1e-5


@dataclass(frozen=True, slots=True)
class Items:
    """Fitted resolutions: slopes and cuts (J), and draws (D, J) of both from their posterior."""

    slope: Floats
    lower: Floats
    upper: Floats
    slopes: Floats
    lowers: Floats
    uppers: Floats


@dataclass(frozen=True, slots=True)
class Positions:
    """Posterior of each state's position on the grid (I, G), and its mean and interval (I)."""

    mass: Floats
    mean: Floats
    lower: Floats
    upper: Floats

    def above(self, cuts: Floats) -> Floats:
        """Return each state's chance of standing above a point, given as draws of it (I)."""
        edges = GRID + (GRID[1] - GRID[0]) / 2
        below = [np.interp(cuts, edges, row).mean() for row in self.mass.cumsum(1)]
        return 1 - np.array(below)


def fit_items(votes: Ints, seed: int = 0, draws: int = DRAWS) -> Items:
    """Fit resolutions to votes (I states, J resolutions; NO, ABSTAIN, YES or ABSENT).

    The axis points the way of the first resolution that divides states most evenly: a yes on it
    stands to the right. Raises VotesError where there is too little to tell positions from.
    """
    _require_enough(votes)
    patterns, times = np.unique(votes, axis=0, return_counts=True)

    def objective(raw: Floats) -> tuple[float, Floats]:
        return _loss(raw, patterns, times)

    mode = _lowest(objective, _start(votes))
    covariance = _covariance(lambda raw: objective(raw)[1], mode)
    random = np.random.default_rng(seed)
    raw = random.multivariate_normal(mode, covariance, draws, method="eigh")
    sign = 1.0 if mode[_most_divided(votes)] >= 0 else -1.0
    slope, lower, upper = (a[0] for a in _unpack(mode[None]))
    slopes, lowers, uppers = _unpack(raw)
    return Items(sign * slope, lower, upper, sign * slopes, lowers, uppers)


def positions(items: Items, votes: Ints, level: float = 0.9) -> Positions:
    """Return where states stand, given fitted resolutions; a state without a vote has the prior."""
    patterns, back = np.unique(votes, axis=0, return_inverse=True)
    joint = _log_joint(patterns, items.slopes, items.lowers, items.uppers)
    mass = np.exp(joint - logsumexp(joint)).mean(0)[back.ravel()]
    mean = mass @ GRID
    cumulative = mass.cumsum(1)
    tail = (1 - level) / 2
    lower, upper = (
        np.array([np.interp(p, row, GRID + (GRID[1] - GRID[0]) / 2) for row in cumulative])
        for p in (tail, 1 - tail)
    )
    return Positions(mass, mean, lower, upper)


def dividing_point(items: Items, votes: Ints) -> Floats:
    """Return draws (D) of the point where a state is as likely to vote with one side as the other.

    It is the middle of the cuts of the resolutions that divide, weighed by how sharply they do.
    """
    divided = _divided(votes)
    middle = (items.lowers + items.uppers)[:, divided] / 2
    sharp = items.slopes[:, divided]
    flat = np.where(np.abs(sharp) < 0.2, np.nan, sharp)
    weight = np.where(np.isnan(flat), 0.0, np.abs(flat))
    points = np.nansum(middle / flat * weight, axis=1) / np.maximum(weight.sum(1), 1e-9)
    return np.asarray(np.clip(points, GRID[0], GRID[-1]))


def vote_chances(items: Items, place: Floats) -> Floats:
    """Return the chance of no, abstention and yes of states at some places (n, J, 3)."""
    z = place[:, None] * items.slope[None, :]
    below, under = ndtr(items.lower - z), ndtr(items.upper - z)
    return np.stack([below, under - below, 1 - under], axis=2)


def as_matrix(
    cast: Mapping[tuple[str, str], str], states: Sequence[str], resolutions: Sequence[str]
) -> Ints:
    """Return votes (I, J) from words by (resolution, state); what is not there is ABSENT."""
    words = {"no": NO, "abstain": ABSTAIN, "yes": YES}
    return np.array(
        [[words.get(cast.get((r, s), ""), ABSENT) for r in resolutions] for s in states],
        dtype=np.int64,
    ).reshape(len(states), len(resolutions))


def _unpack(raw: Floats) -> tuple[Floats, Floats, Floats]:
    """Return slopes and both cuts (D, J) of raw parameters (D, 3J)."""
    slope, lower, gap = np.split(raw, 3, axis=1)
    return slope, lower, lower + np.exp(np.clip(gap, -8.0, 4.0))


def _log_joint(votes: Ints, slope: Floats, lower: Floats, upper: Floats) -> Floats:
    """Return the log of weight times likelihood (D, I, G)."""
    z = slope[:, :, None] * GRID  # (D, J, G)
    low, high = lower[:, :, None] - z, upper[:, :, None] - z
    no, yes = log_ndtr(low), log_ndtr(-high)
    between = np.log(np.maximum(_between(low, high), 1e-300))
    table = np.stack([no, between, yes], axis=1)  # (D, 3, J, G)
    total = np.broadcast_to(LOG_WEIGHT, (len(slope), len(votes), len(GRID))).copy()
    for j in range(votes.shape[1]):
        cast = votes[:, j] != ABSENT
        total[:, cast] += table[:, votes[cast, j], j]
    return total


def _between(low: Floats, high: Floats) -> Floats:
    """Return the normal's mass between two points, on the side where it does not cancel."""
    flip = low > 0
    return np.asarray(np.where(flip, ndtr(-low) - ndtr(-high), ndtr(high) - ndtr(low)))


def _loss(raw: Floats, patterns: Ints, times: Ints) -> tuple[float, Floats]:
    """Return the negative log posterior of raw parameters (3J), and its gradient."""
    slope, lower, upper = _unpack(raw[None])
    joint = _log_joint(patterns, slope, lower, upper)[0]
    marginal = logsumexp(joint)[:, 0]
    weight = np.exp(joint - marginal[:, None]) * times[:, None]  # (P, G)
    no, between, yes = (np.equal(patterns.T, v).astype(float) @ weight for v in (NO, ABSTAIN, YES))
    z = slope[0, :, None] * GRID  # (J, G), as all that follows
    low, high = lower[0, :, None] - z, upper[0, :, None] - z
    mass = np.maximum(_between(low, high), 1e-300)
    at_low = no * _hazard(low) - between * _density(low) / mass
    at_high = between * _density(high) / mass - yes * _hazard(-high)
    of_lower, of_upper = at_low.sum(1), at_high.sum(1)
    of_slope = -((at_low + at_high) @ GRID)
    penalty, pull = _penalty(raw)
    gradient = np.concatenate([of_slope, of_lower + of_upper, of_upper * (upper - lower)[0]])
    return float(-(times @ marginal) + penalty), -gradient + pull


def _density(z: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi))


def _hazard(z: Floats) -> Floats:
    """Return the normal's density over its mass below (the derivative of its log)."""
    return np.asarray(np.exp(-0.5 * z**2 - 0.5 * np.log(2 * np.pi) - log_ndtr(z)))


def _penalty(raw: Floats) -> tuple[float, Floats]:
    """Return the negative log prior of raw parameters, and its gradient."""
    scale = np.repeat([SLOPE_SD, CUT_SD, GAP_SD], len(raw) // 3)
    centre = np.repeat([0.0, 0.0, GAP_MEAN], len(raw) // 3)
    pull = (raw - centre) / scale**2
    return float(0.5 * (pull @ (raw - centre))), pull


def _start(votes: Ints) -> Floats:
    """Return a start: slopes from the first principal component, cuts from how many said no."""
    cast = votes != ABSENT
    values = np.where(cast, votes, np.nan).astype(float)
    centred = np.nan_to_num(values - np.nanmean(values, axis=0))
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    slope = 1.5 * axes[0] / max(float(np.abs(axes[0]).max()), 1e-9)
    no = (np.where(cast, votes == NO, False).sum(0) + 0.5) / (cast.sum(0) + 1.5)
    cut = np.log(no / (1 - no)) / 1.7 * 1.3
    return np.concatenate([slope, cut, np.full(votes.shape[1], GAP_MEAN)])


def _lowest(objective: Callable[[Floats], tuple[float, Floats]], start: Floats) -> Floats:
    """Return where a smooth function is lowest, by BFGS with a step that is halved until it
    goes down far enough (Nocedal and Wright 2006, 6.1); scipy.optimize is slow to import."""
    at, (level, slope) = start, objective(start)
    curve = np.eye(len(start)) / max(float(np.linalg.norm(slope)), 1.0)
    for _ in range(STEPS):
        if np.abs(slope).max() < FLAT:
            break
        step = -curve @ slope
        if step @ slope >= 0:
            curve, step = np.eye(len(start)), -slope
        size = 1.0
        while size > 1e-10:
            there, (lower, steeper) = at + size * step, objective(at + size * step)
            if lower <= level + 1e-4 * size * (step @ slope):
                break
            size /= 2
        else:
            break
        moved, turned = there - at, steeper - slope
        at, level, slope = there, lower, steeper
        if (bend := float(moved @ turned)) > 1e-12:
            left = np.eye(len(at)) - np.outer(moved, turned) / bend
            curve = left @ curve @ left.T + np.outer(moved, moved) / bend
    return at


def _covariance(gradient: Callable[[Floats], Floats], mode: Floats) -> Floats:
    """Return the inverse of the second derivatives at a mode, kept positive."""
    step = 1e-4
    shifts = np.eye(len(mode)) * step
    hessian = np.array([gradient(mode + s) - gradient(mode - s) for s in shifts]) / (2 * step)
    values, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
    return np.asarray((vectors / np.maximum(values, 0.05)) @ vectors.T, dtype=float)


def _divided(votes: Ints) -> NDArray[np.bool_]:
    """Say which resolutions divide: at least a twentieth of the votes on each of two sides."""
    cast = np.maximum((votes != ABSENT).sum(0), 1)
    largest = np.max([(votes == v).sum(0) for v in (NO, ABSTAIN, YES)], axis=0)
    return np.asarray(largest / cast < 0.95)


def _most_divided(votes: Ints) -> int:
    yes, no = (votes == YES).sum(0), (votes == NO).sum(0)
    return int(np.argmax(np.minimum(yes, no)))


def _require_enough(votes: Ints) -> None:
    if votes.ndim != 2 or not np.isin(votes, (NO, ABSTAIN, YES, ABSENT)).all():
        raise VotesError(
            "Votes must be a table of states by resolutions: no, abstain, yes, absent."
        )
    divided = int(_divided(votes).sum()) if votes.size else 0
    if votes.shape[0] < FEWEST_STATES or divided < FEWEST_DIVIDED:
        raise VotesError(
            f"{votes.shape[0]} states and {divided} resolutions that divide them are too few to "
            f"place anybody: {FEWEST_STATES} and {FEWEST_DIVIDED} are the least."
        )
