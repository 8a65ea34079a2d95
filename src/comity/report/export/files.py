"""One table as the bytes of a file: CSV for spreadsheets and text tools, Parquet, JSON.

CSV is RFC 4180: UTF-8, comma, CR LF. Text cells that a spreadsheet would run as a formula begin
with an apostrophe (`comity.incidents.export`); numbers, days and truth values are typed and never
need one. A list is one text, its values parted by " ; "; a character that does not print is a
blank; what is not known is an empty cell. Parquet and JSON hold the plain values, lists as lists.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from comity.incidents.export import guard_cell
from comity.instruments.card import plain
from comity.report.export.model import Kind, Table
from comity.tables import SEPARATOR

FORMATS = ("csv", "parquet")
MEDIA_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
}


def as_csv(table: Table) -> bytes:
    """Return a table as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([f.name for f in table.fields])
    kinds = [f.kind for f in table.fields]
    for row in table.frame().iter_rows():
        writer.writerow([_csv_cell(kind, value) for kind, value in zip(kinds, row, strict=True)])
    return out.getvalue().encode()


def _csv_cell(kind: Kind, value: Any) -> str:
    if value is None:
        return ""
    if kind is Kind.LIST:
        return plain(guard_cell(SEPARATOR.join(value)))
    if kind in (Kind.TEXT, Kind.EDTF):
        return plain(guard_cell(value))
    if kind is Kind.FLAG:
        return "true" if value else "false"
    if kind is Kind.NUMBER:
        return f"{value:.15g}"
    return str(value)


def as_parquet(table: Table) -> bytes:
    """Return a table as Parquet, its description in the file's own metadata."""
    out = io.BytesIO()
    about = {"title": table.title, "licence": " and ".join(one.name for one in table.licences)}
    table.frame().write_parquet(out, compression="zstd", metadata=about)
    return out.getvalue()


def as_json(table: Table) -> bytes:
    """Return a table as JSON: an array with an object a row, what is not known null."""
    rows = [
        {name: value.isoformat() if hasattr(value, "isoformat") else value
         for name, value in row.items()}
        for row in table.frame().iter_rows(named=True)
    ]  # fmt: skip
    return (json.dumps(rows, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


WRITERS = {"csv": as_csv, "parquet": as_parquet, "json": as_json}
