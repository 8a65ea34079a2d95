"""DCID's workbook as a whole: which sheet is read, and the counts the design rests on."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from comity.incidents.sources.dcid import read_dcid

from .conftest import Write
from .published import DCID_COLUMNS, DCID_ROW


def test_the_sheet_is_chosen_by_its_columns_not_its_place(workbook: Write) -> None:
    responses = [["Cyberincidentnum", "Name", "Cyber_escalation"], [1, "Paper Lantern", 0]]
    incidents = [DCID_COLUMNS, [DCID_ROW.get(column) for column in DCID_COLUMNS]]
    result = read_dcid(workbook({"responses": responses, "incidents": incidents}))
    assert result.rows_in_file == 1
    assert result.table["name"].to_list() == ["Paper Lantern"]


def test_private_espionage_against_the_united_states_counts_as_in_the_publishers_file(
    shared_data: Path,
) -> None:
    """14 began before the commitment of 2015-09-25; of the 9 after, one began in January 2021."""
    (path,) = (shared_data / "dcid").glob("*.xlsx")
    narrow = read_dcid(path).table.filter(
        pl.col("initiators").list.contains("CN"),
        pl.col("receivers").list.contains("US"),
        pl.col("targets").list.contains("private"),
        pl.col("objectives").list.contains("espionage"),
    )
    before = narrow.filter(pl.col("start_earliest") < dt.date(2015, 9, 25)).height
    after_2020 = narrow.filter(pl.col("start_earliest") > dt.date(2020, 12, 31)).height
    assert (before, narrow.height - before, after_2020) == (14, 9, 1)
