"""Fetch the files of a release into the user's folder: once, whole, checked, or not at all.

HOME/downloads/LIST/RELEASE/FILE              as the publisher has it, never altered
HOME/downloads/LIST/RELEASE/FILE.fetched.json where from, when, its SHA-256
HOME/downloads/LIST/RELEASE/FILE.part         what came of a download that stopped
HOME/downloads/LIST/RELEASE/FILE.wrong        what came and had another checksum; never used
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from comity.errors import FetchError
from comity.incidents.fetching.addresses import plain
from comity.incidents.fetching.download import Limits, Progress, discard, download
from comity.incidents.fetching.releases import LATEST, ReleaseFile
from comity.provenance import sha256_of
from comity.storage import home as usual_home
from comity.storage import locked, refused, sync_folder, write_whole


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file of a release at hand.

    `sha256` is of the file as it is; `checked` says whether it was compared with one that was
    known before. `cached` says that it was here already, `resumed` at which byte it went on.
    """

    path: Path
    sha256: str
    size: int
    checked: bool
    cached: bool
    resumed: int = 0


@dataclass(frozen=True, slots=True)
class _Receipt:
    """What was fetched when from where, beside the file."""

    list: str
    release: str
    address: str
    sha256: str
    size: int
    etag: str
    fetched: str
    licence: str


def download_folder(one: ReleaseFile, home: Path | None = None) -> Path:
    """Return the folder of a release's files; it need not exist."""
    release = re.sub(r"[^a-z0-9.-]+", "-", one.release.lower()).strip("-.") or "release"
    return (home or usual_home()) / "downloads" / one.list / release[:64]


def fetch(
    files: Sequence[ReleaseFile],
    home: Path | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
    now: dt.datetime | None = None,
) -> tuple[Fetched, ...]:
    """Bring every file of a release that is not here yet and return them all, in order.

    `progress` is called with bytes so far and in all of the file under way; `now` is the time
    recorded. Raises FetchError where a file is not to be had or has another checksum than is
    known, StoreError where the folder cannot be written. Files that came before stay.
    """
    stamp = (now or dt.datetime.now(dt.UTC)).replace(microsecond=0).isoformat()
    found = []
    for one in files:
        folder = download_folder(one, home)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with locked(folder / ".lock"):
                found.append(_fetch(one, folder / one.file, limits, progress, stamp))
        except OSError as error:
            raise refused(f"The folder of downloads at {folder}", error) from error
    return tuple(found)


def _fetch(
    one: ReleaseFile, path: Path, limits: Limits | None, progress: Progress | None, stamp: str
) -> Fetched:
    """Return one file, fetched where it is not here. Raises FetchError, StoreError, OSError."""
    receipt = _receipt(path)
    here = sha256_of(path) if path.is_file() else ""
    if here and here == one.sha256:
        return _at_hand(path, here, checked=True)
    known = receipt if receipt and here == receipt.sha256 and not one.sha256 else None
    if known and known.address == one.address and one.release != LATEST:
        return _at_hand(path, here, checked=False)
    same = known.etag if known and known.address == one.address else ""
    got = download(one.address, path, limits, progress, same)
    if got.unchanged:
        return _at_hand(path, here, checked=False)
    digest = sha256_of(got.part)
    if one.sha256 and digest != one.sha256:
        raise _wrong(one, got.part, path, digest)
    got.part.replace(path)
    sync_folder(path.parent)
    discard(got.part)
    written = _Receipt(
        one.list, one.release, one.address, digest, got.size, got.etag, stamp, one.licence
    )
    write_whole(_beside(path), (json.dumps(asdict(written), indent=1) + "\n").encode())
    return Fetched(path, digest, got.size, bool(one.sha256), False, got.resumed)


def _at_hand(path: Path, digest: str, checked: bool) -> Fetched:
    return Fetched(path, digest, path.stat().st_size, checked, cached=True)


def _wrong(one: ReleaseFile, part: Path, path: Path, digest: str) -> FetchError:
    """Put a file with another checksum out of the way and return the error that says so."""
    aside = path.with_name(f"{path.name}.wrong")
    part.replace(aside)
    discard(part)
    return FetchError(
        f"What came from {plain(one.address)} is not the file that is known: its SHA-256 is "
        f"{digest}, expected was {one.sha256}. The publisher replaced it, or something on the way "
        f"altered it. It is not used; it is kept for a look as {aside}."
    )


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.fetched.json")


def _receipt(path: Path) -> _Receipt | None:
    """Return what is recorded of a file, None where nothing usable is."""
    with suppress(OSError, ValueError, TypeError):
        return _Receipt(**json.loads(_beside(path).read_text("utf-8")))
    return None
