"""Roll calls of the General Assembly on information security: who stands where, who swings.

Two tables in `data/diffusion/`: `resolutions.tsv` (what was voted on, with sources) and `votes.tsv`
(who voted how). A state that is not listed was absent or did not vote, which says nothing.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from pathlib import Path

import numpy as np

from comity.countries import country_name
from comity.diffusion.ideal_points import (
    Items,
    as_matrix,
    dividing_point,
    fit_items,
    positions,
)
from comity.errors import CountryError, VotesError
from comity.provenance import is_web_address

FOLDER = "data/diffusion"
VOTES = ("yes", "abstain", "no")
STATUSES = ("seen", "secondary", "unverified")
HEADERS = {
    "resolutions.tsv": ("resolution", "date", "series", "subject", "sources", "status"),
    "votes.tsv": ("resolution", "country", "vote"),
}
SIDES = ("left", "between", "right")
SURE = 0.9  # chance of standing on one side from which a state is counted to it
SHIFT_LEVEL = 0.9


@dataclass(frozen=True, slots=True)
class Resolution:
    """One roll call; `series` ties texts on one subject together, from session to session."""

    id: str
    date: dt.date
    series: str
    subject: str
    sources: tuple[str, ...]
    status: str
    yes: int
    no: int
    abstain: int


@dataclass(frozen=True, slots=True)
class RollCalls:
    """Resolutions by date and each vote cast by (resolution, country)."""

    resolutions: tuple[Resolution, ...]
    cast: Mapping[tuple[str, str], str]

    @property
    def countries(self) -> tuple[str, ...]:
        """Every state that voted at least once, by code."""
        return tuple(sorted({country for _, country in self.cast}))


@dataclass(frozen=True, slots=True)
class Standpoint:
    """Where a state stands; `side` is left, right or between (neither with SURE)."""

    country: str
    position: float
    lower: float
    upper: float
    right: float  # the chance that it stands right of the dividing point
    side: str
    votes: tuple[str, ...]  # in the order of the resolutions; "absent" where none was cast


@dataclass(frozen=True, slots=True)
class Switch:
    """A vote that changed between two texts of one series."""

    country: str
    series: str
    earlier: str
    later: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class VoteMap:
    """All states on one axis. Right is the side of a yes on `anchor`, the most divided text."""

    resolutions: tuple[Resolution, ...]
    states: tuple[Standpoint, ...]
    dividing: float
    anchor: str
    slopes: tuple[float, ...]
    switches: tuple[Switch, ...]
    both: tuple[str, ...]  # states that said yes to opposed texts
    level: float

    def of(self, country: str) -> Standpoint:
        """Return one state's place. Raises VotesError for one without a vote."""
        for state in self.states:
            if state.country == country:
                return state
        raise VotesError(f"{country_name(country)} cast no vote in these roll calls.")


def load_roll_calls(folder: Path | None = None) -> RollCalls:
    """Return the roll calls that ship, or of a folder. Raises VotesError listing every problem."""
    return _shipped() if folder is None else _load(folder)


def check_roll_calls(folder: Path | None = None) -> tuple[str, ...]:
    """Return every problem as "file:line: message"; none where both tables are sound."""
    return _read(folder)[2]


def map_votes(roll_calls: RollCalls, level: float = 0.9, seed: int = 0) -> VoteMap:
    """Place every state on one axis. Raises VotesError where votes are too few."""
    names = [r.id for r in roll_calls.resolutions]
    states = roll_calls.countries
    votes = as_matrix(roll_calls.cast, states, names)
    items = fit_items(votes, seed)
    found, dividing = positions(items, votes, level), dividing_point(items, votes)
    right = found.above(dividing)
    placed = [
        Standpoint(
            country, float(found.mean[k]), float(found.lower[k]), float(found.upper[k]),
            float(right[k]), _side(float(right[k])),
            tuple(roll_calls.cast.get((n, country), "absent") for n in names),
        )
        for k, country in enumerate(states)
    ]  # fmt: skip
    placed.sort(key=lambda s: (s.position, s.country))
    anchor = max(roll_calls.resolutions, key=lambda r: min(r.yes, r.no))
    return VoteMap(
        roll_calls.resolutions, tuple(placed), float(np.median(dividing)), anchor.id,
        tuple(float(s) for s in items.slope), tuple(_switches(roll_calls)),
        tuple(_both(roll_calls, items)), level,
    )  # fmt: skip


def _side(right: float) -> str:
    if right >= SURE:
        return "right"
    return "left" if right <= 1 - SURE else "between"


