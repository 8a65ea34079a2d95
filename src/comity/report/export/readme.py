"""The two pages of an export for people: what is in it, and each table's licence.

Text of a list is somebody else's: it is put on one line and can be no mark-up.
"""

from __future__ import annotations

from collections.abc import Sequence

from comity.instruments.card import plain
from comity.report.export.addresses import uri_of
from comity.report.export.model import LeftOut, Licence, Table
from comity.report.export.package import ABOUT, TITLE, File

MARKS = "\\`*_{}[]<>()#!|&"
PARTS = {
    "register": "What was agreed, said and done",
    "evidence": "What was reported",
    "verdicts": "Verdicts",
    "links": "Links between lists",
}
FILES = {
    "datapackage.json": "every file and table described: Frictionless data package, Table Schema",
    "croissant.json": "the same for machine learning tools: Croissant 1.0",
    "stix.json": "incidents, attributions and verdicts as a STIX 2.1 bundle",
    "sources.bib": "every source cited, as BibTeX (UTF-8)",
    "sources.ris": "the same as RIS, for Zotero, EndNote and others",
    "LICENCES.md": "the licence of every table, and what to say when you use it",
}


def mark(text: str) -> str:
    """Return text on one line in which nothing is mark-up.

    >>> mark("a|b <script>")
    'a\\\\|b \\\\<script\\\\>'
    """
    return "".join(f"\\{c}" if c in MARKS else c for c in plain(text))


def readme(
    files: Sequence[File], counts: dict[str, int], left_out: Sequence[LeftOut], version: str,
    as_of: str,
) -> str:  # fmt: skip
    """Return the page that says what is in an export; `counts` are rows by table."""
    lines = [f"# {TITLE}", "", f"Exported by Comity {version}. Evidence as known on {as_of}.", ""]
    lines += [ABOUT, "", "## Files", ""]
    there = {f.path for f in files} | {"datapackage.json", "croissant.json"}
    lines += [f"- `{path}`: {what}" for path, what in FILES.items() if path in there]
    verdicts = sum(f.path.startswith("verdicts/") for f in files)
    if verdicts:
        lines.append(f"- `verdicts/`: {verdicts} verdicts as JSON, a file a question")
    formats = sorted({f.format for f in files if f.table is not None})
    lines.append(f"- `data/`: the tables below, as {' and '.join(formats)}")
    for group, heading in PARTS.items():
        found = {f.table.name: f.table for f in files if f.table and f.table.group == group}
        if found:
            lines += ["", f"## {heading}", "", "| table | rows | what | licence |",
                      "|---|---|---|---|"]  # fmt: skip
            lines += [_row(table, counts[name]) for name, table in found.items()]
    lines += ["", "## How cells are written", "", *CELLS, "", *_left_out(left_out)]
    return "\n".join(lines) + "\n"


CELLS = (
    "- A date is text in EDTF (ISO 8601-2), as published: `2015`, `2015-09`, `2015?`, "
    "`2014/2015-06`. Beside it stand the first and the last day it may mean (`_earliest`, "
    "`_latest`); nothing is made more exact than it was told. `..` is an end nobody knows.",
    "- CSV: a text that a spreadsheet would run as a formula begins with an apostrophe before "
    "`= + - @`. Several values in a cell are parted by ` ; `. Parquet holds the plain text, and "
    "lists as lists.",
    "- `NA` is Namibia, not a missing value; an empty cell is. In R: "
    '`readr::read_csv(file, na = "")`; in pandas: `keep_default_na=False`.',
)


def _row(table: Table, count: int) -> str:
    terms = ", ".join(dict.fromkeys(_short(one) for one in table.licences))
    cells = (f"`{table.name}`", f"{count:,}", mark(f"{table.title}: {table.description}"), terms)
    return f"| {' | '.join(cells)} |"


def _short(licence: Licence) -> str:
    return mark(licence.title if licence.name == "other" else licence.name)


def _left_out(left_out: Sequence[LeftOut]) -> list[str]:
    lines = ["## What was left out", ""]
    lines += [f"- {mark(one.name)}: {mark(one.why)}." for one in left_out]
    lines.append("- The descriptions that lists write of their incidents: a list's own words.")
    lines.append("- Ids of records whose list is left out: links name them by a hash of the id.")
    lines.append("- Who decided on a link, and notes on it: ids and the decision only.")
    return lines


def licences_page(files: Sequence[File], left_out: Sequence[LeftOut]) -> str:
    """Return the page of licences: each table's, in the words of `Table.terms`."""
    lines = [
        "# Licences", "",
        "Comity's register and what Comity computes is CC BY 4.0: use it, change it, pass it on, "
        'and say "Comity register, the Comity contributors", with the version. Lists of incidents '
        "are their publishers'; please cite them beside it. A table with several licences is under "
        "all of them, each for its part.", "",
        "| table | licence | taken from | terms |", "|---|---|---|---|",
    ]  # fmt: skip
    tables = {f.table.name: f.table for f in files if f.table is not None}
    for name, table in tables.items():
        terms = ", ".join(_linked(one) for one in table.licences)
        origins = "; ".join(mark(o.title) for o in table.origins)
        lines.append(f"| `{name}` | {terms} | {origins} | {mark(table.terms)} |")
    others = [f for f in files if f.table is None]
    for file in others:
        terms = ", ".join(_linked(one) for one in file.licences)
        lines.append(f"| `{file.path}` | {terms} | {mark(file.title)} | |")
    return "\n".join([*lines, "", *_left_out(left_out)]) + "\n"


def _linked(licence: Licence) -> str:
    address = uri_of(licence.address)
    return f"[{_short(licence)}](<{address}>)" if address else _short(licence)
