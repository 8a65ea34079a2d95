"""The questions that ship, against the register they name: dates, parties, norms, sources."""

import pytest

from comity.instruments.model import Forum
from comity.instruments.register import load_register
from comity.verification.question import load_question, shipped_questions

REGISTER = load_register()


@pytest.fixture(params=shipped_questions())
def question(request):
    return load_question(request.param)


def members_of(instrument):
    rows = [p for p in REGISTER.parties if p.instrument == instrument]
    return {code for row in rows for code in row.codes}


def test_at_least_twelve_ship_and_every_one_is_asked_in_both_directions():
    questions = [load_question(name) for name in shipped_questions()]
    assert len(questions) >= 12
    for one in questions:
        other = load_question(one.mirror)
        assert other.mirror == one.id
        assert (other.scope.initiator, other.scope.receiver) == (
            one.scope.receiver, one.scope.initiator,
        )  # fmt: skip
        assert (other.instrument, other.agreed, other.norm) == (
            one.instrument, one.agreed, one.norm,
        )  # fmt: skip


def test_the_day_agreed_is_the_registers(question):
    date = REGISTER.instruments[question.instrument].date
    assert date.earliest == date.latest == question.agreed


def test_who_is_asked_about_is_a_party_where_there_are_parties(question):
    parties = members_of(question.instrument)
    asked = {*question.scope.initiator, *question.scope.receiver}
    if parties:
        assert asked <= parties
    else:  # a report of experts binds nobody: it can be asked of any pair
        assert REGISTER.instruments[question.instrument].forum is Forum.GLOBAL


def test_the_norm_is_one_the_instrument_states_and_it_prohibits(question):
    stated = {p.norm for p in REGISTER.provisions if p.instrument == question.instrument}
    assert question.norm in stated
    assert REGISTER.norms[question.norm].prohibits


def test_every_rival_has_a_source_and_another_day_than_the_agreement(question):
    for rival in question.rivals:
        assert rival.source.startswith("http")
        assert rival.date != question.agreed


def test_the_g20_question_asks_of_the_members_not_promised_the_same_before():
    members = members_of("g20-antalya-2015")
    before = members_of("us-china-2015") | members_of("uk-china-2015")
    countries = {m for m in members if not m.startswith("X-")}
    assert set(load_question("g20-china-2015").scope.receiver) == countries - before
