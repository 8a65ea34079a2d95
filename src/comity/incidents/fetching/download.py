"""One file over an unreliable line: goes on where it stopped, within limits, or fails clearly.

What came is kept in FILE.part, with FILE.part.json beside it saying of which address and version.
It is gone on with (Range, If-Range) only where the server named the version with a strong ETag
(RFC 9110, sections 8.8.3 and 13.1.5); a server that sends the whole file begins again cleanly.
"""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import ssl
import time
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from comity.errors import FetchError, StoreError
from comity.incidents.fetching.addresses import plain
from comity.incidents.fetching.asking import Answer, Patience, ask
from comity.storage import refused, write_whole

Progress = Callable[[int, int | None], None]
MEGABYTE = 1_000_000
BLOCK = 1 << 16
AGAIN = (408, 429, 500, 502, 503, 504)
MOST_TRIES = 50  # even where each brings something
CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a download may take: bytes, seconds to wait, tries in a row that bring nothing.

    `waits` are the seconds before each further try; `least` the bytes that must come within
    `patience.stall` seconds. `sleep` and `clock` are the system's.
    """

    size: int = 500 * MEGABYTE
    patience: Patience = field(default_factory=Patience)
    waits: tuple[float, ...] = (1, 2, 4, 8)
    least: int = 1024
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Download:
    """How a download went: the part's path, bytes, ETag, where it went on from, or unchanged."""

    part: Path
    size: int
    etag: str
    resumed: int
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class _Version:
    """Of which file a part is: its address, its ETag, its length (None where not said)."""

    address: str
    etag: str
    total: int | None


class _PassingError(Exception):
    """Something that another try may mend; `seconds` is a wait that the server asked for."""

    def __init__(self, why: str, seconds: float = 0.0) -> None:
        super().__init__(why)
        self.seconds = seconds


def download(
    address: str, path: Path, limits: Limits | None = None, progress: Progress | None = None,
    etag: str = "",
) -> Download:  # fmt: skip
    """Bring the file at an address to `path` + ".part" and return how that went.

    With `etag`, of a copy at hand, nothing is brought where the server says that it is current.
    `progress` is called with the bytes so far and in all. Raises FetchError where the file is not
    to be had, StoreError where it cannot be written; what came is kept in the part.
    """
    limits = limits or Limits()
    part = path.with_name(f"{path.name}.part")
    report = progress or (lambda done, total: None)
    idle, best = 0, _size(part)
    for _ in range(MOST_TRIES):
        try:
            return _try(address, part, limits, report, etag)
        except _PassingError as error:
            came = _size(part)
            idle, best = (0, came) if came > best else (idle + 1, best)
            if idle > len(limits.waits):
                raise FetchError(_given_up(address, str(error), came)) from error
            limits.sleep(max(limits.waits[max(idle - 1, 0)] if limits.waits else 0, error.seconds))
    raise FetchError(_given_up(address, "the connection was lost too often", _size(part)))


def discard(part: Path) -> None:
    """Delete a part and what is known of it."""
    for path in (part, _beside(part)):
        with suppress(OSError):
            path.unlink()


def _try(address: str, part: Path, limits: Limits, report: Progress, etag: str) -> Download:
    """Ask once and take what comes. Raises FetchError, StoreError, _PassingError."""
    known = _version(part, address)
    start = _size(part) if known else 0
    if known and known.total is not None and start == known.total:
        return Download(part, start, known.etag, start)
    headers = {"If-None-Match": etag} if etag else {}
    if known and start:
        headers = {"Range": f"bytes={start}-", "If-Range": known.etag}
    with _network(address):
        answer = ask(address, limits.patience, headers)
    with closing(answer.body):
        if answer.status == 304 and etag:
            return Download(part, 0, etag, 0, unchanged=True)
        _check_status(answer, part)
        goes_on = answer.status == 206
        total = _goes_on(answer, part, known, start) if goes_on else _length(answer)
        start = start if goes_on else 0
        _check_size(part, start, total, limits)
        etag = known.etag if known and start else answer.header("ETag")
        with _writing(part):
            if not start:
                discard(part)
            version = _Version(address, _strong(etag), total)
            write_whole(_beside(part), json.dumps(asdict(version)).encode())
            with part.open("ab" if start else "wb") as stream:
                size = _receive(answer, stream, start, total, limits, report)
    if size > limits.size:
        discard(part)
        raise FetchError(_too_large(size, limits))
    if total is not None and size < total:
        raise _PassingError(f"the connection ended after {size:,} of {total:,} bytes")
    return Download(part, size, etag, start)


def _receive(
    answer: Answer, stream: IO[bytes], start: int, total: int | None, limits: Limits,
    report: Progress,
) -> int:  # fmt: skip
    """Write what comes and return the bytes in all, one block over the limit at most."""
    size, since, then = start, limits.clock(), start
    report(size, total)
    while size <= limits.size and (total is None or size < total):
        with _network(answer.address):
            block = answer.body.read1(BLOCK if total is None else min(BLOCK, total - size))
        if not block:
            break
        stream.write(block)
        size += len(block)
        report(size, total)
        now = limits.clock()
        if now - since >= limits.patience.stall:
            if size - then < limits.least and size != total:
                raise _PassingError(f"it is too slow: {size - then} bytes in {now - since:.0f} s")
            since, then = now, size
    return size


