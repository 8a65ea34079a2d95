"""Countries: one code for every spelling the lists use, and who belonged to which grouping when.

Codes are ISO 3166-1 alpha-2, `XK` for Kosovo, and codes of our own for what is no country, all of
them beginning with `X-`. A region ("Europe") or a name that two countries share ("Korea", "Congo")
has no code and is returned as unresolved: nothing is guessed.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from comity.dates import ImpreciseDate, parse_date
from comity.errors import CountryError

NON_STATE: Final = "X-NONSTATE"
UNKNOWN: Final = "X-UNKNOWN"
UNATTRIBUTED: Final = "X-UNATTRIBUTED"
EU_INSTITUTIONS: Final = "X-EU"
INTERNATIONAL: Final = "X-INTL"
AFRICAN_UNION: Final = "X-AFU"
KOSOVO: Final = "XK"
SPECIAL_CODES: Final = frozenset(
    {NON_STATE, UNKNOWN, UNATTRIBUTED, EU_INSTITUTIONS, INTERNATIONAL, AFRICAN_UNION}
)

_LEAD = re.compile(r"^(?:and\s+)?(?:the\s+)?")


@dataclass(frozen=True, slots=True)
class Resolution:
    """The countries of a text with several: each code once, in order, and what has no code."""

    codes: tuple[str, ...]
    unresolved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Membership:
    """One country's time in a grouping; `until` is its last day, None where it is still in."""

    grouping: str
    code: str
    since: ImpreciseDate
    until: ImpreciseDate | None
    source: str
    status: str
    note: str


def resolve_country(text: str) -> str | None:
    """Return the code of a name, an alpha-2 or alpha-3 code or a list's spelling; None if unknown.

    Case and outer blanks do not matter in names; codes are upper case ("IN" is India, "in" is not).

    >>> resolve_country("Korea, Republic of"), resolve_country("UK "), resolve_country("NAM")
    ('KR', 'GB', 'NA')
    >>> resolve_country("Korea") is None
    True
    """
    given = text.strip()
    codes = _codes()
    if given in codes:
        return codes[given]
    spellings = _spellings()
    key = _key(given)
    return spellings.get(key) or spellings.get(_LEAD.sub("", key, count=1))


def from_cow(number: int) -> str | None:
    """Return the code of a Correlates of War state number; None for states that are no more.

    >>> from_cow(710), from_cow(731), from_cow(265)
    ('CN', 'KP', None)
    """
    return _cow().get(number)


def resolve_all(text: str, separators: str = ";") -> Resolution:
    """Return the countries of a text in which any character of `separators` parts two.

    Where a comma parts, a name with a comma in it stays whole: the longest run of pieces that is a
    name wins. Empty pieces are dropped; every other piece is resolved or listed as unresolved.

    >>> resolve_all("Iran, Islamic Republic of, China, Europe (region)", ",")
    Resolution(codes=('IR', 'CN'), unresolved=('Europe (region)',))
    """
    pieces = re.split(f"([{re.escape(separators)}])", text) if separators else [text]
    codes: dict[str, None] = {}
    unresolved: list[str] = []
    start = 0
    while start < len(pieces):
        code, stop = _longest_name(pieces, start)
        if code is not None:
            codes[code] = None
        elif part := pieces[start].strip():
            unresolved.append(part)
        start = stop + 1
    return Resolution(tuple(codes), tuple(unresolved))


def _longest_name(pieces: Sequence[str], start: int) -> tuple[str | None, int]:
    """Return (code, stop) of the longest run of pieces from `start` that is a name.

    Pieces and separators alternate. Without a name the code is None and the run is one piece. A
    run longer than every known spelling is not tried, so that a long text costs no more than its
    length.
    """
    part = pieces[start].lstrip()
    found, stop = (resolve_country(part) if part else None), start + 1
    for end in range(start + 3, len(pieces) + 1, 2):
        part += pieces[end - 2] + pieces[end - 1]
        if len(part) > _longest_spelling():
            break
        code = resolve_country(part)
        if code is not None:
            found, stop = code, end
    return found, stop


def country_name(code: str) -> str:
    """Return the short English name of a code. Raises CountryError where there is no such code.

    >>> country_name("KR"), country_name("X-UNKNOWN")
    ('South Korea', 'Unknown')
    """
    names = _names()
    if code not in names:
        raise CountryError(
            f"{code!r} is not a country's code. Allowed are ISO 3166-1 alpha-2 (such as CN, US), "
            f"XK and {', '.join(sorted(SPECIAL_CODES))}; `resolve_country` finds a name's code."
        )
    return names[code]


