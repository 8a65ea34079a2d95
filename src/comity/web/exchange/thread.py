"""A thread: what was said in order, what is open, answered and overdue, what may be sent next."""

from __future__ import annotations

from comity.errors import AddressError, ExchangeError
from comity.exchange.messages import TITLES
from comity.exchange.model import Role
from comity.exchange.templates import template
from comity.exchange.views import ThreadView, thread_view
from comity.report.exchange_lines import thread_record
from comity.web.exchange.drawn import draw
from comity.web.exchange.room import Place, Visit
from comity.web.exchange.shown import due_row, message_row, short, thread_path, titles_of
from comity.web.page import Page
from comity.web.parameters import address

ON_PAGE = 40  # messages


def show(visit: Visit) -> Page:
    """Return a thread; the last of its pages where none is asked for."""
    desk, texts = visit.desk, visit.room.world.texts
    view, now = view_of(visit), desk.clock()
    pages = max(1, -(-len(view.messages) // ON_PAGE))
    number = _number(visit.asked("page", 6), pages)
    chosen = view.messages[ON_PAGE * (number - 1) : ON_PAGE * number]
    titles = titles_of([s.received.message.header for s in view.messages])
    first = view.messages[0].received.message.header
    dues = [due_row(d, view.id, now, texts, desk.party, view.line.id) for d in view.state.dues]
    context = {
        "thread": view.id, "line": view.line, "kind": TITLES[first.kind], "by": first.sender,
        "messages": [message_row(desk, s, titles, texts) for s in chosen],
        "count": len(view.messages), "pages": pages, "number": number,
        "unread": [s.received.message.digest for s in view.messages if s.received.unread],
        "dues": sorted(dues, key=lambda d: _ORDER.index(d.state)),
        "places": dict(view.state.places), "drawing": draw(view, now, ON_PAGE),
        "steps": _steps(view, titles),
    }  # fmt: skip
    title = texts("exchange.thread_title", kind=TITLES[first.kind], id=short(view.id))
    command = f"comity exchange thread {short(view.id)} --keep-unread --json"
    return Page("exchange_thread.html.j2", title, context, lambda: thread_record(view),
                command=command)  # fmt: skip


_ORDER = ("overdue", "due", "missed", "late", "lapsed", "met")


def read(visit: Visit) -> str:
    """Note that what a person has before it was read; nobody at this desk is told of it again."""
    thread = visit.desk.thread(visit.named("thread"))
    shown = {str(v) for v in visit.form.getlist("digest") if isinstance(v, str)}
    for line in {one.message.header.line for one in thread}:
        digests = [r.message.digest for r in thread
                   if r.message.header.line == line and r.message.digest in shown]  # fmt: skip
        visit.desk.mark_read(line, digests)
    return address(thread_path(visit.named("thread")), {"said": "read"})


def view_of(visit: Visit) -> ThreadView:
    """Return the thread that an address names. Raises AddressError: there is no such page."""
    try:
        return thread_view(visit.desk, visit.named("thread")[:60])
    except ExchangeError as error:
        raise AddressError(str(error), missing=True) from error


def _number(text: str, pages: int) -> int:
    if not text:
        return pages
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= pages):
        raise AddressError(f"page={text!r}: there are {pages} pages.")
    return int(text)


def _steps(view: ThreadView, titles: dict[str, str]) -> list[dict[str, object]]:
    """Return what this party may send now: each kind with what it says and what it may regard."""
    steps: list[dict[str, object]] = []
    for kind, ids in view.allowed:
        base = {"line": view.line.id, "kind": str(kind), "thread": view.id}
        regards = [
            (address("/exchange/compose", {**base, "regards": id}), titles.get(id, short(id)))
            for id in ids
            if id
        ]
        alone = address("/exchange/compose", base) if "" in ids or not ids else ""
        steps.append({"title": TITLES[kind], "says": template(kind).says, "alone": alone,
                      "regards": regards})  # fmt: skip
    return steps


PLACES = (
    Place("/exchange/thread/{thread}", frozenset({Role.READ}), show),
    Place("/exchange/thread/{thread}/read", frozenset({Role.READ}), change=read),
)
