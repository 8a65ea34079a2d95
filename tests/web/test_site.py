"""A static site: files anyone can host, whose links all lead to files, whole or not at all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from comity.errors import StoreError
from comity.web.app import build_app
from comity.web.pages import VIEWS
from comity.web.serve import open_world
from comity.web.site import MARK, file_of, static_page, write_site

NOTE = "This needs the program."


def small_app() -> Starlette:
    """Return two pages that lead to each other, one with a form and a query."""
    first = (
        '<link href="/static/a.css"><a href="/deep/page#part">on</a>'
        '<form action="/search"><input name="q"></form><a href="/search?q=1">found</a>'
        '<a href="/table?page=2">more</a><a href="/broken#x">lost</a><a href="https://example.org/">away</a>'
    )
    return Starlette(
        routes=[
            Route("/", lambda _: HTMLResponse(first)),
            Route("/deep/page", lambda _: HTMLResponse('<a href="/">home</a>')),
            Route("/table", lambda r: HTMLResponse(f"page {r.query_params['page']}")),
            Route("/static/a.css", lambda _: PlainTextResponse("a {}")),
        ]
    )


def test_every_link_that_stays_leads_to_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    assert write_site(small_app(), folder, NOTE) == 4
    first = (folder / "index.html").read_text()
    assert 'href="deep/page/index.html#part"' in first
    assert 'href="table/page-2/index.html"' in first
    assert 'href="https://example.org/"' in first
    assert "<form" not in first
    assert NOTE in first
    assert 'data-needs-program="">found' in first
    assert 'data-needs-program="">lost' in first
    assert 'href="../../index.html"' in (folder / "deep/page/index.html").read_text()
    for page in folder.rglob("*.html"):
        for link in re.findall(r'(?:href|src)="([^"]+)"', page.read_text()):
            if not link.startswith("https://"):
                assert (page.parent / link.partition("#")[0]).is_file(), link


def test_a_site_is_replaced_whole_and_nothing_else_is(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    write_site(small_app(), folder, NOTE)
    (folder / "old.html").write_text("gone")
    write_site(small_app(), folder, NOTE)
    assert not (folder / "old.html").exists()
    assert (folder / MARK).exists()
    assert [p.name for p in tmp_path.iterdir()] == ["site"]


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(StoreError, match="no site of Comity's"):
        write_site(small_app(), tmp_path, NOTE)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_failure_leaves_the_site_that_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    write_site(small_app(), folder, NOTE)
    before = (folder / "index.html").read_bytes()

    def broken(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_site(small_app(), folder, NOTE, broken)
    assert (folder / "index.html").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["site"]


def test_a_page_that_cannot_be_made_is_told_and_the_site_that_was_there_stays(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "site"
    write_site(small_app(), folder, NOTE)
    before = sorted(folder.rglob("*"))
    app = small_app()
    broken = Route("/deep/page", lambda _: PlainTextResponse("no", 500))
    app.router.routes.insert(0, broken)
    with pytest.raises(StoreError, match="The page /deep/page could not be made"):
        write_site(app, folder, NOTE)
    assert sorted(folder.rglob("*")) == before
    assert [p.name for p in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize("address", ["/a/../../etc/passwd", "/%2e%2e/%2e%2e/x", "/.ssh/id", "//x"])
def test_no_address_leaves_the_folder(address: str) -> None:
    file = file_of(address)
    assert file is not None
    assert ".." not in file.split("/")
    assert not file.startswith(("/", "."))


def test_a_query_that_needs_the_program_has_no_file() -> None:
    assert file_of("/verdict/q?comparison=target-alone") is None
    assert static_page('<a href="/v?x=1&amp;y=2">t</a>', "index.html", NOTE)[1] == []


def test_pages_to_be_hosted_are_whole_without_what_needs_the_program(tmp_path: Path) -> None:
    with open_world(tmp_path, workers=False, editable=False) as world:
        world.asker.overview_if_ready = lambda state: None  # type: ignore[method-assign]
        with TestClient(build_app(world, VIEWS), base_url="http://127.0.0.1:8015") as client:
            for address in (
                "/", "/agreements", "/incidents", "/incidents?page=2", "/norms", "/talks",
                "/spread", "/spread/commercial-theft", "/spread/commercial-theft/network",
                "/spread/osce-cbm-1/network", "/definitions", "/votes", "/data", "/questions",
                "/incidents/dcid:139", "/agreement/us-china-2015", "/method", "/parallels",
            ):  # fmt: skip
                answer = client.get(address)
                assert answer.status_code == 200, address
                assert 'method="post"' not in answer.text, address
