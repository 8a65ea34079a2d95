"""Read the Cyber Operations Tracker of the Council on Foreign Relations (CFR), either release.

The tracker publishes no codebook; its page says that it lists publicly known operations by or for
states. Both releases at hand (2021-04, 2023-04) have the same twelve columns; what they hold:

- `Date` (month/day/year) is when the operation became known: dates fall on the first of a month no
  more often than chance (1 in 30), and operations that lasted for years have one day. It is kept as
  `reported`; the start is only known not to be later (`../2016-05-03`). Rows without it stay,
  undated.
- There is no identifier: the id is the date and the title in short, a number being added where two
  rows agree, so that it is the same in both releases as long as the row is.
- `Victims` is prose. A receiver is taken only where a piece between commas is a country's exact
  name; any other piece ("U.S. government agencies") is left out and flagged, never guessed. Where
  nothing remains the receiver is unknown: counts by receiver are counts of rows that name one.
- `Sponsor` is one country or several, in the spelling of the United Nations; it may be empty. The
  kind is "state-affiliated": the tracker does not tell a state's own organ from a group it backs.
  `Affiliations` is kept as the organ.
- In some rows of 2023 the cells are shifted (a country under `Response`, a type under `Sponsor`).
  They are set aside: putting them back would be guessing.
- In the release of 2023 quotation marks and dashes became `??`, often with the letter that
  followed. In names `??` is put back as an apostrophe where that is plain and is an
  ellipsis elsewhere; the row is flagged.
- Objectives and effects are read from `Type` by the table `TYPES`; `Category` is the targets.
- The file names no coverage: it is from 2005 (the tracker's own statement) to the last `Date`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from comity.countries import UNKNOWN as UNKNOWN_COUNTRY
from comity.countries import resolve_all
from comity.dates import UNKNOWN, ImpreciseDate, from_ymd, parse_date
from comity.errors import DateError
from comity.incidents.model import Incident, Initiator, ListRelease
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
from comity.incidents.sources.sheets import SheetRow, choose_sheet
from comity.provenance import sha256_of

TITLE = "CFR Cyber Operations Tracker"
REQUIRED = (
    "Title", "Date", "Affiliations", "Victims", "Sponsor", "Type", "Category", "Sources_1",
)  # fmt: skip

TYPES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # objectives, effects
    "Espionage": (("espionage",), ("confidentiality",)),
    "Denial of service": (("disruption",), ("availability",)),
    "Sabotage": (("degradation",), ("integrity", "availability")),
    "Data destruction": (("degradation",), ("integrity", "availability")),
    "Defacement": (("disruption",), ("integrity",)),
    "Doxing": (("influence",), ("confidentiality", "content")),
    "Financial Theft": (("unknown",), ("integrity",)),
    "": (("unknown",), ()),
}
CATEGORIES: Mapping[str, str] = {
    "Government": "government",
    "Military": "military",
    "Private sector": "private",
    "Civil society": "civil-society",
}

RELEASE = ListRelease(
    list="cfr",
    release="",
    title=TITLE,
    publisher="Council on Foreign Relations",
    licence="none stated",
    redistributable=False,
    address="https://www.cfr.org/cyber-operations/",
    citation="Council on Foreign Relations, Cyber Operations Tracker.",
    covers_from=parse_date("2005"),
    has_report_dates=True,
    dates_typed_as_days=False,
    note=(
        "Date is read as the date of the report: the start is unknown but not later. Receivers are "
        "only the countries named exactly under Victims. Covered and closed on the last Date."
    ),
)

_LOST = re.compile(r"\?\?+")


def read_cfr(path: Path) -> ReadResult:
    """Return the operations of a release of CFR's tracker. Raises SourceError."""
    sheet = choose_sheet(path, REQUIRED, TITLE)
    records = sheet.records()
    days = sorted(d.text for d in map(_report_day_or_unknown, records) if d.known)
    last = parse_date(days[-1]) if days else UNKNOWN
    named = re.search(r"(20\d\d)[-_](\d\d)(?!\d)", path.name)
    release = replace(
        RELEASE,
        release="-".join(named.groups()) if named else last.text or "unknown",
        covers_to=last,
        closed_on=last,
        sha256=sha256_of(path),
    )
    taken: Counter[str] = Counter()

    def read_one(number: int, row: SheetRow) -> tuple[Incident, list[RowProblem]]:
        incident, problems = _incident(number, row[1], release.release, row_hash(row[0]))
        taken[incident.id] += 1
        if taken[incident.id] > 1:
            incident = replace(incident, id=f"{incident.id}-{taken[incident.id]}")
        return incident, problems

    return result_of(release, read_rows(sheet.numbered(), read_one), len(sheet.rows))


