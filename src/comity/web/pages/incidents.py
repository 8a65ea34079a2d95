"""Incidents: every one of the lists at hand, found by words and facets, a hundred a page."""

from __future__ import annotations

from typing import Any

import polars as pl

from comity.countries import country_name
from comity.errors import AddressError, CountryError
from comity.incidents.model import CLAIMANT_KINDS, OBJECTIVES, TARGETS, Evidence
from comity.incidents.search import EXACTNESS, NEWEST, ORDERS, WORSE, Wanted, search, values_of
from comity.report.text import clean
from comity.web import controls
from comity.web.page import Asked, Page, Sheet, View
from comity.web.pages.behind import behind
from comity.web.parameters import Parameter, Values, address
from comity.web.shown import COLUMNS, cells_of, claimants_of, page_of, record_of, row_of

EACH = 100  # incidents on a page
FACETS = (
    Parameter("q", "words that must occur in name, description, key, campaign, actor or claimant"),
    Parameter("initiator", "a country's code: who is said to have acted"),
    Parameter("receiver", "a country's code: who was acted against"),
    Parameter("objective", "what for", "choice", OBJECTIVES),
    Parameter("target", "against what kind of target", "choice", TARGETS),
    Parameter("imprecise", "how exactly the start is known", "choice", (*EXACTNESS, WORSE)),
    Parameter("claimed", "who publicly claims to know who did it", "choice",
              (*CLAIMANT_KINDS, "nobody")),
    Parameter("order", "in which order", "choice", ORDERS, NEWEST),
)  # fmt: skip
DRILL = (
    Parameter("question", "with a cell: the incidents behind a number of this question's verdict"),
    Parameter("cell", "which of the four cells", "choice", ("A", "B", "C", "D")),
    Parameter("quarter", "which period of the verdict's chart, by its label"),
    Parameter("when", "which side of the agreement", "choice", ("before", "after")),
)
PAGE = Parameter("page", "which page, of a hundred incidents each", "whole", default="1", least=1,
                 most=100_000)  # fmt: skip
MOST_OTHERS = 100  # pages of the table that a static site's script reads to find rows
BOTH = ("list", "from", "to", "page")  # say the same of a search and of a verdict
_FACET_NAMES = tuple(p.name for p in FACETS)
_DRILL_NAMES = (*(p.name for p in DRILL), *(n for n in controls.NAMES if n not in BOTH))


def incidents(asked: Asked) -> Page:
    """Return the incidents that fit, or those behind a number of a verdict."""
    values = asked.values
    if "question" in values:
        _refuse(values, _FACET_NAMES, "does not go with a question: those of its verdict are shown")
        return behind(asked, EACH)
    _refuse(values, _DRILL_NAMES, "goes with a question: say which, as question=us-china-2015")
    evidence = asked.world.evidence()
    wanted = _wanted(values, evidence)
    found = search(evidence, wanted)
    number, pages = page_of(values, found.height, EACH)

    def more(n: int) -> str:
        return address(asked.path, values, page=str(n) if n > 1 else "")

    context: dict[str, Any] = {
        "others": [more(n) for n in range(1, min(pages, MOST_OTHERS) + 1) if n != number],
        "rows": [row_of(r) for r in found[(number - 1) * EACH : number * EACH].to_dicts()],
        "total": found.height, "of": len(evidence), "number": number, "pages": pages,
        "more": more,
        "facets": _facets(evidence, values),
        "chosen": {n: values.get(n, "") for n in (*_FACET_NAMES, *BOTH)},
        "drilled": None,
        "private": [r for r in evidence.releases if not r.redistributable],
    }  # fmt: skip
    return Page(
        "incidents.html.j2", asked.world.texts("incidents.title"), context,
        data=lambda: data_of(evidence, found), sheet=lambda: sheet_of(evidence, found),
        command=_command(wanted), python=_python(wanted),
    )  # fmt: skip


def _refuse(values: Values, names: tuple[str, ...], why: str) -> None:
    for name in names:
        if name in values:
            raise AddressError(f"{name} {why}.")


