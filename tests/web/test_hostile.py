"""What a list or an address may hold: nothing of it runs, loads, turns or leads elsewhere."""

from __future__ import annotations

import asyncio
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from planted import BIDI, IDS, MAPPING, planted_file, runs_in, wrong_in
from starlette.testclient import TestClient
from test_changes import digest_of

from comity.incidents.store import read_manifest
from comity.web import security
from comity.web.app import build_app
from comity.web.keys import incident_path
from comity.web.pages import VIEWS, routes_of
from comity.web.security import Guard
from comity.web.serve import open_world
from comity.web.upload import Sent, add_sent
from comity.web.world import World

HERE = "http://127.0.0.1:8015"
MOST_PAGE = 500_000
ONCE = [i for i in IDS if "%" not in i]  # the test client decodes paths twice; a server does not
SHOWING = (
    "/incidents?list=evil", "/incidents?q=planted&order=name", "/data", "/data/list/evil",
    "/data/lists", "/incidents?question=us-china-2015&list=evil&cell=A",
    "/incidents?question=us-china-2015&list=evil&cell=A&when=after",
    "/verdict/us-china-2015?list=evil", *(incident_path(f"evil:{i}") for i in ONCE),
)  # fmt: skip
EVERY = {
    "question": "us-russia-2021", "key": "dcid:117", "table": "instruments", "list": "dcid",
}  # fmt: skip


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("evil")
    added = add_sent("", [Sent("e.csv", planted_file())], Sent("m.toml", MAPPING), home)
    assert (added.name, added.read, added.aside) == ("evil", len(IDS), 1)
    with open_world(home, workers=False) as made:
        yield made


@pytest.fixture(scope="module")
def browser(evil: World) -> Iterator[TestClient]:
    with TestClient(build_app(evil, VIEWS, routes_of(evil)), base_url=HERE) as made:
        yield made


def form_of(path: str, form: str) -> str:
    before, mark, query = path.partition("?")
    return f"{'/index' if before == '/' else before}.{form}{mark}{query}"


def test_the_check_of_pages_finds_what_it_looks_for() -> None:
    for bad in ("<script>x</script>", "<a href='javascript:x'>", "<p style='x'>", "<p onclick=x>",
                "<style>x</style>", "<img src=//evil>", f"<p>{BIDI}</p>"):  # fmt: skip
        assert wrong_in(bad), bad
    assert wrong_in('<a href="/x">a</a><script src="/static/comity.js"></script>') == []
    assert runs_in('=1,2,"\t3",-4.5\n') == ["=1", "\t3"]


@pytest.mark.parametrize("path", SHOWING)
def test_nothing_planted_does_anything_in_a_page(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text[:400]
    assert wrong_in(answer.text) == []
    assert len(answer.content) < MOST_PAGE


def test_what_was_planted_is_there_to_read(browser: TestClient) -> None:
    page = browser.get("/incidents?list=evil").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;planted" in page
    assert "{{ 7*7 }}planted" in page
    assert 'href="https://ok.example/a"' in page
    assert "javascript:alert(4)" not in page
    assert "&lt;script&gt;" in browser.get("/data/list/evil").text


@pytest.mark.parametrize("path", SHOWING)
def test_nothing_planted_runs_in_a_spreadsheet(browser: TestClient, path: str) -> None:
    answer = browser.get(form_of(path, "csv"))
    assert answer.status_code in (200, 404)
    if answer.status_code == 200:
        assert runs_in(answer.text) == []


@pytest.mark.parametrize("path", SHOWING)
def test_data_with_what_was_planted_are_data(browser: TestClient, path: str) -> None:
    answer = browser.get(form_of(path, "json"))
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    answer.json()


def _token(browser: TestClient) -> str:
    found = re.search(r'name="token" value="([^"]+)"', browser.get("/data").text)
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize("ident", ONCE)
def test_every_planted_key_is_a_page_of_its_own(browser: TestClient, ident: str) -> None:
    path = incident_path(f"evil:{ident}")
    data = browser.get(f"{path}.json").json()
    assert data["id"] == ident.strip()
    assert path in browser.get("/incidents?list=evil").text.replace("&#39;", "'")


@pytest.mark.parametrize(
    "path",
    [
        "/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/incidents/../../etc/passwd",
        "/incidents/dcid:%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/static/..%2f..%2fapp.py",
        "/static/%2fetc%2fpasswd", "/data/..%2f..%2fx", "/data/list/..%2f..%2fetc",
        "/data/%2e%2e.parquet", "/verdict/..%2fquestions%2fus-china-2015",
        "/verdict//etc/passwd", "/incidents/%00", "/incidents/dcid:%00", "/data/a%00b",
        "/incidents/dcid:" + "x" * 8000, "/%ff%fe", "/incidents/%ff:%ff", "/data/" + "a/" * 500,
    ],
)  # fmt: skip
def test_tricks_with_paths_find_nothing(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code in (400, 404), path
    assert wrong_in(answer.text) == []


@pytest.mark.parametrize(
    "value", ["<script>alert(9)</script>", f"{BIDI}x", "=1+1", "\x00", "x" * 9999]
)
def test_tricks_with_queries_are_shown_as_text_or_refused(browser: TestClient, value: str) -> None:
    for name in ("q", "initiator", "list", "question", "chart", "part", "nothing", value[:40]):
        for form in ("/incidents", "/incidents.csv", "/incidents.json", "/data", "/method"):
            answer = browser.get(f"{form}?{quote(name)}={quote(value)}")
            assert answer.status_code in (200, 400, 404)
            if answer.headers["content-type"].startswith("text/html"):
                assert wrong_in(answer.text) == []


@pytest.mark.slow
def test_looking_at_everything_changes_nothing(evil: World, browser: TestClient) -> None:
    assert evil.home is not None
    before = digest_of(evil.home)
    for view in VIEWS:
        path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda m: EVERY.get(m.group(1), "nothing"), view.path)
        for form in ("", "json", "csv", "svg"):
            answer = browser.get(form_of(path, form) if form else path)
            assert answer.status_code in (200, 303, 400, 404), (path, form)
    assert digest_of(evil.home) == before


@pytest.mark.parametrize("site", ["cross-site"])
def test_a_page_elsewhere_may_link_here_and_load_nothing(browser: TestClient, site: str) -> None:
    for mode, status in (("navigate", 200), ("no-cors", 403), ("cors", 403)):
        fetched = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode}
        assert browser.get("/method", headers=fetched).status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://[bad"}, {"Origin": "http://127.0.0.1:8015@evil.example"},
        {"Origin": "null"}, {"Origin": ""}, {"Origin": "HTTP://127.0.0.1:8016"},
        {"Origin": HERE, "Content-Length": "9" * 5000}, {"Origin": HERE, "Content-Length": "-1"},
        {"Origin": HERE, "Content-Length": "²"}, {"Host": "[::1", "Origin": "http://[::1"},
        {"Host": "127.0.0.1:8015:80"}, {"Host": "127.0.0.1."}, {"Host": "localhost."},
    ],
)  # fmt: skip
def test_odd_headers_are_refused_without_a_fault(
    browser: TestClient, headers: dict[str, str]
) -> None:
    raw = {k: v.encode("latin-1") for k, v in headers.items()}
    answer = browser.post("/lists/remove", content=b"", headers=raw)
    assert answer.status_code in (403, 413, 421)


