"""CFR's tracker: rows written by hand, and both releases where they are at hand."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import pytest

from comity.errors import SourceError
from comity.incidents.model import Incident, incident_from_row
from comity.incidents.sources.cfr import read_cfr
from comity.incidents.sources.result import ReadResult

ROW: Mapping[str, str] = {
    "Title": "Targeting of a widget maker", "Date": "5/3/2016", "Affiliations": "APT 0",
    "Description": "prose", "Response": "", "Victims": "United States, Japan",
    "Sponsor": "China, Russian Federation", "Type": "Espionage",
    "Category": "Private sector, Government", "Sources_1": "https://a.example/x",
    "Sources_2": "", "Sources_3": "",
}  # fmt: skip
Tracker = Callable[..., Path]


@pytest.fixture
def tracker(tmp_path: Path) -> Tracker:
    def write(*changes: Mapping[str, str], name: str = "operations_2021-04.csv") -> Path:
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, list(ROW))
            writer.writeheader()
            writer.writerows({**ROW, **change} for change in changes)
        return path

    return write


def first(result: ReadResult) -> Incident:
    return incident_from_row(result.table.row(0, named=True))


def test_the_date_is_the_reports_and_the_start_only_not_later(tracker: Tracker) -> None:
    result = read_cfr(tracker({}))
    incident = first(result)
    assert incident.reported.text == "2016-05-03"
    assert (incident.start.text, incident.start.earliest) == ("../2016-05-03", None)
    assert incident.start.latest == dt.date(2016, 5, 3)
    assert result.release.has_report_dates
    assert result.release.release == "2021-04"


def test_several_sponsors_are_several_initiators(tracker: Tracker) -> None:
    incident = first(read_cfr(tracker({})))
    assert [i.code for i in incident.initiators] == ["CN", "RU"]
    assert {(i.kind, i.organ) for i in incident.initiators} == {("state-affiliated", "APT 0")}


def test_receivers_are_exact_names_and_prose_is_flagged(tracker: Tracker) -> None:
    result = read_cfr(tracker({"Victims": "U.S. government agencies, Iran"}))
    assert first(result).receivers == ("IR",)
    assert [p.value for p in result.flagged] == ["U.S. government agencies"]
    assert first(read_cfr(tracker({"Victims": "Tibetans"}))).receivers == ("X-UNKNOWN",)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"Date": "2/31/2016"}, "Date"),
        ({"Date": "May 2016"}, "Date"),
        ({"Sponsor": "Atlantis"}, "Sponsor"),
        ({"Type": "Government"}, "Type"),
        ({"Category": "https://a.example"}, "Category"),
        ({"Title": ""}, "Title"),
    ],
)
def test_a_row_with_shifted_or_wrong_cells_is_set_aside(
    tracker: Tracker, change: dict[str, str], column: str
) -> None:
    result = read_cfr(tracker({}, change))
    assert result.table.height + len(result.aside) == result.rows_in_file == 2
    assert [(p.row, p.column) for p in result.aside] == [(3, column)]


def test_a_row_without_a_date_stays_undated(tracker: Tracker) -> None:
    incident = first(read_cfr(tracker({"Date": ""}, {})))
    assert not incident.reported.known
    assert incident.start.latest is None


def test_rows_alike_are_numbered_since_the_tracker_has_no_ids(tracker: Tracker) -> None:
    ids = read_cfr(tracker({}, {})).table["id"]
    assert ids.to_list() == [
        "2016-05-03-targeting-of-a-widget-maker",
        "2016-05-03-targeting-of-a-widget-maker-2",
    ]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Targeting of Ruritania?? parliament", "Targeting of Ruritania’s parliament"),
        ("Targeting of officials??phones", "Targeting of officials’ phones"),
        ("Attacks in 2012??013", "Attacks in 2012…013"),
    ],
)
def test_lost_characters_are_put_back_only_where_that_is_plain(
    tracker: Tracker, title: str, name: str
) -> None:
    result = read_cfr(tracker({"Title": title}))
    assert first(result).name == name
    assert [p.column for p in result.flagged] == ["Title"]


def test_a_file_in_which_no_row_can_be_read_is_an_error(tracker: Tracker) -> None:
    with pytest.raises(SourceError, match=r"none of the 1 rows could be read.*row 2"):
        read_cfr(tracker({"Sponsor": "Atlantis"}))


@pytest.mark.parametrize(
    ("month", "rows", "aside"),
    [("2021-04", 481, []), ("2023-04", 768, [113, 128, 209, 240, 263, 334, 480])],
)
def test_both_releases_are_read_and_count_as_measured(
    shared_data: Path, month: str, rows: int, aside: list[int]
) -> None:
    (path,) = (shared_data / "cfr").glob(f"*{month}.csv")
    result = read_cfr(path)
    assert (result.release.release, result.rows_in_file) == (month, rows)
    assert [p.row for p in result.aside] == aside
    pair = result.table.filter(
        pl.col("initiators").list.contains("CN"), pl.col("receivers").list.contains("US")
    )
    years = pair["reported_earliest"].dt.year().to_list()
    assert [years.count(y) for y in range(2010, 2021)] == [0, 2, 2, 7, 4, 5, 2, 3, 6, 1, 0]
