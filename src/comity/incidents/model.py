"""What an incident is: one operation as one list records it.

The table is the truth (one row an incident, columns below); `Incident` is one row of it as a
record. Dates are as published: how a list's first-of-January is to be read is an analysis choice
applied on the way into an analysis (`read_dates`), never written back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from comity.dates import UNKNOWN, DateReading, ImpreciseDate, parse_date

if TYPE_CHECKING:
    import polars as pl

SCHEMA_VERSION = "1.1"
READ_VERSIONS = ("1.0", SCHEMA_VERSION)  # 1.0 had no description
UNION = "all"  # the name of the union of lists, which no list may have
JOIN = " + "  # between the keys of the records that an incident of the union is made of

INITIATOR_KINDS = ("state", "state-affiliated", "proxy", "criminal", "other", "unknown")
TARGETS = (
    "government",
    "military",
    "private",
    "critical-infrastructure",
    "civil-society",
    "international-body",
    "unknown",
)
EFFECTS = ("confidentiality", "integrity", "availability", "content")
OBJECTIVES = ("espionage", "disruption", "degradation", "influence", "unknown")
COMMERCIAL_USE = ("claimed", "denied", "unknown")
CLAIMANT_KINDS = (
    "receiver-government",
    "third-government",
    "private-company",
    "media",
    "actor-itself",
    "international-body",
    "other",
    "unknown",
)


def incident_schema() -> dict[str, Any]:
    """Return the Polars schema of the incident table, column by column, in order.

    `*_earliest` and `*_latest` are INCLUSIVE days derived from the EDTF text beside them; null is
    open or unknown. List columns are never null (empty list instead). `attributions` is a JSON
    array of objects with the fields of `Attribution` (dates as EDTF text). `description` is the
    list's own words: kept on the user's machine, in no verdict and in no table that ships.
    """
    import polars as pl

    text, texts = pl.String, pl.List(pl.String)
    return {
        "list": text,
        "release": text,
        "id": text,
        "name": text,
        "description": text,
        "start": text,
        "start_earliest": pl.Date,
        "start_latest": pl.Date,
        "end": text,
        "end_earliest": pl.Date,
        "end_latest": pl.Date,
        "reported": text,
        "reported_earliest": pl.Date,
        "reported_latest": pl.Date,
        "initiators": texts,
        "initiator_kinds": texts,
        "organs": texts,
        "receivers": texts,
        "targets": texts,
        "effects": texts,
        "objectives": texts,
        "commercial_use": text,
        "severity": pl.Float64,
        "campaign": text,
        "attributions": text,
        "sources": texts,
        "row_hash": text,
    }


@dataclass(frozen=True, slots=True)
class Initiator:
    """Who is said to have acted: a country (or special code), what kind of actor, which organ."""

    code: str
    kind: str = "unknown"
    organ: str = ""


@dataclass(frozen=True, slots=True)
class Attribution:
    """One party's public claim of who did it: `code` is the country named, `when` maybe unknown."""

    claimant: str
    claimant_kind: str = "unknown"
    claimant_country: str = ""
    code: str = ""
    when: ImpreciseDate = UNKNOWN
    basis: str = ""
    source: str = ""

    def to_record(self) -> dict[str, str]:
        """Return the claim as JSON-ready text fields; the date is EDTF text."""
        return {
            "claimant": self.claimant,
            "claimant_kind": self.claimant_kind,
            "claimant_country": self.claimant_country,
            "code": self.code,
            "when": self.when.text,
            "basis": self.basis,
            "source": self.source,
        }


def read_attributions(text: str) -> tuple[Attribution, ...]:
    """Return the attributions of a table cell; an empty cell has none. Raises DateError."""
    if not text:
        return ()
    return tuple(
        Attribution(**{**record, "when": parse_date(record["when"]) if record["when"] else UNKNOWN})
        for record in json.loads(text)
    )