async def guarded(body: list[bytes], stalls: bool = False, most: int = 1000) -> int:
    """Return the status of a POST whose body comes in pieces, or stops coming."""
    pieces = iter(body)
    sent: list[int] = []

    async def receive() -> dict[str, object]:
        piece = next(pieces, None)
        if piece is None and stalls:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            sent.append(int(str(message["status"])))

    async def app(scope: object, receive: object, send: object) -> None:
        while (await receive())["more_body"]:  # type: ignore[operator]
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]

    scope = {
        "type": "http", "method": "POST", "path": "/lists/add",
        "headers": [(b"host", b"localhost"), (b"origin", b"http://localhost")],
    }  # fmt: skip
    await Guard(app, limits={"/lists/add": security.MOST_UPLOAD})(scope, receive, send)  # type: ignore[arg-type]
    return sent[0]


def test_a_body_without_a_length_is_read_to_the_limit_and_no_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(security, "MOST_UPLOAD", 1000)
    assert asyncio.run(guarded([b"x" * 500] * 2)) == 200
    assert asyncio.run(guarded([b"x" * 500] * 3)) == 413


def test_a_body_that_stops_coming_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "UPLOAD_SECONDS", 0.01)
    assert asyncio.run(guarded([b"x"], stalls=True)) == 408


def test_every_form_in_a_page_has_the_token_and_posts_to_a_route_of_ours(
    evil: World, browser: TestClient
) -> None:
    routes = {route.path for route in routes_of(evil)}
    for path in SHOWING:
        for form in re.findall(r'<form[^>]*method="post".*?</form>', browser.get(path).text, re.S):
            action = re.search(r'action="([^"]+)"', form)
            assert action is not None
            assert action.group(1) in routes
            assert f'name="token" value="{evil.token}"' in form


def test_the_planted_list_is_whole_in_the_store(evil: World, tmp_path: Path) -> None:
    assert read_manifest(evil.home)["evil"].rows == len(IDS)


@pytest.mark.slow
def test_pictures_with_what_was_planted_hold_nothing_that_runs(browser: TestClient) -> None:
    own = {"Origin": HERE}
    browser.post("/links/make", data={"token": _token(browser)}, headers=own)
    drawn = 0
    for path in SHOWING:
        for found in set(re.findall(r'src="(/[^"]*\.svg[^"]*)"', browser.get(path).text)):
            answer = browser.get(found.replace("&amp;", "&"))
            assert answer.status_code in (200, 404)
            if answer.status_code != 200 or "/static/" in found:
                continue
            drawn += 1
            assert "sandbox" in answer.headers["content-security-policy"]
            for element in ET.fromstring(answer.text).iter():
                assert element.tag.rpartition("}")[2] not in ("script", "foreignObject", "image")
                assert not [a for a in element.attrib if a.rpartition("}")[2].startswith("on")]
                links = [v for a, v in element.attrib.items() if a.rpartition("}")[2] == "href"]
                assert all(v.startswith(("#", "http")) for v in links)
    assert drawn >= 2
