"""The people of a desk: who they are, how they show it, and what each may do there.

A password is kept as an Argon2id hash (RFC 9106), made anew when its parameters change. A person
signs in with a password, with OpenID Connect, or with either. Whether a name exists is not to be
learned from how long an answer takes, nor from what it says.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from comity.errors import ExchangeError
from comity.exchange.model import Person, Role
from comity.exchange.tables import people
from comity.exchange.throttle import SIGN_INS, Throttle

if TYPE_CHECKING:
    from argon2 import PasswordHasher

    from comity.exchange.desk import Desk

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
KEPT = ("operator", "system")  # who works at the machine, in approvals and journals
LEAST_PASSWORD, MOST_PASSWORD = 12, 1000  # characters
MAIL = "mailto:"
AT_ONCE = 4  # hashes computed at one time: each takes 64 MB for some tens of milliseconds
WRONG = "That name and password do not belong together here, or the account is closed."
_TURNS = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Account:
    """A person of a desk with how it signs in. `mark` changes whenever name, password, OpenID
    identity or standing do: what was signed in with an earlier one is signed out."""

    person: Person
    password: bool
    issuer: str
    subject: str
    active: bool
    mark: str


def add_person(
    desk: Desk, name: str, roles: Iterable[Role], password: str = "", issuer: str = "",
    subject: str = "",
) -> Account:  # fmt: skip
    """Let a person in, who signs in with a password, an OpenID identity, or either.

    A person put away before may be added again. Raises ExchangeError for a name that is none or
    is taken, a password that is too short, an identity somebody else has, or no way to sign in.
    """
    check_name(name)
    if not password and not subject:
        raise ExchangeError(f"{name} needs a password or an OpenID identity to sign in with.")
    secret = _hashed(name, password) if password else ""
    joined = _joined(issuer, subject) if subject else ""
    with desk.database.writing() as link:
        known = _row(link, name)
        if known is not None and known.active:
            raise ExchangeError(f"{name} is a person of this desk already; it is unchanged.")
        _demand_free(link, name, joined)
        values = {"secret": secret, "subject": joined, "roles": _list(roles), "active": True}
        if known is None:
            link.execute(people.insert().values(name=name, **values))
        else:
            link.execute(people.update().where(people.c.name == name).values(**values))
        return _account(_row(link, name))


def set_password(desk: Desk, name: str, password: str) -> Account:
    """Give a person another password. Raises ExchangeError; then the old one stays."""
    secret = _hashed(name, password)
    return _change(desk, name, secret=secret)


def change_password(
    desk: Desk, name: str, old: str, new: str, throttle: Throttle = SIGN_INS, origin: str = ""
) -> Account:
    """Let a person change its own password, by the old one. Raises ExchangeError."""
    sign_in(desk, name, old, throttle, origin)
    if old == new:
        raise ExchangeError("The new password is the old one; nothing was changed.")
    return set_password(desk, name, new)


def set_roles(desk: Desk, name: str, roles: Iterable[Role]) -> Account:
    """Say what a person may do from now on. Raises ExchangeError."""
    return _change(desk, name, roles=_list(roles))


def set_openid(desk: Desk, name: str, issuer: str, subject: str) -> Account:
    """Say by which OpenID identity a person may sign in. Raises ExchangeError."""
    joined = _joined(issuer, subject)
    with desk.database.reading() as link:
        _demand_free(link, name, joined)
    return _change(desk, name, subject=joined)


def remove_person(desk: Desk, name: str) -> Account:
    """Close an account: its name stays, so that what it released stays its own."""
    return _change(desk, name, active=False, secret="", subject="")


def all_people(desk: Desk) -> tuple[Account, ...]:
    """Return the people of a desk by name, those put away too."""
    with desk.database.reading() as link:
        return tuple(_account(row) for row in link.execute(select(people).order_by(people.c.name)))


def account_of(desk: Desk, name: str) -> Account | None:
    """Return an account that is open, as it is now; None where there is none."""
    with desk.database.reading() as link:
        row = _row(link, name)
    return _account(row) if row is not None and row.active else None


def sign_in(
    desk: Desk, name: str, password: str, throttle: Throttle = SIGN_INS, origin: str = ""
) -> Person:
    """Return who a name and a password belong to.

    Raises ExchangeError, the same for a name there is not and for a wrong password, and where too
    many sign-ins failed. `origin` is where it is tried from.
    """
    return signed_in(desk, name, password, throttle, origin).person


def signed_in(
    desk: Desk, name: str, password: str, throttle: Throttle = SIGN_INS, origin: str = ""
) -> Account:
    """Return the account that a name and a password open; see `sign_in`."""
    who = name if NAME.fullmatch(name) else "?"
    throttle.begin(who, origin)
    found = account_of(desk, who)
    with desk.database.reading() as link:
        row = _row(link, who)
    stored = row.secret if row is not None and row.active else ""
    right = _matches(stored or _nobody(), _folded(password))
    if found is None or not stored or not right:
        raise ExchangeError(WRONG)
    throttle.passed(who, origin)
    if _hasher().check_needs_rehash(stored):
        return _change(desk, who, secret=_hash(_folded(password)))
    return found


def account_by_openid(
    desk: Desk, issuer: str, subject: str, email: str = "", verified: bool = False
) -> Account | None:
    """Return the account of an OpenID identity: by its subject, or by an address that the issuer
    verified where somebody was added as `mailto:ADDRESS`; None where there is none."""
    wanted = [f"{issuer} {subject}"]
    if email and verified:
        wanted.append(f"{issuer} {MAIL}{email.casefold()}")
    with desk.database.reading() as link:
        query = select(people).where(people.c.subject.in_(wanted), people.c.active)
        found = {row.subject: _account(row) for row in link.execute(query)}
    return next((found[one] for one in wanted if one in found), None)


def check_name(name: str) -> None:
    """Raise ExchangeError for what cannot be the name of a person."""
    if not NAME.fullmatch(name) or name in KEPT:
        raise ExchangeError(
            f"{name[:64]!r} cannot be the name of a person: up to 64 small letters, digits, full "
            f"stops, hyphens and underscores, and not {' or '.join(KEPT)}."
        )


def read_roles(text: str) -> frozenset[Role]:
    """Return roles from a list with commas. Raises ExchangeError naming those there are."""
    found = set()
    for word in (part.strip().lower() for part in text.split(",")):
        if word not in list(Role):
            raise ExchangeError(f"{word[:40]!r} is no role. There is: {', '.join(Role)}.")
        found.add(Role(word))
    return frozenset(found)


def _change(desk: Desk, name: str, **values: Any) -> Account:
    """Change an open account. Raises ExchangeError naming those there are."""
    with desk.database.writing() as link:
        row = _row(link, name)
        if row is None or not row.active:
            there = ", ".join(
                r.name for r in link.execute(select(people).where(people.c.active))
            )  # fmt: skip
            raise ExchangeError(
                f"There is no person {name[:64]!r} at this desk. There is: {there or 'nobody yet'}."
            )
        link.execute(people.update().where(people.c.name == name).values(**values))
        return _account(_row(link, name))


def _row(link: Connection, name: str) -> Any:
    return link.execute(select(people).where(people.c.name == name)).first()


def _account(row: Any) -> Account:
    issuer, _, subject = row.subject.partition(" ")
    roles = frozenset(Role(r) for r in json.loads(row.roles))
    state = json.dumps([row.name, row.secret, row.subject, bool(row.active)])
    mark = hashlib.sha256(state.encode()).hexdigest()
    return Account(Person(row.name, roles), bool(row.secret), issuer, subject, bool(row.active),
                   mark)  # fmt: skip


def _list(roles: Iterable[Role]) -> str:
    return json.dumps(sorted(str(role) for role in set(roles)))


def _joined(issuer: str, subject: str) -> str:
    """Return an OpenID identity as it is stored. Raises ExchangeError for what can be none."""
    if subject.casefold().startswith(MAIL):
        subject = subject.casefold()
    joined = f"{issuer} {subject}"
    if not re.fullmatch(r"https?://\S+ \S[^\x00-\x1f]*", joined) or len(joined) > 400:
        raise ExchangeError(
            "An OpenID identity is the issuer's address and a subject as the issuer names it, or "
            f"mailto:ADDRESS for a verified one. Given: {joined[:120]!r}."
        )
    return joined


def _demand_free(link: Connection, name: str, joined: str) -> None:
    taken = select(people.c.name).where(people.c.subject == joined, people.c.active)
    if joined and (row := link.execute(taken.where(people.c.name != name)).first()):
        raise ExchangeError(f"{row.name} signs in with this OpenID identity; one person each.")


def _hashed(name: str, password: str) -> str:
    """Return the hash of a new password. Raises ExchangeError for one that will not do."""
    folded = _folded(password)
    if not LEAST_PASSWORD <= len(folded) <= MOST_PASSWORD:
        raise ExchangeError(
            f"A password has {LEAST_PASSWORD} to {MOST_PASSWORD} characters; this one has "
            f"{len(folded)}. Four words are easier to keep than one with signs."
        )
    if name in folded.casefold() and len(folded) < len(name) + LEAST_PASSWORD:
        raise ExchangeError("The password must not be made of the name. Take other words.")
    return _hash(folded)


def _folded(password: str) -> str:
    """Return a password as it is hashed: two ways to type one letter are one (NFKC)."""
    return unicodedata.normalize("NFKC", password)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


def _hash(password: str) -> str:
    with _TURNS:
        return _hasher().hash(password)


@cache
def _nobody() -> str:
    """Return the hash that is tried where a name has none: as long a work, and never right."""
    import secrets

    return _hash(secrets.token_urlsafe(32))


def _matches(stored: str, password: str) -> bool:
    from argon2.exceptions import Argon2Error, InvalidHashError

    if len(password) > MOST_PASSWORD:
        password = ""
    with _TURNS:
        try:
            return _hasher().verify(stored, password)
        except (Argon2Error, InvalidHashError):
            return False
