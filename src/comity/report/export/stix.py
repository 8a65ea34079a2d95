"""What was reported and found, as a STIX 2.1 bundle that a CERT's tools can read.

- An operation is an `incident` (STIX 2.1 gives it a name and no dates), its list and sources
  external references. Who is said to have acted is an `attributed-to` relationship to an identity,
  who it was done to a `targets` relationship to a location: as the list codes it, and it says so.
- Dates are in a `note` on the incident, as published and with the days they may mean: STIX has no
  imprecise date, and a year is not written as its 1 January.
- A party's attribution is an `opinion` (agree) on the relationship it is about, or a note where it
  names nobody the list names.
- A source is a `report` where the day of its publication is known, else an external reference.
- A verdict is a `grouping` of the incidents counted, with STIX's confidence for its low, moderate
  or high, and a note with its caveats.

Objects are marked TLP:WHITE (public; TLP:CLEAR in its later name) and with their licence.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from comity.countries import SPECIAL_CODES, country_name
from comity.dates import ImpreciseDate, Precision
from comity.errors import CountryError
from comity.exchange.marking import tlp_object
from comity.exchange.model import Level
from comity.incidents.model import Attribution, Evidence, Incident, ListRelease
from comity.incidents.reports import ReportFact
from comity.instruments.card import plain
from comity.report.export.addresses import host_of, uri_of
from comity.report.export.passing import records_of
from comity.report.export.stix_ids import moment, stix_id
from comity.report.export.verdict_tables import Answer
from comity.verification.model import Verdict

CONFIDENCE = {"low": 15, "moderate": 50, "high": 85}  # STIX 2.1, appendix A, None/Low/Med/High
OURS = "Comity register, the Comity contributors: CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"
COUNTRY = re.compile(r"[A-Z]{2}")
Facts = Mapping[str, Mapping[str, ReportFact]]
Properties = dict[str, Any]


def stix_bundle(
    evidence: Evidence, verdicts: Sequence[Answer], facts: Facts, day: dt.date
) -> bytes | None:
    """Return a bundle of some evidence (that may be passed on) and the verdicts on conduct.

    `facts` are what Comity knows beside a list, by list and id; `day` that of every `created`.
    Nothing where there is nothing to say.
    """
    made = _Objects(day)
    releases = {r.list: r for r in evidence.releases}
    for release in releases.values():
        made.mark(release)
    for incident in evidence.incidents():
        _incident(
            made, incident, releases[incident.list], facts.get(incident.list, {}).get(incident.id)
        )
    known = {i.key for i in evidence.incidents()}
    for verdict in verdicts:
        if isinstance(verdict, Verdict):
            _verdict(made, verdict, known)
    if not evidence.releases and not any(isinstance(v, Verdict) for v in verdicts):
        return None
    return _bundle(made)


def incident_bundle(
    incident: Incident, release: ListRelease, fact: ReportFact | None, day: dt.date, level: Level,
    author: str = "",
) -> bytes:  # fmt: skip
    """Return a bundle of one incident and all that is said of it, to attach to a message.

    It is marked with a level of TLP 2.0. `author` is the id of the identity that made it, which the
    bundle does not hold, as those of the parties of a line are known on it; Comity's without.
    """
    made = _Objects(day, tlp_object(level), author)
    made.mark(release)
    _incident(made, incident, release, fact)
    return _bundle(made)


def _bundle(made: _Objects) -> bytes:
    objects = list(made.all())
    name = stix_id("bundle", hashlib.sha256(json.dumps(objects).encode()).hexdigest())
    bundle = {"type": "bundle", "id": name, "objects": objects}
    return (json.dumps(bundle, ensure_ascii=False, indent=1) + "\n").encode()


class _Objects:
    """The objects of a bundle as they are made, each id once, in the order first needed.

    They are marked `tlp` (TLP:WHITE, which STIX 2.1 itself has, without), and made by the identity
    with the id `author`; Comity's without.
    """

    def __init__(self, day: dt.date, tlp: Properties | None = None, author: str = "") -> None:
        from stix2 import TLP_WHITE

        self.at = moment(day)
        self.found: dict[str, Any] = {}
        self.marks: dict[str, str] = {}
        self.tlp = tlp or json.loads(TLP_WHITE.serialize())
        self.own = [] if author else [_comity(self.at)]
        self.author = author or str(self.own[0]["id"])
        self.statement("comity", OURS)

    def all(self) -> Iterator[Properties]:
        """Yield every object: who made them and how they are marked first."""
        yield from self.own
        yield self.tlp
        for one in self.found.values():  # its own pretty form is slow
            yield json.loads(one.serialize())

    def statement(self, name: str, text: str) -> str:
        """Return the id of the marking that states a licence, made where it is new."""
        from stix2.v21 import MarkingDefinition, StatementMarking

        key = stix_id("marking-definition", name)
        if key not in self.found:
            self.found[key] = MarkingDefinition(
                id=key, created=self.at, definition_type="statement",
                definition=StatementMarking(plain(text)), created_by_ref=self.author,
            )  # fmt: skip
        self.marks[name] = key
        return key

    def mark(self, release: ListRelease) -> None:
        """Make the marking of a list."""
        cite = f" Please cite: {release.citation}" if release.citation else ""
        said = f"{release.title}, {release.publisher}: {release.licence}.{cite}"
        self.statement(f"list:{release.list}", said)

    def add(self, kind: str, name: str, marks: Collection[str], /, **properties: Any) -> str:
        """Add an object of a type under a name of ours and return its id; once is enough."""
        import stix2.v21

        key = stix_id(kind, name)
        if key not in self.found:
            given = {k: v for k, v in properties.items() if v not in ("", None, [], ())}
            self.found[key] = getattr(stix2.v21, kind.capitalize())(
                id=key, created=self.at, modified=self.at, created_by_ref=self.author,
                object_marking_refs=[self.tlp["id"], *(self.marks[m] for m in marks)], **given,
            )  # fmt: skip
        return key


def _comity(at: str) -> Properties:
    """Return Comity's own identity."""
    return {
        "type": "identity", "spec_version": "2.1", "id": stix_id("identity", "comity"),
        "created": at, "modified": at, "name": "Comity", "identity_class": "system",
        "description": "What states agreed about cyberspace, and whether they keep it. What lists "
        "and parties say is theirs: Comity only writes it down.",
    }  # fmt: skip


