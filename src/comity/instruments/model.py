"""The records of the register: what was agreed, by whom, in what standing, and how we know.

All are frozen. A date is an `ImpreciseDate`; `sources` are http(s) addresses in the order they
were used; `status` says how far a row was checked (see `Status`). Every sentence is our own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from comity.countries import members
from comity.dates import ImpreciseDate

GROUPING_PREFIX = "grouping:"
RESTRAINT = "restraint"
CONFIDENCE_BUILDING = "confidence building"
CATEGORIES: Mapping[str, str] = {
    RESTRAINT: "norms",
    "positive duty": "norms",
    CONFIDENCE_BUILDING: "confidence building",
    "capacity building": "capacity building",
    "process": "process",
    "international law": "international law",
    "threat": "threats",
}
"""The six headings of the published index of norms, by the kind of a norm."""


class Standing(StrEnum):
    """What kind of word an instrument is: how far it binds those who gave it."""

    TREATY = "binding treaty"
    RESOLUTION = "General Assembly resolution"
    REPORT = "consensus report"
    COMMITMENT = "voluntary political commitment"
    STATEMENT = "unilateral statement"
    PROPOSAL = "proposal"
    RESTATEMENT = "expert restatement"
    NON_STATE = "non-state proposal"


class Status(StrEnum):
    """How far a row was checked: its address was read, a later summary was, or neither."""

    SEEN = "seen"
    SECONDARY = "secondary"
    UNVERIFIED = "unverified"


class Forum(StrEnum):
    """How many were in the room."""

    BILATERAL = "bilateral"
    PLURILATERAL = "plurilateral"
    REGIONAL = "regional"
    GLOBAL = "global"


class Commits(StrEnum):
    """Whether a provision makes its parties promise the norm to each other."""

    YES = "yes"
    NO = "no"
    DISPUTED = "disputed"


class Role(StrEnum):
    """How far somebody is under an instrument: only a party has promised what it says.

    `ratified` is of a treaty that is not in force: consent given, nothing owed yet. A signatory
    has said that it means to join.
    """

    PARTY = "party"
    RATIFIED = "ratified"
    SIGNATORY = "signatory"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One text or understanding; `date` is its adoption, `body` who adopted or announced it."""

    id: str
    title: str
    date: ImpreciseDate
    forum: Forum
    body: str
    standing: Standing
    standing_reason: str
    sources: tuple[str, ...]
    status: Status


@dataclass(frozen=True, slots=True)
class Norm:
    """One rule of conduct, whoever states it; breach and keeping name what would show either.

    `family` is the set it was written in (the eleven of 2015, the OSCE's measures, ...); `kind`
    what it asks for.
    """

    id: str
    family: str
    kind: str
    title: str
    gloss: str
    breach: str
    keeping: str
    sources: tuple[str, ...]
    status: Status

    @property
    def prohibits(self) -> bool:
        """Whether the norm by itself forbids conduct; one that only refers to others does not."""
        return self.kind == RESTRAINT

    @property
    def category(self) -> str:
        """The heading of an index of norms it falls under; see `CATEGORIES`."""
        return CATEGORIES[self.kind]


@dataclass(frozen=True, slots=True)
class Provision:
    """One place in an instrument that states a norm, in our words; a place may carry several."""

    instrument: str
    place: str
    norm: str
    strength: str
    commits: Commits
    gloss: str
    sources: tuple[str, ...]
    status: Status


@dataclass(frozen=True, slots=True)
class PartyStatus:
    """Who joined an instrument: a country's code or `grouping:NAME`; `until` is INCLUSIVE.

    `since` is the day the text bound or was supported; for a role other than party, the day of
    ratification or signature. A grouping stands for those who were its members on the latest day
    `since` may mean.
    """

    instrument: str
    party: str
    role: Role
    since: ImpreciseDate
    until: ImpreciseDate | None
    sources: tuple[str, ...]
    status: Status

    @property
    def codes(self) -> tuple[str, ...]:
        """The countries this row stands for, in order of code."""
        if not self.party.startswith(GROUPING_PREFIX):
            return (self.party,)
        day = self.since.latest or dt.date.max
        return tuple(sorted(members(self.party.removeprefix(GROUPING_PREFIX), day)))


