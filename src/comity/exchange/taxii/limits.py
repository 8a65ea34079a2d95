"""What every request must be before anything reads it: one length, one path, in time.

A request that two programs could read differently (two lengths, a path that is written around,
a body in another coding) is refused, not repaired.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections import Counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from comity.exchange.taxii.media import MEDIA_TYPE
from comity.exchange.taxii.resources import MOST_BODY, AnswerError

MOST_HEADERS = 60
MOST_HEADER_BYTES = 16 * 1024
MOST_PATH, MOST_QUERY = 1024, 32 * 1024
BODY_SECONDS = 60.0  # for the whole of a request's body
SEND_SECONDS = 60.0  # for a client to take one part of an answer
ONCE = (
    b"host", b"authorization", b"content-length", b"content-type", b"content-encoding",
    b"transfer-encoding", b"expect",
)  # fmt: skip
_AROUND = re.compile(rb"%(?:2[ef]|5c|00|25)|\\|//|[\x00-\x20\x7f-\xff]|/\.{1,2}(?:/|$)", re.I)
_LOG = logging.getLogger("comity.exchange")


class Guard:
    """Refuses what no honest client sends, limits what is read and how long that takes, and
    answers every error as TAXII does."""

    def __init__(
        self, app: ASGIApp, body_seconds: float = BODY_SECONDS, send_seconds: float = SEND_SECONDS
    ) -> None:
        self.app, self.body_seconds, self.send_seconds = app, body_seconds, send_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        answer = _Answer(send, self.send_seconds)
        try:
            check_head(scope)
            await self.app(scope, _Limited(receive, self.body_seconds), answer)
        except AnswerError as error:
            await answer.error(error, close=True)
        except (asyncio.CancelledError, TimeoutError):
            raise
        except Exception:
            number = secrets.token_hex(6)
            _LOG.exception("error %s at %s %s", number, scope["method"], scope["path"])
            await answer.error(AnswerError(
                500, "This server failed",
                f"The error is written down here as {number}. Nothing was taken in.",
            ), close=True)  # fmt: skip


def check_head(scope: Scope) -> None:
    """Raise AnswerError for a request whose head is not to be trusted."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    size = sum(len(name) + len(value) + 4 for name, value in headers)
    if len(headers) > MOST_HEADERS or size > MOST_HEADER_BYTES:
        raise AnswerError(431, "Too many headers",
                          f"At most {MOST_HEADERS} headers of {MOST_HEADER_BYTES // 1024} kB are "
                          "read.")  # fmt: skip
    counts = Counter(name for name, _ in headers)
    for name in ONCE:
        if counts[name] > 1:
            raise AnswerError(400, "A header is given twice",
                              f"{name.decode()} may be given once.")  # fmt: skip
    _check_body(dict(headers), scope.get("http_version", "1.1"))
    _check_path(scope)


def _check_body(headers: dict[bytes, bytes], version: str) -> None:
    """Raise AnswerError where it is not certain how long a body is, or how it is written."""
    length, coding = headers.get(b"content-length"), headers.get(b"transfer-encoding")
    if coding is not None and (
        length is not None or coding.strip().lower() != b"chunked" or version == "1.0"
    ):
        raise AnswerError(400, "The length of the body is not certain",
                          "Send either a Content-Length or Transfer-Encoding: chunked, not both "
                          "and nothing else.")  # fmt: skip
    if length is not None:
        if not re.fullmatch(rb"[0-9]{1,15}", length):
            raise AnswerError(400, "The length of the body is not certain",
                              "Content-Length is no number.")  # fmt: skip
        if int(length) > MOST_BODY:
            raise too_large()
    if headers.get(b"content-encoding", b"identity").strip().lower() not in (b"", b"identity"):
        raise AnswerError(415, "The body is packed",
                          "Send it as it is, without Content-Encoding.")  # fmt: skip
    if headers.get(b"expect", b"100-continue").strip().lower() != b"100-continue":
        raise AnswerError(417, "Not expected here", "Only Expect: 100-continue is known.")


def _check_path(scope: Scope) -> None:
    path = scope.get("raw_path") or scope["path"].encode()
    if len(path) > MOST_PATH or len(scope["query_string"]) > MOST_QUERY:
        raise AnswerError(414, "The address is too long",
                          f"At most {MOST_PATH} bytes of a path and {MOST_QUERY} of a query are "
                          "read.")  # fmt: skip
    if not path.startswith(b"/") or _AROUND.search(path):
        raise AnswerError(400, "The address is not plain",
                          "A path here is written one way: no dots as a step, no empty step, no "
                          "coded slash, point, percent sign or control character.")  # fmt: skip


def too_large() -> AnswerError:
    """Return the refusal of a body over the limit."""
    return AnswerError(413, "The request is too large",
                       f"At most {MOST_BODY // (1024 * 1024)} MB are read. Nothing was taken in; "
                       "send fewer objects at once.", code="too-large")  # fmt: skip


class _Limited:
    """A request's body, of which no more than is allowed is read, in the time allowed."""

    def __init__(self, receive: Receive, seconds: float) -> None:
        self.receive, self.seconds, self.read = receive, seconds, 0
        self.until: float | None = None
        self.whole = False

    async def __call__(self) -> Message:
        if self.whole:  # what follows is only that the client went away
            return await self.receive()
        loop = asyncio.get_running_loop()
        if self.until is None:
            self.until = loop.time() + self.seconds
        try:
            async with asyncio.timeout_at(self.until):
                message = await self.receive()
        except TimeoutError as error:
            raise AnswerError(
                408, "The request took too long",
                f"Its body was not here after {self.seconds:g} seconds. Nothing was taken in.",
            ) from error  # fmt: skip
        self.read += len(message.get("body", b""))
        if self.read > MOST_BODY:
            raise too_large()
        self.whole = message["type"] != "http.request" or not message.get("more_body", False)
        return message


class _Answer:
    """Sends an answer with the headers each one has; an error only where nothing was sent yet."""

    def __init__(self, send: Send, seconds: float) -> None:
        self.send, self.seconds, self.begun = send, seconds, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            message["headers"] = [
                *message.get("headers", ()),
                (b"x-content-type-options", b"nosniff"),
                (b"cache-control", b"no-store"),
            ]
        async with asyncio.timeout(self.seconds):
            await self.send(message)

    async def error(self, error: AnswerError, close: bool) -> None:
        """Answer with an error, unless an answer has begun: then it is cut off."""
        if self.begun:
            raise error
        body = error.body()
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            *((k.lower().encode(), v.encode()) for k, v in error.headers.items()),
        ]
        if close:
            headers.append((b"connection", b"close"))
        await self({"type": "http.response.start", "status": error.status, "headers": headers})
        await self({"type": "http.response.body", "body": body})
