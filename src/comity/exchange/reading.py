"""What a desk holds, read: threads, what is unread, and the objects a TAXII client may ask for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, or_, select

from comity.exchange.journal import read_entry
from comity.exchange.model import Kind, Received
from comity.exchange.outbox import read_row
from comity.exchange.tables import cursors, heads, journal, messages, objects, refusals

_ENTRY = (messages.c.line == journal.c.line) & (messages.c.n == journal.c.n)


@dataclass(frozen=True, slots=True)
class ThreadEntry:
    """One thread in a list: how it began, how many messages it has, which are unread."""

    id: str
    line: str
    kind: Kind  # of its first message
    opened_by: str
    opened: str  # timestamps
    latest: str
    messages: int
    unread: int


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One version of a STIX object of a line, as a TAXII client sees it."""

    seq: int
    id: str
    version: str
    type: str
    spec_version: str
    added: str
    body: str  # canonical JSON


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a TAXII client asks for; empty members ask for all. `versions` holds versions, or
    first, last, all; last where nothing is asked."""

    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    spec_versions: tuple[str, ...] = ()
    added_after: str = ""  # timestamp, compared as an instant to the microsecond
    after: int = 0  # the `seq` of the last object of the page before


def _received() -> Select[Any]:
    m = messages.c
    return select(
        m.root, m.signature, m.objects, m.digest, m.unread, journal.c.body, journal.c.hash
    ).join_from(messages, journal, _ENTRY)


def _row(row: Any) -> Received:
    message = read_row(row.root, row.signature, row.objects, row.digest)
    return Received(message, read_entry(row.body, row.hash), row.unread)


def messages_of(link: Connection, line: str) -> Iterator[Received]:
    """Give every message of a line in the order of the journal, a few at a time."""
    query = _received().where(messages.c.line == line).order_by(messages.c.n)
    for row in link.execute(query.execution_options(yield_per=500)):
        yield _row(row)


def thread(link: Connection, id: str) -> tuple[Received, ...]:
    """Return the messages of a thread in the order of the journal. Where another line has the same
    thread id, whoever used it there does not mix in: the line that had it first counts."""
    m = messages.c
    first = select(m.line).where(m.thread == id).order_by(m.received, m.line).limit(1)
    query = _received().where(m.thread == id, m.line == first.scalar_subquery()).order_by(m.n)
    return tuple(_row(row) for row in link.execute(query))


def of_kind(link: Connection, line: str, kind: Kind) -> tuple[Received, ...]:
    """Return the messages of a line of one kind, in the order of the journal."""
    query = _received().where(messages.c.line == line, messages.c.kind == str(kind))
    return tuple(_row(row) for row in link.execute(query.order_by(messages.c.n)))


def by_prefix(link: Connection, prefix: str) -> tuple[Received, ...]:
    """Return up to ten messages whose ids begin with `prefix`."""
    query = _received().where(messages.c.id.startswith(prefix, autoescape=True)).limit(10)
    return tuple(_row(row) for row in link.execute(query))


def unread(link: Connection, most: int = 0, skip: int = 0) -> tuple[Received, ...]:
    """Return what is unread, the oldest first; with `most` so many of the latest, `skip` left out,
    the latest first."""
    m = messages.c
    query = _received().where(m.unread)
    if most:
        query = query.order_by(m.received.desc(), m.line, m.n.desc()).limit(most).offset(skip)
    else:
        query = query.order_by(m.received, m.line, m.n)
    return tuple(_row(row) for row in link.execute(query))


def count_unread(link: Connection) -> tuple[int, str]:
    """Return how many messages are unread, and when the latest of them came; "" where none is."""
    m = messages.c
    row = link.execute(select(func.count(), func.max(m.received)).where(m.unread)).one()
    return int(row[0]), row[1] or ""


def mark_read(link: Connection, line: str, digests: Sequence[str]) -> None:
    """Note that messages were read."""
    m = messages.c
    for start in range(0, len(digests), 400):
        some = digests[start : start + 400]
        link.execute(
            messages.update().where(m.line == line, m.digest.in_(some)).values(unread=False)
        )


def count_threads(link: Connection, line: str = "") -> int:
    """Return how many threads a line has, or all lines."""
    pairs = select(messages.c.line, messages.c.thread).distinct()
    if line:
        pairs = pairs.where(messages.c.line == line)
    return link.execute(select(func.count()).select_from(pairs.subquery())).scalar_one()


def threads_beginning(link: Connection, prefix: str, most: int = 10) -> tuple[str, ...]:
    """Return up to `most` ids of threads that begin with `prefix`, by id."""
    t = messages.c.thread
    query = select(t).where(t.startswith(prefix, autoescape=True)).distinct().order_by(t)
    return tuple(link.execute(query.limit(most)).scalars())


def threads(
    link: Connection, line: str = "", most: int = 0, skip: int = 0
) -> tuple[ThreadEntry, ...]:
    """Return the threads of a line, or of all, the latest first; with `most` so many of them,
    `skip` left out."""
    m = messages.c
    first = (
        select(m.line, m.thread, func.min(m.n).label("n"), func.max(m.received).label("latest"),
               func.count().label("size"),
               func.sum(case((m.unread, 1), else_=0)).label("unread"))
        .group_by(m.line, m.thread)
        .subquery()
    )  # fmt: skip
    query = select(first, m.kind, m.sender, m.sent).join_from(
        first, messages, (m.line == first.c.line) & (m.n == first.c.n)
    )
    query = query.order_by(first.c.latest.desc(), first.c.line, first.c.thread)
    if line:
        query = query.where(first.c.line == line)
    if most:
        query = query.limit(most).offset(skip)
    return tuple(
        ThreadEntry(r.thread, r.line, Kind(r.kind), r.sender, r.sent, r.latest, r.size,
                    int(r.unread or 0))
        for r in link.execute(query)
    )  # fmt: skip


def contradictions(link: Connection) -> dict[str, str]:
    """Return what was refused since two signed messages contradict each other, by line and
    sender."""
    t = refusals.c
    query = select(t.line, t.sender, t.text).where(t.reason == "contradiction").order_by(t.seq)
    return {f"contradiction:{r.line}:{r.sender}": r.text for r in link.execute(query)}


def own_numbers(link: Connection, party: str) -> dict[str, int]:
    """Return the number of the last message of a party on each line that it has sent on."""
    rows = link.execute(select(heads.c.line, heads.c.last))
    found = {row.line: json.loads(row.last).get(party) for row in rows}
    return {line: int(last[0]) for line, last in found.items() if last}


def refused(link: Connection, line: str = "", most: int = 100) -> tuple[Any, ...]:
    """Return the latest refusals, as rows of the table."""
    query = select(refusals).order_by(refusals.c.seq.desc()).limit(most)
    return tuple(link.execute(query.where(refusals.c.line == line) if line else query))


def cursor(link: Connection, peer: str, line: str) -> str:
    """Return how far a line was read at a peer's server."""
    query = select(cursors.c.value).where(cursors.c.peer == peer, cursors.c.line == line)
    return link.execute(query).scalar() or ""


