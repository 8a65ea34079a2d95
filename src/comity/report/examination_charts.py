"""Charts of a cross-examination as finished SVG: they read in grey and in print."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from comity.report.chart_data import Row
from comity.report.svg import INK, LINE, MIDDLE, PALE, SOFT, WIDTH, finished, panel_title
from comity.report.text import clean
from comity.report.vega import Chart, Spec, beside, channel, fixed, layer, table
from comity.verification.examine.model import (
    Detectability,
    OnsetAccounts,
    Persistence,
    Placebo,
    Replay,
    Robustness,
    Specification,
    Tipping,
)
from comity.verification.words import FELL_PRIMARY

DRAWN = 240  # analyses drawn of a specification curve, evenly over their order
TICKS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 10)
DASHES: Mapping[float, list[int]] = {1.0: [1, 2], 0.75: [2, 3], 0.5: [6, 3], 0.25: [1, 0]}
LABELS = 170
NAME_ROOM = 150


def _log_x(name: str, domain: Sequence[float], title: str = "rate ratio (log scale)") -> Spec:
    """Return a logarithmic axis of ratios along the bottom."""
    values = [t for t in TICKS if domain[0] <= t <= domain[1]]
    return channel(
        name,
        scale={"type": "log", "domain": list(domain), "nice": False},
        axis={"values": values, "format": "~g", "title": title, "grid": True},
    )


def _log_y(name: str, domain: Sequence[float], title: str = "rate ratio (log scale)") -> Spec:
    """Return a logarithmic axis of ratios along the side."""
    values = [t for t in TICKS if domain[0] <= t <= domain[1]]
    return channel(
        name,
        scale={"type": "log", "domain": list(domain), "nice": False},
        axis={"values": values, "format": "~g", "title": title, "grid": True},
    )


def _domain(values: Sequence[float]) -> list[float]:
    """Return the ends of a logarithmic axis that holds values and 1, within reason."""
    return [max(0.02, min([0.4, *values]) / 1.15), min(20.0, max([2.0, *values]) * 1.15)]


def _one(horizontal: bool) -> Chart:
    """Return the line at no change."""
    base = table([{"one": 1}]).mark("rule", color=INK, strokeWidth=1.3)
    return base.encode(y="one:Q") if horizontal else base.encode(x="one:Q")


def drawn(found: Robustness) -> list[Specification]:
    """Return the identified analyses that are drawn, by ratio: all, or DRAWN of them evenly and the
    declared one."""
    known = [s for s in found.specifications if s.ratio is not None]
    known.sort(key=lambda s: s.ratio.median if s.ratio else 0.0)
    if len(known) <= DRAWN:
        return known
    step = (len(known) - 1) / (DRAWN - 1)
    keep = {round(k * step) for k in range(DRAWN)}
    keep |= {k for k, s in enumerate(known) if s.distance == 0}
    return [known[k] for k in sorted(keep)]


def curve_svg(found: Robustness) -> str:
    """Return the specification curve with the choices under it, empty where none is identified."""
    shown = drawn(found)
    if not shown:
        return ""
    rows: list[Row] = [
        {
            "place": k, "median": s.ratio.median, "lower": s.ratio.lower, "upper": s.ratio.upper,
            "declared": s.distance == 0,
        }
        for k, s in enumerate(shown) if s.ratio is not None
    ]  # fmt: skip
    domain = _domain([r["median"] for r in rows])
    domain = [max(0.02, domain[0] / 2), min(20.0, domain[1] * 2)]
    x = channel("place:Q", axis=None, scale={"domain": [-1, len(rows)], "nice": False})
    base = table(rows)
    span = base.mark("rule", color=PALE, strokeWidth=1.4, clip=True).encode(
        x=x, y=_log_y("lower:Q", domain), y2="upper:Q"
    )
    points = base.mark("circle", color=LINE, size=10, opacity=1).encode(
        x=x, y=_log_y("median:Q", domain)
    )
    own = base.where("datum.declared")
    declared = layer(
        own.mark("rule", color=INK, strokeWidth=1.6, clip=True).encode(
            x=x, y=_log_y("lower:Q", domain), y2="upper:Q"
        ),
        own.mark("point", shape="diamond", filled=True, color=INK, size=90, opacity=1).encode(
            x=x, y=_log_y("median:Q", domain)
        ),
    )
    room = WIDTH - NAME_ROOM
    top = layer(span, _one(horizontal=True), points, declared).sized(width=room, height=190)
    panels = [top, _choices(found, shown, x, room)]
    subtitle = [
        f"{len(shown)} of {found.identified} identified analyses, by ratio; bars are intervals, "
        "the diamond is the declared one.",
        "Below: the option each chose. Percentages: variance that a choice explains by itself.",
    ]
    return finished(
        beside("vconcat", panels, 8), "Every defensible analysis", subtitle, clean(found.sentence)
    )


def _choices(found: Robustness, shown: Sequence[Specification], x: Spec, room: int) -> Chart:
    """Return a mark for every option that an analysis chose, an option a line."""
    lines: list[tuple[str, str, str]] = []
    for axis in sorted(found.axes, key=lambda a: -(a.share or 0.0)):
        if axis.share is None:
            continue
        for k, option in enumerate(axis.options):
            share = f"{clean(axis.title)} {100 * axis.share:.0f} %" if k == 0 else ""
            lines.append((axis.name, option.option, f"{share}|{clean(option.option)}"))
    place = {(axis, option): n for n, (axis, option, _) in enumerate(lines)}
    marks = [
        {"place": k, "line": place[choice]}
        for k, s in enumerate(shown)
        for choice in s.options
        if choice in place
    ]
    names = [
        {"line": n, "axis": text.partition("|")[0], "option": text.partition("|")[2][:22]}
        for n, (_, _, text) in enumerate(lines)
    ]
    y = channel("line:O", axis=None, scale={"domain": list(range(len(lines)))})
    ticks = table(marks).mark("tick", color=INK, thickness=1, height=8, opacity=0.75)
    text = {"fontSize": 10, "color": INK}
    labels = table(names)
    left = labels.mark("text", **text, align="right").encode(y=y, x=fixed(-6), text="option:N")
    right = labels.mark("text", **text, align="left", fontWeight="bold").encode(
        y=y, x=fixed(room + 6), text="axis:N"
    )
    return layer(ticks.encode(x=x, y=y), left, right).sized(
        width=room, height=13 * max(len(lines), 1)
    )


def placebo_svg(found: Placebo) -> str:
    """Return the placebos' ratios by kind with the real one marked, empty where none is known."""
    names = {"date": "other dates", "dyad": "other pairs", "wide": "other pairs, any act"}
    rows: list[Row] = [
        {"kind": names.get(s.kind, s.kind), "median": r.ratio.median,
         "alarm": (r.fell or 0.0) >= FELL_PRIMARY}
        for s in found.sets for r in s.rows if r.identified and r.ratio is not None
    ]  # fmt: skip
    if not rows:
        return ""
    real: list[Row] = []
    if found.real is not None and found.real.ratio is not None:
        kinds = [k for k in dict.fromkeys(r["kind"] for r in rows) if "any act" not in k]
        real = [{"kind": kind, "median": found.real.ratio.median} for kind in kinds]
    domain = _domain([r["median"] for r in [*rows, *real]])
    y = channel("kind:N", axis={"title": None, "labelLimit": LABELS}, sort=list(names.values()))
    base = table(rows)
    x = _log_x("median:Q", domain, "net change, rate ratio (log scale)")
    layers = [
        _one(horizontal=False),
        base.where("!datum.alarm")
        .mark(
            "point",
            shape="circle",
            fill="white",
            stroke=MIDDLE,
            strokeWidth=1.6,
            size=60,
            opacity=1,
        )
        .encode(x=x, y=y),
        base.where("datum.alarm")
        .mark("point", shape="triangle-down", fill=INK, stroke=INK, size=80, opacity=1)
        .encode(x=x, y=y),
    ]
    if real:
        layers.append(
            table(real)
            .mark("point", shape="square", fill=LINE, stroke=INK, size=85, opacity=1)
            .encode(x=x, y=y)
        )
    chart = layer(*layers).sized(width=WIDTH - LABELS, height=34 * len(found.sets))
    subtitle = [
        "Square: the question itself. Circle: where nothing was promised. Black triangle: a false "
        "alarm.",
    ]
    return finished(beside("vconcat", [chart], 0), "Where nothing was promised", subtitle,
                    clean(found.sentence))  # fmt: skip


