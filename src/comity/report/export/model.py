"""The records of an export: a table, its fields, its licences, and what is left out of it.

A table is described before it is read: `Table.frame()` reads it. A field's `kind` says what its
cells are in the frame; in CSV a list is one text, its values parted by " ; ".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from comity.provenance import is_web_address

if TYPE_CHECKING:
    import polars as pl

GROUPS = ("register", "evidence", "verdicts", "links")


class Kind(StrEnum):
    """What the cells of a column are."""

    TEXT = "text"
    EDTF = "imprecise date"  # text as published; two columns of days follow it
    DAY = "day"
    NUMBER = "number"
    WHOLE = "whole number"
    FLAG = "true or false"
    LIST = "list of texts"


@dataclass(frozen=True, slots=True)
class Field:
    """One column. `required` cells are never empty; `values` are the only ones allowed, if any."""

    name: str
    kind: Kind
    description: str
    required: bool = False
    unique: bool = False
    values: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class Licence:
    """Terms that something is under: a name of the SPDX list (`other` where it has none), a title
    for people, and the address of the terms, empty where there is none."""

    name: str
    title: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Columns that name a row of another table (or of the table itself) by its columns `to`.

    An empty cell refers to nothing.
    """

    fields: tuple[str, ...]
    table: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a table's rows come from: who published it, and the address, if it has one."""

    title: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of an export: what it is, what its columns mean, its terms, and how to read it.

    `name` is small letters, digits, full stops, hyphens and underscores, unique among the tables;
    `group` one of `GROUPS`. `key` are the columns that no two rows share; empty where none are.
    Several `licences` hold together: `terms` says which for what.
    """

    name: str
    group: str
    title: str
    description: str
    fields: tuple[Field, ...]
    licences: tuple[Licence, ...]
    origins: tuple[Origin, ...]
    load: Callable[[], pl.DataFrame] = field(repr=False)
    key: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    terms: str = ""

    def frame(self) -> pl.DataFrame:
        """Return the rows, with exactly the columns of `fields`; text is plain, nothing guarded."""
        frame = self.load()
        assert frame.columns == [f.name for f in self.fields], self.name
        return frame


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One thing that is at hand and not exported, and why, in a sentence."""

    name: str
    why: str


def polars_schema(fields: tuple[Field, ...]) -> dict[str, Any]:
    """Return the Polars schema of a table with these columns, in order."""
    import polars as pl

    kinds: dict[Kind, Any] = {
        Kind.TEXT: pl.String, Kind.EDTF: pl.String, Kind.DAY: pl.Date, Kind.NUMBER: pl.Float64,
        Kind.WHOLE: pl.Int64, Kind.FLAG: pl.Boolean, Kind.LIST: pl.List(pl.String),
    }  # fmt: skip
    return {f.name: kinds[f.kind] for f in fields}


CC_BY = Licence(
    "CC-BY-4.0", "Creative Commons Attribution 4.0 International",
    "https://creativecommons.org/licenses/by/4.0/",
)  # fmt: skip
CC0 = Licence(
    "CC0-1.0", "Creative Commons Zero 1.0 Universal",
    "https://creativecommons.org/publicdomain/zero/1.0/",
)  # fmt: skip
PDDL = Licence(
    "PDDL-1.0", "Open Data Commons Public Domain Dedication and Licence 1.0",
    "https://opendatacommons.org/licenses/pddl/1-0/",
)  # fmt: skip
ATTACK = Licence(
    "other", "MITRE ATT&CK terms of use",
    "https://attack.mitre.org/resources/legal-and-branding/terms-of-use/",
)  # fmt: skip
KNOWN = {
    "cc-by-4.0": CC_BY,
    "cc0-1.0": CC0,
    "cc0": CC0,
    "pddl-1.0": PDDL,
    "odc-pddl-1.0": PDDL,
    "att&ck-terms-of-use": ATTACK,
    "cc-by-sa-4.0": Licence(
        "CC-BY-SA-4.0", "Creative Commons Attribution-ShareAlike 4.0 International",
        "https://creativecommons.org/licenses/by-sa/4.0/",
    ),
    "odc-by-1.0": Licence(
        "ODC-By-1.0", "Open Data Commons Attribution Licence 1.0",
        "https://opendatacommons.org/licenses/by/1-0/",
    ),
    "odbl-1.0": Licence(
        "ODbL-1.0", "Open Data Commons Open Database Licence 1.0",
        "https://opendatacommons.org/licenses/odbl/1-0/",
    ),
}  # fmt: skip


def licence_of(text: str, address: str = "") -> Licence:
    """Return the licence that a list states; one we do not know keeps the list's own words, and
    the list's `address` as the place to read more.

    >>> licence_of("CC BY 4.0").name, licence_of("ask us").title
    ('CC-BY-4.0', 'ask us')
    """
    known = KNOWN.get("-".join(text.casefold().split()))
    if known is not None:
        return known
    return Licence("other", text or "none stated", address if is_web_address(address) else "")
