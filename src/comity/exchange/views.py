"""What a person looks at: a thread with its state, and an inbox with what is due, by a desk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.errors import ExchangeError, RefusedError
from comity.exchange.model import Delivery, Draft, Header, Kind, Line, Message, Opened, Received
from comity.exchange.reading import (
    by_prefix,
    count_threads,
    count_unread,
    of_kind,
    threads,
    threads_beginning,
    unread,
)
from comity.exchange.rules import Due, ThreadState, allowed, state_of
from comity.exchange.templates import NO
from comity.exchange.threads import load_headers
from comity.exchange.wording import readable

if TYPE_CHECKING:
    from comity.exchange.desk import Desk
    from comity.exchange.reading import ThreadEntry

LEAST_PREFIX = 4
ON_PAGE = 50  # unread messages, and threads


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as a person reads it. `broken` says why it has no effect, or cannot be opened;
    `other_text` is what it tells programs that know only STIX, where that is not what its fields
    say: both are signed, and no one rule makes the one of the other."""

    received: Received
    opened: Opened
    regular: bool
    broken: str = ""
    other_text: str = ""


@dataclass(frozen=True, slots=True)
class ThreadView:
    """A thread with its messages opened, its state, and what we may send next."""

    id: str
    line: Line
    messages: tuple[Shown, ...]
    state: ThreadState
    allowed: tuple[tuple[Kind, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Inbox:
    """What waits for a person: unread messages, what we owe and are owed, drafts, what is on its
    way, alarms. Of the unread and of the threads it holds one page, the latest first, and the
    number of all."""

    unread: tuple[Received, ...]
    owed_by_us: tuple[Due, ...]
    owed_to_us: tuple[Due, ...]
    threads: tuple[ThreadEntry, ...]
    drafts: tuple[Draft, ...]
    deliveries: tuple[Delivery, ...]
    alarms: Mapping[str, str]
    places: Mapping[str, str]  # the thread of each message that something is owed on
    lines: Mapping[str, str]  # the line of each such message
    unread_count: int
    threads_count: int
    page: int
    pages: int  # of whichever of the two has more


def thread_view(desk: Desk, id: str) -> ThreadView:
    """Return a thread. Raises ExchangeError for one there is not."""
    found = desk.thread(id)
    line = desk.line(found[0].message.header.line)
    shown = tuple(_shown(desk, one) for one in found)
    regular = [s.received.message.header for s in shown if s.regular]
    partial = [s.received.message.header.id for s in shown if _partial(s)]
    state = state_of(regular, line.parties, line.terms, desk.clock(), partial)
    return ThreadView(id, line, shown, state, allowed(state, desk.party))


def inbox(desk: Desk, page: int = 1, on_page: int = ON_PAGE) -> Inbox:
    """Return what waits for a person at a desk. Raises ExchangeError for a page there is not."""
    with desk.database.reading() as link:
        unread_count, threads_count = count_unread(link)[0], count_threads(link)
        pages = max(1, -(-max(unread_count, threads_count) // on_page))
        if not 1 <= page <= pages:
            raise ExchangeError(f"There is no page {page}: the inbox has {pages}.")
        skip = on_page * (page - 1)
        latest = unread(link, on_page, skip)
        shown = threads(link, "", on_page, skip)
    now, dues, places, lines = desk.clock(), [], {}, {}
    for line in desk.lines():
        partial = partial_replies(desk, line)
        for thread, headers in headers_by_thread(desk, line).items():
            state = state_of(headers, line.parties, line.terms, now, partial)
            for due in state.dues:
                if due.open:
                    dues.append(due)
                    places[due.message], lines[due.message] = thread, line.id
    dues.sort(key=lambda due: due.due)
    return Inbox(
        latest,
        tuple(d for d in dues if d.party == desk.party),
        tuple(d for d in dues if d.party != desk.party and d.asker == desk.party),
        shown,
        desk.drafts(),
        desk.deliveries(),
        desk.alarms(),
        places,
        lines,
        unread_count,
        threads_count,
        page,
        pages,
    )


def partial_replies(desk: Desk, line: Line) -> frozenset[str]:
    """Return the ids of replies that say they are not final: what they answer is still owed."""
    with desk.database.reading() as link:
        replies = of_kind(link, line.id, Kind.REPLY)
    return frozenset(one.message.header.id for one in replies if _partial(_shown(desk, one)))


def headers_by_thread(desk: Desk, line: Line) -> dict[str, list[Header]]:
    """Return the headers of a line's messages that kept its order, by thread."""
    with desk.database.reading() as link:
        headers = load_headers(link, line.id)
    found: dict[str, list[Header]] = defaultdict(list)
    for header in headers:
        found[header.thread].append(header)
    return found


def find_thread(desk: Desk, prefix: str) -> str:
    """Return the thread whose id begins with `prefix`. Raises ExchangeError for none or several."""
    with desk.database.reading() as link:
        found = threads_beginning(link, prefix) if len(prefix) >= LEAST_PREFIX else ()
    return _one("thread", prefix, found)


def find_message(desk: Desk, prefix: str) -> Received:
    """Return the message whose id begins with `prefix`, `grouping--` left out or not."""
    bare = prefix.removeprefix("grouping--")
    with desk.database.reading() as link:
        found = by_prefix(link, f"grouping--{bare}") if len(bare) >= LEAST_PREFIX else ()
    id = _one("message", bare, [one.message.header.id.removeprefix("grouping--") for one in found])
    return next(one for one in found if one.message.header.id == f"grouping--{id}")


def _one(what: str, prefix: str, ids: Sequence[str]) -> str:
    found = [id for id in ids if id.startswith(prefix)] if len(prefix) >= LEAST_PREFIX else []
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        raise ExchangeError(f"{len(found)} {what}s begin with {prefix[:40]!r}; give more of it.")
    raise ExchangeError(
        f"No {what} begins with {prefix[:40]!r}. Give at least {LEAST_PREFIX} characters of its "
        "id, as `comity exchange inbox` and `thread` print it."
    )


def _shown(desk: Desk, one: Received) -> Shown:
    regular = one.entry.what != "irregular"
    broken = "" if regular else "It broke the order of its thread and has no effect."
    try:
        opened = desk.opened(one.message)
    except RefusedError as error:
        return Shown(one, Opened({}, (), (), readable=False), regular, str(error))
    if not opened.readable:
        broken = broken or "It is sealed, and no key here opens it."
    return Shown(one, opened, regular, broken, _other_text(one.message, opened))


def _other_text(message: Message, opened: Opened) -> str:
    """Return a message's open text where it is not the one that its fields make."""
    text = str(message.root.get("description", ""))
    same = not text or text == readable(message.header.kind, opened.fields)
    return "" if same else text


def _partial(shown: Shown) -> bool:
    header = shown.received.message.header
    return header.kind is Kind.REPLY and shown.opened.fields.get("final") == NO
