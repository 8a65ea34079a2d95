"""What parties did to carry norms out, and about promises thought broken, as plain text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from comity.errors import CountryError
from comity.process.model import Course, Enforcement, Measure, MeasureKind, Response
from comity.process.queries import party_name
from comity.provenance import numbered
from comity.report.lines import Line, columns, hanging, wrap
from comity.report.text import clean

MEASURE_COLUMNS = ("party", "name", "norm", "kind", "date", "what", "status", "sources")
ENFORCEMENT_COLUMNS = (
    "id", "date", "promise", "alleged_by", "breach", "response", "responses", "response_date",
    "followed", "course", "status", "sources",
)  # fmt: skip


def measure_lines(measures: Sequence[Measure], width: int = 80) -> list[Line]:
    """Return what parties did to carry out norms and measures: counts by kind, then each."""
    order = list(MeasureKind)
    measures = sorted(measures, key=lambda m: (order.index(m.kind), m.party, m.norm, m.date.text))
    cited = numbered(m.sources for m in measures)
    parties = len({m.party for m in measures})
    counts = Counter(m.kind for m in measures)
    kinds = ", ".join(f"{k} {counts[k]}" for k in MeasureKind if counts[k])
    whose = party_name(measures[0].party) if parties == 1 else f"{parties} parties"
    lines = _said(f"{_count(len(measures), 'step')} of {whose} on record: {kinds}", width)
    for kind in MeasureKind:
        rows = [m for m in measures if m.kind is kind]
        if rows:
            lines += [("", ""), (kind.replace("-", " ").capitalize(), "")]
        for m in rows:
            words = f"{party_name(m.party)}, {m.norm}, {m.date}: {m.what}"
            lines += _item(f"{words} {_marks(m.sources, cited)} {m.status}", width)
    lines += [("", ""), *_said(
        "An empty place is silence of this table, not of the party: few states were looked for.",
        width,
    )]  # fmt: skip
    return [*lines, ("", ""), *_sources(cited)]


def enforcement_lines(rows: Sequence[Enforcement], width: int = 80) -> list[Line]:
    """Return what was done about promises thought broken and what followed: a table, then each."""
    rows = sorted(rows, key=lambda r: r.date.text)
    cited = numbered(r.sources for r in rows)
    promises = sum(r.promise != "none" for r in rows)
    lines = _said(
        f"{_count(len(rows), 'time')} a state's conduct was held against it, {promises} of them "
        "against a text of this register", width,
    )  # fmt: skip
    lines += [("", ""), *_table(rows, width), ("", "")]
    lines += _said(
        "A case counts once for each thing done, and once for each thing that followed. Eased: a "
        "side held back, promised or talked again. Nothing seen: within a year, in the sources "
        "here. That something followed does not show that it was because of it.", width,
    )  # fmt: skip
    lines += [("", "")]
    for r in rows:
        when = f" ({r.response_date})" if r.response_date else ""
        held = f"held against {r.promise}" if r.promise != "none" else "no promise named"
        lines += _item(
            f"{r.date}  {_said_by(r.alleged_by)}, {held}: {r.breach}. Done: {r.response}{when}. "
            f"Followed: {r.followed} ({', '.join(map(_word, r.course))}) "
            f"{_marks(r.sources, cited)} {r.status}", width, "",
        )  # fmt: skip
    return [*lines, ("", ""), *_sources(cited)]


def _table(rows: Sequence[Enforcement], width: int) -> list[Line]:
    heads = ("eased", "more", "back", "again", "denied", "nothing")
    table: list[tuple[str, ...]] = [("done", "cases", *heads)]
    for response in Response:
        mine = [r for r in rows if response in r.responses]
        if mine:
            counts = [str(sum(c in r.course for r in mine)) for c in Course]
            table.append((_word(response), str(len(mine)), *counts))
    lines = columns(table, width, right=tuple(range(1, 8)))
    return lines + _said(
        "  more: the accuser did more; back: the accused struck back; again: the same was alleged "
        "again; nothing: nothing seen", width,
    )  # fmt: skip


def _said_by(text: str) -> str:
    return re.sub(r"\b[A-Z]{2}\b", _named, text)


def _named(code: re.Match[str]) -> str:
    try:
        return party_name(code.group())
    except CountryError:
        return code.group()


def _word(code: str) -> str:
    return code.replace("-", " ")


def measure_rows(measures: Iterable[Measure]) -> list[tuple[object, ...]]:
    """Return what parties did as rows under MEASURE_COLUMNS."""
    return [
        (
            m.party, party_name(m.party), m.norm, m.kind, m.date.text, m.what, m.status,
            " ".join(m.sources),
        )
        for m in measures
    ]  # fmt: skip


def enforcement_rows(rows: Iterable[Enforcement]) -> list[tuple[object, ...]]:
    """Return what was done about promises thought broken as rows under ENFORCEMENT_COLUMNS."""
    return [
        (
            r.id, r.date.text, r.promise, r.alleged_by, r.breach, r.response,
            " ; ".join(r.responses), r.response_date.text if r.response_date else "", r.followed,
            " ; ".join(r.course), r.status, " ".join(r.sources),
        )
        for r in rows
    ]  # fmt: skip


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _item(text: str, width: int, lead: str = "  ") -> list[Line]:
    first, *rest = wrap(clean(text), width - len(lead) - 4)
    return [("", lead + first), *(("", f"{lead}    {line}") for line in rest)]


def _marks(sources: Iterable[str], cited: dict[str, int]) -> str:
    return "".join(f"[{n}]" for n in sorted(cited[a] for a in sources))


def _sources(cited: dict[str, int]) -> list[Line]:
    return [("Sources", ""), *(("", f"  [{n}] {clean(a)}") for a, n in cited.items())]


def _said(text: str, width: int) -> list[Line]:
    lead = " " * (len(text) - len(text.lstrip(" ")))
    return hanging(lead, text, width)
