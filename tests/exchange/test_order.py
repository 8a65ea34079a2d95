"""The order of a thread: what may follow what, and that every party judges alike."""

from __future__ import annotations

import datetime as dt
import importlib.util
import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from order_world import START, World, header

from comity.errors import RefusedError
from comity.exchange.model import Header, Kind, Reason, Terms
from comity.exchange.order import BY_OTHERS, TRANSITIONS, Case, Place, Regards, case_of, may_send
from comity.exchange.past import clock_of, in_order, knew, knows_less, past_of
from comity.exchange.rules import Standing, allowed, deadlines, state_of

CN, US, RU = "china.example", "us.example", "russia.example"
NOW = START + dt.timedelta(hours=1000)


def both() -> World:
    return World.of((CN, US))


def consultation() -> tuple[World, Header]:
    """China has notified, America holds it."""
    world = both()
    first = world.send(CN, Kind.NOTIFICATION)
    world.deliver_all()
    return world, first


def why(world: World, one: Header) -> str:
    """What may_send says of a message, by its past among all messages."""
    with pytest.raises(RefusedError) as caught:
        may_send(past_of(one, world.sent), one, world.parties)
    assert caught.value.reason == Reason.ORDER
    return str(caught.value)


def test_a_thread_begins_with_a_check_a_notification_or_a_request() -> None:
    for kind in Kind:
        first = header(CN, 1, kind)
        if kind in (Kind.CHECK, Kind.NOTIFICATION, Kind.REQUEST):
            may_send((), first, (CN, US))
        else:
            with pytest.raises(RefusedError, match="before a thread is begun"):
                may_send((), first, (CN, US))


def test_a_check_is_done_when_each_other_party_has_answered_once() -> None:
    world = World.of((CN, US, RU))
    check = world.send(CN, Kind.CHECK)
    world.deliver_all()
    world.send(US, Kind.CHECK_ANSWER, check.id)
    world.deliver_all()
    assert world.cases[CN].place_of(CN) is Place.CHECK
    again = world.send(US, Kind.CHECK_ANSWER, check.id)
    assert "has sent its check-answer of this communication-check already" in why(world, again)
    world.send(RU, Kind.CHECK_ANSWER, check.id)
    world.deliver_all()
    assert {world.cases[p].place_of(p) for p in world.parties} == {Place.CHECKED}
    late = world.send(CN, Kind.NOTIFICATION)
    assert "may send in this thread: nothing" in why(world, late)


def test_who_checks_does_not_answer_itself() -> None:
    world = both()
    check = world.send(CN, Kind.CHECK)
    own = world.send(CN, Kind.CHECK_ANSWER, check.id)
    assert "its sender's own communication-check" in why(world, own)


def test_a_message_is_acknowledged_once_by_each_other_party_and_no_acknowledgement_is() -> None:
    world, first = consultation()
    receipt = world.send(US, Kind.ACKNOWLEDGEMENT, first.id)
    world.deliver_all()
    assert "already" in why(world, world.send(US, Kind.ACKNOWLEDGEMENT, first.id))
    assert "own notification" in why(world, world.send(CN, Kind.ACKNOWLEDGEMENT, first.id))
    assert "acknowledgement" in why(world, world.send(CN, Kind.ACKNOWLEDGEMENT, receipt.id))
    assert "regards no message" in why(world, world.send(US, Kind.ACKNOWLEDGEMENT))


def test_a_request_may_be_answered_in_several_replies_but_not_by_who_asked() -> None:
    world, _ = consultation()
    asked = world.send(US, Kind.REQUEST)
    world.deliver_all()
    for _ in range(3):
        may_send(world.held[CN], world.send(CN, Kind.REPLY, asked.id), world.parties)
    assert "a reply regards a request of another party" in why(
        world, world.send(US, Kind.REPLY, asked.id)
    )


def test_a_party_corrects_what_it_said_itself_and_nothing_else() -> None:
    world, first = consultation()
    right = world.send(CN, Kind.CORRECTION, first.id)
    may_send(past_of(right, world.sent), right, world.parties)
    assert f"{CN}'s notification" in why(world, world.send(US, Kind.CORRECTION, first.id))


