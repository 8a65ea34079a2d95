"""From evidence to the panels of one question: which lists, as known when, on which grid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from comity.dates import DateReading
from comity.errors import QuestionError
from comity.incidents.model import Evidence, ListRelease, read_dates
from comity.saying import say
from comity.verification.counts import Counts
from comity.verification.grid import Grid, build_grid
from comity.verification.model import Choices, Question, Scope
from comity.verification.panel import ListWindow, Panel, build_panel
from comity.verification.recent import Recent
from comity.verification.scope import Classified, Membership, assign_cells, classify

if TYPE_CHECKING:
    from comity.verification.delay import DelayByEpoch, DelayFit

PAD = 4  # periods beyond the window on each side, so that coarse dates crossing its edge stay
_READ: Recent[pl.DataFrame] = Recent(8)  # lists with their dates read
_CLASSIFIED: Recent[Classified] = Recent(64)  # their incidents, by scope
MOSTLY = 0.5  # a list with a start on fewer rows than this share counts by report date


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a list's rows come from: the `whole` list and which of its rows (None for all) are in
    `table`."""

    whole: pl.DataFrame
    rows: NDArray[np.int64] | None
    table: pl.DataFrame


@dataclass(frozen=True, slots=True)
class ListData:
    """One list as a question sees it: its rows (dates read), window, and the date it counts by."""

    release: ListRelease
    table: pl.DataFrame
    window: ListWindow
    basis: str
    no_delay: str = ""  # why the reporting delay is not known; empty where it is
    redrawn: tuple[pl.DataFrame, ...] = ()  # the rows as other draws of the links have them
    origin: Origin | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything a question's fits start from. `onset` is the first period counted as after;
    `window` the periods of the question's window that the evidence covers, as (first, stop)."""

    question: Question
    choices: Choices
    grid: Grid
    onset: int
    window: tuple[int, int]
    lists: tuple[ListData, ...]
    under_promise: Mapping[str, dt.date]
    as_of: dt.date
    ends: dt.date

    @property
    def periods(self) -> range:
        """The periods of the window, as a range."""
        return range(*self.window)

    @property
    def first_after(self) -> dt.date:
        """The first day that counts as after the agreement: a period's first."""
        return dt.date.fromordinal(int(self.grid.edges[self.onset]))

    @property
    def counting(self) -> tuple[ListData, ...]:
        """The lists that enter the headline: those that count by start, or all where none does."""
        by_start = tuple(one for one in self.lists if one.basis == "start")
        return by_start or self.lists


def _newest(table: pl.DataFrame, column: str) -> dt.date | None:
    """Return the latest day of a column, or None where it holds none."""
    found = table[column].max()
    return found if isinstance(found, dt.date) else None


def _last(date_latest: dt.date | None, default: dt.date) -> dt.date:
    return date_latest if date_latest is not None else default


def bounds_of(table: pl.DataFrame, release: ListRelease) -> tuple[dt.date, dt.date, dt.date]:
    """Return the first and the last start day a list covers and the day it was closed, all
    INCLUSIVE: as its release says, at the latest, or else as its dates (read) show."""
    newest = _newest(table, "start_latest") or _newest(table, "reported_latest") or dt.date.min
    covers_to = _last(release.covers_to.latest, newest)
    reported = _newest(table, "reported_latest") or covers_to
    closed_on = _last(release.closed_on.latest, max(covers_to, newest, reported))
    oldest = table["start_earliest"].min()
    covers_from = release.covers_from.earliest
    if covers_from is None:
        covers_from = oldest if isinstance(oldest, dt.date) else dt.date(1, 1, 1)
    return covers_from, covers_to, closed_on


def _list_data(
    evidence: Evidence,
    release: ListRelease,
    choices: Choices,
    agreed: dt.date,
    known: ListData | None = None,
) -> ListData:
    """Return one list, its dates read, cut down to what was public on the as-of date; its delay is
    that of the list as `known`, or estimated, and may differ between starts until the agreement
    and later ones."""
    mine = pl.col("list") == release.list
    whole = table = _READ.of(
        evidence.table, (release, choices.reading),
        lambda: read_dates(evidence.table.filter(mine), (release,), choices.reading),
    )  # fmt: skip
    covers_from, covers_to, closed_on = bounds_of(table, release)
    dated = table["start_earliest"].is_not_null().mean()
    basis = "start" if isinstance(dated, float) and dated >= MOSTLY else "report"
    rows = None
    if choices.as_of is not None:
        closed_on, covers_to = min(closed_on, choices.as_of), min(covers_to, choices.as_of)
        rows = _rows_known(whole, choices.as_of)
        table = whole[rows]
    delay: DelayFit | DelayByEpoch | None = None
    why: str = say("delay.no_dates")
    if known is not None:
        delay, why = known.window.delay, known.no_delay
    elif basis == "start" and release.has_report_dates:
        from comity.verification.delay_list import list_delay

        delay, why = list_delay(table, closed_on.toordinal(), agreed)
    window = ListWindow(
        covers_from.toordinal(), covers_to.toordinal(), closed_on.toordinal(), delay
    )
    redrawn = tuple(
        _as_known(read_dates(other.filter(mine), (release,), choices.reading), choices.as_of)
        for other in evidence.redrawn
    )
    origin = Origin(whole, rows, table)
    return ListData(release, table, window, basis, why, redrawn, origin)


