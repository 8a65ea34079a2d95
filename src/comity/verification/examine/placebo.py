"""Placebo: the same question where nothing was promised, at other dates and of other pairs.

If the method claims falls where there was no agreement, its claim here is worth less. Other dates
use only one side of the real agreement, so that the real change does not leak in; neighbouring
dates share their data, and are no independent trials. Other pairs are asked at the real date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from scipy.special import betaincinv

from comity.countries import country_name
from comity.incidents.model import Evidence
from comity.verification.change import lay_out
from comity.verification.examine.model import Placebo, PlaceboRow, PlaceboSet
from comity.verification.examine.pool import Progress, run_all
from comity.verification.examine.robustness import task_of
from comity.verification.examine.tasks import FitSummary, FitTask, run_fit
from comity.verification.model import Check, Question, RatioInterval
from comity.verification.prepare import Prepared, membership_of, prepare
from comity.verification.sentences import HEADLINE
from comity.verification.words import FELL_PRIMARY, MIN_INFORMATIVE, counted

SIDE_YEARS = 2.5  # observed on each side of a placebo date, at the least
LEVEL = 0.90
ENOUGH = 10  # identified pairs below which a rank says little
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Trial:
    """One placebo (or the real question), with its fit where there is one to make."""

    row: PlaceboRow
    task: FitTask | None


def jeffreys(alarms: int, trials: int) -> tuple[float, float]:
    """Return the 90 % Jeffreys interval of a rate; (0, 1) without trials."""
    if not trials:
        return 0.0, 1.0
    tail = (1 - LEVEL) / 2
    low = float(betaincinv(alarms + 0.5, trials - alarms + 0.5, tail)) if alarms else 0.0
    high = 1.0
    if alarms < trials:
        high = float(betaincinv(alarms + 0.5, trials - alarms + 0.5, 1 - tail))
    return low, high


def _trial(prepared: Prepared, kind: str, label: str) -> _Trial:
    """Return one question ready to be fitted."""
    question = prepared.question
    laid = lay_out(prepared, question.scope, question.comparison)
    row = PlaceboRow(
        kind, label, question.agreed,
        " and ".join(question.scope.initiator), " and ".join(question.scope.receiver),
        round(laid.before, 2), round(laid.after, 2), None, None, not laid.reason, laid.reason,
    )  # fmt: skip
    task = None if laid.reason else task_of(prepared, laid, seed=prepared.choices.seed)
    return _Trial(row, task)


def _dates(prepared: Prepared, evidence: Evidence) -> list[_Trial]:
    """Return the question at every quarter's first day with enough years on each side."""
    question, grid = prepared.question, prepared.grid
    spare = dt.timedelta(days=SIDE_YEARS * 365.25)
    trials = []
    for start in grid.starts[prepared.window[0] : prepared.window[1]]:
        early = start <= question.agreed
        first = question.window_from if early else question.agreed
        last = question.agreed if early else min(question.window_to, prepared.ends)
        if start - spare < first or start + spare > last:
            continue
        moved = replace(question, agreed=start, window_from=first, window_to=last)
        ready = prepare(
            moved, evidence, prepared.under_promise, prepared.choices, prepared.grid.months
        )
        trials.append(_trial(ready, "date", start.isoformat()))
    return trials


def pairs_of(prepared: Prepared) -> list[Pair]:
    """Return every (initiator, receiver) of which the evidence holds an incident in scope, other
    than the question's own in either direction."""
    scope = prepared.question.scope
    own = {(i, r) for i in scope.initiator for r in scope.receiver}
    own |= {(r, i) for i, r in own}
    found: set[Pair] = set()
    for one in prepared.counting:
        frame = membership_of(one, scope, {}).frame
        rows = sorted(set(frame["row"].to_list()))
        picked = one.table[rows].select("initiators", "receivers")
        for by, on in picked.iter_rows():
            found |= {(i, r) for i in by for r in on if i != r and "X-" not in (i[:2], r[:2])}
    return sorted(found - own)


def _pairs(
    prepared: Prepared, promised: Collection[Pair], wide: bool
) -> tuple[list[_Trial], int, int]:
    """Return the question of every pair without the promise, how many pairs there are, and how many
    of them are under the same promise and left out. `wide` asks it of any act on any target."""
    question = prepared.question
    if wide:
        anything = replace(question.scope, objective=(), target=())
        prepared = replace(prepared, question=replace(question, scope=anything))
        question = prepared.question
    pairs = pairs_of(prepared)
    free = [pair for pair in pairs if pair not in promised]
    trials = []
    for by, on in free:
        scope = replace(question.scope, initiator=(by,), receiver=(on,))
        asked: Question = replace(question, scope=scope, variants=(), controls=())
        ready = replace(prepared, question=asked, under_promise={})
        label = f"{country_name(by)} to {country_name(on)}"
        trials.append(_trial(ready, "wide" if wide else "dyad", label))
    return trials, len(pairs), len(pairs) - len(free)