def _check_status(answer: Answer, part: Path) -> None:
    """Raise FetchError for an answer that holds no file, _PassingError where a later try may."""
    status, shown = answer.status, plain(answer.address)
    if status == 416:
        discard(part)
        raise _PassingError("the server has another file than the one that was begun")
    if status in AGAIN:
        asked = answer.header("Retry-After")
        raise _PassingError(
            f"the server says {status} {http.client.responses.get(status, '')}".strip(),
            min(float(asked), 60.0) if asked.isascii() and asked.isdigit() else 0.0,
        )
    if status in (404, 410):
        raise FetchError(
            f"There is no file at {shown} ({status}): the publisher moved or withdrew it. Look on "
            "the publisher's page, and give its new address with --from."
        )
    if status in (401, 403, 451):
        raise FetchError(
            f"{shown} may not be fetched without the publisher's leave ({status}). Save it with a "
            "browser, then use `comity evidence add`."
        )
    if status not in (200, 206):
        raise FetchError(f"{shown} answered {status}, which is no file. Nothing was kept.")
    if answer.header("Content-Encoding").lower() not in ("", "identity"):
        raise FetchError(f"{shown} sent the file packed, unasked, so it cannot be checked.")


def _goes_on(answer: Answer, part: Path, known: _Version | None, start: int) -> int:
    """Return the length in all of a file that goes on where the part ends.

    Raises _PassingError, with the part gone, where what comes does not fit it.
    """
    match = CONTENT_RANGE.fullmatch(answer.header("Content-Range"))
    etag = answer.header("ETag")
    fits = (
        known is not None
        and match is not None
        and int(match[1]) == start
        and int(match[2]) + 1 == int(match[3])
        and known.total in (None, int(match[3]))
        and etag in ("", known.etag)
    )
    if match is None or not fits:
        discard(part)
        raise _PassingError("the server went on with another file than the one that was begun")
    return int(match[3])


def _length(answer: Answer) -> int | None:
    """Return the length that the server says, None where it does not or where that is no number."""
    said = answer.header("Content-Length")
    chunked = answer.header("Transfer-Encoding")
    return int(said) if said.isascii() and said.isdigit() and not chunked else None


def _check_size(part: Path, start: int, total: int | None, limits: Limits) -> None:
    """Raise FetchError for a file over the limit, StoreError for one the disk has no room for."""
    if total is None:
        return
    if total > limits.size:
        discard(part)
        raise FetchError(_too_large(total, limits))
    free = shutil.disk_usage(part.parent).free
    if total - start > free:
        raise StoreError(
            f"The file needs {total - start:,} bytes more and the disk has {free:,} free. Free "
            "some space, or set COMITY_HOME to another folder."
        )


def _too_large(size: int, limits: Limits) -> str:
    return (
        f"The file has {size:,} bytes or more; the limit is {limits.size:,}. Nothing was kept. If "
        "it is what you want, raise the limit with --max-size."
    )


@contextmanager
def _network(address: str) -> Iterator[None]:
    """Turn what a connection can fail with into FetchError (no use in trying) or _PassingError."""
    host = plain(urlsplit(address).hostname or "")
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        inner = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(inner, socket.gaierror):
            raise FetchError(
                f"Cannot find {host}: this machine is offline, or there is no such host. What "
                "came so far is kept."
            ) from error
        if isinstance(inner, ssl.SSLCertVerificationError):
            raise FetchError(
                f"{host} does not prove that it is {host}: {inner.verify_message}. Nothing is "
                "fetched from it."
            ) from error
        if isinstance(inner, TimeoutError):
            raise _PassingError("nothing came for too long") from error
        raise _PassingError(f"the connection failed ({_said(inner)})") from error


def _said(error: object) -> str:
    """Return what an error says, on one line."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return plain(text)


@contextmanager
def _writing(part: Path) -> Iterator[None]:
    """Turn a failure to write into StoreError; what was written before stays."""
    try:
        yield
    except OSError as error:
        raise refused(f"What was fetched so far ({part})", error) from error


def _given_up(address: str, why: str, came: int) -> str:
    kept = f" {came:,} bytes are kept: the same command goes on from there." if came else ""
    return (
        f"Gave up on {plain(address)}: {why}.{kept} Try again later, or give another address with "
        "--from."
    )


def _strong(etag: str) -> str:
    """Return an ETag that names one exact file, empty for a weak one or none."""
    return etag if re.fullmatch(r'"[\x21\x23-\x7e]*"', etag) else ""


def _beside(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _version(part: Path, address: str) -> _Version | None:
    """Return of which file a part is, None where that is not known well enough to go on."""
    try:
        version = _Version(**json.loads(_beside(part).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    total = version.total
    whole = total is None or (isinstance(total, int) and _size(part) <= total)
    fits = version.address == address and isinstance(version.etag, str) and _strong(version.etag)
    return version if fits and whole else None
