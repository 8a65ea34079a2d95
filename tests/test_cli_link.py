"""Linking on the command line: link, look, decide, the union, what no list holds."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from comity.cli import app
from comity.incidents.model import Evidence
from comity.incidents.sources.result import ReadResult
from comity.incidents.store import add_list
from incidents.linkage.world import evidence, incident, two_lists

run = CliRunner()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home with two lists in the store, beside the one that ships."""
    monkeypatch.setenv("COMITY_HOME", str(tmp_path))
    put(two_lists(shared=12, alone=14))
    return tmp_path


def put(world: Evidence) -> None:
    """Put made-up lists into the store."""
    for release in world.releases:
        table = world.table.filter(world.table["list"] == release.list)
        add_list(ReadResult(release, table, (), table.height), [])


def said(*arguments: str, code: int = 0, **options: str) -> str:
    """Return what a command prints."""
    found = run.invoke(app, list(arguments), **options)  # type: ignore[arg-type]
    assert found.exit_code == code, found.output
    return found.output


def test_lists_are_linked_listed_shown_and_decided(home: Path) -> None:
    page = said("link", "--list", "one", "--list", "two")
    assert "one, two" in page
    assert "12 in 2 lists" in page
    assert "100 %" in said("link", "list")
    shown = said("link", "show", "one:0", "two:x0", "--svg", str(home / "w.svg"))
    assert "two records drawn at random" in shown
    assert "rivals" not in shown
    assert (home / "w.svg").read_text("utf-8").startswith("<svg")
    assert "are not one incident" in said("link", "reject", "one:0", "two:x0", "--note", "no")
    assert "(rejected)" in said("link", "list", "--of", "one:0")
    assert "11 in 2 lists" in said("link", "--list", "one", "--list", "two")
    assert "1 decisions hold" in said("link", "decisions")
    said("link", "withdraw", "one:0", "two:x0")
    data = json.loads(said("link", "--list", "one", "--list", "two", "--json"))
    assert data["between"]["one two"]["by_probability"]["0.5"] == 12


def test_a_curator_goes_through_doubtful_links(home: Path) -> None:
    said("link", "--list", "one", "--list", "two")
    page = said("link", "review", "--from", "0", "--to", "1", input="r\nnot the same\ns\nq\n")
    assert "1 decided" in page
    (made,) = json.loads(said("link", "decisions", "--json"))["decisions"]
    assert (made["verdict"], made["note"]) == ("different", "not the same")


def test_a_review_that_is_broken_off_keeps_what_was_decided(home: Path) -> None:
    said("link", "--list", "one", "--list", "two")
    page = said("link", "review", "--from", "0", "--to", "1", input="a\n\nr\n")
    assert "1 decided" in page, "the second answer had no note yet"
    assert len(json.loads(said("link", "decisions", "--json"))["decisions"]) == 1
    assert "No undecided link" in said("link", "review", "--from", "0.3", "--to", "0.31")
    assert "turn them round" in said("link", "review", "--from", "0.9", "--to", "0.2", code=2)


def test_what_a_person_parted_and_others_join_is_shown_first(home: Path) -> None:
    for verdict, one, other in (
        ("accept", "one:0", "two:x0"), ("accept", "two:x0", "one:1"), ("reject", "one:0", "one:1"),
    ):  # fmt: skip
        page = said("link", verdict, one, other)
    assert "This contradicts: one:0 = two:x0 = one:1" in page
    page = said("link", "--list", "one", "--list", "two")
    assert "in 3 lists" not in page, "three records of two lists are in two lists"
    assert "one:0 and one:1, through two:x0" in page
    assert "you parted these two" in page


def test_two_records_of_one_list_that_a_person_joined_are_no_overlap(home: Path) -> None:
    said("link", "accept", "one:20", "one:21")
    page = said("link", "--list", "one", "--list", "two")
    assert "12 in 2 lists" in page
    assert "joined by a person" in page


def test_the_lists_that_hold_nothing_in_scope_are_named(home: Path) -> None:
    page = " ".join(said("evidence", "coverage", "us-china-2015").split())
    seen = json.loads(said("evidence", "coverage", "us-china-2015", "--json"))
    verdict = json.loads(
        said("verify", "us-china-2015", "--list", "all", "--unseen", "--no-history", "--json")
    )
    assert "not identified" in page
    found = verdict["examination"]["unseen"]["periods"]
    assert found[0]["seen"] == pytest.approx(seen["periods"][0]["seen"])
    assert [r["total"] for p in found for r in p["readings"]] == pytest.approx(
        [r["total"] for p in seen["periods"] for r in p["readings"]]
    ), "both commands say the same"


def test_without_links_the_way_to_them_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMITY_HOME", str(tmp_path))
    found = run.invoke(app, ["link", "list"])
    assert found.exit_code != 0
    assert "comity link" in str(found.exception)
    found = run.invoke(app, ["link"])
    assert "needs two" in str(found.exception)


def test_the_union_gives_a_verdict_and_says_what_no_list_holds(home: Path) -> None:
    page = said("verify", "us-china-2015", "--list", "all", "--unseen", "--no-history")
    assert "joined by links, nothing is merged" in page
    assert "You only saw less" in page
    assert "not identified" in page
    data = json.loads(
        said("verify", "us-china-2015", "--list", "all", "--unseen", "--no-history", "--json")
    )
    assert data["examination"]["unseen"]["periods"]
    assert {row["lists"][0] for row in data["by_list"]["rows"]} == {"dcid", "one", "two"}


def test_what_lists_hold_in_common_is_counted(home: Path) -> None:
    page = said("evidence", "coverage")
    assert "in common" in page
    assert "What nobody reported publicly" in page
    data = json.loads(said("evidence", "coverage", "--json"))
    assert data["held"]["one"] >= 12
    assert "not identified" in said("evidence", "coverage", "us-china-2015")


def test_of_one_list_what_is_unseen_is_not_identified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMITY_HOME", str(tmp_path))
    page = said("verify", "us-china-2015", "--unseen", "--no-history")
    assert "no union of lists" in page


def test_hostile_names_do_not_reach_the_terminal_or_the_chart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMITY_HOME", str(tmp_path))
    bad = "Zzq\x1b[31m<script>alert(1)</script> qqz wwz"
    world = evidence({
        "one": [incident(bad, "a", "one", description=bad)],
        "two": [incident(bad, "b", "two", description=bad)],
    })  # fmt: skip
    put(Evidence(tuple(replace(r, title=bad) for r in world.releases), world.table))
    said("link", "--list", "one", "--list", "two")
    page = said("link", "show", "one:a", "two:b", "--svg", str(tmp_path / "w.svg"))
    assert "\x1b[31m" not in page
    assert "<script" not in (tmp_path / "w.svg").read_text("utf-8")
