"""Who took up a norm, when, through what and how strongly: from the register and a small table.

Ways of taking a norm up are kept apart, for they are not the same: to promise it to the other
parties of an instrument; to affirm it in a joint text in which nobody promises it; to vote for a
resolution that states it; to reaffirm it alone; to put it into one's own law or doctrine. What
experts of some states agreed in a report is nobody's adoption until a body of states takes it up.
Reservations and explanations of position are kept beside them and are no adoptions.

`data/diffusion/takeups.tsv` holds what states said or did alone; everything else follows from the
register of instruments and the roll calls.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from pathlib import Path

from comity.dates import ImpreciseDate, parse_date
from comity.diffusion.votes import RollCalls
from comity.errors import AdoptionError
from comity.instruments.model import Commits, Instrument, Provision, Register, Standing
from comity.tables import (
    Row,
    addresses,
    allowed_problems,
    code_problems,
    date_problems,
    read_table,
    source_problems,
    text_problems,
)

TABLE = "data/diffusion/takeups.tsv"
COLUMNS = ("norm", "party", "date", "way", "what", "sources", "status")
LONGEST_WHAT = 160
EVERYTHING = "-all"  # ends the id of a norm that stands for every norm of its list


class Way(StrEnum):
    """How a state took a norm up, strongest word first; the last two are no adoption."""

    PROMISED = "promised to the other parties"
    AFFIRMED = "affirmed in a joint text"
    VOTED = "voted for a resolution that states it"
    ALONE = "reaffirmed alone"
    LAW = "put into own law or doctrine"
    RESERVED = "reservation"
    EXPLAINED = "explanation of position"


TOLD = {
    "statement": Way.ALONE, "law": Way.LAW, "reservation": Way.RESERVED,
    "explanation": Way.EXPLAINED,
}  # fmt: skip
NOT_TAKEN_UP = (Way.RESERVED, Way.EXPLAINED)


@dataclass(frozen=True, slots=True)
class Adoption:
    """One state that took a norm up (or set itself apart from it) in one way, with its source.

    `instrument` is empty for what it said alone; `by_reference` where the text takes up the whole
    list the norm is part of.
    """

    country: str
    date: ImpreciseDate
    way: Way
    instrument: str
    by_reference: bool
    what: str
    sources: tuple[str, ...]
    status: str

    @property
    def day(self) -> dt.date:
        """The latest day it may have been: by then the state had taken it up."""
        return self.date.latest or self.date.earliest or dt.date.max

    @property
    def spanned(self) -> bool:
        """Whether more than one day is possible, so that `day` is only the latest of them."""
        return self.date.earliest != self.date.latest

    @property
    def told(self) -> str:
        """The day in words: by the latest one where there are several."""
        return f"by {self.day}" if self.spanned else str(self.day)


@dataclass(frozen=True, slots=True)
class TakeUp:
    """One row of the table of what states said or did alone."""

    norm: str
    party: str
    date: ImpreciseDate
    way: Way
    what: str
    sources: tuple[str, ...]
    status: str


def load_takeups(path: Path | None = None) -> tuple[TakeUp, ...]:
    """Return the table that ships, or another. Raises AdoptionError listing every problem."""
    return _shipped() if path is None else _load(path)


def check_takeups(norms: Mapping[str, object], path: Path | None = None) -> tuple[str, ...]:
    """Return every problem of the table as "file:line: message", norms that are none with it."""
    rows, problems = _read(path)
    strange = [
        f"takeups.tsv:{row.line}: there is no norm {row.cells['norm']!r}; `comity norms` lists all"
        for row in rows if row.cells["norm"] not in norms
    ]  # fmt: skip
    return (*problems, *strange)


@lru_cache(maxsize=1)
def _shipped() -> tuple[TakeUp, ...]:
    return _load(None)


def _load(path: Path | None) -> tuple[TakeUp, ...]:
    rows, problems = _read(path)
    if problems:
        raise AdoptionError("The table of what states said alone:\n" + "\n".join(problems))
    return tuple(
        TakeUp(
            r.cells["norm"], r.cells["party"], parse_date(r.cells["date"]), TOLD[r.cells["way"]],
            r.cells["what"], addresses(r.cells["sources"]), r.cells["status"],
        )
        for r in rows
    )  # fmt: skip


def _read(path: Path | None) -> tuple[list[Row], tuple[str, ...]]:
    place = path or resources.files("comity").joinpath(TABLE)
    try:
        raw = place.read_bytes()
    except OSError as error:
        return [], (f"takeups.tsv:1: cannot be read: {error}",)
    rows, wrong = read_table(raw, COLUMNS)
    problems = [f"takeups.tsv:{line}: {message}" for line, message in wrong]
    for row in rows:
        messages = [
            *text_problems(row.cells, frozenset()), *source_problems(row.cells),
            *allowed_problems(row.cells, {"way": tuple(TOLD)}),
            *code_problems(row.cells["party"]), *date_problems("date", row.cells["date"]),
        ]  # fmt: skip
        if len(row.cells["what"]) > LONGEST_WHAT:
            messages.append(f"what has {len(row.cells['what'])} characters; at most {LONGEST_WHAT}")
        problems += [f"takeups.tsv:{row.line}: {message}" for message in messages]
    return rows, tuple(problems)


def stands_for(register: Register, norm: str) -> tuple[str, ...]:
    """Return the ids by which a text may state a norm: its own, and that of the list it is in.

    A norm whose id ends in "-all" stands for each norm of its family with the same beginning.
    """
    if norm not in register.norms:
        raise AdoptionError(f"There is no norm {norm!r}. `comity norms` lists all of them.")
    family = register.norms[norm].family
    lists = (
        n.id
        for n in register.norms.values()
        if n.id.endswith(EVERYTHING) and n.family == family and n.id != norm
    )
    return (norm, *(n for n in lists if norm.startswith(n.removesuffix(EVERYTHING) + "-13")))


def adoptions_of(
    register: Register,
    norm: str,
    roll_calls: RollCalls | None = None,
    takeups: tuple[TakeUp, ...] = (),
) -> tuple[Adoption, ...]:
    """Return every taking up of a norm by a state, by day. Raises AdoptionError for no norm."""
    names = stands_for(register, norm)
    found: list[Adoption] = []
    for name in dict.fromkeys(p.instrument for p in register.provisions if p.norm in names):
        said = [p for p in register.provisions if p.instrument == name and p.norm in names]
        found += _through(register, register.instruments[name], said, norm, roll_calls)
    for t in takeups:
        if t.norm in names:
            found.append(
                Adoption(
                    t.party, t.date, t.way, "", t.norm != norm, t.what, t.sources, t.status
                )
            )  # fmt: skip
    return tuple(sorted(found, key=lambda a: (a.day, a.country, a.instrument, a.way)))


def _through(
    register: Register,
    instrument: Instrument,
    said: list[Provision],
    norm: str,
    roll_calls: RollCalls | None,
) -> Iterator[Adoption]:
    """Yield who took the norm up through one instrument."""
    own = [p for p in said if p.norm == norm]
    best = min(own or said, key=lambda p: p.commits is not Commits.YES)
    by_reference, what = not own, best.gloss
    if instrument.standing is Standing.RESOLUTION:
        for country in sorted(_voted(roll_calls, instrument.id)):
            yield Adoption(
                country, instrument.date, Way.VOTED, instrument.id, by_reference, what,
                best.sources, best.status,
            )  # fmt: skip
        return
    if instrument.standing in (Standing.PROPOSAL, Standing.REPORT):
        way = Way.AFFIRMED
    elif instrument.standing is Standing.STATEMENT:
        way = Way.ALONE
    else:
        way = Way.PROMISED if best.commits is Commits.YES else Way.AFFIRMED
    for party in register.parties:
        if party.instrument == instrument.id:
            joined = party.since if party.since.earliest else instrument.date
            for country in filter(_is_state, party.codes):
                yield Adoption(
                    country, joined, way, instrument.id, by_reference, what,
                    (*party.sources, *best.sources), best.status,
                )  # fmt: skip


def _is_state(code: str) -> bool:
    return not code.startswith("X-")


def _voted(roll_calls: RollCalls | None, resolution: str) -> Iterator[str]:
    for (text, country), vote in roll_calls.cast.items() if roll_calls else ():
        if text == resolution and vote == "yes":
            yield country


def first_adoptions(adoptions: tuple[Adoption, ...]) -> dict[str, Adoption]:
    """Return each state's first taking up, of whatever way that is one."""
    first: dict[str, Adoption] = {}
    for a in adoptions:
        if a.way not in NOT_TAKEN_UP:
            first.setdefault(a.country, a)
    return first
