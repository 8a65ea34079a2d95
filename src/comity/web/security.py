"""What every request must be and every answer carries: whose host, whose form, which limits.

The workbench serves one person on one machine. A page elsewhere that a browser has open must not
read it (the host is checked, so that a name that is made to point here does not help: DNS
rebinding), nor change anything through it (a change needs POST, from a page of ours, with the
token that only our forms hold).
"""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("localhost", "127.0.0.1", "::1")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # "no-referrer" would take our own forms' origin away too
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
READS = ("GET", "HEAD")
MOST_FORM = 64 * 1024  # bytes of a form without a file
MOST_UPLOAD = 64 * 1024 * 1024  # bytes of a form with files
UPLOAD_SECONDS = 60.0  # for the whole of a request's body


def host_name(host: str) -> str:
    """Return the name in a Host header, without its port; empty where it is none.

    >>> host_name("127.0.0.1:8100"), host_name("[::1]:8100"), host_name("a b")
    ('127.0.0.1', '::1', '')
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
    return name if not any(c in host for c in " \t/@?#\\") else ""


class Guard:
    """Refuses what is not addressed to this machine, or would change it from elsewhere; limits
    what is sent; adds the headers of every answer. `hosts` are the names it answers to, beside
    those of this machine; none of them is a pattern. `limits` are the bytes that a form may have
    at addresses where it may have more than `MOST_FORM`. `changes` match the paths that change
    anything: no other takes more than GET, and the application says so itself."""

    def __init__(
        self, app: ASGIApp, hosts: Collection[str] = (), limits: Mapping[str, int] | None = None,
        changes: Collection[re.Pattern[str]] = (),
    ) -> None:  # fmt: skip
        self.app = app
        self.changes = tuple(changes)
        self.hosts = frozenset(h.casefold() for h in (*LOOPBACK, *hosts))
        self.limits = dict(limits or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refused(scope, headers)
        sender = _with_headers(send)
        if refusal is not None:
            await refusal(scope, receive, sender)
            return
        if scope["method"] in READS:
            await self.app(scope, receive, sender)
            return
        most = self.limits.get(scope["path"], MOST_FORM)
        limited = _Limited(receive, most)
        try:
            await self.app(scope, limited, sender)
        except _TooMuchError as error:
            if limited.answered_late:
                raise
            await PlainTextResponse(str(error), error.status)(scope, receive, sender)

    def _refused(self, scope: Scope, headers: Headers) -> PlainTextResponse | None:
        """Return the refusal of a request, None where there is none."""
        if host_name(headers.get("host", "")).casefold() not in self.hosts:
            return PlainTextResponse(
                "This workbench answers only to the name of its own machine. "
                "Start it with --allow-host NAME to let it answer to another.\n",
                421,
            )
        if scope["method"] in READS:
            elsewhere = headers.get("sec-fetch-site") == "cross-site"
            if elsewhere and headers.get("sec-fetch-mode", "navigate") != "navigate":
                return PlainTextResponse("A page elsewhere may link here, and load nothing.\n", 403)
            return None
        if scope["method"] != "POST" or not any(p.match(scope["path"]) for p in self.changes):
            return None
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        own = origin in [f"{scheme}://{headers.get('host')}" for scheme in ("http", "https")]
        if not own or site not in (None, "same-origin"):
            return PlainTextResponse(
                "A change can only be made from a page of this workbench.\n", 403
            )
        length = headers.get("content-length", "0")
        most = self.limits.get(scope["path"], MOST_FORM)
        if not (length.isascii() and length.isdigit()) or int(length[:20]) > most:
            return PlainTextResponse(_too_large(most), 413)
        return None


def same_token(given: str, wanted: str) -> bool:
    """Say whether a form carries the token of this workbench."""
    return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())


def _too_large(most: int) -> str:
    size = f"{most // 1024} kB" if most < 1 << 20 else f"{most >> 20} MB"
    return f"That is too large: at most {size} are read here. Nothing was changed.\n"


class _TooMuchError(Exception):
    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


class _Limited:
    """A request's body, of which no more than `most` bytes are read, in at most a minute."""

    def __init__(self, receive: Receive, most: int) -> None:
        self.receive, self.most, self.read = receive, most, 0
        self.until: float | None = None
        self.answered_late = False

    async def __call__(self) -> Message:
        loop = asyncio.get_running_loop()
        if self.until is None:
            self.until = loop.time() + UPLOAD_SECONDS
        try:
            message = await asyncio.wait_for(self.receive(), max(self.until - loop.time(), 0.001))
        except TimeoutError as error:
            text = f"Nothing was changed: what was sent took over {UPLOAD_SECONDS:.0f} seconds.\n"
            raise _TooMuchError(text, 408) from error
        self.read += len(message.get("body", b""))
        if self.read > self.most:
            raise _TooMuchError(_too_large(self.most), 413)
        return message


def _with_headers(send: Send) -> Send:
    """Return a sender that adds the headers every answer carries, and the policy where none is."""

    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            if "content-security-policy" not in headers:
                headers["Content-Security-Policy"] = POLICY
        await send(message)

    return sender
