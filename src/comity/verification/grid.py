"""The periods a panel counts in: quarters or half-years, padded past the window on both sides."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.errors import QuestionError
from comity.verification.model import PERIODS

Days = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grid:
    """Consecutive periods; `edges` holds T + 1 proleptic ordinals, each period's first day, and
    the day after the last. `months` is a period's length in months (3 or 6)."""

    edges: Days
    months: int
    labels: tuple[str, ...]

    @property
    def periods(self) -> int:
        """Number of periods T."""
        return len(self.labels)

    @property
    def starts(self) -> tuple[dt.date, ...]:
        """First day of each period."""
        return tuple(dt.date.fromordinal(int(e)) for e in self.edges[:-1])

    def index(self, day: dt.date) -> int:
        """Return the period a day falls in (may be -1 or T where it lies outside)."""
        return int(np.searchsorted(self.edges, day.toordinal(), side="right")) - 1

    def boundary(self, day: dt.date) -> int:
        """Return the first period counted as after `day`: the period boundary nearest to it.

        25 September 2015 gives 2015-Q4; 22 October 2015 too. At most half a period is misplaced.
        """
        return int(np.argmin(np.abs(self.edges - day.toordinal())))

    def overlap(self, first: int, last: int) -> NDArray[np.float64]:
        """Return the share of each period that lies in [first, last], days INCLUSIVE."""
        lo = np.maximum(self.edges[:-1], first)
        hi = np.minimum(self.edges[1:], last + 1)
        return np.asarray(np.clip(hi - lo, 0, None) / np.diff(self.edges), dtype=np.float64)


def _month_start(year: int, month: int) -> dt.date:
    """Return the first day of a month counted from January of `year`; 13 is the next January."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return dt.date(year, month, 1)


def build_grid(first: dt.date, last: dt.date, months: int = 3, pad: int = 4) -> Grid:
    """Return the periods that cover [first, last], days INCLUSIVE, with `pad` more on each side.

    Raises QuestionError where the window is empty or the period is not 3 or 6 months.
    """
    if months not in PERIODS:
        raise QuestionError(f"A period of {months} months is not offered: choose 3 or 6.")
    if first > last:
        raise QuestionError(f"The window ends ({last}) before it begins ({first}).")
    begin = (first.month - 1) // months * months + 1 - pad * months
    day = _month_start(first.year, begin)
    stop = last
    edges, labels = [], []
    extra = pad
    while True:
        edges.append(day.toordinal())
        if day > stop:
            if extra == 0:
                break
            extra -= 1
        letter = "Q" if months == 3 else "H"
        labels.append(f"{day.year}-{letter}{(day.month - 1) // months + 1}")
        day = _month_start(day.year, day.month + months)
    return Grid(np.array(edges, dtype=np.int64), months, tuple(labels))
