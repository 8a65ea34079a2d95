"""Two parties whose messages cross, and the journals both keep: rows as a desk stores them."""

from __future__ import annotations

import datetime as dt
import json
import random
from dataclasses import dataclass, field
from typing import Any

from comity.exchange.canonical import canonical, sha256, stamp
from comity.exchange.journal import Head, Row, make_entry
from comity.exchange.merkle import Frontier
from comity.exchange.messages import EXTENSION
from comity.exchange.proof_texts import header_in

LINE = "us-china-hotline"
CHINA, US = "china.example", "us.example"
START = dt.datetime(2026, 11, 26, 16, 0, tzinfo=dt.UTC)


@dataclass
class Party:
    """A party with its journal, which it keeps as a desk does."""

    name: str
    rows: list[Row] = field(default_factory=list)
    tree: Frontier = field(default_factory=Frontier)
    last: dict[str, tuple[int, str]] = field(default_factory=dict)
    clock: dt.datetime = START

    def head(self) -> Head:
        """The stored end of the journal."""
        return Head(len(self.rows), self.rows[-1].hash if self.rows else "", self.tree.root(),
                    dict(self.last))  # fmt: skip

    def send(self, **said: Any) -> str:
        """Put a new message into the journal and return its text."""
        number, previous = self.last.get(self.name, (0, ""))
        header = {
            "sender": self.name, "number": number + 1, "previous": previous, "line": LINE,
            "seen": sorted([p, *pair] for p, pair in self.last.items() if p != self.name),
            "journal": [self.tree.size, self.tree.root()], **said,
        }  # fmt: skip
        text = canonical({"type": "grouping", "extensions": {EXTENSION: {"header": header}}})
        self.take(text.decode(), "sent")
        return text.decode()

    def take(self, text: str, what: str = "received") -> Row:
        """Put a message into the journal."""
        header = header_in(text)
        assert header is not None
        digest, sender, number = sha256(text.encode()), header["sender"], header["number"]
        self.clock += dt.timedelta(seconds=7)
        entry = make_entry(LINE, len(self.rows) + 1, self.clock, what, digest, sender, number,
                           self.rows[-1].hash if self.rows else "")  # fmt: skip
        row = Row(entry.n, entry.hash, entry.body, digest, sender, number, text)
        self.rows.append(row)
        self.tree.append(entry.body.encode())
        self.last[sender] = (number, digest)
        return row


def talk(messages: int, seed: int = 1) -> tuple[Party, Party]:
    """China and the United States after some messages, that arrive later and in bursts."""
    chance = random.Random(seed)
    china, us = Party(CHINA), Party(US)
    wires: dict[str, list[str]] = {CHINA: [], US: []}
    for k in range(messages):
        sender, other = (china, us) if chance.random() < 0.5 else (us, china)
        wires[other.name].append(sender.send(body=f"message {k}"))
        for party in (china, us):
            if chance.random() < 0.5:
                deliver(party, wires[party.name])
    for party in (china, us):
        deliver(party, wires[party.name])
    return china, us


def deliver(party: Party, wire: list[str]) -> None:
    """Bring all that is on a party's wire."""
    while wire:
        party.take(wire.pop(0))


def rewritten(party: Party, change: Any) -> Party:
    """The party's journal written anew, hashes, tree, columns and head: only what others hold, and
    what its own messages were signed with, is as it was. `change(n, row)` gives each row's body
    members to replace, or None to leave the entry out."""
    made = Party(party.name)
    for row in party.rows:
        changed = change(row.n, row)
        if changed is None:
            continue
        body = {**json.loads(row.body), **changed, "n": len(made.rows) + 1,
                "previous": made.rows[-1].hash if made.rows else ""}  # fmt: skip
        text = canonical(body).decode()
        new = row._replace(n=body["n"], body=text, hash=sha256(text.encode()))
        made.rows.append(new)
        made.tree.append(text.encode())
        made.last[row.sender] = (row.number, row.digest)
    return made


def at(seconds: float) -> str:
    """A timestamp some seconds after the start."""
    return stamp(START + dt.timedelta(seconds=seconds))
