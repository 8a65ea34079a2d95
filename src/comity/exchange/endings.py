"""What ends soon and has to be renewed in time: cards, keys and servers' certificates, one's own
and those of the other parties of a desk's lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.errors import ExchangeError
from comity.exchange.model import Card
from comity.exchange.taxii.certs import CERTIFICATE, FOLDER, certificate_ends

if TYPE_CHECKING:
    from comity.exchange.desk import Desk

NOTICE = dt.timedelta(days=30)
USES = {"sig": "signing-key", "enc": "sealing-key"}


@dataclass(frozen=True, slots=True)
class Ending:
    """One thing of a party that ends: `what` is card, signing-key, sealing-key or certificate."""

    party: str
    what: str
    until: dt.datetime


def endings(desk: Desk, now: dt.datetime, notice: dt.timedelta = NOTICE) -> tuple[Ending, ...]:
    """Return what has ended or ends within `notice`, of this desk and of the other parties of its
    lines, the earliest first. A key counts only where no other of its use holds longer."""
    parties = {party for line in desk.lines() for party in line.parties} | {desk.party}
    found = [
        one
        for party in parties
        if (known := desk.book.known(party)) is not None
        for one in _of_card(known[1])
    ]
    found += _of_server(desk)
    soon = {one for one in found if one.until <= now + notice}
    return tuple(sorted(soon, key=lambda one: (one.until, one.party, one.what)))


def _of_card(card: Card) -> Iterator[Ending]:
    yield Ending(card.party, "card", card.until)
    for use, what in USES.items():
        held = [key.until for key in card.keys if key.use == use and key.revoked is None]
        if held:
            yield Ending(card.party, what, max(held))
    if card.endpoint is not None and card.endpoint.certificate:
        yield from _of_certificate(card.party, card.endpoint.certificate)


def _of_server(desk: Desk) -> Iterator[Ending]:
    """Give the end of the certificate in the desk's folder, which its card may not name."""
    path = desk.home / FOLDER / CERTIFICATE
    if path.exists():
        yield from _of_certificate(desk.party, path.read_text(encoding="ascii", errors="replace"))


def _of_certificate(party: str, pem: str) -> Iterator[Ending]:
    try:
        yield Ending(party, "certificate", certificate_ends(pem))
    except ExchangeError:
        return  # whoever speaks to it is told that it is none