def _answered(trial: _Trial, summary: FitSummary | None, level: float) -> PlaceboRow:
    """Return a placebo's row with its answer."""
    if summary is None:
        return trial.row
    if reason := summary.reason(HEADLINE):
        return replace(trial.row, identified=False, reason=reason)
    e = summary.estimates[HEADLINE]
    return replace(trial.row, ratio=RatioInterval(e.median, e.lower, e.upper, level), fell=e.fell)


def placebo(
    prepared: Prepared,
    evidence: Evidence,
    promised: Collection[Pair] = (),
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Placebo:
    """Return the question at dates and of pairs where nothing was promised.

    `promised` are the (initiator, receiver) pairs under the same promise, which are left out.
    """
    real = _trial(prepared, "real", "the question itself")
    dates = _dates(prepared, evidence)
    wide_scope = replace(prepared.question.scope, objective=(), target=())
    asked = replace(prepared, question=replace(prepared.question, scope=wide_scope))
    batches: list[list[_Trial]] = [[real], dates]
    notes = [""]
    readings = (False, True) if wide_scope != prepared.question.scope else (False,)
    for wide in readings:
        trials, every, left = _pairs(prepared, promised, wide)
        notes.append(
            f" Of {every} pairs in this evidence {left} are under the same promise and left out."
        )
        batches.append([_trial(asked, "real", "the question itself"), *trials] if wide else trials)
    tasks = [t.task for batch in batches for t in batch if t.task is not None]
    answers = iter(run_all(run_fit, tasks, workers, progress))
    level = prepared.choices.level
    rows = [
        [_answered(t, next(answers) if t.task is not None else None, level) for t in batch]
        for batch in batches
    ]
    own = rows[0][0]
    sets = [_set("date", rows[1], own, notes[0]), _set("dyad", rows[2], own, notes[1])]
    if len(rows) > 3:  # any act on any target, where the question does not ask for that already
        sets.append(_set("wide", rows[3][1:], rows[3][0], notes[2]))
    return Placebo(own, tuple(sets), " ".join(s.sentence for s in sets), _checks(sets))


def _set(kind: str, rows: Sequence[PlaceboRow], real: PlaceboRow, note: str) -> PlaceboSet:
    """Return the false alarms of one kind of placebo and the real one's rank among them."""
    known = [r for r in rows if r.identified and r.fell is not None]
    alarms = sum((r.fell or 0.0) >= FELL_PRIMARY for r in known)
    low, high = jeffreys(alarms, len(known))
    rank = None
    if real.fell is not None and known:
        rank = 1 + sum((r.fell or 0.0) >= real.fell for r in known)
    smallest = 1 / (len(known) + 1) if known else None
    what = {
        "date": "other dates",
        "dyad": "other pairs (same scope)",
        "wide": "other pairs (any act, any target)",
    }[kind]
    if not known:
        sentence = (
            f"None of {len(rows)} {what} holds the {MIN_INFORMATIVE:.0f} incidents needed: "
            "nothing can be said."
        )
    else:
        sentence = (
            f"Of {len(rows)} {what} {len(known)} {'is' if len(known) == 1 else 'are'} rich "
            f"enough, and {alarms} would have raised a false alarm "
            f"({100 * alarms / len(known):.0f} %, 90 % interval {100 * low:.0f} to "
            f"{100 * high:.0f})"
        )
        if rank is not None:
            sentence += f"; the real one ranks {rank} of {len(known) + 1}"
        if kind == "date":
            sentence += "; neighbouring dates share their data"
        sentence += "."
    return PlaceboSet(
        kind, tuple(rows), len(rows), len(known), alarms, alarms / len(known) if known else None,
        low if known else None, high if known else None, rank, smallest, sentence + note,
    )  # fmt: skip


def _checks(sets: Sequence[PlaceboSet]) -> tuple[Check, ...]:
    """Say whether false alarms stay within what a threshold of 0.95 allows, and the resolution."""
    checks = []
    for s in sets:
        passed = None if s.lower is None or s.identified < 5 else s.lower <= 1 - FELL_PRIMARY
        checks.append(
            Check(f"false alarms by {s.kind}", passed, f"{s.alarms} of {s.identified} identified")
        )
    pairs = sets[1]
    checks.append(
        Check(
            "resolution", None,
            counted(pairs.identified, "pair", ("is", "are")) + " rich enough"
            + ("" if pairs.identified >= ENOUGH else f"; a rank needs {ENOUGH} to say much"),
        )
    )  # fmt: skip
    return tuple(checks)
