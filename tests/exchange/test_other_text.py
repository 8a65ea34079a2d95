"""A message whose open text is not what its fields say: both are signed, and the reader is told."""

from __future__ import annotations

import pytest
from desks import WHAT, bring, sent

from comity.exchange import sending
from comity.exchange.desk import Desk
from comity.exchange.model import Kind
from comity.exchange.views import thread_view
from comity.report.exchange_lines import thread_lines


def told(desk: Desk, thread: str) -> str:
    lines = thread_lines(thread_view(desk, thread), desk.clock())
    return " ".join(" ".join(a + b for a, b in lines).split())


def test_an_open_text_that_says_another_thing_is_shown_with_a_warning(
    desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    us, cn = desks
    with monkeypatch.context() as patched:
        patched.setattr(sending, "readable", lambda kind, fields: "Nothing happened.")
        message = sent(us, Kind.NOTIFICATION, WHAT)
    bring(us, cn)
    (shown,) = thread_view(cn, message.header.thread).messages
    assert shown.other_text == "Nothing happened."
    text = told(cn, message.header.thread)
    assert "Careful: its open text" in text
    assert "| Nothing happened." in text


def test_why_a_message_has_no_effect_is_said_in_whole_words(
    desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    us, cn = desks
    check = sent(us, Kind.CHECK)
    bring(us, cn)
    with monkeypatch.context() as patched:
        patched.setattr(sending, "check_order", lambda case, header: None)
        sent(us, Kind.CLOSURE, thread=check.header.thread)
    bring(us, cn)
    assert "Note: It broke the order of its thread" in told(cn, check.header.thread)


@pytest.mark.parametrize("seal", [True, False])
def test_a_text_made_of_the_fields_is_not_warned_of(desks: tuple[Desk, Desk], seal: bool) -> None:
    us, cn = desks
    message = sent(us, Kind.NOTIFICATION, {**WHAT, "happened": "x" * 9000}, seal=seal)
    bring(us, cn)
    (shown,) = thread_view(cn, message.header.thread).messages
    assert shown.other_text == ""
    assert "Careful" not in told(cn, message.header.thread)
