"""What comes in: checked, put in its order, and into the journal once, however often it comes.

Nothing is believed but signatures: who carried a message does not matter, so a party gets even its
own messages back from another after a loss.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, select

from comity.errors import RefusedError
from comity.exchange import tables
from comity.exchange.canonical import digest_of, read_stamp, sha256, stamp
from comity.exchange.content import check_objects
from comity.exchange.headers import DIGEST, OBJECT_ID, bad
from comity.exchange.heads import Head, append, flush, queue, take_heads
from comity.exchange.lines import agreement_of
from comity.exchange.messages import (
    EXTENSION,
    check_signature,
    fields_of,
    message_id,
    payload_of,
    read_message,
    read_root,
    sort_out,
)
from comity.exchange.model import Json, Line, Message, Outcome, PublicKey, Reason, State
from comity.exchange.notes import drop_note, get_note, put_note
from comity.exchange.quota import charge, check_quota, load_notes, names_of
from comity.exchange.refusals import record, refusal
from comity.exchange.rules import check_order
from comity.exchange.templates import check_fields
from comity.exchange.threads import Threads
from comity.exchange.waiting import is_aside, put_aside, take_back

if TYPE_CHECKING:
    from comity.exchange.database import Database

MOST_TOGETHER = 64  # callers whose messages go to disk together
MOST_MISSING = 2000
GATHER_SECONDS = 0.005  # at most, for messages that are being checked at this moment


@dataclass(slots=True, eq=False)
class _Ticket:
    """Messages of one caller on their way into the journal, and what became of them."""

    line: Line
    items: list[Message | Outcome]
    carrier: str
    outcomes: tuple[Outcome, ...] | None = None
    error: BaseException | None = None


@dataclass(slots=True)
class Intake:
    """What takes messages in for one desk. `keys` gives the keys on a party's card."""

    database: Database
    party: str
    keys: Callable[[str], Sequence[PublicKey]]
    clock: Callable[[], dt.datetime]
    threads: Threads = field(default_factory=Threads)
    _pending: list[_Ticket] = field(default_factory=list)
    _gate: threading.Condition = field(default_factory=threading.Condition)
    _coming: int = 0  # callers whose messages are being checked

    def accept(self, line: Line, objects: Sequence[Json], carrier: str) -> tuple[Outcome, ...]:
        """Take in messages of a line; return what became of each.

        An outcome other than `refused` and `waiting` is in the journal, on disk, when this
        returns. What several callers bring at once goes to disk together: whoever has its turn
        takes along what waits and what is about to. Raises ExchangeError where the database
        refuses: then nothing was taken in.
        """
        now = self.clock()
        with self._gate:
            self._coming += 1
        ticket = None
        try:
            ticket = _Ticket(line, self._read(line, objects, now), carrier)
        finally:
            with self._gate:
                self._coming -= 1
                if ticket is not None:
                    self._pending.append(ticket)
                if not self._coming:
                    self._gate.notify_all()
        with self.database.turn:
            if ticket.outcomes is None and ticket.error is None:
                self._take_all(ticket, now)
        if ticket.error is not None:
            raise ticket.error
        return ticket.outcomes or ()

    def _read(
        self, line: Line, objects: Sequence[Json], now: dt.datetime
    ) -> list[Message | Outcome]:
        """Return the messages among objects, checked by themselves, or why they are refused."""
        roots, others = sort_out(objects)
        parts = _Parts(others)
        if missing := _missing(roots, others):
            with self.database.reading() as link:
                parts.stored = _stored(link, line, missing)
        return [self._checked(line, root, parts.find, now) for root in roots]

    def _take_all(self, first: _Ticket, now: dt.datetime) -> None:
        """Take in what waits, `first` among it: together, or where that cannot be each by itself,
        so that nobody's messages keep out another's."""
        with self._gate:
            self._gate.wait_for(lambda: not self._coming, GATHER_SECONDS)
            others = [t for t in self._pending if t is not first][: MOST_TOGETHER - 1]
            tickets = sorted([first, *others], key=lambda t: t.line.id)
            self._pending = [t for t in self._pending if t not in tickets]
        self._take(tickets, now)
        if len(tickets) > 1 and tickets[0].error is not None:
            for ticket in tickets:
                ticket.error = None
                self._take([ticket], now)

    def _take(self, tickets: Sequence[_Ticket], now: dt.datetime) -> None:
        """Take in several callers' messages in one transaction, all or none.

        Lines are held in order of their ids, so that two desks on one database cannot wait for
        each other.
        """
        found: dict[int, tuple[Outcome, ...]] = {}
        try:
            with self.database.writing() as link:
                heads = take_heads(link, list({t.line.id: t for t in tickets}))
                kept = load_notes(link, [n for head in heads for n in _notes_of(head.line)])
                for head in heads:
                    head.notes = kept
                    self.threads.start(head)
                    for place, t in enumerate(tickets):
                        if t.line.id == head.line.id:
                            placed = [self._placed(link, head, i, t.carrier, now) for i in t.items]
                            found[place] = tuple(placed)
                    if head.waiting:
                        self._drain(link, head, now)
                flush(link, *heads)
        except BaseException as error:
            for ticket in tickets:
                self.threads.forget(ticket.line.id)
                ticket.error = error
            return
        for head in heads:
            self.threads.finish(head)
        for place, ticket in enumerate(tickets):
            ticket.outcomes = found[place]

    def _checked(
        self, line: Line, root: Json, find: Callable[[str, str], Json | None], now: dt.datetime
    ) -> Message | Outcome:
        """Return a message whose form, signature and content are in order, or why it is refused."""
        identifier = str(root.get("id", ""))[:60]
        try:
            message = read_message(root, find)
            header = message.header
            if header.line != line.id:
                raise RefusedError(f"It belongs to the line {header.line}, not to {line.id}.",
                                   Reason.NO_SUCH_LINE)  # fmt: skip
            parties = set(line.parties)
            if header.sender not in parties or not {s.party for s in header.seen} < parties:
                raise RefusedError("Its sender is no party of this line.", Reason.WRONG_PARTY)
            if header.id != message_id(line.id, header.sender, header.number):
                raise bad("id", "is not the one its line, sender and number have")
            check_signature(message, self.keys(header.sender), now)
            check_objects(message.objects)
            if not header.sealed:
                check_fields(fields_of(message.root))
        except RefusedError as error:
            return refusal(identifier, _digest_of(root), error)
        return message

    def _placed(
        self, link: Connection, head: Head, item: Message | Outcome, carrier: str,
        now: dt.datetime, waited: bool = False,
    ) -> Outcome:  # fmt: skip
        """Put one message where it belongs: into the journal, aside to wait, or nowhere. One that
        `waited` was counted when it came."""
        if isinstance(item, Outcome):
            if item.digest and _is_held(link, head, item.digest):
                return Outcome(item.id, item.digest, State.HELD)
            record(head, item, carrier, now)
            return item
        try:
            return self._ordered(link, head, item, now, waited)
        except RefusedError as error:
            outcome = refusal(item.header.id, item.digest, error)
            record(head, outcome, carrier, now, item)
            return outcome

    def _ordered(
        self, link: Connection, head: Head, message: Message, now: dt.datetime, waited: bool
    ) -> Outcome:
        header = message.header
        last = head.last.get(header.sender)
        number = last.number if last else 0
        if header.sender not in head.line.parties:  # opened anew since, with others
            raise RefusedError("Its sender is no party of this line.", Reason.WRONG_PARTY)
        if header.number <= number:
            return _again(link, head, message)
        if header.sent > now + dt.timedelta(minutes=head.line.terms.clock_minutes):
            raise RefusedError(
                f"It says it was sent at {stamp(header.sent)}, and here it is {stamp(now)}. Set "
                "the clocks of both desks by one source; it is tried again.", Reason.CLOCK,
            )  # fmt: skip
        self._note_loss(link, head, message)
        free = waited or header.sender == self.party
        if header.number > number + 1 or _ahead(link, head, message):
            return _aside(link, head, message, now, free)
        if header.previous != (last.digest if last else ""):
            raise RefusedError(
                f"It follows another message than the {number}th of {header.sender} that is in "
                "the journal here: one of the two journals was changed.", Reason.CONTRADICTION,
            )  # fmt: skip
        if last and stamp(header.sent) <= last.sent:
            raise RefusedError(
                f"It says it was sent at {stamp(header.sent)}, before the message it follows "
                f"({last.sent}).", Reason.CLOCK,
            )  # fmt: skip
        if not free:
            check_quota(head, header.sender, now)
            charge(head, header.sender, _size(message), now)
        return self._appended(link, head, message, now)

    def _note_loss(self, link: Connection, head: Head, message: Message) -> None:
        """Note where another party has seen messages of ours that are not in our journal."""
        own = head.last.get(self.party)
        for seen in message.header.seen:
            if seen.party == self.party and seen.number > (own.number if own else 0):
                name = f"seen-by:{head.line.id}:{message.header.sender}"
                if int(get_note(link, name) or 0) < seen.number:
                    put_note(link, name, str(seen.number))

    def _appended(
        self, link: Connection, head: Head, message: Message, now: dt.datetime
    ) -> Outcome:
        """Append a message whose turn it is; one that breaks its thread's order has no effect."""
        header = message.header
        what = "returned" if header.sender == self.party else "received"
        state, reason, text = State.ACCEPTED, None, ""
        case = self.threads.of(link, head, header.thread)
        try:
            check_order(case, header)
        except RefusedError as error:
            what, state, reason, text = "irregular", State.IRREGULAR, Reason.ORDER, str(error)
        name = f"terms-differ:{head.line.id}"
        if header.agreement != agreement_of(head.line):
            head.notes[name] = head.fresh_notes[name] = header.sender
        elif head.notes.get(name) == header.sender:  # both have the same again
            del head.notes[name]
            head.fresh_notes.pop(name, None)
            drop_note(link, name)
        append(head, message, what, now, unread=header.sender != self.party)
        if what != "irregular":
            self.threads.add(header)
        if header.sender == self.party:  # our own, lost here and brought back by another
            peers = [p for p in head.line.parties if p != self.party]
            queue(head, header, message.digest, peers, now)
        return Outcome(header.id, message.digest, state, reason, text)

    def _still_good(self, message: Message, now: dt.datetime) -> Message | Outcome:
        """Return a message that waited, or why it is refused now: its key may have been revoked
        since it came."""
        try:
            check_signature(message, self.keys(message.header.sender), now)
        except RefusedError as error:
            return refusal(message.header.id, message.digest, error)
        return message

    def _drain(self, link: Connection, head: Head, now: dt.datetime) -> None:
        """Append what waited and waits no more, until nothing moves."""
        t = tables.waiting
        query = select(t.c.digest, t.c.sender, t.c.number).where(t.c.line == head.line.id)
        rows = list(link.execute(query.order_by(t.c.number)))
        moved = bool(rows)
        while moved:
            moved = False
            for row in list(rows):
                last = head.last.get(row.sender)
                number = last.number if last else 0
                if row.number > number + 1:
                    continue
                body = link.execute(select(t.c.body).where(
                    t.c.line == head.line.id, t.c.digest == row.digest)).scalar_one()  # fmt: skip
                root, objects = json.loads(body)
                header, payload = read_root(root)
                message = Message(header, row.digest, root, tuple(objects), payload)
                if row.number == number + 1 and _waits(link, head, message):
                    continue
                take_back(link, head, row.digest)
                self._placed(link, head, self._still_good(message, now), header.sender, now, True)
                rows.remove(row)
                moved = True


