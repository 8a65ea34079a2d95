"""How a list's dates are read: the first of a year or month as the period it may stand for.

The table keeps dates as published. `read_dates` widens the days on the way into an analysis, for
lists that can only type full days; the same rule as `dates.DateReading.apply`, as expressions.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from comity.dates import DateReading
from comity.incidents.model import ListRelease

DATED = ("start", "end", "reported")
MANY_CHUNKS = 64  # beyond this one copy costs less than a pass over every chunk


def read_dates(
    table: pl.DataFrame, releases: Sequence[ListRelease], reading: DateReading
) -> pl.DataFrame:
    """Return the table with `*_earliest` and `*_latest` as read; the EDTF text stays as published.

    Only days of releases whose `dates_typed_as_days` is set are widened, never an interval, and
    never to less than was given.
    """
    names = [r.list for r in releases if r.dates_typed_as_days]
    if not names or (reading.first_of_year, reading.first_of_month) == ("exact", "exact"):
        return table
    if table.n_chunks() > MANY_CHUNKS:
        table = table.rechunk()
    listed = pl.col("list").is_in(names)
    return table.with_columns(
        expression for column in DATED for expression in _widened(column, listed, reading)
    )


def _widened(column: str, listed: pl.Expr, reading: DateReading) -> tuple[pl.Expr, pl.Expr]:
    """Return (earliest, latest) of a column as read; the first of a period is its earliest day."""
    earliest, latest = pl.col(f"{column}_earliest"), pl.col(f"{column}_latest")
    first = listed & (earliest == latest) & (earliest.dt.day() == 1)
    of_year = first & (earliest.dt.month() == 1) & (reading.first_of_year == "year")
    of_month = first & (reading.first_of_month == "month")
    widened = (
        pl.when(of_year)
        .then(pl.date(earliest.dt.year(), 12, 31))
        .when(of_month)
        .then(earliest.dt.month_end())
        .otherwise(latest)
    )
    return earliest, widened.alias(f"{column}_latest")
