"""What words mean to whom, as plain text for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from comity.definitions.agreement import second_reading
from comity.definitions.camps import CLEAR_CHANCE, CLEAR_STRENGTH, Camps
from comity.definitions.compare import (
    ASPECTS,
    Nearness,
    Shift,
    extremes,
    nearness,
    neighbours,
)
from comity.definitions.model import Definition, Definitions
from comity.definitions.register import definer_name
from comity.provenance import numbered
from comity.report.lines import Line, columns, wrap
from comity.report.text import clean

SHORT = {
    "confidentiality": "C", "integrity": "I", "availability": "A", "authenticity": "Au",
    "non-repudiation": "N", "reliability": "R", "accountability": "Ac",
}  # fmt: skip
ABBREVIATED = {
    "critical-infrastructure": "infrastructure", "foreign-interference": "interference",
    "military-use": "military",
}  # fmt: skip
BRIEF = {
    "networks": "net", "systems": "sys", "data": "data", "information": "info",
    "users": "users", "critical-infrastructure": "infra", "society": "soc", "state": "state",
    "sovereignty": "sov", "content": "content",
}  # fmt: skip
LEGEND = (
    "net networks, sys systems, info information, infra critical infrastructure, soc society, sov "
    "sovereignty; C confidentiality, I integrity, A availability, Au authenticity, N "
    "non-repudiation, R reliability, Ac accountability; content: harmful content covered; points: "
    "in inward, out outward."
)
CSV_COLUMNS = (
    "id", "term", "definer", "document", "date", "place", "language", "protects", "properties",
    "against", "content", "orientation", "gloss", "status", "second", "sources",
)  # fmt: skip
POINTS = {"inward": "in", "outward": "out", "both": "both", "unclear": "?"}
NEAREST = 5
ANSWERED = ("content", "orientation")  # aspects with one answer each


def definition_record(d: Definition) -> dict[str, object]:
    """Return a definition as plain data."""
    return {
        "id": d.id, "term": d.term, "definer": d.definer, "document": d.document,
        "date": d.date.text, "place": d.place, "language": d.language,
        "protects": sorted(d.protects), "properties": sorted(d.properties),
        "against": sorted(d.against), "content": d.content, "orientation": d.orientation,
        "gloss": d.gloss, "status": d.status, "second": d.second, "sources": list(d.sources),
    }  # fmt: skip


def definition_rows(rows: Iterable[Definition]) -> Iterator[tuple[str, ...]]:
    """Yield the cells of each definition, as CSV_COLUMNS names them."""

    def cell(value: object) -> str:
        return "; ".join(value) if isinstance(value, list) else str(value)

    for record in map(definition_record, rows):
        yield tuple(cell(record[c]) for c in CSV_COLUMNS)


def term_lines(definitions: Definitions) -> list[Line]:
    """Return every term: how many define it, and what kind of thing it names."""
    rows = [("term", "definitions", "definers", "what it names")]
    for term in definitions.terms.values():
        mine = [d for d in definitions.rows if d.term == term.id]
        rows.append(
            (term.id, str(len(mine)), str(len({d.definer for d in mine})), clean(term.gloss))
        )
    lines = columns(rows, 100, right=(1, 2))
    total, who = len(definitions.rows), len({d.definer for d in definitions.rows})
    said = {s: sum(d.status == s for d in definitions.rows) for s in ("seen", "secondary")}
    twice = sum(second_reading(d.second) is not None for d in definitions.rows)
    text = (
        f"{total} definitions by {who} definers; {said['seen']} read at their source, "
        f"{said['secondary']} taken from others; {twice} coded by two readers."
    )
    return [*lines, ("", ""), *_said(text, 80)]


def matrix_lines(
    definitions: Definitions, rows: Sequence[Definition], camps: Camps | None, width: int = 80
) -> list[Line]:
    """Return definitions as a matrix of what each names, with who is nearest to whom."""
    cited = numbered(d.sources for d in rows)
    sides = {p.definition.id: p for p in camps.placed} if camps else {}
    table = [("definer", "date", "side", "content", "points", "prop.", "protects; against")]
    for d in sorted(rows, key=lambda d: (sides[d.id].side if d.id in sides else 2, d.definer)):
        brief = " ".join(word for element, word in BRIEF.items() if element in d.protects)
        against = f"; {_names(d.against)}" if d.against else ""
        table.append(
            (
                clean(definer_name(definitions, d.definer))[:20], d.date.text[:7],
                str("AB"[sides[d.id].side]) if d.id in sides else "-", d.content,
                POINTS[d.orientation],
                "".join(SHORT[p] for p in SHORT if p in d.properties) or "-",
                f"{brief or '-'}{against}",
            )
        )  # fmt: skip
    lines = [*columns(table, width, cut=False), *_said(LEGEND, width)]
    lines += [("", ""), *_camp_lines(definitions, camps, width)]
    lines += [("", ""), *_extreme_lines(definitions, rows, width)]
    lines += [("", ""), ("In our words", "")]
    for d in rows:
        marks = "".join(f"[{n}]" for n in sorted(cited[a] for a in d.sources))
        text = (
            f"{definer_name(definitions, d.definer)}, {d.date}, {d.term} ({d.id}): {d.gloss} "
            f"{marks} {d.status}; {d.second}"
        )
        lines += _hang(clean(text), width)
    return [*lines, ("", ""), *_sources(cited)]


def _camp_lines(definitions: Definitions, camps: Camps | None, width: int) -> list[Line]:
    if camps is None:
        return _said("Too few definitions of it to look for camps.", width)
    words = (
        "Two camps"
        if camps.clear
        else "No clear split: the two nearest groups are shown all the same"
    )
    lines = _said(
        f"{words}: strength {camps.strength:.2f} (0 none, 1 complete); a shuffled table splits as "
        f"strongly in {100 * camps.chance:.1f} of a hundred. Camps are told from "
        f"{CLEAR_STRENGTH} on, and where that number is surely below {100 * CLEAR_CHANCE:.0f}.",
        width,
    )
    if camps.apart:
        named = "; ".join(f"{a.aspect} {a.within:.2f} and {a.across:.2f}" for a in camps.apart)
        lines += _hang(
            "What two definitions share on average, on one side and across, what tells the "
            f"sides apart most first: {named}", width,
        )  # fmt: skip
    for side in (0, 1):
        mine = sorted((p for p in camps.placed if p.side == side), key=lambda p: -p.stability)
        named = ", ".join(
            f"{definer_name(definitions, p.definition.definer)} {p.stability:.0%}" for p in mine
        )
        lines += _hang(f"{'AB'[side]} (around {camps.medoids[side].id}): {clean(named)}", width)
    lines += _said("The percentage is how often a definer stays on its side when definers are "
                   "drawn anew.", width)  # fmt: skip
    return lines


def _extreme_lines(definitions: Definitions, rows: Sequence[Definition], width: int) -> list[Line]:
    """Return the nearest and the farthest pairs, each with how near (0 to 1)."""
    lines: list[Line] = []
    for label, pairs in zip(("Nearest", "Farthest"), extremes(rows), strict=True):
        named = "; ".join(
            f"{definer_name(definitions, n.first.definer)} and "
            f"{definer_name(definitions, n.second.definer)} {n.value:.2f}" for n in pairs
        )  # fmt: skip
        if named:
            lines += _hang(clean(f"{label} (0 to 1): {named}"), width)
    return lines


def neighbour_lines(
    definitions: Definitions, rows: Sequence[Definition], width: int = 80
) -> list[Line]:
    """Return, for each definition, the nearest and the farthest of the others."""
    lines: list[Line] = [("Nearest and farthest", "")]
    for d in rows:
        found = neighbours(rows, d)
        if not found:
            continue
        near, far = found[:NEAREST], found[::-1][:2]
        lines += _hang(
            f"{definer_name(definitions, d.definer)} {str(d.date.earliest)[:4]}: near "
            f"{_listed(definitions, near)}; far {_listed(definitions, far)}", width,
        )  # fmt: skip
    return lines


def compare_lines(
    definitions: Definitions, rows: Sequence[Definition], width: int = 80,
    every: Sequence[Definition] = (),
) -> list[Line]:  # fmt: skip
    """Return some definers' definitions pair by pair: what they share and what only one names.

    `every` holds what they define of the subject: what is not shown of it is named.
    """
    lines: list[Line] = []
    cited = numbered(d.sources for d in rows)
    for d in rows:
        marks = "".join(f"[{n}]" for n in sorted(cited[a] for a in d.sources))
        lines += _hang(
            clean(
                f"{definer_name(definitions, d.definer)}, {d.date}, {d.term} ({d.document}, "
                f"{d.place}; {d.status}): {d.gloss} {marks}"
            ), width,
        )  # fmt: skip
    others = [d.id for d in every if d.id not in {r.id for r in rows}]
    if others:
        lines += [("", ""), *_hang(f"Not compared, by the same: {', '.join(others)}", width)]
    if len(rows) == 1:
        lines += [("", ""), *_said("Name two or more to compare: US CN RU ISO.", width)]
    for k, one in enumerate(rows):
        for two in rows[k + 1 :]:
            lines += [("", ""), *_pair_lines(definitions, nearness(one, two), width)]
    return [*lines, ("", ""), *_sources(cited)]


def _pair_lines(definitions: Definitions, found: Nearness, width: int) -> list[Line]:
    one, two = (definer_name(definitions, d.definer) for d in (found.first, found.second))
    value = "not comparable" if found.value is None else f"{found.value:.2f} near"
    head = f"{one} ({found.first.term}) and {two} ({found.second.term}): {value} (0 to 1)"
    lines: list[Line] = [(line, "") for line in wrap(clean(head), width)]
    for aspect in ASPECTS:
        shared, first, second = (
            _names(s[aspect]) for s in (found.shared, found.only_first, found.only_second)
        )
        if aspect in ANSWERED:
            answers = [getattr(d, aspect) for d in (found.first, found.second)]
            both = f"both {answers[0]}"
            said = both if answers[0] == answers[1] else f"{one} {answers[0]}; {two} {answers[1]}"
            lines += _hang(f"  {aspect}: {clean(said)}", width)
            continue
        parts = [
            f"{label} {names}" for label, names in (
                ("both", shared), (f"only {one}", first), (f"only {two}", second)
            ) if names
        ]  # fmt: skip
        said = "; ".join(parts) or "neither says"
        lines += _hang(f"  {aspect}: {clean(said)}", width)
    return lines


def shift_lines(definitions: Definitions, shifts: Sequence[Shift], width: int = 80) -> list[Line]:
    """Return what changed from one definition to the next, in words."""
    if not shifts:
        return _said("No term is defined by it at two dates here.", width)
    lines: list[Line] = []
    cited = numbered(d.sources for s in shifts for d in (s.earlier, s.later))
    for s in shifts:
        who = definer_name(definitions, s.earlier.definer)
        both = [
            f"{d.date} ({d.document}; {d.status} "
            f"{''.join(f'[{n}]' for n in sorted(cited[a] for a in d.sources))})"
            for d in (s.earlier, s.later)
        ]
        head = f"{who}, {s.earlier.term}: {both[0]} to {both[1]}"
        lines += [(line, "") for line in wrap(clean(head), width)]
        changed = [(w, c) for w, c in (("gained", s.gained), ("lost", s.lost)) if any(c.values())]
        for label, change in changed:
            named = "; ".join(f"{a}: {_names(change[a])}" for a in ASPECTS if change[a])
            lines += _hang(f"  {label}: {named}", width)
        if not changed:
            lines += _hang("  no change in what is coded", width)
    lines += [("", ""), *_said(
        "Gained: named by the later one and not by the earlier; lost: the reverse. What a "
        "definition is silent on or leaves unclear it does not name.", width,
    )]  # fmt: skip
    return [*lines, ("", ""), *_sources(cited)]


def _listed(definitions: Definitions, found: Iterable[Nearness]) -> str:
    return ", ".join(f"{definer_name(definitions, n.second.definer)} {n.value:.2f}" for n in found)


def _names(elements: Iterable[str]) -> str:
    return ", ".join(ABBREVIATED.get(e, e) for e in sorted(elements))


def _sources(cited: dict[str, int]) -> list[Line]:
    return [("Sources", ""), *(("", f"  [{n}] {clean(a)}") for a, n in cited.items())]


def _said(text: str, width: int) -> list[Line]:
    return [("", line) for line in wrap(text, width)]


def _hang(text: str, width: int) -> list[Line]:
    lead = "  " if text.startswith("  ") else ""
    first, *rest = wrap(text, width - 4) or [""]
    return [("", lead + first), *(("", "    " + line) for line in rest)]
