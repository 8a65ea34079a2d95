"""Groups behind incidents: their names and aliases by source, and which country each suspects.

Three sources name groups differently, cut them differently and disagree on who stands behind them.
Their entries are kept side by side (`data/actors/actors.tsv`); nothing is settled here. An alias
that several entries of one source carry names no single group, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path

from comity.errors import SourceError
from comity.incidents.linkage.words import fold
from comity.provenance import is_web_address
from comity.tables import code_problems, read_table

COLUMNS = ("source", "id", "name", "aliases", "sponsors", "confidence", "address")
SOURCES = {
    "misp": "MISP galaxy of threat actors",
    "roth": "APT Groups and Operations",
    "attack": "MITRE ATT&CK groups",
}
MAY_BE_EMPTY = ("aliases", "sponsors", "confidence")
LONGEST_ALIAS = 5  # words
SHORTEST = 4  # letters and digits of an alias that is looked for in texts
# names of groups that are also ordinary words, and are not looked for in texts
ORDINARY = frozenset(
    "group winter wizard bronze iron lead axiom dragon elderwood cobalt leaf barium platinum silence "
    "anonymous cleaver careto mask equation lamberts callisto flying pirate sphinx nemesis carbon "
    "copper zinc nickel strontium lurk rocket winged cloud beijing shanghai europe hacking tick "
    "operation china russia iran korea israel titan dark golden black energy hammer ghost dust "
    "storm blizzard typhoon sleet sandstorm tempest rain flood tsunami hail".split()
)
_TOKEN = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class ActorEntry:
    """One group as one source has it. `sponsors` are the countries that source suspects (ISO codes,
    empty where it names none); `confidence` its own figure, where it gives one (0 to 100)."""

    source: str
    id: str
    name: str
    aliases: tuple[str, ...]
    sponsors: tuple[str, ...]
    confidence: str
    address: str

    @property
    def names(self) -> tuple[str, ...]:
        """The name and the aliases."""
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a name: the entries that carry it, and what in it does not agree."""

    name: str
    entries: tuple[ActorEntry, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActorTable:
    """All entries, and where each alias leads."""

    entries: tuple[ActorEntry, ...]
    by_alias: Mapping[str, tuple[int, ...]] = field(repr=False)
    groups: Mapping[str, str] = field(repr=False)

    def find(self, name: str) -> Found:
        """Return what the sources say of a name, whatever its case, spaces and punctuation."""
        found = tuple(self.entries[i] for i in self.by_alias.get(key_of(name), ()))
        return Found(name, found, _notes(found))

    def groups_in(self, text: str) -> tuple[str, ...]:
        """Return the groups that a text names, each by one name, sorted.

        A name counts where it begins with a capital or a digit and leads to one group only; an
        alias that two groups share is passed over.
        """
        tokens = _TOKEN.findall(text)
        found = set()
        for i, token in enumerate(tokens):
            if token.islower():  # a name begins with a capital or a digit
                continue
            key = ""
            for piece in tokens[i : i + LONGEST_ALIAS]:
                key += fold(piece)
                group = self.groups.get(key)
                if group:
                    found.add(group)
        return tuple(sorted(found))


def key_of(name: str) -> str:
    """Return a name without case, accents, spaces and punctuation.

    >>> key_of("APT-10") == key_of("apt 10")
    True
    """
    return "".join(_TOKEN.findall(fold(name)))


def load_actors(path: Path | None = None) -> ActorTable:
    """Return the table that ships, or another. Raises SourceError listing every problem."""
    return _shipped() if path is None else _load(path)


@lru_cache(maxsize=1)
def _shipped() -> ActorTable:
    return _load(Path(str(resources.files("comity"))) / "data/actors/actors.tsv")


def check_actors(path: Path | None = None) -> tuple[str, ...]:
    """Return every problem of a table as "file:line: message"; none where it is sound."""
    place = path or Path(str(resources.files("comity"))) / "data/actors/actors.tsv"
    return _read(place)[1]


def _load(path: Path) -> ActorTable:
    entries, problems = _read(path)
    if problems:
        listed = "\n".join(problems)
        raise SourceError(f"The table of actors has {len(problems)} problems:\n{listed}")
    by_alias: dict[str, list[int]] = {}
    for number, entry in enumerate(entries):
        for key in dict.fromkeys(key_of(n) for n in entry.names):
            by_alias.setdefault(key, []).append(number)
    return ActorTable(
        tuple(entries), {k: tuple(v) for k, v in by_alias.items()}, _groups(entries, by_alias)
    )


def _read(path: Path) -> tuple[list[ActorEntry], tuple[str, ...]]:
    """Return a table's entries and what is wrong with its rows."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SourceError(f"Cannot read {path}: {error}.") from error
    rows, broken = read_table(raw, COLUMNS)
    problems = [f"{path.name}:{line}: {message}" for line, message in broken]
    entries, seen = [], set()
    for row in rows:
        c = row.cells
        entry = ActorEntry(
            c["source"], c["id"], c["name"], _pieces(c["aliases"]), _pieces(c["sponsors"]),
            c["confidence"], c["address"],
        )  # fmt: skip
        problems += [f"{path.name}:{row.line}: {p}" for p in _wrong(entry)]
        if (entry.source, entry.id) in seen:
            problems.append(f"{path.name}:{row.line}: {entry.source} {entry.id} stands twice")
        seen.add((entry.source, entry.id))
        entries.append(entry)
    return entries, tuple(problems)


def _pieces(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, (p.strip() for p in cell.split(";"))))


def _wrong(entry: ActorEntry) -> Iterable[str]:
    if entry.source not in SOURCES:
        yield f"source {entry.source!r} is none of {', '.join(SOURCES)}"
    if not entry.id or not entry.name:
        yield "an entry needs an id and a name"
    for code in entry.sponsors:
        yield from code_problems(code)
    if not is_web_address(entry.address):
        yield f"{entry.address!r} is not an http(s) address"


def _notes(found: Sequence[ActorEntry]) -> tuple[str, ...]:
    """Return what does not agree among the entries of one name."""
    notes = []
    for source, title in SOURCES.items():
        mine = [e for e in found if e.source == source]
        if len({e.id for e in mine}) > 1:
            listed = ", ".join(dict.fromkeys(e.name for e in mine))
            notes.append(f"{title} gives this name to {len(mine)} groups ({listed})")
    said = {e.sponsors for e in found if e.sponsors}
    if len(said) > 1:
        notes.append("the sources suspect different countries")
    if found and not said:
        notes.append("no source here names a country")
    return tuple(notes)


def _groups(entries: Sequence[ActorEntry], by_alias: Mapping[str, list[int]]) -> dict[str, str]:
    """Return, for each alias that leads to one group only, that group's name.

    A group is an entry of MISP; an entry of another source is that group where all its names that
    MISP knows lead to one, and a group of its own where MISP knows none of them.
    """
    home: dict[int, str] = {}
    for number, entry in enumerate(entries):
        if entry.source == "misp":
            home[number] = entry.name
    for number, entry in enumerate(entries):
        if number in home:
            continue
        known = {
            home[i]
            for n in entry.names
            for i in by_alias[key_of(n)]
            if entries[i].source == "misp"
        }
        if len(known) <= 1:
            home[number] = known.pop() if known else entry.name
    found = {}
    for key, numbers in by_alias.items():
        named = {home[i] for i in numbers if i in home}
        if len(named) == 1 and len(key) >= SHORTEST and key not in ORDINARY and not key.isdigit():
            found[key] = named.pop()
    return found
