"""The records of a line between parties: cards, lines, messages, journal entries, outcomes.

All are frozen. Instants are aware `datetime`s in UTC with whole milliseconds; in messages they
are written as STIX timestamps (`2026-11-26T16:00:00.000Z`). Digests are SHA-256 in hexadecimal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = Mapping[str, Any]


class Kind(StrEnum):
    """What a message is."""

    CHECK = "communication-check"
    CHECK_ANSWER = "check-answer"
    NOTIFICATION = "notification"
    REQUEST = "request"
    ACKNOWLEDGEMENT = "acknowledgement"
    REPLY = "reply"
    OPINION = "opinion"
    CORRECTION = "correction"
    CLOSURE = "closure"


class Level(StrEnum):
    """The Traffic Light Protocol 2.0: how far something may be passed on."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"


class Role(StrEnum):
    """What a person of a desk may do."""

    READ = "read"
    DRAFT = "draft"
    RELEASE = "release"
    KEYS = "keys"


class Reason(StrEnum):
    """Why something was refused."""

    MALFORMED = "malformed"
    TOO_LARGE = "too-large"
    FORGED = "forged"
    ALTERED = "altered"
    UNKNOWN_KEY = "unknown-key"
    EXPIRED_KEY = "expired-key"
    REVOKED_KEY = "revoked-key"
    KEY_SUBSTITUTION = "key-substitution"
    ROLLBACK = "rollback"
    EXPIRED_CARD = "expired-card"
    WRONG_PARTY = "wrong-party"
    NO_SUCH_LINE = "no-such-line"
    TERMS_DIFFER = "terms-differ"
    CONTRADICTION = "contradiction"
    CLOCK = "clock"
    ORDER = "order"
    MARKING = "marking"
    INCOMPLETE = "incomplete"
    ROLE = "role"
    QUOTA = "quota"


class State(StrEnum):
    """What became of a message that was handed in."""

    ACCEPTED = "accepted"  # in the journal, as valid
    IRREGULAR = "irregular"  # in the journal, but it broke the order of its thread: no effect
    HELD = "held"  # was in the journal already
    WAITING = "waiting"  # kept until those before it arrive
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to reach a point of contact: `kind` is email, telephone, matrix, radio, other."""

    kind: str
    address: str


@dataclass(frozen=True, slots=True)
class Point:
    """One point of contact of a party. `role` is technical, diplomatic or policy."""

    role: str
    name: str
    channels: tuple[Channel, ...]
    languages: tuple[str, ...]  # BCP 47
    hours: str = ""  # as people write them: "24/7", "Mon-Fri 09:00-17:00"
    time_zone: str = ""  # IANA name


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key with the days it holds. `use` is "sig" or "enc"; `jwk` has no private part."""

    kid: str
    use: str
    jwk: Mapping[str, str]
    since: dt.datetime
    until: dt.datetime
    revoked: dt.datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key of our own: its public part and the JWK with the private one."""

    public: PublicKey
    jwk: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a party's TAXII server is: the address of its API root, its certificate as PEM."""

    url: str
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A party's directory of contacts, as the party signed it. `previous` is the digest of the
    signed text of the version before, empty in the first."""

    party: str
    name: str
    country: str  # ISO alpha-2, or the id of a body
    version: int
    previous: str
    issued: dt.datetime
    until: dt.datetime
    points: tuple[Point, ...]
    keys: tuple[PublicKey, ...]
    endpoint: Endpoint | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the parties of a line agreed on time, in hours and days; both must hold the same."""

    acknowledge_hours: float = 24.0
    answer_hours: float = 72.0
    check_days: float = 30.0
    clock_minutes: float = 15.0  # how far two clocks may be apart


@dataclass(frozen=True, slots=True)
class Line:
    """A track between parties that hold it open here: `id` is the id of the register's track."""

    id: str
    title: str
    parties: tuple[str, ...]  # names, sorted
    terms: Terms = Terms()


@dataclass(frozen=True, slots=True)
class Seen:
    """The last message of another party that a sender held when it wrote."""

    party: str
    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class Header:
    """What a message says of itself, signed with it. See docs/exchange.md for each member."""

    id: str  # grouping--UUID
    line: str
    agreement: str  # digest of the line as the sender holds it
    thread: str  # UUID
    kind: Kind
    sender: str
    number: int  # of the sender on this line, from 1
    previous: str  # digest of the sender's message before it, empty in the first
    seen: tuple[Seen, ...]  # sorted by party; a party of which nothing was seen is left out
    sent: dt.datetime
    content: tuple[tuple[str, str], ...]  # (id or "fields", digest); the id of a sealed part is ""
    journal_size: int
    journal_root: str
    marking: Level
    regards: str = ""  # id of the message it answers
    provision: str = ""
    deadline: dt.datetime | None = None
    sealed: str = ""  # id of the artifact that holds what is sealed


@dataclass(frozen=True, slots=True)
class Message:
    """A message as sent: `root` is the STIX grouping with its signature, `objects` the content
    as it travels (what is sealed: the artifact alone)."""

    header: Header
    digest: str
    root: Json
    objects: tuple[Json, ...]
    payload: bytes = field(default=b"", repr=False, compare=False)  # what is signed, if at hand


@dataclass(frozen=True, slots=True)
class Opened:
    """What a message says, once opened: its fields and its STIX objects. `readable` is False
    where it is sealed and no key of ours opens it."""

    fields: Json
    objects: tuple[Json, ...]
    salts: tuple[str, ...]  # one for each of the fields and the objects, empty where not sealed
    readable: bool = True


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One entry of a journal. `body` is its canonical text, which commits to `previous`."""

    line: str
    n: int  # from 1
    recorded: dt.datetime
    what: str  # sent, received, irregular, or returned: our own, lost here and brought back
    digest: str  # of the message
    sender: str
    number: int
    previous: str  # hash of the entry before, empty in the first
    hash: str
    body: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message that was handed in, in words for the one who handed it in."""

    id: str
    digest: str
    state: State
    reason: Reason | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message being written. `approvals` are those who released exactly this `body`."""

    id: str
    line: str
    thread: str
    kind: Kind
    regards: str
    provision: str
    fields: Json
    objects: tuple[Json, ...]
    marking: Level
    seal: bool
    deadline: dt.datetime | None
    author: str
    saved: dt.datetime
    state: str = "draft"  # draft, sent, discarded
    approvals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """A message of the journal with what this desk knows beside it: its entry, whether read."""

    message: Message
    entry: JournalEntry
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message on its way to a party: tried `attempts` times; `state` is due, done, refused."""

    line: str
    digest: str
    peer: str
    number: int
    state: str
    attempts: int
    next_try: dt.datetime
    error: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A person at a desk and what it may do there."""

    name: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Token:
    """A password for a program that speaks TAXII with HTTP Basic, on behalf of a party."""

    name: str
    party: str
    secret: str = field(repr=False)  # an Argon2 hash
    read_only: bool
    created: dt.datetime


@dataclass(frozen=True, slots=True)
class Relay:
    """A TAXII server between the parties of a line: `url` is its API root or, where it has many
    collections, the address of the line's collection there."""

    url: str
    certificate: str = ""
    user: str = ""
    password: str = field(default="", repr=False)


TLP_IDS: Mapping[Level, str] = {
    Level.CLEAR: "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    Level.GREEN: "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    Level.AMBER: "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    Level.AMBER_STRICT: "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    Level.RED: "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
"""The markings of TLP 2.0 as OASIS publishes them for STIX 2.1, from the least strict on."""
