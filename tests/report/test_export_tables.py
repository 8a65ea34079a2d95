"""Every table there is to take away: described, licensed, readable, safe in a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path

import exported
import polars as pl
import pytest
from sample import not_identified, sample_verdict

from comity.api_all import verify_implementation
from comity.errors import ExportError
from comity.incidents.load import load_evidence
from comity.report.export.evidence_tables import lists_left_out, public_by
from comity.report.export.files import as_csv, as_json, as_parquet
from comity.report.export.model import Kind, Table, licence_of
from comity.report.export.tables import table_named, tables
from comity.report.export.verdict_tables import verdict_json
from comity.tables import SEPARATOR

SHIPPED = tables(only=("register", "evidence"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home with a hostile list that may be passed on, and one that may not be."""
    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "home"))
    exported.add(tmp_path / "lists", "odd", "CC BY 4.0", True)
    exported.add(tmp_path / "lists", "closed", "CC-BY-NC-4.0", False)
    return tmp_path / "home"


def cells(table: Table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(table).decode(), newline="")))


@pytest.mark.parametrize("table", SHIPPED, ids=lambda t: t.name)
def test_a_table_is_what_it_says_of_itself(table: Table) -> None:
    frame = table.frame()
    assert table.title
    assert table.description
    assert table.licences
    assert table.origins
    assert frame.columns == [f.name for f in table.fields]
    assert not table.key or not frame.select(table.key).is_duplicated().any()
    for field in table.fields:
        column = frame[field.name]
        assert field.description
        empty = column.is_null() | (column.list.len() == 0) if field.kind is Kind.LIST else (
            column.is_null()
        )  # fmt: skip
        assert not (field.required and empty.any()), field.name
        assert not field.unique or column.n_unique() == len(column)
        assert not field.values or set(column.drop_nulls()) <= set(field.values)
    for reference in table.references:
        target = table_named(SHIPPED, reference.table).frame()
        pairs = frame.select(reference.fields).drop_nulls()
        assert set(pairs.iter_rows()) <= set(target.select(reference.to).iter_rows())


def test_names_are_unique_and_every_room_is_there() -> None:
    names = [t.name for t in SHIPPED]
    assert len(set(names)) == len(names)
    assert {
        "instruments", "provisions", "norms", "parties", "instrument-links", "accounts", "claims",
        "tracks", "definitions", "events", "implementation", "enforcement", "takeups", "votes",
        "regimes", "regime-features", "replies", "incidents-dcid", "attributions-dcid", "lists",
    } <= set(names)  # fmt: skip


def test_every_file_of_the_register_is_in_a_table() -> None:
    from comity.report.export import shipped

    data = Path(shipped.__file__).parents[2] / "data"
    taken = {t.load.args[0] for t in SHIPPED if t.load.func is shipped._load}  # type: ignore[attr-defined]
    there = {p.relative_to(data).as_posix() for p in data.rglob("*.tsv")}
    assert there - taken == {
        "actors/demonyms.tsv", "countries/aliases.tsv",  # spellings that readers look up
        "evidence/dcid-2.0.tsv", "evidence/dcid-2.0.aside.tsv",  # read as evidence
        "evidence/releases.tsv",  # where to fetch lists
    }  # fmt: skip


def test_an_imprecise_date_keeps_its_text_and_gains_its_two_days() -> None:
    events = table_named(SHIPPED, "events").frame()
    row = events.row(by_predicate=pl.col("id") == "2003-un-gge-1-agreement", named=True)
    assert row["date"] == "2003-12?"
    assert (str(row["date_earliest"]), str(row["date_latest"])) == ("2003-12-01", "2003-12-31")
    parties = table_named(SHIPPED, "parties").frame()
    assert parties.filter(pl.col("until") == "..")["until_latest"].null_count() > 0


def test_the_formats_hold_the_same_rows() -> None:
    for name in ("instruments", "events", "incidents-dcid", "regime-features", "replies"):
        table = table_named(SHIPPED, name)
        frame = pl.read_parquet(io.BytesIO(as_parquet(table)))
        assert frame.equals(table.frame())
        rows = json.loads(as_json(table))
        assert [list(r) for r in rows] == [frame.columns] * len(frame)
        lists = [f.name for f in table.fields if f.kind is Kind.LIST]
        for written, row in zip(cells(table), rows, strict=True):
            for column in lists:
                assert written[column] == SEPARATOR.join(row[column])


