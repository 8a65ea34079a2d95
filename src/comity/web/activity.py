"""The chart of a verdict as a page shows it: every bar opens the incidents behind it.

Drawn as plain SVG in the page, so that its colours are the page's own (dark as well as light), a
bar is a link that the keyboard reaches, and nothing has to be loaded or run to see it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from comity.report.chart_data import Row, Shown, activity_rows, mark_rows, span_rows
from comity.saying import Said, joined, say

WIDTH, LEFT, RIGHT = 760, 44, 12
MAIN, SMALL, GAP, HEADING = 150, 54, 26, 18
LANE = 5  # height of one incident's span
MOST_LANES = 60
DOT_DAYS = 20 / 365


@dataclass(frozen=True, slots=True)
class Bar:
    """One period of one cell: where it stands, and the address of the incidents in it."""

    x: float
    width: float
    top: float  # of the bar
    sharp_top: float
    base: float
    words: str
    href: str  # empty where no incident may have begun in it
    hit_top: float


@dataclass(frozen=True, slots=True)
class Panel:
    """One cell: its bars, the fitted rate with its interval, and the axis' marks."""

    cell: str
    title: str
    top: float
    base: float
    bars: tuple[Bar, ...]
    line: str  # points of the fitted rate, empty where nothing was fitted
    band: str
    ticks: tuple[tuple[float, str], ...]  # (y, label)


@dataclass(frozen=True, slots=True)
class Span:
    """One incident of the pair: the days on which it may have begun."""

    x: float
    width: float
    y: float
    sharp: bool
    words: str
    href: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A dated event: the agreement, or an explanation that rivals it."""

    x: float
    kind: str
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything of the chart, in its own units."""

    width: int
    height: float
    panels: tuple[Panel, ...]
    spans: tuple[Span, ...]
    spans_top: float
    marks: tuple[Mark, ...]
    years: tuple[tuple[float, str], ...]
    bottom: float


Incidents = Callable[[str, str], str]  # (cell, period) -> address


def draw(shown: Shown, incidents: Incidents, incident: Callable[[str], str]) -> Drawing | None:
    """Return the chart of a verdict or a glance, None where there is nothing to draw.

    `incidents` gives the address of the incidents of a cell that may have begun in a period,
    `incident` that of one incident.
    """
    rows = activity_rows(shown)
    if not rows:
        return None
    first, last = min(r["x"] for r in rows), max(r["x2"] for r in rows)

    def at(x: float) -> float:
        return LEFT + float((x - first) / (last - first)) * (WIDTH - LEFT - RIGHT)

    panels, top = [], float(HEADING)
    spans: tuple[Span, ...] = ()
    spans_top = 0.0
    for cell in dict.fromkeys(r["cell"] for r in rows):
        mine = [r for r in rows if r["cell"] == cell]
        height = MAIN if cell == "A" else SMALL
        panels.append(_panel(mine, top, height, at, incidents))
        top += height + GAP
        if cell == "A":
            spans_top = top - GAP / 2
            spans, lanes = _spans(shown, at, spans_top, incident)
            top += lanes * LANE + (GAP if lanes else 0)
    bottom = top - GAP
    marks = tuple(
        Mark(round(at(m["x"]), 1), m["kind"], m["label"] if m["kind"] == "rival" else "",
             joined([m["what"], m["date"]]))
        for m in mark_rows(shown) if first <= m["x"] <= last
    )  # fmt: skip
    years = tuple(
        (round(at(year), 1), str(year) if (last - first) < 11 or year % 2 == 0 else "")
        for year in range(int(first) + (first % 1 > 0), int(last) + 1)
        if year < last - 0.01
    )
    return Drawing(WIDTH, bottom + 34, tuple(panels), spans, spans_top, marks, years, bottom)


