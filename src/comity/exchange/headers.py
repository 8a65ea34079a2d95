"""A message's header as JSON and back: every member there, of its type, and no other."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from comity.errors import RefusedError
from comity.exchange.canonical import read_stamp, stamp
from comity.exchange.model import Header, Kind, Level, Reason, Seen

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
MESSAGE_ID = re.compile(rf"grouping--{_UUID}")
OBJECT_ID = re.compile(rf"[a-z][a-z0-9-]{{1,250}}--{_UUID}")
THREAD_ID = re.compile(_UUID)
DIGEST = re.compile(r"[0-9a-f]{64}")
PARTY = re.compile(
    r"(?=.{3,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]"
)
"""The name of a party, everywhere: like a domain in lower case, of at most 253 characters, its last
label of two or more (RFC 1035, 2.3.4, without the dot at the end)."""
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
MOST_NUMBER = 2**53 - 1
MOST_PARTS = 400


def header_json(header: Header) -> dict[str, Any]:
    """Return a header as its message carries it: instants as timestamps, what is empty as ""."""
    return {
        "id": header.id,
        "line": header.line,
        "agreement": header.agreement,
        "thread": header.thread,
        "kind": str(header.kind),
        "sender": header.sender,
        "number": header.number,
        "previous": header.previous,
        "seen": [[s.party, s.number, s.digest] for s in header.seen],
        "sent": stamp(header.sent),
        "content": [list(part) for part in header.content],
        "journal": [header.journal_size, header.journal_root],
        "marking": str(header.marking),
        "regards": header.regards,
        "provision": header.provision,
        "deadline": stamp(header.deadline) if header.deadline else "",
        "sealed": header.sealed,
    }


MEMBERS = frozenset(
    {"id", "line", "agreement", "thread", "kind", "sender", "number", "previous", "seen", "sent",
     "content", "journal", "marking", "regards", "provision", "deadline", "sealed"}
)  # fmt: skip


def read_header(value: object) -> Header:
    """Return the header that JSON means. Raises RefusedError (malformed) naming the member."""
    if not isinstance(value, dict) or set(value) != MEMBERS:
        odd = sorted(MEMBERS ^ set(value)) if isinstance(value, dict) else ["header"]
        raise bad(str(odd[0])[:40], "must be there, and no other member may be")
    size, root = _journal(value["journal"])
    return Header(
        id=_text(value, "id", MESSAGE_ID),
        line=_text(value, "line", NAME),
        agreement=_text(value, "agreement", DIGEST),
        thread=_text(value, "thread", THREAD_ID),
        kind=_choice(value, "kind", Kind),
        sender=_text(value, "sender", PARTY),
        number=_number(value["number"], "number"),
        previous=_text(value, "previous", DIGEST, empty=value["number"] == 1),
        seen=_seen(value["seen"], value["sender"]),
        sent=read_stamp(value["sent"]),
        content=_content(value["content"]),
        journal_size=size,
        journal_root=root,
        marking=_choice(value, "marking", Level),
        regards=_text(value, "regards", MESSAGE_ID, empty=True),
        provision=_text(value, "provision", NAME, empty=True),
        deadline=read_stamp(value["deadline"]) if value["deadline"] != "" else None,
        sealed=_text(value, "sealed", OBJECT_ID, empty=True),
    )


def bad(member: str, why: str) -> RefusedError:
    """Return the refusal of a message one of whose members is not as it must be."""
    return RefusedError(f"The message's {member} {why}.", Reason.MALFORMED)


def _text(value: dict[str, Any], member: str, form: re.Pattern[str], empty: bool = False) -> str:
    text = value[member]
    if isinstance(text, str) and ((empty and text == "") or form.fullmatch(text)):
        return text
    raise bad(member, f"is not of its form: {str(text)[:60]!r}")


def _choice(value: dict[str, Any], member: str, of: Callable[[str], Any]) -> Any:
    try:
        return of(value[member])
    except ValueError:
        raise bad(member, f"is none there is: {str(value[member])[:60]!r}") from None


def _number(value: object, member: str, least: int = 1) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= MOST_NUMBER:
        return value
    raise bad(member, f"must be a whole number from {least} on")


def _journal(value: object) -> tuple[int, str]:
    if not isinstance(value, list) or len(value) != 2:
        raise bad("journal", "must be a size and a root")
    size, root = value
    if not isinstance(root, str) or not DIGEST.fullmatch(root):
        raise bad("journal", "has no root of 64 hexadecimal digits")
    return _number(size, "journal", least=0), root


def _seen(value: object, sender: object) -> tuple[Seen, ...]:
    if not isinstance(value, list) or len(value) > 64:
        raise bad("seen", "must be a list of party, number and digest")
    found = []
    for item in value:
        if (
            not isinstance(item, list)
            or len(item) != 3
            or not isinstance(item[0], str)
            or not PARTY.fullmatch(item[0])
            or not isinstance(item[2], str)
            or not DIGEST.fullmatch(item[2])
        ):
            raise bad("seen", "must be a list of party, number and digest")
        found.append(Seen(item[0], _number(item[1], "seen"), item[2]))
    parties = [s.party for s in found]
    if parties != sorted(set(parties)):
        raise bad("seen", "must name each party once, in order")
    if sender in parties:
        raise bad("seen", "names its own sender, which is what `previous` is for")
    return tuple(found)


def _content(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_PARTS:
        raise bad("content", f"must commit to 1 to {MOST_PARTS} parts")
    found = []
    for item in value:
        if (
            not isinstance(item, list)
            or len(item) != 2
            or not all(isinstance(text, str) for text in item)
            or not DIGEST.fullmatch(item[1])
            or not (item[0] in ("", "fields") or OBJECT_ID.fullmatch(item[0]))
        ):
            raise bad("content", "must be a list of ids and digests")
        found.append((item[0], item[1]))
    named = [name for name, _ in found if name]
    if len(named) != len(set(named)):
        raise bad("content", "names an object twice")
    return tuple(found)
