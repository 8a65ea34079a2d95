"""Which records are one incident: clusters of links, drawn or most probable, and what conflicts.

A cluster holds at most one record of each list, unless a person joined two: lists rarely tell one
incident twice, and chains of half-probable links must not swallow a year. Clusters are a reading of
the links; the records and the links stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from comity.incidents.linkage.model import LINKED

Pair = tuple[str, str]
SURE, NEVER = 1.0, 0.0
UNLIKE = "hardly alike by themselves"  # why two records conflict by the model alone
DOUBTFUL = 0.05  # two records of a cluster with a direct link less probable than this conflict


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two records that others join and that themselves speak against it; `through` is the chain."""

    first: str
    second: str
    through: tuple[str, ...]
    why: str


def settled(table: pl.DataFrame, decided: Mapping[Pair, bool]) -> pl.DataFrame:
    """Return the links with a person's decisions in place: 1 where accepted, 0 where rejected.

    `decided` is by the two keys in order. A pair that the model did not link and a person did is
    added.
    """
    links = table.select("first", "second", "probability")
    if not decided:
        return links
    said = pl.DataFrame(
        [(a, b, SURE if same else NEVER) for (a, b), same in sorted(decided.items())],
        schema={"first": pl.String, "second": pl.String, "said": pl.Float64}, orient="row",
    )  # fmt: skip
    return (
        links.join(said, on=["first", "second"], how="full", coalesce=True)
        .with_columns(pl.coalesce("said", "probability").alias("probability"))
        .select("first", "second", "probability")
        .sort("first", "second")
    )


def most_probable(links: pl.DataFrame, lowest: float = LINKED) -> tuple[tuple[str, ...], ...]:
    """Return clusters of two records or more, from links of at least `lowest`, best first."""
    kept = links.filter(pl.col("probability") >= lowest)
    return _joined(kept.sort(["probability", "first", "second"], descending=[True, False, False]))


def drawn(links: pl.DataFrame, seed: int) -> tuple[tuple[str, ...], ...]:
    """Return clusters of one draw: each link is there with its probability."""
    chance = links["probability"].to_numpy()
    there = np.random.default_rng(seed).random(len(chance)) < chance
    kept = links.filter(pl.Series(there, dtype=pl.Boolean))
    return _joined(kept.sort(["probability", "first", "second"], descending=[True, False, False]))


def _joined(links: pl.DataFrame) -> tuple[tuple[str, ...], ...]:
    """Return clusters made by taking links in order, each record's list at most once."""
    home: dict[str, int] = {}
    members: dict[int, list[str]] = {}
    for number, (first, second, chance) in enumerate(links.rows()):
        one, other = home.get(first), home.get(second)
        left = members.get(one, [first]) if one is not None else [first]
        right = members.get(other, [second]) if other is not None else [second]
        if one is not None and one == other:
            continue
        if chance < SURE and _lists(left) & _lists(right):
            continue
        target = number if one is None else one
        for key in right:
            home[key] = target
        for key in left:
            home[key] = target
        if other is not None:
            del members[other]
        members[target] = [*left, *right]
    return tuple(sorted(tuple(sorted(keys)) for keys in members.values()))


def _lists(keys: Sequence[str]) -> set[str]:
    return {key.split(":", 1)[0] for key in keys}


def conflicts(
    links: pl.DataFrame, clusters: Sequence[Sequence[str]], decided: Mapping[Pair, bool]
) -> tuple[Conflict, ...]:
    """Return pairs within a cluster that a person parted or that the model finds improbable."""
    chance = {(a, b): p for a, b, p in links.rows()}
    found = []
    for keys in clusters:
        for i, a in enumerate(keys):
            for b in keys[i + 1 :]:
                pair = (a, b) if a < b else (b, a)
                others = tuple(k for k in keys if k not in pair)
                if decided.get(pair) is False:
                    found.append(Conflict(*pair, others, "you parted these two"))
                elif a.split(":", 1)[0] == b.split(":", 1)[0]:
                    found.append(Conflict(*pair, others, "two records of one list"))
                elif chance.get(pair, 0.0) < DOUBTFUL:
                    found.append(Conflict(*pair, others, UNLIKE))
    return tuple(found)