def _panel(
    rows: Sequence[Row], top: float, height: float, at: Callable[[float], float],
    incidents: Incidents,
) -> Panel:  # fmt: skip
    """Return one cell's panel."""
    most = max([r["count"] for r in rows] + [r["upper"] or 0.0 for r in rows] + [1.0])
    ceiling = _ceiling(most)
    base = top + height

    def up(value: float) -> float:
        return round(base - min(value, ceiling) / ceiling * height, 1)

    bars = []
    for r in rows:
        x, x2 = at(r["x"]), at(r["x2"])
        words = _bar_words(r)
        href = incidents(r["cell"], r["period"]) if r["count"] > 0 else ""
        bars.append(
            Bar(round(x + 0.6, 1), round(max(x2 - x - 1.2, 1.0), 1), up(r["count"]),
                up(r["sharp"]), base, words, href, top)
        )  # fmt: skip
    fitted = [r for r in rows if r["rate"] is not None]
    line = " ".join(f"{at(r['middle']):.1f},{up(r['rate'])}" for r in fitted)
    sure = [r for r in fitted if r["upper"] is not None]
    band = " ".join(
        [f"{at(r['middle']):.1f},{up(r['upper'])}" for r in sure]
        + [f"{at(r['middle']):.1f},{up(r['lower'])}" for r in reversed(sure)]
    )
    ticks = ((base, "0"), (up(ceiling), f"{ceiling:g}"))
    return Panel(rows[0]["cell"], rows[0]["title"], top, base, tuple(bars), line, band, ticks)


def _spans(
    shown: Shown, at: Callable[[float], float], top: float, incident: Callable[[str], str]
) -> tuple[tuple[Span, ...], int]:
    """Return the pair's incidents as spans, packed into lanes, and how many lanes there are."""
    ends: list[float] = []
    spans = []
    for r in span_rows(shown):
        x, x2 = at(r["x"]), max(at(r["x2"]), at(r["x"] + DOT_DAYS))
        lane = next((k for k, end in enumerate(ends) if end + 2 <= x), len(ends))
        if lane >= MOST_LANES:
            continue
        ends[lane:lane + 1] = [x2]  # fmt: skip
        words = r["name"]
        if not r["sharp"]:
            words = say("bar.begun_within", name=r["name"], span=_days(x2 - x, at))
        spans.append(
            Span(round(x, 1), round(x2 - x, 1), top + lane * LANE, r["sharp"], words,
                 incident(r["key"]))
        )  # fmt: skip
    return tuple(spans), len(ends)


def _days(width: float, at: Callable[[float], float]) -> Said:
    """Return the length of a span in words."""
    days = width / (at(1.0) - at(0.0)) * 365
    if days < 600:
        return say("bar.months", n=round(days / 30.4))
    return say("bar.years", n=round(days / 365))


def _bar_words(r: Row) -> Said:
    """Return what a bar stands for: period, cell, count, and the fitted rate with its ends."""
    values = {"period": r["period"], "cell": r["title"], "count": _count(r["count"])}
    if r["rate"] is None:
        return say("bar.counted", **values)
    values["rate"] = f"{r['rate']:.2f}"
    if r["upper"] is None:
        return say("bar.fitted", **values)
    ends = {"lower": f"{r['lower']:.2f}", "upper": f"{r['upper']:.2f}"}
    return say("bar.fitted_ends", **values, **ends)


def _count(value: float) -> Said:
    """Return a count in words; shares of incidents have a decimal."""
    text = f"{value:.0f}" if abs(value - round(value)) < 0.05 else f"{value:.1f}"
    return say("bar.incident" if text == "1" else "bar.incidents", count=text)


def _ceiling(most: float) -> float:
    """Return a round number at least as high as the highest bar.

    >>> _ceiling(3.2), _ceiling(41.0)
    (4, 50)
    """
    for step in (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40, 50, 60, 80, 100, 150, 200, 300, 500):
        if most <= step:
            return step
    return float(f"{most * 1.1:.1g}")
