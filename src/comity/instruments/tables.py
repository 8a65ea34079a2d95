"""The register's tables: columns, what a cell may hold, every problem by file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import NamedTuple, Protocol

from comity.countries import SPECIAL_CODES, country_name, groupings, members
from comity.dates import ImpreciseDate, parse_date
from comity.errors import CountryError, DateError
from comity.instruments.model import (
    CATEGORIES,
    GROUPING_PREFIX,
    Commits,
    Forum,
    Standing,
    Status,
)
from comity.provenance import is_web_address

FOLDER = "data/instruments"
SEPARATOR = " ; "
NO_END = ("", "..")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "instruments.tsv": (
        "id", "title", "date", "forum", "body", "standing", "standing_reason", "sources", "status",
    ),
    "norms.tsv": (
        "id", "family", "kind", "title", "gloss", "breach", "keeping", "sources", "status",
    ),
    "provisions.tsv": (
        "instrument", "place", "norm", "strength", "commits", "gloss", "sources", "status",
    ),
    "parties.tsv": ("instrument", "party", "since", "until", "sources", "status"),
    "links.tsv": ("source", "kind", "target", "note", "sources", "status"),
    "tracks.tsv": (
        "id", "instrument", "name", "kind", "since", "until", "state", "sources", "status",
    ),
    "accounts.tsv": ("instrument", "topic", "party", "date", "says", "sources", "status"),
}  # fmt: skip
MAY_BE_EMPTY = frozenset({"until", "note", "breach", "keeping"})
ALLOWED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "instruments.tsv": {"forum": tuple(Forum), "standing": tuple(Standing)},
    "norms.tsv": {
        "kind": tuple(CATEGORIES),
    },
    "provisions.tsv": {
        "strength": ("shall", "should", "reaffirms", "proposes"), "commits": tuple(Commits),
    },
    "parties.tsv": {},
    "links.tsv": {
        "kind": (
            "recommits to", "adds to", "restates", "endorses", "follows model of", "supersedes",
            "cites", "amends", "implements",
        ),
    },
    "tracks.tsv": {
        "kind": ("ministerial dialogue", "working group", "expert group", "hotline",
                 "contact network"),
    },
    "accounts.tsv": {},
}  # fmt: skip
KEYS: Mapping[str, tuple[str, ...]] = {
    "instruments.tsv": ("id",),
    "norms.tsv": ("id",),
    "provisions.tsv": ("instrument", "place", "norm"),
    "parties.tsv": ("instrument", "party", "since"),
    "links.tsv": ("source", "kind", "target"),
    "tracks.tsv": ("id",),
    "accounts.tsv": ("instrument", "topic", "party", "date"),
}
REFERENCES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "provisions.tsv": (("instrument", "instruments.tsv"), ("norm", "norms.tsv")),
    "parties.tsv": (("instrument", "instruments.tsv"),),
    "links.tsv": (("source", "instruments.tsv"), ("target", "instruments.tsv")),
    "tracks.tsv": (("instrument", "instruments.tsv"),),
    "accounts.tsv": (("instrument", "instruments.tsv"),),
}


class _Folder(Protocol):
    """A folder of tables: a Path, or the package's own."""

    def joinpath(self, child: str, /) -> _File: ...


class _File(Protocol):
    def is_file(self) -> bool: ...
    def read_bytes(self) -> bytes: ...


class Row(NamedTuple):
    line: int
    cells: dict[str, str]


class _Problem(NamedTuple):
    table: str
    line: int
    message: str


Tables = Mapping[str, list[Row]]


def read_tables(path: Path | None) -> tuple[Tables, tuple[str, ...]]:
    """Return the rows of each table of a folder (the shipped one without `path`) and every problem.

    A problem is "file:line: message; what would be right". Rows that lack a column are left out.
    """
    tables, problems = _read(path or resources.files("comity").joinpath(FOLDER))
    problems.extend(_table_problems(tables))
    order = list(COLUMNS)
    problems.sort(key=lambda p: (order.index(p.table), p.line))
    return tables, tuple(f"{p.table}:{p.line}: {p.message}" for p in problems)


