"""One analysis: a panel, a comparison, an onset; the posterior of every estimand.

Estimands are log rate ratios, one number a draw:

    jump, redirection   delta
    level               delta + delta_i where cell B is there, delta where only A or A and C are
    displacement        delta_i
    net-k               delta + mean of u over the k years from the onset - mean over the k before
                        (fewer where the window is shorter)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.errors import ModelError
from comity.verification.cells import DEFAULT_PRIOR, LAYOUTS, Layout, Prior, without
from comity.verification.counts import Counts
from comity.verification.laplace import Model, build_scatter
from comity.verification.posterior import Draws, draw, rates
from comity.verification.steps import Mixture, integrate_steps

Floats = NDArray[np.float64]

DEFAULT_DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted panel: `estimands` maps each name to one log rate ratio a draw, (S,)."""

    layout: Layout
    mixture: Mixture
    draws: Draws
    onset: int
    estimands: Mapping[str, Floats]
    prior_sd: Mapping[str, float]

    def ratio(self, estimand: str, level: float) -> tuple[float, float, float]:
        """Return (median, lower, upper) of a rate ratio, central at `level`."""
        values, tail = self.estimands[estimand], (1.0 - level) / 2.0
        points = self.draws.quantiles(values, (0.5, tail, 1.0 - tail))
        return tuple(float(np.exp(p)) for p in points)  # type: ignore[return-value]

    def fell(self, estimand: str) -> float:
        """Return the probability that the ratio is below 1."""
        return self.draws.probability(self.estimands[estimand] < 0.0)

    def sd_ratio(self, estimand: str) -> float:
        """Return posterior over prior standard deviation: near 1 the data said nothing."""
        return self.draws.sd(self.estimands[estimand]) / self.prior_sd[estimand]

    def rates(self) -> Floats:
        """Return each draw's rate per period by group, (S, G, T)."""
        found = np.empty((len(self.draws.X), *self.mixture.model.counts.shape))
        for block, rate in self.rates_by_block():
            found[block] = rate
        return found

    def rates_by_block(self) -> Iterator[tuple[slice, Floats]]:
        """Yield the same for some draws after others, with which they are."""
        yield from rates(self.mixture, self.draws)


def step_means(layout: Layout, prior: Prior, months: int) -> Floats:
    """Return prior means of the layout's walk steps for periods of 3 or 6 months, (W,)."""
    means = [prior.step_means[w] for w in layout.walks]
    return np.asarray(np.array(means) * np.sqrt(months / 3.0))


def build_model(counts: Counts, layout: Layout, prior: Prior, x: Floats, anchor: int) -> Model:
    """Return the model of a layout on counts of its cells; x (T,) is the step's path."""
    Z = np.array([layout.walk_loads[c] for c in counts.cells], dtype=float)
    S = np.array([layout.step_loads[c] for c in counts.cells], dtype=float)
    groups, _ = counts.shape
    if prior.alpha_mean is None:
        total = counts.spread().sum(axis=1) + 0.5
        alpha = np.log(total / np.maximum(counts.exposure.sum(axis=1), 1e-9))
    else:
        alpha = np.array(prior.alpha_mean, dtype=float)
    steps = len(layout.steps)
    return Model(
        counts, Z, S, x,
        np.concatenate([alpha, np.zeros(steps)]),
        np.concatenate([np.full(groups, prior.alpha_sd), np.full(steps, prior.delta_sd)]),
        anchor, build_scatter(counts, Z),
    )  # fmt: skip


def step_path(periods: int, onset: int, ramp: int = 0) -> Floats:
    """Return x (T,): 0 before `onset`, 1 from it, or rising over `ramp` periods from it."""
    t = np.arange(periods, dtype=float)
    if ramp <= 0:
        return np.asarray((t >= onset).astype(float))
    return np.clip((t - onset + 1) / ramp, 0.0, 1.0)


def net_change(walk: Floats, onset: int, span: int, periods: range) -> Floats:
    """Return a walk's (S, T) mean over `span` periods from onset less that over those before."""
    after = walk[:, onset : min(onset + span, periods.stop)]
    before = walk[:, max(onset - span, periods.start) : onset]
    return np.asarray(after.mean(axis=1) - before.mean(axis=1))