def country_codes() -> tuple[str, ...]:
    """Return the code of every country, special codes left out, in alphabetical order."""
    return tuple(sorted(set(_names()) - SPECIAL_CODES))


def groupings() -> tuple[str, ...]:
    """Return the names of all groupings, in the order of the table."""
    return tuple(dict.fromkeys(row.grouping for row in memberships()))


def members(grouping: str, on: dt.date) -> frozenset[str]:
    """Return the codes of those that may have been members on a day; the last day is INCLUSIVE.

    A membership known to a year counts for the whole of that year. Only members in their own right
    count: the G20 holds nineteen countries, the European Union (`X-EU`) and from 9 September 2023
    the African Union (`X-AFU`), so that Spain or Kenya is no member through its union. Raises
    CountryError for an unknown grouping.

    >>> "GB" in members("EU", dt.date(2020, 1, 31)), "GB" in members("EU", dt.date(2020, 2, 1))
    (True, False)
    """
    return frozenset(row.code for row in _of(grouping) if _may_hold(row, on))


def member_since(grouping: str, code: str) -> ImpreciseDate | None:
    """Return when a country joined a grouping, as precisely as known; None if it never did.

    Raises CountryError for an unknown grouping or code.

    >>> str(member_since("SCO", "IN"))
    '2017-06-09'
    """
    country_name(code)
    return next((row.since for row in _of(grouping) if row.code == code), None)


@lru_cache(maxsize=1)
def memberships() -> tuple[Membership, ...]:
    """Return every row of the table of groupings."""
    return tuple(
        Membership(
            grouping=row["grouping"],
            code=row["code"],
            since=parse_date(row["from"]),
            until=None if row["to"] in ("", "..") else parse_date(row["to"]),
            source=row["source"],
            status=row["status"],
            note=row["note"],
        )
        for row in _table("groupings.tsv")
    )


def _of(grouping: str) -> list[Membership]:
    """Return a grouping's memberships. Raises CountryError where there is no such grouping."""
    found = [row for row in memberships() if row.grouping == grouping]
    if not found:
        raise CountryError(
            f"No grouping is called {grouping!r}. Known are {', '.join(groupings())}."
        )
    return found


def _may_hold(row: Membership, day: dt.date) -> bool:
    begun = row.since.earliest is None or row.since.earliest <= day
    ended = row.until is not None and row.until.latest is not None and row.until.latest < day
    return begun and not ended


def _key(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").rstrip(" .").split())


def _table(name: str) -> Iterator[dict[str, str]]:
    path = resources.files("comity") / "data" / "countries" / name
    with path.open(encoding="utf-8") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


@lru_cache(maxsize=1)
def _rows() -> tuple[dict[str, str], ...]:
    return tuple(_table("countries.tsv"))


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    return {row["code"]: row["name"] for row in _rows()}


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    own = {row["code"]: row["code"] for row in _rows()}
    return own | {row["alpha3"]: row["code"] for row in _rows() if row["alpha3"]}


@lru_cache(maxsize=1)
def _cow() -> dict[int, str]:
    return {int(row["cow"]): row["code"] for row in _rows() if row["cow"]}


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    return {_key(row["spelling"]): row["code"] for row in _table("aliases.tsv")}


@lru_cache(maxsize=1)
def _longest_spelling() -> int:
    """Return how long a name may be, in characters, with "and the" before it and spare blanks."""
    return max(map(len, _spellings())) + 24


REGIONS = (
    (199, "Americas"), (399, "Europe"), (599, "Africa south of the Sahara"),
    (699, "Middle East and North Africa"), (899, "Asia"), (999, "Oceania"),
)  # fmt: skip
"""Regions by the last state number of each in the Correlates of War system of states, whose
numbering is geographical: Turkey and Sudan count to the Middle East, the Caucasus to Europe."""
NO_REGION = "no region given"


@lru_cache(maxsize=1)
def _regions() -> dict[str, str]:
    found = {}
    for number, code in _cow().items():
        found[code] = next(name for last, name in REGIONS if number <= last)
    return found


def region_of(code: str) -> str:
    """Return the region of a country by its number in the Correlates of War system of states.

    >>> region_of("CN"), region_of("EE"), region_of("X-EU")
    ('Asia', 'Europe', 'no region given')
    """
    return _regions().get(code, NO_REGION)
