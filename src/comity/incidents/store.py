"""The user's evidence store: one Parquet file a list and a manifest that says what is valid.

    HOME/evidence/manifest.json      what the store holds; replaced in one step, the point of commit
    HOME/evidence/NAME.DIGEST.parquet   incidents, in the schema of `incident_schema`
    HOME/evidence/.lock              held by the one writer at a time

A table is written under a name of its own, then the manifest is replaced: a write that is
interrupted at any point leaves the old state. The publisher's files are read, never altered, and
not copied: their name, path and SHA-256 are recorded.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comity.errors import StoreError
from comity.incidents.model import READ_VERSIONS, SCHEMA_VERSION, ListRelease, incident_schema
from comity.incidents.releases import release_from_record, release_to_record
from comity.incidents.sources.result import ReadResult, RowProblem
from comity.provenance import sha256_of
from comity.storage import home as usual_home
from comity.storage import locked, refused, write_whole

if TYPE_CHECKING:
    import polars as pl

LIST_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
TABLE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\.[0-9a-f]{16}\.parquet")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One of the publisher's files as it was when it was read; no path where it was not kept."""

    name: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class StoredList:
    """One list of the store: its release, its table's file name, and what reading it met."""

    release: ListRelease
    table: str
    rows: int
    files: tuple[StoredFile, ...]
    aside: tuple[RowProblem, ...]
    flagged: tuple[RowProblem, ...]


def _folder(home: Path | None) -> Path:
    return (home or usual_home()) / "evidence"


def read_manifest(home: Path | None = None) -> dict[str, StoredList]:
    """Return the lists of the store by name; a store that does not exist yet is empty.

    Raises StoreError where the manifest cannot be read or is damaged.
    """
    path = _folder(home) / "manifest.json"
    try:
        content = path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(path, error) from error
    try:
        data = json.loads(content)
        if data["schema"] not in READ_VERSIONS:
            known = " and ".join(READ_VERSIONS)
            raise ValueError(f"schema {data['schema']!r}, this Comity reads {known}")
        return {name: _entry(name, record) for name, record in sorted(data["lists"].items())}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> StoreError:
    return StoreError(
        f"The manifest of the evidence store is damaged: {path} ({type(error).__name__}: {error}). "
        "Move it away and add your lists again with `comity evidence add`; what ships with "
        "Comity is not touched."
    )


def _entry(name: str, record: Mapping[str, Any]) -> StoredList:
    """Return one list of the manifest. Raises ValueError, KeyError or TypeError if damaged."""
    release = release_from_record(record["release"])
    table = record["table"]
    if release.list != name or not LIST_NAME.fullmatch(name) or not TABLE_NAME.fullmatch(table):
        raise ValueError(f"the entry {name!r} does not fit its table {table!r}")
    return StoredList(
        release,
        table,
        int(record["rows"]),
        tuple(StoredFile(**file) for file in record["files"]),
        tuple(RowProblem(**problem) for problem in record["aside"]),
        tuple(RowProblem(**problem) for problem in record["flagged"]),
    )


def add_list(
    result: ReadResult,
    files: Sequence[Path],
    home: Path | None = None,
    now: dt.datetime | None = None,
    kept: bool = True,
) -> StoredList:
    """Put a list that was read into the store, in place of an older release of it.

    `files` are the publisher's files, recorded by path and SHA-256 (of a folder, the release's),
    by name alone where they are not `kept` where they lie; `now` is the time recorded.
    Raises StoreError where the store is read-only, full, busy or damaged; it is then unchanged.
    """
    name = result.release.list
    if not LIST_NAME.fullmatch(name):
        raise StoreError(
            f"{name!r} cannot be the name of a list: use up to 64 lower-case letters, digits, "
            "full stops, hyphens and underscores, a letter or digit first."
        )
    recorded = tuple(
        StoredFile(
            f.name, str(f.resolve()) if kept else "",
            result.release.sha256 if f.is_dir() else sha256_of(f),
        )
        for f in files
    )  # fmt: skip
    stamp = (now or dt.datetime.now(dt.UTC)).replace(microsecond=0).isoformat()
    buffer = io.BytesIO()
    result.table.write_parquet(buffer, compression="zstd")
    content = buffer.getvalue()
    table = f"{name}.{hashlib.sha256(content).hexdigest()[:16]}.parquet"
    entry = StoredList(
        replace(result.release, added=stamp), table, result.table.height, recorded,
        result.aside, result.flagged,
    )  # fmt: skip
    folder = _folder(home)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / ".lock"):
            lists = read_manifest(home)
            write_whole(folder / table, content)
            _commit(folder, {**lists, name: entry})
    except OSError as error:
        raise refused(f"The evidence store at {folder}", error) from error
    return entry


def copy_open_lists(target: Path, home: Path | None = None) -> tuple[str, ...]:
    """Copy the lists of the store that may be passed on into another folder's store; return the
    names of those that stay behind. Raises StoreError where the store cannot be read or copied."""
    held = read_manifest(home)
    kept = {name: one for name, one in held.items() if one.release.redistributable}
    folder = _folder(target)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in kept.values():
            write_whole(folder / one.table, (_folder(home) / one.table).read_bytes())
        _commit(folder, kept)
    except OSError as error:
        raise refused(f"The copy of the evidence store at {folder}", error) from error
    return tuple(name for name in held if name not in kept)


def remove_list(name: str, home: Path | None = None) -> StoredList:
    """Take a list out of the store and return what it was. Raises StoreError."""
    folder = _folder(home)
    if name not in read_manifest(home):
        raise _not_added(name, home)
    try:
        with locked(folder / ".lock"):
            lists = read_manifest(home)
            if name not in lists:
                raise _not_added(name, home)
            gone = lists.pop(name)
            _commit(folder, lists)
    except OSError as error:
        raise refused(f"The evidence store at {folder}", error) from error
    return gone


def stored_table(entry: StoredList, home: Path | None = None) -> pl.DataFrame:
    """Return the incidents of a list of the store; a table that was written before there were
    descriptions has empty ones. Raises StoreError where they are damaged."""
    import polars as pl

    path = _folder(home) / entry.table
    again = f"Add the list again: `comity evidence add {entry.release.list} FILE`."
    try:
        table = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise StoreError(f"Cannot read {path}: {error}. {again}") from error
    if "description" not in table.columns:
        table = table.with_columns(pl.lit("").alias("description"))
        if set(table.columns) == set(incident_schema()):
            table = table.select(*incident_schema())
    if dict(table.schema) != incident_schema() or table.height != entry.rows:
        raise StoreError(f"{path} is not what the manifest says. {again}")
    return table


def _not_added(name: str, home: Path | None) -> StoreError:
    added = ", ".join(read_manifest(home)) or "none"
    return StoreError(
        f"There is no list {name!r} among those you added ({added}). What ships with Comity "
        "stays; leave it out of a verdict with `--list`."
    )


def _commit(folder: Path, lists: Mapping[str, StoredList]) -> None:
    """Replace the manifest, then delete the tables that it no longer names. Raises OSError."""
    data = {
        "schema": SCHEMA_VERSION,
        "lists": {
            name: {**asdict(entry), "release": release_to_record(entry.release)}
            for name, entry in sorted(lists.items())
        },
    }
    text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    write_whole(folder / "manifest.json", text.encode())
    named = {entry.table for entry in lists.values()}
    for path in folder.iterdir():
        if path.name not in named and (TABLE_NAME.fullmatch(path.name) or path.suffix == ".part"):
            with suppress(OSError):
                path.unlink()
