"""How a line was kept by a desk's journal, as plain text: beside the public record, never in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from comity.exchange.measure import LineRecord, Times
from comity.exchange.model import Kind
from comity.process.model import Act
from comity.process.queries import party_name
from comity.report.lines import Line, hanging, wrap
from comity.report.text import clean

TITLE = "On the line, by this desk's journal"
OWED = {
    (Kind.ACKNOWLEDGEMENT, Kind.NOTIFICATION): "notifications acknowledged",
    (Kind.ACKNOWLEDGEMENT, Kind.REQUEST): "requests acknowledged",
    (Kind.REPLY, Kind.REQUEST): "requests answered",
    (Kind.CHECK_ANSWER, Kind.CHECK): "checks answered",
}


def pointer(records: Sequence[LineRecord]) -> str:
    """Return in one line which lines a desk here keeps and how they stand, told below in full."""
    states = [f"{one.line.id} is {'open' if one.open else 'not open'}" for one in records]
    return f"{'; '.join(states)} ({TITLE[0].lower()}{TITLE[1:]}: at the end)."


def record_lines(record: LineRecord, acts: Sequence[Act], width: int = 80) -> list[Line]:
    """Return a line's state, its times and its acts."""
    line = record.line
    state = "open" if record.open else "not open"
    lines: list[Line] = [(TITLE, "")]
    lines += hanging("  ", f"{line.id} between {' and '.join(line.parties)}: {state}; "
                     f"{_last(record)}", width)  # fmt: skip
    lines += hanging(
        "  ",
        f"{_count(record.messages, 'message')}, "
        f"{_count(record.consultations, 'consultation')}; {_checks(record)}",
        width,
    )
    for times in record.times:
        lines += hanging("    ", _times(times), width)
    for act in acts:
        who = ", ".join(party_name(a) for a in act.actor)
        lines += hanging("  - ", clean(f"{act.date.text} {act.what} ({who})"), width)
    note = (
        "Open: a party answered another within the days between checks and the hours an answer may "
        "take, by the line's terms, and no check is overdue. Times are as the senders' clocks have "
        "them. Half of all: what was not answered counts as longer than it was waited for, up to "
        "now or until the asker was done (lapsed). This is one desk's journal: nobody else can "
        "look it up, and no number above counts it."
    )
    return [*lines, *[("", text) for text in wrap(note, width)]]


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _last(record: LineRecord) -> str:
    if record.last_contact is None or record.days_since_contact is None:
        return "no party has answered another yet"
    days = _count(record.days_since_contact, "day")
    return f"last contact {_day(record.last_contact)} ({days} before)"


def _checks(record: LineRecord) -> str:
    if not record.checks or record.last_check is None or record.answered_share is None:
        return "no communication check"
    share = f"{100 * record.answered_share:.0f} %"
    said = f"{_count(record.checks, 'communication check')}, {record.answered} answered ({share})"
    return f"{said}, the last sent {_day(record.last_check)}"


def _day(at: dt.datetime) -> str:
    return at.date().isoformat()


def duration(hours: float) -> str:
    """Return a time in the units people use.

    >>> [duration(h) for h in (0.001, 1 / 60, 1.5, 24, 47.99, 100)]
    ['under a minute', '1 min', '1 h 30 min', '24 h', '2 days', '4 days 4 h']
    """
    minutes = round(hours * 60)
    if minutes < 1:
        return "under a minute"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 600:
        return f"{minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")
    whole = round(hours)
    if whole < 48:
        return f"{whole} h"
    return f"{whole // 24} days" + (f" {whole % 24} h" if whole % 24 else "")


def _times(times: Times) -> str:
    """Return how fast a party gave what it owed on one kind of message."""
    said = f"{times.party}: {times.given} of {times.asked} {OWED[times.owes, times.on]}"
    if times.least_hours is not None and times.most_hours is not None:
        between = f"after {duration(times.least_hours)}"
        if times.given > 1:
            between += f" to {duration(times.most_hours)}"
        if times.asked == 1:
            said += f" {between}"
        elif times.median_hours is None:
            said += f" {between}, fewer than half"
        else:
            said += f" {between}, half of all within {duration(times.median_hours)}"
    beside = {
        "late": times.late, "overdue": times.overdue, "still open": times.open,
        "lapsed": times.lapsed, "missed": times.missed,
    }  # fmt: skip
    return ", ".join([said, *(f"{n} {word}" for word, n in beside.items() if n)])
