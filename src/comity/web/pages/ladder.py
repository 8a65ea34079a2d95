"""Acts: the ladder between two states, what was carried out, what was done about a breach."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from comity.api_steps import carried_out
from comity.countries import resolve_country
from comity.errors import AddressError, CountryError
from comity.instruments.register import load_register
from comity.process.continuity import middle
from comity.process.ladder import Ladder, ladder_of
from comity.process.model import Course, Enforcement, MeasureKind, Response
from comity.process.queries import pair_of, party_name
from comity.process.register import load_talks
from comity.report.carried_out_page import (
    ENFORCEMENT_COLUMNS,
    MEASURE_COLUMNS,
    enforcement_rows,
    measure_rows,
)
from comity.report.plain import plain
from comity.web.page import Asked, Page, Sheet, View
from comity.web.pages.shared import AS_OF, PAGE, day_of, paged
from comity.web.pages.talks import since_words, spelled, told_apart
from comity.web.parameters import Parameter

if TYPE_CHECKING:
    from comity.process.excitation import Excitation

ACTS = ("id", "date", "kind", "rung", "actor", "target", "what", "account_of", "status", "sources")
PARTY = Parameter("party", "only of this country")
KIND = Parameter("kind", "only steps of this kind", "choice", tuple(MeasureKind))
PROMISE = Parameter("promise", "only of this agreement, by its id; none for no promise")


@lru_cache(maxsize=64)
def _found(pair: tuple[str, str], day: dt.date) -> Ladder:
    return ladder_of(load_talks().acts, *pair, day)


@lru_cache(maxsize=64)
def _fitted(pair: tuple[str, str], day: dt.date) -> Excitation | None:
    """Return whether one side's acts make the other's likelier; None without a step."""
    from comity.process.excitation import fit_excitation

    found = _found(pair, day)
    steps = [(a, at) for a in found.acts if a.rung and not a.account_of and (at := middle(a.date))]
    if not steps:
        return None
    first = min(at for _, at in steps)
    one, two = ([float((at - first).days) for a, at in steps if side in a.actor] for side in pair)
    return fit_excitation(one, two, float((day - first).days + 1))


@lru_cache(maxsize=64)
def _drawn(pair: tuple[str, str], day: dt.date) -> str:
    from comity.report.process_chart import ladder_svg

    return ladder_svg(_found(pair, day))


def ladder(asked: Asked) -> Page:
    """Return the acts between two states by how far they go, and what answered what."""
    whose, day = asked.names["whose"], day_of(asked)
    pair = pair_of(whose)
    if pair is None:
        raise AddressError(asked.world.texts("talks.no_pair", whose=whose[:60]), missing=True)
    found, fitted = _found(pair, day), _fitted(pair, day)
    rows, number, last = paged(asked, found.acts[::-1])
    names = [party_name(p) for p in pair]
    return Page(
        "ladder.html.j2",
        asked.world.texts("talks.ladder_of", one=names[0], other=names[1]),
        {
            "whose": whose, "day": day, "names": names, "found": found, "fitted": fitted,
            "rows": rows, "number": number, "last": last, "party": party_name,
            "spelled": spelled, "told": told_apart(found.acts),
        },
        data={"ladder": plain(found), "excitation": plain(fitted)},
        sheet=Sheet(ACTS, tuple(
            (a.id, a.date.text, a.kind, a.rung, "; ".join(a.actor), "; ".join(a.target), a.what,
             a.account_of, a.status, " ".join(a.sources))
            for a in found.acts
        )),
        charts={"ladder": partial(_drawn, pair, day)} if found.acts else {},
        command=f"comity process ladder {whose}{since_words(asked.values)}",
        python="import datetime\nfrom comity.process.ladder import ladder_of\n"
               "from comity.process.register import load_talks\n"
               f"ladder_of(load_talks().acts, {pair[0]!r}, {pair[1]!r}, "
               f"datetime.date.fromisoformat('{day}'))",
    )  # fmt: skip


def implementation(asked: Asked) -> Page:
    """Return what parties did to carry out norms and measures."""
    text, coded = asked.values.get("party", ""), asked.world.texts.coded
    code = (resolve_country(text) or resolve_country(text.upper())) if text else ""
    if code is None:
        raise CountryError(f"{text!r} is no country. Give a name or an ISO code such as CN.")
    measures = carried_out()
    every = [m for m in measures if m.party == (code or m.party)]
    parties = dict.fromkeys(m.party for m in measures)
    kind = asked.values.get("kind", "")
    counts = Counter(m.kind for m in every)
    found = [m for m in every if m.kind == (kind or m.kind)]
    rows = sorted(found, key=lambda m: (party_name(m.party), m.norm, m.date.text))
    return Page(
        "carried_out.html.j2", asked.world.texts("talks.implementation"),
        {
            "rows": rows, "party": party_name, "norms": load_register().norms, "code": code,
            "counts": [(k, counts[k]) for k in MeasureKind if counts[k]],
            "kinds": [(k, coded(k.replace("-", " "), "act")) for k in MeasureKind],
            "parties": sorted(((p, party_name(p)) for p in parties), key=lambda p: p[1]),
        },
        data=plain(found),
        sheet=Sheet(MEASURE_COLUMNS, tuple(measure_rows(found))),
        command=" ".join(filter(None, (
            "comity process implementation", code, f"--kind {kind}" if kind else "",
        ))),
        python="from comity.api_steps import carried_out\n" + _kept_if(
            "carried_out()", party=code, kind=kind
        ),
    )  # fmt: skip


def _kept_if(rows: str, **wanted: str) -> str:
    """Return the Python for rows of which only those with some values are kept."""
    tests = " and ".join(f"r.{name} == {str(v)!r}" for name, v in wanted.items() if v)
    return f"[r for r in {rows} if {tests}]" if tests else rows


def _counted(rows: Sequence[Enforcement]) -> list[tuple[Response, int, list[int]]]:
    """Return, of each thing done about a breach, how many cases, and how many took each course."""
    mine = {r: [row for row in rows if r in row.responses] for r in Response}
    return [
        (r, len(some), [sum(c in row.course for row in some) for c in Course])
        for r, some in mine.items()
        if some
    ]


def enforcement(asked: Asked) -> Page:
    """Return each promise thought broken, what was done about it, and what followed."""
    wanted, rows = asked.values.get("promise", ""), load_talks().enforcement
    promises = tuple(dict.fromkeys(r.promise for r in rows))
    if wanted and wanted not in promises:
        raise AddressError(f"promise={wanted[:40]!r}: there is {', '.join(promises)}.")
    found = [r for r in rows if r.promise == (wanted or r.promise)]
    instruments = load_register().instruments
    named = {p: instruments[p].title for p in promises if p in instruments}
    return Page(
        "enforcement.html.j2", asked.world.texts("talks.enforcement"),
        {"rows": sorted(found, key=lambda r: str(r.date.earliest)), "promises": promises,
         "instruments": named, "spelled": spelled, "counted": _counted(found),
         "courses": list(Course)},
        data=plain(found),
        sheet=Sheet(ENFORCEMENT_COLUMNS, tuple(enforcement_rows(found))),
        command="comity process enforcement" + (f" --promise {wanted}" if wanted else ""),
        python="from comity.process.register import load_talks\n" + _kept_if(
            "load_talks().enforcement", promise=wanted
        ),
    )  # fmt: skip


VIEWS = (
    View("implementation", "/talks/implementation", "What parties did to carry out norms",
         implementation, (PARTY, KIND)),
    View("enforcement", "/talks/enforcement", "What was done about a breach", enforcement,
         (PROMISE,)),
    View("ladder", "/talks/{whose}/ladder", "Acts between two states", ladder, (AS_OF, PAGE)),
)  # fmt: skip
