"""The robustness curve: every defensible analysis as a point that opens what it was."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from comity.report.text import ratio_text
from comity.verification.examine.model import Robustness, Specification
from comity.verification.examine.specs import READINGS, short_window
from comity.verification.model import Question
from comity.verification.words import percent

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 300, 48, 12, 14, 30
TICKS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
FREE = ("promised", "outcome", "delay", "anticipation", "shape", "campaigns")


@dataclass(frozen=True, slots=True)
class Point:
    """One analysis: where it stands, its words, and the address that opens it."""

    x: float
    y: float
    top: float
    base: float
    kind: str  # declared | near | far
    words: str
    href: str


@dataclass(frozen=True, slots=True)
class Curve:
    """The analyses in order of their ratio."""

    width: int
    height: int
    points: tuple[Point, ...]
    ticks: tuple[tuple[float, str], ...]
    one: float  # where no change is


def draw_curve(found: Robustness, opened: Callable[[int], str]) -> Curve | None:
    """Return the curve, None where no analysis is identified; `opened` gives an address to each."""
    rows = [s for s in found.specifications if s.identified and s.ratio is not None]
    rows.sort(key=lambda s: (s.ratio.median if s.ratio else 0.0, s.number))
    if not rows:
        return None
    ends = [v for s in rows if s.ratio for v in (s.ratio.lower, s.ratio.upper) if v > 0]
    low, high = max(min([*ends, 0.5]), 0.02), min(max([*ends, 2.0]), 50.0)

    def at(value: float) -> float:
        inside = min(max(value, low), high)
        share = (math.log(high) - math.log(inside)) / (math.log(high) - math.log(low))
        return round(TOP + share * (HEIGHT - TOP - BOTTOM), 1)

    step = (WIDTH - LEFT - RIGHT) / max(len(rows), 1)
    points = []
    for k, one in enumerate(rows):
        if one.ratio is None:
            continue
        kind = "declared" if one.distance == 0 else "near" if one.distance == 1 else "far"
        words = f"{ratio_text(one.ratio, '–')}, {_chance(one)}: {departs(one, found)}"
        points.append(
            Point(round(LEFT + (k + 0.5) * step, 1), at(one.ratio.median), at(one.ratio.upper),
                  at(one.ratio.lower), kind, words, opened(one.number))
        )  # fmt: skip
    ticks = tuple((at(v), f"{v:g}") for v in TICKS if low <= v <= high)
    return Curve(WIDTH, HEIGHT, tuple(points), ticks, at(1.0))


def _chance(one: Specification) -> str:
    return f"{percent(one.fell)} that it fell" if one.fell is not None else "no probability"


def titles(found: Robustness) -> dict[str, tuple[str, dict[str, str]]]:
    """Return each axis with its title and the titles of its options."""
    return {a.name: (a.title, {o.option: o.title for o in a.options}) for a in found.axes}


def declared_of(found: Robustness) -> dict[str, str]:
    """Return the declared option of each axis."""
    first = next((s for s in found.specifications if s.distance == 0), None)
    return dict(first.options) if first else {}


def departs(one: Specification, found: Robustness) -> str:
    """Return in words on what an analysis departs from the declared one."""
    own, named = declared_of(found), titles(found)
    said = []
    for axis, option in one.options:
        if own.get(axis) != option:
            title, options = named.get(axis, (axis, {}))
            said.append(f"{title}: {options.get(option, option)}")
    return "; ".join(said) or "as declared"


def controls_for(one: Specification, question: Question, lists: int) -> dict[str, str]:
    """Return the controls of a verdict that make an analysis, as far as there are controls."""
    options = dict(one.options)
    values: dict[str, str] = {}
    if lists > 1 and options.get("lists") and "+" not in options["lists"]:
        values["list"] = options["lists"]
    if options.get("comparison") not in (None, question.comparison, "everyone-else"):
        values["comparison"] = options["comparison"]
    if options.get("scope") not in (None, question.scope.id):
        values["scope"] = options["scope"]
    if options.get("window") == "short":
        first, last = short_window(question)
        values |= {"from": str(first.year), "to": str(last.year)}
    if options.get("period") == "half-year":
        values["period"] = "half-year"
    reading = READINGS.get(options.get("dates", "year"))
    if reading is not None:
        if reading.first_of_year == "exact":
            values["year_dates"] = "exact"
        if reading.first_of_month == "exact":
            values["month_dates"] = "exact"
    return values


def beyond_controls(one: Specification, found: Robustness) -> str:
    """Return the choices of an analysis that no control makes, empty where there are none."""
    own, named = declared_of(found), titles(found)
    said = []
    for axis, option in one.options:
        free = axis in FREE or option == "everyone-else"
        if free and own.get(axis) != option:
            title, options = named.get(axis, (axis, {}))
            said.append(f"{title}: {options.get(option, option)}")
    return "; ".join(said)
