"""The tables of links between lists: which records may be one incident, and what a person decided.

Ids only: no word of either record, nor a person's name or note, is in them.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from comity.incidents.linkage.comparisons import COMPARISONS
from comity.incidents.linkage.decisions import current, read_decisions
from comity.incidents.linkage.model import Linkage
from comity.incidents.linkage.store import load_linkage
from comity.report.export.columns import text, typed
from comity.report.export.model import CC_BY, Field, Kind, LeftOut, Table
from comity.report.export.shipped import REGISTER

if TYPE_CHECKING:
    import polars as pl

TERMS = "Made by Comity from the lists at hand; the records named are under their lists' terms."
PAIR = (
    text("first", "A record, list:id; the list that is first by name"),
    text("second", "A record of another list, list:id"),
)
LINK_FIELDS = (
    *PAIR,
    Field("probability", Kind.NUMBER, "That they are one incident, by the model; no decision of a "
          "person counts in it", True, lowest=0, highest=1),
    Field("alone", Kind.NUMBER, "The same without rival candidates", True, lowest=0, highest=1),
    *(
        Field(c.name, Kind.WHOLE, f"How alike: {c.title}. -1 nothing to compare; "
              + "; ".join(f"{n} {said}" for n, said in enumerate(c.levels)), True,
              lowest=-1, highest=len(c.levels) - 1)
        for c in COMPARISONS
    ),
)  # fmt: skip
DECISION_FIELDS = (
    *PAIR,
    text("verdict", "What a person decided", values=("same", "different")),
    text("when", "When (UTC, ISO 8601)"),
)
NO_LINKS = LeftOut(
    "links between lists", "no lists have been linked on this machine (`comity link` makes them)"
)


def link_tables(lists: Collection[str], home: Path | None = None) -> tuple[Table, ...]:
    """Return the links made on this machine between some lists and the decisions on them.

    None where there are no links and no decisions. Raises StoreError where they are damaged.
    """
    found = []
    linkage, names = load_linkage(home), frozenset(lists)
    if linkage is not None and _between(linkage, names):
        found.append(Table(
            "record-links", "links", "Links between records",
            "Records of different lists that may be of one incident: nothing is merged",
            LINK_FIELDS, (CC_BY,), (REGISTER,), partial(_link_rows, linkage, names),
            ("first", "second"), terms=TERMS,
        ))  # fmt: skip
    rows = [
        {"first": d.first, "second": d.second, "verdict": d.verdict, "when": d.when}
        for pair, d in sorted(current(read_decisions(home)).items())
        if {_list_of(key) for key in pair} <= names
    ]
    if rows:
        found.append(Table(
            "link-decisions", "links", "Decisions on links",
            "What a person decided on two records; it wins over the model's probability",
            DECISION_FIELDS, (CC_BY,), (REGISTER,), partial(typed, DECISION_FIELDS, rows),
            ("first", "second"), terms=TERMS,
        ))  # fmt: skip
    return tuple(found)


def _between(linkage: Linkage, names: frozenset[str]) -> bool:
    return len(names & set(linkage.digests)) > 1


def _link_rows(linkage: Linkage, names: frozenset[str]) -> pl.DataFrame:
    """Return the links whose two records are of these lists, in order of their keys."""
    table = linkage.table.sort("first", "second")
    return typed(LINK_FIELDS, (
        row for row in table.iter_rows(named=True)
        if {_list_of(row["first"]), _list_of(row["second"])} <= names
    ))  # fmt: skip


def _list_of(key: str) -> str:
    return key.split(":", 1)[0]
