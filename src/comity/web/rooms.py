"""The rooms as the navigation names them, and which room an address lies in."""

from __future__ import annotations

NAVIGATION: tuple[tuple[str, str], ...] = (
    ("agreements", "/agreements"),
    ("definitions", "/definitions"),
    ("incidents", "/incidents"),
    ("verdicts", "/verdicts"),
    ("spread", "/spread"),
    ("talks", "/talks"),
    ("parallels", "/parallels"),
    ("method", "/method"),
    ("data", "/data"),
)
_ROOMS = {
    "agreement": "agreements",
    "norms": "agreements",
    "questions": "verdicts",
    "verdict": "verdicts",
    "votes": "spread",
}


def room_of(path: str) -> str:
    """Return the room of a path, `home` where it is in none.

    >>> room_of("/verdict/us-china-2015"), room_of("/talks"), room_of("/")
    ('verdicts', 'talks', 'home')
    """
    first = path.strip("/").split("/")[0]
    known = {*(name for name, _ in NAVIGATION), "exchange"}
    return _ROOMS.get(first, first if first in known else "home")