def _incident(
    number: int, record: Mapping[str, str], release: str, digest: str
) -> tuple[Incident, list[RowProblem]]:
    """Return one operation and what was left out of it. Raises RowError."""
    reported = _report_day(record)
    objectives, effects = _typed(record)
    targets = _targets(record)
    sponsors = resolve_all(record["Sponsor"], ",")
    if sponsors.unresolved:
        reason = "no country is known by this name (are the row's cells shifted?)"
        raise RowError("Sponsor", sponsors.unresolved[0], reason)
    name, problems = _name(number, record["Title"])
    victims = resolve_all(record["Victims"], ",;")
    problems += [
        RowProblem(number, "Victims", piece, "not the exact name of a country: left out")
        for piece in victims.unresolved
    ]
    cells = (record.get(column, "") for column in ("Sources_1", "Sources_2", "Sources_3"))
    organ = _LOST.sub("…", record["Affiliations"])
    incident = Incident(
        list=RELEASE.list,
        release=release,
        id=_identifier(reported, name),
        name=name,
        start=parse_date(f"../{reported.text}") if reported.known else UNKNOWN,
        end=UNKNOWN,
        reported=reported,
        initiators=tuple(
            Initiator(code, "state-affiliated", organ) for code in sponsors.codes
        ) or (Initiator(UNKNOWN_COUNTRY, "unknown", organ),),
        receivers=victims.codes or (UNKNOWN_COUNTRY,),
        targets=targets,
        effects=effects,
        objectives=objectives,
        sources=unique(address for cell in cells for address in split_addresses(cell)[0]),
        row_hash=digest,
        description=described(record.get("Description", "")),
    )  # fmt: skip
    return incident, problems


def _report_day(record: Mapping[str, str]) -> ImpreciseDate:
    """Return `Date` as a day, unknown where empty. Raises RowError."""
    text = record["Date"]
    if not text:
        return UNKNOWN
    parts = text.split("/")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        raise RowError("Date", text, "not a day as month/day/year")
    month, day, year = (int(part) for part in parts)
    try:
        return from_ymd(year, month, day)
    except DateError as error:
        raise RowError("Date", text, "not a day that exists") from error


def _report_day_or_unknown(record: Mapping[str, str]) -> ImpreciseDate:
    try:
        return _report_day(record)
    except RowError:
        return UNKNOWN


def _typed(record: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = TYPES.get(record["Type"])
    if found is None:
        allowed = ", ".join(name for name in TYPES if name)
        raise RowError("Type", record["Type"], f"none of {allowed} (are the row's cells shifted?)")
    return found


def _targets(record: Mapping[str, str]) -> tuple[str, ...]:
    kinds = []
    for piece in filter(None, (p.strip() for p in record["Category"].split(","))):
        if piece not in CATEGORIES:
            reason = f"none of {', '.join(CATEGORIES)} (are the row's cells shifted?)"
            raise RowError("Category", piece, reason)
        kinds.append(CATEGORIES[piece])
    return unique(kinds) or ("unknown",)


def _name(number: int, title: str) -> tuple[str, list[RowProblem]]:
    """Return a title with lost characters put back where that is plain, and a note if any were.

    A possessive before a blank had its "s", one after an "s" had none; the rest cannot be told.
    """
    if not title:
        raise RowError("Title", "", "the operation has no title")
    name = re.sub(r"(?<=s)\?\?+(?=[A-Za-z])", "’ ", title)
    name = re.sub(r"(?<=[A-Za-z])\?\?+(?= )", "’s", name)
    name = _LOST.sub("…", name)
    if name == title:
        return name, []
    reason = "characters were lost in the publisher's file; the name is put back in part"
    return name, [RowProblem(number, "Title", title, reason)]


def _identifier(reported: ImpreciseDate, name: str) -> str:
    """Return date and title in lower-case letters, digits and hyphens, the title up to 60."""
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return "-".join(part for part in (reported.text or "undated", words[:60].strip("-")) if part)
