"""Read EuRepoC 1.3, the European Repository of Cyber Incidents, from its publisher's files.

The *global* workbook (one row an incident) is required; the *attribution* and *receiver* tables add
to it. Files are told apart by their columns, in any order. What a reader meets, and what is done:

- Several values in a cell are parted by `;` and run in parallel: the second country goes with the
  second category. A country cell may itself hold several, parted by commas, some of whose names
  have one ("Iran, Islamic Republic of"): the longest name wins. A region is no country: it is left
  out and flagged. A country that nobody knows sets the row aside.
- `initiator_country` and `initiator_category` appear twice; the first of each is the settled
  initiator, the second repeats it. The first is read.
- A spreadsheet's cell holds 32,767 characters: two cells end there. What follows is in the
  receiver table; without it the row is flagged.
- Dates are `dd.mm.yyyy` or "Not available". Half of them are on the first of a month or year:
  every date is a full day whether or not the day is known. 92 incidents have no start and stay,
  undated.
- **No date of report.** `reported` is unknown for every row: `added_to_db` is when the coders
  entered it (from August 2022 for everything older) and an attribution is no first report. The
  dates of attributions are with the attributions: `attribution_year`, `_month`, `_day` are columns
  of their own, and a year alone stays a year.
- One attribution has several rows, one an initiator named; one that is not settled says so in its
  basis. `severity` is `weighted_intensity`.
- The release takes in incidents up to the last day in `added_to_db`, read from the file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from comity.countries import UNKNOWN as UNKNOWN_COUNTRY
from comity.countries import resolve_all, resolve_country
from comity.dates import UNKNOWN, ImpreciseDate, from_ymd, parse_date
from comity.errors import DateError
from comity.incidents.model import Attribution, Incident, Initiator, ListRelease
from comity.incidents.sources import eurepoc_codes as codes
from comity.incidents.sources.addresses import split_addresses, unique
from comity.incidents.sources.result import (
    ReadResult,
    RowError,
    RowProblem,
    described,
    read_rows,
    result_of,
    row_hash,
)
from comity.incidents.sources.sheets import CELL_LIMIT, Sheet, SheetRow, cannot_read, open_sheets
from comity.provenance import sha256_of

TITLE = "European Repository of Cyber Incidents (EuRepoC), global dataset"
GLOBAL = (
    "incident_id", "name", "start_date", "end_date", "incident_type", "receiver_country",
    "receiver_category", "receiver_subcategory", "initiator_name", "initiator_country",
    "initiator_category", "initiator_subcategory", "weighted_intensity", "mitre_impact",
    "source_url", "added_to_db",
)  # fmt: skip
ATTRIBUTION = (
    "attribution_id", "incident_id", "attribution_year", "attribution_month", "attribution_day",
    "attribution_basis", "attribution_type", "attributing_country", "attributing_actor",
    "attributing_company", "settled_attribution", "initiator_country",
)  # fmt: skip
RECEIVER = ("id", "incident_id", "name", "country", "category", "subcategory")

RELEASE = ListRelease(
    list="eurepoc",
    release="1.3",
    title=TITLE,
    publisher="European Repository of Cyber Incidents",
    licence="CC-BY-NC-4.0",
    redistributable=False,
    address="https://eurepoc.eu/",
    citation="European Repository of Cyber Incidents (EuRepoC), global dataset, release 1.3.",
    covers_from=parse_date("2000"),
    dates_typed_as_days=True,
    severity_scale="weighted_intensity, from 0 upwards",
)
NOTE = (
    "No dates of report: added_to_db is when coders entered an incident, and dates of attribution "
    "are kept with the attributions. Covered and closed on the last day in added_to_db."
)

Record = Mapping[str, str]


def read_eurepoc(paths: Sequence[Path]) -> ReadResult:
    """Return EuRepoC's incidents from its global workbook and any of its other two tables.

    Raises SourceError where the global workbook is missing or a file is none of the three.
    """
    tables = _tables(paths)
    sheet = tables["global"]
    receivers, claims = (
        _by_incident(tables.get("receiver")),
        _by_incident(tables.get("attribution")),
    )

    def read_one(number: int, row: SheetRow) -> tuple[Incident, list[RowProblem]]:
        cells, record = row
        victims = _receivers(number, record, receivers.get(record["incident_id"]))
        attributions = _attributions(number, claims.get(record["incident_id"], ()))
        initiators = _initiators(number, record)
        incident = _incident(record, initiators[0], victims[0], victims[1], row_hash(cells))
        problems = [*initiators[1], *victims[2], *attributions[1]]
        return replace(incident, attributions=attributions[0]), problems

    release = _release(sheet, claimed="attribution" in tables, sha256=_digest(paths, sheet))
    return result_of(release, read_rows(sheet.numbered(), read_one), len(sheet.rows))


def _tables(paths: Sequence[Path]) -> dict[str, Sheet]:
    """Return the sheets by what they are. Raises SourceError."""
    found: dict[str, Sheet] = {}
    kinds = {"global": GLOBAL, "attribution": ATTRIBUTION, "receiver": RECEIVER}
    for path in paths:
        sheets = open_sheets(path)
        fitting = [(k, s) for k, c in kinds.items() for s in sheets if set(c) <= set(s.header)]
        if not fitting:
            missing = [c for c in GLOBAL if c not in sheets[0].header]
            why = f"it is none of EuRepoC's tables (global lacks: {', '.join(missing[:6])})"
            raise cannot_read(path, why, "Give the global workbook, or its attribution or "
                              "receiver table; the dyadic one is not needed.")  # fmt: skip
        found.setdefault(*fitting[0])
    if "global" not in found:
        name = paths[0] if paths else Path("(no file)")
        raise cannot_read(name, "the global dataset is not among the files", "Add it: it has one "
                          "row an incident.")  # fmt: skip
    return found


def _by_incident(sheet: Sheet | None) -> dict[str, list[Record]]:
    grouped: dict[str, list[Record]] = defaultdict(list)
    for record in sheet.records() if sheet else ():
        grouped[record["incident_id"]].append(record)
    return grouped


def _release(sheet: Sheet, *, claimed: bool, sha256: str) -> ListRelease:
    days = [r["added_to_db"][:10] for r in sheet.records() if r["added_to_db"][:4].isdigit()]
    closed = parse_date(max(days)) if days else UNKNOWN
    more = "" if claimed else " Attributions are missing: add the attribution table to have them."
    return replace(
        RELEASE, covers_to=closed, closed_on=closed, sha256=sha256, note=NOTE + more
    )  # fmt: skip


def _digest(paths: Sequence[Path], sheet: Sheet) -> str:
    return sha256_of(next(path for path in paths if path == sheet.path))


def _incident(
    record: Record,
    initiators: tuple[Initiator, ...],
    receivers: tuple[str, ...],
    targets: tuple[str, ...],
    digest: str,
) -> Incident:
    if not record["incident_id"]:
        raise RowError("incident_id", "", "the incident has no id")
    start, end = _day(record, "start_date"), _day(record, "end_date")
    if end.latest is not None and start.earliest is not None and end.latest < start.earliest:
        raise RowError("end_date", record["end_date"], f"the end is before the start, {start.text}")
    types = [t.strip() for t in record["incident_type"].split(";")]
    impacts = [t.strip() for t in record["mitre_impact"].split(";")]
    severity = record["weighted_intensity"]
    return Incident(
        list=RELEASE.list,
        release=RELEASE.release,
        id=record["incident_id"],
        name=record["name"],
        start=start,
        end=end,
        reported=UNKNOWN,
        initiators=initiators,
        receivers=receivers,
        targets=targets,
        effects=codes.effects_of(types, impacts),
        objectives=codes.objectives_of(types, impacts, [i.kind for i in initiators]),
        severity=float(severity) if severity.replace(".", "", 1).isdigit() else None,
        sources=_addresses(record["source_url"]),
        row_hash=digest,
        description=described(record.get("description", "")),
    )


def _addresses(cell: str) -> tuple[str, ...]:
    """Return the addresses of a cell parted by `;`, those with a blank in them left out."""
    found: list[str] = []
    for piece in cell.split(";"):
        whole, rest = split_addresses(piece)
        found += () if rest else whole
    return unique(found)


def _day(record: Record, column: str) -> ImpreciseDate:
    """Return a `dd.mm.yyyy` cell as a day, unknown where not available. Raises RowError."""
    text = record[column]
    if text in codes.MISSING:
        return UNKNOWN
    day, _, rest = text.partition(".")
    month, _, year = rest.partition(".")
    if not (day.isdigit() and month.isdigit() and year.isdigit()):
        raise RowError(column, text, "not a day as dd.mm.yyyy")
    try:
        return from_ymd(int(year), int(month), int(day))
    except DateError as error:
        raise RowError(column, text, "not a day that exists") from error


def _parts(record: Record, column: str) -> list[str]:
    return [part.strip() for part in record[column].split(";")]


def _countries(number: int, column: str, cell: str) -> tuple[tuple[str, ...], list[RowProblem]]:
    """Return the codes in a country cell, and its regions. Raises RowError for anything else."""
    code = resolve_country(cell)
    if code is not None:
        return (code,), []
    resolved = resolve_all(cell, ",")
    problems = []
    for text in resolved.unresolved:
        if not codes.is_region(text):
            raise RowError(column, text, "no country is known by this name")
        problems.append(RowProblem(number, column, text, "a region, not a country: left out"))
    return resolved.codes, problems


def _initiators(number: int, record: Record) -> tuple[tuple[Initiator, ...], list[RowProblem]]:
    """Return the settled initiators, each once, unknown where none is a country."""
    columns = [
        _parts(record, c)
        for c in ("initiator_country", "initiator_category", "initiator_subcategory")
    ]
    names = _parts(record, "initiator_name")
    if len(names) != len(columns[0]):
        names = [""] * len(columns[0])
    found: dict[Initiator, None] = {}
    problems: list[RowProblem] = []
    for country, category, subcategory, name in zip_longest(*columns, names, fillvalue=""):
        kind = codes.initiator_kind(category, subcategory)
        organ = "" if name in codes.NAMELESS else name
        at, regions = _countries(number, "initiator_country", country)
        problems += regions
        for code in at or (UNKNOWN_COUNTRY,):
            found[Initiator(code, kind, organ)] = None
    return tuple(found), problems


def _receivers(
    number: int, record: Record, rows: Sequence[Record] | None
) -> tuple[tuple[str, ...], tuple[str, ...], list[RowProblem]]:
    """Return receiver codes and target kinds, from the receiver table where it has the incident."""
    problems: list[RowProblem] = []
    if rows:
        triples = [(r["country"], r["category"], r["subcategory"]) for r in rows]
    else:
        columns = ("receiver_country", "receiver_category", "receiver_subcategory")
        for column in columns:
            if len(record[column]) >= CELL_LIMIT - 1:
                reason = f"the cell was cut at {CELL_LIMIT} characters; the receiver table has all"
                problems.append(RowProblem(number, column, record[column][-40:], reason))
        parts = [_parts(record, column) for column in columns]
        triples = [(a, b, c) for a, b, c in zip_longest(*parts, fillvalue="")]
    found: dict[str, None] = {}
    kinds: set[str] = set()
    for country, category, subcategory in dict.fromkeys(triples):
        kinds.update(codes.target_kinds(category, subcategory))
        if country:
            at, regions = _countries(number, "receiver_country", country)
            found.update(dict.fromkeys(at))
            problems += regions
    known = [code for code in found if code != UNKNOWN_COUNTRY] or [UNKNOWN_COUNTRY]
    return tuple(known), codes.sorted_targets(kinds), list(dict.fromkeys(problems))


def _attributions(
    number: int, rows: Sequence[Record]
) -> tuple[tuple[Attribution, ...], list[RowProblem]]:
    """Return the claims of an incident, each once."""
    found: dict[Attribution, None] = {}
    problems = []
    for row in rows:
        basis, statement = row["attribution_basis"], row["attribution_type"]
        if basis in codes.MISSING and statement in codes.MISSING:
            continue
        try:
            when = _claimed_on(row)
        except (DateError, ValueError):
            when = UNKNOWN
            text = "-".join(row[f"attribution_{p}"] for p in ("year", "month", "day"))
            problems.append(
                RowProblem(number, "attribution_date", text, "not a day that exists: left out")
            )
        country = resolve_country(row["attributing_country"].split(",")[0]) or ""
        country = "" if country.startswith("X-") else country
        named = (row["attributing_company"], row["attributing_actor"], row["attributing_country"])
        claimant = next((n for n in named if n not in codes.NAMELESS), "")
        accused = resolve_all(row["initiator_country"], ",").codes or (UNKNOWN_COUNTRY,)
        settled = "" if row["settled_attribution"] == "True" else "not settled"
        given = "" if statement in codes.MISSING else statement
        for code in accused:
            claim = Attribution(
                claimant, codes.claimant_kind(basis, statement, country), country, code, when,
                "; ".join(part for part in (given, settled) if part),
            )  # fmt: skip
            found[claim] = None
    return tuple(found), problems


def _claimed_on(row: Record) -> ImpreciseDate:
    """Return when a claim was made, as finely as given. Raises DateError or ValueError."""
    parts = [row[f"attribution_{p}"].removesuffix(".0") for p in ("year", "month", "day")]
    if not parts[0]:
        return UNKNOWN
    month = int(parts[1]) if parts[1] else None
    return from_ymd(int(parts[0]), month, int(parts[2]) if parts[2] and month else None)
