"""Small files written by hand, as publishers would write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from comity.incidents.sources import dcid

Write = Callable[..., Path]

DCID_ROW: Mapping[str, object] = {
    "Cyberincidentnum": 1, "Dyadpair": 2710, "StateA": "US ", "StateB": "China",
    "Name": "Grey Heron_A", "interactionstartdate": "2015-01-01",
    "interactionenddate": "2015-03-02", "method": 3, "targettype": 1, "initiator": 710,
    "cyber_objective": 3, "information_operation": 0, "3rdpartyinitiator": 0, "severity": 4,
    "Crit Inf": 13, "Ransomware": 0, "Sources1": "https://example.org/heron",
}  # fmt: skip


@pytest.fixture
def workbook(tmp_path: Path) -> Write:
    """Return a function that writes sheets (name: rows of cells, header first) to an .xlsx."""

    def write(sheets: Mapping[str, Sequence[Sequence[object]]], name: str = "list.xlsx") -> Path:
        book = Workbook()
        book.remove(book.worksheets[0])
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(list(row))
        path = tmp_path / name
        book.save(path)
        return path

    return write


@pytest.fixture
def dcid_book(workbook: Write) -> Write:
    """Return a function that writes DCID rows, each the row above with some cells changed."""

    def write(*changes: Mapping[str, object], name: str = "dcid.xlsx") -> Path:
        header = list(dict.fromkeys([*DCID_ROW, *dcid.ADDRESS_COLUMNS]))
        rows = []
        for number, change in enumerate(changes, start=1):
            row = {**DCID_ROW, "Cyberincidentnum": number, **change}
            rows.append([row.get(column) for column in header])
        return workbook({"DCID_2.0_Release_public_June_20": [header, *rows]}, name)

    return write
