"""The store when things go wrong: its last good state is what stays."""

import errno
import multiprocessing
import os
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from comity.errors import SourceError, StoreError
from comity.incidents import store
from comity.incidents.add import add_files
from comity.incidents.load import load_evidence
from comity.incidents.sources.cfr import read_cfr
from comity.incidents.store import read_manifest, remove_list
from comity.provenance import sha256_of
from comity.storage import locked

from .published import cfr, dcid


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a store that already holds a CFR of one row."""
    home = tmp_path / "home"
    add_files("cfr", [cfr(tmp_path)], home=home)
    return home


def state(home: Path) -> dict[str, bytes]:
    """Return every file of the store but the lock, with its bytes."""
    files = sorted((home / "evidence").iterdir())
    return {f.name: f.read_bytes() for f in files if f.name != ".lock"}


def two_rows(folder: Path) -> Path:
    return cfr(folder, {}, {"Title": "Second Lantern"})


def test_adding_records_what_was_read_and_leaves_the_file_as_it_was(tmp_path):
    home, path = tmp_path / "home", two_rows(tmp_path)
    before = path.read_bytes()
    add_files("cfr", [path], home=home)
    entry = read_manifest(home)["cfr"]
    assert path.read_bytes() == before
    assert entry.files[0].sha256 == entry.release.sha256 == sha256_of(path)
    assert (entry.rows, entry.release.rows_in_file, entry.release.added[:2]) == (2, 2, "20")
    assert [r.list for r in load_evidence(home=home).releases] == ["cfr", "dcid"]


def test_a_newer_release_takes_the_place_of_the_older_and_leaves_no_litter(home, tmp_path):
    add_files("cfr", [two_rows(tmp_path)], home=home)
    assert len(load_evidence(["cfr"], home)) == 2
    assert len(state(home)) == 2


def test_a_list_of_the_users_takes_the_place_of_one_that_ships(tmp_path):
    add_files("dcid", [dcid(tmp_path)], home=tmp_path / "home")
    assert len(load_evidence(["dcid"], tmp_path / "home")) == 1
    remove_list("dcid", tmp_path / "home")
    assert len(load_evidence(["dcid"], tmp_path / "home")) == 423


@pytest.mark.parametrize("call", ["mkstemp", "fsync", "replace"])
@pytest.mark.parametrize("after", [0, 1])
def test_a_full_disk_leaves_the_old_state(home, tmp_path, monkeypatch, call, after):
    before = state(home)
    full = failing(call, after, OSError(errno.ENOSPC, "No space left on device"))
    with monkeypatch.context() as patch:
        owner = {"mkstemp": tempfile, "fsync": os, "replace": Path}[call]
        patch.setattr(owner, call, full(getattr(owner, call)))
        with pytest.raises(StoreError, match="the disk is full") as caught:
            add_files("cfr", [two_rows(tmp_path)], home=home)
    assert "COMITY_HOME" in str(caught.value)
    assert committed(state(home)) == committed(before)
    assert len(load_evidence(["cfr"], home)) == 1


def test_a_write_interrupted_before_it_is_committed_leaves_the_old_state(
    home, tmp_path, monkeypatch
):
    before = state(home)
    stop = failing("replace", 1, KeyboardInterrupt())
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stop(Path.replace))
        with pytest.raises(KeyboardInterrupt):
            add_files("cfr", [two_rows(tmp_path)], home=home)
    assert committed(state(home)) == committed(before)
    assert not [name for name in state(home) if name.endswith(".part")]
    add_files("cfr", [two_rows(tmp_path)], home=home)
    assert len(state(home)) == 2


def failing(name, after, error):
    """Return a maker of a function that works `after` times and then fails."""

    def make(real):
        calls = []

        def call(*args, **kwargs):
            calls.append(name)
            if len(calls) > after:
                raise error
            return real(*args, **kwargs)

        return call

    return make


def committed(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the manifest and the tables it names; a table nobody names yet is no state."""
    named = files["manifest.json"].decode()
    return {name: text for name, text in files.items() if name in named or name == "manifest.json"}


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the owner may write anywhere")
def test_a_read_only_folder_is_said_to_be_one(home, tmp_path):
    folder = home / "evidence"
    folder.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="cannot be written"):
            add_files("cfr", [two_rows(tmp_path)], home=home)
    finally:
        folder.chmod(0o700)


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_a_refusal_to_write_is_told_with_what_to_do(home, tmp_path, monkeypatch, code):
    before = state(home)
    refuse = failing("mkstemp", 0, OSError(code, os.strerror(code)))
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "mkstemp", refuse(tempfile.mkstemp))
        with pytest.raises(StoreError, match="Make the folder writable") as caught:
            add_files("cfr", [two_rows(tmp_path)], home=home)
    assert "unchanged" in str(caught.value)
    assert state(home) == before


