"""Small files in the publishers' forms, every row written by hand."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

DCID_COLUMNS = (
    "Cyberincidentnum", "Dyadpair", "StateA", "StateB", "Name", "interactionstartdate",
    "interactionenddate", "method", "targettype", "initiator", "cyber_objective",
    "information_operation", "objective_achievement", "Concession ", "3rdpartyinitiator",
    "severity", "damage type", "Crit Inf", "Supply Ch", "Ransomware", "Political Objective",
    "Sources1", "Sources2", "Sources3", "Sources4", "Sources5", "Justice", "Cert", "FBI",
)  # fmt: skip
DCID_ROW: Mapping[str, Any] = {
    "Cyberincidentnum": 1, "Dyadpair": 2710, "StateA": "US ", "StateB": "China",
    "Name": "Paper Lantern", "interactionstartdate": dt.datetime(2014, 5, 6),
    "interactionenddate": dt.datetime(2014, 8, 1), "method": 4.2, "targettype": 1,
    "initiator": 710, "cyber_objective": 3, "information_operation": 0, "3rdpartyinitiator": 0,
    "severity": 4, "Crit Inf": 0, "Ransomware": 0, "Sources1": "https://news.example/lantern",
}  # fmt: skip

GLOBAL_COLUMNS = (
    "incident_id", "name", "description", "start_date", "end_date", "incident_type",
    "receiver_name", "receiver_country", "receiver_category", "receiver_subcategory",
    "initiator_name", "initiator_country", "initiator_category", "initiator_subcategory",
    "initiator_country", "initiator_category", "weighted_intensity", "mitre_impact", "source_url",
    "added_to_db",
)  # fmt: skip
GLOBAL_ROW: Mapping[str, Any] = {
    "incident_id": "7", "name": "Paper Lantern", "start_date": "06.05.2014",
    "end_date": "Not available", "incident_type": "Data theft", "receiver_name": "A firm",
    "receiver_country": "United States", "receiver_category": "Corporate Targets (corporate "
    "targets only coded if the respective company is not part of the critical infrastructure "
    "definition)", "receiver_subcategory": "", "initiator_name": "A unit",
    "initiator_country": "China", "initiator_category": "State", "initiator_subcategory": "",
    "weighted_intensity": "3.0", "mitre_impact": "Not available",
    "source_url": "https://news.example/lantern", "added_to_db": "2022-08-15",
}  # fmt: skip

CFR_COLUMNS = (
    "Title", "Date", "Affiliations", "Description", "Response", "Victims", "Sponsor", "Type",
    "Category", "Sources_1", "Sources_2", "Sources_3",
)  # fmt: skip
CFR_ROW: Mapping[str, Any] = {
    "Title": "Paper Lantern", "Date": "5/19/2014", "Affiliations": "A unit",
    "Victims": "United States, a steel firm", "Sponsor": "China", "Type": "Espionage",
    "Category": "Private sector", "Sources_1": "https://news.example/lantern",
}  # fmt: skip


def cells_of(columns: Sequence[str], row: Mapping[str, Any]) -> list[Any]:
    """Return a row's cells; of a column that appears twice only the first is filled."""
    left = dict(row)
    return [left.pop(column, None) for column in columns]


def workbook(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Path:
    """Write rows to the only sheet of an Excel file."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(columns))
    for row in rows:
        sheet.append(cells_of(columns, row))
    book.save(path)
    return path


def csv_file(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Path:
    """Write rows to a CSV file in UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(cells_of(columns, row) for row in rows)
    return path


def dcid(folder: Path, *changes: Mapping[str, Any]) -> Path:
    """Write a DCID workbook with one row for each mapping of changes to the usual row."""
    rows = [{**DCID_ROW, "Cyberincidentnum": n, **c} for n, c in enumerate(changes or ({},), 1)]
    return workbook(folder / "DCID.xlsx", DCID_COLUMNS, rows)


def eurepoc(folder: Path, *changes: Mapping[str, Any]) -> Path:
    """Write EuRepoC's global workbook, likewise."""
    rows = [{**GLOBAL_ROW, "incident_id": str(n), **c} for n, c in enumerate(changes or ({},), 1)]
    return workbook(folder / "eurepoc_global.xlsx", GLOBAL_COLUMNS, rows)


def cfr(folder: Path, *changes: Mapping[str, Any]) -> Path:
    """Write a release of CFR's tracker, likewise."""
    path = folder / "cyber-operations-incidents_2023-04.csv"
    return csv_file(path, CFR_COLUMNS, [{**CFR_ROW, **c} for c in changes or ({},)])
