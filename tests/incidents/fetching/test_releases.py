"""The table of releases: every row holds, and what is chosen for what a user asks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.errors import FetchError
from comity.incidents.fetching.releases import (
    COLUMNS,
    ReleaseFile,
    check_reader,
    choose,
    known_files,
    read_releases,
    releases_file,
)
from comity.incidents.shipped import shipped_release

ROW = {
    "list": "mine", "release": "1", "file": "a.csv", "address": "https://a.example/a.csv",
    "sha256": "", "licence": "CC0-1.0", "allows": "all", "reader": "cfr",
    "page": "https://a.example", "status": "seen", "note": "",
}  # fmt: skip


def problems_of(**change: str) -> list[str]:
    cells = {**ROW, **change}
    text = "\t".join(COLUMNS) + "\n" + "\t".join(cells[c] for c in COLUMNS) + "\n"
    return [why for _, why in read_releases(text.encode())[1]]


def test_the_table_that_ships_has_no_problem() -> None:
    found, problems = read_releases(releases_file().read_bytes())
    assert problems == []
    assert found == known_files()
    assert {"eurepoc", "dcid", "attack", "vcdb", "cfr"} <= {f.list for f in found}


def test_no_file_of_the_table_stands_twice() -> None:
    names = [(f.list, f.release, f.file) for f in known_files()]
    assert len(names) == len(set(names))


def test_the_checksum_of_dcid_is_the_one_its_table_was_made_from() -> None:
    one = next(f for f in known_files() if f.list == "dcid" and f.sha256)
    assert one.sha256 == shipped_release("dcid").sha256
    assert one.release == shipped_release("dcid").release


def test_a_row_that_holds() -> None:
    assert problems_of() == []
    assert problems_of(address="", file="", note="ask for it") == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"list": "../up"}, "cannot be the name of a list"),
        ({"address": "http://a.example/a"}, "not encrypted"),
        ({"address": "http://127.0.0.1/a"}, "must begin with https"),
        ({"address": "ftp://a.example/a"}, "https://"),
        ({"file": ""}, "file ''"),
        ({"file": "../a.csv"}, "letters, digits"),
        ({"file": ".a"}, "letters, digits"),
        ({"address": ""}, "by hand"),
        ({"sha256": "abc"}, "64 digits"),
        ({"sha256": "A" * 64}, "64 digits"),
        ({"status": "sure"}, "status is 'sure'"),
        ({"page": "http://a.example"}, "https address where"),
        ({"licence": ""}, "licence is empty"),
        ({"note": " x"}, "blanks"),
    ],
)
def test_a_row_that_does_not_hold(change: dict[str, str], said: str) -> None:
    assert any(said in why for why in problems_of(**change))


def test_the_first_release_is_meant_with_all_its_files() -> None:
    files = choose("eurepoc")
    assert len(files) == 3
    assert {f.release for f in files} == {files[0].release}
    assert all(f.licence == "CC-BY-NC-4.0" for f in files)


def test_a_release_is_named_in_any_case() -> None:
    (one,) = choose("attack", "LATEST")
    assert one.file == "enterprise-attack.json"


@pytest.mark.parametrize(
    ("name", "release", "said"),
    [
        ("eurepok", "", "Did you mean eurepoc"),
        ("nothing-like-it", "", "Known: eurepoc, dcid"),
        ("eurepoc", "9.9", "Known: '1.3'"),
        ("cfr", "", r"https://www.cfr.org/cyber-operations/. Then: `comity evidence add cfr FILE`"),
        ("dcid", "", "--release '2.0 \\(September 2022\\)'"),
    ],
)
def test_what_cannot_be_fetched_says_what_can(name: str, release: str, said: str) -> None:
    with pytest.raises(FetchError, match=said):
        choose(name, release)


def test_an_address_of_the_users_own_for_an_unknown_list() -> None:
    (one,) = choose("mine", address="https://a.example/x/list.csv?v=1")
    assert (one.file, one.licence, one.status) == ("list.csv", "not known", "unverified")
    with pytest.raises(FetchError, match="cannot be the name of a list"):
        choose("../mine", address="https://a.example/list.csv")
    with pytest.raises(FetchError, match="not encrypted"):
        choose("mine", address="http://a.example/list.csv")


def test_a_copy_of_a_known_file_keeps_its_checksum() -> None:
    (one,) = choose("dcid", address="https://a.example/copy.xlsx")
    known = next(f for f in known_files() if f.list == "dcid")
    assert one == replace(known, address="https://a.example/copy.xlsx", status="unverified")


def test_a_copy_of_one_file_of_several_is_known_by_its_name() -> None:
    known = known_files()[1]
    (one,) = choose("eurepoc", address=f"https://a.example/{known.file}")
    assert one.file == known.file
    (one,) = choose("eurepoc", address="https://a.example/other.csv")
    assert (one.file, one.sha256, one.licence) == ("other.csv", "", known.licence)


def test_a_checksum_is_for_one_file_and_is_one() -> None:
    (one,) = choose("attack", sha256=" " + "AB" * 32)
    assert one.sha256 == "ab" * 32
    with pytest.raises(FetchError, match="for one file; this release has 3"):
        choose("eurepoc", sha256="ab" * 32)
    with pytest.raises(FetchError, match="64 digits"):
        choose("attack", sha256="abc")


def test_what_no_reader_reads_is_said_before_it_is_fetched() -> None:
    check_reader([ReleaseFile(**ROW)])
    with pytest.raises(FetchError, match="Nothing was fetched: Comity has no reader"):
        check_reader([ReleaseFile(**{**ROW, "reader": ""})])
