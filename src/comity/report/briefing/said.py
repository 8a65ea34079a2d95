"""Small pieces every section of a briefing is made of: runs, sources, shortened text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from comity.provenance import is_web_address
from comity.report.briefing.model import Line, Run, Source
from comity.report.html import short_address
from comity.report.text import bare, clean, countries
from comity.saying import joined, say
from comity.verification.model import ListUse

MOST_NAMED = 8
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def said(text: str, cites: Iterable[Source] = (), look: str = "") -> Run:
    """Return text as a run, without controls, on one line."""
    return Run(bare(text), look, tuple(cites))


def line(text: str, cites: Iterable[Source] = (), look: str = "") -> Line:
    """Return a line of one run."""
    return (said(text.strip(), cites, look),)


def named(name: str, text: str, cites: Iterable[Source] = ()) -> Line:
    """Return a line that opens with a name in strong type."""
    return (Run(clean(name) + " ", "strong"), said(text.strip(), cites))


def day_words(date: object) -> str:
    """Return a date (EDTF) in words where it is imprecise: marks and strokes spelled out.

    >>> day_words("2014-03~"), day_words("2017-04-07?"), day_words("2022-03/2022-04-07")
    ('about 2014-03', '2017-04-07 (uncertain)', '2022-03 to 2022-04-07')
    """
    ends = [_end_words(end) for end in clean(str(date)).split("/")]
    return joined(ends, say("date.to"))


def _end_words(end: str) -> str:
    bare_day = end.rstrip("?~%")
    marks = set(end[len(bare_day) :])
    if bare_day in ("", ".."):
        return say("date.unknown") if not bare_day else say("date.no_end")
    said: str = bare_day
    if marks & {"~", "%"}:
        said = say("date.about", day=said)
    return say("date.uncertain", day=said) if marks & {"?", "%"} else said


def short(text: str, most: int) -> str:
    """Return text of at most `most` characters, cut at a word with an ellipsis.

    >>> short("a promise to be kept", 12)
    'a promise…'
    """
    text = clean(text)
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:.") + "…"


def opening(text: str) -> str:
    """Return text with its first letter a capital.

    >>> opening("the United States")
    'The United States'
    """
    text = clean(text)
    return text[:1].upper() + text[1:]


def first_sentence(text: str) -> str:
    """Return the first sentence of a text, without the stop at its end."""
    return clean(text).partition(". ")[0].rstrip(".")


def sources_of(label: str, addresses: Iterable[str]) -> tuple[Source, ...]:
    """Return addresses as sources under one label.

    What is no http(s) address stands as text, without a link; one of another scheme (javascript:,
    file:) is left out.
    """
    found = []
    for address in map(clean, addresses):
        if is_web_address(address):
            found.append(Source(clean(label), address))
        elif address and not _SCHEME.match(address):
            found.append(Source(f"{clean(label)}: {short(address, 200)}"))
    return tuple(found)


def site(source: Source) -> str:
    """Return the site of a source's address, empty where it has none."""
    return short_address(source.address) if source.address else ""


def list_sources(uses: Sequence[ListUse]) -> tuple[Source, ...]:
    """Return the lists of a verdict as sources: their citation, release and address."""
    found = []
    for use in uses:
        label = clean(use.citation) or clean(use.title) or clean(use.name)
        label = f"{label.rstrip('.')}. Release {clean(use.release)}"
        address = clean(use.address)
        found.append(Source(label, address if is_web_address(address) else ""))
    return tuple(found)


def parties(codes: Sequence[str]) -> str:
    """Return the names of parties; more than eight are counted."""
    if not codes:
        return "no parties are on record"
    if len(codes) <= MOST_NAMED:
        return countries(codes)
    return f"{len(codes)} parties, among them {countries(codes[:MOST_NAMED])}"
