"""Two releases of one list side by side: which incidents came, went and changed.

An incident of the older release is the same as one of the newer where, in this order and each taken
once: their ids agree; their names agree, letters and digits alone; they have the same dates and
names alike to four fifths; or they share an address that no other incident left over has. Anything
else is removed and added. The last three are told as such (`matched_by`): they are judgements.
Descriptions, which a list words anew at will, are not compared.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comity.errors import SourceError
from comity.incidents.add import read_list
from comity.incidents.load import load_evidence
from comity.incidents.model import ListRelease

if TYPE_CHECKING:
    import polars as pl

COMPARED = (
    "id", "name", "start", "end", "reported", "initiators", "initiator_kinds", "organs",
    "receivers", "targets", "effects", "objectives", "commercial_use", "severity", "campaign",
    "attributions", "sources",
)  # fmt: skip
ALIKE = 0.8  # of two names, by difflib's ratio
BY = ("id", "name", "date and name", "address")

Row = Mapping[str, Any]
Pair = tuple[Row, Row]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of an incident that differs; both values as text, several parted by `|`."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class IncidentChange:
    """An incident that is in both releases and differs; `matched_by` is one of BY."""

    id: str
    name: str
    matched_by: str
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class IncidentBrief:
    """An incident that is in one release only."""

    id: str
    name: str
    start: str
    reported: str


@dataclass(frozen=True, slots=True)
class ReleaseComparison:
    """Two releases of a list. `late` counts the added incidents that the newer release dates, by
    report or else by start, to the older one's closing day or before: it did not have them yet.
    `*_aside` count rows that were set aside: what is removed may be among the newer one's."""

    list: str
    old: str
    new: str
    old_incidents: int
    new_incidents: int
    old_aside: int
    new_aside: int
    old_closed_on: str
    unchanged: int
    added: tuple[IncidentBrief, ...]
    removed: tuple[IncidentBrief, ...]
    changed: tuple[IncidentChange, ...]
    fields: Mapping[str, int]  # how many incidents differ in each field, most first
    late: int


def compare_files(
    name: str, old: Path, new: Path | None = None, mapping: Path | None = None,
    home: Path | None = None,
) -> ReleaseComparison:  # fmt: skip
    """Compare two files of one list, or a file (older) with the list at hand.

    A folder stands for all the files in it. Raises SourceError where a file cannot be read as the
    list, or the list is not at hand.
    """
    older = read_list(name, _files(old), mapping)
    if new is None:
        held = load_evidence([name], home)
        return compare_releases((older.release, older.table), (held.releases[0], held.table))
    newer = read_list(name, _files(new), mapping)
    return compare_releases((older.release, older.table), (newer.release, newer.table))


def _files(path: Path) -> list[Path]:
    """Return a file, or the files of a folder by name. Raises SourceError where it is neither."""
    if path.is_dir():
        return sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
    if not path.exists():
        raise SourceError(f"There is no file {path}.")
    return [path]


def compare_releases(
    old: tuple[ListRelease, pl.DataFrame], new: tuple[ListRelease, pl.DataFrame]
) -> ReleaseComparison:
    """Compare two releases of a list, each with its table. Raises SourceError for two lists."""
    (first, before), (second, after) = old, new
    if first.list != second.list:
        raise SourceError(f"{first.list} and {second.list} are two lists, not two releases of one.")
    pairs, removed, added = _matched(
        list(before.iter_rows(named=True)), list(after.iter_rows(named=True))
    )
    changed = tuple(change for by, pair in pairs if (change := _change(by, *pair)) is not None)
    counts = Counter(field.field for change in changed for field in change.changes)
    closed = first.closed_on.latest
    return ReleaseComparison(
        first.list, first.release, second.release, before.height, after.height,
        first.rows_aside, second.rows_aside, first.closed_on.text, len(pairs) - len(changed),
        tuple(map(_brief, added)), tuple(map(_brief, removed)), changed,
        dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
        0 if closed is None else sum(_known_by(row, closed) for row in added),
    )  # fmt: skip


def _known_by(row: Row, day: dt.date) -> bool:
    """Say whether an incident is dated, by report or else by start, to a day or before it."""
    when = row["reported_latest"] or (None if row["reported"] else row["start_latest"])
    return when is not None and when <= day


