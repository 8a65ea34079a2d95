"""A list's own words: kept with the incident on the user's machine, and nowhere else."""

from __future__ import annotations

import io
import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from comity.cli import app
from comity.errors import StoreError
from comity.history.digests import table_sha256
from comity.incidents.add import add_files, read_list
from comity.incidents.load import load_evidence
from comity.incidents.model import incident_from_row, incident_schema, row_from_incident
from comity.incidents.shipped import shipped_table
from comity.incidents.sources.result import DESCRIPTION_LIMIT, described
from comity.incidents.store import read_manifest
from comity.incidents.textfile import text_columns, write_text

from . import published

WORDS = "A steel firm's letters\nwere read for 3\u00a0months."


def test_the_lists_words_are_read_as_one_line(tmp_path: Path) -> None:
    wanted = "A steel firm's letters were read for 3 months."
    table = read_list("cfr", [published.cfr(tmp_path, {"Description": WORDS})]).table
    assert table["description"].to_list() == [wanted]
    table = read_list("eurepoc", [published.eurepoc(tmp_path, {"description": WORDS})]).table
    assert table["description"].to_list() == [wanted]


def test_an_own_list_may_name_its_column(tmp_path: Path) -> None:
    path, mapping = tmp_path / "a.csv", tmp_path / "a.toml"
    path.write_text("t,words\nHeron,what happened\n")
    mapping.write_text(
        '[list]\nname = "mine"\nrelease = "1"\ntitle = "Mine"\n'
        '[columns]\nname = "t"\ndescription = "words"\n'
    )
    table = read_list("mine", [path], mapping).table
    assert table["description"].to_list() == ["what happened"]


def test_long_words_are_cut() -> None:
    assert len(described("word " * 1_000)) == DESCRIPTION_LIMIT


def test_a_record_keeps_them() -> None:
    row = {**shipped_table("dcid").row(0, named=True), "description": "told"}
    assert row_from_incident(incident_from_row(row)) == row


def test_no_table_that_ships_has_them() -> None:
    assert set(shipped_table("dcid")["description"]) == {""}
    assert "description" not in text_columns()
    told = shipped_table("dcid").head(2).with_columns(pl.lit("secret words").alias("description"))
    assert "secret words" not in write_text(told)


def test_a_hash_of_evidence_counts_them_only_where_there_are_any() -> None:
    table = shipped_table("dcid").head(3)
    told = table.with_columns(pl.lit("told").alias("description"))
    assert table_sha256(table) == table_sha256(table.drop("description"))
    assert table_sha256(told) != table_sha256(table)


def old_store(home: Path, *, drop: str = "description", extra: bool = False) -> None:
    """Make the store at `home` one that was written before there were descriptions."""
    folder = home / "evidence"
    manifest = json.loads((folder / "manifest.json").read_text())
    for entry in manifest["lists"].values():
        path = folder / entry["table"]
        table = pl.read_parquet(path).drop(drop)
        if extra:
            table = table.with_columns(pl.lit("x").alias("more"))
        buffer = io.BytesIO()
        table.write_parquet(buffer)
        path.write_bytes(buffer.getvalue())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "schema": "1.0"}))


def test_a_store_of_1_0_still_loads_and_can_be_added_to(tmp_path: Path) -> None:
    home = tmp_path / "home"
    add_files("cfr", [published.cfr(tmp_path)], home=home)
    old_store(home)
    evidence = load_evidence(home=home)
    assert dict(evidence.table.schema) == incident_schema()
    assert set(evidence.table["description"]) == {""}
    add_files("eurepoc", [published.eurepoc(tmp_path, {"description": WORDS})], home=home)
    written = json.loads((home / "evidence" / "manifest.json").read_text())
    assert written["schema"] == "1.1"
    assert sorted(read_manifest(home)) == ["cfr", "eurepoc"]
    assert len(load_evidence(["cfr", "eurepoc"], home)) == 2


@pytest.mark.parametrize("change", [{"drop": "campaign"}, {"extra": True}])
def test_other_columns_missing_or_added_are_damage(
    tmp_path: Path, change: dict[str, object]
) -> None:
    home = tmp_path / "home"
    add_files("cfr", [published.cfr(tmp_path)], home=home)
    old_store(home, **change)  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="not what the manifest says"):
        load_evidence(["cfr"], home)


def test_they_are_in_no_verdict_and_no_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "home"))
    words = "zebra <script>alert(1)</script>"
    add_files("cfr", [published.cfr(tmp_path, {"Description": words})])
    run = CliRunner()
    asked = ["verify", "us-china-2015", "--list", "cfr"]
    for options in (["--json"], [], ["--report", str(tmp_path / "v.html")]):
        found = run.invoke(app, [*asked, *options])
        assert "zebra" not in found.output, options
    written = [p.read_text() for p in tmp_path.glob("v.html")]
    assert written
    assert "zebra" not in written[0]
    key = load_evidence(["cfr"]).table["id"][0]
    shown = run.invoke(app, ["evidence", "show", f"cfr:{key}"])
    assert "zebra" in shown.output
