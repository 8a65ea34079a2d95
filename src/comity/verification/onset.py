"""When the change most likely began: the posterior over onset periods, "no change" among them.

The step may begin in any candidate period with equal prior probability, or nowhere (half the
prior). Marginal likelihoods are Laplace approximations at the step sizes of the fitted design's
centre and axes, mixed. A rival explanation is judged by the period its date belongs to; two dates
whose periods' odds lie within a factor of three cannot be told apart.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from comity.saying import joined, say
from comity.verification.change import Analysis
from comity.verification.fit import step_path
from comity.verification.laplace import Model, find_modes
from comity.verification.model import Check, OnsetFinding, Rival, RivalOdds
from comity.verification.prepare import Prepared
from comity.verification.words import ITSELF, percent

Floats = NDArray[np.float64]

BEFORE_YEARS, AFTER_YEARS = 3.5, 2.5
EDGE_YEARS = 1.0
SEPARABLE = 3.0
NO_CHANGE_PRIOR = 0.5


def candidates(prepared: Prepared) -> range:
    """Return the periods in which the change may have begun: 3.5 years before the agreement to
    2.5 after, and at least a year inside the window."""
    per_year = 12 // prepared.grid.months
    first, stop = prepared.window
    edge = int(EDGE_YEARS * per_year)
    low = max(prepared.onset - int(BEFORE_YEARS * per_year), first + edge)
    high = min(prepared.onset + int(AFTER_YEARS * per_year), stop - edge)
    return range(low, max(high, low))


def _marginals(analysis: Analysis, prepared: Prepared, periods: range) -> tuple[Floats, float]:
    """Return the log marginal likelihood of an onset in each period, and of no change."""
    fit = analysis.fit
    assert fit is not None
    mixture = fit.mixture
    walks = mixture.model.walks
    keep = np.arange(1 + 2 * walks) if walks > 1 else np.arange(len(mixture.weights))
    keep = keep[mixture.weights[keep] > 1e-4]
    modes = mixture.modes
    log_share = np.log(mixture.weights[keep]) - modes.log_marginal[keep]
    tau = modes.tau[keep]

    def marginal(model: Model, X: Floats, b: Floats) -> tuple[float, Floats, Floats]:
        found = find_modes(model, X, b, tau)
        terms = found.log_marginal + log_share
        top = float(terms.max())
        return top + float(np.log(np.exp(terms - top).sum())), found.X, found.b

    base = mixture.model
    values = np.empty(len(periods))
    X, b = modes.X[keep], modes.b[keep]
    for order in (
        range(prepared.onset, periods.stop),
        range(prepared.onset - 1, periods.start - 1, -1),
    ):
        nearX, nearb = X, b
        for t in order:
            if t in periods:
                model = replace(base, x=step_path(len(base.x), t))
                values[t - periods.start], nearX, nearb = marginal(model, nearX, nearb)
    groups = base.counts.shape[0]
    still = base.border_sd.copy()
    still[groups:] = 1e-4
    flat = b.copy()
    flat[:, groups:] = 0.0
    none, _, _ = marginal(replace(base, border_sd=still), X, flat)
    correction = float(np.log(base.border_sd[groups:] / still[groups:]).sum())
    return values - 0.0, none + correction


def _rival_odds(
    rivals: tuple[Rival, ...], prepared: Prepared, periods: range, posterior: Floats
) -> tuple[RivalOdds, ...]:
    """Return each rival's posterior mass and odds against the agreement's own period."""
    labels = prepared.grid.labels
    own = float(posterior[prepared.onset - periods.start])
    rows = []
    for rival in rivals:
        t = prepared.grid.boundary(rival.date)
        if t not in periods:
            rows.append(RivalOdds(rival.date, rival.what, rival.source, "outside", 0.0, 0.0, False))
            continue
        mass = float(posterior[t - periods.start])
        odds = mass / max(own, 1e-12)
        apart = t != prepared.onset and not 1 / SEPARABLE < odds < SEPARABLE
        rows.append(RivalOdds(rival.date, rival.what, rival.source, labels[t], mass, odds, apart))
    return tuple(rows)


def _days(rivals: list[RivalOdds]) -> str:
    """Return the rivals' dates as words."""
    return ", ".join(r.date.isoformat() for r in rivals)


def onset_finding(analysis: Analysis, prepared: Prepared) -> OnsetFinding | None:
    """Return when the change most likely began, or None where nothing was fitted.

    `separable` is true only where the agreement fits better than every declared rival, by odds of
    three or more.
    """
    periods = candidates(prepared)
    if analysis.fit is None or len(periods) < 4 or prepared.onset not in periods:
        return None
    values, none = _marginals(analysis, prepared, periods)
    log_odds = np.concatenate(
        [values + np.log((1 - NO_CHANGE_PRIOR) / len(periods)), [none + np.log(NO_CHANGE_PRIOR)]]
    )
    share = np.exp(log_odds - log_odds.max())
    share /= share.sum()
    posterior, no_change = share[:-1], float(share[-1])
    agreement = Rival(prepared.question.agreed, ITSELF)
    rivals = _rival_odds(
        tuple(sorted((*prepared.question.rivals, agreement), key=lambda r: r.date)),
        prepared, periods, posterior,
    )  # fmt: skip
    others = [r for r in rivals if r.what != agreement.what and r.period != "outside"]
    separable = bool(others) and all(r.separable and r.odds < 1 for r in others)
    best = prepared.grid.labels[periods.start + int(np.argmax(posterior))]
    given = posterior / max(posterior.sum(), 1e-12)
    cumulative = np.cumsum(given)
    low = prepared.grid.labels[periods.start + int(np.searchsorted(cumulative, 0.05))]
    high = prepared.grid.labels[
        periods.start + min(int(np.searchsorted(cumulative, 0.95)), len(periods) - 1)
    ]
    said = [say("onset.no_step", now=percent(no_change), prior=percent(NO_CHANGE_PRIOR))]
    if given.max() < SEPARABLE / len(periods):
        said.append(say("onset.hardly"))
    else:
        said.append(say("onset.likely", best=best, low=low, high=high))
    better = [r for r in others if r.separable and r.odds > 1]
    near = [r for r in others if not r.separable]
    if not others:
        said.append(say("onset.no_rival"))
    elif better:
        said.append(say("onset.better", days=_days(better)))
    elif near:
        said.append(say("onset.near", days=_days(near)))
    else:
        said.append(say("onset.best"))
    sentence = joined(said, " ")
    check = Check(say("check.onset"), separable if others else None, sentence)
    prior = (1 - NO_CHANGE_PRIOR) / len(periods)
    return OnsetFinding(
        analysis.scope.id,
        tuple(prepared.grid.labels[t] for t in periods),
        tuple(prior for _ in periods),
        tuple(float(p) for p in posterior),
        NO_CHANGE_PRIOR, no_change, rivals, separable, sentence, (check,),
    )  # fmt: skip
