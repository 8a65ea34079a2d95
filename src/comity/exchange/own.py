"""A party's own card and keys: changed, signed anew, rotated, revoked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

from comity.errors import ExchangeError
from comity.exchange.canonical import stamp, whole
from comity.exchange.cardbook import CardBook
from comity.exchange.cards import CARD_DAYS, make_card, token_digest
from comity.exchange.desk_config import CARDS, KEYS, DeskConfig
from comity.exchange.keyring import holds
from comity.exchange.keys import DAYS, KeyRing, make_keys
from comity.exchange.model import Card, Endpoint, Point, PrivateKey, PublicKey

NOTICE = 7  # days between a new key's publication and its first use
KEPT = dt.timedelta(days=365)  # that a card still names a key after its last day


@dataclass(frozen=True, slots=True)
class Published:
    """A new version of the own card. `follows` is False where no key of the version before could
    sign it, so that other parties have to compare its fingerprint by telephone once more."""

    card: Card
    token: str
    follows: bool = True


def key_ring(folder: Path, passphrase: str | None = None) -> KeyRing:
    """Return the keys of the desk in a folder."""
    return KeyRing(folder / KEYS, passphrase)


def card_book(folder: Path, config: DeskConfig) -> CardBook:
    """Return the cards of the desk in a folder."""
    return CardBook(folder / CARDS, config.party)


def publish(
    book: CardBook, ring: KeyRing, now: dt.datetime, points: tuple[Point, ...] | None = None,
    endpoint: Endpoint | None = None,
) -> Published:  # fmt: skip
    """Sign and keep a new version of the own card: with the ring's keys, and the points or the
    endpoint given in place of those it had. Raises ExchangeError; then the old version stands."""
    before, card = book.own()
    if now < card.issued:
        raise ExchangeError(
            f"The card at hand was issued {stamp(card.issued)}, and this machine's clock says "
            f"{stamp(now)}. Set the clock right first."
        )
    issued = whole(now)
    keys = tuple(k for k in ring.public() if k.until + KEPT >= now)
    new = replace(
        card, version=card.version + 1, previous=token_digest(before), issued=issued,
        until=issued + dt.timedelta(days=CARD_DAYS), keys=keys,
        points=card.points if points is None else points, endpoint=endpoint or card.endpoint,
    )  # fmt: skip
    key, follows = _signer(ring, card, now)
    token = make_card(new, key)
    book.put(token, new)
    return Published(new, token, follows)


def _signer(ring: KeyRing, known: Card, now: dt.datetime) -> tuple[PrivateKey, bool]:
    """Return the key to sign the next version with, and whether those who hold `known` accept it.

    A key that was revoked just now may still sign the version that says so: to the others it holds
    until they have read that.
    """
    ours = {k.kid: k for k in ring.public()}
    able = [k for k in known.keys if k.use == "sig" and holds(k, now) and k.kid in ours]
    if not able:
        return ring.signing(now), False
    best = max(able, key=lambda k: (holds(ours[k.kid], now), k.since, k.kid))
    return ring.private(best.kid), True


def add_point(book: CardBook, ring: KeyRing, point: Point, now: dt.datetime) -> Published:
    """Publish the own card with one more point of contact. Raises ExchangeError where one of the
    same role and name is there."""
    points = book.own()[1].points
    if any((p.role, p.name) == (point.role, point.name) for p in points):
        raise ExchangeError(
            f"{point.name} ({point.role}) is on the card already. Take it off first: `comity "
            "exchange contacts remove`."
        )
    return publish(book, ring, now, points=(*points, point))


def remove_point(
    book: CardBook, ring: KeyRing, name: str, role: str, now: dt.datetime
) -> Published:  # fmt: skip
    """Publish the own card without a point of contact; `role` may be empty where the name is
    enough. Raises ExchangeError where none, or more than one, is meant."""
    points = book.own()[1].points
    meant = [p for p in points if p.name == name and role in ("", p.role)]
    if len(meant) != 1:
        named = "; ".join(f"{p.name} ({p.role})" for p in points) or "none"
        raise ExchangeError(
            f"{'Several points' if meant else 'No point'} of contact on the card: {name!r}. There "
            f"are: {named}. Name one, with --role where a name has several."
        )
    return publish(book, ring, now, points=tuple(p for p in points if p is not meant[0]))


def rotate(
    book: CardBook, ring: KeyRing, now: dt.datetime, days: int = DAYS, notice: int = NOTICE
) -> tuple[Published, tuple[PublicKey, ...]]:  # fmt: skip
    """Publish a new signing and a new sealing key; the old ones hold until their last day.

    The new ones hold from `notice` days on, so that the others have the card by then; at once
    where no signing key of now holds that long. Returns the card and the new keys. Raises
    ExchangeError.
    """
    book.own()
    start = now + dt.timedelta(days=notice)
    if not any(k.use == "sig" and holds(k, now) and holds(k, start) for k in ring.public()):
        start = now
    made = make_keys(start, days)
    for key in made:
        ring.add(key)
    return publish(book, ring, now), tuple(key.public for key in made)


def revoke(
    book: CardBook, ring: KeyRing, kid: str, why: str, now: dt.datetime,
    since: dt.datetime | None = None,
) -> Published:  # fmt: skip
    """Revoke a key from `since` on (now without) and publish that; where no other key of its use
    holds, a new one is made. Raises ExchangeError."""
    book.own()
    key = ring.revoke(kid, since or now, why)
    if not any(k.use == key.use and holds(k, now) for k in ring.public()):
        ring.add(next(k for k in make_keys(now) if k.public.use == key.use))
    return publish(book, ring, now)