def test_after_its_closure_a_party_only_acknowledges_replies_and_corrects() -> None:
    world, first = consultation()
    asked = world.send(US, Kind.REQUEST)
    world.deliver_all()
    world.send(CN, Kind.CLOSURE)
    case = world.cases[CN]
    assert case.place_of(CN) is Place.DONE
    assert dict(case.allowed(CN)) == {
        Kind.ACKNOWLEDGEMENT: (asked.id,), Kind.REPLY: (asked.id,), Kind.CORRECTION: (first.id,),
    }  # fmt: skip
    for kind in (Kind.REQUEST, Kind.NOTIFICATION, Kind.OPINION, Kind.CLOSURE):
        assert "after its sender's own closure" in why(world, world.send(CN, kind))


def test_when_all_have_closed_only_corrections_pass() -> None:
    world, first = consultation()
    world.send(CN, Kind.CLOSURE)
    world.deliver_all()
    world.send(US, Kind.CLOSURE)
    world.deliver_all()
    state = state_of(world.sent, world.parties, Terms(), NOW)
    assert state.place is Place.CLOSED
    assert allowed(state, CN) == ((Kind.CORRECTION, (first.id,)),)
    assert allowed(state, US) == ()
    assert "every party has closed" in why(world, world.send(US, Kind.ACKNOWLEDGEMENT, first.id))


def test_two_messages_that_did_not_know_each_other_are_both_in_order() -> None:
    """Both close at once, and America asks once more before it holds China's closure."""
    world, _ = consultation()
    world.send(CN, Kind.CLOSURE)
    asked = world.send(US, Kind.REQUEST)
    world.send(US, Kind.CLOSURE)
    world.deliver_all()
    state = state_of(world.sent, world.parties, Terms(), NOW)
    assert not state.irregular
    assert state.place is Place.CLOSED
    assert [d.state for d in state.dues if d.message == asked.id] == [Standing.LAPSED] * 2


def test_what_is_out_of_order_has_no_effect_and_nothing_can_rest_on_it() -> None:
    world, _ = consultation()
    wrong = world.send(US, Kind.REPLY, "nothing/1")
    world.deliver_all()
    after = world.send(CN, Kind.ACKNOWLEDGEMENT, wrong.id)
    assert "was out of order" in why(world, after)
    state = state_of(world.sent, world.parties, Terms(), NOW)
    assert set(state.irregular) == {wrong.id, after.id}


def test_a_stranger_is_told_who_the_parties_are() -> None:
    with pytest.raises(RefusedError, match=r"iran\.example is no party of this line"):
        may_send((), header("iran.example", 1, Kind.CHECK), (CN, US))


def test_the_table_reaches_every_place_and_has_one_rule_for_each_place_and_kind() -> None:
    pairs = [(one.place, one.kind) for one in TRANSITIONS]
    assert len(pairs) == len(set(pairs))
    ways = [(one.place, to) for one in TRANSITIONS for to in one.then]
    ways += [(a, b) for a, _, b in BY_OTHERS]
    reached = {Place.NOTHING}
    for _ in Place:
        reached |= {to for at, to in ways if at in reached}
    assert reached == set(Place)
    assert {one.kind for one in TRANSITIONS} == set(Kind)
    assert {one.regards for one in TRANSITIONS} == set(Regards)


def test_an_order_is_found_for_messages_that_know_each_other_in_turn_and_never_in_a_ring() -> None:
    world, first = consultation()
    second = world.send(US, Kind.ACKNOWLEDGEMENT, first.id, hours=-5)  # a clock that is behind
    assert in_order([second, first]) == (first, second)
    ring = [header(CN, 1, Kind.CHECK, {US: 1}), header(US, 1, Kind.CHECK, {CN: 1})]
    with pytest.raises(RefusedError, match="claims to know a message that claims to know it"):
        in_order(ring)


def test_a_sender_cannot_unlearn_what_it_knew() -> None:
    before = header(CN, 4, Kind.REQUEST, {US: 7, RU: 2})
    assert knows_less(header(CN, 5, Kind.REQUEST, {US: 7, RU: 2}), before) == ""
    assert knows_less(header(CN, 5, Kind.REQUEST, {US: 6, RU: 2}), before) == US
    assert knows_less(header(US, 8, Kind.REQUEST, {CN: 4}), before) == RU
    world, first = consultation()
    world.send(CN, Kind.CLOSURE)
    world.deliver_all()
    world.send(US, Kind.ACKNOWLEDGEMENT, first.id)
    lie = header(US, 2, Kind.OPINION, {CN: 1}, hours=9)  # it has seen China's second
    with pytest.raises(RefusedError, match=r"know less of china\.example"):
        may_send(past_of(lie, world.sent), lie, world.parties)