_HELD = select(tables.messages.c.n).where(
    tables.messages.c.line == bindparam("line"), tables.messages.c.digest == bindparam("digest")
)


def _is_held(link: Connection, head: Head, digest: str) -> bool:
    """Say whether a message is in the journal, whatever is to be said of it today: a key that was
    revoked since does not make what was taken in before come back as refused."""
    if any(row["digest"] == digest for row in head.rows.get("messages", ())):
        return True
    return link.execute(_HELD, {"line": head.line.id, "digest": digest}).first() is not None


def _digest_of(root: Json) -> str:
    try:
        return sha256(read_root(root)[1])
    except (RefusedError, KeyError, TypeError, AttributeError):
        return ""


@dataclass(slots=True)
class _Parts:
    """The objects beside the messages of one request, and those that earlier ones brought."""

    sent: Mapping[str, Sequence[Json]]  # by id
    stored: Mapping[str, Json] = field(default_factory=dict)  # by digest
    _digests: dict[str, dict[str, Json]] = field(default_factory=dict)

    def find(self, name: str, digest: str) -> Json | None:
        """Return the object with an id and digest; where it is not there, another of that id."""
        if digest in self.stored:
            return self.stored[digest]
        found = self.sent.get(name, ())
        if len(found) < 2:
            return found[0] if found else None
        if name not in self._digests:
            self._digests[name] = by_digest = {}
            for value in found:
                with suppress(RefusedError):  # it has no canonical form: nobody signed it
                    by_digest[digest_of(["", value])] = value
        return self._digests[name].get(digest, found[-1])


