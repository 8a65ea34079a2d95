"""Read campaigns and incidents from STIX 2.1, the exchange format of threat intelligence.

OASIS, STIX Version 2.1 (2021), 4.4 campaign, 4.6 incident, 4.7 intrusion-set, 4.12 location, 4.16
report, 5.1 relationship, 5.2 sighting; the incident's core extension of the committee's common
objects. One file or several, each a bundle, a list of objects or one object; a reference may lead
from one file to another. What is read, and what is made of it:

- One incident a `campaign` or `incident` object. Of several versions of one id the one modified
  last counts, the others are set aside, as is what is `revoked`. A problem's row is the number of
  the object among those of all files, from 1.
- Dates: a campaign's `first_seen` and `last_seen`; an incident's are those of the `event` objects
  of its core extension (`start_time`, `end_time`), else what its sightings saw. They are days as
  far as the moment says; the publisher may have typed the first of a month for the month.
- `reported`: the earliest `published` of a report that holds the object. `created` and `modified`
  are when the object was written, and no report.
- Initiators: along `attributed-to` (from campaign to intrusion set, threat actor, identity) to
  where these are `located-at` or `originates-from`. Where no location says a country, the names and
  aliases are looked up in Comity's actor table; each such country is flagged and the release says
  so (`extracted`).
- Receivers: what it `targets`, a location or an identity located at one; an incident's own
  `located-at` too. What an intrusion set targets elsewhere is not taken over.
- Kinds: `threat_actor_types` and `resource_level`. An identity's `sectors` give the kind of target.
- Sources: http(s) addresses of the external references of the object, and of reports, sightings
  and attributed-to relationships that hold it.
- Objects marked TLP red or amber (either version of the markings) make the release one that may not
  be passed on, and are flagged.
- Objectives, effects and severity are not coded in words that ours could be read from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from comity.countries import UNKNOWN as UNKNOWN_COUNTRY
from comity.dates import UNKNOWN, ImpreciseDate
from comity.errors import SourceError
from comity.incidents.actors import load_actors
from comity.incidents.model import Incident, Initiator, ListRelease
from comity.incidents.sources.addresses import unique
from comity.incidents.sources.attack import BY_TABLE, without_links
from comity.incidents.sources.jsonfile import (
    Record,
    as_text,
    country_code,
    day_of,
    hash_of,
    in_order,
    list_in,
    read_json,
    record_in,
    text_in,
    texts_in,
    web_addresses,
)
from comity.incidents.sources.result import (
    ReadResult,
    RowError,
    RowProblem,
    described,
    read_rows,
    result_of,
)
from comity.provenance import sha256_of

TITLE = "STIX 2.1 bundle"
KINDS_READ = ("campaign", "incident")
FURTHEST = 5  # relationships followed from a campaign to an actor's country
CLOSED_MARKINGS: Mapping[str, str] = {  # the fixed identifiers of TLP 1.0 and 2.0
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "tlp:amber",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "tlp:red",
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "tlp:amber",
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "tlp:amber+strict",
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "tlp:red",
}
ACTOR_KINDS: Mapping[str, str] = {
    "nation-state": "state-affiliated", "crime-syndicate": "criminal", "criminal": "criminal",
    "activist": "other", "hacker": "other", "terrorist": "other", "sensationalist": "other",
    "competitor": "other", "insider-accidental": "other", "insider-disgruntled": "other",
    "spy": "state-affiliated",
}  # fmt: skip
SECTORS: Mapping[str, str] = {
    "government": "government", "government-national": "government",
    "government-regional": "government", "government-local": "government",
    "government-public-services": "government", "defence": "military", "defense": "military",
    "energy": "critical-infrastructure", "utilities": "critical-infrastructure",
    "infrastructure": "critical-infrastructure", "water": "critical-infrastructure",
    "non-profit": "civil-society",
}  # fmt: skip

RELEASE = ListRelease(
    list="stix",
    release="",
    title=TITLE,
    publisher="",
    licence="none stated",
    redistributable=False,
    address="",
    citation="",
    has_report_dates=True,
    dates_typed_as_days=True,
    note="Campaigns and incidents of STIX objects; reports by the reports that hold them.",
)


@dataclass(frozen=True, slots=True)
class Graph:
    """The objects of all files: by id (the newest version), in order with their numbers from 1, and
    relationships by where they begin."""

    objects: Mapping[str, Record]
    numbered: tuple[tuple[int, Record], ...]
    leaving: Mapping[str, tuple[Record, ...]]
    holding: Mapping[str, tuple[Record, ...]]  # reports and sightings by what they hold


def read_stix(paths: Sequence[Path]) -> ReadResult:
    """Return the campaigns and incidents of STIX files. Raises SourceError."""
    graph = _graph([one for path in paths for one in _objects(path)])
    wanted = [(n, o) for n, o in graph.numbered if text_in(o, "type") in KINDS_READ]
    if not wanted:
        names = ", ".join(path.name for path in paths)
        raise SourceError(f"{TITLE}: no campaign or incident object is in {names}.")
    rows = read_rows(wanted, lambda number, record: _incident(number, record, graph))
    closed = any(p.column == "object_marking_refs" for p in rows.flagged)
    written = [_written(record, "modified") for _, record in wanted]
    last = max((day for day in written if day.known), key=lambda d: d.text, default=UNKNOWN)
    release = replace(
        RELEASE,
        release=last.text or "unknown",
        covers_to=last,
        closed_on=last,
        sha256=sha256_of(paths[0]),
        has_report_dates=any(i.reported.known for _, i in rows.numbered),
        extracted="initiators" if any(BY_TABLE in p.reason for p in rows.flagged) else "",
        note=RELEASE.note + (" Some are marked TLP red or amber: not to be passed on." * closed),
    )
    return result_of(release, rows, len(wanted))


def _objects(path: Path) -> Iterator[Record]:
    """Yield the objects of a file. Raises SourceError where it holds none."""
    data = read_json(path)
    given = data
    if isinstance(data, dict):
        given = data.get("objects") if text_in(data, "type") == "bundle" else [data]
    if not isinstance(given, list):
        raise SourceError(
            f"Cannot read {path.name}: it is no STIX. A bundle has a type, `bundle`, and a list "
            "of `objects`."
        )
    found = [one for one in given if isinstance(one, dict) and text_in(one, "type")]
    if not found:
        raise SourceError(f"Cannot read {path.name}: there is no STIX object with a type in it.")
    yield from found


def _graph(given: Sequence[Record]) -> Graph:
    """Return objects as a graph; of several versions of an id the one modified last counts."""
    newest: dict[str, Record] = {}
    for one in given:
        key = text_in(one, "id")
        old = newest.get(key)
        if key and (old is None or text_in(one, "modified") > text_in(old, "modified")):
            newest[key] = one
    leaving: dict[str, list[Record]] = defaultdict(list)
    holding: dict[str, list[Record]] = defaultdict(list)
    for one in newest.values():
        kind = text_in(one, "type")
        if one.get("revoked") is True:
            continue
        if kind == "relationship":
            leaving[text_in(one, "source_ref")].append(one)
        elif kind == "report":
            for held in texts_in(one, "object_refs"):
                holding[held].append(one)
        elif kind == "sighting":
            holding[text_in(one, "sighting_of_ref")].append(one)
    return Graph(
        newest, tuple(enumerate(given, start=1)),
        {key: tuple(found) for key, found in leaving.items()},
        {key: tuple(found) for key, found in holding.items()},
    )  # fmt: skip


def _incident(number: int, record: Record, graph: Graph) -> tuple[Incident, list[RowProblem]]:
    """Return one campaign or incident and what was left out or looked up. Raises RowError."""
    key = text_in(record, "id")
    if not key:
        raise RowError("id", "", "the object has no id")
    if graph.objects.get(key) is not record:
        raise RowError("modified", text_in(record, "modified"), "another version of it counts")
    if record.get("revoked") is True:
        raise RowError("revoked", "true", "its publisher has revoked it")
    start, end = _dates(record, graph)
    in_order(start, end, "last_seen")
    initiators, problems = _initiators(number, record, graph)
    receivers, targets, left = _receivers(number, record, graph)
    marks = _markings(record, graph)
    reason = "not to be passed on: the whole release is marked so"
    problems += left + [RowProblem(number, "object_marking_refs", m, reason) for m in marks]
    incident = Incident(
        list=RELEASE.list,
        release="",
        id=key,
        name=described(text_in(record, "name"))[:160] or key,
        start=start,
        end=end,
        reported=_reported(key, graph),
        initiators=initiators,
        receivers=receivers or (UNKNOWN_COUNTRY,),
        targets=targets or ("unknown",),
        effects=(),
        objectives=("unknown",),
        sources=_sources(record, graph),
        row_hash=hash_of(record),
        description=described(without_links(text_in(record, "description")[:20_000])),
    )
    return incident, problems


def _written(record: Record, column: str) -> ImpreciseDate:
    """Return a date of the object itself, unknown where it is none."""
    try:
        return day_of(text_in(record, column), column)
    except RowError:
        return UNKNOWN


def _dates(record: Record, graph: Graph) -> tuple[ImpreciseDate, ImpreciseDate]:
    """Return start and end of a campaign or incident. Raises RowError."""
    given = [(record, "first_seen", "last_seen")]
    if text_in(record, "type") == "incident":
        for extension in record_in(record, "extensions").values():
            for entry in list_in(extension, "events"):
                event = graph.objects.get(text_in(entry, "event_ref"), {})
                given.append((event, "start_time", "end_time"))
    sightings = [
        (one, "first_seen", "last_seen")
        for one in graph.holding.get(text_in(record, "id"), ())
        if text_in(one, "type") == "sighting"
    ]
    for places in (given, sightings):
        starts = [d for o, a, _ in places if (d := day_of(text_in(o, a), a)).known]
        ends = [d for o, _, b in places if (d := day_of(text_in(o, b), b)).known]
        if starts or ends:
            first = min(starts, key=lambda d: str(d.earliest), default=UNKNOWN)
            return first, max(ends, key=lambda d: str(d.latest), default=UNKNOWN)
    return UNKNOWN, UNKNOWN


def _reported(key: str, graph: Graph) -> ImpreciseDate:
    """Return the earliest day on which a report that holds the object was published."""
    days = [_written(one, "published") for one in graph.holding.get(key, ())]
    return min((d for d in days if d.known), key=lambda d: str(d.earliest), default=UNKNOWN)


def _linked(key: str, kinds: Sequence[str], graph: Graph) -> list[Record]:
    """Return what relationships of some kinds lead to from an object, as far as it is there."""
    found = (
        graph.objects.get(text_in(link, "target_ref"))
        for link in graph.leaving.get(key, ())
        if text_in(link, "relationship_type") in kinds
    )
    return [one for one in found if one is not None and one.get("revoked") is not True]


def _countries(record: Record, graph: Graph) -> list[str]:
    """Return the countries an object is, or is located at."""
    places = [record] if text_in(record, "type") == "location" else []
    places += _linked(text_in(record, "id"), ("located-at", "originates-from"), graph)
    codes = (country_code(text_in(p, "country")) for p in places)
    return [code for code in codes if code]


def _initiators(
    number: int, record: Record, graph: Graph
) -> tuple[tuple[Initiator, ...], list[RowProblem]]:
    """Return whom the act is attributed to, and which countries are those of the actor table."""
    level, seen, actors = [record], {text_in(record, "id")}, []
    for _ in range(FURTHEST):
        following = [
            one for o in level for one in _linked(text_in(o, "id"), ("attributed-to",), graph)
        ]
        level = [one for one in following if text_in(one, "id") not in seen]
        seen |= {text_in(one, "id") for one in level}
        actors += level
    located = {text_in(a, "id"): _countries(a, graph) for a in actors}
    found: list[Initiator] = []
    problems = []
    for actor in actors:
        name, kind = described(text_in(actor, "name"))[:160], _kind(actor)
        codes = located[text_in(actor, "id")]
        if not codes and not any(located.values()) and text_in(actor, "type") != "identity":
            code = _by_name(actor)
            codes = [code] if code else []
            if code:
                reason = f"initiator {code} {BY_TABLE}"
                problems.append(RowProblem(number, "attributed-to", name, reason))
        found += [Initiator(code, kind, name) for code in codes]
    if not found and actors:
        found = [
            Initiator(
                UNKNOWN_COUNTRY, _kind(actors[0]), described(text_in(actors[0], "name"))[:160]
            )
        ]
    return tuple(dict.fromkeys(found)) or (Initiator(UNKNOWN_COUNTRY, "unknown"),), problems


def _by_name(actor: Record) -> str:
    """Return the one country that the actor table has for an actor's names; empty for several."""
    names = (text_in(actor, "name"), *texts_in(actor, "aliases"))
    codes = {code for name in names for code in load_actors().find(name).countries}
    return codes.pop() if len(codes) == 1 else ""