def _switches(roll_calls: RollCalls) -> Iterator[Switch]:
    """Yield each vote that differs from the state's last one in the same series."""
    by_series: dict[str, list[Resolution]] = {}
    for resolution in roll_calls.resolutions:
        by_series.setdefault(resolution.series, []).append(resolution)
    for series, texts in by_series.items():
        for country in roll_calls.countries:
            cast = [(r.id, v) for r in texts if (v := roll_calls.cast.get((r.id, country)))]
            for (one, before), (two, after) in pairwise(cast):
                if before != after:
                    yield Switch(country, series, one, two, before, after)


def _both(roll_calls: RollCalls, items: Items) -> Iterator[str]:
    """Yield states that said yes to a text of each side (slopes of opposite sign, both sharp)."""
    signs = {r.id: s for r, s in zip(roll_calls.resolutions, items.slope, strict=True)}
    for country in roll_calls.countries:
        said = [signs[r] for r in signs if roll_calls.cast.get((r, country)) == "yes"]
        contested = [s for s in said if abs(s) > 0.5]
        if any(s > 0 for s in contested) and any(s < 0 for s in contested):
            yield country


@lru_cache(maxsize=1)
def _shipped() -> RollCalls:
    return _load(None)


def _load(folder: Path | None) -> RollCalls:
    resolutions, cast, problems = _read(folder)
    if problems:
        raise VotesError("The roll calls have problems:\n" + "\n".join(problems))
    return RollCalls(resolutions, cast)


def _read(
    folder: Path | None,
) -> tuple[tuple[Resolution, ...], dict[tuple[str, str], str], tuple[str, ...]]:
    """Return resolutions by date, votes, and every problem."""
    problems: list[str] = []
    rows = {name: list(_rows(folder, name, problems)) for name in HEADERS}
    known: dict[str, dict[str, str]] = {}
    for line, row in rows["resolutions.tsv"]:
        problems += [f"resolutions.tsv:{line}: {m}" for m in _resolution_problems(row, known)]
        known.setdefault(row["resolution"], row)
    cast: dict[tuple[str, str], str] = {}
    for line, row in rows["votes.tsv"]:
        wrong = list(_vote_problems(row, known, cast))
        problems += [f"votes.tsv:{line}: {message}" for message in wrong]
        if not wrong:
            cast[row["resolution"], row["country"]] = row["vote"]
    if problems:
        return (), {}, tuple(problems)
    tallies = Counter((resolution, vote) for (resolution, _), vote in cast.items())
    found = [
        Resolution(
            name, dt.date.fromisoformat(r["date"]), r["series"], r["subject"],
            tuple(r["sources"].split(" ; ")), r["status"],
            *(tallies[name, vote] for vote in ("yes", "no", "abstain")),
        )
        for name, r in known.items()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda r: (r.date, r.id))), cast, ()


def _rows(
    folder: Path | None, name: str, problems: list[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line, row) of a table; what cannot be read is added to the problems."""
    place = folder / name if folder else resources.files("comity").joinpath(FOLDER, name)
    try:
        lines = place.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{name}:1: cannot be read as UTF-8 text: {error}")
        return
    header = HEADERS[name]
    for number, cells in enumerate(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
        if number == 1:
            if tuple(cells) != header:
                problems.append(f"{name}:1: the header must be {', '.join(header)}")
                return
        elif len(cells) != len(header):
            problems.append(f"{name}:{number}: {len(cells)} cells, not {len(header)}")
        else:
            yield number, dict(zip(header, cells, strict=True))


def _resolution_problems(row: Mapping[str, str], known: Mapping[str, object]) -> Iterator[str]:
    if row["resolution"] in known:
        yield f"resolution {row['resolution']!r} is there twice"
    try:
        dt.date.fromisoformat(row["date"])
    except ValueError:
        yield f"date {row['date']!r} is not a full day"
    if row["status"] not in STATUSES:
        yield f"status {row['status']!r} is not one of {', '.join(STATUSES)}"
    for address in row["sources"].split(" ; "):
        if not is_web_address(address):
            yield f"source {address!r} is not an http(s) address"


def _vote_problems(
    row: Mapping[str, str], known: Mapping[str, object], cast: Mapping[tuple[str, str], str]
) -> Iterator[str]:
    if row["resolution"] not in known:
        yield f"resolution {row['resolution']!r} is not in resolutions.tsv; add it there first"
    if (row["resolution"], row["country"]) in cast:
        yield f"{row['country']} votes twice on {row['resolution']}"
    if row["vote"] not in VOTES:
        yield f"vote {row['vote']!r} is not one of {', '.join(VOTES)}; an absence has no row"
    try:
        country_name(row["country"])
    except CountryError as error:
        yield f"country: {error}"


def switches_of(found: VoteMap, countries: Sequence[str]) -> tuple[Switch, ...]:
    """Return the changed votes of some states, of all where none is named."""
    return tuple(s for s in found.switches if not countries or s.country in countries)
