"""Messages: built and signed as STIX, read back, checked, opened. See docs/exchange.md, "Form"."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import secrets
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from comity.errors import RefusedError
from comity.exchange.canonical import canonical, digest_of, sha256, stamp
from comity.exchange.content import check_objects
from comity.exchange.headers import bad, header_json, read_header
from comity.exchange.keys import seal, sign, unseal, verify
from comity.exchange.model import (
    TLP_IDS,
    Header,
    Json,
    Kind,
    Message,
    Opened,
    PrivateKey,
    PublicKey,
    Reason,
)
from comity.exchange.templates import check_fields
from comity.exchange.wording import MOST

SPACE = uuid.UUID("6c2f0d4e-0c55-5f2b-8f0e-3f6d0f7a9b11")
EXTENSION = f"extension-definition--{uuid.uuid5(SPACE, 'comity consultation message')}"
TYP = "comity-message"
SEALED_TYPE = "application/jose+json"
FIELDS = "fields"
MOST_NAME = 200
_ROOT = frozenset(
    {"type", "spec_version", "id", "created_by_ref", "created", "modified", "name", "description",
     "context", "object_refs", "object_marking_refs", "extensions"}
)  # fmt: skip
_CARRIED = frozenset({"extension_type", "header", "fields", "signature"})


def identity_of(party: str) -> str:
    """Return the id of a party's STIX identity: the same on every desk."""
    return f"identity--{uuid.uuid5(SPACE, f'party:{party}')}"


def identity_object(party: str, name: str, at: dt.datetime) -> dict[str, Any]:
    """Return a party's STIX identity."""
    when = stamp(at)
    return {"type": "identity", "spec_version": "2.1", "id": identity_of(party), "created": when,
            "modified": when, "name": name, "identity_class": "organization",
            "description": party}  # fmt: skip


def extension_object() -> dict[str, Any]:
    """Return the STIX object that says what our extension of a grouping is."""
    when = "2026-11-26T00:00:00.000Z"
    return {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": EXTENSION,
        "created_by_ref": f"identity--{uuid.uuid5(SPACE, 'comity')}",
        "created": when,
        "modified": when,
        "name": "Comity consultation message",
        "description": "A signed message of a consultation between parties.",
        "schema": "docs/exchange.md of Comity, section Form",
        "version": "1.0.0",
        "extension_types": ["property-extension"],
    }


def message_id(line: str, sender: str, number: int) -> str:
    """Return the id of a sender's `number`th message on a line: no other message can have it, so
    nobody takes another's away by being there first."""
    return f"grouping--{uuid.uuid5(SPACE, f'message:{line}:{sender}:{number}')}"


def new_id(kind: str = "grouping") -> str:
    """Return a new STIX id."""
    return f"{kind}--{uuid.uuid4()}"


def build(
    header: Header, title: str, fields: Json, objects: Sequence[Json], key: PrivateKey,
    sealing: Sequence[PublicKey] = (), text: str = "",
) -> Message:  # fmt: skip
    """Return a signed message: `header` without `content` and `sealed`, which are made here.

    With `sealing`, fields and objects are encrypted to these keys, and nothing of them is left
    outside but salted digests. Raises RefusedError (malformed) for what has no canonical JSON.
    """
    travelling: tuple[Json, ...] = tuple(objects)
    if sealing:
        salts = [secrets.token_hex(16) for _ in range(len(objects) + 1)]
        inner = {"message": header.id, "sender": header.sender, "fields": fields,
                 "objects": list(objects), "salts": salts}  # fmt: skip
        token = seal(canonical(inner), sealing)
        artifact = {"type": "artifact", "spec_version": "2.1", "id": new_id("artifact"),
                    "mime_type": SEALED_TYPE, "payload_bin": _b64(token.encode()),
                    "object_marking_refs": [TLP_IDS[header.marking]]}  # fmt: skip
        hidden = str(artifact["id"])
        parts = [("", d) for d in commitments(fields, objects, salts)]
        parts.append((hidden, digest_of(["", artifact])))
        header = replace(header, content=tuple(parts), sealed=hidden)
        travelling = (artifact,)
    else:
        names = [FIELDS, *(str(o["id"]) for o in objects)]
        digests = commitments(fields, objects, [""] * len(names))
        header = replace(header, content=tuple(zip(names, digests, strict=True)), sealed="")
    carried: dict[str, Any] = {"extension_type": "property-extension",
                               "header": header_json(header)}  # fmt: skip
    if not sealing:
        carried["fields"] = fields
    root = {
        "type": "grouping",
        "spec_version": "2.1",
        "id": header.id,
        "created_by_ref": identity_of(header.sender),
        "created": stamp(header.sent),
        "modified": stamp(header.sent),
        "name": title[:MOST_NAME],
        "context": "consultation",
        "object_refs": _refs(header),
        "object_marking_refs": [TLP_IDS[header.marking]],
        "extensions": {EXTENSION: carried},
    }
    if text and not sealing:
        root["description"] = text
    payload = canonical(root)
    carried["signature"] = sign(payload, key, TYP)
    return Message(header, sha256(payload), root, travelling, payload)


