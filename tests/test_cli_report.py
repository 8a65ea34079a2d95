"""`comity report` on the command line."""

from __future__ import annotations

from pathlib import Path
from zipfile import is_zipfile

import pytest
from typer.testing import CliRunner

from comity.cli import app
from comity.errors import ComityError


def run(*words: object) -> str:
    found = CliRunner().invoke(app, ["report", *map(str, words)], catch_exceptions=True)
    if found.exception is not None:
        raise found.exception
    return found.output


def test_the_files_ending_says_the_format(tmp_path: Path) -> None:
    for ending in ("pdf", "html", "docx"):
        path = tmp_path / f"brief.{ending}"
        assert f"written to {path}" in run("us-russia-2021", "-o", path)
    assert (tmp_path / "brief.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "brief.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert is_zipfile(tmp_path / "brief.docx")


def test_without_a_file_it_is_a_pdf_named_after_the_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run("osce-cbm-2013")
    assert [p.name for p in tmp_path.iterdir()] == ["osce-cbm-2013-briefing.pdf"]


def test_choices_reach_the_verdict_and_the_command_that_makes_it_again(tmp_path: Path) -> None:
    path = tmp_path / "brief.html"
    run(
        "us-china-2015", "-o", path, "--as-of", "2017-06", "--list", "dcid",
        "--first-of-year", "exact", "--sections", "answers, reproduce",
    )  # fmt: skip
    page = path.read_text(encoding="utf-8")
    assert "as known on 2017-06-30" in page
    again = "comity report us-china-2015 --list dcid --as-of 2017-06-30 --first-of-year exact"
    assert again in page
    assert 'id="caveats"' not in page


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("us-china-2015", "--sections", "answer"), "There are: agreement, answers, chart"),
        (("us-china-2015", "--format", "odt"), "pdf, html, docx, not 'odt'"),
        (("us-china-2015", "--format", "pdf", "-o", "a.docx"), "ends in .docx"),
        (("us-china-2015", "-o", "nowhere/a.pdf"), "there is no folder nowhere"),
        (("osce-cbm-2013", "--as-of", "2015", "-o", "a.pdf"), "as it stands today"),
        (("us-china-2015", "--first-of-year", "maybe"), "exact or year, not 'maybe'"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_written(
    words: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ComityError) as refused:
        run(*words)
    assert said in str(refused.value)
    assert not list(tmp_path.iterdir())
