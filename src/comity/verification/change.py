"""The finding *change*: every estimand for a scope, a comparison and an outcome, or why not.

An estimate is "not identified", by rule, where the posterior's spread is over 0.9 of the prior's,
where fewer than five incidents of cell A stand before the agreement or were to be expected after
it at the earlier rate (or seen), or where the fit's diagnostic failed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from comity.errors import ModelError
from comity.saying import say
from comity.verification.cells import LAYOUTS
from comity.verification.delay_mix import mix_delay
from comity.verification.fit import Fit, fit_panel
from comity.verification.model import COMPARISONS, Change, Check, Question, RatioInterval, Scope
from comity.verification.panel import Panel
from comity.verification.prepare import ListData, Prepared, combine, panel_of
from comity.verification.versions import DELAY_DRAWS, Versions, versions_of
from comity.verification.words import (
    DIAGNOSTIC,
    MAX_PARETO_K,
    MAX_SD_RATIO,
    MIN_EFFECTIVE,
    MIN_INFORMATIVE,
)

OTHER_DRAWS = 1500


@dataclass(frozen=True, slots=True)
class Analysis:
    """One fitted analysis, or the reason there is none (`fit` None)."""

    scope: Scope
    comparison: str
    outcome: str
    panels: tuple[Panel, ...]
    lists: tuple[str, ...]
    fit: Fit | None
    reason: str
    before: float
    after: float
    cells: dict[str, float]
    years: tuple[float, float] = (0.0, 0.0)  # observed before and after the agreement
    sides: tuple[tuple[float, float], ...] = ()  # cell A before and after, list by list

    @property
    def healthy(self) -> bool:
        """Whether the fit's diagnostics passed."""
        if self.fit is None:
            return False
        draws = self.fit.draws
        good = draws.pareto_k <= MAX_PARETO_K and draws.effective >= MIN_EFFECTIVE
        return good and bool(self.fit.mixture.modes.converged.all())


def exposed(prepared: Prepared, panels: tuple[Panel, ...]) -> range:
    """Return the periods of the window in which some list could hold an incident of cell A."""
    if not panels:
        return prepared.periods
    open_ = np.any([p.counts.exposure[0] > 0 for p in panels], axis=0)
    seen = np.flatnonzero(open_[prepared.window[0] : prepared.window[1]]) + prepared.window[0]
    return range(int(seen[0]), int(seen[-1]) + 1) if len(seen) else range(0)


def _too_few(prepared: Prepared, seen: range, before: float, after: float, outcome: str) -> str:
    """Return why there are too few incidents to say anything, or an empty string."""
    agreed = prepared.question.agreed
    if prepared.onset >= seen.stop:
        early = prepared.question.window_to < prepared.ends
        last = min(prepared.question.window_to, prepared.ends)
        what = say("reason.window") if early else say("reason.evidence")
        ends = "reason.ends_before" if last <= agreed else "reason.ends_soon_after"
        return say(ends, what=what, last=last.isoformat(), agreed=agreed.isoformat())
    if prepared.onset <= seen.start:
        return say("reason.begins_after", agreed=agreed.isoformat())
    expected = before / (prepared.onset - seen.start) * (seen.stop - prepared.onset)
    if before + after == 0:
        if outcome == "severity":
            return say("reason.no_severity")
        return say("reason.none_in_scope")
    if before < MIN_INFORMATIVE:
        return say("reason.few_before", n=round(before), needed=round(MIN_INFORMATIVE))
    if max(expected, after) < MIN_INFORMATIVE:
        return say(
            "reason.few_after",
            expected=f"{expected:.1f}",
            seen=round(after),
            needed=round(MIN_INFORMATIVE),
        )
    return ""


