"""The incidents behind a number of a verdict, as records and as a table: a page's, a command's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comity.dates import DateReading
from comity.incidents.model import Evidence, read_dates
from comity.verification.behind import Behind, Counted
from comity.web.page import Sheet
from comity.web.shown import COLUMNS, cells_of, claimants_of, record_of


def key_of(row: Mapping[str, Any]) -> str:
    """Return the key of a row of the table of incidents."""
    return f"{row['list']}:{row['id']}"


def rows_of(evidence: Evidence, found: Behind, reading: DateReading) -> list[dict[str, Any]]:
    """Return the rows of the table that are counted, in their order, dates as the verdict reads
    them."""
    counted = {c.key for c in found.incidents}
    table = read_dates(evidence.table, evidence.releases, reading)
    rows = {key_of(r): r for r in table.iter_rows(named=True) if key_of(r) in counted}
    return [rows[c.key] for c in found.incidents if c.key in rows]


def data_of(evidence: Evidence, found: Behind, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the incidents behind a number as data, each with its share in every period."""
    records = _records(evidence, found, rows)
    for record, one in zip(records, _counted(found, rows), strict=True):
        record["spread"] = {label: round(share, 6) for label, share in one.spread}
    return {
        "question": found.question, "scope": found.scope, "cell": found.cell,
        "period": found.period, "side": found.side, "lists": list(found.lists),
        "basis": list(found.basis), "total": round(found.total, 6), "incidents": len(rows),
        "rows": records,
    }  # fmt: skip


def sheet_of(evidence: Evidence, found: Behind, rows: list[dict[str, Any]]) -> Sheet:
    """Return the incidents behind a number as a table."""
    records = _records(evidence, found, rows)
    return Sheet((*COLUMNS, "share", "side", "why"), tuple(map(cells_of, records)))


def _counted(found: Behind, rows: list[dict[str, Any]]) -> list[Counted]:
    by_key = {c.key: c for c in found.incidents}
    return [by_key[key_of(row)] for row in rows]


def _records(
    evidence: Evidence, found: Behind, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:  # fmt: skip
    releases = {r.list: r for r in evidence.releases}
    made = []
    for row, one in zip(rows, _counted(found, rows), strict=True):
        record = record_of(row, releases, claimants_of(row["attributions"]))
        made.append(record | {"share": round(one.share, 6), "side": one.side, "why": one.why})
    return made
