"""Many at once, and a party that sends much: nothing is lost, nobody waits for another, no memory
grows without end."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desks import CN, LINE, US, WHAT, Clock, bring, carried, joined, made, sent
from hostile import chain, header, written
from sqlalchemy import text
from wire import PEER, PaperDesk, message

from comity.errors import ExchangeError
from comity.exchange import order
from comity.exchange.desk import Desk
from comity.exchange.model import Kind, Outcome, Reason, State
from comity.exchange.receive import _Ticket
from comity.exchange.taxii import resources, server
from comity.exchange.taxii.auth import Doorkeeper
from comity.exchange.water import HighWater

New = Callable[[], str]


@pytest.fixture
def two(tmp_path: Path, database: New) -> Iterator[tuple[Desk, Desk]]:
    clock = Clock()
    us, cn = made(tmp_path, US, clock, database()), made(tmp_path, CN, clock, database())
    joined(us, cn)
    yield us, cn
    us.close()
    cn.close()


def test_many_send_and_take_in_at_once_and_no_number_is_given_twice(
    two: tuple[Desk, Desk],
) -> None:
    us, cn = two
    incoming = [carried(one) for one in chain(us, 24)]
    drafts = [cn.draft(LINE, Kind.NOTIFICATION, fields=WHAT).id for _ in range(12)]
    failed: list[BaseException] = []

    def run(mine: int) -> None:
        try:
            for objects in incoming[mine::6]:
                cn.accept(LINE, objects, US)
                cn.size(LINE)
            for draft in drafts[mine::6]:
                cn.release(draft)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    held = [(r.message.header.sender, r.message.header.number) for r in cn.messages(LINE)]
    assert sorted(held) == sorted(
        [(CN, n + 1) for n in range(12)] + [(US, n + 1) for n in range(24)]
    )
    assert [n for s, n in held if s == US] == list(range(1, 25))


def test_two_desks_of_one_party_on_one_database_number_once(tmp_path: Path, database: New) -> None:
    url, clock = database(), Clock()
    first, cn = made(tmp_path, US, clock, url), made(tmp_path, CN, clock)
    joined(first, cn)
    second = Desk.open(first.home, clock)
    second.water = HighWater(tmp_path / "another-machine.json")
    drafts = [first.draft(LINE, Kind.NOTIFICATION, fields=WHAT).id for _ in range(12)]
    failed: list[BaseException] = []

    def run(desk: Desk, mine: list[str]) -> None:
        try:
            for draft in mine:
                desk.release(draft)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(d, drafts[n::2])) for n, d in
               enumerate((first, second))]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [r.message.header.number for r in first.messages(LINE)] == list(range(1, 13))
    assert {o.state for o in bring(second, cn)} == {State.ACCEPTED}
    for desk in (first, second, cn):
        desk.close()


def test_one_callers_messages_that_cannot_be_written_keep_out_no_others(
    two: tuple[Desk, Desk],
) -> None:
    us, cn = two
    bad = _Ticket(cn.line(LINE), [object()], US)  # type: ignore[list-item]
    cn.intake._pending.append(bad)
    (outcome,) = cn.accept(LINE, carried(written(us, header(us))), US)
    assert outcome.state is State.ACCEPTED
    assert bad.error is not None
    assert cn.size(LINE) == 1


def test_a_database_that_does_not_answer_is_told_in_words(two: tuple[Desk, Desk]) -> None:
    _, cn = two
    with cn.database.engine.begin() as link:
        link.execute(text("ALTER TABLE lines RENAME TO elsewhere"))
    with pytest.raises(ExchangeError, match="cannot be read now"):
        cn.lines()


def test_a_disk_that_is_full_leaves_all_as_it_was(tmp_path: Path) -> None:
    clock = Clock()
    us, cn = made(tmp_path, US, clock), made(tmp_path, CN, clock)
    joined(us, cn)
    sent(us, Kind.NOTIFICATION, WHAT)
    draft = us.draft(LINE, Kind.NOTIFICATION, fields={**WHAT, "happened": "x" * 15_000})
    for desk in (us, cn):
        with desk.database.engine.connect() as link:
            pages = link.execute(text("PRAGMA page_count")).scalar_one()
        for _ in range(5):
            with desk.database.engine.connect() as link:
                link.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(ExchangeError, match=r"unchanged: .*full"):
        us.release(draft.id)
    assert us.find_draft(draft.id).state == "draft"
    assert (us.size(LINE), len(us.deliveries())) == (1, 1)
    assert us.water.level(LINE).number == 1
    long = written(us, header(us, 1, previous=""), {**WHAT, "happened": "x" * 19_000})
    with pytest.raises(ExchangeError, match=r"unchanged: .*full"):
        cn.accept(LINE, carried(long), US)
    assert cn.size(LINE) == 0
    us.close()
    cn.close()


def test_a_refusal_in_a_long_thread_is_told_without_a_search_of_it(
    two: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    us, cn = two
    first = written(us, header(us))
    cn.accept(LINE, carried(first), US)
    monkeypatch.setattr(order, "LONG", 0)
    monkeypatch.setattr(order.Case, "allowed", lambda *_: pytest.fail("it was searched"))
    again = header(us, 2, previous=first.digest, thread=first.header.thread, kind=Kind.CHECK)
    (outcome,) = cn.accept(LINE, carried(written(us, again, {})), US)
    assert outcome.state is State.IRREGULAR
    assert "notification" in outcome.text


def test_what_became_of_many_messages_with_one_id_is_said_in_one_walk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = {**message(1)[1], "object_refs": ["note--1"] * 50}
    outcomes = [Outcome(root["id"], "", State.REFUSED, Reason.FORGED, "No.")] * 40
    walks: list[None] = []
    said = resources._said

    def counted(outcome: Outcome) -> tuple[str, str]:
        walks.append(None)
        return said(outcome)

    monkeypatch.setattr(resources, "_said", counted)
    found = resources.status_of("id", "at", [root] * 40, outcomes)
    assert found["failure_count"] == 40
    assert len(walks) <= 2 * 40


def test_statuses_are_let_go_by_what_they_list_and_by_party(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "MOST_ENTRIES", 10)
    made_ = server.Server(PaperDesk(), Doorkeeper(PaperDesk()))
    line = PaperDesk().lines_lately()[1]
    body = json.dumps({"objects": [*message(1), *message(2)]}).encode()
    made_._taken(line, body, "other.example")
    for _ in range(9):
        made_._taken(line, body, PEER)
    kept = [status.party for status in made_.statuses.values()]
    assert (kept.count(PEER), kept.count("other.example")) == (2, 1)
