"""The tipping point: how far detection or attribution must have moved for the answer to change.

What is counted is what was noticed, reported and attributed. If after the agreement only a share of
what would have been noticed before still is (better tradecraft, a ministry taking over from an
army, fewer public attributions), the counts fall without the conduct. An apparent ratio seen with a
relative detection `factor` is a true ratio of the apparent one over the factor: the posterior of
the declared analysis is shifted, not fitted again, so that the prior's pull towards "no change"
does not make the answer look harder to overturn than it is.
"""

from __future__ import annotations

import numpy as np

from comity.verification.change import Analysis
from comity.verification.examine.model import Tipping, TippingPoint
from comity.verification.fit import Fit
from comity.verification.model import Check, RatioInterval
from comity.verification.prepare import Prepared
from comity.verification.sentences import HEADLINE
from comity.verification.words import FELL_PRIMARY, percent

FACTORS = tuple(float(f) for f in np.round(np.geomspace(0.1, 4.0, 33), 4))


def tipping(prepared: Prepared, primary: Analysis) -> Tipping | None:
    """Return the change under every factor, or None where the declared one was not fitted."""
    fit = primary.fit
    if fit is None:
        return None
    level = prepared.choices.level
    points = tuple(_point(fit, factor, level) for factor in sorted({*FACTORS, 1.0}))
    median, _, _ = fit.ratio(HEADLINE, level)
    values = fit.estimands[HEADLINE]
    no_fall = median if FACTORS[0] <= median <= FACTORS[-1] else None
    bound = float(np.exp(fit.draws.quantile(values, FELL_PRIMARY)))
    established = bound if FACTORS[0] <= bound <= FACTORS[-1] else None
    now = _point(fit, 1.0, level)
    unseen = primary.after / no_fall - primary.after if no_fall and no_fall < 1 else None
    return Tipping(
        primary.comparison, points, no_fall, established, unseen,
        _mechanisms(no_fall), _sentence(now, no_fall, established, unseen),
        (_check(now, no_fall),),
    )  # fmt: skip


def _point(fit: Fit, factor: float, level: float) -> TippingPoint:
    """Return the change under one factor."""
    median, lower, upper = (value / factor for value in fit.ratio(HEADLINE, level))
    fell = fit.draws.probability(fit.estimands[HEADLINE] < np.log(factor))
    return TippingPoint(factor, RatioInterval(median, lower, upper, level), fell)


def _check(now: TippingPoint, no_fall: float | None) -> Check:
    """Say whether losing a third of what would have been seen before is enough to undo a fall."""
    if now.fell is None or now.fell < FELL_PRIMARY:
        return Check("stands a third unseen", None, "no fall is claimed that could be undone")
    return Check(
        "stands a third unseen", no_fall is None or no_fall <= 2 / 3,
        "the median ratio reaches 1 if detection fell "
        + (f"to {no_fall:.2f} of what it was" if no_fall else "below a tenth of what it was"),
    )  # fmt: skip


def _mechanisms(no_fall: float | None) -> tuple[str, ...]:
    """Return what the tipping factor means for each way of seeing less."""
    if no_fall is None or no_fall >= 1:
        return ()
    gone = 100 * (1 - no_fall)
    one_in = 1 / no_fall
    return (
        f"Better tradecraft: of operations that would have been noticed before, {gone:.0f} % would "
        "have to go unnoticed after.",
        f"Another organ taking over: the successor would have to be seen {one_in:.1f} times less "
        "often for the same activity.",
        f"Fewer public attributions: of operations noticed and attributed before, {gone:.0f} % "
        "would have to stay without a public name after, beyond what others' operations lost.",
    )


def _sentence(
    now: TippingPoint,
    no_fall: float | None,
    established: float | None,
    unseen: float | None,
) -> str:
    """Return the finding in one sentence."""
    if no_fall is not None and no_fall < 1:
        words = (
            "The estimated fall vanishes (as likely as not) if what was detected and attributed "
            f"after the agreement was {100 * no_fall:.0f} % of what it would have been before"
        )
        if unseen is not None:
            words += f": about {unseen:.0f} incidents unseen beside those on record"
    elif no_fall is not None:
        words = (
            "There is no estimated fall to undo: one would appear only if detection had risen to "
            f"{no_fall:.2f} times what it was"
        )
    else:
        words = "No factor from a tenth to four turns the answer round"
    if established is None:
        return f"{words}. No factor looked at would establish a fall."
    if established > 1:
        return (
            f"{words}. A fall would be established ({percent(FELL_PRIMARY)}) if detection had "
            f"risen to {established:.1f} times what it was."
        )
    return (
        f"{words}. It stays established ({percent(FELL_PRIMARY)}) down to "
        f"{100 * established:.0f} %."
    )
