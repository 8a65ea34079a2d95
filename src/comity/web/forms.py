"""A view in the forms other programs read: JSON, CSV, SVG and PNG."""

from __future__ import annotations

import csv
import io
import json

from comity.errors import AddressError
from comity.incidents.export import guard_cell
from comity.report.text import bare
from comity.web.page import Page

TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
}


def formats_of(page: Page) -> tuple[str, ...]:
    """Return the forms a page has beside HTML."""
    has = {
        "json": page.data is not None,
        "csv": page.sheet is not None,
        "svg": bool(page.charts),
        "png": bool(page.charts),
    }
    return tuple(name for name, there in has.items() if there)


def formed(page: Page, form: str, chart: str = "") -> bytes:
    """Return a page in one of its forms; `chart` names one of its charts.

    Raises AddressError for a form the page does not have.
    """
    if form not in formats_of(page):
        there = ", ".join(formats_of(page)) or "none but the page itself"
        raise AddressError(f"This view has no .{form}. It has: {there}.", missing=True)
    if form == "json":
        data = page.data() if callable(page.data) else page.data
        text = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1, default=str)
        return f"{text}\n".encode()
    if form == "csv" and page.sheet is not None:
        sheet = page.sheet() if callable(page.sheet) else page.sheet
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(sheet.columns)
        writer.writerows([_cell(value) for value in row] for row in sheet.rows)
        return out.getvalue().encode("utf-8-sig")
    name = chart or next(iter(page.charts))
    if name not in page.charts:
        raise AddressError(f"There is no chart {name[:40]!r}. There is: {', '.join(page.charts)}.")
    svg = page.charts[name]()
    if not svg:
        raise AddressError("There is nothing to draw in this view.", missing=True)
    if form == "svg":
        return svg.encode()
    from comity.report.svg import as_png

    return as_png(svg)


def _cell(value: object) -> str:
    """Return a cell a spreadsheet does not run: numbers as they are, text guarded."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return str(value)
    return guard_cell(bare(str(value)))
