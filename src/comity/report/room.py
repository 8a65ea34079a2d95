"""A page of plain text with its pictures as one HTML file: for rooms whose pages are lists.

The text is that of the terminal, so the two never differ; addresses become links.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from comity import __version__
from comity.report.html import _environment
from comity.report.lines import Line

ADDRESS = re.compile(r"https?://[^\s<>\"]+")
SPOKEN = re.compile(r'aria-label="([^"]*)"')


@dataclass(frozen=True, slots=True)
class _Version:
    version: str


def render_room(
    room: str, title: str, lines: Sequence[Line], pictures: Sequence[str], command: str
) -> str:
    """Return lines and pictures (SVG) as one self-contained page; `command` makes it again."""
    return (
        _environment()
        .get_template("room.html.j2")
        .render(
            v=_Version(__version__), room=room, title=title, command=command,
            sections=[(name, _parts(body)) for name, body in _sections(title, lines)],
            pictures=[(_inline(svg), _spoken(svg)) for svg in pictures],
        )
    )  # fmt: skip


def _sections(title: str, lines: Sequence[Line]) -> list[tuple[str, str]]:
    """Split a page at its headings; an indented heading is that of a table and stays."""
    found: list[tuple[str, list[str]]] = [(title, [])]
    for heading, rest in lines:
        if heading and not rest and not heading.startswith(" "):
            found.append((heading, []))
        else:
            found[-1][1].append(heading + rest)
    texts = ((name, "\n".join(body).strip("\n")) for name, body in found)
    return [(name, text) for name, text in texts if text]


def _parts(text: str) -> list[tuple[str, str]]:
    """Return (text, "") and (address, address) in turn."""
    parts, at = [], 0
    for found in ADDRESS.finditer(text):
        parts += [(text[at : found.start()], ""), (found.group(), found.group())]
        at = found.end()
    return [*parts, (text[at:], "")]


def _inline(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _spoken(svg: str) -> str:
    found = SPOKEN.search(svg)
    return found.group(1) if found else "A chart; the text says the same."
