"""The outbox: which messages are on their way to whom, tried when, and why not yet there."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from comity.errors import ExchangeError
from comity.exchange.canonical import canonical, read_stamp, stamp
from comity.exchange.headers import read_header
from comity.exchange.keyring import KeyRing, holds
from comity.exchange.keys import signer
from comity.exchange.messages import EXTENSION, TYP, resigned, signature_of, with_signature
from comity.exchange.model import Delivery, Message
from comity.exchange.tables import journal, messages, outbox

if TYPE_CHECKING:
    from comity.exchange.reading import StoredObject

FIRST_WAIT, LONGEST_WAIT = 5.0, 900.0  # seconds until the next try, doubled each time


def due(
    link: Connection, peer: str, line: str, now: dt.datetime, most: int = 100, all: bool = False
) -> tuple[Message, ...]:
    """Return the messages on their way to a peer on a line, in order, if the first is due.

    With `all` they are due whenever they are to be tried. What comes after a message that waits
    for its next try waits with it: order is kept.
    """
    t, m = outbox.c, messages.c
    query = (
        select(t.next_try, m.root, m.signature, m.objects, m.digest)
        .join_from(outbox, messages, (t.line == m.line) & (t.digest == m.digest))
        .where(t.peer == peer, t.line == line, t.state == "due")
        .order_by(t.number)
        .limit(most)
    )
    rows = link.execute(query).all()
    if not rows or (not all and read_stamp(rows[0].next_try) > now):
        return ()
    return tuple(read_row(row.root, row.signature, row.objects, row.digest) for row in rows)


def signed_anew(
    link: Connection, found: Sequence[Message], ring: KeyRing, now: dt.datetime
) -> tuple[Message, ...]:  # fmt: skip
    """Return messages of ours, those whose key no longer holds signed with the one that does.

    Only what was sent from this journal is vouched for again: what came back from another under
    our name may be the doing of whoever had the key. Raises ExchangeError without a key that holds.
    """
    if not found:
        return ()
    good = {key.kid for key in ring.public() if holds(key, now)}
    stale = [m.digest for m in found if signer(signature_of(m.root), TYP) not in good]
    if not stale:
        return tuple(found)
    m, j = messages.c, journal.c
    rows = link.execute(
        select(m.digest, j.body)
        .join_from(messages, journal, (m.line == j.line) & (m.n == j.n))
        .where(m.line == found[0].header.line, m.digest.in_(stale))
    )
    sent = {row.digest for row in rows if json.loads(row.body)["what"] == "sent"}
    key = ring.signing(now)
    return tuple(resigned(one, key) if one.digest in sent else one for one in found)


def served(
    link: Connection, line: str, rows: Sequence[StoredObject], party: str, ring: KeyRing,
    now: dt.datetime,
) -> tuple[StoredObject, ...]:  # fmt: skip
    """Return objects of a line as another party is shown them: messages of `party`, our own, whose
    key no longer holds signed with the one that does. Without such a key they stay as they are:
    what is only read is not kept back."""
    m, own = messages.c, [r.id for r in rows if r.type == "grouping" and _is_of(r.body, party)]
    if not own:
        return tuple(rows)
    query = select(m.root, m.signature, m.objects, m.digest).where(
        m.line == line, m.sender == party, m.id.in_(own)
    )
    found = [read_row(*row) for row in link.execute(query)]
    try:
        fresh = {one.header.id: one for one in signed_anew(link, found, ring, now)}
    except ExchangeError:
        return tuple(rows)
    old = {one.header.id: one for one in found}
    return tuple(
        replace(row, body=canonical(fresh[row.id].root).decode())
        if row.id in fresh and fresh[row.id] is not old[row.id] else row
        for row in rows
    )  # fmt: skip


def _is_of(body: str, party: str) -> bool:
    """Say whether an object's text is a message of a party; its text is canonical JSON."""
    return EXTENSION in body and f'"sender":{json.dumps(party)}' in body


def read_row(root: str, signature: str, objects: str, digest: str) -> Message:
    """Return a message as its row keeps it."""
    whole = with_signature(root.encode(), signature)
    header = read_header(whole["extensions"][EXTENSION]["header"])
    return Message(header, digest, whole, tuple(json.loads(objects)), root.encode())


def settle(link: Connection, line: str, digests: Sequence[str], peer: str, state: str = "done",
           error: str = "") -> None:  # fmt: skip
    """Note that messages arrived, or were refused for good."""
    t = outbox.c
    for start in range(0, len(digests), 400):
        some = digests[start : start + 400]
        link.execute(
            outbox.update()
            .where(t.line == line, t.peer == peer, t.digest.in_(some))
            .values(state=state, error=error[:500], attempts=t.attempts + 1)
        )


def postpone(
    link: Connection, line: str, digests: Sequence[str], peer: str, now: dt.datetime, error: str,
    jitter: float = 0.0,
) -> None:  # fmt: skip
    """Note that messages did not arrive; they are tried again later, ever more seldom."""
    t = outbox.c
    for start in range(0, len(digests), 400):
        mine = (t.line == line) & (t.peer == peer) & t.digest.in_(digests[start : start + 400])
        tries = link.execute(select(func.min(t.attempts)).where(mine)).scalar() or 0
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(tries, 20)) * (1 + jitter)
        link.execute(
            outbox.update()
            .where(mine)
            .values(
                attempts=t.attempts + 1, error=error[:500],
                next_try=stamp(now + dt.timedelta(seconds=wait)),
            )
        )  # fmt: skip


def deliveries(link: Connection, line: str = "", open_only: bool = True) -> tuple[Delivery, ...]:
    """Return what is on its way, by line, peer and number."""
    query = select(outbox).order_by(outbox.c.line, outbox.c.peer, outbox.c.number)
    if line:
        query = query.where(outbox.c.line == line)
    if open_only:
        query = query.where(outbox.c.state != "done")
    return tuple(
        Delivery(r.line, r.digest, r.peer, r.number, r.state, r.attempts, read_stamp(r.next_try),
                 r.error)
        for r in link.execute(query)
    )  # fmt: skip
