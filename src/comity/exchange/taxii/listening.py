"""The server on its port: TLS, how long a client may take, and how many may come at once."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from comity.errors import ExchangeError
from comity.exchange.listening import listening_socket
from comity.exchange.taxii.auth import network_of
from comity.exchange.taxii.limits import MOST_HEADER_BYTES
from comity.exchange.taxii.media import MEDIA_TYPE
from comity.exchange.taxii.resources import AnswerError

HEAD_SECONDS = 15.0  # until the head of a request is here, from the start or the last answer
IDLE_SECONDS = 10
MOST_CONNECTIONS, MOST_OF_ONE = 400, 100


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that waits for a request's head so long and no longer, and lets one network hold
    only so many connections."""

    head_seconds = HEAD_SECONDS
    most_of_one = MOST_OF_ONE
    of_networks: ClassVar[Counter[str]] = Counter()

    _deadline: Any = None
    _network = ""

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._network = network_of(self.client[0]) if self.client else ""
        self.of_networks[self._network] += 1
        if self.of_networks[self._network] > self.most_of_one:
            transport.abort()
            return
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        super().connection_lost(exc)
        self._stop()
        self.of_networks[self._network] -= 1
        if self.of_networks[self._network] <= 0:
            del self.of_networks[self._network]

    def handle_events(self) -> None:
        """Go on as the server does; once a request's head is here its time no longer runs."""
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        self._wait()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP as every other error is refused."""
        import h11

        refusal = AnswerError(400, "This is no HTTP request", msg)
        body = refusal.body()
        headers = [
            ("content-type", MEDIA_TYPE), ("content-length", str(len(body))),
            ("connection", "close"),
        ]  # fmt: skip
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _wait(self) -> None:
        self._stop()
        self._deadline = self.loop.call_later(self.head_seconds, self._give_up)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()


def make_server(
    app: ASGIApp, certificate: Path, key: Path, protocol: type[PatientProtocol] = PatientProtocol
) -> uvicorn.Server:
    """Return the HTTPS server of an application. Raises ExchangeError for a bad certificate."""
    config = uvicorn.Config(
        app, http=protocol, ws="none", lifespan="off", log_level="warning", access_log=False,
        server_header=False, proxy_headers=False, ssl_certfile=str(certificate),
        ssl_keyfile=str(key), timeout_keep_alive=IDLE_SECONDS, limit_concurrency=MOST_CONNECTIONS,
        h11_max_incomplete_event_size=MOST_HEADER_BYTES, timeout_graceful_shutdown=5,
    )  # fmt: skip
    try:
        config.load()
    except (OSError, ValueError) as error:
        raise ExchangeError(
            f"The certificate {certificate} and key {key} cannot be used: {error}. "
            "`comity exchange init` makes them."
        ) from error
    return uvicorn.Server(config)


@contextmanager
def running(
    app: ASGIApp, certificate: Path, key: Path, host: str = "127.0.0.1", port: int = 0,
    protocol: type[PatientProtocol] = PatientProtocol,
) -> Iterator[str]:  # fmt: skip
    """Run the server in a thread of its own; give its address. It has ended when this ends."""
    server = make_server(app, certificate, key, protocol)
    with listening_socket(host, port) as listening:
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listening]}, name="taxii", daemon=True
        )
        thread.start()
        try:
            yield address_of(listening)
        finally:
            server.should_exit = True
            thread.join()


def address_of(listening: socket.socket) -> str:
    """Return the address that a listening socket is reached at."""
    host, port = listening.getsockname()[:2]
    return f"https://[{host}]:{port}/" if ":" in host else f"https://{host}:{port}/"
