"""Two desks over HTTPS: what is sent arrives once and in order, whatever fails on the way."""

from __future__ import annotations

import datetime as dt
import queue
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from desks import CN, LINE, US, WHAT, Clock, joined, made, sent

from comity.errors import ExchangeError
from comity.exchange import waiting
from comity.exchange.cards import fingerprint
from comity.exchange.desk import Desk
from comity.exchange.model import Endpoint, Kind, Line, Outcome, Reason, State
from comity.exchange.own import publish
from comity.exchange.taxii import client, deliver
from comity.exchange.taxii.certs import keep_certificate, make_certificate
from comity.exchange.taxii.client import Remote
from comity.exchange.taxii.deliver import Report, connect, delivering, pull, push, sync
from comity.exchange.taxii.listening import running
from comity.exchange.taxii.server import build_app

LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)  # TLS goes by the machine's own clock


@dataclass
class Party:
    """A desk with its server, which can be switched off and on again at the same port."""

    desk: Desk
    files: tuple[Path, Path]
    certificate: str
    port: int = 0
    on: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        address = self.on.enter_context(running(build_app(self.desk), *self.files, port=self.port))
        self.port = int(address.rsplit(":", 1)[1].strip("/"))

    def stop(self) -> None:
        self.on.close()

    def publish(self) -> None:
        endpoint = Endpoint(f"https://127.0.0.1:{self.port}/taxii2/", self.certificate)
        publish(self.desk.book, self.desk.ring, self.desk.clock(), endpoint=endpoint)


@pytest.fixture
def parties(tmp_path: Path) -> Iterator[tuple[Party, Party]]:
    found = []
    for name in (US, CN):
        certificate, key = make_certificate(["127.0.0.1"], LONG_AGO, days=36500)
        files = keep_certificate(tmp_path / f"{name}-tls", certificate, key)
        party = Party(made(tmp_path, name, Clock()), files, certificate)
        party.start()
        party.publish()
        found.append(party)
    joined(*(p.desk for p in found))
    yield found[0], found[1]
    for party in found:
        party.stop()
        party.desk.close()


def journal(desk: Desk) -> list[tuple[str, int]]:
    return [(r.message.header.sender, r.message.header.number) for r in desk.messages(LINE)]


def open_(desk: Desk) -> list[tuple[int, str]]:
    return [(d.number, d.error) for d in desk.deliveries()]


def the_line(desk: Desk) -> Line:
    return desk.line(LINE)


def test_what_is_sent_arrives_and_then_nothing_moves(parties: tuple[Party, Party]) -> None:
    us, cn = parties[0].desk, parties[1].desk
    sent(us, Kind.NOTIFICATION, WHAT)
    sent(us, Kind.CHECK)
    (report,) = sync(us)
    assert (report.sent, report.fetched, report.text, report.reached) == (2, 0, "", True)
    assert journal(cn) == [(US, 1), (US, 2)]
    assert open_(us) == []
    (again,) = sync(us)
    assert (again.sent, again.fetched, again.text) == (0, 0, "")


def test_what_the_other_never_brings_is_fetched(parties: tuple[Party, Party]) -> None:
    us, cn = parties[0].desk, parties[1].desk
    sent(us, Kind.CHECK)
    sent(us, Kind.CHECK)
    (report,) = sync(cn)
    assert (report.sent, report.fetched) == (0, 2)
    assert journal(cn) == [(US, 1), (US, 2)]
    (brought,) = sync(us)
    assert brought.sent == 2
    assert len(journal(cn)) == 2


def test_many_messages_go_in_batches_and_come_in_order(
    parties: tuple[Party, Party], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "MOST_MESSAGES", 10)
    us, cn = parties[0].desk, parties[1].desk
    for _ in range(23):
        sent(us, Kind.CHECK)
    asked: list[int] = []
    line = the_line(us)
    with connect(us, line, CN) as remote:
        plain = remote.add
        remote.add = lambda c, o: (asked.append(len(o)), plain(c, o))[1]  # type: ignore[method-assign]
        report = push(us, line, CN, remote)
    assert report.sent == 23
    assert len(asked) == 3
    assert journal(cn) == [(US, n) for n in range(1, 24)]


def test_a_batch_holds_no_more_than_a_megabyte_unless_one_message_does(
    parties: tuple[Party, Party], monkeypatch: pytest.MonkeyPatch
) -> None:
    us, cn = parties[0].desk, parties[1].desk
    monkeypatch.setattr(deliver, "MOST_BYTES", 10)
    for _ in range(3):
        sent(us, Kind.CHECK)
    assert sync(us)[0].sent == 3
    assert len(journal(cn)) == 3