def _missing(roots: Sequence[Json], others: Mapping[str, Sequence[Json]]) -> list[str]:
    """Return the digests of content that roots commit to and that did not come with them."""
    wanted: set[str] = set()
    for root in roots:
        with suppress(KeyError, TypeError, ValueError):  # said of each when it is read
            content = root["extensions"][EXTENSION]["header"]["content"]
            for name, digest in content if isinstance(content, list) else ():
                if (
                    isinstance(name, str) and isinstance(digest, str) and name not in others
                    and OBJECT_ID.fullmatch(name) and DIGEST.fullmatch(digest)
                ):  # fmt: skip
                    wanted.add(digest)
    return sorted(wanted)[:MOST_MISSING]


def _stored(link: Connection, line: Line, digests: Sequence[str]) -> dict[str, Any]:
    """Return objects that earlier messages brought to the line, by digest."""
    t = tables.objects.c
    found: dict[str, Any] = {}
    for start in range(0, len(digests), 400):
        some = digests[start : start + 400]
        query = select(t.digest, t.body).where(t.line == line.id, t.digest.in_(some))
        found |= {row.digest: json.loads(row.body) for row in link.execute(query)}
    return found


def _notes_of(line: Line) -> list[str]:
    return [f"terms-differ:{line.id}", *names_of(line)]


