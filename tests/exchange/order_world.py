"""A line between parties on paper: who holds what, messages under way, any order of arrival."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from comity.exchange.model import Header, Kind, Level, Seen
from comity.exchange.order import Case
from comity.exchange.past import knew

START = dt.datetime(2026, 11, 26, 16, 0, tzinfo=dt.UTC)
THREAD = "11111111-1111-4111-8111-111111111111"


def header(
    sender: str, number: int, kind: Kind, seen: dict[str, int] | None = None, *, regards: str = "",
    hours: float = 0.0, deadline: dt.datetime | None = None, thread: str = THREAD,
) -> Header:  # fmt: skip
    """A message `hours` after the start; its id is made of its sender and number."""
    known = sorted((seen or {}).items())
    return Header(
        id=f"{sender}/{number}", line="l", agreement="", thread=thread, kind=kind, sender=sender,
        number=number, previous="", seen=tuple(Seen(p, n, "") for p, n in known if n),
        sent=START + dt.timedelta(hours=hours), content=(), journal_size=0, journal_root="",
        marking=Level.AMBER, regards=regards, deadline=deadline,
    )  # fmt: skip


@dataclass
class World:
    """Parties that send, and a wire that delivers whenever the test says so."""

    parties: tuple[str, ...]
    sent: list[Header] = field(default_factory=list)
    held: dict[str, list[Header]] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    legal: set[str] = field(default_factory=set)  # sent as the sender's own case allowed

    @classmethod
    def of(cls, parties: Sequence[str]) -> World:
        names = tuple(parties)
        cases = {p: Case(names) for p in names}
        return cls(names, [], {p: [] for p in names}, cases)

    def clock(self, party: str) -> dict[str, int]:
        clock = dict.fromkeys(self.parties, 0)
        for one in self.held[party]:
            clock[one.sender] = max(clock[one.sender], one.number)
        return clock

    def send(self, party: str, kind: Kind, regards: str = "", hours: float | None = None) -> Header:
        """The party sends, allowed or not, and holds its own message at once."""
        clock = self.clock(party)
        number = clock.pop(party) + 1
        at = float(len(self.sent)) if hours is None else hours
        one = header(party, number, kind, clock, regards=regards, hours=at)
        self.sent.append(one)
        self._take(party, one)
        return one

    def _take(self, party: str, one: Header) -> None:
        self.held[party].append(one)
        self.cases[party].add(one)

    def under_way(self, party: str) -> list[Header]:
        """What a party may take next: the message after the last of each other party, where it
        holds all that this one knew."""
        clock = self.clock(party)
        return [
            one
            for one in self.sent
            if one.number == clock[one.sender] + 1
            and all(clock[s.party] >= s.number for s in one.seen)
            and not knew(clock, one)
        ]

    def deliver(self, party: str, which: int = 0) -> None:
        """The party takes one message that is under way to it, if there is one."""
        if waiting := self.under_way(party):
            self._take(party, waiting[which % len(waiting)])

    def deliver_all(self) -> None:
        for party in self.parties:
            while self.under_way(party):
                self.deliver(party)
