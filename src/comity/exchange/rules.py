"""A thread as it stands: where each party is, what is out of order, what is due and overdue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from comity.exchange.model import Header, Kind, Terms
from comity.exchange.order import TRANSITIONS, Case, Place, case_of, check_order, may_send
from comity.exchange.past import in_order, past_of

__all__ = [
    "TRANSITIONS", "Case", "Due", "Place", "Standing", "ThreadState", "allowed", "case_of",
    "check_order", "deadlines", "in_order", "may_send", "past_of", "state_of",
]  # fmt: skip


class Standing(StrEnum):
    """How something that was due stands."""

    MET = "met"  # in time
    LATE = "late"  # met after it was due
    DUE = "due"  # open, there is time
    OVERDUE = "overdue"  # open, the time is over
    LAPSED = "lapsed"  # open, but who asked said that it is done before the time was over
    MISSED = "missed"  # the same after the time was over


@dataclass(frozen=True, slots=True)
class Due:
    """What a party owes on one message of another: an acknowledgement, a reply, a check's answer.

    `explicit` says that the message itself named the time, `met` when the first came that counts,
    `given_up` when who asked said that it is done, where nothing had come by then.
    """

    message: str
    asked: Kind
    asker: str
    party: str
    owes: Kind
    since: dt.datetime
    due: dt.datetime
    explicit: bool
    met: dt.datetime | None
    state: Standing
    given_up: dt.datetime | None = None

    @property
    def open(self) -> bool:
        """Whether it can still be met."""
        return self.state in (Standing.DUE, Standing.OVERDUE)


@dataclass(frozen=True, slots=True)
class ThreadState:
    """A thread by all messages at hand. `messages` are the ids in the order all parties agree on,
    `irregular` those without effect with the reason; `places` has where each party stands."""

    place: Place
    places: Mapping[str, Place]
    messages: tuple[str, ...]
    irregular: Mapping[str, str]
    dues: tuple[Due, ...]
    case: Case = field(repr=False, compare=False)

    @property
    def overdue(self) -> tuple[Due, ...]:
        """What is overdue, the longest first."""
        late = (one for one in self.dues if one.state is Standing.OVERDUE)
        return tuple(sorted(late, key=lambda one: (one.due, one.message, one.party)))


def state_of(
    headers: Iterable[Header],
    parties: Sequence[str],
    terms: Terms,
    now: dt.datetime,
    partial: Collection[str] = (),
) -> ThreadState:
    """Return how a thread stands by its messages, in whatever order they are given.

    `partial` are the ids of replies whose `final` field says no: they do not answer a request, but
    they do acknowledge it.
    """
    order = in_order(headers)
    case = case_of(order, parties)
    places = {party: case.place_of(party) for party in case.parties}
    return ThreadState(
        next(place for place in places.values() if place is not Place.DONE),
        places,
        tuple(one.id for one in order),
        {one.id: case.irregular[one.id] for one in order if one.id in case.irregular},
        deadlines(case, terms, now, partial),
        case,
    )


def allowed(state: ThreadState, party: str) -> tuple[tuple[Kind, tuple[str, ...]], ...]:
    """Return each kind that a party may send now, with the ids it may regard; "" is no message."""
    return tuple(state.case.allowed(party))


def deadlines(
    case: Case, terms: Terms, now: dt.datetime, partial: Collection[str] = ()
) -> tuple[Due, ...]:
    """Return all that was and is due in a thread, by message and party.

    A message's own deadline stands for the answer of a request or check and for the acknowledgement
    of a notification; where it has none the terms do. Time runs from when a message was sent to
    when what answers it was sent, by their senders' clocks. A reply acknowledges too.
    """
    order = sorted(case.valid.values(), key=lambda one: (one.sent, one.id))
    return tuple(
        one
        for header in order
        for party in case.parties
        if party != header.sender
        for one in _dues_on(case, header, party, terms, now, partial)
    )


def _dues_on(
    case: Case, header: Header, party: str, terms: Terms, now: dt.datetime,
    partial: Collection[str],
) -> Iterator[Due]:  # fmt: skip
    about = (party, header.id)
    quick = header.sent + dt.timedelta(hours=terms.acknowledge_hours)
    named = header.deadline
    replies = case.replies.get(about, [])
    receipts = [*replies[:1], *filter(None, [case.acknowledged.get(about)])]
    first = min(receipts, key=lambda one: one.number, default=None)
    if header.kind is Kind.CHECK:
        yield _due(case, header, party, Kind.CHECK_ANSWER, quick, case.answers.get(about), now)
    elif header.kind is Kind.NOTIFICATION:
        yield _due(case, header, party, Kind.ACKNOWLEDGEMENT, quick, first, now)
    elif header.kind is Kind.REQUEST:
        slow = header.sent + dt.timedelta(hours=terms.answer_hours)
        earlier = quick if named is None else min(quick, named)
        full = next((one for one in replies if one.id not in partial), None)
        yield _due(case, header, party, Kind.ACKNOWLEDGEMENT, earlier, first, now)
        yield _due(case, header, party, Kind.REPLY, slow, full, now)


def _due(
    case: Case, header: Header, party: str, owes: Kind, by_terms: dt.datetime,
    met: Header | None, now: dt.datetime,
) -> Due:  # fmt: skip
    explicit = header.deadline is not None
    acknowledges_request = owes is Kind.ACKNOWLEDGEMENT and header.kind is Kind.REQUEST
    due = by_terms
    if header.deadline is not None and not acknowledges_request:
        due = header.deadline
    closed = case.closures.get(header.sender)
    if met is not None:
        state = Standing.MET if met.sent <= due else Standing.LATE
    elif closed is not None:
        state = Standing.LAPSED if closed.sent <= due else Standing.MISSED
    else:
        state = Standing.DUE if now <= due else Standing.OVERDUE
    return Due(
        header.id, header.kind, header.sender, party, owes, header.sent, due,
        explicit and due == header.deadline, None if met is None else met.sent, state,
        closed.sent if closed is not None and met is None else None,
    )  # fmt: skip