def lay_out(
    prepared: Prepared,
    scope: Scope,
    comparison: str,
    outcome: str = "starts",
    lists: tuple[ListData, ...] | None = None,
    panels: tuple[Panel, ...] | None = None,
) -> Analysis:
    """Return an analysis ready to be fitted (`fit` None), with the reason where it cannot be.

    `lists` are those of the headline by default; `panels` are those lists' panels of the scope and
    outcome, where they are made already.
    """
    used = prepared.counting if lists is None else lists
    if panels is None:
        panels = tuple(panel_of(prepared, one, scope, outcome) for one in used)
    onset, (first, stop) = prepared.onset, prepared.window
    counted = [p.incidents(first, stop).get("A", 0.0) for p in panels]
    if any(counted):  # a list with nothing of the pair has nothing to say of it
        kept = [k for k, value in enumerate(counted) if value > 0]
        used, panels = tuple(used[k] for k in kept), tuple(panels[k] for k in kept)
    names = tuple(one.release.list for one in used)
    sides = [
        (
            p.incidents(first, onset).get("A", 0.0),
            p.incidents(onset, max(stop, onset)).get("A", 0.0),
        )
        for p in panels
    ]
    before, after = sum(b for b, _ in sides), sum(a for _, a in sides)
    cells = dict.fromkeys(("A", "B", "C", "D"), 0.0)
    for panel in panels:
        for cell, value in panel.incidents(first, stop).items():
            cells[cell] += value
    seen = exposed(prepared, panels)
    fullest = max(sides, key=sum, default=(0.0, 0.0))  # lists overlap: their sum is no evidence
    reason = _too_few(prepared, seen, *fullest, outcome)
    per_year = 12 // prepared.grid.months
    years = (max(onset - seen.start, 0) / per_year, max(seen.stop - onset, 0) / per_year)
    return Analysis(
        scope, comparison, outcome, panels, names, None, reason, before, after, cells, years,
        tuple(sides),
    )  # fmt: skip


def analyse(
    prepared: Prepared,
    scope: Scope,
    comparison: str,
    outcome: str = "starts",
    lists: tuple[ListData, ...] | None = None,
    draws: int = OTHER_DRAWS,
    few: bool = False,
) -> Analysis:
    """Fit one scope under one comparison on some lists; arguments as in `lay_out`.

    With `few`, also where there are too few incidents for an answer, but any at all and time on
    both sides of the agreement: the reason then stands beside the fit.
    """
    laid = lay_out(prepared, scope, comparison, outcome, lists)
    some = laid.before + laid.after > 0 and min(laid.years) > 0
    if laid.reason and not (few and some):
        return laid
    return _fitted(prepared, laid, draws, versions_under(prepared, laid, lists))


def versions_under(
    prepared: Prepared, laid: Analysis, lists: tuple[ListData, ...] | None = None
) -> Versions:
    """Return an analysis's counts as the draws of its lists' delays and links have them."""
    held = {one.release.list: one for one in (prepared.counting if lists is None else lists)}
    redrawn = [
        tuple(
            panel_of(prepared, replace(held[name], table=table), laid.scope, laid.outcome)
            for table in (held[name].redrawn[:DELAY_DRAWS] if name in held else ())
        )
        for name in laid.lists
    ]
    return versions_of(laid.panels, prepared.choices.seed, redrawn)


def _fitted(prepared: Prepared, laid: Analysis, draws: int, versions: Versions) -> Analysis:
    """Fit one analysis; the uncertainty of reporting delays and of links is mixed in."""
    seed, panels = prepared.choices.seed, laid.panels
    window, months = exposed(prepared, panels), prepared.grid.months
    counts = combine(tuple(p.counts for p in panels))
    try:
        fit = fit_panel(
            counts, laid.comparison, prepared.onset,
            window=window, months=months, draws=draws, seed=seed,
        )  # fmt: skip
        return replace(laid, fit=mix_delay(fit, versions, seed, window, months))
    except ModelError as error:
        return replace(laid, reason=str(error))


