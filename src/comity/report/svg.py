"""Finished SVG from a chart's specification: the house ink and sizes, a name, a description."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape
from typing import Any

import altair as alt
import vl_convert

from comity.report.chart_data import Row

INK, SOFT, MIDDLE, PALE = "#1a1a1a", "#5f6670", "#8d949e", "#dfe2e6"
LINE = "#1b4f8a"
WIDTH = 660
FONT = "sans-serif"


def table(rows: Sequence[Row]) -> Any:
    """Return a chart on some rows, held as one text: Altair copies each part of data many times."""
    text = alt.InlineData(values=json.dumps(rows), format=alt.JsonDataFormat(type="json"))
    return alt.Chart(text)


def panel_title(text: str, offset: int = 4) -> Any:
    """Return a panel's heading, at its left."""
    return alt.TitleParams(
        text,
        anchor="start",
        frame="group",
        fontSize=12,
        fontWeight="bold",
        color=INK,
        offset=offset,
    )


def beside(kind: str, panels: Sequence[Any], spacing: int) -> Row:
    """Return panels as one specification, `kind` vconcat or hconcat.

    Altair's own concatenation copies every part at every level: with five panels that is most of
    a report's time.
    """
    parts = [panel.to_dict(validate=False) for panel in panels]
    datasets: Row = {}
    for part in parts:
        datasets.update(part.pop("datasets", {}))
        part.pop("$schema", None)
        part.pop("config", None)
    return {kind: parts, "spacing": spacing, "datasets": datasets}


def finished(chart: Row, title: str, subtitle: list[str], description: str) -> str:
    """Return a specification as SVG with a title, a description and the role of an image."""
    axis: Row = {"labelColor": INK, "titleColor": SOFT, "titleFontWeight": "normal"}
    axis |= {"labelFontSize": 11, "titleFontSize": 11, "gridColor": "#e9ebee"}
    axis |= {"domainColor": MIDDLE, "tickColor": MIDDLE}
    heading: Row = {"text": title, "subtitle": subtitle, "anchor": "start", "fontSize": 15}
    heading |= {"subtitleFontSize": 11.5, "subtitleColor": SOFT, "offset": 14}
    whole = {
        "$schema": alt.SCHEMA_URL,
        **chart,
        "title": heading,
        "background": "white",
        "padding": 8,
        "config": {"font": FONT, "view": {"stroke": None}, "axis": axis},
    }
    svg: str = vl_convert.vegalite_to_svg(whole, vl_version=_version(), allowed_base_urls=[])
    return _accessible(svg, title, description)


def _version() -> str | None:
    """Return the Vega-Lite that Altair writes for, None (the newest) where it is not at hand."""
    wanted = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    return wanted if wanted in vl_convert.get_vegalite_versions() else None


def _accessible(svg: str, title: str, description: str) -> str:
    """Return the SVG as one image with a name and a description for those who do not see it."""
    name = re.sub(r"[^a-z]+", "-", title.lower()).strip("-")
    head = f'<svg role="img" aria-labelledby="{name}-title {name}-desc"'
    inside = (
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(description)}</desc>'
    )
    svg = svg.replace("<svg", head, 1)
    end = svg.index(">") + 1
    return svg[:end] + inside + svg[end:]


def as_png(svg: str, scale: float = 2.0) -> bytes:
    """Return a finished SVG as a PNG of `scale` times its size in pixels."""
    png: bytes = vl_convert.svg_to_png(svg, scale=scale)
    return png
