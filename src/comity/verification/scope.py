"""Which incidents a scope takes, and which of the four cells each falls in.

A: initiator to receiver. B: the same initiator to others. C: others to the same receiver. D: others
to others. An incident with several initiators or receivers counts once in every cell it touches.
Left out, and counted by reason: no initiator country (unknown, unattributed or non-state only),
no receiver country, an initiator acting only at home, and the reverse of the pair (receiver to
initiator), which the same promise binds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from comity.verification.model import CELLS, Scope

UNNAMED = "initiator unknown, unattributed or non-state"
REASONS = {
    UNNAMED: "nobody",
    "receiver not named": "nowhere",
    "within one country": "at_home",
    "the pair reversed": "reverse",
}
NO_CELL = "in no cell"
LEAVES_NEVER = dt.date.max
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Membership:
    """`frame` has one row an incident and cell: `row` (index into the table given), `cell`,
    `leaves` (the day its receivers are all under the same promise; null where they never are).
    `excluded` counts the scope's incidents that fall in no cell, by reason."""

    frame: pl.DataFrame
    excluded: Mapping[str, int]


def in_scope(scope: Scope) -> pl.Expr:
    """Return the expression that is true for incidents of the scope's objectives and targets."""
    wanted = pl.lit(True)
    if scope.objective:
        wanted = wanted & _touches("objectives", scope.objective)
    if scope.target:
        wanted = wanted & _touches("targets", scope.target)
    return wanted


def _touches(column: str, values: tuple[str, ...]) -> pl.Expr:
    """Return the expression: does a list column share a value with `values`?"""
    hit = pl.col(column).list.contains(values[0])
    for value in values[1:]:
        hit = hit | pl.col(column).list.contains(value)
    return hit


@dataclass(frozen=True, slots=True)
class Classified:
    """A table's incidents of a scope: `frame` as in a `Membership`, and each row that falls in no
    cell with the number of its reason, parallel arrays."""

    frame: pl.DataFrame
    left_out: Ints
    reason: Ints

    def membership(self, rows: Ints | None = None, height: int = 0) -> Membership:
        """Return the membership of the table, or of some of its `height` rows (ascending), which
        are then numbered anew."""
        if rows is None:
            return Membership(self.frame, _counted(self.reason))
        place = np.full(height, -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        numbers = place[self.frame["row"].to_numpy()]
        there = numbers >= 0
        row = pl.Series("row", numbers[there]).cast(self.frame.schema["row"])
        frame = self.frame.filter(pl.Series(there)).with_columns(row)
        return Membership(frame, _counted(self.reason[place[self.left_out] >= 0]))


def _counted(reason: Ints) -> dict[str, int]:
    """Return how many rows each reason left out, reasons that left out none not named."""
    counts = np.bincount(reason, minlength=len(REASONS) + 1)
    return {name: int(n) for name, n in zip((*REASONS, NO_CELL), counts, strict=True) if n}


def assign_cells(
    table: pl.DataFrame, scope: Scope, under_promise: Mapping[str, dt.date]
) -> Membership:
    """Return each incident of the scope with its cells; see `classify`."""
    return classify(table, scope, under_promise).membership()


def classify(table: pl.DataFrame, scope: Scope, under_promise: Mapping[str, dt.date]) -> Classified:
    """Return each incident of the scope with its cells, or why it falls in none.

    `under_promise` gives, for receivers other than the scope's, the day from which the initiator
    owes them the same; an empty mapping leaves every receiver in cell B throughout. A row of B
    leaves on the day the last of its receivers is covered.
    """
    countries = pl.col("initiators").list.eval(pl.element().filter(~_is_special(pl.element())))
    receivers = pl.col("receivers").list.eval(pl.element().filter(~_is_special(pl.element())))
    frame = (
        table.lazy()
        .with_row_index("row")
        .filter(in_scope(scope))
        .select("row", countries.alias("by"), receivers.alias("on"))
        .with_columns(pl.col("on").list.set_difference("by").alias("abroad"))
        .with_columns(
            by_i=_touches("by", scope.initiator),
            on_r=_touches("abroad", scope.receiver),
            by_other=pl.col("by").list.set_difference(pl.lit(list(scope.initiator))).list.len() > 0,
            others=pl.col("abroad").list.set_difference(pl.lit(list(scope.receiver))),
        )
        .with_columns(
            reverse=_touches("by", scope.receiver) & _touches("abroad", scope.initiator),
            on_other=pl.col("others").list.len() > 0,
        )
        .with_columns(
            A=pl.col("by_i") & pl.col("on_r"),
            B=pl.col("by_i") & pl.col("on_other"),
            C=pl.col("by_other") & pl.col("on_r") & ~pl.col("by_i"),
            D=pl.col("by_other") & pl.col("on_other") & ~pl.col("by_i") & ~pl.col("reverse"),
            leaves=_leaving_day(under_promise),
            nobody=pl.col("by").list.len() == 0,
            nowhere=pl.col("on").list.len() == 0,
            at_home=pl.col("abroad").list.len() == 0,
        )
        .collect()
    )
    taken = pl.Series([False] * frame.height, dtype=pl.Boolean)
    rows, cells, leaves = [], [], []
    for cell in CELLS:
        rows.append(frame["row"].filter(frame[cell]))
        cells += [cell] * len(rows[-1])
        left = frame["leaves"].filter(frame[cell])
        leaves.append(left if cell == "B" else pl.Series([None] * len(left), dtype=pl.Date))
        taken = taken | frame[cell]
    members = pl.DataFrame(
        {"row": pl.concat(rows), "cell": cells, "leaves": pl.concat(leaves)},
        schema={"row": frame.schema["row"], "cell": pl.String, "leaves": pl.Date},
    )
    left_out = ~taken
    reason = np.full(frame.height, len(REASONS), dtype=np.int64)
    for number, column in reversed(list(enumerate(REASONS.values()))):
        reason[frame[column].to_numpy()] = number  # the first that holds is the one that counts
    which = left_out.to_numpy()
    return Classified(members, frame["row"].to_numpy().astype(np.int64)[which], reason[which])


def _is_special(code: pl.Expr) -> pl.Expr:
    """Return the expression: is a code not a country's (those begin with X-)?"""
    return code.str.starts_with("X-")


def _leaving_day(under_promise: Mapping[str, dt.date]) -> pl.Expr:
    """Return the day on which the last of `others` comes under the promise; null if one never."""
    if not under_promise:
        return pl.lit(None, dtype=pl.Date)
    day = pl.col("others").list.eval(
        pl.element().replace_strict(
            list(under_promise),
            list(under_promise.values()),
            default=LEAVES_NEVER,
            return_dtype=pl.Date,
        )
    )
    last = day.list.max()
    return pl.when(last < LEAVES_NEVER).then(last).otherwise(None)
