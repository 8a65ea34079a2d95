"""Cards: a party's signed directory of contacts, keys and server, and when a new one is believed.

The first card of a party is believed because a person compared its fingerprint by telephone; every
later one because a key of the card before signed it.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Sequence
from pathlib import Path

from comity.errors import ExchangeError, RefusedError
from comity.exchange.canonical import canonical, sha256, stamp
from comity.exchange.cardtext import card_data, card_from
from comity.exchange.keyring import holds
from comity.exchange.keys import from_base64url, sign_whole, verify_whole
from comity.exchange.model import Card, PrivateKey, PublicKey, Reason, Terms

TYP = "comity-card"
CARD_DAYS = 400  # for which a version of a card holds
LARGEST = 256 * 1024  # characters of a signed card
LARGEST_FILE = 16 * 1024 * 1024  # bytes of a file with all versions of a card
SKEW = dt.timedelta(minutes=Terms().clock_minutes)


def make_card(card: Card, key: PrivateKey) -> str:
    """Return a card as its party signs it: compact JWS, typ `comity-card`. Raises ExchangeError
    where no one would take it: malformed, or larger than 256 kB."""
    payload = canonical(card_data(card))
    card_from(payload)
    token = sign_whole(payload, key, TYP)
    if len(token) > LARGEST:
        raise ExchangeError(f"This card has {len(token)} characters; most are {LARGEST}.")
    return token


def read_card(token: str) -> Card:
    """Return the card in a signed text: its structure is checked, nothing is believed yet.

    Raises RefusedError: too-large (over 256 kB), malformed.
    """
    if len(token) > LARGEST:
        raise RefusedError(f"This card has {len(token)} characters; most are {LARGEST}.",
                           Reason.TOO_LARGE)  # fmt: skip
    parts = token.split(".")
    if len(parts) != 3:
        raise RefusedError("This is no signed card: header.content.signature is expected.",
                           Reason.MALFORMED)  # fmt: skip
    return card_from(from_base64url(parts[1]))


def read_cards(path: Path) -> tuple[str, ...]:
    """Return the signed cards in a file, one a line as `comity exchange contacts export` writes
    them, at least one. Raises ExchangeError where it cannot be read, is too large or empty."""
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
        lines = content.decode("ascii").split()
    except (OSError, ValueError) as error:
        raise ExchangeError(f"{path} cannot be read as cards: {error}.") from error
    if len(content) > LARGEST_FILE or not lines:
        why = "empty" if not lines else f"larger than {LARGEST_FILE // 1024**2} MB"
        raise ExchangeError(f"{path} holds no cards to read: it is {why}.")
    return tuple(lines)


def token_digest(token: str) -> str:
    """Return the digest of a signed card, which the next version's `previous` holds."""
    return sha256(token.encode())


def accept_card(
    token: str, known: Card | None, known_token: str, now: dt.datetime, fingerprint: str = ""
) -> Card:
    """Return the card in a signed text where it may be believed, `known` being the one held of its
    party, None without one.

    The first must be signed by a key in it that holds, and `fingerprint`, as a person heard it,
    must be its own. A later one must follow the known version, commit to it, and be signed by a
    key that held in it. Raises RefusedError: key-substitution, rollback, wrong-party, clock,
    expired-card, and what `read_card` and `verify` raise.
    """
    card = read_card(token)
    if known is None:
        _check_first(token, card, now, fingerprint)
    else:
        _check_next(token, card, known, known_token, now)
    _check_current(card, now)
    return card


def accept_chain(
    tokens: Sequence[str], known: Card | None, known_token: str, now: dt.datetime,
    fingerprint: str = "",
) -> tuple[tuple[str, Card], ...]:  # fmt: skip
    """Return the signed cards of `tokens`, all versions of one party in order, that are new and
    may be believed, with their texts; empty where the newest is the one known.

    Without a known card only the last is taken, by its fingerprint. With one, all that follow it
    are, each by the one before; only the last of them has to be current. Raises as `accept_card`,
    and RefusedError (contradiction) where the known version is another in `tokens`.
    """
    cards = [(token, read_card(token)) for token in tokens]
    if not cards:
        raise RefusedError("There is no card in this file.", Reason.MALFORMED)
    if known is None:
        token, card = cards[-1]
        return ((token, accept_card(token, None, "", now, fingerprint)),)
    if cards[-1][1].version < known.version:
        raise _rollback(cards[-1][1], known)
    taken = []
    before, last = known, known_token
    for token, card in cards:
        if card.party == known.party and card.version == known.version and token != known_token:
            raise RefusedError(
                f"{known.party} signed two cards as version {card.version}, which differ: one of "
                "them is not its own doing. Ask by telephone; both are proof.",
                Reason.CONTRADICTION,
            )
        if card.version > known.version or card.party != known.party:
            _check_next(token, card, before, last, now)
            before, last = card, token
            taken.append((token, card))
    _check_current(before, now)
    return tuple(taken)


