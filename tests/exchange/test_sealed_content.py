"""What a party sealed is looked at when it is opened, as what is open is when it comes in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import stix_sample as sample
from desks import CN, US, WHAT, Clock, bring, joined, made, sent
from order_world import START, header

from comity.errors import RefusedError
from comity.exchange.content import check_objects
from comity.exchange.keys import make_keys
from comity.exchange.messages import build, new_id, open_message
from comity.exchange.model import Kind, Reason, State
from comity.exchange.proofs import account_of
from comity.exchange.views import inbox, thread_view


def opened(fields: Any, objects: Any) -> Any:
    """Seal and open a message that says this, whatever it is."""
    signing, sealing = make_keys(START)
    head = replace(header("us.example", 1, Kind.NOTIFICATION), id=new_id())
    message = build(head, "Notification", fields, objects, signing, [sealing.public])
    check_objects(message.objects)
    return open_message(message, [sealing])


def test_what_is_in_order_is_read() -> None:
    found = opened({"happened": "A theft."}, [sample.incident()])
    assert found.readable
    assert found.fields == {"happened": "A theft."}
    assert found.objects == (sample.incident(),)


@pytest.mark.parametrize(
    ("fields", "objects", "reason"),
    [
        (["happened"], [], Reason.MALFORMED),
        ("happened", [], Reason.MALFORMED),
        ({"happened": {"deep": 1}}, [], Reason.MALFORMED),
        ({"happened": "x" * 20_001}, [], Reason.TOO_LARGE),
        ({}, ["text"], Reason.MALFORMED),
        ({}, [sample.incident(), sample.incident()], Reason.MALFORMED),
        ({}, [sample.incident(x_custom="1")], Reason.MALFORMED),
        ({}, [sample.domain(f"{n}.example") for n in range(201)], Reason.TOO_LARGE),
    ],
)
def test_what_is_not_is_refused_when_it_is_opened(
    fields: Any, objects: Any, reason: Reason
) -> None:
    with pytest.raises(RefusedError) as caught:
        opened(fields, objects)
    assert caught.value.reason == reason


def test_a_party_that_seals_what_is_out_of_order_keeps_no_thread_from_being_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    us, cn = made(tmp_path, US, clock), made(tmp_path, CN, clock)
    joined(us, cn)
    told = sent(us, Kind.REQUEST, WHAT)
    bring(us, cn)
    monkeypatch.setattr("comity.exchange.sending.check_draft", lambda *_: None)
    said = {"thread": told.header.thread, "regards": told.header.id, "seal": True}
    odd = {"answer": "No.", "final": "no", "deep": {"a": [{}]}}
    sent(cn, Kind.REPLY, odd, **said)
    (outcome,) = bring(cn, us)
    assert outcome.state is State.ACCEPTED  # nobody on the way can look inside
    view = thread_view(us, told.header.thread)
    assert "cannot be taken" in view.messages[1].broken
    assert account_of(us, told.header.thread)["type"] == "bundle"
    assert inbox(us).unread
