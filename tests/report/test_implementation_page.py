"""The answer on implementation as text, as data and as a page."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest
from test_html import Page

from comity.api_all import ImplementationVerdict, verify_implementation
from comity.instruments.model import Status
from comity.report.implementation import implementation_schema, render_implementation
from comity.verification.question import IMPLEMENTATION, shipped_questions


@pytest.fixture(scope="module")
def answer() -> ImplementationVerdict:
    return verify_implementation("us-russia-2013")


@pytest.mark.parametrize("name", shipped_questions(IMPLEMENTATION))
def test_the_json_of_every_question_that_ships_fits_its_schema(name: str) -> None:
    found = json.loads(verify_implementation(name).to_json())
    jsonschema.validate(found, implementation_schema())
    assert found["kind"] == "implementation"


@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_page_of_text_fits_its_width(answer: ImplementationVerdict, width: int) -> None:
    lines = str(render_implementation(answer, width)).splitlines()
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    assert "Changed? [not asked]" in text
    assert "(by a later summary)" not in text


def test_a_line_known_from_a_summary_says_so(answer: ImplementationVerdict) -> None:
    first = replace(answer.tracks[0], status=Status.SECONDARY)
    told = replace(answer, tracks=(first, *answer.tracks[1:]))
    text = " ".join(str(render_implementation(told, 100)).split())
    assert text.count("(by a later summary)") == 1


def test_the_report_opens_offline_and_shows_dates_and_sources(answer, tmp_path) -> None:
    path = tmp_path / "answer.html"
    answer.report(path)
    page = Page(path.read_text(encoding="utf-8"))
    assert not page.open
    assert not page.attributes("script", "src")
    assert all(a.startswith(("http", "#")) for a in page.attributes("a", "href"))
    for track in answer.tracks:
        assert track.name in page.text
        assert set(track.sources) <= set(page.attributes("a", "href"))


def test_text_of_a_question_stays_text(answer, tmp_path) -> None:
    nasty = replace(answer.question, title="<script>alert(1)</script>\x1b[31m")
    path = tmp_path / "answer.html"
    replace(answer, question=nasty).report(path)
    page = path.read_text(encoding="utf-8")
    assert "<script" not in page
    assert "\x1b" not in page
    assert "\x1b" not in str(render_implementation(replace(answer, question=nasty)))