@dataclass(frozen=True, slots=True)
class Link:
    """One instrument that takes up another: `source` acts on `target` in the way `kind` says."""

    source: str
    kind: str
    target: str
    note: str
    sources: tuple[str, ...]
    status: Status


@dataclass(frozen=True, slots=True)
class Track:
    """Talks, a hotline or a network that follows up an instrument; `state` is how it stands."""

    id: str
    instrument: str
    name: str
    kind: str
    since: ImpreciseDate
    until: ImpreciseDate | None
    state: str
    sources: tuple[str, ...]
    status: Status


@dataclass(frozen=True, slots=True)
class Account:
    """What one side says on a contested point; no account is marked as the true one."""

    instrument: str
    topic: str
    party: str
    date: ImpreciseDate
    says: str
    sources: tuple[str, ...]
    status: Status


@dataclass(frozen=True, slots=True)
class Claim:
    """One dated public claim about whether a promise was kept, with its source and status."""

    date: str
    party: str
    party_kind: str
    says: str  # breach | no-breach | decline | unclear
    what: str
    source: str
    status: str
    independent_of: str = ""


def independent_parties(claims: Iterable[Claim], says: str = "breach") -> tuple[str, ...]:
    """Return the parties that say a thing on their own, each once, in order of first appearance.

    The rule: a party that repeats or cites another, or belongs to a government, names that other
    in `independent_of` and counts as it; the chain is followed to its end. So all bodies of one
    government are one party, and a newspaper that cites one company is that company. Parties
    that worked from one body of evidence without saying so still count apart: the number is an
    upper bound on independence.
    """
    listed = tuple(claims)
    cites = {c.party: c.independent_of for c in listed if c.independent_of}
    return tuple(dict.fromkeys(_root(c.party, cites) for c in listed if c.says == says))


def _root(party: str, cites: dict[str, str]) -> str:
    """Return the party at the end of a chain of citations; a circle ends where it closes."""
    passed = {party}
    while (party in cites) and cites[party] not in passed:
        party = cites[party]
        passed.add(party)
    return party


@dataclass(frozen=True, slots=True)
class Commitment:
    """One country under one instrument that makes its parties promise a norm to each other."""

    instrument_id: str
    party: str
    since: ImpreciseDate
    until: ImpreciseDate | None


@dataclass(frozen=True, slots=True)
class Register:
    """The whole register, read and checked; rows keep the order of their tables.

    `parties` holds parties alone; `not_bound` those who signed or ratified what does not bind
    them yet, whom nothing that asks who promised what may count.
    """

    instruments: Mapping[str, Instrument]
    norms: Mapping[str, Norm]
    provisions: tuple[Provision, ...]
    parties: tuple[PartyStatus, ...]
    links: tuple[Link, ...]
    tracks: tuple[Track, ...]
    accounts: tuple[Account, ...]
    not_bound: tuple[PartyStatus, ...] = ()

    def parties_under_norm(self, norm_id: str) -> tuple[Commitment, ...]:
        """Return each country under each instrument whose parties promise each other this norm.

        Groupings are expanded. A provision that only states a norm (an expert report), or whose
        being a promise is disputed, commits nobody here. An unknown norm has no commitments.
        """
        promised = dict.fromkeys(
            p.instrument for p in self.provisions if p.norm == norm_id and p.commits is Commits.YES
        )
        return tuple(self._commitments(promised))

    def only_builds_confidence(self, instrument_id: str) -> bool:
        """Say whether an instrument holds measures that build confidence and prohibits nothing."""
        stated = [self.norms[p.norm] for p in self.provisions if p.instrument == instrument_id]
        measures = any(n.kind == CONFIDENCE_BUILDING for n in stated)
        return measures and not any(n.prohibits for n in stated)

    def _commitments(self, instruments: Mapping[str, None]) -> Iterator[Commitment]:
        for row in self.parties:
            if row.instrument in instruments:
                for code in row.codes:
                    yield Commitment(row.instrument, code, row.since, row.until)
