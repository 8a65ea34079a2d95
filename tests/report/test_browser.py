"""The report in a real browser: it shows, it complains of nothing, it asks for nothing."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import tempfile
import zlib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pypdf import PdfReader

from comity.report.briefing import briefing_html, compose
from comity.report.html import write_html
from comity.verification.model import Verdict

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> str:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is on the path")
    return found


@pytest.fixture
def report(verdict: Verdict, tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    write_html(verdict, path)
    return path


@pytest.fixture
def briefing(verdict: Verdict, tmp_path: Path) -> Path:
    path = tmp_path / "briefing.html"
    path.write_text(briefing_html(compose(verdict)), encoding="utf-8")
    return path


def run(browser: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the browser once with a profile of its own, which it may still be leaving at the end."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        return subprocess.run(
            [browser, *QUIET, f"--user-data-dir={profile}", *words],
            capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip


def shades(png: Path) -> dict[tuple[int, ...], int]:
    """Return how many pixels of a PNG (8 bits, not interlaced) have each colour."""
    data = png.read_bytes()
    width, height, bits, kind = struct.unpack(">IIBB", data[16:26])
    assert bits == 8
    channels = {2: 3, 6: 4}[kind]
    packed, place = b"", 8
    while place < len(data):
        size, name = struct.unpack(">I4s", data[place : place + 8])
        if name == b"IDAT":
            packed += data[place + 8 : place + 8 + size]
        place += 12 + size
    raw, stride = zlib.decompress(packed), width * channels
    before = bytearray(stride)
    counts: dict[tuple[int, ...], int] = {}
    for row in range(height):
        start = row * (stride + 1)
        line = unfilter(
            raw[start], bytearray(raw[start + 1 : start + 1 + stride]), before, channels
        )
        for x in range(0, stride, channels * 4):
            colour = tuple(line[x : x + 3])
            counts[colour] = counts.get(colour, 0) + 1
        before = line
    return counts


def unfilter(kind: int, line: bytearray, above: bytearray, step: int) -> bytearray:
    """Return one row of a PNG without its filter (PNG specification, section 9)."""
    for n in range(len(line)):
        left = line[n - step] if n >= step else 0
        up = above[n]
        corner = above[n - step] if n >= step else 0
        guess = left + up - corner
        nearest = min((left, up, corner), key=lambda v: abs(guess - v))
        line[n] = (line[n] + (0, left, up, (left + up) // 2, nearest)[kind]) & 255
    return line


@pytest.mark.parametrize("width", [1200, 500])
def test_the_report_shows_text_and_charts(
    browser: str, report: Path, tmp_path: Path, width: int
) -> None:
    shot = tmp_path / "shot.png"
    run(browser, f"--screenshot={shot}", f"--window-size={width},1000", report.as_uri())
    seen = shades(shot)
    total = sum(seen.values())
    assert seen[(255, 255, 255)] / total > 0.5, "dark on white"
    assert len(seen) > 50, "text and charts have many shades"
    assert sum(n for colour, n in seen.items() if max(colour) < 80) / total > 0.005


def look(browser: str, folder: Path, page: Path) -> tuple[str, set[str]]:
    """Return what the browser says of a page, and the web addresses asked for (none answers).

    The browser's own errands are known by their hosts and left out.
    """
    log = folder / f"{page.stem}.json"
    done = run(
        browser, "--enable-logging=stderr", "--v=0", f"--log-net-log={log}",
        "--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", page.as_uri(),
    )  # fmt: skip
    text = log.read_text(encoding="utf-8").rstrip()
    events = json.loads(text if text.endswith("}") else text.rstrip(",") + "]}")["events"]
    asked = {
        str(event["params"]["url"])
        for event in events
        if isinstance(event.get("params"), dict) and "url" in event["params"]
    }
    hosts = {urlsplit(url).hostname or "" for url in asked if url.startswith("http")}
    own = ("google.com", "googleapis.com", "gstatic.com", "gvt1.com", "localhost")
    return done.stderr, {host for host in hosts if not host.endswith(own)}


def test_the_report_complains_of_nothing_and_asks_for_nothing(
    browser: str, report: Path, tmp_path: Path
) -> None:
    said, asked = look(browser, tmp_path, report)
    assert "CONSOLE" not in said
    assert asked == set()


def test_a_briefing_complains_of_nothing_and_asks_for_nothing(
    browser: str, briefing: Path, tmp_path: Path
) -> None:
    said, asked = look(browser, tmp_path, briefing)
    assert "CONSOLE" not in said
    assert asked == set()


def test_a_briefing_follows_a_dark_screen_and_prints_on_a4(
    browser: str, briefing: Path, tmp_path: Path
) -> None:
    shot, printed = tmp_path / "dark.png", tmp_path / "printed.pdf"
    run(browser, "--force-dark-mode", f"--screenshot={shot}", briefing.as_uri())
    seen = shades(shot)
    assert seen[(21, 24, 28)] / sum(seen.values()) > 0.3
    run(browser, "--force-dark-mode", f"--print-to-pdf={printed}", briefing.as_uri())
    page = PdfReader(printed).pages[0]
    assert page.mediabox.width == pytest.approx(595, abs=2), "A4 by its own rule"


def test_a_page_that_does_ask_or_complain_would_be_noticed(browser: str, tmp_path: Path) -> None:
    page = tmp_path / "asking.html"
    page.write_text(
        "<!DOCTYPE html><img src='http://pictures.example.org/x.png'>"
        "<script>console.error('here')</script>",
        encoding="utf-8",
    )
    said, asked = look(browser, tmp_path, page)
    assert "CONSOLE" in said
    assert asked == {"pictures.example.org"}
