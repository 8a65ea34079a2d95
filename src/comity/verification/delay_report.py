"""How late one list is: its reporting delay by epoch and by cell, parametric and not, side by side.

Three numbers for each group of incidents. *As listed* is the median of the delays the list shows,
which is too short where late reports are still to come. *Parametric* and *by steps* are estimates
of `delay.fit_delay` with that truncation undone; their intervals are those of draws. Steps know
nothing of delays longer than the longest the list could have shown. A group with fewer than twenty
incidents dated to a year on both sides is named and not estimated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from comity.dates import DateReading
from comity.errors import QuestionError, SourceError
from comity.incidents.model import Evidence, read_dates
from comity.verification.delay import (
    FEWEST_INFORMATIVE,
    DelayByEpoch,
    DelayData,
    DelayFit,
    fit_delay,
    fit_delay_by_epoch,
    informative,
    reported_by,
)
from comity.verification.delay_list import delay_data, delay_words, list_delay
from comity.verification.model import CELLS, Question, Scope
from comity.verification.prepare import bounds_of
from comity.verification.scope import assign_cells

Floats = NDArray[np.float64]

SHARES = (0.25, 0.5, 0.75, 0.9)
EPOCH_YEARS = 5  # of a calendar epoch, from years that are multiples of it
DRAWS = 200
STEP_DRAWS = 100  # of steps, each a bootstrap
POINTS = 48  # of a curve


@dataclass(frozen=True, slots=True)
class DelayAt:
    """Days by which a share is reported: median of the draws and central interval."""

    share: float
    days: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class DelayCurve:
    """Shares reported within some days up to the longest follow-up, all (P,): as listed, and both
    estimates with their intervals."""

    days: tuple[float, ...]
    listed: tuple[float, ...]
    parametric: tuple[float, ...]
    parametric_lower: tuple[float, ...]
    parametric_upper: tuple[float, ...]
    steps: tuple[float, ...]
    steps_lower: tuple[float, ...]
    steps_upper: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class DelayEstimate:
    """The delay of one group of starts; `first` and `last` are days, INCLUSIVE, empty where open.

    `incidents` are in the group, `dated` tell of a delay, `n` to a year on both sides. `listed` is
    the median of what the list shows. `follow_up` is the longest delay, in days, that could have
    been seen. Where it is not `identified`, `reason` says why; numbers may still be there.
    """

    cell: str
    first: str
    last: str
    incidents: int
    dated: int
    n: int
    identified: bool
    reason: str
    listed: float | None
    follow_up: int
    families: Mapping[str, float] = field(default_factory=dict)
    parametric: tuple[DelayAt, ...] = ()
    steps: tuple[DelayAt, ...] = ()
    curve: DelayCurve | None = None

    @property
    def label(self) -> str:
        """The group in words; a whole number of years by their numbers."""
        cell = f"{self.cell}, " if self.cell else ""
        first = self.first.removesuffix("-01-01")
        last = self.last.removesuffix("-12-31")
        if first and last:
            return f"{cell}{first} to {last}"
        if first or last:
            return f"{cell}from {first}" if first else f"{cell}to {last}"
        return f"{cell}all starts"


@dataclass(frozen=True, slots=True)
class YearReported:
    """The share of a year's starts that were reported by the closing day, with its interval."""

    year: int
    share: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class DelayReport:
    """How late a list is. `sentence` says what a verdict does with it; `last_year` is how much of
    the last covered year the list holds, None where no delay can be used."""

    list: str
    release: str
    report_dates_from: str
    closed_on: str
    question: str
    scope: str
    level: float
    seed: int
    estimates: tuple[DelayEstimate, ...]
    sentence: str
    last_year: YearReported | None


