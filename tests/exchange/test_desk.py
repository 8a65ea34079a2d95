"""Two desks: what is sent arrives once, in order, whatever is lost, doubled or shuffled."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from pathlib import Path

import pytest
from desks import (
    CN,
    LINE,
    START,
    UN,
    US,
    WHAT,
    Clock,
    bring,
    carried,
    joined,
    made,
    sent,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.errors import ExchangeError, RefusedError
from comity.exchange.desk import Desk
from comity.exchange.model import Kind, Level, Message, Person, Reason, Role, State
from comity.exchange.sending import give_up
from comity.exchange.views import inbox, thread_view


def test_a_message_arrives_with_what_it_says(us: Desk, cn: Desk) -> None:
    joined(us, cn)
    message = sent(us, Kind.NOTIFICATION, WHAT)
    (outcome,) = bring(us, cn)
    assert outcome.state is State.ACCEPTED
    (received,) = cn.thread(message.header.thread)
    assert received.message.digest == message.digest
    assert cn.opened(received.message).fields == WHAT
    assert received.unread
    assert not us.thread(message.header.thread)[0].unread
    assert not us.deliveries()


def test_what_is_sealed_is_read_by_the_parties_alone(us: Desk, cn: Desk) -> None:
    joined(us, cn)
    message = sent(us, Kind.NOTIFICATION, WHAT, seal=True)
    assert "grid operator" not in str(carried(message))
    assert bring(us, cn)[0].state is State.ACCEPTED
    assert cn.opened(cn.thread(message.header.thread)[0].message).fields == WHAT
    assert us.opened(message).fields == WHAT


def test_the_same_again_is_held_and_not_doubled(us: Desk, cn: Desk) -> None:
    joined(us, cn)
    message = sent(us, Kind.NOTIFICATION, WHAT)
    assert [o.state for o in cn.accept(LINE, carried(message), US)] == [State.ACCEPTED]
    for _ in range(3):
        assert [o.state for o in cn.accept(LINE, carried(message), US)] == [State.HELD]
    assert cn.size(LINE) == 1


def test_what_comes_early_waits_for_what_it_follows(us: Desk, cn: Desk) -> None:
    joined(us, cn)
    first, second, third = (sent(us, Kind.NOTIFICATION, WHAT) for _ in range(3))
    assert cn.accept(LINE, carried(third), US)[0].state is State.WAITING
    assert cn.accept(LINE, carried(second), US)[0].state is State.WAITING
    assert cn.size(LINE) == 0
    assert cn.accept(LINE, carried(first), US)[0].state is State.ACCEPTED
    assert [r.message.header.number for r in cn.messages(LINE)] == [1, 2, 3]


def test_an_answer_waits_for_what_its_sender_had_seen(tmp_path: Path, clock: Clock) -> None:
    us, cn, un = (made(tmp_path, party, clock) for party in (US, CN, UN))
    joined(us, cn, un)
    asked = sent(us, Kind.REQUEST, WHAT)
    bring(us, cn)
    answer = {"answer": "Not known to us.", "final": "yes"}
    reply = sent(cn, Kind.REPLY, answer, thread=asked.header.thread, regards=asked.header.id)
    assert un.accept(LINE, carried(reply), CN)[0].state is State.WAITING
    bring(us, un)
    assert [r.message.digest for r in un.messages(LINE)] == [asked.digest, reply.digest]


def test_a_desk_set_back_does_not_sign_a_number_twice(tmp_path: Path, clock: Clock) -> None:
    us, cn = made(tmp_path, US, clock), made(tmp_path, CN, clock)
    joined(us, cn)
    sent(us, Kind.NOTIFICATION, WHAT)
    us.close()
    copy = {p.name: p.read_bytes() for p in us.home.glob("exchange.sqlite*")}
    us = Desk.open(us.home, clock)
    second = sent(us, Kind.NOTIFICATION, WHAT)
    bring(us, cn)
    us.close()
    for path in us.home.glob("exchange.sqlite*"):
        path.unlink()
    for name, content in copy.items():
        (us.home / name).write_bytes(content)
    us = Desk.open(us.home, clock)
    draft = us.draft(LINE, Kind.NOTIFICATION, fields=WHAT)
    with pytest.raises(ExchangeError, match="older than what it has sent"):
        us.release(draft.id)
    lost = [r.message for r in cn.messages(LINE)]
    assert [o.state for o in us.accept(LINE, [x for m in lost for x in carried(m)], CN)] == [
        State.HELD, State.ACCEPTED,
    ]  # fmt: skip
    assert [r.message.digest for r in us.messages(LINE)][-1] == second.digest
    third = us.release(draft.id)
    assert isinstance(third, Message)
    assert third.header.number == 3
    assert {o.state for o in bring(us, cn)} == {State.HELD, State.ACCEPTED}
    assert not us.alarms(), "what came back is no alarm any more"


def test_what_nobody_has_any_more_can_be_given_up_and_nothing_else(
    tmp_path: Path, clock: Clock
) -> None:
    us, cn = made(tmp_path, US, clock), made(tmp_path, CN, clock)
    line = joined(us, cn)
    us.close()
    copy = {p.name: p.read_bytes() for p in us.home.glob("exchange.sqlite*")}
    us = Desk.open(us.home, clock)
    with pytest.raises(ExchangeError, match="Nothing of"):
        give_up(us, line)
    sent(us, Kind.NOTIFICATION, WHAT)  # and never delivered
    us.close()
    for path in us.home.glob("exchange.sqlite*"):
        path.unlink()
    for name, content in copy.items():
        (us.home / name).write_bytes(content)
    us = Desk.open(us.home, clock)
    assert give_up(us, line).given == 1
    first = sent(us, Kind.NOTIFICATION, WHAT)
    assert first.header.number == 1
    assert bring(us, cn)[0].state is State.ACCEPTED
    us.close()
    for name, content in copy.items():
        (us.home / name).write_bytes(content)
    us = Desk.open(us.home, clock)
    answer = sent(cn, Kind.ACKNOWLEDGEMENT, thread=first.header.thread, regards=first.header.id)
    assert us.accept(LINE, carried(answer), CN)[0].state is State.WAITING
    with pytest.raises(ExchangeError, match="Another party has seen"):
        give_up(us, line)


def test_two_messages_with_one_number_are_a_contradiction_with_proof(
    tmp_path: Path, clock: Clock
) -> None:
    us, cn = made(tmp_path, US, clock), made(tmp_path, CN, clock)
    joined(us, cn)
    us.close()
    copy = {p.name: p.read_bytes() for p in us.home.rglob("*") if p.is_file()}
    us = Desk.open(us.home, clock)
    sent(us, Kind.NOTIFICATION, WHAT)
    bring(us, cn)
    us.close()
    for path in [*us.home.glob("exchange.sqlite*"), us.home / "sent.json"]:
        path.unlink(missing_ok=True)
    for name, content in copy.items():
        if name.startswith("exchange.sqlite"):
            (us.home / name).write_bytes(content)
    other = sent(
        Desk.open(us.home, clock), Kind.NOTIFICATION, {**WHAT, "happened": "Another thing."}
    )
    (outcome,) = cn.accept(LINE, carried(other), US)
    assert (outcome.state, outcome.reason) == (State.REFUSED, Reason.CONTRADICTION)
    assert any("contradiction" in name for name in cn.alarms())
    assert cn.size(LINE) == 1


def test_what_breaks_the_order_is_kept_and_has_no_effect(us: Desk, cn: Desk) -> None:
    joined(us, cn)
    asked = sent(us, Kind.NOTIFICATION, WHAT)
    bring(us, cn)
    with pytest.raises(RefusedError) as error:
        sent(cn, Kind.CHECK_ANSWER, thread=asked.header.thread, regards=asked.header.id)
    assert error.value.reason == Reason.ORDER
    assert cn.size(LINE) == 1


def test_the_clock_of_the_future_is_refused_until_it_is_reached(
    tmp_path: Path, clock: Clock
) -> None:
    ahead = Clock(START, dt.timedelta(hours=2))
    us, cn = made(tmp_path, US, ahead), made(tmp_path, CN, clock)
    clock.move(hours=1, minutes=58)
    joined(us, cn)
    clock.at = START
    message = sent(us, Kind.NOTIFICATION, WHAT)
    (outcome,) = cn.accept(LINE, carried(message), US)
    assert (outcome.state, outcome.reason) == (State.REFUSED, Reason.CLOCK)
    clock.move(hours=2)
    assert cn.accept(LINE, carried(message), US)[0].state is State.ACCEPTED


def test_two_persons_release_where_the_party_wants_it(tmp_path: Path, clock: Clock) -> None:
    us, cn = made(tmp_path, US, clock, two_persons=True), made(tmp_path, CN, clock)
    joined(us, cn)
    ann, ben = (Person(name, frozenset({Role.DRAFT, Role.RELEASE})) for name in ("ann", "ben"))
    draft = us.draft(LINE, Kind.NOTIFICATION, ann, fields=WHAT)
    assert not isinstance(us.release(draft.id, ann), Message)
    assert not isinstance(us.release(draft.id, ann), Message), "one person counts once"
    us.keep(replace(draft, provision="x"), ann)
    assert us.find_draft(draft.id).approvals == (), "a changed draft is released anew"
    us.release(draft.id, ann)
    assert isinstance(us.release(draft.id, ben), Message)
    assert us.size(LINE) == 1
    with pytest.raises(RefusedError, match="role release"):
        us.release(draft.id, Person("cy", frozenset({Role.DRAFT})))


def test_a_draft_that_lacks_what_is_required_stays_a_draft(us: Desk, cn: Desk) -> None:
    joined(us, cn)
    draft = us.draft(LINE, Kind.NOTIFICATION)
    with pytest.raises(RefusedError) as error:
        us.release(draft.id)
    assert error.value.reason == Reason.INCOMPLETE
    assert us.find_draft(draft.id).state == "draft"
    assert us.size(LINE) == 0


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32))
def test_whatever_is_lost_doubled_and_shuffled_both_journals_hold_the_same(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    chance, clock = random.Random(seed), Clock()
    folder = tmp_path_factory.mktemp("desks")
    us, cn = made(folder, US, clock), made(folder, CN, clock)
    joined(us, cn)
    wire: list[tuple[Desk, Message]] = []
    for _ in range(10):
        desk, other = chance.sample([us, cn], 2)
        wire.append((other, sent(desk, Kind.NOTIFICATION, WHAT)))
        for _ in range(chance.randint(0, 4)):
            target, message = chance.choice(wire)
            target.accept(LINE, carried(message), "relay.example")
    chance.shuffle(wire)
    for target, message in wire * 2:
        target.accept(LINE, carried(message), "relay.example")
    held = [{r.message.digest for r in desk.messages(LINE)} for desk in (us, cn)]
    assert held[0] == held[1]
    assert [desk.size(LINE) for desk in (us, cn)] == [10, 10]
    for desk in (us, cn):
        for party in (US, CN):
            numbers = [m.message.header.number for m in desk.messages(LINE)
                       if m.message.header.sender == party]  # fmt: skip
            assert numbers == sorted(numbers)
        desk.close()


def test_an_inbox_says_what_is_owed_and_overdue(us: Desk, cn: Desk, clock: Clock) -> None:
    joined(us, cn)
    message = sent(us, Kind.NOTIFICATION, WHAT, marking=Level.GREEN)
    bring(us, cn)
    (due,) = inbox(cn).owed_by_us
    assert (due.message, due.owes) == (message.header.id, Kind.ACKNOWLEDGEMENT)
    clock.move(hours=30)
    assert str(inbox(cn).owed_by_us[0].state) == "overdue"
    assert str(inbox(us).owed_to_us[0].state) == "overdue"
    sent(cn, Kind.ACKNOWLEDGEMENT, thread=message.header.thread, regards=message.header.id)
    assert not inbox(cn).owed_by_us
    view = thread_view(cn, message.header.thread)
    assert [str(s.received.message.header.kind) for s in view.messages] == [
        "notification", "acknowledgement",
    ]  # fmt: skip


def test_a_request_answered_in_part_is_still_owed(us: Desk, cn: Desk) -> None:
    joined(us, cn)
    asked = sent(us, Kind.REQUEST, WHAT)
    bring(us, cn)
    for final, owed in (("no", [Kind.REPLY]), ("yes", [])):
        sent(cn, Kind.REPLY, {"answer": "The first server is ours.", "final": final},
             thread=asked.header.thread, regards=asked.header.id, seal=True)  # fmt: skip
        assert [due.owes for due in inbox(cn).owed_by_us] == owed


def test_a_mistyped_line_is_taken_back_and_one_with_a_journal_is_not(us: Desk, cn: Desk) -> None:
    joined(us, cn)
    us.open_line("us-cn-hotlime", [CN])
    us.draft("us-cn-hotlime", Kind.CHECK)
    us.drop_line("us-cn-hotlime")
    assert [line.id for line in us.lines()] == [LINE]
    assert not us.drafts()
    sent(us, Kind.NOTIFICATION, WHAT)
    with pytest.raises(ExchangeError, match="what was said on it stays"):
        us.drop_line(LINE)
    with pytest.raises(ExchangeError, match="No line"):
        us.drop_line("us-cn-hotlime")
    assert us.size(LINE) == 1
