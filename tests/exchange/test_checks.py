"""Communication checks that a desk sends by itself, when its line's terms say so."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from desks import CN, LINE, US, Clock, joined, made

from comity.exchange.checks import checking, send_checks
from comity.exchange.desk import OPERATOR, Desk
from comity.exchange.model import Kind


def sent(desk: Desk) -> int:
    return sum(r.message.header.kind is Kind.CHECK for r in desk.messages(LINE))


def looked(desk: Desk) -> list[str]:
    """Let a desk look once whether a check is due, and return what it tells."""
    heard, told = [], threading.Event()

    def tell(text: str) -> None:
        heard.append(text)
        told.set()

    with checking(desk, 3600, OPERATOR, tell):
        told.wait(10)
    return heard


def test_a_check_is_sent_when_it_is_due_and_not_before(tmp_path: Path) -> None:
    clock = Clock()
    us, cn = made(tmp_path, US, clock), made(tmp_path, CN, clock)
    joined(us, cn)
    assert looked(us) == [f"A communication check on {LINE} is sent."]
    assert not send_checks(us, us.lines(), OPERATOR, due_only=True)
    clock.move(days=31)
    assert len(send_checks(us, us.lines(), OPERATOR, due_only=True)) == 1
    assert sent(us) == 2


def test_where_two_must_release_one_draft_waits_and_not_many(tmp_path: Path) -> None:
    clock = Clock()
    us, cn = made(tmp_path, US, clock, two_persons=True), made(tmp_path, CN, clock)
    joined(us, cn)
    assert looked(us) == [f"A communication check on {LINE} waits for a second person."]
    assert not send_checks(us, us.lines(), OPERATOR, due_only=True)
    assert len(us.drafts()) == 1
    assert sent(us) == 0


def test_what_goes_wrong_is_told_and_the_look_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    us, cn = made(tmp_path, US, clock), made(tmp_path, CN, clock)
    joined(us, cn)
    for key in us.ring.public():
        us.ring.revoke(key.kid, clock(), "a test")
    (heard,) = looked(us)
    assert heard.startswith("No communication check was sent: ")
