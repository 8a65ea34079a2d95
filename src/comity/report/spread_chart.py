"""A norm's path through forums, and how many had taken it up by when, as a picture."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from comity.diffusion.spread import FORUMS, NO_VOTES, Curve, Spread
from comity.report.chart_data import Row
from comity.report.svg import INK, LINE, MIDDLE, PALE, SOFT, WIDTH, finished
from comity.report.text import clean
from comity.report.vega import Chart, Spec, beside, channel, layer, shades, table

SHADES = {"left": LINE, "between": MIDDLE, "right": INK, NO_VOTES: "#c9a227"}
REGIONS = (LINE, "#b5483a", "#c9a227", "#5b8c5a", INK, MIDDLE, SOFT, PALE)
PROMISES = {"promised": LINE, "stated only": MIDDLE, "disputed": SOFT}
SAID = {"yes": "promised", "no": "stated only", "disputed": "disputed"}


def spread_svg(found: Spread) -> str:
    """Return the forum path above, the curves by votes below, on one axis of time."""
    days = [a.day for a in found.adoptions]
    days += [day for s in found.path for day in (s.date.earliest, s.date.latest) if day]
    first, last = min(days, default=found.day), max(days, default=found.day)
    end = min(found.day, dt.date(last.year + 1, 12, 31))
    x = channel(
        "day:T",
        scale={"domain": [f"{first.year}-01-01", f"{last.year + 2}-01-01"]},
        axis={"title": None, "format": "%Y", "tickCount": "year"},
    )
    path = _path(found, x)
    regions = dict(zip((c.group for c in found.regions), REGIONS, strict=False))
    panels = [
        _curves(found.camps, SHADES, "side on the axis of votes", end, x),
        _curves(found.regions, regions, "region", end, x),
    ]
    whole = beside("vconcat", [path, *panels], 14).resolve(color="independent", x="shared")
    spanned = sum(a.spanned for a in found.first)
    late = [
        f"Of {spanned} of these {len(found.first)} states only a span is known: they count from "
        "its last day, and may have come earlier"
    ] if spanned else []  # fmt: skip
    reached = ", ".join(f"{c.group} {c.reached} of {c.of}" for c in found.camps)
    return finished(
        whole, f"How it spread: {clean(found.title)}",
        ["Above: each text by forum, larger with more states, dashed to the text it takes up",
         f"Below: states that had taken it up in any way, by votes and by region, on {found.day}",
         *late],
        f"{len(found.path)} texts carry the norm; states that took it up by votes: {reached}. "
        + " ".join(found.state),
    )  # fmt: skip


def _path(found: Spread, x: Spec) -> Chart:
    """Return the panel of texts, one lane each, the lanes of a forum together."""
    steps = [s for s in found.path if s.date.latest or s.date.earliest]
    steps.sort(key=lambda s: (FORUMS.index(s.forum), s.date.latest or s.date.earliest))
    placed: dict[str, Row] = {}
    for lane, s in enumerate(steps):
        day = s.date.latest or s.date.earliest or found.day
        placed[s.instrument] = {
            "day": day.isoformat(), "lane": lane, "name": clean(s.instrument),
            "states": max(s.states or s.yes, 1), "said": SAID[s.promised],
        }  # fmt: skip
    links = [
        {
            "day": placed[target]["day"], "lane": placed[target]["lane"],
            "day2": row["day"], "lane2": row["lane"],
        }
        for s in steps
        if (row := placed[s.instrument])
        for _, target in s.after
        if target in placed
    ]  # fmt: skip
    forums = {str(f): [k for k, s in enumerate(steps) if s.forum is f] for f in FORUMS}
    middles = {f: sum(lanes) / len(lanes) for f, lanes in forums.items() if lanes}
    named = " : ".join(f"datum.value == {at!r} ? {f!r}" for f, at in middles.items())
    y = channel(
        "lane:Q",
        scale={"domain": [-0.7, len(steps) - 0.3], "nice": False},
        axis={
            "title": None,
            "values": list(middles.values()),
            "labelExpr": f"{named} : ''",
            "grid": False,
            "ticks": False,
        },
    )
    there = {row["said"] for row in placed.values()}
    shown = {k: v for k, v in PROMISES.items() if k in there}
    base = table(list(placed.values())).encode(x=x, y=y)
    dots = base.mark("point", filled=True, opacity=0.85).encode(
        size=channel("states:Q", scale={"range": [25, 300]}, legend=None),
        color=shades("said:N", shown),
    )
    text = {"align": "left", "dx": 12, "fontSize": 10}
    halo = base.mark("text", **text, stroke="white", strokeWidth=3.5).encode(text="name:N")
    names = base.mark("text", **text, color=INK).encode(text="name:N")
    borders = [max(lanes) + 0.5 for lanes in forums.values() if lanes][:-1]
    rules = (
        table([{"lane": at} for at in borders] or [{"lane": None}])
        .mark("rule", color=PALE)
        .encode(y=y)
    )
    layers = [rules, halo, dots, names]
    if links:
        lines = (
            table(links)
            .mark("rule", color=MIDDLE, strokeWidth=0.8, strokeDash=[2, 2])
            .encode(x=x, x2="day2:T", y=y, y2="lane2:Q")
        )
        layers.insert(1, lines)
    return layer(*layers).sized(width=WIDTH - 120, height=17 * len(steps) + 10)


def _curves(
    curves: Sequence[Curve], hues: Mapping[str, str], title: str, end: dt.date, x: Spec
) -> Chart:
    """Return the panel of how many states of each group had taken the norm up by when."""
    drawn = [c for c in curves if c.points]
    shown = {k: v for k, v in hues.items() if any(c.group == k for c in drawn)}
    rows = _steps(drawn, end) or [{"day": None, "share": None, "group": None}]
    return (
        table(rows)
        .mark("line", interpolate="step-after", strokeWidth=2)
        .encode(
            x=x,
            y=channel("share:Q", title="share of states", axis={"format": "%"}),
            color=shades("group:N", shown, title, columns=4, labelLimit=220),
        )
        .sized(width=WIDTH - 120, height=140)
    )


def _steps(curves: Sequence[Curve], end: dt.date) -> list[Row]:
    """Return each curve's points, drawn on to a last day."""
    rows: list[Row] = []
    for c in curves:
        points = [*c.points, (end, c.reached)]
        rows += [{"day": day.isoformat(), "share": n / c.of, "group": c.group} for day, n in points]
    return rows
