"""Read DCID 2.0, the Dyadic Cyber Incident and Campaign Data, from its publisher's workbook.

Maness, Valeriano, Hedgecock, Macias and Jensen, Harvard Dataverse, doi:10.7910/DVN/CQOMYV; codes
as in the DCID 2.0 codebook (damage type p. 3, method pp. 5-6, target type p. 6, objectives pp. 6-7,
critical infrastructure p. 10). What a reader of the file meets, and what is done about it:

- The February 2023 workbook has two sheets. The first (its name, cut at 31 characters, begins
  `DCID_2.0_Release_public_June_20`) has one row an incident, with end and sources: 429 rows, the
  number the publisher states. The second (`DCID_2.0_Release_update_Februar`) repeats incidents in
  several rows to score the responses to them, without end or source, under other numbers; it is
  no list of incidents and is not read. The sheet is chosen by its columns, not by its place.
- `initiator` is a Correlates of War number; the receiver is the other side of the pair `StateA`,
  `StateB`. A row whose initiator is on neither side is set aside: who was hit cannot be told.
- An end before its start is set aside: which of the two is wrong cannot be told.
- `targettype` 1 private or non-state, 2 government non-military, 3 government military. `Crit Inf`
  1 to 16 are the sectors the United States calls critical, *government facilities* (11) and
  *information technology* (13) among them, so that nine rows in ten have one: it tells little.
  17 is *other* (elections, universities) and 0 none: neither adds "critical-infrastructure".
- `cyber_objective` 1 disruption, 2 and 3 short and long-term espionage, 4 degradation, 5 influence.
- Effects are derived: espionage touches confidentiality; defacement (method 1) and degradation
  integrity; floods of traffic (method 2), disruption other than defacement, degradation and
  ransomware availability; an information operation or influence touches content.
- Every initiator is a state or acts for it by the list's own rule, so the kind is "state".
  `3rdpartyinitiator` says that somebody else, a state (Stuxnet) or a group (Hezbollah), took part
  without saying who: kept as the organ "with a third party", never as another initiator.
- The same operation against two states is two rows (`Duke Series_A`, `_B`). Names that agree up to
  the first of `:`, `/`, `(`, `-`, ` .`, a letter or a number of up to two digits at the end are one
  campaign, named by what they share, if that has five letters and two rows or more.
- Addresses stand alone or several in a cell; remarks and halves of addresses are left out.
- Every date is typed as a day, the first of a month or year far too often (`reading`). There is no
  date of report. `severity` is the list's own scale from 0 to 10.
- Incidents of 2000 to 2020 are what the list sets out to hold (one starts on 2021-01-05 and is
  kept). When its last report was taken in is not stated: its youngest address is of 2021-04-26,
  its sheet is named after June 2022, so it closed between the two.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from comity.countries import from_cow, resolve_country
from comity.dates import UNKNOWN, ImpreciseDate, parse_date
from comity.errors import DateError
from comity.incidents.model import EFFECTS, Incident, Initiator, ListRelease
from comity.incidents.sources.addresses import split_addresses, unique
from comity.incidents.sources.result import (
    ReadResult,
    RowError,
    RowProblem,
    read_rows,
    result_of,
    row_hash,
)
from comity.incidents.sources.sheets import SheetRow, choose_sheet
from comity.provenance import sha256_of

TITLE = "Dyadic Cyber Incident and Campaign Data 2.0"
REQUIRED = (
    "Cyberincidentnum", "StateA", "StateB", "Name", "interactionstartdate", "interactionenddate",
    "method", "targettype", "initiator", "cyber_objective", "information_operation",
    "3rdpartyinitiator", "severity", "Crit Inf", "Ransomware", "Sources1",
)  # fmt: skip
ADDRESS_COLUMNS = (
    "Sources1", "Sources2", "Sources3", "Sources4", "Sources5", "Justice", "Cert", "FBI",
)  # fmt: skip

TARGET_TYPES: Mapping[str, str] = {"1": "private", "2": "government", "3": "military"}
OBJECTIVE_CODES: Mapping[str, str] = {
    "1": "disruption", "2": "espionage", "3": "espionage", "4": "degradation", "5": "influence",
}  # fmt: skip
CRITICAL_SECTORS = frozenset(str(code) for code in range(1, 17))
THIRD_PARTY = "with a third party"

RELEASE = ListRelease(
    list="dcid",
    release="2.0 (February 2023)",
    title=TITLE,
    publisher="Maness, Valeriano, Hedgecock, Macias, Jensen (Harvard Dataverse)",
    licence="CC0-1.0",
    redistributable=True,
    address="https://doi.org/10.7910/DVN/CQOMYV",
    citation=(
        "Maness, Ryan C., Brandon Valeriano, Kathryn Hedgecock, Jose M. Macias and Benjamin "
        "Jensen. 2023. Expanding the Dyadic Cyber Incident and Campaign Dataset (DCID): Cyber "
        "Conflict from 2000 to 2020. The Cyber Defense Review 8 (2): 65-90. Data: Harvard "
        "Dataverse, doi:10.7910/DVN/CQOMYV."
    ),
    covers_from=parse_date("2000"),
    covers_to=parse_date("2020"),
    closed_on=parse_date("2021-04-26/2022-06"),
    dates_typed_as_days=True,
    severity_scale="0 to 10, DCID severity",
    note=(
        "Incidents between rival states only. No dates of report. When the last report was taken "
        "in is not stated; the bounds are the youngest address in the list and the date in the "
        "name of its sheet, the year of which is cut there and taken from the publisher's release."
    ),
)

_SERIES = re.compile(r"\s*(?:[:/(\-]|\s\.|[_ ][A-Z]\s*$|[_ ]#?\d{1,2}\s*$).*$")


def read_dcid(path: Path) -> ReadResult:
    """Return the incidents of DCID 2.0's workbook. Raises SourceError."""
    from dataclasses import replace

    sheet = choose_sheet(path, REQUIRED, TITLE)
    campaigns = campaigns_of([record["Name"] for record in sheet.records()])

    def read_one(number: int, row: SheetRow) -> tuple[Incident, list[RowProblem]]:
        cells, record = row
        addresses, problems = _addresses(number, record)
        campaign = campaigns.get(record["Name"], "")
        return _incident(record, campaign, addresses, row_hash(cells)), problems

    release = replace(RELEASE, sha256=sha256_of(path))
    return result_of(release, read_rows(sheet.numbered(), read_one), len(sheet.rows))