def detectability_svg(found: Detectability) -> str:
    """Return the chance of claiming a fall by years since, a line a true ratio."""
    rows: list[Row] = [
        {
            "years": p.years, "chance": p.chance, "low": max(p.chance - 1.645 * p.error, 0.0),
            "high": min(p.chance + 1.645 * p.error, 1.0), "ratio": p.ratio,
            "label": "no change" if p.ratio == 1 else f"{100 * (1 - p.ratio):.0f} % less",
        }
        for p in found.points
    ]  # fmt: skip
    horizon, years = found.horizon, sorted({p.years for p in found.points})
    x = channel(
        "years:Q",
        scale={"domain": [0, horizon * 1.15], "nice": False},
        axis={"title": "years after the agreement", "grid": False, "values": years, "format": "~r"},
    )
    y = channel(
        "chance:Q",
        scale={"domain": [0, 1]},
        axis={"format": ".0%", "title": "chance of claiming a fall"},
    )
    layers: list[Chart] = [
        table([{"chance": found.wanted}]).mark("rule", color=SOFT, strokeDash=[2, 2]).encode(y=y)
    ]
    for ratio in dict.fromkeys(r["ratio"] for r in rows):
        mine = table([r for r in rows if r["ratio"] == ratio])
        layers.append(
            mine.mark("area", color=MIDDLE, opacity=0.18).encode(x=x, y="low:Q", y2="high:Q")
        )
        layers.append(
            mine.mark(
                "line",
                color=INK,
                strokeWidth=1.8,
                strokeDash=DASHES.get(ratio, [3, 1, 1, 1]),
                point={"color": INK, "size": 26},
            ).encode(x=x, y=y)
        )
    lasts = [r for r in rows if r["years"] == horizon]
    lasts.sort(key=lambda r: r["chance"])
    for below, above in pairwise(lasts):  # labels do not touch
        above["at"] = max(above["chance"], (below.get("at") or below["chance"]) + 0.07)
    ends = table([{**r, "at": r.get("at", r["chance"])} for r in lasts])
    layers.append(
        ends.mark("text", align="left", dx=8, fontSize=11, color=INK).encode(
            x=x, y=channel("at:Q", scale={"domain": [0, 1]}), text="label:N"
        )
    )
    chart = layer(*layers).sized(width=WIDTH - 60, height=230)
    subtitle = [
        f"Claimed by the verdict's rule, with {found.rate:.1f} reported incidents a year before.",
        f"Bands: 90 % Monte Carlo error. Dotted: {100 * found.wanted:.0f} %.",
    ]
    return finished(beside("vconcat", [chart], 0), "When a true fall could be seen", subtitle,
                    clean(found.sentence))  # fmt: skip


