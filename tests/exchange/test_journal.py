"""What is wrong with a journal is found, and the first of it named."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journal_world import CHINA, LINE, START, US, Party, at, rewritten, talk

from comity.errors import RefusedError
from comity.exchange.canonical import sha256
from comity.exchange.journal import (
    FaultKind,
    Head,
    JournalVerdict,
    Row,
    Sent,
    Witness,
    make_entry,
    read_entry,
    verify_journal,
)
from comity.exchange.proof_texts import header_in

TALK = talk(60)


def verdict(party: Party, rows: list[Row] | None = None, head: Head | None = None,
            witnesses: list[Witness] | None = None, sent: list[Sent] | None = None,
            ) -> JournalVerdict:  # fmt: skip
    return verify_journal(
        party.rows if rows is None else rows, LINE, party.name, head or party.head(),
        witnesses or (), sent or (),
    )  # fmt: skip


def held_of(party: Party, by: Party) -> list[Witness]:
    """The commitments to `party`'s journal that `by` holds: one in each message of it."""
    found = []
    for row in by.rows:
        header = header_in(row.text or "")
        assert header is not None
        if row.sender == party.name:
            found.append(Witness(*header["journal"], by.name, "2026-11-26"))
    return found


@pytest.mark.parametrize("messages", [0, 1, 2, 60])
def test_a_journal_as_it_was_kept_is_sound(messages: int) -> None:
    china, us = talk(messages)
    for party, other in ((china, us), (us, china)):
        sent = [Sent(*party.last.get(party.name, (0, "")), other.name)] if messages > 9 else []
        found = verdict(party, witnesses=held_of(party, other), sent=sent)
        assert found.sound, found.fault
        assert found.entries == messages
        assert found.root == party.tree.root()
        assert found.witnesses == len(held_of(party, other))


def test_an_entry_reads_back_as_it_was_made() -> None:
    entry = make_entry(LINE, 3, START, "sent", "d" * 64, US, 2, "e" * 64)
    assert read_entry(entry.body) == entry
    assert read_entry(entry.body, "0" * 64).hash == "0" * 64
    with pytest.raises(ValueError, match="received"):
        make_entry(LINE, 3, START, "kept", "d" * 64, US, 2, "")
    body = json.loads(entry.body)
    odd: list[object] = [[], 7, {}, {**body, "more": 1}, {**body, "n": True},
                         {**body, "sender": 4}, {**body, "recorded": "yesterday"}]  # fmt: skip
    for value in odd:
        with pytest.raises(RefusedError):
            read_entry(json.dumps(value))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 59), st.integers(0, 10**6), st.integers(0, 7), st.booleans())
def test_a_bit_turned_in_an_entry_or_message_is_found_there(
    k: int, place: int, bit: int, message: bool
) -> None:
    party = TALK[0]
    row = party.rows[k]
    text = bytearray(((row.text or "") if message else row.body).encode())
    text[place % len(text)] ^= 1 << bit
    turned = text.decode("latin-1")
    rows = list(party.rows)
    rows[k] = row._replace(text=turned) if message else row._replace(body=turned)
    fault = verdict(party, rows).fault
    assert fault is not None
    assert fault.n == k + 1
    assert fault.kind is (FaultKind.MESSAGE_ALTERED if message else FaultKind.CHANGED)


@given(st.integers(0, 59), st.integers(1, 5))
def test_entries_that_are_missing_are_named_whatever_the_rows_say(k: int, count: int) -> None:
    party = TALK[1]
    rows = party.rows[:k] + party.rows[k + count :]
    fault = verdict(party, rows).fault
    assert fault is not None
    assert fault.n == k + 1
    assert fault.kind is (FaultKind.GAP if k + count < 60 else FaultKind.CUT_SHORT)
    if k + count < 60:
        renumbered = [row._replace(n=n) for n, row in enumerate(rows, start=1)]
        again = verdict(party, renumbered).fault
        assert again is not None
        assert (again.kind, again.n) == (FaultKind.REORDERED, k + 1)


@given(st.integers(0, 59), st.integers(0, 59))
def test_two_entries_that_changed_places_are_found_at_the_first(i: int, j: int) -> None:
    party, first = TALK[0], min(i, j)
    rows = list(party.rows)
    rows[i], rows[j] = rows[j], rows[i]
    for shown in (rows, [row._replace(n=n) for n, row in enumerate(rows, start=1)]):
        fault = verdict(party, shown).fault
        if i == j:
            assert fault is None
        else:
            assert fault is not None
            assert (fault.kind, fault.n) == (FaultKind.REORDERED, first + 1)


