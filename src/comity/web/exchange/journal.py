"""The journal of a line: every entry, a hundred a page, and whether all of it is as it was."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from comity.errors import AddressError
from comity.exchange import tables
from comity.exchange.canonical import stamp
from comity.exchange.journal import read_entry
from comity.exchange.messages import TITLES
from comity.exchange.model import Kind, Line, Role
from comity.web.exchange.checked import journal_state, verify
from comity.web.exchange.line import find_line
from comity.web.exchange.room import Place, Visit
from comity.web.exchange.shown import short, thread_path, when
from comity.web.page import Page
from comity.web.parameters import address

ON_PAGE = 100


def show(visit: Visit) -> Page:
    """Return a page of a journal; the newest where none is asked for."""
    line, texts = find_line(visit), visit.room.world.texts
    state = journal_state(visit.desk, line)
    pages = max(1, -(-state["size"] // ON_PAGE))
    text = visit.asked("page", 8) or str(pages)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= pages):
        raise AddressError(f"page={text!r}: there are {pages} pages.")
    number = int(text)
    rows, entries = _entries(visit, line, number)
    context = {"line": line, "journal": state, "rows": rows, "pages": pages, "number": number}
    data = {"line": line.id, "page": number, "pages": pages, "journal": state, "entries": entries}
    return Page("exchange_journal.html.j2", texts("exchange.journal_title", line=line.id), context,
                data=data, command=f"comity exchange verify {line.id}")  # fmt: skip


def _entries(visit: Visit, line: Line, number: int) -> tuple[list[Any], list[dict[str, Any]]]:
    """Return the entries of a page, the newest first, as rows and as data."""
    j, m = tables.journal.c, tables.messages.c
    query = (
        select(j.n, j.hash, j.body, m.id, m.kind, m.thread)
        .join_from(tables.journal, tables.messages, (j.line == m.line) & (j.n == m.n), isouter=True)
        .where(j.line == line.id, j.n > ON_PAGE * (number - 1), j.n <= ON_PAGE * number)
        .order_by(j.n.desc())
    )
    rows, data = [], []
    with visit.desk.database.reading() as link:
        for found in link.execute(query):
            entry = read_entry(found.body, found.hash)
            rows.append({
                "n": entry.n, "recorded": when(entry.recorded), "what": entry.what,
                "sender": entry.sender, "number": entry.number, "hash": entry.hash,
                "title": TITLES[Kind(found.kind)] if found.kind else "",
                "path": f"{thread_path(found.thread)}#m-{short(found.id)}" if found.id else "",
            })  # fmt: skip
            data.append(asdict(entry) | {"recorded": stamp(entry.recorded)})
    return rows, data


def check(visit: Visit) -> str:
    """Verify the whole journal; the page then says what was found."""
    line = find_line(visit)
    verify(visit.desk, line, visit.account.person.name)
    return address(f"/exchange/journal/{line.id}", {"said": "verified"})


PLACES = (
    Place("/exchange/journal/{line}", frozenset({Role.READ}), show),
    Place("/exchange/journal/{line}/verify", frozenset({Role.READ}), change=check),
)
