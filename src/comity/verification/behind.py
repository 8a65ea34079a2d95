"""The incidents behind a bar or a number: which they are, and how much of each is in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from comity.errors import QuestionError
from comity.saying import say
from comity.verification.cards import side_of
from comity.verification.model import CELLS
from comity.verification.panel import shares_by_period
from comity.verification.prepare import ListData, Prepared, membership_of

SIDES = ("before", "after")
NO_DATE = say("behind.no_date")
OUTSIDE = say("behind.outside")
NOT_COUNTING = say("behind.not_counting")


@dataclass(frozen=True, slots=True)
class Counted:
    """One incident in one cell. `share` is how much of it stands in what was asked for (a period,
    or the whole window), 0 to 1; `sharp` says that its start is known to one period; `spread` the
    periods it is shared out over, with the share of each; `side` whether its start lies before or
    after the agreement, on both sides of it (straddles), or is not known; `why` says why it is in
    no period, empty where it is in one. The days are INCLUSIVE, as read."""

    key: str
    share: float
    sharp: bool
    spread: tuple[tuple[str, float], ...]
    side: str
    earliest: dt.date | None
    latest: dt.date | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Behind:
    """The incidents behind a bar (a cell in a period) or a number (a cell, or one side of it).

    `total` is the sum of shares: of a period, the bar's height. `lists` are those that count, and
    `basis` says by which date each does: start or report.
    """

    question: str
    scope: str
    cell: str
    period: str
    side: str
    lists: tuple[str, ...]
    basis: tuple[str, ...]
    total: float
    incidents: tuple[Counted, ...]


def incidents_behind(
    prepared: Prepared, cell: str = "A", period: str = "", side: str = ""
) -> Behind:
    """Return the incidents that the narrow scope has in a cell: in one period, or all of them.

    With `side` "before" only those that began on or before the day of the agreement, with "after"
    those that did not, or may not have. Without a period, incidents that are in no bar are there
    too, each with the reason. Raises QuestionError for a cell, period or side there is not, naming
    those there are.
    """
    if cell not in CELLS:
        raise QuestionError(f"There is no cell {cell[:20]!r}. There are: {', '.join(CELLS)}.")
    if side and side not in SIDES:
        raise QuestionError(f"A side is {' or '.join(SIDES)}, not {side[:20]!r}.")
    inside = [prepared.grid.labels[k] for k in prepared.periods]
    if period and period not in inside:
        there = f"{inside[0]} to {inside[-1]}" if inside else "none"
        raise QuestionError(f"There is no period {period[:20]!r} in this window: {there}.")
    found = [
        counted
        for one in prepared.lists
        for counted in _of_list(prepared, one, cell, period)
        if not side or (counted.side == "before") == (side == "before")
    ]
    counting = prepared.counting
    return Behind(
        prepared.question.id, prepared.question.scope.id, cell, period, side,
        tuple(one.release.list for one in counting), tuple(one.basis for one in counting),
        sum(c.share for c in found),
        tuple(sorted(found, key=lambda c: (c.earliest or dt.date.max, c.latest or dt.date.max,
                                           c.key))),
    )  # fmt: skip


def _of_list(prepared: Prepared, one: ListData, cell: str, period: str) -> Iterator[Counted]:
    """Yield the incidents of one list in a cell: those of a period, or all of them."""
    membership = membership_of(one, prepared.question.scope, prepared.under_promise)
    spreads = _spreads(prepared, one, cell) if one in prepared.counting else {}
    column = "reported" if one.basis == "report" else "start"
    picked = one.table.select("list", "id", f"{column}_earliest", f"{column}_latest")
    members = membership.frame.filter(pl.col("cell") == cell)["row"].unique(maintain_order=True)
    for row in members.to_list():
        name, ident, earliest, latest = picked.row(row)
        spread, sharp = spreads.get(row, ((), False))
        mine = sum(share for label, share in spread if not period or label == period)
        if mine <= 0 and (period or (latest or dt.date.max) < prepared.question.window_from):
            continue
        why = ""
        if mine <= 0:
            undated = earliest is None or latest is None
            why = NO_DATE if undated else OUTSIDE
            why = why if one in prepared.counting else NOT_COUNTING
        yield Counted(
            f"{name}:{ident}", mine, sharp, spread,
            side_of(earliest, latest, prepared.question.agreed), earliest, latest, why,
        )  # fmt: skip


def _spreads(
    prepared: Prepared, one: ListData, cell: str
) -> Mapping[int, tuple[tuple[tuple[str, float], ...], bool]]:
    """Return by row of a list the periods of the window an incident is shared out over, with the
    share of each, and whether its start is known to one."""
    membership = membership_of(one, prepared.question.scope, prepared.under_promise)
    shares = shares_by_period(one.table, membership, prepared.grid, one.window, one.basis)
    first, stop = prepared.window
    shares = shares.filter(
        (pl.col("cell") == cell) & (pl.col("period") >= first) & (pl.col("period") < stop)
    )
    found: dict[int, tuple[tuple[tuple[str, float], ...], bool]] = {}
    for row, period, share, sharp in shares.select("row", "period", "share", "sharp").rows():
        before = found.get(row, ((), sharp))[0]
        found[row] = ((*before, (prepared.grid.labels[period], float(share))), sharp)
    return found
