"""A desk's journals, tampered with in the database itself: found, named, shown to others."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desks import CN, LINE, US, WHAT, Clock, acquainted, bring, joined, made, sent
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update

from comity.errors import ExchangeError, RefusedError
from comity.exchange import tables
from comity.exchange.account_check import same_account, verify_account
from comity.exchange.canonical import sha256
from comity.exchange.compare import Standing
from comity.exchange.desk import Desk
from comity.exchange.journal import FaultKind
from comity.exchange.model import Kind, Level
from comity.exchange.proofs import (
    account_of,
    compare_with,
    export_statement,
    last_entries,
    statement_of,
    take_statement,
    verify_line,
)

J, M, H = tables.journal.c, tables.messages.c, tables.heads.c
Databases = Callable[[], str]
Keep = Callable[[Desk], Desk]


@pytest.fixture
def keep() -> Iterator[Keep]:
    """Close every desk that goes through it, at the end."""
    opened: list[Desk] = []

    def kept(desk: Desk) -> Desk:
        opened.append(desk)
        return desk

    yield kept
    for desk in opened:
        desk.close()


@pytest.fixture
def talking(tmp_path: Path, database: Databases, keep: Keep) -> tuple[Desk, Desk]:
    """Two desks after a consultation: seven messages, in both journals."""
    clock = Clock()
    us = keep(made(tmp_path, US, clock, database()))
    cn = keep(made(tmp_path, CN, clock, database()))
    joined(us, cn)
    talk(us, cn)
    return us, cn


def talk(us: Desk, cn: Desk) -> str:
    """Say what is said in a consultation; return its thread."""
    first = sent(us, Kind.NOTIFICATION, WHAT, seal=True)
    bring(us, cn)
    thread, id = first.header.thread, first.header.id
    sent(cn, Kind.ACKNOWLEDGEMENT, thread=thread, regards=id)
    bring(cn, us)
    check = sent(cn, Kind.CHECK)
    bring(cn, us)
    sent(us, Kind.CHECK_ANSWER, thread=check.header.thread, regards=check.header.id)
    second = sent(us, Kind.NOTIFICATION, WHAT, thread=thread)
    bring(us, cn)
    sent(cn, Kind.ACKNOWLEDGEMENT, thread=thread, regards=second.header.id)
    bring(cn, us)
    sent(us, Kind.CHECK)
    bring(us, cn)
    return thread


def thread_of(desk: Desk) -> str:
    return desk.messages(LINE)[0].message.header.thread


def run(desk: Desk, *statements: object) -> None:
    """Change the database behind the desk's back."""
    with desk.database.writing() as link:
        for statement in statements:
            link.execute(text(statement) if isinstance(statement, str) else statement)  # type: ignore[call-overload]


def fault_of(desk: Desk, *against: object) -> tuple[str, int]:
    fault = verify_line(desk, LINE, against).fault  # type: ignore[arg-type]
    return ("", 0) if fault is None else (str(fault.kind), fault.n)


def test_the_journals_of_two_desks_are_sound_and_the_same(talking: tuple[Desk, Desk]) -> None:
    us, cn = talking
    for desk, other in ((us, cn), (cn, us)):
        statement = take_statement(desk, export_statement(other, LINE))
        verdict = verify_line(desk, LINE, [statement])
        assert verdict.fault is None
        assert (verdict.entries, verdict.witnesses) == (7, 1)
        found = compare_with(desk, statement)
        assert found.standing is Standing.SAME
        assert {g.found for g in found.growths} == {"grown"}


def test_both_desks_give_the_same_account_of_a_thread(talking: tuple[Desk, Desk]) -> None:
    us, cn = talking
    first, second = (verify_account(account_of(d, thread_of(d))) for d in (us, cn))
    assert first.faults == second.faults == ()
    assert len(first.messages) == 4
    assert first.messages[0].fields == WHAT
    same = same_account(first, second)
    assert same.same, same.sentences
    green = verify_account(account_of(us, thread_of(us), Level.GREEN))
    assert green.sound
    assert green.left_out == 4


