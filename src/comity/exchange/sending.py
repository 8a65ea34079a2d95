"""What goes out: a draft released by those who may, numbered, signed, in the journal and queued
for every other party, all in one transaction."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from comity.errors import ComityError, ExchangeError, RefusedError
from comity.exchange.canonical import canonical, digest_of, read_stamp, stamp, whole
from comity.exchange.content import check_objects
from comity.exchange.heads import Head, append, flush, queue, take_head
from comity.exchange.lines import agreement_of
from comity.exchange.marking import may_pass
from comity.exchange.messages import (
    TITLES,
    build,
    extension_object,
    identity_object,
    identity_of,
    message_id,
)
from comity.exchange.model import (
    Draft,
    Header,
    Kind,
    Level,
    Line,
    Message,
    PublicKey,
    Reason,
    Seen,
)
from comity.exchange.notes import notes_under, put_note
from comity.exchange.reading import known_ids
from comity.exchange.rules import check_order
from comity.exchange.tables import drafts
from comity.exchange.templates import completeness
from comity.exchange.wording import readable

if TYPE_CHECKING:
    from comity.exchange.desk import Desk


def new_draft(
    line: str, kind: Kind, author: str, now: dt.datetime, *, thread: str = "", regards: str = "",
    provision: str = "", fields: Mapping[str, Any] | None = None,
    objects: Sequence[Mapping[str, Any]] = (), marking: Level = Level.AMBER, seal: bool = False,
    deadline: dt.datetime | None = None,
) -> Draft:  # fmt: skip
    """Return a new draft; without `thread` it opens one."""
    return Draft(
        id=str(uuid.uuid4()), line=line, thread=thread or str(uuid.uuid4()), kind=kind,
        regards=regards, provision=provision, fields=dict(fields or {}), objects=tuple(objects),
        marking=marking, seal=seal, deadline=whole(deadline) if deadline else None, author=author,
        saved=whole(now),
    )  # fmt: skip


def body_of(draft: Draft) -> dict[str, Any]:
    """Return what a draft says, as data: what a release releases."""
    return {
        "line": draft.line, "thread": draft.thread, "kind": str(draft.kind),
        "regards": draft.regards, "provision": draft.provision, "fields": draft.fields,
        "objects": list(draft.objects), "marking": str(draft.marking), "seal": draft.seal,
        "deadline": stamp(draft.deadline) if draft.deadline else "",
    }  # fmt: skip


def save_draft(link: Connection, draft: Draft) -> Draft:
    """Keep a draft. Whatever changed in it takes earlier approvals away.

    Raises ExchangeError for one that was sent or discarded, RefusedError (malformed) for what
    cannot be written as JSON.
    """
    body = canonical(body_of(draft)).decode()
    known = find_draft(link, draft.id)
    if known is not None and known.state != "draft":
        raise ExchangeError(f"This draft was {known.state} already; it is unchanged.")
    same = known is not None and canonical(body_of(known)).decode() == body
    approvals = known.approvals if known is not None and same else ()
    values = {
        "line": draft.line, "thread": draft.thread, "state": draft.state, "author": draft.author,
        "saved": stamp(draft.saved), "body": body, "approvals": json.dumps(approvals),
    }  # fmt: skip
    if known is None:
        link.execute(drafts.insert().values(id=draft.id, **values))
    else:
        link.execute(drafts.update().where(drafts.c.id == draft.id).values(**values))
    return replace(draft, approvals=approvals)


def set_draft(link: Connection, id: str, state: str, approvals: Sequence[str]) -> None:
    """Note what became of a draft."""
    values = {"state": state, "approvals": json.dumps(list(approvals))}
    link.execute(drafts.update().where(drafts.c.id == id).values(**values))


def find_draft(link: Connection, id: str, lock: bool = False) -> Draft | None:
    """Return a draft by its id, or None."""
    query = select(drafts).where(drafts.c.id == id)
    row = link.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _draft(row)


def all_drafts(link: Connection) -> tuple[Draft, ...]:
    """Return the drafts that were neither sent nor discarded, the latest first."""
    query = select(drafts).where(drafts.c.state == "draft").order_by(drafts.c.saved.desc())
    return tuple(_draft(row) for row in link.execute(query))


def _draft(row: Any) -> Draft:
    body = json.loads(row.body)
    return Draft(
        id=row.id, line=body["line"], thread=body["thread"], kind=Kind(body["kind"]),
        regards=body["regards"], provision=body["provision"], fields=body["fields"],
        objects=tuple(body["objects"]), marking=Level(body["marking"]), seal=body["seal"],
        deadline=read_stamp(body["deadline"]) if body["deadline"] else None, author=row.author,
        saved=read_stamp(row.saved), state=row.state, approvals=tuple(json.loads(row.approvals)),
    )  # fmt: skip


def send(desk: Desk, line: Line, draft: Draft, sealing: Sequence[PublicKey]) -> Message:
    """Sign a draft and put it into the journal and the outbox; return the message.

    Raises RefusedError: `incomplete` for a draft that lacks what its kind requires, `order` where
    the thread does not allow it now, `marking` for what may not be passed on; ExchangeError where
    this desk was set back to an earlier state and would use a number twice. Nothing is sent then.
    """
    check_draft(desk, line, draft)
    key = desk.ring.signing(desk.clock())
    with desk.database.turn:
        with desk.database.writing() as link:
            head = take_head(link, line)
            _not_set_back(desk, link, head)
            known = find_draft(link, draft.id, lock=True)
            if known is not None and known.state != "draft":
                raise ExchangeError(f"This draft was {known.state} already; nothing was sent.")
            desk.intake.threads.start(head)
            try:
                header = _header(desk, head, draft)
                check_order(desk.intake.threads.of(link, head, draft.thread), header)
                given = {str(one.get("id")) for one in draft.objects}
                first = _introduction(desk, head, header.sent)
                objects = [*(o for o in first if o["id"] not in given), *draft.objects]
                text = readable(draft.kind, draft.fields)
                message = build(header, TITLES[draft.kind], draft.fields, objects, key, sealing,
                                text)  # fmt: skip
                append(head, message, "sent", header.sent, unread=False)
                desk.intake.threads.add(message.header)
                peers = [p for p in line.parties if p != desk.party]
                queue(head, message.header, message.digest, peers, header.sent)
                flush(link, head)
                if known is not None:
                    set_draft(link, draft.id, "sent", draft.approvals)
            except BaseException:
                desk.intake.threads.forget(line.id)
                raise
        desk.intake.threads.finish(head)
        try:
            desk.water.rise(line.id, message.header.number, message.digest)
        except ComityError as error:
            raise ExchangeError(
                f"The message is sent, as number {message.header.number}; do not send it again. "
                f"But that number could not be kept beside the database: {error} Mend that first."
            ) from error
    return message


def check_draft(desk: Desk, line: Line, draft: Draft) -> None:
    """Raise RefusedError where a draft could not be sent as it is, whatever its thread's state."""
    check_objects(draft.objects)
    found = completeness(draft.kind, draft.fields, draft.objects)
    if found.missing_required or found.problems:
        first = [f"“{label}” is missing" for label in found.missing_required] + list(found.problems)
        raise RefusedError(
            f"The {TITLES[draft.kind].lower()} is not complete: {'; '.join(first)}. It is kept as "
            "a draft.", Reason.INCOMPLETE,
        )  # fmt: skip
    parties = {identity_of(party) for party in line.parties}
    with desk.database.reading() as link:
        shared = known_ids(link, line.id, [str(one["id"]) for one in draft.objects])
    may_pass(draft.objects, identity_of(desk.party), parties, shared)


