"""A line: its parties and whom to reach, how fast each answers, its journal, its threads."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from comity.errors import AddressError, ExchangeError
from comity.exchange.canonical import stamp
from comity.exchange.cards import fingerprint
from comity.exchange.desk import Desk
from comity.exchange.measure import LineRecord, line_record
from comity.exchange.messages import TITLES
from comity.exchange.model import Card, Line, Role
from comity.exchange.reading import count_threads
from comity.exchange.templates import is_partial
from comity.exchange.views import headers_by_thread
from comity.report.contacts_page import ROLES, key_line, validity
from comity.report.exchange_record import duration
from comity.web.exchange.checked import journal_state
from comity.web.exchange.room import Place, Visit
from comity.web.exchange.shown import short, thread_path, when
from comity.web.page import Page

MOST = 100  # threads on a page


def find_line(visit: Visit) -> Line:
    """Return the line that an address names. Raises AddressError: there is no such page."""
    try:
        return visit.desk.line(visit.named("line")[:100])
    except ExchangeError as error:
        raise AddressError(str(error), missing=True) from error


def show(visit: Visit) -> Page:
    """Return a line."""
    desk, line = visit.desk, find_line(visit)
    now = desk.clock()
    record = line_record(line, headers_by_thread(desk, line), now, _partial(desk, line))
    with desk.database.reading() as link:
        count = count_threads(link, line.id)
    pages = max(1, -(-count // MOST))
    number = page_of(visit, pages)
    threads = desk.threads(line.id, MOST, MOST * (number - 1))
    cards = [(party, _card(desk, party)) for party in line.parties]
    journal = journal_state(desk, line)
    context = {
        "line": line, "record": record, "times": [_times(t) for t in record.times],
        "cards": [_shown_card(desk, party, card, now) for party, card in cards],
        "roles": ROLES, "journal": journal, "last_contact": when(record.last_contact),
        "heard": {p: when(t) for p, t in record.heard.items()},
        "threads_rows": [
            {"path": thread_path(t.id), "title": TITLES[t.kind], "id": short(t.id),
             "by": t.opened_by, "messages": t.messages, "unread": t.unread,
             "latest": t.latest[:16].replace("T", " ") + " UTC"}
            for t in threads
        ],
        "threads_count": count, "number": number, "pages": pages,
    }  # fmt: skip
    data = _record(line, record, [c for _, c in cards if c], journal, threads)
    return Page("exchange_line.html.j2", line.title or line.id, context, data=data,
                command="comity exchange lines --json")  # fmt: skip


def page_of(visit: Visit, pages: int) -> int:
    """Return the page that is asked for, the first without. Raises AddressError for no such one."""
    text = visit.asked("page", 8) or "1"
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= pages):
        raise AddressError(f"page={text!r}: there are {pages} pages.")
    return int(text)


def _partial(desk: Desk, line: Line) -> list[str]:
    """Return the ids of replies that say more is to follow."""
    found = []
    for one in desk.messages(line.id):
        if one.message.header.kind == "reply":
            opened = desk.opened(one.message)
            if is_partial(one.message.header.kind, opened.fields):
                found.append(one.message.header.id)
    return found


def _card(desk: Desk, party: str) -> Card | None:
    try:
        return desk.card_of(party)
    except ExchangeError:
        return None


def _shown_card(desk: Desk, party: str, card: Card | None, now: dt.datetime) -> dict[str, Any]:
    if card is None:
        return {"party": party, "own": party == desk.party, "card": None}
    return {
        "party": party, "own": party == desk.party, "card": card, "valid": validity(card, now),
        "expired": card.until < now, "fingerprint": fingerprint(card),
        "key_lines": [key_line(key, now) for key in card.keys],
    }  # fmt: skip


def _times(one: Any) -> dict[str, Any]:
    return {
        "party": one.party, "owes": TITLES[one.owes], "on": TITLES[one.on], "asked": one.asked,
        "given": one.given, "late": one.late, "open": one.open, "overdue": one.overdue,
        "missed": one.missed, "lapsed": one.lapsed,
        "median": "" if one.median_hours is None else duration(one.median_hours),
    }  # fmt: skip


def _record(
    line: Line, record: LineRecord, cards: list[Card], journal: dict[str, Any], threads: Any
) -> dict[str, Any]:
    """Return a line as data."""
    return {
        "id": line.id, "title": line.title, "parties": list(line.parties),
        "terms": asdict(line.terms), "open": record.open, "messages": record.messages,
        "consultations": record.consultations, "checks": record.checks,
        "checks_answered": record.answered,
        "last_contact": stamp(record.last_contact) if record.last_contact else "",
        "times": [asdict(t) for t in record.times],
        "contacts": [
            {"party": c.party, "name": c.name, "version": c.version, "until": stamp(c.until),
             "points": [asdict(p) for p in c.points]}
            for c in cards
        ],
        "journal": journal,
        "threads_rows": [asdict(t) for t in threads],
    }  # fmt: skip


PLACES = (Place("/exchange/line/{line}", frozenset({Role.READ}), show),)
