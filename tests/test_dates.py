"""Imprecise dates: a text keeps its meaning, bounds are in order, narrowing never widens."""

from __future__ import annotations

import datetime as dt
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.dates import (
    UNKNOWN,
    DateReading,
    ImpreciseDate,
    Precision,
    from_day,
    from_ymd,
    parse_date,
)
from comity.errors import ComityError, DateError

DAYS = st.dates(dt.date(1, 1, 1), dt.date(9998, 12, 31))
MARKS = st.sampled_from(["", "?", "~", "%"])


@st.composite
def single_texts(draw: st.DrawFn) -> str:
    """Draw an EDTF level 1 text without a slash."""
    day = draw(DAYS)
    year = f"{day.year:04d}"
    form = draw(
        st.sampled_from(
            [
                f"{year}",
                f"{year}-{day.month:02d}",
                day.isoformat(),
                f"{year}-{draw(st.integers(21, 24))}",
                f"{year[:3]}X",
                f"{year[:2]}XX",
                f"{year}-XX",
                f"{year}-XX-XX",
                f"{year}-{day.month:02d}-XX",
            ]
        )
    )
    return form + draw(MARKS)


@st.composite
def interval_texts(draw: st.DrawFn) -> str:
    """Draw an interval, with an open or unknown end or without."""
    first, last = draw(single_texts()), draw(single_texts())
    opens = draw(st.sampled_from(["", "..", None]))
    if opens is not None:
        return draw(st.sampled_from([f"{first}/{opens}", f"{opens}/{last}"]))
    one, two = parse_date(first), parse_date(last)
    assert one.earliest is not None
    assert two.latest is not None
    return f"{first}/{last}" if one.earliest <= two.latest else f"{last}/{first}"


TEXTS = st.one_of(single_texts(), interval_texts(), st.just(""))
DATES = TEXTS.map(parse_date)
READINGS = st.builds(
    DateReading, st.sampled_from(["exact", "year"]), st.sampled_from(["exact", "month"])
)


def within(inner: ImpreciseDate, outer: ImpreciseDate) -> bool:
    """Say whether every day of `inner` is in `outer`."""
    low = outer.earliest is None or (
        inner.earliest is not None and outer.earliest <= inner.earliest
    )
    high = outer.latest is None or (inner.latest is not None and inner.latest <= outer.latest)
    return low and high


@given(TEXTS)
def test_a_text_is_kept_and_means_the_same_when_read_again(text: str) -> None:
    date = parse_date(text)
    assert str(date) == date.text == text
    assert parse_date(str(date)) == date
    assert parse_date(f" {text}\n") == date


@given(DATES)
def test_earliest_is_never_after_latest(date: ImpreciseDate) -> None:
    if date.earliest is not None and date.latest is not None:
        assert date.earliest <= date.latest
        assert date.days == (date.latest - date.earliest).days + 1
        assert date.known
        assert date.contains(date.earliest)
        assert date.contains(date.latest)
    else:
        assert date.days is None
        assert not date.known


@given(DATES, DATES)
def test_narrowing_never_widens_and_its_order_does_not_matter(
    one: ImpreciseDate, two: ImpreciseDate
) -> None:
    assert one.compatible(two) == two.compatible(one)
    if not one.compatible(two):
        with pytest.raises(DateError, match="No day is both in"):
            one.narrow(two)
        return
    found, other = one.narrow(two), two.narrow(one)
    assert (found.earliest, found.latest) == (other.earliest, other.latest)
    assert within(found, one)
    assert within(found, two)
    assert parse_date(found.text) == found


@given(DATES, DAYS)
def test_a_day_is_in_a_date_exactly_where_it_is_compatible(
    date: ImpreciseDate, day: dt.date
) -> None:
    assert date.contains(day) == date.compatible(from_day(day))


@given(READINGS, DATES)
def test_a_reading_only_widens(reading: DateReading, date: ImpreciseDate) -> None:
    read = reading.apply(date)
    assert within(date, read)
    assert (read.uncertain, read.approximate) == (date.uncertain, date.approximate)
    assert reading.apply(read) == read


@given(st.text(st.sampled_from("0123456789X-/.?~%Y "), max_size=22))
def test_any_text_is_a_date_or_a_date_error(text: str) -> None:
    try:
        date = parse_date(text)
    except DateError:
        return
    assert date.text == text.strip()
    assert date.earliest is None or date.latest is None or date.earliest <= date.latest


