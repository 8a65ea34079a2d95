"""The end of a line's journal, and what is added to it: all of it in one transaction, or nothing.

Whoever appends holds the line's row in `heads`: on PostgreSQL by a lock of the row, on SQLite as
the only writer. So a number is given once, whatever many desks and servers write at once.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from comity.errors import ExchangeError
from comity.exchange import tables
from comity.exchange.canonical import canonical, stamp
from comity.exchange.journal import make_entry
from comity.exchange.merkle import Frontier
from comity.exchange.messages import payload_of, signature_of
from comity.exchange.model import Header, JournalEntry, Json, Line, Message
from comity.exchange.refusals import keep

_HEAD = select(tables.heads).where(tables.heads.c.line == bindparam("line"))
_LOCKED = _HEAD.with_for_update()
_MOVE = update(tables.heads).where(tables.heads.c.line == bindparam("id")).values(
    {name: bindparam(name) for name in ("size", "hash", "frontier", "last", "added", "waiting")}
)  # fmt: skip
_INSERT = {name: tables.META.tables[name].insert() for name in
           ("journal", "messages", "objects", "outbox")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Last:
    """The last message of a party in the journal."""

    number: int
    digest: str
    sent: str


@dataclass(slots=True)
class Head:
    """The end of a line's journal inside a transaction, with the rows still to be written."""

    line: Line
    size: int
    hash: str
    frontier: Frontier
    last: dict[str, Last]
    added: str
    waiting: int
    at_start: tuple[int, int] = (0, 0)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    aside: dict[str, list[int]] = field(default_factory=dict)  # what waits: messages, characters

    @property
    def root(self) -> str:
        """The Merkle root of the journal as it is now."""
        return self.frontier.root()


def open_head(link: Connection, line: Line) -> None:
    """Make the empty head of a new line."""
    link.execute(
        tables.heads.insert().values(
            line=line.id, size=0, hash="", frontier=json.dumps(Frontier().to_json()), last="{}",
            added="1970-01-01T00:00:00.000000Z", waiting=0,
        )
    )  # fmt: skip


def take_head(link: Connection, line: Line, lock: bool = True) -> Head:
    """Return a line's head; with `lock` nobody else appends until the transaction ends."""
    row = link.execute(_LOCKED if lock else _HEAD, {"line": line.id}).first()
    if row is None:
        raise ExchangeError(f"The line {line.id} has no journal: its database is damaged.")
    last = {party: Last(*found) for party, found in json.loads(row.last).items()}
    frontier = Frontier.from_json(json.loads(row.frontier))
    return Head(line, row.size, row.hash, frontier, last, row.added,
                row.waiting, (row.size, row.waiting))  # fmt: skip


def append(head: Head, message: Message, what: str, now: dt.datetime, unread: bool) -> JournalEntry:
    """Add a message to the journal at `head`. It is written by `flush`, in the same transaction."""
    header = message.header
    entry = make_entry(
        head.line.id, head.size + 1, now, what, message.digest, header.sender, header.number,
        head.hash,
    )  # fmt: skip
    head.size, head.hash = entry.n, entry.hash
    head.frontier.append(entry.body.encode())
    head.last[header.sender] = Last(header.number, message.digest, stamp(header.sent))
    _row(head, "journal", line=entry.line, n=entry.n, hash=entry.hash, body=entry.body)
    _row(
        head, "messages", line=entry.line, digest=message.digest, n=entry.n, id=header.id,
        thread=header.thread, kind=str(header.kind), sender=header.sender, number=header.number,
        sent=stamp(header.sent), received=stamp(now), regular=what != "irregular", unread=unread,
        root=payload_of(message).decode(), signature=signature_of(message.root),
        objects=canonical(list(message.objects)).decode(),
    )  # fmt: skip
    digests = dict(header.content) | {header.id: message.digest}
    for value in (*message.objects, message.root):
        head.added = _next_added(head.added, now)
        _row(
            head, "objects", line=entry.line, id=value["id"], version=version_of(value),
            type=value["type"], spec_version=value.get("spec_version", "2.1"), added=head.added,
            body=canonical(value).decode(), digest=digests[value["id"]],
        )  # fmt: skip
    return entry


def version_of(value: Json) -> str:
    """Return a STIX object's version, when it was modified or created; "" where it has none."""
    return str(value.get("modified") or value.get("created") or "")


def queue(head: Head, header: Header, digest: str, peers: Sequence[str], now: dt.datetime) -> None:
    """Put a message on its way to `peers`, in the same transaction."""
    for peer in peers:
        _row(head, "outbox", line=header.line, digest=digest, peer=peer, number=header.number,
             state="due", attempts=0, next_try=stamp(now), error="")  # fmt: skip


def flush(link: Connection, head: Head) -> None:
    """Write what was appended, and where the journal ends now."""
    if fresh := _unknown(link, head.line.id, head.rows.pop("objects", [])):
        link.execute(_INSERT["objects"], fresh)
    if refused := head.rows.pop("refusals", []):
        keep(link, head.line.id, refused)
    for name, rows in head.rows.items():
        link.execute(_INSERT[name], rows)
    head.rows.clear()
    if (head.size, head.waiting) != head.at_start:
        last = {party: [x.number, x.digest, x.sent] for party, x in head.last.items()}
        link.execute(_MOVE, {
            "id": head.line.id, "size": head.size, "hash": head.hash,
            "frontier": json.dumps(head.frontier.to_json()), "last": json.dumps(last),
            "added": head.added, "waiting": head.waiting,
        })  # fmt: skip
        head.at_start = (head.size, head.waiting)


def _unknown(link: Connection, line: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows whose objects the line does not have yet in these words, each once."""
    t, known = tables.objects.c, set()
    digests = [row["digest"] for row in rows]
    for start in range(0, len(digests), 400):
        some = digests[start : start + 400]
        query = select(t.digest).where(t.line == line, t.digest.in_(some))
        known |= set(link.execute(query).scalars())
    fresh = []
    for row in rows:
        if row["digest"] not in known:
            known.add(row["digest"])
            fresh.append(row)
    return fresh


def _row(head: Head, table: str, **values: Any) -> None:
    head.rows.setdefault(table, []).append(values)


def _next_added(last: str, now: dt.datetime) -> str:
    """Return when an object is said to be added: now, or just after the one before."""
    floor = dt.datetime.fromisoformat(last)
    at = max(now.astimezone(dt.UTC), floor + dt.timedelta(microseconds=1))
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}Z"