def resigned(message: Message, key: PrivateKey) -> Message:
    """Return the same message signed with another key; its digest stays."""
    payload = payload_of(message)
    return replace(message, root=with_signature(payload, sign(payload, key, TYP)))


def commitments(fields: Json, objects: Sequence[Json], salts: Sequence[str]) -> list[str]:
    """Return the digests a header commits to its parts with, the fields first."""
    values = (fields, *objects)
    return [digest_of([salt, value]) for salt, value in zip(salts, values, strict=True)]


def signed_part(root: Json) -> bytes:
    """Return the canonical bytes of a root that its signature is over."""
    carried = {k: v for k, v in root["extensions"][EXTENSION].items() if k != "signature"}
    return canonical({**root, "extensions": {EXTENSION: carried}})


def payload_of(message: Message) -> bytes:
    """Return the canonical bytes that a message's signature is over."""
    return message.payload or signed_part(message.root)


def with_signature(payload: bytes, signature: str) -> dict[str, Any]:
    """Return the root whose canonical bytes without signature are `payload`, with it."""
    root: dict[str, Any] = json.loads(payload)
    root["extensions"][EXTENSION]["signature"] = signature
    return root


def signature_of(root: Json) -> str:
    """Return the signature a root carries."""
    return str(root["extensions"][EXTENSION]["signature"])


def fields_of(root: Json) -> Json:
    """Return the fields of a root that is not sealed."""
    fields: Json = root["extensions"][EXTENSION]["fields"]
    return fields


def is_root(value: Any) -> bool:
    """Say whether a STIX object claims to be a message."""
    extensions = value.get("extensions") if isinstance(value, Mapping) else None
    return (
        isinstance(value, Mapping)
        and value.get("type") == "grouping"
        and isinstance(extensions, Mapping)
        and EXTENSION in extensions
    )


def read_root(root: Json) -> tuple[Header, bytes]:
    """Return the header of a root whose parts agree with each other, and what was signed of it.

    Raises RefusedError (malformed): an unknown member, or one that says another thing than the
    header does. Neither the signature nor the content is looked at.
    """
    if not set(root) <= _ROOT or not set(root) >= _ROOT - {"description"}:
        odd = sorted(set(root) ^ _ROOT)
        raise bad(str(odd[0])[:40], "must be there, and no other member may be")
    extensions = root["extensions"]
    carried = extensions[EXTENSION]
    if set(extensions) != {EXTENSION} or not isinstance(carried, dict):
        raise bad("extensions", "must be ours alone")
    header = read_header(carried.get("header"))
    wanted = _CARRIED - ({"fields"} if header.sealed else set())
    if set(carried) != wanted or carried["extension_type"] != "property-extension":
        raise bad("extension", f"must have exactly: {', '.join(sorted(wanted))}")
    if not isinstance(carried["signature"], str):
        raise bad("signature", "is no text")
    if not header.sealed and not isinstance(carried["fields"], dict):
        raise bad("fields", "are no object")
    for member, must in (
        ("type", "grouping"),
        ("spec_version", "2.1"),
        ("id", header.id),
        ("created_by_ref", identity_of(header.sender)),
        ("created", stamp(header.sent)),
        ("modified", stamp(header.sent)),
        ("context", "consultation"),
        ("object_refs", _refs(header)),
        ("object_marking_refs", [TLP_IDS[header.marking]]),
    ):
        if root[member] != must:
            raise bad(member, "says another thing than its header does")
    _check_words(root, header)
    return header, signed_part(root)


def _check_words(root: Json, header: Header) -> None:
    """Raise RefusedError for a subject or text that is long or does not print, or an open text
    beside what is sealed: programs that know only STIX show these as they are."""
    for member, most, also in (("name", MOST_NAME, ""), ("description", MOST, "\n\t")):
        text = root.get(member, "")
        if not isinstance(text, str) or len(text) > most:
            raise bad(member, f"is no text of at most {most:,} characters")
        if not all(c.isprintable() or c in also for c in text):
            raise bad(member, "has characters that do not print")
    if header.sealed and "description" in root:
        raise bad("description", "must not be there where the message is sealed")


