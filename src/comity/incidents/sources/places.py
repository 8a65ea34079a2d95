"""Where a text names a country: its name, or the word for what is of it ("Chinese").

Names are those of the country table, words for what is of a country those of
`data/actors/demonyms.tsv`. Upper and lower case count, so that "us" is nobody, and the longest name
wins, so that "South Korean" is one. Names that are also something else are passed over where that
is plain: "New Mexico", "China Lake", "Georgia Tech", "Tesla", a name within a longer word.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from comity.countries import SPECIAL_CODES, resolve_country

INSTITUTIONS = {"X-EU", "X-INTL", "X-AFU"}
_LONGER = (
    "China Lake", "New Mexico", "Georgia Tech", "Georgia Institute", "Air France", "Air India",
    "Air Canada", "Bank of America", "Latin American", "South American", "North American",
    "Central American", "South America", "North America", "Central America", "Native American",
    "American Samoa", "South China Sea", "East China Sea", "English-language", "English language",
    "Radio Free", "Voice of America", "Indian Ocean", "Persian Gulf", "French Guiana",
    "Turkish-language", "Russian-language", "Chinese-language", "Russian language",
    "Chinese language", "Russian-speaking", "Chinese-speaking", "Arabic-speaking", "New England",
    "Papua New Guinea", "Jordan River", "Atlanta, Georgia",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """One mention of a country in a text, from `start` to before `end`; `adjective` where the word
    is for what is of the country."""

    start: int
    end: int
    text: str
    code: str
    adjective: bool


@lru_cache(maxsize=1)
def _words() -> dict[str, tuple[str, bool]]:
    """Return each name or word with its code, and whether it is an adjective."""
    data = resources.files("comity") / "data"
    found: dict[str, tuple[str, bool]] = {}
    with (data / "countries" / "aliases.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            plain = row["code"] not in SPECIAL_CODES or row["code"] in INSTITUTIONS
            if plain and row["spelling"][:1].isupper() and len(row["spelling"]) > 1:
                found[row["spelling"]] = (row["code"], False)
    with (data / "actors" / "demonyms.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            found.setdefault(row["word"], (row["code"], True))
    return found


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    ordered = sorted([*_words(), *_LONGER], key=len, reverse=True)
    body = "|".join(re.escape(word) for word in ordered)
    return re.compile(rf"(?<![\w@./-])(?:{body})(?![\w@])(?!\.(?:com|org|net|gov)\b)")


def find_places(text: str) -> tuple[Place, ...]:
    """Return every mention of a country, in order.

    >>> [(p.code, p.text) for p in find_places("South Korean and U.S. firms, near China Lake")]
    [('KR', 'South Korean'), ('US', 'U.S.')]
    """
    words = _words()
    found = []
    for match in _pattern().finditer(text):
        known = words.get(match.group())
        if known is not None:
            code, adjective = known
            found.append(Place(match.start(), match.end(), match.group(), code, adjective))
        elif (named := resolve_country(match.group())) is not None:
            found.append(Place(match.start(), match.end(), match.group(), named, False))
    return tuple(found)