def _incident(
    made: _Objects, incident: Incident, release: ListRelease, fact: ReportFact | None
) -> None:
    """Add an incident and all that is said of it."""
    mine, both = (f"list:{incident.list}",), (f"list:{incident.list}", "comity")
    name = plain(incident.name) or f"An incident of {incident.list} without a name"
    key = made.add(
        "incident", incident.key, both if fact else mine, name=name,
        description=_described(incident), external_references=_references(incident),
    )  # fmt: skip
    relations = dict(_actors(made, incident, key, mine))
    _receivers(made, incident, key, mine)
    made.add(
        "note", f"dates:{incident.key}", both if fact else mine, object_refs=[key],
        abstract="Dates as published", content=_dates(incident, release),
    )  # fmt: skip
    for number, claim in enumerate(incident.attributions, start=1):
        _attribution(made, claim, f"{incident.key}:{number}", key, relations, both)
    if fact is not None:
        _facts(made, incident, fact, key)


def _described(incident: Incident) -> str:
    """Return the list's codes of an incident in a sentence or two."""
    coded = {
        "targets": incident.targets, "objectives": incident.objectives, "effects": incident.effects,
        "campaign": (incident.campaign,) if incident.campaign else (),
        "commercial use": (incident.commercial_use,),
        "severity": () if incident.severity is None else (f"{incident.severity:g}",),
    }  # fmt: skip
    said = "; ".join(f"{name}: {', '.join(values)}" for name, values in coded.items() if values)
    return plain(f"As coded by {incident.list} {incident.release}. {said}.")


