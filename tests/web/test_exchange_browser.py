"""Two parties' workbenches: one tells of an incident, the other hears it and answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import QUIET, browser_path, served
from exchange_world import CN, LINE, PEOPLE, US, WORDS
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from comity.exchange.accounts import add_person
from comity.exchange.desk import Desk, utc_now
from comity.exchange.desk_config import DeskConfig
from comity.exchange.making import make_desk
from comity.exchange.model import Endpoint
from comity.exchange.own import publish
from comity.exchange.taxii.certs import keep_certificate, make_certificate
from comity.exchange.taxii.deliver import sync
from comity.exchange.taxii.listening import running
from comity.exchange.taxii.server import build_app

pytestmark = pytest.mark.browser
SERIOUS = ("serious", "critical")
HEARD = """
window.heard = [];
class Heard extends EventTarget {
  constructor(title, options) { super(); window.heard.push([title, options.body]); }
  static permission = "granted";
  static requestPermission() { return Promise.resolve("granted"); }
}
Object.defineProperty(window, "Notification", { value: Heard });
"""


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Desk]]:
    """Two desks on this machine's clock, each with people and its server over HTTPS."""
    from desks import COUNTRIES, joined

    folder = tmp_path_factory.mktemp("desks")
    made = []
    for party in (US, CN):
        config = DeskConfig(party, COUNTRIES[party], f"The {party} team", "", party == US)
        make_desk(folder / party, config, utc_now())
        made.append(Desk.open(folder / party))
    servers = ExitStack()
    for desk in made:
        certificate, key = make_certificate(["127.0.0.1"], utc_now())
        files = keep_certificate(folder / f"{desk.party}-tls", certificate, key)
        address = servers.enter_context(running(build_app(desk), *files))
        endpoint = Endpoint(f"{address}taxii2/", certificate)
        publish(desk.book, desk.ring, utc_now(), endpoint=endpoint)
    joined(*made)
    for desk in made:
        for name in ("ana", "rolf"):
            add_person(desk, name, PEOPLE[name], WORDS)
    yield made[0], made[1]
    servers.close()
    for desk in made:
        desk.close()


def brought(desk: Desk) -> int:
    """Let a desk bring over the wire what is on its way, and return how many messages came."""
    (report,) = sync(desk)
    assert report.text == ""
    return report.sent


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=list(QUIET))
        yield browser
        browser.close()


def signed_in(context: BrowserContext, address: str, name: str, complaints: list[str]) -> Page:
    """Return a page on which a person has signed in by the form."""
    page = context.new_page()
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.goto(f"{address}/exchange")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(WORDS)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbox")
    return page


def without_faults(page: Page) -> None:
    """Check a page for what keeps people out, and for anything wider than the window."""
    found = [v for v in Axe().run(page).response["violations"] if v["impact"] in SERIOUS]
    assert not found, [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def release(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).click()


def test_one_party_tells_and_the_other_hears_it_and_answers(
    desks: tuple[Desk, Desk], chromium: Browser, tmp_path: Path
) -> None:
    us, cn = desks
    complaints: list[str] = []
    with (
        served(tmp_path / "us", "--exchange", str(us.home)) as ours,
        served(tmp_path / "cn", "--exchange", str(cn.home)) as theirs,
    ):
        first, second, third = (chromium.new_context() for _ in range(3))
        third.add_init_script(HEARD)
        ana = signed_in(first, ours, "ana", complaints)
        rolf = signed_in(second, ours, "rolf", complaints)
        other = signed_in(third, theirs, "ana", complaints)
        expect(other).to_have_title("Inbox · Comity")

        # one writes, with evidence
        ana.get_by_role("link", name="Write a message").click()
        ana.get_by_role("button", name="Begin").click()
        expect(ana.locator("#complete")).to_contain_text("Not ready yet")
        ana.get_by_label(re.compile("^What happened")).fill("A grid operator lost credentials.")
        ana.get_by_label(re.compile("^When")).fill("2026-02")
        expect(ana.locator("#complete")).to_contain_text("Ready to be released")  # not yet saved
        without_faults(ana)
        ana.get_by_label("Incidents, by their ids").fill("dcid:43")
        ana.get_by_role("button", name="Save and attach").click()
        expect(ana.get_by_role("status").first).to_contain_text("evidence attached")
        expect(ana.locator(".attached")).to_contain_text("incident")
        ana.get_by_role("button", name="Release").click()

        # two persons release it
        without_faults(ana)
        release(ana, "Release as the first of two")
        expect(ana.locator("main")).to_contain_text("It is sent when a second person does the same")
        rolf.get_by_role("link", name="Drafts", exact=True).click()
        expect(rolf.locator("main")).to_contain_text("ana")
        without_faults(rolf)
        rolf.get_by_role("link", name="Release").click()
        release(rolf, "Release and send")
        expect(rolf.get_by_role("status").first).to_contain_text("Signed, in the journal")

        # the other hears it while it looks at something else
        other.goto(f"{theirs}/parallels")
        assert brought(us) == 1
        expect(other).to_have_title(re.compile(r"^\(1\) "), timeout=40_000)
        assert other.evaluate("window.heard") == [["Exchange of china.example",
                                                   "One unread message"]]  # fmt: skip
        assert other.locator("link[rel=icon]").get_attribute("href") == "/exchange/icon/1.svg"

        # reads, and acknowledges
        other.get_by_role("link", name="Exchange", exact=True).click()
        without_faults(other)
        other.locator(".mail").get_by_role("link", name="Notification").click()
        expect(other.locator("main")).to_contain_text("A grid operator lost credentials.")
        expect(other.locator("main")).to_contain_text("Holds, by the key")
        without_faults(other)
        other.get_by_role("link", name="Write it").click()
        other.get_by_label("Who has it").fill("Duty officer of the national CERT")
        other.get_by_role("button", name="Release").click()
        release(other, "Release and send")
        expect(other.locator(".state-met")).to_have_count(1)
        expect(other).to_have_title(re.compile("^Notification"))  # no number: it was answered

        # and asks; the first hears that
        other.locator(".steps").get_by_role("link", name="Request for information").first.click()
        other.get_by_label(re.compile("^What is asked")).fill("Since when?")
        other.get_by_role("button", name="Release").click()
        release(other, "Release and send")
        expect(other.get_by_role("status").first).to_contain_text("Signed")
        assert brought(cn) == 2
        expect(ana).to_have_title(re.compile(r"^\(2\) "), timeout=40_000)
        ana.get_by_role("link", name="Inbox").click()
        expect(ana.locator("main")).to_contain_text("us.example: Acknowledgement")
        for path in (f"/exchange/line/{LINE}", f"/exchange/journal/{LINE}", "/exchange/password"):
            ana.goto(ours + path)
            without_faults(ana)
        ana.goto(f"{ours}/exchange/journal/{LINE}")
        ana.get_by_role("button", name="Verify the journal").click()
        expect(ana.locator("main")).to_contain_text("sound")
        ana.set_viewport_size({"width": 360, "height": 800})
        for path in ("/exchange", f"/exchange/line/{LINE}", "/exchange/compose"):
            ana.goto(ours + path)
            without_faults(ana)
    assert not complaints, complaints
