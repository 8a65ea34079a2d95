"""A verdict as one HTML file that opens offline: no script, nothing fetched, text escaped."""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from comity.errors import StoreError
from comity.provenance import is_web_address
from comity.report.chart_data import (
    Shown,
    activity_alt,
    activity_rows,
    forest_alt,
    in_scope,
    mark_rows,
    onset_alt,
)
from comity.report.examination_tables import ATTACKS, TABLES, notes_of, spoken
from comity.report.text import (
    COMPARISONS,
    ESTIMANDS,
    OUTCOMES,
    PASSED,
    REPLIES_TITLE,
    bare,
    cell_titles,
    change_fell,
    change_ratio,
    clean,
    command_line,
    countries,
    direction,
    headline_of,
    least_of,
    list_counts,
    number,
    period_word,
    ratio_text,
    reaches_past,
    reply_head,
    role_words,
    tag,
)
from comity.saying import capital, joined, load_texts, say
from comity.storage import write_whole as replace_file
from comity.verification.examine.asked import FINDINGS
from comity.verification.model import COMPARISONS as COMPARISON_WORDS
from comity.verification.model import Change, Otherwise, Scope, Verdict
from comity.verification.otherwise import definition_given
from comity.verification.registered import registration_line
from comity.verification.words import percent

MOST_INCIDENTS = 1000
SAYS = {
    "breach": say("says.breach"),
    "decline": say("says.decline"),
    "no-breach": say("says.no_breach"),
    "unclear": say("says.unclear"),
}
WHEN = {
    "before": say("when.before"),
    "after": say("when.after"),
    "straddles": say("when.straddles"),
    "unknown": say("when.unknown"),
}


def render_html(verdict: Verdict) -> str:
    """Return the report of a verdict as one self-contained HTML page."""
    return _environment().get_template("report.html.j2").render(_context(verdict))


def write_html(verdict: Verdict, path: Path) -> None:
    """Write the report to a file, whole or not at all.

    Raises StoreError where the file cannot be written; what was there before is then unchanged.
    """
    write_whole(path, render_html(verdict))


def write_whole(path: Path, text: str) -> None:
    """Write a file through a temporary one beside it. Raises StoreError."""
    try:
        replace_file(path, text.encode(), private=False)
    except OSError as error:
        why = error.strerror or str(error)
        raise StoreError(
            f"Cannot write the report to {path}: {why}. Nothing was changed there. Name a file in "
            "a folder that exists and that you may write to: --report FILE.html."
        ) from error


