"""Pages as HTML: templates in which all text is cleaned, then escaped, and words come by key."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup, escape

from comity import __version__
from comity.provenance import is_web_address
from comity.report.briefing.said import day_words
from comity.report.html import short_address, unbroken
from comity.report.text import (
    bare,
    change_fell,
    change_ratio,
    clean,
    countries,
    country,
    number,
    ratio_text,
    tag,
)
from comity.saying import Texts, capital, joined
from comity.verification.words import percent
from comity.web.page import Asked, Page
from comity.web.parameters import address
from comity.web.rooms import NAVIGATION, room_of

MOST_TEXT = 4000  # characters of one text in a page; its JSON and CSV have all


@lru_cache(maxsize=4)
def environment(texts: Texts) -> Environment:
    """Return the templates of one language; text is cleaned, then escaped, wherever it is shown."""
    made = Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("comity.web", "templates"),
                PrefixLoader({"report": PackageLoader("comity.report", "templates")}),
            ]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: _plain(texts.again(value)),
    )
    in_words = {"clean": clean, "whole": unbroken}
    made.filters |= {name: _in(texts, change) for name, change in in_words.items()}
    made.filters |= {"short": short_address, "told": _told}
    made.filters |= {"day_words": lambda date: texts.again(day_words(date))}
    made.filters |= {"dated": lambda date: _dated(texts, date)}
    made.filters |= {
        "coded": texts.coded,
        "capitalize": lambda text: texts.again(capital(text)),
        "join": _join(texts),
    }
    functions: Mapping[str, Callable[..., object]] = {
        "t": texts,
        "is_web_address": is_web_address,
        "percent": percent,
        "number": number,
        "ratio": change_ratio,
        "ratio_text": ratio_text,
        "fell": change_fell,
        "countries": countries,
        "country": country,
        "tag": tag,
        "address": address,
    }
    made.globals |= {**functions, "navigation": NAVIGATION, "language": texts.language}
    made.globals |= {"version": __version__}
    return made


def _in(texts: Texts, change: Callable[[Any], object]) -> Callable[[Any], object]:
    """Return a filter that says a text in the page's language before it changes it."""
    return lambda value: change(texts.again(value))


def _join(texts: Texts) -> Callable[..., object]:
    """Return a filter that says parts one after the other in the page's language."""
    return lambda parts, between="": texts.again(joined(parts, between))


def _plain(value: object) -> object:
    """Return what a template prints: text without escapes or controls, cut where it is longer than
    any page of ours says at once (a list's text may have any length); markup as it is."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return bare(value) if len(value) <= MOST_TEXT else f"{bare(value[:MOST_TEXT])}…"
    return value


def _told(text: str) -> Markup:
    """Return text of several lines whole, each line clean of escapes and controls: what a message
    says is bounded where it comes in, and a person must see all of it."""
    return Markup("<br>").join(escape(bare(line)) for line in str(text).split("\n"))


def _dated(texts: Texts, date: object) -> Markup:
    """Return a date in words (20XX is 2000s), which no line breaks but between its two ends."""
    said, to = str(texts.again(day_words(date))), texts("date.to")
    ends = re.sub(r"\b(\d\d)XX\b", lambda m: texts("date.decade", first=f"{m[1]}00"), said).split(
        to
    )
    return Markup(escape(to)).join(Markup('<span class="nb">{}</span>').format(end) for end in ends)


def render(page: Page, asked: Asked, formats: tuple[str, ...]) -> str:
    """Return a page, or the part of it that was asked for, as HTML."""
    name = page.template
    if asked.part:  # "verdict.html.j2" includes its part "glance" from "verdict.glance.html.j2"
        name = f"{name.removesuffix('.html.j2')}.{asked.part}.html.j2"
    template = environment(asked.world.texts).get_template(name)
    context: dict[str, Any] = {
        "page": page,
        "asked": asked,
        "values": asked.values,
        "here": room_of(asked.path),
        "formats": {f: view_address(asked, f) for f in formats},
        "permanent": address(asked.path, asked.values),
        "editable": asked.world.editable,
        "exchange": asked.world.party,
        "token": asked.world.token if asked.world.editable else "",
        "chart_address": lambda name: chart_address(asked, name),
        **page.context,
    }
    return template.render(context)


def view_address(asked: Asked, form: str) -> str:
    """Return the address of the same view in another form: "/votes.csv?state=CN"."""
    path = asked.path if asked.path != "/" else "/index"
    return address(f"{path}.{form}", asked.values)


def chart_address(asked: Asked, name: str) -> str:
    """Return the address of one of the view's charts as SVG."""
    path = asked.path if asked.path != "/" else "/index"
    return address(f"{path}.svg", asked.values, chart=name)
