"""A log that only grows: a JSON object a line, with its number and the hash of the one before.

    {"number": 2, "previous": "9f8c…", ...}

One writer at a time appends, in one write that is on the disk before it counts. A line cut off by a
kill is closed by the next writer and skipped by every reader; no line is ever altered. The hashes
make it visible when somebody else alters, removes or reorders lines (but the last ones).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comity.errors import StoreError
from comity.storage import locked, refused, sync_folder

PATIENCE = 10.0  # seconds to wait for another writer
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Log:
    """What a log holds, oldest first, and in words what is wrong with it."""

    records: tuple[Data, ...]
    problems: tuple[str, ...] = ()


def read_log(path: Path) -> Log:
    """Return a log; one that does not exist yet is empty. Raises StoreError where it is not text.

    A last line without its end is one that is being written, or was cut off: it is passed over.
    """
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Log(())
    except OSError as error:
        raise StoreError(f"Cannot read {path}: {error.strerror or error}.") from error
    records: list[Data] = []
    problems: list[str] = []
    previous = ""
    for line in content.splitlines(keepends=True):
        record = _parse(line)
        if record is None:
            if line.endswith(b"\n"):
                problems.append(f"{path.name}: a line after number {_last(records)} was cut off")
            continue
        if record["previous"] != previous:
            problems.append(
                f"{path.name}: number {record['number']} does not follow number {_last(records)} "
                "as it stands: a line was altered or removed since"
            )
        records.append(record)
        previous = _sha256(line)
    return Log(tuple(records), tuple(problems))


def append(path: Path, make: Callable[[int, str], Data], patience: float = PATIENCE) -> Data:
    """Add what `make` gives for its number and the hash before it, and return it.

    Raises StoreError where the folder cannot be written, the disk is full, or another writer holds
    it for longer than `patience` seconds; the log is then as it was.
    """
    place = f"The history at {path.parent}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.parent / ".lock", patience):
            handle = os.open(path, _FLAGS, 0o600)
            try:
                record = _append(handle, make)
            finally:
                os.close(handle)
            with suppress(OSError):
                sync_folder(path.parent)
            return record
    except OSError as error:
        raise refused(place, error) from error


def _append(handle: int, make: Callable[[int, str], Data]) -> Data:
    """Write one line; a write that the disk refuses half-way is taken back. Raises OSError."""
    lines = _tail(handle)
    torn = bool(lines) and not lines[-1].endswith(b"\n")
    if torn:
        lines[-1] += b"\n"
    number, previous = 0, ""
    for line in lines:
        if (earlier := _parse(line)) is not None:
            number, previous = earlier["number"], _sha256(line)
    record = make(number + 1, previous)
    text = json.dumps(record, sort_keys=True, ensure_ascii=True, allow_nan=False)
    end = os.lseek(handle, 0, os.SEEK_END)
    content = (b"\n" if torn else b"") + text.encode("ascii") + b"\n"
    try:
        if os.write(handle, content) != len(content):
            raise OSError("only a part could be written")
        os.fsync(handle)
    except BaseException:
        with suppress(OSError):
            os.ftruncate(handle, end)
        raise
    return record


def _tail(handle: int) -> list[bytes]:
    """Return the last lines of a file, among them a whole record if there is one. Raises OSError"""
    size = os.lseek(handle, 0, os.SEEK_END)
    block = 1 << 16
    while True:
        start = max(0, size - block)
        os.lseek(handle, start, os.SEEK_SET)
        lines = _read_exactly(handle, size - start).splitlines(keepends=True)
        whole = lines if start == 0 else lines[1:]
        if start == 0 or any(_parse(line) is not None for line in whole):
            return whole
        block *= 4


def _read_exactly(handle: int, count: int) -> bytes:
    parts = []
    while count > 0 and (part := os.read(handle, count)):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _parse(line: bytes) -> dict[str, Any] | None:
    """Return the record of a line, None for one that is none, or was cut off."""
    if not line.endswith(b"\n"):
        return None
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not isinstance(record.get("number"), int):
        return None
    return record if isinstance(record.get("previous"), str) else None


def _sha256(line: bytes) -> str:
    return hashlib.sha256(line.rstrip(b"\n")).hexdigest()


def _last(records: list[Data]) -> int:
    return int(records[-1]["number"]) if records else 0