def _references(incident: Incident) -> list[Properties]:
    """Return where an incident can be looked up: its list's row, then every source."""
    found: list[Properties] = [{
        "source_name": incident.list, "external_id": plain(incident.id) or "none",
        "description": plain(f"Row of the list {incident.list}, release {incident.release}"),
    }]  # fmt: skip
    return found + [r for address in incident.sources for r in _reference(address)]


def _reference(address: str) -> list[Properties]:
    uri = uri_of(address)
    return [{"source_name": host_of(address), "url": uri}] if uri else []


def _place(made: _Objects, code: str) -> str:
    """Return the id of a country's location; empty for a code that is no country."""
    if code in SPECIAL_CODES or not COUNTRY.fullmatch(code):
        return ""
    return made.add("location", code, ("comity",), name=_called(code), country=code)


def _called(code: str) -> str:
    try:
        return country_name(code)
    except CountryError:
        return plain(code) or "unknown"


def _party(made: _Objects, code: str, kind: str, organ: str = "") -> str:
    """Return the id of who is said to have acted: a kind of actor of a country."""
    who = f"{_called(code)} ({kind})" + (f", {plain(organ)}" if organ else "")
    key = made.add(
        "identity", f"actor:{code}:{kind}:{organ}", ("comity",), name=who, identity_class="class",
        description="Whoever a list means by this code; no identification by Comity.",
    )  # fmt: skip
    if place := _place(made, code):
        made.add(
            "relationship", f"located:{code}:{kind}:{organ}", ("comity",),
            source_ref=key, relationship_type="located-at", target_ref=place,
        )  # fmt: skip
    return key