def replay_svg(found: Replay) -> str:
    """Return the answer at each date with public claims below, empty where there is no date."""
    if not found.points:
        return ""
    rows: list[Row] = []
    for p in found.points:
        at = p.as_of.year + (p.as_of.timetuple().tm_yday - 1) / 365.25
        known = p.ratio is not None
        rows.append(
            {
                "x": at, "known": known, "median": p.ratio.median if p.ratio else None,
                "lower": p.ratio.lower if p.ratio else None,
                "upper": p.ratio.upper if p.ratio else None,
            }
        )  # fmt: skip
    ends = [r["x"] for r in rows]
    domain = _domain([r["median"] for r in rows if r["known"]])
    domain = [max(0.03, domain[0] / 1.8), min(20.0, domain[1] * 1.8)]
    years = list(range(int(min(ends)), int(max(ends)) + 2))
    scale = {"domain": [min(ends) - 0.15, max(ends) + 0.15], "nice": False, "zero": False}
    x = channel(
        "x:Q", scale=scale, axis={"values": years, "format": "d", "title": None, "grid": False}
    )
    fitted = table(rows).where("datum.known")
    missing = table(rows).where("!datum.known")
    top = layer(
        _one(horizontal=True),
        fitted.mark("rule", color=INK, strokeWidth=1.5, clip=True).encode(
            x=x, y=_log_y("lower:Q", domain), y2="upper:Q"
        ),
        fitted.mark("point", shape="square", fill=LINE, stroke=INK, size=48, opacity=1).encode(
            x=x, y=_log_y("median:Q", domain)
        ),
        missing.mark(
            "point", shape="cross", angle=45, size=40, filled=True, color=SOFT, opacity=1
        ).encode(x=x, y=fixed(8)),
    ).sized(width=WIDTH - 60, height=180)
    panels = [top]
    claims = _claim_marks(found, scale)
    if claims is not None:
        panels.append(claims)
    subtitle = [
        f"{clean(found.basis).capitalize()}: net change as known on each day, with its interval; "
        "cross: not identified.",
        "Below: what was claimed in public, and when.",
    ]
    return finished(beside("vconcat", panels, 10), "What could have been said, and when", subtitle,
                    clean(found.sentence))  # fmt: skip


def _claim_marks(found: Replay, scale: Spec) -> Chart | None:
    """Return public claims by what they say along the same years, None where there is none."""
    says = {"breach": "breach", "decline": "less of it", "no-breach": "no breach"}
    rows = []
    for claim in found.claims:
        if claim.says not in says or not claim.date[:4].isdigit():
            continue
        month = int(claim.date[5:7]) if claim.date[5:7].isdigit() else 7
        day = int(claim.date[8:10]) if claim.date[8:10].isdigit() else 15
        rows.append({"x": int(claim.date[:4]) + (month - 1) / 12 + (day - 1) / 365.25,
                     "says": says[claim.says]})  # fmt: skip
    if not rows:
        return None
    x = channel("x:Q", scale=scale, axis=None)
    y = channel("says:N", sort=list(says.values()), axis={"title": None})
    return (
        table(rows)
        .mark("tick", color=INK, thickness=2, height=11, clip=True)
        .encode(x=x, y=y)
        .sized(width=WIDTH - 60, height=54, title=panel_title("public claims"))
    )


