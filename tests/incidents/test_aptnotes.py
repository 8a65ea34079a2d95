"""APTnotes: reports that are no incidents, and the store that holds them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from comity.cli import app
from comity.errors import SourceError, StoreError
from comity.incidents.add import add_files, add_report_files, read_list
from comity.incidents.load import known_lists, load_evidence
from comity.incidents.report_lists import (
    add_report_list,
    remove_reports,
    report_lists,
    stored_reports,
)
from comity.incidents.sources.aptnotes import read_aptnotes
from comity.incidents.summary import list_problems

from . import published

COLUMNS = ("Filename", "Title", "Source", "Link", "SHA-1", "Date", "Year")
ROW: Mapping[str, str] = {
    "Filename": "lantern", "Title": "Paper Lantern", "Source": "A firm",
    "Link": "https://copies.example/1", "SHA-1": "aa11", "Date": "12/01/2006", "Year": "2006",
}  # fmt: skip
Notes = Callable[..., Path]


@pytest.fixture
def notes(tmp_path: Path) -> Notes:
    def write(*changes: Mapping[str, str]) -> Path:
        rows = [{**ROW, "SHA-1": f"AA{n}", **c} for n, c in enumerate(changes or ({},), 1)]
        return published.csv_file(tmp_path / "APTnotes.csv", COLUMNS, rows)

    return write


def test_a_row_is_a_report(notes: Notes) -> None:
    found = read_aptnotes(notes({}, {"Link": "javascript:alert(1)", "Date": ""}))
    first, second = found.reports
    assert (first.title, first.publisher, first.address) == (
        "Paper Lantern", "A firm", "https://copies.example/1",
    )  # fmt: skip
    assert (first.list, first.id, first.date.text) == ("aptnotes", "aa1", "2006-12-01")
    assert (second.address, second.date.text) == ("", "2006")
    assert found.release.closed_on.text == "2006-12-01"


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"Title": ""}, "Title"),
        ({"Date": "13/01/2006"}, "Date"),
        ({"Date": "2006-12-01"}, "Date"),
        ({"Year": "2007"}, "Year"),
        ({"SHA-1": "", "Filename": ""}, "SHA-1"),
        ({"SHA-1": "aa1"}, "SHA-1"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside(
    notes: Notes, change: dict[str, str], column: str
) -> None:
    found = read_aptnotes(notes({}, change))
    assert len(found.reports) + len(found.aside) == found.rows_in_file == 2
    assert [(p.row, p.column) for p in found.aside] == [(3, column)]
    with pytest.raises(SourceError, match="none of the 1 rows"):
        read_aptnotes(notes({"Title": ""}))


def test_reports_are_stored_apart_from_incidents(notes: Notes, tmp_path: Path) -> None:
    home = tmp_path / "home"
    found = add_report_files("aptnotes", [notes({}, {"SHA-1": "aa1"})], home)
    assert report_lists(home) == {"aptnotes": found}
    assert stored_reports(home) == found.reports
    assert known_lists(home) == ("dcid",)
    assert len(load_evidence(home=home)) == 423
    with pytest.raises(SourceError, match="aptnotes holds reports, not incidents"):
        load_evidence(["aptnotes"], home)
    with pytest.raises(SourceError, match="aptnotes holds reports, not incidents"):
        read_list("aptnotes", [notes()])
    assert [p.column for p in list_problems("aptnotes", home).aside] == ["SHA-1"]
    add_files("cfr", [published.cfr(tmp_path)], home=home)  # which clears the store of leftovers
    assert len(stored_reports(home)) == 1
    assert remove_reports("aptnotes", home) == found
    assert (report_lists(home), stored_reports(home)) == ({}, ())
    with pytest.raises(StoreError, match="no list of reports 'aptnotes'"):
        remove_reports("aptnotes", home)


def test_the_time_of_adding_is_recorded(notes: Notes, tmp_path: Path) -> None:
    now = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    stored = add_report_list(read_aptnotes(notes()), tmp_path, now)
    assert stored.release.added == "2026-03-01T00:00:00+00:00"
    with pytest.raises(SourceError, match="one file, not 2"):
        add_report_files("aptnotes", [notes(), notes()], tmp_path)


@pytest.mark.parametrize(
    "damage",
    ["{", "[]", '{"schema": "9"}', '{"schema": "1.0"}', "release", "reports", "date"],
)
def test_a_damaged_list_of_reports_is_told(notes: Notes, tmp_path: Path, damage: str) -> None:
    add_report_files("aptnotes", [notes()], tmp_path)
    path = tmp_path / "evidence" / "reports" / "aptnotes.json"
    data: dict[str, Any] = json.loads(path.read_text())
    if damage == "release":
        data["release"]["list"] = "other"
    elif damage == "reports":
        data["reports"][0]["more"] = 1
    elif damage == "date":
        data["reports"][0]["date"] = "soon"
    path.write_text(json.dumps(data) if damage in data or damage == "date" else damage)
    with pytest.raises(StoreError, match=r"aptnotes\.json is damaged"):
        stored_reports(tmp_path)


def test_the_commands_say_that_they_are_reports(
    notes: Notes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "home"))

    def run(*arguments: str) -> str:
        shown = CliRunner().invoke(app, ["evidence", *arguments], catch_exceptions=False)
        return " ".join(shown.output.split())

    path = str(notes({}, {"Title": ""}))
    assert "1 of 2 rows read, 1 set aside. They are reports, not incidents" in run(
        "add", "aptnotes", path
    )
    assert "1 reports, no incidents" in run()
    assert "the report has no title" in run("problems", "aptnotes")
    assert "aptnotes (2006-12-01) was removed" in run("remove", "aptnotes")


def test_the_index_at_hand_is_read(shared_data: Path) -> None:
    found = read_aptnotes(shared_data / "aptnotes" / "APTnotes.csv")
    assert (found.rows_in_file, len(found.reports)) == (689, 687)
    assert {p.column for p in found.aside} == {"SHA-1"}
    assert all(r.address and r.date.known for r in found.reports)
