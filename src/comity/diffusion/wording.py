"""Reads how instruments word a clause: a table of features, and a short file that explains them.

`data/diffusion/wording/NAME.tsv` has a row an instrument: instrument, date (EDTF), one column a
feature, then note, sources and status. `NAME.toml` says what the clause is, which features count
for descent and why the others do not. `unknown` in a feature's cell means that it could not be
read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from comity.dates import parse_date
from comity.diffusion.model import Clause, Variant
from comity.errors import LineageError, RegisterError
from comity.tables import (
    Row,
    addresses,
    date_problems,
    read_table,
    source_problems,
    text_problems,
)

FOLDER = "data/diffusion/wording"
FIRST, LAST = ("instrument", "date"), ("note", "sources", "status")
UNKNOWN_VALUE = "unknown"
Found = list[tuple[int, str]]
Files = Mapping[str, bytes]


def clause_names(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the clauses whose variants are on record."""
    return tuple(sorted(_files(folder)))


def load_clause(name: str, folder: Path | None = None) -> Clause:
    """Return a clause with its variants in order of date.

    Raises LineageError where there is no such clause, RegisterError listing every problem of its
    files.
    """
    return _shipped(name) if folder is None else _load(name, folder)


def check_wording(instruments: Collection[str], folder: Path | None = None) -> tuple[str, ...]:
    """Return every problem of every clause as "file:line: message"; none where all is sound.

    `instruments` are the ids of the register, which the tables may name.
    """
    problems: list[str] = []
    for name, files in sorted(_files(folder).items()):
        problems += _read(name, files, instruments)[1]
    return tuple(problems)


@lru_cache(maxsize=8)
def _shipped(name: str) -> Clause:
    return _load(name, None)


def _load(name: str, folder: Path | None) -> Clause:
    files = _files(folder)
    if name not in files:
        known = ", ".join(sorted(files)) or "none"
        raise LineageError(f"No clause {name!r} is on record; known are: {known}.")
    clause, problems = _read(name, files[name])
    if clause is None or problems:
        listed = "\n".join(problems)
        raise RegisterError(f"The wording of {name} has problems:\n{listed}", tuple(problems))
    return clause


def _files(folder: Path | None) -> dict[str, dict[str, bytes]]:
    """Return both files of each clause, by name and ending."""
    place = resources.files("comity").joinpath(FOLDER) if folder is None else folder
    files: dict[str, dict[str, bytes]] = {}
    for file in place.iterdir():
        stem, dot, ending = file.name.rpartition(".")
        if f"{dot}{ending}" in (".tsv", ".toml"):
            files.setdefault(stem, {})[f"{dot}{ending}"] = file.read_bytes()
    return files


def _read(
    name: str, files: Files, instruments: Collection[str] | None = None
) -> tuple[Clause | None, list[str]]:
    """Return a clause, None where nothing of it can be read, and every problem."""
    for ending in (".toml", ".tsv"):
        if ending not in files:
            return None, [f"{name}{ending}:1: there is no such file; a clause needs both"]
    try:
        about = tomllib.loads(files[".toml"].decode("utf-8"))
    except ValueError as error:
        return None, [f"{name}.toml:1: not TOML: {error}"]
    problems = [f"{name}.toml:1: {p}" for p in _about_problems(about)]
    if problems:
        return None, problems
    variants, found = _variants(files[".tsv"], about, instruments)
    problems += [f"{name}.tsv:{line}: {message}" for line, message in found]
    clause = Clause(
        name, about["title"], about["norm"], about["counted"], about["uncounted"],
        about.get("codes", {}), tuple(sorted(variants, key=_by_date)),
    )  # fmt: skip
    return clause, problems


def _by_date(variant: Variant) -> tuple[str, str, str]:
    earliest, latest = variant.date.earliest, variant.date.latest
    return str(earliest), str(latest), variant.instrument


def _about_problems(about: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the file that explains a clause."""
    for key in ("title", "norm"):
        if not isinstance(about.get(key), str) or not about[key].strip():
            yield f"{key} is missing; it must be a text"
    for key in ("counted", "uncounted"):
        table = about.get(key)
        if not isinstance(table, dict) or not all(isinstance(v, str) for v in table.values()):
            yield f"[{key}] must be a table of features, each with what it means as a text"
    codes = about.get("codes", {})
    if not isinstance(codes, dict) or not all(
        isinstance(table, dict) and all(isinstance(v, str) for v in table.values())
        for table in codes.values()
    ):
        yield "[codes.FEATURE] must map a value to the coded value it stands for"
    elif isinstance(about.get("counted"), dict):
        for feature in sorted(set(codes) - set(about["counted"])):
            yield f"[codes.{feature}] is for no counted feature"


def _variants(
    raw: bytes, about: Mapping[str, Any], instruments: Collection[str] | None
) -> tuple[list[Variant], Found]:
    """Return the variants of a table, and (line, message) of every problem."""
    header = tuple(_header(raw))
    if header[:2] != FIRST or header[-3:] != LAST or len(header) < 6:
        needed = f"{', '.join(FIRST)}, one column a feature, {', '.join(LAST)}"
        return [], [(1, f"the header must be {needed}, with a tab between")]
    features = list(header[2:-3])
    rows, problems = read_table(raw, header)
    problems += list(_header_problems(features, about))
    variants: list[Variant] = []
    first: dict[str, int] = {}
    for row in rows:
        wrong = list(_row_problems(row, instruments))
        earlier = first.setdefault(row.cells["instrument"], row.line)
        if earlier != row.line:
            wrong.append(f"same instrument as line {earlier}; each may occur once")
        problems += [(row.line, message) for message in wrong]
        if not wrong:
            variants.append(_variant(row.cells, features))
    return variants, sorted(problems)


def _header(raw: bytes) -> list[str]:
    """Return the columns of a table; lines that begin with # are notes."""
    lines = raw.decode("utf-8", errors="replace").removeprefix("\ufeff").splitlines()
    return next((line for line in lines if not line.startswith("#")), "").split("\t")


def _header_problems(features: list[str], about: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Yield features that the table and its explanation do not share."""
    explained = {*about["counted"], *about["uncounted"]}
    for name in features:
        if name not in explained:
            yield 1, f"feature {name!r} is not explained; put it in [counted] or [uncounted]"
    for name in sorted(explained - set(features)):
        yield 1, f"no column {name!r}, which the explanation names"
    for name in sorted(set(about["counted"]) & set(about["uncounted"])):
        yield 1, f"feature {name!r} is both counted and uncounted; it must be one of them"
    if len(set(features)) < len(features):
        yield 1, "a feature has two columns; each may have one"


def _row_problems(row: Row, instruments: Collection[str] | None) -> Iterator[str]:
    """Yield what is wrong with one row; without `instruments` any may be named."""
    yield from text_problems(row.cells, frozenset({"note"}))
    yield from date_problems("date", row.cells["date"])
    yield from source_problems(row.cells)
    instrument = row.cells["instrument"]
    if instruments is not None and instrument not in instruments:
        yield f"instrument {instrument!r} is not in instruments.tsv; add it there first"


def _variant(row: Mapping[str, str], features: list[str]) -> Variant:
    known = {f: row[f] for f in features if row[f] != UNKNOWN_VALUE}
    return Variant(
        row["instrument"], parse_date(row["date"]), known, row["note"],
        addresses(row["sources"]), row["status"],
    )  # fmt: skip
