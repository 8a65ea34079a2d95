"""Who calls: a peer by a token that its key signed, a program by a name and password.

Whoever is not let in learns nothing of who is: the answer is the same for an unknown party, an
unknown key and a wrong password.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import ipaddress
import json
import re
import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from comity.errors import RefusedError
from comity.exchange.canonical import whole
from comity.exchange.keys import sign_whole, verify_whole
from comity.exchange.model import Line, PrivateKey, PublicKey, Reason, Token
from comity.exchange.taxii.desk_like import ServedDesk
from comity.exchange.taxii.resources import AnswerError

TYP = "comity-access"
LONGEST = dt.timedelta(minutes=5)  # from when a token is made to when it ends
MOST_FAILURES, WINDOW = 10, 60.0  # wrong passwords of one address in so many seconds
REMEMBERED = 600.0  # seconds for which a password that was right is not hashed again
MOST_REMEMBERED, MOST_ADDRESSES = 1000, 10_000
LATELY = 1.0  # seconds for which the signature of a peer's token is not checked again
AT_ONCE = 2  # passwords hashed at a time: each takes 64 MB
_NUMBER = (int, float)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}")
CHALLENGE = 'Bearer realm="comity", Basic realm="comity", charset="UTF-8"'


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: on behalf of which party, on which lines, and whether it may send."""

    party: str
    lines: tuple[Line, ...]
    can_write: bool = True


def make_bearer(key: PrivateKey, party: str, audience: str, now: dt.datetime) -> str:
    """Return a token by which `party` calls at `audience` for the next five minutes."""
    at = whole(now).timestamp()  # to the millisecond: its key may have been made this second
    claims = {"iss": party, "aud": audience, "iat": at, "exp": int(at + LONGEST.total_seconds()),
              "jti": secrets.token_urlsafe(12)}  # fmt: skip
    return sign_whole(json.dumps(claims).encode(), key, TYP)


def hash_secret(secret: str) -> str:
    """Return the Argon2 hash of a password."""
    from argon2 import PasswordHasher

    return PasswordHasher().hash(secret)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A peer's token whose signature was right a moment ago, by these keys."""

    party: str
    sent: dt.datetime
    until: dt.datetime
    keys: tuple[PublicKey, ...]
    ends: float  # by the monotonic clock


