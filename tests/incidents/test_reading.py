"""The reading of first-of-a-period days: the same as for one date, for lists that type days."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import polars as pl
import pytest

from comity.dates import UNKNOWN, DateReading, parse_date
from comity.incidents.model import Incident, read_dates
from comity.incidents.shipped import shipped_release
from comity.incidents.sources.result import table_of

TEXTS = (
    "2015-01-01", "2015-03-01", "2016-02-01", "2015-09-25", "2015", "2015-03", "2015-01-01?",
    "2015-01-01/2015-02-01", "../2015-03-01", "",
)  # fmt: skip
RELEASE = replace(
    shipped_release("dcid"), list="mine", dates_typed_as_days=True, report_dates_from=""
)


def table() -> pl.DataFrame:
    """Return one incident for each date, the date being start, end and report alike."""
    dates = [parse_date(text) if text else UNKNOWN for text in TEXTS]
    return table_of(
        [
            Incident("mine", "1", str(n), "x", d, d, d, (), (), (), (), ())
            for n, d in enumerate(dates)
        ]
    )


@pytest.mark.parametrize("of_year", ["exact", "year"])
@pytest.mark.parametrize("of_month", ["exact", "month"])
@pytest.mark.parametrize("column", ["start", "end", "reported"])
def test_a_column_is_read_as_each_of_its_dates(
    of_year: Literal["exact", "year"], of_month: Literal["exact", "month"], column: str
) -> None:
    reading = DateReading(of_year, of_month)
    read = read_dates(table(), (RELEASE,), reading)
    wanted = [reading.apply(parse_date(text) if text else UNKNOWN) for text in TEXTS]
    assert read[f"{column}_earliest"].to_list() == [d.earliest for d in wanted]
    assert read[f"{column}_latest"].to_list() == [d.latest for d in wanted]
    assert read[column].to_list() == list(TEXTS)


def test_a_list_that_can_type_coarser_dates_is_taken_at_its_word() -> None:
    exact = replace(RELEASE, dates_typed_as_days=False)
    assert read_dates(table(), (exact,), DateReading()).equals(table())
    other = replace(RELEASE, list="other")
    assert read_dates(table(), (other,), DateReading()).equals(table())
