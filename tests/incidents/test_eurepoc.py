"""EuRepoC: rows written by hand, and the publisher's files where they are at hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from comity.dates import Precision
from comity.errors import SourceError
from comity.incidents.model import Incident, incident_from_row
from comity.incidents.sources import eurepoc
from comity.incidents.sources import eurepoc_codes as codes
from comity.incidents.sources.eurepoc import read_eurepoc
from comity.incidents.sources.result import ReadResult

from .conftest import Write

ROW: Mapping[str, str] = {
    "incident_id": "7", "name": "Grey Heron", "start_date": "01.01.2015",
    "end_date": "Not available", "incident_type": "Data theft;Hijacking with Misuse",
    "receiver_name": "Not available;Not available", "receiver_country": "United States;Germany",
    "receiver_category": "Critical infrastructure;State institutions / political system",
    "receiver_subcategory": "Defence industry;Military", "initiator_name": "APT0;Unknown",
    "initiator_country": "China;Iran, Islamic Republic of",
    "initiator_category": "State affiliated actor;Non-state-group",
    "initiator_subcategory": "Not available;Criminal(s)", "weighted_intensity": "4",
    "mitre_impact": "Data Exfiltration", "source_url": "https://a.example/x;https://b.example/y",
    "added_to_db": "2022-08-15 00:00:00",
}  # fmt: skip
CLAIM: Mapping[str, str] = {
    "attribution_id": "1", "incident_id": "7", "attribution_year": "2016",
    "attribution_month": "", "attribution_day": "", "attribution_basis": "Attacker confirms",
    "attribution_type": "Not available", "attributing_country": "Not available",
    "attributing_actor": "Not available", "attributing_company": "Not available",
    "settled_attribution": "True", "initiator_country": "China",
}  # fmt: skip


def csv_of(path: Path, rows: list[Mapping[str, str]]) -> Path:
    lines = [",".join(f'"{c}"' for c in rows[0])]
    lines += [",".join(f'"{c}"' for c in row.values()) for row in rows]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def book(workbook: Write) -> Write:
    """Return a function that writes the global workbook; two column names appear twice in it."""

    def write(*changes: Mapping[str, str]) -> Path:
        header = [*ROW, "initiator_country", "initiator_category"]
        rows = []
        for number, change in enumerate(changes, start=7):
            row = {**ROW, "incident_id": str(number), **change}
            rows.append([*row.values(), "Belgium", "State"])
        return workbook({"Global": [header, *rows]}, "global.xlsx")

    return write


def first(result: ReadResult) -> Incident:
    return incident_from_row(result.table.row(0, named=True))


def test_parallel_cells_go_together(book: Write) -> None:
    incident = first(read_eurepoc([book({})]))
    found = [(i.code, i.kind, i.organ) for i in incident.initiators]
    assert found == [("CN", "state-affiliated", "APT0"), ("IR", "criminal", "")]
    assert incident.receivers == ("US", "DE")
    assert incident.targets == ("military", "private", "critical-infrastructure")
    assert incident.objectives == ("espionage",)
    assert incident.effects == ("confidentiality",)
    assert incident.severity == 4
    assert incident.sources == ("https://a.example/x", "https://b.example/y")


def test_dates_are_days_as_typed_and_none_is_a_report(book: Write) -> None:
    result = read_eurepoc([book({})])
    incident = first(result)
    assert incident.start.text == "2015-01-01"
    assert not incident.end.known
    assert not incident.reported.known
    assert not result.release.has_report_dates
    assert "No dates of report" in result.release.note
    assert result.release.closed_on.text == "2022-08-15"


def test_a_start_that_is_not_available_leaves_the_incident_in(book: Write) -> None:
    assert not first(read_eurepoc([book({"start_date": "Not available"})])).start.known


def test_several_countries_in_one_part_are_several_initiators(book: Write) -> None:
    change = {"initiator_country": "Korea, Republic of, United States",
              "initiator_category": "State", "initiator_subcategory": "Not available",
              "initiator_name": "Someone"}  # fmt: skip
    incident = first(read_eurepoc([book(change)]))
    assert [i.code for i in incident.initiators] == ["KR", "US"]


def test_a_region_is_left_out_and_flagged(book: Write) -> None:
    change = {"receiver_country": "Europe (region);United States"}
    result = read_eurepoc([book(change)])
    assert first(result).receivers == ("US",)
    assert [(p.row, p.value) for p in result.flagged] == [(2, "Europe (region)")]


def test_an_attack_nobody_attributed_has_a_code_of_its_own(book: Write) -> None:
    change = {"initiator_country": "Not attributed", "initiator_category": "Not attributed",
              "initiator_subcategory": "Not available",
              "initiator_name": "Not attributed"}  # fmt: skip
    (initiator,) = first(read_eurepoc([book(change)])).initiators
    assert (initiator.code, initiator.kind) == ("X-UNATTRIBUTED", "unknown")


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"start_date": "31.02.2016"}, "start_date"),
        ({"start_date": "2016"}, "start_date"),
        ({"end_date": "31.12.2014"}, "end_date"),
        ({"initiator_country": "Atlantis"}, "initiator_country"),
        ({"receiver_country": "Atlantis"}, "receiver_country"),
        ({"incident_id": "7"}, "id"),
        ({"incident_id": ""}, "incident_id"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside(
    book: Write, change: dict[str, str], column: str
) -> None:
    result = read_eurepoc([book({}, change)])
    assert result.table.height + len(result.aside) == result.rows_in_file == 2
    assert [(p.row, p.column) for p in result.aside] == [(3, column)]


def test_a_cell_cut_at_a_spreadsheets_limit_is_flagged_and_mended_by_the_receiver_table(
    book: Write, tmp_path: Path
) -> None:
    cut = ("Critical infrastructure;" * 2000)[:32_767]
    path = book({"receiver_category": cut})
    assert "cut at 32767" in read_eurepoc([path]).flagged[0].reason
    row = {"id": "7_0", "incident_id": "7", "name": "x", "country": "Japan",
           "category": "Media", "subcategory": "Not available"}  # fmt: skip
    table = csv_of(tmp_path / "receiver.csv", [row])
    result = read_eurepoc([table, path])
    assert not result.flagged
    assert (first(result).receivers, first(result).targets) == (("JP",), ("private",))


def test_a_claims_year_stays_a_year_and_is_no_report(book: Write, tmp_path: Path) -> None:
    official = {"attribution_basis": "Attribution by third-party",
                "attribution_type": "Political statement / report", "attribution_month": "7",
                "attribution_day": "9", "attributing_country": "United Kingdom",
                "settled_attribution": "False"}  # fmt: skip
    table = csv_of(tmp_path / "claims.csv", [CLAIM, CLAIM, {**CLAIM, **official}])
    incident = first(read_eurepoc([book({}), table]))
    own, third = incident.attributions  # the same claim twice counts once
    assert (own.claimant_kind, own.code, own.when.text) == ("actor-itself", "CN", "2016")
    assert own.when.precision is Precision.YEAR
    assert (third.claimant_kind, third.claimant_country) == ("third-government", "GB")
    assert third.when.text == "2016-07-09"
    assert "not settled" in third.basis
    assert not incident.reported.known


def test_a_claims_date_that_does_not_exist_is_unknown_and_flagged(
    book: Write, tmp_path: Path
) -> None:
    wrong = {**CLAIM, "attribution_month": "2", "attribution_day": "31"}
    result = read_eurepoc([csv_of(tmp_path / "claims.csv", [wrong]), book({})])
    assert not first(result).attributions[0].when.known
    assert [p.value for p in result.flagged] == ["2016-2-31"]


def test_without_the_global_workbook_there_is_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="global dataset is not among the files"):
        read_eurepoc([csv_of(tmp_path / "claims.csv", [CLAIM])])


def test_a_file_that_is_none_of_the_tables_is_named(book: Write, tmp_path: Path) -> None:
    other = csv_of(tmp_path / "dyadic.csv", [{"incident_id": "7", "dyad": "1"}])
    with pytest.raises(SourceError, match=r"dyadic\.csv: it is none of EuRepoC's tables"):
        read_eurepoc([book({}), other])


@pytest.mark.parametrize(
    ("types", "impacts", "kinds", "objectives"),
    [
        (["Data theft"], [], ["state"], ("espionage",)),
        (["Data theft"], [], ["criminal"], ("unknown",)),
        (["Data theft", "Ransomware"], [], ["unknown"], ("disruption",)),
        (["Data theft & Doxing"], [], ["other"], ("influence",)),
        (["Disruption"], ["Disk Wipe"], ["state"], ("degradation",)),
        (["Hijacking with Misuse"], [], ["state"], ("unknown",)),
    ],
)
def test_objectives_follow_the_written_rule(
    types: list[str], impacts: list[str], kinds: list[str], objectives: tuple[str, ...]
) -> None:
    assert codes.objectives_of(types, impacts, kinds) == objectives


@pytest.fixture(scope="module")
def published(shared_data: Path) -> ReadResult:
    folder = shared_data / "eurepoc"
    names = ("global*.xlsx", "attribution*.csv", "receiver*.csv")
    return read_eurepoc([next(folder.glob(f"eurepoc_{name}")) for name in names])


def test_the_publishers_rows_are_read_or_set_aside(published: ReadResult) -> None:
    assert published.rows_in_file == 3414
    assert published.table.height == 3412
    assert [p.row for p in published.aside] == [52, 1050]
    assert published.release.closed_on.text == "2024-12-23"


def test_china_to_united_states_by_year_as_measured(published: ReadResult) -> None:
    pair = published.table.filter(
        pl.col("initiators").list.contains("CN"), pl.col("receivers").list.contains("US")
    )
    years = pair["start_earliest"].dt.year().to_list()
    assert [years.count(y) for y in range(2010, 2021)] == [4, 7, 8, 8, 9, 8, 1, 7, 3, 3, 4]


def test_half_of_the_publishers_starts_are_on_a_first(published: ReadResult) -> None:
    starts: Any = published.table["start_earliest"].drop_nulls().dt
    assert 0.47 < float((starts.day() == 1).mean()) < 0.49


def test_the_files_required_columns_are_the_publishers(published: ReadResult) -> None:
    assert set(ROW) - {"receiver_name"} == set(eurepoc.GLOBAL)
