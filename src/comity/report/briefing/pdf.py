"""A briefing as a tagged PDF, set by Typst: text goes in as data and is never read as markup."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

import typst
from pypdf import PdfReader

from comity.errors import StoreError
from comity.provenance import is_web_address
from comity.report.briefing.model import (
    Answer,
    Block,
    Briefing,
    Bullets,
    Line,
    Pairs,
    Paragraph,
    Picture,
    References,
    Section,
    Subheading,
    Table,
    marks,
    tied,
)

Data = dict[str, Any]
TOGETHER = ("agreement", "confidence", "open")  # short sections that no page parts
ACCESSIBLE = "ua-1"
LATIN_GREEK_CYRILLIC = "\u2e7f"  # fonts that come with Typst cover letters up to here, mostly
_BREAKS = re.compile(r"(?<=[/?&=._%-])(?=\w)")


def pdf(briefing: Briefing) -> bytes:
    """Return a briefing as PDF. Raises StoreError where it cannot be set."""
    return _compiled(briefing, whole=True)


def main_pages(briefing: Briefing) -> int:
    """Return on how many pages of A4 the main part of a briefing stands."""
    return len(PdfReader(io.BytesIO(_compiled(briefing, whole=False))).pages)


@lru_cache(maxsize=1)
def _template() -> bytes:
    return resources.files("comity.report").joinpath("templates/briefing.typ").read_bytes()


def _compiled(briefing: Briefing, whole: bool) -> bytes:
    """Return the PDF, to PDF/UA-1 where every letter has a glyph."""
    data = json.dumps(as_data(briefing, whole), ensure_ascii=False)
    try:
        return _set(data, [ACCESSIBLE] if whole else [])
    except RuntimeError:
        pass
    try:
        return _set(data, [])
    except RuntimeError as error:
        raise StoreError(
            f"The briefing on {briefing.id} cannot be set as PDF ({error}). Ask for --format html "
            "or docx."
        ) from error


def _set(data: str, standards: list[Any]) -> bytes:
    """Return data set as PDF to some standards. Raises RuntimeError."""
    made = typst.compile(
        _template(),
        format="pdf",
        sys_inputs={"briefing": data},
        ignore_system_fonts=not _needs_more_fonts(data),
        pdf_standards=standards,
        timestamp=0,
    )
    assert isinstance(made, bytes)
    return made


def _needs_more_fonts(text: str) -> bool:
    """Say whether a text has letters that only fonts of this machine may have."""
    return any(c > LATIN_GREEK_CYRILLIC for c in text)


def as_data(briefing: Briefing, whole: bool) -> Data:
    """Return a briefing as plain data; without `whole` only the two pages, without sources."""
    numbers = briefing.numbers()
    sources = [
        {
            "label": s.label,
            "address": s.address if is_web_address(s.address) else "",
            "shown": breakable(s.address),
        }
        for s in briefing.sources
    ]
    return {
        "id": briefing.id,
        "title": briefing.title,
        "facts": list(briefing.facts),
        "about": briefing.about,
        "whole": whole,
        "linked": whole and any(s.name == "sources" for s in briefing.annex),
        "main": [_section(s, numbers) for s in briefing.main],
        "annex": [_section(s, numbers) for s in briefing.annex] if whole else [],
        "sources": sources,
    }


def breakable(text: str) -> str:
    """Return text with places where a long address or command may break.

    >>> breakable("a.org/b") == "a.\\u200borg/\\u200bb"
    True
    """
    return _BREAKS.sub("\u200b", text)


def _section(section: Section, numbers: Mapping[str, int]) -> Data:
    blocks = [_block(b, numbers) for b in section.blocks]
    together = section.name in TOGETHER
    return {"title": section.title, "blocks": blocks, "together": together}


def _line(line: Line, numbers: Mapping[str, int]) -> list[Data]:
    return [
        {
            "text": breakable(run.text) if run.look == "code" else tied(run.text),
            "look": run.look,
            "cites": list(marks(run, numbers)),
        }
        for run in line
    ]


def _narrow(line: list[Data]) -> list[Data]:
    """Return a line that may break after a stroke, as an interval of dates in a table must."""
    return [{**run, "text": run["text"].replace("/", "/\u200b")} for run in line]


def _block(block: Block, numbers: Mapping[str, int]) -> Data:
    """Return a block as plain data, its kind with it."""

    def set_line(line: Line) -> list[Data]:
        return _line(line, numbers)

    match block:
        case Subheading():
            more: Data = {"text": block.text}
        case Paragraph():
            more = {"line": set_line(block.line), "look": block.look}
        case Bullets():
            more = {"items": [set_line(i) for i in block.items], "more": block.more}
        case Answer():
            more = {"question": block.question, "term": block.term, "line": set_line(block.line)}
        case Pairs():
            more = {"rows": [[name, set_line(line)] for name, line in block.rows]}
        case Table():
            rows = [[_narrow(set_line(cell)) for cell in row] for row in block.rows]
            more = {"caption": block.caption, "head": list(block.head), "rows": rows}
            more["widths"] = list(block.widths)
        case Picture():
            more = {
                "svg": block.svg,
                "alt": block.alt,
                "wide": block.wide,
                "caption": set_line(block.caption),
            }
        case References():
            more = {}
    return {"kind": block.kind, **more}
