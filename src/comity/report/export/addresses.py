"""Addresses as other formats need them: as a URI of ASCII, and as a key that does not change."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

from comity.provenance import is_web_address

_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ALLOWED = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#@!$&'()*+,;=%"
)


def uri_of(address: str) -> str:
    """Return an http(s) address as a URI (RFC 3986), what it may not hold percent-encoded.

    Empty where it is no http(s) address or names no host.

    >>> uri_of("https://a.example/{x}?q=é#one#two"), uri_of("javascript:alert(1)")
    ('https://a.example/%7Bx%7D?q=%C3%A9#one%23two', '')
    """
    if not is_web_address(address) or not host_of(address):
        return ""
    scheme, _, rest = address.partition("://")
    rest = _STRAY_PERCENT.sub("%25", rest)
    before, mark, after = rest.partition("#")
    rest = before + mark + after.replace("#", "%23")
    return f"{scheme.lower()}://" + "".join(c if c in _ALLOWED else _encoded(c) for c in rest)


def _encoded(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))


def host_of(address: str) -> str:
    """Return the host of an address without "www."; empty where there is none.

    >>> host_of("https://www.Example.org:8080/a")
    'example.org'
    """
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def key_of(address: str) -> str:
    """Return a key for an address that depends on nothing else: its host, and a piece of a hash.

    >>> key_of("https://www.example.org/a")
    'example-org-5fcc169d9c'
    """
    host = re.sub(r"[^a-z0-9]+", "-", host_of(address)).strip("-")[:40]
    return f"{host}-{hashlib.sha256(address.encode()).hexdigest()[:10]}"
