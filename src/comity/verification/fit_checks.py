"""Two checks of the model against the counts it was fitted to, each made to notice one way in which
a fall can be feigned: a peak just before the agreement, and counts that clump."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from comity.saying import say
from comity.verification.change import Analysis
from comity.verification.fit import Fit
from comity.verification.model import Check
from comity.verification.prepare import Prepared
from comity.verification.words import percent

Floats = NDArray[np.float64]

NEAR_YEARS, EARLIER_YEARS = 2, 5
PEAKED = 0.9  # chance of a rise before the agreement from which a fall may be a return
ROUGH = 0.05  # posterior predictive p-value below which counts clump more than the model has it
REPLICATES = 300


def rise_before(fit: Fit, onset: int, first: int, per_year: int) -> float | None:
    """Return the probability that the pair's own drift stood higher in the two years before the
    agreement than in the years before those, None where there are none."""
    near = max(onset - NEAR_YEARS * per_year, first)
    early = max(near - EARLIER_YEARS * per_year, first)
    if near - early < per_year or "u" not in fit.layout.walks:
        return None
    u = fit.draws.X[:, :, fit.layout.walks.index("u")]
    return fit.draws.probability(u[:, near:onset].mean(axis=1) > u[:, early:near].mean(axis=1))


def roughness(fit: Fit, factors: Floats, window: range, seed: int) -> float:
    """Return the posterior predictive p-value of the Pearson statistic over cells and periods.

    `factors` (G,) are what each group's counts were divided by, so that clusters that are known
    are not counted as roughness.
    """
    random = np.random.default_rng(seed)
    counts = fit.mixture.model.counts
    picks = random.choice(len(fit.draws.weights), size=REPLICATES, p=fit.draws.weights)
    inside = np.zeros(counts.shape, dtype=bool)
    inside[:, window.start : window.stop] = True
    inside &= counts.exposure > 0
    seen = (counts.spread() * factors[:, None])[inside]
    mu = (fit.rates()[picks] * counts.exposure * factors[:, None])[:, inside]
    mu = np.maximum(mu, 1e-9)
    scale = np.broadcast_to(factors[:, None], counts.shape)[inside]
    drawn = random.poisson(mu / scale) * scale
    observed = ((seen - mu) ** 2 / (mu * scale)).sum(axis=1)
    replicated = ((drawn - mu) ** 2 / (mu * scale)).sum(axis=1)
    return float((replicated >= observed).mean())


def shape_checks(prepared: Prepared, primary: Analysis) -> tuple[Check, ...]:
    """Return both checks of the declared analysis, none where it was not fitted."""
    fit = primary.fit
    if fit is None:
        return ()
    per_year = 12 // prepared.grid.months
    found = []
    rise = rise_before(fit, prepared.onset, prepared.window[0], per_year)
    if rise is not None:
        found.append(
            Check(
                say("check.no_peak"), rise < PEAKED,
                say(f"check.peak_{'passed' if rise < PEAKED else 'failed'}", rise=percent(rise)),
            )
        )  # fmt: skip
    if len(primary.panels) == 1:
        panel = primary.panels[0]
        cells = fit.layout.cells
        keep = [g for g, name in enumerate(panel.counts.cells) if name in cells]
        p = roughness(fit, panel.factors[keep], range(*prepared.window), prepared.choices.seed)
        found.append(
            Check(
                say("check.even"), p >= ROUGH,
                say("check.even_passed" if p >= ROUGH else "check.even_failed", p=percent(p)),
            )
        )  # fmt: skip
    return tuple(found)
