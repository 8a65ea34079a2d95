"""`comity question`: a question of one's own is written, opened, asked by its id, removed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from comity.cli import app
from comity.errors import QuestionError

runner = CliRunner()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "home"))
    path = tmp_path / "q.toml"
    assert runner.invoke(app, ["question", "new", str(path)]).exit_code == 0
    return path


def test_a_question_is_opened_asked_by_its_id_from_anywhere_and_removed(file: Path) -> None:
    added = runner.invoke(app, ["question", "add", str(file)])
    assert "Ask it: comity verify my-question" in added.output
    file.unlink()
    assert "What I ask, in one line" in runner.invoke(app, ["verify", "my-question"]).output
    own = runner.invoke(app, ["question", "list", "--own"]).output
    assert own.split()[0] == "my-question"
    assert len(own.splitlines()) == 1
    every = runner.invoke(app, ["question", "list"]).output
    assert "us-china-2015 " in every
    assert "What I ask, in one line  (your own)" in every
    rows = json.loads(runner.invoke(app, ["question", "list", "--own", "--json"]).output)
    assert [(r["id"], r["kind"], r["agreed"]) for r in rows] == [
        ("my-question", "conduct", "2015-09-25")
    ]
    assert "is removed" in runner.invoke(app, ["question", "remove", "my-question"]).output
    assert "None was opened yet" in runner.invoke(app, ["question", "list", "--own"]).output
    gone = runner.invoke(app, ["verify", "my-question"])
    assert isinstance(gone.exception, QuestionError)


def test_adding_again_replaces_and_a_bad_file_is_told_by_its_name(file: Path) -> None:
    runner.invoke(app, ["question", "add", str(file)])
    again = runner.invoke(app, ["question", "add", str(file)])
    assert "in place of the older one" in again.output
    file.write_text(file.read_text("utf-8").replace('"us-china-2015"', '"nothing"'), "utf-8")
    refused = runner.invoke(app, ["question", "add", str(file)])
    assert isinstance(refused.exception, QuestionError)
    assert f"{file} cannot be opened:\n  instrument: there is no instrument 'nothing'" in str(
        refused.exception
    )
    unread = runner.invoke(app, ["question", "add", str(file.parent / "none.toml")])
    assert "Cannot read the question file" in str(unread.exception)
    named = runner.invoke(app, ["verify", "nothing-such"])
    assert "Your own: my-question." in str(named.exception)
