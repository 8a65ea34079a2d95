"""The workbench as a person uses it: a real server, a real browser, nothing imagined."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import QUIET, browser_path, served
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pypdf import PdfReader

from comity.verification.question import TEMPLATE

pytestmark = pytest.mark.browser

PAGES = (
    "/", "/agreements", "/agreement/us-china-2015", "/verdicts", "/verdict/us-china-2015",
    "/verdict/us-russia-2021", "/verdict/osce-cbm-2013", "/verdict/us-china-2015/examined",
    "/verdict/us-china-2015/examined?finding=persistence", "/definitions", "/spread",
    "/spread/commercial-theft", "/votes", "/talks", "/talks/us-china", "/incidents", "/parallels",
    "/method", "/data", "/questions", "/nothing", "/verdict/us-china-2015/briefing.html",
)  # fmt: skip
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("home")) as found:
        yield found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A new page that must stay without a complaint of the browser's."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    complaints: list[str] = []
    made = context.new_page()
    made.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    made.on("pageerror", lambda e: complaints.append(str(e)))
    yield made
    context.close()
    wrong = [c for c in complaints if "404 (Not Found)" not in c]
    assert not wrong, wrong


def shown(page: Page, what: str = "all") -> None:
    """Wait until the parts of a verdict are those of the controls."""
    page.wait_for_function("() => !document.querySelector('.waiting')", timeout=90_000)
    expect(page.locator("#rest")).to_have_attribute("aria-busy", "false", timeout=90_000)


def test_somebody_who_never_used_a_terminal_finds_moves_opens_and_carries_away(
    address: str, page: Page, chromium: Browser, tmp_path: Path
) -> None:
    page.goto(address)
    page.get_by_role("link", name=re.compile("What was agreed")).click()
    page.get_by_role("link", name=re.compile("commitments on cyber matters")).first.click()
    expect(page).to_have_url(re.compile("/agreement/us-china-2015$"))
    expect(page.locator("main")).to_contain_text("A promise in politics, not in law")
    page.locator("main a[href='/verdict/us-china-2015']").first.click()
    expect(page.locator("#answer-changed")).to_contain_text("no change established")
    expect(page.locator("#answer-kept")).to_contain_text("breach claimed by 2")
    expect(page.locator("#answer-because")).to_contain_text("cannot be separated")
    before = page.locator("[data-line]").inner_text()

    page.get_by_label("Compared with").select_option("target-alone")
    shown(page)
    expect(page.locator(".delta")).to_contain_text("target alone")
    page.get_by_role("combobox", name="What counts", exact=True).select_option("whole-dyad")
    shown(page)
    slider = page.get_by_role("slider", name="What could be known on")
    slider.focus()
    for _ in range(4):
        slider.press("ArrowLeft")
    shown(page)
    assert page.locator("[data-line]").inner_text() != before
    assert page.locator(".field.moved").count() == 3
    view = page.url
    for part in ("comparison=target-alone", "scope=whole-dyad", "as_of="):
        assert part in view

    counted = page.locator("#glance .facts a").first.inner_text()
    page.locator("svg.activity a[href*='cell=A']").first.click()
    expect(page).to_have_url(re.compile(r"/incidents\?.*cell=A"))
    assert page.locator("main table tbody tr").count() >= 1
    assert page.locator("main a[href^='http']").count() >= 1
    page.goto(view)

    with page.expect_download() as saved:
        page.get_by_role("link", name="Briefing, two pages (PDF)").click()
    kept = tmp_path / "briefing.pdf"
    saved.value.save_as(kept)
    text = PdfReader(io.BytesIO(kept.read_bytes())).pages[0].extract_text()
    assert "China" in text

    other = chromium.new_context().new_page()
    other.goto(view)
    assert other.locator("[data-line]").inner_text() == page.locator("[data-line]").inner_text()
    assert other.locator("#glance .facts a").first.inner_text() == counted
    other.context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_complains_of_nothing_and_is_open_to_everybody(
    address: str, page: Page, path: str
) -> None:
    page.goto(address + path)
    page.wait_for_load_state("load")
    found = Axe().run(page).response["violations"]
    wrong = [
        f"{v['id']} ({v['impact']}): {v['nodes'][0]['html'][:160]}"
        for v in found
        if v["impact"] in SERIOUS
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_fits_a_telephone(address: str, chromium: Browser, path: str, scheme: str) -> None:
    context = chromium.new_context(
        viewport={"width": 360, "height": 740}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    page.goto(address + path)
    page.wait_for_load_state("load")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    wide = "all => all.filter(t => t.scrollWidth > t.parentElement.clientWidth).length"
    assert page.locator("main table.stack:visible").evaluate_all(wide) == 0, "cells are cut"
    if scheme == "dark":
        dark = [v for v in Axe().run(page).response["violations"] if v["id"] == "color-contrast"]
        assert not dark, dark[0]["nodes"][0]["html"][:200] if dark else ""
    context.close()


def test_every_control_of_a_verdict_moves_and_returns(address: str, page: Page) -> None:
    page.goto(f"{address}/verdict/us-china-2015")
    start = page.locator("[data-line]").inner_text()
    names = page.locator("form.controls select").evaluate_all("all => all.map(s => s.name)")
    assert len(names) == 10
    for name in names:
        select = page.locator(f"form.controls select[name='{name}']")
        options = select.evaluate("s => [...s.options].map(o => o.value).filter(v => v)")
        if not options:
            continue
        select.select_option(options[-1])
        shown(page)
        assert f"{name}=" in page.url
        assert page.locator(".field.moved").count() == 1
        page.locator("[data-reset]").click()
        shown(page)
        assert page.locator("[data-line]").inner_text() == start
        assert page.url.endswith("/verdict/us-china-2015")


def test_without_script_the_controls_are_a_form(address: str, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/verdict/us-china-2015")
    page.locator("select[name='comparison']").select_option("target-alone")
    page.get_by_role("button", name="Recompute").click()
    assert "comparison=target-alone" in page.url
    assert "target alone" in page.locator(".delta").inner_text()
    assert page.locator("#answer-because").count() == 1
    context.close()


def test_the_keyboard_reaches_the_content_and_the_controls(address: str, page: Page) -> None:
    page.goto(f"{address}/verdict/us-china-2015")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    reached = set()
    for _ in range(300):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.name || document.activeElement.tagName"))
    assert {"comparison", "scope", "as_of"} <= reached


def test_a_question_of_ones_own_is_opened_moved_and_removed(
    address: str, page: Page, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(TEMPLATE, "utf-8")
    page.goto(f"{address}/verdicts")
    page.get_by_role("link", name="A question of your own").click()
    page.get_by_label("Question file").set_input_files(mine)
    page.get_by_role("button", name="Check and open").click()
    expect(page).to_have_url(re.compile("/verdict/my-question"))
    expect(page.get_by_role("status").first).to_contain_text("The question was opened")
    shown(page)
    page.get_by_label("Compared with").select_option("target-alone")
    expect(page).to_have_url(re.compile("comparison=target-alone"))
    shown(page)
    page.goto(f"{address}/questions")
    page.get_by_role("button", name="Remove my-question").click()
    expect(page.locator("main")).to_contain_text("None was opened yet")