def read_message(root: Json, find: Callable[[str, str], Json | None]) -> Message:
    """Return the message of a root, its content found by id and digest and held against both.

    Raises RefusedError: malformed, `incomplete` where content is missing, `altered` where a part
    is not what the header commits to.
    """
    header, payload = read_root(root)
    objects = []
    for name, wanted in header.content:
        if name in ("", FIELDS):
            continue
        value = find(name, wanted) if name != header.id else None
        if value is None:
            raise RefusedError(
                f"The message refers to {name}, which was not sent with it.", Reason.INCOMPLETE
            )
        if value.get("id") != name or digest_of(["", value]) != wanted:
            raise RefusedError(f"{name} is not what the message was signed with.", Reason.ALTERED)
        objects.append(value)
    if header.sealed:
        if {name for name, _ in header.content[:-1]} - {""} or [o["id"] for o in objects] != [
            header.sealed
        ]:
            raise bad("sealed part", "must be its only open content, after what is sealed")
    else:
        fields = fields_of(root)
        if header.content[0] != (FIELDS, digest_of(["", fields])):
            raise RefusedError("The fields are not what the message was signed with.",
                               Reason.ALTERED)  # fmt: skip
        if any(name == "" for name, _ in header.content):
            raise bad("content", "has a sealed part, but the message is not sealed")
    return Message(header, sha256(payload), root, tuple(objects), payload)


def check_signature(message: Message, keys: Sequence[PublicKey], now: dt.datetime) -> PublicKey:
    """Return the key a message is signed with. Raises RefusedError as keys.verify does."""
    payload = payload_of(message)
    return verify(payload, signature_of(message.root), keys, TYP, message.header.sent, now)


def open_message(message: Message, keys: Sequence[PrivateKey] = ()) -> Opened:
    """Return what a message says. What no key of ours opens is said not to be readable.

    Raises RefusedError: altered where what was sealed is not what was signed (another's sealed
    part put into a message of one's own), else what `check_fields` and `check_objects` say of it.
    """
    if not message.header.sealed:
        return Opened(fields_of(message.root), message.objects, ())
    try:
        token = base64.b64decode(message.objects[0]["payload_bin"], validate=True).decode()
        inner = json.loads(unseal(token, keys))
    except RefusedError:
        return Opened({}, (), (), readable=False)
    except (KeyError, ValueError, binascii.Error, RecursionError) as error:
        raise RefusedError("What was sealed cannot be read.", Reason.MALFORMED) from error
    return _checked(message.header, inner)


def _checked(header: Header, inner: Any) -> Opened:
    """Return what was sealed, held against the digests of the header."""
    try:
        fields, objects, salts = inner["fields"], inner["objects"], inner["salts"]
        ours = (inner["message"], inner["sender"]) == (header.id, header.sender)
        digests = commitments(fields, objects, salts)
    except (KeyError, TypeError, ValueError) as error:
        raise RefusedError("What was sealed has not its form.", Reason.MALFORMED) from error
    if not ours or digests != [d for name, d in header.content if name == ""]:
        raise RefusedError("What was sealed is not what the message was signed with.",
                           Reason.ALTERED)  # fmt: skip
    if not isinstance(fields, dict) or not isinstance(objects, list):
        raise RefusedError("What was sealed has not its form.", Reason.MALFORMED)
    check_fields(fields)  # what was sealed could not be looked at when it came in
    check_objects(objects)
    return Opened(fields, tuple(objects), tuple(salts))


def sort_out(objects: Iterable[Json]) -> tuple[list[Json], dict[str, list[Json]]]:
    """Return the messages' roots among objects, by number where they say so, and the others by id:
    of one there may be several versions."""
    roots, others = [], dict[str, list[Json]]()
    for value in objects:
        if is_root(value):
            roots.append(value)
        elif isinstance(value, Mapping) and isinstance(value.get("id"), str):
            others.setdefault(value["id"], []).append(value)
    roots.sort(key=_claimed_number)
    return roots, others


def _claimed_number(root: Json) -> int:
    carried = root["extensions"][EXTENSION]
    header = carried.get("header") if isinstance(carried, Mapping) else None
    number = header.get("number") if isinstance(header, Mapping) else None
    return number if isinstance(number, int) else 0


def _refs(header: Header) -> list[str]:
    named = [name for name, _ in header.content if name not in ("", FIELDS)]
    own = identity_of(header.sender)
    return [own, *(name for name in named if name != own)]


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


TITLES: Mapping[Kind, str] = {
    Kind.CHECK: "Communication check",
    Kind.CHECK_ANSWER: "Answer to a communication check",
    Kind.NOTIFICATION: "Notification",
    Kind.REQUEST: "Request for information",
    Kind.ACKNOWLEDGEMENT: "Acknowledgement",
    Kind.REPLY: "Reply",
    Kind.OPINION: "Opinion on an attribution",
    Kind.CORRECTION: "Correction",
    Kind.CLOSURE: "Closure",
}
"""How a kind of message is called where people read it."""