def write_attributions(attributions: tuple[Attribution, ...]) -> str:
    """Return the table cell for some attributions; none gives an empty cell."""
    if not attributions:
        return ""
    return json.dumps([a.to_record() for a in attributions], ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Incident:
    """One operation as one list records it; the fields are those of the table."""

    list: str
    release: str
    id: str
    name: str
    start: ImpreciseDate
    end: ImpreciseDate
    reported: ImpreciseDate
    initiators: tuple[Initiator, ...]
    receivers: tuple[str, ...]
    targets: tuple[str, ...]
    effects: tuple[str, ...]
    objectives: tuple[str, ...]
    commercial_use: str = "unknown"
    severity: float | None = None
    campaign: str = ""
    attributions: tuple[Attribution, ...] = ()
    sources: tuple[str, ...] = ()
    row_hash: str = ""
    description: str = ""

    @property
    def key(self) -> str:
        """The incident's name across lists: `list:id`."""
        return f"{self.list}:{self.id}"


def incident_from_row(row: Mapping[str, Any]) -> Incident:
    """Return one row of the incident table as a record. Raises DateError on a damaged date."""

    def dated(column: str) -> ImpreciseDate:
        return parse_date(row[column]) if row[column] else UNKNOWN

    organs = [*row["organs"], *[""] * len(row["initiators"])]
    kinds = [*row["initiator_kinds"], *["unknown"] * len(row["initiators"])]
    return Incident(
        list=row["list"],
        release=row["release"],
        id=row["id"],
        name=row["name"],
        start=dated("start"),
        end=dated("end"),
        reported=dated("reported"),
        initiators=tuple(
            Initiator(code, kind, organ)
            for code, kind, organ in zip(row["initiators"], kinds, organs, strict=False)
        ),
        receivers=tuple(row["receivers"]),
        targets=tuple(row["targets"]),
        effects=tuple(row["effects"]),
        objectives=tuple(row["objectives"]),
        commercial_use=row["commercial_use"],
        severity=row["severity"],
        campaign=row["campaign"],
        attributions=read_attributions(row["attributions"]),
        sources=tuple(row["sources"]),
        row_hash=row["row_hash"],
        description=row["description"],
    )


def row_from_incident(incident: Incident) -> dict[str, Any]:
    """Return the table row of a record: the inverse of `incident_from_row`."""
    row: dict[str, Any] = {
        "list": incident.list,
        "release": incident.release,
        "id": incident.id,
        "name": incident.name,
        "description": incident.description,
        "initiators": [i.code for i in incident.initiators],
        "initiator_kinds": [i.kind for i in incident.initiators],
        "organs": [i.organ for i in incident.initiators],
        "receivers": list(incident.receivers),
        "targets": list(incident.targets),
        "effects": list(incident.effects),
        "objectives": list(incident.objectives),
        "commercial_use": incident.commercial_use,
        "severity": incident.severity,
        "campaign": incident.campaign,
        "attributions": write_attributions(incident.attributions),
        "sources": list(incident.sources),
        "row_hash": incident.row_hash,
    }
    for column, value in (
        ("start", incident.start),
        ("end", incident.end),
        ("reported", incident.reported),
    ):
        row[column] = value.text
        row[f"{column}_earliest"] = value.earliest
        row[f"{column}_latest"] = value.latest
    return row


@dataclass(frozen=True, slots=True)
class Report:
    """One published report about operations, no incident itself: what links incidents of several
    lists, by its address. `publisher` is who wrote it; `address` http(s), empty where there is
    none."""

    list: str
    id: str
    title: str
    publisher: str
    address: str
    date: ImpreciseDate


@dataclass(frozen=True, slots=True)
class ListRelease:
    """One dated state of a list.

    `covers_to` is the last day (INCLUSIVE) whose starts the list set out to hold; `closed_on` the
    last day on which a report could still enter it. Only the second bounds reports. A field that
    the publisher does not state is `dates.UNKNOWN`. `dates_typed_as_days` says that the list can
    only type full days, so that its first-of-January may mean "that year". `report_dates_from` says
    whose the dates of report are where they are not the publisher's: they are as exact as typed.
    `extracted` names the columns read from the list's prose by rule, not coded by the list.
    """

    list: str
    release: str
    title: str
    publisher: str
    licence: str
    redistributable: bool
    address: str
    citation: str
    covers_from: ImpreciseDate = UNKNOWN
    covers_to: ImpreciseDate = UNKNOWN
    closed_on: ImpreciseDate = UNKNOWN
    has_report_dates: bool = False
    dates_typed_as_days: bool = True
    severity_scale: str = ""
    sha256: str = ""
    rows_in_file: int = 0
    rows_aside: int = 0
    added: str = ""
    note: str = ""
    report_dates_from: str = ""
    extracted: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Some lists at one release each, and their incidents in one table (see `incident_schema`).

    `redrawn` are other tables of the same releases, each as probable as the other: of a union of
    lists, as other draws of the links between its records would have it. `parts` are the lists of
    which a union is made.
    """

    releases: tuple[ListRelease, ...]
    table: pl.DataFrame = field(repr=False)
    redrawn: tuple[pl.DataFrame, ...] = field(default=(), repr=False)
    parts: Evidence | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return int(self.table.height)

    def incidents(self) -> Iterator[Incident]:
        """Yield every incident as a record, in table order."""
        for row in self.table.iter_rows(named=True):
            yield incident_from_row(row)

    def release_of(self, list_name: str) -> ListRelease | None:
        """Return the release of one list, or None where this evidence does not hold it."""
        return next((r for r in self.releases if r.list == list_name), None)


DATED = ("start", "end", "reported")
MANY_CHUNKS = 64  # beyond this one copy costs less than a pass over every chunk


def read_dates(
    table: pl.DataFrame, releases: Sequence[ListRelease], reading: DateReading
) -> pl.DataFrame:
    """Return the table with `*_earliest` and `*_latest` as read; the EDTF text stays as published.

    Only days of releases whose `dates_typed_as_days` is set are widened, never an interval, never
    to less than was given, and no date of report that is not the publisher's.
    """
    import polars as pl

    names = [r.list for r in releases if r.dates_typed_as_days]
    if not names or (reading.first_of_year, reading.first_of_month) == ("exact", "exact"):
        return table
    if table.n_chunks() > MANY_CHUNKS:
        table = table.rechunk()
    own = [r.list for r in releases if r.list in names and not r.report_dates_from]
    return table.with_columns(
        expression
        for column in DATED
        for expression in _widened(
            column, pl.col("list").is_in(own if column == "reported" else names), reading
        )
    )


def _widened(column: str, listed: pl.Expr, reading: DateReading) -> tuple[pl.Expr, pl.Expr]:
    """Return (earliest, latest) of a column as read; the first of a period is its earliest day."""
    import polars as pl

    earliest, latest = pl.col(f"{column}_earliest"), pl.col(f"{column}_latest")
    first = listed & (earliest == latest) & (earliest.dt.day() == 1)
    of_year = first & (earliest.dt.month() == 1) & (reading.first_of_year == "year")
    of_month = first & (reading.first_of_month == "month")
    widened = (
        pl.when(of_year)
        .then(pl.date(earliest.dt.year(), 12, 31))
        .when(of_month)
        .then(earliest.dt.month_end())
        .otherwise(latest)
    )
    return earliest, widened.alias(f"{column}_latest")
