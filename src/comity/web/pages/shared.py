"""What pages of several rooms need: a page that is not there, a day to look from, who asks what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

from comity.errors import AddressError, ComityError
from comity.instruments.card import party_names
from comity.instruments.model import Register
from comity.verification.implementation import load_any_question
from comity.verification.question import IMPLEMENTATION, shipped_questions
from comity.web.page import Asked
from comity.web.parameters import Parameter

Found = TypeVar("Found")

AS_OF = Parameter("as_of", "as things stood on this day; today without", "day")
PAGE = Parameter("page", "which page of a long table", "whole", default="1", least=1)
ROWS = 100  # of a long table, on one page
MOST_NAMED = 6


def or_missing(find: Callable[[], Found]) -> Found:
    """Return what a part of the path names. Raises AddressError: there is no such page."""
    try:
        return find()
    except ComityError as error:
        raise AddressError(str(error), missing=True) from error


def day_of(asked: Asked) -> dt.date:
    """Return the day a view looks from: the one asked for, else today.

    Raises AddressError for a day still to come: nothing is known of it.
    """
    text, today = asked.values.get("as_of", ""), dt.date.today()
    day = dt.date.fromisoformat(text) if text else today
    if day > today:
        raise AddressError(f"as_of={text} is still to come, so nothing is known of it.")
    return day


def paged(asked: Asked, rows: Sequence[Found]) -> tuple[Sequence[Found], int, int]:
    """Return the rows of the page asked for, its number from 1, and how many pages there are."""
    last = max(1, -(-len(rows) // ROWS))
    number = int(asked.values.get("page", "1"))
    if number > last:
        raise AddressError(f"page={number}: there are {last} pages.")
    return rows[ROWS * (number - 1) : ROWS * number], number, last


@lru_cache(maxsize=1)
def _questions() -> tuple[tuple[str, str, str], ...]:
    """Return (instrument, question, title) of each question that ships."""
    names = (*shipped_questions(), *shipped_questions(IMPLEMENTATION))
    loaded = ((name, load_any_question(name)) for name in names)
    return tuple((q.instrument, name, q.title) for name, q in loaded)


def questions_of(instrument: str) -> tuple[tuple[str, str], ...]:
    """Return (question, title) of the questions that ask of an instrument."""
    return tuple((name, title) for of, name, title in _questions() if of == instrument)


def named_parties(register: Register, instrument: str) -> tuple[tuple[str, ...], int]:
    """Return the names of the first parties of an instrument, and how many more there are."""
    names = party_names(register, instrument)
    return names[:MOST_NAMED], max(0, len(names) - MOST_NAMED)
