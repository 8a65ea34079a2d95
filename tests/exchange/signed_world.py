"""Two parties with keys and cards whose signed messages cross: journals as a desk stores them."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from comity.exchange.account import Part
from comity.exchange.canonical import digest_of
from comity.exchange.cards import make_card
from comity.exchange.journal import Head, Row, make_entry
from comity.exchange.keys import make_keys
from comity.exchange.merkle import Frontier
from comity.exchange.messages import build, open_message, signature_of, signed_part
from comity.exchange.model import (
    Card,
    Channel,
    Header,
    JournalEntry,
    Kind,
    Level,
    Line,
    Message,
    Point,
    PrivateKey,
    PublicKey,
    Seen,
)

CHINA, US = "china.example", "us.example"
LINE = Line("us-china-hotline", "The hotline", (CHINA, US))
THREAD = "11111111-1111-4111-8111-111111111111"
START = dt.datetime(2026, 11, 26, 16, 0, tzinfo=dt.UTC)
_ids = itertools.count(1)


def message_id() -> str:
    """A new id of a message, the same in every run."""
    return f"grouping--00000000-0000-4000-8000-{next(_ids):012d}"


def clue(text: str, level: str = "") -> dict[str, Any]:
    """A STIX note as content of a message, marked where a level is given."""
    made = {"type": "note", "spec_version": "2.1",
            "id": f"note--00000000-0000-4000-8000-{next(_ids):012d}",
            "created": "2026-11-26T16:00:00.000Z", "modified": "2026-11-26T16:00:00.000Z",
            "content": text, "object_refs": ["identity--00000000-0000-4000-8000-000000000000"],
            "object_marking_refs": [level]}  # fmt: skip
    return made if level else {k: v for k, v in made.items() if k != "object_marking_refs"}


@dataclass
class Party:
    """A party with its keys, its card, and its journal."""

    name: str
    signing: PrivateKey
    sealing: PrivateKey
    cards: list[str] = field(default_factory=list)
    card: Card | None = None
    held: list[tuple[Message, JournalEntry]] = field(default_factory=list)
    tree: Frontier = field(default_factory=Frontier)
    last: dict[str, tuple[int, str]] = field(default_factory=dict)

    @classmethod
    def new(cls, name: str, country: str) -> Party:
        signing, sealing = make_keys(START - dt.timedelta(days=1))
        made = cls(name, signing, sealing)
        point = Point("technical", "Duty desk", (Channel("email", f"duty@{name}"),), ("en",))
        made.card = Card(
            name, f"The {country} desk", country, 1, "", START - dt.timedelta(hours=1),
            START + dt.timedelta(days=365), (point,), (signing.public, sealing.public),
        )  # fmt: skip
        made.cards = [make_card(made.card, signing)]
        return made

    @property
    def keys(self) -> tuple[PublicKey, ...]:
        assert self.card is not None
        return self.card.keys

    def compose(
        self, kind: Kind, at: float, *, fields: Mapping[str, Any] | None = None,
        objects: Sequence[Mapping[str, Any]] = (), seal: Sequence[PublicKey] = (),
        regards: str = "", marking: Level = Level.AMBER, thread: str = THREAD, **said: Any,
    ) -> Message:  # fmt: skip
        """The party's next message, signed and not yet in its journal."""
        number, previous = self.last.get(self.name, (0, ""))
        seen = tuple(Seen(p, n, d) for p, (n, d) in sorted(self.last.items()) if p != self.name)
        header = Header(
            id=message_id(), line=LINE.id, agreement=digest_of("terms"), thread=thread,
            kind=kind, sender=self.name, number=number + 1, previous=previous, seen=seen,
            sent=START + dt.timedelta(hours=at), content=(), journal_size=self.tree.size,
            journal_root=self.tree.root(), marking=marking, regards=regards,
        )  # fmt: skip
        return build(replace(header, **said), f"A {kind}", fields or {"what": "<b>seen</b>"},
                     objects, self.signing, seal, f"What: {kind}")  # fmt: skip

    def take(self, message: Message, at: float | None = None, what: str = "") -> None:
        """Put a message into the journal, received an hour after it was sent."""
        header, own = message.header, message.header.sender == self.name
        after = header.sent + dt.timedelta(hours=0 if own else 1)
        recorded = after if at is None else START + dt.timedelta(hours=at)
        entry = make_entry(LINE.id, len(self.held) + 1, recorded,
                           what or ("sent" if own else "received"), message.digest, header.sender,
                           header.number, self.held[-1][1].hash if self.held else "")  # fmt: skip
        self.held.append((message, entry))
        self.tree.append(entry.body.encode())
        self.last[header.sender] = (header.number, message.digest)

    def rows(self) -> list[Row]:
        """The journal as a desk stores it."""
        return [
            Row(e.n, e.hash, e.body, m.digest, m.header.sender, m.header.number,
                signed_part(m.root).decode(), signature_of(m.root))
            for m, e in self.held
        ]  # fmt: skip

    def head(self) -> Head:
        return Head(len(self.held), self.held[-1][1].hash if self.held else "", self.tree.root(),
                    dict(self.last))  # fmt: skip

    def parts(self, thread: str = THREAD) -> list[Part]:
        """The messages of a thread, opened as far as the party's keys open them."""
        return [
            Part(m, e, open_message(m, [self.sealing]))
            for m, e in self.held
            if m.header.thread == thread
        ]

    def bodies(self) -> list[bytes]:
        return [e.body.encode() for _, e in self.held]


def two() -> tuple[Party, Party]:
    """China and the United States, with nothing said yet."""
    return Party.new(CHINA, "CN"), Party.new(US, "US")


def pass_on(message: Message, sender: Party, *others: Party) -> Message:
    """Send a message and bring it to the others at once."""
    sender.take(message)
    for other in others:
        other.take(message)
    return message


def consultation(china: Party, us: Party, seal: bool = True) -> list[Message]:
    """A thread of four messages, one of them sealed, and two of another thread between."""
    both = [china.sealing.public, us.sealing.public] if seal else []
    said = [pass_on(us.compose(Kind.NOTIFICATION, 0, objects=[clue("A relay was entered.")]),
                    us, china)]  # fmt: skip
    pass_on(china.compose(Kind.CHECK, 1, thread=THREAD.replace("1", "2")), china, us)
    said.append(pass_on(
        us.compose(Kind.REQUEST, 2, fields={"asked": "Who rents the host?"}, seal=both,
                   objects=[clue("192.0.2.7"), clue("For your eyes.", RED)],
                   marking=Level.AMBER), us, china))  # fmt: skip
    said.append(pass_on(china.compose(Kind.ACKNOWLEDGEMENT, 3, regards=said[-1].header.id),
                        china, us))  # fmt: skip
    pass_on(us.compose(Kind.CHECK, 4, thread=THREAD.replace("1", "3")), us, china)
    said.append(pass_on(
        china.compose(Kind.REPLY, 5, regards=said[1].header.id, marking=Level.GREEN,
                      objects=[clue("Rented by a firm.", GREEN)]), china, us))  # fmt: skip
    return said


GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
