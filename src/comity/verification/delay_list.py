"""The reporting delay of one list as a question needs it: one for all starts, or one on each side.

Of starts before and after a day (a question's agreement) two delays are used where there is good
evidence that they differ: twice the log likelihood they gain over one delay, chi-square with two
degrees of freedom, would come by chance less often than once in a thousand, and median or spread
differ by more than a quarter. Otherwise one delay holds for all, unless it can be shown not to.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from comity.errors import ModelError
from comity.saying import Said, joined, say
from comity.verification.delay import (
    FEWEST_INFORMATIVE,
    DelayByEpoch,
    DelayData,
    DelayFit,
    fit_delay,
    fit_delay_by_epoch,
    steadied_by_epoch,
    unsteady,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDEST = 400  # days of a window beyond which an incident is left out of a delay
COLUMNS = ("start_earliest", "start_latest", "reported_earliest", "reported_latest")


def delay_data(table: pl.DataFrame, closed_on: int) -> DelayData:
    """Return the incidents of a table that tell of a delay: both dates to about a year, and a
    report that may come after the start and by the closing day (INCLUSIVE ordinal)."""
    epoch = dt.date(1970, 1, 1).toordinal()
    both = table.select(COLUMNS).drop_nulls()
    lo, hi, rep_lo, rep_hi = (
        both[c].to_physical().cast(pl.Int64).to_numpy() + epoch for c in COLUMNS
    )
    rep_lo, rep_hi = np.maximum(rep_lo, lo), np.minimum(rep_hi, closed_on)
    keep = (rep_lo <= rep_hi) & (lo <= closed_on)
    keep &= (hi - lo <= WIDEST) & (rep_hi - rep_lo <= WIDEST)
    return DelayData(
        lo[keep], hi[keep], rep_lo[keep], rep_hi[keep], int(closed_on), np.ones(int(keep.sum()))
    )


def list_delay(
    table: pl.DataFrame, closed_on: int, around: dt.date
) -> tuple[DelayFit | DelayByEpoch | None, str]:
    """Return a list's reporting delay, or None and why it cannot be estimated.

    `around` is the day that may part two epochs; it belongs to the earlier one.
    """
    data = delay_data(table, closed_on)
    if len(data.n) < FEWEST_INFORMATIVE:
        return None, say("delay.few", n=len(data.n), needed=FEWEST_INFORMATIVE)
    windows = (data.start_lo, data.start_hi, data.rep_lo, data.rep_hi)
    packed = np.stack(windows).astype(np.int64).tobytes()
    return _chosen(packed, data.closed_on, around.toordinal() + 1)


@lru_cache(maxsize=32)
def _chosen(
    packed: bytes, closed_on: int, first_day: int
) -> tuple[DelayFit | DelayByEpoch | None, str]:
    """Return `list_delay` of the same windows; a verdict, its mirror and its checks ask alike."""
    windows: NDArray[np.int64] = np.frombuffer(packed, dtype=np.int64).reshape(4, -1)
    lo, hi, rep_lo, rep_hi = windows
    data = DelayData(lo, hi, rep_lo, rep_hi, closed_on, np.ones(len(lo)))
    try:
        apart = fit_delay_by_epoch(data, (first_day,), steady=False)
        two = len(apart.fits) == 2
        differ = two and unsteady(data, apart)
        if differ or not two:  # else it is known only where one delay for all will not do
            apart = steadied_by_epoch(apart, data)
        if differ and apart.identified:
            return apart, ""
        pooled = fit_delay(data) if two else apart.fits[0]
        if pooled.identified:
            return pooled, ""
        if two and not differ and steadied_by_epoch(apart, data).identified:
            return apart, ""
    except ModelError as error:
        return None, str(error)
    return None, pooled.reason


def delay_words(delay: DelayFit | DelayByEpoch) -> Said:
    """Return by when half is reported, epoch by epoch, as words.

    >>> from comity.verification.delay_curves import Parametric
    >>> fit = DelayFit(Parametric("lognormal", float(np.log(90.0)), 0.0), 40.0, True, "")
    >>> delay_words(fit)
    'half are reported within 90 days'
    >>> delay_words(DelayByEpoch((735867,), (fit, fit)))
    'half are reported within 90 days of starts before 2015-09-26, within 90 days of later ones'
    """
    fits = delay.fits if isinstance(delay, DelayByEpoch) else (delay,)
    days = [say("delay.within", days=f"{max(fit.median, 1.0):,.0f}") for fit in fits]
    if not isinstance(delay, DelayByEpoch) or len(fits) == 1:
        return say("delay.half", within=days[0])
    until = [dt.date.fromordinal(day).isoformat() for day in delay.first_days]
    parts = joined(
        say("delay.before", within=within, until=until)
        for within, until in zip(days, until, strict=False)
    )
    return say("delay.half_by_epoch", parts=parts, last=days[-1])
