"""DCID 2.0: its codes, its quirks, and the row counts of the publisher's own file."""

import datetime as dt
import importlib.util
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from comity.incidents.model import incident_from_row
from comity.incidents.shipped import (
    folder,
    publishers_table,
    shipped_problems,
    shipped_release,
    shipped_table,
)
from comity.incidents.sources.dcid import campaigns_of, read_dcid

from .published import dcid

ROOT = Path(__file__).resolve().parents[2]
FILE = "dcid/DCID_2.0_Release_update_February_2023.xlsx"


def only(path):
    """Return the one incident of a file."""
    result = read_dcid(path)
    assert result.aside == ()
    return incident_from_row(result.table.row(0, named=True))


def test_the_receiver_is_the_side_of_the_pair_that_did_not_act(tmp_path):
    one = only(dcid(tmp_path))
    assert (one.initiators[0].code, one.receivers) == ("CN", ("US",))
    other = only(dcid(tmp_path, {"initiator": 2}))
    assert (other.initiators[0].code, other.receivers) == ("US", ("CN",))


def test_dates_stay_the_days_that_were_typed(tmp_path):
    one = only(dcid(tmp_path, {"interactionstartdate": dt.datetime(2014, 1, 1)}))
    assert (one.start.text, one.end.text, one.reported.text) == ("2014-01-01", "2014-08-01", "")


@pytest.mark.parametrize(
    ("changes", "objective", "effects"),
    [
        ({"cyber_objective": 3}, "espionage", ("confidentiality",)),
        ({"cyber_objective": 2}, "espionage", ("confidentiality",)),
        ({"cyber_objective": 1, "method": 2}, "disruption", ("availability",)),
        ({"cyber_objective": 1, "method": 1}, "disruption", ("integrity",)),
        ({"cyber_objective": 4}, "degradation", ("integrity", "availability")),
        ({"information_operation": 1}, "espionage", ("confidentiality", "content")),
        ({"Ransomware": 1}, "espionage", ("confidentiality", "availability")),
    ],
)
def test_objective_and_effects_follow_the_codebook(tmp_path, changes, objective, effects):
    one = only(dcid(tmp_path, changes))
    assert (one.objectives, one.effects) == ((objective,), effects)


@pytest.mark.parametrize(
    ("target", "sector", "expected"),
    [
        (1, 0, ("private",)),
        (2, 17, ("government",)),
        (3, 11, ("military", "critical-infrastructure")),
    ],
)
def test_targets_and_critical_sectors_follow_the_codebook(tmp_path, target, sector, expected):
    assert only(dcid(tmp_path, {"targettype": target, "Crit Inf": sector})).targets == expected


def test_a_third_party_is_kept_as_the_organ_and_never_as_an_initiator(tmp_path):
    one = only(dcid(tmp_path, {"3rdpartyinitiator": 1}))
    assert [(i.code, i.kind, i.organ) for i in one.initiators] == [
        ("CN", "state", "with a third party")
    ]


def test_only_web_addresses_are_sources_and_the_rest_is_flagged(tmp_path):
    cell = "https://a.example/1, https://b.example/2 see also a report"
    result = read_dcid(dcid(tmp_path, {"Sources1": cell, "Sources2": "javascript:alert(1)"}))
    assert result.table["sources"].to_list() == [["https://a.example/1", "https://b.example/2"]]
    assert [(p.row, p.column, p.value) for p in result.flagged] == [
        (2, "Sources1", "see also a report"),
        (2, "Sources2", "javascript:alert(1)"),
    ]


def test_names_of_one_series_are_one_campaign():
    names = ["Duke Series_A", "Duke Series_B", "Titan Rain", "OPM 1", "OPM 2"]
    assert campaigns_of(names) == {"Duke Series_A": "Duke Series", "Duke Series_B": "Duke Series"}


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"interactionenddate": dt.datetime(2013, 1, 1)}, "interactionenddate", "before the start"),
        ({"interactionstartdate": "2014-02-30"}, "interactionstartdate", "not a day that exists"),
        ({"interactionstartdate": None}, "interactionstartdate", "no start"),
        ({"StateB": "Atlantis"}, "StateB", "no country is known"),
        ({"initiator": 9999}, "initiator", "Correlates of War"),
        ({"initiator": 365}, "initiator", "receiver cannot be told"),
        ({"targettype": 9}, "targettype", "codebook"),
        ({"Cyberincidentnum": None}, "Cyberincidentnum", "no number"),
        ({"Cyberincidentnum": 1}, "id", "already that of row 2"),
    ],
)
def test_a_row_that_cannot_be_told_is_set_aside_with_its_reason(tmp_path, changes, column, reason):
    result = read_dcid(dcid(tmp_path, {}, changes))
    assert (result.table.height, len(result.aside), result.rows_in_file) == (1, 1, 2)
    problem = result.aside[0]
    assert (problem.row, problem.column) == (3, column)
    assert reason in problem.reason


def test_the_publishers_file_has_429_rows_and_57_from_china_to_the_us_since_2006(shared_data):
    result = read_dcid(shared_data / FILE)
    assert (result.table.height, len(result.aside), result.rows_in_file) == (423, 6, 429)
    pair = result.table.filter(
        pl.col("initiators").list.contains("CN"), pl.col("receivers").list.contains("US")
    )
    assert pair.filter(pl.col("start_earliest") >= dt.date(2006, 1, 1)).height == 57
    by_year = pair.group_by(pl.col("start_earliest").dt.year()).len()
    counts = dict(by_year.iter_rows())
    assert [counts.get(y, 0) for y in range(2010, 2021)] == [4, 4, 3, 3, 9, 2, 0, 5, 2, 3, 4]


def test_what_ships_is_what_the_reader_makes_of_the_publishers_file(shared_data):
    place = importlib.util.spec_from_file_location("make_dcid", ROOT / "tools" / "make_dcid.py")
    assert place is not None
    assert place.loader is not None
    tool = importlib.util.module_from_spec(place)
    place.loader.exec_module(tool)
    result = read_dcid(shared_data / FILE)
    for name, text in tool.files_of(result).items():
        assert (folder() / name).read_text("utf-8") == text, name
    assert publishers_table("dcid").equals(result.table)
    own = replace(shipped_release("dcid"), has_report_dates=False, report_dates_from="")
    assert own == result.release
    assert shipped_problems("dcid") == result.aside


def test_no_descriptive_sentence_ships():
    names = shipped_table("dcid")["name"].to_list()
    assert max(map(len, names)) < 120
    text = (folder() / "dcid-2.0.tsv").read_text("utf-8")
    assert "sources claim that" not in text
    assert not any(". " in name for name in names if len(name) > 60)
