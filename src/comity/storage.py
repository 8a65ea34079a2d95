"""The user's own folder: where it is, one writer at a time, files written whole or not at all."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from comity.errors import StoreError

PATIENCE = 30.0  # seconds to wait for another writer


def home() -> Path:
    """Return the user's data directory for Comity: `COMITY_HOME`, or else the platform's own.

    That is `~/Library/Application Support/comity` on macOS, `%LOCALAPPDATA%\\comity` on Windows,
    and `$XDG_DATA_HOME/comity` (`~/.local/share/comity`) elsewhere. It need not exist.
    """
    if chosen := os.environ.get("COMITY_HOME", "").strip():
        return Path(chosen).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "comity"
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", "")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "comity"
    shared = os.environ.get("XDG_DATA_HOME", "")
    base = Path(shared) if shared.startswith("/") else Path.home() / ".local" / "share"
    return base / "comity"


def write_whole(path: Path, content: bytes, private: bool = True) -> None:
    """Replace a file in one step; on any failure the old file stays. Raises OSError.

    `private` lets only its owner read it; else it has the permissions of any new file.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if not private:
            mask = os.umask(0)
            os.umask(mask)
            Path(name).chmod(0o666 & ~mask)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a folder's names as lasting as its files, where one may read it. Raises OSError."""
    if os.name != "posix":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def refused(place: str, error: OSError) -> StoreError:
    """Return the error for a place that could not be written; its old state is unchanged."""
    full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
    why = "the disk is full" if full else f"it cannot be written ({error.strerror or error})"
    advice = "Free some space" if full else "Make the folder writable"
    return StoreError(
        f"{place} is unchanged: {why}. {advice}, or set COMITY_HOME to another folder."
    )


@contextmanager
def locked(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock file at `path`; a lock left behind by a killed process does not count.

    Raises StoreError where another writer holds it for longer than `patience` seconds, OSError
    where the file cannot be opened.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        until = time.monotonic() + patience
        while not _take(handle):
            if time.monotonic() >= until:
                raise StoreError(
                    f"Another Comity is writing to {path.parent}. Nothing was changed; try again "
                    "when it has finished."
                )
            time.sleep(0.02)
        try:
            yield
        finally:
            _release(handle)
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _release(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