def _incident(
    record: Mapping[str, str], campaign: str, addresses: tuple[str, ...], digest: str
) -> Incident:
    initiator, receiver = _pair(record)
    start, end = _dates(record)
    objective = _coded(record, "cyber_objective", OBJECTIVE_CODES)
    targets = [_coded(record, "targettype", TARGET_TYPES)]
    if record["Crit Inf"] in CRITICAL_SECTORS:
        targets.append("critical-infrastructure")
    if not record["Cyberincidentnum"]:
        raise RowError("Cyberincidentnum", "", "the incident has no number")
    return Incident(
        list=RELEASE.list,
        release=RELEASE.release,
        id=record["Cyberincidentnum"],
        name=record["Name"],
        start=start,
        end=end,
        reported=UNKNOWN,
        initiators=(
            Initiator(
                initiator, "state", THIRD_PARTY if record["3rdpartyinitiator"] == "1" else ""
            ),
        ),
        receivers=(receiver,),
        targets=tuple(targets),
        effects=_effects(record, objective),
        objectives=(objective,),
        severity=_severity(record["severity"]),
        campaign=campaign,
        sources=addresses,
        row_hash=digest,
    )


def _coded(record: Mapping[str, str], column: str, codes: Mapping[str, str]) -> str:
    code = codes.get(record[column])
    if code is None:
        raise RowError(column, record[column], f"the codebook has only {', '.join(codes)}")
    return code


def _pair(record: Mapping[str, str]) -> tuple[str, str]:
    """Return initiator and receiver. Raises RowError where either is not known."""
    sides = []
    for column in ("StateA", "StateB"):
        code = resolve_country(record[column])
        if code is None:
            raise RowError(column, record[column], "no country is known by this name")
        sides.append(code)
    number = record["initiator"]
    initiator = from_cow(int(number)) if number.isdigit() else None
    if initiator is None:
        raise RowError("initiator", number, "no country has this Correlates of War number")
    if initiator not in sides:
        pair = f"{record['StateA']} and {record['StateB']}"
        reason = f"the initiator is not of the pair {pair}, so the receiver cannot be told"
        raise RowError("initiator", number, reason)
    return initiator, sides[1] if initiator == sides[0] else sides[0]


def _dates(record: Mapping[str, str]) -> tuple[ImpreciseDate, ImpreciseDate]:
    """Return start and end as typed. Raises RowError for no start, no such day, a wrong order."""
    dates = []
    for column in ("interactionstartdate", "interactionenddate"):
        typed = record[column].removesuffix(" 00:00:00")
        try:
            dates.append(parse_date(typed))
        except DateError as error:
            raise RowError(column, typed, f"not a day that exists: {error}") from error
    start, end = dates
    if not start.known:
        raise RowError("interactionstartdate", record["interactionstartdate"], "there is no start")
    if end.latest is not None and start.earliest is not None and end.latest < start.earliest:
        reason = f"the end is before the start, {start.text}"
        raise RowError("interactionenddate", end.text, reason)
    return start, end


def _effects(record: Mapping[str, str], objective: str) -> tuple[str, ...]:
    """Return what was done to information, by the rule in this module's head."""
    defaced = record["method"].startswith("1")
    found = set()
    if objective == "espionage":
        found.add("confidentiality")
    if defaced or objective == "degradation":
        found.add("integrity")
    if (
        record["method"].startswith("2")
        or (objective == "disruption" and not defaced)
        or objective == "degradation"
        or record["Ransomware"] == "1"
    ):
        found.add("availability")
    if record["information_operation"] == "1" or objective == "influence":
        found.add("content")
    return tuple(effect for effect in EFFECTS if effect in found)


def _severity(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 10 else None


def _addresses(number: int, record: Mapping[str, str]) -> tuple[tuple[str, ...], list[RowProblem]]:
    """Return a row's addresses, each once, and what its cells hold besides."""
    found: list[str] = []
    problems = []
    for column in ADDRESS_COLUMNS:
        addresses, rest = split_addresses(record.get(column, ""))
        found += addresses
        if rest:
            problems.append(RowProblem(number, column, rest, "not an address: left out"))
    return unique(found), problems


def campaigns_of(names: Sequence[str]) -> dict[str, str]:
    """Return the campaign of each name that shares one, by the rule in this module's head.

    >>> campaigns_of(["Duke Series_A", "Duke Series_B", "Titan Rain"])
    {'Duke Series_A': 'Duke Series', 'Duke Series_B': 'Duke Series'}
    """
    stems = {name: _SERIES.sub("", name.strip()).strip() for name in names}
    rows = Counter(stems[name].lower() for name in names)
    spelt = {stem.lower(): stem for stem in reversed(stems.values())}
    return {
        name: spelt[stem.lower()]
        for name, stem in stems.items()
        if rows[stem.lower()] > 1 and len(stem) >= 5
    }
