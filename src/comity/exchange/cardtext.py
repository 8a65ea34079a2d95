"""A card as text: the JSON that a party signs, read strictly and written in one way.

Text that strangers wrote is bounded in length, and holds no control characters and none that turn
the direction of writing: it is printed in terminals and on pages.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from comity.errors import RefusedError
from comity.exchange.canonical import canonical, read_stamp, stamp
from comity.exchange.headers import PARTY
from comity.exchange.keys import check_public
from comity.exchange.model import Card, Channel, Endpoint, Point, PublicKey, Reason

COUNTRY = re.compile(r"[A-Z]{2}\Z|X-[A-Z]{2,20}\Z|[a-z][a-z0-9-]{1,63}\Z")
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*\Z")
ZONE = re.compile(r"[A-Za-z0-9_+/-]{0,64}\Z")
ADDRESS = re.compile(r"https://[A-Za-z0-9.\-\[\]:]{1,253}/[A-Za-z0-9._~/-]{0,200}\Z")
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
FORM = "-----BEGIN CERTIFICATE-----"


def clean(text: str) -> str:
    """Return a text that is one line and safe to print; raises ValueError for any other.

    >>> clean("国家计算机网络应急技术处理协调中心") != ""
    True
    """
    bad = [c for c in text if c in TURNING or unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
    if bad:
        raise ValueError(f"holds the character U+{ord(bad[0]):04X}, which is not for one line")
    if text != text.strip():
        raise ValueError("begins or ends with a blank")
    return text


def check_party(name: str) -> str:
    """Return the name of a party; raises ValueError unless it is like a domain, in lower case.

    >>> check_party("us.example")
    'us.example'
    """
    if not PARTY.fullmatch(name):
        raise ValueError("is no name such as us.example: like a domain, in lower case")
    return name


def check_address(url: str) -> str:
    """Return the address of an API root; raises ValueError unless it is https and ends in /."""
    from urllib.parse import urlsplit

    if not ADDRESS.match(url) or not url.endswith("/"):
        raise ValueError("is no address such as https://cert.us.example:8443/taxii2/")
    if not urlsplit(url).hostname or urlsplit(url).port == 0:
        raise ValueError("names no host, or a port that is none")
    return url


def check_certificate(text: str) -> str:
    """Return certificates as PEM; raises ValueError unless they can be read and hold no key."""
    from cryptography import x509

    if text and (not text.startswith(FORM) or "PRIVATE KEY" in text):
        raise ValueError("is no certificate as PEM, or holds a private key beside it")
    if text:
        x509.load_pem_x509_certificates(text.encode())
    return text


def _matches(pattern: re.Pattern[str]) -> AfterValidator:
    def check(text: str) -> str:
        if not pattern.match(text):
            raise ValueError("is not written as it must be")
        return text

    return AfterValidator(check)


def _instant(text: str) -> str:
    try:
        read_stamp(text)
    except RefusedError as error:
        raise ValueError(str(error)) from error
    return text


Line = Annotated[str, Field(max_length=200), AfterValidator(clean)]
Words = Annotated[Line, Field(min_length=1)]
Instant = Annotated[str, Field(max_length=24), AfterValidator(_instant)]
Name = Annotated[str, AfterValidator(check_party)]


class _Form(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class ChannelForm(_Form):
    """A channel as JSON."""

    kind: Literal["email", "telephone", "matrix", "radio", "other"]
    address: Words


class PointForm(_Form):
    """A point of contact as JSON."""

    role: Literal["technical", "diplomatic", "policy"]
    name: Words
    channels: list[ChannelForm] = Field(min_length=1, max_length=16)
    languages: list[Annotated[str, _matches(LANGUAGE)]] = Field(min_length=1, max_length=32)
    hours: Line
    time_zone: Annotated[str, _matches(ZONE)]


class KeyForm(_Form):
    """A public key as JSON; `revoked` and `why` are there where it is revoked."""

    kid: Annotated[str, Field(min_length=43, max_length=43)]
    use: Literal["sig", "enc"]
    jwk: dict[str, Annotated[str, Field(max_length=100)]] = Field(max_length=8)
    since: Instant
    until: Instant
    revoked: Instant | None = None
    why: Line = ""


class EndpointForm(_Form):
    """A server's address and certificate as JSON."""

    url: Annotated[str, AfterValidator(check_address)]
    certificate: Annotated[str, Field(max_length=65536), AfterValidator(check_certificate)]


