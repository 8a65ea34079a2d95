"""Read the campaigns of MITRE ATT&CK from a table of them (CSV).

ATT&CK publishes its campaigns as STIX and as a workbook; the file read here has one row a campaign
with `id`, `name`, `first_seen`, `last_seen`, `attributed_to`, `created`, `revoked`, `description`.

- `first_seen` and `last_seen` are typed as moments, all on the first of a month at midnight
  somewhere west or east of Greenwich (`2019-09-01T04:00:00Z`, `2023-01-31T23:00:00Z`). Its pages
  show month and year: the month is what is kept, of the nearest midnight, and no day.
- `created` is when ATT&CK took the campaign in, often years later: it is no date of report, and
  `reported` is unknown.
- `attributed_to` names groups of ATT&CK, parted by `|`, never a country. The group is the organ;
  its country is looked up in Comity's actor table and taken only where all claims there agree. Each
  is flagged, and the release says so (`extracted`): it is not ATT&CK's own coding.
- Receivers, targets, effects and objectives are in the prose or nowhere, and stay unknown.
- A campaign that is revoked is set aside. Links and citations are taken out of the description.
- It is a catalogue of what is instructive, not of all there was: its counts are no counts of
  conduct.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from comity.countries import UNKNOWN as UNKNOWN_COUNTRY
from comity.dates import UNKNOWN, ImpreciseDate, from_ymd, parse_date
from comity.errors import DateError
from comity.incidents.actors import load_actors
from comity.incidents.model import Incident, Initiator, ListRelease
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

TITLE = "MITRE ATT&CK campaigns"
REQUIRED = ("id", "name", "first_seen", "last_seen", "attributed_to", "revoked", "description")
BY_TABLE = "by Comity's actor table, not the list's own coding"

RELEASE = ListRelease(
    list="attack",
    release="",
    title=TITLE,
    publisher="The MITRE Corporation",
    licence="ATT&CK terms of use",
    redistributable=True,
    address="https://attack.mitre.org/campaigns/",
    citation=(
        "MITRE ATT&CK, campaigns. This work is reproduced and distributed with the permission of "
        "The MITRE Corporation."
    ),
    dates_typed_as_days=False,
    note=(
        "First and last seen, to the month. Countries of initiators are those of the groups named, "
        f"{BY_TABLE}. Receivers are not coded. A catalogue of instructive campaigns."
    ),
    extracted="initiators",
)


def read_attack(path: Path) -> ReadResult:
    """Return the campaigns of a table of ATT&CK's. Raises SourceError."""
    sheet = choose_sheet(path, REQUIRED, TITLE)
    rows = read_rows(sheet.numbered(), _incident)
    entered = max((r.get("created", "")[:10] for r in sheet.records()), default="")
    closed = parse_date(entered) if re.fullmatch(r"\d{4}-\d\d-\d\d", entered) else UNKNOWN
    release = replace(
        RELEASE, release=closed.text or "unknown", covers_to=closed, closed_on=closed,
        sha256=sha256_of(path),
    )  # fmt: skip
    return result_of(release, rows, len(sheet.rows))


def _incident(number: int, row: SheetRow) -> tuple[Incident, list[RowProblem]]:
    """Return one campaign, and what was looked up for it. Raises RowError."""
    cells, record = row
    if not record["id"]:
        raise RowError("id", "", "the campaign has no id")
    if record["revoked"].lower() == "true":
        raise RowError("revoked", record["revoked"], "ATT&CK has revoked the campaign")
    start, end = seen_in(record, "first_seen"), seen_in(record, "last_seen")
    if end.latest is not None and start.earliest is not None and end.latest < start.earliest:
        raise RowError("last_seen", end.text, f"the end is before the start, {start.text}")
    groups = [g.strip() for g in record["attributed_to"].split("|") if g.strip()]
    initiators, problems = by_groups(number, "attributed_to", groups)
    incident = Incident(
        list=RELEASE.list,
        release="",
        id=record["id"],
        name=record["name"] or record["id"],
        start=start,
        end=end,
        reported=UNKNOWN,
        initiators=initiators,
        receivers=(UNKNOWN_COUNTRY,),
        targets=("unknown",),
        effects=(),
        objectives=("unknown",),
        sources=(f"https://attack.mitre.org/campaigns/{record['id']}/",),
        row_hash=row_hash(cells),
        description=described(without_links(record["description"])),
    )
    return incident, problems


def by_groups(
    number: int, column: str, groups: list[str]
) -> tuple[tuple[Initiator, ...], list[RowProblem]]:
    """Return initiators for the names of groups: each with its country where the actor table has
    one, each such country flagged, and each group without one too."""
    found, problems = [], []
    for group in groups:
        known = load_actors().find(group)
        code = known.country
        kind = "state-affiliated" if code and known.sponsored else "unknown"
        found.append(Initiator(code or UNKNOWN_COUNTRY, kind, group))
        if code:
            reason = f"initiator {code} {BY_TABLE}"
        elif known.countries:
            reason = f"claims name {', '.join(known.countries)}: the initiator stays unknown"
        else:
            reason = "the actor table has no country for it: the initiator stays unknown"
        problems.append(RowProblem(number, column, group, reason))
    return tuple(found) or (Initiator(UNKNOWN_COUNTRY, "unknown"),), problems


def seen_in(record: Mapping[str, str], column: str) -> ImpreciseDate:
    """Return the month of a moment, that of the nearest midnight; unknown where empty.

    Raises RowError.
    """
    text = record[column]
    if not text:
        return UNKNOWN
    try:
        moment = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
        day = (moment + dt.timedelta(hours=12)).date()
        return from_ymd(day.year, day.month)
    except (ValueError, OverflowError, DateError) as error:
        raise RowError(column, text, "not a moment as 2019-09-01T04:00:00Z") from error


def without_links(text: str) -> str:
    """Return Markdown without its links and citations.

    >>> without_links("[X](https://a.example) hit Y.(Citation: Z 2020)")
    'X hit Y.'
    """
    return re.sub(r"\(Citation:[^)]*\)", "", re.sub(r"\[([^\]]*)\]\([^)\s]*\)", r"\1", text))
