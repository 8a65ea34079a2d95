"""The lines a desk holds open: which track, between whom, on what terms."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache

from sqlalchemy import Connection, select

from comity.errors import ExchangeError
from comity.exchange.canonical import digest_of
from comity.exchange.headers import NAME, PARTY
from comity.exchange.heads import line_of_row, open_head
from comity.exchange.model import Line, Relay, Terms
from comity.exchange.tables import cursors, drafts, heads, lines

MOST_PARTIES = 32


@lru_cache(maxsize=256)  # asked of every message
def agreement_of(line: Line) -> str:
    """Return the digest of what the parties of a line must hold alike: track, parties, terms."""
    return digest_of({"line": line.id, "parties": list(line.parties), "terms": asdict(line.terms)})


def make_line(id: str, title: str, parties: Sequence[str], terms: Terms) -> Line:
    """Return a line. Raises ExchangeError for fewer than two parties, or terms out of range."""
    names = tuple(sorted(set(parties)))
    wrong = [p for p in names if not PARTY.fullmatch(p)]
    if not NAME.fullmatch(id):
        raise ExchangeError(f"{id[:60]!r} is no id of a track: small letters, digits and hyphens.")
    if wrong or not 2 <= len(names) <= MOST_PARTIES:
        given = wrong[0] if wrong else ", ".join(names) or "none"
        raise ExchangeError(
            f"A line joins 2 to {MOST_PARTIES} parties, each named like china.example. "
            f"Given: {given[:200]!r}."
        )
    for name, value in asdict(terms).items():
        if not 0 < value <= 100_000:
            raise ExchangeError(f"{name} of a line must be above 0; given {value}.")
    return Line(id, title[:300], names, terms)


def save_line(link: Connection, line: Line) -> None:
    """Open a line, or change the terms of one. Raises ExchangeError where other parties hold it."""
    known = find_line(link, line.id)
    terms, parties = json.dumps(asdict(line.terms)), json.dumps(line.parties)
    if known is None:
        link.execute(
            lines.insert().values(
                line=line.id, title=line.title, parties=parties, terms=terms, relay=""
            )
        )
        open_head(link, line)
        return
    if known.parties != line.parties:
        raise ExchangeError(
            f"The line {line.id} is open between {' and '.join(known.parties)}. Its messages "
            "were signed for them; others need a line of their own."
        )
    link.execute(
        lines.update().where(lines.c.line == line.id).values(title=line.title, terms=terms)
    )


def drop_line(link: Connection, id: str) -> None:
    """Take back a line on which nothing was sent or taken in: a mistyped one.

    Raises ExchangeError for a line with a journal: what was said stays, and so does its line.
    """
    head = link.execute(select(heads).where(heads.c.line == id)).first()
    if head is None:
        raise ExchangeError(f"No line {id[:60]!r} is open here.")
    if head.size or head.waiting:
        raise ExchangeError(
            f"{id} has a journal of {head.size} entries; what was said on it stays. Tell the other "
            "party, and leave it."
        )
    for table in (drafts, cursors, heads, lines):
        link.execute(table.delete().where(table.c.line == id))


def find_line(link: Connection, id: str) -> Line | None:
    """Return a line by its id, or None."""
    row = link.execute(select(lines).where(lines.c.line == id)).first()
    return None if row is None else _line(row)


def all_lines(link: Connection) -> tuple[Line, ...]:
    """Return every line of a desk, by id."""
    return tuple(_line(row) for row in link.execute(select(lines).order_by(lines.c.line)))


def find_relay(link: Connection, id: str) -> Relay | None:
    """Return the TAXII server between the parties of a line, where there is one."""
    text = link.execute(select(lines.c.relay).where(lines.c.line == id)).scalar()
    return Relay(**json.loads(text)) if text else None


def put_relay(link: Connection, id: str, relay: Relay | None) -> None:
    """Keep the TAXII server between the parties of a line; None takes it away."""
    text = json.dumps(asdict(relay)) if relay else ""
    link.execute(lines.update().where(lines.c.line == id).values(relay=text))


def _line(row: object) -> Line:
    values = row._mapping  # type: ignore[attr-defined]
    return line_of_row(values["line"], values["title"], values["parties"], values["terms"])