@given(st.integers(0, 60), st.integers(0, 59))
def test_an_entry_put_in_a_second_time_is_found_where_it_was_put(place: int, which: int) -> None:
    party = TALK[0]
    rows = [*party.rows[:place], party.rows[which], *party.rows[place:]]
    fault = verdict(party, rows).fault
    assert fault is not None
    assert fault.kind is FaultKind.REORDERED
    # at `place` stands the copy, unless the copy is just what belongs there: then it is the next
    assert fault.n == (place + 2 if place == which else place + 1)


def test_an_entry_changed_with_its_hash_no_longer_carries_the_next() -> None:
    party = TALK[0]
    for k in range(60):
        body = party.rows[k].body.replace('"recorded":"2026', '"recorded":"2025')
        rows = list(party.rows)
        rows[k] = rows[k]._replace(body=body, hash=sha256(body.encode()))
        fault = verdict(party, rows).fault
        assert fault is not None
        kind = FaultKind.CHANGED if k < 59 else FaultKind.HEAD
        assert (fault.kind, fault.n) == (kind, k + 1)


def test_a_message_that_is_not_there_is_named() -> None:
    rows = list(TALK[0].rows)
    rows[7] = rows[7]._replace(text=None)
    fault = verdict(TALK[0], rows).fault
    assert fault is not None
    assert (fault.kind, fault.n) == (FaultKind.MESSAGE_MISSING, 8)


def test_columns_that_say_another_thing_than_their_entry_are_found() -> None:
    party = TALK[0]
    for change in ({"digest": "0" * 64}, {"sender": "other.example"}, {"number": 99}):
        rows = list(party.rows)
        rows[5] = rows[5]._replace(**change)
        fault = verdict(party, rows).fault
        assert fault is not None
        assert (fault.kind, fault.n) == (FaultKind.CHANGED, 6)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.sampled_from(["recorded", "drop"]))
def test_a_journal_written_anew_no_longer_fits_what_its_party_signed(n: int, how: str) -> None:
    party, other = TALK
    drop = how == "drop"
    false = rewritten(
        party, lambda k, _: (None if drop else {"recorded": at(-60)}) if k == n else {}
    )
    signed = [w.size for w in held_of(party, other) if w.size >= n]
    found = verdict(false, witnesses=held_of(party, other))
    if not signed and not (drop and party.rows[n - 1].sender == CHINA):
        assert found.sound  # nobody has signed for it yet: only a comparison would show it
        return
    if not signed:
        found = verdict(false, sent=[Sent(*party.last[CHINA], US)])
    assert found.fault is not None
    if not drop:
        assert found.fault.kind is FaultKind.REWRITTEN
        before = max((w.size for w in held_of(party, other) if w.size < n), default=0)
        assert before < found.fault.n <= n


def test_a_forged_head_is_found() -> None:
    party = TALK[0]
    good = party.head()
    for head in (
        Head(60, "0" * 64, good.root, good.last),
        Head(60, good.hash, "0" * 64, good.last),
        Head(60, good.hash, good.root, {**party.last, US: (1, "0" * 64)}),
        Head(58, party.rows[57].hash, good.root, good.last),
    ):
        fault = verdict(party, head=head).fault
        assert fault is not None
        assert fault.kind is FaultKind.HEAD
    fault = verdict(party, head=Head(61, good.hash, good.root)).fault
    assert fault is not None
    assert (fault.kind, fault.n) == (FaultKind.CUT_SHORT, 61)
    assert "after entry 60, and its head says 61" in fault.text


@pytest.mark.parametrize("kept", range(60))
def test_a_database_that_was_set_back_is_found_by_what_the_other_holds(kept: int) -> None:
    party, other = TALK
    back = rewritten(party, lambda k, _: {} if k <= kept else None)
    assert verdict(back).sound  # by itself nothing is wrong with it
    lost = [row for row in party.rows[kept:] if row.sender == CHINA]
    held = verdict(back, witnesses=held_of(party, other)).fault
    numbers = verdict(back, sent=[Sent(*party.last[CHINA], US)]).fault
    if any(w.size > kept for w in held_of(party, other)):
        assert held is not None
        assert (held.kind, held.n) == (FaultKind.ROLLED_BACK, kept + 1)
    if lost:
        assert numbers is not None
        assert (numbers.kind, numbers.n) == (FaultKind.ROLLED_BACK, kept + 1)
        assert f"{US} holds its message {party.last[CHINA][0]}" in numbers.text


