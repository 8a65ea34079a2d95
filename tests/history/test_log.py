"""The log that only grows: numbers, hashes, two writers, a kill, a full disk, a reader's eye."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from comity.errors import StoreError
from comity.history.log import append, read_log

WRITERS, TIMES = 3, 20


def add(path: Path, said: str) -> int:
    record = append(path, lambda n, before: {"number": n, "previous": before, "said": said})
    return int(record["number"])


@pytest.fixture
def three(tmp_path: Path) -> Path:
    path = tmp_path / "history" / "log.jsonl"
    assert [add(path, word) for word in ("one", "two", "three")] == [1, 2, 3]
    return path


def said(path: Path) -> list[str]:
    return [record["said"] for record in read_log(path).records]


def test_a_log_that_does_not_exist_is_empty(tmp_path: Path) -> None:
    assert read_log(tmp_path / "no" / "log.jsonl").records == ()


def test_what_is_added_reads_back_in_order_and_is_for_its_owner_only(three: Path) -> None:
    log = read_log(three)
    assert said(three) == ["one", "two", "three"]
    assert log.problems == ()
    assert log.records[0]["previous"] == ""
    if os.name == "posix":
        assert three.stat().st_mode & 0o077 == 0


def test_adding_alters_no_line_before(three: Path) -> None:
    before = three.read_bytes()
    add(three, "four")
    assert three.read_bytes().startswith(before)


@pytest.mark.parametrize(
    ("plant", "problem"),
    [
        (lambda lines: [lines[0], lines[1].replace(b"two", b"TWO"), lines[2]], "number 3"),
        (lambda lines: [lines[0], lines[2]], "number 3 does not follow number 1"),
        (lambda lines: lines[1:], "number 2 does not follow number 0"),
        (lambda lines: [lines[1], lines[0], lines[2]], "number 2 does not follow number 0"),
    ],
    ids=["altered", "removed", "first removed", "reordered"],
)
def test_a_line_altered_removed_or_moved_is_noticed(three: Path, plant, problem: str) -> None:
    three.write_bytes(b"".join(plant(three.read_bytes().splitlines(keepends=True))))
    assert any(problem in found for found in read_log(three).problems)


def test_a_line_cut_off_by_a_kill_is_closed_by_the_next_writer(three: Path) -> None:
    with three.open("ab") as stream:
        stream.write(b'{"number": 4, "previous": "')
    assert said(three) == ["one", "two", "three"]
    assert read_log(three).problems == ()  # it may be one that is being written
    assert add(three, "four") == 4
    assert said(three) == ["one", "two", "three", "four"]
    assert read_log(three).problems == ("log.jsonl: a line after number 3 was cut off",)


def test_a_whole_line_without_its_end_keeps_its_number(three: Path) -> None:
    three.write_bytes(three.read_bytes().rstrip(b"\n"))
    assert said(three) == ["one", "two"]
    assert add(three, "four") == 4
    assert said(three) == ["one", "two", "three", "four"]
    assert read_log(three).problems == ()


def test_a_long_last_line_is_found_whole(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    assert [add(path, word * 100_000) for word in "ab"] == [1, 2]
    assert add(path, "c") == 3
    assert read_log(path).problems == ()


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_a_full_disk_or_ctrl_c_leaves_the_log_as_it_was(
    three: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    before = three.read_bytes()
    real = os.write

    def half(handle: int, content: bytes) -> int:
        real(handle, content[: len(content) // 2])
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half)
        with pytest.raises((StoreError, KeyboardInterrupt)):
            add(three, "four")
    assert three.read_bytes() == before
    assert add(three, "four") == 4


def test_ctrl_c_before_it_is_on_the_disk_takes_the_line_back(
    three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = three.read_bytes()

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", stop)
        with pytest.raises(KeyboardInterrupt):
            add(three, "four")
    assert three.read_bytes() == before


def test_a_writer_killed_half_way_holds_nobody_up(three: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from comity.history.log import append\n"
        "real = os.write\n"
        "def die(handle, content):\n"
        "    real(handle, content[:20]); os._exit(9)\n"
        "os.write = die\n"
        "append(Path(sys.argv[1]), lambda n, p: {'number': n, 'previous': p, 'said': 'lost'})\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(three)], check=False)
    assert done.returncode == 9
    assert add(three, "four") == 4
    assert said(three) == ["one", "two", "three", "four"]


def add_often(path: Path, name: str) -> None:
    for n in range(TIMES):
        add(path, f"{name}{n}")


def add_from_a_process(path: Path, name: str) -> None:
    process = multiprocessing.get_context("spawn").Process(target=add_often, args=(path, name))
    process.start()
    process.join()
    assert process.exitcode == 0


@pytest.mark.parametrize("write", [add_often, add_from_a_process], ids=["threads", "processes"])
def test_writers_at_once_lose_nothing_and_number_without_a_gap(tmp_path: Path, write) -> None:
    path = tmp_path / "log.jsonl"
    with ThreadPoolExecutor(WRITERS) as writers:
        for done in [writers.submit(write, path, name) for name in "abc"]:
            done.result()
    log = read_log(path)
    assert log.problems == ()
    assert [r["number"] for r in log.records] == list(range(1, WRITERS * TIMES + 1))
    assert {r["said"] for r in log.records} == {f"{c}{n}" for c in "abc" for n in range(TIMES)}


def test_what_is_no_record_is_told_and_passed_over(three: Path) -> None:
    with three.open("ab") as stream:
        stream.write(
            b"[1]\n" + b"[" * 20_000 + b"\n" + b'{"number": "4", "previous": ""}\n\xff\xfe\n'
        )
    assert said(three) == ["one", "two", "three"]
    assert len(read_log(three).problems) == 4
    assert add(three, "four") == 4


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "history").write_text("x", "utf-8")
    with pytest.raises(StoreError, match="cannot be written"):
        add(tmp_path / "history" / "log.jsonl", "one")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the owner may write anywhere")
def test_a_folder_one_may_not_write_to_is_refused(three: Path) -> None:
    three.parent.chmod(0o500)
    three.chmod(0o400)
    try:
        with pytest.raises(StoreError, match="Make the folder writable"):
            add(three, "four")
    finally:
        three.parent.chmod(0o700)


def test_another_writer_is_waited_for_and_then_told(tmp_path: Path) -> None:
    from comity.storage import locked

    path = tmp_path / "log.jsonl"
    with locked(tmp_path / ".lock"), pytest.raises(StoreError, match="Another Comity"):
        append(path, lambda n, p: {"number": n, "previous": p}, patience=0.05)
    assert not path.exists()


def test_a_line_is_one_json_object(three: Path) -> None:
    records = [json.loads(line) for line in three.read_text("ascii").splitlines()]
    assert [set(r) for r in records] == [{"number", "previous", "said"}] * 3
