"""One text for one value: canonical JSON (RFC 8785), its digests, and how instants are written."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from contextlib import suppress
from typing import Any

from comity.errors import RefusedError
from comity.exchange.model import Reason


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of a value. Raises RefusedError (malformed) for what has none:
    a number that is not finite, an integer beyond 2^53, text that is not Unicode."""
    import rfc8785

    try:
        if _plain(value):
            return _ENCODE(value).encode()
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise RefusedError(f"This cannot be written as canonical JSON: {error}.",
                           Reason.MALFORMED) from error  # fmt: skip


_ENCODE = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True,
    separators=(",", ":"),
).encode  # fmt: skip


def _plain(value: Any) -> bool:
    """Say whether Python's own encoder writes a value just as RFC 8785 does, and much faster: there
    is no number but small integers, and every name is ASCII, so that it sorts as UTF-16 would."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is dict:
        return all(type(k) is str and k.isascii() and _plain(v) for k, v in value.items())
    if kind is list or kind is tuple:
        return all(_plain(v) for v in value)
    return kind is int and -_MOST <= value <= _MOST


_MOST = 2**53 - 1


def sha256(content: bytes) -> str:
    """Return the SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def digest_of(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON."""
    return sha256(canonical(value))


def whole(at: dt.datetime) -> dt.datetime:
    """Return an instant in UTC, cut to whole milliseconds.

    >>> whole(dt.datetime(2026, 1, 2, 3, 4, 5, 678901, dt.UTC)).isoformat()
    '2026-01-02T03:04:05.678000+00:00'
    """
    at = at.astimezone(dt.UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def stamp(at: dt.datetime) -> str:
    """Return an instant as STIX writes it.

    >>> stamp(dt.datetime(2026, 1, 2, 3, 4, 5, 678901, dt.UTC))
    '2026-01-02T03:04:05.678Z'
    """
    at = whole(at)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def read_stamp(text: object) -> dt.datetime:
    """Return the instant that a STIX timestamp of whole milliseconds means.

    Raises RefusedError (malformed) for any other text: one instant has one way to be written.
    """
    if isinstance(text, str) and _STAMP.fullmatch(text):
        with suppress(ValueError):  # no such day or hour
            return dt.datetime.fromisoformat(text)
    raise RefusedError(
        f"{str(text)[:40]!r} is no timestamp such as 2026-11-26T16:00:00.000Z.", Reason.MALFORMED
    )


_STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
