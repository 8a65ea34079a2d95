"""The register's tables: columns, what a cell may hold, every problem by file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import NamedTuple, Protocol

from comity.countries import groupings, members
from comity.instruments.model import (
    CATEGORIES,
    GROUPING_PREFIX,
    Commits,
    Forum,
    Role,
    Standing,
)
from comity.tables import (
    Row,
    allowed_problems,
    code_problems,
    date_or_none,
    date_problems,
    id_problems,
    read_table,
    source_problems,
    span_problems,
    text_problems,
)

FOLDER = "data/instruments"
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
    "parties.tsv": ("instrument", "party", "role", "since", "until", "sources", "status"),
    "links.tsv": ("source", "kind", "target", "note", "sources", "status"),
    "tracks.tsv": (
        "id", "name", "kind", "parties", "instrument", "since", "founding", "until", "predecessor",
        "state", "sources", "status",
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
    "parties.tsv": {"role": tuple(Role)},
    "links.tsv": {
        "kind": (
            "recommits to", "adds to", "restates", "endorses", "follows model of", "supersedes",
            "cites", "amends", "implements",
        ),
    },
    "tracks.tsv": {
        "kind": ("ministerial dialogue", "working group", "expert group", "hotline",
                 "contact network", "intergovernmental process", "unofficial dialogue"),
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
    "tracks.tsv": (("instrument", "instruments.tsv"), ("predecessor", "tracks.tsv")),
    "accounts.tsv": (("instrument", "instruments.tsv"),),
}


class _Folder(Protocol):
    """A folder of tables: a Path, or the package's own."""

    def joinpath(self, child: str, /) -> _File: ...


class _File(Protocol):
    def is_file(self) -> bool: ...
    def read_bytes(self) -> bytes: ...


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
        tables[name], wrong = read_table(file.read_bytes(), columns)
        problems += [_Problem(name, line, message) for line, message in wrong]
    return tables, problems


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
    empty = MAY_BE_EMPTY | {"instrument", "predecessor"} if name == "tracks.tsv" else MAY_BE_EMPTY
    yield from text_problems(cells, empty)
    yield from allowed_problems(cells, ALLOWED[name])
    yield from source_problems(cells)


def _no_more(_: Mapping[str, str]) -> Iterator[str]:
    return iter(())


def _instrument_problems(cells: Mapping[str, str]) -> Iterator[str]:
    yield from id_problems(cells["id"])
    yield from date_problems("date", cells["date"], end_needed=True)


def _norm_problems(cells: Mapping[str, str]) -> Iterator[str]:
    yield from id_problems(cells["id"])


def _party_problems(cells: Mapping[str, str]) -> Iterator[str]:
    yield from date_problems("since", cells["since"], end_needed=True)
    yield from span_problems(cells)
    party = cells["party"]
    if not party.startswith(GROUPING_PREFIX):
        yield from code_problems(party)
        return
    name = party.removeprefix(GROUPING_PREFIX)
    if name not in groupings():
        yield f"party {party!r} is no known grouping; known are {', '.join(groupings())}"
        return
    since = date_or_none(cells["since"])
    if since is not None and since.latest is not None and not members(name, since.latest):
        yield f"{name} had no members on {since.latest}; give the day the promise was made"


def _track_problems(cells: Mapping[str, str]) -> Iterator[str]:
    yield from id_problems(cells["id"])
    yield from date_problems("since", cells["since"])
    yield from span_problems(cells)


def _account_problems(cells: Mapping[str, str]) -> Iterator[str]:
    yield from date_problems("date", cells["date"])


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
