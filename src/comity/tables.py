"""Tables of facts as text: reading tab-separated rows, and what is wrong with a cell.

A problem is a message that says what would be right; who reads a table adds file and line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from comity.countries import SPECIAL_CODES, country_name
from comity.dates import ImpreciseDate, parse_date
from comity.errors import CountryError, DateError
from comity.provenance import is_web_address

SEPARATOR = " ; "
GROUPING = "grouping:"
NO_END = ("", "..")
STATUSES = ("seen", "secondary", "unverified")


class Row(NamedTuple):
    """One row of a table: its line, and its cells by column."""

    line: int
    cells: dict[str, str]


def parse_table(text: str, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str] | str]]:
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


def read_table(raw: bytes, columns: tuple[str, ...]) -> tuple[list[Row], list[tuple[int, str]]]:
    """Return the rows of a table that have every column, and (line, message) of what kept others
    out."""
    try:
        text = raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return [], [(line, "not UTF-8; save the table as UTF-8 text")]
    rows: list[Row] = []
    problems: list[tuple[int, str]] = []
    for number, found in parse_table(text, columns):
        if isinstance(found, str):
            problems.append((number, found))
        else:
            rows.append(Row(number, found))
    return rows, problems


def text_problems(cells: Mapping[str, str], may_be_empty: frozenset[str]) -> Iterator[str]:
    """Yield empty cells that must be filled, and text that does not print."""
    for column, value in cells.items():
        if not value and column not in may_be_empty:
            yield f"{column} is empty; it must be filled"
        if value != value.strip() or not value.isprintable():
            yield f"{column} has blanks at an end or characters that do not print; remove them"


def allowed_problems(
    cells: Mapping[str, str], allowed: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    """Yield cells that hold none of the words their column allows."""
    for column, words in allowed.items():
        if cells[column] and cells[column] not in words:
            yield f"{column} is {cells[column]!r}; it must be one of {', '.join(words)}"


def source_problems(cells: Mapping[str, str]) -> Iterator[str]:
    """Yield a status that is none, addresses that are none, and `seen` without one."""
    status = cells["status"]
    if status and status not in STATUSES:
        yield f"status is {status!r}; it must be one of {', '.join(STATUSES)}"
    given = addresses(cells["sources"])
    for address in given:
        if not is_web_address(address):
            yield f"source {address!r} is no http(s) address; part several with {SEPARATOR!r}"
    if status == "seen" and not any(is_web_address(a) for a in given):
        yield "status is 'seen' without an http(s) address; give where the words were read"


def id_problems(text: str) -> Iterator[str]:
    """Yield why an id is none."""
    if text and not (text.isascii() and text.replace("-", "").isalnum() and text == text.lower()):
        yield f"id {text!r} must be small letters, digits and hyphens, such as us-china-2015"


def code_problems(code: str) -> Iterator[str]:
    """Yield why a code names no country."""
    try:
        country_name(code)
    except CountryError:
        special = ", ".join(sorted(SPECIAL_CODES))
        yield (
            f"party {code!r} is no known code; it must be ISO 3166-1 alpha-2 such as CN, "
            f"XK, one of {special}, or {GROUPING}NAME"
        )


def date_or_none(text: str) -> ImpreciseDate | None:
    """Return the date of a text, or None where it is not EDTF."""
    try:
        return parse_date(text)
    except DateError:
        return None


def date_problems(column: str, text: str, end_needed: bool = False) -> Iterator[str]:
    """Yield why a cell is no EDTF date, or lacks a needed end."""
    if not text:
        return
    try:
        date = parse_date(text)
    except DateError as error:
        yield f"{column}: {error}; it must be EDTF, such as 2015, 2015-09 or 2015-09-25"
        return
    if end_needed and not date.known:
        yield f"{column} {text!r} has an open end; it must have a first and a last day"


def span_problems(cells: Mapping[str, str]) -> Iterator[str]:
    """Yield an end that is no date, or that lies before the beginning."""
    if cells["until"] in NO_END:
        return
    yield from date_problems("until", cells["until"])
    since, until = date_or_none(cells["since"]), date_or_none(cells["until"])
    if since is None or until is None or since.earliest is None or until.latest is None:
        return
    if until.latest < since.earliest:
        yield f"until {cells['until']} is before since {cells['since']}; it must not be earlier"


def addresses(text: str) -> tuple[str, ...]:
    """Return the addresses of a cell, in its order."""
    return tuple(text.split(SEPARATOR)) if text else ()
