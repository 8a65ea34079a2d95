"""Log-linear models of captures: each list's reach, and which pairs of lists hold the same ones.

Counts of the observed patterns are Poisson with log mean mu + sum_i a_i + sum_ij b_ij over a
model's pairs; exp(mu) is how many no list holds. Where a pair of the model has no incident in
common b_ij is minus infinity and the patterns with both fall out (Chan, Silverman and Vincent 2019,
"Multiple systems estimation for sparse capture data", arXiv:1902.05156); whether a finite estimate
exists is a linear program (Fienberg and Rinaldo 2012, Annals of Statistics 40). Intervals are of
log exp(mu), by its standard error, as SparseMSE has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.stats import norm, poisson

from comity.errors import ModelError
from comity.verification.unseen.captures import Captures

Floats = NDArray[np.float64]
Pair = tuple[int, int]
STEP_AT = 0.02  # a pair is added where its overlap is so unlikely without it
ROUNDS, CLOSE = 100, 1e-10


@dataclass(frozen=True, slots=True)
class LogLinear:
    """One fitted model: its pairs of lists, the unseen (`hidden`) and its standard error in logs,
    AIC, and the fitted mean of every observed pattern (in the order of `Captures.cells`)."""

    pairs: tuple[Pair, ...]
    seen: float
    hidden: float
    log_se: float
    aic: float
    fitted: Floats

    def total(self, level: float) -> tuple[float, float, float]:
        """Return (point, low, high) of all publicly reported, central at `level`."""
        z = float(norm.ppf(0.5 + level / 2.0)) * self.log_se
        return tuple(self.seen + self.hidden * float(np.exp(s)) for s in (0.0, -z, z))  # type: ignore[return-value]


def design(captures: Captures, pairs: Sequence[Pair]) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the model matrix (C, 1 + L + pairs with overlap) and which patterns stay (C,)."""
    patterns, _ = captures.cells()
    keep = np.ones(len(patterns), dtype=bool)
    columns = [np.ones(len(patterns)), *patterns.T.astype(float)]
    for i, j in pairs:
        both = patterns[:, i] * patterns[:, j]
        if captures.held(i, j) == 0:
            keep &= both == 0
        else:
            columns.append(both.astype(float))
    return np.stack(columns, axis=1), keep


def exists(captures: Captures, pairs: Sequence[Pair]) -> bool:
    """Say whether the model has one finite estimate on these counts."""
    matrix, keep = design(captures, pairs)
    _, counts = captures.cells()
    matrix, counts = matrix[keep], counts[keep]
    cells, size = matrix.shape
    if np.linalg.matrix_rank(matrix) < size:
        return False
    # largest s with a table x >= s of the same margins: above 0 where the estimate is finite
    found = linprog(
        np.append(np.zeros(cells), -1.0),
        A_ub=np.hstack([-np.eye(cells), np.ones((cells, 1))]), b_ub=np.zeros(cells),
        A_eq=np.hstack([matrix.T, np.zeros((size, 1))]), b_eq=matrix.T @ counts,
        bounds=[(0, None)] * cells + [(0, None)],
    )  # fmt: skip
    return bool(found.success and -found.fun > 1e-9)


def fit_loglinear(captures: Captures, pairs: Sequence[Pair] = ()) -> LogLinear:
    """Fit one model. Raises ModelError where it has no finite estimate on these counts."""
    if not exists(captures, pairs):
        named = ", ".join(f"{captures.lists[i]} and {captures.lists[j]}" for i, j in pairs)
        raise ModelError(
            f"The overlap of {', '.join(captures.lists)} is too thin for a model with "
            f"{named or 'independent lists'}: it has no finite estimate."
        )
    matrix, keep = design(captures, pairs)
    _, counts = captures.cells()
    beta, information = _newton(matrix[keep], counts[keep])
    mean = np.where(keep, np.exp(matrix @ beta), 0.0)
    log_se = float(np.sqrt(np.linalg.inv(information)[0, 0]))
    loglik = float(poisson.logpmf(np.round(counts[keep]), mean[keep]).sum())
    size = matrix.shape[1] + sum(captures.held(i, j) == 0 for i, j in pairs)
    return LogLinear(
        tuple(pairs), captures.seen, float(np.exp(beta[0])), log_se, 2.0 * size - 2.0 * loglik, mean
    )


def _newton(matrix: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Return coefficients and information of a Poisson regression."""
    mean: Floats = counts + 0.5
    beta: Floats = np.zeros(matrix.shape[1])
    for _ in range(ROUNDS):
        eta = np.log(mean)
        working = eta + (counts - mean) / mean
        information = matrix.T @ (matrix * mean[:, None])
        new = np.linalg.solve(information, matrix.T @ (mean * working))
        done = np.max(np.abs(new - beta)) < CLOSE
        beta = np.asarray(new, dtype=np.float64)
        mean = np.asarray(np.exp(np.clip(matrix @ new, -30.0, 30.0)), dtype=np.float64)
        if done:
            break
    return beta, matrix.T @ (matrix * mean[:, None])


def stepwise(
    captures: Captures, threshold: float = STEP_AT, always: Sequence[Pair] = ()
) -> LogLinear:
    """Return the model to which no pair can be added any more: at each step the pair whose overlap
    is the least likely under the model so far (Poisson, one-sided), if less likely than
    `threshold`. Pairs of `always` are in it from the start."""
    chosen: list[Pair] = list(always)
    model = fit_loglinear(captures, chosen)
    patterns, _ = captures.cells()
    while True:
        best: tuple[float, Pair] | None = None
        for i, j in captures.pairs():
            if (i, j) in chosen:
                continue
            expected = float((model.fitted * patterns[:, i] * patterns[:, j]).sum())
            met = captures.held(i, j)
            p = min(poisson.cdf(met, expected), poisson.sf(met - 1, expected))
            if (
                p < threshold
                and (best is None or p < best[0])
                and exists(captures, [*chosen, (i, j)])
            ):
                best = (float(p), (i, j))
        if best is None:
            return model
        chosen.append(best[1])
        model = fit_loglinear(captures, chosen)


def every_model(captures: Captures, most: int = 2) -> tuple[LogLinear, ...]:
    """Return every model with up to `most` pairs that has a finite estimate, the best by AIC
    first."""
    from itertools import combinations

    found = []
    for size in range(most + 1):
        for pairs in combinations(captures.pairs(), size):
            if exists(captures, pairs):
                found.append(fit_loglinear(captures, pairs))
    return tuple(sorted(found, key=lambda m: m.aic))
