"""A user's lists for tests of exports: a hostile one that may be passed on, one that may not."""

from __future__ import annotations

import csv
from pathlib import Path

from comity.incidents.add import add_files

FORMULA = '=HYPERLINK("http://evil.example","open")'
SCRIPT = "<script>alert(1)</script>"
ROWS = (
    "No;Title;Began;Known;By;Against;Sector;Link",
    '1;"=HYPERLINK(""http://evil.example"",""open"")";2015?;2016-03;China;United States;company;'
    "javascript:alert(1) https://example.org/one?a=1&b={2}",
    f"2;{SCRIPT};2016-05/2016-07;2016-09;Russia;Estonia;company;https://example.org/two",
    "3;@SUM(1+1);2017-02-03;2017-02-04;Iran;Israel;company;data:text/html,x",
    "4;-1+1|cmd;;2018-02-04;Iran;Israel;company;https://example.org/one?a=1&b={2}",
)
MAPPING = """
[list]
name = "{name}"
release = "2024"
title = "{title}"
publisher = "An invented ministry & <b>sons</b>"
licence = "{licence}"
redistributable = {open}
address = "javascript:alert(2)"
covers_to = "2023"
closed_on = "2024-06-30"

[read]
separator = ","

[columns]
id = "No"
name = "Title"
start = "Began"
reported = "Known"
initiators = "By"
receivers = "Against"
targets = "Sector"
sources = "Link"

[values.targets]
company = "private"
"""


def add(folder: Path, name: str, licence: str, may_be_passed_on: bool, called: str = "") -> None:
    """Add the list to the store of COMITY_HOME under a name and licence; with `called`, its
    incidents have that name."""
    folder.mkdir(exist_ok=True)
    rows, mapping = folder / f"{name}.csv", folder / f"{name}.toml"
    lines = [ROWS[0]]
    for row in csv.reader(ROWS[1:], delimiter=";"):
        cells = [row[0], called or row[1], *row[2:]]
        lines.append(";".join('"' + c.replace('"', '""') + '"' for c in cells))
    rows.write_text("\n".join(lines) + "\n", "utf-8")
    mapping.write_text(
        MAPPING.format(name=name, title="=cmd|' /C calc'!A0", licence=licence,
                       open=str(may_be_passed_on).lower()), "utf-8",
    )  # fmt: skip
    result = add_files(name, [rows], mapping)
    assert result.table.height == 4