def changes_of(analysis: Analysis, level: float) -> tuple[Change, ...]:
    """Return one Change per estimand of an analysis."""
    rows = []
    estimands = LAYOUTS[analysis.comparison].estimands
    for estimand in estimands:
        ratio, fell, reason = None, None, analysis.reason
        fit = analysis.fit
        if fit is not None and estimand in fit.estimands:
            median, lower, upper = fit.ratio(estimand, level)
            ratio = RatioInterval(median, lower, upper, level)
            fell = fit.fell(estimand)
            if fit.sd_ratio(estimand) > MAX_SD_RATIO:
                reason = say("reason.says_little", spread=f"{fit.sd_ratio(estimand):.2f}")
            elif not analysis.healthy:
                reason = say("reason.diagnostic")
        elif fit is not None:
            reason = say("reason.empty_cell")
        rows.append(
            Change(
                scope=analysis.scope.id,
                comparison=analysis.comparison,
                estimand=estimand,
                outcome=analysis.outcome,
                lists=analysis.lists,
                ratio=ratio,
                fell=fell,
                identified=not reason,
                reason=reason,
                before=round(analysis.before, 2),
                after=round(analysis.after, 2),
                cells={k: round(v, 2) for k, v in analysis.cells.items()},
                years=analysis.years,
            )
        )
    return tuple(rows)


def fit_check(analysis: Analysis) -> Check:
    """Return the diagnostic of one fit: modes found, effective draws, Pareto k."""
    if analysis.fit is None:
        return Check(DIAGNOSTIC, None, say("check.no_fit"))
    draws = analysis.fit.draws
    detail = say(
        "check.draws",
        effective=f"{draws.effective:.0f}",
        of=len(draws.weights),
        k=f"{draws.pareto_k:.2f}",
        most=MAX_PARETO_K,
    )
    if analysis.fit.layout is not LAYOUTS[analysis.comparison]:
        detail = say("check.smaller", detail=detail)
    return Check(DIAGNOSTIC, analysis.healthy, detail)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which analyses a verdict needs: (scope, comparison, outcome) in order."""

    items: tuple[tuple[Scope, str, str], ...]


def narrow_plan(question: Question) -> tuple[tuple[Scope, str, str], ...]:
    """Return the analyses of the narrow scope by starts: every comparison, the question's first."""
    names = dict.fromkeys((question.comparison, *COMPARISONS))
    return tuple((question.scope, comparison, "starts") for comparison in names)


def plan(prepared: Prepared, brief: bool = False) -> Plan:
    """Return the analyses of a verdict: every scope under the declared comparison and with the
    target alone; the narrow scope under every comparison; other outcomes for the narrow scope,
    unless `brief`. The narrow scope under the declared comparison comes first."""
    question = prepared.question
    items = list(narrow_plan(question))
    for scope in (*question.variants, *question.controls):
        items += [(scope, question.comparison, "starts"), (scope, "target-alone", "starts")]
    if not brief:
        items += [(question.scope, question.comparison, o) for o in ("active", "severity")]
    return Plan(tuple(dict.fromkeys(items)))


def run_plan(
    prepared: Prepared,
    todo: Plan,
    progress: Callable[[str], None],
    before: Sequence[Analysis] = (),
) -> tuple[Analysis, ...]:
    """Run every analysis of a plan, telling `progress` the title of each scope as it starts; those
    run `before` come first in what is returned, and are not run again."""
    done = list(before)
    run = {(a.scope, a.comparison, a.outcome) for a in before}
    shared: dict[tuple[Scope, str], tuple[Analysis, Versions | None]] = {}
    for scope, comparison, outcome in todo.items:
        if (scope, comparison, outcome) in run:
            continue
        progress(f"{scope.title}: {comparison}, {outcome}")
        if (scope, outcome) not in shared:
            laid = lay_out(prepared, scope, comparison, outcome)
            versions = None if laid.reason else versions_under(prepared, laid)
            shared[scope, outcome] = laid, versions
        laid, versions = shared[scope, outcome]
        laid = replace(laid, comparison=comparison)
        primary = scope is prepared.question.scope and comparison == prepared.question.comparison
        draws = prepared.choices.draws if primary and outcome == "starts" else OTHER_DRAWS
        done.append(laid if versions is None else _fitted(prepared, laid, draws, versions))
    return tuple(done)
