"""Robustness: the question under every defensible analysis, and which choice matters most.

Analyses that share their data are not votes: the shares reported here describe how far the answer
hangs on choices (Simonsohn, Simmons & Nelson 2020), never a probability.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np
import polars as pl

from comity.errors import QuestionError
from comity.incidents.model import Evidence
from comity.verification.change import Analysis, exposed, lay_out
from comity.verification.examine.effects import variance_shares
from comity.verification.examine.model import (
    Axis,
    Left,
    OptionEffect,
    Robustness,
    Specification,
)
from comity.verification.examine.pool import Progress, run_all
from comity.verification.examine.specs import (
    AXIS_TITLES,
    DEFAULT_RUN,
    READINGS,
    Options,
    Space,
    drawn,
    impossible,
    near,
    short_window,
    space_of,
)
from comity.verification.examine.tasks import FitSummary, FitTask, run_fit
from comity.verification.model import Check, RatioInterval, Scope
from comity.verification.panel import Panel, build_panel
from comity.verification.prepare import ListData, Prepared, combine, prepare
from comity.verification.scope import Membership, assign_cells
from comity.verification.sentences import HEADLINE
from comity.verification.words import FELL_PRIMARY, percent

RAMP_MONTHS = 12
STRETCH = 2.0
NARROW = "narrow"


@dataclass(slots=True)
class _Bench:
    """What the analyses of one question share: prepared windows, memberships and panels, each made
    once."""

    declared: Prepared
    evidence: Evidence
    ready: dict[tuple[str, ...], Prepared] = field(default_factory=dict)
    members: dict[tuple[str, ...], Membership] = field(default_factory=dict)
    panels: dict[tuple[str, ...], Panel] = field(default_factory=dict)

    def scope(self, name: str) -> Scope:
        """Return a scope or definition of the question by its id. Raises QuestionError for a
        definition that nobody has read into a scope."""
        question = self.declared.question
        found = next(s for s in (*question.scopes, *question.definitions) if s.id == name)
        if found.uses:
            raise QuestionError(f"{name}: read definition {found.uses!r} into the question first.")
        return found

    def prepared(self, chosen: dict[str, str]) -> Prepared:
        """Return the question with a window, period, reading of dates and promise as chosen."""
        key = (chosen["window"], chosen["period"], chosen["dates"], chosen["promised"])
        if key not in self.ready:
            question = self.declared.question
            if chosen["window"] == "short":
                first, last = short_window(question)
                question = replace(question, window_from=first, window_to=last)
            reading = READINGS[chosen["dates"]]
            choices = replace(self.declared.choices, reading=reading)
            self.ready[key] = prepare(
                question,
                self.evidence,
                self.declared.under_promise if chosen["promised"] == "out" else {},
                choices,
                6 if chosen["period"] == "half-year" else 3,
            )
        return self.ready[key]

    def panel(self, prepared: Prepared, one: ListData, chosen: dict[str, str]) -> Panel:
        """Return the panel of one list under the choices that decide it."""
        name = one.release.list
        who = (name, chosen["scope"], chosen["dates"], chosen["promised"])
        what = ("window", "period", "outcome", "delay", "campaigns")
        key = (*who, *(chosen[axis] for axis in what))
        if key not in self.panels:
            scope = self.scope(chosen["scope"])
            if who not in self.members:
                self.members[who] = assign_cells(one.table, scope, prepared.under_promise)
            self.panels[key] = build_panel(
                _clustered(one.table, chosen["campaigns"]),
                self.members[who], prepared.grid, _delayed(one, chosen["delay"]).window,
                one.basis, chosen["outcome"],
            )  # fmt: skip
        return self.panels[key]

    def lay_out(self, options: Options) -> tuple[Prepared, Analysis]:
        """Return an analysis ready to be fitted."""
        chosen = dict(options)
        prepared = self.prepared(chosen)
        names = chosen["lists"].split("+")
        lists = tuple(one for one in prepared.lists if one.release.list in names)
        panels = tuple(self.panel(prepared, one, chosen) for one in lists)
        quarters = {"none": 0, "one": 1, "two": 2}[chosen["anticipation"]]
        earlier = replace(prepared, onset=prepared.onset - 3 * quarters // prepared.grid.months)
        scope = self.scope(chosen["scope"])
        laid = lay_out(earlier, scope, chosen["comparison"], chosen["outcome"], lists, panels)
        return earlier, laid


def _clustered(table: pl.DataFrame, choice: str) -> pl.DataFrame:
    """Return a table in which campaigns are as known, or not told."""
    return table if choice == "linked" else table.with_columns(campaign=pl.lit(""))


def _delayed(one: ListData, choice: str) -> ListData:
    """Return a list with its delay as estimated, as none, or STRETCH times as long."""
    delay = one.window.delay
    if choice == "none" or delay is None:
        return replace(one, window=replace(one.window, delay=None))
    if choice == "double":
        return replace(one, window=replace(one.window, delay=delay.stretched(STRETCH)))
    return one


def task_of(prepared: Prepared, laid: Analysis, shape: str = "step", seed: int = 0) -> FitTask:
    """Return the fit of an analysis as a piece of work."""
    seen = exposed(prepared, laid.panels)
    months = prepared.grid.months
    return FitTask(
        combine(tuple(p.counts for p in laid.panels)), laid.comparison, prepared.onset,
        (seen.start, seen.stop), months, RAMP_MONTHS // months if shape == "ramp" else 0,
        prepared.choices.level, seed=seed,
    )  # fmt: skip


@dataclass(slots=True)
class _Agenda:
    """What will be run and what was left: filled by `_plan`."""

    options: list[Options] = field(default_factory=list)
    laid: list[Analysis] = field(default_factory=list)
    task: list[FitTask | None] = field(default_factory=list)
    left: dict[tuple[str, str], list[Options]] = field(default_factory=dict)

    def leave(self, kind: str, reason: str, options: Options) -> None:
        """Count an analysis that is not run."""
        self.left.setdefault((kind, reason), []).append(options)


def _plan(bench: _Bench, space: Space, wanted: int, seed: int) -> _Agenda:
    """Choose distinct analyses until there are `wanted`, or no more."""
    agenda = _Agenda()
    hashes: dict[str, Options] = {}
    seen: set[Options] = set()
    severe = {
        option: frozenset(
            name for name in option.split("+")
            if (release := bench.evidence.release_of(name)) and release.severity_scale
        )
        for option in space.axes["lists"]
    }  # fmt: skip
    patience = 20 * wanted  # draws after which a small space is taken as used up
    candidates: Iterator[Options] = chain(near(space), drawn(space, seed))
    for tried, options in enumerate(candidates):
        close = space.distance(options) <= 2
        if options in seen:
            continue
        seen.add(options)
        if not close and (len(agenda.options) >= wanted or tried > patience):
            break
        if why := impossible(options, severe):
            agenda.leave("impossible", why, options)
            continue
        prepared, laid = bench.lay_out(options)
        if laid.reason:
            agenda.options.append(options)
            agenda.laid.append(laid)
            agenda.task.append(None)
            continue
        task = task_of(prepared, laid, dict(options)["shape"], bench.declared.choices.seed)
        content = task.content()
        if content in hashes:
            agenda.leave("same", _difference(options, hashes[content]), options)
            continue
        hashes[content] = options
        agenda.options.append(options)
        agenda.laid.append(laid)
        agenda.task.append(task)
    return agenda


def _difference(options: Options, other: Options) -> str:
    """Return on which axes two analyses with the same data differ."""
    apart = [
        AXIS_TITLES[a] for (a, mine), (_, own) in zip(options, other, strict=True) if mine != own
    ]
    return f"gives the same data whatever is chosen for: {', '.join(apart)}"


def robustness(
    prepared: Prepared,
    evidence: Evidence,
    *,
    analyses: int = DEFAULT_RUN,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Robustness:
    """Return every defensible analysis of a question, at least those one or two choices away from
    the declared one, and further ones up to `analyses`."""
    names = tuple(one.release.list for one in prepared.counting)
    rest = tuple(one.release.list for one in prepared.lists if one.release.list not in names)
    space = space_of(
        prepared.question, names, prepared.choices.reading,
        any(one.window.delay is not None for one in prepared.lists), bool(prepared.under_promise),
        prepared.grid.months,
    )  # fmt: skip
    if rest:
        extra = tuple(o for o in rest)
        space = replace(space, axes={**space.axes, "lists": (*space.axes["lists"], *extra)})
    bench = _Bench(prepared, evidence)
    agenda = _plan(bench, space, analyses, prepared.choices.seed)
    tasks = [t for t in agenda.task if t is not None]
    answers = iter(run_all(run_fit, tasks, workers, progress))
    made = [
        _specification(number, space, options, laid, None if task is None else next(answers),
                       prepared.choices.level)
        for number, (options, laid, task) in enumerate(
            zip(agenda.options, agenda.laid, agenda.task, strict=True)
        )
    ]  # fmt: skip
    return _finding(space, made, agenda)


def _specification(
    number: int, space: Space, options: Options, laid: Analysis, summary: FitSummary | None,
    level: float,
) -> Specification:  # fmt: skip
    """Return one analysis with its answer, or with why it has none."""
    reason = laid.reason or (summary.reason(HEADLINE) if summary is not None else "")
    ratio = fell = None
    if summary is not None and not reason:
        e = summary.estimates[HEADLINE]
        ratio, fell = RatioInterval(e.median, e.lower, e.upper, level), e.fell
    return Specification(
        number, options, space.distance(options), ratio, fell, not reason, reason,
        round(laid.before, 2), round(laid.after, 2),
    )  # fmt: skip


def _axes(space: Space, known: list[Specification]) -> tuple[tuple[Axis, ...], float | None]:
    """Return every axis with its effect, and the share that no axis explains by itself."""
    values = np.log([s.ratio.median for s in known if s.ratio is not None])
    chosen = [dict(s.options) for s in known]
    codes = [
        np.array([options.index(c[axis]) for c in chosen], dtype=np.int64)
        for axis, options in space.axes.items()
    ]
    shares = variance_shares(codes, values) if len(known) > 2 else np.zeros(len(codes))
    axes = []
    for (axis, options), code, share in zip(space.axes.items(), codes, shares, strict=True):
        effects = []
        for k, option in enumerate(options):
            mine = [s for s, c in zip(known, code, strict=True) if c == k]
            medians = [s.ratio.median for s in mine if s.ratio is not None]
            effects.append(
                OptionEffect(
                    option, space.title(axis, option), len(mine),
                    float(np.median(medians)) if medians else None,
                    _share(mine, low=FELL_PRIMARY) if mine else None,
                )
            )  # fmt: skip
        varies = len(set(code.tolist())) > 1
        axes.append(Axis(axis, AXIS_TITLES[axis], float(share) if varies else None, tuple(effects)))
    return tuple(axes), float(1.0 - shares.sum()) if len(known) > 2 else None


def _share(known: list[Specification], low: float = 0.0, high: float = 1.0) -> float:
    """Return the share of analyses whose probability of a fall lies in [low, high]."""
    return sum(low <= (s.fell or 0.0) <= high for s in known) / len(known) if known else 0.0


def _finding(space: Space, made: list[Specification], agenda: _Agenda) -> Robustness:
    """Return the finding from all analyses run."""
    known = [s for s in made if s.identified]
    ranked = sorted(known, key=lambda s: s.ratio.median if s.ratio else 0.0)
    axes, rest = _axes(space, known)
    left = tuple(
        Left(kind, reason, len(them), them[0]) for (kind, reason), them in agenda.left.items()
    )
    median = float(np.median([s.ratio.median for s in known if s.ratio])) if known else None
    found = Robustness(
        estimand=HEADLINE,
        possible=space.size,
        run=len(made),
        identified=len(known),
        fell=_share(known, low=FELL_PRIMARY),
        rose=_share(known, high=1 - FELL_PRIMARY),
        below_one=_share(known, low=0.5),
        median=median,
        lowest=ranked[0] if ranked else None,
        highest=ranked[-1] if ranked else None,
        axes=axes,
        unexplained=rest,
        left=left,
        specifications=tuple(made),
        sentence="",
    )
    checks = (_check(found),)
    return replace(found, sentence=_sentence(found), checks=checks)


def _check(found: Robustness) -> Check:
    """Say whether the direction hangs on a choice: nine in ten analyses on one side of 1."""
    if not found.identified:
        return Check("direction holds", None, "no analysis is identified")
    side = max(found.below_one, 1 - found.below_one)
    return Check(
        "direction holds", side >= 0.9,
        f"{100 * side:.0f} % of the identified analyses lie on one side of no change",
    )  # fmt: skip


def _sentence(found: Robustness) -> str:
    """Return the finding in one sentence."""
    if not found.identified or found.lowest is None or found.highest is None:
        return f"None of {found.run} distinct analyses is identified."
    assert found.lowest.ratio is not None
    assert found.highest.ratio is not None
    most = max(found.axes, key=lambda a: a.share or 0.0)
    alone = f"{most.title} ({percent(most.share)} of the variance)" if most.share else "no choice"
    narrow = [
        s for s in found.specifications if s.identified and dict(s.options)["scope"] == NARROW
    ]
    inside = ""
    if narrow and len(narrow) < found.identified:
        median = float(np.median([s.ratio.median for s in narrow if s.ratio]))
        inside = (
            f" (of the {len(narrow)} on the narrow scope {100 * _share(narrow, FELL_PRIMARY):.0f} "
            f"%, half below {median:.2f})"
        )
    return (
        f"Of {found.run} distinct analyses {found.identified} are identified; their ratios run "
        f"from {found.lowest.ratio.median:.2f} to {found.highest.ratio.median:.2f}, half below "
        f"{found.median:.2f}; {100 * found.fell:.0f} % reach {percent(FELL_PRIMARY)} for a fall"
        f"{inside}, {100 * found.rose:.0f} % for a rise. What matters most is {alone}. They share "
        "their data: this is description, not a vote."
    )
