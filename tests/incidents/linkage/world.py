"""Lists made up for tests: incidents that two lists tell in their own ways."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from comity.dates import UNKNOWN, parse_date
from comity.incidents.model import (
    Evidence,
    Incident,
    Initiator,
    ListRelease,
    incident_schema,
    row_from_incident,
)

RELEASE = ListRelease(
    list="one", release="2020", title="A list", publisher="nobody", licence="CC0",
    redistributable=True, address="https://a.example", citation="A list.",
    covers_from=parse_date("2000"), covers_to=parse_date("2020"), closed_on=parse_date("2021"),
    dates_typed_as_days=False,
)  # fmt: skip


def incident(name: str, ident: str, list_: str = "one", **changes: Any) -> Incident:
    """Return an incident of a list; dates are given as EDTF."""
    dated = {k: parse_date(v) if v else UNKNOWN for k, v in changes.items()
             if k in ("start", "end", "reported")}  # fmt: skip
    plain = {k: v for k, v in changes.items() if k not in dated}
    base = Incident(
        list=list_, release="2020", id=ident, name=name, start=parse_date("2015-03"),
        end=UNKNOWN, reported=UNKNOWN, initiators=(Initiator("CN", "state"),), receivers=("US",),
        targets=("private",), effects=(), objectives=("espionage",),
        row_hash=f"{list_}-{ident}-{name}",
    )  # fmt: skip
    return replace(base, **dated, **plain)


def evidence(lists: Mapping[str, Sequence[Incident]]) -> Evidence:
    """Return some lists as evidence."""
    rows = [row_from_incident(i) for incidents in lists.values() for i in incidents]
    releases = tuple(replace(RELEASE, list=name, sha256=f"hash of {name}") for name in lists)
    return Evidence(releases, pl.DataFrame(rows, schema=incident_schema(), orient="row"))


def two_lists(shared: int, alone: int, seed: int = 0) -> Evidence:
    """Return two lists with so many incidents in common, and so many each has alone."""
    rng = random.Random(seed)
    states = ("CN", "RU", "IR", "KP", "US", "IN", "PK", "IL")

    def made(n: int) -> dict[str, Any]:
        by, on = rng.sample(states, 2)
        year, month = rng.randint(2005, 2020), rng.randint(1, 12)
        words = " ".join(f"zq{n}x{k}" for k in range(2))
        return {"by": by, "on": on, "start": f"{year}-{month:02d}", "year": f"{year}",
                "words": words, "page": f"https://news{n}.example/story-{n}"}  # fmt: skip

    one, other = [], []
    for n in range(shared + 2 * alone):
        m = made(n)
        filler = "intruders took files from several offices and companies"
        if n < shared + alone:
            one.append(incident(
                f"Operation {m['words']}", f"{n}", "one", start=m["start"],
                initiators=(Initiator(m["by"]),), receivers=(m["on"],), sources=(m["page"],),
                description=f"{filler} {m['words']}",
            ))  # fmt: skip
        if n < shared or n >= shared + alone:
            other.append(incident(
                f"Attack called {m['words'].split()[0]}", f"x{n}", "two", start=m["year"],
                initiators=(Initiator(m["by"]),), receivers=(m["on"],),
                sources=(m["page"], "https://b.example/other") if n % 2 else (),
                description=f"{filler} with tools {m['words']}",
            ))  # fmt: skip
    return evidence({"one": one, "two": other})
