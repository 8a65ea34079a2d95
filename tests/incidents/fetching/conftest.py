"""A publisher on this machine, who answers each request as a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

CONTENT = bytes(range(256)) * 40  # 10,240 bytes, no two parts of it alike at one place
ETAG = '"first"'


class Request(BaseHTTPRequestHandler):
    """One request; what it is answered with is the publisher's next answer."""

    server: Publisher

    def do_GET(self) -> None:
        self.server.asked.append({k.lower(): v for k, v in self.headers.items()})
        self.server.paths.append(self.path)
        steps = self.server.answers
        step = steps.pop(0) if len(steps) > 1 else steps[0]
        step(self)

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer with a status, headers (underscores for hyphens) and a body."""
        self.send_response(status)
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        for name, value in {"Content-Length": str(len(body)), **named}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


class Publisher(ThreadingHTTPServer):
    """A server on the loopback; `answers` are used up in turn, the last one stays."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.answers: list[Callable[[Request], None]] = [whole]
        self.asked: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.let_go = threading.Event()

    def address(self, path: str = "/list.csv", host: str = "127.0.0.1") -> str:
        """Return the address of a path of this server."""
        return f"http://{host}:{self.server_port}{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet where the client went away."""


def whole(request: Request) -> None:
    """Send the file whole, with an ETag, whatever part was asked for."""
    request.send(200, CONTENT, ETag=ETAG)


def ranged(request: Request) -> None:
    """Send the part that was asked for where it is of this version, or else the whole."""
    asked = request.headers.get("Range")
    if not asked or request.headers.get("If-Range") != ETAG:
        whole(request)
        return
    start = int(asked.removeprefix("bytes=").removesuffix("-"))
    last = len(CONTENT) - 1
    request.send(
        206, CONTENT[start:], ETag=ETAG, Content_Range=f"bytes {start}-{last}/{len(CONTENT)}"
    )


def dropped(count: int, etag: str = ETAG) -> Callable[[Request], None]:
    """Return an answer that promises the rest of the file and ends after `count` bytes of it."""

    def answer(request: Request) -> None:
        asked = request.headers.get("Range", "bytes=0-")
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        status = 206 if start else 200
        request.send_response(status)
        request.send_header("Content-Length", str(len(CONTENT) - start))
        if etag:
            request.send_header("ETag", etag)
        if start:
            span = f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"
            request.send_header("Content-Range", span)
        request.end_headers()
        request.wfile.write(CONTENT[start : start + count])

    return answer


def moved(location: str, status: int = 302) -> Callable[[Request], None]:
    """Return an answer that leads on."""
    return lambda request: request.send(status, Location=location)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    server = Publisher()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.let_go.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
