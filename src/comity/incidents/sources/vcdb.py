"""Read incidents coded in VERIS, as the VERIS Community Database (VCDB) publishes them (JSON).

VERIS is the Vocabulary for Event Recording and Incident Sharing (verisframework.org), schema 1.3
and 1.4. One file with an incident or a list of them, or a folder of files; in the database's own
folder `data/json/validated` a file is an incident. What a reader meets, and what is done about it:

- It is a database of breaches: lost laptops, errors, misuse by employees. Only incidents with an
  action under `hacking`, `malware` or `social` are read; the others are set aside, as are those
  that `security_incident` calls a near miss or a false positive.
- `timeline.incident` has a year and maybe a month and a day: the start, as finely as given.
- `plus.timeline.notification` is when victims or the public were told, and is `reported`.
- `actor.external` has `country` (two letters; "Unknown" and "Other" are no country), `variety`,
  `motive`, `name`: countries and kinds do not run in parallel, so that of several varieties the
  first that says something is the kind of all. A state is "Nation-state", one acting for it
  "State-affiliated". Incidents with internal or partner actors alone have an unknown initiator.
- `victim.country`: codes, one text in older files. `victim.industry` (NAICS) gives the kind of
  target (`industry`).
- The keys of `attribute` are the effects. `motive` Espionage is the objective; nothing else is.
- `reference` holds addresses parted by `;`, prose among them is left out. `summary` is the
  description, `incident_id` the id.
- Coders took in what they met: the database is no sample of anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from comity.countries import UNKNOWN as UNKNOWN_COUNTRY
from comity.dates import UNKNOWN, ImpreciseDate
from comity.errors import SourceError
from comity.incidents.model import EFFECTS, Incident, Initiator, ListRelease
from comity.incidents.sources.addresses import unique
from comity.incidents.sources.industry import target_of_industry
from comity.incidents.sources.jsonfile import (
    Record,
    countries_in,
    day_of,
    hash_of,
    list_in,
    parts_of_date,
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

TITLE = "VERIS Community Database"
ACTIONS = ("hacking", "malware", "social")
NO_COUNTRY = ("Unknown", "Other", "NA", "")
NO_INCIDENT = ("near miss", "false positive")
KINDS: Mapping[str, str] = {
    "Nation-state": "state", "State-affiliated": "state-affiliated",
    "Organized crime": "criminal", "Activist": "other", "Terrorist": "other",
    "Competitor": "other", "Unaffiliated": "other", "Former employee": "other", "Customer": "other",
    "Acquaintance": "other", "Force majeure": "other", "Auditor": "other", "Relative": "other",
    "Other": "other",
}  # fmt: skip

RELEASE = ListRelease(
    list="vcdb",
    release="",
    title=TITLE,
    publisher="VERIS Community, Verizon",
    licence="see the publisher's page",
    redistributable=False,
    address="https://verisframework.org/vcdb.html",
    citation="VERIS Community Database (VCDB).",
    has_report_dates=True,
    dates_typed_as_days=False,
    note=(
        "Breaches with a hacking, malware or social action. Report: when victims or the public "
        "were told. No sample of anything."
    ),
)


def read_vcdb(paths: Sequence[Path]) -> ReadResult:
    """Return the incidents of VERIS files or folders of them. Raises SourceError."""
    files = [file for path in paths for file in _files(path)]
    if not files:
        raise SourceError(f"{TITLE}: there is no JSON file in {', '.join(p.name for p in paths)}.")
    given = [(file, one) for file in files for one in _incidents(file)]

    def read_one(number: int, row: tuple[Path, Record]) -> tuple[Incident, list[RowProblem]]:
        file, record = row
        try:
            return _incident(number, record)
        except RowError as error:
            value = f"{error.value} ({file.name})" if len(files) > 1 else error.value
            raise RowError(error.column, value, error.reason) from error

    rows = read_rows(enumerate(given, start=1), read_one)
    written = [d for _, record in given if (d := _written(record)).known]
    last = max(written, key=lambda d: str(d.latest), default=UNKNOWN)
    release = replace(
        RELEASE, release=last.text or "unknown", covers_to=last, closed_on=last,
        sha256=_digest(files),
    )  # fmt: skip
    return result_of(release, rows, len(given))


def _files(path: Path) -> list[Path]:
    """Return a file, or the JSON files in a folder and below it, by name."""
    if not path.is_dir():
        return [path]
    return sorted(p for p in path.rglob("*") if p.suffix.lower() == ".json" and p.is_file())


def _digest(files: Sequence[Path]) -> str:
    """Return the SHA-256 of a file, or of the names and digests of several."""
    if len(files) == 1:
        return sha256_of(files[0])
    told = "".join(f"{file.name}\0{sha256_of(file)}\n" for file in files)
    return hashlib.sha256(told.encode()).hexdigest()


def _incidents(path: Path) -> list[Record]:
    """Return the incidents of a file. Raises SourceError where it holds none."""
    data = read_json(path)
    given = data if isinstance(data, list) else [data]
    found: list[Record] = [one for one in given if isinstance(one, dict) and _is_veris(one)]
    if not found or len(found) != len(given):
        raise SourceError(
            f"Cannot read {path.name}: it is not VERIS. An incident has an `actor`, an `action`, a "
            "`victim` and a `timeline`."
        )
    return found


def _is_veris(record: Record) -> bool:
    return sum(key in record for key in ("actor", "action", "victim", "timeline", "attribute")) >= 2


def _written(record: Record) -> ImpreciseDate:
    """Return when the incident was last coded, unknown where it does not say."""
    plus = record_in(record, "plus")
    try:
        return day_of(text_in(plus, "modified") or text_in(plus, "created"), "modified")
    except RowError:
        return UNKNOWN


def _incident(number: int, record: Record) -> tuple[Incident, list[RowProblem]]:
    """Return one incident and what was left out of it. Raises RowError."""
    key = text_in(record, "incident_id")
    if not key:
        raise RowError("incident_id", "", "the incident has no id")
    standing = text_in(record, "security_incident")
    if standing.lower() in NO_INCIDENT:
        raise RowError("security_incident", standing, "its coders say that it was no incident")
    action = record_in(record, "action")
    if not any(kind in action for kind in ACTIONS):
        told = ", ".join(sorted(map(str, action)))[:200]
        raise RowError("action", told, f"none of {', '.join(ACTIONS)}: no cyber operation")
    timeline = record_in(record, "timeline")
    start = parts_of_date(record_in(timeline, "incident"), "timeline.incident")
    told_on = record_in(record_in(record_in(record, "plus"), "timeline"), "notification")
    initiators, objectives, problems = _initiators(number, record)
    victims = _records(record, "victim")
    receivers, unknown = countries_in(
        number, "victim.country", [c for v in victims for c in texts_in(v, "country")], NO_COUNTRY
    )
    attribute = record_in(record, "attribute")
    name = next(filter(None, (text_in(v, "victim_id") for v in victims)), "")
    summary = text_in(record, "summary")
    incident = Incident(
        list=RELEASE.list,
        release="",
        id=key,
        name=described(name)[:160] or described(summary)[:80] or key,
        start=start,
        end=UNKNOWN,
        reported=parts_of_date(told_on, "plus.timeline.notification"),
        initiators=initiators,
        receivers=receivers or (UNKNOWN_COUNTRY,),
        targets=_targets(victims),
        effects=tuple(e for e in EFFECTS if e in attribute),
        objectives=objectives,
        sources=web_addresses(texts_in(record, "reference")),
        row_hash=hash_of(record),
        description=described(summary),
    )
    return incident, [*problems, *unknown]


def _records(record: Record, key: str) -> list[Record]:
    """Return the objects under a key, one or a list of them."""
    return [one for one in list_in(record, key) if isinstance(one, dict)]


def _targets(victims: Sequence[Record]) -> tuple[str, ...]:
    kinds = unique(target_of_industry(text_in(v, "industry")) for v in victims)
    return tuple(k for k in kinds if k != "unknown") or ("unknown",)


def _initiators(
    number: int, record: Record
) -> tuple[tuple[Initiator, ...], tuple[str, ...], list[RowProblem]]:
    """Return the external actors, the objectives their motives tell, and names of no country."""
    found: list[Initiator] = []
    problems: list[RowProblem] = []
    motives: list[Any] = []
    for actor in _records(record_in(record, "actor"), "external"):
        said = (KINDS.get(variety, "") for variety in texts_in(actor, "variety"))
        kind = next(filter(None, said), "unknown")
        organ = ", ".join(texts_in(actor, "name"))[:160]
        codes, unknown = countries_in(
            number, "actor.external.country", texts_in(actor, "country"), NO_COUNTRY
        )
        found += [Initiator(code, kind, organ) for code in codes or (UNKNOWN_COUNTRY,)]
        problems += unknown
        motives += texts_in(actor, "motive")
    objectives = ("espionage",) if "Espionage" in motives else ("unknown",)
    initiators = tuple(dict.fromkeys(found)) or (Initiator(UNKNOWN_COUNTRY, "unknown"),)
    return initiators, objectives, problems
