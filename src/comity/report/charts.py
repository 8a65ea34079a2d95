"""Charts of a verdict as finished SVG: they read in grey, offline and aloud.

Shape, dash and lightness carry meaning; hue never does alone. Each SVG has a title and a
description made from its numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

from comity.report.chart_data import (
    Row,
    activity_alt,
    activity_rows,
    forest_alt,
    forest_rows,
    mark_rows,
    onset_alt,
    onset_rows,
    span_rows,
)
from comity.report.svg import INK, LINE, MIDDLE, PALE, SOFT, WIDTH, finished, panel_title
from comity.report.text import period_word
from comity.report.vega import Chart, Spec, beside, channel, fixed, layer, table
from comity.verification.model import Verdict
from comity.verification.words import percent

PAIR_HEIGHT = 130


def activity_svg(verdict: Verdict) -> str:
    """Return activity by cell as SVG, empty where no period is counted.

    Cell A with bars, fitted rate and interval, and below it each incident as a span of the days on
    which it may have begun; then the other cells. The agreement is a solid line, rivals dashed.
    """
    rows = activity_rows(verdict)
    if not rows:
        return ""
    marks = mark_rows(verdict)
    domain = (min(r["x"] for r in rows), max(r["x2"] for r in rows))
    marks = [m for m in marks if domain[0] <= m["x"] <= domain[1]]
    panels: list[Chart] = []
    cells = list(dict.fromkeys(str(r["cell"]) for r in rows))
    for cell in cells:
        mine = [r for r in rows if r["cell"] == cell]
        first = cell == cells[0]
        axis = first or cell == cells[-1]
        panels.append(_cell_panel(mine, marks, domain, first, axis, f"a {period_word(verdict)}"))
        spans = span_rows(verdict) if first else []
        if spans:
            panels.append(_span_panel(spans, marks, domain))
    title = f"Reported incidents by {period_word(verdict)} of start"
    subtitle = _activity_key(verdict, any(r["rate"] is not None for r in rows), marks)
    return finished(beside("vconcat", panels, 14), title, subtitle, activity_alt(verdict))


def pair_svg(verdict: Verdict) -> str:
    """Return the pair's own activity (cell A) as a low SVG, empty where no period is counted."""
    rows = [r for r in activity_rows(verdict) if r["cell"] == "A"]
    if not rows:
        return ""
    domain = (min(r["x"] for r in rows), max(r["x2"] for r in rows))
    marks = [m for m in mark_rows(verdict) if domain[0] <= m["x"] <= domain[1]]
    unit = f"a {period_word(verdict)}"
    panel = _cell_panel(rows, marks, domain, True, True, unit).sized(
        width=WIDTH, height=PAIR_HEIGHT, title=panel_title(str(rows[0]["title"]))
    )
    subtitle = _activity_key(verdict, any(r["rate"] is not None for r in rows), marks)
    title = f"Reported incidents by {period_word(verdict)} of start"
    return finished(beside("vconcat", [panel], 0), title, subtitle, activity_alt(verdict, "A"))


def _activity_key(verdict: Verdict, fitted: bool, marks: Sequence[Row]) -> list[str]:
    """Return what the marks drawn mean, in a line or two."""
    first = (
        f"Bars: incidents, dark where dated to one {period_word(verdict)}, pale where shared out "
        "over several."
    )
    second = []
    if fitted:
        level = round(100 * verdict.choices.level)
        second.append(f"Line and band: fitted rate with its {level} % interval.")
    kinds = {m["kind"] for m in marks}
    if "agreement" in kinds:
        second.append("Solid upright: the agreement.")
    if "rival" in kinds:
        second.append("Dashed: rival events.")
    return [first, " ".join(second)] if second else [first]


def _x(domain: tuple[float, float], labels: bool = True) -> Spec:
    """Return the shared axis of years."""
    values = list(range(int(domain[0]), int(domain[1]) + 1))
    step = max(1, round(len(values) / 15))
    return channel(
        "x:Q",
        scale={"domain": list(domain), "nice": False, "zero": False},
        axis={
            "values": values[::step],
            "format": "d",
            "title": None,
            "labels": labels,
            "grid": False,
            "labelFlush": False,
        },
    )