def _environment() -> Environment:
    """Return the templates' environment: all text is cleaned, then escaped."""
    made = Environment(
        loader=PackageLoader("comity.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_plain,
    )
    made.filters |= {"clean": clean, "short": short_address, "whole": unbroken}
    functions: dict[str, Callable[..., object]] = {
        "is_web_address": is_web_address,
        "ratio": change_ratio,
        "ratio_text": ratio_text,
        "fell": change_fell,
        "percent": percent,
        "number": number,
        "countries": countries,
        "direction": direction,
        "list_counts": list_counts,
        "t": load_texts(),
        "tag": tag,
        "registration_line": registration_line,
        "reply_head": reply_head,
    }
    words = {"comparisons": COMPARISONS, "estimands": ESTIMANDS, "outcomes": OUTCOMES}
    made.globals |= {
        **functions,
        **words,
        "role_words": role_words,
        "passed": PASSED,
        "replies_title": REPLIES_TITLE,
        "when": WHEN,
        "says": SAYS,
        "most": MOST_INCIDENTS,
    }
    return made


def _plain(value: object) -> object:
    """Return what a template prints: text without escapes or controls, markup as it is."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return bare(value)
    return value


_UNBROKEN = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)|\d+(?:\.\d+)? \(\d[\d.]*[-–]\d[\d.]*\)|\d+ %")


def unbroken(text: str) -> Markup:
    """Return text as HTML in which no line breaks inside a date, an interval or a percentage."""
    safe = str(escape(bare(text)))
    return Markup(_UNBROKEN.sub(r'<span class="nb">\g<0></span>', safe))


def short_address(address: str) -> str:
    """Return the site of a web address, or the text itself where it is none.

    >>> short_address("https://www.example.org/a/long/path.html?x=1")
    'example.org'
    """
    if not is_web_address(address):
        return address
    try:
        host = urlsplit(address).hostname
    except ValueError:
        host = None
    return (host or address).removeprefix("www.")


def _context(verdict: Verdict) -> dict[str, Any]:
    """Return everything the template names."""
    from comity.report.charts import activity_svg, forest_svg, onset_svg

    question = verdict.question
    svgs = {
        "activity": activity_svg(verdict),
        "forest": forest_svg(verdict),
        "onset": onset_svg(verdict),
    }
    later = [c for c in in_scope(verdict) if c.when in ("after", "straddles", "unknown")]
    mirror = verdict.mirror
    return {
        "v": verdict,
        "q": question,
        "period": period_word(verdict),
        "level": round(100 * verdict.choices.level),
        "headline": headline_of(verdict),
        "least": least_of(verdict, question.scope.id),
        "comparison_words": COMPARISON_WORDS.get(question.comparison, question.comparison),
        "cell_titles": cell_titles(question.scope),
        "charts": {name: _address(svg) for name, svg in svgs.items()},
        "alts": {
            "activity": activity_alt(verdict),
            "forest": forest_alt(verdict),
            "onset": onset_alt(verdict),
        },
        "marks": marks_said(verdict),
        "examined": _examined(verdict),
        "side_by_side": side_by_side(verdict),
        "table": estimates_of(verdict),
        "past": reaches_past(verdict),
        "claimed": claimed_words(verdict),
        "later": later,
        "all_incidents": verdict.incidents,
        "mirror_count": 0 if mirror is None else len(in_scope(mirror)),
        "command": f"{command_line(verdict)} --report {question.id}.html",
        "python": python_lines(verdict),
    }


def _examined(verdict: Verdict) -> list[dict[str, Any]]:
    """Return the findings of the cross-examination that were asked for, ready to be shown."""
    from comity.report.examination_charts import CHARTS

    found, shown = verdict.examination, []
    for name in FINDINGS:
        finding = getattr(found, name, None)
        if finding is None:
            continue
        draw = CHARTS.get(name)
        shown.append(
            {
                "name": name,
                "attack": ATTACKS[name],
                "sentence": finding.sentence,
                "chart": _address(draw(finding)) if draw else "",
                "caption": "The same numbers stand in the table below.",
                "rows": TABLES[name](finding)[0],
                "linked": name in ("next_evidence", "record"),
                "claims": spoken(finding) if name == "replay" else (),
                "facts": finding.items if name == "next_evidence" else (),
                "incidents": finding.incidents if name == "record" else (),
                "notes": notes_of(finding),
                "checks": finding.checks,
            }
        )
    return shown


def _address(svg: str) -> str:
    """Return an SVG as the address of an image, empty where there is none."""
    if not svg:
        return ""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def marks_said(verdict: Shown) -> str:
    """Return what the upright lines of the charts stand for; which are outside the years drawn."""
    drawn = activity_rows(verdict)
    first = min((row["x"] for row in drawn), default=0.0)
    last = max((row["x2"] for row in drawn), default=0.0)
    said, outside = [], []
    for mark in mark_rows(verdict):
        if not first <= mark["x"] <= last:
            outside.append(joined([mark["what"], mark["date"]]))
            continue
        line = "marks.solid" if mark["kind"] == "agreement" else "marks.dashed"
        said.append(say(line, label=mark["label"], what=mark["what"], date=mark["date"]))
    if outside:
        said.append(say("marks.outside", marks=joined(outside, "; ")))
    return joined(said, " ")


def claimed_words(verdict: Verdict) -> str:
    """Return how many claims say what: "8 breach, 3 less of it"."""
    counts = Counter(SAYS.get(c.says, c.says) for c in verdict.claims)
    return joined(joined([str(counts[word]), word], " ") for word in SAYS.values() if counts[word])


def side_by_side(verdict: Verdict) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the table of scopes: a row's name, then a pair of texts for each scope."""
    scopes = verdict.question.scopes

    def estimate(find: Callable[[Scope], Change | None]) -> list[tuple[str, str]]:
        return [(change_ratio(find(s), "–"), change_fell(find(s))) for s in scopes]

    counted = [verdict.change_of(s.id) for s in scopes]
    past, never = reaches_past(verdict), say("table.never")
    rows: list[tuple[str, list[tuple[str, str]]]] = [
        (say("table.before"), [(number(c.before) if c else "", "") for c in counted]),
        (say("table.after"), [(number(c.after) if c and past else never, "") for c in counted]),
        (
            say("table.by_cell"),
            [
                (" · ".join(f"{k} {number(c.cells[k])}" for k in sorted(c.cells)) if c else "", "")
                for c in counted
            ],
        ),
    ]
    for name in ("jump", "net-1", "net-3", "net-5", "level"):
        cells = estimate(lambda s, name=name: verdict.change_of(s.id, estimand=name))  # type: ignore[misc]
        if any(first for first, _ in cells):
            rows.append((capital(ESTIMANDS[name]), cells))
    least = estimate(lambda s: least_of(verdict, s.id))
    if any(first for first, _ in least):
        rows.append((say("table.least"), least))
    return rows


def estimates_of(verdict: Verdict) -> dict[str, Any]:
    """Return every estimate as a table: estimands as columns, a row a comparison and outcome."""
    groups: list[tuple[str, list[Change]]] = [
        (
            joined([role_words(verdict.question, s), s.title], ": "),
            [c for c in verdict.change if c.scope == s.id],
        )
        for s in verdict.question.scopes
    ]
    groups.append((verdict.by_list.title, list(verdict.by_list.rows)))
    found = {c.estimand for _, rows in groups for c in rows}
    ratios = {(c.scope, c.comparison, c.outcome, c.estimand): c.ratio for c in verdict.change}
    same = "redirection" in found and all(
        ratio == ratios.get((*key[:3], "jump"))
        for key, ratio in ratios.items()
        if key[3] == "redirection"
    )
    names = [n for n in ESTIMANDS if n in found and not (same and n == "redirection")]
    names += sorted(found - set(ESTIMANDS))
    return {
        "same": same,
        "estimands": names,
        "groups": [(title, _estimate_rows(rows, names)) for title, rows in groups if rows],
    }


def _estimate_rows(changes: list[Change], names: list[str]) -> list[dict[str, Any]]:
    """Return one row for each comparison, outcome and set of lists, with its reasons below it."""
    kinds = dict.fromkeys((c.comparison, c.outcome, c.lists) for c in changes)
    several = len({c.lists for c in changes}) > 1
    rows = []
    for comparison, outcome, lists in kinds:
        mine = {
            c.estimand: c
            for c in changes
            if (c.comparison, c.outcome, c.lists) == (comparison, outcome, lists)
        }
        label = COMPARISONS.get(comparison, comparison)
        if outcome != "starts":
            label = joined([label, OUTCOMES.get(outcome, outcome)])
        if several:
            label = joined([", ".join(lists), label], ": ")
        first = next(iter(mine.values()))
        reasons = dict.fromkeys(c.reason for c in mine.values() if not c.identified)
        rows.append(
            {
                "label": label,
                "before": first.before,
                "after": first.after,
                "cells": [mine.get(name) for name in names],
                "reasons": list(reasons),
            }
        )
    return rows


def python_lines(verdict: Verdict) -> str:
    """Return the Python that gives this verdict again, on one line so that it stays one text."""
    question, choices = verdict.question, verdict.choices
    given = [repr(clean(question.path) or question.id)]
    if choices.lists:
        given.append(f"lists={tuple(map(clean, choices.lists))!r}")
    if choices.as_of is not None:
        given.append(f'as_of=datetime.date.fromisoformat("{choices.as_of.isoformat()}")')
    reading = choices.reading
    if (reading.first_of_year, reading.first_of_month) != ("year", "month"):
        given.append(f"reading={reading!r}")
    definition = definition_given(question)
    if definition:
        given.append(f"definition={clean(definition)!r}")
    if choices.otherwise != Otherwise():
        given.append(f"otherwise={_python_otherwise(choices.otherwise)}")
    given.append(f"seed={choices.seed}")
    return f"comity.verify({', '.join(given)}).report({question.id + '.html'!r})"


def _python_otherwise(otherwise: Otherwise) -> str:
    """Return the Python of what is asked otherwise, without what is as declared."""
    given = []
    for name, usual in ((f.name, f.default) for f in fields(Otherwise)):
        value = getattr(otherwise, name)
        if isinstance(value, dt.date):
            given.append(f'{name}=datetime.date.fromisoformat("{value.isoformat()}")')
        elif value != usual:
            given.append(f"{name}={value!r}")
    return f"comity.verification.otherwise.Otherwise({', '.join(given)})"
