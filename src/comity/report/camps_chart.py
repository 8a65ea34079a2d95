"""The map of definers by their definitions, as a picture."""

from __future__ import annotations

import altair as alt

from comity.definitions.camps import Camps
from comity.definitions.model import Definitions
from comity.definitions.register import definer_name
from comity.report.svg import INK, LINE, WIDTH, finished, table
from comity.report.text import clean

SHADES = {"A": LINE, "B": INK}


def camps_svg(found: Camps, definitions: Definitions, title: str) -> str:
    """Return the map; names at one place are one label, below each other."""
    spots: dict[tuple[float, float, str], list[str]] = {}
    for p in found.placed:
        key = (round(p.x, 2), round(p.y, 2), "AB"[p.side])
        spots.setdefault(key, []).append(clean(definer_name(definitions, p.definition.definer)))
    rows = [
        {"x": x, "y": y, "side": side, "name": _label(names), "n": len(names)}
        for (x, y, side), names in spots.items()
    ]
    shade = alt.Color(
        "side:N", scale=alt.Scale(domain=list(SHADES), range=list(SHADES.values())),
        legend=alt.Legend(title="side", orient="top"),
    )  # fmt: skip
    axes = {
        "x": alt.X("x:Q", axis=alt.Axis(labels=False, ticks=False, title=None)),
        "y": alt.Y("y:Q", axis=alt.Axis(labels=False, ticks=False, title=None)),
    }
    base = table(rows).encode(**axes, color=shade)
    dots = base.mark_point(filled=True, opacity=0.9).encode(
        size=alt.Size("n:Q", scale=alt.Scale(range=[40, 260]), legend=None),
        shape=alt.Shape("side:N", scale=alt.Scale(domain=["A", "B"], range=["circle", "square"])),
    )
    names = base.mark_text(align="left", dx=8, fontSize=10, lineBreak="\n").encode(text="name:N")
    chart = (dots + names).properties(width=WIDTH - 60, height=440).to_dict(validate=False)
    chart.pop("$schema", None)
    chart.pop("config", None)
    split = "two camps" if found.clear else "no clear split"
    return finished(
        chart, title,
        [f"{split}: strength {found.strength:.2f}, as strong by chance in "
         f"{100 * found.chance:.1f} of a hundred; {found.shown:.0%} of the distances are shown"],
        f"{len(found.placed)} definers, nearer where their definitions name the same: {split}.",
    )  # fmt: skip


def _label(names: list[str]) -> str:
    """Return names in lines of three."""
    parts = [", ".join(names[k : k + 3]) for k in range(0, len(names), 3)]
    return "\n".join(parts)
