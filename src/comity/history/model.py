"""The records of what was asked and answered before: registrations, verdicts, what sets two apart.

Each is plain text and numbers, so that it reads back as it was written. Times are UTC, ISO 8601, by
the clock of whoever wrote them. A rate ratio is after over before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comity.verification.model import FieldChange


@dataclass(frozen=True, slots=True)
class EvidenceUsed:
    """One list at one release: the publisher's file, and the incidents as held, by their hashes."""

    list: str
    release: str
    closed_on: str  # EDTF
    sha256: str  # of the publisher's file
    content: str  # of the incidents
    incidents: int


@dataclass(frozen=True, slots=True)
class Setting:
    """The program as it was: version, hashes of its code and of its register, libraries."""

    version: str
    code: str
    register: str
    libraries: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stamp:
    """One registration of a question: when, what it meant, and what was at hand."""

    on: str
    sha256: str
    question: Mapping[str, Any]  # its canonical form
    choices: Mapping[str, Any]
    evidence: tuple[EvidenceUsed, ...]
    setting: Setting
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One of a verdict's sentences with its word."""

    term: str
    sentence: str
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """One headline number: an estimate of a scope under a comparison; null where not identified."""

    scope: str
    comparison: str
    estimand: str
    before: float
    after: float
    median: float | None
    lower: float | None
    upper: float | None
    fell: float | None

    @property
    def key(self) -> tuple[str, str, str]:
        """What the number is of."""
        return (self.scope, self.comparison, self.estimand)


@dataclass(frozen=True, slots=True)
class Entry:
    """One verdict of the history: `number` counts from 1, `previous` is the hash of the one before.

    `registered` is the state of the question's registration then, empty where there was none.
    """

    number: int
    previous: str
    recorded: str
    question: Mapping[str, Any]  # its canonical form
    question_sha256: str
    path: str
    registered: str
    evidence: tuple[EvidenceUsed, ...]
    choices: Mapping[str, Any]
    as_of: str
    setting: Setting
    changed: Answer
    kept: Answer
    because: Answer
    confidence: Answer
    mirror: Mapping[str, str]  # hash of the mirror question, and its three words
    numbers: tuple[Number, ...]

    @property
    def question_id(self) -> str:
        """The id of the question asked."""
        return str(self.question.get("id", ""))


@dataclass(frozen=True, slots=True)
class Reason:
    """One declared thing in which two verdicts differ."""

    kind: str  # question | evidence | choices | code | register | libraries
    what: str
    changes: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """Two verdicts side by side: what was declared otherwise, what is answered otherwise."""

    before: Entry
    after: Entry
    reasons: tuple[Reason, ...]
    answers: tuple[FieldChange, ...]  # the words and sentences that differ
    numbers: tuple[tuple[Number | None, Number | None], ...]  # those that differ
    sentence: str


@dataclass(frozen=True, slots=True)
class Note:
    """A reply, correction or withdrawal as the user's history holds it; `number` counts from 1."""

    number: int
    previous: str
    recorded: str
    kind: str  # reply | correction | withdrawal
    question: str  # its id
    question_sha256: str
    party: str
    date: str  # EDTF
    text: str
    source: str
    withdraws: int = 0
