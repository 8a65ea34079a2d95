"""Posterior modes of the panel model for many step sizes at once, with banded algebra.

Given step sizes, the unknowns are walks X[t, w] and borders b = (alpha_g, delta_q). The log
posterior, up to a constant, is

    sum_gt y log mu + sum_k n_k log sum_l weight_kl mu_kl - sum_gt exposure exp(eta)
      - 1/2 sum_w sum_t (X[t+1, w] - X[t, w])^2 / step_w^2 - 1/2 sum_b ((b - m_b) / sd_b)^2

with eta[g, t] = alpha_g + sum_w Z[g, w] X[t, w] + x[t] sum_q S[g, q] delta_q. Walks are interleaved
by period, so their precision K is banded (bandwidth: walks times the widest coarse date); borders
are eliminated by a Schur complement. The log of a sum is not concave: where the full precision is
not positive definite the step uses the complete-data precision, which always is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.errors import ModelError
from comity.verification.counts import Counts
from comity.verification.lapack import dpbtrf, dpbtrs, dpotrf, dpotrs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MAX_STEPS = 60
HIGHEST = 30.0  # of a log rate, so that no exponential overflows
TOLERANCE = 0.05  # Newton decrement at which the step then taken is the last


@dataclass(frozen=True, slots=True)
class Model:
    """Everything fixed during a fit. Z (G, W), S (G, Q), x (T,), prior mean and sd of the borders
    (G + Q,); `anchor` is the period in which every walk is zero."""

    counts: Counts
    Z: Floats
    S: Floats
    x: Floats
    border_mean: Floats
    border_sd: Floats
    anchor: int
    scatter: Scatter

    @property
    def walks(self) -> int:
        """Number of walks W."""
        return int(self.Z.shape[1])


@dataclass(frozen=True, slots=True)
class Scatter:
    """Where the pieces of each coarse pattern land, sorted once so that sums are `reduceat`s.

    `cells` (K, L) flat index g * T + t; `pairs` index two pieces of one pattern, `offset` apart in
    time, landing at (kind, offset, t), where groups with equal walks share a kind.
    """

    cells: Ints
    log_weight: Floats
    order: Ints
    target: Ints
    bounds: Ints
    pair_i: Ints
    pair_j: Ints
    pair_target: Ints
    pair_bounds: Ints
    kinds: Ints  # (G,) kind of each group
    kind_loads: Floats  # (kinds, W)
    width: int


def _sorted_sums(target: Ints) -> tuple[Ints, Ints, Ints]:
    """Return (order, distinct targets, bounds) for summing values by target with reduceat."""
    order = np.argsort(target, kind="stable")
    distinct, bounds = np.unique(target[order], return_index=True)
    return order, distinct, bounds.astype(np.int64)


def build_scatter(counts: Counts, Z: Floats) -> Scatter:
    """Return the landing places of every coarse pattern's pieces."""
    _, periods = counts.shape
    K, L = counts.weight.shape if len(counts.n) else (0, 1)
    kind_loads, kinds = np.unique(Z, axis=0, return_inverse=True)
    kinds = kinds.reshape(-1).astype(np.int64)
    columns = np.minimum(counts.first[:, None] + np.arange(L), periods - 1)
    cells = counts.group[:, None] * periods + columns
    with np.errstate(divide="ignore"):
        log_weight = np.log(counts.weight) if K else np.zeros((0, L))
    order, target, bounds = _sorted_sums(cells.ravel())
    lower, upper = np.triu_indices(L)
    rows = np.arange(K)[:, None] * L
    pair_i, pair_j = (rows + lower).ravel(), (rows + upper).ravel()
    offset = np.tile(upper - lower, K)
    pieces = kinds[counts.group][:, None].repeat(len(lower), axis=1).ravel()
    landing = (pieces * L + offset) * periods + columns[:, lower].ravel()
    alive = (counts.weight.ravel()[pair_i] > 0) & (counts.weight.ravel()[pair_j] > 0)
    pair_i, pair_j, landing = pair_i[alive], pair_j[alive], landing[alive]
    pair_order, pair_target, pair_bounds = _sorted_sums(landing)
    return Scatter(
        cells, log_weight, order, target, bounds,
        pair_i[pair_order], pair_j[pair_order], pair_target, pair_bounds,
        kinds, kind_loads, L,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """The model evaluated at M states: log posterior (M,) and, where asked, first derivatives.

    eta, mu, resp: (M, G, T); piece: (M, K, L) probability of each piece of each pattern.
    """

    value: Floats
    mu: Floats
    resp: Floats
    piece: Floats


def predictor(model: Model, X: Floats, b: Floats) -> Floats:
    """Return eta (M, G, T) from walks (M, T, W) and borders (M, G + Q)."""
    groups = model.counts.shape[0]
    eta: Floats = np.matmul(model.Z, X.transpose(0, 2, 1))
    eta += b[:, :groups, None]
    after = np.flatnonzero(model.x)
    if len(after):  # before the step there is nothing to add
        step, path = (b[:, groups:] @ model.S.T)[:, :, None], model.x[after[0] :]
        eta[:, :, after[0] :] += step if path.min() == 1.0 else step * path
    return eta


def bounded(eta: Floats) -> Floats:
    """Return log rates, in place, none above HIGHEST: to look for one costs a seventh of a pass."""
    return eta if eta.max() <= HIGHEST else np.minimum(eta, HIGHEST, out=eta)


def evaluate(model: Model, X: Floats, b: Floats, tau: Floats, derivatives: bool = True) -> Point:
    """Return log posterior at M states given walk precisions tau (M, W); constants in the data and
    the normalising terms of the walks' priors are left out (see `walk_constant`)."""
    counts, scatter = model.counts, model.scatter
    M, (groups, periods) = X.shape[0], counts.shape
    eta = bounded(predictor(model, X, b))
    flat = eta.reshape(M, -1)
    value = flat @ counts.y.ravel()
    logs = flat[:, scatter.cells] + scatter.log_weight if len(counts.n) else None
    mu = np.exp(eta, out=eta)
    mu *= counts.exposure
    value -= flat.sum(axis=1)
    shape = (M, *scatter.cells.shape) if derivatives else (0, 0, 0)
    resp, piece = np.zeros((M, groups * periods) if derivatives else (0, 0)), np.zeros(shape)
    if logs is not None:
        top = logs.max(axis=2, keepdims=True)
        piece = np.exp(logs - top)
        total = piece.sum(axis=2, keepdims=True)
        value = value + (np.log(total[:, :, 0]) + top[:, :, 0]) @ counts.n
        if derivatives:
            piece /= total
            each = (piece * counts.n[:, None]).reshape(M, -1)[:, scatter.order]
            resp[:, scatter.target] = np.add.reduceat(each, scatter.bounds, axis=1)
    moves = X[:, 1:] - X[:, :-1]
    value = value - 0.5 * (tau * np.einsum("mtw,mtw->mw", moves, moves)).sum(axis=1)
    value = value - 0.5 * (((b - model.border_mean) / model.border_sd) ** 2).sum(axis=1)
    return Point(value, mu, resp.reshape(M, groups, periods) if derivatives else resp, piece)


def walk_constant(tau: Floats, periods: int) -> Floats:
    """Return the normalising terms of the walks' priors that depend on the step sizes, (M,)."""
    return np.asarray(0.5 * (periods - 1) * np.log(tau).sum(axis=1))


@dataclass(frozen=True, slots=True)
class System:
    """One Newton system: gradient and precision in banded-plus-border form, for M states.

    band (M, n, kd + 1) lower band by column; C (M, p, n); D (M, p, p); gx (M, n); gb (M, p).
    """

    band: Floats
    C: Floats
    D: Floats
    gx: Floats
    gb: Floats


def _fill_band(model: Model, weight: Floats, cross: Floats | None, tau: Floats) -> Floats:
    """Return the banded precision of the walks; weight (M, kinds, T), cross (M, kinds, L, T)."""
    loads = model.scatter.kind_loads
    W, T, M = loads.shape[1], weight.shape[2], weight.shape[0]
    width = 1 if cross is None else cross.shape[2]
    kd = W * max(width, 2) - 1 if width > 1 else W
    band = np.zeros((M, T, W, kd + 1))
    pairs = (loads[:, :, None] * loads[:, None, :]).reshape(len(loads), W * W)
    outer = np.empty((M, T, W, width, W))
    for d in range(width):
        source = weight if d == 0 else np.zeros_like(weight)
        if cross is not None:
            source = source + cross[:, :, d]
        outer[:, :, :, d] = (source.transpose(0, 2, 1) @ pairs).reshape(M, T, W, W)
    for a in range(W):  # walk a with itself and those after it, now and in later periods
        band[:, :, a, : width * W - a] = outer.reshape(M, T, W, width * W)[:, :, a, a:]
    band[:, :, :, 0] += tau[:, None, :]
    band[:, 1:-1, :, 0] += tau[:, None, :]
    band[:, :-1, :, W] -= tau[:, None, :]
    band = band.reshape(M, T * W, kd + 1)
    for w in range(W):  # the anchored period: a known zero
        column = model.anchor * W + w
        band[:, column, 1:] = 0.0
        band[:, column, 0] = 1.0
        for back in range(1, min(kd, column) + 1):
            band[:, column - back, back] = 0.0
    return band


def gradient(model: Model, X: Floats, b: Floats, tau: Floats, at: Point) -> tuple[Floats, Floats]:
    """Return the log posterior's slope at M states: by walks (M, T, W) and by borders (M, p)."""
    slope = model.counts.y + at.resp - at.mu
    gx = np.matmul(slope.transpose(0, 2, 1), model.Z)
    rough = np.diff(X, axis=1) * tau[:, None, :]
    gx[:, 1:] -= rough
    gx[:, :-1] += rough
    gx[:, model.anchor] = 0.0
    gb = np.concatenate([slope.sum(axis=2), (slope @ model.x) @ model.S], axis=1)
    gb -= (b - model.border_mean) / model.border_sd**2
    return gx, gb


def assemble(model: Model, X: Floats, b: Floats, tau: Floats, at: Point, full: bool) -> System:
    """Return gradient and precision at M states; `full` False gives the complete-data precision."""
    counts, scatter = model.counts, model.scatter
    M, (groups, T) = X.shape[0], counts.shape
    W, Q = model.walks, model.S.shape[1]
    kinds = len(scatter.kind_loads)
    gx, gb = gradient(model, X, b, tau, at)
    curved = full and len(counts.n) > 0
    local = at.mu - at.resp if curved else at.mu
    weight = np.zeros((M, kinds, T))
    for g in range(groups):
        weight[:, scatter.kinds[g]] += local[:, g]
    along = local * model.x
    cross: Floats | None = None
    if curved:
        flat = at.piece.reshape(M, -1)
        n = np.repeat(counts.n, scatter.width)[scatter.pair_i]
        products = flat[:, scatter.pair_i] * flat[:, scatter.pair_j] * n
        flat_cross = np.zeros((M, kinds * scatter.width * T))
        flat_cross[:, scatter.pair_target] = np.add.reduceat(products, scatter.pair_bounds, axis=1)
        cross = flat_cross.reshape(M, kinds, scatter.width, T)
        q = (at.piece * np.tile(model.x, groups)[scatter.cells]).sum(axis=2)
        pieces = (at.piece * (counts.n * q)[:, :, None]).reshape(M, -1)[:, scatter.order]
        extra = np.zeros((M, groups * T))
        extra[:, scatter.target] = np.add.reduceat(pieces, scatter.bounds, axis=1)
        along = along + extra.reshape(M, groups, T)
    band = _fill_band(model, weight, cross, tau)
    C = np.empty((M, groups + Q, T, W))
    C[:, :groups] = at.mu[:, :, :, None] * model.Z[:, None, :]
    both = (model.S[:, :, None] * model.Z[:, None, :]).reshape(groups, Q * W)
    C[:, groups:] = (along.transpose(0, 2, 1) @ both).reshape(M, T, Q, W).transpose(0, 2, 1, 3)
    C[:, :, model.anchor] = 0.0
    D = np.zeros((M, groups + Q, groups + Q))
    D[:, range(groups), range(groups)] = at.mu.sum(axis=2)
    mixed = (at.mu @ model.x)[:, :, None] * model.S
    D[:, :groups, groups:] = mixed
    D[:, groups:, :groups] = mixed.transpose(0, 2, 1)
    D[:, groups:, groups:] = model.S.T @ ((along @ model.x)[:, :, None] * model.S)
    diagonal = np.arange(groups + Q)
    D[:, diagonal, diagonal] += model.border_sd**-2.0
    return System(band, C.reshape(M, groups + Q, T * W), D, gx.reshape(M, T * W), gb)


@dataclass(frozen=True, slots=True)
class Factor:
    """The precision at one state, factored: banded Cholesky of the walks, K^-1 C, Schur part."""

    band: Floats  # (kd + 1, n) from dpbtrf, lower
    V: Floats  # (n, p)
    schur: Floats  # (p, p) lower Cholesky
    logdet: float


def _factor_one(band: Floats, C: Floats, D: Floats) -> Factor | None:
    """Factor one precision, or return None where it is not positive definite."""
    chol, info = dpbtrf(band.T, lower=1)
    if info != 0:
        return None
    V, info = dpbtrs(chol, C.T, lower=1)
    if info != 0:
        return None
    schur, info = dpotrf(D - C @ V, lower=1, clean=1)
    if info != 0:
        return None
    logdet = 2.0 * float(np.log(chol[0]).sum() + np.log(schur.diagonal()).sum())
    return Factor(chol, V, schur, logdet)


def solve(factor: Factor, gx: Floats, gb: Floats) -> tuple[Floats, Floats]:
    """Return (dx, db) with precision times (dx, db) equal to (gx, gb)."""
    v, _ = dpbtrs(factor.band, gx, lower=1)
    rhs = gb - factor.V.T @ gx
    db, _ = dpotrs(factor.schur, rhs, lower=1)
    return np.asarray(v - factor.V @ db), np.asarray(db, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Modes:
    """Posterior modes for M settings of the step sizes, with the Laplace log marginal of each."""

    tau: Floats  # (M, W)
    X: Floats  # (M, T, W)
    b: Floats  # (M, G + Q)
    value: Floats  # (M,)
    log_marginal: Floats  # (M,)
    factors: tuple[Factor, ...]
    converged: NDArray[np.bool_]


def _newton_direction(
    model: Model, X: Floats, b: Floats, tau: Floats, at: Point
) -> tuple[Floats, Floats, Floats, list[Factor], NDArray[np.bool_]]:
    """Return step, decrement, factors and which factors are of the full precision."""
    full = assemble(model, X, b, tau, at, full=True)
    safe: System | None = None
    M = X.shape[0]
    dX, db = np.empty_like(full.gx), np.empty_like(full.gb)
    decrement, factors, exact = np.empty(M), [], np.ones(M, dtype=bool)
    for m in range(M):
        factor = _factor_one(full.band[m], full.C[m], full.D[m])
        if factor is None:
            if safe is None:
                safe = assemble(model, X, b, tau, at, full=False)
            factor = _factor_one(safe.band[m], safe.C[m], safe.D[m])
            exact[m] = False
            if factor is None:
                raise ModelError("The panel's precision is not positive definite at any state.")
        dX[m], db[m] = solve(factor, full.gx[m], full.gb[m])
        decrement[m] = full.gx[m] @ dX[m] + full.gb[m] @ db[m]
        factors.append(factor)
    return dX.reshape(X.shape), db, decrement, factors, exact


def find_modes(
    model: Model, X: Floats, b: Floats, tau: Floats, tolerance: float = TOLERANCE
) -> Modes:
    """Climb from M starting states to M posterior modes by damped Newton steps.

    X (M, T, W), b (M, G + Q), tau (M, W) walk precisions (1 / step squared); a mode is found when
    the Newton decrement is below `tolerance`. Raises ModelError where no state has a positive
    definite precision.
    """
    X, b = X.copy(), b.copy()
    M = X.shape[0]
    factors: list[Factor | None] = [None] * M
    value, converged = np.full(M, -np.inf), np.zeros(M, dtype=bool)
    todo = np.arange(M)
    at = evaluate(model, X, b, tau)
    for _ in range(MAX_STEPS):
        dX, db, decrement, found, exact = _newton_direction(model, X[todo], b[todo], tau[todo], at)
        done = (decrement < tolerance) & exact
        for position, m in enumerate(todo):
            factors[m] = found[position]
        value[todo] = at.value + 0.5 * np.where(done, decrement, 0.0)
        scale = np.ones(len(todo))
        start = at.value
        for _halving in range(12):
            newX = X[todo] + scale[:, None, None] * dX
            newb = b[todo] + scale[:, None] * db
            at = evaluate(model, newX, newb, tau[todo])
            worse = ~(at.value >= start - 1e-9) & ~done
            if not worse.any():
                break
            scale[worse] *= 0.4
        X[todo], b[todo] = newX, newb
        converged[todo[done]] = True
        if done.all():
            break
        keep = ~done
        todo = todo[keep]
        at = Point(at.value[keep], at.mu[keep], at.resp[keep], at.piece[keep])
    ready = tuple(f for f in factors if f is not None)
    logdet = np.array([f.logdet for f in ready])
    log_marginal = value + walk_constant(tau, X.shape[1]) - 0.5 * logdet
    return Modes(tau, X, b, value, log_marginal, ready, converged)
