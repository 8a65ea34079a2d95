"""How a norm spread: curves by region and camp, its path through forums, and how it stands.

Everything is read off the register as of a day: "no global text" means none of this register.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from comity.countries import region_of
from comity.dates import ImpreciseDate
from comity.diffusion.adoption import (
    NOT_TAKEN_UP,
    Adoption,
    TakeUp,
    Way,
    adoptions_of,
    first_adoptions,
    stands_for,
)
from comity.diffusion.votes import RollCalls, VoteMap
from comity.instruments.model import Commits, Forum, Register, Standing
from comity.saying import Said, joined, opening, say

NO_VOTES = "no vote on record"
FORUMS = (Forum.BILATERAL, Forum.PLURILATERAL, Forum.REGIONAL, Forum.GLOBAL)
BOUND = (Standing.TREATY,)
NARROW = 31  # days of a span that is told by its end alone
STATES_DO_NOT_SPEAK = (Standing.RESTATEMENT, Standing.NON_STATE, Standing.PROPOSAL)


@dataclass(frozen=True, slots=True)
class Step:
    """One instrument on a norm's path; `states` took the norm up through it, 0 where none is named.

    `without_vote` marks a resolution the whole Assembly passed; `after` names earlier instruments
    of the path it takes up, as (kind, instrument).
    """

    instrument: str
    title: str
    date: ImpreciseDate
    forum: Forum
    standing: Standing
    promised: str  # yes | no | disputed
    by_reference: bool
    states: int
    new_states: int
    yes: int
    no: int
    abstained: int
    without_vote: bool
    after: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class Curve:
    """How many states of a group had taken the norm up by each day on which one did."""

    group: str
    of: int
    points: tuple[tuple[dt.date, int], ...]

    @property
    def reached(self) -> int:
        """How many had at the end."""
        return self.points[-1][1] if self.points else 0


@dataclass(frozen=True, slots=True)
class Spread:
    """A norm's spread as of a day. `first` is each state's first taking up, by day."""

    norm: str
    title: str
    day: dt.date
    adoptions: tuple[Adoption, ...]
    first: tuple[Adoption, ...]
    path: tuple[Step, ...]
    regions: tuple[Curve, ...]
    camps: tuple[Curve, ...]
    anchor: str
    state: tuple[str, ...]

    @property
    def apart(self) -> tuple[Adoption, ...]:
        """Reservations and explanations of position."""
        return tuple(a for a in self.adoptions if a.way in NOT_TAKEN_UP)


def spread_of(
    register: Register,
    norm: str,
    day: dt.date,
    roll_calls: RollCalls,
    takeups: tuple[TakeUp, ...],
    votes: VoteMap,
) -> Spread:
    """Return how a norm had spread by a day. Raises AdoptionError where there is no such norm."""
    everything = adoptions_of(register, norm, roll_calls, takeups)
    adoptions = tuple(a for a in everything if a.day <= day)
    first = tuple(first_adoptions(adoptions).values())
    path = _path(register, norm, day, adoptions, first, roll_calls)
    sides = {s.country: s.side for s in votes.states}
    states = set(sides) | {a.country for a in first}
    regions = _curves(first, states, region_of)
    camps = _curves(first, states, lambda code: sides.get(code, NO_VOTES))
    return Spread(
        norm, register.norms[norm].title, day, adoptions, first, path, regions, camps,
        votes.anchor, (*state_of(path, adoptions, day), *_perhaps(everything, first, day)),
    )  # fmt: skip


def _path(
    register: Register,
    norm: str,
    day: dt.date,
    adoptions: Sequence[Adoption],
    first: Sequence[Adoption],
    roll_calls: RollCalls,
) -> tuple[Step, ...]:
    names = stands_for(register, norm)
    here = dict.fromkeys(p.instrument for p in register.provisions if p.norm in names)
    counted = {r.id: r for r in roll_calls.resolutions}
    steps = []
    for name in here:
        i = register.instruments[name]
        if (i.date.latest or dt.date.max) > day:
            continue
        said = [p for p in register.provisions if p.instrument == name and p.norm in names]
        commits = {p.commits for p in said if p.norm == norm} or {p.commits for p in said}
        promised = next(c for c in (Commits.YES, Commits.DISPUTED, Commits.NO) if c in commits)
        vote = counted.get(name)
        steps.append(
            Step(
                name, i.title, i.date, i.forum, i.standing, str(promised),
                all(p.norm != norm for p in said),
                len({a.country for a in adoptions if a.instrument == name}),
                sum(a.instrument == name for a in first),
                vote.yes if vote else 0, vote.no if vote else 0, vote.abstain if vote else 0,
                i.standing is Standing.RESOLUTION and vote is None,
                tuple((k.kind, k.target) for k in register.links
                      if k.source == name and k.target in here),
                said[0].sources, str(said[0].status),
            )
        )  # fmt: skip
    return tuple(sorted(steps, key=lambda s: (s.date.latest or dt.date.max, s.instrument)))


def _curves(
    first: Iterable[Adoption], states: Iterable[str], group: Callable[[str], str]
) -> tuple[Curve, ...]:
    of = Counter(map(group, states))
    days: dict[str, Counter[dt.date]] = {}
    for a in first:
        days.setdefault(group(a.country), Counter())[a.day] += 1
    found = []
    for name in sorted(of):
        total, points = 0, []
        for at, more in sorted(days.get(name, {}).items()):
            total += more
            points.append((at, total))
        found.append(Curve(name, of[name], tuple(points)))
    return tuple(sorted(found, key=lambda c: (-c.reached, c.group)))


def state_of(path: Sequence[Step], adoptions: Sequence[Adoption], day: dt.date) -> tuple[str, ...]:
    """Return a norm's state in sentences: how binding, how many states in which way, since when.

    Each way of taking it up has its own count; a state counts once for each way.
    """
    return tuple(
        sentence for sentence in (
            _standing(path, adoptions), _resolutions(path), _alone(adoptions, day),
            _apart(adoptions), _reach(path), _last(adoptions),
        ) if sentence
    )  # fmt: skip


def _states(number: int) -> Said:
    return say("spread_said.states", n=number)


def _standing(path: Sequence[Step], adoptions: Sequence[Adoption]) -> str:
    by_way: Mapping[Way, set[str]] = {
        way: {a.country for a in adoptions if a.way is way} for way in Way
    }
    promised = by_way[Way.PROMISED]
    affirmed = by_way[Way.AFFIRMED] - promised
    treaties = [s.instrument for s in path if s.standing in BOUND and s.promised == Commits.YES]
    law = say("spread_said.voluntary")
    if treaties:
        law = say("spread_said.treaty", texts=joined(treaties))
    return say("spread_said.standing", law=law, states=_states(len(promised)), n=len(affirmed))


def _resolutions(path: Sequence[Step]) -> str:
    said = []
    for s in path:
        if s.without_vote:
            said.append(say("spread_said.without_vote", text=s.instrument, date=str(s.date)))
        elif s.standing is Standing.RESOLUTION:
            said.append(
                say(
                    "spread_said.by_vote",
                    text=s.instrument,
                    date=str(s.date),
                    yes=s.yes,
                    no=s.no,
                    abstained=s.abstained,
                )
            )
    if not said:
        return ""
    return say("spread_said.assembly", texts=joined(said, "; "))


def _alone(adoptions: Sequence[Adoption], day: dt.date) -> str:
    alone = [a for a in adoptions if a.way is Way.ALONE]
    laws = {a.country for a in adoptions if a.way is Way.LAW}
    if not alone and not laws:
        return say("spread_said.nobody_alone")
    parts = []
    if alone:
        last = max(alone, key=lambda a: a.day)
        states = _states(len({a.country for a in alone}))
        parts.append(say("spread_said.alone", states=states, year=last.day.year))
    if laws:
        parts.append(say("spread_said.law", states=_states(len(laws))))
    return joined([opening(joined(parts, "; ")), "."], "")


def _apart(adoptions: Sequence[Adoption]) -> str:
    """Return how many set themselves apart, by way; nothing where nobody is on record."""
    said = []
    for way, words in ((Way.RESERVED, "reserved"), (Way.EXPLAINED, "explained")):
        states = {a.country for a in adoptions if a.way is way}
        if states:
            said.append(say(f"spread_said.{words}", states=_states(len(states))))
    return say("spread_said.beside", said=joined(said)) if said else ""


def _reach(path: Sequence[Step]) -> str:
    spoken = [s for s in path if s.standing not in STATES_DO_NOT_SPEAK]
    if not path:
        return say("spread_said.no_text")
    if not spoken:
        return say("spread_said.no_agreed_text")
    reached = max((s.forum for s in spoken), key=FORUMS.index)
    earliest = next(s for s in spoken if s.forum is reached)
    values = {"text": earliest.instrument, "date": str(earliest.date)}
    forum = say(f"forum.{reached}")
    missing = [f for f in FORUMS[FORUMS.index(reached) + 1 :] if f is not Forum.REGIONAL]
    if missing:
        further = say(f"forum.{missing[-1]}")
        return say("spread_said.stopped", forum=forum, further=further, **values)
    return say("spread_said.reached", forum=forum, **values)


def _last(adoptions: Sequence[Adoption]) -> str:
    taken = [a for a in adoptions if a.way not in NOT_TAKEN_UP]
    if not taken:
        return say("spread_said.nobody")
    firsts = first_adoptions(tuple(adoptions)).values()
    new = max(firsts, key=lambda a: a.day)
    last = max(taken, key=lambda a: a.day)
    count = sum(a.day == new.day and a.instrument == new.instrument for a in firsts)
    return say("spread_said.last", new=_when(new), n=count, last=_when(last))


def _when(adoption: Adoption) -> Said:
    """Return the day of a taking up in words, and the text it was through."""
    day = _day(adoption)
    if not adoption.instrument:
        return day
    return say("spread_said.through", day=day, text=adoption.instrument)


def _day(adoption: Adoption) -> Said:
    """Return the day of a taking up in words, both ends where it is a span of months."""
    first, last = adoption.date.earliest, adoption.day
    if first is None or (last - first).days <= NARROW:
        return say(
            "spread_said.by_day" if adoption.spanned else "spread_said.on_day", day=str(last)
        )
    return say("spread_said.some_time", first=str(first), last=str(last))


def _perhaps(
    everything: Sequence[Adoption], first: Sequence[Adoption], day: dt.date
) -> tuple[str, ...]:
    """Say how many more may have taken it up by a day that lies in the span of their date."""
    known = {a.country for a in first}
    more = {
        a.country for a in everything
        if a.way not in NOT_TAKEN_UP and a.date.earliest and a.date.earliest <= day < a.day
    } - known  # fmt: skip
    if not more:
        return ()
    return (say("spread_said.perhaps", n=len(more)),)
