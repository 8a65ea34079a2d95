"""An export as a whole: valid by others' validators, safe, complete, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import re
import signal
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import exported
import pytest
from typer.testing import CliRunner

from comity.api import verify
from comity.api_all import verify_implementation
from comity.api_link import link_lists
from comity.cli import app
from comity.errors import ExportError, StoreError
from comity.incidents.linkage.decisions import decide
from comity.incidents.load import load_evidence
from comity.incidents.model import Evidence
from comity.incidents.sources.stix import read_stix
from comity.report.export.export import Exported, write_export
from comity.report.export.replacing import new_folder
from comity.report.export.stix_ids import stix_id
from comity.storage import locked
from incidents.linkage.world import two_lists

SECRET = "QUIET-HERON"
run = CliRunner()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Return an export of all that ships, a hostile list, and a list that may not be passed on."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMITY_HOME", str(folder / "home"))
        exported.add(folder / "lists", "odd", "CC BY 4.0", True)
        exported.add(folder / "lists", "closed", "CC-BY-NC-4.0", False, SECRET)
        evidence = load_evidence()
        decide(evidence, "odd:1", "closed:1", "same", note="a private note", by="A Person")
        verdicts = [verify("us-china-2015", evidence), verify_implementation("osce-cbm-2013")]
        assert any(SECRET in c.name for c in verdicts[0].incidents)  # type: ignore[union-attr]
        return write_export(folder / "out", evidence, verdicts)


def read(done: Exported, path: str) -> str:
    return (done.folder / path).read_text("utf-8")


def objects(done: Exported) -> list[dict[str, Any]]:
    return json.loads(read(done, "stix.json"))["objects"]  # type: ignore[no-any-return]


def test_frictionless_finds_nothing_wrong_in_the_whole_package(whole: Exported) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from frictionless import Package

        report = Package(str(whole.folder / "datapackage.json")).validate()
    assert report.valid, report.flatten(["name", "rowNumber", "type", "message"])[:10]
    checked = {task.name for task in report.tasks if task.type == "table"}
    assert checked == set(whole.rows)
    keys = [r["schema"] for r in package(whole)["resources"] if r["type"] == "table"]
    assert sum("foreignKeys" in schema for schema in keys) > 10


def package(done: Exported) -> dict[str, Any]:
    return json.loads(read(done, "datapackage.json"))  # type: ignore[no-any-return]


def test_every_file_is_described_with_its_size_hash_and_licence(whole: Exported) -> None:
    found = {r["path"]: r for r in package(whole)["resources"]}
    there = {p.relative_to(whole.folder).as_posix() for p in whole.folder.rglob("*") if p.is_file()}
    assert there == {*found, "datapackage.json"}
    for path, resource in found.items():
        content = (whole.folder / path).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert resource["licenses"]


@pytest.mark.slow
def test_the_oasis_validator_finds_no_error_in_the_bundle(whole: Exported) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from stix2validator import ValidationOptions, validate_file

        result = validate_file(str(whole.folder / "stix.json"), ValidationOptions(version="2.1"))
    errors = [str(e) for one in result.object_results for e in one.errors]
    assert result.is_valid, errors[:10]


def test_croissant_reads_its_description_and_records(whole: Exported) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlcroissant

        dataset = mlcroissant.Dataset(str(whole.folder / "croissant.json"))
        assert not dataset.metadata.issues.errors
        first = next(iter(dataset.records("tracks")))
    assert first["tracks/id"] == b"hotline-1963"
    assert first["tracks/parties"] == [b"US", b"RU"]


def test_another_program_reads_the_bibtex(whole: Exported) -> None:
    import bibtexparser

    library = bibtexparser.parse_string(read(whole, "sources.bib"))
    assert not library.failed_blocks
    addresses = [e["url"] for e in library.entries]
    assert len(set(addresses)) == len(addresses) > 1000
    assert all(a.startswith(("http://", "https://")) for a in addresses)
    assert "https://example.org/one?a=1&b=%7B2%7D" in addresses
    assert len({e.key for e in library.entries}) == len(addresses)
    ris = read(whole, "sources.ris")
    assert ris.count("TY  - ELEC") == ris.count("ER  - ") == len(addresses)
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in ris.splitlines() if line)


def test_who_whom_and_where_it_was_reported_survive_the_way_through_stix(whole: Exported) -> None:
    result = read_stix([whole.folder / "stix.json"])
    back = {i.name: i for i in Evidence((), result.table).incidents()}
    names = [i.name for i in load_evidence(["dcid"]).incidents()]
    for incident in load_evidence(["dcid"]).incidents():
        if names.count(incident.name) == 1:
            found = back[" ".join(incident.name.split())]
            assert {i.code for i in found.initiators} == {i.code for i in incident.initiators}
            assert set(found.receivers) == set(incident.receivers)
            assert set(incident.sources) <= set(found.sources)
            assert not found.start.text  # a day is never made of what is told in a note


def test_an_imprecise_date_is_told_and_never_made_a_day(whole: Exported) -> None:
    made = objects(whole)
    incident = next(o for o in made if o.get("name") == exported.FORMULA)
    assert not {"start_time", "stop_time", "first_seen"} & set(incident)
    (note,) = [
        o for o in made if o["type"] == "note" and o["abstract"] == "Dates as published"
        and o["object_refs"] == [incident["id"]]
    ]  # fmt: skip
    assert "Start: 2015? (uncertain), any day from 2015-01-01 to 2015-12-31." in note["content"]


def test_who_did_it_is_as_claimed_and_the_verdict_has_its_confidence(whole: Exported) -> None:
    made = objects(whole)
    by = [o for o in made if o.get("relationship_type") == "attributed-to"]
    assert by
    assert all("no finding of Comity" in o["description"] for o in by)
    ids = {o["id"] for o in by}
    assert all(set(o["object_refs"]) <= ids for o in made if o["type"] == "opinion")
    (verdict,) = [o for o in made if o["type"] == "grouping"]
    assert verdict["confidence"] == 50  # moderate
    assert {"marking-definition", "report", "opinion", "location"} <= {o["type"] for o in made}


def test_nothing_hostile_becomes_a_link_markup_or_formula(whole: Exported) -> None:
    for path in whole.folder.rglob("*"):
        if path.suffix in (".md", ".json", ".bib", ".ris", ".csv"):
            assert "javascript:" not in path.read_text("utf-8"), path
    for page in ("README.md", "LICENCES.md"):
        assert "<b>" not in read(whole, page).replace("\\<b", "")
    urls = [
        r["url"] for o in objects(whole) for r in o.get("external_references", ()) if "url" in r
    ]
    assert all(u.startswith(("http://", "https://")) for u in urls)


def test_a_list_that_may_not_be_passed_on_is_left_out_and_said(whole: Exported) -> None:
    for path in whole.folder.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path
    said = [one["name"] for one in package(whole)["comity:leftOut"]]
    assert any("closed" in name for name in said)
    for page in ("README.md", "LICENCES.md"):
        assert "the list closed" in read(whole, page)
    verdict = json.loads(read(whole, "verdicts/us-china-2015.json"))
    assert any("the licence of closed" in caveat for caveat in verdict["caveats"])
    assert not any("closed" in c["id"] for c in verdict["incidents"])


def test_an_id_of_a_closed_list_is_hashed_wherever_it_stands(tmp_path: Path) -> None:
    verdict = verify("us-russia-2021", mirror=False)
    cards = (
        replace(verdict.incidents[0], key="all:dcid:1 + closed:2015-heron"),
        replace(verdict.incidents[0], key="all:dcid:2"),
    )
    found = replace(verdict.displacement, incidents=("dcid:1", "closed:2015-heron"))
    by_all = replace(verdict, incidents=cards, displacement=found)
    done = write_export(tmp_path / "out", verdicts=[by_all], only=["evidence", "verdicts"])
    told = json.loads(read(done, "verdicts/us-russia-2021.json"))
    assert [c["id"] for c in told["incidents"]] == ["all:dcid:2"]
    assert "1 incident counted" in told["caveats"][-1]
    assert "the licence of closed " in told["caveats"][-1]
    digest = hashlib.sha256(b"2015-heron").hexdigest()[:16]
    assert told["displacement"]["incidents"] == ["dcid:1", f"closed:#{digest}"]
    (group,) = [o for o in objects(done) if o["type"] == "grouping"]
    counted = {i for i in group["object_refs"] if i.startswith("incident--")}
    assert counted == {stix_id("incident", "dcid:1"), stix_id("incident", "dcid:2")}


def test_a_decision_is_exported_by_ids_alone(whole: Exported) -> None:
    rows = read(whole, "data/link-decisions.csv").splitlines()
    assert rows[0] == "first,second,verdict,when"
    digest = hashlib.sha256(b"1").hexdigest()[:16]
    assert rows[1].startswith(f"closed:#{digest},odd:1,same,")
    everything = b"".join(p.read_bytes() for p in whole.folder.rglob("*") if p.is_file())
    assert b"a private note" not in everything
    assert b"A Person" not in everything


def test_links_between_lists_are_exported(tmp_path: Path) -> None:
    lists = two_lists(shared=8, alone=6)
    link_lists(evidence=lists, home=tmp_path)
    done = write_export(tmp_path / "out", lists, home=tmp_path, only=["links"], formats=["csv"])
    assert set(done.rows) == {"record-links"}
    assert done.rows["record-links"] > 0
    assert not done.left_out


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    verdicts = [verify("us-russia-2021"), verify_implementation("osce-cbm-2013")]
    files = []
    for name in ("one", "two"):
        write_export(tmp_path / name, verdicts=verdicts, only=["evidence", "verdicts"])
        files.append({
            p.relative_to(tmp_path / name): p.read_bytes()
            for p in (tmp_path / name).rglob("*") if p.is_file()
        })  # fmt: skip
    assert files[0] == files[1]


def small(folder: Path, **more: Any) -> Exported:
    return write_export(folder, only=["links"], **more)


def state(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_an_error_in_the_middle_leaves_the_old_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(tmp_path / "out")
    before = state(tmp_path / "out")

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("comity.report.export.export.write_file", fails)
    with pytest.raises(StoreError, match="is unchanged: the disk is full"):
        small(tmp_path / "out", force=True)
    assert state(tmp_path / "out") == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


KILLED = """
import os, signal, sys
from pathlib import Path
from comity.report.export import export, replacing
def kill(*_): os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "writing":
    export.readme = kill
