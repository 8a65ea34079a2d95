"""Which addresses may be fetched, and where a redirect may lead.

Outside this machine only https is spoken; http is for the loopback, where tests and a user's own
copy live. A redirect keeps its scheme and never leads inwards: from a public address to a private
network or to this machine. Names are judged by the address that was connected to, so a name that
resolves to a private network does not slip through.
"""

from __future__ import annotations

import ipaddress
import re
import string
from typing import Literal, TypeAlias
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from comity.errors import FetchError
from comity.provenance import is_web_address

Place: TypeAlias = Literal["loopback", "private", "public", "unknown"]
INWARDS = {"loopback": 0, "private": 1, "public": 2}
LATIN = "iso-8859-1"  # in which a header comes
MOST_LETTERS = 80  # of a file's name


def place_of(host: str) -> Place:
    """Return where a host is: an IP address or `localhost` by itself, a name is unknown.

    >>> place_of("127.0.0.1"), place_of("10.0.0.1"), place_of("8.8.8.8"), place_of("a.org")
    ('loopback', 'private', 'public', 'unknown')
    """
    if host.rstrip(".").lower() == "localhost":
        return "loopback"
    try:
        ip = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return "unknown"
    inner = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    ip = inner or ip
    if ip.is_loopback:
        return "loopback"
    return "public" if ip.is_global and not ip.is_multicast else "private"


def check_address(address: str) -> SplitResult:
    """Return the parts of an address that may be fetched.

    Raises FetchError for another scheme than https (http on this machine), for a name or password
    in it, for no host, and for blanks or characters that do not print.
    """
    shown = plain(address)
    if not is_web_address(address) or not address.isprintable():
        raise FetchError(f"{shown!r} is not an address that can be fetched: give an https:// one.")
    if not address.isascii():
        raise FetchError(f"{shown!r} has letters that an address cannot have: write them as %XX.")
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError as error:
        raise FetchError(f"{shown!r} is not an address: {error}.") from error
    if not host:
        raise FetchError(f"{shown!r} names no host: give an address such as https://HOST/FILE.")
    if parts.username is not None or parts.password is not None:
        raise FetchError("The address holds a name or password. Give one without: it is recorded.")
    if parts.scheme.lower() == "http" and place_of(host) != "loopback":
        raise FetchError(f"{shown} is not encrypted. Give its https:// address.")
    return parts


def next_address(address: str, location: str) -> str:
    """Return where a redirect from `address` leads. Raises FetchError where it may not lead."""
    try:
        target = urljoin(address, quote(location.strip(), safe=string.punctuation, encoding=LATIN))
        old, new = urlsplit(address), urlsplit(target)
    except ValueError as error:
        raise FetchError(f"{plain(address)} leads on to no address: {error}.") from error
    if new.scheme.lower() != old.scheme.lower():
        raise FetchError(
            f"{plain(address)} leads on to {plain(target)}, of another kind ({plain(new.scheme)}). "
            f"Only {old.scheme} is followed from there. Nothing was fetched."
        )
    check_address(target)
    check_inwards(place_of(old.hostname or ""), place_of(new.hostname or ""), target)
    return target


def check_inwards(before: Place, now: Place, address: str) -> None:
    """Raise FetchError where a redirect leads inwards: public to private, private to loopback."""
    if "unknown" not in (before, now) and INWARDS[now] < INWARDS[before]:
        where = "this machine" if now == "loopback" else "a private network"
        raise FetchError(
            f"A public address leads on to {plain(address)}, which is on {where}. That is not "
            "followed. If you meant it, give that address yourself with --from."
        )


def file_name(address: str, otherwise: str = "download") -> str:
    """Return a safe name for the file at an address: its last part, letters, digits, ._- only.

    What a server suggests (Content-Disposition) is never asked.

    >>> file_name("https://a.org/x/report%201.csv?y=/../z")
    'report_201.csv'
    """
    last = urlsplit(address).path.rpartition("/")[2]
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", last).lstrip(".")[-MOST_LETTERS:].lstrip(".")
    return safe or otherwise


def plain(text: str) -> str:
    """Return text from outside without characters that a terminal would obey, at most 200."""
    return "".join(c if c.isprintable() else " " for c in text[:200])
