"""How columns are declared, and how text of the register becomes a frame with typed columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from comity.dates import UNKNOWN, parse_date
from comity.errors import DateError
from comity.provenance import is_web_address
from comity.report.export.model import Field, Kind, polars_schema
from comity.tables import NO_END, SEPARATOR, STATUSES

if TYPE_CHECKING:
    import polars as pl

STATUS_SAYS = (
    "How far the row was checked: seen (read at the address), secondary (told by another text), "
    "unverified"
)


def text(name: str, description: str, *, may_be_empty: bool = False, values: Sequence[str] = (),
         unique: bool = False) -> Field:  # fmt: skip
    """Return a column of text, filled in every row unless it may be empty."""
    return Field(name, Kind.TEXT, description, not may_be_empty, unique, tuple(map(str, values)))


def several(name: str, description: str, *, may_be_empty: bool = False) -> Field:
    """Return a column whose cells hold several values."""
    return Field(name, Kind.LIST, description, not may_be_empty)


def imprecise(name: str, description: str, *, may_be_empty: bool = False) -> tuple[Field, ...]:
    """Return three columns: a date as published (EDTF), and the first and last day it may mean."""
    return (
        Field(name, Kind.EDTF, f"{description} (EDTF, ISO 8601-2 level 1)", not may_be_empty),
        Field(f"{name}_earliest", Kind.DAY, f"First day that {name} may mean; empty: not known"),
        Field(f"{name}_latest", Kind.DAY, f"Last day that {name} may mean; empty: not known"),
    )


def backing(sources_may_be_empty: bool = False, statuses: Sequence[str] = STATUSES,
            says: str = STATUS_SAYS) -> tuple[Field, Field]:  # fmt: skip
    """Return the two columns on which a row of the register rests."""
    return (
        several("sources", "Addresses where it can be read, in the order they were used",
                may_be_empty=sources_may_be_empty),
        text("status", says, values=statuses),
    )  # fmt: skip


def only_addresses(values: Iterable[str]) -> list[str]:
    """Return those of some texts that are http(s) addresses, each once."""
    return list(dict.fromkeys(v for v in values if is_web_address(v)))


def days_of(cell: str) -> tuple[Any, Any]:
    """Return the first and last day of an EDTF text; of an open end or no date, nothing."""
    try:
        date = UNKNOWN if cell in NO_END else parse_date(cell)
    except DateError:
        date = UNKNOWN
    return date.earliest, date.latest


def typed(fields: tuple[Field, ...], rows: Iterable[Mapping[str, Any]],
          parting: Mapping[str, str] | None = None) -> pl.DataFrame:  # fmt: skip
    """Return rows as a frame with these columns.

    Cells are text or already of the column's kind; `parting` names what parts the values of a list
    column where that is not " ; ". The days of an imprecise date are worked out from its text
    unless they are given.
    """
    import polars as pl

    columns: dict[str, list[Any]] = {f.name: [] for f in fields}
    for row in rows:
        cells = dict(row)
        for one in fields:
            if one.kind is Kind.EDTF and f"{one.name}_earliest" not in cells:
                first, last = days_of(cells[one.name] or "")
                cells |= {f"{one.name}_earliest": first, f"{one.name}_latest": last}
        for one in fields:
            columns[one.name].append(
                _cell(one, cells[one.name], (parting or {}).get(one.name, SEPARATOR))
            )
    return pl.DataFrame(columns, schema=polars_schema(fields))


def _cell(one: Field, value: Any, parted_by: str) -> Any:
    """Return a cell as the column's kind has it; an empty text is None there."""
    if one.kind is Kind.LIST:
        values = value.split(parted_by) if isinstance(value, str) else list(value or ())
        kept = [v.strip() for v in values if v.strip()] if isinstance(value, str) else values
        return only_addresses(kept) if one.name == "sources" else kept
    if value is None or value == "":
        return None
    if isinstance(value, str) and one.kind in (Kind.NUMBER, Kind.WHOLE):
        return float(value) if one.kind is Kind.NUMBER else int(value)
    return str(value) if one.kind in (Kind.TEXT, Kind.EDTF) else value
