"""The date of a document: given for it, or read in its file's name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from comity.dates import UNKNOWN, DateReading, ImpreciseDate, from_ymd, parse_date
from comity.errors import DateError, LineageError

_IN_NAME = re.compile(r"(?<!\d)(\d{4})(-?)(\d{2})\2(\d{2})(?!\d)")
READING = DateReading("year", "month")
GIVEN, NAMED = "given", "its file's name"


def date_in_name(name: str) -> ImpreciseDate:
    """Return the date written YYYYMMDD or YYYY-MM-DD in a file's name, UNKNOWN without one.

    A 1 January stands for its year and any other first of a month for its month, as in the lists
    of incidents: names with only room for full days are written so.

    >>> date_in_name("20151030_strategy.txt").text, date_in_name("2013-01-01 policy.pdf").text
    ('2015-10-30', '2013')
    """
    for match in _IN_NAME.finditer(name):
        year, _, month, day = match.groups()
        try:
            return READING.apply(from_ymd(int(year), int(month), int(day)))
        except DateError:
            continue
    return UNKNOWN


def dates_given(options: Sequence[str], names: Sequence[str]) -> Mapping[str, ImpreciseDate]:
    """Return the dates of `FILE=EDTF` options by file, as `names` write it.

    Raises LineageError for an option without `=` or for no file of these, DateError for a date
    that is not EDTF.
    """
    found: dict[str, ImpreciseDate] = {}
    for option in options:
        file, equals, text = option.rpartition("=")
        if not equals or not file:
            raise LineageError(f"--date {option} is not FILE=DATE, such as paris.txt=2018-11-12.")
        meant = [n for n in names if n == file or n.replace("\\", "/").rsplit("/", 1)[-1] == file]
        if not meant:
            raise LineageError(f"--date {option}: {file} is none of the files given.")
        date = parse_date(text)
        found.update(dict.fromkeys(meant, date))
    return found