def test_a_hostile_name_is_guarded_in_csv_and_plain_in_parquet(home: Path) -> None:
    table = table_named(tables(only=["evidence"]), "incidents-odd")
    names = [row["name"] for row in cells(table)]
    assert names == [f"'{exported.FORMULA}", exported.SCRIPT, "'@SUM(1+1)", "'-1+1|cmd"]
    frame = pl.read_parquet(io.BytesIO(as_parquet(table)))
    assert frame["name"].to_list() == [exported.FORMULA, exported.SCRIPT, "@SUM(1+1)", "-1+1|cmd"]
    assert all(a.startswith("https://") for row in frame["sources"].to_list() for a in row)
    lists = table_named(tables(only=["evidence"]), "lists")
    assert "'=cmd|' /C calc'!A0" in [row["title"] for row in cells(lists)]
    for one in tables(only=["evidence"]):
        assert not any(o.address.startswith("javascript") for o in one.origins)
        assert b"javascript" not in as_csv(one)


def test_a_list_that_may_not_be_passed_on_is_named_with_why_and_in_no_other_table(
    home: Path,
) -> None:
    found = tables(only=["evidence"])
    assert not [t.name for t in found if "closed" in t.name]
    said = {row["list"]: row for row in cells(table_named(found, "lists"))}
    assert said["closed"]["exported"] == "false"
    assert "CC-BY-NC-4.0" in said["closed"]["left_out"]
    assert said["odd"]["exported"] == "true"
    assert [out.name for out in lists_left_out(load_evidence())] == [
        "the list closed (=cmd|' /C calc'!A0)"
    ]


def test_licences_are_those_of_the_list_and_of_what_is_filled_in(home: Path) -> None:
    found = tables(only=["evidence"])
    assert [one.name for one in table_named(found, "incidents-odd").licences] == ["CC-BY-4.0"]
    dcid = table_named(found, "incidents-dcid")
    assert [one.name for one in dcid.licences] == ["CC0-1.0", "CC-BY-4.0"]
    assert "Please cite" in dcid.terms
    assert licence_of("ours alone", "javascript:x").address == ""


def test_as_of_keeps_what_was_public_by_then(home: Path) -> None:
    held = public_by(load_evidence(["odd"]), dt.date(2016, 12, 31))
    table = table_named(tables(held, only=["evidence"]), "incidents-odd")
    assert table.frame()["id"].to_list() == ["1", "2"]


def test_answers_and_changes_are_those_of_the_verdicts() -> None:
    done = verify_implementation("osce-cbm-2013")
    verdicts = [sample_verdict(), done]
    found = tables(verdicts=verdicts, only=["verdicts"])
    assert [t.name for t in found] == ["answers", "changes"]
    answers = found[0].frame()
    assert answers["question"].to_list() == ["us-china-2015", "osce-cbm-2013"]
    assert answers["kept_sentence"].to_list() == [v.kept.sentence for v in verdicts]
    assert answers["as_of"].null_count() == 1
    change = found[1].frame()
    assert len(change) == len(sample_verdict().change)
    assert not change.select(found[1].key).is_duplicated().any()


def test_what_is_not_identified_has_no_number_in_the_table() -> None:
    verdict = not_identified()
    change = tables(verdicts=[verdict], only=["verdicts"])[1].frame()
    unknown = change.filter(~pl.col("identified"))
    assert len(unknown) > 0
    assert unknown["rate_ratio"].null_count() == len(unknown)
    assert unknown["probability_fell"].null_count() == len(unknown)


def test_a_verdict_is_passed_on_without_the_incidents_of_a_closed_list() -> None:
    verdict = sample_verdict()
    whole = json.loads(verdict_json(verdict, ["dcid"]))
    assert len(whole["incidents"]) == len(verdict.incidents) > 0
    reduced = json.loads(verdict_json(verdict, []))
    assert reduced["incidents"] == []
    assert "the licence of dcid does not let its incidents be passed on" in reduced["caveats"][-1]
    assert reduced["change"] == whole["change"]


def test_an_unknown_table_is_refused_with_those_there_are() -> None:
    with pytest.raises(ExportError, match=r"no table 'instrument'.*instruments, norms"):
        table_named(SHIPPED, "instrument")
