"""Where an incident's page is: its key in an address, whatever characters its list gave it."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

import polars as pl

from comity.errors import AddressError
from comity.incidents.model import Evidence
from comity.report.text import clean
from comity.web.forms import TYPES

MOST_KEY = 200  # characters of a key that stand in an address; a longer one has its digest there
MARK = "~"
_SAFE = ":@!$'()*,;~._-"


def incident_path(key: str) -> str:
    """Return the address of an incident's page.

    A key that ends as a form does (`list:a.json`), or in the mark itself, is followed by a mark, so
    that it is not taken for the JSON of another incident. A long key, or an id that begins with the
    mark, stands as its digest.

    >>> incident_path("dcid:43"), incident_path("my:a/b?.json")
    ('/incidents/dcid:43', '/incidents/my:a%2Fb%3F.json~')
    """
    return f"/incidents/{name_of(key)}"


def name_of(key: str) -> str:
    """Return a key as it stands in an address or a form's field: letters, digits, a few marks."""
    return quote(_named(key), safe=_SAFE)


def _named(key: str) -> str:
    name, _, ident = key.partition(":")
    if len(key) > MOST_KEY or ident.startswith(MARK):
        return f"{name}:{MARK}{digest_of(key)}"
    if key.rpartition(".")[2] in TYPES or key.endswith(MARK):
        return f"{key}{MARK}"
    return key


def digest_of(key: str) -> str:
    """Return the digest by which a long key is named: 32 hexadecimal digits."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def key_of(named: str) -> tuple[str, str]:
    """Return what an address names as (key, digest); one of the two is empty.

    >>> key_of("my:a.json~"), key_of("my:~0f")
    (('my:a.json', ''), ('', '0f'))
    """
    _, _, ident = named.partition(":")
    if ident.startswith(MARK) and ident != MARK:
        return "", ident[1:]
    return named.removesuffix(MARK), ""


def find_row(evidence: Evidence, named: str) -> pl.DataFrame:
    """Return the row (1) of the incident that an address or a field names, percent-encoding undone.

    Raises AddressError where there is none.
    """
    key, digest = key_of(named)
    name, colon, ident = (key or named).partition(":")
    mine = evidence.table.filter(pl.col("list") == name)
    if not colon or not mine.height:
        known = ", ".join(r.list for r in evidence.releases)
        raise AddressError(
            f"{named[:80]!r} is not an incident's key: write LIST:ID, the list one of {known}.",
            missing=True,
        )
    if digest:
        ident = next((i for i in mine["id"] if digest_of(f"{name}:{i}") == digest), "")
    rows = mine.filter(pl.col("id") == ident)
    if not rows.height:
        some = ", ".join(clean(i)[:40] for i in mine["id"].head(3))
        raise AddressError(
            f"There is no incident {named[:80]!r}. Ids of {name} look like: {some}.", missing=True
        )
    return rows.head(1)
