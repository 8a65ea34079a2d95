"""A whole briefing from a verdict: the sections asked for, and two pages that are two pages.

What goes to the annex where two pages do not hold it, by rule: of the lists on them the longest
gives its last point (the later of two as long), but none its first few (`Bullets.keep`); then the
notes go, the last first; then, of lists again, all but one point. No type is made smaller and no
sentence is cut.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from comity.errors import QuestionError
from comity.instruments.model import Register
from comity.instruments.register import load_register
from comity.process.model import Talks
from comity.process.register import load_talks
from comity.report.briefing import annex, conduct, implementation
from comity.report.briefing.model import (
    ON_TWO_PAGES,
    SECTIONS,
    Block,
    Briefing,
    Bullets,
    Paragraph,
    Section,
)
from comity.report.briefing.pdf import main_pages
from comity.report.briefing.said import line, short
from comity.report.briefing.talks import accounts_of, lines_of_talks
from comity.report.text import clean
from comity.verification.implementation import ImplementationVerdict
from comity.verification.model import Verdict

PAGES = 2
FURTHER, FURTHER_TITLE = "further", "What the two pages had no room for"
NOT_THERE = "This does not apply to a question of this kind."


def wanted(sections: Sequence[str] | None) -> tuple[str, ...]:
    """Return the sections asked for in the order of a briefing, with the sources they cite.

    Raises QuestionError naming those there are.
    """
    if sections is None:
        return tuple(SECTIONS)
    unknown = [s for s in sections if s not in SECTIONS]
    if unknown or not sections:
        given = f"no section {', '.join(map(repr, unknown))}" if unknown else "no section named"
        raise QuestionError(
            f"A briefing has {given}. There are: {', '.join(SECTIONS)}. Name some, with commas "
            "between, or leave --sections out for all."
        )
    return tuple(s for s in SECTIONS if s in sections or s == "sources")


def whole(
    verdict: Verdict | ImplementationVerdict,
    *,
    sections: Sequence[str] | None,
    register: Register | None,
    talks: Talks | None,
    day: dt.date | None,
) -> Briefing:
    """Return the briefing on a verdict; see `comity.report.briefing.compose`."""
    names = wanted(sections)
    held = talks if talks is not None else load_talks()
    if isinstance(verdict, ImplementationVerdict):
        found = _on_implementation(verdict, names, held, day or dt.date.today())
    else:
        known = register if register is not None else load_register()
        found = _on_conduct(verdict, names, known, held, day)
    if sections is not None:
        given = {s.name for s in (*found.main, *found.annex)}
        found = _with_absent(found, [n for n in names if n not in given])
    return fitted(found)


def _on_conduct(
    v: Verdict, names: Sequence[str], register: Register, talks: Talks, day: dt.date | None
) -> Briefing:
    q, as_of = v.question, v.choices.as_of
    standing = day or as_of or dt.date.today()
    sides = (q.scope.initiator, q.scope.receiver)
    close = all(0 < len(side) <= 3 for side in sides)
    material = conduct.Material(
        v,
        accounts_of(register, q.instrument, as_of),
        lines_of_talks(talks, q.instrument, sides if close else (), standing, as_of is not None),
    )
    facts = [f"Agreed {q.agreed}"]
    if v.instrument is not None:
        facts.append(clean(v.instrument.standing))
    facts += [f"as known on {v.as_of}", f"confidence {v.confidence.word}"]
    return Briefing(
        q.id, short(q.title, 200), tuple(facts), f"Comity {v.version}, as known on {v.as_of}",
        v.as_of.isoformat(), v.version,
        _made(conduct.MAIN_PARTS, material, names), _made(annex.ANNEX_PARTS, material, names),
    )  # fmt: skip


def _on_implementation(
    v: ImplementationVerdict, names: Sequence[str], talks: Talks, day: dt.date
) -> Briefing:
    q = v.question
    owners = dict.fromkeys((q.instrument, *(t.instrument for t in v.tracks)))
    kept = {k: t for k, t in talks.tracks.items() if t.instrument in owners}
    mine = replace(talks, tracks={k: replace(t, instrument=q.instrument) for k, t in kept.items()})
    material = implementation.Material(v, lines_of_talks(mine, q.instrument, (), day))
    facts = (
        f"Agreed {v.instrument.date}", clean(v.instrument.standing), f"talks as of {day}",
        f"confidence {v.confidence.word}",
    )  # fmt: skip
    return Briefing(
        q.id, short(q.title, 200), facts, f"Comity {v.version}, talks as of {day}",
        day.isoformat(), v.version,
        _made(implementation.MAIN_PARTS, material, names, implementation.TITLES),
        _made(implementation.ANNEX_PARTS, material, names),
    )  # fmt: skip


def _made(
    parts: Mapping[str, Callable[[Any], Sequence[Block]]], material: object, names: Sequence[str],
    titles: Mapping[str, str] | None = None,
) -> tuple[Section, ...]:  # fmt: skip
    """Return the sections asked for that there are, in order; `titles` are other than usual."""
    named = {**SECTIONS, **(titles or {})}
    return tuple(
        Section(name, named[name], tuple(parts[name](material))) for name in names if name in parts
    )


def _with_absent(briefing: Briefing, absent: Sequence[str]) -> Briefing:
    """Return a briefing that says of each section asked for by name that it does not apply."""
    told = [Section(n, SECTIONS[n], (Paragraph(line(NOT_THERE)),)) for n in absent]
    order = list(SECTIONS)

    def merged(have: Sequence[Section], main: bool) -> tuple[Section, ...]:
        more = [s for s in told if (s.name in ON_TWO_PAGES) is main]
        return tuple(sorted((*have, *more), key=lambda s: order.index(s.name)))

    return replace(briefing, main=merged(briefing.main, True), annex=merged(briefing.annex, False))


def fitted(briefing: Briefing) -> Briefing:
    """Return a briefing whose main part is measured to end on the second page.

    Moves to the annex what the rule above names, one thing at a time. Where nothing is left to
    move, the rest stands as it is.
    """
    while briefing.main and main_pages(briefing) > PAGES:
        shorter = _shorter(briefing)
        if shorter is None:
            return briefing
        briefing = shorter
    return briefing


def _shorter(briefing: Briefing) -> Briefing | None:
    """Return a briefing with one thing fewer on the two pages, None where nothing may go."""
    places = [(s, b) for s, section in enumerate(briefing.main) for b in range(len(section.blocks))]
    notes = [
        (s, b) for s, b in places
        if isinstance(block := briefing.main[s].blocks[b], Paragraph) and block.movable
    ]  # fmt: skip
    lists = _longest(briefing, places, kept=True)
    if lists is None and notes:
        s, b = notes[-1]
        return _moved(briefing, s, b, (), briefing.main[s].blocks[b])
    lists = lists or _longest(briefing, places, kept=False)
    if lists is None:
        return None
    s, b, block = lists
    stands = any(section.name == block.full for section in briefing.annex)
    fewer = replace(block, items=block.items[:-1], left=block.left + stands)
    return _moved(briefing, s, b, (fewer,), None if stands else Bullets((block.items[-1],)))


def _longest(
    briefing: Briefing, places: Sequence[tuple[int, int]], kept: bool
) -> tuple[int, int, Bullets] | None:
    """Return the longest list that may give a point (the later of two as long) and its place.

    With `kept` those that hold no more than they are to keep give none; without, the last few
    may go too, but for one.
    """
    found = [
        (len(block.items), s, b, block) for s, b in places
        if isinstance(block := briefing.main[s].blocks[b], Bullets)
        and len(block.items) > (block.keep if kept else 1)
    ]  # fmt: skip
    if not found:
        return None
    _, s, b, block = max(found, key=lambda f: f[:3])
    return s, b, block


def _moved(
    briefing: Briefing, s: int, b: int, instead: tuple[Block, ...], moved: Block | None
) -> Briefing:
    """Return a briefing with a block of the two pages replaced and what was there in the annex."""
    section = briefing.main[s]
    blocks = (*section.blocks[:b], *instead, *section.blocks[b + 1 :])
    main = (*briefing.main[:s], replace(section, blocks=blocks), *briefing.main[s + 1 :])
    parts = briefing.annex
    if moved is not None:
        has = bool(parts) and parts[0].name == FURTHER
        rest = parts[1:] if has else parts
        before = parts[0].blocks if has else ()
        if isinstance(moved, Bullets) and before and isinstance(before[0], Bullets):
            moved, before = Bullets((*moved.items, *before[0].items)), before[1:]
        parts = (Section(FURTHER, FURTHER_TITLE, (moved, *before)), *rest)
    return replace(briefing, main=main, annex=parts)
