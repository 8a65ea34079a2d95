"""A list of incidents made to break pages, and what of it must never come out of them."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

BIDI = "\u202e\u2066\u200f"
SCRIPT = "<script>alert(1)</script>"
HUGE = "huge" * 100_000
NAMES = (
    f"{SCRIPT}planted",
    "\"><img src=x onerror=alert(2)>planted",
    "=HYPERLINK(\"http://evil.example\";\"planted\")",
    "+planted", "-2+3+cmd|' /C planted'!A0", "@SUM(planted)", "\tplanted", "{{ 7*7 }}planted",
    f"planted{BIDI}gnp.exe", "</style><style>*{display:none}</style>planted", "planted\x1b[31m",
    f"planted{HUGE}",
)  # fmt: skip
IDS = (
    "plain", "a/../../../../etc/passwd", "..%2f..%2f", "a.json", "a.csv", "a~", "~0f", "q?x#y&z",
    f"b{BIDI}", "<b>", "javascript:alert(3)", "l" * 5000,
)  # fmt: skip
ADDRESSES = (
    "javascript:alert(4)", "data:text/html,<script>alert(5)</script>", "https://ok.example/a",
    "http://ok.example/\"onmouseover=alert(6)", "https://ok.example/<script>", "vbscript:x",
    "https://user@ok.example/", "//evil.example/x", "HTTPS://OK.EXAMPLE/UP", "https://[bad/",
    f"https://ok.example/{BIDI}", "https://ok.example/" + "x" * 5000,
)  # fmt: skip
MAPPING = f"""
[list]
name = "evil"
release = "1 {SCRIPT}"
title = "Evil list {SCRIPT}"
publisher = "=cmd() {SCRIPT}"
licence = "none <img src=x onerror=alert(7)>"
address = "javascript:alert(8)"
citation = "{SCRIPT}"
note = "{SCRIPT}"
severity_scale = "{SCRIPT}"
covers_from = "2000"
covers_to = "2020"
closed_on = "2021"
[columns]
id = "id"
name = "name"
start = "start"
initiators = "by"
receivers = "on"
organs = "organ"
campaign = "campaign"
sources = "address"
description = "words"
severity = "severity"
targets = "target"
objectives = "aim"
[read]
separator = "|"
""".encode()


def planted_file() -> bytes:
    """Return the list as CSV: a row for each name, id and address above."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("id", "name", "start", "by", "on", "organ", "campaign", "address", "words",
                     "severity", "target", "aim"))  # fmt: skip
    for n, (name, ident, address) in enumerate(zip(NAMES, IDS, ADDRESSES, strict=True)):
        writer.writerow(
            (ident, name, f"201{n % 8}-0{n % 9 + 1}-11", "CN", "US", f"=1+1 {SCRIPT}",
             f"@x {SCRIPT}", address, f"{SCRIPT} style='x' {name[:300]}", "1e5", "private",
             "espionage")
        )  # fmt: skip
    writer.writerow(("bad", SCRIPT, "2014-99-99", "CN", "US", "", "", "", "", "", "private", "x"))
    return out.getvalue().encode()


class Strict(HTMLParser):
    """Reads a page and keeps what could run, load, style or point elsewhere unasked."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what a tag has that no page of ours may have."""
        given = dict(attrs)
        if tag in ("style", "iframe", "object", "embed", "base", "meta") and "http-equiv" in given:
            self.wrong.append(f"<{tag}>")
        if tag in ("style", "iframe", "object", "embed", "base"):
            self.wrong.append(f"<{tag}>")
        if tag == "script" and not (given.get("src") or "").startswith("/static/"):
            self.wrong.append("an inline script")
        for name, value in attrs:
            text = (value or "").strip().casefold()
            if name.startswith("on") or name == "style":
                self.wrong.append(f"{tag} {name}={value!r}")
            if name in ("href", "src", "action", "formaction") and not text.startswith(
                ("/", "#", "http://", "https://")
            ):
                self.wrong.append(f"{tag} {name}={text[:80]!r}")
            if name in ("href", "src") and text.startswith("//"):
                self.wrong.append(f"{tag} {name}={text[:80]!r}")
            if name == "src" and text.startswith("http"):
                self.wrong.append(f"{tag} loads {text[:80]!r}")
            if any(c in text for c in BIDI):
                self.wrong.append(f"{tag} {name} with a direction")

    def handle_data(self, data: str) -> None:
        """Keep text that turns the page's direction or commands a terminal."""
        self.words.append(data)
        if any(c in data for c in (*BIDI, "\x1b")):
            self.wrong.append(f"a control in {data[:60]!r}")


def wrong_in(page: str) -> list[str]:
    """Return what a page has that it must not have."""
    parser = Strict()
    parser.feed(page)
    parser.close()
    return parser.wrong


def runs_in(sheet: str) -> list[str]:
    """Return the cells of a CSV file that a spreadsheet would run."""
    csv.field_size_limit(1 << 24)
    return [
        cell
        for row in csv.reader(io.StringIO(sheet.removeprefix("\ufeff"), newline=""))
        for cell in row
        if cell.startswith(("=", "+", "-", "@", "\t", "\r")) and not _is_number(cell)
    ]


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"-?[0-9.]+(e[+-]?[0-9]+)?", cell) is not None
