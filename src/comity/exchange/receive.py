"""What comes in: checked, put in its order, and into the journal once, however often it comes.

Nothing is believed but signatures: who carried a message does not matter, so a party gets even its
own messages back from another after a loss.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, select

from comity.errors import RefusedError
from comity.exchange import tables
from comity.exchange.canonical import canonical, stamp
from comity.exchange.content import check_objects
from comity.exchange.heads import Head, append, flush, queue, take_head
from comity.exchange.lines import agreement_of
from comity.exchange.messages import (
    check_signature,
    fields_of,
    read_message,
    read_root,
    sort_out,
)
from comity.exchange.model import Json, Line, Message, Outcome, PublicKey, Reason, State
from comity.exchange.notes import get_note, put_note
from comity.exchange.rules import may_send, past_of
from comity.exchange.templates import check_fields
from comity.exchange.threads import Threads

if TYPE_CHECKING:
    from comity.exchange.database import Database

MOST_WAITING = 20_000  # messages of one line that wait for those before them
MOST_TEXT = 500


@dataclass(slots=True)
class Intake:
    """What takes messages in for one desk. `keys` gives the keys on a party's card."""

    database: Database
    party: str
    keys: Callable[[str], Sequence[PublicKey]]
    clock: Callable[[], dt.datetime]
    threads: Threads = field(default_factory=Threads)

    def accept(self, line: Line, objects: Sequence[Json], carrier: str) -> tuple[Outcome, ...]:
        """Take in messages of a line, all in one transaction; return what became of each.

        An outcome other than `refused` and `waiting` is in the journal, on disk, when this
        returns. Raises ExchangeError where the database refuses: then nothing was taken in.
        """
        now = self.clock()
        roots, others = sort_out(objects)
        with self.database.reading() as link:
            held = _held(link, line, roots)
            missing = _missing(roots, others)
            others |= _stored(link, line, missing)
        checked: list[Message | Outcome] = [
            held.get(_digest_of(root)) or self._checked(line, root, others.get, now)
            for root in roots
        ]
        with self.database.turn:
            with self.database.writing() as link:
                head = take_head(link, line)
                self.threads.start(head)
                try:
                    outcomes = [self._placed(link, head, item, carrier, now) for item in checked]
                    self._drain(link, head, now)
                    flush(link, head)
                except BaseException:
                    self.threads.forget(line.id)
                    raise
            self.threads.finish(head)
        return tuple(outcomes)

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
            return _refusal(identifier, "", error)
        return message

    def _placed(
        self, link: Connection, head: Head, item: Message | Outcome, carrier: str,
        now: dt.datetime,
    ) -> Outcome:  # fmt: skip
        """Put one message where it belongs: into the journal, aside to wait, or nowhere."""
        if isinstance(item, Outcome):
            if item.state is State.REFUSED:
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
        t, id = tables.messages.c, message.header.id
        waits = any(row["id"] == id for row in head.rows.get("messages", ()))
        if waits or link.execute(select(t.n).where(t.line == head.line.id, t.id == id)).first():
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
        known = self.threads.of(link, head, header.thread)
        try:
            may_send(past_of(header, known), header, head.line.parties)
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
        text = "It is kept until the messages before it arrive."
        if not link.execute(select(t.c.line).where(mine, t.c.digest == message.digest)).first():
            if link.execute(select(func.count()).select_from(t).where(mine)).scalar_one() >= (
                MOST_WAITING
            ):
                text = "Too many messages wait here for those before them; send those first."
            else:
                body = canonical([message.root, list(message.objects)]).decode()
                link.execute(t.insert().values(
                    line=head.line.id, digest=message.digest, sender=header.sender,
                    number=header.number, since=stamp(now), body=body,
                ))  # fmt: skip
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
                header, digest = read_root(root)
                message = Message(header, digest, root, tuple(objects))
                if row.number == number + 1 and _ahead(link, head, message):
                    continue
                link.execute(delete(t).where(t.c.line == head.line.id, t.c.digest == row.digest))
                self._placed(link, head, message, header.sender, now)
                rows.remove(row)
                moved = True


def _held(link: Connection, line: Line, roots: Sequence[Json]) -> dict[str, Outcome]:
    """Return an outcome for each root that is in the journal already, by digest."""
    t, digests = tables.messages.c, [_digest_of(root) for root in roots]
    found: dict[str, Outcome] = {}
    for start in range(0, len(digests), 400):
        some = [d for d in digests[start : start + 400] if d]
        query = select(t.digest, t.id, t.regular).where(t.line == line.id, t.digest.in_(some))
        for row in link.execute(query):
            found[row.digest] = Outcome(row.id, row.digest, State.HELD)
    return found


def _digest_of(root: Json) -> str:
    try:
        return read_root(root)[1]
    except (RefusedError, KeyError, TypeError, AttributeError):
        return ""


def _missing(roots: Sequence[Json], others: Mapping[str, Json]) -> list[str]:
    """Return the ids that roots refer to and that did not come with them."""
    wanted: set[str] = set()
    for root in roots:
        refs = root.get("object_refs")
        wanted |= {r for r in refs if isinstance(r, str)} if isinstance(refs, list) else set()
    return sorted(wanted - set(others))[:2000]


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