def delay_report(
    evidence: Evidence,
    list_name: str,
    question: Question | None = None,
    *,
    scope: str = "",
    reading: DateReading | None = None,
    level: float = 0.90,
    seed: int = 20150925,
    progress: Callable[[str], None] | None = None,
) -> DelayReport:
    """Return how late a list is: all starts, then epochs; for a question its two epochs, then each
    cell of one of its scopes (its narrow one unless named), whole and by epoch.

    Raises SourceError where the list is not in the evidence or has no dates of report,
    QuestionError for a scope that the question has not.
    """
    release = evidence.release_of(list_name)
    if release is None:
        known = ", ".join(r.list for r in evidence.releases) or "none"
        raise SourceError(f"There is no list {list_name!r} in this evidence. There are: {known}.")
    table = read_dates(
        evidence.table.filter(pl.col("list") == list_name), (release,), reading or DateReading()
    )
    if table["reported_earliest"].null_count() == table.height:
        raise SourceError(
            f"{list_name} has no dates of report: how late its reports come cannot be estimated."
        )
    chosen = None if question is None else _scope(question, scope)
    _, covers_to, closed_on = bounds_of(table, release)
    tell = progress or (lambda _: None)
    groups = _groups(table, closed_on, question, chosen)
    estimates = []
    for group in groups:
        tell(f"delay of {list_name}: {_empty(group).label}")
        estimates.append(_estimate(group, level, seed))
    sentence, used = _used(table, closed_on, question)
    return DelayReport(
        list_name, release.release, release.report_dates_from, closed_on.isoformat(),
        "" if question is None else question.id, "" if chosen is None else chosen.id, level, seed,
        tuple(estimates), sentence,
        None if used is None else _last_year(used, covers_to.year, closed_on, level, seed),
    )  # fmt: skip


def _scope(question: Question, name: str) -> Scope:
    """Return a scope of a question by its id. Raises QuestionError."""
    found = next((s for s in question.scopes if s.id == (name or question.scope.id)), None)
    if found is None:
        known = ", ".join(s.id for s in question.scopes)
        raise QuestionError(f"{question.id} has no scope {name!r}. It has: {known}.")
    return found


@dataclass(frozen=True, slots=True)
class _Group:
    """Some incidents of a list that began in a span of days (ordinals, INCLUSIVE; None is open)."""

    cell: str
    first: int | None
    last: int | None
    incidents: int
    data: DelayData


def _groups(
    table: pl.DataFrame, closed_on: dt.date, question: Question | None, scope: Scope | None
) -> Iterator[_Group]:
    """Yield every group of a report, in order."""
    whole = _group(table, "", closed_on)
    yield whole
    if question is None or scope is None:
        edges = fit_delay_by_epoch(whole.data, _calendar(whole.data)).first_days
        yield from _epochs(table, "", closed_on, edges)
        return
    edges = (question.agreed.toordinal() + 1,)
    yield from _epochs(table, "", closed_on, edges)
    frame = assign_cells(table, scope, {}).frame
    for cell in CELLS:
        rows = table[frame.filter(pl.col("cell") == cell)["row"].to_list()]
        if rows.height:
            yield _group(rows, cell, closed_on)
            yield from _epochs(rows, cell, closed_on, edges)


