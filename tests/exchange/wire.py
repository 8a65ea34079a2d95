"""A desk on paper for the tests of the wire: it takes in whatever it is not told to refuse."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from argon2 import PasswordHasher

from comity.errors import ExchangeError, RefusedError
from comity.exchange.keys import make_keys
from comity.exchange.model import Json, Line, Outcome, PrivateKey, PublicKey, Reason, State, Token
from comity.exchange.reading import StoredObject, Wanted
from comity.exchange.taxii.auth import make_bearer
from comity.exchange.taxii.media import MEDIA_TYPE
from comity.exchange.taxii.resources import ROOT, collection_id, version_of

NOW = dt.datetime(2026, 11, 26, 16, 0, tzinfo=dt.UTC)
HERE, PEER, THIRD = "china.example", "us.example", "russia.example"
LINE = Line("us-china", "Cyber line", (HERE, PEER))
OTHER = Line("china-russia", "Another line", (HERE, THIRD))
BEFORE = NOW - dt.timedelta(days=1)
KEYS: dict[str, PrivateKey] = {p: make_keys(BEFORE, 30)[0] for p in (HERE, PEER, THIRD)}
PASSWORD = "a-long-password-of-a-program"
HASHED = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
OBJECTS = f"{ROOT}collections/{collection_id(LINE.id)}/objects/"


@dataclass
class PaperDesk:
    """A desk in memory. `refuse` and `wait` are ids of messages it refuses or keeps waiting."""

    party: str = HERE
    clock: Callable[[], dt.datetime] = lambda: NOW
    held: dict[str, list[StoredObject]] = field(default_factory=dict)
    refuse: dict[str, Reason] = field(default_factory=dict)
    wait: set[str] = field(default_factory=set)
    broken: bool = False
    accepted: list[tuple[str, tuple[str, ...], str]] = field(default_factory=list)
    revoked: set[str] = field(default_factory=set)
    secrets: dict[str, str] = field(default_factory=lambda: {"tool": HASHED, "reader": HASHED})

    def lines_lately(self, wait: bool = True) -> tuple[Line, ...]:
        return (OTHER, LINE)

    def keys_of(self, party: str) -> tuple[PublicKey, ...]:
        if party not in KEYS:
            raise RefusedError("There is no card.", Reason.UNKNOWN_KEY)
        key = KEYS[party].public
        if party in self.revoked:
            key = PublicKey(key.kid, key.use, key.jwk, key.since, key.until, NOW, "lost")
        return (key,)

    def token(self, name: str) -> Token | None:
        if name not in self.secrets:
            return None
        return Token(name, PEER, self.secrets[name], name == "reader", NOW)

    def accept(self, line: str, objects: Sequence[Json], carrier: str) -> tuple[Outcome, ...]:
        if self.broken:
            raise ExchangeError("The desk is unchanged: the disk is full.")
        roots = [o for o in objects if o["type"] == "grouping"]
        found = [self._outcome(line, root) for root in roots]
        taken = {o.id for o in found if o.state in (State.ACCEPTED, State.HELD)}
        wanted = {r for root in roots if root["id"] in taken for r in root["object_refs"]} | taken
        for value in objects:
            if value["id"] in wanted:
                self._keep(line, value)
        self.accepted.append((line, tuple(r["id"] for r in roots), carrier))
        return tuple(found)

    def _outcome(self, line: str, root: Json) -> Outcome:
        name = root["id"]
        if name in self.refuse:
            return Outcome(name, "d", State.REFUSED, self.refuse[name], "It was refused.")
        if name in self.wait:
            return Outcome(name, "d", State.WAITING, None, "It waits.")
        there = any(row.id == name for row in self.held.get(line, ()))
        return Outcome(name, "d", State.HELD if there else State.ACCEPTED)

    def _keep(self, line: str, value: Json) -> None:
        rows = self.held.setdefault(line, [])
        if any((r.id, r.version) == (value["id"], version_of(value)) for r in rows):
            return
        added = NOW + dt.timedelta(microseconds=1 + len(rows))
        rows.append(StoredObject(
            len(rows) + 1, value["id"], version_of(value), value["type"],
            value.get("spec_version", "2.1"), f"{added:%Y-%m-%dT%H:%M:%S.%fZ}", json.dumps(value),
        ))  # fmt: skip

    def stored(
        self, line: str, wanted: Wanted, limit: int, bodies: bool = True
    ) -> tuple[StoredObject, ...]:
        every = self.held.get(line, [])
        rows = [
            r for r in every
            if r.added > wanted.added_after
            and (not wanted.ids or r.id in wanted.ids)
            and (not wanted.types or r.type in wanted.types)
            and (not wanted.spec_versions or r.spec_version in wanted.spec_versions)
            and _of_versions(r, every, wanted.versions or ("last",))
        ]  # fmt: skip
        return tuple(rows[:limit])


def _of_versions(row: StoredObject, every: Sequence[StoredObject], versions: Sequence[str]) -> bool:
    mine = sorted(r.version for r in every if r.id == row.id)
    named = {"all": mine, "first": mine[:1], "last": mine[-1:]}
    return any(row.version in named.get(v, [v]) for v in versions)


def message(number: int, at: str = "2026-11-26T15:00:00.000Z") -> list[dict[str, Any]]:
    """Return the objects of a message: a note, and the root that refers to it."""
    note = {
        "type": "note", "spec_version": "2.1", "created": at, "modified": at, "content": "Text.",
        "id": f"note--{uuid.uuid5(uuid.NAMESPACE_URL, f'note {number}')}",
        "object_refs": ["identity--2f3c6a5e-6f0e-4a3e-9f3b-0a1b2c3d4e5f"],
    }  # fmt: skip
    root = {
        "type": "grouping", "spec_version": "2.1", "created": at, "modified": at,
        "context": "consultation",
        "id": f"grouping--{uuid.uuid5(uuid.NAMESPACE_URL, f'root {number}')}",
        "object_refs": [note["id"]],
    }  # fmt: skip
    return [note, root]


def bearer(party: str = PEER, now: dt.datetime = NOW, audience: str = HERE) -> dict[str, str]:
    """Return the headers by which a peer calls."""
    return {
        "Authorization": f"Bearer {make_bearer(KEYS[party], party, audience, now)}",
        "Accept": MEDIA_TYPE,
        "Content-Type": MEDIA_TYPE,
    }
