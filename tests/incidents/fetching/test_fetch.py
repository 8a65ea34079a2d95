"""A release in the user's folder: once, whole, checked, and where it belongs."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from comity.errors import FetchError, StoreError
from comity.incidents.fetching.download import Limits
from comity.incidents.fetching.fetch import download_folder, fetch
from comity.incidents.fetching.releases import ReleaseFile

from .conftest import CONTENT, ETAG, Publisher, Request, dropped, whole

DIGEST = hashlib.sha256(CONTENT).hexdigest()
LIMITS = Limits(waits=(), sleep=lambda seconds: None)
NOW = dt.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC)


@pytest.fixture
def one(publisher: Publisher) -> ReleaseFile:
    return ReleaseFile(
        "mine", "1.0 (May)", "list.csv", publisher.address(), "", "CC0-1.0", "all", "",
        "https://a.example", "seen", "",
    )  # fmt: skip


def test_a_file_lands_in_the_folder_of_its_release(
    publisher: Publisher, one: ReleaseFile, tmp_path: Path
) -> None:
    (got,) = fetch([one], tmp_path, LIMITS, now=NOW)
    assert got.path == tmp_path / "downloads" / "mine" / "1.0-may" / "list.csv"
    assert got.path.read_bytes() == CONTENT
    assert (got.sha256, got.size, got.checked, got.cached) == (DIGEST, 10240, False, False)
    receipt = json.loads(got.path.with_name("list.csv.fetched.json").read_text())
    assert receipt == {
        "list": "mine", "release": "1.0 (May)", "address": one.address, "sha256": DIGEST,
        "size": 10240, "etag": ETAG, "fetched": "2026-01-02T03:04:05+00:00", "licence": "CC0-1.0",
    }  # fmt: skip
    left = {p.name for p in got.path.parent.iterdir()}
    assert left == {"list.csv", "list.csv.fetched.json", ".lock"}


def test_what_a_server_calls_the_file_is_not_asked(
    publisher: Publisher, one: ReleaseFile, tmp_path: Path
) -> None:
    def named(request: Request) -> None:
        request.send(200, CONTENT, Content_Disposition='attachment; filename="../../../evil.csv"')

    publisher.answers = [named]
    (got,) = fetch([one], tmp_path, LIMITS)
    assert got.path.name == "list.csv"
    assert not list(tmp_path.rglob("evil*"))


@pytest.mark.parametrize("release", ["../../up", "..", ".", "a/b", "", "x" * 300])
def test_a_release_stays_in_the_folder_of_downloads(
    one: ReleaseFile, tmp_path: Path, release: str
) -> None:
    folder = download_folder(replace(one, release=release), tmp_path)
    assert folder.parent == tmp_path / "downloads" / "mine"
    assert folder.name not in ("", ".", "..")
    assert len(folder.name) <= 64


def test_a_known_checksum_is_compared(
    publisher: Publisher, one: ReleaseFile, tmp_path: Path
) -> None:
    (got,) = fetch([replace(one, sha256=DIGEST)], tmp_path, LIMITS)
    assert got.checked


def test_a_wrong_checksum_is_never_used(
    publisher: Publisher, one: ReleaseFile, tmp_path: Path
) -> None:
    expected = "0" * 64
    with pytest.raises(FetchError, match=f"{DIGEST}, expected was {expected}"):
        fetch([replace(one, sha256=expected)], tmp_path, LIMITS)
    folder = download_folder(one, tmp_path)
    assert {p.name for p in folder.iterdir()} == {"list.csv.wrong", ".lock"}
    assert (folder / "list.csv.wrong").read_bytes() == CONTENT


def test_a_wrong_checksum_leaves_the_file_that_was_there(
    publisher: Publisher, one: ReleaseFile, tmp_path: Path
) -> None:
    (got,) = fetch([one], tmp_path, LIMITS)
    with pytest.raises(FetchError):
        fetch([replace(one, sha256="0" * 64)], tmp_path, LIMITS)
    assert got.path.read_bytes() == CONTENT


def test_a_file_at_hand_is_not_fetched_again(
    publisher: Publisher, one: ReleaseFile, tmp_path: Path
) -> None:
    for sure in (one, replace(one, sha256=DIGEST)):
        fetch([sure], tmp_path, LIMITS)
        (again,) = fetch([sure], tmp_path, LIMITS)
        assert again.cached
        assert again.checked is bool(sure.sha256)
    assert len(publisher.asked) == 1


def test_a_file_that_was_altered_is_fetched_again(
    publisher: Publisher, one: ReleaseFile, tmp_path: Path
) -> None:
    (got,) = fetch([one], tmp_path, LIMITS)
    got.path.write_bytes(b"other")
    (again,) = fetch([one], tmp_path, LIMITS)
    assert not again.cached
    assert got.path.read_bytes() == CONTENT
    assert "if-none-match" not in publisher.asked[1]


@pytest.mark.parametrize("damage", ["", "[]", "{}", "null"])
def test_a_damaged_receipt_means_fetching_again(
    publisher: Publisher, one: ReleaseFile, tmp_path: Path, damage: str
) -> None:
    (got,) = fetch([one], tmp_path, LIMITS)
    got.path.with_name("list.csv.fetched.json").write_text(damage)
    (again,) = fetch([one], tmp_path, LIMITS)
    assert not again.cached


def test_the_same_file_from_another_address_is_fetched(
    publisher: Publisher, one: ReleaseFile, tmp_path: Path
) -> None:
    fetch([one], tmp_path, LIMITS)
    (again,) = fetch([replace(one, address=publisher.address("/copy"))], tmp_path, LIMITS)
    assert not again.cached


def test_an_address_whose_content_moves_on_is_asked_whether_it_did(
    publisher: Publisher, one: ReleaseFile, tmp_path: Path
) -> None:
    latest = replace(one, release="latest")
    fetch([latest], tmp_path, LIMITS)
    publisher.answers = [lambda r: r.send(304)]
    (same,) = fetch([latest], tmp_path, LIMITS)
    assert same.cached
    assert publisher.asked[1]["if-none-match"] == ETAG
    publisher.answers = [lambda r: r.send(200, b"newer", ETag='"second"')]
    (newer,) = fetch([latest], tmp_path, LIMITS)
    assert newer.path.read_bytes() == b"newer"


def test_several_files_come_in_order_and_those_that_came_stay(
    publisher: Publisher, one: ReleaseFile, tmp_path: Path
) -> None:
    files = [one, replace(one, file="b.csv", address=publisher.address("/b"))]
    publisher.answers = [whole, lambda r: r.send(404)]
    with pytest.raises(FetchError, match="/b"):
        fetch(files, tmp_path, LIMITS)
    publisher.answers = [whole]
    first, second = fetch(files, tmp_path, LIMITS)
    assert (first.cached, second.cached) == (True, False)


def test_a_truncated_file_is_not_there(
    publisher: Publisher, one: ReleaseFile, tmp_path: Path
) -> None:
    publisher.answers = [dropped(100), dropped(0)]
    with pytest.raises(FetchError, match=r"100 bytes are kept"):
        fetch([one], tmp_path, LIMITS)
    assert not (download_folder(one, tmp_path) / "list.csv").exists()


def test_a_folder_that_cannot_be_made(
    publisher: Publisher, one: ReleaseFile, tmp_path: Path
) -> None:
    (tmp_path / "downloads").write_text("a file in the way")
    with pytest.raises(StoreError, match="folder of downloads"):
        fetch([one], tmp_path, LIMITS)
    assert publisher.asked == []
