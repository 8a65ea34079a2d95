"""What evidence there is: one line a list, and one incident by its key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from comity.errors import SourceError
from comity.incidents.load import load_evidence
from comity.incidents.model import (
    Evidence,
    Incident,
    ListRelease,
    incident_from_row,
    row_from_incident,
)
from comity.incidents.releases import release_to_record
from comity.incidents.report_lists import report_lists
from comity.incidents.reports import STATUSES, ReportFact
from comity.incidents.shipped import SHIPPED, load_reports, shipped_problems
from comity.incidents.sources.result import RowProblem
from comity.incidents.store import read_manifest


@dataclass(frozen=True, slots=True)
class ListSummary:
    """One list at hand. Shares are of starts dated to a day (of reports where starts are not
    dated), 0 to 1, None where none is; by chance one day in 365 is a 1 January and one in 30 the
    first of a month. `reported` counts incidents with a date of report; `known_beside` how many of
    these dates are seen, secondary and unverified, where they come from a table beside the list.
    """

    release: ListRelease
    incidents: int
    first: dt.date | None
    last: dt.date | None
    dated_by: str
    undated: int
    first_of_year: float | None
    first_of_month: float | None
    aside: int
    flagged: int
    shipped: bool
    reported: int = 0
    known_beside: Mapping[str, int] = field(default_factory=dict)

    def to_record(self) -> dict[str, Any]:
        """Return the summary as JSON-ready fields."""
        record = asdict(self) | {"release": release_to_record(self.release)}
        days = {k: v.isoformat() if v else "" for k, v in record.items() if k in ("first", "last")}
        return record | days


@dataclass(frozen=True, slots=True)
class ListProblems:
    """What reading a list met: rows set aside, and things left out of rows that were read.

    Where the list has columns read from its prose (`extracted`), `flagged` are these readings."""

    list: str
    rows_in_file: int
    aside: tuple[RowProblem, ...]
    flagged: tuple[RowProblem, ...]
    extracted: str = ""


def summarise(home: Path | None = None) -> tuple[ListSummary, ...]:
    """Return one summary for each list at hand, by name. Raises StoreError, SourceError."""
    evidence = load_evidence(home=home)
    stored = read_manifest(home)
    found = []
    for release in evidence.releases:
        entry = stored.get(release.list)
        table = evidence.table.filter(pl.col("list") == release.list)
        found.append(_summary(release, table, len(entry.flagged) if entry else 0, entry is None))
    return tuple(found)


def _summary(release: ListRelease, table: pl.DataFrame, flagged: int, shipped: bool) -> ListSummary:
    starts = table.filter(pl.col("start_earliest").is_not_null())
    by = "start" if 2 * starts.height >= table.height else "reported"
    rows = table.filter(pl.col(f"{by}_earliest").is_not_null())
    dated = rows[f"{by}_earliest"]
    days = dated.filter(dated.eq_missing(rows[f"{by}_latest"]))
    first, january = days.dt.day() == 1, days.dt.month() == 1
    return ListSummary(
        release=release,
        incidents=table.height,
        first=_day(dated.min()),
        last=_day(dated.max()),
        dated_by=by,
        undated=table.height - len(dated),
        first_of_year=_share(first & january),
        first_of_month=_share(first),
        aside=release.rows_aside,
        flagged=flagged,
        shipped=shipped,
        reported=table.height - table["reported_earliest"].null_count(),
        known_beside=_known_beside(release.list, table) if shipped else {},
    )


def _known_beside(name: str, table: pl.DataFrame) -> dict[str, int]:
    """Return how many dates of report known beside a list have each status; none, nothing."""
    listed = set(table["id"])
    facts = [f for f in load_reports(name).values() if f.id in listed and f.reported.text]
    return {s: sum(f.status == s for f in facts) for s in STATUSES} if facts else {}


def _day(value: object) -> dt.date | None:
    return value if isinstance(value, dt.date) else None


def _share(hits: pl.Series) -> float | None:
    return float(hits.sum()) / len(hits) if len(hits) else None


def list_problems(name: str, home: Path | None = None) -> ListProblems:
    """Return what reading a list met. Raises SourceError for a list that is not at hand."""
    if (held := report_lists(home).get(name)) is not None:
        return ListProblems(name, held.rows_in_file, held.aside, ())
    entry = read_manifest(home).get(name)
    if entry is not None:
        release = entry.release
        return ListProblems(
            name, release.rows_in_file, entry.aside, entry.flagged, release.extracted
        )
    release = load_evidence([name], home).releases[0]
    aside = shipped_problems(name) if name in SHIPPED else ()
    return ListProblems(name, release.rows_in_file, aside, ())


def find_incident(key: str, home: Path | None = None) -> Incident:
    """Return the incident with a key such as `dcid:43`. Raises SourceError where there is none."""
    name, colon, identifier = key.partition(":")
    if not colon or not identifier:
        raise SourceError(f"{key!r} is not an incident's key. Write LIST:ID, such as dcid:43.")
    return find_in(load_evidence([name], home), key)


def find_report(key: str, home: Path | None = None) -> ReportFact | None:
    """Return what is known beside the list of an incident such as `dcid:80`, or None.

    A list that the user added in place of the one that ships has nothing beside it.
    """
    name, _, identifier = key.partition(":")
    return None if name in read_manifest(home) else load_reports(name).get(identifier)


def extracted_in(key: str, home: Path | None = None) -> str:
    """Return which columns of an incident's list are read from its prose by rule; empty for none.

    Raises SourceError for a list that is not at hand.
    """
    return load_evidence([key.partition(":")[0]], home).releases[0].extracted


def incident_to_record(incident: Incident) -> dict[str, Any]:
    """Return an incident as JSON-ready fields: those of the table, claims as objects."""
    row = row_from_incident(incident)
    days = {k: v.isoformat() for k, v in row.items() if isinstance(v, dt.date)}
    return row | days | {"attributions": [a.to_record() for a in incident.attributions]}


def find_in(evidence: Evidence, key: str) -> Incident:
    """Return the incident with a key among some evidence. Raises SourceError for none."""
    name, _, identifier = key.partition(":")
    rows = evidence.table.filter((pl.col("list") == name) & (pl.col("id") == identifier))
    if not rows.height:
        some = ", ".join(evidence.table.filter(pl.col("list") == name)["id"].head(3).to_list())
        raise SourceError(f"There is no incident {key!r}. Ids of {name} look like: {some}.")
    return incident_from_row(rows.row(0, named=True))