@given(DAYS)
def test_a_day_keeps_its_text_and_its_parts(day: dt.date) -> None:
    date = from_day(day)
    assert date == parse_date(day.isoformat()) == from_ymd(day.year, day.month, day.day)
    assert date.precision is Precision.DAY
    assert date.days == 1
    assert within(date, from_ymd(day.year, day.month))
    assert within(from_ymd(day.year, day.month), from_ymd(day.year))


@given(single_texts())
def test_bounds_agree_with_another_parser(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import edtf

        if text[5:7] == "24" or text.startswith("00"):  # winter ends with the year there
            return
        level_1 = text.rstrip("?~%") if "X" in text or text[5:6] == "2" else text
        other = edtf.parse_edtf(level_1)  # it takes no mark after a season or an unspecified digit
        bounds = tuple(dt.date(*b[:3]) for b in (other.lower_strict(), other.upper_strict()))
    date = parse_date(text)
    assert (date.earliest, date.latest) == bounds


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "precision"),
    [
        ("2015-02", "2015-02-01", "2015-02-28", Precision.MONTH),
        ("2016-02", "2016-02-01", "2016-02-29", Precision.MONTH),
        ("2015-21", "2015-03-01", "2015-05-31", Precision.SEASON),
        ("2015-24", "2015-12-01", "2016-02-29", Precision.SEASON),
        ("201X", "2010-01-01", "2019-12-31", Precision.INTERVAL),
        ("20XX", "2000-01-01", "2099-12-31", Precision.INTERVAL),
        ("2015-XX", "2015-01-01", "2015-12-31", Precision.YEAR),
        ("2014/2015-06", "2014-01-01", "2015-06-30", Precision.INTERVAL),
        ("2015?", "2015-01-01", "2015-12-31", Precision.YEAR),
    ],
)
def test_bounds_are_the_first_and_last_day_inclusive(
    text: str, earliest: str, latest: str, precision: Precision
) -> None:
    date = parse_date(text)
    assert date.earliest == dt.date.fromisoformat(earliest)
    assert date.latest == dt.date.fromisoformat(latest)
    assert date.precision is precision


@pytest.mark.parametrize(
    ("text", "uncertain", "approximate"),
    [
        ("2015", False, False), ("2015?", True, False), ("2015~", False, True),
        ("2015%", True, True), ("2014?/2015", True, False), ("2014/2015~", False, True),
        ("2014?/2015~", True, True), ("../2015%", True, True),
    ],
)  # fmt: skip
def test_qualifiers_are_kept_and_move_no_bound(
    text: str, uncertain: bool, approximate: bool
) -> None:
    date = parse_date(text)
    plain = parse_date(text.translate({ord(mark): None for mark in "?~%"}))
    assert (date.uncertain, date.approximate) == (uncertain, approximate)
    assert (date.earliest, date.latest) == (plain.earliest, plain.latest)


def test_an_open_or_unknown_end_has_no_bound() -> None:
    for text in ("2015/..", "2015/"):
        assert parse_date(text).earliest == dt.date(2015, 1, 1)
        assert parse_date(text).latest is None
        assert parse_date(text).contains(dt.date(2999, 1, 1))
    for text in ("../2015", "/2015"):
        assert parse_date(text).earliest is None
        assert parse_date(text).latest == dt.date(2015, 12, 31)


def test_an_unknown_date_has_no_text_no_ends_and_may_be_any_day() -> None:
    assert parse_date("  ") is UNKNOWN
    assert str(UNKNOWN) == ""
    assert UNKNOWN.precision is Precision.UNKNOWN
    assert UNKNOWN.contains(dt.date(1, 1, 1))
    assert UNKNOWN.narrow(parse_date("2015")) == parse_date("2015")


def test_narrowing_gives_the_shortest_text() -> None:
    assert parse_date("2015").narrow(parse_date("2015-09-20/2016")).text == "2015-09-20/2015-12-31"
    assert parse_date("2014/2015").narrow(parse_date("2015/2016")).text == "2015"
    assert parse_date("2015-02/..").narrow(parse_date("../2015-02")).text == "2015-02"
    assert parse_date("2015/2016").narrow(parse_date("2015-09-25/..")).text == (
        "2015-09-25/2016-12-31"
    )
    assert parse_date("../2015-09-25").narrow(parse_date("2015-09-25/..")).text == "2015-09-25"
    assert parse_date("2015?").narrow(parse_date("2015")).uncertain