def _kind(actor: Record) -> str:
    if text_in(actor, "resource_level") == "government":
        return "state-affiliated"
    kinds = (ACTOR_KINDS.get(t, "") for t in texts_in(actor, "threat_actor_types"))
    return next(filter(None, kinds), "unknown")


def _receivers(
    number: int, record: Record, graph: Graph
) -> tuple[tuple[str, ...], tuple[str, ...], list[RowProblem]]:
    """Return the countries and kinds of target of what is targeted, and what has no country."""
    hit = _linked(text_in(record, "id"), ("targets",), graph)
    codes, targets, problems = [], [], []
    for one in hit:
        if text_in(one, "type") not in ("location", "identity"):
            continue
        at = _countries(one, graph)
        codes += at
        targets += [SECTORS[s] for s in texts_in(one, "sectors") if s in SECTORS]
        if not at:
            name = described(text_in(one, "name"))[:160]
            problems.append(RowProblem(number, "targets", name, "no country is said: left out"))
    if text_in(record, "type") == "incident":
        codes += _countries(record, graph)
    return unique(codes), unique(targets), problems


def _markings(record: Record, graph: Graph) -> tuple[str, ...]:
    """Return the markings of an object that close it."""
    found = []
    for ref in texts_in(record, "object_marking_refs"):
        marking = graph.objects.get(ref, {})
        tlp = text_in(record_in(marking, "definition"), "tlp").lower()
        for extension in record_in(marking, "extensions").values():
            tlp = tlp or text_in(extension, "tlp_2_0").lower()
        mark = CLOSED_MARKINGS.get(ref) or (f"tlp:{tlp}" if tlp else "")
        if mark.startswith(("tlp:red", "tlp:amber")):
            found.append(mark)
    return unique(found)


def _sources(record: Record, graph: Graph) -> tuple[str, ...]:
    """Return the addresses that an object and what holds or attributes it refer to."""
    key = text_in(record, "id")
    links = [
        k for k in graph.leaving.get(key, ()) if text_in(k, "relationship_type") == "attributed-to"
    ]
    texts: list[str] = []
    for one in (record, *graph.holding.get(key, ()), *links):
        texts += [as_text(_address(reference)) for reference in list_in(one, "external_references")]
    return web_addresses(texts)


def _address(reference: Any) -> Any:
    return reference.get("url") if isinstance(reference, dict) else None
