"""Who is signed in: sessions kept by this process, known to a browser by a random name alone.

After `IDLE` seconds without a click a session shows nothing any more but how many messages are
unread, so that the alarm goes on; signing in again ends that. After `WHOLE` seconds it is over.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from comity.exchange.accounts import Account

IDLE = 30 * 60.0
WHOLE = 12 * 3600.0
MOST = 500  # sessions at one time, and of one person a tenth of them
COOKIE = "comity_exchange"


@dataclass(slots=True)
class Session:
    """One browser that signed in as `name`. `mark` is the account's as it was then; `token` is
    what every form of the session carries."""

    name: str
    mark: str
    began: float
    used: float
    openid: bool = False
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))


@dataclass(slots=True)
class Sessions:
    """The sessions of this process. `clock` counts seconds."""

    clock: Callable[[], float] = time.monotonic
    _held: OrderedDict[str, Session] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, account: Account, openid: bool = False) -> tuple[str, Session]:
        """Begin a session and return its secret name with it: a new one at every sign-in."""
        now, secret = self.clock(), secrets.token_urlsafe(32)
        made = Session(account.person.name, account.mark, now, now, openid)
        with self._lock:
            own = [key for key, one in self._held.items() if one.name == made.name]
            for key in own[: max(0, len(own) - MOST // 10 + 1)]:
                del self._held[key]
            while len(self._held) >= MOST:
                self._held.popitem(last=False)
            self._held[_key(secret)] = made
        return secret, made

    def find(self, secret: str) -> Session | None:
        """Return the session of a secret name while it lasts, idle or not."""
        if not secret:
            return None
        with self._lock:
            found = self._held.get(_key(secret))
            if found is not None and self.clock() - found.began > WHOLE:
                del self._held[_key(secret)]
                return None
        return found

    def idle(self, session: Session) -> bool:
        """Say whether a session was left alone for so long that it shows no more than a count."""
        return self.clock() - session.used > IDLE

    def touch(self, session: Session) -> None:
        """Note that a person does something in a session."""
        session.used = self.clock()

    def end(self, secret: str) -> None:
        """Forget a session."""
        with self._lock:
            self._held.pop(_key(secret), None)


def _key(secret: str) -> str:
    """Return what stands for a secret name here; the name itself is kept nowhere."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def cookie_name(request: Request) -> str:
    """Return the cookie's name: under https one that no other host and no plain page can set.

    The port is in it, since browsers share cookies between all ports of a host, and two parties'
    workbenches may run on one machine.
    """
    name = f"{COOKIE}_{request.url.port or 0}"
    return f"__Host-{name}" if request.url.scheme == "https" else name


def secret_of(request: Request) -> str:
    """Return the secret name that a request brings, empty for none."""
    return request.cookies.get(cookie_name(request), "")


def give_cookie(request: Request, response: Response, secret: str, strict: bool) -> None:
    """Let a browser keep a session's secret name until it is closed. `strict` keeps it from being
    sent when a page elsewhere links here; after a sign-in elsewhere (OpenID) it must be sent."""
    response.set_cookie(
        cookie_name(request), secret, path="/", httponly=True,
        secure=request.url.scheme == "https", samesite="strict" if strict else "lax",
    )  # fmt: skip


def drop_cookie(request: Request, response: Response) -> None:
    """Let a browser forget it."""
    response.delete_cookie(
        cookie_name(request), path="/", httponly=True, secure=request.url.scheme == "https",
        samesite="lax",
    )  # fmt: skip
