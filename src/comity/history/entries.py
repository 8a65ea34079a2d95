"""The user's history of verdicts: each as it was given, with everything that was declared.

HOME/history/verdicts.jsonl     one verdict a line, see `log`
HOME/history/replies.jsonl      replies and corrections, see `replies`
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from comity.errors import StoreError
from comity.history.canonical import canonical, plain, question_sha256
from comity.history.digests import evidence_used, this_setting
from comity.history.log import PATIENCE, append, read_log
from comity.history.model import Answer, Entry, Number
from comity.history.records import from_record, to_record, utc_now
from comity.incidents.model import Evidence
from comity.storage import home as usual_home
from comity.verification.model import Change, Choices, Question, Statement, Verdict

VERDICTS = "verdicts.jsonl"
HEADLINES = ("jump", "net-5", "level")  # of each scope, under the declared comparison
OPT_OUT = "COMITY_NO_HISTORY"


@dataclass(frozen=True, slots=True)
class History:
    """The verdicts of a history, oldest first, and in words what is wrong with it."""

    entries: tuple[Entry, ...]
    problems: tuple[str, ...] = ()


def folder(home: Path | None = None) -> Path:
    """Return the folder of the user's history; it need not exist."""
    return (home or usual_home()) / "history"


def wanted() -> bool:
    """Say whether verdicts are to be recorded: not where COMITY_NO_HISTORY is set, but for 0."""
    return os.environ.get(OPT_OUT, "").strip() in ("", "0")


def record_verdict(
    verdict: Verdict, evidence: Evidence, home: Path | None = None, patience: float = PATIENCE
) -> Entry:
    """Add a verdict to the history and return its entry. Raises StoreError; nothing is then added.

    `evidence` is the body of evidence it was reached from.
    """
    made = entry_of(verdict, evidence)

    def numbered(number: int, previous: str) -> Entry:
        return replace(made, number=number, previous=previous)

    record = append(
        folder(home) / VERDICTS, lambda n, before: to_record(numbered(n, before)), patience
    )
    return numbered(record["number"], record["previous"])


def read_history(home: Path | None = None, question: str = "") -> History:
    """Return the history, or that of one question by its id. Raises StoreError."""
    log = read_log(folder(home) / VERDICTS)
    entries, problems = [], list(log.problems)
    for record in log.records:
        try:
            entries.append(from_record(Entry, record))
        except ValueError as error:
            problems.append(f"{VERDICTS}: number {record['number']} cannot be read: {error}")
    kept = (e for e in entries if not question or e.question_id == question)
    return History(tuple(kept), tuple(problems))


def entry_numbered(number: int, home: Path | None = None) -> Entry:
    """Return one verdict of the history. Raises StoreError where there is none of that number."""
    entries = read_history(home).entries
    found = next((e for e in entries if e.number == number), None)
    if found is None:
        there = f"1 to {entries[-1].number}" if entries else "none yet"
        raise StoreError(
            f"There is no verdict {number} in your history ({there}): `comity verdicts` lists them."
        )
    return found


def entry_of(verdict: Verdict, evidence: Evidence) -> Entry:
    """Return the entry of a verdict, not numbered yet."""
    mirror = verdict.mirror
    asked = as_declared(verdict.question)
    return Entry(
        number=0,
        previous="",
        recorded=utc_now(),
        question=canonical(asked),
        question_sha256=question_sha256(asked),
        path=verdict.question.path,
        registered="" if verdict.registration is None else verdict.registration.state,
        evidence=evidence_used(evidence, [use.name for use in verdict.lists]),
        choices=plain_choices(verdict.choices),
        as_of=verdict.as_of.isoformat(),
        setting=this_setting(),
        changed=_answer(verdict.changed),
        kept=_answer(verdict.kept),
        because=_answer(verdict.because),
        confidence=Answer(verdict.confidence.word, "; ".join(verdict.confidence.reasons)),
        mirror={}
        if mirror is None
        else {
            "id": mirror.question.id,
            "sha256": question_sha256(as_declared(mirror.question)),
            "changed": mirror.changed.term,
            "kept": mirror.kept.term,
            "because": mirror.because.term,
        },
        numbers=tuple(_numbers(verdict)),
    )


def as_declared(question: Question) -> Question:
    """Return the question as it was declared: what is asked otherwise is among the choices."""
    return question.declared or question


def plain_choices(choices: Choices) -> dict[str, object]:
    """Return every choice by name, also those at their default."""
    reading = choices.reading
    return {
        "lists": plain(choices.lists),
        "as_of": "" if choices.as_of is None else choices.as_of.isoformat(),
        "first_of_year": reading.first_of_year,
        "first_of_month": reading.first_of_month,
        "seed": choices.seed,
        "level": choices.level,
        "draws": choices.draws,
        "otherwise": plain(choices.otherwise),
    }


def _answer(statement: Statement) -> Answer:
    return Answer(statement.term, statement.sentence, _rounded(statement.probability))


def _numbers(verdict: Verdict) -> Sequence[Number]:
    """Return the headline numbers: each scope by the declared comparison, the narrow one by all."""
    narrow = verdict.question.scope.id
    found = []
    for scope in verdict.question.scopes:
        found += [verdict.change_of(scope.id, estimand=name) for name in HEADLINES]
    found += [
        c
        for c in verdict.change
        if (c.scope, c.estimand, c.outcome) == (narrow, "net-5", "starts")
        and c.comparison != verdict.question.comparison
    ]
    return [_number(change) for change in found if change is not None]


def _number(change: Change) -> Number:
    ratio = change.ratio if change.identified else None
    return Number(
        change.scope, change.comparison, change.estimand,
        _rounded(change.before) or 0.0, _rounded(change.after) or 0.0,
        *((None, None, None) if ratio is None
          else (_rounded(ratio.median), _rounded(ratio.lower), _rounded(ratio.upper))),
        _rounded(change.fell) if change.identified else None,
    )  # fmt: skip


def _rounded(value: float | None) -> float | None:
    """Return a number to six significant digits, as the JSON of a verdict has it."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")