def test_while_the_other_is_off_all_is_kept_and_said_and_goes_when_it_is_back(
    parties: tuple[Party, Party],
) -> None:
    us, cn = parties[0].desk, parties[1].desk
    parties[1].stop()
    for _ in range(3):
        sent(us, Kind.CHECK)
    (report,) = sync(us, connect=quick)
    assert (report.sent, report.postponed, report.reached) == (0, 3, False)
    assert "cannot be reached" in report.text
    assert {error for _, error in open_(us)} == {report.text}
    parties[1].start()
    assert sync(us, all=False, connect=quick)[0].sent == 0  # their next try is not yet due
    us.clock.move(hours=1)  # type: ignore[attr-defined]
    cn.clock.move(hours=1)  # type: ignore[attr-defined]
    assert sync(us, all=False, connect=quick)[0].sent == 3
    assert journal(cn) == [(US, 1), (US, 2), (US, 3)]


def quick(desk: Any, line: Line, peer: str) -> Remote:
    return connect(desk, line, peer, tries=1)


def test_both_send_at_once_and_both_hold_all(parties: tuple[Party, Party]) -> None:
    us, cn = parties[0].desk, parties[1].desk
    for desk in (us, cn, us, cn):
        sent(desk, Kind.CHECK)
    (report,) = sync(us)
    assert (report.sent, report.fetched) == (2, 2)
    assert sorted(journal(us)) == sorted(journal(cn))
    assert len(journal(us)) == 4


def test_nothing_is_said_to_a_server_with_another_certificate(
    parties: tuple[Party, Party],
) -> None:
    us = parties[0].desk
    sent(us, Kind.CHECK)
    other, _ = make_certificate(["127.0.0.1"], LONG_AGO, days=36500)
    card = us.card_of(CN)
    assert card.endpoint is not None
    asked: list[str] = []

    def authorize() -> str:
        asked.append("token")
        return "Bearer x"

    with Remote(card.endpoint.url, other, authorize, tries=1) as remote:
        report = push(us, the_line(us), CN, remote)
    assert "certificate" in report.text
    assert "telephone" in report.text
    assert not report.reached
    assert open_(us)[0][1] == report.text
    assert parties[1].desk.messages(LINE) == ()


def test_a_refusal_for_good_is_noted_and_one_that_may_pass_is_tried_again(
    parties: tuple[Party, Party], monkeypatch: pytest.MonkeyPatch
) -> None:
    us, cn = parties[0].desk, parties[1].desk
    first, second = sent(us, Kind.CHECK), sent(us, Kind.CHECK)
    plain = cn.accept

    def refusing(reason: Reason) -> Any:
        def accept(line: str, objects: Any, carrier: str) -> tuple[Outcome, ...]:
            return tuple(
                Outcome(o["id"], "", State.REFUSED, reason, "Not taken.")
                for o in objects if o["type"] == "grouping"
            )  # fmt: skip

        return accept

    monkeypatch.setattr(cn, "accept", refusing(Reason.UNKNOWN_KEY))
    line = the_line(us)
    with connect(us, line, CN) as remote:
        assert push(us, line, CN, remote).postponed == 2
    assert open_(us)[0][1] == "unknown-key: Not taken."
    monkeypatch.setattr(cn, "accept", refusing(Reason.FORGED))
    with connect(us, line, CN) as remote:
        report = push(us, line, CN, remote, all=True)
    assert (report.refused, report.text) == (2, "forged: Not taken.")
    assert [d.state for d in us.deliveries()] == ["refused", "refused"]
    monkeypatch.setattr(cn, "accept", plain)
    assert [m.digest for m in us.due(CN, LINE, all=True)] == []
    assert (first.header.number, second.header.number) == (1, 2)


def test_a_message_cut_by_the_end_of_a_page_is_completed(
    parties: tuple[Party, Party], monkeypatch: pytest.MonkeyPatch
) -> None:
    us, cn = parties[0].desk, parties[1].desk
    plain = Remote.page

    def one(self: Remote, *given: Any, **named: Any) -> Any:
        values = list(given)
        values[3:4] = [1]
        return plain(self, *values, **named)

    monkeypatch.setattr(Remote, "page", one)
    sent(us, Kind.NOTIFICATION, WHAT)
    sent(us, Kind.CHECK)
    (report,) = sync(cn)
    assert (report.fetched, report.text) == (2, "")
    assert journal(cn) == [(US, 1), (US, 2)]