def tipping_svg(found: Tipping) -> str:
    """Return the chance that it fell by how much was seen after the agreement."""
    rows = [{"factor": p.factor, "fell": p.fell} for p in found.points if p.fell is not None]
    if not rows:
        return ""
    domain = [min(r["factor"] for r in rows), max(r["factor"] for r in rows)]
    x = _log_x("factor:Q", domain, "seen and attributed after, as a multiple of before (log scale)")
    y = channel(
        "fell:Q", scale={"domain": [0, 1]}, axis={"format": ".0%", "title": "chance that it fell"}
    )
    line = table(rows).mark("line", color=LINE, strokeWidth=2.4).encode(x=x, y=y)
    levels = table([{"fell": 0.5}, {"fell": FELL_PRIMARY}])
    layers = [levels.mark("rule", color=SOFT, strokeDash=[3, 3]).encode(y=y), line]
    marks: list[Row] = [{"factor": 1.0, "label": "as before"}]
    if found.no_fall is not None:
        marks.append({"factor": found.no_fall, "label": f"{found.no_fall:.2f}: as likely as not"})
    if found.established is not None:
        marks.append(
            {"factor": found.established, "label": f"{found.established:.2f}: established"}
        )
    marks = [{**m, "up": 12 + 14 * k} for k, m in enumerate(marks)]
    rules = table(marks)
    layers.append(rules.mark("rule", color=INK, strokeWidth=1).encode(x=x))
    for m in marks:
        layers.append(
            table([m])
            .mark("text", align="left", dx=5, fontSize=11, color=INK)
            .encode(x=x, y=fixed(m["up"]), text="label:N")
        )
    chart = layer(*layers).sized(width=WIDTH - 60, height=200)
    subtitle = ["Dashed: as likely as not, and what a claim needs. Left of 1: more went unseen."]
    return finished(beside("vconcat", [chart], 0), "If less, or more, was seen after", subtitle,
                    clean(found.sentence))  # fmt: skip


def persistence_svg(found: Persistence) -> str:
    """Return the level of each year after the agreement against that before."""
    rows: list[Row] = [
        {"year": f"year {p.year}", "median": p.ratio.median, "lower": p.ratio.lower,
         "upper": p.ratio.upper, "text": f"{100 * p.below:.0f} % below"}
        for p in found.points
    ]  # fmt: skip
    domain = _domain([r["lower"] for r in rows] + [r["upper"] for r in rows])
    y = channel("year:N", sort=None, axis={"title": None})
    base = table(rows)
    chart = layer(
        _one(horizontal=False),
        base.mark("rule", color=INK, strokeWidth=1.6, clip=True).encode(
            x=_log_x("lower:Q", domain), x2="upper:Q", y=y
        ),
        base.mark("point", shape="square", fill=LINE, stroke=INK, size=60, opacity=1).encode(
            x=_log_x("median:Q", domain), y=y
        ),
        base.mark("text", align="left", fontSize=11, color=INK).encode(
            x=fixed(WIDTH - 150), y=y, text="text:N"
        ),
    ).sized(width=WIDTH - 160, height=26 * len(rows))
    subtitle = ["Each year's level against the two years before the agreement, with its interval."]
    return finished(beside("vconcat", [chart], 0), "Does it last?", subtitle, clean(found.sentence))


def accounts_svg(found: OnsetAccounts) -> str:
    """Return every account's probability after looking, with that before marked."""
    ordered = sorted(found.accounts, key=lambda a: -a.posterior)
    rows: list[Row] = [
        {"label": clean(a.label)[:70], "posterior": a.posterior, "prior": a.prior, "floor": 0}
        for a in ordered
    ]
    y = channel("label:N", sort=[r["label"] for r in rows], axis={"title": None, "labelLimit": 380})
    x = channel("posterior:Q", axis={"format": ".0%", "title": "probability", "tickCount": 5})
    base = table(rows)
    chart = layer(
        base.mark("bar", fill=MIDDLE, height=11).encode(x=x, x2="floor:Q", y=y),
        base.mark("tick", color=INK, thickness=2, height=16).encode(x="prior:Q", y=y),
    ).sized(width=WIDTH - 390, height=21 * len(rows))
    subtitle = ["Bars: after looking at the evidence. Upright: assumed before."]
    return finished(beside("vconcat", [chart], 0), "Which dated account fits", subtitle,
                    clean(found.sentence))  # fmt: skip


CHARTS: Mapping[str, Callable[..., str]] = {
    "robustness": curve_svg,
    "placebo": placebo_svg,
    "detectability": detectability_svg,
    "replay": replay_svg,
    "onset": accounts_svg,
    "persistence": persistence_svg,
    "tipping": tipping_svg,
}
