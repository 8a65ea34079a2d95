"""A briefing as one HTML page: no script, no style attribute, text escaped, prints on A4."""

from __future__ import annotations

import base64
from functools import lru_cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined

from comity.provenance import is_web_address
from comity.report.briefing.model import Briefing, Picture, marks
from comity.report.html import unbroken


def page(briefing: Briefing, *, stylesheet: str = "", chart: str = "") -> str:
    """Return the page; see `comity.report.briefing.briefing_html`."""
    numbers = briefing.numbers()
    return (
        _environment()
        .get_template("briefing.html.j2")
        .render(
            b=briefing,
            css="" if stylesheet else css(),
            stylesheet=stylesheet,
            chart=chart,
            sources=briefing.sources,
            linked=any(s.name == "sources" for s in briefing.annex),
            marks=lambda run: marks(run, numbers),
        )
    )


@lru_cache(maxsize=1)
def css() -> str:
    """Return the stylesheet."""
    folder = resources.files("comity.report").joinpath("templates")
    return folder.joinpath("briefing.css").read_text(encoding="utf-8")


def main_chart(briefing: Briefing) -> str:
    """Return the SVG of the chart on the two pages, empty where there is none."""
    found = (b for s in briefing.main for b in s.blocks if isinstance(b, Picture))
    return next((picture.svg for picture in found), "")


def _address(picture: Picture) -> str:
    """Return a picture's SVG as the address of an image."""
    return f"data:image/svg+xml;base64,{base64.b64encode(picture.svg.encode()).decode()}"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("comity.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"address": _address, "is_web_address": is_web_address}
    made.filters["whole"] = unbroken
    return made
