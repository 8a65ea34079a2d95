"""What is published of a track's terms, and what is assumed where nothing is.

How fast an answer is due, and how often a line is checked, is seldom public. What was found is in
`data/exchange/terms.tsv` with where it was read; a term without a published number is Comity's
assumption, and said to be one. The parties of a line agree on their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from importlib import resources

from comity.errors import RegisterError
from comity.exchange.model import Terms
from comity.tables import (
    Row,
    addresses,
    allowed_problems,
    id_problems,
    read_table,
    source_problems,
    text_problems,
)

TABLE = "data/exchange/terms.tsv"
COLUMNS = ("track", "term", "value", "what", "sources", "status")
TRACKS = "data/instruments/tracks.tsv"
TERMS: Mapping[str, tuple[str, str, str]] = {
    "acknowledge": ("acknowledge_hours", "A message is acknowledged within {} hours", "hours"),
    "answer": ("answer_hours", "A request is answered within {} hours", "hours"),
    "check": ("check_days", "The line is checked every {} days", "days"),
}
"""Each term: its member in `Terms`, how it is said, its unit."""


@dataclass(frozen=True, slots=True)
class Published:
    """One thing that is published of a track's term; `value` is None where no number is."""

    track: str
    term: str
    value: float | None
    what: str
    sources: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class TrackTerms:
    """The terms a line of a track starts from, and what is published of them. `title` is the
    track's name in the register, empty where it has none of this id."""

    track: str
    title: str
    terms: Terms
    published: tuple[Published, ...]

    def lines(self, held: Terms | None = None) -> tuple[str, ...]:
        """Return a sentence a term: its value, whether that is agreed, published or assumed.

        `held` are the terms a line has; where they differ from these, they are the parties' own.
        """
        return tuple(self._line(term, held or self.terms) for term in TERMS)

    def _line(self, term: str, held: Terms) -> str:
        member, says, _ = TERMS[term]
        value: float = getattr(held, member)
        rows = [row for row in self.published if row.term == term]
        if value != getattr(self.terms, member):
            why = "as set here; the other parties must set the same"
        elif known := [row.status for row in rows if row.value == value]:
            why = "which nobody checked" if known == ["unverified"] else "as is published"
        else:
            why = "assumed, since no number is published"
        found = [f"{row.what} [{row.status}: {', '.join(row.sources)}]" for row in rows]
        return ". ".join([f"{says.format(f'{value:g}')}, {why}", *found]) + "."


def terms_of(track: str) -> TrackTerms:
    """Return the terms a line of a track starts from; of a track nobody knows, what is assumed."""
    rows = tuple(row for row in published_terms() if row.track == track)
    given = {TERMS[row.term][0]: row.value for row in rows if row.value is not None}
    return TrackTerms(track, _track_names().get(track, ""), replace(Terms(), **given), rows)


def near_tracks(track: str) -> tuple[str, ...]:
    """Return the ids of the register that look like this one, at most three, the nearest first."""
    return tuple(get_close_matches(track, _track_names(), 3))


@cache
def published_terms() -> tuple[Published, ...]:
    """Return all that was found of terms. Raises RegisterError with every problem by line."""
    found, problems = read_terms(resources.files("comity").joinpath(TABLE).read_bytes())
    if problems:
        raise RegisterError("The table of published terms:\n" + "\n".join(problems), problems)
    return found


def check_terms() -> tuple[str, ...]:
    """Return every problem of the table that ships, by file and line."""
    return read_terms(resources.files("comity").joinpath(TABLE).read_bytes())[1]


def read_terms(raw: bytes) -> tuple[tuple[Published, ...], tuple[str, ...]]:
    """Return the rows of a table of terms that are in order, and every problem by file and line."""
    rows, wrong = read_table(raw, COLUMNS)
    problems = [f"terms.tsv:{line}: {message}" for line, message in wrong]
    found = []
    for row in rows:
        messages = list(_row_problems(row))
        problems += [f"terms.tsv:{row.line}: {message}" for message in messages]
        if not messages:
            c = row.cells
            value = float(c["value"]) if c["value"] else None
            given = (c["track"], c["term"], value, c["what"], addresses(c["sources"]), c["status"])
            found.append(Published(*given))
    return tuple(found), tuple(problems)


def _row_problems(row: Row) -> Iterator[str]:
    cells = row.cells
    yield from text_problems(cells, frozenset({"value"}))
    yield from id_problems(cells["track"])
    yield from source_problems(cells)
    yield from allowed_problems(cells, {"term": tuple(TERMS)})
    if cells["track"] not in _track_names():
        yield f"there is no track {cells['track']!r} in {TRACKS}"
    if cells["value"]:
        try:
            fits = 0 < float(cells["value"]) <= 100_000
        except ValueError:
            fits = False
        if not fits:
            yield f"value {cells['value']!r} must be a number above 0, in the unit of its term"


@cache
def _track_names() -> Mapping[str, str]:
    """Return the name of every track of the register, by id."""
    text = resources.files("comity").joinpath(TRACKS).read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return {row[0]: row[1] for row in rows[1:]}
