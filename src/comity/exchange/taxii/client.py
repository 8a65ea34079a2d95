"""A TAXII 2.1 client for servers that are not trusted: one certificate, limits, no redirects.

What a server answers is data: its words are shown without control characters, its addresses are
followed on the same host only.
"""

from __future__ import annotations

import json
import random
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from comity import __version__
from comity.errors import RemoteError
from comity.exchange.model import Json
from comity.exchange.taxii.bounded import BoundsError, read_json
from comity.exchange.taxii.media import MEDIA_TYPE
from comity.exchange.taxii.pinned import pinned_context

if TYPE_CHECKING:
    from httpx2 import BaseTransport

MOST_ANSWER = 16 * 1024 * 1024  # bytes of one answer
ANSWER_SECONDS = 90.0  # for the whole of one answer
CONNECT_SECONDS, WAIT_SECONDS = 10.0, 30.0
TRIES = 3
FIRST_WAIT, LONGEST_WAIT = 0.5, 20.0  # seconds between tries
PASSING = (408, 425, 429, 500, 502, 503, 504)  # answers after which another try may help
LOOPBACK = ("localhost", "127.0.0.1", "::1")
FIRST_ADDED, LAST_ADDED = "x-taxii-date-added-first", "x-taxii-date-added-last"

_ERRNO = re.compile(r"^\[Errno -?\d+\] ")


@dataclass(frozen=True, slots=True)
class Page:
    """Objects of a collection; `next` and `last` say where the page after it begins."""

    objects: tuple[dict[str, Any], ...]
    more: bool = False
    next: str = ""
    first: str = ""  # when the first and the last of them were added
    last: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """What became of a request to add objects: for each id that did not succeed, its words."""

    id: str
    complete: bool
    failures: Mapping[str, str] = field(default_factory=dict)
    pendings: Mapping[str, str] = field(default_factory=dict)


