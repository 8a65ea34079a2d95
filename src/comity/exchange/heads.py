"""The end of a line's journal, and what is added to it: all of it in one transaction, or nothing.

Whoever appends holds the line's row in `heads`: on PostgreSQL by a lock of the row, on SQLite as
the only writer. So a number is given once, whatever many desks and servers write at once.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from comity.errors import ExchangeError
from comity.exchange import tables
from comity.exchange.canonical import canonical, stamp
from comity.exchange.journal import make_entry
from comity.exchange.merkle import Frontier
from comity.exchange.messages import payload_of, signature_of
from comity.exchange.model import Header, JournalEntry, Json, Line, Message, Terms
from comity.exchange.notes import put_notes
from comity.exchange.refusals import keep

_LINE = tables.lines.c
_HEADS = (
    select(tables.heads, _LINE.title, _LINE.parties, _LINE.terms)
    .join_from(tables.heads, tables.lines, tables.heads.c.line == _LINE.line)
    .where(tables.heads.c.line.in_(bindparam("lines", expanding=True)))
    .order_by(tables.heads.c.line)
)
_LOCKED = _HEADS.with_for_update(of=tables.heads)
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
    notes: dict[str, str] = field(default_factory=dict)  # of the line, as far as they were read
    fresh_notes: dict[str, str] = field(default_factory=dict)  # still to be written
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
    return take_heads(link, [line.id], lock)[0]


def take_heads(link: Connection, ids: Sequence[str], lock: bool = True) -> list[Head]:
    """Return the heads of lines, in order of their ids, each with the line as it is now.

    Raises ExchangeError where one is not open: it was closed since, or the database is damaged.
    """
    rows = link.execute(_LOCKED if lock else _HEADS, {"lines": list(ids)}).all()
    if missing := set(ids) - {row.line for row in rows}:
        raise ExchangeError(
            f"The line {min(missing)} is not open here now, or its journal is damaged."
        )
    return [_head(row) for row in rows]


def _head(row: Any) -> Head:
    last = {party: Last(*found) for party, found in json.loads(row.last).items()}
    frontier = Frontier.from_json(json.loads(row.frontier))
    line = line_of_row(row.line, row.title, row.parties, row.terms)
    return Head(line, row.size, row.hash, frontier, last, row.added,
                row.waiting, (row.size, row.waiting))  # fmt: skip


@lru_cache(maxsize=256)  # read for every message
def line_of_row(id: str, title: str, parties: str, terms: str) -> Line:
    """Return a line from the texts in its row."""
    return Line(id, title, tuple(json.loads(parties)), Terms(**json.loads(terms)))


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


def flush(link: Connection, *heads: Head) -> None:
    """Write what was appended to lines, and where their journals end now: of all of them at once,
    as each statement costs more than the rows in it."""
    if fresh := _unknown(link, [r for head in heads for r in head.rows.pop("objects", ())]):
        link.execute(_INSERT["objects"], fresh)
    for head in heads:
        if refused := head.rows.pop("refusals", []):
            keep(link, head.line.id, refused)
    for name, insert in _INSERT.items():
        if rows := [row for head in heads for row in head.rows.get(name, ())]:
            link.execute(insert, rows)
    put_notes(link, {k: v for head in heads for k, v in head.fresh_notes.items()})
    moved = [head for head in heads if (head.size, head.waiting) != head.at_start]
    if moved:
        link.execute(_MOVE, [_moved(head) for head in moved])
    for head in heads:
        head.rows.clear()
        head.fresh_notes.clear()
        head.at_start = (head.size, head.waiting)


def _moved(head: Head) -> dict[str, Any]:
    last = {party: [x.number, x.digest, x.sent] for party, x in head.last.items()}
    return {
        "id": head.line.id, "size": head.size, "hash": head.hash,
        "frontier": json.dumps(head.frontier.to_json()), "last": json.dumps(last),
        "added": head.added, "waiting": head.waiting,
    }  # fmt: skip


def _unknown(link: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows whose objects their lines do not have yet in these words, each once."""
    t, known = tables.objects.c, set[tuple[str, str]]()
    pairs = sorted({(row["line"], row["digest"]) for row in rows})
    for start in range(0, len(pairs), 400):
        some = pairs[start : start + 400]
        query = select(t.line, t.digest).where(
            t.line.in_({line for line, _ in some}), t.digest.in_({digest for _, digest in some})
        )
        known |= {(row.line, row.digest) for row in link.execute(query)}
    fresh = []
    for row in rows:
        if (pair := (row["line"], row["digest"])) not in known:
            known.add(pair)
            fresh.append(row)
    return fresh


def _row(head: Head, table: str, **values: Any) -> None:
    head.rows.setdefault(table, []).append(values)


def _next_added(last: str, now: dt.datetime) -> str:
    """Return when an object is said to be added: now, or just after the one before."""
    floor = dt.datetime.fromisoformat(last)
    at = max(now.astimezone(dt.UTC), floor + dt.timedelta(microseconds=1))
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}Z"
