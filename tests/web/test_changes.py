"""What changes the user's folder: by POST, with the form's token, or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from comity.errors import SourceError
from comity.incidents.linkage.decisions import current, read_decisions
from comity.incidents.load import load_evidence
from comity.incidents.store import copy_open_lists, read_manifest
from comity.web import reading, upload
from comity.web.app import build_app
from comity.web.pages import VIEWS, routes_of
from comity.web.serve import open_world
from comity.web.upload import Sent, add_sent, safe_name
from comity.web.world import World

HERE = "http://127.0.0.1:8015"
OWN = {"Origin": HERE}
ROWS = b"""id,what,began,who,victim,aim
1,OPM hack,2014-03-15,CN,US,espionage
2,Premera Blue Cross breach,2014-05-05,CN,US,espionage
x,Bad row,2014-02-31,CN,US,espionage
"""
MAPPING = b"""[list]
name = "desk"
release = "1"
title = "Our desk's list"
covers_from = "2000"
covers_to = "2020"
closed_on = "2021"
[columns]
id = "id"
name = "what"
start = "began"
initiators = "who"
receivers = "victim"
objectives = "aim"
"""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path / "home", workers=False) as made:
        yield made


@pytest.fixture
def browser(own: World) -> Iterator[TestClient]:
    app = build_app(own, VIEWS, routes_of(own))
    with TestClient(app, base_url=HERE, headers=OWN, follow_redirects=False) as made:
        yield made


def digest_of(folder: Path) -> str:
    """Return a digest of every file in a folder."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return whole.hexdigest()


def add(browser: TestClient, token: str, rows: bytes = ROWS, name: str = "") -> object:
    return browser.post(
        "/lists/add",
        data={"token": token, "name": name},
        files=[("files", ("C:\\lists\\../rows.csv", rows, "text/csv")),
               ("mapping", ("map.toml", MAPPING, "application/toml"))],
    )  # fmt: skip


def test_a_list_is_added_shown_and_removed(own: World, browser: TestClient) -> None:
    answer = add(browser, own.token)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/data/list/desk?said=added"
    page = browser.get(answer.headers["location"]).text
    assert "The list was added" in page
    assert "2 of 3 rows read, 1 set aside" in page
    assert "2014-02-31" in page
    assert browser.get("/incidents?list=desk").text.count('<th scope="row">') == 2
    again = browser.post("/lists/remove", data={"token": own.token, "name": "desk"})
    assert again.headers["location"] == "/data?said=removed"
    assert browser.get("/data/list/desk").status_code == 404
    assert read_manifest(own.home) == {}


def test_files_are_recorded_by_the_name_they_were_given_and_no_path(
    own: World, browser: TestClient
) -> None:
    add(browser, own.token)
    assert own.home is not None
    text = (own.home / "evidence" / "manifest.json").read_text("utf-8")
    assert [f["name"] for f in json.loads(text)["lists"]["desk"]["files"]] == [
        "rows.csv", "map.toml",
    ]  # fmt: skip
    assert all(f.path == "" for f in read_manifest(own.home)["desk"].files)
    assert "comity-" not in text


def test_nothing_of_an_upload_stays_but_the_table(
    own: World, browser: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "tmp"
    kept.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(kept))
    assert add(browser, own.token).status_code == 303
    assert add(browser, own.token, rows=b"id\n").status_code == 400
    assert list(kept.iterdir()) == []


@pytest.mark.parametrize("path", ["/links/decide", "/links/make", "/lists/add", "/lists/remove"])
def test_no_change_without_the_token_or_from_elsewhere(
    own: World, browser: TestClient, path: str
) -> None:
    assert browser.post(path, data={"name": "dcid"}).status_code == 403
    assert browser.post(path, data={"token": own.token + "x"}).status_code == 403
    elsewhere = {"Origin": "http://evil.example"}
    token = {"token": own.token}
    assert browser.post(path, data=token, headers=elsewhere).status_code == 403
    for origin in ("null", "http://127.0.0.1:8015.evil.example", "http://[bad", "file://"):
        assert browser.post(path, data=token, headers={"Origin": origin}).status_code == 403
    assert browser.get(path).status_code in (404, 405)
    assert own.home is not None
    assert not own.home.exists()


def test_a_workbench_that_may_not_be_changed_has_no_such_route_and_no_form(tmp_path: Path) -> None:
    with open_world(tmp_path, workers=False, editable=False) as closed:
        assert routes_of(closed) == ()
        with TestClient(build_app(closed, VIEWS), base_url=HERE, headers=OWN) as browser:
            for path in ("/links/decide", "/links/make", "/lists/add", "/lists/remove"):
                assert browser.post(path, data={"token": ""}).status_code in (404, 405)
            for path in ("/data", "/incidents/dcid:117", "/data/list/dcid"):
                page = browser.get(path).text
                assert 'method="post"' not in page
                assert 'name="token"' not in page
            assert browser.get("/data?said=added").status_code == 400


