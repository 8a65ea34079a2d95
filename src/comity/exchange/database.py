"""A desk's database: opened by address, one writer at a time on a line, lasting when it says so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError, TimeoutError
from sqlalchemy.pool import QueuePool

from comity.errors import ExchangeError
from comity.exchange.tables import META, notes

SCHEMA = "1"
BUSY_SECONDS = 60
MOST_LINKS = 45  # connections beside the five kept: a server works in forty threads
_WRITES = "comity_writes"


class Database:
    """The tables of one desk at `url`: `sqlite:///FILE` or `postgresql+psycopg://...`."""

    def __init__(self, url: str, make: bool = False) -> None:
        self.url = url
        self.turn = threading.RLock()  # of this process: waiting here costs no polling
        self.engine = _engine(url)
        self.postgres = self.engine.dialect.name == "postgresql"
        try:
            if make:
                META.create_all(self.engine)
                with self.writing() as link:
                    if link.execute(select(notes.c.value).where(notes.c.name == "schema")).first():
                        return
                    link.execute(notes.insert().values(name="schema", value=SCHEMA))
            with self.reading() as link:
                found = link.execute(select(notes.c.value).where(notes.c.name == "schema")).scalar()
        except SQLAlchemyError as error:
            raise ExchangeError(
                f"The desk's database cannot be opened: {_short(error)}. Is its address in "
                "desk.json right, does the server run, and was the desk made with "
                "`comity exchange init`?"
            ) from error
        if found != SCHEMA:
            raise ExchangeError(
                f"The desk's database has schema {found!r}, and this Comity knows {SCHEMA!r}."
            )

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Hold one transaction that writes; on SQLite the only one. Raises ExchangeError where
        the database refuses: then nothing of it was written."""
        try:
            with (
                self.turn,
                self.engine.connect().execution_options(**{_WRITES: True}) as link,
                link.begin(),
            ):
                yield link
        except (DBAPIError, TimeoutError) as error:
            raise ExchangeError(f"The desk is unchanged: {_short(error)}.") from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Hold one transaction that reads one state of the desk. Raises ExchangeError where the
        database does not answer."""
        try:
            with self.engine.connect() as link, link.begin():
                yield link
        except (DBAPIError, TimeoutError) as error:
            raise ExchangeError(f"The desk cannot be read now: {_short(error)}.") from error

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def sqlite_url(path: Path) -> str:
    """Return the address of a SQLite file."""
    return f"sqlite:///{path}"


def _engine(url: str) -> Engine:
    """Return the engine of an address. Raises ExchangeError for one that is none."""
    try:
        if not url.startswith("sqlite"):
            return create_engine(url, pool_pre_ping=True, max_overflow=MOST_LINKS)
        engine = create_engine(
            url, poolclass=QueuePool, max_overflow=MOST_LINKS,
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        )  # fmt: skip
    except (SQLAlchemyError, NoSuchModuleError, ModuleNotFoundError, ValueError) as error:
        raise ExchangeError(
            "The desk's database address is none that works here: write sqlite:///FILE or "
            "postgresql+psycopg://USER@HOST/NAME (install comity[postgres])."
        ) from error

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # so that we say when a transaction begins
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(link: Connection) -> None:
        writes = link.get_execution_options().get(_WRITES)
        link.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _short(error: Exception) -> str:
    """Return what a database says, in one line, without the statement and its values."""
    said = str(getattr(error, "orig", None) or error).strip().splitlines()
    return said[0][:200] if said else type(error).__name__
