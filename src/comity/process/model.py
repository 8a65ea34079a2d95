"""The records of talks: a track is one line of talks, an act one dated thing that somebody did.

All are frozen. Dates are imprecise; `sources` are addresses; `status` says how far a row was
checked. Where parties tell a fact differently, each account is an act of its own: `account_of`
names the party, and acts that tell one fact share their `fact`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from comity.dates import ImpreciseDate


class TrackKind(StrEnum):
    """What sort of line of talks it is."""

    MINISTERIAL = "ministerial dialogue"
    WORKING_GROUP = "working group"
    EXPERTS = "expert group"
    HOTLINE = "hotline"
    NETWORK = "contact network"
    PROCESS = "intergovernmental process"
    UNOFFICIAL = "unofficial dialogue"


class ActKind(StrEnum):
    """What somebody did."""

    FOUNDING = "founding"
    MEETING = "meeting"
    CHECK = "communication-check"
    USE = "use-of-line"
    SUSPENSION = "suspension"
    RESUMPTION = "resumption"
    RENAMING = "renaming"
    END = "end"
    AGREEMENT = "agreement"
    COMMITMENT = "commitment"
    STATEMENT = "statement"
    DISCLOSURE = "disclosure"
    ACCUSATION = "accusation"
    DENIAL = "denial"
    ATTRIBUTION = "attribution"
    CHARGED = "indictment-returned"
    CHARGES_PUBLIC = "indictment-unsealed"
    ARREST = "arrest-or-extradition"
    AUTHORITY = "sanction-authority"
    SANCTION = "sanction"
    EXPULSION = "expulsion"
    COUNTER_MEASURE = "counter-measure"
    FORCE = "use-of-force"
    REORGANISATION = "reorganisation"
    LAW = "law"
    DE_ESCALATION = "de-escalation"


CONTACT = frozenset(
    {ActKind.FOUNDING, ActKind.MEETING, ActKind.CHECK, ActKind.USE, ActKind.RESUMPTION}
)
"""Acts in which the parties of a track were in touch on it."""

RUNGS: Mapping[ActKind, int] = {
    ActKind.STATEMENT: 1,
    ActKind.DISCLOSURE: 2,
    ActKind.ACCUSATION: 3,
    ActKind.ATTRIBUTION: 4,
    ActKind.CHARGES_PUBLIC: 5,
    ActKind.ARREST: 5,
    ActKind.AUTHORITY: 6,
    ActKind.SANCTION: 7,
    ActKind.EXPULSION: 7,
    ActKind.SUSPENSION: 8,
    ActKind.COUNTER_MEASURE: 9,
    ActKind.FORCE: 10,
}
"""The ladder of acts against another state, by how far they go; what is not on it is no step up.

Charges count from the day they became public: before it the other side cannot have answered.
"""

SHOCK_RUNG = 4
"""From this rung on an act towards the other party is a shock to their talks."""


@dataclass(frozen=True, slots=True)
class Track:
    """One line of talks. `parties` are ISO codes, `grouping:NAME` or ids of bodies."""

    id: str
    name: str
    kind: TrackKind
    parties: tuple[str, ...]
    instrument: str
    founded: ImpreciseDate
    founding: str
    ended: ImpreciseDate | None
    predecessor: str
    state: str
    sources: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class Act:
    """One dated act or meeting, or one party's account of it.

    `actor` and `target` are ISO codes, bodies or names; `affair` ties acts on one matter together;
    `bears_on` are the states whose conduct it may have changed.
    """

    id: str
    date: ImpreciseDate
    kind: ActKind
    actor: tuple[str, ...]
    target: tuple[str, ...]
    track: str
    affair: str
    what: str
    account_of: str
    bears_on: tuple[str, ...]
    sources: tuple[str, ...]
    status: str

    @property
    def fact(self) -> str:
        """What it tells of: accounts of one fact share this."""
        suffix = f"-{self.account_of.lower()}"
        told = self.account_of and self.id.endswith(suffix)
        return self.id.removesuffix(suffix) if told else self.id

    @property
    def rung(self) -> int:
        """How far it goes on the ladder; 0 where it is no act against anybody."""
        return RUNGS.get(self.kind, 0)


class MeasureKind(StrEnum):
    """What sort of thing a party did to carry a norm or measure out."""

    CONTACT_POINT = "contact-point"
    CHECK = "communication-check"
    POSITION = "position"
    PAPER = "paper"
    LAW = "law-or-doctrine"
    POLICY = "policy"
    COOPERATION = "cooperation"


class Response(StrEnum):
    """What was done about a promise thought broken, from the least to the most."""

    NONE = "none"
    STATEMENT = "statement"
    SUMMONS = "summons"
    CHANNEL = "message-on-a-line"
    ATTRIBUTION = "attribution-alone"
    ALLIES = "attribution-with-allies"
    DISRUPTION = "disruption"
    CHARGES = "indictment"
    SANCTION = "sanction"
    EXPULSION = "expulsion"
    TRADE = "tariffs"
    RELATIONS = "relations-broken"


class Course(StrEnum):
    """What followed: a side eased, the accuser did more, the accused struck back, or less."""

    EASED = "eased"
    MORE = "more-by-the-accuser"
    BACK = "struck-back"
    AGAIN = "alleged-again"
    DENIED = "denied"
    NOTHING = "nothing-seen"


@dataclass(frozen=True, slots=True)
class Measure:
    """What a party did to carry out a norm or a confidence-building measure."""

    party: str
    norm: str
    kind: MeasureKind
    what: str
    date: ImpreciseDate
    sources: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class Enforcement:
    """A promise thought broken, what was done about it, and what followed.

    `responses` and `course` are our codes of what the sentences beside them say.
    """

    id: str
    promise: str
    breach: str
    alleged_by: str
    date: ImpreciseDate
    response: str
    responses: tuple[Response, ...]
    response_date: ImpreciseDate | None
    followed: str
    course: tuple[Course, ...]
    sources: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class Talks:
    """All of the room: tracks by id, acts by date, measures and enforcement in table order."""

    tracks: Mapping[str, Track]
    acts: tuple[Act, ...]
    measures: tuple[Measure, ...]
    enforcement: tuple[Enforcement, ...]

    def of(self, track: str) -> tuple[Act, ...]:
        """Return the acts of one track, by date."""
        return tuple(a for a in self.acts if a.track == track)
