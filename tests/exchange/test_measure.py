"""How a line was kept: times a reader can reckon on paper."""

from __future__ import annotations

import datetime as dt

import pytest
from order_world import START, World

from comity.exchange.measure import acts_of, line_record, times
from comity.exchange.model import Header, Kind, Line, Terms
from comity.exchange.rules import deadlines, state_of
from comity.process.model import CONTACT, ActKind
from comity.report.exchange_record import record_lines

CN, US = "china.example", "us.example"
TERMS = Terms(acknowledge_hours=24, answer_hours=72, check_days=30)
LINE = Line("us-cn-hotline", "Cybercrime hotline", (CN, US), TERMS)


def at(hours: float) -> dt.datetime:
    return START + dt.timedelta(hours=hours)


def told() -> tuple[dict[str, list[Header]], World]:
    """A check answered after 2 hours. A notification acknowledged after 5, a request acknowledged
    after 1 and answered after 10; a second answered after 100 hours, a third never."""
    check, talk = World.of((CN, US)), World.of((CN, US))
    sent = check.send(CN, Kind.CHECK, hours=0)
    check.deliver_all()
    check.send(US, Kind.CHECK_ANSWER, sent.id, hours=2)
    told = talk.send(US, Kind.NOTIFICATION, hours=10)
    asks = [talk.send(US, Kind.REQUEST, hours=h) for h in (20, 30, 40)]
    talk.deliver_all()
    talk.send(CN, Kind.ACKNOWLEDGEMENT, told.id, hours=15)
    talk.send(CN, Kind.ACKNOWLEDGEMENT, asks[0].id, hours=21)
    talk.send(CN, Kind.REPLY, asks[0].id, hours=30)
    talk.send(CN, Kind.REPLY, asks[1].id, hours=130)
    return {"c" * 36: check.sent, "t" * 36: talk.sent}, talk


def test_times_are_by_party_and_by_what_was_owed_on_what() -> None:
    threads, _ = told()
    found = line_record(LINE, threads, at(200)).times
    assert [(t.party, t.owes, t.on, t.asked, t.given, t.late, t.overdue) for t in found] == [
        (CN, Kind.ACKNOWLEDGEMENT, Kind.NOTIFICATION, 1, 1, 0, 0),
        (CN, Kind.ACKNOWLEDGEMENT, Kind.REQUEST, 3, 2, 1, 1),
        (CN, Kind.REPLY, Kind.REQUEST, 3, 2, 1, 1),
        (US, Kind.CHECK_ANSWER, Kind.CHECK, 1, 1, 0, 0),
    ]
    replies = found[2]
    assert (replies.median_hours, replies.least_hours, replies.most_hours) == (100.0, 10.0, 100.0)
    assert replies.share == pytest.approx(2 / 3)


def test_what_is_open_is_neither_given_nor_overdue() -> None:
    threads, talk = told()
    early = line_record(LINE, {"t" * 36: talk.sent[:4]}, at(41)).times
    assert [(t.owes, t.asked, t.open, t.overdue, t.share) for t in early] == [
        (Kind.ACKNOWLEDGEMENT, 1, 0, 1, 0.0),
        (Kind.ACKNOWLEDGEMENT, 3, 3, 0, None),
        (Kind.REPLY, 3, 3, 0, None),
    ]
    assert times((), at(0)) == ()
    del threads


def test_a_reply_that_says_more_will_follow_does_not_stop_the_clock() -> None:
    threads, talk = told()
    part = next(m.id for m in talk.sent if m.kind is Kind.REPLY)
    replies = line_record(LINE, threads, at(200), partial={part}).times[2]
    assert (replies.given, replies.overdue, replies.median_hours) == (1, 2, None)
    assert (replies.least_hours, replies.most_hours) == (100.0, 100.0)


