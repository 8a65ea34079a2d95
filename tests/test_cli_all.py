"""`comity verify` beside a single verdict: implementation, and every question at once."""

import json

import pytest

from comity import api_all
from test_cli import run


@pytest.fixture(autouse=True)
def _empty_home(tmp_path, monkeypatch):
    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")


def test_a_question_about_implementation_is_answered_from_the_register(
    capsys, monkeypatch, tmp_path
):
    path = tmp_path / "answer.html"
    code, out, _ = run(capsys, monkeypatch, "verify", "osce-cbm-2013", "--report", str(path))
    assert code == 0
    assert "Changed? [not asked]" in out
    assert max(map(len, out.splitlines()[:-1])) <= 80
    assert "Follow-up on record" in path.read_text(encoding="utf-8")
    code, out, _ = run(capsys, monkeypatch, "verify", "osce-cbm-2013", "--json")
    assert json.loads(out)["verdict"]["changed"]["term"] == "not asked"


@pytest.mark.parametrize(
    "words",
    [["--as-of", "2017"], ["--list", "dcid"], ["--seed", "1"], ["--first-of-year", "exact"]],
)
def test_options_on_evidence_do_not_apply_to_implementation(capsys, monkeypatch, words):
    code, _, err = run(capsys, monkeypatch, "verify", "osce-cbm-2013", *words)
    assert code == 1
    assert "the register answers it" in err
    assert "Traceback" not in err


def test_both_kinds_are_listed(capsys, monkeypatch):
    _, out, _ = run(capsys, monkeypatch, "question", "list")
    assert "us-china-2015 " in out
    assert "osce-cbm-2013 " in out


def test_all_questions_are_one_table_within_80_columns(capsys, monkeypatch, tmp_path):
    path = tmp_path / "all.html"
    code, out, _ = run(capsys, monkeypatch, "verify", "--all", "--report", str(path))
    assert code == 0
    assert max(map(len, out.splitlines()[:-1])) <= 80
    assert "questions about conduct" in out.replace("\n", " ")
    assert "osce-cbm-2013" in out
    assert "us-china-2015" in path.read_text(encoding="utf-8")


def test_all_as_json_is_data_and_knows_the_as_of_date(capsys, monkeypatch):
    few = ("australia-china-2017", "us-russia-2021")
    monkeypatch.setattr(api_all, "shipped_questions", lambda kind="": () if kind else few)
    _, out, _ = run(capsys, monkeypatch, "verify", "--all", "--json", "--as-of", "2017-06-30")
    found = json.loads(out)
    assert found["kind"] == "overview"
    assert found["as_of"] == "2017-06-30"
    assert [row["question"] for row in found["rows"]] == list(few)
    assert found["pooled"] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["verify"], "Which question?"),
        (["verify", "us-china-2015", "--all"], "none is named"),
        (["verify", "--all", "--list", "nobody"], "no list 'nobody'"),
        (["verify", "--all", "--report", "/nowhere/at/all.html"], "no folder"),
    ],
)
def test_what_does_not_go_together_is_said_in_plain_words(capsys, monkeypatch, words, said):
    code, _, err = run(capsys, monkeypatch, *words)
    assert code == 1
    assert said in err.replace("\n", " ")
    assert "Traceback" not in err
