"""Questions about implementation: of a text that prohibits nothing, it is asked what was done.

Incident counts do not speak to a text of measures that build confidence. The answer is what the
register records: lines of follow-up with their dates, what is told differently, and how far each
row was read at its source.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from comity.errors import QuestionError
from comity.instruments.model import Account, Provision, Register, Status, Track
from comity.saying import joined, say
from comity.verification.model import Confidence, InstrumentFacts, Question, Statement
from comity.verification.question import (
    IMPLEMENTATION,
    Day,
    kind_of,
    question_text,
    read_question,
    refusal,
    toml_of,
)

NOT_ASKED = say("answer.not_asked")
NOTHING_ON_RECORD = say("answer.no_follow_up")
ADDS_TO = "adds to"
LOW = say("confidence.low")
MOST_CONFIDENT = say("confidence.moderate")
NO_COUNTS = say("implementation.no_counts")
NO_CAUSE = say("implementation.no_cause")


@dataclass(frozen=True, slots=True)
class ImplementationQuestion:
    """A question about what was done. `norms` names those asked of (none: all of the instrument),
    `topics` the contested points of the register that belong to it."""

    id: str
    title: str
    instrument: str
    agreed: dt.date
    norms: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing the text asks for, with what would show it done (`keeping`) or left (`breach`)."""

    provision: Provision
    title: str
    keeping: str
    breach: str


@dataclass(frozen=True, slots=True)
class ImplementationVerdict:
    """What the register records of the implementation of one text; it counts no incidents."""

    question: ImplementationQuestion
    instrument: InstrumentFacts
    version: str
    changed: Statement
    kept: Statement
    because: Statement
    confidence: Confidence
    measures: tuple[Measure, ...]
    tracks: tuple[Track, ...]
    accounts: tuple[Account, ...]
    caveats: tuple[str, ...]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Annotated[str, Field(min_length=1)]
    kind: Literal["implementation"]
    instrument: Annotated[str, Field(min_length=1)]
    agreed: Day
    norms: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


def read_implementation(text: str, path: str = "") -> ImplementationQuestion:
    """Return the question about implementation in a TOML text. Raises QuestionError."""
    try:
        file = _File.model_validate(toml_of(text, path))
    except ValidationError as error:
        raise refusal(error, path) from error
    return ImplementationQuestion(
        file.id, file.title, file.instrument, file.agreed, file.norms, file.topics, path
    )


def load_any_question(
    name: str | Path, home: Path | None = None
) -> Question | ImplementationQuestion:
    """Return a question of either kind: one that ships, by id, or the user's own, by id or path."""
    return read_any_question(*question_text(name, home))


def read_any_question(text: str, path: str = "") -> Question | ImplementationQuestion:
    """Return the question of either kind in a TOML text. Raises QuestionError."""
    read = read_implementation if kind_of(text) == IMPLEMENTATION else read_question
    return read(text, path)


def implement(
    question: ImplementationQuestion, register: Register, facts: InstrumentFacts, version: str
) -> ImplementationVerdict:
    """Return what the register records on the implementation of what a question asks of.

    Raises QuestionError where a norm or topic is not the instrument's, where what is asked of
    prohibits something, or where the day agreed is not the register's.
    """
    measures = _measures(question, register)
    tracks = _tracks(question.instrument, register)
    accounts = tuple(
        a
        for a in register.accounts
        if a.instrument == question.instrument and a.topic in question.topics
    )
    return ImplementationVerdict(
        question=question,
        instrument=facts,
        version=version,
        changed=Statement(NO_COUNTS, NOT_ASKED, None),
        kept=_kept(tracks, question.topics),
        because=Statement(NO_CAUSE, NOT_ASKED, None),
        confidence=_confidence(tracks),
        measures=measures,
        tracks=tracks,
        accounts=accounts,
        caveats=_caveats(question, measures, tracks),
    )


