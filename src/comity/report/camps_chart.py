"""The map of definers by their definitions, as a picture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from comity.definitions.camps import Camps
from comity.definitions.model import Definitions
from comity.definitions.register import definer_name
from comity.report.chart_data import Row
from comity.report.svg import INK, LINE, WIDTH, finished
from comity.report.text import clean
from comity.report.vega import channel, layer, shades, table

SHADES = {"A": LINE, "B": INK}
WIDE, HIGH = WIDTH, 560
LINE_HEIGHT, LETTER, GAP = 13.0, 5.4, 3.0  # of a name, in pixels
MOST_STEPS = 24  # half lines that a name may be moved
MOST_TRIED = 60  # free places of a name that are weighed
CROSSED, POINTS = 30.0, 12  # pixels that a crossed name or dot counts for; points of a line
NOWHERE: Row = {"left": None, "right": None, "middle": None, "name": None, "side": None}


def camps_svg(found: Camps, definitions: Definitions, title: str) -> str:
    """Return the map; names at one place are one label, and labels are moved apart."""
    spots: dict[tuple[float, float, str], list[str]] = {}
    for p in found.placed:
        key = (round(p.x, 2), round(p.y, 2), "AB"[p.side])
        spots.setdefault(key, []).append(clean(definer_name(definitions, p.definition.definer)))
    rows = _placed(
        [
            {"x": x, "y": y, "side": side, "name": ", ".join(names), "n": len(names)}
            for (x, y, side), names in spots.items()
        ], WIDE, HIGH,
    )  # fmt: skip
    shade = shades("side:N", SHADES, "side")
    bare = {"labels": False, "ticks": False, "title": None, "grid": False}
    across = {"domain": [0, WIDE], "nice": False}
    down = {"domain": [HIGH, 0], "nice": False}
    base = table(rows).encode(color=shade)
    dots = base.mark("point", filled=True, opacity=0.9).encode(
        x=channel("px:Q", axis=bare, scale=across),
        y=channel("py:Q", axis=bare, scale=down),
        size=channel("area:Q", scale=None, legend=None),
        shape=channel("side:N", scale={"domain": ["A", "B"], "range": ["circle", "square"]}),
    )
    leaders = base.mark("rule", opacity=0.45).encode(
        x=channel("px:Q", scale=across), y=channel("py:Q", scale=down), x2="to_x:Q", y2="to_y:Q"
    )
    names = [
        table([r for r in rows if r["beside"] == side] or [NOWHERE])
        .mark("text", align=align, fontSize=10)
        .encode(
            x=channel(f"{side}:Q", scale=across),
            y=channel("middle:Q", scale=down),
            text="name:N",
            color=shade,
        )
        for side, align in (("left", "left"), ("right", "right"))
    ]
    layers = layer(leaders, dots, *names).sized(width=WIDE, height=HIGH)
    split = "two camps" if found.clear else "no clear split"
    return finished(
        layers, title,
        [f"{split}: strength {found.strength:.2f}, as strong by chance in "
         f"{100 * found.chance:.1f} of a hundred; {found.shown:.0%} of the distances are shown"],
        f"{len(found.placed)} definers, nearer where their definitions name the same: {split}.",
    )  # fmt: skip


def _range(rows: list[Row], *fields: str) -> tuple[float, float]:
    """Return the ends of some fields, with room for dots."""
    values = [float(r[f]) for r in rows for f in fields]
    low, high = min(values), max(values)
    margin = 0.04 * (high - low or 1.0)
    return low - margin, high + margin


def _placed(rows: list[Row], width: float, height: float) -> list[Row]:
    """Return dots with a place for each name, in pixels, at which it lies on no dot and no name.

    A name stands beside its dot, right or left, where that is free; else near, where there is room
    and the line that leads to it crosses least.
    """
    low_x, high_x = _range(rows, "x")
    low_y, high_y = _range(rows, "y")
    dots = [
        ((float(r["x"]) - low_x) / (high_x - low_x) * width,
         (high_y - float(r["y"])) / (high_y - low_y) * height, _radius(int(r["n"])))
        for r in rows
    ]  # fmt: skip
    taken = [(x - r - 1, x + r + 1, y - r - 1, y + r + 1) for x, y, r in dots]
    made: list[Row] = []
    order = sorted(range(len(rows)), key=lambda k: (dots[k][1], dots[k][0]))
    for k in order:
        x, y, radius = dots[k]
        wide = LETTER * len(str(rows[k]["name"])) + 4
        free = (b for b in _boxes(x, y, radius, wide) if _free(b[1], taken, width, height))
        others = [b for n, b in enumerate(taken) if n != k]
        box = _least_crossing(x, y, islice(free, MOST_TRIED), others)
        if box is None:
            box = next(_boxes(x, y, radius, wide))[1]
        taken.append(box)
        near, middle = _near(x, box)
        far = abs(near - x) > radius + 2 * GAP or abs(middle - y) > 1
        made.append({**rows[k], "px": x, "py": y, "left": box[0] + 2, "right": box[1] - 2,
                     "beside": "right" if box[1] < x else "left", "middle": middle,
                     "to_x": near if far else x, "to_y": middle if far else y,
                     "area": math.pi * radius**2})  # fmt: skip
    return made


def _radius(names: int) -> float:
    """Return the radius of a dot in pixels, of an area that grows with its names."""
    return min(5.0 * math.sqrt(names), 10.0)


Box = tuple[float, float, float, float]  # left, right, top, bottom


def _boxes(x: float, y: float, radius: float, wide: float) -> Iterator[tuple[float, Box]]:
    """Yield places for a name of a dot with how far each is, the nearest first; of two as near,
    that at its right."""
    half, found = LINE_HEIGHT / 2, []
    for step in range(-MOST_STEPS, MOST_STEPS + 1):
        middle = y + step * half
        for out in range(MOST_STEPS):
            reach = radius + GAP + out * half
            for side, left in enumerate((x + reach, x - reach - wide)):
                away = math.hypot(reach, middle - y) + side
                found.append((away, (left, left + wide, middle - half, middle + half)))
        if abs(middle - y) > radius + half:
            above = (x - wide / 2, x + wide / 2, middle - half, middle + half)
            found.append((abs(middle - y) + 2, above))
    yield from sorted(found)


def _least_crossing(
    x: float, y: float, places: Iterable[tuple[float, Box]], others: Sequence[Box]
) -> Box | None:
    """Return the best of some places for a name of a dot, given from the nearest on; none of none.

    How far one is counts, and what the line to it crosses; those farther than the best so far
    counts in all need no look.
    """
    least, best = math.inf, None
    for away, box in places:
        if away >= least:
            break
        counted = away + CROSSED * _crossed(x, y, box, others)
        if counted < least:
            least, best = counted, box
    return best


def _near(x: float, box: Box) -> tuple[float, float]:
    """Return where a line from a dot at `x` meets a name."""
    return min(max(x, box[0]), box[1]), (box[2] + box[3]) / 2


def _crossed(x: float, y: float, box: Box, others: Sequence[Box]) -> int:
    """Return how many other names and dots the line from a dot to its name crosses."""
    to_x, to_y = _near(x, box)
    points = [(x + (to_x - x) * k / POINTS, y + (to_y - y) * k / POINTS) for k in range(POINTS)]
    left, right, top, bottom = min(x, to_x), max(x, to_x), min(y, to_y), max(y, to_y)
    return sum(
        any(a < px < b and c < py < d for px, py in points)
        for a, b, c, d in others
        if a < right and left < b and c < bottom and top < d
    )


def _free(box: Box, taken: Sequence[Box], width: float, height: float) -> bool:
    """Say whether a place lies inside the picture, and on nothing else."""
    left, right, top, bottom = box
    inside = left >= 0 and right <= width and top >= 0 and bottom <= height
    return inside and not any(
        left < b and a < right and top < d and c < bottom for a, b, c, d in taken
    )
