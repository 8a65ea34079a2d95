"""`comity verdicts`, `comity question lock` and `check`, as a user meets them."""

from __future__ import annotations

import hashlib
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from comity.verification.question import TEMPLATE
from test_cli import run as run_words

ROOT = Path(__file__).resolve().parents[1]
QUICK = "us-russia-2021"  # nothing is fitted


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("COMITY_NO_HISTORY", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def run(capsys, monkeypatch):
    """Return a function that runs the command line: exit code, output, error stream."""
    return lambda *words: run_words(capsys, monkeypatch, *words)


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(TEMPLATE, encoding="utf-8")
    return path


def flat(text):
    return " ".join(text.split())


def test_a_question_is_registered_checked_changed_and_caught(run, mine):
    code, out, _ = run("question", "lock", "mine.toml", "--note", "before the spring release")
    assert code == 0
    digest = re.search(r"sha256 ([0-9a-f]{64})", out).group(1)
    assert (mine.parent / "mine.toml.lock").is_file()
    assert run("question", "check", "mine.toml")[:2] == (
        0,
        f"Registered {out.split(', ')[1][:10]}, sha256 {digest[:12]}..., unchanged\n"
        "  note: before the spring release\n",
    )  # fmt: skip
    assert f"sha256 {digest[:12]}..., unchanged." in flat(run("verify", "mine.toml")[1])
    mine.write_text(mine.read_text("utf-8").replace('"2020"', '"2019"'), encoding="utf-8")
    code, out, _ = run("question", "check", "mine.toml")
    assert code == 1
    assert "changed since it was registered: window.to 2020-12-31 -> 2019-12-31" in out
    assert "    registered: 2020-12-31\n    now:        2019-12-31" in out
    out = run("verify", "mine.toml", "--json")[1]
    verdict = json.loads(out)
    assert verdict["registration"]["changes"] == [
        {"field": "window.to", "before": "2020-12-31", "after": "2019-12-31"}
    ]
    check = next(c for c in verdict["checks"] if c["name"] == "registered")
    assert check["passed"] is False
    assert check["detail"] in verdict["verdict"]["confidence"]["reasons"]
    assert any("was changed since it was registered" in c for c in verdict["caveats"])


def test_registering_twice_is_refused_and_again_is_told(run, mine):
    run("question", "lock", "mine.toml")
    code, _, err = run("question", "lock", "mine.toml")
    assert code == 1
    assert "never replaced" in err
    assert run("question", "lock", "mine.toml", "--again")[0] == 0
    assert "registered 2 times" in flat(run("verify", "mine.toml")[1])


def test_the_hash_can_be_recomputed_from_the_lock_without_comity(run, mine):
    """The recipe of docs/registered.md."""
    run("question", "lock", "mine.toml")
    (stamp,) = json.loads(Path("mine.toml.lock").read_text("ascii"))["registered"]
    text = json.dumps(stamp["question"], sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == stamp["sha256"]
    page = (ROOT / "docs" / "registered.md").read_text("utf-8")
    assert 'json.dumps(stamp["question"], sort_keys=True, separators=(",", ":"))' in page


def test_a_question_nobody_registered_is_told_so(run):
    code, _, err = run("question", "check", QUICK)
    assert code == 1
    assert f"comity question lock {QUICK}" in err


def test_every_verdict_is_recorded_and_can_be_listed_shown_and_compared(run, home):
    run("verify", QUICK)
    run("verify", QUICK, "--seed", "7", "--json")
    out = run("verdicts")[1]
    assert [line.split()[0] for line in out.splitlines()] == ["no", "1", "2"]
    assert max(map(len, out.splitlines())) <= 80
    assert run("verdicts", "list", QUICK)[1] == out
    assert run("verdicts", "us-china-2015")[1] == "No verdict is on record on us-china-2015.\n"
    shown = run("verdicts", "show", "1")[1]
    assert shown.startswith(f"Verdict 1 on {QUICK}")
    assert "Evidence: dcid 2.0 (February 2023)" in shown
    compared = run("verdicts", "diff", "1", "2")[1]
    assert "seed: 20150925 -> 7" in compared
    assert "The answer is the same although something differs." in compared
    data = json.loads(run("verdicts", "--json")[1])
    assert [d["number"] for d in data] == [1, 2]
    assert json.loads(run("verdicts", "show", "2", "--json")[1])["choices"]["seed"] == 7
    assert json.loads(run("verdicts", "diff", "1", "2", "--json")[1])["reasons"][0]["kind"] == (
        "choices"
    )
    code, _, err = run("verdicts", "show", "3")
    assert code == 1
    assert "no verdict 3 in your history (1 to 2)" in err


def test_the_history_can_be_left_out(run, home, monkeypatch):
    run("verify", QUICK, "--no-history")
    monkeypatch.setenv("COMITY_NO_HISTORY", "1")
    run("verify", QUICK)
    assert not (home / "history").exists()


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_a_store_that_cannot_be_written_costs_one_line_and_no_verdict(run, home, words):
    home.mkdir()
    (home / "history").write_text("not a folder", encoding="utf-8")
    code, out, err = run("verify", QUICK, *words)
    assert code == 0
    assert "not identified" in out
    assert err.startswith("comity: the verdict was not recorded. ")
    assert len(err.splitlines()) == 1


def test_two_at_once_are_both_recorded(home, run, tmp_path):
    import subprocess
    import sys

    def verify(_):
        words = [sys.executable, "-m", "comity", "verify", QUICK]
        return subprocess.run(words, check=True, capture_output=True, env=dict(os.environ))

    with ThreadPoolExecutor(2) as two:
        list(two.map(verify, range(2)))
    assert [d["number"] for d in json.loads(run("verdicts", "--json")[1])] == [1, 2]


def test_replies_and_corrections_are_printed_with_the_verdict_until_withdrawn(run):
    said = ("--text", "We kept\nit.", "--source", "https://example.org/a", "--date", "2026-02-01")
    code, out, _ = run("verdicts", "reply", QUICK, "--party", "A ministry", *said)
    assert code == 0
    assert out.startswith("Number 1: attached")
    run("verdicts", "correct", QUICK, "--party", "An editor", *said)
    text = flat(run("verify", QUICK)[1])
    assert "Reply of A ministry, 2026-02-01: We kept it. (https://example.org/a)" in text
    assert "Correction by An editor" in text
    assert "Reply of A ministry" in flat(run("verdicts", "show", "1")[1])
    assert [n["number"] for n in json.loads(run("verdicts", "replies", QUICK, "--json")[1])] == [
        1,
        2,
    ]
    assert run("verdicts", "withdraw", "1", "--why", "a mistake")[0] == 0
    assert "Reply of A ministry" not in run("verify", QUICK)[1]
    assert "An editor" in run("verdicts", "replies")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["verdicts", "reply", "nothing", "--party", "A", "--text", "t", "--source",
          "https://example.org"], "There is no question"),
        (["verdicts", "reply", QUICK, "--party", "A", "--text", "t", "--source",
          "javascript:alert(1)"], "not an http(s) address"),
        (["verdicts", "correct", QUICK, "--party", "", "--text", "t", "--source",
          "https://example.org"], "no party"),
        (["verdicts", "withdraw", "1"], "no reply or correction 1"),
        (["question", "lock", "nothing.toml"], "nothing.toml"),
    ],
)  # fmt: skip
def test_what_cannot_be_put_on_record_is_said_in_plain_words(run, words, said):
    code, _, err = run(*words)
    assert code == 1
    assert said in flat(err)
    assert "Traceback" not in err


def test_a_history_somebody_altered_is_told(run, home):
    run("verify", QUICK)
    run("verify", QUICK)
    path = home / "history" / "verdicts.jsonl"
    path.write_text(path.read_text("ascii").replace("not identified", "fell", 1), "ascii")
    err = run("verdicts")[2]
    assert "number 2 does not follow number 1" in err


def test_checks_are_printed_where_asked(run):
    assert "How this confidence was reached" in run("verify", QUICK, "--checks")[1]
    assert "How this confidence was reached" not in run("verify", QUICK)[1]