def _as_known(table: pl.DataFrame, day: dt.date | None) -> pl.DataFrame:
    """Return the rows that were public on a day (INCLUSIVE), as far as their dates tell."""
    if day is None:
        return table
    return table[_rows_known(table, day)]


def _rows_known(table: pl.DataFrame, day: dt.date) -> NDArray[np.int64]:
    """Return the numbers of the rows that were public on a day (INCLUSIVE), ascending."""
    dates = (table[column] for column in ("start_earliest", "reported_latest"))
    public = [(~(date > day).fill_null(False)).to_numpy() for date in dates]
    return np.flatnonzero(public[0] & public[1])


def prepare(
    question: Question,
    evidence: Evidence,
    under_promise: Mapping[str, dt.date],
    choices: Choices,
    months: int | None = None,
) -> Prepared:
    """Return what the fits need; a period has `months`, or as many as the choices say.

    Raises QuestionError where the agreement lies outside the question's own window, or a list it
    names is not in the evidence."""
    if not question.window_from < question.agreed <= question.window_to:
        raise QuestionError(
            f"{question.id}: the agreement of {question.agreed} lies outside the window "
            f"{question.window_from} to {question.window_to}; widen [window] in the question file."
        )
    wanted = choices.lists or question.lists or tuple(r.list for r in evidence.releases)
    releases = []
    for name in dict.fromkeys(wanted):
        release = evidence.release_of(name)
        if release is None:
            known = ", ".join(r.list for r in evidence.releases) or "none"
            raise QuestionError(f"There is no list {name!r} in this evidence. There are: {known}.")
        releases.append(release)
    lists = tuple(_list_data(evidence, release, choices, question.agreed) for release in releases)
    ends = max(dt.date.fromordinal(one.window.covers_to) for one in lists)
    last = min(question.window_to, ends)
    length = choices.otherwise.months if months is None else months
    grid = build_grid(question.window_from, max(last, question.agreed), length, PAD)
    first = grid.index(question.window_from)
    stop = min(grid.index(last) + 1, grid.periods)
    closed = max(dt.date.fromordinal(one.window.closed_on) for one in lists)
    return Prepared(
        question, choices, grid, grid.boundary(question.agreed), (first, max(stop, first)),
        lists, under_promise if question.receiver_not_party else {},
        choices.as_of or closed, ends,
    )  # fmt: skip


def membership_of(one: ListData, scope: Scope, under_promise: Mapping[str, dt.date]) -> Membership:
    """Return one list's incidents of a scope with their cells."""
    origin = one.origin
    if origin is None or origin.table is not one.table:
        return assign_cells(one.table, scope, under_promise)
    whole = origin.whole
    found = _CLASSIFIED.of(
        whole, (scope, tuple(under_promise.items())),
        lambda: classify(whole, scope, under_promise),
    )  # fmt: skip
    return found.membership(origin.rows, whole.height)


def panel_of(prepared: Prepared, one: ListData, scope: Scope, outcome: str = "starts") -> Panel:
    """Return the panel of one list and scope."""
    membership = membership_of(one, scope, prepared.under_promise)
    return build_panel(one.table, membership, prepared.grid, one.window, one.basis, outcome)


def reread(prepared: Prepared, evidence: Evidence, reading: DateReading) -> Prepared:
    """Return the same question with dates on the first of a period read another way; reporting
    delays stay those estimated before."""
    choices = replace(prepared.choices, reading=reading)
    agreed = prepared.question.agreed
    lists = tuple(_list_data(evidence, one.release, choices, agreed, one) for one in prepared.lists)
    return replace(prepared, choices=choices, lists=lists)


def combine(counts: tuple[Counts, ...]) -> Counts:
    """Return several lists' counts as one likelihood, each raised to one over their number.

    Lists overlap: until their incidents are linked, several lists are worth as much as one on
    average, never more. Each list keeps its own level in every cell; walks and steps are shared.
    """
    if len(counts) == 1:
        return counts[0]
    width = max(c.weight.shape[1] for c in counts)
    offset = np.cumsum([0, *[c.shape[0] for c in counts[:-1]]])
    merged = Counts(
        cells=tuple(cell for c in counts for cell in c.cells),
        exposure=np.concatenate([c.exposure for c in counts]),
        y=np.concatenate([c.y for c in counts]),
        group=np.concatenate([c.group + o for c, o in zip(counts, offset, strict=True)]),
        first=np.concatenate([c.first for c in counts]),
        weight=np.concatenate(
            [np.pad(c.weight, ((0, 0), (0, width - c.weight.shape[1]))) for c in counts]
        ),
        n=np.concatenate([c.n for c in counts]),
    )
    return merged.scaled(float(len(counts)))
