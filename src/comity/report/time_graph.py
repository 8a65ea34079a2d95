"""Things that come from other things, drawn on an axis of time: one row a thing, no script."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from comity.dates import ImpreciseDate
from comity.report.svg import FONT, INK, LINE, MIDDLE, PALE, SOFT
from comity.report.text import clean

WIDE, LEFT, RIGHT, UNDATED = 1160, 28, 540, 70
ROW, HEAD, FOOT = 40, 92, 34
LONGEST = 92
FEW_YEARS = 12
SECOND = "#a2542b"


@dataclass(frozen=True, slots=True)
class Node:
    """One thing: `label` in bold, `detail` below it, `said` in full for who points at it."""

    name: str
    label: str
    detail: str
    said: str
    date: ImpreciseDate


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from one node to another; `weight` 0 to 1 is its width, `dashed` one less sure."""

    source: str
    target: str
    weight: float
    dashed: bool
    said: str


def time_graph(
    nodes: Sequence[Node], edges: Sequence[Edge], title: str, notes: Sequence[str]
) -> str:
    """Return the drawing as SVG, nodes in the order given; all text is cleaned and escaped.

    A node is a dot at its day, or a bar over the days its date allows; one without a date stands
    left of the axis.
    """
    left, scale, ticks = _axis(nodes)
    height = HEAD + ROW * len(nodes) + FOOT
    places = {n.name: (_middle(n, scale), HEAD + ROW * k + ROW // 2) for k, n in enumerate(nodes)}
    said = f"{len(nodes)} in order, {len(edges)} lines. " + " ".join(
        clean(n.label) + ": " + clean(n.said) for n in nodes
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDE} {height}" '
        f'width="{WIDE}" height="{height}" font-family="{FONT}" '
        'aria-labelledby="lineage-title lineage-desc">',
        f'<title id="lineage-title">{_text(title)}</title>',
        f'<desc id="lineage-desc">{_text(said)}</desc>',
        f'<rect width="{WIDE}" height="{height}" fill="white"/>',
        f'<text x="{LEFT}" y="26" font-size="16" font-weight="bold" fill="{INK}">'
        f"{_text(title)}</text>",
    ]
    for k, note in enumerate(notes):
        parts.append(
            f'<text x="{LEFT}" y="{46 + 16 * k}" font-size="12" fill="{SOFT}">{_text(note)}</text>'
        )
    parts += _grid(ticks, scale, height, left)
    parts += [_edge(edge, places) for edge in edges if {edge.source, edge.target} <= set(places)]
    parts += [_node(node, places[node.name], scale) for node in nodes]
    return "".join([*parts, "</svg>"])


class _Scale:
    """Days to places across the page."""

    def __init__(self, first: dt.date, last: dt.date, left: float) -> None:
        self.first, self.left = first, left
        self.step = (WIDE - left - RIGHT) / max((last - first).days, 1)

    def __call__(self, day: dt.date) -> float:
        return self.left + (day - self.first).days * self.step


def _axis(nodes: Sequence[Node]) -> tuple[float, _Scale, list[tuple[dt.date, str]]]:
    """Return where the axis begins, its scale and its marks."""
    days = [d for n in nodes for d in (n.date.earliest, n.date.latest) if d is not None]
    left = LEFT + (UNDATED if any(_undated(n) for n in nodes) else 0)
    first, last = (min(days), max(days)) if days else (dt.date(2000, 1, 1), dt.date(2001, 1, 1))
    years = range(first.year, last.year + 2)
    every = max(1, -(-len(years) // FEW_YEARS))
    ticks = [(dt.date(y, 1, 1), str(y)) for y in years if y % every == 0]
    begin = min(first, dt.date(first.year, 1, 1))
    return left, _Scale(begin, max(last, begin + dt.timedelta(days=365)), left), ticks


def _undated(node: Node) -> bool:
    return node.date.earliest is None and node.date.latest is None


def _ends(node: Node, scale: _Scale) -> tuple[float, float]:
    """Return where a node's bar begins and ends."""
    if _undated(node):
        return LEFT + 8.0, LEFT + 8.0
    ends = [d for d in (node.date.earliest, node.date.latest) if d is not None]
    return scale(ends[0]), scale(ends[-1])


def _middle(node: Node, scale: _Scale) -> float:
    begin, end = _ends(node, scale)
    return (begin + end) / 2


def _grid(
    ticks: Sequence[tuple[dt.date, str]], scale: _Scale, height: int, left: float
) -> list[str]:
    """Return a line and a year for each mark on the axis."""
    parts = []
    for day, label in ticks:
        x = scale(day)
        if left - 1 <= x <= WIDE - RIGHT + 20:
            parts.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{HEAD - 6}" y2="{height - FOOT + 4}" '
                f'stroke="{PALE}"/><text x="{x:.1f}" y="{height - FOOT + 20}" font-size="11" '
                f'fill="{SOFT}" text-anchor="middle">{label}</text>'
            )
    if left > LEFT:
        parts.append(
            f'<text x="{LEFT}" y="{height - FOOT + 20}" font-size="11" fill="{SOFT}">no date</text>'
        )
    return parts


def _edge(edge: Edge, places: Mapping[str, tuple[float, int]]) -> str:
    """Return a line down from the source and across to the target."""
    (x1, y1), (x2, y2) = places[edge.source], places[edge.target]
    if edge.dashed:
        y2 += 5 if y2 > y1 else -5
    bend = 6 if x2 >= x1 else -6
    path = f"M{x1:.1f} {y1}V{y2 - (6 if y2 > y1 else -6)}Q{x1:.1f} {y2} {x1 + bend:.1f} {y2}"
    colour, dash = (SECOND, ' stroke-dasharray="5 3"') if edge.dashed else (LINE, "")
    width = 1 + 2.5 * min(max(edge.weight, 0.0), 1.0)
    return (
        f'<path d="{path}H{x2:.1f}" fill="none" stroke="{colour}" stroke-width="{width:.1f}"'
        f"{dash}><title>{_text(edge.said)}</title></path>"
    )


def _node(node: Node, place: tuple[float, int], scale: _Scale) -> str:
    """Return a dot or a bar with its label and what is said below it."""
    (x, y), (begin, end) = place, _ends(node, scale)
    if end - begin > 4:
        mark = (
            f'<rect x="{begin:.1f}" y="{y - 4}" width="{end - begin:.1f}" height="8" rx="4" '
            f'fill="{MIDDLE}"/>'
        )
    else:
        mark = f'<circle cx="{x:.1f}" cy="{y}" r="4.5" fill="{INK}"/>'
    at = max(end, x) + 10
    halo = 'stroke="white" stroke-width="4" stroke-linejoin="round" paint-order="stroke"'
    date = node.date.text or "no date"
    return (
        f"<g><title>{_text(node.label)}: {_text(node.said)}</title>{mark}"
        f'<text x="{at:.1f}" y="{y - 1}" font-size="12" fill="{INK}" {halo}>'
        f'<tspan font-weight="bold">{_text(node.label)}</tspan> '
        f'<tspan fill="{SOFT}">{_text(date)}</tspan></text>'
        f'<text x="{at:.1f}" y="{y + 13}" font-size="11" fill="{SOFT}" {halo}>'
        f"{_text(_short(node.detail))}</text></g>"
    )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 2].rstrip() + ".."


def _text(text: str) -> str:
    return escape(clean(text))
