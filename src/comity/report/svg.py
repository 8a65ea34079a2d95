"""Finished SVG from a chart's specification: the house ink and sizes, a name, a description."""

from __future__ import annotations

import re
from html import escape

import vl_convert

from comity.report.chart_data import Row
from comity.report.vega import SCHEMA, VERSION, Chart, Spec

INK, SOFT, MIDDLE, PALE = "#1a1a1a", "#5f6670", "#8d949e", "#dfe2e6"
LINE = "#1b4f8a"
WIDTH = 660
FONT = "Arial, Helvetica, sans-serif"


def panel_title(text: str, offset: int = 4) -> Spec:
    """Return a panel's heading, at its left."""
    look = {"fontSize": 12, "fontWeight": "bold", "color": INK, "offset": offset}
    return {"text": text, "anchor": "start", "frame": "group", **look}


def finished(chart: Chart, title: str, subtitle: list[str], description: str) -> str:
    """Return a chart as SVG with a title, a description and the role of an image."""
    axis: Row = {"labelColor": INK, "titleColor": SOFT, "titleFontWeight": "normal"}
    axis |= {"labelFontSize": 11, "titleFontSize": 11, "gridColor": "#e9ebee"}
    axis |= {"domainColor": MIDDLE, "tickColor": MIDDLE}
    heading: Row = {"text": title, "subtitle": subtitle, "anchor": "start", "fontSize": 15}
    heading |= {"subtitleFontSize": 11.5, "subtitleColor": SOFT, "offset": 14}
    whole = {
        "$schema": SCHEMA,
        **chart.spec(),
        "title": heading,
        "background": "white",
        "padding": 8,
        "config": {"font": FONT, "view": {"stroke": None}, "axis": axis},
    }
    svg: str = vl_convert.vegalite_to_svg(whole, vl_version=VERSION, allowed_base_urls=[])
    return _accessible(svg, title, description)


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