def _calendar(data: DelayData) -> tuple[int, ...]:
    """Return the first days of the calendar epochs that starts fall in, but the first's."""
    if not len(data.n):
        return ()
    first, last = (
        dt.date.fromordinal(int(day)).year for day in (data.start_lo.min(), data.start_hi.max())
    )
    years = range((first // EPOCH_YEARS + 1) * EPOCH_YEARS, last + 1, EPOCH_YEARS)
    return tuple(dt.date(year, 1, 1).toordinal() for year in years)


def _group(table: pl.DataFrame, cell: str, closed_on: dt.date) -> _Group:
    return _Group(cell, None, None, table.height, delay_data(table, closed_on.toordinal()))


def _epochs(
    table: pl.DataFrame, cell: str, closed_on: dt.date, edges: Sequence[int]
) -> Iterator[_Group]:
    """Yield the starts of each epoch by the middle of their span; of one epoch alone, nothing."""
    if not edges:
        return
    base = dt.date(1970, 1, 1).toordinal()
    low, high = (pl.col(f"start_{end}").to_physical() for end in ("earliest", "latest"))
    middle = table.select((low + high + 1) / 2 + base).to_series()
    bounds = [None, *edges, None]
    for first, stop in pairwise(bounds):
        inside = pl.Series([True] * len(middle))
        if first is not None:
            inside &= middle >= first
        if stop is not None:
            inside &= middle < stop
        mine = table.filter(inside.fill_null(False))
        data = delay_data(mine, closed_on.toordinal())
        yield _Group(cell, first, None if stop is None else stop - 1, mine.height, data)


def _day(ordinal: int | None) -> str:
    return "" if ordinal is None else dt.date.fromordinal(ordinal).isoformat()


def _empty(group: _Group) -> DelayEstimate:
    """Return a group's estimate without numbers, and why it has none."""
    data, counted = group.data, informative(group.data)
    n = int(counted.sum())
    fine = data.listed()[counted > 0]
    return DelayEstimate(
        group.cell, _day(group.first), _day(group.last), group.incidents, len(data.n), n, False,
        f"{n} {'incident' if n == 1 else 'incidents'} with both dates to a year; "
        f"{FEWEST_INFORMATIVE} are needed",
        float(np.median(fine)) if len(fine) else None,
        int((data.closed_on + 1 - data.start_lo).max()) if len(data.n) else 0,
    )  # fmt: skip


def _estimate(group: _Group, level: float, seed: int) -> DelayEstimate:
    """Return the delay of a group with both kinds of estimate."""
    bare = _empty(group)
    if bare.n < FEWEST_INFORMATIVE:
        return bare
    fits = fit_delay(group.data), fit_delay(group.data, "nonparametric")
    parametric = fits[0]
    drawn, stepped = parametric.draws(DRAWS, seed), fits[1].draws(STEP_DRAWS, seed)
    return replace(
        bare, identified=parametric.identified, reason=parametric.reason,
        families=dict(parametric.shares), parametric=_at(drawn, level), steps=_at(stepped, level),
        curve=_curve(group.data, fits, (drawn, stepped), level, bare.follow_up),
    )  # fmt: skip


def _bounds(values: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the ends of the central interval down the first axis."""
    tail = (1 - level) / 2
    lower, upper = np.quantile(values, (tail, 1 - tail), axis=0)
    return lower, upper


def _at(drawn: Sequence[DelayFit], level: float) -> tuple[DelayAt, ...]:
    """Return the days of each share of SHARES."""
    days = np.stack([fit.quantile(np.array(SHARES)) for fit in drawn])
    lower, upper = _bounds(days, level)
    middle = np.median(days, axis=0)
    rows = zip(SHARES, middle, lower, upper, strict=True)
    return tuple(DelayAt(share, *map(float, row)) for share, *row in rows)


def _curve(
    data: DelayData,
    fits: tuple[DelayFit, DelayFit],
    drawn: tuple[Sequence[DelayFit], Sequence[DelayFit]],
    level: float,
    follow_up: int,
) -> DelayCurve:
    """Return the shares reported by days evenly apart on a logarithmic scale."""
    days = np.geomspace(1.0, max(float(follow_up), 2.0), POINTS)
    listed = np.sort(data.listed()[informative(data) > 0])
    rows = [np.searchsorted(listed, days, side="right") / max(len(listed), 1)]
    for fit, draws in zip(fits, drawn, strict=True):
        lower, upper = _bounds(np.stack([one.cdf(days) for one in draws]), level)
        rows += [fit.cdf(days), lower, upper]
    return DelayCurve(*(tuple(map(float, row)) for row in (days, *rows)))


def _used(
    table: pl.DataFrame, closed_on: dt.date, question: Question | None
) -> tuple[str, DelayFit | DelayByEpoch | None]:
    """Return what a verdict makes of the list's delay, in a sentence, and that delay."""
    around = dt.date.max - dt.timedelta(days=1) if question is None else question.agreed
    delay, why = list_delay(table, closed_on.toordinal(), around)
    if delay is None:
        if question is not None or "delays changed" not in why:
            return f"Not identified: {why}.", None
        again = "A verdict asks again, of the starts before and after its agreement apart."
        return f"Not identified as one delay: {why}. {again}", None
    if isinstance(delay, DelayByEpoch):
        return (
            f"Delays differ: {delay_words(delay)}. A verdict gives each start the delay of its "
            "epoch.", delay,
        )  # fmt: skip
    compared = "" if question is None else ", before and after the agreement alike"
    return f"One delay serves for all starts{compared}: {delay_words(delay)}.", delay


def _last_year(
    delay: DelayFit | DelayByEpoch, year: int, closed_on: dt.date, level: float, seed: int
) -> YearReported:
    """Return the share of a year's starts reported by the closing day."""
    edges = np.array([dt.date(year, 1, 1).toordinal(), dt.date(year + 1, 1, 1).toordinal()])
    closing, drawn = closed_on.toordinal(), delay.draws(DRAWS, seed)
    shares = np.array([float(reported_by(one, edges, closing)[0]) for one in drawn])
    lower, upper = _bounds(shares, level)
    return YearReported(year, float(np.median(shares)), float(lower), float(upper))