def _wanted(values: Values, evidence: Evidence) -> Wanted:
    """Return what an address looks for. Raises AddressError for a list or a span there is not."""
    name = values.get("list", "")
    if name and evidence.release_of(name) is None:
        known = ", ".join(r.list for r in evidence.releases)
        raise AddressError(f"There is no list {name[:64]!r} at hand. There are: {known}.")
    first, last = (int(values[n]) if n in values else None for n in ("from", "to"))
    if first is not None and last is not None and first > last:
        raise AddressError(f"No incident began from {first} to {last}: the years are reversed.")
    return Wanted(
        values.get("q", ""), name, values.get("initiator", "").upper(),
        values.get("receiver", "").upper(), values.get("objective", ""), values.get("target", ""),
        first, last, values.get("imprecise", ""), values.get("claimed", ""),
        values.get("order", NEWEST),
    )  # fmt: skip


def _facets(evidence: Evidence, values: Values) -> dict[str, list[tuple[str, str]]]:
    """Return the choices of each facet as (value, words), without the one that asks nothing."""
    return {
        "list": [(r.list, clean(r.title or r.list)[:60]) for r in evidence.releases],
        "initiator": _countries(evidence, "initiators", values.get("initiator", "")),
        "receiver": _countries(evidence, "receivers", values.get("receiver", "")),
        "objective": [(v, v) for v in OBJECTIVES],
        "target": [(v, v.replace("-", " ")) for v in TARGETS],
    }


def _countries(evidence: Evidence, column: str, chosen: str) -> list[tuple[str, str]]:
    """Return the countries of a column by name; a code that is asked for and not there as it is."""
    found = {}
    for code in values_of(evidence, column)[:400]:
        try:
            found[code] = country_name(code)
        except CountryError:
            found[code] = clean(code)[:40]
    if chosen.upper() not in found and chosen:
        found[chosen] = chosen
    return sorted(found.items(), key=lambda item: item[1].casefold())


def data_of(evidence: Evidence, found: pl.DataFrame) -> dict[str, Any]:
    """Return incidents as data, with the terms of their lists."""
    releases = {r.list: r for r in evidence.releases}
    lists = sorted(set(found["list"].to_list()))
    return {
        "incidents": found.height,
        "lists": [
            {"list": n, "release": releases[n].release, "licence": releases[n].licence,
             "may_be_passed_on": releases[n].redistributable, "citation": releases[n].citation}
            for n in lists
        ],
        "rows": [
            record_of(row, releases, claimants_of(row["attributions"]))
            for row in found.iter_rows(named=True)
        ],
    }  # fmt: skip


def sheet_of(evidence: Evidence, found: pl.DataFrame) -> Sheet:
    """Return incidents as a table of plain values."""
    releases = {r.list: r for r in evidence.releases}
    return Sheet(
        COLUMNS,
        tuple(
            cells_of(record_of(row, releases, claimants_of(row["attributions"])))
            for row in found.iter_rows(named=True)
        ),
    )


def _command(wanted: Wanted) -> str:
    """Return the command that lists the same."""
    import shlex

    options = {
        "list": wanted.list, "initiator": wanted.initiator, "receiver": wanted.receiver,
        "objective": wanted.objective, "target": wanted.target, "from": wanted.from_year,
        "to": wanted.to_year, "imprecise": wanted.exactness, "claimed": wanted.claimed_by,
        "order": wanted.order if wanted.order != NEWEST else "",
    }  # fmt: skip
    said = [part for name, v in options.items() if v for part in (f"--{name}", str(v))]
    words = [wanted.words] if wanted.words else []
    return shlex.join(["comity", "evidence", "find", *words, *said])


def _python(wanted: Wanted) -> str:
    """Return the Python that gives the same table."""
    usual = Wanted()
    given = ", ".join(
        f"{name}={getattr(wanted, name)!r}"
        for name in Wanted.__dataclass_fields__
        if getattr(wanted, name) != getattr(usual, name)
    )
    return (
        "import comity\nfrom comity.incidents.search import Wanted, search\n"
        f"search(comity.load_evidence(), Wanted({given}))"
    )


VIEWS = (
    View("incidents", "/incidents", "Every incident of the lists at hand, or those behind a number",
         incidents, (*FACETS, *DRILL, *controls.PARAMETERS, PAGE)),
)  # fmt: skip