def _measures(question: ImplementationQuestion, register: Register) -> tuple[Measure, ...]:
    """Return what the question asks of. Raises QuestionError as `implement` says."""
    instrument = register.instruments[question.instrument]
    rows = [p for p in register.provisions if p.instrument == instrument.id]
    stated = {p.norm for p in rows}
    topics = {a.topic for a in register.accounts if a.instrument == instrument.id}
    problems = [
        f"{what} {value!r} is not the instrument's; there are: {', '.join(sorted(known)) or 'none'}"
        for what, values, known in (
            ("norm", question.norms, stated),
            ("topic", question.topics, topics),
        )
        for value in values
        if value not in known
    ]
    asked = [p for p in rows if p.norm in (question.norms or stated)]
    problems += [
        f"norm {norm!r} prohibits conduct: ask it as a question about conduct, or name in `norms` "
        "those that do not"
        for norm in dict.fromkeys(p.norm for p in asked)
        if register.norms[norm].prohibits
    ]
    date = instrument.date
    if None not in (date.earliest, date.latest) and not (
        date.earliest <= question.agreed <= date.latest  # type: ignore[operator]
    ):
        problems.append(f"agreed is {question.agreed}, but the register dates it {date}")
    if problems:
        raise QuestionError(f"{question.id}: " + "; ".join(problems) + ".")
    norms = register.norms
    return tuple(
        Measure(p, norms[p.norm].title, norms[p.norm].keeping, norms[p.norm].breach) for p in asked
    )


def _tracks(instrument: str, register: Register) -> tuple[Track, ...]:
    """Return the follow-up of an instrument and of those it adds to, by first day."""
    added_to = [k.target for k in register.links if (k.source, k.kind) == (instrument, ADDS_TO)]
    found = [t for t in register.tracks if t.instrument in (instrument, *added_to)]
    return tuple(sorted(found, key=lambda t: (t.since.earliest or dt.date.min, t.id)))


def _counted(words: Sequence[str]) -> str:
    """Return "2 hotlines, 1 working group" for kinds of follow-up."""
    return joined(
        say(f"follow_up.{word.replace(' ', '-')}", n=n) for word, n in Counter(words).items()
    )


def _kept(tracks: Sequence[Track], topics: Sequence[str]) -> Statement:
    """Return what the register records, never that a text was or was not kept."""
    if not tracks:
        return Statement(
            say("implementation.silence"), NOTHING_ON_RECORD, None,
        )  # fmt: skip
    ended = [t for t in tracks if t.until is not None]
    lines = say("implementation.lines", n=len(tracks))
    no_end = say("implementation.no_end")
    each = joined(
        [
            say("implementation.span", name=t.name, since=t.since, until=t.until or no_end)
            for t in tracks
        ],
        "; ",
    )
    kinds = _counted([t.kind for t in tracks])
    text = [say("implementation.records", lines=lines, kinds=kinds, each=each)]
    if topics:
        text.append(say("implementation.told", topics=joined(topics, "; ")))
    text.append(say("implementation.no_proof"))
    term = (
        say("answer.ended", lines=lines, n=len(ended))
        if ended
        else say("answer.no_end", lines=lines)
    )
    return Statement(joined(text, " "), term, None)


def _confidence(tracks: Sequence[Track]) -> Confidence:
    """Return confidence by rule: low where no follow-up is on record or a row of it was not read at
    its source; else moderate. It is never high: a register holds what was found."""
    if not tracks:
        return Confidence(LOW, (say("implementation.none_on_record"),))
    indirect = [t.name for t in tracks if t.status is not Status.SEEN]
    if indirect:
        said = say("implementation.indirect", tracks=joined(indirect))
        return Confidence(LOW, (said,))
    found = say("implementation.found")
    return Confidence(MOST_CONFIDENT, (found,))


def _caveats(
    question: ImplementationQuestion, measures: Sequence[Measure], tracks: Sequence[Track]
) -> tuple[str, ...]:
    """Return what to mind."""
    found = [
        say("implementation.public"),
        say("implementation.today"),
    ]
    if len(measures) > len(tracks):
        found.append(say("implementation.measures_only", n=len(measures), lines=len(tracks)))
    borrowed = dict.fromkeys(t.instrument for t in tracks if t.instrument != question.instrument)
    if borrowed:
        found.append(say("implementation.borrowed", texts=joined(borrowed)))
    return tuple(found)
