"""Vega-Lite specifications, written by hand: marks, channels, layers and panels as plain JSON.

A few lines stand here for a large library because they are all that the pictures need, and since
loading that library took longer than drawing (docs/decisions/0004-server-made-svg.md). A
slip in a specification does not pass: the tests hold each that is drawn against Vega-Lite's schema.

https://vega.github.io/vega-lite/docs/spec.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Spec = dict[str, Any]

VERSION = "6.4"  # of Vega-Lite, among those that vl-convert holds
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
TYPES = {"Q": "quantitative", "N": "nominal", "O": "ordinal", "T": "temporal"}
SECONDARY = ("x2", "y2")  # a channel's other end, which takes its type from the first
SHORT = re.compile(r"(?:(?P<aggregate>\w+)\((?P<of>\w*)\)|(?P<field>\w+)):(?P<type>[QNOT])")


def channel(short: str, /, **settings: Any) -> Spec:
    """Return a channel from its short form, `field:T` or `count():Q`, and its other settings.

    The letter is the type: quantitative, nominal, ordinal or temporal. Raises ValueError for
    anything else.

    >>> channel("year:Q", title=None)
    {'field': 'year', 'type': 'quantitative', 'title': None}
    >>> channel("count():Q")
    {'aggregate': 'count', 'type': 'quantitative'}
    """
    parts = SHORT.fullmatch(short)
    if parts is None:
        raise ValueError(f"{short!r} is not a field and its type, such as 'year:Q'")
    made: Spec = {}
    if parts["aggregate"]:
        made["aggregate"] = parts["aggregate"]
    if name := parts["field"] or parts["of"]:
        made["field"] = name
    return {**made, "type": TYPES[parts["type"]], **settings}


def fixed(value: object) -> Spec:
    """Return a channel that is the same for each row."""
    return {"value": value}


def shades(short: str, shown: Mapping[str, str], title: str | None = None, **legend: Any) -> Spec:
    """Return a channel of colours, one a value, with their legend above the chart."""
    scale = {"domain": list(shown), "range": list(shown.values())}
    return channel(short, scale=scale, legend={"title": title, "orient": "top", **legend})


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart on a table, without a mark yet; each method returns a new one.

    `made` holds the parts of the specification that have been said: mark, encoding, transform,
    width, height, title.
    """

    made: Mapping[str, Any] = field(default_factory=dict)

    def mark(self, kind: str, /, **look: Any) -> Chart:
        """Return the chart with a mark, such as a bar or a rule, and its look."""
        return replace(self, made={**self.made, "mark": {"type": kind, **look}})

    def encode(self, **channels: Spec | str) -> Chart:
        """Return the chart with further channels; a string is a channel's short form."""
        encoding = dict(self.made.get("encoding", {}))
        for name, given in channels.items():
            one = channel(given) if isinstance(given, str) else dict(given)
            if name in SECONDARY:
                one.pop("type", None)
            encoding[name] = one
        return replace(self, made={**self.made, "encoding": encoding})

    def where(self, condition: str) -> Chart:
        """Return the chart of the rows for which an expression of Vega's holds."""
        return self._transformed({"filter": condition})

    def calculate(self, **fields: str) -> Chart:
        """Return the chart with further fields, each by an expression of Vega's."""
        steps = [{"calculate": how, "as": name} for name, how in fields.items()]
        return self._transformed(*steps)

    def sized(self, width: float, height: float, title: Spec | None = None) -> Chart:
        """Return the chart at a size in pixels, with a panel's heading where there is one."""
        size = {"width": width, "height": height}
        return replace(self, made={**self.made, **size, **({"title": title} if title else {})})

    def resolve(self, **scales: str) -> Chart:
        """Return the chart with scales of its panels `shared` or `independent`, by channel."""
        return replace(self, made={**self.made, "resolve": {"scale": scales}})

    def spec(self) -> Spec:
        """Return the specification."""
        return dict(self.made)

    def _transformed(self, *steps: Spec) -> Chart:
        return replace(
            self, made={**self.made, "transform": [*self.made.get("transform", ()), *steps]}
        )


def table(rows: Sequence[Mapping[str, object]]) -> Chart:
    """Return a chart on some rows."""
    return Chart({"data": {"values": list(rows)}})


def layer(*charts: Chart) -> Chart:
    """Return charts drawn over one another, the last on top."""
    return Chart({"layer": [one.spec() for one in charts]})


def beside(kind: str, panels: Sequence[Chart], spacing: int) -> Chart:
    """Return panels as one chart, `kind` vconcat or hconcat, so many pixels apart."""
    return Chart({kind: [panel.spec() for panel in panels], "spacing": spacing})
