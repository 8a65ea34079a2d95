"""The user's store: what goes in comes out, one writer at a time, all or nothing."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from comity.errors import SourceError, StoreError
from comity.incidents.add import add_files
from comity.incidents.load import load_evidence
from comity.incidents.sources.result import ReadResult
from comity.incidents.store import add_list, read_manifest, remove_list, stored_table
from comity.provenance import sha256_of
from comity.storage import home, locked

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def own_list(folder: Path, name: str = "mine", rows: int = 3) -> tuple[Path, Path]:
    """Write a list with some rows and its mapping; return both paths."""
    table, mapping = folder / f"{name}.csv", folder / f"{name}.toml"
    table.write_text("t,d\n" + "".join(f"Heron {n},2015-0{n % 9 + 1}\n" for n in range(rows)))
    mapping.write_text(
        f'[list]\nname = "{name}"\nrelease = "{rows}"\ntitle = "Mine"\nlicence = "internal"\n'
        '[columns]\nname = "t"\nstart = "d"\n'
    )
    return table, mapping


def add_own(folder: Path, name: str = "mine", rows: int = 3) -> ReadResult:
    table, mapping = own_list(folder, name, rows)
    return add_files(name, [table], mapping, folder / "home")


def files_of(folder: Path) -> set[str]:
    return {p.name for p in (folder / "home" / "evidence").iterdir()}


def test_what_is_added_is_loaded_beside_what_ships(tmp_path: Path) -> None:
    result = add_own(tmp_path)
    evidence = load_evidence(home=tmp_path / "home")
    assert [r.list for r in evidence.releases] == ["dcid", "mine"]
    assert load_evidence(["mine"], tmp_path / "home").table.equals(result.table)


def test_the_manifest_says_what_when_and_from_which_bytes(tmp_path: Path) -> None:
    result = add_own(tmp_path)
    table, mapping = own_list(tmp_path)
    add_list(result, [table, mapping], tmp_path / "home", NOW)
    entry = read_manifest(tmp_path / "home")["mine"]
    assert entry.release.added == "2026-03-01T12:00:00+00:00"
    assert entry.release.licence == "internal"
    assert [(f.name, f.sha256) for f in entry.files] == [
        ("mine.csv", sha256_of(table)), ("mine.toml", sha256_of(mapping)),
    ]  # fmt: skip
    assert stored_table(entry, tmp_path / "home").height == entry.rows == 3


def test_the_users_file_is_not_altered(tmp_path: Path) -> None:
    table, mapping = own_list(tmp_path)
    before = table.read_bytes(), table.stat().st_mtime_ns
    add_files("mine", [table], mapping, tmp_path / "home")
    assert (table.read_bytes(), table.stat().st_mtime_ns) == before


def test_a_newer_release_takes_the_place_of_the_older(tmp_path: Path) -> None:
    add_own(tmp_path, rows=3)
    add_own(tmp_path, rows=5)
    assert len(load_evidence(["mine"], tmp_path / "home")) == 5
    assert sum(name.endswith(".parquet") for name in files_of(tmp_path)) == 1


def test_removing_leaves_the_others_and_what_ships(tmp_path: Path) -> None:
    add_own(tmp_path, "mine")
    add_own(tmp_path, "yours")
    assert remove_list("mine", tmp_path / "home").release.list == "mine"
    lists = [r.list for r in load_evidence(home=tmp_path / "home").releases]
    assert lists == ["dcid", "yours"]
    with pytest.raises(StoreError, match=r"no list 'dcid' among those you added \(yours\)"):
        remove_list("dcid", tmp_path / "home")


def test_a_list_added_under_a_shipped_name_takes_its_place(tmp_path: Path) -> None:
    add_own(tmp_path, "dcid", rows=2)
    assert len(load_evidence(["dcid"], tmp_path / "home")) == 2
    remove_list("dcid", tmp_path / "home")
    assert len(load_evidence(["dcid"], tmp_path / "home")) == 423


@pytest.mark.parametrize("point", ["table", "manifest"])
def test_a_write_interrupted_at_any_point_leaves_the_old_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    add_own(tmp_path, rows=3)
    before = files_of(tmp_path)
    replace = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        if (target.name == "manifest.json") == (point == "manifest"):
            raise KeyboardInterrupt
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            add_own(tmp_path, rows=5)
    assert len(load_evidence(["mine"], tmp_path / "home")) == 3
    assert not any(name.endswith(".part") for name in files_of(tmp_path))
    add_own(tmp_path, rows=4)  # and the next write clears what the interrupted one left
    assert len(load_evidence(["mine"], tmp_path / "home")) == 4
    assert len(files_of(tmp_path)) == len(before)


def test_a_process_that_dies_does_not_hold_the_lock(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=_die_with_the_lock, args=(tmp_path / ".lock",))
    child.start()
    child.join()
    assert child.exitcode == 7
    with locked(tmp_path / ".lock", patience=0):
        pass


def _die_with_the_lock(path: Path) -> None:
    with locked(path):
        os._exit(7)


def test_a_second_writer_is_told_that_the_store_is_busy(tmp_path: Path) -> None:
    with (
        locked(tmp_path / ".lock"),
        pytest.raises(StoreError, match="Another Comity is writing"),
        locked(tmp_path / ".lock", patience=0),
    ):
        pass


def test_many_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    names = [f"list-{n}" for n in range(6)]

    def write(name: str) -> None:
        for rows in (1, 2, 3):
            add_own(tmp_path, name, rows)

    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(write, names))
    evidence = load_evidence(home=tmp_path / "home")
    assert [r.list for r in evidence.releases] == ["dcid", *names]
    assert len(evidence) == 423 + 6 * 3


@pytest.mark.parametrize("name", ["../out", "My List", "", "-x", "a" * 65])
def test_a_name_that_would_leave_the_store_is_refused(tmp_path: Path, name: str) -> None:
    from dataclasses import replace

    result = add_own(tmp_path)
    wrong = replace(result, release=replace(result.release, list=name))
    with pytest.raises(StoreError, match="cannot be the name of a list"):
        add_list(wrong, [], tmp_path / "home")


def test_the_mappings_name_is_the_lists_name(tmp_path: Path) -> None:
    table, mapping = own_list(tmp_path)
    with pytest.raises(SourceError, match=r"of the list 'mine', not 'other'.*add mine FILE"):
        add_files("other", [table], mapping, tmp_path / "home")


def test_the_home_is_chosen_by_the_environment_or_the_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMITY_HOME", str(tmp_path))
    assert home() == tmp_path
    monkeypatch.delenv("COMITY_HOME")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert home() == tmp_path / "xdg" / "comity"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert home() == tmp_path / ".local" / "share" / "comity"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert home() == tmp_path / "Library" / "Application Support" / "comity"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "Local"))
    assert home() == tmp_path / "Local" / "comity"


def test_nothing_is_written_by_reading(tmp_path: Path) -> None:
    load_evidence(home=tmp_path / "home")
    assert read_manifest(tmp_path / "home") == {}
    assert not (tmp_path / "home").exists()
