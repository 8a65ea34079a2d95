"""How every page of the exchange is asked for: who asks, whether it may, and what it is answered.

Nothing here is ever cached, by us or by a browser, and none of it is in a site's files.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from comity.errors import AddressError, ComityError, RefusedError
from comity.exchange.accounts import Account, account_of
from comity.exchange.model import Reason, Role
from comity.web.exchange.sessions import Session, Sessions, secret_of
from comity.web.forms import TYPES, formats_of, formed
from comity.web.page import Asked, Page
from comity.web.render import render
from comity.web.security import MOST_FORM, same_token

if TYPE_CHECKING:
    from comity.exchange.desk import Desk
    from comity.web.exchange.openid import OpenIdClient
    from comity.web.world import World

LOG = logging.getLogger("comity.web")
NO_STORE = {"Cache-Control": "no-store", "Vary": "Cookie"}
SIGN_IN = "/exchange/sign-in"
HOME = "/exchange"
MOST_FIELDS = 400
Answer = Page | Response | str


@dataclass(slots=True)
class Room:
    """The exchange of one desk, as the workbench serves it. `openid` signs people in elsewhere."""

    world: World
    desk: Desk
    sessions: Sessions = field(default_factory=Sessions)
    openid: OpenIdClient | None = None


@dataclass(slots=True)
class Visit:
    """One request by a person who is signed in. `form` holds what a POST sent."""

    room: Room
    request: Request
    account: Account
    session: Session
    form: FormData = field(default_factory=FormData)

    @property
    def desk(self) -> Desk:
        """The desk whose pages these are."""
        return self.room.desk

    def named(self, name: str) -> str:
        """Return a part of the path."""
        return str(self.request.path_params[name])

    def asked(self, name: str, most: int = 400) -> str:
        """Return what the query asks, empty where nothing. Raises AddressError for too much."""
        return _bounded(name, self.request.query_params.get(name, ""), most)

    def said(self, name: str, most: int = 400) -> str:
        """Return a field of the form as text, empty where it is none. Raises AddressError."""
        value = self.form.get(name)
        return _bounded(name, value if isinstance(value, str) else "", most)

    def may(self, role: Role) -> bool:
        """Say whether the person has a role."""
        return role in self.account.person.roles


@dataclass(frozen=True, slots=True)
class Place:
    """An address of the exchange. `roles` are those of which a person needs one; `show` answers a
    GET, `change` a POST whose fields have up to `most` bytes each. `late` lets a session that was
    left alone send its form all the same: nobody loses what was written."""

    path: str
    roles: frozenset[Role]
    show: Callable[[Visit], Answer] | None = None
    change: Callable[[Visit], Answer] | None = None
    most: int = MOST_FORM
    late: bool = False
    json: bool = True
    name: str = ""


def routes_of_place(room: Room, place: Place) -> list[Route]:
    """Return the routes of an address: the page, its JSON, and what changes."""
    made = []
    if place.show is not None:
        if place.json:
            made.append(Route(f"{place.path}.json", _getter(room, place, "json"), methods=["GET"]))
        made.append(Route(place.path, _getter(room, place, "html"), methods=["GET"]))
    if place.change is not None:
        name = place.name or None
        made.append(Route(place.path, _poster(room, place), methods=["POST"], name=name))
    return made


def _getter(room: Room, place: Place, form: str) -> Callable[[Request], Awaitable[Response]]:
    async def get(request: Request) -> Response:
        return await run_in_threadpool(_get, room, place, request, form)

    return get


def _get(room: Room, place: Place, request: Request, form: str) -> Response:
    found = signed_in(room, request)
    if found is None:
        return ask_to_sign_in(room, request, form)
    visit = Visit(room, request, *found)
    room.sessions.touch(visit.session)
    assert place.show is not None
    return _answered(visit, place, place.show, form)


def _poster(room: Room, place: Place) -> Callable[[Request], Awaitable[Response]]:
    async def post(request: Request) -> Response:
        found = await run_in_threadpool(signed_in, room, request, place.late)
        if found is None:  # before any of the form is read
            return refusal(room, request, room.world.texts("exchange.signed_out"), 401)
        try:
            async with request.form(
                max_files=4, max_fields=MOST_FIELDS, max_part_size=place.most
            ) as form:
                visit = Visit(room, request, *found, form)
                if not same_token(visit.said("token"), visit.session.token):
                    return refusal(room, request, room.world.texts("exchange.other_form"), 403)
                if not room.sessions.idle(visit.session):
                    room.sessions.touch(visit.session)
                assert place.change is not None
                return await run_in_threadpool(_answered, visit, place, place.change, "html")
        except HTTPException as error:
            return refusal(room, request, f"The form cannot be read: {error.detail}.", 400)
        except AddressError as error:
            return refusal(room, request, str(error), 400)

    return post


def signed_in(room: Room, request: Request, late: bool = False) -> tuple[Account, Session] | None:
    """Return who asks, as the account is now; None for nobody, and for a session left alone."""
    session = room.sessions.find(secret_of(request))
    if session is None or (room.sessions.idle(session) and not late):
        return None
    account = account_of(room.desk, session.name)
    if account is None or account.mark != session.mark:
        room.sessions.end(secret_of(request))
        return None
    return account, session


def _answered(
    visit: Visit, place: Place, act: Callable[[Visit], Answer], form: str
) -> Response:  # fmt: skip
    room, request = visit.room, visit.request
    try:
        if place.roles and not place.roles & visit.account.person.roles:
            return refusal(room, request, _needs(visit, place), 403, form, visit)
        found = act(visit)
        if isinstance(found, str):
            return RedirectResponse(found, 303, NO_STORE)
        if isinstance(found, Page):
            return page_response(room, request, found, form, visit)
        found.headers.update(NO_STORE)
        return found
    except ComityError as error:
        role = isinstance(error, RefusedError) and error.reason == Reason.ROLE
        missing = isinstance(error, AddressError) and error.missing
        status = 403 if role else 404 if missing else 400
        return refusal(room, request, str(error), status, form, visit)
    except Exception:
        LOG.exception("a page of the exchange could not be made: %s", request.scope["path"])
        return refusal(room, request, room.world.texts("error.broken"), 500, form, visit)


def _needs(visit: Visit, place: Place) -> str:
    """Return why a person may not ask this, and what would help."""
    has = ", ".join(sorted(visit.account.person.roles)) or "none"
    return visit.room.world.texts(
        "exchange.needs_role", roles=" or ".join(sorted(place.roles)),
        name=visit.account.person.name, has=has,
    )  # fmt: skip


def ask_to_sign_in(room: Room, request: Request, form: str) -> Response:
    """Return where to sign in, with the way back; a program is told that it must."""
    if form == "json":
        return refusal(room, request, room.world.texts("exchange.signed_out"), 401, form)
    query = f"?{request.url.query}" if request.url.query else ""
    back = quote(f"{request.scope['path']}{query}", safe="/")
    return RedirectResponse(f"{SIGN_IN}?next={back}", 303, NO_STORE)


def page_response(
    room: Room, request: Request, page: Page, form: str = "html", visit: Visit | None = None
) -> Response:
    """Return a page of the exchange in a form; no cache keeps it."""
    if form == "json":
        if page.data is None:
            return refusal(room, request, "This page has no .json.", 404, form)
        return Response(formed(page, "json"), page.status, NO_STORE, TYPES["json"])
    more: dict[str, Any] = {"me": None, "token": room.world.token, "may": lambda role: False}
    if visit is not None:
        more = {"me": visit.account, "token": visit.session.token,
                "may": lambda role: visit.may(Role(role))}  # fmt: skip
    more |= {"party": room.desk.party, "done": request.query_params.get("said", "")[:30]}
    whole = Page(page.template, page.title, {**more, **page.context}, data=page.data,
                 command=page.command, status=page.status)  # fmt: skip
    path = str(request.scope["path"])
    values: Mapping[str, str] = {}
    asked = Asked(room.world, path, {}, values)
    body = render(whole, asked, formats_of(page) if visit is not None else ())
    return Response(body, page.status, NO_STORE, TYPES["html"])


def refusal(
    room: Room, request: Request, message: str, status: int, form: str = "html",
    visit: Visit | None = None,
) -> Response:  # fmt: skip
    """Return why something is not shown or done, as a page or as data; nothing was changed."""
    data = {"error": message, "status": status}
    texts = room.world.texts
    title = texts("exchange.no_role") if status == 403 else texts("error.title")
    title = texts("error.missing") if status == 404 else title
    page = Page("exchange_error.html.j2", title, {"message": message}, data=data, status=status)
    response = page_response(room, request, page, form, visit)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Cookie realm="comity exchange"'
    return response


def _bounded(name: str, text: str, most: int) -> str:
    """Return text as one wrote it, line ends alike. Raises AddressError for too much of it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > most:
        raise AddressError(f"{name} may have {most:,} characters, not {len(text):,}.")
    return text.strip()
