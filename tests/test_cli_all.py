"""`comity verify` beside a single verdict: implementation, and every question at once."""

import json

import pytest

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
