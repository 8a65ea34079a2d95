"""The records of linkage: what links two records, how probable it is, and the whole of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from comity.incidents.linkage.comparisons import COMPARISONS
from comity.incidents.linkage.weights import Weights

if TYPE_CHECKING:
    import polars as pl

LINKED = 0.5  # from this probability on two records count as one incident where one answer is asked
KEPT = 0.01  # links less probable than this are not kept


@dataclass(frozen=True, slots=True)
class Bit:
    """One field's share in a link: its level in plain words and what it adds, in bits."""

    name: str
    title: str
    level: int
    said: str
    bits: float


@dataclass(frozen=True, slots=True)
class Link:
    """Two records of different lists that may be of one incident.

    `probability` is the model's; `start_bits` is what is assumed before comparing anything (log2 of
    the odds that two records drawn at random are one incident), `bits` what each field adds, and
    `rivals_bits` what other candidates for the same two records take away.
    """

    first: str
    second: str
    probability: float
    start_bits: float
    bits: tuple[Bit, ...]
    rivals_bits: float


@dataclass(frozen=True, slots=True)
class Linkage:
    """The links among some lists at one release each.

    `table` has a row a link: `first`, `second` (keys `list:id`, the list first by name first),
    `first_hash`, `second_hash` (of the publisher's rows), `probability`, `alone` (without rivals),
    and one column a comparison with its level (-1 where there was nothing to compare).
    `digests` names the tables linked; `compared` counts candidate pairs; `skipped` what was
    shared by too many records to tell anything, by kind.
    """

    digests: Mapping[str, str]
    releases: Mapping[str, str]
    weights: Weights
    compared: int
    skipped: Mapping[str, int]
    table: pl.DataFrame = field(repr=False)

    def __len__(self) -> int:
        return int(self.table.height)

    def link(self, first: str, second: str) -> Link | None:
        """Return the link of two records, in either order; None where they were not linked."""
        import polars as pl

        one = (pl.col("first") == first) & (pl.col("second") == second)
        other = (pl.col("first") == second) & (pl.col("second") == first)
        rows = self.table.filter(one | other).to_dicts()
        return _link(rows[0], self.weights) if rows else None

    def links(
        self, lowest: float = LINKED, highest: float = 1.0, of: Sequence[str] = ()
    ) -> tuple[Link, ...]:
        """Return links between two probabilities, most probable first; those of some records."""
        import polars as pl

        found = self.table.filter(pl.col("probability").is_between(lowest, highest))
        if of:
            found = found.filter(pl.col("first").is_in(of) | pl.col("second").is_in(of))
        found = found.sort(["probability", "first", "second"], descending=[True, False, False])
        return tuple(_link(row, self.weights) for row in found.to_dicts())


def _link(row: Mapping[str, object], weights: Weights) -> Link:
    """Return a row of the table as a record, with what each field adds."""
    import math

    first, second = str(row["first"]), str(row["second"])
    between = (first.split(":", 1)[0], second.split(":", 1)[0])
    rate = weights.links[between] / weights.possible[between]
    start = math.log2(rate / (1.0 - rate))
    bits = []
    for one in COMPARISONS:
        level = int(str(row[one.name]))
        bits.append(Bit(one.name, one.title, level, one.said(level), weights.bits(one.name, level)))
    chance = min(max(float(str(row["probability"])), 1e-12), 1.0 - 1e-12)
    total = start + sum(b.bits for b in bits)
    reached = math.log2(chance / (1.0 - chance))
    return Link(first, second, chance, start, tuple(bits), min(reached - total, 0.0))
