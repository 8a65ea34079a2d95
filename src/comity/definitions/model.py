"""The records of definitions: terms, definers, and what each definition covers, by element.

All are frozen. A cell codes what the definition itself says: an empty set is silence, `unclear`
what its words leave open. Every gloss is our own sentence. `second` says what a second reading
found: agreed, differed (in which columns; settled since), or that only one reader read it, also
where a second searched for the text and found none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from comity.dates import ImpreciseDate

PROTECTS = (
    "networks", "systems", "data", "information", "users", "critical-infrastructure", "society",
    "state", "sovereignty", "content",
)  # fmt: skip
PROPERTIES = (
    "confidentiality", "integrity", "availability", "authenticity", "non-repudiation",
    "reliability", "accountability",
)  # fmt: skip
AGAINST = (
    "attack", "crime", "espionage", "accident", "terrorism", "foreign-interference", "content",
    "military-use", "any",
)  # fmt: skip
SILENT = ("none", "unspecified")
ANSWERS = ("yes", "no", "unclear")
ORIENTATIONS = ("inward", "outward", "both", "unclear")

SUBJECT = (
    "cybersecurity", "information-security", "international-information-security",
    "network-and-information-security",
)  # fmt: skip
KIN: tuple[tuple[str, ...], ...] = (
    SUBJECT,
    ("cyberspace", "information-space"),
    ("cyber-attack", "cyber-warfare", "information-war"),
    ("cyber-weapon", "information-weapon"),
    ("critical-infrastructure", "critical-information-infrastructure"),
)
"""Terms by which different parties name one subject; each other term stands alone."""


class DefinerKind(StrEnum):
    """Who defines."""

    STATE = "state"
    ORGANISATION = "organisation"
    STANDARDS = "standards body"
    NON_STATE = "non-state"


@dataclass(frozen=True, slots=True)
class Term:
    """One word that is defined; `gloss` says what kind of thing it names."""

    id: str
    title: str
    gloss: str


@dataclass(frozen=True, slots=True)
class Definer:
    """A body that defines; states need no row and are known by their ISO code."""

    id: str
    name: str
    kind: DefinerKind
    region: str
    note: str


@dataclass(frozen=True, slots=True)
class Definition:
    """One definer's definition of one term in one document, coded to elements."""

    id: str
    term: str
    definer: str
    document: str
    date: ImpreciseDate
    place: str
    language: str
    protects: frozenset[str]
    properties: frozenset[str]
    against: frozenset[str]
    content: str
    orientation: str
    gloss: str
    sources: tuple[str, ...]
    status: str
    second: str

    @property
    def elements(self) -> Mapping[str, frozenset[str]]:
        """What it names, by aspect; an open answer is left out."""
        said = {"content": self.content, "orientation": self.orientation}
        return {
            "protects": self.protects,
            "properties": self.properties,
            "against": self.against,
            **{k: frozenset() if v == "unclear" else frozenset({v}) for k, v in said.items()},
        }


@dataclass(frozen=True, slots=True)
class Definitions:
    """The whole table, read and checked: terms and definers by id, definitions in table order."""

    terms: Mapping[str, Term]
    definers: Mapping[str, Definer]
    rows: tuple[Definition, ...]


def kin_of(term: str) -> tuple[str, ...]:
    """Return the terms that name the same subject as a term, itself among them."""
    return next((kin for kin in KIN if term in kin), (term,))