def _matched(
    old: Sequence[Row], new: Sequence[Row]
) -> tuple[list[tuple[str, Pair]], list[Row], list[Row]]:
    """Return the pairs with how they were matched, and what is left of either release."""
    keys: dict[str, Callable[[Row], Iterable[Hashable]]] = {
        BY[0]: lambda row: (row["id"],),
        BY[1]: lambda row: filter(None, (_letters(row["name"]),)),
    }
    pairs: list[tuple[str, Pair]] = []
    left, right = list(old), list(new)
    for by, keys_of in keys.items():
        left, right = _take(pairs, by, left, right, keys_of)
    left, right = _take_alike(pairs, left, right)
    left, right = _take(pairs, BY[3], left, right, lambda row: row["sources"])
    order = {id(row): n for n, row in enumerate(new)}
    pairs.sort(key=lambda item: order[id(item[1][1])])
    return pairs, left, right


def _take(
    pairs: list[tuple[str, Pair]], by: str, old: Sequence[Row], new: Sequence[Row],
    keys_of: Callable[[Row], Iterable[Hashable]],
) -> tuple[list[Row], list[Row]]:  # fmt: skip
    """Move to `pairs` the rows that alone on either side have a key; return the rest."""
    sides = []
    for rows in (old, new):
        index: dict[Hashable, list[int]] = defaultdict(list)
        for number, row in enumerate(rows):
            for key in keys_of(row):
                index[key].append(number)
        sides.append(index)
    used: tuple[set[int], set[int]] = (set(), set())
    for key, mine in sides[0].items():
        theirs = sides[1].get(key, [])
        if len(mine) == len(theirs) == 1 and mine[0] not in used[0] and theirs[0] not in used[1]:
            pairs.append((by, (old[mine[0]], new[theirs[0]])))
            used[0].add(mine[0])
            used[1].add(theirs[0])
    return _rest(old, used[0]), _rest(new, used[1])


def _take_alike(
    pairs: list[tuple[str, Pair]], old: Sequence[Row], new: Sequence[Row]
) -> tuple[list[Row], list[Row]]:
    """Move to `pairs` the rows of the same dates whose names are most alike; return the rest."""
    by_date: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, row in enumerate(new):
        by_date[row["start"], row["reported"]].append(number)
    found: list[tuple[float, int, int]] = []
    for mine, row in enumerate(old):
        if not row["start"] and not row["reported"]:
            continue
        for theirs in by_date.get((row["start"], row["reported"]), ()):
            alike = _alikeness(row["name"], new[theirs]["name"])
            if alike >= ALIKE:
                found.append((-alike, mine, theirs))
    used: tuple[set[int], set[int]] = (set(), set())
    for _, mine, theirs in sorted(found):
        if mine not in used[0] and theirs not in used[1]:
            pairs.append((BY[2], (old[mine], new[theirs])))
            used[0].add(mine)
            used[1].add(theirs)
    return _rest(old, used[0]), _rest(new, used[1])


def _rest(rows: Sequence[Row], used: set[int]) -> list[Row]:
    return [row for number, row in enumerate(rows) if number not in used]


def _letters(name: str) -> str:
    """Return a name's letters and digits in one case."""
    return "".join(c for c in name.casefold() if c.isalnum())


def _alikeness(one: str, other: str) -> float:
    """Return how alike two names are, 0 to 1."""
    return SequenceMatcher(None, _letters(one), _letters(other), autojunk=False).ratio()


def _change(by: str, old: Row, new: Row) -> IncidentChange | None:
    """Return what differs between two rows of one incident, or None."""
    found = tuple(_differences(old, new))
    return IncidentChange(new["id"], new["name"], by, found) if found else None


def _differences(old: Row, new: Row) -> Iterator[FieldChange]:
    for field in COMPARED:
        before, after = _text(old[field]), _text(new[field])
        if before != after:
            yield FieldChange(field, before, after)


def _text(value: Any) -> str:
    """Return a cell as text."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "|".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _brief(row: Row) -> IncidentBrief:
    return IncidentBrief(row["id"], row["name"], row["start"], row["reported"])
