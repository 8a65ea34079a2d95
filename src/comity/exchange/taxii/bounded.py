"""JSON from strangers: its depth and size are known before any of it is made into objects."""

from __future__ import annotations

import json
import re
from typing import Any

MOST_DEPTH = 40
MOST_VALUES = 300_000
_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)  # possessive: no way back to keep
_NO_BRACKETS = bytes(b for b in range(256) if b not in b"[]{}")
_LONE = re.compile(rb"\\u[dD][89a-fA-F]")


class BoundsError(ValueError):
    """JSON that is not read: not JSON at all, or `too_large` (too deep, too many values)."""

    def __init__(self, text: str, too_large: bool = False) -> None:
        super().__init__(text)
        self.too_large = too_large


def check_bounds(content: bytes, depth: int = MOST_DEPTH, values: int = MOST_VALUES) -> None:
    """Raise BoundsError for JSON that is deeper or has more values than allowed.

    It reads what stands between texts only, in time that grows with the length and no faster.
    """
    if content.count(b'"') > 4 * values:  # texts too many to be taken out one by one
        raise BoundsError(f"It holds more than {values:,} values.", True)
    between = _TEXT.sub(b"", content)
    brackets = between.translate(None, _NO_BRACKETS)
    if between.count(b",") + between.count(b":") + len(brackets) > values:
        raise BoundsError(f"It holds more than {values:,} values.", True)
    level = 0
    for byte in brackets:
        level += 1 if byte in b"[{" else -1
        if level > depth:
            raise BoundsError(f"It is nested deeper than {depth} levels.", True)


def read_json(content: bytes, depth: int = MOST_DEPTH, values: int = MOST_VALUES) -> Any:
    """Return what JSON in UTF-8 says. Raises BoundsError.

    Numbers that are not finite, and halves of a surrogate pair, are no JSON here: neither can be
    signed.
    """
    check_bounds(content, depth, values)
    try:
        read = json.loads(content.decode("utf-8"), parse_constant=_refuse)
        if _LONE.search(content):
            json.dumps(read, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        said = "it is not UTF-8" if isinstance(error, UnicodeError) else str(error)
        raise BoundsError(f"It is not JSON: {said[:200]}.") from error
    return read


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")
