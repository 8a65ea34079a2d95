"""Who is known under which names, and which country whom is said to act for, by source.

Three published tables side by side (`data/actors`, made by `tools/make_actors.py`): the groups of
MITRE ATT&CK, the threat actors of the MISP galaxy, and the sheet of APT groups and operations kept
by Florian Roth. An entry of one is that of another where both give the same ATT&CK identifier, the
same first name or most of all two names in common. What they say is kept side by side: a claim is
a source's, never ours, and where two disagree both stay.

A name is looked up without regard to case, blanks and punctuation ("apt-28" is "APT 28").
Publishers use one name for several groups: such a name stays ambiguous and says so.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

from comity.countries import country_name
from comity.errors import CountryError, SourceError
from comity.provenance import is_web_address
from comity.tables import read_table, text_problems

SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "attack": "MITRE ATT&CK groups",
        "misp": "MISP galaxy, threat actors",
        "aptgroups": "APT Groups and Operations (Florian Roth and others)",
    }
)
SUFFIXES = ("group", "team")
SAYS = ("sponsor", "origin")
COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "actors.tsv": ("id", "name", "attack", "misp"),
        "aliases.tsv": ("actor", "alias", "source"),
        "claims.tsv": ("actor", "source", "says", "country", "basis", "address"),
    }
)


@dataclass(frozen=True, slots=True)
class Alias:
    """A name an actor is known by, and the sources that use it (keys of SOURCES)."""

    name: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SponsorClaim:
    """What one source says of an actor: that a state is its `sponsor`, or only its `origin`.

    `basis` is the field or sheet of the source where it says so.
    """

    source: str
    says: str
    country: str
    basis: str
    address: str


@dataclass(frozen=True, slots=True)
class Actor:
    """One actor, all its names and what is claimed of it; `attack` is an ATT&CK identifier and
    `misp` one of MISP's, empty where there is none."""

    id: str
    name: str
    attack: str
    misp: str
    aliases: tuple[Alias, ...]
    claims: tuple[SponsorClaim, ...]

    @property
    def countries(self) -> tuple[str, ...]:
        """The codes of the countries named by any claim, each once, sorted."""
        return tuple(sorted({claim.country for claim in self.claims}))

    @property
    def conflict(self) -> bool:
        """Whether claims name more than one country."""
        return len(self.countries) > 1


@dataclass(frozen=True, slots=True)
class ActorMatch:
    """What a name stands for: no actor, one, or several."""

    asked: str
    actors: tuple[Actor, ...]

    @property
    def countries(self) -> tuple[str, ...]:
        """The codes of all countries that any of these actors is said to act for or come from."""
        return tuple(sorted({code for actor in self.actors for code in actor.countries}))

    @property
    def country(self) -> str:
        """The one country that every actor of this name is tied to; empty where that is not one."""
        told = self.actors and all(actor.claims for actor in self.actors)
        return self.countries[0] if told and len(self.countries) == 1 else ""

    @property
    def ambiguous(self) -> bool:
        """Whether the name stands for several actors, or for one tied to several countries."""
        return len(self.actors) > 1 or len(self.countries) > 1

    @property
    def sponsored(self) -> bool:
        """Whether a source says of each of these actors that a state is its sponsor."""
        return bool(self.actors) and all(
            any(claim.says == "sponsor" for claim in actor.claims) for actor in self.actors
        )


@dataclass(frozen=True, slots=True)
class ActorTable:
    """Every actor, in the order of the table."""

    actors: tuple[Actor, ...]
    _by_name: Mapping[str, tuple[int, ...]] = field(repr=False)

    def find(self, name: str) -> ActorMatch:
        """Return the actors of a name, alias or identifier; one without any has no actors.

        A name that nobody has is tried once more with "Group" or "Team" after it.
        """
        key = name_key(name)
        tried = (self._by_name.get(key + more, ()) for more in ("", *SUFFIXES))
        found = next(filter(None, tried), ()) if key else ()
        return ActorMatch(name, tuple(self.actors[at] for at in found))

    def names(self) -> Iterator[str]:
        """Yield every name and alias, as published."""
        for actor in self.actors:
            for alias in actor.aliases:
                yield alias.name


