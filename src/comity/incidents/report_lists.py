"""Lists of published reports in the user's store: no incidents, but what links incidents of lists.

    HOME/evidence/reports/NAME.json   one list: its release, its reports, what was set aside

A report is evidence that two lists mean the same operation, where both cite its address. It is in
no table of incidents and in no count. A file is replaced in one step, under the store's lock.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from comity.dates import parse_date
from comity.errors import StoreError
from comity.incidents.model import ListRelease, Report
from comity.incidents.releases import release_from_record, release_to_record
from comity.incidents.sources.result import RowProblem
from comity.storage import home as usual_home
from comity.storage import locked, refused, write_whole

REPORTS_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class ReportList:
    """One list of reports as read: reports + rows set aside = rows in the file."""

    release: ListRelease
    reports: tuple[Report, ...]
    aside: tuple[RowProblem, ...]
    rows_in_file: int


def _folder(home: Path | None) -> Path:
    return (home or usual_home()) / "evidence" / "reports"


def report_lists(home: Path | None = None) -> Mapping[str, ReportList]:
    """Return the lists of reports in the store by name; a store without any has none.

    Raises StoreError where one is damaged.
    """
    folder = _folder(home)
    try:
        paths = sorted(p for p in folder.glob("*.json") if not p.name.startswith("."))
    except OSError:
        return {}
    return {path.stem: _read(path) for path in paths}


def stored_reports(home: Path | None = None) -> tuple[Report, ...]:
    """Return every report in the store, list by list. Raises StoreError where one is damaged."""
    return tuple(report for one in report_lists(home).values() for report in one.reports)


def add_report_list(
    result: ReportList, home: Path | None = None, now: dt.datetime | None = None
) -> ReportList:
    """Put a list of reports into the store, in place of an older release; return it as stored.

    `now` is the time recorded. Raises StoreError where the store cannot be written; it is then
    unchanged.
    """
    stamp = (now or dt.datetime.now(dt.UTC)).replace(microsecond=0).isoformat()
    stored = replace(result, release=replace(result.release, added=stamp))
    record = {"schema": REPORTS_VERSION} | report_list_to_record(stored)
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    folder = _folder(home)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder.parent / ".lock"):
            write_whole(folder / f"{stored.release.list}.json", text.encode())
    except OSError as error:
        raise refused(f"The evidence store at {folder.parent}", error) from error
    return stored


def remove_reports(name: str, home: Path | None = None) -> ReportList:
    """Take a list of reports out of the store and return what it was. Raises StoreError."""
    held = report_lists(home).get(name)
    if held is None:
        raise StoreError(f"There is no list of reports {name!r} among those you added.")
    folder = _folder(home)
    try:
        with locked(folder.parent / ".lock"):
            (folder / f"{name}.json").unlink(missing_ok=True)
    except OSError as error:
        raise refused(f"The evidence store at {folder.parent}", error) from error
    return held


def report_list_to_record(one: ReportList) -> dict[str, Any]:
    """Return a list of reports as JSON-ready fields."""
    return {
        "release": release_to_record(one.release),
        "rows_in_file": one.rows_in_file,
        "reports": [{**asdict(r), "date": r.date.text} for r in one.reports],
        "aside": [asdict(problem) for problem in one.aside],
    }


def report_list_from_record(record: Mapping[str, Any]) -> ReportList:
    """Return the list of reports that a record holds. Raises ValueError, KeyError or TypeError."""
    return ReportList(
        release_from_record(record["release"]),
        tuple(_report(one) for one in record["reports"]),
        tuple(RowProblem(**one) for one in record["aside"]),
        int(record["rows_in_file"]),
    )


def _read(path: Path) -> ReportList:
    """Return one list of the store. Raises StoreError where its file is damaged."""
    try:
        data = json.loads(path.read_text("utf-8"))
        if data["schema"] != REPORTS_VERSION:
            raise ValueError(f"schema {data['schema']!r}, this Comity reads {REPORTS_VERSION!r}")
        release = release_from_record(data["release"])
        if release.list != path.stem:
            raise ValueError(f"it is of the list {release.list!r}")
        return report_list_from_record(data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            f"The list of reports {path} is damaged ({type(error).__name__}: {error}). Move it "
            "away and add it again with `comity evidence add`."
        ) from error


def _report(record: Mapping[str, Any]) -> Report:
    """Return a stored report. Raises ValueError, KeyError or TypeError where it is damaged."""
    return Report(**{**record, "date": parse_date(record["date"])})
