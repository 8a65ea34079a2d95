"""Incidents as the pages show them: rows of a table, dates in words, text cut short."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comity.errors import AddressError
from comity.incidents.model import ListRelease, read_attributions
from comity.provenance import is_web_address
from comity.report.text import clean, countries
from comity.saying import say
from comity.web.keys import incident_path
from comity.web.parameters import Values

MOST_NAME = 160  # characters of a name in a table
MOST_SOURCES = 3  # addresses of an incident in a table
MOST_CELL = 240  # characters of any other cell


def cut(text: str, most: int = MOST_CELL) -> str:
    """Return text on one line, of at most `most` characters; what is left out is marked.

    >>> cut("a long  name", 7)
    'a long…'
    """
    short = clean(text[: 4 * most])
    return short if len(short) <= most else f"{short[: most - 1].rstrip()}…"


def span_words(first: dt.date | None, last: dt.date | None) -> str:
    """Return the days a date is read as, in words; empty where nothing is known.

    >>> span_words(dt.date(2014, 1, 1), dt.date(2014, 12, 31))
    '2014-01-01 to 2014-12-31'
    """
    if first is None and last is None:
        return ""
    if first is None:
        return say("date.until", day=str(last))
    if last is None:
        return say("date.from", day=str(first))
    return (
        first.isoformat() if first == last else say("date.span", first=str(first), last=str(last))
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One incident in a table: `start` as published, `read` as read; `share` is how much of it is
    in the bar that was opened, `why` why it is in none."""

    key: str
    path: str
    name: str
    start: str
    read: str
    days: int | None
    initiators: str
    receivers: str
    objectives: str
    targets: str
    sources: tuple[str, ...]
    more_sources: int
    share: float | None = None
    spread: int = 0
    why: str = ""
    side: str = ""


def row_of(record: Mapping[str, Any], **more: Any) -> Row:
    """Return a row of the table of incidents as a page shows it."""
    key = f"{record['list']}:{record['id']}"
    first, last = record["start_earliest"], record["start_latest"]
    links = [s for s in record["sources"] if is_web_address(clean(s)) and len(s) <= 2000]
    return Row(
        key=cut(key, 60), path=incident_path(key), name=cut(record["name"], MOST_NAME) or cut(key),
        start=cut(record["start"], 60), read=span_words(first, last),
        days=(last - first).days + 1 if first and last else None,
        initiators=cut(countries(record["initiators"][:12])) if record["initiators"] else "",
        receivers=cut(countries(record["receivers"][:12])) if record["receivers"] else "",
        objectives=cut(", ".join(record["objectives"])), targets=cut(", ".join(record["targets"])),
        sources=tuple(links[:MOST_SOURCES]), more_sources=len(links[MOST_SOURCES:]), **more,
    )  # fmt: skip


COLUMNS = (
    "key", "list", "id", "name", "start", "start_earliest", "start_latest", "end", "reported",
    "initiators", "receivers", "objectives", "targets", "campaign", "commercial_use", "severity",
    "claimants", "sources", "licence", "may_be_passed_on",
)  # fmt: skip


def record_of(
    row: Mapping[str, Any], releases: Mapping[str, ListRelease], claimants: Sequence[str]
) -> dict[str, Any]:
    """Return a row of the table of incidents as JSON-ready fields, in the order of COLUMNS."""
    release = releases[row["list"]]
    found = {name: row[name] for name in COLUMNS if name in row}
    found |= {k: v.isoformat() for k, v in found.items() if isinstance(v, dt.date)}
    found |= {
        "key": f"{row['list']}:{row['id']}", "claimants": list(claimants),
        "licence": release.licence, "may_be_passed_on": release.redistributable,
    }  # fmt: skip
    return {name: found[name] for name in COLUMNS}


def cells_of(record: Mapping[str, Any]) -> tuple[object, ...]:
    """Return a record's values as cells of a sheet: lists are one text, parted by a semicolon."""
    return tuple("; ".join(v) if isinstance(v, list) else v for v in record.values())


def claimants_of(cell: str) -> list[str]:
    """Return who claims to know who did it, from a cell of attributions, each once."""
    return list(dict.fromkeys(a.claimant or a.claimant_kind for a in read_attributions(cell)))


def page_of(values: Values, total: int, each: int) -> tuple[int, int]:
    """Return which page is asked for, and how many there are. Raises AddressError beyond them."""
    number, pages = int(values.get("page", "1")), max(1, -(-total // each))
    if number > pages:
        raise AddressError(f"There is no page {number}: {total:,} rows are on {pages}.", True)
    return number, pages
