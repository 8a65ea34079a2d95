"""The tables of links between lists: which records may be one incident, and what a person decided.

Ids only, and of a list that may not be passed on a hash of them: no word of either record, nor a
person's name or note, is in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from comity.incidents.linkage.comparisons import COMPARISONS
from comity.incidents.linkage.decisions import current, read_decisions
from comity.incidents.linkage.model import Linkage
from comity.incidents.linkage.store import load_linkage
from comity.incidents.model import ListRelease
from comity.report.export.columns import text, typed
from comity.report.export.model import CC_BY, Field, Kind, LeftOut, Table
from comity.report.export.passing import HASHED, record_name
from comity.report.export.shipped import REGISTER

if TYPE_CHECKING:
    import polars as pl

TERMS = "Made by Comity from the lists at hand; the records named are under their lists' terms."
PAIR = (
    text("first", f"A record, list:id; {HASHED}"),
    text("second", f"A record of another list, list:id; {HASHED}"),
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


def link_tables(releases: Sequence[ListRelease], home: Path | None = None) -> tuple[Table, ...]:
    """Return the links made on this machine between some lists and the decisions on them.

    Records of a list that may not be passed on are named by a hash of their id. No table
    where there are no links and no decisions. Raises StoreError where they are damaged.
    """
    found = []
    linkage, names = load_linkage(home), frozenset(r.list for r in releases)
    passed_on = frozenset(r.list for r in releases if r.redistributable)
    if linkage is not None and _between(linkage, names):
        found.append(Table(
            "record-links", "links", "Links between records",
            "Records of different lists that may be of one incident: nothing is merged",
            LINK_FIELDS, (CC_BY,), (REGISTER,), partial(_link_rows, linkage, names, passed_on),
            ("first", "second"), terms=TERMS,
        ))  # fmt: skip
    rows = [
        {
            "first": record_name(d.first, passed_on),
            "second": record_name(d.second, passed_on),
            "verdict": d.verdict,
            "when": d.when,
        }
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


def _link_rows(linkage: Linkage, names: frozenset[str], passed_on: frozenset[str]) -> pl.DataFrame:
    """Return the links whose two records are of these lists, in order of their names."""
    rows = [
        row | {end: record_name(row[end], passed_on) for end in ("first", "second")}
        for row in linkage.table.iter_rows(named=True)
        if {_list_of(row["first"]), _list_of(row["second"])} <= names
    ]
    return typed(LINK_FIELDS, sorted(rows, key=lambda row: (row["first"], row["second"])))


def _list_of(key: str) -> str:
    return key.split(":", 1)[0]
