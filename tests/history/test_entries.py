"""The history of verdicts: what is recorded, by whom, and what happens where it cannot be."""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path

import polars as pl
import pytest

import comity
from comity.errors import StoreError
from comity.history.digests import evidence_used, this_setting
from comity.history.entries import (
    OPT_OUT,
    entry_numbered,
    entry_of,
    read_history,
    record_verdict,
    wanted,
)
from comity.history.model import Entry
from comity.history.records import from_record, to_record
from comity.incidents.model import Evidence


def test_a_verdict_is_recorded_with_all_that_was_declared(
    fitted: comity.Verdict, evidence: Evidence
) -> None:
    made = record_verdict(fitted, evidence)
    (entry,) = read_history().entries
    assert entry == made
    assert (entry.number, entry.question_id) == (1, "us-china-2015")
    assert [(e.list, e.incidents) for e in entry.evidence] == [("dcid", 423)]
    assert entry.choices["seed"] == 20150925
    assert entry.setting == this_setting()
    assert entry.as_of == fitted.as_of.isoformat()
    assert entry.changed.sentence == fitted.changed.sentence
    assert entry.because.term == fitted.because.term
    net = fitted.change_of("narrow")
    kept = next(n for n in entry.numbers if n.key == ("narrow", "four-cells", "net-5"))
    assert net is not None
    assert net.ratio is not None
    assert kept.median == pytest.approx(net.ratio.median, rel=1e-5)
    assert ("narrow", "target-alone", "net-5") in {n.key for n in entry.numbers}


def test_what_is_not_identified_has_no_number(verdict: comity.Verdict, evidence: Evidence) -> None:
    entry = entry_of(verdict, evidence)
    assert entry.numbers
    assert all(n.median is None and n.fell is None for n in entry.numbers)
    assert entry.mirror["id"] == "us-russia-2021-mirror"


def test_the_history_reads_back_by_question_and_by_number(
    verdict: comity.Verdict, fitted: comity.Verdict, evidence: Evidence
) -> None:
    for one in (verdict, fitted, verdict):
        record_verdict(one, evidence)
    assert [e.number for e in read_history().entries] == [1, 2, 3]
    assert [e.number for e in read_history(question="us-russia-2021").entries] == [1, 3]
    assert entry_numbered(2).question_id == "us-china-2015"
    with pytest.raises(StoreError, match=r"no verdict 4 in your history \(1 to 3\)"):
        entry_numbered(4)


def test_an_entry_of_a_later_form_is_told_not_hidden(
    verdict: comity.Verdict, evidence: Evidence, home: Path
) -> None:
    record_verdict(verdict, evidence)
    path = home / "history" / "verdicts.jsonl"
    record = json.loads(path.read_text("ascii"))
    del record["changed"]
    path.write_text(json.dumps(record) + "\n", "ascii")
    history = read_history()
    assert history.entries == ()
    assert history.problems == ("verdicts.jsonl: number 1 cannot be read: Entry has no changed",)


def test_records_of_another_type_are_refused(entry: Entry) -> None:
    data = json.loads(json.dumps(to_record(entry)))
    assert from_record(Entry, data) == entry
    for name, value, said in (
        ("number", "1", "number"),
        ("number", True, "number"),
        ("evidence", {}, "not a list"),
        ("numbers", [1], "Number is int"),
        ("mirror", {"a": 1}, "not text"),
        ("changed", "fell", "Answer is str"),
        ("setting", None, "Setting is NoneType"),
        ("choices", [], "choices"),
    ):
        with pytest.raises(ValueError, match=said):
            from_record(Entry, {**data, name: value})


def test_python_records_only_where_asked(evidence: Evidence) -> None:
    comity.verify("us-russia-2021", evidence, mirror=False)
    assert read_history().entries == ()
    comity.verify("us-russia-2021", evidence, mirror=False, record=True)
    assert len(read_history().entries) == 1


def test_python_warns_where_the_history_cannot_be_written_and_gives_the_verdict(
    evidence: Evidence, home: Path
) -> None:
    home.write_text("not a folder", "utf-8")
    with pytest.warns(UserWarning, match="not recorded"):
        found = comity.verify("us-russia-2021", evidence, mirror=False, record=True)
    assert found.changed.term == "not identified"
    assert found.registration is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        comity.verify("us-russia-2021", evidence, mirror=False)


@pytest.mark.parametrize(
    ("value", "record"), [("", True), ("0", True), ("1", False), ("yes", False)]
)
def test_a_setting_turns_the_history_off(
    monkeypatch: pytest.MonkeyPatch, value: str, record: bool
) -> None:
    monkeypatch.setenv(OPT_OUT, value)
    assert wanted() is record


def test_the_hash_of_evidence_is_of_what_is_held_not_of_its_name(evidence: Evidence) -> None:
    (before,) = evidence_used(evidence)
    assert evidence_used(evidence) == (before,)
    assert evidence_used(evidence, ["cfr"]) == ()
    assert evidence_used(Evidence(evidence.releases, evidence.table.clone())) == (before,)
    fewer = Evidence(evidence.releases, evidence.table.head(422))
    (after,) = evidence_used(fewer)
    assert (after.sha256, after.incidents) == (before.sha256, 422)
    assert after.content != before.content
    other = evidence.table.with_columns(severity=pl.lit(1.0))
    assert evidence_used(Evidence(evidence.releases, other))[0].content != before.content


def test_hashing_evidence_in_pieces_gives_one_hash(
    evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = evidence_used(evidence)
    monkeypatch.setattr("comity.history.digests.PIECE", 10)
    assert evidence_used(evidence) == whole


def test_the_setting_names_program_register_and_libraries() -> None:
    setting = this_setting()
    assert setting.version == comity.__version__
    assert {len(setting.code), len(setting.register)} == {64}
    assert setting.libraries["python"] == ".".join(map(str, sys.version_info[:3]))
    assert setting.libraries["numpy"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the owner may write anywhere")
def test_a_home_one_may_not_write_to_is_refused(
    verdict: comity.Verdict, evidence: Evidence, home: Path
) -> None:
    home.mkdir()
    home.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="cannot be written"):
            record_verdict(verdict, evidence)
    finally:
        home.chmod(0o700)
