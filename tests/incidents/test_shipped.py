"""What ships: complete, facts only, and the same as the publisher's file makes."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from comity.countries import country_name
from comity.dates import parse_date
from comity.incidents import model
from comity.incidents.load import known_lists, load_evidence
from comity.incidents.shipped import (
    folder,
    publishers_table,
    shipped_problems,
    shipped_release,
    shipped_table,
)
from comity.incidents.sources.dcid import read_dcid
from comity.incidents.textfile import text_columns
from comity.provenance import is_web_address

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_dcid", ROOT / "tools" / "make_dcid.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_without_anything_added_the_evidence_is_what_ships(tmp_path: Path) -> None:
    evidence = load_evidence(home=tmp_path)
    assert known_lists(tmp_path) == ("dcid",)
    assert [r.list for r in evidence.releases] == ["dcid"]
    assert len(evidence) == 423 == sum(1 for _ in evidence.incidents())


def test_rows_that_ship_and_rows_set_aside_are_the_publishers_rows() -> None:
    release = shipped_release("dcid")
    aside = shipped_problems("dcid")
    assert shipped_table("dcid").height + len(aside) == release.rows_in_file == 429
    assert release.rows_aside == len(aside)
    assert all(p.reason for p in aside)


def test_the_release_says_who_made_it_and_under_which_licence() -> None:
    release = shipped_release("dcid")
    assert release.licence == "CC0-1.0"
    assert release.redistributable
    assert "doi:10.7910/DVN/CQOMYV" in release.citation
    assert release.covers_to.text == "2020"
    assert release.closed_on.latest is not None
    assert release.covers_to.latest is not None
    assert release.closed_on.latest > release.covers_to.latest


def test_every_code_that_ships_is_known() -> None:
    table = shipped_table("dcid")
    assert table.schema == model.incident_schema()
    assert table["id"].is_unique().all()
    for row in table.iter_rows(named=True):
        assert all(country_name(c) for c in (*row["initiators"], *row["receivers"]))
        assert set(row["initiator_kinds"]) <= set(model.INITIATOR_KINDS)
        assert set(row["targets"]) <= set(model.TARGETS)
        assert set(row["effects"]) <= set(model.EFFECTS)
        assert set(row["objectives"]) <= set(model.OBJECTIVES)
        assert all(is_web_address(source) for source in row["sources"])
        assert parse_date(row["start"]).earliest == row["start_earliest"]


def test_no_sentence_ships() -> None:
    """Text columns are names of at most a few words; nothing else has a blank in it."""
    for line in (folder() / "dcid-2.0.tsv").read_text("utf-8").splitlines()[1:]:
        cells = dict(zip(text_columns(), line.split("\t"), strict=True))
        assert len(cells["name"]) <= 80
        assert len(cells["campaign"]) <= 80
        for column in set(cells) - {"name", "campaign", "organs"}:
            assert " " not in cells[column]
        assert cells["organs"] in ("", "with a third party")


def test_the_files_that_ship_are_what_the_publishers_file_makes(
    maker: ModuleType, shared_data: Path
) -> None:
    (path,) = (shared_data / "dcid").glob("*.xlsx")
    made = maker.files_of(read_dcid(path))
    shipped = {name: (folder() / name).read_text("utf-8") for name in made}
    assert made == shipped
    assert maker.main([str(path), "--check"]) == 0


def test_reading_the_text_form_gives_the_table_back(shared_data: Path) -> None:
    (path,) = (shared_data / "dcid").glob("*.xlsx")
    assert publishers_table("dcid").equals(read_dcid(path).table, null_equal=True)


def test_a_list_nobody_has_is_named_with_those_at_hand(tmp_path: Path) -> None:
    from comity.errors import SourceError

    with pytest.raises(SourceError, match=r"no list 'dcdi' here. At hand: dcid\."):
        load_evidence(["dcdi"], home=tmp_path)