def test_messages_brought_back_after_a_loss_explain_what_others_hold() -> None:
    china, us = talk(30, seed=5)
    back = rewritten(china, lambda k, _: {} if k <= 10 else None)
    assert not verdict(back, witnesses=held_of(china, us)).sound
    for row in us.rows:
        own = row.sender == CHINA
        if row.number > back.last.get(row.sender, (0, ""))[0]:
            back.take(row.text or "", "returned" if own else "received")
    found = verdict(back, witnesses=held_of(china, us), sent=[Sent(*china.last[CHINA], US)])
    assert found.sound, found.fault
    assert found.returned == sum(row.sender == CHINA for row in china.rows[10:])
    us.take(back.send())
    assert verdict(back, witnesses=held_of(back, us)).sound
    # what the other holds of the time after the loss still counts
    forged = rewritten(back, lambda k, _: {"recorded": at(1)} if k == len(back.rows) - 1 else {})
    fault = verdict(forged, witnesses=held_of(back, us)).fault
    assert fault is not None
    assert fault.kind is FaultKind.REWRITTEN


def test_another_message_under_a_number_that_somebody_holds_is_found() -> None:
    fault = verdict(TALK[0], sent=[Sent(3, "0" * 64, US)]).fault
    assert fault is not None
    assert fault.kind is FaultKind.REWRITTEN
    assert f"is another than {US} holds" in fault.text


def test_entries_of_another_line_party_or_kind_are_found() -> None:
    party = TALK[0]
    assert verify_journal(party.rows, "other-line", CHINA).fault is not None
    assert verify_journal(party.rows, LINE, US).fault is not None
    kinds = rewritten(party, lambda k, r: {"what": "kept"} if k == 4 else {})
    fault = verdict(kinds).fault
    assert fault is not None
    assert fault.n == 4


def test_what_was_said_to_be_received_must_have_been() -> None:
    china, us = Party(CHINA), Party(US)
    china.take(us.send())
    china.send(seen=[])
    fault = verdict(china).fault
    assert fault is not None
    assert (fault.kind, fault.n) == (FaultKind.REWRITTEN, 2)
    assert "other messages had been received" in fault.text


def test_a_message_left_out_with_its_entry_breaks_its_senders_chain() -> None:
    china, us = Party(CHINA), Party(US)
    texts = [us.send() for _ in range(3)]
    china.take(texts[0])
    china.take(texts[2])
    fault = verdict(china).fault
    assert fault is not None
    assert (fault.kind, fault.n) == (FaultKind.GAP, 2)


def test_a_check_is_asked_about_every_message_and_its_word_counts() -> None:
    asked: list[int] = []

    def check(row: Row, body: dict[str, object], header: dict[str, object]) -> str:
        assert body["digest"] == row.digest
        assert header["number"] == row.number
        asked.append(row.n)
        return "Its signature is not that of china.example." if row.n == 9 else ""

    party = TALK[0]
    fault = verify_journal(party.rows, LINE, CHINA, check=check).fault
    assert fault is not None
    assert asked == list(range(1, 10))
    assert (fault.kind, fault.n) == (FaultKind.MESSAGE_ALTERED, 9)
    assert "signature is not that" in fault.text


def test_a_clock_that_was_set_back_is_no_fault_and_is_counted() -> None:
    china = Party(CHINA)
    for back in (0, 3600, 0, 60):
        china.clock -= dt.timedelta(seconds=back)
        china.send()
    found = verdict(china)
    assert found.sound
    assert found.backwards == 2


@pytest.mark.parametrize("text", ["", "[]", "{", "7", '{"extensions": []}', '{"a":' * 5000])
def test_a_message_that_is_none_is_found_even_with_its_digest(text: str) -> None:
    china = Party(CHINA)
    china.send()
    row, digest = china.rows[0], sha256(text.encode())
    false = rewritten(china, lambda k, _: {"digest": digest})
    rows = [false.rows[0]._replace(digest=digest, text=text)]
    fault = verdict(china, rows).fault
    assert fault is not None
    assert (fault.kind, fault.n, row.n) == (FaultKind.CHANGED, 1, 1)
