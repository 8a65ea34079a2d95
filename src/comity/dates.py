"""Imprecise dates: EDTF level 1 (ISO 8601-2), as a type that knows its earliest and latest day.

    2015-09-25            a day                       2015-09          a month
    2015                  a year                      2015-21          a season (spring; 22, 23, 24)
    201X, 2015-XX         unspecified digits          2014/2015-06     an interval
    2015/.., ../2015      an open end                 2015/, /2015     an unknown end
    2015?, 2015~, 2015%   uncertain, approximate, both

All bounds are INCLUSIVE days. A qualifier is remembered and moves no bound: how much wider "about
2015" is, is a judgement the text does not make. Years are 0001 to 9999; winter (24) runs into the
next year.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from comity.errors import DateError


class Precision(StrEnum):
    """How finely a date is known."""

    DAY = "day"
    MONTH = "month"
    SEASON = "season"
    YEAR = "year"
    INTERVAL = "interval"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ImpreciseDate:
    """A set of days, from `earliest` to `latest`, both INCLUSIVE; None is open or unknown.

    `text` is the date in EDTF; an unknown date has the empty text.
    """

    text: str
    earliest: dt.date | None
    latest: dt.date | None
    precision: Precision
    uncertain: bool = False
    approximate: bool = False

    def __str__(self) -> str:
        return self.text

    @property
    def known(self) -> bool:
        """Whether both ends are known."""
        return self.earliest is not None and self.latest is not None

    @property
    def days(self) -> int | None:
        """Number of days the date may mean, or None where an end is open."""
        if self.earliest is None or self.latest is None:
            return None
        return (self.latest - self.earliest).days + 1

    def contains(self, day: dt.date) -> bool:
        """Say whether the date may mean this day; an open end contains every day beyond it."""
        after = self.earliest is None or self.earliest <= day
        return after and (self.latest is None or day <= self.latest)

    def compatible(self, other: ImpreciseDate) -> bool:
        """Say whether both dates may mean one same day."""
        return _order(self.earliest, other.latest) and _order(other.earliest, self.latest)

    def narrow(self, other: ImpreciseDate) -> ImpreciseDate:
        """Return the days both dates may mean; never wider than either.

        Where these are all the days of one of the two, that one is returned as it is; else the
        result is as uncertain and as approximate as the two together. Raises DateError where
        there is no such day.
        """
        if not self.compatible(other):
            raise DateError(f"No day is both in {self.text!r} and in {other.text!r}.")
        firsts = [d for d in (self.earliest, other.earliest) if d is not None]
        lasts = [d for d in (self.latest, other.latest) if d is not None]
        found = _from_bounds(max(firsts, default=None), min(lasts, default=None))
        for date in (self, other):
            if (found.earliest, found.latest) == (date.earliest, date.latest):
                return date
        uncertain = self.uncertain or other.uncertain
        return _marked(found, uncertain, self.approximate or other.approximate)


UNKNOWN = ImpreciseDate("", None, None, Precision.UNKNOWN)


def _order(first: dt.date | None, second: dt.date | None) -> bool:
    """Say whether first <= second, an open end never being in the way."""
    return first is None or second is None or first <= second


def _from_bounds(earliest: dt.date | None, latest: dt.date | None) -> ImpreciseDate:
    """Return the date with these bounds, in its shortest text."""
    if earliest is None and latest is None:
        return UNKNOWN
    if earliest is not None and latest is not None:
        if earliest == latest:
            return from_day(earliest)
        for candidate in (from_ymd(earliest.year, earliest.month), from_ymd(earliest.year)):
            if (candidate.earliest, candidate.latest) == (earliest, latest):
                return candidate
    first = "" if earliest is None else earliest.isoformat()
    last = "" if latest is None else latest.isoformat()
    return parse_date(f"{first or '..'}/{last or '..'}")


def _marked(date: ImpreciseDate, uncertain: bool, approximate: bool) -> ImpreciseDate:
    """Return an unmarked date with these qualifiers, at each end that is known."""
    mark = "%" if uncertain and approximate else "?" * uncertain + "~" * approximate
    ends = (f"{end}{mark}" if end[:1].isdigit() else end for end in date.text.split("/"))
    return parse_date("/".join(ends)) if mark else date


def from_day(day: dt.date) -> ImpreciseDate:
    """Return a day as a date.

    >>> from_day(dt.date(2015, 9, 25)).text
    '2015-09-25'
    """
    return ImpreciseDate(day.isoformat(), day, day, Precision.DAY)


def from_ymd(year: int, month: int | None = None, day: int | None = None) -> ImpreciseDate:
    """Return a year, month or day. Raises DateError where it does not exist.

    >>> from_ymd(2015, 2).latest
    datetime.date(2015, 2, 28)
    """
    if month is None and day is not None:
        raise DateError(f"A day ({day}) without its month cannot be dated.")
    parts = [f"{year:04d}", *[f"{p:02d}" for p in (month, day) if p is not None]]
    return parse_date("-".join(parts))


_ONE = re.compile(r"(\d{4}|\d{3}X|\d{2}XX)(?:-(\d{2}|XX)(?:-(\d{2}|XX))?)?([?~%])?", re.ASCII)
_FAR_YEAR = re.compile(r"Y-?\d+.*|-\d+.*|\d{5}|\d{5,}-.*", re.ASCII)
_YEARS = "years are 0001 to 9999"
_SEASONS = {21: (3, 5), 22: (6, 8), 23: (9, 11), 24: (12, 14)}


def _fail(text: str, why: str) -> DateError:
    return DateError(
        f"{text!r} is not a date Comity can read: {why}. Write EDTF, such as 2015, 2015-09, "
        "2015-09-25, 2015?, 2014/2015-06 or ../2015."
    )


@lru_cache(maxsize=65536)
def parse_date(text: str) -> ImpreciseDate:
    """Return the date an EDTF level 1 text means. Raises DateError naming what is wrong.

    >>> parse_date("2015-02").earliest, parse_date("2015~").approximate
    (datetime.date(2015, 2, 1), True)
    >>> parse_date("2016-02-31")
    Traceback (most recent call last):
    comity.errors.DateError: '2016-02-31' is not a date Comity can read: it is not a day that \
