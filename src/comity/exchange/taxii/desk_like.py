"""What the server and the delivery need of a desk, so that neither depends on how it keeps it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Protocol

from comity.exchange.model import (
    Card,
    Json,
    Line,
    Message,
    Outcome,
    PrivateKey,
    PublicKey,
    Relay,
    Token,
)
from comity.exchange.reading import StoredObject, Wanted


class ServedDesk(Protocol):
    """What the server needs of a desk."""

    @property
    def party(self) -> str:
        """The party whose desk it is."""

    @property
    def clock(self) -> Callable[[], dt.datetime]:
        """What says what time it is."""

    def lines_lately(self, wait: bool = True) -> tuple[Line, ...] | None:
        """Return the lines this desk holds open, by id, as they were at most a second ago; without
        `wait` None where they are to be read anew."""

    def keys_of(self, party: str) -> tuple[PublicKey, ...]:
        """Return the keys on a party's card. Raises RefusedError where there is no card of it."""

    def accept(self, line: str, objects: Sequence[Json], carrier: str) -> tuple[Outcome, ...]:
        """Take in messages; what is not refused and does not wait is on disk on return."""

    def stored(
        self, line: str, wanted: Wanted, limit: int, bodies: bool = True
    ) -> tuple[StoredObject, ...]:
        """Return up to `limit` versions of objects of a line, in the order they were added."""

    def token(self, name: str) -> Token | None:
        """Return the token of a name, or None."""


class DeliveringDesk(Protocol):
    """What bringing and fetching messages needs of a desk."""

    @property
    def party(self) -> str:
        """The party whose desk it is."""

    @property
    def clock(self) -> Callable[[], dt.datetime]:
        """What says what time it is."""

    def lines(self) -> tuple[Line, ...]:
        """Return the lines this desk holds open, by id."""

    def card_of(self, party: str) -> Card:
        """Return the card of a party. Raises ExchangeError where none is known."""

    def signing_key(self) -> PrivateKey:
        """Return the key this party signs with now. Raises ExchangeError where it has none."""

    def relay(self, line: str) -> Relay | None:
        """Return the TAXII server between the parties of a line, where there is one."""

    def accept(self, line: str, objects: Sequence[Json], carrier: str) -> tuple[Outcome, ...]:
        """Take in messages; what is not refused and does not wait is on disk on return."""

    def due(self, peer: str, line: str, most: int = 100, all: bool = False) -> tuple[Message, ...]:
        """Return the messages to bring to a peer now, in order; with `all` before their time."""

    def delivered(self, line: str, digests: Sequence[str], peer: str) -> None:
        """Note that a peer has messages in its journal."""

    def not_taken(self, line: str, digests: Sequence[str], peer: str, error: str) -> None:
        """Note that a peer refused messages for good."""

    def postponed(
        self, line: str, digests: Sequence[str], peer: str, error: str, jitter: float = 0.0
    ) -> None:
        """Note that messages did not arrive and are tried again later."""

    def cursor(self, peer: str, line: str) -> str:
        """Return how far a line was read at a peer's server; empty where never."""

    def set_cursor(self, peer: str, line: str, value: str) -> None:
        """Note how far a line was read at a peer's server."""