class Remote:
    """A TAXII server at `url`: its discovery, an API root, or a collection of it.

    `authorize` gives the Authorization header for each request. With `certificate` (PEM) only
    that certificate is spoken to; without, one that this machine's authorities signed.
    """

    def __init__(
        self, url: str, certificate: str = "", authorize: Callable[[], str] = lambda: "",
        sleep: Callable[[float], None] = time.sleep, chance: Callable[[], float] = random.random,
        tries: int = TRIES, transport: BaseTransport | None = None,
    ) -> None:  # fmt: skip
        import httpx2

        check_url(url)
        self.url = url if url.endswith("/") else f"{url}/"
        self.authorize, self.sleep, self.chance, self.tries = authorize, sleep, chance, tries
        self._root = ""
        trust = pinned_context(certificate) if certificate else ssl.create_default_context()
        self._http = httpx2.Client(
            verify=trust, trust_env=False, follow_redirects=False, transport=transport,
            timeout=httpx2.Timeout(WAIT_SECONDS, connect=CONNECT_SECONDS),
            headers={
                "Accept": MEDIA_TYPE, "Accept-Encoding": "identity",
                "User-Agent": f"comity/{__version__}",
            },
        )  # fmt: skip

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def __enter__(self) -> Remote:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def root(self) -> str:
        """Return the address of the API root. Raises RemoteError where there is none."""
        if not self._root:
            before, mark, _ = self.url.partition("/collections/")
            self._root = f"{before}/" if mark else self._find_root()
        return self._root

    def _find_root(self) -> str:
        said = self._ask("GET", self.url)[0]
        if isinstance(said.get("versions"), list):
            return self.url
        roots = said.get("api_roots")
        named = said.get("default") or (roots[0] if isinstance(roots, list) and roots else None)
        if not isinstance(named, str):
            raise RemoteError(f"{self.url} names no API root: it is no TAXII 2.1 server.", False)
        found = urljoin(self.url, named if named.endswith("/") else f"{named}/")
        if urlsplit(found)[:2] != urlsplit(self.url)[:2]:
            raise RemoteError(
                f"{self.url} leads to another server ({plain(found, 100)}), which is not followed. "
                "If that is right, give its address.", False,
            )  # fmt: skip
        return found

    def collections(self) -> tuple[dict[str, Any], ...]:
        """Return the collections that the server shows to us."""
        said = self._ask("GET", f"{self.root()}collections/")[0].get("collections")
        return tuple(c for c in said if isinstance(c, dict)) if isinstance(said, list) else ()

    def collection(self, usual: str = "") -> str:
        """Return the address of the collection: the one `url` names, else `usual` of the root."""
        _, mark, rest = self.url.partition("/collections/")
        name = rest.split("/")[0] if mark else usual
        return f"{self.root()}collections/{name}/"

    def page(
        self, collection: str, added_after: str = "", next: str = "", limit: int = 200,
        match: Mapping[str, str] | None = None,
    ) -> Page:  # fmt: skip
        """Return one page of a collection's objects, every version, in the order of adding."""
        query = {"limit": str(limit), "match[version]": "all"}
        query |= {f"match[{k}]": v for k, v in (match or {}).items()}
        query |= {"added_after": added_after} if added_after else {}
        query |= {"next": next} if next else {}
        said, headers = self._ask("GET", f"{collection}objects/", query)
        objects = said.get("objects", [])
        if not isinstance(objects, list) or not all(_is_object(o) for o in objects):
            raise RemoteError(f"{self.url} answered with something that is no envelope.", False)
        follow = said.get("next")
        follow = follow[:1000] if isinstance(follow, str) else ""
        first = plain(headers.get(FIRST_ADDED, ""), 40)
        last = plain(headers.get(LAST_ADDED, ""), 40) or first  # some say one for one object
        return Page(tuple(objects), said.get("more") is True, follow, first, last)

    def pages(
        self, collection: str, added_after: str = "", limit: int = 200,
        match: Mapping[str, str] | None = None,
    ) -> Iterator[Page]:  # fmt: skip
        """Give the pages of a collection that follow an instant, to the last.

        Raises RemoteError also for a server whose pages do not move on. That it names the same
        `next` again does not say so: some keep by it where they are.
        """
        after, follow = added_after, ""
        before: tuple[dict[str, Any], ...] | None = None
        while True:
            page = self.page(collection, after, follow, limit, match)
            yield page
            if not page.more:
                return
            stuck = page.objects == before or not page.objects
            before = page.objects
            if stuck or (not page.next and page.last in ("", after)):
                raise RemoteError(f"{self.url} says there is more, and gives the same again.", True)
            after, follow = (after, page.next) if page.next else (page.last, "")

    def add(self, collection: str, objects: Sequence[Json]) -> Status:
        """Hand in objects; return what became of them, as far as is known by then."""
        body = json.dumps({"objects": list(objects)}, separators=(",", ":")).encode()
        return self._status(self._ask("POST", f"{collection}objects/", body=body)[0])

    def status(self, id: str) -> Status:
        """Return what has become of an earlier request."""
        return self._status(self._ask("GET", f"{self.root()}status/{id}/")[0])

    def _status(self, said: Json) -> Status:
        if not isinstance(said.get("id"), str) or said.get("status") not in ("complete", "pending"):
            raise RemoteError(f"{self.url} answered with something that is no status.", True)
        return Status(plain(said["id"], 100), said["status"] == "complete",
                      _messages(said.get("failures")), _messages(said.get("pendings")))  # fmt: skip

    def _ask(
        self, method: str, url: str, query: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> tuple[dict[str, Any], Mapping[str, str]]:  # fmt: skip
        """Ask until there is an answer, or no try is left. A request may be sent twice: what is
        added twice is there once."""
        for n in range(self.tries):
            try:
                return self._once(method, url, query, body)
            except RemoteError as error:
                if not error.passing or n + 1 == self.tries:
                    raise
                wait = min(LONGEST_WAIT, max(error.wait, FIRST_WAIT * 2**n))
                self.sleep(wait * (0.5 + self.chance() / 2))
        raise AssertionError("a client tries at least once")

    def _once(
        self, method: str, url: str, query: Mapping[str, str] | None, body: bytes | None
    ) -> tuple[dict[str, Any], Mapping[str, str]]:
        import httpx2

        headers = {"Content-Type": MEDIA_TYPE} if body is not None else {}
        if given := self.authorize():
            headers["Authorization"] = given
        try:
            with self._http.stream(
                method, url, params=query, content=body, headers=headers
            ) as answer:
                content = self._read(answer)
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError) as error:
            raise RemoteError(f"{self.url} cannot be reached: {_why(error)}.", True) from error
        if answer.status_code >= 300:
            raise self._refusal(answer.status_code, answer.headers, content)
        try:
            said = read_json(content)
        except BoundsError as error:
            raise RemoteError(f"{self.url} gave an answer not read: {error}", True) from error
        if not isinstance(said, dict):
            raise RemoteError(f"{self.url} answered with something that is no resource.", True)
        return said, answer.headers

    def _read(self, answer: Any) -> bytes:
        """Return an answer's bytes. Raises RemoteError where they are too many, packed or late."""
        if answer.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise RemoteError(f"{self.url} packs its answers, which was not asked for.", False)
        until = time.monotonic() + ANSWER_SECONDS
        content = bytearray()
        for part in answer.iter_raw():
            content += part
            if len(content) > MOST_ANSWER:
                raise RemoteError(
                    f"{self.url} answers with more than {MOST_ANSWER // (1024 * 1024)} MB.", False
                )
            if time.monotonic() > until:
                raise RemoteError(f"{self.url} answers too slowly.", True)
        return bytes(content)

    def _refusal(self, status: int, headers: Mapping[str, str], content: bytes) -> RemoteError:
        """Return an error with the words of a server that refuses."""
        try:
            said = read_json(content)
        except BoundsError:
            said = {}
        words = said if isinstance(said, dict) else {}
        text = plain(words.get("description") or words.get("title") or "no reason given", 400)
        wait = headers.get("retry-after", "")
        error = RemoteError(f"{self.url} refuses ({status}): {text}", status in PASSING)
        error.status = status
        error.wait = float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 6 else 0.0
        return error


def check_url(url: str) -> None:
    """Raise RemoteError for an address that is not https; http is for this machine alone."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)):
        raise RemoteError(
            f"{plain(url, 100)!r} is no address of a TAXII server such as "
            "https://line.china.example:8443/taxii2/.", False,
        )  # fmt: skip
    if parts.username or parts.password or parts.query or parts.fragment:
        raise RemoteError("An address of a TAXII server has no password, query or fragment.", False)


def plain(text: object, most: int) -> str:
    """Return a stranger's text as one line without control characters, cut short.

    >>> plain("a\\x1b[2Jb\\n c", 5)
    'a [2J'
    """
    shown = "".join(c if c.isprintable() else " " for c in str(text)[: most * 2])
    return " ".join(shown.split())[:most]


def _is_object(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(n), str) for n in ("id", "type"))


def _messages(entries: Any) -> dict[str, str]:
    """Return the words of a status for each id."""
    return {
        entry["id"]: plain(entry.get("message") or "", 500)
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and isinstance(entry.get("id"), str)
    }


def _why(error: Exception) -> str:
    """Return in few words why a server could not be reached."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                "its certificate is not the one on its card, or not valid now. Ask the other "
                "party by telephone whether it changed, and import its new card"
            )
        cause = cause.__cause__ or cause.__context__
    return plain(_ERRNO.sub("", str(error)), 200) or type(error).__name__
