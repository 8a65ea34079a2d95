"""The evidence that ships with the package: facts-only tables of openly licensed lists.

Each list is two or three files of `data/evidence`: `NAME.tsv` (see `textfile`), `NAME.toml` (the
release) and `NAME.aside.tsv` (the rows of the publisher's file that were set aside, and why).
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from comity.errors import SourceError
from comity.incidents.model import ListRelease
from comity.incidents.releases import release_from_record
from comity.incidents.sources.result import RowProblem

if TYPE_CHECKING:
    import polars as pl

SHIPPED = {"dcid": "dcid-2.0"}
ASIDE_COLUMNS = ("row", "column", "value", "reason")


def folder() -> Path:
    """Return the folder of what ships."""
    return Path(str(resources.files("comity"))) / "data" / "evidence"


@lru_cache(maxsize=8)
def shipped_release(name: str) -> ListRelease:
    """Return the release of a list that ships. Raises SourceError where its file is damaged."""
    path = folder() / f"{SHIPPED[name]}.toml"
    try:
        return release_from_record(tomllib.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise SourceError(f"Cannot read {path.name}: {error}. Install Comity again.") from error


@lru_cache(maxsize=8)
def shipped_table(name: str) -> pl.DataFrame:
    """Return the incidents of a list that ships. Raises SourceError where its file is damaged."""
    from comity.incidents.textfile import read_text

    return read_text(folder() / f"{SHIPPED[name]}.tsv", shipped_release(name))


def shipped_problems(name: str) -> tuple[RowProblem, ...]:
    """Return the rows of the publisher's file that are not in the table that ships."""
    path = folder() / f"{SHIPPED[name]}.aside.tsv"
    lines = path.read_text("utf-8").splitlines()[1:]
    cells = [line.split("\t") for line in lines]
    return tuple(RowProblem(int(row), column, value, why) for row, column, value, why in cells)