def set_cursor(link: Connection, peer: str, line: str, value: str) -> None:
    """Note how far a line was read at a peer's server."""
    mine = (cursors.c.peer == peer) & (cursors.c.line == line)
    if not link.execute(cursors.update().where(mine).values(value=value)).rowcount:
        link.execute(cursors.insert().values(peer=peer, line=line, value=value))


def known_ids(link: Connection, line: str, ids: Sequence[str]) -> frozenset[str]:
    """Return those of some ids that an object of the line has."""
    t, found = objects.c, set()
    for start in range(0, len(ids), 400):
        query = select(t.id).where(t.line == line, t.id.in_(ids[start : start + 400]))
        found |= set(link.execute(query).scalars())
    return frozenset(found)


def stored(
    link: Connection, line: str, wanted: Wanted, limit: int, bodies: bool = True
) -> tuple[StoredObject, ...]:
    """Return up to `limit` versions of objects of a line, in the order they were added."""
    t = objects.c
    body = t.body if bodies else func.substr(t.body, 1, 0).label("body")
    query = select(t.seq, t.id, t.version, t.type, t.spec_version, t.added, body).where(
        t.line == line, t.seq > wanted.after
    )
    if wanted.added_after:
        query = query.where(t.added > wanted.added_after)
    for column, values in ((t.id, wanted.ids), (t.type, wanted.types),
                           (t.spec_version, wanted.spec_versions)):  # fmt: skip
        if values:
            query = query.where(column.in_(values))
    query = _of_versions(query, line, wanted.versions or ("last",))
    return tuple(StoredObject(*row) for row in link.execute(query.order_by(t.seq).limit(limit)))


def _of_versions(query: Select[Any], line: str, versions: Sequence[str]) -> Select[Any]:
    """Narrow a query to the versions asked for."""
    if "all" in versions:
        return query
    t, choices = objects.c, []
    other = objects.alias()
    mine = and_(other.c.line == line, other.c.id == t.id)
    for name, end in (("first", func.min), ("last", func.max)):
        if name in versions:
            edge = select(end(other.c.version)).where(mine).scalar_subquery()
            choices.append(t.version == edge)
    if exact := [v for v in versions if v not in ("first", "last")]:
        choices.append(t.version.in_(exact))
    return query.where(or_(*choices))
