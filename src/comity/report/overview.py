"""Every question in one table: as text, as JSON, as one HTML file."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.text import Text

from comity.report.data import load_schema
from comity.report.html import _environment, write_whole
from comity.report.lines import Line, hanging, labelled, wrap
from comity.report.plain import plain
from comity.report.terminal import NARROWEST, page_of
from comity.report.text import change_fell, change_ratio, choice_words, clean, number, ratio_text
from comity.verification.model import RatioInterval
from comity.verification.overview import Overview, OverviewRow
from comity.verification.promises import PooledPromise, Pooling
from comity.verification.words import NOT_IDENTIFIED, percent

SCHEMA_VERSION = "1.0"
SCHEMA_FILE = f"overview-{SCHEMA_VERSION}.schema.json"
NARROW_ID, WIDE_ID, ONE_LINE = 24, 31, 80
RENAMED = {"ratio": "rate_ratio", "fell": "probability_fell"}
BORROWED = "nothing before it"


def render_overview(overview: Overview, width: int = 80) -> Text:
    """Return the table as text at most `width` columns wide (60 at least)."""
    width = max(width, NARROWEST)
    count = len(overview.rows)
    lines: list[Line] = [("Every question that ships", "")]
    known = f"{count} questions, as known on {overview.as_of.isoformat()}"
    lines.append(("", f"{known}, comity {clean(overview.version)}"))
    used = ", ".join(f"{clean(name)} {clean(release)}" for name, release in overview.lists)
    lines += labelled("Evidence:", f"{used or 'no list'}.", width)
    lines += [("", ""), *labelled("Finding:", clean(overview.finding), width), ("", "")]
    head = _columns("question", "before", "after", "net change", "fell", width)
    lines += [(line, "") for line in head]
    for row in overview.conduct:
        lines += _row(row, width)
    lines += [("", ""), ("On implementation: no incident is counted", "")]
    for row in overview.implementation:
        lines.append(("", f"{row.question}, confidence {row.confidence}"))
        lines += hanging("  ", _terms(row), width)
    for pooling in overview.pooled:
        lines += [("", ""), *_pooling(pooling, width)]
    lines += [("", ""), ("Caveats", "")]
    for caveat in overview.caveats:
        lines += hanging("- ", clean(caveat), width)
    return page_of([*lines, *labelled("More:", f"{command_of(overview)} --report all.html", width)])


def _columns(name: str, before: str, after: str, ratio: str, fell: str, width: int) -> list[str]:
    """Return a row of the table; where it is narrow the name has a line of its own."""
    numbers = f"{before:>6} {after:>5}  {ratio:<18}{fell:>9}".rstrip()
    if width < ONE_LINE or len(name) >= WIDE_ID:
        return [name, f"  {numbers}"]
    return [f"{name:{WIDE_ID}}{numbers}"]


def _row(row: OverviewRow, width: int) -> list[Line]:
    """Return a question's line and, below it, its three terms."""
    fell = percent(row.fell) if row.fell is not None else ""
    before, after, ratio = _count(row.before), _count(row.after), ratio_text(row.ratio)
    lines = _columns(row.question, before, after, ratio, fell, width)
    terms = hanging("  ", f"{clean(row.direction)}: {_terms(row)}", width)
    return [*(("", line) for line in lines), *terms]


def _terms(row: OverviewRow) -> str:
    """Return a row's three answers and, for conduct, its confidence."""
    said = f"changed? {row.changed}; kept? {row.kept}; because? {row.because}"
    return clean(said + (f"; confidence {row.confidence}" if row.direction else ""))


def _count(value: float | None) -> str:
    """Return a count; what the evidence does not reach is no zero."""
    return "-" if value is None else number(value)


