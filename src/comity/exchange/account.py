"""One thread with its proof, as a STIX 2.1 bundle that can be verified with nothing but itself.

The bundle holds the messages as their senders signed them, what they say (as far as the audience
may see it) and a note that carries the proof: each message's entry in the exporter's journal with
the path to one root, salts that open sealed parts one by one, every party's signed cards, and the
exporter's signature over all of it. What is left out keeps its digest: a gap can be seen, and
nobody can fill it with something else. `account_check.py` verifies it.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comity.errors import ExchangeError
from comity.exchange.canonical import canonical, digest_of, sha256, stamp
from comity.exchange.cards import read_card
from comity.exchange.journal import read_entry
from comity.exchange.keys import sign
from comity.exchange.marking import LEVEL_OF, ORDER, level_of, tlp_object
from comity.exchange.merkle import Tree
from comity.exchange.messages import (
    EXTENSION,
    FIELDS,
    SPACE,
    TITLES,
    extension_object,
    identity_object,
    identity_of,
    read_root,
)
from comity.exchange.model import (
    TLP_IDS,
    Card,
    JournalEntry,
    Json,
    Level,
    Line,
    Message,
    Opened,
    PrivateKey,
)

TYP = "comity-account"
PROOF = f"extension-definition--{uuid.uuid5(SPACE, 'comity account of a consultation')}"
ABSTRACT = "The account of a consultation, with its proof"
PROVING = "2026-11-26T00:00:00.000Z"


@dataclass(frozen=True, slots=True)
class Part:
    """A message of the thread with its entry in our journal and what it says."""

    message: Message
    entry: JournalEntry
    opened: Opened


def make_account(
    line: Line, thread: str, party: str, made: dt.datetime, parts: Sequence[Part],
    bodies: Iterable[bytes], cards: Mapping[str, Sequence[str]], key: PrivateKey,
    audience: Level = Level.RED,
) -> dict[str, Any]:  # fmt: skip
    """Return the account of a thread as a bundle, for those who may see up to `audience`.

    `parts` stand in the order of our journal, whose entries' bodies are all of `bodies`; `cards`
    are all versions of every party's signed card, oldest first. Raises ExchangeError where the
    thread has no message, or a party no card.
    """
    if not parts:
        raise ExchangeError(f"There is no message in the thread {thread[:40]!r}.")
    newest = {p: _newest(p, cards) for p in line.parties}
    tree = Tree(bodies)
    shown = [_shown(part, audience) for part in parts]
    proof: dict[str, Any] = {
        "version": 1, "line": line.id, "thread": thread, "party": party, "made": stamp(made),
        "parties": list(line.parties), "audience": audience.value,
        "head": [tree.size, tree.root()],
        "messages": [
            {"digest": part.message.digest, "entry": part.entry.body,
             "inclusion": list(tree.inclusion_proof(part.entry.n - 1)),
             "message": part.message.header.id if kept else "", "opened": opened}
            for part, (kept, opened, _) in zip(parts, shown, strict=True)
        ],
        "cards": {p: list(cards[p]) for p in line.parties},
    }  # fmt: skip
    proof["signature"] = sign(signed_part_of(proof), key, TYP)
    roots = [part.message.root for part, (kept, _, _) in zip(parts, shown, strict=True) if kept]
    objects = [*roots, *(value for _, _, values in shown for value in values)]
    return bundle_of(proof, objects, newest)


def _newest(party: str, cards: Mapping[str, Sequence[str]]) -> Card:
    if not cards.get(party):
        raise ExchangeError(f"There is no card of {party} here; without it nobody can verify.")
    return read_card(cards[party][-1])


def _shown(part: Part, audience: Level) -> tuple[bool, list[list[Any]], list[Json]]:
    """Return what an audience may see of a message: its root or not, the parts of it that open a
    sealed message ([number, salt, fields or the object's id]), and its objects."""
    header, opened = part.message.header, part.opened
    if ORDER.index(header.marking) > ORDER.index(audience):
        return False, [], []
    if not opened.readable:
        return True, [], []
    values = [
        (n, value)
        for n, value in enumerate(opened.objects, start=1)
        if ORDER.index(level_of(value) or header.marking) <= ORDER.index(audience)
    ]
    if not header.sealed:
        return True, [], [value for _, value in values]
    openings: list[list[Any]] = [[0, opened.salts[0], dict(opened.fields)]]
    openings += [[n, opened.salts[n], str(value["id"])] for n, value in values]
    return True, openings, [value for _, value in values]


def signed_part_of(proof: Json) -> bytes:
    """Return what the exporter signs of a proof: the digest of all of it but the signature."""
    return sha256(canonical({k: v for k, v in proof.items() if k != "signature"})).encode()


def bundle_of(proof: Json, objects: Sequence[Json], cards: Mapping[str, Card]) -> dict[str, Any]:
    """Return the bundle of a proof and the messages and objects it is about.

    All else in it is made here from these: the note, the parties' identities, the definitions of
    markings and extensions. So verifying makes it again and compares.
    """
    once = {digest_of(value): dict(value) for value in objects}
    brought = {value["id"] for value in once.values()}
    roots = [value for value in once.values() if is_message(value)]
    around = [identity_object(p, card.name, card.issued) for p, card in sorted(cards.items())]
    used = {ref for value in once.values() for ref in value.get("object_marking_refs", ())}
    levels = {LEVEL_OF[ref] for ref in used if ref in TLP_IDS.values()} | {Level(proof["audience"])}
    around += [tlp_object(level) for level in ORDER if level in levels]
    around += [extension_object(), proof_extension()]
    note = _note(proof, roots)
    found = [*(value for value in around if value["id"] not in brought), *once.values(), note]
    name = f"bundle--{uuid.uuid5(SPACE, digest_of(found))}"
    return {"type": "bundle", "id": name, "objects": found}


def is_message(value: Json) -> bool:
    """Say whether an object of an account is a message's root."""
    return value.get("type") == "grouping" and EXTENSION in value.get("extensions", {})


def proof_extension() -> dict[str, Any]:
    """Return the STIX object that says what our extension of the note is."""
    return {**extension_object(), "id": PROOF, "created": PROVING, "modified": PROVING,
            "name": "Comity account of a consultation",
            "description": "The proof of one thread: journal entries with their paths to one "
            "signed root, salts of opened parts, the parties' signed cards."}  # fmt: skip


def _note(proof: Json, roots: Sequence[Json]) -> dict[str, Any]:
    """Return the note that carries a proof; its text is made from the proof and the messages."""
    own = identity_of(proof["party"])
    return {
        "type": "note", "spec_version": "2.1",
        "id": f"note--{uuid.uuid5(SPACE, digest_of(proof))}",
        "created_by_ref": own, "created": proof["made"], "modified": proof["made"],
        "abstract": ABSTRACT, "content": "\n".join(told(proof, roots)),
        "object_refs": [root["id"] for root in roots] or [own],
        "object_marking_refs": [TLP_IDS[Level(proof["audience"])]],
        "extensions": {PROOF: {"extension_type": "property-extension", "proof": proof}},
    }  # fmt: skip


def told(proof: Json, roots: Sequence[Json]) -> list[str]:
    """Return what an account holds, in lines."""
    by_id = {root["id"]: root for root in roots}
    size, root = proof["head"]
    lines = [
        f"{proof['party']} gives account of thread {proof['thread']} on the line {proof['line']}, "
        f"made {proof['made']} for TLP:{proof['audience'].upper()}.",
        f"Its journal then had {size} entries, with the Merkle root {root}.",
    ]
    for one in proof["messages"]:
        entry = read_entry(one["entry"])
        place = f"Entry {entry.n}, recorded {stamp(entry.recorded)}: "
        name = f"message {entry.number} of {entry.sender}"
        if one["message"] in by_id:
            header, _ = read_root(by_id[one["message"]])
            what = f"{TITLES[header.kind]}, sent {stamp(header.sent)}, {name}"
        else:
            what = f"{name}, left out for this audience"
        lines.append(f"{place}{what}; digest {one['digest']}")
    return lines


def write_account(bundle: Json) -> str:
    """Return an account as a file holds it."""
    return json.dumps(bundle, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def names_of_parts(content: Sequence[tuple[str, str]], sealed: str) -> list[tuple[int, str, str]]:
    """Return the parts of a message that can be shown: number, name ("" where sealed), digest."""
    return [(n, name, d) for n, (name, d) in enumerate(content) if not sealed or name == ""]


__all__ = [
    "ABSTRACT",
    "FIELDS",
    "PROOF",
    "TYP",
    "Part",
    "bundle_of",
    "is_message",
    "make_account",
    "names_of_parts",
    "proof_extension",
    "signed_part_of",
    "told",
    "write_account",
]
