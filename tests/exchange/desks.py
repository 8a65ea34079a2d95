"""Desks for tests: two or more parties with cards of each other, a clock that is set by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from comity.exchange.cards import accept_card, fingerprint
from comity.exchange.desk import Desk
from comity.exchange.desk_config import DeskConfig
from comity.exchange.making import make_desk
from comity.exchange.model import Kind, Line, Message, Outcome, State, Terms

START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
US, CN, UN = "us.example", "china.example", "un.example"
COUNTRIES = {US: "US", CN: "CN", UN: "CH"}
LINE = "us-cn-hotline"
WHAT = {
    "happened": "Credentials of a grid operator were stolen.",
    "when": "2026-02",
    "confidentiality": "serious",
    "asked": "Whether the servers named are known to you.",
}


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: dt.datetime = START
    off: dt.timedelta = field(default_factory=dt.timedelta)

    def __call__(self) -> dt.datetime:
        self.at += dt.timedelta(milliseconds=1)
        return self.at + self.off

    def move(self, **by: float) -> None:
        """Move the clock on."""
        self.at += dt.timedelta(**by)


def made(
    folder: Path, party: str, clock: Clock, database: str = "", two_persons: bool = False
) -> Desk:
    """Return a new desk in `folder`."""
    config = DeskConfig(party, COUNTRIES[party], f"The {party} team", database, two_persons)
    make_desk(folder / party, config, clock())
    return Desk.open(folder / party, clock)


def acquainted(*desks: Desk) -> None:
    """Let each desk have the cards of the others."""
    for desk in desks:
        for other in desks:
            if other is not desk:
                token, card = other.book.own()
                accept_card(token, None, None, desk.clock(), fingerprint(card))
                desk.book.put(token, card)


def joined(*desks: Desk, line: str = LINE, terms: Terms | None = None) -> Line:
    """Open a line between desks, with cards exchanged."""
    acquainted(*desks)
    lines = [
        desk.open_line(line, [d.party for d in desks if d is not desk], terms=terms)
        for desk in desks
    ]
    assert len(set(lines)) == 1
    return lines[0]


def sent(desk: Desk, kind: Kind, fields: dict[str, Any] | None = None, **said: Any) -> Message:
    """Write and release a message."""
    draft = desk.draft(LINE, kind, fields=fields if fields is not None else {}, **said)
    found = desk.release(draft.id)
    assert isinstance(found, Message)
    return found


def carried(message: Message) -> list[Any]:
    """Return a message as it travels: its content before its root."""
    return [*message.objects, message.root]


def bring(source: Desk, target: Desk, line: str = LINE) -> tuple[Outcome, ...]:
    """Bring all that is due from one desk to another, as a delivery would."""
    due = source.due(target.party, line, 1000, all=True)
    outcomes = target.accept(line, [o for m in due for o in carried(m)], source.party)
    there = [o.digest for o in outcomes if o.state not in (State.REFUSED, State.WAITING)]
    source.delivered(line, there, target.party)
    return outcomes
