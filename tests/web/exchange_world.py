"""Two desks with people, and a browser without a screen before the exchange of one."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "exchange"))

from desks import CN, LINE, US, WHAT, Clock, bring, joined, made, sent

from comity.exchange.accounts import add_person
from comity.exchange.desk import Desk
from comity.exchange.model import Kind, Message, Role
from comity.web.app import build_app
from comity.web.exchange.room import Room
from comity.web.exchange.routes import exchange_routes
from comity.web.exchange.sessions import Sessions
from comity.web.pages import VIEWS, routes_of
from comity.web.serve import open_world
from comity.web.world import World

__all__ = ["CN", "LINE", "US", "WHAT", "Kind", "Message", "Role", "bring", "sent"]

HERE = "http://127.0.0.1:8015"
WORDS = "four plain words here"
PEOPLE = {
    "ana": frozenset(Role), "rita": {Role.READ}, "dora": {Role.READ, Role.DRAFT},
    "rolf": {Role.READ, Role.RELEASE}, "kai": {Role.KEYS}, "nil": frozenset(),
    "del": {Role.DRAFT},
}  # fmt: skip


class Hand:
    """Seconds, set by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def two_desks(folder: Path, two_persons: bool = False) -> tuple[Desk, Desk, Clock]:
    """Return two desks that hold a line open, with people at the first."""
    clock = Clock()
    us = made(folder, US, clock, two_persons=two_persons)
    cn = made(folder, CN, clock)
    joined(us, cn)
    for name, roles in PEOPLE.items():
        add_person(us, name, roles, WORDS)
    return us, cn, clock


class Site:
    """A workbench with the exchange of a desk; `seconds` is the clock of its sessions."""

    def __init__(self, world: World, desk: Desk, openid: Any = None) -> None:
        world.party = desk.party
        self.world, self.desk, self.seconds = world, desk, Hand()
        self.room = Room(world, desk, Sessions(self.seconds), openid)
        routes = (*routes_of(world), *exchange_routes(self.room))
        self.app = build_app(world, VIEWS, routes)

    def browser(self) -> Browser:
        """Return a browser nobody has signed in with."""
        return Browser(TestClient(self.app, base_url=HERE, follow_redirects=False))

    def signed_in(self, name: str) -> Browser:
        """Return a browser in which a person has signed in."""
        found = self.browser()
        answer = found.sign_in(name)
        assert answer.status_code == 303, answer.text
        return found


class Browser:
    """What a person does with a page: look, fill in, send."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, **more)

    def token(self, path: str = "/exchange/password") -> str:
        """Return the token of the forms of a page."""
        found = re.search(r'name="token" value="([^"]+)"', self.get(path).text)
        return found.group(1) if found else ""

    def post(self, path: str, token: str | None = None, **more: Any) -> Any:
        """Send a form with the session's token, as from a page of the workbench."""
        data = {"token": self.token() if token is None else token, **more.pop("data", {})}
        headers = {"Origin": HERE, **more.pop("headers", {})}
        return self.client.post(path, data=data, headers=headers, **more)

    def sign_in(self, name: str, password: str = WORDS, back: str = "") -> Any:
        data = {"name": name, "password": password, "next": back}
        return self.post("/exchange/sign-in", self.token("/exchange/sign-in"), data=data)


@contextmanager
def site(folder: Path, desk: Desk, openid: Any = None) -> Iterator[Site]:
    """Give a workbench with a desk's exchange."""
    with open_world(folder / "home", workers=False) as world:
        yield Site(world, desk, openid)
