"""The tables of a desk: the same on SQLite and on PostgreSQL.

Instants are text of one length (`2026-11-26T16:00:00.000Z`), so that they sort as they follow.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

META = MetaData()
SERIAL = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only a plain INTEGER

notes = Table(
    "notes",
    META,
    Column("name", String(400), primary_key=True),  # with the names of a line and a party in it
    Column("value", Text, nullable=False),
)
"""Small facts of the desk: the schema's version, alarms, the last check sent."""

lines = Table(
    "lines",
    META,
    Column("line", String(100), primary_key=True),
    Column("title", Text, nullable=False),
    Column("parties", Text, nullable=False),  # JSON list
    Column("terms", Text, nullable=False),  # JSON
    Column("relay", Text, nullable=False, default=""),  # JSON of a TAXII server between the parties
)

heads = Table(
    "heads",
    META,
    Column("line", String(100), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("frontier", Text, nullable=False),
    Column("last", Text, nullable=False),  # JSON {party: [number, digest, sent]}
    Column("added", String(32), nullable=False),
    Column("waiting", Integer, nullable=False),
)
"""Where a line's journal ends: one row a line, locked by whoever appends."""

journal = Table(
    "journal",
    META,
    Column("line", String(100), primary_key=True),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("body", Text, nullable=False),
)

messages = Table(
    "messages",
    META,
    Column("line", String(100), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("n", BigInteger, nullable=False),
    Column("id", String(60), nullable=False),
    Column("thread", String(36), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("sender", String(255), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("sent", String(24), nullable=False),
    Column("received", String(24), nullable=False),
    Column("regular", Boolean, nullable=False),
    Column("unread", Boolean, nullable=False),
    Column("root", Text, nullable=False),  # canonical JSON without the signature
    Column("signature", Text, nullable=False),
    Column("objects", Text, nullable=False),  # canonical JSON list
    UniqueConstraint("line", "sender", "number"),
    UniqueConstraint("line", "n"),
    UniqueConstraint("line", "id"),
)
Index("messages_thread", messages.c.line, messages.c.thread, messages.c.n)
Index("messages_unread", messages.c.unread, messages.c.line)

objects = Table(
    "objects",
    META,
    Column("seq", SERIAL, primary_key=True, autoincrement=True),
    Column("line", String(100), nullable=False),
    Column("id", String(320), nullable=False),
    Column("version", String(40), nullable=False),
    Column("type", String(250), nullable=False),
    Column("spec_version", String(8), nullable=False),
    Column("added", String(32), nullable=False),  # with microseconds, no two alike on a line
    Column("body", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    UniqueConstraint("line", "digest"),
    UniqueConstraint("line", "added"),
)
Index("objects_version", objects.c.line, objects.c.id, objects.c.version)
"""What a TAXII client sees of a line: each version of an object once, as first added. Where two
messages carry other words under one id and version both are there: nobody's stand in for another's.
"""

waiting = Table(
    "waiting",
    META,
    Column("line", String(100), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("sender", String(255), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("since", String(24), nullable=False),
    Column("size", Integer, nullable=False),  # characters of the body
    Column("body", Text, nullable=False),  # JSON [root, objects]
)
"""Messages that came before those they follow."""

outbox = Table(
    "outbox",
    META,
    Column("line", String(100), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("peer", String(255), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),  # due, done, refused
    Column("attempts", Integer, nullable=False),
    Column("next_try", String(24), nullable=False),
    Column("error", Text, nullable=False),
)
Index("outbox_due", outbox.c.state, outbox.c.peer, outbox.c.line, outbox.c.number)

refusals = Table(
    "refusals",
    META,
    Column("seq", SERIAL, primary_key=True, autoincrement=True),
    Column("line", String(100), nullable=False),
    Column("at", String(24), nullable=False),
    Column("carrier", String(255), nullable=False),
    Column("sender", String(255), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("root", Text, nullable=False),  # of a contradiction, with its signature: the proof
)
"""What was refused, and of contradictions the proof."""

drafts = Table(
    "drafts",
    META,
    Column("id", String(36), primary_key=True),
    Column("line", String(100), nullable=False),
    Column("thread", String(36), nullable=False),
    Column("state", String(10), nullable=False),
    Column("author", Text, nullable=False),
    Column("saved", String(24), nullable=False),
    Column("body", Text, nullable=False),  # JSON
    Column("approvals", Text, nullable=False),  # JSON list of [name, digest of the body]
)

cursors = Table(
    "cursors",
    META,
    Column("peer", String(255), primary_key=True),
    Column("line", String(100), primary_key=True),
    Column("value", Text, nullable=False),
)
"""How far a line was read at a peer's server."""

people = Table(
    "people",
    META,
    Column("name", String(100), primary_key=True),
    Column("secret", Text, nullable=False),  # an Argon2 hash; empty where OpenID signs in
    Column("subject", String(400), nullable=False),  # issuer and subject of OpenID, or empty
    Column("roles", Text, nullable=False),  # JSON list
    Column("active", Boolean, nullable=False),
)

tokens = Table(
    "tokens",
    META,
    Column("name", String(100), primary_key=True),
    Column("party", String(255), nullable=False),
    Column("secret", Text, nullable=False),
    Column("read_only", Boolean, nullable=False),
    Column("created", String(24), nullable=False),
)
"""Passwords for programs that speak TAXII with HTTP Basic, on behalf of a party."""
