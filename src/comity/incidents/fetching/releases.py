"""The releases that can be fetched by name: where each is, its licence, how well that is known."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from comity.errors import FetchError
from comity.incidents.fetching.addresses import check_address, file_name, plain
from comity.incidents.shipped import folder
from comity.incidents.store import LIST_NAME
from comity.provenance import is_web_address
from comity.tables import STATUSES, read_table, text_problems

COLUMNS = (
    "list", "release", "file", "address", "sha256", "licence", "allows", "reader", "page",
    "status", "note",
)  # fmt: skip
MAY_BE_EMPTY = frozenset({"file", "address", "sha256", "reader", "note"})
SHA256 = re.compile(r"[0-9a-f]{64}")
FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,79}")
LATEST = "latest"  # the release of an address whose content moves on
UNKNOWN_LICENCE = "not known"


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """One file of a release.

    `address` is empty where there is no public download (`note` says how to get it by hand),
    `sha256` where no checksum is known, `reader` where `comity evidence add` reads no such file.
    `page` is where the address was read; `status` is how well it is known (see `tables.STATUSES`).
    """

    list: str
    release: str
    file: str
    address: str
    sha256: str
    licence: str
    allows: str
    reader: str
    page: str
    status: str
    note: str


def releases_file() -> Path:
    """Return the path of the table of releases."""
    return folder() / "releases.tsv"


@lru_cache(maxsize=1)
def known_files() -> tuple[ReleaseFile, ...]:
    """Return every file of the table, in its order. Raises FetchError where it is damaged."""
    path = releases_file()
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise FetchError(f"Cannot read {path.name}: {error}. Install Comity again.") from error
    found, problems = read_releases(raw)
    if problems:
        line, why = problems[0]
        raise FetchError(f"{path.name}, line {line}: {why}. Install Comity again.")
    return found


def read_releases(raw: bytes) -> tuple[tuple[ReleaseFile, ...], list[tuple[int, str]]]:
    """Return the files of a table of releases, and (line, message) of every problem."""
    rows, problems = read_table(raw, COLUMNS)
    for row in rows:
        cells = row.cells
        problems += [(row.line, why) for why in text_problems(cells, MAY_BE_EMPTY)]
        problems += [(row.line, why) for why in _problems(ReleaseFile(**cells))]
    return tuple(ReleaseFile(**row.cells) for row in rows), sorted(problems)


def _problems(one: ReleaseFile) -> Iterable[str]:
    """Yield what is wrong with a row."""
    if not LIST_NAME.fullmatch(one.list):
        yield f"list {one.list!r} cannot be the name of a list"
    if one.address:
        try:
            if check_address(one.address).scheme != "https":
                yield f"address {one.address!r} must begin with https://"
        except FetchError as error:
            yield f"address: {error}"
        if not FILE.fullmatch(one.file):
            yield f"file {one.file!r} must be letters, digits and ._- and be given for an address"
    elif not one.note:
        yield "note is empty; without an address it must say how to get the release by hand"
    if one.sha256 and not SHA256.fullmatch(one.sha256):
        yield f"sha256 {one.sha256!r} must be 64 digits and letters a to f"
    if one.status not in STATUSES:
        yield f"status is {one.status!r}; it must be one of {', '.join(STATUSES)}"
    if not (is_web_address(one.page) and one.page.startswith("https://")):
        yield f"page {one.page!r} must be the https address where this was read"


def choose(name: str, release: str = "", address: str = "", sha256: str = "") -> tuple[
    ReleaseFile, ...
]:  # fmt: skip
    """Return the files to fetch for a list: of one release, or the one at the user's own address.

    Without `release` it is the first of the list. `sha256` is what the user expects of the one
    file. Raises FetchError where there is no address, and says how to get it by hand.
    """
    digest = sha256.strip().lower()
    if digest and not SHA256.fullmatch(digest):
        raise FetchError("--sha256 takes 64 digits and letters a to f.")
    files = [f for f in known_files() if f.list == name]
    if release:
        files = _of_release(name, release, files, bool(address))
    if address:
        files = [_own(name, release, address, files)]
    elif not files:
        raise FetchError(_no_list(name))
    else:
        files = _with_address(files)
    if digest and len(files) != 1:
        names = ", ".join(f.file for f in files)
        raise FetchError(f"--sha256 is for one file; this release has {len(files)}: {names}.")
    return tuple(replace(f, sha256=digest or f.sha256) for f in files)


def check_reader(files: Sequence[ReleaseFile]) -> None:
    """Raise FetchError where the files, once fetched, could not be added as they are."""
    from comity.incidents.add import READERS

    one = files[0]
    if one.reader in READERS:
        return
    why = f"Comity has no reader for {one.file} of {one.list}"
    note = f" ({one.note})" if one.note else ""
    raise FetchError(
        f"Nothing was fetched: {why}{note}. Leave out --add. A table can be added with a mapping: "
        f"`comity evidence add {one.list} FILE --mapping M.toml`."
    )


def _of_release(name: str, release: str, files: list[ReleaseFile], own: bool) -> list[ReleaseFile]:
    """Return the files of one release, none for an unknown one at the user's own address."""
    chosen = [f for f in files if f.release.casefold() == release.casefold()]
    if chosen or own or not files:
        return chosen
    known = ", ".join(dict.fromkeys(repr(f.release) for f in files))
    raise FetchError(f"There is no release {plain(release)!r} of {name}. Known: {known}.")


def _with_address(files: list[ReleaseFile]) -> list[ReleaseFile]:
    """Return the files of the first release. Raises FetchError where it has no address."""
    one = files[0]
    if one.address:
        return [f for f in files if f.release == one.release]
    check = f" Its SHA-256 is {one.sha256}." if one.sha256 else ""
    others = dict.fromkeys(repr(f.release) for f in files if f.address)
    other = f" Or fetch --release {', '.join(others)}." if others else ""
    raise FetchError(
        f"{one.list} ({one.release}) has no public download to fetch: {one.note}. See {one.page}."
        f"{check} Then: `comity evidence add {one.reader or one.list} FILE`. With the address of a "
        f"copy: --from.{other}"
    )


def _own(name: str, release: str, address: str, files: list[ReleaseFile]) -> ReleaseFile:
    """Return the file at the user's own address: as the table describes it where it does."""
    check_address(address)
    if not LIST_NAME.fullmatch(name):
        raise FetchError(
            f"{plain(name)!r} cannot be the name of a list: use small letters, digits, full stops, "
            "hyphens and underscores, a letter or digit first."
        )
    named = file_name(address)
    same = [f for f in files if f.file == named]
    first = [f for f in files if f.release == files[0].release]
    if same or len(first) == 1:
        known = (same or first)[0]
        return replace(known, address=address, file=known.file or named, status="unverified")
    if first:
        return replace(
            first[0], address=address, file=named, sha256="", status="unverified", note=""
        )
    return ReleaseFile(
        name, release or "own address", named, address, "", UNKNOWN_LICENCE,
        "ask the publisher what it allows", name, address, "unverified", "",
    )  # fmt: skip


def _no_list(name: str) -> str:
    known = list(dict.fromkeys(f.list for f in known_files()))
    near = difflib.get_close_matches(name, known, 1)
    meant = f" Did you mean {near[0]}?" if near else ""
    return (
        f"No release of {plain(name)!r} is known.{meant} Known: {', '.join(known)}. Any other list "
        "needs its address: --from https://HOST/FILE."
    )
