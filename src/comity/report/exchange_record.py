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
        "take, by the line's terms, and no check is overdue. Times are in hours, as the senders' "
        "clocks have them. This is one desk's journal: nobody else can look it up, and no number "
        "above counts it."
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


def _times(times: Times) -> str:
    """Return how fast a party gave what it owed on one kind of message."""
    said = f"{times.party}: {times.given} of {times.asked} {OWED[times.owes, times.on]}"
    if times.median_hours is not None and times.least_hours is not None:
        said += f" after {times.median_hours:.1f} h"
        if times.given > 1:
            said += f" (median; {times.least_hours:.1f} to {times.most_hours:.1f})"
    beside = {
        "late": times.late, "overdue": times.overdue, "still open": times.open,
        "lapsed": times.lapsed, "missed": times.missed,
    }  # fmt: skip
    return ", ".join([said, *(f"{n} {word}" for word, n in beside.items() if n)])
