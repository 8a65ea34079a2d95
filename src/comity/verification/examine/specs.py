"""The defensible analyses of one question: every axis of choice, its options, and which to run.

The whole product is far too many to fit. What is run: the declared analysis, all that differ from
it on one axis or on two, and, up to the number asked for, others drawn evenly from the product with
a fixed seed. Combinations that cannot be made are counted with their reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from comity.dates import DateReading
from comity.verification.model import COMPARISONS, PERIODS, Question

Options = tuple[tuple[str, str], ...]

DEFAULT_RUN = 1200
SHORT_YEARS = 5
READINGS: Mapping[str, DateReading] = {
    "as-given": DateReading("exact", "exact"),
    "month": DateReading("exact", "month"),
    "year": DateReading("year", "month"),
}
AXIS_TITLES: Mapping[str, str] = {
    "lists": "which lists",
    "comparison": "compared with what",
    "scope": "what counts",
    "promised": "receivers under the same promise",
    "outcome": "what is counted",
    "window": "which years",
    "period": "length of a period",
    "dates": "a first of January or of a month",
    "delay": "reporting delay",
    "anticipation": "change from before the signature",
    "shape": "shape of the change",
    "campaigns": "incidents of one campaign",
}
OPTION_TITLES: Mapping[str, Mapping[str, str]] = {
    "comparison": {**COMPARISONS, "everyone-else": "others against others (A, D)"},
    "promised": {"out": "leave the comparison", "in": "stay in it"},
    "outcome": {
        "starts": "operations by their start",
        "active": "operations under way",
        "severity": "operations weighed by severity",
    },
    "window": {"declared": "as declared", "short": f"{SHORT_YEARS} years on each side"},
    "period": {"quarter": "quarters", "half-year": "half-years"},
    "dates": {"as-given": "as that day", "month": "as the month", "year": "as the year or month"},
    "delay": {"estimated": "as estimated", "none": "none", "double": "twice as long"},
    "anticipation": {"none": "none", "one": "one quarter before", "two": "two quarters before"},
    "shape": {"step": "a step", "ramp": "a ramp over a year"},
    "campaigns": {"linked": "count as one cluster", "apart": "count apart"},
}


@dataclass(frozen=True, slots=True)
class Space:
    """All options on all axes, the declared one first: the product is every analysis."""

    axes: Mapping[str, tuple[str, ...]]
    titles: Mapping[str, Mapping[str, str]]

    @property
    def size(self) -> int:
        """How many combinations there are."""
        return int(np.prod([len(o) for o in self.axes.values()], dtype=object))

    @property
    def declared(self) -> Options:
        """The declared analysis."""
        return tuple((axis, options[0]) for axis, options in self.axes.items())

    def distance(self, options: Options) -> int:
        """Return on how many axes an analysis departs from the declared one."""
        return sum(mine != own for (_, mine), (_, own) in zip(options, self.declared, strict=True))

    def title(self, axis: str, option: str) -> str:
        """Return an option in words."""
        return self.titles.get(axis, {}).get(option, option)


def _first(first: str, *others: str) -> tuple[str, ...]:
    """Return options without repeats, the declared one first."""
    return tuple(dict.fromkeys((first, *others)))


def list_options(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return every way to use the lists: all, each, each pair; joined by "+"."""
    options = ["+".join(names), *names]
    options += ["+".join(pair) for pair in combinations(names, 2)]
    return tuple(dict.fromkeys(options))


def space_of(
    question: Question,
    lists: tuple[str, ...],
    reading: DateReading,
    delays: bool,
    promised: bool,
    months: int = 3,
) -> Space:
    """Return the space of a question on some lists.

    `delays` is whether any list's reporting delay is known, `promised` whether any receiver is
    under the same promise: without, those axes have one option. `months` is the length of a period
    as asked.
    """
    read = next((name for name, r in READINGS.items() if r == reading), "year")
    scopes = (*question.scopes, *question.definitions)
    axes = {
        "lists": list_options(lists),
        "comparison": _first(question.comparison, *COMPARISONS, "everyone-else"),
        "scope": tuple(s.id for s in scopes),
        "promised": ("out", "in") if promised else ("in",),
        "outcome": ("starts", "active", "severity"),
        "window": ("declared", "short"),
        "period": _first(PERIODS[months], *PERIODS.values()),
        "dates": _first(read, *READINGS),
        "delay": ("estimated", "none", "double") if delays else ("none",),
        "anticipation": ("none", "one", "two"),
        "shape": ("step", "ramp"),
        "campaigns": ("linked", "apart"),
    }
    titles = {**OPTION_TITLES, "scope": {s.id: s.title for s in scopes}}
    return Space(axes, titles)


def short_window(question: Question) -> tuple[dt.date, dt.date]:
    """Return the declared window cut to SHORT_YEARS on each side of the agreement."""
    agreed = question.agreed
    first = dt.date(agreed.year - SHORT_YEARS, 1, 1)
    last = dt.date(agreed.year + SHORT_YEARS, 12, 31)
    return max(first, question.window_from), min(last, question.window_to)


def impossible(options: Options, named_by_lists: Mapping[str, frozenset[str]]) -> str:
    """Return why a combination cannot be made, or an empty string.

    `named_by_lists` gives, for an option of the axis lists, the lists in it that have severities.
    """
    chosen = dict(options)
    if chosen["period"] == "half-year" and chosen["anticipation"] == "one":
        return "half-years cannot begin one quarter before the agreement"
    if chosen["outcome"] == "severity" and not named_by_lists.get(chosen["lists"]):
        return "the list has no severities"
    return ""


def near(space: Space, most: int = 2) -> Iterator[Options]:
    """Yield the declared analysis, then those that differ on one axis, on two, ..."""
    base = dict(space.declared)
    names = list(space.axes)
    yield space.declared
    for count in range(1, most + 1):
        for axes in combinations(names, count):
            for picked in product(*(space.axes[a][1:] for a in axes)):
                changed = {**base, **dict(zip(axes, picked, strict=True))}
                yield tuple(changed.items())


def drawn(space: Space, seed: int) -> Iterator[Options]:
    """Yield analyses drawn from the product without repeats, in an order fixed by the seed."""
    random = np.random.default_rng(seed)
    sizes = [len(o) for o in space.axes.values()]
    seen: set[tuple[int, ...]] = set()
    while len(seen) < space.size:
        for row in random.integers(0, sizes, size=(4096, len(sizes))):
            key = tuple(map(int, row))
            if key not in seen:
                seen.add(key)
                yield tuple(
                    (axis, options[k])
                    for (axis, options), k in zip(space.axes.items(), key, strict=True)
                )
