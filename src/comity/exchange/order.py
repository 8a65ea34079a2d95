"""The order of a thread: who may send what after what, judged by what the sender knew.

A check thread is a communication check and one answer of each other party. A consultation begins
with a notification or a request and is closed when every party has said that it is done. Whether a
message is in order depends on nothing but the messages its sender held (`past`), so that every
party comes to the same judgement whatever it held itself when the message came. A message out of
order stays in the journal and has no effect on the thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from comity.errors import RefusedError
from comity.exchange.model import Header, Kind, Reason
from comity.exchange.past import clock_of, in_order, knew, knows_less


class Place(StrEnum):
    """Where a thread stands for one party, by the messages that party holds."""

    NOTHING = "nothing"  # no message yet
    CHECK = "check"  # a check that not every other party has answered
    CHECKED = "checked"  # a check that every other party has answered
    OPEN = "open"  # a consultation in which the party has not said that it is done
    DONE = "done"  # the party has said so, another has not
    CLOSED = "closed"  # every party has


class Regards(StrEnum):
    """Which message of the thread a message regards, in words that end a sentence."""

    NOTHING = "regards no message"
    ANY = "regards one message of its thread or none"
    CHECK = "regards a communication check of another party, once"
    OTHERS = "regards a message of another party, once; an acknowledgement has none of its own"
    REQUEST = "regards a request of another party"
    OWN = "regards an earlier message of its own sender that tells or asks something"


@dataclass(frozen=True, slots=True)
class Transition:
    """In `place` a party may send `kind`; it is then in one of `then`."""

    place: Place
    kind: Kind
    regards: Regards
    then: tuple[Place, ...]


def _row(place: Place, kind: Kind, regards: Regards, *then: Place) -> Transition:
    return Transition(place, kind, regards, then or (place,))


TRANSITIONS: tuple[Transition, ...] = (
    _row(Place.NOTHING, Kind.CHECK, Regards.NOTHING, Place.CHECK),
    _row(Place.NOTHING, Kind.NOTIFICATION, Regards.NOTHING, Place.OPEN),
    _row(Place.NOTHING, Kind.REQUEST, Regards.NOTHING, Place.OPEN),
    _row(Place.CHECK, Kind.CHECK_ANSWER, Regards.CHECK, Place.CHECK, Place.CHECKED),
    _row(Place.OPEN, Kind.ACKNOWLEDGEMENT, Regards.OTHERS),
    _row(Place.OPEN, Kind.NOTIFICATION, Regards.ANY),
    _row(Place.OPEN, Kind.REQUEST, Regards.ANY),
    _row(Place.OPEN, Kind.REPLY, Regards.REQUEST),
    _row(Place.OPEN, Kind.OPINION, Regards.ANY),
    _row(Place.OPEN, Kind.CORRECTION, Regards.OWN),
    _row(Place.OPEN, Kind.CLOSURE, Regards.NOTHING, Place.DONE, Place.CLOSED),
    _row(Place.DONE, Kind.ACKNOWLEDGEMENT, Regards.OTHERS),
    _row(Place.DONE, Kind.REPLY, Regards.REQUEST),
    _row(Place.DONE, Kind.CORRECTION, Regards.OWN),
    _row(Place.CLOSED, Kind.CORRECTION, Regards.OWN),
)
"""All that a party may send; `docs/exchange-order.md` is drawn from it."""

BY_OTHERS: tuple[tuple[Place, Kind, Place], ...] = (
    (Place.NOTHING, Kind.CHECK, Place.CHECK),
    (Place.NOTHING, Kind.NOTIFICATION, Place.OPEN),
    (Place.NOTHING, Kind.REQUEST, Place.OPEN),
    (Place.CHECK, Kind.CHECK_ANSWER, Place.CHECKED),
    (Place.DONE, Kind.CLOSURE, Place.CLOSED),
)
"""Where a party comes to by a message of another: (from, that message's kind, to)."""

_RULES = {(one.place, one.kind): one for one in TRANSITIONS}
_TELLS = frozenset({Kind.NOTIFICATION, Kind.REQUEST, Kind.REPLY, Kind.OPINION, Kind.CORRECTION})
LONG = 500  # messages of a thread
_KNOWS_ALL = None  # in place of a clock: whoever holds every message of the case


class Case:
    """A thread as far as it is in order; messages are added in any order that keeps each after
    those its sender knew, and the outcome does not depend on which."""

    def __init__(self, parties: Sequence[str]) -> None:
        self.parties = tuple(sorted(parties))
        self.valid: dict[str, Header] = {}
        self.irregular: dict[str, str] = {}  # id: why it is out of order
        self.latest: dict[str, Header] = {}  # of each party
        self.openings: list[Header] = []
        self.closures: dict[str, Header] = {}
        self.acknowledged: dict[tuple[str, str], Header] = {}  # (who, id of what)
        self.replies: dict[tuple[str, str], list[Header]] = {}
        self.answers: dict[tuple[str, str], Header] = {}

    def add(self, header: Header) -> str:
        """Take a message in, once, and return why it is out of order; empty where it is not."""
        if header.id in self.valid or header.id in self.irregular:
            return self.irregular.get(header.id, "")
        if why := self.refusal(header):
            self.irregular[header.id] = why
            return why
        if self.place_of(header.sender, clock_of(header)) is Place.NOTHING:
            self.openings.append(header)
        self.valid[header.id] = self.latest[header.sender] = header
        about = (header.sender, header.regards)
        if header.kind is Kind.CLOSURE:
            self.closures[header.sender] = header
        elif header.kind is Kind.ACKNOWLEDGEMENT:
            self.acknowledged[about] = header
        elif header.kind is Kind.REPLY:
            self.replies.setdefault(about, []).append(header)
        elif header.kind is Kind.CHECK_ANSWER:
            self.answers[about] = header
        return ""

    def place_of(self, party: str, clock: Mapping[str, int] | None = _KNOWS_ALL) -> Place:
        """Return where a party stands that holds the messages up to `clock`; all without one."""
        opened = [one for one in self.openings if _in_view(clock, one)]
        if not opened:
            return Place.NOTHING
        if all(one.kind is Kind.CHECK for one in opened):
            return Place.CHECKED if self._all_answered(opened, clock) else Place.CHECK
        done = {p for p, one in self.closures.items() if _in_view(clock, one)}
        if done.issuperset(self.parties):
            return Place.CLOSED
        return Place.DONE if party in done else Place.OPEN

    def _all_answered(self, checks: Sequence[Header], clock: Mapping[str, int] | None) -> bool:
        for check in checks:
            for party in self.parties:
                answer = self.answers.get((party, check.id))
                if party != check.sender and (answer is None or not _in_view(clock, answer)):
                    return False
        return True

    def refusal(self, header: Header) -> str:
        """Return why a message is out of order by what its sender knew; empty where it is not."""
        sender, clock = header.sender, clock_of(header)
        if sender not in self.parties:
            return f"{sender} is no party of this line ({', '.join(self.parties)})"
        before = self.latest.get(sender)
        if before and knew(clock, before) and (party := knows_less(header, before)):
            return f"it claims to know less of {party} than its sender's message before it did"
        place = self.place_of(sender, clock)
        rule = _RULES.get((place, header.kind))
        if rule is None:
            return f"{_a(header.kind)} cannot be sent {_WHERE[place]}"
        if not header.regards:
            needed = rule.regards not in (Regards.NOTHING, Regards.ANY)
            return f"it regards no message, but {_a(header.kind)} {rule.regards}" if needed else ""
        target = self.valid.get(header.regards)
        if target is None or not _in_view(clock, target):
            what = "was out of order" if header.regards in self.irregular else "its sender had not"
            return f"it regards {header.regards[:80]}, which in this thread {what}"
        return self._misfit(rule, sender, target)

    def _misfit(self, rule: Transition, sender: str, target: Header) -> str:
        """Return why a message of a kind may not regard one that its sender held."""
        own = target.sender == sender
        about = (sender, target.id)
        fits = {
            Regards.NOTHING: False,
            Regards.ANY: True,
            Regards.CHECK: target.kind is Kind.CHECK and not own,
            Regards.OTHERS: not own and target.kind is not Kind.ACKNOWLEDGEMENT,
            Regards.REQUEST: target.kind is Kind.REQUEST and not own,
            Regards.OWN: own and target.kind in _TELLS,
        }[rule.regards]
        if not fits:
            whose = "its sender's own" if own else f"{target.sender}'s"
            return f"it regards {whose} {target.kind}, but {_a(rule.kind)} {rule.regards}"
        once = {Kind.ACKNOWLEDGEMENT: self.acknowledged, Kind.CHECK_ANSWER: self.answers}
        if about in once.get(rule.kind, {}):
            return f"{sender} has sent its {rule.kind} of this {target.kind} already"
        return ""

    def kinds(self, party: str, clock: Mapping[str, int]) -> list[str]:
        """Return the kinds a party may send, to be told. In a long thread those of its place alone:
        who floods a thread out of order is not to make a search of it each time."""
        if len(self.valid) <= LONG:
            return [kind.value for kind, _ in self.allowed(party, clock)]
        place = self.place_of(party, clock)
        return [one.kind.value for one in TRANSITIONS if one.place is place]

    def allowed(
        self, party: str, clock: Mapping[str, int] | None = _KNOWS_ALL
    ) -> Iterator[tuple[Kind, tuple[str, ...]]]:
        """Yield each kind a party may send now with the ids it may regard; "" is none of them."""
        place = self.place_of(party, clock)
        if party not in self.parties:
            return
        view = [one for one in self.valid.values() if _in_view(clock, one)]
        for rule in (one for one in TRANSITIONS if one.place is place):
            ids = [one.id for one in view if not self._misfit(rule, party, one)]
            if rule.regards in (Regards.NOTHING, Regards.ANY):
                ids.insert(0, "")
            if ids:
                yield rule.kind, tuple(ids)


_WHERE = {
    Place.NOTHING: "before a thread is begun, by a check, a notification or a request",
    Place.CHECK: "in the thread of a communication check",
    Place.CHECKED: "in the thread of a communication check, which every party has answered",
    Place.OPEN: "in a consultation",
    Place.DONE: "after its sender's own closure",
    Place.CLOSED: "in a consultation that every party has closed",
}


def _a(kind: Kind) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _in_view(clock: Mapping[str, int] | None, header: Header) -> bool:
    return clock is None or knew(clock, header)


def case_of(headers: Iterable[Header], parties: Sequence[str]) -> Case:
    """Return the case that the messages of one thread make, in whatever order they are given."""
    case = Case(parties)
    for one in in_order(headers):
        case.add(one)
    return case


def check_order(case: Case, header: Header) -> None:
    """Raise RefusedError (order) where a message is out of order in its thread, and say what would
    be in order. The case may hold more than the message's sender knew."""
    why = case.refusal(header)
    if not why:
        return
    kinds = case.kinds(header.sender, clock_of(header))
    what = ", ".join(kinds) if kinds else "nothing"
    raise RefusedError(
        f"This {header.kind} of {header.sender} is out of order: {why}. By what it held when it "
        f"wrote, {header.sender} may send in this thread: {what}.",
        Reason.ORDER,
    )


def may_send(past: Iterable[Header], header: Header, parties: Sequence[str]) -> None:
    """Raise RefusedError (order) where a message may not follow the messages of its thread that
    its sender held. Takes time in proportion to them; `check_order` on a kept Case takes none."""
    check_order(case_of(past, parties), header)
