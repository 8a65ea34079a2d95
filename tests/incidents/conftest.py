"""Small files written by hand, as publishers would write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

Write = Callable[..., Path]


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
