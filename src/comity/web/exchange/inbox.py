"""The inbox: what is unread, what is due and to whom, what is on its way, what is alarming."""

from __future__ import annotations

from collections.abc import Sequence

from comity.errors import AddressError, ExchangeError
from comity.exchange.messages import TITLES
from comity.exchange.model import Role
from comity.exchange.rules import Due
from comity.exchange.views import Inbox, inbox
from comity.report.exchange_lines import inbox_record, lines_record
from comity.web.exchange.room import Place, Visit
from comity.web.exchange.shown import DueRow, alarms_of, due_row, short, thread_path, when
from comity.web.page import Page

MOST = 50  # rows of a table here; the line's page has all of its threads


def show(visit: Visit) -> Page:
    """Return the inbox of the desk."""
    desk, texts = visit.desk, visit.room.world.texts
    found, now = _asked(visit), desk.clock()

    def rows(dues: Sequence[Due]) -> list[DueRow]:
        made = []
        for due in dues:
            thread = found.places.get(due.message, "")
            made.append(
                due_row(due, thread, now, texts, desk.party, found.lines.get(due.message, ""))
            )
        return made

    writes = visit.may(Role.DRAFT) or visit.may(Role.RELEASE)
    unread = [
        {"title": TITLES[h.kind], "sender": h.sender, "line": h.line, "sent": when(h.sent),
         "came": when(one.entry.recorded), "path": f"{thread_path(h.thread)}#m-{short(h.id)}",
         "irregular": one.entry.what == "irregular", "sealed": bool(h.sealed)}
        for one in found.unread for h in (one.message.header,)
    ]  # fmt: skip
    overdue = sum(d.state == "overdue" for d in found.owed_by_us)
    context = {
        "unread": unread, "unread_count": found.unread_count, "overdue": overdue,
        "by_us": rows(found.owed_by_us[:MOST]), "by_us_count": len(found.owed_by_us),
        "to_us": rows(found.owed_to_us[:MOST]), "to_us_count": len(found.owed_to_us),
        "alarms": alarms_of(desk, texts), "lines": lines_record(desk),
        "deliveries": [
            {"line": w.line, "peer": w.peer, "number": w.number, "state": w.state,
             "attempts": w.attempts, "next": when(w.next_try), "error": w.error}
            for w in found.deliveries[:MOST]
        ],
        "deliveries_count": len(found.deliveries),
        "drafts_count": len(found.drafts) if writes else 0,
        "threads_rows": [
            {"path": thread_path(t.id), "title": TITLES[t.kind], "id": short(t.id),
             "line": t.line, "by": t.opened_by, "messages": t.messages, "unread": t.unread,
             "latest": t.latest[:16].replace("T", " ") + " UTC"}
            for t in found.threads
        ],
        "threads_count": found.threads_count, "number": found.page, "pages": found.pages,
    }  # fmt: skip
    record = inbox_record(found)
    if not writes:
        record.pop("drafts")
    return Page("exchange_inbox.html.j2", texts("exchange.title"), context, data=record,
                command="comity exchange inbox --json")  # fmt: skip


def _asked(visit: Visit) -> Inbox:
    """Return the page of the inbox that is asked for. Raises AddressError for one there is not."""
    text = visit.asked("page", 8) or "1"
    if not (text.isascii() and text.isdigit()):
        raise AddressError(f"page={text!r} is no number of a page.")
    try:
        return inbox(visit.desk, int(text), MOST)
    except ExchangeError as error:
        raise AddressError(str(error)) from error


PLACES = (Place("/exchange", frozenset({Role.READ}), show),)