def test_narrowing_forgets_no_doubt_that_reaches_the_result() -> None:
    mixed = parse_date("2015?").narrow(parse_date("2015-03/2016"))
    assert (mixed.text, mixed.uncertain, mixed.approximate) == (
        "2015-03-01?/2015-12-31?", True, False,
    )  # fmt: skip
    assert parse_date("2014/2015~").narrow(parse_date("2015/2016?")).text == "2015%"
    assert parse_date("2015~/..").narrow(parse_date("../2016")).text == "2015-01-01~/2016-12-31~"
    inner = parse_date("2015?").narrow(parse_date("2015-09-25"))
    assert (inner.text, inner.uncertain) == ("2015-09-25", False)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2016-02-31", "not a day that exists"),
        ("2015-02-29", "not a day that exists"),
        ("2015-13-01", "not a day that exists"),
        ("2015-13", "no such month or season"),
        ("2015-00", "no such month or season"),
        ("2015-25", "no such month or season"),
        ("0000", "years are 0001 to 9999"),
        ("0000-01-01", "years are 0001 to 9999"),
        ("9999-24", "years are 0001 to 9999"),
        ("Y17000", "years are 0001 to 9999"),
        ("Y-17000", "years are 0001 to 9999"),
        ("17000", "years are 0001 to 9999"),
        ("2015/17000-01", "years are 0001 to 9999"),
        ("2015-21-01", "not a day that exists"),
        ("2015-XX-01", "a day cannot be known without its month"),
        ("201X-01", "a month cannot be known without its year"),
        ("2015/2014", "it ends before it begins"),
        ("2015-09/2015-02", "it ends before it begins"),
        ("2014/2015/2016", "one slash"),
        ("../..", "both ends are open"),
        ("/", "both ends are open"),
        ("2014/2016-02-31", "not a day that exists"),
        ("2014/soon", "'soon' is not of the form"),
        ("01.01.2015", "wrong form"),
        ("15", "wrong form"),
        ("2015-9", "wrong form"),
        ("2015??", "wrong form"),
        ("2XXX", "wrong form"),
        ("-0044", "years are 0001 to 9999"),
        ("20150925", "wrong form"),
        ("٢٠١٥", "wrong form"),
    ],
)
def test_what_is_no_date_is_refused_with_its_reason_and_what_to_write(text: str, why: str) -> None:
    with pytest.raises(DateError) as caught:
        parse_date(text)
    assert why in str(caught.value)
    assert repr(text) in str(caught.value)
    assert "Write EDTF, such as" in str(caught.value)
    assert isinstance(caught.value, ComityError)
    assert isinstance(caught.value, ValueError)


def test_parts_that_make_no_date_are_refused() -> None:
    with pytest.raises(DateError, match="without its month"):
        from_ymd(2015, None, 3)
    with pytest.raises(DateError, match="not a day that exists"):
        from_ymd(2015, 2, 30)
    with pytest.raises(DateError, match="years are 0001 to 9999"):
        from_ymd(0)


@pytest.mark.parametrize(
    ("year", "month", "given_text", "read"),
    [
        ("year", "month", "2015-01-01", "2015"),
        ("year", "month", "2015-03-01", "2015-03"),
        ("year", "month", "2015-03-02", "2015-03-02"),
        ("exact", "month", "2015-01-01", "2015-01"),
        ("year", "exact", "2015-01-01", "2015"),
        ("year", "exact", "2015-03-01", "2015-03-01"),
        ("exact", "exact", "2015-01-01", "2015-01-01"),
        ("year", "month", "2015-01-01?", "2015?"),
        ("year", "month", "2015-03-01%", "2015-03%"),
        ("year", "month", "2015-01-01/2015-03-01", "2015-01-01/2015-03-01"),
        ("year", "month", "2015", "2015"),
        ("year", "month", "", ""),
    ],
)
def test_a_first_of_a_period_is_read_as_the_reader_says(
    year: str, month: str, given_text: str, read: str
) -> None:
    reading = DateReading(year, month)  # type: ignore[arg-type]
    assert reading.apply(parse_date(given_text)).text == read
