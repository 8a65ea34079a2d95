"""One fit as a piece of work for any process: what goes in, what comes out.

A task carries plain arrays and nothing else, so that a worker needs neither the tables nor the
libraries that read them, and gives the same answer wherever it runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from comity.errors import ModelError
from comity.verification.cells import DEFAULT_PRIOR, Prior
from comity.verification.counts import Counts
from comity.verification.fit import Fit, fit_panel
from comity.verification.words import MAX_PARETO_K, MAX_SD_RATIO, MIN_EFFECTIVE

TASK_DRAWS = 1000
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FitTask:
    """One analysis: counts (G, T), comparison, onset period and every choice of the fit."""

    counts: Counts
    comparison: str
    onset: int
    window: tuple[int, int]
    months: int = 3
    ramp: int = 0
    level: float = 0.90
    draws: int = TASK_DRAWS
    seed: int = 0
    prior: Prior = DEFAULT_PRIOR

    def content(self) -> str:
        """Return a hash of everything that decides the answer: equal where two tasks are one."""
        return hashlib.sha256(_bytes(replace(self, seed=0))).hexdigest()


DIGITS = 9  # significant ones that are kept: the last few differ with how memory is laid out


def _steady(values: Floats) -> Floats:
    """Return numbers to DIGITS significant digits."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 10.0 ** (DIGITS - 1 - np.floor(np.log10(np.abs(values))))
    scale = np.where(np.isfinite(scale), scale, 1.0)
    return np.asarray(np.round(values * scale) / scale)


def _bytes(value: Any) -> bytes:
    """Return a value's content as bytes, arrays and records by their parts."""
    if isinstance(value, np.ndarray):
        values = _steady(value) if value.dtype.kind == "f" else value
        return str((value.shape, value.dtype.str)).encode() + np.ascontiguousarray(values).tobytes()
    if is_dataclass(value) and not isinstance(value, type):
        return b"".join(_bytes(getattr(value, f.name)) for f in fields(value))
    if isinstance(value, Mapping):
        return b"".join(repr(k).encode() + _bytes(v) for k, v in sorted(value.items()))
    return repr(value).encode() + b";"


@dataclass(frozen=True, slots=True)
class Estimate:
    """One estimand of one fit: ratio (median, lower, upper), probability below 1, and posterior
    over prior standard deviation."""

    median: float
    lower: float
    upper: float
    fell: float
    sd_ratio: float


@dataclass(frozen=True, slots=True)
class FitSummary:
    """What a fit gives: its estimates by name; `problem` is empty where it may be used."""

    estimates: Mapping[str, Estimate]
    problem: str
    cells: tuple[str, ...] = ()  # the cells that were left to compare

    def reason(self, estimand: str) -> str:
        """Return why an estimand is not identified by the written rule, or an empty string."""
        if self.problem:
            return self.problem
        if estimand not in self.estimates:
            return "a cell it needs holds no incident"
        if self.estimates[estimand].sd_ratio > MAX_SD_RATIO:
            return "the evidence says too little: hardly narrower than what was assumed before"
        return ""


def healthy(fit: Fit) -> bool:
    """Say whether a fit's diagnostics passed."""
    draws = fit.draws
    good = draws.pareto_k <= MAX_PARETO_K and draws.effective >= MIN_EFFECTIVE
    return good and bool(fit.mixture.modes.converged.all())


def summarise(fit: Fit, level: float) -> FitSummary:
    """Return a fit's estimates."""
    found = {}
    for name in fit.estimands:
        median, lower, upper = fit.ratio(name, level)
        given = np.array([median, lower, upper, fit.fell(name), fit.sd_ratio(name)])
        found[name] = Estimate(*(float(value) for value in _steady(given)))
    problem = "" if healthy(fit) else "the fit's diagnostic failed"
    return FitSummary(found, problem, fit.layout.cells)


def run_fit(task: FitTask) -> FitSummary:
    """Fit one task; a fit that cannot be made says why instead of raising."""
    try:
        fit = fit_panel(
            task.counts, task.comparison, task.onset, window=range(*task.window),
            months=task.months, prior=task.prior, draws=task.draws, seed=task.seed, ramp=task.ramp,
        )  # fmt: skip
    except ModelError as error:
        return FitSummary({}, str(error))
    return summarise(fit, task.level)
