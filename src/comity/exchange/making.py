"""A new desk: its folder, its first keys, its first card, its empty database."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from pathlib import Path

from comity.errors import ExchangeError
from comity.exchange.canonical import whole
from comity.exchange.cardbook import CardBook
from comity.exchange.cards import CARD_DAYS, make_card
from comity.exchange.database import Database, sqlite_url
from comity.exchange.desk_config import CARDS, DATABASE, FILE, KEYS, DeskConfig, save
from comity.exchange.keyring import KeyRing
from comity.exchange.keys import make_keys
from comity.exchange.model import Card, Endpoint


def make_desk(
    folder: Path, config: DeskConfig, now: dt.datetime, endpoint: Endpoint | None = None,
    passphrase: str | None = None,
) -> Card:  # fmt: skip
    """Make a desk in `folder` and return its first card.

    Raises ExchangeError where a desk, keys, cards or messages are there already, or the folder or
    database cannot be written: then nothing of a desk is there. The folder's desk.json comes last.
    """
    held = [name for name in (FILE, KEYS, CARDS, DATABASE) if (folder / name).exists()]
    if held:
        raise ExchangeError(
            f"{folder} holds a desk already ({', '.join(held)}); nothing was changed. Name another "
            "folder (--home), or move this one away. Do not delete it: no key in it comes back."
        )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=".desk-", dir=folder))
    except OSError as error:
        raise ExchangeError(f"Cannot write to {folder}: {error.strerror or error}.") from error
    try:
        card = _fill(part, config, now, endpoint, passphrase)
        made = sorted((p.name for p in part.iterdir()), key=lambda name: name == FILE)
        for name in made:
            (part / name).rename(folder / name)
    except OSError as error:
        raise ExchangeError(f"Cannot write to {folder}: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return card


def _fill(
    folder: Path, config: DeskConfig, now: dt.datetime, endpoint: Endpoint | None,
    passphrase: str | None,
) -> Card:  # fmt: skip
    """Write all files of a new desk into an empty folder."""
    save(folder, config)  # first, as it says what is wrong with the names given
    ring, book = KeyRing(folder / KEYS, passphrase), CardBook(folder / CARDS, config.party)
    keys = make_keys(now)
    for key in keys:
        ring.add(key)
    card = Card(
        party=config.party, name=config.name, country=config.country, version=1, previous="",
        issued=whole(now), until=whole(now) + dt.timedelta(days=CARD_DAYS), points=(),
        keys=tuple(key.public for key in keys), endpoint=endpoint,
    )  # fmt: skip
    book.put_own(make_card(card, keys[0]))
    Database(config.database or sqlite_url(folder / DATABASE), make=True).close()
    if not config.database:
        (folder / DATABASE).chmod(0o600)  # drafts and what was opened; SQLite's logs take its mode
    return card
