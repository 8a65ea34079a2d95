"""Definitions: what a term covers for whom, who is near to whom, how a definer's words changed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial

from comity.definitions.camps import FEWEST, Camps, find_camps
from comity.definitions.compare import (
    ASPECTS,
    Nearness,
    definitions_of,
    extremes,
    latest_of_each,
    nearness,
    neighbours,
    shifts_of,
)
from comity.definitions.model import AGAINST, PROPERTIES, PROTECTS, Definition
from comity.definitions.register import definer_name, find_definer, find_term, load_definitions
from comity.errors import RegisterError
from comity.report.definitions_page import CSV_COLUMNS, definition_record, definition_rows
from comity.report.plain import plain
from comity.web.page import Asked, Page, Sheet, View
from comity.web.pages.shared import or_missing
from comity.web.parameters import Parameter

USUAL = "cybersecurity"
READ_BY = "us-china-2015"  # the question whose evidence a definition is held against
COLUMNS_OF = (("protects", PROTECTS), ("properties", PROPERTIES), ("against", AGAINST))
MOST_COMPARED = 6
NEAR, FAR = 3, 2

TERM = Parameter("term", "of this term", default=USUAL)
CHOICES = (
    TERM,
    Parameter("kin", "with terms by which others name the same subject", "flag"),
    Parameter("all", "every definition, not only each definer's latest", "flag"),
)
COMPARED = (
    Parameter("who", "definers, with commas between: US,China,SCO"),
    Parameter("a", "a definer"), Parameter("b", "another"), Parameter("c", "a third"), TERM,
)  # fmt: skip


@lru_cache(maxsize=64)
def _chosen(term: str, kin: bool, every: bool) -> tuple[Definition, ...]:
    """Return the definitions of a term, of each definer the latest where not every one is asked."""
    rows = definitions_of(load_definitions(), term, kin=kin)
    return rows if every else latest_of_each(rows, term)


@lru_cache(maxsize=64)
def _camps(term: str, kin: bool) -> Camps | None:
    rows = _chosen(term, kin, False)
    return find_camps(rows) if len(rows) >= FEWEST else None


@lru_cache(maxsize=64)
def _map(term: str, kin: bool) -> str:
    from comity.report.camps_chart import camps_svg

    found, definitions = _camps(term, kin), load_definitions()
    title = f"Who means the same by {definitions.terms[term].title.lower()}"
    return camps_svg(found, definitions, title) if found else ""


def definitions(asked: Asked) -> Page:
    """Return who means what by a term: a matrix, the camps and how strong the split is."""
    v, every = asked.values, load_definitions()
    term = find_term(every, v.get("term", USUAL))
    kin, whole = "kin" in v, "all" in v
    rows, camps = _chosen(term, kin, whole), _camps(term, kin)
    one_each = _chosen(term, kin, False)
    sides = {p.definition.id: p for p in camps.placed} if camps else {}

    def by_side(d: Definition) -> tuple[int, str]:
        return sides[d.id].side if d.id in sides else 2, definer_name(every, d.definer).casefold()

    near, far = extremes(one_each)
    options = "".join(f" --{k}" for k in ("kin", "all") if k in v)
    return Page(
        "definitions.html.j2",
        asked.world.texts("definitions.title", term=every.terms[term].title.lower()),
        {
            "term": every.terms[term], "terms": _terms(),
            "rows": sorted(rows, key=by_side),
            "who": partial(definer_name, every), "columns": _columns(rows), "sides": sides,
            "camps": camps, "near": near, "far": far, "neighbours": _neighbours(one_each),
            "definers": _definers(one_each), "read_by": READ_BY, "fewest": FEWEST,
        },
        data={"definitions": [definition_record(d) for d in rows], "camps": plain(camps)},
        sheet=Sheet(CSV_COLUMNS, tuple(definition_rows(rows))),
        charts={"map": partial(_map, term, kin)} if camps else {},
        command=f"comity definitions {term}{options}",
        python="from comity.definitions.compare import definitions_of\n"
               "from comity.definitions.register import load_definitions\n"
               f"definitions_of(load_definitions(), {term!r}, kin={kin})",
    )  # fmt: skip


def _terms() -> list[tuple[object, int, int]]:
    """Return every term, with how many definitions and definers it has."""
    every = load_definitions()
    mine = {t: [d for d in every.rows if d.term == t] for t in every.terms}
    return [(every.terms[t], len(some), len({d.definer for d in some})) for t, some in mine.items()]


def _columns(rows: Sequence[Definition]) -> list[tuple[str, list[str]]]:
    """Return the aspects with the elements that any of the rows names, in the codebook's order."""
    return [
        (aspect, [e for e in elements if any(e in getattr(d, aspect) for d in rows)])
        for aspect, elements in COLUMNS_OF
    ]