def _size(message: Message) -> int:
    """Return how many bytes a message has, nearly: its root and what came with it, once each."""
    found = (json.dumps(one, ensure_ascii=False) for one in message.objects)
    return len(payload_of(message)) + sum(len(text.encode()) for text in found)


def _aside(
    link: Connection, head: Head, message: Message, now: dt.datetime, free: bool
) -> Outcome:  # fmt: skip
    """Put a message aside, counted against its sender's quota where it was not here already."""
    if not free and not is_aside(link, head, message.digest):
        check_quota(head, message.header.sender, now)
        charge(head, message.header.sender, _size(message), now)
    return put_aside(link, head, message, now)


def _waits(link: Connection, head: Head, message: Message) -> bool:
    """Say whether a message that waited waits on; what it contradicts is said when it is placed."""
    try:
        return _ahead(link, head, message)
    except RefusedError:
        return False


def _ahead(link: Connection, head: Head, message: Message) -> bool:
    """Say whether a message's sender had seen what is not here yet.

    Raises RefusedError: contradiction where it saw another message than is here, clock where it
    says it was sent before what it saw.
    """
    t, ahead = tables.messages.c, False
    apart = dt.timedelta(minutes=head.line.terms.clock_minutes)
    for seen in message.header.seen:
        last = head.last.get(seen.party)
        if last is None or last.number < seen.number:
            ahead = True
            continue
        digest, sent = last.digest, last.sent
        if last.number != seen.number:
            flush(link, head)
            digest, sent = link.execute(select(t.digest, t.sent).where(
                t.line == head.line.id, t.sender == seen.party, t.number == seen.number,
            )).one()  # fmt: skip
        if digest != seen.digest:
            raise RefusedError(
                f"Its sender saw another message as the {seen.number}th of {seen.party} than is "
                "in the journal here: one of the journals was changed, or "
                f"{seen.party} sent two.", Reason.CONTRADICTION,
            )  # fmt: skip
        if message.header.sent + apart < read_stamp(sent):
            raise RefusedError(
                f"It says it was sent at {stamp(message.header.sent)}, and that it knew a message "
                f"of {seen.party} sent at {sent}.", Reason.CLOCK,
            )  # fmt: skip
    return ahead


def _again(link: Connection, head: Head, message: Message) -> Outcome:
    """Return the outcome of a message whose number is taken: the same again, or another."""
    header, t = message.header, tables.messages.c
    flush(link, head)
    digest = link.execute(select(t.digest).where(
        t.line == head.line.id, t.sender == header.sender, t.number == header.number,
    )).scalar_one()  # fmt: skip
    if digest == message.digest:
        return Outcome(header.id, digest, State.HELD)
    raise RefusedError(
        f"{header.sender} has signed two messages as its {header.number}th on this line. The "
        "first stands; both are kept as proof.", Reason.CONTRADICTION,
    )  # fmt: skip
