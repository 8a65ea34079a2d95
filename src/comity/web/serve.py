"""`comity serve`: the workbench on this machine, from its first address to its last request."""

from __future__ import annotations

import os
import secrets
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from comity.exchange.listening import listening_socket
from comity.incidents.store import copy_open_lists
from comity.saying import load_texts
from comity.web.app import build_app
from comity.web.asking import MALLOC, Asker
from comity.web.security import LOOPBACK
from comity.web.world import World

if TYPE_CHECKING:
    from starlette.routing import Route


@contextmanager
def open_world(
    home: Path | None = None, language: str = "en", workers: bool = True, editable: bool = True
) -> Iterator[World]:
    """Give what the pages are made from; its workers end with it. Raises AddressError."""
    texts = load_texts(language)
    asker = Asker(home, workers)
    token = secrets.token_urlsafe(24)
    try:
        yield World(asker, texts, home, editable, token)
    finally:
        asker.close()


def is_loopback(host: str) -> bool:
    """Say whether an address is reached from this machine only."""
    return host in LOOPBACK or host.startswith("127.")


def write_whole_site(
    folder: Path, language: str = "en", progress: Callable[[str], None] = lambda _: None
) -> int:
    """Write the read-only workbench as files and return how many. Raises StoreError.

    A list whose licence does not let it be passed on is in none of them.
    """
    from comity.web.pages import VIEWS
    from comity.web.site import write_site

    with (
        tempfile.TemporaryDirectory(prefix="comity-") as held,
        open_world(Path(held), language, workers=False, editable=False) as world,
    ):
        copy_open_lists(Path(held))
        progress("every question")
        world.asker.overview(world.state)
        views = [view for view in VIEWS if view.site]
        app = build_app(world, views)
        return write_site(app, folder, world.texts("base.program"), progress)


@contextmanager
def closed_when_told() -> Iterator[None]:
    """Let SIGTERM end the program as Ctrl+C does: what is open is closed on the way out."""

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def opened_exchange(world: World, home: Path | None) -> Iterator[tuple[Route, ...]]:
    """Give the routes of the exchange of the desk in a folder; none without one.

    Raises ExchangeError where there is no desk, or its sign-in is set up wrongly.
    """
    if home is None:
        yield ()
        return
    from comity.exchange.desk import Desk
    from comity.web.exchange.openid import open_client
    from comity.web.exchange.room import Room
    from comity.web.exchange.routes import exchange_routes

    desk = Desk.open(home)
    try:
        world.party = desk.party
        yield exchange_routes(Room(world, desk, openid=open_client(home)))
    finally:
        desk.close()


def serve(
    host: str = "127.0.0.1",
    port: int = 8015,
    allowed: Sequence[str] = (),
    language: str = "en",
    ready: Callable[[str], None] = lambda _: None,
    exchange: Path | None = None,
) -> None:
    """Run the workbench until it is interrupted; `ready` is told its address once it listens.

    `exchange` is the folder of the desk whose pages are served beside, behind a sign-in. Raises
    ComityError where the address cannot be listened on, or there is no such desk.
    """
    import uvicorn

    from comity.web.pages import VIEWS, routes_of

    os.environ.update({**MALLOC, **os.environ})  # for the workers: they begin with it
    with (
        closed_when_told(),
        open_world(language=language) as world,
        opened_exchange(world, exchange) as more,
        listening_socket(host, port, "try --port 0 for one that is free") as listening,
    ):
        own = () if is_loopback(host) or host in ("0.0.0.0", "::") else (host,)
        app = build_app(world, VIEWS, (*routes_of(world), *more), hosts=(*own, *allowed))
        shown = f"[{host}]" if ":" in host else host
        world.asker.warm()
        world.asker.overview_if_ready(world.state)
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False,
            timeout_keep_alive=10, limit_concurrency=400, timeout_graceful_shutdown=2,
        )  # fmt: skip
        server = uvicorn.Server(config)
        listening.listen(config.backlog)  # who is told the address may ask at once
        ready(f"http://{shown}:{listening.getsockname()[1]}/")
        server.run(sockets=[listening])