class Doorkeeper:
    """Says who calls, from the Authorization header. It is called from threads.

    A token's signature is checked once a second and whenever the card of its party changes, so a
    key that is revoked lets nobody in from when its card is here; one that ends by its own date,
    at most a second later.
    """

    def __init__(self, desk: ServedDesk, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.desk, self.monotonic = desk, monotonic
        self._salt = secrets.token_bytes(32)
        self._right: OrderedDict[bytes, float] = OrderedDict()
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._seen: OrderedDict[str, _Seen] = OrderedDict()
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._nobody = ""

    def caller(self, header: str, address: str) -> Caller:
        """Return who calls. Raises AnswerError: 401, or 429 after too many wrong passwords."""
        scheme, _, value = header.strip().partition(" ")
        value = value.strip()
        if scheme.lower() == "bearer":
            return self._peer(value)
        if scheme.lower() == "basic":
            return self._program(value, address)
        raise unknown(
            "Sign in: a peer with a token signed by a key on its card, a program with a name and "
            "password (`comity exchange token add NAME --for PARTY`)."
        )

    def recent(self, header: str) -> Caller | None:
        """Return who calls where that was found out a moment ago, else None. It waits for no
        database, so it may be called where everybody waits. Raises AnswerError."""
        scheme, _, value = header.strip().partition(" ")
        token, lines = value.strip(), self.desk.lines_lately(wait=False)
        with self._lock:
            seen = self._seen.get(token)
        if scheme.lower() != "bearer" or seen is None or lines is None or not self._holds(seen):
            return None
        return self._let_in(seen, lines)

    def _holds(self, seen: _Seen) -> bool:
        """Say whether a token need not be checked again."""
        if self.monotonic() >= seen.ends:
            return False
        try:
            return self.desk.keys_of(seen.party) is seen.keys
        except RefusedError:
            return False

    def _peer(self, token: str) -> Caller:
        with self._lock:
            seen = self._seen.get(token)
        if seen is None or not self._holds(seen):
            seen = self._checked(token)
        return self._let_in(seen, self.desk.lines_lately() or ())

    def _checked(self, token: str) -> _Seen:
        """Check a token's claims and signature, and remember it for a moment."""
        party, claims = _claims(token)
        now, ends = self.desk.clock(), self.monotonic() + LATELY
        try:
            sent, until = (dt.datetime.fromtimestamp(claims[k], dt.UTC) for k in ("iat", "exp"))
            keys = self.desk.keys_of(party)
            verify_whole(token, keys, TYP, sent, now, dt.timedelta(0))
        except RefusedError as error:
            if error.reason in (Reason.REVOKED_KEY, Reason.EXPIRED_KEY):  # its signature was right
                raise unknown(f"{error.reason}: {error}") from error
            raise unknown() from error
        except (ValueError, OverflowError, OSError) as error:
            raise unknown() from error
        if claims["aud"] != self.desk.party:
            raise unknown("The token was made for another party.")
        if not dt.timedelta(0) < until - sent <= LONGEST:
            raise unknown("A token lasts at most five minutes.")
        seen = _Seen(party, sent, until, keys, ends)
        with self._lock:
            self._seen[token] = seen
            self._seen.move_to_end(token)
            while len(self._seen) > MOST_REMEMBERED:
                self._seen.popitem(last=False)
        return seen

    def _let_in(self, seen: _Seen, every: tuple[Line, ...]) -> Caller:
        """Return the caller of a token whose signature is right, if this is its time."""
        now, sent, until = self.desk.clock(), seen.sent, seen.until
        lines = tuple(line for line in every if seen.party in line.parties)
        apart = dt.timedelta(minutes=max((x.terms.clock_minutes for x in lines), default=15.0))
        if not sent - apart <= now <= until + apart:
            raise unknown(
                f"clock: the token holds from {sent:%Y-%m-%dT%H:%M:%SZ} to {until:%H:%M:%SZ}, and "
                f"here it is {now:%Y-%m-%dT%H:%M:%SZ}. Set the clocks of both desks by one source."
            )
        return Caller(seen.party, lines)

    def _program(self, value: str, address: str) -> Caller:
        try:
            given = base64.b64decode(value[:2048], validate=True).decode("utf-8")
        except (binascii.Error, ValueError) as error:
            raise unknown() from error
        name, _, secret = given.partition(":")
        if not NAME.fullmatch(name) or not secret or "\0" in secret:
            raise unknown()
        token = self.desk.token(name)
        if not self._remembered(token, name, secret):
            self._check_secret(token, name, secret, address)
        if token is None:
            raise unknown()
        return Caller(token.party, self._lines(token.party), not token.read_only)

    def _lines(self, party: str) -> tuple[Line, ...]:
        return tuple(line for line in self.desk.lines_lately() or () if party in line.parties)

    def _check_secret(self, token: Token | None, name: str, secret: str, address: str) -> None:
        """Hash a password and compare; the same work is done where there is no such name."""
        from argon2 import PasswordHasher
        from argon2.exceptions import InvalidHashError, VerificationError

        source = network_of(address)
        self._check_rate(source)
        with self._turns:
            if not self._nobody:
                self._nobody = hash_secret(secrets.token_urlsafe(32))
            try:
                PasswordHasher().verify(token.secret if token else self._nobody, secret)
                right = token
            except (VerificationError, InvalidHashError):
                right = None
        if right is None:
            self._count_failure(source)
            raise unknown()
        with self._lock:
            self._right[self._mark(right, name, secret)] = self.monotonic() + REMEMBERED
            while len(self._right) > MOST_REMEMBERED:
                self._right.popitem(last=False)

    def _mark(self, token: Token, name: str, secret: str) -> bytes:
        """Return what a right password is remembered by: of no use once its hash is replaced."""
        text = "\0".join((name, secret, token.secret))
        return hmac.new(self._salt, text.encode(), hashlib.sha256).digest()

    def _remembered(self, token: Token | None, name: str, secret: str) -> bool:
        if token is None:
            return False
        mark = self._mark(token, name, secret)
        with self._lock:
            return self._right.get(mark, 0.0) > self.monotonic()

    def _check_rate(self, source: str) -> None:
        now = self.monotonic()
        with self._lock:
            times = self._failures.get(source, deque())
            while times and times[0] <= now - WINDOW:
                times.popleft()
            if len(times) < MOST_FAILURES:
                return
            wait = int(times[0] + WINDOW - now) + 1
        raise AnswerError(
            429, "Too many wrong passwords",
            f"{MOST_FAILURES} passwords from this address were wrong. Try again in {wait} seconds.",
            {"Retry-After": str(wait)},
        )  # fmt: skip

    def _count_failure(self, source: str) -> None:
        with self._lock:
            self._failures.setdefault(source, deque()).append(self.monotonic())
            self._failures.move_to_end(source)
            while len(self._failures) > MOST_ADDRESSES:
                self._failures.popitem(last=False)


def unknown(text: str = "The credentials are not accepted.") -> AnswerError:
    """Return the refusal of a caller who is not known."""
    return AnswerError(401, "Who are you?", text, {"WWW-Authenticate": CHALLENGE})


def network_of(address: str) -> str:
    """Return what failures are counted by: an IPv4 address, or the /64 of an IPv6 address.

    >>> network_of("192.0.2.1"), network_of("2001:db8::1:2")
    ('192.0.2.1', '2001:db8::/64')
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))


def _claims(token: str) -> tuple[str, dict[str, Any]]:
    """Return whom a token says it is from and its claims, none of them checked yet."""
    parts = token.split(".")
    if len(token) > 4096 or len(parts) != 3:
        raise unknown()
    try:
        text = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        claims = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise unknown() from error
    if not isinstance(claims, dict) or not all(
        isinstance(claims.get(name), kind) and not isinstance(claims[name], bool)
        for name, kind in (("iss", str), ("aud", str), ("iat", _NUMBER), ("exp", _NUMBER))
    ):
        raise unknown()
    return claims["iss"], claims