else:
    take = Path.rename
    def rename(self, target):
        if self.suffix == ".part": kill()
        return take(self, target)
    Path.rename = rename
export.write_export(Path(sys.argv[1]), only=["links"], force=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("when", ["writing", "renaming"])
def test_a_kill_leaves_the_old_export_and_the_next_run_cleans_up(tmp_path: Path, when: str) -> None:
    small(tmp_path / "out")
    before = state(tmp_path / "out")
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "out"), when],
        capture_output=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert (tmp_path / "out").is_dir() is (when == "writing")
    with pytest.raises(ExportError, match="there is an export in it"):
        small(tmp_path / "out")  # puts back what a kill left aside, then sees that it is there
    assert state(tmp_path / "out") == before
    small(tmp_path / "out", force=True)
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_two_at_once_do_not_mix(tmp_path: Path) -> None:
    with (
        locked(tmp_path / ".out.lock"),
        pytest.raises(StoreError, match="Another Comity is writing"),
    ):
        small(tmp_path / "out")


def test_nothing_but_an_export_is_ever_replaced(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work", "utf-8")
    for force in (False, True):
        with pytest.raises(ExportError, match="no export of Comity's"):
            small(mine, force=force)
    assert (mine / "thesis.txt").exists()
    with pytest.raises(ExportError, match="it is no folder"):
        small(mine / "thesis.txt", force=True)
    with pytest.raises(ExportError, match="there is no folder"):
        small(tmp_path / "not" / "there")
    (tmp_path / "empty").mkdir()
    small(tmp_path / "empty")
    with pytest.raises(ExportError, match="no format"), new_folder(tmp_path / "x"):
        small(tmp_path / "y", formats=["xlsx"])
    assert not (tmp_path / "x").exists()


def test_the_command_writes_what_it_is_asked_for_and_says_so(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run.invoke(app, ["export", str(out), "--only", "register,links", "--format", "csv"])
    assert done.exit_code == 0, done.output
    said = " ".join(done.output.split())
    assert f"{len(list((out / 'data').iterdir()))} tables" in said
    assert "Left out: links between lists" in said
    assert not (out / "stix.json").exists()
    assert not list(out.rglob("*.parquet"))
    for wrong, message in (
        (["--only", "registers"], "no part of an export: register, evidence, verdicts, links"),
        (["--only", ""], "at least one part"),
        (["--only", "register", "--question", "us-china-2015"], "add verdicts to --only"),
        ([], "replace it with --force"),
    ):
        refused = run.invoke(app, ["export", str(out), *wrong])
        assert refused.exit_code != 0
        assert message in str(refused.exception)


def test_the_command_asks_the_questions_named_as_of_a_day(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run.invoke(app, [
        "export", str(out), "--only", "evidence,verdicts", "--question", "us-russia-2021",
        "--question", "osce-cbm-2013", "--as-of", "2019", "--list", "dcid", "--format", "parquet",
    ])  # fmt: skip
    assert done.exit_code == 0, done.output
    assert {p.name for p in (out / "verdicts").iterdir()} == {
        "us-russia-2021.json", "osce-cbm-2013.json",
    }  # fmt: skip
    found = json.loads((out / "datapackage.json").read_text("utf-8"))
    assert found["comity:asOf"] == "2019-12-31"
    incidents = next(r for r in found["resources"] if r["path"] == "data/incidents-dcid.parquet")
    assert incidents["type"] == "file"
    croissant = json.loads((out / "croissant.json").read_text("utf-8"))
    assert {r["@id"] for r in croissant["recordSet"]} >= {"incidents-dcid", "answers"}
