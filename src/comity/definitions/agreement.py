"""How far two readers coded the same definitions alike, column by column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from comity.definitions.model import Definitions

CODED = ("protects", "properties", "against", "content", "orientation")
ONE_READER, AGREED, DIFFERED = "one reader", "agreed", "differed: "
NOT_FOUND = f"{ONE_READER}; searched again, not found"
_SECOND = re.compile(
    r"(?:agreed|differed: (?P<differed>[a-z, ]+?))(?: \(not blind: (?P<known>[a-z, ]+)\))?"
)


@dataclass(frozen=True, slots=True)
class SecondReading:
    """In which columns a second reading differed, and which it coded without sight of the first.

    Both hold names of `CODED`; the columns outside `blind` tell nothing of agreement.
    """

    differed: frozenset[str]
    blind: frozenset[str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of `of` definitions that two readers coded in a column, how many cells were the same."""

    same: int
    of: int


def second_reading(text: str) -> SecondReading | None:
    """Return what a cell `second` says; None where nobody else read the text.

    That is so too where another searched for it and found no copy (`NOT_FOUND`).
    Raises ValueError for a cell that says nothing of the kind or names no coded column.

    >>> sorted(second_reading("differed: against (not blind: protects)").differed)
    ['against']
    """
    if text in (ONE_READER, NOT_FOUND):
        return None
    found = _SECOND.fullmatch(text)
    differed, known = (_columns(found[name]) if found else set() for name in ("differed", "known"))
    if not found or not differed | known <= set(CODED) or differed & known:
        raise ValueError(
            f"second is {text!r}; it must be {ONE_READER}, {NOT_FOUND}, {AGREED} or "
            f"{DIFFERED}COLUMNS, with (not blind: COLUMNS) where the reader had seen some; "
            f"columns are {', '.join(CODED)}"
        )
    return SecondReading(frozenset(differed), frozenset(CODED) - known)


def agreement(definitions: Definitions) -> Mapping[str, Agreement]:
    """Return how often two readers, neither seeing the other's codes, agreed on each column."""
    readings = [r for d in definitions.rows if (r := second_reading(d.second)) is not None]
    return {
        column: Agreement(
            same=sum(column in r.blind and column not in r.differed for r in readings),
            of=sum(column in r.blind for r in readings),
        )
        for column in CODED
    }


def _columns(text: str | None) -> set[str]:
    return {word.strip() for word in text.split(",")} if text else set()
