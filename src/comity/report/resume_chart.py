"""How soon suspended talks were taken up again, as one SVG: the share not yet resumed by days."""

from __future__ import annotations

import altair as alt

from comity.process.continuity import SurvivalStep
from comity.report.chart_data import Row
from comity.report.svg import LINE, WIDTH, finished, table


def resume_svg(steps: tuple[SurvivalStep, ...], suspensions: int, last: int) -> str:
    """Return the Kaplan-Meier curve with its interval up to `last` days; empty without a step."""
    if not steps:
        return ""
    rows: list[Row] = [{"days": 0, "share": 1.0, "lower": 1.0, "upper": 1.0}]
    rows += [{"days": s.days, "share": s.share, "lower": s.lower, "upper": s.upper} for s in steps]
    rows.append({**rows[-1], "days": max(last, steps[-1].days)})
    x = alt.X("days:Q", title="days since the suspension", axis=alt.Axis(grid=False))
    share = alt.Axis(title="not yet resumed", format="%", tickCount=4)
    band = table(rows).mark_area(color=LINE, opacity=0.18, interpolate="step-after").encode(
        x=x, y=alt.Y("lower:Q", scale=alt.Scale(domain=[0, 1]), axis=share), y2="upper:Q"
    )  # fmt: skip
    line = table(rows).mark_line(color=LINE, strokeWidth=2, interpolate="step-after").encode(
        x=x, y=alt.Y("share:Q", scale=alt.Scale(domain=[0, 1]), axis=share)
    )  # fmt: skip
    chart = alt.layer(band, line).properties(width=WIDTH - 80, height=190).to_dict(validate=False)
    chart.pop("$schema", None)
    chart.pop("config", None)
    told = "; ".join(f"after {s.days} days {s.share:.0%}" for s in steps)
    return finished(
        chart, "How soon suspended talks were resumed",
        [f"{suspensions} suspensions, those not resumed by the day counted as not yet; "
         "shaded: 90 % interval"],
        f"Share of {suspensions} suspensions not yet resumed: {told}.",
    )  # fmt: skip