def test_what_is_refused_for_now_is_fetched_again(
    parties: tuple[Party, Party], monkeypatch: pytest.MonkeyPatch
) -> None:
    us, cn = parties[0].desk, parties[1].desk
    sent(us, Kind.CHECK)
    card = cn.card_of(US)
    monkeypatch.setattr(cn.book, "known", lambda party: None)
    monkeypatch.setattr(cn, "_keys", {})
    with connect_to(card.endpoint, cn) as remote:
        report = pull(cn, the_line(cn), US, remote)
    assert report.text.startswith("unknown-key: ")
    assert cn.cursor(US, LINE) == ""
    monkeypatch.undo()
    (report,) = sync(cn)
    assert (report.fetched, report.text) == (1, "")
    assert cn.cursor(US, LINE)


def connect_to(endpoint: Endpoint | None, desk: Desk) -> Remote:
    assert endpoint is not None
    return Remote(endpoint.url, endpoint.certificate, deliver._bearer(desk, US), tries=1)


def test_what_there_is_no_room_for_is_not_said_to_be_kept_and_comes_again(
    parties: tuple[Party, Party], monkeypatch: pytest.MonkeyPatch
) -> None:
    us, cn = parties[0].desk, parties[1].desk
    monkeypatch.setattr(waiting, "MOST_WAITING", 1)
    for _ in range(3):
        sent(us, Kind.CHECK)
    later = deliver.travelling(us.due(CN, LINE, all=True)[1:])
    waits, refused = cn.accept(LINE, later, US)
    assert waits.state is State.WAITING
    assert (refused.state, refused.reason) == (State.REFUSED, Reason.ORDER)
    (report,) = sync(cn)
    assert report.text == ""
    assert journal(cn) == [(US, 1), (US, 2), (US, 3)]


def test_a_party_without_a_server_is_a_state_in_words(tmp_path: Path) -> None:
    us, cn = made(tmp_path, US, Clock()), made(tmp_path, CN, Clock())
    joined(us, cn)
    sent(us, Kind.CHECK)
    (report,) = sync(us)
    assert "names no server" in report.text
    assert not report.reached
    (brought,) = [d.number for d in us.deliveries()]
    assert brought == 1
    assert fingerprint(us.card_of(US))


def test_a_desk_that_cannot_write_is_a_state_and_the_messages_are_tried_again(
    parties: tuple[Party, Party], monkeypatch: pytest.MonkeyPatch
) -> None:
    us, cn = parties[0].desk, parties[1].desk
    sent(us, Kind.CHECK)

    def full(*_: Any) -> Any:
        raise ExchangeError("The desk is unchanged: the disk is full.")

    monkeypatch.setattr(cn, "accept", full)
    (report,) = sync(us, connect=quick)
    assert "the disk is full" in report.text
    assert (report.postponed, report.reached) == (1, True)
    monkeypatch.undo()
    assert sync(us)[0].sent == 1


def test_while_delivery_runs_what_is_new_on_either_side_comes_over(
    parties: tuple[Party, Party],
) -> None:
    us, cn = parties[0].desk, parties[1].desk
    sent(us, Kind.CHECK)
    sent(cn, Kind.CHECK)
    heard: queue.Queue[Report] = queue.Queue()
    with delivering(us, 0.05, heard.put):
        first = heard.get(timeout=30)
        assert (first.sent, first.fetched, first.text) == (1, 1, "")
        parties[1].stop()
        off = heard.get(timeout=30)
        assert "cannot be reached" in off.text
        parties[1].start()
        while heard.get(timeout=30).text:  # a look that had begun before it was on again
            pass
        sent(cn, Kind.CHECK)
        assert heard.get(timeout=30).fetched == 1
    assert heard.empty()


def test_a_line_with_a_third_server_between_reads_and_writes_there(
    parties: tuple[Party, Party],
) -> None:
    """A desk stands in for the third server: it takes in both parties' messages."""
    us, cn = parties[0].desk, parties[1].desk
    from comity.exchange.model import Relay, Token
    from comity.exchange.taxii.auth import hash_secret

    cn.put_token(Token("relay", US, hash_secret("a password"), False, cn.clock()))
    url = f"https://127.0.0.1:{parties[1].port}/taxii2/line/collections/{LINE}/"
    us.set_relay(LINE, Relay(url, parties[1].certificate, "relay", "a password"))
    sent(us, Kind.CHECK)
    sent(cn, Kind.CHECK)
    (report,) = sync(us)
    assert (report.sent, report.fetched, report.text) == (1, 1, "")
    us.set_relay(LINE, replace(us.relay(LINE), password="wrong"))  # type: ignore[type-var]
    sent(us, Kind.CHECK)
    (report,) = sync(us)
    assert "refuses (401)" in report.text
    assert client.TRIES > 1
