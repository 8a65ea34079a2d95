"""Messages that came before those they follow: kept aside, so many of each party and no more."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, select, update

from comity.errors import RefusedError
from comity.exchange.canonical import canonical, stamp
from comity.exchange.model import Message, Outcome, Reason, State
from comity.exchange.tables import waiting

if TYPE_CHECKING:
    from comity.exchange.heads import Head

MOST_WAITING = 5_000  # messages of one party on a line
MOST_WAITING_BYTES = 64 * 1024 * 1024  # of them together, as text


def put_aside(link: Connection, head: Head, message: Message, now: dt.datetime) -> Outcome:
    """Keep a message until those before it arrive; one that is kept already, as it came last: it
    may be signed anew. Raises RefusedError (order) where too much of its sender waits."""
    header, t = message.header, waiting
    mine = (t.c.line == head.line.id) & (t.c.digest == message.digest)
    body = canonical([message.root, list(message.objects)]).decode()
    if not link.execute(update(t).where(mine).values(body=body, size=len(body))).rowcount:
        used = _used(link, head, header.sender)
        if used[0] >= MOST_WAITING or used[1] + len(body) > MOST_WAITING_BYTES:
            raise RefusedError(
                f"Too many messages of {header.sender} wait here for those before them. Send "
                "those first; this one is tried again.", Reason.ORDER,
            )  # fmt: skip
        link.execute(t.insert().values(
            line=head.line.id, digest=message.digest, sender=header.sender, size=len(body),
            number=header.number, since=stamp(now), body=body,
        ))  # fmt: skip
        used[0] += 1
        used[1] += len(body)
        head.waiting += 1
    text = "It is kept until the messages before it arrive."
    return Outcome(header.id, message.digest, State.WAITING, None, text)


def is_aside(link: Connection, head: Head, digest: str) -> bool:
    """Say whether a message waits already."""
    t = waiting.c
    query = select(t.digest).where(t.line == head.line.id, t.digest == digest)
    return link.execute(query).first() is not None


def take_back(link: Connection, head: Head, digest: str) -> None:
    """Take a message out of those that wait."""
    t = waiting.c
    link.execute(delete(waiting).where(t.line == head.line.id, t.digest == digest))
    head.waiting -= 1
    head.aside.clear()


def _used(link: Connection, head: Head, sender: str) -> list[int]:
    """Return how many messages of a party wait and how long they are, counted once in a
    transaction."""
    if sender not in head.aside:
        t = waiting.c
        query = select(func.count(), func.coalesce(func.sum(t.size), 0))
        count, size = link.execute(query.where(t.line == head.line.id, t.sender == sender)).one()
        head.aside[sender] = [int(count), int(size)]
    return head.aside[sender]