def test_what_the_asker_gave_up_counts_as_longer_than_it_waited() -> None:
    talk = World.of((CN, US))
    asks = [talk.send(US, Kind.REQUEST, hours=h) for h in (0, 1, 2)]
    talk.deliver_all()
    talk.send(CN, Kind.REPLY, asks[0].id, hours=1 / 60)
    talk.deliver_all()
    talk.send(US, Kind.CLOSURE, hours=4)
    record = line_record(LINE, {"t" * 36: talk.sent}, at(300))
    replies = next(t for t in record.times if t.owes is Kind.REPLY)
    assert (replies.given, replies.lapsed, replies.median_hours) == (1, 2, None)
    text = " ".join("".join(a + b for a, b in record_lines(record, ())).split())
    assert "1 of 3 requests answered after 1 min, fewer than half, 2 lapsed" in text


def test_a_record_says_when_the_line_was_in_touch_and_whether_it_is_open() -> None:
    threads, _ = told()
    found = line_record(LINE, threads, at(200))
    assert (found.messages, found.consultations) == (10, 1)
    assert (found.checks, found.answered, found.answered_share) == (1, 1, 1.0)
    assert (found.last_check, found.last_contact) == (at(0), at(130))
    assert found.heard == {CN: at(130), US: at(40)}
    assert (found.days_since_contact, found.open) == (2, True)
    later = line_record(LINE, threads, at(130 + 24 * 33 + 1))
    assert (later.days_since_contact, later.open) == (33, False)


def test_a_line_on_which_nobody_answered_is_not_open() -> None:
    world = World.of((CN, US))
    world.send(CN, Kind.CHECK, hours=0)
    found = line_record(LINE, {"c" * 36: world.sent}, at(30))
    assert (found.last_contact, found.days_since_contact, found.open) == (None, None, False)
    assert (found.checks, found.answered, found.answered_share) == (1, 0, 0.0)
    empty = line_record(LINE, {}, at(0))
    assert (empty.messages, empty.checks, empty.answered_share, empty.open) == (0, 0, None, False)


def test_a_line_is_not_open_while_a_check_is_overdue() -> None:
    threads, _ = told()
    second = World.of((CN, US))
    second.send(CN, Kind.CHECK, hours=150)
    more = {**threads, "d" * 36: second.sent}
    assert line_record(LINE, more, at(160)).open
    assert not line_record(LINE, more, at(175)).open


def test_acts_tell_that_the_line_was_used_and_not_what_was_said() -> None:
    threads, _ = told()
    alone = World.of((CN, US))
    alone.send(US, Kind.CHECK, hours=50)
    acts = acts_of(LINE, {**threads, "e" * 36: alone.sent}, {CN: "CN", US: "US"})
    assert [(a.date.text, a.kind, a.actor, a.target, a.track) for a in acts] == [
        ("2026-11-26", ActKind.CHECK, ("US",), ("CN",), LINE.id),
        ("2026-11-27", ActKind.USE, ("US",), ("CN",), LINE.id),
    ]
    assert all(a.kind in CONTACT for a in acts)
    assert {(a.status, a.sources) for a in acts} == {("journal", ())}
    assert len({a.id for a in acts}) == len(acts)


def test_deadlines_and_times_agree_on_a_thread() -> None:
    _, talk = told()
    state = state_of(talk.sent, LINE.parties, TERMS, at(200))
    assert deadlines(state.case, TERMS, at(200)) == state.dues
    assert sum(t.asked for t in times(state.dues, at(200))) == len(state.dues)


def test_a_record_reads_as_sentences_within_the_width() -> None:
    threads, _ = told()
    record = line_record(LINE, threads, at(200))
    lines = record_lines(record, acts_of(LINE, threads, {CN: "CN"}), 80)
    assert max(len(a + b) for a, b in lines) <= 80
    text = " ".join(" ".join(a + b for a, b in lines).split())
    assert (
        "china.example: 2 of 3 requests answered after 10 h to 4 days 4 h, half of all within "
        "4 days 4 h, 1 late, 1 overdue" in text
    )
    assert "us.example: 1 of 1 checks answered after 2 h" in text
    quiet = " ".join(a + b for a, b in record_lines(line_record(LINE, {}, at(0)), ()))
    assert "not open; no party has answered another yet" in " ".join(quiet.split())
    assert "no communication check" in quiet
