"""Registration in advance: made once, compared field by field, trusted no further than it holds."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from comity import __version__
from comity.dates import DateReading, parse_date
from comity.errors import QuestionError, StoreError
from comity.history.canonical import question_sha256, sha256_of_data
from comity.history.locks import lock_path, lock_question, read_lock, registration_of
from comity.incidents.model import Evidence
from comity.provenance import sha256_of
from comity.verification.model import Choices, FieldChange, Question
from comity.verification.question import TEMPLATE, load_question
from comity.verification.registered import (
    registration_caveats,
    registration_check,
    registration_line,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(TEMPLATE, "utf-8")
    return path


@pytest.fixture
def mine(file: Path, evidence: Evidence) -> Question:
    """Return a question of one's own that was registered just now."""
    question = load_question(file)
    lock_question(question, evidence, note="before the spring release")
    return question


def edit(file: Path, old: str, new: str) -> Question:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    return load_question(file)


def rewrite(path: Path, change: Any) -> None:
    data = json.loads(path.read_text("utf-8"))
    change(data)
    path.write_text(json.dumps(data), "utf-8")


def test_a_registration_holds_hash_time_code_and_evidence(mine: Question, file: Path) -> None:
    (stamp,) = read_lock(file.with_name("mine.toml.lock"))
    assert stamp.sha256 == question_sha256(mine) == sha256_of_data(stamp.question)
    assert stamp.on.endswith("Z")
    assert stamp.note == "before the spring release"
    assert stamp.setting.version == __version__
    assert len(stamp.setting.code) == len(stamp.setting.register) == 64
    (dcid,) = stamp.evidence
    assert (dcid.list, dcid.incidents, len(dcid.sha256), len(dcid.content)) == ("dcid", 423, 64, 64)
    assert stamp.choices["first_of_year"] == "year"


def test_registering_leaves_the_question_alone_and_no_litter(
    file: Path, evidence: Evidence
) -> None:
    before = sha256_of(file)
    lock_question(load_question(file), evidence)
    assert sha256_of(file) == before
    assert sorted(p.name for p in file.parent.iterdir()) == ["mine.toml", "mine.toml.lock"]


def test_a_question_that_ships_is_registered_in_the_users_store(
    tmp_path: Path, evidence: Evidence
) -> None:
    question = load_question("us-china-2015")
    lock_question(question, evidence, home=tmp_path)
    assert lock_path(question, tmp_path) == tmp_path / "questions" / "us-china-2015.lock"
    found = registration_of(question, home=tmp_path)
    assert found is not None
    assert found.state == "unchanged"
    assert registration_of(load_question("us-russia-2021"), home=tmp_path) is None


def test_comments_and_spacing_change_no_registration(mine: Question, file: Path) -> None:
    text = file.read_text("utf-8")
    lines = [line.partition(" #")[0].rstrip() for line in text.splitlines()]
    file.write_text("# anew\n" + "\n\n".join(lines), "utf-8")
    found = registration_of(load_question(file))
    assert found is not None
    assert (found.state, found.changes) == ("unchanged", ())


def test_a_window_moved_after_registration_is_found_and_named(mine: Question, file: Path) -> None:
    found = registration_of(edit(file, 'to = "2020"', 'to = "2019"'))
    assert found is not None
    assert found.state == "changed"
    assert found.changes == (FieldChange("window.to", "2020-12-31", "2019-12-31"),)
    line = registration_line(found)
    assert line.startswith(f"Registered {found.on[:10]}, sha256 {found.sha256[:12]}")
    assert line.endswith("changed since it was registered: window.to 2020-12-31 -> 2019-12-31")
    assert registration_check(found).passed is False
    assert "window.to 2020-12-31 -> 2019-12-31" in registration_caveats(found)[0]


def test_a_question_is_registered_once_unless_again_is_said(
    mine: Question, file: Path, evidence: Evidence
) -> None:
    first = read_lock(lock_path(mine))
    with pytest.raises(QuestionError, match=r"registered already.*unchanged since"):
        lock_question(mine, evidence)
    other = edit(file, 'to = "2020"', 'to = "2019"')
    with pytest.raises(QuestionError, match="was changed since"):
        lock_question(other, evidence)
    assert read_lock(lock_path(mine)) == first
    lock_question(other, evidence, again=True)
    assert read_lock(lock_path(mine))[:1] == first
    found = registration_of(other)
    assert found is not None
    assert (found.state, found.earlier) == ("unchanged", (first[0].on,))
    assert any("registered 2 times" in c for c in registration_caveats(found))


