"""Somebody who clicks at random: does any page complain, fail, or lose its way?

    python benchmarks/clicks.py [--minutes 30] [--seed 1]

Starts `comity serve` on a free port over an empty folder, opens Chromium (Debian's package, or any
on the path) and for so many minutes follows links, opens folded parts, moves controls, types into
searches and goes back. Links that lead away are not followed. Counts the steps; prints each
complaint of the browser's console, each page error, each answer of 500 or above, each picture,
style or script that is not there, and whatever the server says beside its address, and exits 1
where there is any. An answer of 400 or 404 to what was typed at random is an answer.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter

from playwright.sync_api import Error, Page, Response, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
TYPED = (
    "anthem",
    "CN",
    "2015-09-25",
    "<script>alert(1)</script>",
    "=1+1",
    "' OR 1=1",
    "ü—",
    "9" * 30,
)
STEPS = ("link", "link", "link", "select", "select", "fold", "type", "back", "slider", "home")


def step(page: Page, address: str, chance: random.Random) -> str:
    """Do one thing a person might do, and return what it was."""
    kind = chance.choice(STEPS)
    if kind == "home" or not page.url.startswith(address):
        page.goto(address)
        return "home"
    if kind == "back":
        page.go_back(wait_until="commit")
        return kind
    if kind == "type":
        fields = page.locator("main input[type=search], main input[type=text]")
        if fields.count():
            field = fields.nth(chance.randrange(max(fields.count(), 1)))
            field.fill(chance.choice(TYPED), timeout=2000)
            field.press("Enter")
        return kind
    if kind == "slider":
        sliders = page.get_by_role("slider")
        if sliders.count():
            sliders.nth(chance.randrange(max(sliders.count(), 1))).press("ArrowLeft", timeout=2000)
        return kind
    if kind == "select":
        selects = page.locator("main form:not(.change) select")
        if selects.count():
            select = selects.nth(chance.randrange(max(selects.count(), 1)))
            values = select.evaluate("s => [...s.options].map(o => o.value)")
            select.select_option(chance.choice(values), timeout=2000)
        return kind
    found = page.locator("summary" if kind == "fold" else "a[href^='/']:not([href*='briefing'])")
    if found.count():
        found.nth(chance.randrange(max(found.count(), 1))).click(timeout=2000)
    return kind


def is_wrong(answer: Response) -> bool:
    """Say whether no step excuses an answer: a fault, or a part of a page that is not there."""
    part = answer.request.resource_type in ("image", "stylesheet", "script")
    return answer.status >= (400 if part else 500)


def click_around(address: str, browser: str, minutes: float, seed: int) -> list[str]:
    """Return every complaint met in so many minutes."""
    chance, complaints, done = random.Random(seed), [], Counter()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = opened.new_page(viewport={"width": 1280, "height": 900})

        def heard(text: str) -> None:
            if "400 (Bad Request)" not in text and "404 (Not Found)" not in text:
                complaints.append(f"{page.url}: {text}")

        page.on("console", lambda m: heard(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: heard(str(e)))
        page.on("response", lambda r: heard(f"{r.status} {r.url}") if is_wrong(r) else None)
        page.goto(address)
        until = time.monotonic() + 60 * minutes
        while time.monotonic() < until:
            try:
                done[step(page, address, chance)] += 1
            except Error as error:  # what was to be clicked is hidden, or has gone meanwhile
                done["missed" if "Timeout" in str(error) else "interrupted"] += 1
        opened.close()
    print(f"{sum(done.values())} steps in {minutes:g} minutes, seed {seed}: "
          + ", ".join(f"{n} {k}" for k, n in done.most_common()))  # fmt: skip
    return complaints


def main() -> int:
    """Serve, click, stop; 1 where anything complained."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    browser = next((p for n in NAMES if (p := shutil.which(n))), None)
    if browser is None:
        print("There is no browser on the path.")
        return 2
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "comity", "serve", "--port", "0"], stdout=subprocess.PIPE,
            stderr=log, text=True, env={**os.environ, "COMITY_HOME": home, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        try:
            line = process.stdout.readline() if process.stdout else ""
            complaints = click_around(line.split()[3], browser, asked.minutes, asked.seed)
        finally:
            process.terminate()
            process.wait()
        log.seek(0)
        complaints += [f"the server: {line}" for line in log.read().splitlines()]
    for complaint in complaints:
        print(complaint)
    print(f"{len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