def _actors(
    made: _Objects, incident: Incident, key: str, marks: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield (country, relationship's id) for each initiator."""
    for one in dict.fromkeys(incident.initiators):
        yield one.code, made.add(
            "relationship", f"by:{incident.key}:{one.code}:{one.kind}:{one.organ}", marks,
            source_ref=key, relationship_type="attributed-to",
            target_ref=_party(made, one.code, one.kind, one.organ),
            description=f"As coded by {incident.list}: its claim or that of its sources, no "
            "finding of Comity.",
        )  # fmt: skip


def _receivers(made: _Objects, incident: Incident, key: str, marks: Collection[str]) -> None:
    for code in dict.fromkeys(incident.receivers):
        made.add(
            "relationship", f"on:{incident.key}:{code}", marks, source_ref=key,
            relationship_type="targets",
            target_ref=_place(made, code) or _party(made, code, "receiver"),
            description=f"As coded by {incident.list}.",
        )  # fmt: skip


def _dates(incident: Incident, release: ListRelease) -> str:
    """Return an incident's dates as published, with what each may mean."""
    dates = {"Start": incident.start, "End": incident.end, "First reported": incident.reported}
    said = [f"{name}: {_meaning(date)}." for name, date in dates.items()]
    typed = ("Start", "End") if release.report_dates_from else tuple(dates)
    first = [name for name in typed if _first_of_a_month(dates[name])]
    if release.dates_typed_as_days and first:
        said.append(
            f"{' and '.join(first)}: {release.list} can only type full days, so that the first of "
            "a month or year may mean the month or year."
        )
    return " ".join([*said, "Dates are in EDTF (ISO 8601-2)."])


def _first_of_a_month(date: ImpreciseDate) -> bool:
    return date.precision is Precision.DAY and date.text[8:10] == "01"


def _meaning(date: ImpreciseDate) -> str:
    if not date.text:
        return "not known"
    doubt = [
        w for w, on in (("uncertain", date.uncertain), ("approximate", date.approximate)) if on
    ]
    said = f"{date.text} ({' and '.join(doubt)})" if doubt else date.text
    if date.precision is Precision.DAY:
        return said
    first, last = date.earliest or "an unknown day", date.latest or "an unknown day"
    return f"{said}, any day from {first} to {last}"


def _attribution(
    made: _Objects, claim: Attribution, name: str, key: str, relations: Mapping[str, str],
    marks: Collection[str],
) -> None:  # fmt: skip
    """Add one party's public claim: its opinion where it names whom the list names, else a note."""
    who = plain(claim.claimant) or "A party that is not named"
    whom = f"attributes it to {_called(claim.code)}" if claim.code else "makes an attribution"
    when = _meaning(claim.when)
    said = plain(
        f"{who} ({claim.claimant_kind.replace('-', ' ')}) {whom} in public; when: {when}. "
        f"{claim.basis}"
    ).strip()
    shared: Properties = {"authors": [who], "external_references": _reference(claim.source)}
    if claim.code in relations:
        made.add("opinion", name, marks, opinion="agree", explanation=said,
                 object_refs=[relations[claim.code]], **shared)  # fmt: skip
    else:
        made.add("note", f"claim:{name}", marks, abstract="Attribution", content=said,
                 object_refs=[key], **shared)  # fmt: skip


def _facts(made: _Objects, incident: Incident, fact: ReportFact, key: str) -> None:
    """Add the first report of an incident, and what a source tells otherwise than the list."""
    date = fact.reported
    exact = date.precision is Precision.DAY and not (date.uncertain or date.approximate)
    if exact and date.earliest is not None and (found := _reference(fact.reported_source)):
        made.add(
            "report", f"{fact.reported_source}:{date.text}:{incident.key}", ("comity",),
            name=f"First report of {plain(incident.name) or incident.key}",
            description=f"Published on {date.text}, the time of day not known. How the date is "
            f"known: {fact.status}, from {fact.reported_basis or 'nothing said'}.",
            published=moment(date.earliest), object_refs=[key], external_references=found,
        )  # fmt: skip
    if fact.account:
        made.add(
            "note", f"account:{incident.key}", ("comity",), abstract="Told differently",
            content=plain(fact.account), object_refs=[key],
            external_references=_reference(fact.account_source),
        )  # fmt: skip


def _verdict(made: _Objects, verdict: Verdict, known: Collection[str]) -> None:
    """Add a verdict: the incidents it counts that may be passed on, its words, its caveats."""
    question, word = verdict.question, verdict.confidence.word
    records = (key for card in verdict.incidents for key in records_of(card.key))
    parts = [key for key in dict.fromkeys(records) if key in known]
    counted = [stix_id("incident", key) for key in parts]
    pair = (*question.scope.initiator, *question.scope.receiver)
    places = [place for code in pair if (place := _place(made, code))]
    marks = ["comity", *sorted({f"list:{key.split(':', 1)[0]}" for key in parts})]
    answers = (
        f"Changed? [{verdict.changed.term}] {verdict.changed.sentence} "
        f"Kept? [{verdict.kept.term}] {verdict.kept.sentence} "
        f"Because? [{verdict.because.term}] {verdict.because.sentence} "
        f"As known on {verdict.as_of.isoformat()}. Confidence {word}: "
        f"{'; '.join(verdict.confidence.reasons)}."
    )
    key = made.add(
        "grouping", f"verdict:{question.id}", marks, name=plain(question.title),
        context="unspecified", description=plain(answers), confidence=CONFIDENCE[word],
        object_refs=[*counted, *places] or [made.author],
        external_references=_sources(verdict), labels=["comity-verdict"],
    )  # fmt: skip
    if verdict.caveats:
        made.add(
            "note", f"caveats:{question.id}", ("comity",), abstract="What to mind",
            content=plain(" ".join(verdict.caveats)), object_refs=[key],
        )  # fmt: skip


def _sources(verdict: Verdict) -> list[Properties]:
    """Return where the agreement and the claims on it can be read."""
    given = [] if verdict.instrument is None else list(verdict.instrument.sources)
    given += [c.source for c in verdict.claims]
    name = {"source_name": "comity", "external_id": verdict.question.id}
    return [name, *(r for address in dict.fromkeys(given) for r in _reference(address))]
