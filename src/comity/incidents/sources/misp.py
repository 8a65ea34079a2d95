"""Read events from MISP, the sharing platform, as it exports them (JSON).

The format is MISP's core format (draft-dulaunoy-misp-core-format): one event, a list of events, or
what the interface answers (`{"response": [...]}`), each in one file; several files are read
together. What a reader meets, and what is done about it:

- An event is what an organisation shares in one go: a report, a campaign, an incident, a feed. One
  event is one incident here; nothing in the format tells which it is.
- `date` is a day. By the book it is that of the incident; in practice that of the report or of
  typing. It is kept as `reported`, and the start is only known not to be later (`../2019-07-31`).
- Initiators: the `country` or `cfr-suspected-state-sponsor` that a galaxy's threat actor carries in
  the event. Where only a tag names the actor (`misp-galaxy:threat-actor="..."`, and those of ATT&CK
  and Microsoft), Comity's actor table is asked; each country from it is flagged and the release
  says so (`extracted`).
- Receivers: the galaxy `target-information`, as cluster or tag. The galaxy `country` does not say
  whether it is meant as origin or target and is not read. `cfr-suspected-victims` are those of the
  actor at all times, not of the event, and are not read either.
- The galaxy `sector` gives the kind of target where it is government, military or critical.
- Tags of the traffic light protocol are kept as flags. The release may be passed on only where
  every event in it is `tlp:clear` or `tlp:white`; one that is red or amber says so.
- Sources are `link` attributes that are http(s) addresses. No indicator (address of a machine,
  hash, mail) is taken over. Deleted attributes and objects are passed over.
- The id is the event's `uuid`. Of two events with one id that with the later `timestamp` counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from comity.countries import UNKNOWN as UNKNOWN_COUNTRY
from comity.dates import UNKNOWN, parse_date
from comity.errors import SourceError
from comity.incidents.model import Incident, Initiator, ListRelease
from comity.incidents.sources.addresses import unique
from comity.incidents.sources.attack import BY_TABLE, by_groups
from comity.incidents.sources.jsonfile import (
    Record,
    countries_in,
    day_of,
    hash_of,
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
    RowsRead,
    described,
    read_rows,
    result_of,
)
from comity.provenance import sha256_of

TITLE = "MISP events"
GALAXY_TAG = re.compile(r'misp-galaxy:([\w-]+)="([^"]*)"')
ACTOR_GALAXIES = (
    "threat-actor", "mitre-intrusion-set", "mitre-enterprise-attack-intrusion-set",
    "microsoft-activity-group",
)  # fmt: skip
SPONSOR = "cfr-suspected-state-sponsor"
NOBODY = ("Unknown", "unknown", "")
SECTORS: Mapping[str, str] = {  # by how the sector begins, in lower case
    "government": "government", "military": "military", "defense": "military",
    "defence": "military", "energy": "critical-infrastructure",
    "electric": "critical-infrastructure", "water": "critical-infrastructure",
    "civil society": "civil-society", "ngo": "civil-society", "activists": "civil-society",
}  # fmt: skip
OPEN, CLOSED = ("tlp:clear", "tlp:white"), ("tlp:red", "tlp:amber", "tlp:amber+strict")

RELEASE = ListRelease(
    list="misp",
    release="",
    title=TITLE,
    publisher="",
    licence="none stated",
    redistributable=False,
    address="",
    citation="",
    has_report_dates=True,
    dates_typed_as_days=False,
    note="One event one incident; its date is read as that of the report.",
)


def read_misp(paths: Sequence[Path]) -> ReadResult:
    """Return the events of MISP exports. Raises SourceError."""
    events = list(enumerate((e for path in paths for e in _events(path)), start=1))
    newest: dict[str, tuple[float, int]] = {}
    for number, event in events:
        key, stamp = text_in(event, "uuid"), _stamp(event)
        if key not in newest or stamp > newest[key][0]:
            newest[key] = (stamp, number)

    def read_one(number: int, event: Record) -> tuple[Incident, list[RowProblem]]:
        if newest[text_in(event, "uuid")][1] != number:
            raise RowError("uuid", text_in(event, "uuid"), "another version of it counts")
        return _incident(number, event)

    rows = read_rows(events, read_one)
    release = _release(paths, [event for _, event in events], rows)
    return result_of(release, rows, len(events))


def _release(paths: Sequence[Path], events: Sequence[Record], rows: RowsRead) -> ListRelease:
    """Return the release: its last day, who shared it, and whether it may be passed on."""
    last = parse_date(max((i.reported.text for _, i in rows.numbered), default=""))
    names = unique(described(text_in(record_in(e, "Orgc"), "name"))[:80] for e in events)
    marks = [tlp_of(event) for event in events]
    closed = sum(any(m in CLOSED for m in mark) for mark in marks)
    told = f" {closed} of {len(events)} are marked TLP red or amber: not to be passed on."
    return replace(
        RELEASE,
        release=last.text or "unknown",
        publisher=", ".join(names[:5]) + (" and others" if len(names) > 5 else ""),
        redistributable=all(mark and all(m in OPEN for m in mark) for mark in marks),
        covers_to=last,
        closed_on=last,
        sha256=sha256_of(paths[0]),
        extracted="initiators" if any(BY_TABLE in p.reason for p in rows.flagged) else "",
        note=RELEASE.note + (told if closed else ""),
    )


def _events(path: Path) -> Iterator[Record]:
    """Yield the events of a file. Raises SourceError where it holds none."""
    data = read_json(path)
    if isinstance(data, dict) and "response" in data:
        data = data["response"]
    given = data if isinstance(data, list) else [data]
    found = [
        one["Event"] if isinstance(one.get("Event"), dict) else one
        for one in given
        if isinstance(one, dict) and (isinstance(one.get("Event"), dict) or "info" in one)
    ]
    if not found:
        raise SourceError(
            f"Cannot read {path.name}: there is no MISP event in it. An export has an `Event` with "
            "a `uuid`, a `date` and an `info`, or a list of such."
        )
    yield from found


def _stamp(event: Record) -> float:
    text = text_in(event, "timestamp")
    return float(text) if text.isdigit() and len(text) < 16 else 0.0


def _tags(event: Record) -> list[str]:
    return [text_in(tag, "name") for tag in list_in(event, "Tag")]


def tlp_of(event: Record) -> tuple[str, ...]:
    """Return the traffic light tags of an event, in lower case."""
    lowered = (tag.lower().replace(" ", "") for tag in _tags(event))
    return unique(tag for tag in lowered if tag.startswith("tlp:"))


def _clusters(event: Record) -> Iterator[tuple[str, Record]]:
    """Yield (galaxy, cluster) of each cluster that is in the event in full."""
    for galaxy in list_in(event, "Galaxy"):
        for cluster in list_in(galaxy, "GalaxyCluster"):
            if isinstance(cluster, dict):
                yield text_in(galaxy, "type") or text_in(cluster, "type"), cluster


def _named(event: Record, galaxies: Sequence[str]) -> tuple[str, ...]:
    """Return the values of some galaxies, of clusters and of tags."""
    full = (text_in(cluster, "value") for kind, cluster in _clusters(event) if kind in galaxies)
    tags = (m for tag in _tags(event) for m in GALAXY_TAG.findall(tag))
    return unique([*full, *(value.strip() for kind, value in tags if kind in galaxies)])


def _incident(number: int, event: Record) -> tuple[Incident, list[RowProblem]]:
    """Return one event, and what was left out or looked up. Raises RowError."""
    key = text_in(event, "uuid")
    if not key:
        raise RowError("uuid", "", "the event has no uuid")
    reported = day_of(text_in(event, "date"), "date")
    initiators, problems = _initiators(number, event)
    receivers, unknown = countries_in(number, "Tag", _named(event, ("target-information",)), NOBODY)
    problems += unknown
    problems += [
        RowProblem(number, "Tag", mark, "not to be passed on: the whole release is marked so")
        for mark in tlp_of(event)
        if mark in CLOSED
    ]
    info = described(text_in(event, "info"))
    incident = Incident(
        list=RELEASE.list,
        release="",
        id=key,
        name=info[:160] or key,
        start=parse_date(f"../{reported.text}") if reported.known else UNKNOWN,
        end=UNKNOWN,
        reported=reported,
        initiators=initiators,
        receivers=receivers or (UNKNOWN_COUNTRY,),
        targets=_targets(event) or ("unknown",),
        effects=(),
        objectives=("unknown",),
        sources=_sources(event),
        row_hash=hash_of(event),
        description=info,
    )
    return incident, problems


def _initiators(number: int, event: Record) -> tuple[tuple[Initiator, ...], list[RowProblem]]:
    """Return the actors of an event: with the countries it carries, else those of the table."""
    found: list[Initiator] = []
    problems: list[RowProblem] = []
    told = set()
    for kind, cluster in _clusters(event):
        meta, name = record_in(cluster, "meta"), text_in(cluster, "value")
        if kind not in ACTOR_GALAXIES:
            continue
        for basis, means in ((SPONSOR, "state-affiliated"), ("country", "unknown")):
            codes, unknown = countries_in(number, basis, texts_in(meta, basis), NOBODY)
            problems += unknown
            known = {i.code for i in found if i.organ == name}
            found += [Initiator(code, means, name) for code in codes if code not in known]
            told |= {name} if codes else set()
    rest = [name for name in _named(event, ACTOR_GALAXIES) if name not in told]
    looked_up, flagged = by_groups(number, "Tag", rest)
    known = {i.code for i in found}
    kept = (
        i for i in looked_up if i.code not in known and (i.code != UNKNOWN_COUNTRY or not found)
    )
    return tuple(dict.fromkeys((*found, *kept))), [*problems, *flagged]


def _targets(event: Record) -> tuple[str, ...]:
    lowered = (name.lower() for name in _named(event, ("sector",)))
    return unique(code for name in lowered for begin, code in SECTORS.items()
                  if name.startswith(begin))  # fmt: skip


def _sources(event: Record) -> tuple[str, ...]:
    """Return the addresses that an event links to."""
    holders = [event, *(o for o in list_in(event, "Object") if isinstance(o, dict))]
    attributes = [
        attribute
        for holder in holders
        if holder.get("deleted") is not True
        for attribute in list_in(holder, "Attribute")
    ]
    links = (a for a in attributes if text_in(a, "type") == "link")
    return web_addresses([text_in(a, "value") for a in links if a.get("deleted") is not True])
