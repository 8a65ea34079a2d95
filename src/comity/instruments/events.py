"""Dated events that might explain a change in a state's conduct as well as an agreement does.

One table for every question (`data/instruments/events.tsv`): a day, the state whose conduct the
event bears on (`about`), what happened in our words, a source and its status. A question may
declare rivals of its own as well.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from comity.countries import resolve_country
from comity.errors import CountryError, RegisterError
from comity.provenance import is_web_address

TABLE = "data/instruments/events.tsv"
COLUMNS = ("date", "about", "what", "source", "status")
STATUSES = ("seen", "secondary", "unverified")
LONGEST_WHAT = 120


class Event(NamedTuple):
    """One dated event; `about` is ISO 3166-1 alpha-2."""

    date: dt.date
    about: str
    what: str
    source: str
    status: str


def load_events(about: Collection[str]) -> tuple[Event, ...]:
    """Return the events that bear on the conduct of some states, by date. Raises RegisterError."""
    return tuple(event for event in _shipped() if event.about in about)


def check_events(path: Path | None = None) -> tuple[str, ...]:
    """Return every problem of the table as "file:line: message"; none where it is sound."""
    name = path.name if path else TABLE.rsplit("/", 1)[-1]
    text = path.read_text(encoding="utf-8") if path else _text()
    return tuple(f"{name}:{line}: {message}" for line, message in _parse(text)[1])


def _text() -> str:
    return resources.files("comity").joinpath(TABLE).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _shipped() -> tuple[Event, ...]:
    """Return the events that ship. Raises RegisterError listing every problem."""
    events, problems = _parse(_text())
    if problems:
        listed = "\n".join(f"events.tsv:{line}: {message}" for line, message in problems)
        raise RegisterError(f"The table of events has problems:\n{listed}")
    return tuple(sorted(events))


def _parse(text: str) -> tuple[list[Event], list[tuple[int, str]]]:
    """Return the events of a table, and (line, message) of every problem."""
    lines = text.split("\n")
    if tuple(lines[0].split("\t")) != COLUMNS:
        return [], [(1, f"the header must be {', '.join(COLUMNS)}, tab separated")]
    events: list[Event] = []
    problems: list[tuple[int, str]] = []
    seen: set[tuple[str, str, str]] = set()
    for number, line in enumerate(lines[1:], start=2):
        if not line and number == len(lines):
            continue
        cells = line.split("\t")
        if len(cells) != len(COLUMNS):
            problems.append((number, f"{len(cells)} columns, not {len(COLUMNS)}"))
            continue
        wrong = list(_row_problems(cells))
        key = (cells[0], cells[1], cells[2])
        if key in seen:
            wrong.append("the same event is there twice")
        seen.add(key)
        problems += [(number, message) for message in wrong]
        if not wrong:
            events.append(Event(dt.date.fromisoformat(cells[0]), *cells[1:]))
    return events, problems


def _row_problems(cells: list[str]) -> Iterator[str]:
    """Yield what is wrong with one row."""
    date, about, what, source, status = cells
    try:
        dt.date.fromisoformat(date)
    except ValueError:
        yield f"date {date!r} is not a full day"
    try:
        if resolve_country(about) != about:
            yield f"about {about!r} is not an ISO 3166-1 alpha-2 code"
    except CountryError as error:
        yield f"about: {error}"
    if not what or len(what) > LONGEST_WHAT:
        yield f"what has {len(what)} characters; 1 to {LONGEST_WHAT} are allowed"
    if not is_web_address(source):
        yield f"source {source!r} is not an http(s) address"
    if status not in STATUSES:
        yield f"status {status!r} is not one of {', '.join(STATUSES)}"
