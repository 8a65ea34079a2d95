"""How a line was kept: times to acknowledge and to answer, checks, and when it was last in touch.

All is read from the messages in a desk's own journal, by the times their senders wrote. It is one
desk's account: what the other parties' journals hold besides, it cannot know.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from comity.dates import from_day
from comity.exchange.model import Header, Kind, Line
from comity.exchange.rules import Due, Standing, state_of
from comity.process.model import Act, ActKind

JOURNAL = "journal"
"""The status of an act that stands in a journal and in no public source."""


@dataclass(frozen=True, slots=True)
class Times:
    """How fast a party gave what it owed on messages of one kind.

    `median_hours` is of all that was asked: what was not given took longer than it has waited, up
    to now or until the asker gave it up (right-censored; the Kaplan-Meier median, None where fewer
    than half were given by then). The least and most are of those given, late ones too; None where
    there is none. `open` counts what there is
    still time for, `overdue` what there is not, `lapsed` what the asker gave up before it was due
    and `missed` what it gave up after.
    """

    party: str
    owes: Kind
    on: Kind
    asked: int
    given: int
    late: int
    open: int
    overdue: int
    lapsed: int
    missed: int
    median_hours: float | None
    least_hours: float | None
    most_hours: float | None

    @property
    def share(self) -> float | None:
        """The share given of what was asked and came due; None where nothing did."""
        came_due = self.given + self.overdue + self.missed
        return self.given / came_due if came_due else None


@dataclass(frozen=True, slots=True)
class LineRecord:
    """A line as one desk's journal has it. `last_contact` is when a party last answered another,
    `heard` when each party's latest message was sent; `checks` are sent, `answered` by all."""

    line: Line
    now: dt.datetime
    messages: int
    consultations: int
    checks: int
    answered: int
    last_check: dt.datetime | None
    last_contact: dt.datetime | None
    heard: Mapping[str, dt.datetime]
    times: tuple[Times, ...]

    @property
    def answered_share(self) -> float | None:
        """The share of checks that every other party answered; None where none was sent."""
        return self.answered / self.checks if self.checks else None

    @property
    def days_since_contact(self) -> int | None:
        """Whole days since a party last answered another; None where none ever did."""
        return None if self.last_contact is None else (self.now - self.last_contact).days

    @property
    def open(self) -> bool:
        """Whether the line is open by its own terms: a party answered another within the days
        between checks and the hours an answer may take, and no check is overdue."""
        if self.last_contact is None:
            return False
        terms = self.line.terms
        within = dt.timedelta(days=terms.check_days, hours=terms.answer_hours)
        unanswered = any(one.overdue for one in self.times if one.owes is Kind.CHECK_ANSWER)
        return self.now - self.last_contact <= within and not unanswered


def times(dues: Iterable[Due], now: dt.datetime) -> tuple[Times, ...]:
    """Return how fast each party gave what it owed, by what and on which kind of message, as
    it stood at `now`."""
    groups: dict[tuple[str, Kind, Kind], list[Due]] = {}
    for one in dues:
        groups.setdefault((one.party, one.owes, one.asked), []).append(one)
    return tuple(_times(*key, group, now) for key, group in sorted(groups.items()))


def _times(party: str, owes: Kind, on: Kind, dues: Sequence[Due], now: dt.datetime) -> Times:
    hours = [_hours(one.since, one.met) for one in dues if one.met is not None]
    waited = [_hours(one.since, one.given_up or now) for one in dues if one.met is None]
    n = Counter(one.state for one in dues)
    return Times(
        party, owes, on, len(dues), len(hours), n[Standing.LATE], n[Standing.DUE],
        n[Standing.OVERDUE], n[Standing.LAPSED], n[Standing.MISSED],
        median_of(hours, waited), min(hours, default=None), max(hours, default=None),
    )  # fmt: skip


def _hours(since: dt.datetime, until: dt.datetime) -> float:
    return (until - since).total_seconds() / 3600


def median_of(given: Sequence[float], waited: Sequence[float]) -> float | None:
    """Return the median time by Kaplan and Meier: `given` are times of answers, `waited` how long
    what was not answered has been waited for. None where the half is not reached. Where nothing
    waits it is the ordinary median.

    >>> median_of([1.0, 3.0], []), median_of([1.0, 3.0], [9.0]), median_of([1.0], [9.0, 9.0])
    (2.0, 3.0, None)
    """
    if not waited:
        return median(given) if given else None
    share = 1.0
    for at in sorted(set(given)):
        left = sum(t >= at for t in (*given, *waited))
        share *= 1 - given.count(at) / left
        if share <= 0.5 + 1e-12:
            return at
    return None


def line_record(
    line: Line,
    threads: Mapping[str, Sequence[Header]],
    now: dt.datetime,
    partial: Collection[str] = (),
) -> LineRecord:
    """Return how a line was kept, by the messages of its threads that kept the order.

    `partial` are the ids of replies that say more is to follow. Messages sent after `now` by their
    sender's clock count as sent.
    """
    states = [state_of(one, line.parties, line.terms, now, partial) for one in threads.values()]
    dues = [one for state in states for one in state.dues]
    headers = [one for state in states for one in state.case.valid.values()]
    senders = {one.id: one.sender for one in headers}
    checks = [one for one in headers if one.kind is Kind.CHECK]
    owed = [one for one in dues if one.asked is Kind.CHECK]
    met = {one.message for one in owed} - {one.message for one in owed if one.met is None}
    answering = [
        one.sent for one in headers if senders.get(one.regards, one.sender) != one.sender
    ]  # fmt: skip
    heard = {
        party: max(one.sent for one in headers if one.sender == party)
        for party in line.parties
        if party in senders.values()
    }
    consultations = sum(
        any(one.kind is not Kind.CHECK for one in state.case.openings) for state in states
    )
    last_check = max((one.sent for one in checks), default=None)
    return LineRecord(
        line, now, len(headers), consultations, len(checks), len(met), last_check,
        max(answering, default=None), heard, times(dues, now),
    )  # fmt: skip


def acts_of(
    line: Line, threads: Mapping[str, Sequence[Header]], states: Mapping[str, str]
) -> tuple[Act, ...]:
    """Return a line's journal as acts of its track, by date: each check that was answered, on the
    day of the first answer, and each consultation, on the day it began.

    `states` has the country's code or body of each party. Their status is `journal` and they have
    no source: they stand beside the register's acts, which anybody can look up, and never among
    them. What was said is not told, nor by how many messages.
    """
    found = []
    for name, headers in sorted(threads.items()):
        case = state_of(headers, line.parties, line.terms, _ANY_TIME).case
        for opening in case.openings:
            check = opening.kind is Kind.CHECK
            answers = [a for a in case.answers.values() if a.regards == opening.id]
            if check and not answers:
                continue
            first = min(answers, key=lambda a: (a.sent, a.id)) if check else opening
            others = [p for p in line.parties if p != first.sender]
            kind = ActKind.CHECK if check else ActKind.USE
            what = "A communication check was answered" if check else "A consultation was begun"
            day = first.sent.date()
            found.append(Act(
                f"{day}-{line.id}-{kind}-{name[:8]}", from_day(day), kind,
                (states.get(first.sender, first.sender),),
                tuple(states.get(p, p) for p in others), line.id, "", what, "", (), (), JOURNAL,
            ))  # fmt: skip
    return tuple(sorted(found, key=lambda act: (act.date.text, act.id)))


_ANY_TIME = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)  # what is due does not matter for acts
