"""Loads tracks and dated acts, or says everything that is wrong with their tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from comity.dates import UNKNOWN, ImpreciseDate, parse_date
from comity.errors import RegisterError
from comity.process.continuity import middle
from comity.process.model import (
    Act,
    ActKind,
    Course,
    Enforcement,
    Measure,
    MeasureKind,
    Response,
    Talks,
    Track,
    TrackKind,
)
from comity.tables import (
    NO_END,
    SEPARATOR,
    Row,
    addresses,
    allowed_problems,
    date_or_none,
    date_problems,
    id_problems,
    read_table,
    source_problems,
    text_problems,
)

FOLDER = "data/process"
TRACKS_FOLDER = "data/instruments"  # one table of tracks: those of an instrument are on its card
TRACKS = "tracks.tsv"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    TRACKS: (
        "id", "name", "kind", "parties", "instrument", "since", "founding", "until",
        "predecessor", "state", "sources", "status",
    ),
    "events.tsv": (
        "id", "date", "kind", "actor", "target", "track", "affair", "what", "account_of",
        "bears_on", "sources", "status",
    ),
    "implementation.tsv": ("party", "measure", "kind", "what", "date", "sources", "status"),
    "enforcement.tsv": (
        "id", "promise", "breach", "alleged_by", "date", "response", "responses", "response_date",
        "followed", "course", "sources", "status",
    ),
}  # fmt: skip
ALLOWED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "tracks.tsv": {"kind": tuple(TrackKind)},
    "events.tsv": {"kind": tuple(ActKind)},
    "implementation.tsv": {"kind": tuple(MeasureKind)},
    "enforcement.tsv": {},
}
SEVERAL: Mapping[str, tuple[str, ...]] = {"responses": tuple(Response), "course": tuple(Course)}
MAY_BE_EMPTY = frozenset(
    {
        "instrument", "until", "predecessor", "target", "track", "affair", "account_of", "bears_on",
        "response_date",
    }
)  # fmt: skip
DATES: Mapping[str, tuple[str, ...]] = {
    "tracks.tsv": ("since", "until"),
    "events.tsv": ("date",),
    "implementation.tsv": ("date",),
    "enforcement.tsv": ("date", "response_date"),
}
LONGEST_WHAT = 160
BEFORE_FOUNDING = ("founding", "agreement", "commitment", "statement")  # how it came about
Tables = Mapping[str, list[Row]]


def load_talks(path: Path | None = None) -> Talks:
    """Return the talks of a folder of tables; without `path`, those that ship.

    Raises RegisterError listing every problem of every table.
    """
    return _shipped() if path is None else _load(path)


def check_talks(path: Path | None = None) -> tuple[str, ...]:
    """Return every problem as "file:line: message; what would be right"; none where sound."""
    return _read(path)[1]


@lru_cache(maxsize=1)
def _shipped() -> Talks:
    return _load(None)


def _load(path: Path | None) -> Talks:
    tables, problems = _read(path)
    if problems:
        raise RegisterError(
            f"The tables of talks have {len(problems)} problems:\n" + "\n".join(problems), problems
        )
    acts = [_act(r.cells) for r in tables["events.tsv"]]
    return Talks(
        {r.cells["id"]: _track(r.cells) for r in tables["tracks.tsv"]},
        tuple(sorted(acts, key=lambda a: (str(middle(a.date)), a.id))),
        tuple(_measure(r.cells) for r in tables["implementation.tsv"]),
        tuple(_enforcement(r.cells) for r in tables["enforcement.tsv"]),
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(SEPARATOR)) if text else ()


def _end(text: str) -> ImpreciseDate | None:
    return None if text in NO_END else parse_date(text)


def _track(c: Mapping[str, str]) -> Track:
    return Track(
        c["id"], c["name"], TrackKind(c["kind"]), _names(c["parties"]), c["instrument"],
        parse_date(c["since"]), c["founding"], _end(c["until"]), c["predecessor"], c["state"],
        addresses(c["sources"]), c["status"],
    )  # fmt: skip


def _act(c: Mapping[str, str]) -> Act:
    return Act(
        c["id"], parse_date(c["date"]), ActKind(c["kind"]), _names(c["actor"]), _names(c["target"]),
        c["track"], c["affair"], c["what"], c["account_of"], _names(c["bears_on"]),
        addresses(c["sources"]), c["status"],
    )  # fmt: skip


def _measure(c: Mapping[str, str]) -> Measure:
    return Measure(
        c["party"], c["measure"], MeasureKind(c["kind"]), c["what"],
        parse_date(c["date"]) if c["date"] else UNKNOWN, addresses(c["sources"]), c["status"],
    )  # fmt: skip


def _enforcement(c: Mapping[str, str]) -> Enforcement:
    return Enforcement(
        c["id"], c["promise"], c["breach"], c["alleged_by"], parse_date(c["date"]), c["response"],
        tuple(Response(r) for r in _names(c["responses"])), _end(c["response_date"]), c["followed"],
        tuple(Course(k) for k in _names(c["course"])), addresses(c["sources"]), c["status"],
    )  # fmt: skip


def _read(path: Path | None) -> tuple[Tables, tuple[str, ...]]:
    """Return the rows of each table and every problem."""
    data = resources.files("comity")
    tables: dict[str, list[Row]] = {}
    problems: list[str] = []
    for name, columns in COLUMNS.items():
        shipped = data.joinpath(TRACKS_FOLDER if name == TRACKS else FOLDER, name)
        file: Path | Traversable = path / name if path else shipped
        if not file.is_file():
            tables[name] = []
            problems.append(f"{name}:1: there is no such file; every table must be there")
            continue
        tables[name], wrong = read_table(file.read_bytes(), columns)
        problems += [f"{name}:{line}: {message}" for line, message in wrong]
    for name, rows in tables.items():
        first: dict[str, int] = {}
        for row in rows:
            messages = list(_row_problems(name, row.cells, tables))
            if "id" in row.cells:
                earlier = first.setdefault(row.cells["id"], row.line)
                if earlier != row.line:
                    messages.append(f"same id as line {earlier}; each may occur once")
            problems += [f"{name}:{row.line}: {message}" for message in messages]
    problems += _order_problems(tables)
    return tables, tuple(problems)


def _row_problems(name: str, cells: Mapping[str, str], tables: Tables) -> Iterator[str]:
    yield from text_problems(cells, MAY_BE_EMPTY)
    yield from allowed_problems(cells, ALLOWED[name])
    yield from source_problems(cells)
    if "id" in cells:
        yield from id_problems(cells["id"])
    for column in DATES[name]:
        if cells[column] and cells[column] not in NO_END:
            yield from date_problems(column, cells[column])
    if name == "tracks.tsv" and cells["until"] not in NO_END:
        founded, ended = date_or_none(cells["since"]), date_or_none(cells["until"])
        first, last = founded and founded.earliest, ended and ended.latest
        if first and last and last < first:
            yield f"until {cells['until']} is before since {cells['since']}"
    for column in SEVERAL.keys() & cells.keys():
        for code in _names(cells[column]):
            if code not in SEVERAL[column]:
                yield f"{column} is {code!r}; allowed: {', '.join(SEVERAL[column])}"
    if name == "events.tsv":
        tracks = {row.cells["id"]: row.cells for row in tables["tracks.tsv"]}
        yield from _act_problems(cells, tracks)


def _act_problems(
    cells: Mapping[str, str], tracks: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    """Yield an act on no known track, before its track, told by nobody, or too long."""
    if len(cells["what"]) > LONGEST_WHAT:
        yield f"what has {len(cells['what'])} characters; at most {LONGEST_WHAT} are allowed"
    track = cells["track"]
    if track and track not in tracks:
        yield f"track {track!r} is not in tracks.tsv; add it there first"
    elif track:
        founded, date = date_or_none(tracks[track]["since"]), date_or_none(cells["date"])
        first, last = founded and founded.earliest, date and date.latest
        if first and last and last < first and cells["kind"] not in BEFORE_FOUNDING:
            yield (
                f"{cells['kind']} of {cells['date']} is before its track was founded "
                f"({tracks[track]['since']})"
            )
    if cells["account_of"] and not cells["actor"]:
        yield "an account has no party in actor; name who tells it"


def _order_problems(tables: Tables) -> Iterator[str]:
    """Yield resumptions without a suspension, and suspensions of what is suspended.

    A track with an act whose date or kind cannot be read is left for when it can.
    """
    by_track: dict[str, list[tuple[str, Row]]] = {}
    unread: set[str] = set()
    for row in tables["events.tsv"]:
        if row.cells["track"] and not row.cells["account_of"]:
            date = date_or_none(row.cells["date"])
            if date is None or row.cells["kind"] not in tuple(ActKind):
                unread.add(row.cells["track"])
            else:
                by_track.setdefault(row.cells["track"], []).append((str(middle(date)), row))
    for track, rows in by_track.items():
        if track in unread:
            continue
        suspended = ""
        for _, row in sorted(rows, key=lambda r: (r[0], r[1].line)):
            kind, at = row.cells["kind"], f"events.tsv:{row.line}: "
            if kind == "resumption" and not suspended:
                yield f"{at}{track} resumes without having been suspended; add the suspension"
            elif kind == "suspension" and suspended:
                yield f"{at}{track} is suspended since {suspended}; add its resumption between"
            if kind in ("suspension", "resumption"):
                suspended = row.cells["date"] if kind == "suspension" else ""
