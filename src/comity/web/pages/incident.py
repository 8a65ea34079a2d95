"""One incident: all that its list says, what we added, and the records of other lists beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from comity.countries import country_name
from comity.dates import DateReading
from comity.errors import CountryError, StoreError
from comity.incidents.linkage.decisions import Decision, current, read_decisions
from comity.incidents.linkage.store import load_linkage, outdated
from comity.incidents.model import Evidence, Incident, incident_from_row, read_dates
from comity.incidents.reports import ReportFact
from comity.incidents.search import exactness_of
from comity.incidents.summary import find_report, incident_to_record
from comity.provenance import is_web_address
from comity.report.plain import plain
from comity.report.text import country
from comity.web.keys import find_row, incident_path, name_of
from comity.web.page import Asked, Page, Sheet, View
from comity.web.shown import cut, span_words

if TYPE_CHECKING:
    from comity.incidents.linkage.model import Link

LEAST = 0.2  # probability from which another list's record is shown beside an incident
MOST_LINKS = 12
LONG = 2000  # characters of a text on a page; its JSON has all
BESIDE = ("name", "start", "end", "reported", "initiator", "group", "receiver", "target",
          "objective", "words", "sources")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dated:
    """A date of an incident: as published, as read, and how exact that is."""

    label: str
    published: str
    read: str
    exactness: str


@dataclass(frozen=True, slots=True)
class Step:
    """One field's share in a link, in bits, in words."""

    title: str
    said: str
    bits: float


@dataclass(frozen=True, slots=True)
class Beside:
    """A record of another list that may be the same incident: why, and what a person decided."""

    other: Incident | None
    key: str
    path: str
    link: Link | None
    chart: str
    steps: tuple[Step, ...]
    decision: Decision | None
    fields: tuple[tuple[str, str, str], ...] = field(default=())


def incident(asked: Asked) -> Page:
    """Return one incident. Raises AddressError where there is none of that key."""
    evidence = asked.world.evidence()
    rows = find_row(evidence, asked.names["key"])
    read = read_dates(rows, evidence.releases, DateReading()).row(0, named=True)
    found = incident_from_row(rows.row(0, named=True))
    release = evidence.release_of(found.list)
    known = find_report(found.key, asked.world.home)
    damaged = ""
    try:
        beside, stale, made = _beside(asked, evidence, found)
    except StoreError as error:  # the record itself is whole: say it, and offer to link anew
        beside, stale, made, damaged = [], (), False, str(error)
    record = incident_to_record(found)
    title = cut(found.name, 200) or cut(found.key, 80)
    t = asked.world.texts
    context: dict[str, Any] = {
        "i": found, "title": title, "release": release, "known": known, "beside": beside,
        "damaged": damaged,
        "stale": stale, "linked": made, "dates": list(_dates(found, read)),
        "initiators": [(_country(i.code), i.kind, cut(i.organ)) for i in found.initiators[:100]],
        "receivers": [_country(code) for code in found.receivers[:300]],
        "claims": [(cut(a.claimant), a.claimant_kind, _country(a.claimant_country),
                    _country(a.code), a.when.text, cut(a.basis), a.source)
                   for a in found.attributions[:200]],
        "sources": [s for s in found.sources[:200] if len(s) <= LONG],
        "cut": cut, "long": lambda text: cut(text, LONG), "key": cut(found.key, 120),
        "name_of": name_of,
    }  # fmt: skip
    return Page(
        "incident.html.j2", t("incident.title", name=title, list=found.list), context,
        data=partial(_data, found, release, known, record, beside),
        sheet=Sheet(("field", "value"), tuple(_cells(record))),
        charts={b.chart: partial(_waterfall, b.link, found.key, b.key)
                for b in beside if b.chart},
        command=_command(found.key), python=_python(found.key),
    )  # fmt: skip


def _waterfall(link: Link | None, first: str, second: str) -> str:
    """Return the chart of why two records were linked."""
    from comity.report.link_chart import waterfall_svg

    return waterfall_svg(link, first, second)


def _dates(found: Incident, read: Mapping[str, Any]) -> Iterator[Dated]:
    """Yield an incident's dates, as published and as read."""
    for label, given in (("start", found.start), ("end", found.end), ("reported", found.reported)):
        first, last = read[f"{label}_earliest"], read[f"{label}_latest"]
        days = (last - first).days + 1 if first and last else None
        word = pl.select(exactness_of(pl.lit(days, dtype=pl.Int64))).item() if given.text else ""
        yield Dated(label, cut(given.text), span_words(first, last), word)