def _introduction(desk: Desk, head: Head, at: dt.datetime) -> list[dict[str, Any]]:
    """Return what the first message of a party brings along: who it is, what our extension is."""
    if desk.party in head.last:
        return []
    return [identity_object(desk.party, desk.config.name or desk.party, at), extension_object()]


def _header(desk: Desk, head: Head, draft: Draft) -> Header:
    """Return the header of the next message of this desk, without its content."""
    own, now = head.last.get(desk.party), whole(desk.clock())
    number = own.number + 1 if own else 1
    for before in head.last.values():  # whatever the clocks say, it is later than what it knew
        now = max(now, read_stamp(before.sent) + dt.timedelta(milliseconds=1))
    seen = [Seen(p, x.number, x.digest) for p, x in sorted(head.last.items()) if p != desk.party]
    return Header(
        id=message_id(head.line.id, desk.party, number), line=head.line.id,
        agreement=agreement_of(head.line), thread=draft.thread, kind=draft.kind,
        sender=desk.party, number=number,
        previous=own.digest if own else "", seen=tuple(seen), sent=now, content=(),
        journal_size=head.size, journal_root=head.root, marking=draft.marking,
        regards=draft.regards, provision=draft.provision, deadline=draft.deadline,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loss:
    """What a desk lacks of its own messages on a line: `held` are here, `given` were numbered by
    its own file, `seen` by another party's word."""

    held: int
    digest: str  # of the last that is here
    given: int
    seen: int
    other: bool  # the last number here was given to another message

    @property
    def any(self) -> bool:
        """Whether something is missing."""
        return max(self.given, self.seen) > self.held or self.other


def loss_of(desk: Desk, link: Connection, head: Head) -> Loss:
    """Return what a desk lacks of its own messages on a line."""
    own = head.last.get(desk.party)
    number, digest = own.number if own else 0, own.digest if own else ""
    high = desk.water.level(head.line.id)
    seen = notes_under(link, f"seen-by:{head.line.id}:")
    disputed = notes_under(link, f"disputed:{head.line.id}:")
    claimed = max((int(v) for party, v in seen.items() if party not in disputed), default=0)
    other = high.number == number and high.digest != digest
    return Loss(number, digest, high.number, claimed, other)


def _not_set_back(desk: Desk, link: Connection, head: Head) -> None:
    """Refuse to number a message where this desk has sent later ones, of which it knows no more."""
    loss = loss_of(desk, link, head)
    if loss.any:
        raise ExchangeError(
            f"This desk's database is older than what it has sent: it holds {loss.held} messages "
            f"of {desk.party} on {head.line.id}, and {max(loss.given, loss.seen)} were sent. It "
            "was restored from a copy. Run `comity exchange sync` to get them back from the other "
            f"party, then send; `comity exchange recover {head.line.id}` says how it stands. "
            "Nothing was sent."
        )


def give_up(desk: Desk, line: Line) -> Loss:
    """Give up messages of this desk that neither it nor anybody else has, and return what was lost.

    Their numbers are given again. Raises ExchangeError where nothing is lost, or where another
    party has seen what is missing: then it has to come back from there.
    """
    with desk.database.turn, desk.database.writing() as link:
        loss = loss_of(desk, link, take_head(link, line))
        if not loss.any:
            raise ExchangeError(f"Nothing of {desk.party} is missing on {line.id}.")
        if loss.seen > loss.held or loss.other:
            raise ExchangeError(
                f"Another party has seen messages of {desk.party} up to number {loss.seen} on "
                f"{line.id}, and {loss.held} are here. Get them back with `comity exchange sync`; "
                "a number given twice would be a contradiction that both signatures prove."
            )
        desk.water.reset(line.id, loss.held, loss.digest)
    return loss


def dispute(desk: Desk, line: Line) -> tuple[str, ...]:
    """Stop believing the parties that say they have seen messages this desk never sent; return
    their names. A false word of theirs keeps this desk from sending otherwise.

    Raises ExchangeError where nobody says so, or where this desk's own file says it too.
    """
    with desk.database.turn, desk.database.writing() as link:
        loss = loss_of(desk, link, take_head(link, line))
        if loss.seen <= loss.held or loss.given > loss.held or loss.other:
            raise ExchangeError(
                f"Nobody's word alone says that messages of {desk.party} are missing on {line.id}."
            )
        seen = notes_under(link, f"seen-by:{line.id}:")
        found = tuple(sorted(party for party, n in seen.items() if int(n) > loss.held))
        for party in found:
            put_note(link, f"disputed:{line.id}:{party}", str(loss.held))
    return found


def body_digest(draft: Draft) -> str:
    """Return the digest of what a release releases."""
    return digest_of(body_of(draft))
