"""`comity evidence`: what it prints, and that text from a list cannot act on the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from comity.cli_evidence import evidence_app
from comity.errors import ComityError, SourceError

MAPPING = '[list]\nname = "mine"\nrelease = "1"\ntitle = "[bold]Mine[/bold]"\n[columns]\nid = "i"\n'


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Any:
    return CliRunner().invoke(evidence_app, arguments, catch_exceptions=False)


def add(*rows: str, more: str = "") -> Any:
    Path("mine.csv").write_text("\n".join(["i,n,d", *rows]) + "\n", "utf-8")
    Path("mine.toml").write_text(MAPPING + 'name = "n"\nstart = "d"\n' + more, "utf-8")
    return run("add", "mine", "mine.csv", "--mapping", "mine.toml")


def test_the_lists_at_hand_fit_eighty_columns() -> None:
    add("1,Heron,2015-09-25")
    shown = run()
    assert shown.exit_code == 0
    assert max(map(len, shown.output.splitlines())) <= 80
    for text in ("dcid", "423", "2000-09", "8 %", "47 %", "CC0-1.0", "ships with Comity", "mine"):
        assert text in " ".join(shown.output.split())


def test_the_same_comes_as_data() -> None:
    data = json.loads(run("--json").output)
    assert [(d["release"]["list"], d["incidents"]) for d in data] == [("dcid", 423)]
    assert data[0]["first"] == "2000-09-01"


def test_adding_says_how_many_rows_were_read_and_where_the_rest_is() -> None:
    shown = add("1,Heron,2015-09-25", "2,Lamp,2015-02-31").output
    assert shown.startswith("mine: 1 of 2 rows read, 1 set aside.")
    assert "comity evidence problems mine" in shown
    shown = run("problems", "mine").output
    assert "row 3, d: '2015-02-31'" in shown
    assert json.loads(run("problems", "mine", "--json").output)["aside"][0]["row"] == 3


def test_what_was_left_out_of_rows_is_shown_on_request() -> None:
    add("1,Heron,2015-09-25", more='sources = "n"\n')
    assert "1 pieces were left out: add --all" in run("problems", "mine").output
    assert "'Heron': not an address" in run("problems", "mine", "--all").output


def test_one_incident_is_shown_with_its_sources() -> None:
    shown = run("show", "dcid:43").output
    for text in ("SUNBURST", "2019-09-04", "Russia (state)", "United States", "https://"):
        assert text in shown
    assert json.loads(run("show", "dcid:43", "--json").output)["id"] == "43"


def test_markup_and_control_characters_in_a_name_are_shown_as_they_are() -> None:
    add('1,"[red]x[/red] =cmd <b>\x1b[31m",2015')
    shown = run("show", "mine:1").output
    assert "[red]x[/red] =cmd <b> [31m" in shown
    assert "\x1b" not in shown
    assert "[bold]Mine[/bold]" in run().output


def test_removing_is_told_and_done() -> None:
    add("1,Heron,2015-09-25")
    assert "mine (1) was removed" in run("remove", "mine").output
    with pytest.raises(SourceError, match="no list 'mine'"):
        run("show", "mine:1")


def test_errors_are_for_people() -> None:
    with pytest.raises(ComityError, match=r"no reader for 'mine'.*--mapping"):
        run("add", "mine", "mine.csv")
    with pytest.raises(ComityError, match="is read from one file, not 2"):
        run("add", "cfr", "a.csv", "b.csv")


def test_dates_with_json_are_text() -> None:
    add("1,Heron,2015-09-25")
    row = json.loads(run("show", "mine:1", "--json").output)
    assert (row["start"], row["start_earliest"]) == ("2015-09-25", "2015-09-25")
    assert (row["severity"], row["reported_latest"], row["attributions"]) == (None, None, [])


def test_how_late_a_list_is_comes_as_table_chart_and_data(tmp_path: Path) -> None:
    shown = run("delay", "dcid", "--question", "us-china-2015", "--svg", "late.svg").output
    assert max(map(len, shown.splitlines())) <= 80
    for words in (
        "all starts",
        "to 2015-09-25",
        "by steps",
        "too few",
        "Chart written to late.svg",
    ):
        assert words in shown
    assert Path("late.svg").read_text("utf-8").startswith("<svg")
    data = json.loads(run("delay", "dcid", "--json").output)
    assert data["estimates"][0]["families"].keys() == {"lognormal", "gamma", "weibull"}
    with pytest.raises(ComityError, match="--scope names a scope of a question"):
        run("delay", "dcid", "--scope", "narrow")
    with pytest.raises(ComityError, match="Cannot write"):
        run("delay", "dcid", "--svg", "no/such/folder.svg")
    add("1,Heron,2015-09-25")
    with pytest.raises(SourceError, match="mine has no dates of report"):
        run("delay", "mine")


def test_what_is_read_from_words_is_never_shown_as_the_lists_coding() -> None:
    text = "Suspected Iranian hackers targeted Kenyan ministries."
    Path("csis.csv").write_text(f"report_year,report_month,text\n2019,7,{text}\n", "utf-8")
    added = " ".join(run("add", "csis", "csis.csv").output.split())
    assert "does not code initiators, receivers" in added
    assert "2 pieces are flagged" in added
    key = json.loads(run("problems", "csis", "--json").output)
    assert key["extracted"] == "initiators, receivers"
    assert "2 readings of the list's words are flagged" in run("problems", "csis").output
    listed = " ".join(run("problems", "csis", "--all").output.split())
    assert "not the list's coding (initiators, receivers): 2" in listed
    from comity.incidents.load import load_evidence

    identifier = load_evidence(["csis"]).table["id"][0]
    shown = run("show", f"csis:{identifier}").output
    assert "the list says" in shown
    assert "read from the list's words by rule, or looked up" in " ".join(shown.split())
    assert json.loads(run("show", f"csis:{identifier}", "--json").output)["extracted"]