def test_links_are_made_decided_on_and_taken_back(own: World, browser: TestClient) -> None:
    add(browser, own.token)
    made = browser.post("/links/make", data={"token": own.token, "back": "desk:1"})
    assert made.headers["location"] == "/incidents/desk:1?said=linked#h-linked"
    page = browser.get("/incidents/desk:1").text
    assert "% one incident" in page
    assert 'src="/incidents/desk:1.svg?chart=link-1"' in page
    assert browser.get("/incidents/desk:1.svg?chart=link-1").text.startswith("<svg")
    pair = {"token": own.token, "first": "desk:1", "second": "dcid:117"}
    for verdict, said, shows in (
        ("same", "accepted", "one incident. Note: both name OPM"),
        ("different", "rejected", "two incidents. Note: both name OPM"),
        ("withdrawn", "cleared", "% one incident"),
    ):
        note = {"verdict": verdict, "note": "both name OPM", "by": "a desk"}
        answer = browser.post("/links/decide", data=pair | note)
        assert answer.headers["location"] == f"/incidents/desk:1?said={said}#h-linked"
        assert shows in browser.get("/incidents/desk:1").text
    assert len(read_decisions(own.home)) == 3
    assert current(read_decisions(own.home)) == {}


def test_damaged_links_are_told_and_can_be_made_anew(own: World, browser: TestClient) -> None:
    assert own.home is not None
    (own.home / "links").mkdir(parents=True)
    (own.home / "links" / "links.json").write_text("{}", "utf-8")
    for path in ("/data", "/incidents/dcid:117"):
        page = browser.get(path)
        assert page.status_code == 200
        assert "are damaged" in page.text
        assert 'action="/links/make"' in page.text


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"second": "dcid:nothing", "verdict": "same"}, "There is no incident"),
        ({"second": "dcid:1", "verdict": "perhaps"}, "same, different, withdrawn"),
        ({"second": "dcid:2", "verdict": "same", "note": "x" * 1001}, "1000 characters"),
        ({"second": "dcid:117", "verdict": "same"}, "a link needs two"),
    ],
)
def test_a_decision_that_cannot_be_is_refused_and_says_why(
    own: World, browser: TestClient, form: dict[str, str], says: str
) -> None:
    answer = browser.post("/links/decide", data={"token": own.token, "first": "dcid:117"} | form)
    assert answer.status_code in (400, 404)
    assert says in answer.text
    assert read_decisions(own.home) == ()


