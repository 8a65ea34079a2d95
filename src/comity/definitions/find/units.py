"""A document's text as units: sentences and glossary entries, each with its place.

Line ends of wrapped text are blanks, so that a sentence over several lines is one; a blank line, a
bullet, a numbered entry or a page break ends a unit. Offsets are those of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

HARD = re.compile(
    r"\n[ \t]*\n(?:[ \t]*\n)*|\f|\n(?=[ \t]*(?:[•●▪■◦\-–—*✓➢]|\(?\d{1,3}[.)]|\(?[a-zа-я][.)])[ \t])"
)
SENTENCE = re.compile(r"(?<=[.!?;])[\"”»)]?[ \n\t]+(?=[\"“«(]?[A-ZÀ-ÖØ-ÝÉА-ЯЁ0-9])")
ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|art|arts|no|vol|cf|p|pp|par|para|sec|fig|al|dr|mr|ms|st|inc|ltd|approx|"
    r"u\.s|u\.k|ст|п|г|др|т\.е|т\.д|núm|pág|ej|p\.ej)|\b[A-ZА-Я])\.$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of text from `start` to `end`; `text` has its white space as single blanks."""

    text: str
    start: int
    end: int
    first_line: str


def units_of(text: str) -> Iterator[Unit]:
    """Yield the units of a text in order."""
    at = 0
    for match in [*HARD.finditer(text), None]:
        end = match.start() if match else len(text)
        yield from _sentences(text, at, end)
        at = match.end() if match else end


def _sentences(text: str, first: int, last: int) -> Iterator[Unit]:
    at = first
    for match in SENTENCE.finditer(text, first, last):
        if ABBREVIATION.search(text[max(at, match.start() - 12) : match.start()]):
            continue
        yield from _unit(text, at, match.start())
        at = match.end()
    yield from _unit(text, at, last)


def _unit(text: str, first: int, last: int) -> Iterator[Unit]:
    stretch = text[first:last]
    clean = " ".join(re.sub(r"(?<=\w)-\n(?=[a-zà-ÿа-я])", "", stretch).split())
    if len(clean) > 3:
        start = first + len(stretch) - len(stretch.lstrip())
        line = stretch.lstrip().split("\n", 1)[0].strip()
        yield Unit(clean, start, start + len(stretch.strip()), line)
