"""Read APTnotes, an index of published reports about targeted attacks, from its CSV.

APTnotes lists reports of companies and others: `Filename`, `Title`, `Source`, `Link`, `SHA-1`,
`Date`, `Year`. They are **reports, not incidents**: one tells of several operations or of none, so
they go to the store's lists of reports and never into the table of incidents.

- `Date` (month/day/year) is the day of the report; `Year` repeats it. A row in which the two differ
  is set aside.
- `Link` is the index's own copy of the report, not where it was published: it links two lists only
  where a list cites that copy. It is kept if it is an http(s) address, else the report has none.
- The id is the SHA-1 of the copy, or the file's name where there is none. A copy that is listed
  twice is set aside the second time.
- The index is thin after 2017, and its coverage is nowhere stated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from comity.dates import UNKNOWN, ImpreciseDate, from_ymd
from comity.errors import DateError, SourceError
from comity.incidents.model import ListRelease, Report
from comity.incidents.report_lists import ReportList
from comity.incidents.sources.result import RowError, RowProblem, described
from comity.incidents.sources.sheets import choose_sheet
from comity.provenance import is_web_address, sha256_of

TITLE = "APTnotes"
REQUIRED = ("Filename", "Title", "Source", "Link", "SHA-1", "Date", "Year")

RELEASE = ListRelease(
    list="aptnotes",
    release="",
    title=TITLE,
    publisher="APTnotes contributors",
    licence="none stated",
    redistributable=False,
    address="https://github.com/aptnotes/data",
    citation="APTnotes.",
    has_report_dates=True,
    dates_typed_as_days=False,
    note="An index of reports: no incidents, in no count.",
)


def read_aptnotes(path: Path) -> ReportList:
    """Return the reports of the index. Raises SourceError."""
    sheet = choose_sheet(path, REQUIRED, TITLE)
    reports: dict[str, Report] = {}
    aside: list[RowProblem] = []
    for number, record in zip(sheet.numbers, sheet.records(), strict=True):
        try:
            report = _report(record)
            if report.id in reports:
                raise RowError("SHA-1", report.id, "the same report is listed above")
            reports[report.id] = report
        except RowError as error:
            aside.append(error.at(number))
    if not reports:
        raise SourceError(f"{TITLE}: none of the {len(sheet.rows)} rows could be read.")
    last = max((r.date for r in reports.values() if r.date.known), key=lambda d: d.text,
               default=UNKNOWN)  # fmt: skip
    release = replace(
        RELEASE, release=last.text or "unknown", covers_to=last, closed_on=last,
        sha256=sha256_of(path), rows_in_file=len(sheet.rows), rows_aside=len(aside),
    )  # fmt: skip
    return ReportList(release, tuple(reports.values()), tuple(aside), len(sheet.rows))


def _report(record: Mapping[str, str]) -> Report:
    """Return one report. Raises RowError."""
    title = described(record["Title"])
    if not title:
        raise RowError("Title", "", "the report has no title")
    key = record["SHA-1"].lower() or record["Filename"]
    if not key:
        raise RowError("SHA-1", "", "the report has neither a SHA-1 nor a file's name")
    date = _day(record)
    address = record["Link"] if is_web_address(record["Link"]) else ""
    return Report(RELEASE.list, key, title, described(record["Source"]), address, date)


def _day(record: Mapping[str, str]) -> ImpreciseDate:
    """Return `Date` as a day, its year alone where there is no day. Raises RowError."""
    text, year = record["Date"], record["Year"].removesuffix(".0")
    try:
        if not text:
            return from_ymd(int(year)) if year else UNKNOWN
        month, day, found = (int(part) for part in text.split("/"))
        date = from_ymd(found, month, day)
    except (ValueError, DateError) as error:
        raise RowError("Date", text or year, "not a day as month/day/year") from error
    if year and year != str(found):
        raise RowError("Year", year, f"the date is in {found}")
    return date