def _cell_panel(
    rows: Sequence[Row],
    marks: Sequence[Row],
    domain: tuple[float, float],
    first: bool,
    axis: bool,
    unit: str,
) -> Chart:
    """Return one cell: bars, band, line and the marked events; `axis` writes the years; counts are
    by `unit`, such as "a quarter"."""
    height = 150 if first else 78
    top = max([r["count"] for r in rows] + [r["upper"] or 0.0 for r in rows] + [1.0])
    # a band of early years may dwarf the bars: it is cut at three times the tallest bar
    ceiling = min(top, 3 * max([r["count"] for r in rows] + [1.0]))
    y = channel(
        "sharp:Q",
        scale={"domain": [0, ceiling], "nice": True},
        axis={"title": unit, "tickCount": 3 if height < 100 else 5, "grid": True},
    )
    base = table([{**r, "floor": 0} for r in rows])
    dark = base.mark("bar", fill=MIDDLE, clip=True).encode(
        x=_x(domain, axis), x2="x2:Q", y=y, y2="floor:Q"
    )
    pale = base.mark("bar", fill=PALE, stroke=MIDDLE, strokeWidth=0.6, clip=True).encode(
        x=_x(domain, axis), x2="x2:Q", y=channel("count:Q", title=unit), y2="sharp:Q"
    )
    layers = [pale.where("datum.count > datum.sharp"), dark]
    fitted = [r for r in rows if r["rate"] is not None]
    if fitted:
        curve = table(fitted)
        layers.append(
            curve.mark("area", color=LINE, opacity=0.22, clip=True).encode(
                x="middle:Q", y="lower:Q", y2="upper:Q"
            )
        )
        layers.append(
            curve.mark("line", color=LINE, strokeWidth=2.2, clip=True).encode(
                x="middle:Q", y="rate:Q"
            )
        )
    layers += _rules(marks, labelled=first)
    title = f"{rows[0]['cell']} · {rows[0]['title']}"
    return layer(*layers).sized(width=WIDTH, height=height, title=panel_title(title))


def _rules(marks: Sequence[Row], labelled: bool) -> list[Chart]:
    """Return upright lines for the agreement (solid) and its rivals (dashed), named on top."""
    layers = []
    for kind, dash, width in (("rival", [4, 3], 1.0), ("agreement", [1, 0], 2.0)):
        mine = [m for m in marks if m["kind"] == kind]
        if not mine:
            continue
        base = table(mine)
        layers.append(
            base.mark("rule", color=INK, strokeDash=dash, strokeWidth=width).encode(x="x:Q")
        )
        if labelled:
            layers.append(
                base.mark(
                    "text",
                    dy=-20 if kind == "agreement" else -8,
                    fontSize=11,
                    fontWeight="bold" if kind == "agreement" else "normal",
                    color=INK,
                ).encode(x="x:Q", y=fixed(0), text="label:N")
            )
    return layers


def _span_panel(spans: Sequence[Row], marks: Sequence[Row], domain: tuple[float, float]) -> Chart:
    """Return each incident as a span: a short dark bar where sharp, a pale long one where not."""
    height = max(36, min(300, 8 * len(spans)))
    y = channel(
        "order:Q", axis=None, scale={"domain": [-1, len(spans)], "reverse": True, "nice": False}
    )
    thick = max(2.0, min(5.0, height / len(spans) - 2))
    base = table(list(spans))
    wide = base.where("!datum.sharp").mark("rule", stroke=MIDDLE, strokeWidth=thick, opacity=0.75)
    sharp = base.where("datum.sharp").mark(
        "point", shape="diamond", filled=True, color=INK, size=34, opacity=1
    )
    return layer(
        wide.encode(x=_x(domain), x2="x2:Q", y=y),
        sharp.encode(x=_x(domain), y=y),
        *_rules(marks, labelled=False),
    ).sized(
        width=WIDTH,
        height=height,
        title=panel_title(
            "Each incident in scope: the days on which it may have begun "
            "(diamond: known to the quarter or better)"
        ),
    )


def onset_svg(verdict: Verdict) -> str:
    """Return the posterior of the onset against its prior as SVG, empty where there is none."""
    rows = onset_rows(verdict)
    if not rows:
        return ""
    dated = [{**r, "x2": r["x"] + 0.25} for r in rows if r["kind"] == "change"]
    domain = (min(r["x"] for r in dated), max(r["x2"] for r in dated))
    marks = [m for m in mark_rows(verdict) if domain[0] <= m["x"] <= domain[1]]
    base = table([{**r, "floor": 0} for r in dated])
    share = {"format": ".0%", "title": "probability", "tickCount": 5}
    bars = base.mark("bar", fill=MIDDLE, stroke="white", strokeWidth=0.8).encode(
        x=_x(domain), x2="x2:Q", y=channel("posterior:Q", axis=share), y2="floor:Q"
    )
    prior = base.mark("rule", color=INK, strokeWidth=1.6, strokeDash=[3, 2]).encode(
        x="x:Q", x2="x2:Q", y="prior:Q"
    )
    left = layer(bars, prior, *_rules(marks, labelled=True)).sized(
        width=WIDTH - 190, height=190, title=panel_title("One change, began in")
    )
    right = _no_change_panel(rows[-1])
    subtitle = "Bars: after looking at the evidence. Dashed: assumed before. Solid upright: the "
    return finished(
        beside("hconcat", (left, right), 24),
        "When the change most likely began, or that there was none",
        [subtitle + "agreement. Dashed upright: rival events."],
        onset_alt(verdict),
    )


