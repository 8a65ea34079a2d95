"""Every error Comity raises on purpose.

ComityError
├── DateError           a date that is not EDTF level 1, or that does not exist
├── CountryError        a country or grouping nobody knows
├── SourceError         a file of evidence that cannot be read as what it claims to be
├── FetchError          a release that could not be fetched, or is not what was expected
├── StoreError          the user's evidence store: read-only, full, busy or damaged
├── RegisterError       the register of instruments: every problem by file and line
├── LineageError        documents or a clause whose wording cannot be traced
├── DocumentError       a file given as a document that cannot be read as text
├── VotesError          votes from which nobody can be placed, or a state that cast none
├── AddressError        an address of the workbench that asks for what there is not
├── QuestionError       a question file that cannot be asked
├── ExchangeError       a line between parties: a desk, card, draft or journal that is not as needed
│   ├── RefusedError    a message, card or person that was refused, with the reason's name
│   └── RemoteError     another party's server that cannot be reached, or refuses
├── ExportError         something that cannot be exported, or to a place that is not for it
└── ModelError          a fit that cannot be computed from what it was given
"""

from __future__ import annotations


class ComityError(Exception):
    """An error for the person who meets it: what was given, what is allowed, what to try."""


class DateError(ComityError, ValueError):
    """A date that is not EDTF level 1 (ISO 8601-2), or names a day that does not exist."""


class CountryError(ComityError, ValueError):
    """A country, code or grouping that no table of this release knows."""


class SourceError(ComityError):
    """A file of evidence that cannot be read as the list it was given as."""


class FetchError(ComityError):
    """A file that could not be fetched, or that is not the one expected; none is used then."""


class StoreError(ComityError):
    """The user's evidence store cannot be read or written; its last good state is unchanged."""


class RegisterError(ComityError):
    """The register has problems; `problems` holds each one as text with file and line."""

    def __init__(self, message: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class LineageError(ComityError, ValueError):
    """A clause nobody recorded, or documents between which no reuse can be looked for."""


class DocumentError(ComityError, ValueError):
    """A document that is missing, empty, too large, locked, damaged, or without text."""


class VotesError(ComityError, ValueError):
    """Votes that are too few to place anybody by, or a state that cast none."""


class QuestionError(ComityError, ValueError):
    """A question that cannot be asked as written: unknown field, scope or comparison."""


class ExportError(ComityError, ValueError):
    """A table, part or format that is none, or a folder that an export must not replace."""


class ExchangeError(ComityError):
    """A line between parties that cannot do what was asked; what was there before is unchanged."""


class RefusedError(ExchangeError):
    """What came from a party or a person and was refused; `reason` is one word for programs."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class RemoteError(ExchangeError):
    """Another server that cannot be reached or refuses; `passing` where a later try may succeed.

    `status` is its HTTP status, 0 without an answer; `wait` the seconds it asks to wait.
    """

    def __init__(self, message: str, passing: bool) -> None:
        super().__init__(message)
        self.passing, self.status, self.wait = passing, 0, 0.0


class ModelError(ComityError):
    """A fit that cannot be computed: inputs out of range or a posterior without a mode."""


class AdoptionError(ComityError):
    """A norm's adoptions, cascades or take-ups that cannot be read or modelled."""


class AddressError(ComityError, ValueError):
    """An address of the workbench that cannot be answered: an unknown parameter or value.

    `missing` says that there is no such page, not that a page was asked wrongly.
    """

    def __init__(self, message: str, missing: bool = False) -> None:
        super().__init__(message)
        self.missing = missing
