"""Every question in one table: as text, as data and as a page."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from test_html import Page

import comity
from comity.api_all import Overview, verify_all
from comity.incidents.load import load_evidence
from comity.report.overview import (
    command_of,
    overview_schema,
    overview_to_dict,
    render_overview,
)
from comity.report.text import change_fell, tag
from comity.verification.overview import OverviewRow, finding_of
from comity.verification.question import IMPLEMENTATION, shipped_questions


@pytest.fixture(scope="module")
def table() -> Overview:
    return verify_all(load_evidence(("dcid",)))


def row(table: Overview, question: str) -> OverviewRow:
    return next(r for r in table.rows if r.question == question)


def test_every_question_that_ships_has_one_row(table: Overview) -> None:
    shipped = [*shipped_questions(), *shipped_questions(IMPLEMENTATION)]
    assert [r.question for r in table.rows] == shipped
    assert len(table.conduct) >= 12
    assert len(table.implementation) >= 3


@pytest.mark.parametrize("question", ["us-china-2015", "uk-china-2015", "gge-2015-russia-ukraine"])
def test_a_row_says_what_the_questions_own_verdict_says(table: Overview, question: str) -> None:
    verdict = comity.verify(question, load_evidence(("dcid",)), mirror=False)
    found, headline = row(table, question), verdict.change_of("narrow")
    assert headline is not None
    assert (found.changed, found.kept, found.because, found.confidence) == (
        verdict.changed.term, verdict.kept.term, verdict.because.term, verdict.confidence.word,
    )  # fmt: skip
    assert (found.before, found.after) == (headline.before, headline.after)
    assert found.ratio == (headline.ratio if headline.identified else None)
    assert found.fell == (headline.fell if headline.identified else None)
    assert tag(verdict.changed).startswith(found.changed)
    assert change_fell(headline) or found.reason


def test_most_are_not_identified_and_the_finding_says_so(table: Overview) -> None:
    known = [r for r in table.conduct if r.changed != "not identified"]
    assert len(known) < len(table.conduct) / 2
    assert table.finding.startswith(f"{len(known)} of {len(table.conduct)} questions about conduct")
    assert "and that is the finding" in table.finding
    assert all(r.ratio is None and r.reason for r in table.conduct if r not in known)


def test_where_most_are_identified_the_finding_does_not_say_otherwise(table: Overview) -> None:
    conduct = [replace(r, changed="fell") for r in table.conduct[:3]]
    text = finding_of(conduct)
    assert text.startswith("3 of 3 questions about conduct are identified. ")
    assert "that is the finding" not in text
    assert finding_of([replace(conduct[0], changed="not identified")]).startswith("0 of 1")


def test_what_the_evidence_does_not_reach_is_no_zero(table: Overview) -> None:
    assert row(table, "us-russia-2021").after is None
    assert row(table, "osce-cbm-2013").before is None


def test_the_json_fits_its_schema_and_holds_no_number_that_is_not_identified(
    table: Overview,
) -> None:
    found = json.loads(table.to_json())
    jsonschema.validate(found, overview_schema())
    for one in found["rows"]:
        if one["changed"] in ("not identified", "not asked"):
            assert one["rate_ratio"] is None
            assert one["probability_fell"] is None
    for one in found["pooled"][0]["promises"]:
        assert (one["alone"]["rate_ratio"] is None) == bool(one["alone"]["reason"])


def test_the_schema_has_no_room_for_more(table: Overview) -> None:
    more = overview_to_dict(table)
    more["rows"][0]["score"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(more, overview_schema())


@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_table_fits_its_width(table: Overview, width: int) -> None:
    lines = str(render_overview(table, width)).splitlines()
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    for one in table.rows:
        assert one.question in text
        assert one.kept in text
    assert "Promises on commercial theft" in text or "promises on commercial theft" in text


def test_the_page_opens_offline_and_has_a_row_a_question(table: Overview, tmp_path: Path) -> None:
    path = tmp_path / "all.html"
    table.report(path)
    page = Page(path.read_text(encoding="utf-8"))
    assert not page.open
    assert not any(tag == "script" for tag, _ in page.tags)
    for one in table.rows:
        assert one.question in page.text
    assert page.text.count("not identified:") == sum(r.ratio is None for r in table.conduct)
    assert table.finding in page.text


def test_text_of_a_question_stays_text(table: Overview, tmp_path: Path) -> None:
    nasty = replace(table.rows[0], direction="<script>x</script>\x1b[31m", kept="<b>k</b>")
    odd = replace(table, rows=(nasty, *table.rows[1:]))
    path = tmp_path / "all.html"
    odd.report(path)
    page = path.read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<b>" not in page
    assert "\x1b" not in page + str(render_overview(odd))


def test_the_command_that_gives_the_table_again_names_every_choice(table: Overview) -> None:
    assert command_of(table) == "comity verify --all"
    chosen = replace(table, choices=replace(table.choices, lists=("a b",), seed=7))
    assert command_of(chosen) == "comity verify --all --list 'a b' --seed 7"
