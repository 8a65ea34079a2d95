"""A desk: one installation of one party, where all that is done on a line begins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from comity.errors import ExchangeError, RefusedError
from comity.exchange import outbox, reading
from comity.exchange.canonical import stamp
from comity.exchange.cardbook import CardBook
from comity.exchange.cards import sealing_key
from comity.exchange.database import Database, sqlite_url
from comity.exchange.desk_config import DeskConfig, load
from comity.exchange.endings import endings
from comity.exchange.heads import take_head
from comity.exchange.kept import KeptLines
from comity.exchange.keyring import KeyRing
from comity.exchange.lines import (
    all_lines,
    drop_line,
    find_line,
    find_relay,
    make_line,
    put_relay,
    save_line,
)
from comity.exchange.messages import open_message
from comity.exchange.model import (
    Card,
    Delivery,
    Draft,
    Json,
    Kind,
    Line,
    Message,
    Opened,
    Outcome,
    Person,
    PrivateKey,
    PublicKey,
    Reason,
    Received,
    Relay,
    Role,
    Terms,
    Token,
)
from comity.exchange.notes import notes_under
from comity.exchange.programs import add_token, all_tokens, remove_token
from comity.exchange.quota import Quota, Used, quota_alarms, quota_of, set_quota, used_on
from comity.exchange.receive import Intake
from comity.exchange.sending import (
    all_drafts,
    body_digest,
    find_draft,
    new_draft,
    save_draft,
    send,
    set_draft,
)
from comity.exchange.water import HighWater

DATABASE = "exchange.sqlite"
OPERATOR = Person("operator", frozenset(Role))
"""Who works at the machine itself, with the folder of the desk before them."""


def utc_now() -> dt.datetime:
    """Return this instant."""
    return dt.datetime.now(dt.UTC)


class Desk:
    """The desk in the folder `home`. `clock` says what time it is."""

    def __init__(
        self, home: Path, config: DeskConfig, clock: Callable[[], dt.datetime] = utc_now,
        passphrase: str | None = None, make: bool = False,
    ) -> None:  # fmt: skip
        self.home, self.config, self.clock, self.party = home, config, clock, config.party
        self.book = CardBook(home / "cards", config.party)
        self.ring = KeyRing(home / "keys", passphrase)
        self.database = Database(config.database or sqlite_url(home / DATABASE), make)
        self.water = HighWater(home / "sent.json")
        self._keys: dict[str, tuple[int, tuple[PublicKey, ...]]] = {}  # by the folder's state
        self.kept = KeptLines(self.lines)
        self.intake = Intake(self.database, self.party, self.keys_of, clock)

    @classmethod
    def open(
        cls, home: Path, clock: Callable[[], dt.datetime] = utc_now, passphrase: str | None = None
    ) -> Desk:
        """Open a desk that `comity exchange init` made. Raises ExchangeError."""
        return cls(home, load(home), clock, passphrase)

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    # cards

    def card_of(self, party: str) -> Card:
        """Return the card of a party, our own too. Raises ExchangeError where none is known."""
        known = self.book.own() if party == self.party else self.book.known(party)
        if known is None:
            raise ExchangeError(
                f"There is no card of {party} here. Take it in with `comity exchange contacts "
                "import FILE`."
            )
        return known[1]

    def keys_of(self, party: str) -> tuple[PublicKey, ...]:
        """Return the keys on a party's card. Raises RefusedError where there is no card of it."""
        try:
            state = (self.book.folder / party).stat().st_mtime_ns
        except OSError:
            state = 0
        if self._keys.get(party, (0, ()))[0] != state or not state:
            try:
                self._keys[party] = (state, self.card_of(party).keys)
            except RefusedError:
                raise
            except ExchangeError as error:
                raise RefusedError(str(error), Reason.UNKNOWN_KEY) from error
        return self._keys[party][1]

    # lines

    def lines(self) -> tuple[Line, ...]:
        """Return the lines this desk holds open, by id."""
        with self.database.reading() as link:
            return all_lines(link)

    def lines_lately(self, wait: bool = True) -> tuple[Line, ...] | None:
        """Return the lines as they were at most a second ago; a change made by this desk object is
        there at once. Without `wait` None where the database would have to be asked."""
        return self.kept.lines() if wait else self.kept.fresh()

    def line(self, id: str) -> Line:
        """Return a line. Raises ExchangeError naming those there are."""
        with self.database.reading() as link:
            if found := find_line(link, id):
                return found
            there = ", ".join(x.id for x in all_lines(link)) or "none yet"
        raise ExchangeError(
            f"No line {id[:60]!r} is open here. Open: {there}. Open one with `comity exchange "
            "open TRACK --with PARTY`."
        )

    def size(self, line: str) -> int:
        """Return how many entries the journal of a line has."""
        found = self.line(line)
        with self.database.reading() as link:
            return take_head(link, found, lock=False).size

    def open_line(
        self, id: str, others: Sequence[str], title: str = "", terms: Terms | None = None
    ) -> Line:
        """Open a line with other parties, or change its terms; their cards must be known here."""
        for party in others:
            self.card_of(party)
        line = make_line(id, title or id, (self.party, *others), terms or Terms())
        with self.database.writing() as link:
            save_line(link, line)
        self.kept.forget()
        return line

    def drop_line(self, id: str) -> None:
        """Take back a line on which nothing was said yet. Raises ExchangeError."""
        with self.database.writing() as link:
            drop_line(link, id)
        self.kept.forget()

    # drafts and sending

    def draft(self, line: str, kind: Kind, by: Person = OPERATOR, **said: Any) -> Draft:
        """Begin a draft and keep it; `said` are the arguments of `sending.new_draft`.

        Raises ExchangeError for a line there is not, RefusedError (role) where `by` may not.
        """
        return self.keep(new_draft(self.line(line).id, kind, by.name, self.clock(), **said), by)

    def keep(self, draft: Draft, by: Person = OPERATOR) -> Draft:
        """Keep a draft as it is now; what changed in it takes earlier approvals away."""
        demand(by, Role.DRAFT)
        with self.database.writing() as link:
            return save_draft(link, replace(draft, saved=self.clock()))

    def drafts(self) -> tuple[Draft, ...]:
        """Return the drafts at hand, the latest first."""
        with self.database.reading() as link:
            return all_drafts(link)

    def find_draft(self, id: str) -> Draft:
        """Return a draft. Raises ExchangeError for one there is not."""
        with self.database.reading() as link:
            found = find_draft(link, id)
        if found is None:
            raise ExchangeError(f"There is no draft {id[:40]!r} here.")
        return found

    def discard(self, id: str, by: Person = OPERATOR) -> None:
        """Put a draft away for good."""
        demand(by, Role.DRAFT)
        if self.find_draft(id).state != "draft":
            raise ExchangeError("This draft was sent or discarded already.")
        with self.database.writing() as link:
            set_draft(link, id, "discarded", ())

    def release(self, id: str, by: Person = OPERATOR, seen: str = "") -> Message | Draft:
        """Send a draft, or note the first of two releases where the party wants two persons.

        `seen` is the digest of what the person read (`sending.body_digest`): another draft than
        that is not released. Returns the message, or the draft that waits for a second person.
        """
        demand(by, Role.RELEASE)
        with self.database.writing() as link:
            draft = find_draft(link, id, lock=True)
            if draft is None or draft.state != "draft":
                raise ExchangeError("There is no such draft, or it was sent already.")
            if seen and seen != body_digest(draft):
                raise ExchangeError("The draft has changed since you read it; read it again.")
            if self.config.two_persons:
                names = sorted({*draft.approvals, by.name})
                set_draft(link, id, "draft", names)
                draft = replace(draft, approvals=tuple(names))
        if self.config.two_persons and len(draft.approvals) < 2:
            return draft
        return self.send(draft)

    def send(self, draft: Draft) -> Message:
        """Sign and send what was released. Raises what `sending.send` raises."""
        line = self.line(draft.line)
        sealing: list[PublicKey] = []
        if draft.seal:
            for party in line.parties:
                sealing.append(sealing_key(self.card_of(party), self.clock()))
        return send(self, line, draft, sealing)

    # what came in

    def accept(self, line: str, objects: Sequence[Json], carrier: str) -> tuple[Outcome, ...]:
        """Take in STIX objects that hold messages of a line; see `receive.Intake.accept`."""
        found = next((one for one in self.kept.lines() if one.id == line), None)
        return self.intake.accept(found or self.line(line), objects, carrier)

    def thread(self, id: str) -> tuple[Received, ...]:
        """Return the messages of a thread in the order of this journal, of one line: that on which
        it was there first. Raises ExchangeError."""
        with self.database.reading() as link:
            found = reading.thread(link, id)
        if not found:
            raise ExchangeError(f"There is no thread {id[:40]!r} here.")
        return found

    def threads(
        self, line: str = "", most: int = 0, skip: int = 0
    ) -> tuple[reading.ThreadEntry, ...]:
        """Return the threads of a line, or of all, the latest first; all, or a page of `most`."""
        with self.database.reading() as link:
            return reading.threads(link, line, most, skip)

    def messages(self, line: str) -> tuple[Received, ...]:
        """Return every message of a line, in the order of this journal."""
        with self.database.reading() as link:
            return tuple(reading.messages_of(link, line))

    def unread(self) -> tuple[Received, ...]:
        """Return what nobody here has read yet, oldest first."""
        with self.database.reading() as link:
            return reading.unread(link)

    def mark_read(self, line: str, digests: Sequence[str]) -> None:
        """Note that messages were read."""
        with self.database.writing() as link:
            reading.mark_read(link, line, digests)

    def opened(self, message: Message) -> Opened:
        """Return what a message says, as far as our keys open it."""
        return open_message(message, self.ring.sealing() if message.header.sealed else ())

    # what goes out

    def due(self, peer: str, line: str, most: int = 100, all: bool = False) -> tuple[Message, ...]:
        """Return the messages to bring to a peer now, in order. Those whose key no longer holds
        (it ended or was revoked on their way) go out signed anew; their digests stay."""
        now = self.clock()
        with self.database.reading() as link:
            found = outbox.due(link, peer, line, now, most, all)
            return outbox.signed_anew(link, found, self.ring, now)

    def delivered(self, line: str, digests: Sequence[str], peer: str) -> None:
        """Note that a peer has messages in its journal."""
        with self.database.writing() as link:
            outbox.settle(link, line, digests, peer)

    def not_taken(self, line: str, digests: Sequence[str], peer: str, error: str) -> None:
        """Note that a peer refused messages for good."""
        with self.database.writing() as link:
            outbox.settle(link, line, digests, peer, "refused", error)

    def postponed(
        self, line: str, digests: Sequence[str], peer: str, error: str, jitter: float = 0.0
    ) -> None:
        """Note that messages did not arrive and are tried again later."""
        with self.database.writing() as link:
            outbox.postpone(link, line, digests, peer, self.clock(), error, jitter)

    def signing_key(self) -> PrivateKey:
        """Return the key this party signs with now. Raises ExchangeError where it has none."""
        return self.ring.signing(self.clock())

    def relay(self, line: str) -> Relay | None:
        """Return the TAXII server between the parties of a line, where there is one."""
        with self.database.reading() as link:
            return find_relay(link, line)

    def set_relay(self, line: str, relay: Relay | None) -> None:
        """Name the TAXII server between the parties of a line, or take it away."""
        found = self.line(line)
        with self.database.writing() as link:
            put_relay(link, found.id, relay)

    def stored(
        self, line: str, wanted: reading.Wanted, limit: int, bodies: bool = True
    ) -> tuple[reading.StoredObject, ...]:
        """Return up to `limit` versions of objects of a line, in the order they were added. With
        `bodies`, our own messages whose key no longer holds are signed anew, as `due` does."""
        with self.database.reading() as link:
            found = reading.stored(link, line, wanted, limit, bodies)
            if not bodies:
                return found
            return outbox.served(link, line, found, self.party, self.ring, self.clock())

    def token(self, name: str) -> Token | None:
        """Return the token of a name, or None."""
        with self.database.reading() as link:
            return next((t for t in all_tokens(link) if t.name == name), None)

    def tokens(self) -> tuple[Token, ...]:
        """Return the passwords of programs, by name."""
        with self.database.reading() as link:
            return all_tokens(link)

    def put_token(self, token: Token) -> None:
        """Keep a program's password. Raises ExchangeError for a name that is taken."""
        with self.database.writing() as link:
            add_token(link, token)

    def drop_token(self, name: str) -> None:
        """Take a program's password away. Raises ExchangeError for a name there is not."""
        with self.database.writing() as link:
            remove_token(link, name)

    def deliveries(self, line: str = "", open_only: bool = True) -> tuple[Delivery, ...]:
        """Return what is on its way, or was refused."""
        with self.database.reading() as link:
            return outbox.deliveries(link, line, open_only)

    def cursor(self, peer: str, line: str) -> str:
        """Return how far a line was read at a peer's server; empty where never."""
        with self.database.reading() as link:
            return reading.cursor(link, peer, line)

    def set_cursor(self, peer: str, line: str, value: str) -> None:
        """Note how far a line was read at a peer's server."""
        with self.database.writing() as link:
            reading.set_cursor(link, peer, line, value)

    def alarms(self) -> Mapping[str, str]:
        """Return what a person should know at once, by name: contradictions, a lost past, a party
        that used up its quota, cards, keys and certificates that end."""
        now = self.clock()
        with self.database.reading() as link:
            held = reading.own_numbers(link, self.party)
            seen = {
                f"seen-by:{name}": number
                for name, number in notes_under(link, "seen-by:").items()
                if int(number) > held.get(name.partition(":")[0], 0)
            }
            return {
                **seen,
                **{f"terms-differ:{k}": v for k, v in notes_under(link, "terms-differ:").items()},
                **reading.contradictions(link),
                **quota_alarms(link, now),
                **{f"ends:{e.what}:{e.party}": stamp(e.until) for e in endings(self, now)},
            }

    def quota(self, line: str) -> tuple[Quota, Mapping[str, Used]]:
        """Return what a line takes of each other party in a day, and what each brought today."""
        found = self.line(line)
        with self.database.reading() as link:
            return quota_of(link, found.id), used_on(link, found.id, self.clock())

    def set_quota(self, line: str, quota: Quota) -> None:
        """Say what a line takes of each other party in a day. Raises ExchangeError."""
        found = self.line(line)
        with self.database.writing() as link:
            set_quota(link, found.id, quota)


def demand(by: Person, role: Role) -> None:
    """Raise RefusedError (role) where a person may not do what it asks for."""
    if role not in by.roles:
        has = ", ".join(sorted(by.roles)) or "none"
        raise RefusedError(
            f"This needs the role {role!s}; {by.name} has: {has}. Ask who keeps the desk.",
            Reason.ROLE,
        )
