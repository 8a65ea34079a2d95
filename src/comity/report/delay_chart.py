"""How late a list is, as one SVG: the share reported by days since the start, group by group."""

from __future__ import annotations

from comity.report.chart_data import Row
from comity.report.delay_page import interval_text
from comity.report.svg import INK, LINE, MIDDLE, WIDTH, finished, panel_title
from comity.report.text import clean
from comity.report.vega import Chart, Spec, beside, channel, layer, table
from comity.verification.delay_report import DelayEstimate, DelayReport

HEIGHT = 110
TICKS = (1, 7, 30, 91, 365, 1826, 7305)
TICK_NAMES = (
    "{1: 'a day', 7: 'a week', 30: 'a month', 91: 'a quarter', 365: 'a year', 1826: '5 years', "
    "7305: '20 years'}[datum.value]"
)
CURVES = ("listed", "parametric", "parametric_lower", "parametric_upper", "steps", "steps_lower",
          "steps_upper")  # fmt: skip


def delay_rows(estimate: DelayEstimate) -> list[Row]:
    """Return a group's curves, a row a number of days; none where nothing was estimated."""
    curve = estimate.curve
    if curve is None:
        return []
    found = zip(curve.days, *(getattr(curve, name) for name in CURVES), strict=True)
    return [dict(zip(("days", *CURVES), row, strict=True)) for row in found]


def delay_svg(report: DelayReport) -> str:
    """Return the chart, empty where no group has enough incidents to estimate a delay."""
    shown = [e for e in report.estimates if e.curve is not None]
    if not shown:
        return ""
    longest = max(e.curve.days[-1] for e in shown if e.curve is not None)
    panels = [_panel(e, longest, e is shown[-1]) for e in shown]
    level = round(100 * report.level)
    title = f"Share reported by days since the start: {clean(report.list)}"
    subtitle = [
        f"Line and band: best family with its {level} % interval. Dashed: by steps, with its "
        "interval's ends thin.",
        "Grey: as listed, with the reports still to come left out.",
    ]
    return finished(beside("vconcat", panels, 14), title, subtitle, delay_alt(report))


def delay_alt(report: DelayReport) -> str:
    """Return the chart in words."""
    said = []
    for estimate in report.estimates:
        if estimate.curve is None:
            said.append(f"{estimate.label}: {estimate.n} incidents, too few to estimate")
            continue
        half = next(at for at in estimate.parametric if at.share == 0.5)
        steps = next(at for at in estimate.steps if at.share == 0.5)
        said.append(
            f"{estimate.label}: half of {estimate.n} are reported within {interval_text(half)} "
            f"days, by steps {interval_text(steps)}"
        )
    return f"{clean(report.list)}. {'; '.join(said)}. {report.sentence}"


def _panel(estimate: DelayEstimate, longest: float, last: bool) -> Chart:
    """Return one group's curves on a logarithmic axis of days."""
    base = table(delay_rows(estimate))
    scale = {"type": "log", "domain": [1, longest], "nice": False}
    axis = {
        "values": [t for t in TICKS if t <= longest],
        "labelExpr": TICK_NAMES,
        "title": None,
        "labels": last,
        "grid": True,
    }
    x = channel("days:Q", scale=scale, axis=axis)

    def y(name: str) -> Spec:
        share = {"title": "reported", "format": "%", "tickCount": 3}
        return channel(f"{name}:Q", scale={"domain": [0, 1]}, axis=share)

    band = base.mark("area", color=LINE, opacity=0.22).encode(
        x=x, y=y("parametric_lower"), y2="parametric_upper:Q"
    )
    line = base.mark("line", color=LINE, strokeWidth=2.2).encode(x=x, y=y("parametric"))
    listed = base.mark("line", color=MIDDLE, strokeWidth=1.6, interpolate="step-after").encode(
        x=x, y=y("listed")
    )
    steps = base.mark("line", color=INK, strokeWidth=1.6, strokeDash=[5, 3]).encode(
        x=x, y=y("steps")
    )
    ends = [
        base.mark("line", color=INK, strokeWidth=0.6, strokeDash=[2, 2]).encode(x=x, y=y(name))
        for name in ("steps_lower", "steps_upper")
    ]
    title = f"{estimate.label} ({estimate.n})"
    layers = layer(band, listed, *ends, steps, line)
    return layers.sized(width=WIDTH, height=HEIGHT, title=panel_title(title))
