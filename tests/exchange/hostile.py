"""A party that has its key and a program of its own: messages no honest desk would write."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from desks import LINE, WHAT

from comity.exchange.canonical import canonical, whole
from comity.exchange.desk import Desk
from comity.exchange.heads import take_head
from comity.exchange.keys import sign
from comity.exchange.lines import agreement_of
from comity.exchange.messages import EXTENSION, TYP, build, message_id
from comity.exchange.model import Header, Kind, Level, Message, Seen

Root = dict[str, Any]
NOTE = "note--00000000-0000-4000-8000-000000000001"
SOMEBODY = "identity--00000000-0000-4000-8000-000000000000"


def note(text: str = "Seen.", **said: Any) -> dict[str, Any]:
    """A STIX note."""
    at = "2026-02-02T09:00:00.000Z"
    return {"type": "note", "spec_version": "2.1", "id": NOTE, "created": at, "modified": at,
            "content": text, "object_refs": [SOMEBODY], **said}  # fmt: skip


def grouping(**said: Any) -> dict[str, Any]:
    """A STIX grouping that is no message."""
    at = "2026-02-02T09:00:00.000Z"
    return {"type": "grouping", "spec_version": "2.1", "created": at, "modified": at,
            "context": "malware-analysis", "object_refs": [SOMEBODY],
            "id": "grouping--00000000-0000-4000-8000-000000000001", **said}  # fmt: skip


def header(desk: Desk, number: int = 0, line: str = LINE, **said: Any) -> Header:
    """What the desk's next message would say of itself, or its `number`th, whatever it holds."""
    with desk.database.reading() as link:
        head = take_head(link, desk.line(line), lock=False)
    own = head.last.get(desk.party)
    count = number or (own.number + 1 if own else 1)
    seen = tuple(Seen(p, x.number, x.digest) for p, x in sorted(head.last.items())
                 if p != desk.party)  # fmt: skip
    made = Header(
        id=message_id(line, desk.party, count), line=line, agreement=agreement_of(head.line),
        thread=str(uuid.uuid4()), kind=Kind.NOTIFICATION, sender=desk.party, number=count,
        previous=own.digest if own else "", seen=seen, sent=whole(desk.clock()), content=(),
        journal_size=head.size, journal_root=head.root, marking=Level.AMBER,
    )  # fmt: skip
    return replace(made, **said)


def written(
    desk: Desk, head: Header, fields: Mapping[str, Any] = WHAT,
    objects: Sequence[Mapping[str, Any]] = (), title: str = "Notification", **more: Any,
) -> Message:  # fmt: skip
    """A message with this header, signed by the desk's key."""
    return build(head, title, fields, objects, desk.signing_key(), **more)


def chain(desk: Desk, count: int, **said: Any) -> list[Message]:
    """Messages that follow each other, none of them in the desk's own journal."""
    found: list[Message] = []
    for n in range(1, count + 1):
        previous = found[-1].digest if found else ""
        found.append(written(desk, header(desk, n, previous=previous), **said))
    return found


def changed(desk: Desk, message: Message, change: Callable[[Root], None]) -> Root:
    """A message's root changed at will and signed anew."""
    root: Root = copy.deepcopy(dict(message.root))
    root["extensions"][EXTENSION].pop("signature", None)
    change(root)
    root["extensions"][EXTENSION]["signature"] = sign(canonical(root), desk.signing_key(), TYP)
    return root
