"""What a party sealed is looked at when it is opened, as what is open is when it comes in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import stix_sample as sample
from order_world import START, header

from comity.errors import RefusedError
from comity.exchange.content import check_objects
from comity.exchange.keys import make_keys
from comity.exchange.messages import build, new_id, open_message
from comity.exchange.model import Kind, Reason


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