def test_of_several_who_register_at_once_one_does(file: Path, evidence: Evidence) -> None:
    question = load_question(file)

    def try_it(_: int) -> bool:
        try:
            lock_question(question, evidence)
        except QuestionError:
            return False
        return True

    with ThreadPoolExecutor(4) as many:
        assert sum(many.map(try_it, range(4))) == 1
    assert len(read_lock(lock_path(question))) == 1


@pytest.mark.parametrize(
    ("plant", "problem"),
    [
        (lambda d: d["registered"][0]["question"]["window"].update(to="2019-12-31"), "its hash"),
        (lambda d: d["registered"][0].update(sha256="0" * 64), "its hash"),
        (lambda d: d.update(comity="something else"), "no lock of a question"),
        (lambda d: d.update(version="9"), "version"),
        (lambda d: d.update(registered=[]), "no registration"),
        (lambda d: d.update(registered={}), "no list"),
        (lambda d: d["registered"][0].pop("on"), "has no on"),
        (lambda d: d["registered"][0].update(note=7), "note is 7"),
    ],
)
def test_a_lock_that_was_altered_is_no_registration(
    mine: Question, plant: Any, problem: str
) -> None:
    rewrite(lock_path(mine), plant)
    with pytest.raises(StoreError, match=problem):
        read_lock(lock_path(mine))
    found = registration_of(mine)
    assert found is not None
    assert found.state == "damaged"
    assert registration_check(found).passed is False
    assert problem in registration_line(found)
    assert len(registration_caveats(found)) == 1


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"comity": 1}'])
def test_a_file_that_is_no_lock_is_told_and_stops_no_verdict(
    mine: Question, content: bytes
) -> None:
    lock_path(mine).write_bytes(content)
    found = registration_of(mine)
    assert found is not None
    assert found.state == "damaged"


def test_a_lock_is_not_overwritten_where_it_cannot_be_read(
    mine: Question, evidence: Evidence
) -> None:
    lock_path(mine).write_text("not a lock", "utf-8")
    with pytest.raises(StoreError):
        lock_question(mine, evidence, again=True)
    assert lock_path(mine).read_text("utf-8") == "not a lock"


def test_evidence_at_hand_or_closed_before_does_not_count_as_unseen(
    mine: Question, evidence: Evidence
) -> None:
    (dcid,) = evidence.releases
    registered = int(read_lock(lock_path(mine))[0].on[:4])
    later = replace(dcid, release="9.9", closed_on=parse_date(str(registered + 5)))
    older = replace(dcid, list="other", closed_on=parse_date("2019-04"))
    found = registration_of(mine, releases=(dcid, later, older))
    assert found is not None
    assert found.known == (f"dcid {dcid.release}", f"other {dcid.release}")
    assert "could be read already" in registration_caveats(found)[-1]
    fresh = registration_of(mine, releases=(later,))
    assert fresh is not None
    assert registration_caveats(fresh) == ()


def test_choices_that_are_not_the_registered_ones_are_named(mine: Question) -> None:
    asked = Choices(reading=DateReading("exact", "month"), seed=7)
    found = registration_of(mine, asked)
    assert found is not None
    assert found.state == "unchanged"
    assert found.asked == (
        FieldChange("first_of_year", "year", "exact"),
        FieldChange("seed", "20150925", "7"),
    )
    assert "first_of_year year -> exact" in registration_caveats(found)[0]


def test_a_question_nobody_registered_is_told_for_information() -> None:
    check = registration_check(None)
    assert (check.passed, registration_caveats(None)) == (None, ())


def test_a_note_without_end_is_refused(file: Path, evidence: Evidence) -> None:
    with pytest.raises(QuestionError, match="more than 2000"):
        lock_question(load_question(file), evidence, note="x" * 2001)
    assert not lock_path(load_question(file)).exists()


def test_a_store_that_is_a_file_is_refused(tmp_path: Path, evidence: Evidence) -> None:
    (tmp_path / "home").write_text("x", "utf-8")
    with pytest.raises(StoreError, match="cannot be written"):
        lock_question(load_question("us-china-2015"), evidence, home=tmp_path / "home")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the owner may write anywhere")
def test_a_folder_one_may_not_write_to_is_refused(file: Path, evidence: Evidence) -> None:
    file.parent.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="cannot be written"):
            lock_question(load_question(file), evidence)
    finally:
        file.parent.chmod(0o700)


def test_a_write_stopped_half_way_leaves_no_lock(
    file: Path, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stop)
        with pytest.raises(KeyboardInterrupt):
            lock_question(load_question(file), evidence)
    assert sorted(p.name for p in file.parent.iterdir()) == ["mine.toml"]