@settings(max_examples=12, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(n=st.integers(1, 7), place=st.integers(0, 10**6),
       column=st.sampled_from(["body", "hash", "root", "signature"]))  # fmt: skip
def test_a_letter_changed_in_the_database_is_found_at_its_entry(
    talking: tuple[Desk, Desk], n: int, place: int, column: str
) -> None:
    desk = talking[0]
    table = tables.journal if column in ("body", "hash") else tables.messages
    mine = (table.c.line == LINE) & (table.c.n == n)
    with desk.database.reading() as link:
        whole = link.execute(select(table.c[column]).where(mine)).scalar_one()
    at = place % len(whole)
    turned = f"{whole[:at]}{chr(ord(whole[at]) ^ 1)}{whole[at + 1 :]}"
    run(desk, update(table).where(mine).values(**{column: turned}))
    kind = FaultKind.CHANGED if table is tables.journal else FaultKind.MESSAGE_ALTERED
    assert fault_of(desk) == (kind, n)
    run(desk, update(table).where(mine).values(**{column: whole}))
    assert fault_of(desk) == ("", 0)


def test_what_is_taken_out_put_in_or_swapped_is_found(talking: tuple[Desk, Desk]) -> None:
    desk = talking[1]
    with desk.database.reading() as link:
        rows = {r.n: r for r in link.execute(select(tables.journal))}
    gone = delete(tables.journal).where(J.n == 4)
    back = tables.journal.insert().values(line=LINE, n=4, hash=rows[4].hash, body=rows[4].body)
    run(desk, gone)
    assert fault_of(desk) == (FaultKind.GAP, 4)
    run(desk, back, *(update(tables.journal).where(J.n == a).values(n=b)
                      for a, b in ((2, 99), (3, 2), (99, 3))))  # fmt: skip
    assert fault_of(desk) == (FaultKind.REORDERED, 2)
    run(desk, *(update(tables.journal).where(J.n == a).values(n=b)
                for a, b in ((2, 99), (3, 2), (99, 3))))  # fmt: skip
    assert fault_of(desk) == ("", 0)
    run(desk, update(tables.messages).where(M.n == 5).values(n=50))
    assert fault_of(desk) == (FaultKind.MESSAGE_MISSING, 5)
    run(desk, update(tables.messages).where(M.n == 50).values(n=5))
    with desk.database.reading() as link:
        row = link.execute(select(tables.messages).where(M.n == 5)).one()._mapping
    run(desk, tables.messages.insert().values(**{
        **row, "n": 60, "digest": "0" * 64, "number": 60, "id": "grouping--x",
    }))  # fmt: skip
    assert fault_of(desk) == (FaultKind.GAP, 8)
    with pytest.raises(ExchangeError, match="not sound"):
        statement_of(desk, LINE)
    with pytest.raises(ExchangeError, match="not sound"):
        account_of(desk, thread_of(desk))


def test_a_cut_journal_and_a_forged_head_are_found(talking: tuple[Desk, Desk]) -> None:
    desk = talking[0]
    run(desk, delete(tables.journal).where(J.n == 7), delete(tables.messages).where(M.n == 7))
    assert fault_of(desk) == (FaultKind.CUT_SHORT, 7)
    run(desk, update(tables.heads).values(frontier="{}"))
    with pytest.raises(ExchangeError, match=r"head .* is damaged"):
        verify_line(desk, LINE)


def test_a_forged_head_is_found(talking: tuple[Desk, Desk]) -> None:
    desk = talking[0]
    with desk.database.reading() as link:
        last = json.loads(link.execute(select(H.last)).scalar_one())
    last[CN][0] += 1
    run(desk, update(tables.heads).values(last=json.dumps(last)))
    assert fault_of(desk) == (FaultKind.HEAD, 7)
    run(desk, update(tables.heads).values(hash="0" * 64))
    assert fault_of(desk) == (FaultKind.HEAD, 7)


def test_a_journal_written_anew_by_hand_no_longer_fits_the_signatures(
    talking: tuple[Desk, Desk],
) -> None:
    """Whoever can write the database, but has no key, moves the time of the first entry."""
    from comity.exchange.merkle import Frontier

    desk = talking[0]
    with desk.database.reading() as link:
        rows = list(link.execute(select(tables.journal).order_by(J.n)))
    previous, tree = "", Frontier()
    for row in rows:
        body = json.loads(row.body) | {"previous": previous}
        if row.n == 1:
            body["recorded"] = "2026-01-01T00:00:00.000Z"
        written = json.dumps(body, sort_keys=True, separators=(",", ":"))
        previous = sha256(written.encode())
        tree.append(written.encode())
        run(desk, update(tables.journal).where(J.n == row.n).values(body=written, hash=previous))
    run(desk, update(tables.heads).values(hash=previous, frontier=json.dumps(tree.to_json())))
    kind, n = fault_of(desk)
    assert kind == FaultKind.REWRITTEN
    assert 1 <= n <= 3  # the next message of our own, the fourth entry, signed for the first three


def test_a_database_put_back_from_a_copy_is_found_by_what_is_known_elsewhere(
    tmp_path: Path, keep: Keep
) -> None:
    clock = Clock()
    us, cn = keep(made(tmp_path, US, clock)), keep(made(tmp_path, CN, clock))
    joined(us, cn)
    sent(us, Kind.CHECK)
    bring(us, cn)
    us.close()
    shutil.copytree(tmp_path / US, tmp_path / "copy")
    us = keep(Desk.open(tmp_path / US, clock))
    before = export_statement(us, LINE)
    talk(us, cn)
    ours, theirs = export_statement(us, LINE), export_statement(cn, LINE)
    us.close()
    old = keep(Desk.open(tmp_path / "copy", clock))
    assert fault_of(old) == ("", 0)  # by itself nothing is wrong with it
    for statement in (ours, theirs):
        assert fault_of(old, take_statement(old, statement)) == (FaultKind.ROLLED_BACK, 2)
    assert fault_of(old, take_statement(old, before)) == ("", 0)
    found = compare_with(old, take_statement(old, theirs))
    assert found.standing is Standing.CONTRADICTING
    assert any("set back to an earlier state" in text for text in found.sentences)
    shutil.copy(tmp_path / US / "sent.json", tmp_path / "copy" / "sent.json")
    assert fault_of(old) == (FaultKind.ROLLED_BACK, 2)  # the file of numbers was not put back


def test_what_came_back_after_a_loss_is_told_and_the_journals_are_the_same(
    tmp_path: Path, keep: Keep
) -> None:
    clock = Clock()
    us, cn = keep(made(tmp_path, US, clock)), keep(made(tmp_path, CN, clock))
    joined(us, cn)
    us.close()
    shutil.copytree(tmp_path / US, tmp_path / "copy")
    us = keep(Desk.open(tmp_path / US, clock))
    talk(us, cn)
    us.close()
    old = keep(Desk.open(tmp_path / "copy", clock))
    for received in cn.messages(LINE):
        old.accept(LINE, [*received.message.objects, received.message.root], CN)
    statement = take_statement(old, export_statement(cn, LINE))
    verdict = verify_line(old, LINE, [statement])
    assert verdict.fault is None
    assert verdict.returned == 4
    found = compare_with(old, statement)
    assert found.standing is Standing.SAME
    assert any(f"{US} lost a part of its journal" in text for text in found.sentences)
    sent(old, Kind.CHECK)
    assert fault_of(old, statement) == ("", 0)
    assert verify_account(account_of(old, thread_of(old))).sound


def test_a_party_that_signed_two_messages_as_one_is_shown_with_both(
    tmp_path: Path, keep: Keep
) -> None:
    """A desk that is put back without its file of numbers uses one of them a second time."""
    clock = Clock()
    us, cn = keep(made(tmp_path, US, clock)), keep(made(tmp_path, CN, clock))
    joined(us, cn)
    us.close()
    shutil.copytree(tmp_path / US, tmp_path / "copy")
    us = keep(Desk.open(tmp_path / US, clock))
    old = keep(Desk.open(tmp_path / "copy", clock))
    sent(us, Kind.CHECK)
    bring(us, cn)
    sent(old, Kind.NOTIFICATION, WHAT)
    (outcome,) = bring(old, cn)
    assert outcome.reason == "contradiction"
    found = compare_with(cn, take_statement(cn, export_statement(old, LINE)))
    contradiction = next(c.contradiction for c in found.chains if c.contradiction)
    assert (contradiction.sender, contradiction.number, contradiction.proven) == (US, 1, True)
    asked = take_statement(us, export_statement(cn, LINE, [(US, 1)]))
    assert len(asked.messages) == 1
    with pytest.raises(ExchangeError, match="no message 9"):
        export_statement(cn, LINE, [(US, 9)])


def test_signatures_hold_after_keys_were_rotated_and_revoked(tmp_path: Path, keep: Keep) -> None:
    from comity.exchange.own import revoke, rotate

    clock = Clock()
    us, cn = keep(made(tmp_path, US, clock)), keep(made(tmp_path, CN, clock))
    joined(us, cn)
    sent(us, Kind.CHECK)
    bring(us, cn)
    clock.move(days=1)
    old = us.signing_key().public.kid
    rotate(us.book, us.ring, clock())
    clock.move(hours=1)
    revoke(us.book, us.ring, old, "lost", clock())
    for token, card in us.book.history(US)[1:]:
        cn.book.put(token, card)
    clock.move(hours=1)
    sent(us, Kind.NOTIFICATION, WHAT)
    bring(us, cn)
    for desk in (us, cn):
        assert fault_of(desk) == ("", 0)
        account = verify_account(account_of(desk, thread_of(desk)))
        assert account.faults == ()
        assert account.signers[1].versions == 3


def test_a_statement_of_a_stranger_or_of_another_line_is_refused(
    tmp_path: Path, keep: Keep
) -> None:
    clock = Clock()
    us, cn = keep(made(tmp_path, US, clock)), keep(made(tmp_path, CN, clock))
    joined(us, cn)
    (tmp_path / "alone").mkdir()
    stranger = keep(made(tmp_path / "alone", US, clock))
    acquainted(cn)
    stranger.book.put(*cn.book.own())
    stranger.open_line(LINE, [CN])
    with pytest.raises(RefusedError) as refusal:
        take_statement(cn, export_statement(stranger, LINE))
    assert refusal.value.reason == "unknown-key"
    us.open_line("another", [CN])
    other = take_statement(cn, export_statement(us, "another"))
    with pytest.raises(ExchangeError, match="of the line another"):
        verify_line(cn, LINE, [other])
    with pytest.raises(ExchangeError, match="No line"):
        compare_with(cn, other)


def test_the_latest_entries_are_shown_oldest_first(talking: tuple[Desk, Desk]) -> None:
    found = last_entries(talking[0], LINE, 3)
    assert [e.n for e in found] == [5, 6, 7]
    assert [e.what for e in found] == ["sent", "received", "sent"]
    assert last_entries(talking[0], LINE, -1) == ()