def log_ratios(
    layout: Layout, X: Floats, b: Floats, onset: int, window: range, per_year: int
) -> dict[str, Floats]:
    """Return every estimand's log rate ratio from walks X (S, T, W) and borders b (S, G + Q)."""
    groups = b.shape[1] - len(layout.steps)
    steps = dict(zip(layout.steps, b.T[groups:], strict=True))
    delta = steps["delta"]
    named: dict[str, Floats] = {"jump": delta, "redirection": delta, "level": delta}
    if "delta_i" in steps:
        named["level"] = delta + steps["delta_i"]
        named["displacement"] = steps["delta_i"]
    u = np.ascontiguousarray(X[:, :, layout.walks.index("u")])
    for years in (1, 3, 5):
        named[f"net-{years}"] = delta + net_change(u, onset, years * per_year, window)
    return {name: named[name] for name in layout.estimands}


def prior_sds(
    layout: Layout, prior: Prior, means: Floats, onset: int, window: range, per_year: int
) -> dict[str, float]:
    """Return each estimand's prior standard deviation, exactly.

    The variance of a net change is delta's plus that of the difference of two averages of a random
    walk whose squared step has mean twice the squared mean (exponential steps).
    """
    sds = {"jump": prior.delta_sd, "redirection": prior.delta_sd, "displacement": prior.delta_sd}
    sds["level"] = prior.delta_sd * np.sqrt(2.0 if "delta_i" in layout.steps else 1.0)
    step2 = 2.0 * float(means[layout.walks.index("u")]) ** 2
    for years in (1, 3, 5):
        a = max(min(onset + years * per_year, window.stop) - onset, 1)
        c = max(onset - max(onset - years * per_year, window.start), 1)
        after = sum(((a - k) / a) ** 2 for k in range(a))
        before = sum((k / c) ** 2 for k in range(c))
        sds[f"net-{years}"] = float(np.sqrt(prior.delta_sd**2 + step2 * (after + before)))
    return {name: float(sds[name]) for name in layout.estimands}


def fit_panel(
    counts: Counts,
    comparison: str,
    onset: int,
    *,
    window: range | None = None,
    months: int = 3,
    prior: Prior = DEFAULT_PRIOR,
    draws: int = DEFAULT_DRAWS,
    seed: int = 0,
    ramp: int = 0,
) -> Fit:
    """Fit one comparison on a panel's counts with a step at period `onset`.

    `window` is the range of periods net changes may use (all by default). Cells without any
    incident are dropped with the walks they would have told apart. Raises ModelError where cell A
    has no period with exposure, or the onset lies outside the grid.
    """
    layout = LAYOUTS[comparison]
    empty = {c for c in layout.cells if not _has_evidence(counts, c)}
    layout_left = without(layout, frozenset(empty) - {"A"})
    if layout_left is None or "A" not in counts.cells:
        raise ModelError("Cell A (initiator to receiver) is not in this panel.")
    kept = counts.select(layout_left.cells)
    _, periods = kept.shape
    if not 0 < onset < periods:
        raise ModelError(f"The onset (period {onset}) lies outside the {periods} periods.")
    used = window or range(periods)
    x = step_path(periods, onset, ramp)
    means = step_means(layout_left, prior, months)
    model = build_model(kept, layout_left, prior, x, onset - 1)
    mixture = integrate_steps(model, means)
    sample = draw(mixture, draws, seed)
    per_year = 12 // months
    return Fit(
        layout_left, mixture, sample, onset,
        log_ratios(layout_left, sample.X, sample.b, onset, used, per_year),
        prior_sds(layout_left, prior, means, onset, used, per_year),
    )  # fmt: skip


def _has_evidence(counts: Counts, cell: str) -> bool:
    """Say whether any incident of a cell was counted."""
    groups = [g for g, name in enumerate(counts.cells) if name == cell]
    coarse = np.isin(counts.group, groups)
    return bool(counts.y[groups].sum() + counts.n[coarse].sum() > 0)
