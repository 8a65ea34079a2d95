"""What was done under a text that prohibits nothing: as text, as JSON, as one HTML file."""

from __future__ import annotations

import json
from pathlib import Path

from rich.text import Text

from comity.instruments.model import Account, Provision, Status, Track
from comity.report.data import Data, load_schema
from comity.report.html import _environment, write_whole
from comity.report.lines import Line, hanging, labelled, wrap
from comity.report.terminal import NARROWEST, page_of
from comity.report.text import clean, countries
from comity.saying import say
from comity.verification.implementation import ImplementationVerdict, Measure

SCHEMA_VERSION = "1.0"
SCHEMA_FILE = f"implementation-{SCHEMA_VERSION}.schema.json"
INDIRECT = {
    Status.SECONDARY: say("implementation.secondary"),
    Status.UNVERIFIED: say("implementation.unverified"),
}
ANSWERS = (
    (say("implementation.changed"), "changed"),
    (say("implementation.kept"), "kept"),
    (say("implementation.because"), "because"),
)


def render_implementation(verdict: ImplementationVerdict, width: int = 80) -> Text:
    """Return the answer as text at most `width` columns wide (60 at least)."""
    width = max(width, NARROWEST)
    question, facts = verdict.question, verdict.instrument
    lines: list[Line] = [(line, "") for line in wrap(clean(question.title), width)]
    lines.append(("", f"{question.id}, from the register of comity {clean(verdict.version)}"))
    agreed = f"{clean(facts.date)}, {clean(facts.title)} ({countries(facts.parties)})."
    lines += labelled("Agreed:", agreed, width)
    lines += labelled("Standing:", f"{clean(facts.standing)}.", width)
    lines.append(("", ""))
    for label, name in ANSWERS:
        statement = getattr(verdict, name)
        lines += labelled(label, f"[{statement.term}] {clean(statement.sentence)}", width)
    reasons = "; ".join(map(clean, verdict.confidence.reasons))
    lines += labelled("Confidence", f"{verdict.confidence.word}: {reasons}.", width)
    for heading, paragraphs in _parts(verdict):
        lines += [("", ""), (heading, "")]
        for paragraph in paragraphs:
            lines += hanging("- ", clean(paragraph), width)
    again = f"comity verify {clean(question.path) or question.id}"
    return page_of(
        [*lines, *labelled("More:", f"{again} --report {question.id}.html, or --json", width)]
    )


def _parts(verdict: ImplementationVerdict) -> list[tuple[str, list[str]]]:
    """Return headings with paragraphs: follow-up, what is told differently, measures, caveats."""
    tracks = [
        f"{t.name} ({t.kind}), {t.since} to {t.until or '..'}: {t.state}"
        + (f" ({INDIRECT[t.status]})" if t.status in INDIRECT else "")
        for t in verdict.tracks
    ]
    accounts = [f"{a.topic}: {a.party}, {a.date}: {a.says}" for a in verdict.accounts]
    measures = [_measure(m) for m in verdict.measures]
    parts = [
        ("Follow-up on record", tracks),
        ("Told differently", accounts),
        ("What was agreed, and what would show it done", measures),
        ("Caveats", list(verdict.caveats)),
    ]
    return [(heading, rows) for heading, rows in parts if rows]


def _measure(measure: Measure) -> str:
    """Return one measure in a line."""
    shows = f" Would show it: {measure.keeping}" if measure.keeping else ""
    return f"{measure.title}. {measure.provision.gloss}{shows}"


def implementation_to_dict(verdict: ImplementationVerdict) -> Data:
    """Return the answer as plain data, as its published schema describes it."""
    question, facts = verdict.question, verdict.instrument
    confidence = verdict.confidence
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "implementation",
        "question": {
            "id": question.id,
            "title": question.title,
            "instrument": question.instrument,
            "agreed": question.agreed.isoformat(),
            "norms": list(question.norms),
            "topics": list(question.topics),
        },
        "instrument": {
            "id": facts.id,
            "title": facts.title,
            "date": facts.date,
            "parties": list(facts.parties),
            "standing": facts.standing,
            "standing_reason": facts.standing_reason,
            "sources": list(facts.sources),
        },
        "version": verdict.version,
        "verdict": {
            **{
                name: {
                    "sentence": getattr(verdict, name).sentence,
                    "term": getattr(verdict, name).term,
                }
                for _, name in ANSWERS
            },
            "confidence": {"word": confidence.word, "reasons": list(confidence.reasons)},
        },
        "follow_up": [_track(t) for t in verdict.tracks],
        "accounts": [_account(a) for a in verdict.accounts],
        "measures": [_measure_data(m) for m in verdict.measures],
        "caveats": list(verdict.caveats),
    }


def _track(track: Track) -> Data:
    """Return a line of follow-up; an end nobody saw is the empty text."""
    words = {n: getattr(track, n) for n in ("id", "instrument", "name", "kind", "state")}
    until = track.until.text if track.until else ""
    return {**words, "since": track.since.text, "until": until, **_backing(track)}


def _account(account: Account) -> Data:
    words = {n: getattr(account, n) for n in ("topic", "party", "says")}
    return {**words, "date": account.date.text, **_backing(account)}


def _measure_data(measure: Measure) -> Data:
    words = {n: getattr(measure.provision, n) for n in ("norm", "place", "strength", "gloss")}
    more = {n: getattr(measure, n) for n in ("title", "keeping", "breach")}
    return {**words, **more, **_backing(measure.provision)}


def _backing(row: Track | Account | Provision) -> Data:
    """Return what a row of the register rests on."""
    return {"sources": list(row.sources), "status": str(row.status)}


def implementation_to_json(verdict: ImplementationVerdict) -> str:
    """Return the answer as JSON in ASCII, keys sorted."""
    return json.dumps(implementation_to_dict(verdict), allow_nan=False, indent=2, sort_keys=True)


def implementation_schema() -> Data:
    """Return the published JSON Schema (draft 2020-12) of an answer about implementation."""
    return load_schema(SCHEMA_FILE)


def write_implementation(verdict: ImplementationVerdict, path: Path) -> None:
    """Write the answer as one HTML file that opens offline. Raises StoreError."""
    template = _environment().get_template("implementation.html.j2")
    again = clean(verdict.question.path) or verdict.question.id
    page = template.render(
        v=verdict,
        q=verdict.question,
        indirect=INDIRECT,
        answers=[(label, getattr(verdict, name)) for label, name in ANSWERS],
        command=f"comity verify {again} --report {verdict.question.id}.html",
    )
    write_whole(path, page)
