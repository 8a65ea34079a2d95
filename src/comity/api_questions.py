"""The public functions for a question of one's own: checked as `verify` does, kept by id."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from comity.api import definitions_read, glance, instrument_of
from comity.api_all import verify_implementation
from comity.errors import QuestionError, RegisterError
from comity.incidents.model import Evidence
from comity.instruments.register import load_register
from comity.verification.implementation import (
    ImplementationQuestion,
    load_any_question,
    read_any_question,
)
from comity.verification.kept import MOST_BYTES, QUESTION_ID, keep, kept_ids
from comity.verification.model import Question
from comity.verification.otherwise import MOST_YEARS
from comity.verification.question import IMPLEMENTATION, shipped_questions

FIRST_YEAR, LAST_YEAR = 1980, 2100  # of a window, INCLUSIVE
MOST_TITLE = 200  # characters
MOST_READINGS = 30  # scopes of a question, its narrow one among them
MOST_RIVALS = 100


@dataclass(frozen=True, slots=True)
class Opened:
    """A question that was kept: its id and title, and whether an older one gave way to it."""

    id: str
    title: str
    replaced: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """A question kept in the user's folder; `problem` says why it cannot be asked, where so."""

    id: str
    title: str = ""
    kind: str = ""
    agreed: str = ""
    instrument: str = ""
    problem: str = ""


def open_question(
    text: str, name: str = "", evidence: Evidence | None = None, home: Path | None = None
) -> Opened:
    """Check a question's text as `comity verify` would and keep it under its id.

    `name` is what errors call it. One of the same id that was opened before is replaced. Raises
    QuestionError, RegisterError or SourceError naming the field; nothing is kept then.
    """
    found = check_question(text, name, evidence, home)
    return Opened(found.id, found.title, keep(found.id, text, home))


def check_question(
    text: str, name: str = "", evidence: Evidence | None = None, home: Path | None = None
) -> Question | ImplementationQuestion:
    """Return a question that `comity verify` can answer and that can be kept under its id.

    Asks for the first part of its answer, which finds all that reading alone does not. Raises
    QuestionError, RegisterError or SourceError.
    """
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise QuestionError(f"{name or 'The question'} is too large: at most {MOST_BYTES:,} bytes.")
    question = read_any_question(text, name)
    problems = [*_always(question)]
    if isinstance(question, Question):
        problems += [*_of_conduct(question, evidence, home)]
    if problems:
        lines = "\n".join(f"  {field}: {problem}" for field, problem in problems)
        raise QuestionError(f"{name or 'The question'} cannot be opened:\n{lines}")
    if isinstance(question, ImplementationQuestion):
        verify_implementation(question)
    else:
        definitions_read(question)
        glance(question, evidence)
    return question


def kept_questions(home: Path | None = None) -> tuple[Kept, ...]:
    """Return the questions kept in the user's folder, by id; one that somebody broke says why."""
    return tuple(_described(name, home) for name in kept_ids(home))


def load_kept(name: str, home: Path | None = None) -> Question | ImplementationQuestion:
    """Return a question that ships or is kept, by its id. Raises QuestionError where its file was
    changed since so that it is another's."""
    found = load_any_question(name, home)
    if found.id != name:
        raise QuestionError(f"questions/{name}.toml: its id is {found.id!r}, not the file's name.")
    return found


def _described(name: str, home: Path | None) -> Kept:
    try:
        found = load_kept(name, home)
    except QuestionError as error:
        return Kept(name, problem=str(error))
    kind = "implementation" if isinstance(found, ImplementationQuestion) else "conduct"
    return Kept(name, found.title, kind, found.agreed.isoformat(), found.instrument)


def _shipped() -> Sequence[str]:
    return (*shipped_questions(), *shipped_questions(IMPLEMENTATION))


def _always(question: Question | ImplementationQuestion) -> Iterator[tuple[str, str]]:
    """Yield (field, problem) of what no question that is kept may have."""
    if question.id in _shipped():
        yield "id", f"{question.id!r} is a question that ships; give yours another."
    elif not QUESTION_ID.fullmatch(question.id):
        yield "id", "at most 64 lower-case letters, digits and hyphens."
    if len(question.title) > MOST_TITLE:
        yield "title", f"at most {MOST_TITLE} characters, not {len(question.title):,}."
    if question.instrument:
        try:
            instrument_of(question, load_register())
        except (QuestionError, RegisterError) as error:
            yield "instrument", str(error).removeprefix(f"{question.id}: ")


def _of_conduct(
    question: Question, evidence: Evidence | None, home: Path | None
) -> Iterator[tuple[str, str]]:
    """Yield (field, problem) of what a question about conduct may not have where it is kept."""
    known = [n for n in (*shipped_questions(), *kept_ids(home)) if n != question.id]
    if question.mirror and question.mirror not in known:
        yield "mirror", f"there is no question {question.mirror[:80]!r}: name one by its id."
    for field, day in (("window.from", question.window_from), ("window.to", question.window_to)):
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            yield field, f"a year from {FIRST_YEAR} to {LAST_YEAR}, not {day.year}."
        elif abs(day.year - question.agreed.year) > MOST_YEARS:
            yield field, f"at most {MOST_YEARS} years from the day agreed, {question.agreed}."
    readings = len(question.scopes) + len(question.definitions)
    if readings > MOST_READINGS:
        yield "variant, control, definition", f"at most {MOST_READINGS} scopes, not {readings}."
    if len(question.rivals) > MOST_RIVALS:
        yield "rival", f"at most {MOST_RIVALS}, not {len(question.rivals)}."
    there = [r.list for r in evidence.releases] if evidence is not None else []
    for one in question.lists:
        if there and one not in there:
            yield "evidence.lists", f"there is no list {one[:64]!r}; there are {', '.join(there)}."
