"""Replies and corrections: attached, attributed, withdrawn but not removed, and never obeyed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import comity
from comity.errors import QuestionError, StoreError
from comity.history.replies import (
    COLUMNS,
    add_note,
    check_replies,
    replies_to,
    shipped_replies,
    standing_notes,
    withdraw_note,
)
from comity.incidents.model import Evidence
from comity.verification.model import Question, Reply
from comity.verification.question import load_question

GOOD = Reply("reply", "A ministry", "2026-02-01", "We kept it.", "https://example.org/a")


@pytest.fixture
def question() -> Question:
    return load_question("us-russia-2021")


def test_a_reply_is_printed_with_the_verdict_from_then_on(
    question: Question, evidence: Evidence
) -> None:
    note = add_note(question, GOOD)
    assert (note.number, note.question) == (1, "us-russia-2021")
    assert comity.verify(question, evidence, mirror=False).replies == (GOOD,)
    assert replies_to(load_question("us-china-2015")) == ()


def test_without_a_date_it_is_todays(question: Question) -> None:
    note = add_note(question, replace(GOOD, date=""))
    assert note.date == dt.datetime.now(dt.UTC).date().isoformat()


def test_they_stand_in_the_order_of_their_dates(question: Question) -> None:
    for date in ("2026-03", "2025", "2026-02-01"):
        add_note(question, replace(GOOD, date=date))
    assert [r.date for r in replies_to(question)] == ["2025", "2026-02-01", "2026-03"]


def test_one_given_on_an_earlier_wording_says_so(question: Question) -> None:
    add_note(question, GOOD)
    moved = replace(question, window_to=question.window_to.replace(year=2030))
    assert [r.outdated for r in replies_to(moved)] == [True]
    assert [r.outdated for r in replies_to(question)] == [False]


def test_what_is_withdrawn_stays_on_record_and_is_printed_no_more(
    question: Question, home: Path
) -> None:
    add_note(question, GOOD)
    add_note(question, replace(GOOD, party="Another"))
    withdraw_note(1, "entered by mistake")
    assert [r.party for r in replies_to(question)] == ["Another"]
    assert "A ministry" in (home / "history" / "replies.jsonl").read_text("ascii")
    for number in (1, 3, 9):
        with pytest.raises(StoreError, match=f"no reply or correction {number}"):
            withdraw_note(number, "")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source": "javascript:alert(1)"}, "not an http"),
        ({"source": ""}, "not an http"),
        ({"source": 'https://x.org/"><script>'}, "not an http"),
        ({"party": " "}, "no party"),
        ({"party": "x" * 121}, "121 characters"),
        ({"text": ""}, "no text"),
        ({"text": "x" * 2001}, "2001 characters"),
        ({"date": "soon"}, "not a date"),
        ({"kind": "verdict"}, "not one of reply, correction"),
    ],
)
def test_what_cannot_be_attached_is_refused_with_the_reason(
    question: Question, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(QuestionError, match=said):
        add_note(question, replace(GOOD, **change))
    assert standing_notes() == ()


def test_a_store_that_cannot_be_written_is_refused(question: Question, home: Path) -> None:
    home.write_text("not a folder", "utf-8")
    with pytest.raises(StoreError, match="cannot be written"):
        add_note(question, GOOD)
    assert replies_to(question) == ()


def test_unreadable_replies_are_a_caveat_and_stop_no_verdict(
    question: Question, home: Path, evidence: Evidence
) -> None:
    add_note(question, GOOD)
    path = home / "history" / "replies.jsonl"
    path.write_text(path.read_text("ascii").replace('"party"', '"partei"'), "ascii")
    found = comity.verify(question, evidence, mirror=False)
    assert found.replies == ()
    assert "Note has no party" in found.caveats[-1]


def test_the_table_that_ships_is_sound() -> None:
    assert check_replies() == ()
    assert isinstance(shipped_replies(), tuple)


def test_every_problem_of_a_table_is_listed_by_line(tmp_path: Path) -> None:
    rows = [
        ("us-russia-2021", "reply", "2026-01-05", "A", "x", "https://example.org", "seen"),
        ("", "protest", "soon", "", "", "ftp://x", "sure"),
        ("one", "cell"),
    ]
    path = tmp_path / "replies.tsv"
    path.write_text("\n".join("\t".join(r) for r in (COLUMNS, *rows)) + "\n", "utf-8")
    found = check_replies(path)
    assert {p.split(":")[1] for p in found} == {"3", "4"}
    assert len([p for p in found if ":3:" in p]) == 7
    assert found[-1] == "replies.tsv:4: 2 columns, not 7"
    path.write_text("other\theader\n", "utf-8")
    assert len(check_replies(path)) == 1


def test_a_reply_that_ships_is_printed_before_ones_own(
    question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = replace(GOOD, party="Shipped", date="2025-12-31", status="seen")
    row = "\t".join((question.id, *(getattr(shipped, c) for c in COLUMNS[1:])))
    table = "\t".join(COLUMNS) + f"\n{row}\n"
    monkeypatch.setattr("comity.history.replies._shipped_text", lambda: table)
    add_note(question, GOOD)
    assert replies_to(question) == (shipped, GOOD)
