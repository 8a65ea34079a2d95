"""A day's quota of a line: what is over it waits at its sender's desk, and the owner is told."""

from __future__ import annotations

from desks import CN, LINE, US, WHAT, Clock, bring, carried, joined, sent

from comity.exchange.desk import Desk
from comity.exchange.model import Kind, Reason, State
from comity.exchange.quota import MB, Quota
from comity.exchange.taxii.deliver import FOR_GOOD
from comity.exchange.views import inbox
from comity.report.exchange_lines import inbox_lines


def test_what_is_over_the_quota_is_refused_and_taken_in_the_next_day(
    us: Desk, cn: Desk, clock: Clock
) -> None:
    joined(us, cn)
    cn.set_quota(LINE, Quota(messages=2))
    for _ in range(3):
        sent(us, Kind.NOTIFICATION, WHAT)
    last = bring(us, cn)[-1]
    assert (last.state, last.reason) == (State.REFUSED, Reason.QUOTA)
    assert "3" not in last.text.partition("today")[0]
    assert "2 messages" in last.text
    assert cn.size(LINE) == 2
    assert [w.state for w in us.deliveries(LINE)] == ["due"]  # it is tried again
    assert Reason.QUOTA not in FOR_GOOD
    clock.move(days=1)
    assert [o.state for o in bring(us, cn)] == [State.ACCEPTED]


def test_bytes_count_too_and_a_small_quota_does_not_touch_another_party(
    us: Desk, cn: Desk, clock: Clock
) -> None:
    joined(us, cn)
    cn.set_quota(LINE, Quota(bytes=3000))
    for _ in range(4):
        sent(us, Kind.NOTIFICATION, {**WHAT, "happened": "x" * 1000})
    states = [o.state for o in bring(us, cn)]
    assert states[0] is State.ACCEPTED
    assert states[-1] is State.REFUSED
    _, used = cn.quota(LINE)
    assert used[US].messages == states.count(State.ACCEPTED)
    assert used[US].bytes >= 3000
    sent(cn, Kind.NOTIFICATION, WHAT)
    assert [o.state for o in bring(cn, us)] == [State.ACCEPTED]


def test_the_owner_is_alarmed_for_a_week(us: Desk, cn: Desk, clock: Clock) -> None:
    joined(us, cn)
    cn.set_quota(LINE, Quota(messages=1))
    sent(us, Kind.NOTIFICATION, WHAT)
    bring(us, cn)
    assert f"quota:{LINE}:{US}" not in cn.alarms()
    sent(us, Kind.NOTIFICATION, WHAT)
    bring(us, cn)
    assert cn.alarms()[f"quota:{LINE}:{US}"] == f"{clock.at:%Y-%m-%d}"
    told = " ".join("".join(pair) for pair in inbox_lines(inbox(cn), clock.at)).split()
    assert f"{US} brought more on {LINE} than it takes in a day" in " ".join(told)
    clock.move(days=9)
    assert f"quota:{LINE}:{US}" not in cn.alarms()


def test_what_comes_early_counts_when_it_comes_and_not_again(us: Desk, cn: Desk) -> None:
    joined(us, cn)
    cn.set_quota(LINE, Quota(messages=2))
    first, second = (sent(us, Kind.NOTIFICATION, WHAT) for _ in range(2))
    for _ in range(2):  # brought twice, it waits once
        assert cn.accept(LINE, carried(second), US)[0].state is State.WAITING
    assert cn.quota(LINE)[1][US].messages == 1
    assert cn.accept(LINE, carried(first), US)[0].state is State.ACCEPTED
    assert cn.size(LINE) == 2
    third = sent(us, Kind.NOTIFICATION, WHAT)
    assert cn.accept(LINE, carried(third), US)[0].reason is Reason.QUOTA


def test_nothing_held_already_and_nothing_of_ones_own_counts(us: Desk, cn: Desk) -> None:
    joined(us, cn)
    cn.set_quota(LINE, Quota(messages=1))
    message = sent(us, Kind.NOTIFICATION, WHAT)
    assert bring(us, cn)[0].state is State.ACCEPTED
    assert cn.accept(LINE, carried(message), US)[0].state is State.HELD
    assert cn.quota(LINE)[1][US].messages == 1
    assert CN not in cn.quota(LINE)[1]
    assert cn.quota(LINE)[0].bytes == 200 * MB
