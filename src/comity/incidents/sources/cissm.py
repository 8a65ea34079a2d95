"""Read the Cyber Events Database of CISSM, University of Maryland.

The Center for International and Security Studies at Maryland gives it out after registration. What
is read here is a table with the columns `evtDate`, `actor`, `actor_type`, `organization`,
`industry_code`, `industry`, `motive`, `event_type`, `event_subtype`, `description`, `source_url`,
`country`, `actor_country`, whole or in part.

- One row is one organisation hit: one operation against forty firms is forty rows. They are not
  merged, so counts of this list are counts of victims.
- There is no identifier: the id is the day and eight digits of the hash of the row. A row that is
  there twice, cell for cell, is set aside the second time (41 of the copy seen).
- `evtDate` is a day, and hardly drawn to the first of a month (4.6 %, by chance 3.3) or of January
  (0.3 %, as by chance): days are read as days. It is the day of the event as far as the press told
  it, which may be that of the news. It is kept as the start; there is no date of report.
- "Undetermined" is unknown. `actor_type` gives the kind; "Nation-State" is a state. `country` is
  where the organisation hit is, `actor_country` that of the actor.
- `motive` gives the objective where it is espionage or sabotage, `event_type` disruption;
  `event_subtype` the effects. "Industrial-Espionage" is a motive, no claim of commercial use.
- The industry gives the kind of target (`industry`).
- In a row with shifted cells `country` holds an address: it is set aside. An address without its
  beginning ("t.me/...") is left out. A copy that ends within its last row loses that row. Letters
  that were lost in descriptions are not put back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from comity.countries import UNKNOWN as UNKNOWN_COUNTRY
from comity.countries import resolve_country
from comity.dates import UNKNOWN, ImpreciseDate, parse_date
from comity.errors import DateError
from comity.incidents.model import EFFECTS, Incident, Initiator, ListRelease
from comity.incidents.sources.addresses import split_addresses, unique
from comity.incidents.sources.industry import target_of_industry
from comity.incidents.sources.result import (
    ReadResult,
    RowError,
    RowProblem,
    described,
    read_rows,
    result_of,
    row_hash,
)
from comity.incidents.sources.sheets import SheetRow, choose_sheet
from comity.provenance import sha256_of

TITLE = "CISSM Cyber Events Database"
REQUIRED = (
    "evtDate", "actor", "actor_type", "organization", "industry_code", "motive", "event_type",
    "event_subtype", "description", "source_url", "country", "actor_country",
)  # fmt: skip
SPELT: Mapping[str, str] = {  # spellings of this list alone
    "Korea (the Republic of)": "KR", "Korea (the Democratic People's Republic of)": "KP",
    "Moldova (the Republic of)": "MD", "Republic of North Macedonia": "MK",
    "Taiwan (Province of China)": "TW",
}  # fmt: skip
NOT_TOLD = ("", "Undetermined", "Unknown")
KINDS: Mapping[str, str] = {
    "Nation-State": "state", "Criminal": "criminal", "Hacktivist": "other", "Hobbyist": "other",
    "Terrorist": "other",
}  # fmt: skip
MOTIVES: Mapping[str, str] = {
    "Political-Espionage": "espionage", "Industrial-Espionage": "espionage",
    "Espionage": "espionage", "Sabotage": "degradation",
}  # fmt: skip
SUBTYPES: Mapping[str, tuple[str, ...]] = {  # by how the subtype begins
    "Exploitation": ("confidentiality",),
    "Message Manipulation": ("integrity", "content"),
    "External Denial": ("availability",),
    "Internal Denial": ("availability",),
    "Data Attack": ("integrity", "availability"),
    "Physical Attack": ("availability",),
}

RELEASE = ListRelease(
    list="cissm",
    release="",
    title=TITLE,
    publisher="Center for International and Security Studies at Maryland",
    licence="registration required",
    redistributable=False,
    address="https://cissm.umd.edu/cyber-events-database",
    citation="CISSM Cyber Events Database, University of Maryland.",
    covers_from=parse_date("2014"),
    dates_typed_as_days=False,
    note=(
        "One row an organisation hit, not an operation. No dates of report. Covered and closed on "
        "the last day in the file, which may be a part of the database."
    ),
)


def read_cissm(path: Path) -> ReadResult:
    """Return the events of CISSM's database. Raises SourceError."""
    sheet = choose_sheet(path, REQUIRED, TITLE, may_be_cut=True)

    def read_one(number: int, row: SheetRow) -> tuple[Incident, list[RowProblem]]:
        if sheet.cut and number == sheet.numbers[-1]:
            raise RowError("description", "", "the file ends within this row")
        return _incident(number, row[1], row_hash(row[0]))

    rows = read_rows(sheet.numbered(), read_one)
    last = parse_date(max((i.start.text for _, i in rows.numbered), default=""))
    release = replace(
        RELEASE, release=last.text or "unknown", covers_to=last, closed_on=last,
        sha256=sha256_of(path),
    )  # fmt: skip
    return result_of(release, rows, len(sheet.rows))


def _incident(
    number: int, record: Mapping[str, str], digest: str
) -> tuple[Incident, list[RowProblem]]:
    """Return one event and what was left out of it. Raises RowError."""
    day = _day(record)
    addresses, rest = split_addresses(record["source_url"])
    problems = []
    if rest:
        problems.append(RowProblem(number, "source_url", rest, "not an address: left out"))
    actor = record["actor"] if record["actor"] not in NOT_TOLD else ""
    organisation = record["organization"] if record["organization"] not in NOT_TOLD else ""
    kind = KINDS.get(record["actor_type"], "unknown")
    objectives = [MOTIVES[m] for m in _parts(record["motive"]) if m in MOTIVES]
    if record["event_type"] in ("Disruptive", "Mixed") and "degradation" not in objectives:
        objectives.append("disruption")
    effects = {e for part in _parts(record["event_subtype"]) for e in _effects(part)}
    incident = Incident(
        list=RELEASE.list,
        release="",
        id=f"{day.text}-{digest[:8]}",
        name=" / ".join(filter(None, (organisation, actor))) or "unnamed",
        start=day,
        end=UNKNOWN,
        reported=UNKNOWN,
        initiators=(Initiator(_country(record, "actor_country"), kind, actor),),
        receivers=(_country(record, "country"),),
        targets=(target_of_industry(record["industry_code"]),),
        effects=tuple(e for e in EFFECTS if e in effects),
        objectives=unique(objectives) or ("unknown",),
        sources=addresses,
        row_hash=digest,
        description=described(record["description"]),
    )
    return incident, problems


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(",")]


def _effects(subtype: str) -> tuple[str, ...]:
    return next((e for begin, e in SUBTYPES.items() if subtype.startswith(begin)), ())


def _day(record: Mapping[str, str]) -> ImpreciseDate:
    """Return `evtDate` as a day. Raises RowError."""
    text = record["evtDate"].removesuffix(" 00:00:00")
    try:
        day = parse_date(text)
    except DateError as error:
        raise RowError("evtDate", text, "not a day that exists") from error
    if day.earliest is None or day.earliest != day.latest:
        raise RowError("evtDate", text, "not a day as 2019-07-31")
    return day


def _country(record: Mapping[str, str], column: str) -> str:
    """Return the code of a country cell, unknown where it is not told. Raises RowError."""
    name = record[column]
    if name in NOT_TOLD:
        return UNKNOWN_COUNTRY
    code = SPELT.get(name) or resolve_country(name)
    if code is None:
        raise RowError(column, name, "no country is known by this name (are the cells shifted?)")
    return code
