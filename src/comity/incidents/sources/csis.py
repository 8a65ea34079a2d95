"""Read Significant Cyber Incidents, the list of a Washington think tank, CSIS.

The Center for Strategic and International Studies publishes a page and a PDF: months, and under
each some paragraphs. The file read here is that list as a table with the columns `report_year`,
`report_month`, `text`, one row an incident.

- The month is of the **report**. It is kept as `reported`; the start is only known not to be later
  (`../2019-07`). Five of the oldest entries have a year and no month.
- There is no identifier and no name: the id is the date of the report and eight digits of the hash
  of the text, the name its first words. A paragraph told twice in a month is set aside the second
  time.
- The foot of the PDF's pages ("Center for Strategic and International Studies (CSIS) | Washington,
  D.C.") has got into many texts, at the end or in the middle, and words parted at the end of a line
  are still parted ("state- sponsored"). The foot is taken out, the words are joined. Nothing else
  of the text is changed.
- **The list codes nothing.** Who acted and who was hit is in the prose, and is read from it by the
  rules of `prose`. Each such reading is flagged with the words it rests on, and the release says so
  (`extracted`): it is Comity's reading, never CSIS's coding. Where no rule holds, it is unknown.
  An initiator's kind is "state-affiliated" where the words say so, else unknown.
- Targets, effects, objectives and severity stay unknown.
- Some paragraphs are no incident (a law, an indictment) or several. They are not told apart.

How good the reading is: 100 rows of the copy of March 2026, drawn by chance, were labelled by hand
before the rules were written; the rules were then mended on other rows only. Of 56 initiators read
53 were right, of 59 to be found 53 were (precision 0.95, recall 0.90); of 86 receivers read 79, of
98 to be found 79 (0.92, 0.81). One person labelled and wrote the rules, so these are upper bounds.
What is missed is mostly what only knowledge of the world tells, such as where a firm has its seat.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from comity.countries import UNKNOWN as UNKNOWN_COUNTRY
from comity.dates import UNKNOWN, ImpreciseDate, from_ymd, parse_date
from comity.errors import DateError
from comity.incidents.model import Incident, Initiator, ListRelease
from comity.incidents.sources.prose import read_roles
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

TITLE = "Significant Cyber Incidents"
REQUIRED = ("report_year", "report_month", "text")
NAME_WORDS = 12
FOOT = re.compile(r"Center for Strategic and International Studies \(CSIS\) \| Washington, D\.C\.")
EXTRACTED = "read from the list's words by rule, not the list's own coding"

RELEASE = ListRelease(
    list="csis",
    release="",
    title=TITLE,
    publisher="Center for Strategic and International Studies",
    licence="none stated",
    redistributable=False,
    address=(
        "https://www.csis.org/programs/strategic-technologies-program/significant-cyber-incidents"
    ),
    citation=(
        "Center for Strategic and International Studies, Strategic Technologies Program, "
        "Significant Cyber Incidents."
    ),
    covers_from=parse_date("2003"),
    has_report_dates=True,
    dates_typed_as_days=False,
    note=(
        "The list dates reports to the month; starts are unknown but not later. It codes neither "
        f"initiators nor receivers: those here are {EXTRACTED}, and each is flagged."
    ),
    extracted="initiators, receivers",
)


def read_csis(path: Path) -> ReadResult:
    """Return the incidents of CSIS's list. Raises SourceError."""
    sheet = choose_sheet(path, REQUIRED, TITLE)
    rows = read_rows(sheet.numbered(), _incident)
    last = max((i.reported.text for _, i in rows.numbered if i.reported.latest), default="")
    named = re.search(r"20\d\d-\d\d(?:-\d\d)?", path.name)
    release = replace(
        RELEASE,
        release=named.group() if named else last or "unknown",
        covers_to=parse_date(last),
        closed_on=parse_date(last),
        sha256=sha256_of(path),
    )
    return result_of(release, rows, len(sheet.rows))


def _incident(number: int, row: SheetRow) -> tuple[Incident, list[RowProblem]]:
    """Return one paragraph as an incident, and what was read from its words. Raises RowError."""
    cells, record = row
    reported = _month(record)
    text = clean_text(record["text"])
    if not text:
        raise RowError("text", record["text"], "the row tells nothing")
    words = text.split()
    roles = read_roles(text)
    problems = [
        RowProblem(number, "text", extract.words, f"{role} {extract.code} {EXTRACTED}")
        for role, found in (("initiator", roles.initiators), ("receiver", roles.receivers))
        for extract in found
    ]
    incident = Incident(
        list=RELEASE.list,
        release="",
        id=f"{reported.text}-{row_hash([text])[:8]}",
        name=" ".join(words[:NAME_WORDS]) + ("…" if len(words) > NAME_WORDS else ""),
        start=parse_date(f"../{reported.text}"),
        end=UNKNOWN,
        reported=reported,
        initiators=tuple(
            Initiator(e.code, "state-affiliated" if e.of_state else "unknown")
            for e in roles.initiators
        ) or (Initiator(UNKNOWN_COUNTRY, "unknown"),),
        receivers=tuple(e.code for e in roles.receivers) or (UNKNOWN_COUNTRY,),
        targets=("unknown",),
        effects=(),
        objectives=("unknown",),
        row_hash=row_hash(cells),
        description=described(text),
    )  # fmt: skip
    return incident, problems


def clean_text(text: str) -> str:
    """Return a paragraph without the page foot, words parted at the end of a line joined."""
    whole = " ".join(FOOT.sub(" ", text).split())
    return re.sub(r"(?<=[a-z])- (?=[a-z])(?!(?:and|or|to)\b)", "-", whole)


def _month(record: Mapping[str, str]) -> ImpreciseDate:
    """Return the month of the report, or its year. Raises RowError."""
    year, month = (record[c].removesuffix(".0") for c in ("report_year", "report_month"))
    if not year.isdigit():
        raise RowError("report_year", year, "not a year")
    if month and not month.isdigit():
        raise RowError("report_month", month, "not a month as a number")
    try:
        return from_ymd(int(year), int(month) if month else None)
    except DateError as error:
        raise RowError("report_month", f"{year}-{month}", "not a month that exists") from error