exists. Write EDTF, such as 2015, 2015-09, 2015-09-25, 2015?, 2014/2015-06 or ../2015.
    """
    text = text.strip()
    if not text:
        return UNKNOWN
    if "/" not in text:
        return _parse_one(text, text)
    first, _, last = text.partition("/")
    if "/" in last:
        raise _fail(text, "an interval has one slash")
    ends = [None if end in ("", "..") else _parse_one(end, text) for end in (first, last)]
    start, stop = ends
    if start is None and stop is None:
        raise _fail(text, "both ends are open")
    earliest = None if start is None else start.earliest
    latest = None if stop is None else stop.latest
    if earliest is not None and latest is not None and earliest > latest:
        raise _fail(text, "it ends before it begins")
    return ImpreciseDate(
        text, earliest, latest, Precision.INTERVAL,
        any(end is not None and end.uncertain for end in ends),
        any(end is not None and end.approximate for end in ends),
    )  # fmt: skip


def _parse_one(text: str, whole: str) -> ImpreciseDate:
    """Return a date without a slash."""
    match = _ONE.fullmatch(text)
    if match is None:
        if _FAR_YEAR.fullmatch(text):
            raise _fail(whole, _YEARS)
        raise _fail(whole, f"{text!r} is not of the form" if text != whole else "wrong form")
    year, month, day, mark = match.groups()
    if day is not None and month == "XX" and day != "XX":
        raise _fail(whole, "a day cannot be known without its month")
    if "X" in year and month is not None:
        raise _fail(whole, "a month cannot be known without its year")
    try:
        earliest, latest, precision = _bounds(year, month, day)
    except ValueError as error:
        reason = "it is not a day that exists" if day else "there is no such month or season"
        beyond = not year.strip("0X") or (year, month, day) == ("9999", "24", None)
        raise _fail(whole, _YEARS if beyond else reason) from error
    return ImpreciseDate(text, earliest, latest, precision, mark in ("?", "%"), mark in ("~", "%"))


def _bounds(year: str, month: str | None, day: str | None) -> tuple[dt.date, dt.date, Precision]:
    """Return bounds and precision of a date's parts. Raises ValueError where they do not exist."""
    if "X" in year:
        low, high = int(year.replace("X", "0")), int(year.replace("X", "9"))
        return dt.date(max(low, 1), 1, 1), dt.date(high, 12, 31), Precision.INTERVAL
    y = int(year)
    if month is None or month == "XX":
        return dt.date(y, 1, 1), dt.date(y, 12, 31), Precision.YEAR
    m = int(month)
    if m in _SEASONS and day is None:
        first, last = _SEASONS[m]
        end_year, end_month = y + (last - 1) // 12, (last - 1) % 12 + 1
        end = dt.date(end_year, end_month, calendar.monthrange(end_year, end_month)[1])
        return dt.date(y, first, 1), end, Precision.SEASON
    if day is None or day == "XX":
        first_day = dt.date(y, m, 1)
        return first_day, first_day.replace(day=calendar.monthrange(y, m)[1]), Precision.MONTH
    exact = dt.date(y, m, int(day))
    return exact, exact, Precision.DAY


@dataclass(frozen=True, slots=True)
class DateReading:
    """How a list's first-of-a-period days are read: as given, or as the period they stand for.

    A list that can only type full days writes "2015-01-01" for "some day in 2015". Reading it as
    the year is this reader's decision, stated in every verdict and switchable.
    """

    first_of_year: Literal["exact", "year"] = "year"
    first_of_month: Literal["exact", "month"] = "month"

    def apply(self, date: ImpreciseDate) -> ImpreciseDate:
        """Return the date as read; it always contains the date given and keeps its qualifiers.

        Only days are read: an interval's ends, and coarser dates, are taken at their word.

        >>> DateReading().apply(parse_date("2015-01-01")).text
        '2015'
        >>> DateReading("exact", "exact").apply(parse_date("2015-01-01")).text
        '2015-01-01'
        """
        if date.precision is not Precision.DAY or date.earliest is None:
            return date
        day = date.earliest
        if day.day != 1:
            return date
        if day.month == 1 and self.first_of_year == "year":
            return _marked(from_ymd(day.year), date.uncertain, date.approximate)
        if self.first_of_month == "month":
            month = from_ymd(day.year, day.month)
            return _marked(month, date.uncertain, date.approximate)
        return date
