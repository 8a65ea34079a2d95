"""The promises that are pooled: on commercial theft, bilateral, given by one initiator.

Only these: the same norm, in the same scope, between two states. Texts that build confidence, other
norms and promises to many at once are never pooled with them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from comity.incidents.model import Evidence
from comity.instruments.model import Commits, Forum, Register
from comity.verification.change import Analysis, analyse, changes_of, exposed
from comity.verification.model import Change, Choices, Question, RatioInterval
from comity.verification.pooling import (
    MU,
    MU_SD,
    TAU,
    Alone,
    Part,
    Pooled,
    alone,
    pool,
    prior_grid,
    quantile,
    silent,
)
from comity.verification.prepare import Prepared, prepare
from comity.verification.sentences import HEADLINE, parties
from comity.verification.words import MAX_SD_RATIO, MIN_EFFECTIVE, NOT_IDENTIFIED, percent

Floats = NDArray[np.float64]

POOLED_NORM = "commercial-theft"
MIN_SPEAKING = 2  # promises with incidents before them, for the common change to be spoken of
APART = "receiver-otherwise"  # the comparison in which promises share no cell


@dataclass(frozen=True, slots=True)
class PooledPromise:
    """One promise before and after pooling.

    `before` and `after` are incidents of cell A; `alone` is its own headline. `pooled` and `fell`
    are None where nothing of its own stands before the agreement, or pooling is not identified for
    it: what it would show is then the others'.
    """

    question: str
    title: str
    agreed: dt.date
    before: float
    after: float
    alone: Change
    pooled: RatioInterval | None
    fell: float | None


@dataclass(frozen=True, slots=True)
class Pooling:
    """Several promises taken together.

    `common` is the ratio of a typical promise, `fell` the probability that it is below 1; `spread`
    the factor by which promises differ (exp tau), `spread_before` the same before looking.
    `apart_common` is `common` under the comparison in which the promises share no cell. Where the
    common change is not `identified`, `reason` says why and `common` and `fell` are None.
    """

    norm: str
    title: str
    comparison: str
    promises: tuple[PooledPromise, ...]
    common: RatioInterval | None
    fell: float | None
    spread: RatioInterval
    spread_before: RatioInterval
    apart_common: RatioInterval | None
    identified: bool
    reason: str
    sentence: str


def promises_to_pool(
    questions: Sequence[Question], register: Register
) -> tuple[tuple[Question, ...], ...]:
    """Return the groups of questions to pool, two or more each, in order of the day agreed.

    One question an instrument; same initiator, objectives, targets and declared comparison; the
    instrument is bilateral and its parties promise each other POOLED_NORM in it.
    """
    promised = {
        p.instrument
        for p in register.provisions
        if p.norm == POOLED_NORM and p.commits is Commits.YES
    }
    groups: dict[object, dict[str, Question]] = {}
    for question in sorted(questions, key=lambda q: (q.agreed, q.id)):
        instrument = register.instruments.get(question.instrument)
        if question.norm != POOLED_NORM or question.instrument not in promised:
            continue
        if instrument is None or instrument.forum is not Forum.BILATERAL:
            continue
        scope = question.scope
        key = (scope.initiator, scope.objective, scope.target, question.comparison)
        groups.setdefault(key, {}).setdefault(question.instrument, question)
    return tuple(tuple(group.values()) for group in groups.values() if len(group) > 1)


def pool_promises(
    questions: Sequence[Question],
    evidence: Evidence,
    under_promise: Mapping[str, Mapping[str, dt.date]],
    choices: Choices,
) -> Pooling:
    """Return a group of promises pooled; `under_promise` gives each question's other receivers owed
    the same, by its id. Raises QuestionError for a question this evidence cannot be asked."""
    pooled_with = frozenset(code for q in questions for code in q.scope.receiver)
    prepared = [
        _apart_from(pooled_with, prepare(q, evidence, under_promise.get(q.id, {}), choices))
        for q in questions
    ]
    comparison = questions[0].comparison
    analyses = [_analysis(p, comparison) for p in prepared]
    pooled = pool([_alone(p, a) for p, a in zip(prepared, analyses, strict=True)])
    reason = _reason(analyses, pooled)
    level = choices.level
    rows = tuple(
        _row(p, a, part, pooled, level)
        for p, a, part in zip(prepared, analyses, pooled.parts, strict=True)
    )
    common = None if reason else _factor(MU, pooled.mu, level)
    before = prior_grid().sum(axis=1)
    found = Pooling(
        norm=POOLED_NORM,
        title=f"{parties(questions[0].scope).partition(' to ')[0]}: promises on commercial theft",
        comparison=comparison,
        promises=rows,
        common=common,
        fell=None if reason else float(pooled.mu[MU < 0].sum() + 0.5 * pooled.mu[MU == 0].sum()),
        spread=_factor(TAU, pooled.tau, level),
        spread_before=_factor(TAU, before, level),
        apart_common=None if reason else _apart(prepared, level),
        identified=not reason,
        reason=reason,
        sentence="",
    )
    return replace(found, sentence=_sentence(found))


def _apart_from(others: frozenset[str], prepared: Prepared) -> Prepared:
    """Return a question without the incidents of the other promises' receivers, its own aside: one
    promise's conduct must not be what another's is compared with."""
    own = prepared.question.scope.receiver
    touched = pl.col("receivers")
    mine = touched.list.set_intersection(list(own)).list.len() > 0
    theirs = touched.list.set_intersection(sorted(others - {*own})).list.len() > 0
    lists = tuple(replace(one, table=one.table.filter(mine | ~theirs)) for one in prepared.lists)
    return replace(prepared, lists=lists)


def _analysis(prepared: Prepared, comparison: str) -> Analysis:
    """Return the headline's analysis of a promise, fitted wherever there is any incident."""
    scope, draws = prepared.question.scope, prepared.choices.draws
    return analyse(prepared, scope, comparison, draws=draws, few=True)


