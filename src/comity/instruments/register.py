"""Loads the register of instruments, or says everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from comity.dates import UNKNOWN, ImpreciseDate, parse_date
from comity.errors import RegisterError
from comity.instruments.model import (
    Account,
    Commits,
    Forum,
    Instrument,
    Link,
    Norm,
    PartyStatus,
    Provision,
    Register,
    Role,
    Standing,
    Status,
    Track,
)
from comity.instruments.tables import Tables, read_tables
from comity.tables import NO_END, addresses


def load_register(path: Path | None = None) -> Register:
    """Return the register of a folder of tables; without `path`, the one that ships.

    Raises RegisterError listing every problem of every table.
    """
    return _shipped() if path is None else _load(path)


def check_register(path: Path | None = None) -> tuple[str, ...]:
    """Return every problem as "file:line: message; what would be right"; none where it is sound."""
    return read_tables(path)[1]


@lru_cache(maxsize=1)
def _shipped() -> Register:
    return _load(None)


def _load(path: Path | None) -> Register:
    tables, problems = read_tables(path)
    if problems:
        where = "The register" if path is None else f"The register in {path}"
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise RegisterError(f"{where} has {count}:\n" + "\n".join(problems), problems)
    return _build(tables)


def _build(tables: Tables) -> Register:
    """Return the records of tables that have no problem."""
    instruments = [_instrument(r.cells) for r in tables["instruments.tsv"]]
    norms = [_norm(r.cells) for r in tables["norms.tsv"]]
    joined = [_party(r.cells) for r in tables["parties.tsv"]]
    return Register(
        instruments={i.id: i for i in instruments},
        norms={n.id: n for n in norms},
        provisions=tuple(_provision(r.cells) for r in tables["provisions.tsv"]),
        parties=tuple(p for p in joined if p.role is Role.PARTY),
        links=tuple(_link(r.cells) for r in tables["links.tsv"]),
        tracks=tuple(_track(r.cells) for r in tables["tracks.tsv"] if r.cells["instrument"]),
        accounts=tuple(_account(r.cells) for r in tables["accounts.tsv"]),
        not_bound=tuple(p for p in joined if p.role is not Role.PARTY),
    )


def _instrument(c: Mapping[str, str]) -> Instrument:
    return Instrument(
        c["id"], c["title"], parse_date(c["date"]), Forum(c["forum"]), c["body"],
        Standing(c["standing"]), c["standing_reason"], addresses(c["sources"]), Status(c["status"]),
    )  # fmt: skip


def _norm(c: Mapping[str, str]) -> Norm:
    return Norm(
        c["id"], c["family"], c["kind"], c["title"], c["gloss"], c["breach"], c["keeping"],
        addresses(c["sources"]), Status(c["status"]),
    )  # fmt: skip


def _provision(c: Mapping[str, str]) -> Provision:
    return Provision(
        c["instrument"], c["place"], c["norm"], c["strength"], Commits(c["commits"]), c["gloss"],
        addresses(c["sources"]), Status(c["status"]),
    )  # fmt: skip


def _party(c: Mapping[str, str]) -> PartyStatus:
    return PartyStatus(
        c["instrument"], c["party"], Role(c["role"]), parse_date(c["since"]), _end(c["until"]),
        addresses(c["sources"]), Status(c["status"]),
    )  # fmt: skip


def _link(c: Mapping[str, str]) -> Link:
    return Link(
        c["source"],
        c["kind"],
        c["target"],
        c["note"],
        addresses(c["sources"]),
        Status(c["status"]),
    )


def _track(c: Mapping[str, str]) -> Track:
    return Track(
        c["id"], c["instrument"], c["name"], c["kind"], parse_date(c["since"]), _end(c["until"]),
        c["state"], addresses(c["sources"]), Status(c["status"]),
    )  # fmt: skip


def _account(c: Mapping[str, str]) -> Account:
    date = parse_date(c["date"]) if c["date"] else UNKNOWN
    return Account(
        c["instrument"],
        c["topic"],
        c["party"],
        date,
        c["says"],
        addresses(c["sources"]),
        Status(c["status"]),
    )


def _end(text: str) -> ImpreciseDate | None:
    return None if text in NO_END else parse_date(text)