def name_key(name: str) -> str:
    """Return a name's letters and digits in one case: what names are compared by.

    >>> name_key("APT-28 ") == name_key("apt 28"), name_key("Турла")
    (True, 'турла')
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if c.isalnum())


@lru_cache(maxsize=1)
def load_actors() -> ActorTable:
    """Return the actor table that ships. Raises SourceError where a file of it is damaged."""
    problems = check_actors()
    if problems:
        raise SourceError(
            "The actor table is damaged. Install Comity again:\n" + "\n".join(problems)
        )
    rows = {name: [cells for _, cells in _rows(name)[0]] for name in COLUMNS}
    return actor_table(rows)


def actor_table(rows: Mapping[str, list[dict[str, str]]]) -> ActorTable:
    """Return rows of the three tables (by file name) as one table of actors."""
    aliases: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows["aliases.tsv"]:
        aliases[row["actor"]][row["alias"]].append(row["source"])
    claims: dict[str, list[SponsorClaim]] = defaultdict(list)
    for row in rows["claims.tsv"]:
        rest = {k: v for k, v in row.items() if k != "actor"}
        claims[row["actor"]].append(SponsorClaim(**rest))
    actors = tuple(
        Actor(
            row["id"], row["name"], row["attack"], row["misp"],
            tuple(Alias(name, tuple(by)) for name, by in aliases[row["id"]].items()),
            tuple(claims[row["id"]]),
        )
        for row in rows["actors.tsv"]
    )  # fmt: skip
    index: dict[str, dict[int, None]] = defaultdict(dict)
    for at, actor in enumerate(actors):
        named = [actor.id, actor.name, actor.misp, *(a.name for a in actor.aliases)]
        for name in filter(None, map(name_key, named)):
            index[name][at] = None
    return ActorTable(actors, {name: tuple(found) for name, found in index.items()})


def check_actors() -> tuple[str, ...]:
    """Return every problem of the tables that ship, as `file:line: message`; none is right."""
    problems: list[str] = []
    tables = {}
    for name in COLUMNS:
        rows, wrong = _rows(name)
        tables[name] = rows
        problems += [f"{name}:{line}: {message}" for line, message in wrong]
    known = [cells["id"] for _, cells in tables["actors.tsv"]]
    for name, rows in tables.items():
        seen: set[tuple[str, ...]] = set()
        for line, cells in rows:
            found = list(_row_problems(name, cells, set(known)))
            key = (cells["id"],) if name == "actors.tsv" else tuple(cells.values())
            if key in seen:
                found.append("the row is there twice")
            seen.add(key)
            problems += [f"{name}:{line}: {message}" for message in found]
    named = {cells["actor"] for _, cells in tables["aliases.tsv"]}
    problems += [f"actors.tsv: {one} has no alias row" for one in known if one not in named]
    return tuple(problems)


def _rows(name: str) -> tuple[list[tuple[int, dict[str, str]]], list[tuple[int, str]]]:
    path = resources.files("comity") / "data" / "actors" / name
    try:
        raw = path.read_bytes()
    except OSError as error:
        return [], [(1, f"cannot be read: {error}")]
    rows, problems = read_table(raw, COLUMNS[name])
    return [(row.line, row.cells) for row in rows], problems


_MAY_BE_EMPTY = frozenset({"attack", "misp"})


def _row_problems(name: str, cells: Mapping[str, str], known: set[str]) -> Iterator[str]:
    """Yield what is wrong with one row."""
    yield from text_problems(cells, _MAY_BE_EMPTY)
    if name == "actors.tsv":
        return
    if cells["actor"] not in known:
        yield f"there is no actor {cells['actor']!r} in actors.tsv"
    if cells["source"] not in SOURCES:
        yield f"source is {cells['source']!r}; allowed are {', '.join(SOURCES)}"
    if name == "aliases.tsv":
        if not name_key(cells["alias"]):
            yield "the alias has neither letter nor digit"
        return
    if cells["says"] not in SAYS:
        yield f"says is {cells['says']!r}; allowed are {', '.join(SAYS)}"
    try:
        country_name(cells["country"])
    except CountryError as error:
        yield str(error)
    if not is_web_address(cells["address"]):
        yield f"address is {cells['address']!r}, which is not an http(s) address"