class CardForm(_Form):
    """A card as JSON; `endpoint` is left out where there is none."""

    party: Name
    name: Words
    country: Annotated[str, _matches(COUNTRY)]
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    previous: Annotated[str, _matches(re.compile(r"(?:[0-9a-f]{64})?\Z"))]
    issued: Instant
    until: Instant
    points: list[PointForm] = Field(max_length=64)
    keys: list[KeyForm] = Field(min_length=1, max_length=64)
    endpoint: EndpointForm | None = None


def card_data(card: Card) -> dict[str, Any]:
    """Return a card as JSON: what is not there is left out, instants are STIX timestamps."""
    data: dict[str, Any] = {
        "party": card.party, "name": card.name, "country": card.country,
        "version": card.version, "previous": card.previous,
        "issued": stamp(card.issued), "until": stamp(card.until),
        "points": [point_data(p) for p in card.points],
        "keys": [key_data(k) for k in card.keys],
    }  # fmt: skip
    if card.endpoint is not None:
        data["endpoint"] = {"url": card.endpoint.url, "certificate": card.endpoint.certificate}
    return data


def point_data(point: Point) -> dict[str, Any]:
    """Return a point of contact as JSON."""
    return {
        "role": point.role, "name": point.name, "languages": list(point.languages),
        "hours": point.hours, "time_zone": point.time_zone,
        "channels": [{"kind": c.kind, "address": c.address} for c in point.channels],
    }  # fmt: skip


def key_data(key: PublicKey) -> dict[str, Any]:
    """Return a public key as JSON."""
    data: dict[str, Any] = {
        "kid": key.kid, "use": key.use, "jwk": dict(key.jwk),
        "since": stamp(key.since), "until": stamp(key.until),
    }  # fmt: skip
    if key.revoked is not None:
        data |= {"revoked": stamp(key.revoked), "why": key.why}
    return data


def card_from(payload: bytes) -> Card:
    """Return the card that a signed text holds.

    Raises RefusedError (malformed): no JSON, not in canonical form, a member missing, added or not
    as it must be, a key with a private part, one id twice, or days that end before they begin.
    """
    try:
        data = json.loads(payload)
        form = CardForm.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the card"
        raise _malformed(f"{place}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise _malformed("it is no JSON") from error
    card = _card(form)
    if canonical(card_data(card)) != payload:
        raise _malformed("it is not written in canonical form (RFC 8785), each member once")
    _check(card)
    return card


def _card(form: CardForm) -> Card:
    return Card(
        form.party, form.name, form.country, form.version, form.previous,
        read_stamp(form.issued), read_stamp(form.until),
        tuple(
            Point(
                p.role, p.name, tuple(Channel(c.kind, c.address) for c in p.channels),
                tuple(p.languages), p.hours, p.time_zone,
            )
            for p in form.points
        ),
        tuple(_key(k) for k in form.keys),
        None if form.endpoint is None else Endpoint(form.endpoint.url, form.endpoint.certificate),
    )  # fmt: skip


def _key(form: KeyForm) -> PublicKey:
    jwk: Mapping[str, str] = dict(form.jwk)
    revoked = None if form.revoked is None else read_stamp(form.revoked)
    return PublicKey(
        form.kid, form.use, jwk, read_stamp(form.since), read_stamp(form.until), revoked, form.why
    )


def _check(card: Card) -> None:
    """Raise RefusedError (malformed) where a card's members do not go together."""
    for key in card.keys:
        check_public(key)
    if len({key.kid for key in card.keys}) != len(card.keys):
        raise _malformed("two of its keys have one id")
    if card.issued >= card.until:
        raise _malformed("it ends before it begins")
    if (card.version == 1) is not (card.previous == ""):
        raise _malformed("the first version has none before it, and every other has one")


def _malformed(why: str) -> RefusedError:
    return RefusedError(f"This is no card: {why}.", Reason.MALFORMED)
