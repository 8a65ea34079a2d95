"""The evidence that ships with the package: facts-only tables of openly licensed lists.

Each list is two to four files of `data/evidence`: `NAME.tsv` (see `textfile`), `NAME.toml` (the
release), `NAME.aside.tsv` (the rows of the publisher's file that were set aside, and why) and
`NAME.reports.tsv` (what is known beside the list, see `reports`), which is joined on loading.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from comity.errors import SourceError
from comity.incidents.model import ListRelease
from comity.incidents.releases import release_from_record
from comity.incidents.reports import ReportFact, join_reports, read_reports
from comity.incidents.sources.result import RowProblem

if TYPE_CHECKING:
    import polars as pl

SHIPPED = {"dcid": "dcid-2.0"}
REPORTS_COVER = {"dcid": "incidents with China or the United States"}
ASIDE_COLUMNS = ("row", "column", "value", "reason")


def folder() -> Path:
    """Return the folder of what ships."""
    return Path(str(resources.files("comity"))) / "data" / "evidence"


@lru_cache(maxsize=8)
def load_reports(name: str) -> Mapping[str, ReportFact]:
    """Return what is known beside a list, by incident id; of a list without such a table, nothing.

    Raises SourceError listing every problem of the table.
    """
    path = folder() / f"{SHIPPED[name]}.reports.tsv" if name in SHIPPED else None
    return MappingProxyType(read_reports(path) if path is not None and path.is_file() else {})


@lru_cache(maxsize=8)
def shipped_release(name: str) -> ListRelease:
    """Return the release of a list that ships. Raises SourceError where its file is damaged.

    Where dates of report are known beside the list, it has them and says whose they are.
    """
    path = folder() / f"{SHIPPED[name]}.toml"
    try:
        release = release_from_record(tomllib.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise SourceError(f"Cannot read {path.name}: {error}. Install Comity again.") from error
    if not any(fact.reported.text for fact in load_reports(name).values()):
        return release
    return replace(
        release, has_report_dates=True,
        report_dates_from=f"a table of Comity's, for {REPORTS_COVER[name]}",
    )  # fmt: skip


@lru_cache(maxsize=8)
def publishers_table(name: str) -> pl.DataFrame:
    """Return the incidents of a list that ships, with nothing but what its publisher says.

    Raises SourceError where its file is damaged.
    """
    from comity.incidents.textfile import read_text

    return read_text(folder() / f"{SHIPPED[name]}.tsv", shipped_release(name))


@lru_cache(maxsize=8)
def shipped_table(name: str) -> pl.DataFrame:
    """Return the incidents of a list that ships, with what is known beside it filled in.

    Raises SourceError where a file of it is damaged.
    """
    table, facts = publishers_table(name), load_reports(name)
    return join_reports(table, facts) if facts else table


def shipped_problems(name: str) -> tuple[RowProblem, ...]:
    """Return the rows of the publisher's file that are not in the table that ships."""
    path = folder() / f"{SHIPPED[name]}.aside.tsv"
    lines = path.read_text("utf-8").splitlines()[1:]
    cells = [line.split("\t") for line in lines]
    return tuple(RowProblem(int(row), column, value, why) for row, column, value, why in cells)
