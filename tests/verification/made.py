"""Small bodies of evidence made by hand or simulated, for tests of verdicts."""

import datetime as dt

import numpy as np
import polars as pl

from comity.dates import UNKNOWN, from_day, parse_date
from comity.incidents.model import (
    Evidence,
    Incident,
    Initiator,
    ListRelease,
    incident_schema,
    row_from_incident,
)
from comity.verification.model import Question, Scope

PAIRS = {"A": ("CN", "US"), "B": ("CN", "VN"), "C": ("IR", "US"), "D": ("RU", "UA")}


def release(name="made", covers_to="2020-12-31", closed_on="2022-06-30", **more):
    fields = {
        "list": name, "release": "1", "title": "A made list", "publisher": "nobody",
        "licence": "CC0-1.0", "redistributable": True, "address": "https://example.org/list",
        "citation": "Nobody (2022)", "covers_from": parse_date("2000"),
        "covers_to": parse_date(covers_to), "closed_on": parse_date(closed_on),
    }  # fmt: skip
    return ListRelease(**{**fields, **more})


def incident(number, cell, start, *, reported="", end="", name="made", target="private", **more):
    initiator, receiver = PAIRS[cell]
    fields = {
        "list": name, "release": "1", "id": str(number), "name": f"Operation {number}",
        "start": parse_date(start), "end": parse_date(end), "reported": parse_date(reported),
        "initiators": (Initiator(initiator, "state"),), "receivers": (receiver,),
        "targets": (target,), "effects": ("confidentiality",), "objectives": ("espionage",),
        "severity": 3.0, "row_hash": str(number), "sources": ("https://example.org/a",),
    }  # fmt: skip
    return Incident(**{**fields, **more})


def evidence(incidents, *releases):
    rows = [row_from_incident(i) for i in incidents]
    table = pl.DataFrame(rows, schema=incident_schema())
    return Evidence(releases or (release(),), table)


def question(**more):
    scope = Scope("narrow", "espionage against private targets", "narrow", ("CN",), ("US",),
                  ("espionage",), ("private",))  # fmt: skip
    fields = {
        "id": "made", "title": "A made question", "instrument": "", "provision": "", "norm": "",
        "agreed": dt.date(2015, 9, 25), "scope": scope, "variants": (), "controls": (),
        "comparison": "four-cells", "receiver_not_party": False, "assumes": "",
        "window_from": dt.date(2006, 1, 1), "window_to": dt.date(2020, 12, 31),
    }  # fmt: skip
    return Question(**{**fields, **more})


QUARTERS = [dt.date(y, m, 1) for y in range(2006, 2021) for m in (1, 4, 7, 10)]


def simulated(rate, seed, *, coarse=0.0, first_of_year=False, delay=None, closed_on=None, **more):
    """Incidents from rate(cell, day) per quarter; a share `coarse` known to the year only, written
    as the first of January where `first_of_year`; `delay(random, n)` in days makes report dates,
    and only what was reported by `closed_on` is kept."""
    random = np.random.default_rng(seed)
    found = []
    for cell in PAIRS:
        for quarter in QUARTERS:
            for _ in range(random.poisson(rate(cell, quarter))):
                day = quarter + dt.timedelta(days=int(random.integers(90)))
                start, reported = day.isoformat(), UNKNOWN
                if delay is not None:
                    seen = day + dt.timedelta(days=int(delay(random)))
                    if closed_on is not None and seen > closed_on:
                        continue
                    reported = from_day(seen)
                if random.random() < coarse:
                    start = f"{day.year}-01-01" if first_of_year else str(day.year)
                found.append(incident(len(found) + 1, cell, start, reported=reported.text, **more))
    return found