def _definers(rows: Sequence[Definition]) -> list[tuple[str, str]]:
    """Return definers for a select, by name."""
    every = load_definitions()
    ids = dict.fromkeys(d.definer for d in rows)
    return sorted(((i, definer_name(every, i)) for i in ids), key=lambda pair: pair[1].casefold())


def _neighbours(
    rows: Sequence[Definition],
) -> list[tuple[Definition, Sequence[Nearness], Sequence[Nearness]]]:
    """Return each definition with the nearest and the farthest of the others."""
    listed = [(d, neighbours(rows, d)) for d in rows]
    return [(d, found[:NEAR], found[::-1][:FAR]) for d, found in listed if found]


def compare(asked: Asked) -> Page:
    """Return what some definers' words share, and what only one of them names."""
    v, every = asked.values, load_definitions()
    given = [w.strip() for w in v.get("who", "").split(",") if w.strip()]
    given += [v[k] for k in ("a", "b", "c") if k in v]
    term = find_term(every, v.get("term", USUAL))
    ids = list(dict.fromkeys(find_definer(every, d) for d in given))
    if len(ids) > MOST_COMPARED:
        raise RegisterError(f"{len(ids)} definers are too many side by side; {MOST_COMPARED} fit.")
    found = latest_of_each(definitions_of(every, term, ids, kin=True), term) if ids else ()
    rows = sorted(found, key=lambda d: ids.index(d.definer))
    silent = [definer_name(every, d) for d in ids if d not in {r.definer for r in rows}]
    pairs = [nearness(a, b) for k, a in enumerate(rows) for b in rows[k + 1 :]]
    return Page(
        "definitions_compare.html.j2", asked.world.texts("definitions.compare"),
        {
            "rows": rows, "pairs": pairs, "aspects": ASPECTS, "who": partial(definer_name, every),
            "silent": silent, "ids": [*ids, "", "", ""], "term": every.terms[term],
            "terms": _terms(), "definers": _definers(definitions_of(every, term, kin=True)),
            "read_by": READ_BY,
        },
        data={"definitions": [definition_record(d) for d in rows],
              "pairs": [plain(n) for n in pairs]},
        sheet=Sheet(CSV_COLUMNS, tuple(definition_rows(rows))),
        command=f"comity definitions compare {' '.join(ids)} --term {term}" if ids
                else f"comity definitions {term}",
        python="from comity.definitions.compare import definitions_of, latest_of_each\n"
               "from comity.definitions.register import load_definitions\n"
               f"latest_of_each(definitions_of(load_definitions(), {term!r}, {ids!r}, kin=True), "
               f"{term!r})",
    )  # fmt: skip


def definer(asked: Asked) -> Page:
    """Return all that one definer defines, and how its words changed."""
    every = load_definitions()
    who = or_missing(partial(find_definer, every, asked.names["definer"]))
    rows = definitions_of(every, definers=[who])
    ordered = sorted(rows, key=lambda d: (list(every.terms).index(d.term), str(d.date.earliest)))
    shifts = shifts_of(rows)
    name = definer_name(every, who)
    return Page(
        "definer.html.j2", asked.world.texts("definitions.by", who=name),
        {
            "who": who, "name": name, "note": every.definers[who].note if who in every.definers
            else "", "rows": ordered, "shifts": shifts, "aspects": ASPECTS, "terms": every.terms,
            "others": [pair for pair in _definers(every.rows) if pair[0] != who],
            "read_by": READ_BY,
        },
        data={"definitions": [definition_record(d) for d in ordered], "shifts": plain(shifts)},
        sheet=Sheet(CSV_COLUMNS, tuple(definition_rows(ordered))),
        command=f"comity definitions over-time {who}",
    )  # fmt: skip


VIEWS = (
    View("definitions", "/definitions", "What a term covers for whom", definitions, CHOICES),
    View("definitions-compare", "/definitions/compare", "Some definers' words side by side",
         compare, COMPARED),
    View("definer", "/definitions/{definer}", "One definer's words over time", definer),
)  # fmt: skip
