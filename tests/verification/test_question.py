"""Question files: what they mean, and that a slip in one is named with its place."""

import datetime as dt

import pytest

from comity.errors import QuestionError
from comity.verification.question import (
    TEMPLATE,
    check_questions,
    load_question,
    new_question,
    read_question,
    shipped_questions,
)


def test_every_question_that_ships_can_be_asked():
    assert check_questions() == ()
    assert {
        "us-china-2015", "us-china-2015-mirror", "china-us-dyad", "uk-china-2015",
        "us-russia-2021",
    } <= set(shipped_questions())  # fmt: skip


def test_the_template_is_a_question():
    question = read_question(TEMPLATE)
    assert question.agreed == dt.date(2015, 9, 25)
    assert question.window_from == dt.date(2006, 1, 1)
    assert question.window_to == dt.date(2020, 12, 31)


def test_a_variant_takes_from_the_narrow_scope_what_it_does_not_say():
    question = read_question(TEMPLATE)
    whole, control = question.variants[0], question.controls[0]
    assert (whole.initiator, whole.receiver) == (("CN",), ("US",))
    assert (whole.objective, whole.target) == ((), ())
    assert control.objective == ("espionage",)
    assert control.target == ("government", "military")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('primary = "four-cells"', 'primary = "two-cells"', "'two-cells' is not one of four-cells"),
        ('initiator = ["CN"]', 'initiator = ["China"]', "'China' is not a country code"),
        ('initiator = ["CN"]', "initiator = []", "scope.initiator"),
        ('objective = ["espionage"]', 'objective = ["spying"]', "'spying' is not one of"),
        ('agreed = "2015-09-25"', 'agreed = "2015-09"', "must be a full day"),
        ('agreed = "2015-09-25"', 'agreed = "2015-09-31"', "not a day that exists"),
        ('from = "2006"', 'from = "2021"', "ends before it begins"),
        ('title = "What I ask, in one line"', 'titel = "x"', "titel"),
        ("https://example.org/page", "javascript:alert(1)", "not an http"),
        ('id = "whole-dyad"', 'id = "uncovered-targets"', "share an id"),
        ("[scope]", "[scope", "not TOML"),
    ],
)
def test_a_slip_is_named_with_its_place(old, new, said):
    assert old in TEMPLATE
    with pytest.raises(QuestionError, match="(?s)" + said.replace("(", r"\(")):
        read_question(TEMPLATE.replace(old, new, 1), "my.toml")


def test_every_slip_of_a_file_is_listed_at_once():
    text = TEMPLATE.replace('"CN"', '"Chn"').replace('"four-cells"', '"six"')
    with pytest.raises(QuestionError) as caught:
        read_question(text)
    assert "Chn" in str(caught.value)
    assert "six" in str(caught.value)


def test_an_unknown_question_is_answered_with_those_there_are():
    with pytest.raises(QuestionError, match="us-china-2015"):
        load_question("us-chine-2015")


def test_a_file_that_is_not_there_or_not_text_is_a_clear_error(tmp_path):
    with pytest.raises(QuestionError, match="Cannot read the question file"):
        load_question(tmp_path / "none.toml")
    bad = tmp_path / "bad.toml"
    bad.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(QuestionError, match="Cannot read the question file"):
        load_question(bad)


def test_a_new_question_never_overwrites_a_file(tmp_path):
    path = tmp_path / "mine.toml"
    new_question(path)
    assert load_question(path).id == "my-question"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(QuestionError, match="there already"):
        new_question(path)
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_definition_of_the_register_may_be_named_and_decides_what_it_takes() -> None:
    text = """
id = "q"
title = "t"
agreed = "2015-09-25"
[scope]
initiator = ["CN"]
receiver = ["US"]
objective = ["espionage"]
[[definition]]
id = "as-they-define-it"
by = "CN"
uses = "x-sco-2009-information-security"
[window]
from = "2006"
to = "2020"
"""
    (found,) = read_question(text).definitions
    assert (found.objective, found.target) == ((), ())
    assert found.uses == "x-sco-2009-information-security"
    with pytest.raises(QuestionError, match="uses names a definition"):
        read_question(text.replace('by = "CN"', 'by = "CN"\ntarget = ["private"]'))
