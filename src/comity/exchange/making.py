"""A new desk: its folder, its first keys, its first card, its empty database."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from comity.errors import ExchangeError
from comity.exchange.cardbook import CardBook
from comity.exchange.cards import make_card
from comity.exchange.database import Database, sqlite_url
from comity.exchange.desk import DATABASE
from comity.exchange.desk_config import FILE, DeskConfig, save
from comity.exchange.keyring import KeyRing
from comity.exchange.keys import make_keys
from comity.exchange.model import Card, Endpoint

CARD_DAYS = 400


def make_desk(
    folder: Path, config: DeskConfig, now: dt.datetime, endpoint: Endpoint | None = None,
    passphrase: str | None = None,
) -> Card:  # fmt: skip
    """Make a desk in `folder` and return its first card.

    Raises ExchangeError where there is one already, or the folder or database cannot be written.
    The folder's desk.json comes last: a desk that was not made whole is none.
    """
    if (folder / FILE).exists():
        raise ExchangeError(f"There is a desk in {folder} already; it is unchanged.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ring, book = KeyRing(folder / "keys", passphrase), CardBook(folder / "cards", config.party)
    keys = make_keys(now)
    for key in keys:
        ring.add(key)
    card = Card(
        party=config.party, name=config.name, country=config.country, version=1, previous="",
        issued=now, until=now + dt.timedelta(days=CARD_DAYS), points=(),
        keys=tuple(key.public for key in keys), endpoint=endpoint,
    )  # fmt: skip
    book.put_own(make_card(card, keys[0]))
    Database(config.database or sqlite_url(folder / DATABASE), make=True).close()
    save(folder, config)
    return card
