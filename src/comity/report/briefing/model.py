"""The records of a briefing: sections of blocks of runs of text, with what each claim cites.

Nothing here knows a format. Text is plain: a writer escapes it or hands it on as data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from comity.saying import say

_PER_CENT = re.compile(r"(?<=\d) %")
SECTIONS: Mapping[str, str] = {
    "agreement": say("section.agreement"),
    "answers": say("section.answers"),
    "chart": say("section.chart"),
    "confidence": say("section.confidence"),
    "open": say("section.open"),
    "points": say("section.points"),
    "method": say("section.method"),
    "robustness": say("section.robustness"),
    "measures": say("section.measures"),
    "rivals": say("section.rivals"),
    "record": say("section.record"),
    "incidents": say("section.incidents"),
    "caveats": say("section.caveats"),
    "reproduce": say("section.reproduce"),
    "sources": say("section.sources"),
}
"""Every section that can be asked for, in the order of a briefing, with its title."""

ON_TWO_PAGES = frozenset(("agreement", "answers", "chart", "confidence", "open", "points"))
"""The sections of the two pages; the others are the annex."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a claim points to: a label in words, an http(s) address if it has one."""

    label: str
    address: str = ""

    @property
    def key(self) -> str:
        """What makes two sources one: the address, or the label where there is none."""
        return self.address or self.label


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one look (empty, strong, soft or code), with what it cites after it."""

    text: str
    look: str = ""
    cites: tuple[Source, ...] = ()


Line = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Subheading:
    """A heading below that of the section."""

    kind: ClassVar[str] = "subheading"
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; look is empty, note (small) or code. `movable`: it may go to the annex."""

    kind: ClassVar[str] = "paragraph"
    line: Line
    look: str = ""
    movable: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list. From the two pages its last points may go to the annex, but for `keep` of them.

    `full` names the section of the annex in which every point stands anyway; `left` is how many
    of them are only there.
    """

    kind: ClassVar[str] = "bullets"
    items: tuple[Line, ...]
    keep: int = 99
    full: str = ""
    left: int = 0

    @property
    def more(self) -> str:
        """What is said of the points that are only in the annex, empty where none is."""
        return f"{self.left} more in the annex: {SECTIONS[self.full]}." if self.left else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the three answers: question, term, sentence."""

    kind: ClassVar[str] = "answer"
    question: str
    term: str
    line: Line


@dataclass(frozen=True, slots=True)
class Pairs:
    """Names with what each is."""

    kind: ClassVar[str] = "pairs"
    rows: tuple[tuple[str, Line], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption and a head; `widths` are shares of the page, one a column."""

    kind: ClassVar[str] = "table"
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished SVG with what it shows in words; `name` is unique in the briefing.

    Where it is not `wide` it takes four fifths of the width.
    """

    kind: ClassVar[str] = "picture"
    name: str
    svg: str
    alt: str
    caption: Line = ()
    wide: bool = True


@dataclass(frozen=True, slots=True)
class References:
    """The numbered sources of the whole briefing stand here."""

    kind: ClassVar[str] = "references"


Block = Subheading | Paragraph | Bullets | Answer | Pairs | Table | Picture | References


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a briefing under one heading."""

    name: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Briefing:
    """A briefing: the two pages (`main`), the `annex`, and what is said of both.

    `facts` stand under the title; `about` is one line for the foot of a page and a file's
    properties; `known` is the day (ISO 8601) up to which it speaks.
    """

    id: str
    title: str
    facts: tuple[str, ...]
    about: str
    known: str
    version: str
    main: tuple[Section, ...]
    annex: tuple[Section, ...]

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every source once, in the order first cited: the number of a source is its place."""
        found: dict[str, Source] = {}
        for run in self.runs():
            for source in run.cites:
                found.setdefault(source.key, source)
        return tuple(found.values())

    def runs(self) -> Iterator[Run]:
        """Yield every run of text in reading order."""
        for section in (*self.main, *self.annex):
            for block in section.blocks:
                for line in lines_of(block):
                    yield from line

    def numbers(self) -> Mapping[str, int]:
        """Return the number of each source by its key."""
        return {s.key: n for n, s in enumerate(self.sources, start=1)}


def lines_of(block: Block) -> Iterator[Line]:
    """Yield the lines of a block in reading order."""
    match block:
        case Paragraph() | Answer():
            yield block.line
        case Bullets():
            yield from block.items
        case Pairs():
            for _, line in block.rows:
                yield line
        case Table():
            for row in block.rows:
                yield from row
        case Picture():
            yield block.caption
        case _:
            return


def tied(text: str) -> str:
    """Return text in which a number and its per cent sign stay on one line.

    >>> tied("87 % of 9") == "87\u00a0% of 9"
    True
    """
    return _PER_CENT.sub("\u00a0%", text)


def marks(run: Run, numbers: Mapping[str, int]) -> tuple[int, ...]:
    """Return the numbers a run cites, each once, ascending."""
    return tuple(sorted({numbers[s.key] for s in run.cites}))
