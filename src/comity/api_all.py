"""The public functions beside a single verdict: implementation, and every question at once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from comity.api import facts_of, instrument_of
from comity.errors import QuestionError
from comity.instruments.model import Register
from comity.instruments.register import load_register
from comity.verification import implementation
from comity.verification.implementation import (
    ImplementationQuestion,
    implement,
    load_any_question,
)


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
