"""Search in the lists at hand: words, facets and how exactly a start is known, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from comity.dates import DateReading
from comity.errors import SourceError
from comity.incidents.model import CLAIMANT_KINDS, Evidence, read_dates

# How exactly a start is known, by the days it may lie on, as read; each takes in the one before.
EXACTNESS: Mapping[str, int] = MappingProxyType(
    {"day": 1, "month": 31, "quarter": 92, "half-year": 184, "year": 366}
)
WORSE = "worse"
ORDERS = ("newest", "oldest", "least-exact", "name")
NEWEST = ORDERS[0]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; an empty field asks nothing. `words` must all occur (in any case) in the
    name, description, key, campaign, an actor or a claimant; `from_year` and `to_year` keep
    incidents that may have begun in those years (INCLUSIVE); `exactness` is one of `EXACTNESS` or
    "worse"; `claimed_by` a kind of claimant, or "nobody"."""

    words: str = ""
    list: str = ""
    initiator: str = ""
    receiver: str = ""
    objective: str = ""
    target: str = ""
    from_year: int | None = None
    to_year: int | None = None
    exactness: str = ""
    claimed_by: str = ""
    order: str = NEWEST


def search(
    evidence: Evidence, wanted: Wanted | None = None, reading: DateReading | None = None
) -> pl.DataFrame:
    """Return the incidents that fit, as rows of the table with starts as read (`start_earliest`,
    `start_latest`) and `days`, the number of days a start may lie on (null where an end is open).

    Raises SourceError for a list that is not there, or an order or exactness that is none.
    """
    asked = wanted or Wanted()
    _check(evidence, asked)
    table = read_dates(evidence.table, evidence.releases, reading or DateReading())
    days = (pl.col("start_latest") - pl.col("start_earliest")).dt.total_days() + 1
    table = table.with_columns(days.alias("days"))
    for condition in _conditions(asked):
        table = table.filter(condition)
    return _sorted(table, asked.order)


def _check(evidence: Evidence, wanted: Wanted) -> None:
    known = [r.list for r in evidence.releases]
    if wanted.list and wanted.list not in known:
        raise SourceError(f"There is no list {wanted.list[:64]!r} here: {', '.join(known)}.")
    if wanted.exactness and wanted.exactness not in (*EXACTNESS, WORSE):
        allowed = ", ".join((*EXACTNESS, WORSE))
        raise SourceError(f"A start is exact to {allowed}, not {wanted.exactness[:40]!r}.")
    if wanted.order not in ORDERS:
        raise SourceError(f"Incidents are ordered by {', '.join(ORDERS)}.")
    if wanted.claimed_by and wanted.claimed_by not in (*CLAIMANT_KINDS, "nobody"):
        allowed = ", ".join((*CLAIMANT_KINDS, "nobody"))
        raise SourceError(f"Claims are made by {allowed}, not {wanted.claimed_by[:40]!r}.")


def _conditions(wanted: Wanted) -> list[pl.Expr]:
    """Return what must hold of a row."""
    found: list[pl.Expr] = []
    for word in wanted.words.casefold().split():
        found.append(_HAYSTACK.str.to_lowercase().str.contains(word, literal=True))
    if wanted.list:
        found.append(pl.col("list") == wanted.list)
    for column in ("initiator", "receiver", "objective", "target"):
        if value := getattr(wanted, column):
            found.append(pl.col(f"{column}s").list.contains(value))
    if wanted.from_year is not None:
        found.append(pl.col("start_latest").dt.year() >= wanted.from_year)
    if wanted.to_year is not None:
        found.append(pl.col("start_earliest").dt.year() <= wanted.to_year)
    if wanted.exactness:
        found.append(exactness_of(pl.col("days")) == wanted.exactness)
    if wanted.claimed_by == "nobody":
        found.append(pl.col("attributions") == "")
    elif wanted.claimed_by:
        mark = f'"claimant_kind": "{wanted.claimed_by}"'  # as `write_attributions` writes it
        found.append(pl.col("attributions").str.contains(mark, literal=True))
    return found


_HAYSTACK = pl.concat_str(
    pl.concat_str("list", "id", separator=":"), "name", "description", "campaign",
    pl.col("organs").list.join(" "), "attributions", separator="\n",
)  # fmt: skip


def exactness_of(days: pl.Expr) -> pl.Expr:
    """Return the word of `EXACTNESS` for a number of days; "worse" beyond a year, or unknown."""
    word: pl.Expr = pl.lit(WORSE)
    for name, most in reversed(list(EXACTNESS.items())):
        word = pl.when(days <= most).then(pl.lit(name)).otherwise(word)
    return word


def _sorted(table: pl.DataFrame, order: str) -> pl.DataFrame:
    """Return rows in an order, ties by key; rows without what it goes by come last."""
    if order == "name":
        by: Sequence[pl.Expr] = (pl.col("name").str.to_lowercase(),)
        down = [False]
    elif order == "least-exact":
        by, down = (pl.col("days").fill_null(10**7),), [True]
    else:
        by, down = (pl.col("start_earliest"),), [order == NEWEST]
    return table.sort(
        [*by, pl.col("list"), pl.col("id")], descending=[*down, False, False], nulls_last=True
    )


def values_of(evidence: Evidence, column: str) -> tuple[str, ...]:
    """Return the distinct values of a list column of the table (`initiators`), by number of
    incidents, most first."""
    counted = evidence.table[column].explode(empty_as_null=False).drop_nulls().value_counts()
    return tuple(counted.sort(["count", column], descending=[True, False])[column].to_list())
