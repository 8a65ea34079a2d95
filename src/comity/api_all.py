"""The public functions beside a single verdict: implementation, and every question at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from comity.api import check_level, facts_of, instrument_of, others_under_promise, verdict_on
from comity.dates import DateReading
from comity.errors import QuestionError
from comity.incidents.load import load_evidence
from comity.incidents.model import Evidence
from comity.instruments.model import Register
from comity.instruments.register import load_register
from comity.verification import implementation, overview
from comity.verification.implementation import (
    ImplementationQuestion,
    implement,
    load_any_question,
)
from comity.verification.model import Choices, Question
from comity.verification.overview import caveats_of, finding_of, row_of, row_of_implementation
from comity.verification.promises import pool_promises, promises_to_pool
from comity.verification.question import IMPLEMENTATION, load_question, shipped_questions


@dataclass(frozen=True, slots=True)
class ImplementationVerdict(implementation.ImplementationVerdict):
    """What was done under a text that prohibits nothing; it can be saved as JSON and as a report.

    All fields are those of `comity.verification.implementation.ImplementationVerdict`.
    """

    def to_json(self) -> str:
        """Return the answer as JSON text, of the schema docs/json.md describes."""
        from comity.report.implementation import implementation_to_json

        return implementation_to_json(self)

    def report(self, path: str | Path) -> None:
        """Write one self-contained HTML page. Raises StoreError where it cannot be written."""
        from comity.report.implementation import write_implementation

        write_implementation(self, Path(path))


def verify_implementation(
    question: str | Path | ImplementationQuestion, register: Register | None = None
) -> ImplementationVerdict:
    """Return what the register records of the implementation of what a question asks of.

    `question` is an id that ships, a path to a TOML file, or an ImplementationQuestion; without
    `register`, the one that ships answers. Raises QuestionError for a question about conduct.

    >>> verify_implementation("osce-cbm-2013").changed.term
    'not asked'
    """
    from comity import __version__

    asked = (
        question if isinstance(question, ImplementationQuestion) else load_any_question(question)
    )
    if not isinstance(asked, ImplementationQuestion):
        raise QuestionError(f"{asked.id} asks about conduct: comity.verify answers it.")
    register = register or load_register()
    facts = facts_of(instrument_of(asked, register), register, asked.norms)
    found = implement(asked, register, facts, __version__)
    return ImplementationVerdict(**{f.name: getattr(found, f.name) for f in fields(found)})


@dataclass(frozen=True, slots=True)
class Overview(overview.Overview):
    """Every question in one table; it can be printed, saved as JSON and written as a report.

    All fields are those of `comity.verification.overview.Overview`.
    """

    def to_json(self) -> str:
        """Return the table as JSON text, of the schema docs/json.md describes."""
        from comity.report.overview import overview_to_json

        return overview_to_json(self)

    def report(self, path: str | Path) -> None:
        """Write one self-contained HTML page. Raises StoreError where it cannot be written."""
        from comity.report.overview import write_overview

        write_overview(self, Path(path))


def verify_all(
    evidence: Evidence | None = None,
    *,
    lists: Sequence[str] = (),
    as_of: dt.date | None = None,
    reading: DateReading | None = None,
    seed: int | None = None,
    level: float = 0.90,
    progress: Callable[[str], None] | None = None,
) -> Overview:
    """Return every question that ships in one table, and the promises of one kind pooled.

    Arguments are those of `comity.verify`. A row's terms are those of the question's own verdict.
    Raises QuestionError, SourceError or StoreError with what to do.
    """
    from comity import __version__

    check_level(level)
    held = evidence if evidence is not None else load_evidence(tuple(lists) or None)
    register = load_register()
    default = Choices()
    choices = Choices(
        lists=tuple(lists), as_of=as_of, reading=reading or default.reading,
        seed=default.seed if seed is None else seed, level=level,
    )  # fmt: skip
    tell = progress or (lambda _: None)
    questions = [load_question(name) for name in shipped_questions()]
    verdicts = []
    for number, question in enumerate(questions, start=1):
        tell(f"{number} of {len(questions)}: {question.title}")
        verdicts.append(verdict_on(question, held, register, choices))
    answers = [verify_implementation(n, register) for n in shipped_questions(IMPLEMENTATION)]
    rows = (*map(row_of, verdicts), *map(row_of_implementation, answers))
    tell("promises of one kind, pooled")
    pooled = tuple(
        pool_promises(group, held, _owed(register, group), choices)
        for group in promises_to_pool(questions, register)
    )
    used = dict.fromkeys((use.name, use.release) for v in verdicts for use in v.lists)
    return Overview(
        rows=rows,
        finding=finding_of(rows),
        pooled=pooled,
        lists=tuple(used),
        choices=choices,
        as_of=max(v.as_of for v in verdicts),
        version=__version__,
        caveats=caveats_of(rows, pooled),
    )


def _owed(register: Register, group: Sequence[Question]) -> Mapping[str, Mapping[str, dt.date]]:
    """Return, by question, its other receivers owed the same promise."""
    return {q.id: others_under_promise(register, q) for q in group}
