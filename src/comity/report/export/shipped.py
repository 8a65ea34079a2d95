"""A table of the register that ships, as an export table: its text file read by its own columns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING

from comity.errors import RegisterError
from comity.report.export.columns import typed
from comity.report.export.model import CC_BY, Field, Kind, Licence, Origin, Reference, Table
from comity.tables import read_table

if TYPE_CHECKING:
    import polars as pl

REGISTER = Origin("Comity register, the Comity contributors")


def file_columns(fields: tuple[Field, ...]) -> tuple[str, ...]:
    """Return the columns of the file behind some fields: all but the days worked out of dates."""
    dates = [f.name for f in fields if f.kind is Kind.EDTF]
    derived = {f"{name}_{side}" for name in dates for side in ("earliest", "latest")}
    return tuple(f.name for f in fields if f.name not in derived)


def shipped(
    name: str,
    file: str,
    title: str,
    description: str,
    fields: tuple[Field, ...],
    *,
    key: tuple[str, ...] = (),
    references: tuple[Reference, ...] = (),
    licences: tuple[Licence, ...] = (CC_BY,),
    origins: tuple[Origin, ...] = (REGISTER,),
    terms: str = "",
    parting: Mapping[str, str] | None = None,
    group: str = "register",
) -> Table:
    """Return the table of a text file under `data/`; `parting` as in `typed`."""
    load = partial(_load, file, fields, parting)
    return Table(
        name, group, title, description, fields, licences, origins, load, key, references, terms
    )


def _load(file: str, fields: tuple[Field, ...], parting: Mapping[str, str] | None) -> pl.DataFrame:
    """Return the rows of a file. Raises RegisterError where the file that shipped was altered."""
    raw = resources.files("comity").joinpath("data", *file.split("/")).read_bytes()
    rows, problems = read_table(raw, file_columns(fields))
    if problems:
        listed = tuple(f"{file}:{line}: {message}" for line, message in problems)
        raise RegisterError(f"{file} cannot be exported:\n" + "\n".join(listed), listed)
    return typed(fields, (row.cells for row in rows), parting)


def to(table: str, *fields: str, key: tuple[str, ...] = ("id",)) -> Reference:
    """Return a reference of some columns to the key of a table."""
    return Reference(fields, table, key)
