"""Search finds by words and facets, and never drops what it cannot date."""

from __future__ import annotations

import datetime as dt

import pytest

from comity.dates import UNKNOWN, DateReading, parse_date
from comity.errors import SourceError
from comity.incidents.model import Attribution, Evidence, Incident, Initiator, ListRelease
from comity.incidents.search import EXACTNESS, Wanted, search, values_of
from comity.incidents.sources.result import table_of


def one(
    ident: str, name: str, start: str, by: str = "CN", on: str = "US", **more: object
) -> Incident:
    return Incident(
        list="mine", release="1", id=ident, name=name, start=parse_date(start), end=UNKNOWN,
        reported=UNKNOWN, initiators=(Initiator(by, organ="Blue Group"),), receivers=(on,),
        targets=("private",), effects=(), objectives=("espionage",), **more,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    claim = Attribution("Ministry of Truth", "receiver-government", "US", "CN")
    rows = [
        one("1", "Alpha (test)", "2014-01-01", attributions=(claim,)),  # read as the year
        one("2", "Beta", "2014-03-15", by="RU"),
        one("3", "gamma", "2015-05", on="JP"),
        one("4", "Delta", ""),
        one("5", "Epsilon", "2010/2013"),
    ]
    release = ListRelease("mine", "1", "Mine", "", "CC0-1.0", True, "", "")
    return Evidence((release,), table_of(rows))


def ids(evidence: Evidence, **wanted: object) -> list[str]:
    return search(evidence, Wanted(**wanted))["id"].to_list()  # type: ignore[arg-type]


def test_everything_is_found_newest_first_and_what_has_no_date_last(evidence: Evidence) -> None:
    assert ids(evidence) == ["3", "2", "1", "5", "4"]
    assert ids(evidence, order="oldest") == ["5", "1", "2", "3", "4"]
    assert ids(evidence, order="name") == ["1", "2", "4", "5", "3"]
    assert ids(evidence, order="least-exact") == ["4", "5", "1", "3", "2"]


def test_words_are_no_pattern_and_all_must_occur(evidence: Evidence) -> None:
    assert ids(evidence, words="(TEST)") == ["1"]
    assert ids(evidence, words="blue ministry") == ["1"]
    assert ids(evidence, words="mine:3") == ["3"]
    assert ids(evidence, words=".*") == []


def test_facets(evidence: Evidence) -> None:
    assert ids(evidence, initiator="RU") == ["2"]
    assert ids(evidence, receiver="JP") == ["3"]
    assert ids(evidence, claimed_by="receiver-government") == ["1"]
    assert len(ids(evidence, claimed_by="nobody")) == 4


def test_years_keep_what_may_have_begun_in_them(evidence: Evidence) -> None:
    assert ids(evidence, from_year=2013, to_year=2013) == ["5"]
    assert ids(evidence, from_year=2014) == ["3", "2", "1"]


def test_every_incident_is_of_one_exactness(evidence: Evidence) -> None:
    found = {word: ids(evidence, exactness=word) for word in (*EXACTNESS, "worse")}
    assert found == {
        "day": ["2"], "month": ["3"], "quarter": [], "half-year": [], "year": ["1"],
        "worse": ["5", "4"],
    }  # fmt: skip


def test_the_reading_of_dates_decides_how_exact_a_first_of_january_is(evidence: Evidence) -> None:
    exact = search(evidence, Wanted(exactness="day"), DateReading("exact", "exact"))
    assert exact["id"].to_list() == ["2", "1"]
    assert exact["start_latest"].to_list()[1] == dt.date(2014, 1, 1)


@pytest.mark.parametrize(
    "wanted",
    [Wanted(list="theirs"), Wanted(exactness="week"), Wanted(order="up"), Wanted(claimed_by="me")],
)
def test_what_cannot_be_asked_is_refused(evidence: Evidence, wanted: Wanted) -> None:
    with pytest.raises(SourceError):
        search(evidence, wanted)


def test_values_come_by_number_of_incidents(evidence: Evidence) -> None:
    assert values_of(evidence, "initiators") == ("CN", "RU")
