"""Where a table or file comes from: carried by every list, register table and report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from comity.dates import ImpreciseDate


@dataclass(frozen=True, slots=True)
class Source:
    """One published thing that facts were taken from.

    `retrieved` is when our copy was taken (unknown is `dates.UNKNOWN`); `sha256` is of the file
    as retrieved, in lower-case hexadecimal, empty where there was no file.
    """

    publisher: str
    title: str
    release: str
    licence: str
    address: str
    retrieved: ImpreciseDate
    sha256: str = ""
    citation: str = ""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in lower-case hexadecimal; Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def is_web_address(text: str) -> bool:
    """Say whether `text` is an http(s) address safe to make a link of (no spaces or quotes)."""
    lowered = text.lower()
    return lowered.startswith(("http://", "https://")) and not any(
        c in text for c in " \t\r\n\"'<>`\\"
    )


def numbered(cited: Iterable[Iterable[str]]) -> dict[str, int]:
    """Return each address of some rows with its number from 1, in the order first cited.

    >>> numbered([["https://a.org", "https://b.org"], ["https://a.org"]])
    {'https://a.org': 1, 'https://b.org': 2}
    """
    order = dict.fromkeys(address for addresses in cited for address in addresses)
    return {address: number for number, address in enumerate(order, start=1)}