def _check_first(token: str, card: Card, now: dt.datetime, heard: str) -> None:
    own = fingerprint(card)
    if not heard:
        raise RefusedError(
            f"Nothing is known of {card.party} yet. Its card has the fingerprint {own}: have its "
            "point of contact read theirs to you by telephone, and give what you hear.",
            Reason.KEY_SUBSTITUTION,
        )
    if (given := len(_letters(heard))) != (all_ := len(_letters(own))):
        raise RefusedError(
            f"A fingerprint has {all_} letters; {given} were given: {heard[:60]!r}. Have it read "
            "out from the first to the last. Nothing is taken.",
            Reason.KEY_SUBSTITUTION,
        )
    if _letters(heard) != _letters(own):
        raise RefusedError(
            f"The fingerprint of this card of {card.party} is {own}, not {heard[:60]}. "
            "Either it was misheard, or somebody put other keys into the card: nothing is taken.",
            Reason.KEY_SUBSTITUTION,
        )
    verify_whole(token, card.keys, TYP, card.issued, now)


def _check_next(
    token: str, card: Card, known: Card, known_token: str, now: dt.datetime
) -> None:  # fmt: skip
    """Raise RefusedError unless a card follows the known one of its party."""
    if card.party != known.party:
        raise RefusedError(f"This is a card of {card.party}, not of {known.party}.",
                           Reason.WRONG_PARTY)  # fmt: skip
    if card.version <= known.version:
        raise _rollback(card, known)
    if card.version != known.version + 1 or card.previous != token_digest(known_token):
        raise RefusedError(
            f"Version {card.version} of the card of {card.party} does not follow version "
            f"{known.version}, which is held here. Ask for a file with all its versions "
            "(`comity exchange contacts export`); if it still does not follow, ask by telephone.",
            Reason.KEY_SUBSTITUTION,
        )
    try:
        verify_whole(token, known.keys, TYP, card.issued, now)
    except RefusedError as error:
        if error.reason != Reason.UNKNOWN_KEY:
            raise
        raise RefusedError(
            f"Version {card.version} of the card of {card.party} is signed by a key that version "
            f"{known.version} does not hold: anybody could have made it. Nothing is taken.",
            Reason.KEY_SUBSTITUTION,
        ) from error
    if card.issued < known.issued:
        raise RefusedError(f"This card was issued {stamp(card.issued)}, before the one it follows.",
                           Reason.CLOCK)  # fmt: skip
    _check_revocations(card, known)


def _check_revocations(card: Card, known: Card) -> None:
    """Raise RefusedError (revoked-key) where a card takes a revocation back, or puts it off."""
    now_held = {key.kid: key for key in card.keys}
    for key in known.keys:
        then = now_held.get(key.kid)
        if key.revoked is None or then is None:
            continue
        if then.revoked is None or then.revoked > key.revoked:
            raise RefusedError(
                f"Key {key.kid} of {card.party} was revoked on {stamp(key.revoked)}, and this card "
                "takes that back. A key once revoked stays so.", Reason.REVOKED_KEY,
            )  # fmt: skip


def _check_current(card: Card, now: dt.datetime) -> None:
    if card.issued > now + SKEW:
        raise RefusedError(
            f"This card of {card.party} was issued {stamp(card.issued)}, and here it is "
            f"{stamp(now)}: one of the two clocks is wrong.", Reason.CLOCK,
        )  # fmt: skip
    if card.until < now:
        raise RefusedError(
            f"This card of {card.party} held until {stamp(card.until)}. Ask for its newest one.",
            Reason.EXPIRED_CARD,
        )


def _rollback(card: Card, known: Card) -> RefusedError:
    return RefusedError(
        f"This is version {card.version} of the card of {card.party}; version {known.version} is "
        "held here. An older card is never taken again: its keys may be revoked.",
        Reason.ROLLBACK,
    )


def fingerprint(card: Card) -> str:
    """Return the fingerprint of a card: 8 groups of 4 letters (A to Z, 2 to 7), to be read on the
    telephone. It covers the party and its signing keys, with their days and revocations, so that a
    card in which a revoked key is none has another.
    """
    keys = sorted(
        [k.kid, stamp(k.since), stamp(k.until), stamp(k.revoked) if k.revoked else ""]
        for k in card.keys
        if k.use == "sig"
    )
    digest = hashlib.sha256(canonical([card.party, keys])).digest()
    text = base64.b32encode(digest[:20]).decode()
    return " ".join(text[i : i + 4] for i in range(0, 32, 4))


def _letters(text: str) -> str:
    return "".join(c for c in text.upper() if c.isalnum())


def sealing_key(card: Card, now: dt.datetime) -> PublicKey:
    """Return the key to seal for a party with: the newest of its card that holds at `now`.

    Raises ExchangeError where there is none.
    """
    held = [k for k in card.keys if k.use == "enc" and holds(k, now)]
    if not held:
        raise ExchangeError(
            f"The card of {card.party} holds no sealing key for {now:%Y-%m-%d}: nothing can be "
            "sealed for it until it sends a new one. Send unsealed, or wait."
        )
    return max(held, key=lambda k: (k.since, k.kid))
