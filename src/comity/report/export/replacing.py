"""A folder that is written whole or not at all: beside its place first, then under its name.

.NAME.RANDOM.part    what is being written; of a killed run, deleted by the next
.NAME.old            what was there, for the moment between two renamings; put back by the next
                     run where a kill came between them
.NAME.lock           held by the one writer at a time
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from comity.errors import ExportError
from comity.report.export.package import NAME
from comity.storage import locked, refused, sync_folder


@contextmanager
def new_folder(folder: Path, force: bool = False) -> Iterator[Path]:
    """Give a folder to write to; it becomes `folder` when the block ends without an error.

    What is at `folder` stays until then: nothing, an empty folder, or (with `force`) an export.
    Raises ExportError where something else is there, StoreError where it cannot be written, or
    where another Comity is writing to it.
    """
    folder = folder.absolute()
    parent, name = folder.parent, folder.name
    check_folder(folder, force)
    lock = parent / f".{name}.lock"
    try:
        with locked(lock, patience=0.0):
            try:
                yield from _written(folder, force)
            finally:
                with suppress(OSError):
                    lock.unlink()
    except OSError as error:
        raise refused(str(folder), error) from error


def _written(folder: Path, force: bool) -> Iterator[Path]:
    """Give the folder to write to, then put it in its place. Raises OSError."""
    _recover(folder)
    check_folder(folder, force)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.", suffix=".part"))
    mask = os.umask(0)
    os.umask(mask)
    fresh.chmod(0o777 & ~mask)
    try:
        yield fresh
        for path in fresh.rglob("*"):
            if path.is_dir():
                sync_folder(path)
        sync_folder(fresh)
        _take_place(fresh, folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def write_file(path: Path, content: bytes) -> None:
    """Write a file of a new folder, and its folder where it is not there; lasting when this
    returns. Raises OSError."""
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _old(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.old"


def _recover(folder: Path) -> None:
    """Put back what a kill left aside, and delete what it left unfinished."""
    old = _old(folder)
    if old.is_dir():
        if folder.exists():
            shutil.rmtree(old)
        else:
            old.rename(folder)
    for part in folder.parent.glob(f".{folder.name}.*.part"):
        shutil.rmtree(part, ignore_errors=True)


def check_folder(folder: Path, force: bool = False) -> None:
    """Raise ExportError where what is there must stay, or where there is no folder to put it in."""
    if not folder.absolute().parent.is_dir():
        raise ExportError(f"Cannot write {folder}: there is no folder {folder.absolute().parent}.")
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise ExportError(f"Cannot write {folder}: it is no folder. Name another.")
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    if not is_export(folder):
        raise ExportError(
            f"Cannot write {folder}: there is something in it that is no export of Comity's. "
            "Name another folder."
        )
    if not force:
        raise ExportError(
            f"Cannot write {folder}: there is an export in it. Name another folder, or replace it "
            "with --force."
        )


def is_export(folder: Path) -> bool:
    """Say whether a folder holds an export, by its description."""
    try:
        found = json.loads((folder / "datapackage.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("name") == NAME


def _take_place(fresh: Path, folder: Path) -> None:
    """Rename a finished folder to its place; what was there goes. Raises OSError."""
    old = _old(folder)
    if folder.exists():
        folder.rename(old)
    try:
        fresh.rename(folder)
    except BaseException:
        if old.exists():
            old.rename(folder)
        raise
    sync_folder(folder.parent)
    shutil.rmtree(old, ignore_errors=True)
