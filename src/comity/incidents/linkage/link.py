"""Link the lists of some evidence: candidates, comparisons, weights, probabilities. Nothing
merges."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from comity.errors import SourceError
from comity.incidents.linkage.candidates import candidates
from comity.incidents.linkage.comparisons import COMPARISONS, incident_comparisons
from comity.incidents.linkage.features import ActorsOf, features, no_actors
from comity.incidents.linkage.levels import (
    SPLIT,
    USUAL_WORTH,
    WORTH,
    believed_levels,
    usual_levels,
)
from comity.incidents.linkage.model import KEPT, Linkage
from comity.incidents.linkage.vectors import vectors
from comity.incidents.linkage.weights import Weights, estimate, shares
from comity.incidents.model import Evidence, ListRelease

if TYPE_CHECKING:
    from comity.dates import DateReading

RANDOM_PAIRS = 150_000  # pairs drawn to count how often levels agree by chance
SAME_FILE = 0.5  # share of rows in common from which two lists are taken to be one file


def link(
    evidence: Evidence,
    actors_of: ActorsOf = no_actors,
    reading: DateReading | None = None,
    seed: int = 0,
    backend: Any = None,
    believed: Mapping[str, Any] | None = None,
) -> Linkage:
    """Return the links among the lists of some evidence; the evidence itself is not altered.

    `actors_of` finds groups in a text (see `incidents.actors`); `reading` says how
    first-of-a-period days are read; `backend` is a Splink database (see `linkage.vectors`);
    `believed` each comparison's shares of levels among true links, by default those of
    `linkage.levels`. The same evidence, seed and actors give the same links. Raises SourceError
    where there is but one list, or two of them are the same file.
    """
    _check(evidence)
    records = features(evidence, reading, actors_of)
    found = candidates(records)
    comparisons = incident_comparisons()
    compared = vectors(records, found.pairs, comparisons, backend)
    sizes = {c.name: len(c.levels) for c in COMPARISONS}
    by_chance = vectors(records, _random_pairs(records, seed), comparisons, backend)
    possible = _possible(records)
    weights, chance, alone = estimate(
        compared, _between(records, compared), possible,
        shares(by_chance, sizes, usual_levels(), USUAL_WORTH),
        believed_levels() if believed is None else believed, WORTH, SPLIT,
    )  # fmt: skip
    return Linkage(
        {r.list: table_digest(evidence, r.list) for r in evidence.releases},
        {r.list: r.release for r in evidence.releases},
        weights, compared.height, found.skipped,
        _kept(evidence, records, compared, chance, alone),
    )  # fmt: skip


def table_digest(evidence: Evidence, name: str) -> str:
    """Return a digest of a list's rows: the same as long as the publisher's rows are."""
    rows = evidence.table.filter(pl.col("list") == name).select("id", "row_hash").rows()
    text = "\n".join(f"{a}\t{b}" for a, b in sorted(rows))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _check(evidence: Evidence) -> None:
    """Raise SourceError where there is nothing to link, or the same rows twice."""
    names = [r.list for r in evidence.releases]
    if len(names) < 2:
        raise SourceError(
            f"There is {'one list' if names else 'no list'} here ({', '.join(names) or 'none'}); "
            "linking needs two. Add another: `comity evidence add NAME FILE`."
        )
    hashes = {
        name: set(evidence.table.filter(pl.col("list") == name)["row_hash"]) - {""}
        for name in names
    }
    for one, other in combinations(evidence.releases, 2):
        if _same_file(one, other) or _same_rows(hashes[one.list], hashes[other.list]):
            raise SourceError(
                f"{one.list} and {other.list} hold the same rows: they are one file under two "
                f"names, and every link between them would be to itself. Take one away: "
                f"`comity evidence remove {other.list}`, or name the lists to link."
            )


def _same_file(one: ListRelease, other: ListRelease) -> bool:
    return bool(one.sha256) and one.sha256 == other.sha256


def _same_rows(one: set[str], other: set[str]) -> bool:
    smaller = min(len(one), len(other))
    return smaller > 0 and len(one & other) > SAME_FILE * smaller


def _random_pairs(records: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Return pairs of records of different lists drawn at random, each once, in order."""
    lists = records["source_dataset"].to_numpy()
    rng = np.random.default_rng(seed)
    left = rng.integers(0, len(lists), 4 * RANDOM_PAIRS)
    right = rng.integers(0, len(lists), 4 * RANDOM_PAIRS)
    kept = np.flatnonzero(lists[left] < lists[right])
    frame = pl.DataFrame({"left": left[kept], "right": right[kept]}).unique(maintain_order=True)
    return frame.head(RANDOM_PAIRS).sort("left", "right")


def _possible(records: pl.DataFrame) -> Mapping[tuple[str, str], int]:
    """Return how many pairs of records there are between every two lists."""
    sizes = dict(records.group_by("source_dataset").len().rows())
    return {(a, b): sizes[a] * sizes[b] for a, b in combinations(sorted(sizes), 2)}


def _between(records: pl.DataFrame, pairs: pl.DataFrame) -> list[tuple[str, str]]:
    lists = records["source_dataset"].to_list()
    return [(lists[a], lists[b]) for a, b in pairs.select("left", "right").rows()]


def _kept(
    evidence: Evidence,
    records: pl.DataFrame,
    compared: pl.DataFrame,
    chance: np.ndarray[Any, np.dtype[np.float64]],
    alone: np.ndarray[Any, np.dtype[np.float64]],
) -> pl.DataFrame:
    """Return the links worth keeping, with keys, hashes and levels."""
    keys, hashes = records["unique_id"], evidence.table["row_hash"]
    found = compared.with_columns(
        pl.Series("probability", chance), pl.Series("alone", alone)
    ).filter(pl.col("probability") >= KEPT)
    return found.select(
        keys.gather(found["left"]).alias("first"),
        keys.gather(found["right"]).alias("second"),
        hashes.gather(found["left"]).alias("first_hash"),
        hashes.gather(found["right"]).alias("second_hash"),
        "probability", "alone",
        *(c.name for c in COMPARISONS),
    ).sort("first", "second")  # fmt: skip


__all__ = ["Weights", "link", "table_digest"]
