"""What the lists at hand are like, and one incident by its key."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from comity.errors import SourceError
from comity.incidents.export import guard_cell
from comity.incidents.summary import find_incident, list_problems, summarise


def test_what_ships_is_summed_up_as_measured(tmp_path: Path) -> None:
    (dcid,) = summarise(tmp_path)
    assert (dcid.incidents, dcid.aside, dcid.flagged, dcid.shipped) == (423, 6, 0, True)
    assert (dcid.first, dcid.last) == (dt.date(2000, 9, 1), dt.date(2021, 1, 5))
    assert (dcid.dated_by, dcid.undated) == ("start", 0)
    assert dcid.first_of_year == pytest.approx(35 / 423)
    assert dcid.first_of_month == pytest.approx(0.47, abs=0.005)
    assert json.loads(json.dumps(dcid.to_record()))["release"]["licence"] == "CC0-1.0"


def test_an_incident_is_found_by_its_key(tmp_path: Path) -> None:
    incident = find_incident("dcid:43", tmp_path)
    assert (incident.key, incident.name) == ("dcid:43", "SUNBURST")


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("43", "Write LIST:ID"),
        ("dcid:", "Write LIST:ID"),
        ("nowhere:1", "At hand: dcid"),
        ("dcid:0", r"no incident 'dcid:0'\. Ids of dcid look like: 1, 2, 3"),
    ],
)
def test_a_key_that_leads_nowhere_is_told(tmp_path: Path, key: str, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        find_incident(key, tmp_path)


def test_the_problems_of_what_ships_are_the_rows_set_aside(tmp_path: Path) -> None:
    found = list_problems("dcid", tmp_path)
    assert [p.row for p in found.aside] == [237, 238, 292, 293, 310, 332]
    assert found.rows_in_file == 429


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_a_spreadsheet_would_run_is_written_as_text(first: str) -> None:
    assert guard_cell(f"{first}cmd|'/c calc'!A0") == f"'{first}cmd|'/c calc'!A0"


@pytest.mark.parametrize("text", ["", "Titan Rain", "2015-01-01", "a=b"])
def test_any_other_cell_is_left_as_it_is(text: str) -> None:
    assert guard_cell(text) == text
