"""Two verdicts side by side: each declared difference is named, and none is made up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import comity
from comity.history.canonical import canonical, question_sha256
from comity.history.compare import compare
from comity.history.entries import entry_of
from comity.history.model import Answer, Entry, EvidenceUsed
from comity.incidents.model import Evidence
from comity.report.verdicts import compared_lines, entry_lines, list_lines, text_of
from comity.verification.model import FieldChange
from comity.verification.question import load_question

FELL = Answer("fell", "Reported conduct fell.", 0.97)
NEW = EvidenceUsed("cfr", "2023-04", "2023-04", "a" * 64, "b" * 64, 500)


def other(entry: Entry, **changes: Any) -> Entry:
    """Return an entry with some things changed and another answer."""
    return replace(entry, number=2, **{"changed": FELL, **changes})


def test_the_same_twice_differs_in_nothing(entry: Entry) -> None:
    found = compare(entry, replace(entry, number=2, recorded="2030-01-01T00:00:00Z"))
    assert (found.reasons, found.answers, found.numbers) == ((), (), ())
    assert found.sentence == "Nothing declared differs, and the answer is the same."


def test_another_answer_from_the_same_declarations_is_called_a_fault(entry: Entry) -> None:
    found = compare(entry, other(entry))
    assert found.reasons == ()
    assert found.sentence.startswith("Everything declared is the same")
    assert "fault" in found.sentence
    assert found.answers[0] == FieldChange("Changed?", entry.changed.term, "fell")


def test_a_changed_question_is_named_field_by_field(entry: Entry, evidence: Evidence) -> None:
    asked = load_question("us-china-2015")
    moved = replace(asked, window_to=asked.window_to.replace(year=2019))
    found = compare(
        entry,
        other(entry, question=canonical(moved), question_sha256=question_sha256(moved)),
    )
    (reason,) = found.reasons
    assert reason.kind == "question"
    assert reason.changes == (FieldChange("window.to", "2020-12-31", "2019-12-31"),)
    assert found.sentence == "One thing differs (question): it is why the answer differs."


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda e: (replace(e, release="3.0"),), "another release of dcid"),
        (lambda e: (e, NEW), "cfr was added"),
        (lambda e: (), "dcid was left out"),
        (lambda e: (replace(e, content="0" * 64, incidents=424),), "dcid holds other facts"),
        (lambda e: (replace(e, sha256="0" * 64, content="1" * 64),), "another file"),
    ],
)
def test_changed_evidence_is_named_by_list(entry: Entry, change: Any, what: str) -> None:
    found = compare(entry, other(entry, evidence=change(entry.evidence[0])))
    (reason,) = found.reasons
    assert reason.kind == "evidence"
    assert what in reason.what
    assert reason.changes


def test_choices_code_register_and_libraries_are_each_named(entry: Entry) -> None:
    setting = entry.setting
    changed = other(
        entry,
        choices={**entry.choices, "first_of_year": "exact"},
        setting=replace(
            setting, code="0" * 64, register="1" * 64,
            libraries={**setting.libraries, "numpy": "9.9"},
        ),
    )  # fmt: skip
    found = compare(entry, changed)
    assert [r.kind for r in found.reasons] == ["choices", "code", "register", "libraries"]
    assert found.reasons[0].changes == (FieldChange("first_of_year", "year", "exact"),)
    assert "within version" in found.reasons[1].what
    assert found.sentence.startswith(
        "Several things differ (choices, code, register and libraries): each may be why."
    )


def test_another_version_is_named_by_its_number(entry: Entry) -> None:
    found = compare(entry, other(entry, setting=replace(entry.setting, version="9", code="0")))
    assert found.reasons[0].changes == (FieldChange("version", entry.setting.version, "9"),)


def test_libraries_alone_are_nothing_declared(entry: Entry) -> None:
    libraries = {**entry.setting.libraries, "machine": "abacus"}
    found = compare(entry, other(entry, setting=replace(entry.setting, libraries=libraries)))
    assert "only the libraries or the machine are others" in found.sentence


def test_a_difference_that_changes_nothing_is_said_to_change_nothing(entry: Entry) -> None:
    choices = {**entry.choices, "draws": 4001}
    found = compare(entry, replace(entry, number=2, choices=choices))
    assert found.sentence == "The answer is the same although something differs."


def test_numbers_stand_side_by_side_where_they_differ(entry: Entry, evidence: Evidence) -> None:
    alone = comity.verify("us-china-2015", evidence, mirror=False, seed=7)
    found = compare(entry, replace(entry_of(alone, evidence), number=2))
    assert [r.kind for r in found.reasons] == ["choices"]
    assert found.numbers
    assert all(a is not None and b is not None and a.key == b.key for a, b in found.numbers)
    text = text_of(compared_lines(found))
    assert "seed: 20150925 -> 7" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "verdict 2" in text


def test_pages_hold_to_80_columns_and_obey_nothing(entry: Entry) -> None:
    hostile = Answer("[red]x\x1b[2J", "a\nChanged? [rose]\u202e", None)
    nasty = replace(
        entry, changed=hostile, path="\x1b]0;t\x07p", mirror={"changed": "\x1b[1m"},
        question={**entry.question, "title": "t\r\nVerdict 9", "id": "\x1b[31mid"},
    )  # fmt: skip
    pages = (
        list_lines([nasty]),
        entry_lines(nasty),
        compared_lines(compare(entry, nasty)),
    )
    for page in pages:
        text = text_of(page)
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert max(map(len, text.splitlines())) <= 80
        assert not any(line.startswith("Changed? [rose]") for line in text.splitlines())
