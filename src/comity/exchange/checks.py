"""Communication checks on a schedule: which lines are due one, sending and answering them."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.errors import ExchangeError
from comity.exchange.model import Draft, Header, Kind, Line, Message, Person
from comity.exchange.rules import state_of
from comity.exchange.views import headers_by_thread

if TYPE_CHECKING:
    from comity.exchange.desk import Desk


@dataclass(frozen=True, slots=True)
class CheckDue:
    """A line that should be checked: when it was last (None: never), since when it is due."""

    line: str
    last: dt.datetime | None
    due: dt.datetime


def checks_due(
    lines: Iterable[Line], last: Mapping[str, dt.datetime], now: dt.datetime
) -> tuple[CheckDue, ...]:
    """Return the lines that are due a check at `now`, the longest due first.

    `last` has when a line was last checked, by whichever party: a check and its answer show both
    ways open. A line never checked is due at once.
    """
    found = []
    for line in lines:
        before = last.get(line.id)
        due = now if before is None else before + dt.timedelta(days=line.terms.check_days)
        if due <= now:
            found.append(CheckDue(line.id, before, due))
    return tuple(sorted(found, key=lambda one: (one.due, one.line)))


def last_check(headers: Iterable[Header]) -> dt.datetime | None:
    """Return when the latest communication check among some messages was sent."""
    return max((one.sent for one in headers if one.kind is Kind.CHECK), default=None)


def send_checks(
    desk: Desk, lines: Sequence[Line], person: Person, due_only: bool = False
) -> tuple[Message | Draft, ...]:
    """Send a communication check on lines; with `due_only` only where one is due and none waits
    as a draft for a second person.

    Returns what was sent, or the drafts that wait for a second person. Raises what a release does;
    those sent before it stay sent.
    """
    chosen = list(lines)
    if due_only:
        sent = {line.id: last_check(_headers(desk, line)) for line in chosen}
        known = {name: at for name, at in sent.items() if at is not None}
        due = {one.line for one in checks_due(chosen, known, desk.clock())}
        waits = {draft.line for draft in desk.drafts() if draft.kind is Kind.CHECK}
        chosen = [line for line in chosen if line.id in due - waits]
    return tuple(
        desk.release(desk.draft(line.id, Kind.CHECK, person).id, person) for line in chosen
    )


@contextmanager
def checking(
    desk: Desk, every: float, person: Person, tell: Callable[[str], None]
) -> Iterator[None]:
    """Send the checks that are due, in a thread, while this lasts; `tell` hears of each and of
    what went wrong, which the next look tries again."""
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            try:
                for one in send_checks(desk, desk.lines(), person, due_only=True):
                    line = one.line if isinstance(one, Draft) else one.header.line
                    waits = " waits for a second person" if isinstance(one, Draft) else " is sent"
                    tell(f"A communication check on {line}{waits}.")
            except ExchangeError as error:
                tell(f"No communication check was sent: {error}")
            stop.wait(every)

    thread = threading.Thread(target=look, name="checks", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _headers(desk: Desk, line: Line) -> list[Header]:
    return [one for headers in headers_by_thread(desk, line).values() for one in headers]


def answer_checks(desk: Desk, lines: Sequence[Line], person: Person) -> tuple[Message | Draft, ...]:
    """Answer every check of another party that this one has not answered; late ones too."""
    done = []
    for line in lines:
        for thread, headers in headers_by_thread(desk, line).items():
            state = state_of(headers, line.parties, line.terms, desk.clock())
            for one in state.dues:
                if one.open and one.owes is Kind.CHECK_ANSWER and one.party == desk.party:
                    said = {"thread": thread, "regards": one.message}
                    draft = desk.draft(line.id, Kind.CHECK_ANSWER, person, **said)
                    done.append(desk.release(draft.id, person))
    return tuple(done)
