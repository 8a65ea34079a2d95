"""Two releases of a list: what was added, changed and removed, by hand and on CFR's two."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from comity.cli_evidence import evidence_app
from comity.dates import UNKNOWN, parse_date
from comity.errors import SourceError
from comity.incidents.compare import (
    FieldChange,
    ReleaseComparison,
    compare_files,
    compare_releases,
)
from comity.incidents.model import Incident, Initiator, ListRelease
from comity.incidents.shipped import shipped_release
from comity.incidents.sources.result import table_of
from comity.report.compare_page import comparison_lines

RELEASE = replace(
    shipped_release("dcid"), list="mine", release="old", closed_on=parse_date("2015-12-31"),
    rows_aside=0,
)  # fmt: skip
MAPPING = """[list]
name = "mine"
release = "1"
title = "Mine"
[columns]
id = "i"
name = "n"
start = "d"
"""


def one(key: str, name: str, start: str = "", reported: str = "", *sources: str) -> Incident:
    dates = [parse_date(text) if text else UNKNOWN for text in (start, reported)]
    return Incident(
        "mine", "1", key, name, dates[0], UNKNOWN, dates[1], (Initiator("CN", "state"),), ("US",),
        ("private",), (), ("espionage",), sources=sources,
    )  # fmt: skip


OLD = [
    one("1", "Heron", "2014-05-01"),
    one("2", "Lamp", "2014-06-01"),
    one("3", "Oil company", "2013", "2014"),
    one("a", "Grey Goose—a campaign", "2012", "2013-02-03"),
    one("b", "Harbour", "2011", "", "https://x.example/1", "https://x.example/2"),
    one("9", "Gone", "2010"),
]
NEW = [
    one("1", "Heron", "2014-05-01"),
    replace(one("2", "Lamp", "2014-06"), receivers=("US", "CA"), severity=3.0),
    one("33", "OIL COMPANY", "2013", "2014-02"),
    one("c", "Grey Goose…campaign", "2012", "2013-02-03"),
    one("d", "A port", "2011-04", "", "https://x.example/2"),
    one("10", "Told late", "2014", "2015-12-31"),
    one("11", "Told in time", "2016", "2016-02"),
    one("12", "No report, old start", "2011-05-06"),
    one("13", "Undated"),
]


def compare(old: list[Incident], new: list[Incident]) -> ReleaseComparison:
    newer = replace(RELEASE, release="new", rows_aside=2)
    return compare_releases((RELEASE, table_of(old)), (newer, table_of(new)))


def test_each_incident_is_added_removed_changed_or_the_same() -> None:
    found = compare(OLD, NEW)
    assert [b.id for b in found.added] == ["10", "11", "12", "13"]
    assert [b.id for b in found.removed] == ["9"]
    assert found.unchanged == 1
    assert len(found.changed) + found.unchanged + len(found.removed) == len(OLD)
    assert len(found.changed) + found.unchanged + len(found.added) == len(NEW)


def test_a_change_names_its_fields_with_both_values() -> None:
    lamp = next(c for c in compare(OLD, NEW).changed if c.id == "2")
    assert lamp.matched_by == "id"
    assert lamp.changes == (
        FieldChange("start", "2014-06-01", "2014-06"),
        FieldChange("receivers", "US", "US|CA"),
        FieldChange("severity", "", "3"),
    )
    assert compare(OLD, NEW).fields["id"] == 3


def test_an_incident_whose_id_changed_is_found_again_and_how_is_told() -> None:
    by = {c.id: c.matched_by for c in compare(OLD, NEW).changed}
    assert by == {"2": "id", "33": "name", "c": "date and name", "d": "address"}


def test_two_that_could_be_meant_are_not_matched() -> None:
    old = [one("1", "Campaign", "2014", "", "https://x.example/1")]
    new = [one("2", "Campaign", "2015"), one("3", "Campaign", "2016")]
    found = compare(old, new)
    assert not found.changed
    assert (len(found.added), len(found.removed)) == (2, 1)
    shared = [one("2", "x", "2015", "", "https://x.example/1"), one("3", "y", "2016", "",
              "https://x.example/1")]  # fmt: skip
    assert not compare(old, shared).changed


def test_what_came_late_is_counted_by_the_older_release_s_closing_day() -> None:
    assert compare(OLD, NEW).late == 2  # told late, and the old start without a report


def test_a_release_is_the_same_as_itself_whatever_the_order_of_its_rows() -> None:
    found = compare(OLD, OLD[::-1])
    assert found.unchanged == len(OLD)
    assert (found.added, found.removed, found.changed, found.late) == ((), (), (), 0)


def test_two_lists_are_not_compared() -> None:
    other: ListRelease = replace(RELEASE, list="yours")
    with pytest.raises(SourceError, match="two lists, not two releases"):
        compare_releases((RELEASE, table_of(OLD)), (other, table_of(NEW)))


def lines(found: ReleaseComparison, every: bool = False) -> list[str]:
    return [heading + rest for heading, rest in comparison_lines(found, every)]


def test_the_page_says_what_the_comparison_holds() -> None:
    text = " ".join(" ".join(lines(compare(OLD, NEW))).split())
    assert "4 added, 1 removed, 4 changed, 1 the same." in text
    assert "2 of those added are dated to 2015-12-31 or before" in text
    assert "receivers: US -> US|CA" in text
    assert "severity: nothing -> 3" in text
    assert "1 changed their id and were matched by an address no other has." in text
    assert "Only in old 9 Gone (2010)" in text


def test_many_are_named_in_part_unless_all_are_asked_for() -> None:
    found = compare([], [one(str(n), f"Operation {n}") for n in range(30)])
    assert "  and 20 more: add --all" in lines(found)
    assert sum("Operation" in line for line in lines(found, every=True)) == 30


def test_text_of_a_list_cannot_act_on_the_terminal() -> None:
    found = compare([], [one("1", "x\x1b[31m\u202ered\nnext")])
    text = "\n".join(lines(found))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_files_are_compared_with_each_other_or_with_the_list_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    Path("m.toml").write_text(MAPPING, "utf-8")
    Path("a.csv").write_text("i,n,d\n1,Heron,2015-09-25\n2,Lamp,2015\n", "utf-8")
    Path("b.csv").write_text("i,n,d\n1,Heron,2015-09-26\n3,Oil,2016\n", "utf-8")
    mapping = ["--mapping", "m.toml"]
    run = CliRunner()
    shown = run.invoke(evidence_app, ["compare", "mine", "a.csv", "b.csv", *mapping, "--json"])
    data = json.loads(shown.output)
    assert [a["id"] for a in data["added"]] == ["3"]
    assert [r["id"] for r in data["removed"]] == ["2"]
    assert data["changed"][0]["changes"] == [
        {"field": "start", "old": "2015-09-25", "new": "2015-09-26"}
    ]
    run.invoke(evidence_app, ["add", "mine", "b.csv", *mapping], catch_exceptions=False)
    held = compare_files("mine", Path("a.csv"), mapping=Path("m.toml"))
    assert (len(held.added), len(held.removed), len(held.changed)) == (1, 1, 1)
    page = run.invoke(evidence_app, ["compare", "mine", "a.csv", *mapping]).output
    assert "1 added, 1 removed, 1 changed, 0 the same." in page
    with pytest.raises(SourceError, match=r"There is no file .*nothing\.csv"):
        compare_files("mine", Path("nothing.csv"), mapping=Path("m.toml"))
    folder = tmp_path / "release"
    folder.mkdir()
    Path("a.csv").rename(folder / "a.csv")
    same = compare_files("mine", folder, folder / "a.csv", Path("m.toml"))
    assert same.unchanged == 2


def test_the_two_releases_of_cfr(shared_data: Path) -> None:
    old, new = sorted((shared_data / "cfr").glob("*.csv"))
    found = compare_files("cfr", old, new)
    assert (found.old, found.new) == ("2021-04", "2023-04")
    assert (found.old_incidents, found.new_incidents, found.new_aside) == (481, 761, 7)
    assert len(found.changed) + found.unchanged + len(found.removed) == 481
    assert len(found.changed) + found.unchanged + len(found.added) == 761
    assert len(found.added) == 290
    # Reported by the older one's last day, and not in it: additions that came late.
    assert 0 < found.late < 50
    assert {c.matched_by for c in found.changed} <= {"id", "name", "date and name", "address"}
    assert sum(c.matched_by == "date and name" for c in found.changed) == 5  # lost dashes
