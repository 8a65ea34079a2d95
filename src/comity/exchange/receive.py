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

from sqlalchemy import Connection, bindparam, delete, select

from comity.errors import RefusedError
from comity.exchange import tables
from comity.exchange.canonical import canonical, sha256, stamp
from comity.exchange.content import check_objects
from comity.exchange.heads import Head, append, flush, queue, take_head
from comity.exchange.lines import agreement_of
from comity.exchange.messages import (
    EXTENSION,
    FIELDS,
    check_signature,
    fields_of,
    read_message,
    read_root,
    sort_out,
)
from comity.exchange.model import Json, Line, Message, Outcome, PublicKey, Reason, State
from comity.exchange.notes import get_note, put_note
from comity.exchange.rules import check_order
from comity.exchange.templates import check_fields
from comity.exchange.threads import Threads

if TYPE_CHECKING:
    from comity.exchange.database import Database

MOST_WAITING = 20_000  # messages of one line that wait for those before them
MOST_TEXT = 500
MOST_TOGETHER = 64  # callers whose messages go to disk together
MOST_MISSING = 2000


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
    _gate: threading.Lock = field(default_factory=threading.Lock)

    def accept(self, line: Line, objects: Sequence[Json], carrier: str) -> tuple[Outcome, ...]:
        """Take in messages of a line; return what became of each.

        An outcome other than `refused` and `waiting` is in the journal, on disk, when this
        returns. What several callers bring at once goes to disk together: whoever has its turn
        takes along what waits. Raises ExchangeError where the database refuses: then nothing was
        taken in.
        """
        now = self.clock()
        roots, others = sort_out(objects)
        if missing := _missing(roots, others):
            with self.database.reading() as link:
                others |= _stored(link, line, missing)
        ticket = _Ticket(line, [self._checked(line, r, others.get, now) for r in roots], carrier)
        with self._gate:
            self._pending.append(ticket)
        with self.database.turn:
            if ticket.outcomes is None and ticket.error is None:
                self._take_all(ticket, now)
        if ticket.error is not None:
            raise ticket.error
        return ticket.outcomes or ()

    def _take_all(self, first: _Ticket, now: dt.datetime) -> None:
        """Take in, in one transaction, what waits, `first` among it.

        Lines are held in order of their ids, so that two desks on one database cannot wait for
        each other.
        """
        with self._gate:
            others = [t for t in self._pending if t is not first][: MOST_TOGETHER - 1]
            tickets = sorted([first, *others], key=lambda t: t.line.id)
            self._pending = [t for t in self._pending if t not in tickets]
        heads, lines = [], {t.line.id: t.line for t in tickets}
        found: dict[int, tuple[Outcome, ...]] = {}
        try:
            with self.database.writing() as link:
                for line in lines.values():
                    head = take_head(link, line)
                    heads.append(head)
                    self.threads.start(head)
                    for place, t in enumerate(tickets):
                        if t.line.id == line.id:
                            placed = [self._placed(link, head, i, t.carrier, now) for i in t.items]
                            found[place] = tuple(placed)
                    if head.waiting:
                        self._drain(link, head, now)
                    flush(link, head)
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
        self, line: Line, root: Json, find: Callable[[str], Json | None], now: dt.datetime
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
            check_signature(message, self.keys(header.sender), now)
            check_objects(message.objects)
            if not header.sealed:
                check_fields(fields_of(message.root))
        except RefusedError as error:
            return _refusal(identifier, _digest_of(root), error)
        return message

    def _placed(
        self, link: Connection, head: Head, item: Message | Outcome, carrier: str,
        now: dt.datetime,
    ) -> Outcome:  # fmt: skip
        """Put one message where it belongs: into the journal, aside to wait, or nowhere."""
        if isinstance(item, Outcome):
            if item.digest and _is_held(link, head, item.digest):
                return Outcome(item.id, item.digest, State.HELD)
            _record(head, item, carrier, now)
            return item
        try:
            return self._ordered(link, head, item, now)
        except RefusedError as error:
            outcome = _refusal(item.header.id, item.digest, error)
            _record(head, outcome, carrier, now, item)
            return outcome

    def _ordered(self, link: Connection, head: Head, message: Message, now: dt.datetime) -> Outcome:
        header = message.header
        last = head.last.get(header.sender)
        number = last.number if last else 0
        if header.number <= number:
            return _again(link, head, message)
        if header.sent > now + dt.timedelta(minutes=head.line.terms.clock_minutes):
            raise RefusedError(
                f"It says it was sent at {stamp(header.sent)}, and here it is {stamp(now)}. Set "
                "the clocks of both desks by one source; it is tried again.", Reason.CLOCK,
            )  # fmt: skip
        self._note_loss(link, head, message)
        if header.number > number + 1 or _ahead(link, head, message):
            return self._wait(link, head, message, now)
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
        self._new_id(link, head, message)
        return self._appended(link, head, message, now)

    @staticmethod
    def _new_id(link: Connection, head: Head, message: Message) -> None:
        """Raise RefusedError where an earlier message of the line has the id of this one."""
        id = message.header.id
        waits = any(row["id"] == id for row in head.rows.get("objects", ()))
        if waits or link.execute(_KNOWN, {"line": head.line.id, "id": id}).first():
            raise RefusedError(f"{id} is the id of an earlier message.", Reason.CONTRADICTION)

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
        if header.agreement != agreement_of(head.line):
            put_note(link, f"terms-differ:{head.line.id}", header.sender)
        append(head, message, what, now, unread=header.sender != self.party)
        if what != "irregular":
            self.threads.add(header)
        if header.sender == self.party:  # our own, lost here and brought back by another
            peers = [p for p in head.line.parties if p != self.party]
            queue(head, header, message.digest, peers, now)
        return Outcome(header.id, message.digest, state, reason, text)

    def _wait(self, link: Connection, head: Head, message: Message, now: dt.datetime) -> Outcome:
        """Keep a message until those before it arrive."""
        header, t = message.header, tables.waiting
        mine = t.c.line == head.line.id
        if not link.execute(select(t.c.line).where(mine, t.c.digest == message.digest)).first():
            if head.waiting >= MOST_WAITING:
                raise RefusedError(
                    f"{head.waiting:,} messages wait here for those before them, and no more are "
                    "kept. Send those first; this one is tried again.", Reason.ORDER,
                )  # fmt: skip
            body = canonical([message.root, list(message.objects)]).decode()
            link.execute(t.insert().values(
                line=head.line.id, digest=message.digest, sender=header.sender,
                number=header.number, since=stamp(now), body=body,
            ))  # fmt: skip
            head.waiting += 1
        text = "It is kept until the messages before it arrive."
        return Outcome(header.id, message.digest, State.WAITING, None, text)

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
                if row.number == number + 1 and _ahead(link, head, message):
                    continue
                link.execute(delete(t).where(t.c.line == head.line.id, t.c.digest == row.digest))
                head.waiting -= 1
                self._placed(link, head, message, header.sender, now)
                rows.remove(row)
                moved = True


