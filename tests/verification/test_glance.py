"""A glance equals the verdict it is part of, field by field."""

import datetime as dt
from dataclasses import fields

import pytest
from made import evidence, incident, question, release

import comity
from comity.api import glance
from comity.dates import DateReading
from comity.errors import QuestionError
from comity.incidents.load import load_evidence
from comity.verification.glance import Glance
from comity.verification.model import Otherwise, Verdict
from comity.verification.verdict import judge


@pytest.fixture(autouse=True)
def _empty_home(tmp_path, monkeypatch):
    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def shipped():
    return load_evidence(("dcid",))


def assert_part_of(seen: Glance, verdict: Verdict) -> None:
    narrow = verdict.question.scope.id
    mine = tuple(c for c in verdict.change if (c.scope, c.outcome) == (narrow, "starts"))
    assert len({c.comparison for c in mine}) == 4
    assert seen.change == mine
    for field in fields(Glance):
        if field.name not in ("change", "activity"):
            assert getattr(seen, field.name) == getattr(verdict, field.name), field.name
    # repr, as a rate where nothing was fitted is not a number
    assert repr(seen.activity) == repr(verdict.activity)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("us-china-2015", {}),
        ("us-china-2015", {"as_of": dt.date(2019, 6, 30)}),
        ("us-china-2015", {"as_of": dt.date(2016, 1, 1)}),  # too soon: nothing is identified
        ("us-china-2015", {"reading": DateReading("exact", "exact"), "seed": 3, "level": 0.8}),
        ("us-china-2015", {"definition": "sco-2009"}),
        ("us-china-2015", {"otherwise": Otherwise("uncovered-targets", "target-alone", months=6)}),
        ("us-china-2015", {"otherwise": Otherwise(scope="as-china-defines-it")}),
        ("us-china-2015", {"otherwise": Otherwise(window_from=dt.date(2010, 1, 1))}),
        ("us-russia-2021", {}),
        ("china-us-dyad", {}),
        ("gge-2015-russia-ukraine", {"lists": ("dcid",)}),
    ],
)
def test_a_glance_is_the_verdicts_own_part(name, more, shipped):
    seen = glance(name, shipped, **more)
    assert_part_of(seen, comity.verify(name, shipped, mirror=False, **more))


def test_a_glance_at_two_lists_of_your_own_is_the_verdicts_own_part():
    rows = [
        incident(n, "ABCD"[n % 4], f"{2007 + n % 13}-0{1 + n % 9}-10", name=("one", "two")[n // 52])
        for n in range(104)
    ]
    held = evidence(rows, release("one"), release("two"))
    seen, verdict = glance(question(), held), judge(question(), held)
    assert seen.change[0].lists == ("one", "two")
    assert_part_of(seen, verdict)


def test_a_glance_refuses_what_a_verdict_refuses(shipped):
    with pytest.raises(QuestionError, match="has no scope 'nope'"):
        glance("us-china-2015", shipped, otherwise=Otherwise(scope="nope"))
    with pytest.raises(QuestionError, match="There is no list 'nope'"):
        glance("us-china-2015", shipped, lists=("nope",))
