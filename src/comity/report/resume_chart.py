"""How soon suspended talks were taken up again, as one SVG: the share not yet resumed by days."""

from __future__ import annotations

from comity.process.continuity import SurvivalStep
from comity.report.chart_data import Row
from comity.report.svg import LINE, WIDTH, finished
from comity.report.vega import channel, layer, table


def resume_svg(steps: tuple[SurvivalStep, ...], suspensions: int, last: int) -> str:
    """Return the Kaplan-Meier curve with its interval up to `last` days; empty without a step."""
    if not steps:
        return ""
    rows: list[Row] = [{"days": 0, "share": 1.0, "lower": 1.0, "upper": 1.0}]
    rows += [{"days": s.days, "share": s.share, "lower": s.lower, "upper": s.upper} for s in steps]
    rows.append({**rows[-1], "days": max(last, steps[-1].days)})
    x = channel("days:Q", title="days since the suspension", axis={"grid": False})
    share = {"title": "not yet resumed", "format": "%", "tickCount": 4}
    band = (
        table(rows)
        .mark("area", color=LINE, opacity=0.18, interpolate="step-after")
        .encode(x=x, y=channel("lower:Q", scale={"domain": [0, 1]}, axis=share), y2="upper:Q")
    )
    line = (
        table(rows)
        .mark("line", color=LINE, strokeWidth=2, interpolate="step-after")
        .encode(x=x, y=channel("share:Q", scale={"domain": [0, 1]}, axis=share))
    )
    chart = layer(band, line).sized(width=WIDTH - 80, height=190)
    told = "; ".join(f"after {s.days} days {s.share:.0%}" for s in steps)
    return finished(
        chart, "How soon suspended talks were resumed",
        [f"{suspensions} suspensions, those not resumed by the day counted as not yet; "
         "shaded: 90 % interval"],
        f"Share of {suspensions} suspensions not yet resumed: {told}.",
    )  # fmt: skip
