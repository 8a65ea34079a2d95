"""Signing in through an OpenID provider: the code flow with PKCE, a nonce and a state, by Authlib.

Nothing is asked but the provider that the desk's owner named. What the provider says opens a
session only for a person that was added here: an unknown subject gets no role and no session.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from comity.exchange.accounts import account_by_openid
from comity.web.exchange.openid_config import OpenIdConfig, load_openid
from comity.web.exchange.room import NO_STORE, Room, refusal
from comity.web.exchange.sessions import cookie_name
from comity.web.exchange.signin import enter, safe_next

START, BACK = "/exchange/openid", "/exchange/openid/back"
SIGNED = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519", "RS384", "RS512", "ES384", "ES512")
"""How an ID token may be signed: by a key of the provider's alone."""
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
LASTS, MOST = 600.0, 1000  # seconds a sign-in may take there; how many at one time
SECONDS = 10.0  # for one answer of the provider
LEEWAY = 60  # seconds its clock may be apart


class OpenIdError(Exception):
    """What is wrong with what the provider said, in words."""


@dataclass(slots=True)
class Begun:
    """A sign-in under way: what Authlib keeps of it, and where it leads."""

    at: float
    back: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class OpenIdClient:
    """The client of one provider, and the sign-ins under way; each ends once."""

    config: OpenIdConfig
    clock: Callable[[], float] = time.monotonic
    _begun: OrderedDict[str, Begun] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _app: Any = None

    def app(self) -> Any:
        """Return Authlib's client of the provider."""
        if self._app is None:
            from authlib.integrations.starlette_client import OAuth

            self._app = OAuth().register(
                "desk", client_id=self.config.client_id,
                client_secret=self.config.client_secret or None,
                server_metadata_url=self.config.discovery,
                client_kwargs={
                    "scope": "openid email", "code_challenge_method": "S256", "timeout": SECONDS,
                    "trust_env": False, "follow_redirects": False,
                    **({} if self.config.client_secret else {"token_endpoint_auth_method": "none"}),
                },
            )  # fmt: skip
        return self._app

    async def provider(self) -> None:
        """Ask the provider to describe itself, once. Raises OpenIdError where it is another than
        was named, or wants this desk to ask elsewhere."""
        app = self.app()
        found = await app.load_server_metadata()
        if found.get("issuer") != self.config.issuer:
            self._app = None
            raise OpenIdError("it says it is another issuer than the one named at this desk")
        for name in ENDPOINTS:
            if not self.config.may_ask(str(found.get(name, ""))):
                self._app = None
                raise OpenIdError(f"its {name} is at a host that was not named at this desk")
        offered = found.get("id_token_signing_alg_values_supported") or ["RS256"]
        allowed = [a for a in offered if a in SIGNED]
        if not allowed:
            raise OpenIdError("it signs by no key of its own")
        found["id_token_signing_alg_values_supported"] = allowed

    def begin(self, back: str) -> tuple[str, Begun]:
        """Begin a sign-in and return the secret name by which the browser comes back."""
        secret, made = secrets.token_urlsafe(32), Begun(self.clock(), back)
        with self._lock:
            while len(self._begun) >= MOST:
                self._begun.popitem(last=False)
            self._begun[_key(secret)] = made
        return secret, made

    def take(self, secret: str) -> Begun | None:
        """Return the sign-in of a secret name and forget it; None where there is none, or it took
        too long."""
        with self._lock:
            found = self._begun.pop(_key(secret), None)
        return found if found is not None and self.clock() - found.at <= LASTS else None


def _key(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def open_client(home: Path) -> OpenIdClient | None:
    """Return the client of a desk's provider, None where it has none. Raises ExchangeError."""
    config = load_openid(home)
    return None if config is None else OpenIdClient(config)


def openid_routes(room: Room) -> list[Route]:
    """Return the routes of signing in elsewhere: the way there, and the way back."""
    return [Route(START, _there(room), methods=["GET"]), Route(BACK, _back(room), methods=["GET"])]


def _cookie(request: Request) -> str:
    return f"{cookie_name(request)}_openid"


def _there(room: Room) -> Callable[[Request], Awaitable[Response]]:
    async def get(request: Request) -> Response:
        client = room.openid
        assert client is not None
        secret, begun = client.begin(safe_next(request.query_params.get("next", "")))
        request.scope["session"] = begun.data
        where = f"{request.url.scheme}://{request.headers['host']}{BACK}"
        try:
            await client.provider()
            found = await client.app().authorize_redirect(request, where)
        except Exception as error:
            return _failed(room, request, error)
        response = RedirectResponse(found.headers["location"], 303, NO_STORE)
        response.set_cookie(
            _cookie(request), secret, max_age=int(LASTS), path="/", httponly=True, samesite="lax",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return response

    return get


def _back(room: Room) -> Callable[[Request], Awaitable[Response]]:
    async def get(request: Request) -> Response:
        client = room.openid
        assert client is not None
        begun = client.take(request.cookies.get(_cookie(request), ""))
        if begun is None:
            return _failed(room, request, OpenIdError("it was not begun in this browser, or took "
                                                      "too long"))  # fmt: skip
        request.scope["session"] = begun.data
        issuer, client_id = client.config.issuer, client.config.client_id
        options = {"iss": {"essential": True, "value": issuer},
                   "aud": {"essential": True, "value": client_id}}  # fmt: skip
        try:
            await client.provider()
            token = await client.app().authorize_access_token(
                request, claims_options=options, leeway=LEEWAY
            )
            claims = token.get("userinfo")
            if not claims or not isinstance(claims.get("sub"), str) or not claims["sub"]:
                raise OpenIdError("the provider sent no ID token with a subject")
        except Exception as error:
            return _failed(room, request, error)
        return await run_in_threadpool(_entered, room, request, claims, begun.back)

    return get


def _entered(room: Room, request: Request, claims: Any, back: str) -> Response:
    """Open a session for the person whom the provider names, if it is one of this desk's."""
    assert room.openid is not None
    issuer, subject = room.openid.config.issuer, claims["sub"]
    email, verified = claims.get("email"), claims.get("email_verified") is True
    email = email if isinstance(email, str) else ""
    account = account_by_openid(room.desk, issuer, subject, email, verified)
    if account is None:
        text = room.world.texts("exchange.openid_unknown", issuer=issuer, subject=subject[:200])
        return _cleared(request, refusal(room, request, text, 403))
    return _cleared(request, enter(room, request, account, back, openid=True))


def _failed(room: Room, request: Request, error: Exception) -> Response:
    """Return why a sign-in elsewhere did not work; the exact fault is in the program's log."""
    import logging

    known = isinstance(error, OpenIdError)
    why = str(error) if known else f"{type(error).__name__}: {str(error)[:200]}"
    logging.getLogger("comity.web").warning("a sign-in by OpenID failed: %s", why)
    text = room.world.texts("exchange.openid_failed", why=why.rstrip("."))
    return _cleared(request, refusal(room, request, text, 403))


def _cleared(request: Request, response: Response) -> Response:
    response.delete_cookie(_cookie(request), path="/", httponly=True, samesite="lax",
                           secure=request.url.scheme == "https")  # fmt: skip
    return response