def test_a_home_that_is_a_file_is_refused(tmp_path):
    home = tmp_path / "home"
    home.write_text("not a folder", "utf-8")
    with pytest.raises(StoreError, match="cannot be written"):
        add_files("cfr", [cfr(tmp_path)], home=home)
    assert home.read_text("utf-8") == "not a folder"


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[]",
        '{"schema": "9"}',
        '{"schema": "1.0", "lists": {"cfr": {}}}',
        '{"schema": "1.0", "lists": {"../x": {"release": {}}}}',
    ],
)
def test_a_damaged_manifest_says_where_it_is_and_what_to_do(home, damage):
    path = home / "evidence" / "manifest.json"
    path.write_text(damage, "utf-8")
    with pytest.raises(StoreError, match=r"Move it away.*comity evidence add") as caught:
        load_evidence(home=home)
    assert str(path) in str(caught.value)
    with pytest.raises(StoreError):
        remove_list("cfr", home)
    assert path.read_text("utf-8") == damage


def test_a_manifest_cannot_name_a_table_outside_the_store(home):
    path = home / "evidence" / "manifest.json"
    text = path.read_text("utf-8")
    path.write_text(re.sub(r'"table": "[^"]+"', '"table": "../../elsewhere.parquet"', text))
    with pytest.raises(StoreError, match="does not fit its table"):
        load_evidence(home=home)


@pytest.mark.parametrize("content", [None, b"", b"PAR1 and nothing else"])
def test_a_damaged_or_missing_table_says_to_add_the_list_again(home, content):
    table = next((home / "evidence").glob("*.parquet"))
    table.unlink()
    if content is not None:
        table.write_bytes(content)
    with pytest.raises(StoreError, match="comity evidence add cfr FILE"):
        load_evidence(["cfr"], home)
    assert len(load_evidence(["dcid"], home)) == 423


def test_a_name_that_could_leave_the_store_is_refused(tmp_path):
    result = read_cfr(cfr(tmp_path))
    for name in ("../x", "", "A", "a/b", "x" * 65):
        wrong = replace(result, release=replace(result.release, list=name))
        with pytest.raises(StoreError, match="cannot be the name of a list"):
            store.add_list(wrong, [], tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_what_is_not_there_cannot_be_removed_or_loaded(home):
    with pytest.raises(StoreError, match=r"'eurepoc'.*\(cfr\)"):
        remove_list("eurepoc", home)
    with pytest.raises(SourceError, match="At hand: cfr, dcid"):
        load_evidence(["eurepoc"], home)


def test_a_second_writer_is_told_that_the_store_is_busy(home):
    before = state(home)
    lock = home / "evidence" / ".lock"
    with (
        locked(lock),
        pytest.raises(StoreError, match="Another Comity is writing"),
        locked(lock, patience=0),
    ):
        pytest.fail("two writers hold the lock")
    assert state(home) == before


def write_often(home: Path, path: Path, name: str) -> None:
    for _ in range(4):
        add_files(name, [path], home=home)


def write_from_a_process(home: Path, path: Path, name: str) -> int | None:
    """Write from a process of its own and return its exit code."""
    process = multiprocessing.get_context("spawn").Process(
        target=write_often, args=(home, path, name)
    )
    process.start()
    process.join()
    return process.exitcode


@pytest.mark.parametrize(
    "write",
    [write_often, pytest.param(write_from_a_process, marks=pytest.mark.slow)],
    ids=["threads", "processes"],
)
def test_two_writers_at_once_both_get_their_lists_in(tmp_path, write):
    home = tmp_path / "home"
    jobs = [("cfr", two_rows(tmp_path)), ("dcid", dcid(tmp_path))]
    with ThreadPoolExecutor(2) as writers:
        done = [writers.submit(write, home, path, name) for name, path in jobs]
    assert [one.result() for one in done] in ([None, None], [0, 0])
    assert sorted(read_manifest(home)) == ["cfr", "dcid"]
    assert len(load_evidence(home=home)) == 3
    assert len(state(home)) == 3
