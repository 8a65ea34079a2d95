"""What a desk is: whose, with which database, and who releases. The file `HOME/desk.json`."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from comity.errors import ExchangeError
from comity.storage import home, write_whole

FILE = "desk.json"
KEYS, CARDS = "keys", "cards"  # folders in the desk's
DATABASE = "exchange.sqlite"
ENVIRONMENT = "COMITY_EXCHANGE"
DATABASES = ("sqlite", "postgresql+psycopg")


@dataclass(frozen=True, slots=True)
class DeskConfig:
    """A desk: its party, the party's country and name, the database's address (empty for the
    SQLite file in the folder), and whether two persons must release a message."""

    party: str
    country: str
    name: str
    database: str = ""
    two_persons: bool = False


def exchange_home(given: Path | None = None) -> Path:
    """Return the folder of the desk: the one given, else `COMITY_EXCHANGE`, else `exchange` in the
    user's own folder. It need not exist."""
    if given is not None:
        return given.expanduser()
    chosen = os.environ.get(ENVIRONMENT, "").strip()
    return Path(chosen).expanduser() if chosen else home() / "exchange"


def load(folder: Path) -> DeskConfig:
    """Return the desk in a folder. Raises ExchangeError where there is none, or it is damaged."""
    path = folder / FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ExchangeError(
            f"There is no desk in {folder}. Make one with `comity exchange init --party us.example "
            f"--country US --name ...`, or say where it is: --home DIR, or {ENVIRONMENT}."
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise ExchangeError(f"{path} cannot be read: {error}. Put it back from a copy.") from error
    if not isinstance(data, dict):
        raise ExchangeError(f"{path} holds no object. Put it back from a copy.")
    members = set(DeskConfig.__dataclass_fields__)
    if missing := {"party", "country", "name"} - data.keys():
        raise ExchangeError(f"{path} lacks {', '.join(sorted(missing))}. Put it back from a copy.")
    if other := data.keys() - members:
        raise ExchangeError(
            f"{path} holds {', '.join(sorted(other))}. Allowed are {', '.join(sorted(members))}."
        )
    config = DeskConfig(**data)
    _check(config, str(path))
    return config


def save(folder: Path, config: DeskConfig) -> None:
    """Write the desk of a folder, whole, for its owner only: a database's address may hold a
    password. Raises ExchangeError; then what was there is unchanged."""
    _check(config, "The desk")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(folder / FILE, json.dumps(asdict(config), indent=2).encode())
    except OSError as error:
        raise ExchangeError(
            f"Cannot write to {folder}: {error.strerror or error}. What was there is unchanged."
        ) from error


def _check(config: DeskConfig, place: str) -> None:
    """Raise ExchangeError, naming `place`, where a member is not as it must be."""
    from comity.exchange.cardtext import COUNTRY, check_party, clean  # which loads cryptography

    texts = (config.party, config.country, config.name, config.database)
    if not all(isinstance(text, str) for text in texts) or not isinstance(config.two_persons, bool):
        raise ExchangeError(f"{place}: two_persons is true or false, all else is text.")
    for text, check in ((config.party, check_party), (config.name, clean)):
        try:
            check(text)
        except ValueError as error:
            raise ExchangeError(f"{place}: {text[:60]!r} {error}.") from error
    if not config.name:
        raise ExchangeError(f"{place}: the party needs a name that people read.")
    if not COUNTRY.match(config.country):
        raise ExchangeError(f"{place}: {config.country[:60]!r} is no ISO code such as US, nor the "
                            "id of a body.")  # fmt: skip
    if config.database and config.database.partition(":")[0] not in DATABASES:
        kind = config.database.partition(":")[0][:40]
        raise ExchangeError(
            f"{place}: a database begins with {' or '.join(DATABASES)}, not with {kind!r}."
        )