@pytest.mark.parametrize(
    ("name", "file", "content", "says"),
    [
        ("dcid", "rows.csv", ROWS, "columns of"),
        ("nothing", "rows.csv", ROWS, "There is no reader for"),
        ("../x", "rows.csv", ROWS, "cannot be the name of a list"),
        ("", "rows.csv", ROWS, "cannot be the name of a list"),
        ("dcid", "rows.csv", b"", "empty"),
        ("dcid", "rows.xlsx", b"PK\x03\x04 no archive", "archive"),
        ("dcid", "rows.csv", b"\x1f\x8b\x08\x00", "gzip"),
        ("dcid", "rows.parquet", b"PAR1 no", "Parquet"),
        ("stix", "rows.json", b"[" * 100_000, "nested"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_the_old_state(
    own: World, browser: TestClient, name: str, file: str, content: bytes, says: str
) -> None:
    add(browser, own.token)
    assert own.home is not None
    before = digest_of(own.home)
    answer = browser.post(
        "/lists/add", data={"token": own.token, "name": name}, files=[("files", (file, content))]
    )
    assert answer.status_code == 400
    assert says in answer.text
    assert digest_of(own.home) == before


def test_a_form_that_is_none_is_refused(own: World, browser: TestClient) -> None:
    for kind, body in (
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=a", b"--a\r\nContent-Disposition: nonsense\r\n\r\nx"),
        ("application/json", b"{}"),
        ("text/plain", b"token=" + own.token.encode()),
    ):
        answer = browser.post("/lists/add", content=body, headers={"Content-Type": kind})
        assert answer.status_code in (400, 403), kind
    many = [("files", (f"{n}.csv", b"x")) for n in range(40)]
    assert browser.post("/lists/add", data={"token": own.token}, files=many).status_code == 400


def test_two_browsers_see_the_same_after_a_change(own: World, browser: TestClient) -> None:
    app = build_app(own, VIEWS, routes_of(own))
    with TestClient(app, base_url=HERE) as other:
        first = other.get("/incidents.json?q=premera").json()["incidents"]
        add(browser, own.token)
        both = [b.get("/incidents.json?q=premera").json() for b in (browser, other)]
        assert both[0] == both[1]
        assert both[0]["incidents"] == first + 1
        tags = {b.get("/incidents?q=premera").headers["etag"] for b in (browser, other)}
        assert len(tags) <= 2  # their tokens are of the same world
        assert "desk:2" in other.get("/incidents?q=premera").text


def test_a_list_that_may_not_be_passed_on_says_so_wherever_it_can_be_saved(
    own: World, browser: TestClient
) -> None:
    add(browser, own.token)
    for path in ("/incidents?list=desk", "/incidents/desk:1", "/data/list/desk"):
        assert "passed on" in browser.get(path).text
    rows = browser.get("/incidents.json?list=desk").json()["rows"]
    assert not any(r["may_be_passed_on"] for r in rows)
    assert "desk:1" not in browser.get("/data/incidents-dcid.csv").text
    assert browser.get("/data/incidents-desk").status_code == 404


def bomb(declared: int | None = None, size: int = 4 << 20) -> bytes:
    """Return an archive with one member of zeros, whose size may be declared falsely."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\x00" * size)
    content = bytearray(out.getvalue())
    if declared is not None:
        for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
            place = content.index(mark) + at
            content[place : place + 4] = declared.to_bytes(4, "little")
    return bytes(content)


@pytest.mark.parametrize("declared", [None, 10, 0xFFFFFFF0])
def test_an_archive_that_unfolds_to_too_much_is_refused_whatever_it_declares(
    declared: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_UNFOLDED", 1 << 20)
    path = tmp_path / "rows.xlsx"
    path.write_bytes(bomb(declared))
    with pytest.raises(SourceError, match=r"unfolds to more than|damaged"):
        reading.check_folded(path)
    path.write_bytes(bomb(size=1 << 19))
    reading.check_folded(path)


def test_an_archive_of_too_many_parts_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_MEMBERS", 3)
    path = tmp_path / "rows.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for n in range(4):
            archive.writestr(f"{n}.xml", "x")
    with pytest.raises(SourceError, match="3 parts"):
        reading.check_folded(path)


def test_reading_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    files = [Sent("rows.csv", ROWS)]
    with pytest.raises(SourceError, match="reading was stopped"):
        add_sent("desk", files, Sent("map.toml", MAPPING), tmp_path, seconds=0.001)
    assert read_manifest(tmp_path) == {}


@pytest.mark.slow
def test_a_table_that_unfolds_beyond_the_memory_is_refused(tmp_path: Path) -> None:
    import polars as pl

    out = io.BytesIO()
    rows = pl.DataFrame({"id": pl.repeat("x" * 60, 25_000_000, eager=True)})
    rows.with_columns(what="id", began="id", who="id", victim="id", aim="id").write_parquet(out)
    assert len(out.getvalue()) < 32 << 20
    with pytest.raises(SourceError, match=r"could not be read|reading was stopped"):
        add_sent("desk", [Sent("rows.parquet", out.getvalue())], Sent("m.toml", MAPPING), tmp_path)
    assert read_manifest(tmp_path) == {}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\x\\l.csv", "l.csv"), ("..", "list"), ("", "list"),
        (".hidden", "hidden"), ("a\x00b\n.csv", "a-b-.csv"), ("‮gpj.exe", "-gpj.exe"),
        ("x" * 500 + ".csv", "x" * 88 + ".csv"),
    ],
)  # fmt: skip
def test_a_files_name_is_its_last_part_without_odd_characters(given: str, name: str) -> None:
    assert safe_name(given) == name


def test_the_process_that_reads_gets_nothing_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, str] = {}

    def run(command: list[str], **more: object) -> object:
        assert isinstance(more["env"], dict)
        seen.update(more["env"])
        raise upload.subprocess.TimeoutExpired(command, 1)

    monkeypatch.setenv("SECRET_KEY", "x")
    monkeypatch.setattr(upload.subprocess, "run", run)
    with pytest.raises(SourceError):
        add_sent("desk", [Sent("rows.csv", ROWS)], Sent("m.toml", MAPPING), tmp_path)
    assert "SECRET_KEY" not in seen
    assert re.search(r"comity-.*no-home$", seen["COMITY_HOME"])


def test_a_copy_to_pass_on_holds_no_list_that_may_not_be(
    own: World, browser: TestClient, tmp_path: Path
) -> None:
    add(browser, own.token)
    free = MAPPING.replace(b'"desk"', b'"free"').replace(
        b"[columns]", b'redistributable = true\nlicence = "CC0-1.0"\n[columns]'
    )
    add_sent("", [Sent("rows.csv", ROWS)], Sent("map.toml", free), own.home)
    assert copy_open_lists(tmp_path / "copy", own.home) == ("desk",)
    assert [r.list for r in load_evidence(home=tmp_path / "copy").releases] == ["dcid", "free"]
    assert not list((tmp_path / "copy").rglob("desk*"))
