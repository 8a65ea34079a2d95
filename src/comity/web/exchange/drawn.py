"""A thread as a picture: a lane a party, a dot a message, a bar for what is owed, by its state."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from comity.exchange.messages import TITLES
from comity.exchange.views import ThreadView
from comity.web.exchange.shown import short, thread_path, when

WIDTH, LEFT, RIGHT, LANE, BAR = 1000, 150, 970, 58, 7
MOST = 200  # messages that are drawn, the latest


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a place: from `x` to `end` in a lane at `y`; `title` says what it is."""

    x: float
    end: float
    y: float
    state: str
    title: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole picture, in units of its own."""

    width: int
    height: int
    lanes: tuple[tuple[str, float], ...]
    dots: tuple[Mark, ...]
    bars: tuple[Mark, ...]
    ends: tuple[str, str]
    left: int = LEFT
    right: int = RIGHT


def draw(view: ThreadView, now: dt.datetime, on_page: int) -> Drawing:
    """Return a thread's picture, from its first message drawn to now or the last deadline; a page
    of the thread has `on_page` messages."""
    headers = [s.received.message.header for s in view.messages][-MOST:]
    page_of = {s.received.message.header.id: n // on_page + 1 for n, s in enumerate(view.messages)}
    first = min(h.sent for h in headers)
    dues = [d for d in view.state.dues if d.since >= first]
    last = max([now, *(h.sent for h in headers), *(d.due for d in dues if d.open)])
    whole = max((last - first).total_seconds(), 1.0)
    lanes = {party: 26.0 + LANE * n for n, party in enumerate(view.line.parties)}

    def x(at: dt.datetime) -> float:
        share = min(max((at - first).total_seconds() / whole, 0.0), 1.0)
        return round(LEFT + 10 + (RIGHT - LEFT - 20) * share, 1)

    dots = tuple(
        Mark(x(h.sent), x(h.sent), lanes[h.sender], str(h.kind),
             f"{TITLES[h.kind]} {h.number} of {h.sender}, {when(h.sent)}",
             f"{thread_path(view.id)}?page={page_of[h.id]}#m-{short(h.id)}")
        for h in headers
    )  # fmt: skip
    bars, used = [], dict.fromkeys(lanes, 0)
    for due in dues[-3 * MOST :]:
        level = used[due.party] % 3
        used[due.party] += 1
        end = x(due.met or max(now, due.due) if due.open else due.met or due.due)
        title = f"{due.party}: {TITLES[due.owes]}, {when(due.due)}: {due.state}"
        bars.append(Mark(x(due.since), max(end, x(due.since) + 3),
                         lanes[due.party] + 10 + BAR * level, str(due.state), title))  # fmt: skip
    return Drawing(WIDTH, 26 + LANE * len(lanes) + 14, tuple(lanes.items()), dots, tuple(bars),
                   (when(first), when(last)))  # fmt: skip
