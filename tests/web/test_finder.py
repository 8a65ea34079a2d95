"""A hosted copy's tables can be searched without a server that answers: in a real browser."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import QUIET, browser_path
from playwright.sync_api import Browser, Page, expect, sync_playwright

from comity.instruments.register import load_register
from comity.web.app import build_app
from comity.web.page import Asked, View
from comity.web.page import Page as Made
from comity.web.pages import VIEWS
from comity.web.security import POLICY
from comity.web.serve import open_world
from comity.web.site import write_site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of the two long tables; no verdict is computed for it."""
    made = tmp_path_factory.mktemp("hosted") / "site"

    def page_of(asked: Asked) -> Made:
        return Made("error.html.j2", asked.path, {"message": "-"})

    views = [
        View("home", "/", "", page_of),
        *(view for view in VIEWS if view.name in ("agreements", "incidents")),
        View("incident", "/incidents/{key:path}", "", page_of),
    ]
    home = tmp_path_factory.mktemp("home")
    with open_world(home, workers=False, editable=False) as world:
        world.asker.overview_if_ready = lambda state: None  # type: ignore[method-assign]
        write_site(build_app(world, views), made, "It needs the program.")
    return made


class Host(http.server.SimpleHTTPRequestHandler):
    """Any host of files, which sends the policy that the documentation names."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    serve = functools.partial(Host, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def chromium(folder: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    made = chromium.new_page()
    said: list[str] = []
    made.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    made.on("pageerror", lambda e: said.append(str(e)))
    yield made
    made.close()
    assert not [text for text in said if "404" not in text], said  # a host without a favicon


def shown(page: Page) -> list[str]:
    return page.locator("#found tbody tr:visible th").all_inner_texts()


def test_incidents_of_every_page_are_found_and_the_address_keeps_what_was_sought(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/incidents/index.html")
    assert len(shown(page)) == 100
    page.get_by_role("searchbox").fill("ÁNTHEM breach")
    expect(page.locator(".finder [role=status]")).to_have_text("1 of 423 rows.")
    assert len(shown(page)) == 1
    assert page.locator("nav.pager:visible").count() == 0
    assert page.url.endswith("/incidents/index.html?q=%C3%81NTHEM+breach")
    page.locator("#found tbody tr:visible th a").click()
    expect(page).to_have_title("/incidents/dcid:122 · Comity")

    page.goto(f"{address}/incidents/page-2/index.html?initiator=China&receiver=Japan")
    status = page.locator(".finder [role=status]")
    expect(status).to_contain_text("of 423 rows.")
    rows = page.locator("#found tbody tr:visible")
    assert status.inner_text() == f"{rows.count()} of 423 rows."
    for row in rows.all():
        assert "China" in row.locator("td").nth(1).inner_text()
        assert "Japan" in row.locator("td").nth(2).inner_text()
    wrong = [v for v in Axe().run(page).response["violations"] if v["impact"] == "serious"]
    assert not wrong, wrong

    page.get_by_label("Initiator").select_option("")
    page.get_by_label("Receiver").select_option("")
    assert len(shown(page)) == 100
    assert page.url.endswith("/incidents/page-2/index.html")


def test_an_agreement_is_found_by_a_party_its_row_does_not_name(page: Page, address: str) -> None:
    register = load_register()
    bound = {p.instrument for p in register.parties if p.party == "UY"}
    titles = sorted(register.instruments[i].title for i in bound)
    page.goto(f"{address}/agreements/index.html")
    page.get_by_role("searchbox").fill("uruguay")
    assert sorted(shown(page)) == titles
    page.get_by_label("How binding").select_option("binding treaty")
    held = [i for i in bound if register.instruments[i].standing == "binding treaty"]
    assert sorted(shown(page)) == sorted(register.instruments[i].title for i in held)
    page.get_by_role("searchbox").fill("nothing is called so")
    expect(page.locator(".finder [role=status]")).to_have_text("0 of 70 rows.")


def test_opened_as_a_file_it_says_that_only_this_page_was_looked_through(
    page: Page, folder: Path
) -> None:
    page.goto((folder / "incidents/index.html").as_uri())
    page.get_by_role("searchbox").fill("espionage")
    expect(page.locator(".finder [role=status]")).to_contain_text("of 100 rows. Only this page")


def test_without_script_the_table_is_whole_and_nothing_is_offered(
    chromium: Browser, address: str
) -> None:
    plain = chromium.new_context(java_script_enabled=False).new_page()
    plain.goto(f"{address}/agreements/index.html?q=uruguay")
    assert len(shown(plain)) == len(load_register().instruments)
    assert plain.locator(".finder:visible").count() == 0
    plain.context.close()
