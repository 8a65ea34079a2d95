"""Signing in to the exchange and out again, by a password of this desk; changing that password."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from comity.errors import AddressError, ExchangeError
from comity.exchange.accounts import LEAST_PASSWORD, MOST_PASSWORD, change_password
from comity.exchange.accounts import signed_in as by_password
from comity.web.exchange.room import (
    HOME,
    NO_STORE,
    SIGN_IN,
    Place,
    Room,
    Visit,
    page_response,
    refusal,
    signed_in,
)
from comity.web.exchange.sessions import drop_cookie, give_cookie, secret_of
from comity.web.page import Page
from comity.web.security import same_token

_NEXT = re.compile(r"/exchange(?:[/?][A-Za-z0-9._~!$'()*,;:@/?=&%+-]*)?", re.ASCII)
PASSWORD = "/exchange/password"


def safe_next(text: str) -> str:
    """Return where a sign-in leads to: an address of the exchange, never one elsewhere.

    >>> safe_next("/exchange/line/us-cn?x=1"), safe_next("//evil.example"), safe_next("/exchange")
    ('/exchange/line/us-cn?x=1', '/exchange', '/exchange')
    """
    fits = len(text) <= 600 and _NEXT.fullmatch(text) and "//" not in text and "/.." not in text
    return text if fits and not text.startswith(SIGN_IN) else HOME


def sign_in_routes(room: Room) -> list[Route]:
    """Return the routes for signing in and out with a password."""
    return [
        Route(SIGN_IN, _shown(room), methods=["GET"]),
        Route(SIGN_IN, _tried(room), methods=["POST"]),
        Route("/exchange/sign-out", _out(room), methods=["POST"]),
    ]


PLACES = (Place(PASSWORD, frozenset(), lambda visit: _password(visit), lambda v: _changed(v),
                json=False),)  # fmt: skip


def sign_in_page(
    room: Room, back: str, message: str = "", name: str = "", status: int = 200
) -> Page:
    """Return the page on which one signs in."""
    context = {"back": back, "message": message, "name": name, "openid": room.openid is not None}
    title = room.world.texts("exchange.sign_in")
    return Page("exchange_sign_in.html.j2", title, context, status=status)


def enter(room: Room, request: Request, account: object, back: str, openid: bool) -> Response:
    """Return the way into the exchange: a new session, whatever the browser brought along."""
    from comity.exchange.accounts import Account

    assert isinstance(account, Account)
    room.sessions.end(secret_of(request))
    secret, _ = room.sessions.begin(account, openid)
    response = RedirectResponse(safe_next(back), 303, NO_STORE)
    give_cookie(request, response, secret, strict=not openid)
    return response


def _shown(room: Room) -> Callable[[Request], Awaitable[Response]]:
    def show(request: Request) -> Response:
        back = safe_next(request.query_params.get("next", ""))
        if signed_in(room, request) is not None:
            return RedirectResponse(back, 303, NO_STORE)
        return page_response(room, request, sign_in_page(room, back))

    async def get(request: Request) -> Response:
        return await run_in_threadpool(show, request)

    return get


def _tried(room: Room) -> Callable[[Request], Awaitable[Response]]:
    def act(request: Request, name: str, password: str, back: str) -> Response:
        origin = request.client.host if request.client else ""
        try:
            account = by_password(room.desk, name, password, origin=origin)
        except ExchangeError as error:
            page = sign_in_page(room, back, str(error), name[:64], 403)
            return page_response(room, request, page)
        return enter(room, request, account, back, openid=False)

    async def post(request: Request) -> Response:
        try:
            async with request.form(max_files=0, max_fields=8, max_part_size=8192) as form:
                given = {k: v for k, v in form.items() if isinstance(v, str)}
        except HTTPException as error:
            return refusal(room, request, f"The form cannot be read: {error.detail}.", 400)
        if not same_token(given.get("token", ""), room.world.token):
            return refusal(room, request, room.world.texts("exchange.other_form"), 403)
        name, password = given.get("name", "").strip(), given.get("password", "")
        back = safe_next(given.get("next", ""))
        return await run_in_threadpool(act, request, name, password, back)

    return post


def _out(room: Room) -> Callable[[Request], Awaitable[Response]]:
    async def post(request: Request) -> Response:
        secret = secret_of(request)
        session = room.sessions.find(secret)
        async with request.form(max_files=0, max_fields=4, max_part_size=1024) as form:
            token = form.get("token")
        if session is not None and not same_token(str(token or ""), session.token):
            return refusal(room, request, room.world.texts("exchange.other_form"), 403)
        room.sessions.end(secret)
        response = RedirectResponse(f"{SIGN_IN}?said=out", 303, NO_STORE)
        drop_cookie(request, response)
        return response

    return post


def _password(visit: Visit, message: str = "") -> Page:
    """Return the page on which a person changes its own password."""
    texts = visit.room.world.texts
    context = {"message": message, "least": LEAST_PASSWORD, "has": visit.account.password}
    status = 400 if message else 200
    return Page("exchange_password.html.j2", texts("exchange.password"), context, status=status)


def _changed(visit: Visit) -> Response | Page:
    """Change a password; every session signed in with the old one is over, this one begins anew."""
    old, new = (str(visit.form.get(n) or "")[: MOST_PASSWORD + 1] for n in ("old", "new"))
    if new != str(visit.form.get("again") or ""):
        return _password(visit, visit.room.world.texts("exchange.password_differs"))
    origin = visit.request.client.host if visit.request.client else ""
    try:
        account = change_password(visit.desk, visit.account.person.name, old, new, origin=origin)
    except ExchangeError as error:
        if isinstance(error, AddressError):
            raise
        return _password(visit, str(error))
    return enter(visit.room, visit.request, account, f"{HOME}?said=password", visit.session.openid)