_KNOWN = select(tables.objects.c.seq).where(
    tables.objects.c.line == bindparam("line"), tables.objects.c.id == bindparam("id")
)
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


def _missing(roots: Sequence[Json], others: Mapping[str, Json]) -> list[str]:
    """Return the ids of content that roots commit to and that did not come with them."""
    wanted: set[str] = set()
    for root in roots:
        with suppress(KeyError, TypeError, ValueError):  # said of each when it is read
            content = root["extensions"][EXTENSION]["header"]["content"]
            wanted |= {name for name, _ in content if name not in ("", FIELDS)}
    return sorted(wanted - set(others))[:MOST_MISSING]


def _stored(link: Connection, line: Line, ids: Sequence[str]) -> dict[str, Any]:
    """Return objects that earlier messages brought to the line."""
    t = tables.objects.c
    found: dict[str, Any] = {}
    for start in range(0, len(ids), 400):
        query = select(t.id, t.body).where(t.line == line.id, t.id.in_(ids[start : start + 400]))
        found |= {row.id: json.loads(row.body) for row in link.execute(query.order_by(t.seq))}
    return found


def _ahead(link: Connection, head: Head, message: Message) -> bool:
    """Say whether a message's sender had seen what is not here yet.

    Raises RefusedError (contradiction) where it saw another message than is here.
    """
    t, ahead = tables.messages.c, False
    for seen in message.header.seen:
        last = head.last.get(seen.party)
        if last is None or last.number < seen.number:
            ahead = True
            continue
        digest = last.digest
        if last.number != seen.number:
            flush(link, head)
            digest = link.execute(select(t.digest).where(
                t.line == head.line.id, t.sender == seen.party, t.number == seen.number,
            )).scalar_one()  # fmt: skip
        if digest != seen.digest:
            raise RefusedError(
                f"Its sender saw another message as the {seen.number}th of {seen.party} than is "
                "in the journal here: one of the journals was changed, or "
                f"{seen.party} sent two.", Reason.CONTRADICTION,
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


def _refusal(identifier: str, digest: str, error: RefusedError) -> Outcome:
    return Outcome(identifier, digest, State.REFUSED, Reason(error.reason), str(error)[:MOST_TEXT])


def _record(
    head: Head, outcome: Outcome, carrier: str, now: dt.datetime, message: Message | None = None
) -> None:
    """Note a refusal; a contradiction with the message that proves it."""
    proof = ""
    if message is not None and outcome.reason is Reason.CONTRADICTION:
        proof = canonical(message.root).decode()
    head.rows.setdefault("refusals", []).append({
        "line": head.line.id, "at": stamp(now), "carrier": carrier[:255],
        "sender": message.header.sender if message else "",
        "number": message.header.number if message else 0, "digest": outcome.digest,
        "reason": str(outcome.reason), "text": outcome.text, "root": proof,
    })  # fmt: skip