def _alone(prepared: Prepared, analysis: Analysis) -> Alone:
    """Return what a promise's own fit says; a promise without a fit is silent."""
    fit = analysis.fit
    if fit is None:
        return silent()
    return alone(fit, exposed(prepared, analysis.panels), prepared.grid.months)


def _reason(analyses: Sequence[Analysis], pooled: Pooled) -> str:
    """Return why the common change is not identified, or an empty string."""
    speaking = sum(a.before > 0 for a in analyses)
    if speaking < MIN_SPEAKING:
        verb = "has" if speaking == 1 else "have"
        return (
            f"{speaking} of {len(analyses)} promises {verb} an incident before it in this evidence "
            f"({MIN_SPEAKING} needed)"
        )
    if not all(_sound(a, p) for a, p in zip(analyses, pooled.parts, strict=True)):
        return "the diagnostic of a promise's fit failed"
    if pooled.mu_sd > MAX_SD_RATIO * MU_SD:
        return "the evidence says too little of a typical promise"
    return ""


def _sound(analysis: Analysis, part: Part) -> bool:
    """Say whether a promise's fit, where there is one, can carry pooling."""
    return analysis.fit is None or (analysis.healthy and part.effective >= MIN_EFFECTIVE)


def _row(
    prepared: Prepared, analysis: Analysis, part: Part, pooled: Pooled, level: float
) -> PooledPromise:
    """Return one promise before and after."""
    headline = next(c for c in changes_of(analysis, level) if c.estimand == HEADLINE)
    prior_sd = float(np.sqrt(MU_SD**2 + prior_grid().sum(axis=1) @ TAU**2))
    shown = analysis.before > 0 and _sound(analysis, part) and part.sd <= MAX_SD_RATIO * prior_sd
    return PooledPromise(
        question=prepared.question.id,
        title=parties(prepared.question.scope),
        agreed=prepared.question.agreed,
        before=headline.before,
        after=headline.after,
        alone=headline,
        pooled=_ratio(part.quantile, level) if shown else None,
        fell=part.fell if shown else None,
    )


def _factor(points: Floats, probability: Floats, level: float) -> RatioInterval:
    """Return median and central interval of a factor whose logarithm has this distribution."""
    return _ratio(lambda p: quantile(points, probability, p), level)


def _ratio(log_quantile: Callable[[float], float], level: float) -> RatioInterval:
    """Return median and central interval of a factor from the quantiles of its logarithm."""
    tail = (1 - level) / 2
    median, lower, upper = (float(np.exp(log_quantile(p))) for p in (0.5, tail, 1 - tail))
    return RatioInterval(median, lower, upper, level)


def _apart(prepared: Sequence[Prepared], level: float) -> RatioInterval:
    """Return the common ratio under the comparison in which the promises share no cell."""
    parts = [_alone(p, _analysis(p, APART)) for p in prepared]
    return _factor(MU, pool(parts).mu, level)


def _sentence(found: Pooling) -> str:
    """Return what pooling says, in one or two sentences."""
    count = len(found.promises)
    names = ", ".join(p.question for p in found.promises)
    spread, before = (_words(r) for r in (found.spread, found.spread_before))
    if not found.identified:
        return (
            f"Pooling {count} promises ({names}) adds nothing here: {found.reason}. How far they "
            f"differ stays what was assumed before looking: a factor of {before}."
        )
    return (
        f"Over {count} promises ({names}) a typical one's net change is {_words(found.common)}, "
        f"{percent(found.fell or 0.0)} that it fell; promises differ by a factor of {spread}, "
        f"before looking {before}. By the comparison that shares no cell between them: "
        f"{_words(found.apart_common)}."
    )


def _words(ratio: RatioInterval | None) -> str:
    """Return "0.31 (0.12-0.82)"."""
    if ratio is None:
        return NOT_IDENTIFIED
    return f"{ratio.median:.2f} ({ratio.lower:.2f}-{ratio.upper:.2f})"
