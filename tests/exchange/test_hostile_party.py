"""A party of the line that has a good key and means harm: what it sends hurts nobody but itself.

`us` is the desk whose key the attacker has, `cn` the one that is attacked.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from desks import CN, LINE, START, UN, US, WHAT, Clock, bring, carried, joined, made, sent
from hostile import NOTE, chain, changed, grouping, header, note, written
from sqlalchemy import func, select

from comity.errors import ExchangeError
from comity.exchange import tables, waiting
from comity.exchange.desk import Desk
from comity.exchange.messages import EXTENSION, message_id
from comity.exchange.model import Kind, Message, Reason, Seen, State
from comity.exchange.proofs import account_of
from comity.exchange.reading import Wanted
from comity.exchange.sending import dispute
from comity.exchange.views import find_thread, thread_view


def count(desk: Desk, table: Any, *where: Any) -> int:
    with desk.database.reading() as link:
        return int(link.execute(select(func.count()).select_from(table).where(*where)).scalar_one())


def refusal(desk: Desk, objects: list[Any]) -> Reason | None:
    """Hand in one message and return why it was refused; nothing else changed."""
    size = desk.size(LINE)
    (outcome,) = desk.accept(LINE, objects, US)
    assert outcome.state is State.REFUSED, outcome
    assert desk.size(LINE) == size
    return outcome.reason


# what is odd is refused, and no failure


@pytest.mark.parametrize(
    "content",
    [
        [["fields", "0" * 64], [1, "0" * 64], ["note--x", "0" * 64]],
        [["fields", "0" * 64], [None, "x"], ["a", "b"]],
        [["fields", "0" * 64], ["note\x00", "0" * 64]],
        [["fields", "0" * 64], ["\ud800", "0" * 64]],
        [["fields", "0" * 64], [["fields"], "0" * 64]],
        {"ab": "cd"},
        "fields",
        [{"a": 1, "b": 2}],
    ],
)
def test_content_that_is_none_is_refused(us: Desk, cn: Desk, content: Any) -> None:
    joined(us, cn)
    root = json.loads(json.dumps(written(us, header(us)).root))
    root["extensions"][EXTENSION]["header"]["content"] = content
    assert refusal(cn, [root]) == Reason.MALFORMED


@pytest.mark.parametrize("value", [None, 3, "text", [1], True, ["type"]])
def test_what_is_no_object_at_all_belongs_to_no_message(us: Desk, cn: Desk, value: Any) -> None:
    joined(us, cn)
    assert cn.accept(LINE, [value], US) == ()


@pytest.mark.parametrize("name", ["a\x00b", "\x1b[2Jgone", "\u202egpj.exe", "\x7f", "\ud800"])
def test_a_refusal_names_what_is_wrong_in_printable_characters(
    us: Desk, cn: Desk, name: str
) -> None:
    joined(us, cn)
    root = {**written(us, header(us)).root, name: 1, "id": name}
    (outcome,) = cn.accept(LINE, [root], US)
    assert outcome.reason == Reason.MALFORMED
    assert outcome.text.isprintable()
    assert outcome.id.isprintable()
    with cn.database.reading() as link:
        (kept,) = link.execute(select(tables.refusals.c.text)).scalars()
    assert kept.isprintable()


@pytest.mark.parametrize("name", ["\x00" * 43, "\x1b" * 43, "\u202e" * 43])
def test_a_key_named_in_characters_that_do_not_print_is_refused(
    us: Desk, cn: Desk, name: str
) -> None:
    import base64

    joined(us, cn)
    root = json.loads(json.dumps(written(us, header(us)).root))
    said = json.dumps({"alg": "Ed25519", "kid": name, "typ": "comity-message"}).encode()
    protected = base64.urlsafe_b64encode(said).decode().rstrip("=")
    root["extensions"][EXTENSION]["signature"] = f"{protected}..AAAA"
    (outcome,) = cn.accept(LINE, [root], US)
    assert outcome.state is State.REFUSED
    assert outcome.text.isprintable()


@pytest.mark.parametrize(
    ("member", "text"),
    [
        ("name", "x" * 201),
        ("name", "\u202egpj.exe"),
        ("name", "\x1b]0;title\x07"),
        ("name", "a\nb"),
        ("description", "x" * 70_000),
        ("description", "\x1b[2J"),
        ("description", "\u2066hidden\u2069"),
    ],
)
def test_a_subject_or_text_that_is_long_or_does_not_print_is_refused(
    us: Desk, cn: Desk, member: str, text: str
) -> None:
    joined(us, cn)
    root = changed(us, written(us, header(us)), lambda root: root.update({member: text}))
    assert refusal(cn, [root]) == Reason.MALFORMED


def test_a_sealed_message_has_no_open_text_beside_what_is_sealed(us: Desk, cn: Desk) -> None:
    joined(us, cn)
    keys = [*us.ring.public(), *cn.ring.public()]
    sealed = written(us, header(us), sealing=[k for k in keys if k.use == "enc"])
    root = changed(us, sealed, lambda root: root.update({"description": "Something else."}))
    assert refusal(cn, [*sealed.objects, root]) == Reason.MALFORMED


def test_a_message_that_saw_itself_is_refused_and_does_not_wait(us: Desk, cn: Desk) -> None:
    joined(us, cn)
    root = changed(us, written(us, header(us)), _sees_itself)
    assert refusal(cn, [root]) == Reason.MALFORMED


def _sees_itself(root: dict[str, Any]) -> None:
    root["extensions"][EXTENSION]["header"]["seen"] = [[US, 7, "0" * 64]]


@pytest.mark.parametrize(
    "change",
    [
        {"number": 1.0},
        {"number": True},
        {"number": -0},
        {"number": 2**53},
        {"number": "1"},
        {"journal": [0.0, "0" * 64]},
    ],
)
def test_a_number_has_one_way_to_be_written(us: Desk, cn: Desk, change: dict[str, Any]) -> None:
    joined(us, cn)
    root = json.loads(json.dumps(written(us, header(us)).root))
    root["extensions"][EXTENSION]["header"].update(change)
    assert refusal(cn, [root]) == Reason.MALFORMED


# objects


def test_a_grouping_as_content_may_come_again(us: Desk, cn: Desk) -> None:
    joined(us, cn)
    for _ in range(2):
        sent(us, Kind.NOTIFICATION, WHAT, objects=[grouping()])
    assert [o.state for o in bring(us, cn)] == [State.ACCEPTED] * 2


def test_two_versions_of_an_object_come_in_one_request(us: Desk, cn: Desk) -> None:
    joined(us, cn)
    later = note("Corrected.", modified="2026-02-03T09:00:00.000Z")
    for one in (note(), later, note()):
        sent(us, Kind.NOTIFICATION, WHAT, objects=[one])
    assert [o.state for o in bring(us, cn)] == [State.ACCEPTED] * 3
    said = [cn.opened(r.message).objects[-1]["content"] for r in cn.messages(LINE)]
    assert said == ["Seen.", "Corrected.", "Seen."]


def test_an_object_under_anothers_id_and_version_does_not_stand_in_for_it(
    us: Desk, cn: Desk
) -> None:
    joined(us, cn)
    first = written(us, header(us), objects=[note("The attacker's words.")])
    assert cn.accept(LINE, carried(first), US)[0].state is State.ACCEPTED
    honest = sent(cn, Kind.NOTIFICATION, WHAT, objects=[note("The honest words.")])
    rows = cn.stored(LINE, Wanted(versions=("all",)), 100)
    assert us.accept(LINE, [json.loads(row.body) for row in rows], CN)[-1].digest == honest.digest
    held = {r.message.digest: r.message for r in us.messages(LINE)}
    assert held[honest.digest].objects[-1]["content"] == "The honest words."
    assert "honest" in cn.stored(LINE, Wanted(ids=(NOTE,)), 100)[-1].body


def test_a_message_hidden_in_the_content_of_another_is_no_message(us: Desk, cn: Desk) -> None:
    joined(us, cn)
    inner = written(us, header(us, 2))
    outer = written(us, header(us), objects=[inner.root])
    assert {o.state for o in cn.accept(LINE, carried(outer), US)} <= {State.REFUSED, State.WAITING}
    assert cn.size(LINE) == 0


# ids


def test_nobody_takes_the_id_of_anothers_message(tmp_path: Path, clock: Clock) -> None:
    us, cn, un = (made(tmp_path, party, clock) for party in (US, CN, UN))
    joined(us, cn, un)
    honest = sent(un, Kind.NOTIFICATION, WHAT)
    thief = written(us, header(us, id=honest.header.id))
    (outcome,) = cn.accept(LINE, carried(thief), US)
    assert (outcome.state, outcome.reason) == (State.REFUSED, Reason.MALFORMED)
    assert cn.accept(LINE, carried(honest), UN)[0].state is State.ACCEPTED
    assert not cn.alarms()
    for desk in (us, cn, un):
        desk.close()


def test_nobody_blocks_a_message_by_content_under_its_id(tmp_path: Path, clock: Clock) -> None:
    us, cn, un = (made(tmp_path, party, clock) for party in (US, CN, UN))
    joined(us, cn, un)
    honest = sent(un, Kind.NOTIFICATION, WHAT)
    at = str(honest.root["modified"])
    bait = grouping(id=honest.header.id, created=at, modified=at)
    assert cn.accept(LINE, carried(written(us, header(us), objects=[bait])), US)
    assert cn.accept(LINE, carried(honest), UN)[0].state is State.ACCEPTED
    rows = cn.stored(LINE, Wanted(ids=(honest.header.id,)), 10)
    assert honest.root in [json.loads(row.body) for row in rows]
    for desk in (us, cn, un):
        desk.close()


def test_an_id_says_line_sender_and_number(us: Desk, cn: Desk) -> None:
    joined(us, cn)
    ids = [sent(us, Kind.NOTIFICATION, WHAT).header.id for _ in range(2)]
    assert ids == [message_id(LINE, US, 1), message_id(LINE, US, 2)]
    assert len({*ids, message_id(LINE, CN, 1), message_id("other", US, 1)}) == 4


def test_a_thread_of_one_line_is_not_mixed_with_its_namesake_on_another(
    tmp_path: Path, clock: Clock
) -> None:
    us, cn, un = (made(tmp_path, party, clock) for party in (US, CN, UN))
    joined(us, cn)
    other = joined(us, cn, un, line="a-line-with-others")
    private = sent(cn, Kind.NOTIFICATION, WHAT)
    thread = private.header.thread
    clock.move(hours=1)
    bait = written(us, header(us, line=other.id, thread=thread), {**WHAT, "happened": "Bait."})
    assert cn.accept(other.id, carried(bait), US)[0].state is State.ACCEPTED
    assert [r.message.digest for r in cn.thread(thread)] == [private.digest]
    assert find_thread(cn, thread[:8]) == thread
    assert thread_view(cn, thread).line.id == LINE
    assert account_of(cn, thread)["objects"]
    assert "Bait." not in json.dumps(account_of(cn, thread))
    for desk in (us, cn, un):
        desk.close()


# floods


def test_refusals_without_end_fill_nothing(
    us: Desk, cn: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.exchange.refusals.MOST_REFUSALS", 5)
    joined(us, cn)
    good = written(us, header(us))
    bad = [{**good.root, "id": f"bad-{n}"} for n in range(20)]
    for _ in range(2):
        assert len(cn.accept(LINE, bad, US)) == 20
    assert count(cn, tables.refusals) == 5
    with cn.database.reading() as link:
        assert link.execute(select(func.max(tables.refusals.c.seq))).scalar_one() <= 10


def test_contradictions_without_end_are_proven_by_the_first(
    us: Desk, cn: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.exchange.refusals.MOST_PROOFS", 3)
    joined(us, cn)
    cn.accept(LINE, carried(written(us, header(us))), US)
    others = [written(us, header(us), {**WHAT, "happened": str(n)}) for n in range(6)]
    for one in (*others[:1], *others):
        assert cn.accept(LINE, carried(one), US)[0].reason == Reason.CONTRADICTION
    assert count(cn, tables.refusals, tables.refusals.c.root != "") == 3
    assert any(name.startswith("contradiction:") for name in cn.alarms())


def test_what_waits_is_bounded_in_number_and_bytes_for_each_party(
    us: Desk, cn: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    joined(us, cn)
    early = chain(us, 9)[1:]
    monkeypatch.setattr(waiting, "MOST_WAITING", 3)
    outcomes = [cn.accept(LINE, carried(one), US)[0] for one in early]
    assert [o.state for o in outcomes] == [State.WAITING] * 3 + [State.REFUSED] * 5
    assert outcomes[-1].reason == Reason.ORDER
    monkeypatch.setattr(waiting, "MOST_WAITING", 100)
    size = len(json.dumps([early[0].root, []]))
    monkeypatch.setattr(waiting, "MOST_WAITING_BYTES", size * 5)
    outcomes = [cn.accept(LINE, carried(one), US)[0] for one in early]
    assert {o.state for o in outcomes[:4]} == {State.WAITING}
    assert {o.state for o in outcomes[5:]} == {State.REFUSED}
    assert 3 < count(cn, tables.waiting) < 7


def test_what_fills_the_waiting_room_does_not_keep_others_out(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    us, cn, un = (made(tmp_path, party, clock) for party in (US, CN, UN))
    joined(us, cn, un)
    monkeypatch.setattr(waiting, "MOST_WAITING", 2)
    for one in chain(us, 5)[1:]:
        cn.accept(LINE, carried(one), US)
    first, second = (sent(un, Kind.NOTIFICATION, WHAT) for _ in range(2))
    assert cn.accept(LINE, carried(second), UN)[0].state is State.WAITING
    assert cn.accept(LINE, carried(first), UN)[0].state is State.ACCEPTED
    assert cn.size(LINE) == 2
    for desk in (us, cn, un):
        desk.close()


def test_threads_out_of_order_without_end_are_not_remembered(
    us: Desk, cn: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.exchange.threads.MOST_HEADERS", 4)
    joined(us, cn)
    previous = ""
    for n in range(1, 30):
        one = written(us, header(us, n, previous=previous, kind=Kind.CLOSURE), {})
        assert cn.accept(LINE, carried(one), US)[0].state is State.IRREGULAR
        previous = one.digest
    assert len(cn.intake.threads._held) <= 6


def test_what_waited_and_contradicts_blocks_nobody(us: Desk, cn: Desk) -> None:
    joined(us, cn)
    first = written(us, header(us))
    second = header(us, 2, previous=first.digest, seen=(Seen(CN, 1, "0" * 64),))
    sent(cn, Kind.NOTIFICATION, WHAT)
    assert cn.accept(LINE, carried(written(us, second)), US)[0].state is State.WAITING
    assert cn.accept(LINE, carried(first), US)[0].state is State.ACCEPTED
    assert any(name.startswith("contradiction:") for name in cn.alarms())
    honest = written(us, header(us, 2, previous=first.digest))
    assert cn.accept(LINE, carried(honest), US)[0].state is State.ACCEPTED
    assert count(cn, tables.waiting) == 0


# keys and time


def test_what_waited_is_refused_where_its_key_was_revoked_meanwhile(us: Desk, cn: Desk) -> None:
    from test_key_change import tell

    from comity.exchange.own import revoke

    joined(us, cn)
    first, second = (sent(us, Kind.NOTIFICATION, WHAT) for _ in range(2))
    assert cn.accept(LINE, carried(second), US)[0].state is State.WAITING
    stolen = us.ring.signing(us.clock()).public.kid
    revoke(us.book, us.ring, stolen, "stolen", us.clock())
    tell(us, cn)
    anew = us.due(CN, LINE, all=True)
    assert [m.digest for m in anew] == [first.digest, second.digest]
    assert cn.accept(LINE, carried(anew[0]), US)[0].state is State.ACCEPTED
    assert cn.size(LINE) == 1, "the second waited with the signature of a key revoked since"
    assert cn.accept(LINE, carried(anew[1]), US)[0].state is State.ACCEPTED


def test_a_message_that_came_again_signed_anew_waits_with_the_newer_signature(
    us: Desk, cn: Desk
) -> None:
    from test_key_change import tell

    from comity.exchange.own import revoke

    joined(us, cn)
    sent(us, Kind.NOTIFICATION, WHAT)
    second = sent(us, Kind.NOTIFICATION, WHAT)
    cn.accept(LINE, carried(second), US)
    revoke(us.book, us.ring, us.ring.signing(us.clock()).public.kid, "stolen", us.clock())
    tell(us, cn)
    first, again = us.due(CN, LINE, all=True)
    assert cn.accept(LINE, carried(again), US)[0].state is State.WAITING
    cn.accept(LINE, carried(first), US)
    assert cn.size(LINE) == 2


def test_an_answer_is_not_dated_before_what_it_answers(us: Desk, cn: Desk, clock: Clock) -> None:
    joined(us, cn)
    clock.move(hours=1)
    asked = sent(cn, Kind.REQUEST, WHAT)
    bring(cn, us)
    clock.move(days=10)
    early = header(us, kind=Kind.REPLY, thread=asked.header.thread, regards=asked.header.id)
    backdated = written(us, replace(early, sent=START), {"answer": "In time.", "final": "yes"})
    assert refusal(cn, carried(backdated)) == Reason.CLOCK


def test_a_desk_whose_clock_is_behind_dates_its_answer_after_what_it_answers(
    tmp_path: Path, clock: Clock
) -> None:
    import datetime as dt

    behind = Clock(clock.at, dt.timedelta(minutes=-14))
    us, cn = made(tmp_path, US, clock), made(tmp_path, CN, behind)
    behind.off = dt.timedelta(0)
    joined(us, cn)
    behind.off = dt.timedelta(minutes=-14)
    asked = sent(us, Kind.REQUEST, WHAT)
    bring(us, cn)
    answer = sent(cn, Kind.ACKNOWLEDGEMENT, thread=asked.header.thread, regards=asked.header.id)
    assert answer.header.sent > asked.header.sent
    assert bring(cn, us)[0].state is State.ACCEPTED
    us.close()
    cn.close()


def test_a_party_that_says_it_saw_what_was_never_sent_silences_nobody_for_good(
    us: Desk, cn: Desk
) -> None:
    line = joined(us, cn)
    with pytest.raises(ExchangeError, match="Nobody's word"):
        dispute(cn, line)
    liar = written(us, header(us, seen=(Seen(CN, 2**50, "0" * 64),)))
    cn.accept(LINE, carried(liar), US)
    draft = cn.draft(LINE, Kind.NOTIFICATION, fields=WHAT)
    with pytest.raises(ExchangeError, match="older than what it has sent"):
        cn.release(draft.id)
    assert dispute(cn, line) == (US,)
    cn.accept(LINE, carried(liar), US)
    assert isinstance(cn.release(draft.id), Message)
    assert cn.size(LINE) == 1


def test_a_number_that_cannot_be_kept_is_told_and_the_message_is_sent_once(
    us: Desk, cn: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    joined(us, cn)
    draft = us.draft(LINE, Kind.NOTIFICATION, fields=WHAT)
    monkeypatch.setattr("comity.exchange.water.write_whole", full)
    with pytest.raises(ExchangeError, match="The message is sent, as number 1"):
        us.release(draft.id)
    assert us.find_draft(draft.id).state == "sent"
    monkeypatch.undo()
    assert sent(us, Kind.NOTIFICATION, WHAT).header.number == 2
