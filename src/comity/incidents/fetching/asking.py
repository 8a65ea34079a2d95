"""One request for a file: the standard library's HTTP, redirects followed under our own rules.

The environment's proxies are used for the outside as `urllib` finds them, never for the loopback.
A status is returned, not raised, so that the caller decides. Raises OSError (a time limit among
them) and http.client.HTTPException where the connection fails.
"""

from __future__ import annotations

import http.client
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from comity.errors import FetchError
from comity.incidents.fetching.addresses import (
    Place,
    check_address,
    check_inwards,
    next_address,
    place_of,
    plain,
)

REDIRECTS = 5
MOVED = (301, 302, 303, 307, 308)
HEADERS = {"User-Agent": "comity-evidence-fetch", "Accept": "*/*", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: for a connection, and for the next bytes of a file."""

    connect: float = 15.0
    stall: float = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: the address that did, its status, its headers, the open body."""

    address: str
    status: int
    headers: Mapping[str, str]
    body: http.client.HTTPResponse

    def header(self, name: str) -> str:
        """Return a header, or empty text where there is none."""
        return (self.headers.get(name) or "").strip()


def ask(address: str, patience: Patience, headers: Mapping[str, str] | None = None) -> Answer:
    """Ask for the file at an address and return the first answer that is no redirect.

    The caller closes `body`. Raises FetchError for an address or a redirect that is not allowed
    and after more than 5 redirects; OSError and HTTPException where there is no answer.
    """
    places: list[Place] = []
    given = address
    for _ in range(REDIRECTS + 1):
        check_address(address)

        def connected(host: str, here: str = address) -> None:
            place = place_of(host)
            check_inwards(places[-1] if places else "unknown", place, here)
            places.append(place)

        opener = _opener(address, patience, connected)
        request = urllib.request.Request(address, headers={**HEADERS, **(headers or {})})
        response = opener.open(request, timeout=patience.connect)
        if response.status not in MOVED:
            return Answer(address, response.status, response.headers, response)
        location = response.headers.get("Location") or ""
        response.close()
        if not location:
            raise FetchError(f"{plain(address)} says that the file moved, but not where.")
        address = next_address(address, location)
    raise FetchError(
        f"{plain(given)} leads on more than {REDIRECTS} times, last to {plain(address)}. Nothing "
        "was fetched."
    )


def _opener(
    address: str, patience: Patience, connected: Callable[[str], None]
) -> urllib.request.OpenerDirector:
    """Return an opener that speaks http and https and nothing else, and follows no redirect."""
    host = urlsplit(address).hostname or ""
    proxies = {} if place_of(host) == "loopback" else urllib.request.getproxies()
    direct = not proxies.get(urlsplit(address).scheme) or bool(urllib.request.proxy_bypass(host))
    told = connected if direct else lambda _: None  # a proxy's own address says nothing
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(proxies),
        urllib.request.UnknownHandler(),
        _Handler(patience, told),
    ):
        opener.add_handler(handler)
    return opener


class _Handler(urllib.request.HTTPSHandler, urllib.request.HTTPHandler):
    """Open connections that say where they lead before anything is sent, and that wait so long."""

    def __init__(self, patience: Patience, connected: Callable[[str], None]) -> None:
        super().__init__()
        self._patience, self._connected = patience, connected

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._made(http.client.HTTPConnection), req)

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._made(http.client.HTTPSConnection), req)

    def _made(self, kind: type[http.client.HTTPConnection]) -> Any:
        patience, connected = self._patience, self._connected

        class Connection(kind):  # type: ignore[misc, valid-type]
            def connect(self) -> None:
                super().connect()
                connected(str(self.sock.getpeername()[0]))
                self.sock.settimeout(patience.stall)

        return Connection