# Any history, delivered in any order.

steps = st.lists(
    st.tuples(
        st.sampled_from(["legal", "any", "deliver", "deliver"]),
        st.integers(0, 2), st.integers(0, 10**6), st.integers(0, 10**6),
    ),
    max_size=60,
)  # fmt: skip


def played(parties: tuple[str, ...], moves: list[tuple[str, int, int, int]]) -> World:
    """A history in which parties send what is allowed, or anything at all."""
    world = World.of(parties)
    for what, who, first, second in moves:
        party = parties[who % len(parties)]
        choices = list(world.cases[party].allowed(party))
        if what == "deliver":
            world.deliver(party, first)
        elif what == "legal" and choices:
            kind, ids = choices[first % len(choices)]
            one = world.send(party, kind, ids[second % len(ids)])
            world.legal.add(one.id)
        elif what == "any":
            targets = ["", "nowhere/1", *(one.id for one in world.held[party])]
            world.send(party, list(Kind)[first % len(Kind)], targets[second % len(targets)])
    return world


@given(st.integers(2, 3), steps, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_every_party_comes_to_one_state_whatever_the_order_of_arrival(
    size: int, moves: list[tuple[str, int, int, int]], chance: random.Random
) -> None:
    parties = (CN, US, RU)[:size]
    world = played(parties, moves)
    early = {p: dict(world.cases[p].irregular) for p in parties}
    for party in parties:  # the rest arrives, each in an order of its own
        while world.under_way(party):
            world.deliver(party, chance.randrange(10))
    shuffled = list(world.sent)
    chance.shuffle(shuffled)
    state = state_of(shuffled, parties, Terms(), NOW)
    assert sorted(state.messages) == sorted(one.id for one in world.sent)
    for party in parties:
        case = world.cases[party]
        assert case.irregular == state.case.irregular
        assert early[party].items() <= case.irregular.items()  # no judgement is ever revised
        assert set(case.valid) == set(state.case.valid)
        assert state_of(world.held[party], parties, Terms(), NOW) == state
        assert deadlines(case, Terms(), NOW) == state.dues
    for one in world.sent:  # and a judge that holds only what its sender knew says the same
        alone = case_of(past_of(one, shuffled), parties)
        assert bool(alone.refusal(one)) is (one.id in state.irregular)
    assert not world.legal & set(state.irregular)


@given(st.integers(2, 3), steps)
@settings(max_examples=150, deadline=None)
def test_nothing_illegal_passes(size: int, moves: list[tuple[str, int, int, int]]) -> None:
    """The rules once more, in words of their own, over what was accepted."""
    parties = (CN, US, RU)[:size]
    world = played(parties, moves)
    valid = case_of(world.sent, parties).valid
    for one in valid.values():
        before = [o for o in valid.values() if knew(clock_of(one), o)]
        kinds = {o.kind for o in before}
        own = {o.kind for o in before if o.sender == one.sender}
        closed = {o.sender for o in before if o.kind is Kind.CLOSURE}
        about = valid.get(one.regards)
        assert not one.regards or about in before
        begins = one.kind in (Kind.CHECK, Kind.NOTIFICATION, Kind.REQUEST)
        assert before or begins
        if one.kind is Kind.CHECK:
            assert not before
        if one.kind is Kind.CHECK_ANSWER:
            assert about is not None
            assert about.kind is Kind.CHECK
        elif before:
            assert kinds & {Kind.NOTIFICATION, Kind.REQUEST}
        if Kind.CLOSURE in own:
            assert one.kind in (Kind.ACKNOWLEDGEMENT, Kind.REPLY, Kind.CORRECTION)
        if closed == set(parties):
            assert one.kind is Kind.CORRECTION
        if one.kind in (Kind.ACKNOWLEDGEMENT, Kind.REPLY, Kind.CHECK_ANSWER):
            assert about is not None
            assert about.sender != one.sender
        if one.kind is Kind.CORRECTION:
            assert about is not None
            assert about.sender == one.sender
        if one.kind is Kind.REPLY:
            assert about is not None
            assert about.kind is Kind.REQUEST
    for kind in (Kind.ACKNOWLEDGEMENT, Kind.CHECK_ANSWER):
        done = [(o.sender, o.regards) for o in valid.values() if o.kind is kind]
        assert len(done) == len(set(done))
    closures = [o.sender for o in valid.values() if o.kind is Kind.CLOSURE]
    assert len(closures) == len(set(closures))


def test_a_long_thread_is_judged_message_by_message_without_reading_it_anew() -> None:
    """1,000 messages: a case asks of each at most what is open, never all messages before it."""
    case = Case((CN, US))
    numbers = {CN: 0, US: 0}
    looked = itertools.count()

    class Counted(dict):  # type: ignore[type-arg]
        def values(self):  # type: ignore[no-untyped-def]
            next(looked)
            return super().values()

    case.valid = Counted()
    previous = ""
    for n in range(1000):
        who, other = (CN, US) if n % 2 == 0 else (US, CN)
        numbers[who] += 1
        kind = Kind.NOTIFICATION if n % 2 == 0 else Kind.ACKNOWLEDGEMENT
        regards = previous if n % 2 else ""
        one = header(who, numbers[who], kind, {other: numbers[other]}, regards=regards)
        assert case.add(one) == ""
        previous = one.id
    assert next(looked) == 0
    assert len(case.valid) == 1000


# What is due.


def test_time_runs_by_the_terms_and_a_messages_own_deadline_goes_before_them() -> None:
    terms = Terms(acknowledge_hours=24, answer_hours=72)
    asked = header(US, 1, Kind.REQUEST)
    rush = header(US, 2, Kind.REQUEST, deadline=START + dt.timedelta(hours=6))
    found = state_of([asked, rush], (CN, US), terms, START + dt.timedelta(hours=30)).dues
    assert [(d.message, d.owes, (d.due - START).total_seconds() / 3600, d.explicit, d.state)
            for d in found] == [
        (asked.id, Kind.ACKNOWLEDGEMENT, 24.0, False, Standing.OVERDUE),
        (asked.id, Kind.REPLY, 72.0, False, Standing.DUE),
        (rush.id, Kind.ACKNOWLEDGEMENT, 6.0, True, Standing.OVERDUE),
        (rush.id, Kind.REPLY, 6.0, True, Standing.OVERDUE),
    ]  # fmt: skip


def test_a_partial_reply_acknowledges_and_does_not_answer() -> None:
    world, _ = consultation()
    asked = world.send(US, Kind.REQUEST, hours=1)
    world.deliver_all()
    part = world.send(CN, Kind.REPLY, asked.id, hours=10)
    whole = world.send(CN, Kind.REPLY, asked.id, hours=100)

    def owed(*partial: str) -> dict[Kind, tuple[dt.datetime | None, Standing]]:
        dues = state_of(world.sent, world.parties, Terms(), NOW, partial).dues
        return {d.owes: (d.met, d.state) for d in dues if d.message == asked.id}

    assert owed()[Kind.REPLY] == (part.sent, Standing.MET)
    assert owed(part.id)[Kind.REPLY] == (whole.sent, Standing.LATE)
    assert owed(part.id)[Kind.ACKNOWLEDGEMENT] == (part.sent, Standing.MET)
    assert owed(part.id, whole.id)[Kind.REPLY] == (None, Standing.OVERDUE)


def test_who_asked_and_closed_waits_no_longer() -> None:
    world, first = consultation()
    world.send(CN, Kind.CLOSURE, hours=23)
    (due,) = state_of(world.sent, world.parties, Terms(), NOW).dues
    assert (due.message, due.state, due.open) == (first.id, Standing.LAPSED, False)
    late, again = consultation()
    late.send(CN, Kind.CLOSURE, hours=25)
    state = state_of(late.sent, late.parties, Terms(), NOW)
    assert [(d.message, d.state) for d in state.dues] == [(again.id, Standing.MISSED)]
    assert state.overdue == ()


def test_what_is_overdue_longest_comes_first() -> None:
    old = header(US, 1, Kind.REQUEST)
    new = header(US, 2, Kind.NOTIFICATION, hours=5)
    state = state_of([new, old], (CN, US), Terms(), NOW)
    assert [d.message for d in state.overdue] == [old.id, new.id, old.id]


def test_the_drawing_in_the_docs_is_made_from_the_table() -> None:
    path = Path(__file__).resolve().parents[2] / "tools" / "exchange_order.py"
    spec = importlib.util.spec_from_file_location("exchange_order", path)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.main([]) == 0, "python tools/exchange_order.py --write"
    drawn = "\n".join(tool.drawing())
    assert "open --> done: closure" in drawn
    assert "done --> closed: another's closure" in drawn
