"""Where a document's date comes from."""

from __future__ import annotations

import pytest

from comity.diffusion.dating import date_in_name, dates_given
from comity.errors import DateError, LineageError


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("20151030_strategy.txt", "2015-10-30"),
        ("pledge-2015-09-25.html", "2015-09-25"),
        ("20130101_policy.txt", "2013"),
        ("20211001_policy.txt", "2021-10"),
        ("no-date.txt", ""),
        ("convention-2001.txt", ""),
        ("case-20159931.txt", ""),
        ("ref-201510301.txt", ""),
        ("2015-1030.txt", ""),
    ],
)
def test_a_full_day_in_a_name_is_read_and_firsts_stand_for_their_period(
    name: str, date: str
) -> None:
    assert date_in_name(name).text == date


def test_a_date_is_given_by_file_or_by_its_last_part() -> None:
    found = dates_given(["a.txt=2015", "dir/b.txt=2016-03"], ["dir/a.txt", "dir/b.txt"])
    assert {k: v.text for k, v in found.items()} == {"dir/a.txt": "2015", "dir/b.txt": "2016-03"}


@pytest.mark.parametrize(
    ("option", "said"),
    [("a.txt", "is not FILE=DATE"), ("=2015", "is not FILE=DATE"), ("c.txt=2015", "none of")],
)
def test_an_option_that_dates_nothing_is_an_error(option: str, said: str) -> None:
    with pytest.raises(LineageError, match=said):
        dates_given([option], ["a.txt"])


def test_a_date_that_is_none_is_an_error() -> None:
    with pytest.raises(DateError):
        dates_given(["a.txt=31.2.2015"], ["a.txt"])
