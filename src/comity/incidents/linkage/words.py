"""The words and addresses of records, folded so that two lists' spellings of one thing agree."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

_WORD = re.compile(r"[^\W_]+")
_CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ"
_IN_LATIN = "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch - y - e iu ia i i e g"
_GREEK = "αβγδεζηθικλμνξοπρστυφχψως"
_FROM_GREEK = "a v g d e z i th i k l m n x o p r s t y f ch ps o s"
_LATIN = (_IN_LATIN + " " + _FROM_GREEK).replace("-", "_")
_LETTERS = str.maketrans(
    {
        letter: latin.strip("_")
        for letter, latin in zip(_CYRILLIC + _GREEK, _LATIN.split(), strict=True)
    }
)

SHORTEST = 3  # letters of a word that can tell one incident from another
ARCHIVES = ("web.archive.org", "archive.org", "archive.ph", "archive.is", "archive.today")


def fold(text: str) -> str:
    """Return text in small Latin letters without accents, Cyrillic and Greek transliterated.

    >>> fold("Атака на «Укренерго», Électricité")
    'ataka na «ukrenergo», electricite'
    """
    if text.isascii():
        return text.lower()
    lowered = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in lowered if not unicodedata.combining(c))
    return plain.translate(_LETTERS)


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded, in order; numbers and short words are left out.

    >>> words_of("APT10 hacked 3 firms (CloudHopper)")
    ['apt10', 'hacked', 'firms', 'cloudhopper']
    """
    return [w for w in _WORD.findall(fold(text)) if len(w) >= SHORTEST and not w.isdigit()]


def page_of(address: str) -> str:
    """Return what an address points to, without scheme, `www.`, query and closing slash; a copy in
    an archive is the page it is a copy of. An address of a front page alone is no page: "".

    >>> page_of("https://web.archive.org/web/2016/http://www.a.example/x/y/?utm_source=z")
    'a.example/x/y'
    >>> page_of("https://a.example/")
    ''
    """
    try:
        parts = urlsplit(address.strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if host in ARCHIVES:
        inner = re.search(r"https?:/+.+", parts.path + (f"?{parts.query}" if parts.query else ""))
        return page_of(inner.group()) if inner else ""
    path = re.sub(r"/(amp|index\.html?)?/*$", "", parts.path)
    told_apart_by_query = (
        parts.query if re.search(r"(^|&)(id|p|v|article|story)=", parts.query) else ""
    )
    if not host or not (path.strip("/") or told_apart_by_query):
        return ""
    return f"{host}{path}".lower() + (f"?{told_apart_by_query}" if told_apart_by_query else "")


def pages_of(addresses: Iterable[str]) -> list[str]:
    """Return the pages some addresses point to, each once, sorted."""
    return sorted({page for page in map(page_of, addresses) if page})
