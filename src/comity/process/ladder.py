"""The ladder of acts between two states: its sequence, what answered what, what preceded a promise.

An answer is the next act of the target towards the actor from the first rung on (a denial answers
in words only and is counted apart). That it followed is all that is said: nothing here shows that
it was because of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from comity.process.continuity import middle
from comity.process.model import Act, ActKind

WITHIN = (30, 90, 180)
PRESSURE_DAYS = 365
PRESSURE_RUNG = 3
# Acts by which a side eases: it holds back, both agree, or talks are taken up again.
TALK = (ActKind.DE_ESCALATION, ActKind.AGREEMENT, ActKind.COMMITMENT, ActKind.RESUMPTION)


@dataclass(frozen=True, slots=True)
class Answer:
    """What answered an act: days until it, or None within the days looked at."""

    act: Act
    answered_by: Act | None
    days: int | None
    denied_by: Act | None
    eased_by: Act | None


@dataclass(frozen=True, slots=True)
class AnswerShare:
    """Of acts whose `within` days have passed, how many were answered, denied only, or neither.

    `further_up` are the answered ones whose answer stands on a higher rung than the act; `eased`
    counts, whatever else followed, those after which a side eased: see TALK.
    """

    within: int
    acts: int
    answered: int
    further_up: int
    denied_only: int
    eased: int


@dataclass(frozen=True, slots=True)
class Pressure:
    """Acts from PRESSURE_RUNG on towards a party in the year before an agreement."""

    agreement: Act
    acts: tuple[Act, ...]
    highest: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """The acts between two states by date, with their answers and what preceded agreements."""

    first: str
    second: str
    acts: tuple[Act, ...]
    answers: tuple[Answer, ...]
    shares: tuple[AnswerShare, ...]
    pressure: tuple[Pressure, ...]
    highest: int


def between(acts: Sequence[Act], first: str, second: str) -> tuple[Act, ...]:
    """Return acts of one state towards the other, either way, and what both did together.

    An act that names nobody but bears on the other's conduct counts as one towards it.
    """
    pair = {first, second}
    found = [
        a for a in acts
        if (set(a.actor) & pair and {*a.target, *a.bears_on} & (pair - set(a.actor)))
        or pair <= set(a.actor)
    ]  # fmt: skip
    return tuple(sorted(found, key=_by_day))


def ladder_of(acts: Sequence[Act], first: str, second: str, until: dt.date) -> Ladder:
    """Return the ladder between two states up to a day; charges count once they are public."""
    mine = tuple(a for a in between(acts, first, second) if (at := middle(a.date)) and at <= until)
    steps = [a for a in mine if a.rung and not a.account_of]
    answers = tuple(_answer(a, mine) for a in steps)
    shares = tuple(_share(answers, within, until) for within in WITHIN)
    agreed = [a for a in mine if a.kind in (ActKind.AGREEMENT, ActKind.COMMITMENT)]
    pressure = tuple(_pressure(a, steps) for a in agreed)
    highest = max((a.rung for a in steps), default=0)
    return Ladder(first, second, mine, answers, shares, pressure, highest)


def _by_day(act: Act) -> tuple[dt.date, str]:
    return middle(act.date) or dt.date.min, act.id


def _answer(act: Act, acts: Collection[Act]) -> Answer:
    """Return the target's first act towards the actor after an act, and its first denial."""
    at = middle(act.date)
    later = [
        a for a in acts
        if a is not act and set(a.actor) & set(act.target) and set(a.target) & set(act.actor)
        and at is not None and (when := middle(a.date)) is not None
        and (when > at or (when == at and _came_second(a, act)))
    ]  # fmt: skip
    later.sort(key=_by_day)
    answered = next((a for a in later if a.rung), None)
    denied = next((a for a in later if a.kind is ActKind.DENIAL), None)
    days = None
    if answered is not None and at is not None and (when := middle(answered.date)) is not None:
        days = (when - at).days
    eased = min(
        (a for a in acts if a.kind in TALK and (when := middle(a.date)) and at and when > at),
        key=_by_day, default=None,
    )  # fmt: skip
    return Answer(act, answered, days, denied, eased)


def _came_second(one: Act, other: Act) -> bool:
    """Say whether one of two acts of a day is taken to answer the other: words do, and of two
    steps the one on the higher rung, so that no two acts answer each other."""
    return one.kind is ActKind.DENIAL or one.rung > other.rung


def _share(answers: Sequence[Answer], within: int, until: dt.date) -> AnswerShare:
    span = dt.timedelta(days=within)
    due = [a for a in answers if (at := middle(a.act.date)) and at + span <= until]
    answered = [a for a in due if a.days is not None and a.days <= within]
    denied = [
        a for a in due
        if a not in answered and a.denied_by is not None and _gap(a.act, a.denied_by) <= within
    ]  # fmt: skip
    eased = [a for a in due if a.eased_by is not None and _gap(a.act, a.eased_by) <= within]
    higher = [a for a in answered if a.answered_by and a.answered_by.rung > a.act.rung]
    return AnswerShare(within, len(due), len(answered), len(higher), len(denied), len(eased))


def _gap(first: Act, second: Act) -> int:
    one, two = middle(first.date), middle(second.date)
    return (two - one).days if one and two else 10**6


def _pressure(agreement: Act, steps: Sequence[Act]) -> Pressure:
    """Return acts towards either party in the year before an agreement."""
    at = middle(agreement.date)
    before = tuple(
        a for a in steps
        if a.rung >= PRESSURE_RUNG and at is not None
        and (when := middle(a.date)) is not None and 0 < (at - when).days <= PRESSURE_DAYS
    )  # fmt: skip
    return Pressure(agreement, before, max((a.rung for a in before), default=0))
