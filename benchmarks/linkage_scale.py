"""Two made-up lists linked: time and memory as they grow.

    uv run python benchmarks/linkage_scale.py [RECORDS...]      default 10000 100000

Each list holds so many records, a third of them of the same incidents; words follow a long-tailed
vocabulary, so that chance shares words as real lists do. Prints seconds, peak memory and whether
the right links were found.
"""

from __future__ import annotations

import datetime as dt
import resource
import sys
import time

import numpy as np
import polars as pl

from comity.dates import parse_date
from comity.incidents.linkage.link import link
from comity.incidents.model import Evidence, ListRelease, incident_schema

STATES = [chr(65 + i) + chr(65 + j) for i in range(8) for j in range(5)]
WORDS = 400_000  # in the vocabulary
LENGTH = 40  # words of a record


def release(name: str) -> ListRelease:
    """Return a release of a made-up list."""
    return ListRelease(
        list=name, release="1", title=name, publisher="nobody", licence="CC0", redistributable=True,
        address="https://a.example", citation=name, covers_from=parse_date("2005"),
        covers_to=parse_date("2024"), dates_typed_as_days=False, sha256=name,
    )  # fmt: skip


def world(size: int, seed: int = 0) -> tuple[Evidence, int]:
    """Return two lists of `size` records each, and how many incidents are in both."""
    rng = np.random.default_rng(seed)
    shared = size // 3
    total = 2 * size - shared
    rank = np.minimum(rng.zipf(1.25, (total, LENGTH)), WORDS)
    own = rng.integers(WORDS, 30 * WORDS, (total, 3))  # names of its own
    start = rng.integers(0, 19 * 365, total)
    by, on = rng.integers(0, len(STATES), (2, total))
    rows = []
    for name, chosen in (
        ("one", range(size)), ("two", [*range(shared), *range(size, total)]),
    ):  # fmt: skip
        for n in chosen:
            day = dt.date(2005, 1, 1) + dt.timedelta(days=int(start[n]))
            keep = rng.random(LENGTH) < 0.5
            words = (
                " ".join(f"w{r}x" for r in rank[n][keep]) + " " + " ".join(f"n{k}y" for k in own[n])
            )
            first, last = (day, day) if name == "one" else (day.replace(day=1), day.replace(day=28))
            rows.append(dict.fromkeys(incident_schema(), "") | {
                "list": name, "release": "1", "id": str(n), "name": f"n{own[n][0]}y attack",
                "description": words, "start": day.isoformat(), "start_earliest": first,
                "start_latest": last, "end_earliest": None, "end_latest": None,
                "reported_earliest": None, "reported_latest": None,
                "initiators": [STATES[by[n]]], "initiator_kinds": ["state"], "organs": [""],
                "receivers": [STATES[on[n]]], "targets": ["private"], "effects": [],
                "objectives": ["espionage"], "commercial_use": "unknown", "severity": None,
                "sources": [f"https://s{rng.integers(0, 9)}.example/{n}"], "row_hash": f"{name}{n}",
            })  # fmt: skip
    table = pl.DataFrame(rows, schema=incident_schema(), orient="row")
    return Evidence((release("one"), release("two")), table), shared


def main() -> None:
    """Print one line a size."""
    for size in [int(a) for a in sys.argv[1:]] or [10_000, 100_000]:
        evidence, shared = world(size)
        began = time.perf_counter()
        found = link(evidence)
        took = time.perf_counter() - began
        sure = found.table.filter(pl.col("probability") >= 0.5).select("first", "second").rows()
        right = sum(a.split(":")[1] == b.split(":")[1] for a, b in sure)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        text = f"{size:,} by {size:,}: {took:.1f} s, {found.compared:,} pairs compared, "
        text += f"peak {peak:.2f} GB; {right:,} of {shared:,} found, {len(sure) - right:,} wrong"
        print(text, flush=True)


if __name__ == "__main__":
    main()
