"""What reading a list's file gives: incidents, rows set aside, and the count that must add up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from comity.errors import SourceError
from comity.incidents.model import Incident, ListRelease, incident_schema, row_from_incident

if TYPE_CHECKING:
    import polars as pl


Row = TypeVar("Row")
DESCRIPTION_LIMIT = 2_000  # characters of a list's own words that are kept


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one row: its number as a spreadsheet shows it (the header is row 1), the
    column, the value found there and the reason."""

    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadResult:
    """One file as read. `aside` holds the rows that are not in the table, one problem a row;
    `flagged` what was left out of rows that are. Rows read + rows set aside = rows in the file."""

    release: ListRelease
    table: pl.DataFrame = field(repr=False)
    aside: tuple[RowProblem, ...]
    rows_in_file: int
    flagged: tuple[RowProblem, ...] = ()


class RowError(Exception):
    """A row that has to be set aside; caught by the reader, never seen by a user."""

    def __init__(self, column: str, value: object, reason: str) -> None:
        super().__init__(reason)
        self.column, self.value, self.reason = column, "" if value is None else str(value), reason

    def at(self, row: int) -> RowProblem:
        """Return the problem with its row number."""
        return RowProblem(row, self.column, self.value, self.reason)


@dataclass(frozen=True, slots=True)
class RowsRead:
    """Rows read one by one: incidents with their row numbers, rows set aside, what was flagged."""

    numbered: tuple[tuple[int, Incident], ...]
    aside: tuple[RowProblem, ...]
    flagged: tuple[RowProblem, ...]


def read_rows(
    rows: Iterable[tuple[int, Row]],
    read_one: Callable[[int, Row], tuple[Incident, Sequence[RowProblem]]],
) -> RowsRead:
    """Return what `read_one` makes of each numbered row; where it raises RowError, set it aside."""
    numbered: list[tuple[int, Incident]] = []
    aside: list[RowProblem] = []
    flagged: list[RowProblem] = []
    for number, row in rows:
        try:
            incident, problems = read_one(number, row)
        except RowError as error:
            aside.append(error.at(number))
            continue
        numbered.append((number, incident))
        flagged += problems
    return RowsRead(tuple(numbered), tuple(aside), tuple(flagged))


def row_hash(cells: Sequence[str]) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of a row's cells as read."""
    return hashlib.sha256("\x1f".join(cells).encode()).hexdigest()[:16]


def described(*texts: str) -> str:
    """Return a list's own words as one line, several texts parted by a blank, cut at
    `DESCRIPTION_LIMIT` characters.

    >>> described(" a  long\\nstory ", "", "told")
    'a long story told'
    """
    return " ".join(" ".join(texts).split())[:DESCRIPTION_LIMIT]


def table_of(incidents: Sequence[Incident]) -> pl.DataFrame:
    """Return incidents as the table of `incident_schema`, in the order given."""
    import polars as pl

    rows = [row_from_incident(incident) for incident in incidents]
    return pl.DataFrame(rows, schema=incident_schema(), orient="row")


def result_of(release: ListRelease, rows: RowsRead, rows_in_file: int) -> ReadResult:
    """Return what was read, each incident under the release's name.

    A row with an id already seen is set aside. Raises SourceError where no row could be read or
    where rows read and set aside do not add up to the rows in the file.
    """
    seen: dict[str, int] = {}
    kept: list[Incident] = []
    problems = list(rows.aside)
    for row, incident in rows.numbered:
        if incident.id in seen:
            reason = f"the id is already that of row {seen[incident.id]}"
            problems.append(RowProblem(row, "id", incident.id, reason))
        else:
            seen[incident.id] = row
            kept.append(replace(incident, release=release.release))
    problems.sort(key=lambda p: p.row)
    if len(kept) + len(problems) != rows_in_file:
        raise SourceError(
            f"{release.title}: {len(kept)} rows read and {len(problems)} set aside are not the "
            f"{rows_in_file} rows in the file. Please report this: it is a fault of the reader."
        )
    if not kept:
        first = f" The first: row {problems[0].row}: {problems[0].reason}." if problems else ""
        raise SourceError(f"{release.title}: none of the {rows_in_file} rows could be read.{first}")
    counted = replace(release, rows_in_file=rows_in_file, rows_aside=len(problems))
    gone = {p.row for p in problems}
    notes = tuple(f for f in rows.flagged if f.row not in gone)
    return ReadResult(counted, table_of(kept), tuple(problems), rows_in_file, notes)
