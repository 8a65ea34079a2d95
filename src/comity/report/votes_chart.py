"""Every state on one axis by its votes, as a picture."""

from __future__ import annotations

from comity.countries import country_name, members
from comity.diffusion.votes import VoteMap
from comity.report.svg import INK, LINE, MIDDLE, WIDTH, finished
from comity.report.text import clean
from comity.report.vega import beside, channel, layer, shades, table

TICKS = [-4, -3, -2, -1, 0, 1, 2, 3, 4]
NAMED = "G20"  # whose members are drawn beside their names, where no states are asked for
SHADES = {"left": LINE, "between": MIDDLE, "right": INK}


def votes_svg(found: VoteMap, wanted: tuple[str, ...] = ()) -> str:
    """Return the axis: a column of dots for all states, and some of them with their intervals."""
    named = wanted or _known(found)
    rows = [
        {
            "name": clean(country_name(s.country)), "position": s.position, "lower": s.lower,
            "upper": s.upper, "side": s.side,
        }
        for s in found.states
        if s.country in named
    ]  # fmt: skip
    everyone = [{"position": round(s.position, 2), "side": s.side} for s in found.states]
    low = min(s.lower for s in found.states) - 0.1
    high = max(s.upper for s in found.states) + 0.1
    scale = {"domain": [low, high], "nice": False}
    axis = channel(
        "position:Q",
        scale=scale,
        axis={
            "values": TICKS,
            "format": "d",
            "title": f"position by votes; right: a yes on {found.anchor}",
        },
    )
    shade = shades("side:N", SHADES)
    across = channel(
        "position:Q",
        bin={"step": 0.1, "extent": [low, high]},
        scale=scale,
        axis={"title": None, "labels": False, "values": TICKS},
    )
    counted = channel("count():Q", title="states")
    bars = table(everyone).mark("bar").encode(x=across, y=counted, color=shade)
    order = [str(r["name"]) for r in rows]
    base = table(rows).encode(y=channel("name:N", sort=order, title=None))
    spans = base.mark("rule", strokeWidth=1.5).encode(
        x=channel("lower:Q", scale=scale), x2="upper:Q", color=shade
    )
    dots = base.mark("point", filled=True, size=45, opacity=1).encode(x=axis, color=shade)
    cut = (
        table([{"at": found.dividing}])
        .mark("rule", strokeDash=[4, 3], color=MIDDLE)
        .encode(x=channel("at:Q", scale=scale))
    )
    lower = layer(spans, dots, cut).sized(width=WIDTH - 150, height=18 * len(rows))
    upper = bars.sized(width=WIDTH - 150, height=90)
    chart = beside("vconcat", (upper, lower), 8).resolve(x="shared")
    counts = {side: sum(s.side == side for s in found.states) for side in SHADES}
    said = ", ".join(f"{side} {n}" for side, n in counts.items())
    return finished(
        chart, "Who votes with whom on information security",
        [f"{len(found.states)} states, {len(found.resolutions)} roll calls, "
         f"{found.resolutions[0].date.year} to {found.resolutions[-1].date.year}; lines are "
         f"{100 * found.level:.0f} % intervals; dashed: the dividing point",
         *([] if wanted else [f"By name: members of the {NAMED}, and the two ends"])],
        f"States by their votes on one axis: {said} of the dividing point with 90 %.",
    )  # fmt: skip


def _known(found: VoteMap) -> tuple[str, ...]:
    """Return the members of NAMED that voted, and the two ends of the axis."""
    ends = (found.states[0].country, found.states[-1].country)
    wanted = members(NAMED, found.resolutions[-1].date) | set(ends)
    return tuple(s.country for s in found.states if s.country in wanted)
