"""Questions about implementation: what the register records, and what is not asked."""

import datetime as dt
from dataclasses import replace

import pytest

from comity.api_all import verify_implementation
from comity.errors import QuestionError
from comity.instruments.model import Status
from comity.instruments.register import load_register
from comity.verification.implementation import (
    ImplementationQuestion,
    load_any_question,
    read_implementation,
)
from comity.verification.question import IMPLEMENTATION, load_question, shipped_questions

REGISTER = load_register()
MADE = ImplementationQuestion("made", "Made", "osce-1106", dt.date(2013, 12, 3))
TEXT = """
id = "mine"
title = "Mine"
kind = "implementation"
instrument = "us-russia-2013"
agreed = "2013-06-17"
"""


@pytest.mark.parametrize("name", shipped_questions(IMPLEMENTATION))
def test_every_one_that_ships_counts_nothing_and_says_what_is_on_record(name):
    verdict = verify_implementation(name)
    assert verdict.changed.term == verdict.because.term == "not asked"
    assert "incident counts do not speak to it" in verdict.changed.sentence
    assert verdict.changed.probability is None
    assert verdict.kept.term.startswith("follow-up on record")
    for track in verdict.tracks:
        assert track.name in verdict.kept.sentence
        assert str(track.since) in verdict.kept.sentence
        assert track.sources
    assert not any(REGISTER.norms[m.provision.norm].prohibits for m in verdict.measures)


def test_the_lines_of_2013_are_one_group_that_ended_and_three_without_an_end():
    verdict = verify_implementation("us-russia-2013")
    assert verdict.kept.term == "follow-up on record: 4 lines, 1 ended"
    assert [t.id for t in verdict.tracks if t.until] == ["us-ru-bpc-ict"]
    assert {a.party for a in verdict.accounts} == {
        "United States (Daniel, cyber coordinator in 2016)",
        "Washington Post (Ignatius), American officials unnamed",
    }
    assert "first used" in verdict.kept.sentence


def test_a_text_that_adds_to_another_has_its_follow_up_and_says_so():
    verdict = verify_implementation("osce-cbm-2016")
    assert {t.instrument for t in verdict.tracks} == {"osce-1106"}
    assert any("osce-1106, to which this text adds" in c for c in verdict.caveats)


def test_without_follow_up_on_record_nothing_is_concluded():
    bare = replace(REGISTER, tracks=())
    verdict = verify_implementation(MADE, bare)
    assert verdict.kept.term == "no follow-up on record here"
    assert "not evidence that nothing was done" in verdict.kept.sentence
    assert verdict.confidence.word == "low"


def test_confidence_is_moderate_only_where_every_row_was_read_at_its_source():
    def with_status(status):
        rows = tuple(replace(t, status=status) for t in REGISTER.tracks)
        return verify_implementation(MADE, replace(REGISTER, tracks=rows)).confidence.word

    assert with_status(Status.SEEN) == "moderate"
    assert with_status(Status.SECONDARY) == with_status(Status.UNVERIFIED) == "low"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"instrument": "us-china-2015", "agreed": dt.date(2015, 9, 25)}, "prohibits conduct"),
        ({"norms": ("commercial-theft",)}, "norm 'commercial-theft' is not the instrument's"),
        ({"topics": ("who pays",)}, "topic 'who pays' is not the instrument's"),
        ({"agreed": dt.date(2013, 12, 4)}, "the register dates it 2013-12-03"),
        ({"instrument": "nowhere-2013"}, "no instrument 'nowhere-2013'"),
    ],
)
def test_what_cannot_be_asked_so_is_refused_with_the_reason(changes, said):
    with pytest.raises(QuestionError, match=said):
        verify_implementation(replace(MADE, **changes))


def test_a_file_of_ones_own_is_read_and_a_slip_is_named(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(TEXT, encoding="utf-8")
    assert verify_implementation(path).instrument.id == "us-russia-2013"
    with pytest.raises(QuestionError, match="scope"):
        read_implementation(TEXT + "[scope]\ninitiator = ['US']\n")
    with pytest.raises(QuestionError, match="not TOML"):
        read_implementation("id = ")


def test_the_two_kinds_are_not_mixed_up():
    assert load_any_question("us-china-2015").id == "us-china-2015"
    with pytest.raises(QuestionError, match="asks about conduct"):
        verify_implementation("us-china-2015")
    with pytest.raises(QuestionError, match="asks about implementation"):
        load_question("osce-cbm-2013")
