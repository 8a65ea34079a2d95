"""The records of wording lineage: variants of a clause and their descent, passages and their reuse.

All are frozen. Everything here is about words: that one text stands nearest to another is a
hypothesis about wording, not proof that anybody borrowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from comity.dates import ImpreciseDate

CAVEAT = (
    "A hypothesis about wording, not proof of borrowing: two texts may agree because both took "
    "from a third that is not at hand, or because the same people drafted both."
)


class Order(StrEnum):
    """What the dates say of two texts: the first is earlier, may be earlier, or is not."""

    EARLIER = "earlier"
    POSSIBLY = "possibly earlier"
    NOT = "not earlier"


def order_of(first: ImpreciseDate, second: ImpreciseDate) -> Order:
    """Say whether `first` is before `second`; an end that is not known lies in nobody's way.

    Two texts of one same day are not in an order.
    """
    if first.latest is not None and second.earliest is not None and first.latest < second.earliest:
        return Order.EARLIER
    if first.earliest is None or second.latest is None or first.earliest < second.latest:
        return Order.POSSIBLY
    return Order.NOT


@dataclass(frozen=True, slots=True)
class Variant:
    """How one instrument words a clause; a feature nobody could read is not in `features`."""

    instrument: str
    date: ImpreciseDate
    features: Mapping[str, str]
    note: str
    sources: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause that several instruments carry, with its variants by date.

    `counted` are the features that count for descent, `uncounted` those that do not: both map
    a name to what it means, or to why it is left out. `codes` maps a feature's values to the
    coded value they stand for; a value it does not name stands for itself.
    """

    name: str
    title: str
    norm: str
    counted: Mapping[str, str]
    uncounted: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]
    variants: tuple[Variant, ...]

    def coded(self, variant: Variant) -> dict[str, str]:
        """Return the known counted features of a variant, coded."""
        return {
            name: self.codes.get(name, {}).get(value, value)
            for name in self.counted
            if (value := variant.features.get(name)) is not None
        }


@dataclass(frozen=True, slots=True)
class FeatureChange:
    """One feature that differs from the parent's."""

    feature: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Mixture:
    """Two parents that together leave fewer changes than any one alone.

    Each counted feature is held to come from `first`, from `second`, from both alike or from
    `neither`. `ties` are the other pairs that do as well. `support` is the share of resamples
    of the features in which two parents still do better than one; `by_chance` how often a text
    taken from its one parent alone would look mixed like this.
    """

    first: str
    second: str
    from_first: tuple[str, ...]
    from_second: tuple[str, ...]
    neither: tuple[str, ...]
    changed_alone: int
    changed_together: int
    ties: tuple[tuple[str, str], ...]
    support: float
    by_chance: float


@dataclass(frozen=True, slots=True)
class Descent:
    """Where one instrument's wording stands: its nearest earlier text and how sure that is.

    `parent` is empty where the wording is taken as its own (`reason` says why). `ties` are the
    other earlier instruments that need no more changes. `compared` counts the features known on
    both sides, a parent's missing one being read as its own parent's. `support` is the share of
    resamples of the features (ties share a vote) in which this parent is cheapest,
    `wording_support` the same for any instrument worded like it; `rests_on` are the features
    without any one of which another parent would be cheaper. `candidates` counts the earlier texts
    that differ in no more than half; with one alone support is 1 and tells nothing. `on_record` is
    what the register says it takes up of
    the texts here, as (kind, instrument), which the tree does not use.
    """

    instrument: str
    date: ImpreciseDate
    parent: str
    reason: str
    order: Order
    changes: tuple[FeatureChange, ...]
    compared: int
    known: int
    ties: tuple[str, ...]
    support: float
    wording_support: float
    rests_on: tuple[str, ...]
    mixture: Mixture | None
    sources: tuple[str, ...]
    status: str
    candidates: int = 0
    on_record: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Lineage:
    """The tree of a clause: every instrument once, in order of date; `resamples` of the features.

    `aside` are the instruments of which too little is known to place them, each with a reason.
    """

    clause: Clause
    descents: tuple[Descent, ...]
    aside: Mapping[str, str]
    resamples: int

    @property
    def changes(self) -> int:
        """The number of changed features in the whole tree: what the tree makes as small as it
        can."""
        return sum(len(d.changes) for d in self.descents)

    def children(self, instrument: str) -> tuple[Descent, ...]:
        """Return those placed with an instrument, in order of date; "" gives the roots."""
        return tuple(d for d in self.descents if d.parent == instrument)


@dataclass(frozen=True, slots=True)
class DatedText:
    """A document to compare: its text, and its date with where that comes from, if it has one."""

    name: str
    text: str
    date: ImpreciseDate
    dated_by: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a document, by its number: characters `start` to `end` (EXCLUSIVE).

    `times` says in how many places of the same document the same words stand, numbers aside.
    """

    document: int
    start: int
    end: int
    times: int


class Direction(StrEnum):
    """What the dates say of a reused passage."""

    EARLIER_FIRST = "first is earlier"
    UNKNOWN = "direction unknown"


@dataclass(frozen=True, slots=True, eq=False)
class Reuse:
    """One passage that two documents share; `first` is of the earlier one where dates tell.

    `shared` (words, 2) are the shared words: their places among the words of each span, in
    reading order. `words` is the length of each span in words, `score` twice the shared words
    less the changed, added and left-out ones. `also` counts other stretches of the two documents
    that match over the same words (a formula that recurs): they are grouped here.
    """

    first: Span
    second: Span
    direction: Direction
    score: int
    words: tuple[int, int]
    shared: NDArray[np.int32]
    also: int


@dataclass(frozen=True, slots=True)
class Common:
    """A passage that over half of many documents share: a heading, a licence, a notice.

    `span` is where it stands in the earliest of them, `documents` their numbers, `finds` how many
    pairs of documents it would otherwise be found between.
    """

    span: Span
    documents: tuple[int, ...]
    finds: int


@dataclass(frozen=True, slots=True)
class Reuses:
    """All that some documents share, best score first; what most of them share stands apart.

    `passages` is how many they were cut into, `compared` how many pairs of them were aligned;
    `least` the least score that is shown.
    """

    texts: tuple[DatedText, ...]
    found: tuple[Reuse, ...]
    common: tuple[Common, ...]
    passages: int
    compared: int
    least: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of a reused passage: `kind` same, changed, left out (of the second) or added."""

    kind: str
    first: str
    second: str