def _country(code: str) -> str:
    try:
        return country_name(code) if code else ""
    except CountryError:
        return cut(code, 60)


def _plain(key: str) -> bool:
    """Say whether a key can be typed into a terminal."""
    return len(key) <= 200 and key.isprintable()


def _beside(
    asked: Asked, evidence: Evidence, found: Incident
) -> tuple[list[Beside], tuple[str, ...], bool]:
    """Return the linked records, which lists changed since, and whether links were made at all."""
    made = load_linkage(asked.world.home)
    held = current(read_decisions(asked.world.home))
    links = {} if made is None else {
        (link.second if link.first == found.key else link.first): link
        for link in made.links(LEAST, 1.0, (found.key,))[:MOST_LINKS]
    }  # fmt: skip
    decided = {(b if a == found.key else a): d for (a, b), d in held.items() if found.key in (a, b)}
    names = dict.fromkeys((*links, *decided))
    rows = _rows_of(evidence, tuple(names))
    shown = []
    for number, key in enumerate(names, start=1):
        link = links.get(key) or (made.link(found.key, key) if made is not None else None)
        other = rows.get(key)
        shown.append(
            Beside(
                other, cut(key, 80), incident_path(key) if other else "", link,
                f"link-{number}" if link else "", tuple(_steps(link)) if link else (),
                decided.get(key), _fields(found, other) if other else (),
            )
        )  # fmt: skip
    return shown, (() if made is None else outdated(made, evidence)), made is not None


def _rows_of(evidence: Evidence, keys: tuple[str, ...]) -> dict[str, Incident]:
    """Return the records at hand of some keys."""
    key = pl.concat_str("list", "id", separator=":")
    rows = evidence.table.filter(key.is_in(keys)) if keys else evidence.table.clear()
    return {one.key: one for one in map(incident_from_row, rows.iter_rows(named=True))}


def _steps(link: Link) -> Iterator[Step]:
    """Yield what each field adds to a link, from the start to the rivals."""
    yield Step("at random", "two records drawn at random", link.start_bits)
    yield from (Step(b.title, b.said, b.bits) for b in link.bits if b.level >= 0)
    if link.rivals_bits < -0.05:
        yield Step("rivals", "other records fit one of the two as well", link.rivals_bits)


def _fields(one: Incident, other: Incident) -> tuple[tuple[str, str, str], ...]:
    """Return two records field by field: (field, this one's, the other's)."""
    pairs = zip(BESIDE, _values(one), _values(other), strict=True)
    return tuple((label, a, b) for label, a, b in pairs if a or b)


def _values(one: Incident) -> tuple[str, ...]:
    return (
        cut(one.name), cut(one.start.text), cut(one.end.text), cut(one.reported.text),
        cut(", ".join(_country(i.code) for i in one.initiators[:20])),
        cut("; ".join(dict.fromkeys(i.organ for i in one.initiators[:20] if i.organ))),
        cut(", ".join(map(country, one.receivers[:20]))), cut(", ".join(one.targets)),
        cut(", ".join(one.objectives)), cut(one.description, 300),
        " ".join(s for s in one.sources[:3] if is_web_address(s) and len(s) < 300),
    )  # fmt: skip


def _data(
    found: Incident, release: Any, known: ReportFact | None, record: dict[str, Any],
    beside: list[Beside],
) -> dict[str, Any]:  # fmt: skip
    """Return the incident as `comity evidence show --json` prints it, with its list's terms and
    what is linked with it."""
    more: dict[str, Any] = {} if known is None else {"known_beside": known.to_record()}
    if release.extracted:
        more["extracted"] = release.extracted
    terms = {"licence": release.licence, "may_be_passed_on": release.redistributable,
             "list_title": release.title, "citation": release.citation}  # fmt: skip
    links = [
        {"link": plain(b.link) if b.link else None, "record": b.key,
         "decision": plain(b.decision) if b.decision else None}
        for b in beside
    ]  # fmt: skip
    return record | more | terms | {"key": found.key, "linked": links}


def _cells(record: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for name, value in record.items():
        if isinstance(value, list):
            value = "; ".join(str(v) for v in value)
        yield name, value


def _command(key: str) -> str:
    import shlex

    return shlex.join(["comity", "evidence", "show", key]) if _plain(key) else ""


def _python(key: str) -> str:
    return f"from comity.incidents.summary import find_incident\nfind_incident({key!r})"


VIEWS = (
    View("incident", "/incidents/{key:path}", "One incident, and the records linked with it",
         incident),
)  # fmt: skip
