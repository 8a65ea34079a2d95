"""Addresses in the cells of a list: those that are one are kept, what is left over is told."""

from __future__ import annotations

import re
from collections.abc import Iterable

from comity.provenance import is_web_address

_BREAK = re.compile(r"[\s\xa0]+|[,;:]+(?=https?://)", re.IGNORECASE)


def split_addresses(cell: str) -> tuple[tuple[str, ...], str]:
    """Return the http(s) addresses in a cell and the text left over, which may be empty.

    >>> split_addresses("https://a.example/x, http://b.example :https://c.example see also")
    (('https://a.example/x', 'http://b.example', 'https://c.example'), 'see also')
    """
    found, rest = [], []
    for piece in _BREAK.split(cell.strip()):
        trimmed = piece.strip(",;").rstrip(":")
        if is_web_address(trimmed) and "." in trimmed:
            found.append(trimmed.replace("|", "%7C"))
        elif trimmed:
            rest.append(trimmed)
    return tuple(found), " ".join(rest)


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """Return values in their order, each once, empty ones left out."""
    return tuple(dict.fromkeys(v for v in values if v))