def _pooling(pooling: Pooling, width: int) -> list[Line]:
    """Return the promises of one kind, alone and pooled, and what that says."""
    lines: list[Line] = [(line, "") for line in wrap(clean(pooling.title), width)]
    rows = [("", "before, after", "alone", "pooled")]
    for p in pooling.promises:
        counts = f"{number(p.before)}, {number(p.after)}"
        rows.append((p.question, counts, change_ratio(p.alone), _together(p)))
    for name, counts, own, together in rows:
        numbers = f"{counts:>13}  {own:<19} {together}".rstrip()
        if width < ONE_LINE:
            lines += [("", name)] if name else []
            lines.append(("", f"  {numbers}"))
        else:
            lines.append(("", f"{name:{NARROW_ID}}{numbers}"))
    return [*lines, *(("", line) for line in wrap(clean(pooling.sentence), width))]


def _together(promise: PooledPromise) -> str:
    """Return a promise's pooled estimate; one that has nothing of its own only borrows."""
    if promise.pooled is None:
        return BORROWED if promise.before <= 0 else NOT_IDENTIFIED
    return ratio_text(promise.pooled)


def command_of(overview: Overview) -> str:
    """Return the command that gives this table again, safe to paste in a shell."""
    return shlex.join(["comity", "verify", "--all", *choice_words(overview.choices)])


def overview_to_dict(overview: Overview) -> dict[str, Any]:
    """Return the table as plain data, as its published schema describes it."""
    choices = overview.choices
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "overview",
        "as_of": overview.as_of.isoformat(),
        "version": overview.version,
        "choices": {
            "lists": list(choices.lists),
            "as_of": choices.as_of.isoformat() if choices.as_of else None,
            "first_of_year": choices.reading.first_of_year,
            "first_of_month": choices.reading.first_of_month,
            "seed": choices.seed,
            "level": choices.level,
        },
        "lists": [{"name": name, "release": release} for name, release in overview.lists],
        "finding": overview.finding,
        "rows": [_data(row) for row in overview.rows],
        "pooled": [_data(pooling) for pooling in overview.pooled],
        "caveats": list(overview.caveats),
    }


def overview_to_json(overview: Overview) -> str:
    """Return the table as JSON in ASCII, keys sorted."""
    return json.dumps(overview_to_dict(overview), allow_nan=False, indent=2, sort_keys=True)


def overview_schema() -> dict[str, Any]:
    """Return the published JSON Schema (draft 2020-12) of the table."""
    return load_schema(SCHEMA_FILE)


def _data(record: object) -> dict[str, Any]:
    """Return a row, estimate or pooling as data, in the words of a verdict's JSON."""
    found = {RENAMED.get(name, name): value for name, value in plain(record).items()}
    if isinstance(record, Pooling):
        found["promises"] = [_data(p) for p in record.promises]
    if isinstance(record, PooledPromise):
        own, known = record.alone, record.alone.identified
        found["alone"] = {**_estimate(own.ratio, own.fell, known), "reason": own.reason}
        found["pooled"] = _estimate(record.pooled, found.pop("probability_fell"), True)
    return found


def _estimate(ratio: RatioInterval | None, fell: float | None, identified: bool) -> dict[str, Any]:
    """Return a ratio and its probability of a fall, both null where it is not identified."""
    shown = (ratio, fell) if identified else (None, None)
    return {"rate_ratio": plain(shown[0]), "probability_fell": plain(shown[1])}


def write_overview(overview: Overview, path: Path) -> None:
    """Write the table as one HTML file that opens offline, a row a question. Raises StoreError."""
    template = _environment().get_template("overview.html.j2")
    page = template.render(
        v=overview,
        pooled=[(p, _pooled_rows(p.promises)) for p in overview.pooled],
        count=_count,
        level=round(100 * overview.choices.level),
        command=f"{command_of(overview)} --report all.html",
    )
    write_whole(path, page)


def _pooled_rows(promises: Sequence[PooledPromise]) -> list[dict[str, Any]]:
    """Return what the page shows of each promise."""
    return [
        {
            "p": p,
            "alone": change_ratio(p.alone, "–"),
            "alone_fell": change_fell(p.alone),
            "pooled": ratio_text(p.pooled, "–") if p.pooled else _together(p),
            "fell": percent(p.fell) if p.fell is not None else "",
        }
        for p in promises
    ]