def _read(folder: Path | _Folder) -> tuple[Tables, list[_Problem]]:
    """Return the rows of every table that have every column, and what kept others out."""
    tables: dict[str, list[Row]] = {}
    problems: list[_Problem] = []
    for name, columns in COLUMNS.items():
        file = folder.joinpath(name)
        tables[name] = []
        if not file.is_file():
            problems.append(_Problem(name, 1, "there is no such file; every table must be there"))
            continue
        try:
            text = file.read_bytes().decode("utf-8").removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            problems.append(_Problem(name, line, "not UTF-8; save the table as UTF-8 text"))
            continue
        for line, row in _parse(text, columns):
            if isinstance(row, str):
                problems.append(_Problem(name, line, row))
            else:
                tables[name].append(Row(line, row))
    return tables, problems


def _parse(text: str, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Yield (line, cells) for each row, or (line, message) where it cannot be read.

    A line that begins with "#" is a note to the reader of the table and no row.
    """
    numbered = enumerate(text.replace("\r\n", "\n").removesuffix("\n").split("\n"), start=1)
    lines = ((number, line) for number, line in numbered if not line.startswith("#"))
    first, names = next(lines, (1, ""))
    header = tuple(names.split("\t"))
    if header != columns:
        missing = [c for c in columns if c not in header]
        found = f"missing columns {', '.join(missing)}" if missing else "columns out of order"
        yield first, f"{found}; the header must be {', '.join(columns)}, with a tab between"
        return
    for number, line in lines:
        cells = line.split("\t")
        if len(cells) != len(columns):
            yield number, f"{len(cells)} cells; there must be {len(columns)}, with a tab between"
        else:
            yield number, dict(zip(columns, cells, strict=True))


def _table_problems(tables: Tables) -> Iterator[_Problem]:
    """Yield what is wrong with rows alone, with their keys, and with what they refer to."""
    known = {name: {row.cells["id"] for row in tables[name]} for name in COLUMNS if _has_id(name)}
    for name, rows in tables.items():
        first: dict[tuple[str, ...], int] = {}
        for row in rows:
            messages = [*_cell_problems(name, row.cells), *_CHECKS[name](row.cells)]
            key = tuple(row.cells[column] for column in KEYS[name])
            earlier = first.setdefault(key, row.line)
            if earlier != row.line:
                what = ", ".join(KEYS[name])
                messages.append(f"same {what} as line {earlier}; each may occur once")
            for column, target in REFERENCES.get(name, ()):
                value = row.cells[column]
                if value and value not in known[target]:
                    messages.append(f"{column} {value!r} is not in {target}; add it there first")
            yield from (_Problem(name, row.line, message) for message in messages)


def _has_id(name: str) -> bool:
    return KEYS[name] == ("id",)


def _cell_problems(name: str, cells: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with a row's cells whatever the table."""
    for column, value in cells.items():
        if not value and column not in MAY_BE_EMPTY:
            yield f"{column} is empty; it must be filled"
        if value != value.strip() or not value.isprintable():
            yield f"{column} has blanks at an end or characters that do not print; remove them"
    for column, allowed in ALLOWED[name].items():
        if cells[column] and cells[column] not in allowed:
            yield f"{column} is {cells[column]!r}; it must be one of {', '.join(allowed)}"
    status = cells["status"]
    if status and status not in tuple(Status):
        yield f"status is {status!r}; it must be one of {', '.join(Status)}"
    given = addresses(cells["sources"])
    for address in given:
        if not is_web_address(address):
            yield f"source {address!r} is no http(s) address; part several with {SEPARATOR!r}"
    if status == Status.SEEN and not any(is_web_address(a) for a in given):
        yield "status is 'seen' without an http(s) address; give where the words were read"


def _no_more(_: Mapping[str, str]) -> Iterator[str]:
    return iter(())


def _instrument_problems(cells: Mapping[str, str]) -> Iterator[str]:
    yield from _id_problems(cells["id"])
    yield from _date_problems("date", cells["date"], end_needed=True)


def _norm_problems(cells: Mapping[str, str]) -> Iterator[str]:
    yield from _id_problems(cells["id"])


def _party_problems(cells: Mapping[str, str]) -> Iterator[str]:
    yield from _date_problems("since", cells["since"], end_needed=True)
    yield from _span_problems(cells)
    party = cells["party"]
    if not party.startswith(GROUPING_PREFIX):
        yield from _code_problems(party)
        return
    name = party.removeprefix(GROUPING_PREFIX)
    if name not in groupings():
        yield f"party {party!r} is no known grouping; known are {', '.join(groupings())}"
        return
    since = _date(cells["since"])
    if since is not None and since.latest is not None and not members(name, since.latest):
        yield f"{name} had no members on {since.latest}; give the day the promise was made"


def _track_problems(cells: Mapping[str, str]) -> Iterator[str]:
    yield from _id_problems(cells["id"])
    yield from _date_problems("since", cells["since"])
    yield from _span_problems(cells)


def _account_problems(cells: Mapping[str, str]) -> Iterator[str]:
    yield from _date_problems("date", cells["date"])


def _link_problems(cells: Mapping[str, str]) -> Iterator[str]:
    if cells["source"] == cells["target"]:
        yield "an instrument is linked to itself; name the other one"


_CHECKS: Mapping[str, Callable[[Mapping[str, str]], Iterator[str]]] = {
    "instruments.tsv": _instrument_problems,
    "norms.tsv": _norm_problems,
    "provisions.tsv": _no_more,
    "parties.tsv": _party_problems,
    "links.tsv": _link_problems,
    "tracks.tsv": _track_problems,
    "accounts.tsv": _account_problems,
}


def _id_problems(text: str) -> Iterator[str]:
    if text and not (text.isascii() and text.replace("-", "").isalnum() and text == text.lower()):
        yield f"id {text!r} must be small letters, digits and hyphens, such as us-china-2015"


def _code_problems(code: str) -> Iterator[str]:
    try:
        country_name(code)
    except CountryError:
        special = ", ".join(sorted(SPECIAL_CODES))
        yield (
            f"party {code!r} is no known code; it must be ISO 3166-1 alpha-2 such as CN, "
            f"XK, one of {special}, or {GROUPING_PREFIX}NAME"
        )


def _date(text: str) -> ImpreciseDate | None:
    """Return the date of a text, or None where it is not EDTF."""
    try:
        return parse_date(text)
    except DateError:
        return None


def _date_problems(column: str, text: str, end_needed: bool = False) -> Iterator[str]:
    if not text:
        return
    try:
        date = parse_date(text)
    except DateError as error:
        yield f"{column}: {error}; it must be EDTF, such as 2015, 2015-09 or 2015-09-25"
        return
    if end_needed and not date.known:
        yield f"{column} {text!r} has an open end; it must have a first and a last day"


def _span_problems(cells: Mapping[str, str]) -> Iterator[str]:
    """Yield an end that is no date, or that lies before the beginning."""
    if cells["until"] in NO_END:
        return
    yield from _date_problems("until", cells["until"])
    since, until = _date(cells["since"]), _date(cells["until"])
    if since is None or until is None or since.earliest is None or until.latest is None:
        return
    if until.latest < since.earliest:
        yield f"until {cells['until']} is before since {cells['since']}; it must not be earlier"


def addresses(text: str) -> tuple[str, ...]:
    """Return the addresses of a cell, in its order."""
    return tuple(text.split(SEPARATOR)) if text else ()
