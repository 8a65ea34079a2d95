"""The cards of parties as lines for people: whom to reach, how, and whether the keys hold."""

from __future__ import annotations

import datetime as dt

from comity.exchange.keyring import holds
from comity.exchange.model import Card, Point, PublicKey

ROLES = ("technical", "diplomatic", "policy")
USES = {"sig": "signs", "enc": "opens"}
SOON = dt.timedelta(days=30)


def card_lines(card: Card, letters: str, own: bool, now: dt.datetime) -> list[tuple[str, str]]:
    """Return a card as lines of heading and text, its points by role. `letters` is its
    fingerprint."""
    whose = " (this desk)" if own else ""
    lines = [
        (card.party, f"{whose}  {card.name}, {card.country}"),
        ("", f"  version {card.version}, {validity(card, now)}"),
    ]
    for role in ROLES:
        for point in (p for p in card.points if p.role == role):
            lines += _point_lines(point)
    if not card.points:
        lines.append(("", "  no point of contact"))
    if card.endpoint is not None:
        checked = " (with its certificate)" if card.endpoint.certificate else ""
        lines.append(("", f"  server      {card.endpoint.url}{checked}"))
    lines.append(("", f"  fingerprint {letters}"))
    return [*lines, ("", "  keys"), *(("", f"  {key_line(key, now)}") for key in card.keys)]


def _point_lines(point: Point) -> list[tuple[str, str]]:
    when = " ".join(part for part in (point.hours, point.time_zone) if part)
    told = "; ".join(part for part in (point.name, ", ".join(point.languages), when) if part)
    return [
        ("", f"  {point.role:<11} {told}"),
        *(("", f"              {c.kind} {c.address}") for c in point.channels),
    ]


def validity(card: Card, now: dt.datetime) -> str:
    """Return from when to when a card holds, and whether that is soon over."""
    text = f"{card.issued:%Y-%m-%d} to {card.until:%Y-%m-%d}"
    if card.until < now:
        return f"{text}: expired"
    return f"{text}: ends soon" if card.until - now < SOON else text


def key_line(key: PublicKey, now: dt.datetime) -> str:
    """Return a key in a line: id, what for, its days, and what keeps it from holding."""
    text = f"{key.kid} {USES[key.use]}, {key.since:%Y-%m-%d} to {key.until:%Y-%m-%d}"
    if key.revoked is not None:
        why = f": {key.why}" if key.why else ""
        return f"{text}, revoked {key.revoked:%Y-%m-%d}{why}"
    if holds(key, now):
        return f"{text}, ends soon" if key.until - now < SOON else text
    return f"{text}, {'expired' if key.until < now else 'to come'}"
