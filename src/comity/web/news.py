"""What changed since the last release, as the changelog says it."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

NAME = "CHANGELOG.md"
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_KIND = re.compile(r"^### (.+)$", re.MULTILINE)
_POINT = re.compile(r"^- (.+(?:\n  .+)*)", re.MULTILINE)
_MARKS = re.compile(r"`([^`]+)`|\[([^\]]+)\]\([^)]+\)|\*([^*]+)\*")


def changelog() -> str:
    """Return the changelog: the package's own, or that of the checkout it runs from; else empty."""
    inside = resources.files("comity").joinpath(NAME)
    for place in (inside, Path(__file__).resolve().parents[3] / NAME):
        if place.is_file():
            return place.read_text(encoding="utf-8")
    return ""


def latest(text: str) -> tuple[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Return the newest section's title and its points by kind ("Changed"), in plain words.

    >>> latest("# Log\\n\\n## [1.1]\\n\\n### Added\\n\\n- `verify` asks\\n  more.\\n\\n## [1.0]\\n")
    ('1.1', (('Added', ('verify asks more.',)),))
    """
    parts = _SECTION.split(text)
    if len(parts) < 3:
        return "", ()
    title, body = parts[1].strip("[] "), parts[2]
    kinds = _KIND.split(body)
    found = [
        (name.strip(), tuple(_plain(point) for point in _POINT.findall(points)))
        for name, points in zip(kinds[1::2], kinds[2::2], strict=True)
    ]
    return title, tuple((name, points) for name, points in found if points)


def _plain(point: str) -> str:
    """Return a point on one line, without marks of Markdown."""
    line = re.sub(r"\s+", " ", point).strip()
    return _MARKS.sub(lambda m: m.group(1) or m.group(2) or m.group(3), line)