def _no_change_panel(row: Row) -> Chart:
    """Return "no change" before and after looking, on its own scale from 0 to 1."""
    values = [
        {"what": "after", "share": row["posterior"], "text": percent(row["posterior"])},
        {"what": "before", "share": row["prior"], "text": percent(row["prior"])},
    ]
    base = table(values).encode(
        x=channel("what:N", sort=["before", "after"], axis={"title": None, "labelAngle": 0}),
        y=channel("share:Q", scale={"domain": [0, 1]}, axis={"format": ".0%", "title": None}),
    )
    solid = base.where("datum.what == 'after'").mark("bar", fill=MIDDLE)
    hollow = base.where("datum.what == 'before'").mark(
        "bar", fill="white", stroke=INK, strokeDash=[3, 2], strokeWidth=1.4
    )
    text = base.mark("text", dy=-8, fontSize=11, color=INK).encode(text="text:N")
    return layer(hollow, solid, text).sized(
        width=110, height=190, title=panel_title("No change at all", 26)
    )


def forest_svg(verdict: Verdict) -> str:
    """Return rate ratios by scope, comparison and list as SVG, empty where there is none.

    Logarithmic, 1 marked; a filled point is the declared comparison, a hollow one another; what
    is not identified says so in its row.
    """
    rows = forest_rows(verdict)
    if all(r["median"] is None for r in rows):
        return ""
    lines = _with_headings(rows)
    ends = [r[k] for r in rows if r["median"] is not None for k in ("lower", "upper")]
    domain = [max(0.02, min([0.2, *ends]) / 1.15), min(50.0, max([2.0, *ends]) * 1.15)]
    height = 21 * len(lines)
    y = channel("line:O", axis=None, scale={"domain": list(range(len(lines)))})
    base = table(lines)
    text = {"align": "left", "fontSize": 11, "color": INK}
    left = (
        base.mark("text", **text, limit=318)
        .encode(y=y, x=fixed(0), text="label:N", opacity=fixed(1))
        .where("!datum.heading")
    )
    bold = (
        base.mark("text", **text, fontWeight="bold")
        .encode(y=y, x=fixed(0), text="label:N")
        .where("datum.heading")
    )
    labels = layer(left, bold).sized(width=320, height=height)
    values = layer(
        base.mark("text", **text).encode(y=y, x=fixed(0), text="value:N"),
        base.mark("text", **{**text, "align": "right"}).encode(y=y, x=fixed(162), text="chance:N"),
    ).sized(width=165, height=height)
    plot = _forest_plot(base, y, domain, height)
    level = round(100 * verdict.choices.level)
    return finished(
        beside("hconcat", (labels, plot, values), 6),
        "Net change over five years, after against before",
        [
            f"Rate ratio with {level} % interval, and the probability that it fell; 1 is no "
            f"change, 0.5 a halving. Filled: the {verdict.question.chosen} comparison. Hollow: "
            "another.",
        ],
        forest_alt(verdict),
    )


def _with_headings(rows: Sequence[Row]) -> list[Row]:
    """Return the forest's lines: a heading before each group, then its rows."""
    lines: list[Row] = []
    group = None
    for row in rows:
        if row["group"] != group:
            group = row["group"]
            first = not lines
            lines.append(
                {
                    "line": len(lines),
                    "label": group,
                    "heading": True,
                    "median": None,
                    "value": "rate ratio" if first else "",
                    "chance": "fell" if first else "",
                }
            )
        value = row["text"] if row["median"] is not None else ""
        line = {"line": len(lines), "heading": False, "value": value, "chance": row["fell"]}
        lines.append({**row, **line})
    return lines


def _forest_plot(base: Chart, y: Spec, domain: Sequence[float], height: int) -> Chart:
    """Return the middle of the forest: intervals, points, the line at 1."""
    ticks = [
        t for t in (0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 10, 25) if domain[0] <= t <= domain[1]
    ]
    scale = {"type": "log", "domain": list(domain), "nice": False}
    x = channel(
        "median:Q",
        scale=scale,
        axis={"values": ticks, "format": "~g", "title": "rate ratio (log scale)", "grid": True},
    )
    known = base.where("isValid(datum.median)")
    one = table([{"one": 1}]).mark("rule", color=INK, strokeWidth=1.4)
    span = known.mark("rule", color=INK, strokeWidth=1.6, clip=True).encode(
        x=channel("lower:Q", scale=scale, title="rate ratio (log scale)"), x2="upper:Q", y=y
    )
    point = {"size": 62, "stroke": INK, "strokeWidth": 1.5, "opacity": 1}
    filled = known.where("datum.declared").mark("point", shape="square", fill=INK, **point)
    hollow = known.where("!datum.declared").mark("point", shape="circle", fill="white", **point)
    missing = (
        base.where("!datum.heading && !isValid(datum.median)")
        .mark("text", align="center", fontSize=11, fontStyle="italic", color=SOFT)
        .encode(y=y, x=fixed(115), text=fixed("not identified"))
    )
    return layer(
        one.encode(x=channel("one:Q", scale=scale, title="rate ratio (log scale)")),
        span,
        filled.encode(x=x, y=y),
        hollow.encode(x=x, y=y),
        missing,
    ).sized(width=230, height=height)
