"""The map of definers by their definitions, as a picture."""

from __future__ import annotations

import altair as alt

from comity.definitions.camps import Camps
from comity.definitions.model import Definitions
from comity.definitions.register import definer_name
from comity.report.chart_data import Row
from comity.report.svg import INK, LINE, WIDTH, finished, table
from comity.report.text import clean

SHADES = {"A": LINE, "B": INK}
WIDE, HIGH = WIDTH - 60, 520
LINE_HEIGHT, LETTER = 13, 5.4  # of a name, in pixels


def camps_svg(found: Camps, definitions: Definitions, title: str) -> str:
    """Return the map; names at one place are one label, and labels are moved apart."""
    spots: dict[tuple[float, float, str], list[str]] = {}
    for p in found.placed:
        key = (round(p.x, 2), round(p.y, 2), "AB"[p.side])
        spots.setdefault(key, []).append(clean(definer_name(definitions, p.definition.definer)))
    rows = _apart(
        [
            {"x": x, "y": y, "side": side, "name": ", ".join(names), "n": len(names)}
            for (x, y, side), names in spots.items()
        ]
    )
    shade = alt.Color(
        "side:N", scale=alt.Scale(domain=list(SHADES), range=list(SHADES.values())),
        legend=alt.Legend(title="side", orient="top"),
    )  # fmt: skip
    bare = alt.Axis(labels=False, ticks=False, title=None, grid=False)
    low, high = _range(rows, "x", "x")
    axis = alt.X("x:Q", axis=bare, scale=alt.Scale(domain=[low, high], nice=False))
    bottom, top = _range(rows, "y", "at")
    level = alt.Scale(domain=[bottom, top], nice=False)
    base = table(rows).encode(x=axis, color=shade)
    dots = base.mark_point(filled=True, opacity=0.9).encode(
        y=alt.Y("y:Q", axis=bare, scale=level),
        size=alt.Size("n:Q", scale=alt.Scale(range=[40, 200]), legend=None),
        shape=alt.Shape("side:N", scale=alt.Scale(domain=["A", "B"], range=["circle", "square"])),
    )
    leaders = base.mark_rule(opacity=0.35).encode(y=alt.Y("y:Q", scale=level), y2="at:Q")
    names = base.mark_text(align="left", dx=8, fontSize=10).encode(
        y=alt.Y("at:Q", scale=level), text="name:N"
    )
    chart = (leaders + dots + names).properties(width=WIDE, height=HIGH).to_dict(validate=False)
    chart.pop("$schema", None)
    chart.pop("config", None)
    split = "two camps" if found.clear else "no clear split"
    return finished(
        chart, title,
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


def _apart(rows: list[Row]) -> list[Row]:
    """Return dots with a height for each name (`at`) at which no two names overlap.

    Names are placed from the top; one that would overlap moves down, a line at a time.
    """
    wide = max(r["x"] for r in rows) - min(r["x"] for r in rows) or 1.0
    high = max(r["y"] for r in rows) - min(r["y"] for r in rows) or 1.0
    line = LINE_HEIGHT / HIGH * high
    taken: list[tuple[float, float, float]] = []  # left, right, height
    placed = []
    for row in sorted(rows, key=lambda r: (-r["y"], r["x"])):
        left = float(row["x"])
        right = left + (12 + LETTER * len(str(row["name"]))) / WIDE * wide
        at = float(row["y"])
        while any(a < right and left < b and abs(h - at) < line for a, b, h in taken):
            at -= line / 4
        taken.append((left, right, at))
        placed.append({**row, "at": at})
    return placed
