"""A verdict as plain data: the JSON whose schema is `data/schema/verdict-1.0.schema.json`.

Dates are ISO 8601 or EDTF text, numbers are rounded to six significant digits, and what is not
known is null: there is no NaN. Keys are sorted, so that two verdicts can be compared line by line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

from comity.provenance import is_web_address
from comity.report.plain import number, plain
from comity.verification.model import (
    ActivitySeries,
    Change,
    Check,
    FieldChange,
    Finding,
    IncidentCard,
    ListUse,
    OnsetFinding,
    Otherwise,
    PersistencePoint,
    Question,
    RatioInterval,
    Registration,
    Reply,
    Scope,
    Statement,
    Verdict,
)
from comity.verification.otherwise import departures
from comity.verification.registered import registration_line

SCHEMA_VERSION = "1.0"
SCHEMA_FILE = f"verdict-{SCHEMA_VERSION}.schema.json"
Data = dict[str, Any]


def load_schema(name: str = SCHEMA_FILE) -> Data:
    """Return the published JSON Schema (draft 2020-12) of a verdict, or of another page."""
    file = resources.files("comity").joinpath("data", "schema", name)
    schema: Data = json.loads(file.read_text(encoding="utf-8"))
    return schema


def verdict_to_json(verdict: Verdict) -> str:
    """Return a verdict as JSON in ASCII, keys sorted: safe to print on any terminal."""
    return json.dumps(verdict_to_dict(verdict), allow_nan=False, indent=2, sort_keys=True)


def verdict_to_dict(verdict: Verdict) -> Data:
    """Return a verdict as the published schema describes it, its mirror inside it."""
    mirror = None if verdict.mirror is None else _answer(verdict.mirror)
    return {
        "schema_version": SCHEMA_VERSION,
        **_answer(verdict),
        "mirror": mirror,
        "examination": plain(verdict.examination),
    }


def _answer(verdict: Verdict) -> Data:
    """Return everything of a verdict but its mirror."""
    confidence = verdict.confidence
    return {
        "question": _question(verdict.question),
        "instrument": _instrument(verdict),
        "as_of": verdict.as_of.isoformat(),
        "version": verdict.version,
        "choices": _choices(verdict),
        "lists": [_list(use) for use in verdict.lists],
        "verdict": {
            "changed": _statement(verdict.changed),
            "kept": _statement(verdict.kept),
            "because": _statement(verdict.because),
            "confidence": {
                "word": confidence.word,
                "reasons": list(confidence.reasons),
                "rule": confidence.rule,
            },
        },
        "change": [_change(change) for change in verdict.change],
        "onset": _onset(verdict.onset),
        "displacement": _finding(verdict.displacement),
        "persistence": [_persistence(point) for point in verdict.persistence],
        "by_list": _finding(verdict.by_list),
        "by_claimant": _finding(verdict.by_claimant),
        "date_reading": _finding(verdict.date_reading),
        "claims": [
            {
                "date": c.date,
                "party": c.party,
                "party_kind": c.party_kind,
                "says": c.says,
                "what": c.what,
                "source": c.source,
                "status": c.status,
                "independent_of": c.independent_of,
            }
            for c in verdict.claims
        ],
        "activity": [_series(series) for series in verdict.activity],
        "incidents": [_card(card) for card in verdict.incidents],
        "caveats": list(verdict.caveats),
        "checks": [_check(check) for check in verdict.checks],
        "registration": _registration(verdict.registration),
        "replies": [_reply(reply) for reply in verdict.replies],
    }


def _cells(cells: Mapping[str, float]) -> Data:
    """Return incidents by cell, every cell named."""
    return {cell: number(cells.get(cell, 0.0)) for cell in "ABCD"}


def _scope(scope: Scope) -> Data:
    return {
        "id": scope.id,
        "title": scope.title,
        "role": scope.role,
        "initiator": list(scope.initiator),
        "receiver": list(scope.receiver),
        "objective": list(scope.objective),
        "target": list(scope.target),
    }


def _question(question: Question) -> Data:
    return {
        "id": question.id,
        "title": question.title,
        "instrument": question.instrument,
        "provision": question.provision,
        "norm": question.norm,
        "agreed": question.agreed.isoformat(),
        "scopes": [_scope(scope) for scope in question.scopes],
        "definitions": [
            {**_scope(scope), "by": scope.by, "source": scope.source, "uses": scope.uses}
            for scope in question.definitions
        ],
        "comparison": question.comparison,
        "receiver_not_party": question.receiver_not_party,
        "assumes": question.assumes,
        "window": {
            "from": question.window_from.isoformat(),
            "to": question.window_to.isoformat(),
        },
        "lists": list(question.lists),
        "rivals": [
            {"date": r.date.isoformat(), "what": r.what, "source": r.source}
            for r in question.rivals
        ],
    }


def _instrument(verdict: Verdict) -> Data | None:
    facts = verdict.instrument
    if facts is None:
        return None
    return {
        "id": facts.id,
        "title": facts.title,
        "date": facts.date,
        "parties": list(facts.parties),
        "standing": facts.standing,
        "standing_reason": facts.standing_reason,
        "gloss": facts.gloss,
        "sources": list(facts.sources),
    }


def _choices(verdict: Verdict) -> Data:
    choices = verdict.choices
    return {
        "lists": list(choices.lists),
        "as_of": None if choices.as_of is None else choices.as_of.isoformat(),
        "first_of_year": choices.reading.first_of_year,
        "first_of_month": choices.reading.first_of_month,
        "seed": choices.seed,
        "level": number(choices.level),
        "draws": choices.draws,
        "otherwise": _otherwise(verdict),
    }


def _otherwise(verdict: Verdict) -> Data | None:
    """Return what was asked otherwise than declared, with what was declared; null where nothing."""
    asked = verdict.choices.otherwise
    if asked == Otherwise():
        return None
    first, last = asked.window_from, asked.window_to
    return {
        "scope": asked.scope,
        "comparison": asked.comparison,
        "window_from": None if first is None else first.isoformat(),
        "window_to": None if last is None else last.isoformat(),
        "months": asked.months,
        "changes": [_field(c) for c in departures(verdict.question, asked.months)],
    }


def _list(use: ListUse) -> Data:
    return {
        "name": use.name,
        "release": use.release,
        "title": use.title,
        "licence": use.licence,
        "citation": use.citation,
        "covers_to": use.covers_to,
        "closed_on": use.closed_on,
        "has_report_dates": use.has_report_dates,
        "basis": use.basis,
        "cells": _cells(use.cells),
        "excluded": dict(use.excluded),
        "year_only": number(use.year_only),
        "address": use.address if is_web_address(use.address) else "",
        "sha256": use.sha256,
    }


def _statement(statement: Statement) -> Data:
    return {
        "sentence": statement.sentence,
        "term": statement.term,
        "probability": number(statement.probability),
    }


def _ratio(ratio: RatioInterval | None) -> Data | None:
    if ratio is None:
        return None
    values = {
        "median": number(ratio.median),
        "lower": number(ratio.lower),
        "upper": number(ratio.upper),
        "level": number(ratio.level),
    }
    return None if None in values.values() else values


def _change(change: Change) -> Data:
    """Return one estimate; by rule it has no ratio and no probability where not identified."""
    return {
        "scope": change.scope,
        "comparison": change.comparison,
        "estimand": change.estimand,
        "outcome": change.outcome,
        "lists": list(change.lists),
        "rate_ratio": _ratio(change.ratio) if change.identified else None,
        "probability_fell": number(change.fell) if change.identified else None,
        "identified": change.identified,
        "reason": change.reason,
        "before": number(change.before),
        "after": number(change.after),
        "cells": _cells(change.cells),
        "years": [number(years) for years in change.years],
        "label": change.label,
    }


def _check(check: Check) -> Data:
    return {"name": check.name, "passed": check.passed, "detail": check.detail}


def _registration(found: Registration | None) -> Data | None:
    if found is None:
        return None
    return {
        "state": found.state,
        "sentence": registration_line(found),
        "on": found.on,
        "sha256": found.sha256,
        "changes": [_field(change) for change in found.changes],
        "asked": [_field(change) for change in found.asked],
        "known": list(found.known),
        "earlier": list(found.earlier),
        "version": found.version,
        "note": found.note,
        "problem": found.problem,
    }


def _field(change: FieldChange) -> Data:
    return {"field": change.field, "before": change.before, "after": change.after}


def _reply(reply: Reply) -> Data:
    return {
        "kind": reply.kind,
        "party": reply.party,
        "date": reply.date,
        "text": reply.text,
        "source": reply.source,
        "status": reply.status,
        "outdated": reply.outdated,
    }


def _finding(finding: Finding) -> Data:
    return {
        "name": finding.name,
        "title": finding.title,
        "sentence": finding.sentence,
        "rows": [_change(row) for row in finding.rows],
        "checks": [_check(check) for check in finding.checks],
        "incidents": list(finding.incidents),
    }


def _onset(onset: OnsetFinding | None) -> Data | None:
    if onset is None:
        return None
    return {
        "scope": onset.scope,
        "periods": list(onset.periods),
        "prior": [number(p) for p in onset.prior],
        "posterior": [number(p) for p in onset.posterior],
        "no_change_prior": number(onset.no_change_prior),
        "no_change": number(onset.no_change),
        "rivals": [
            {
                "date": r.date.isoformat(),
                "what": r.what,
                "source": r.source,
                "period": r.period,
                "posterior": number(r.posterior),
                "odds": number(r.odds),
                "separable": r.separable,
            }
            for r in onset.rivals
        ],
        "separable": onset.separable,
        "sentence": onset.sentence,
        "checks": [_check(check) for check in onset.checks],
    }


def _persistence(point: PersistencePoint) -> Data:
    return {
        "years": point.years,
        "rate_ratio": _ratio(point.ratio),
        "probability_below": number(point.below),
        "sentence": point.sentence,
    }


def _series(series: ActivitySeries) -> Data:
    return {
        "scope": series.scope,
        "cell": series.cell,
        "title": series.title,
        "periods": list(series.periods),
        "starts": [day.isoformat() for day in series.starts],
        "count": [number(n) for n in series.count],
        "sharp": [number(n) for n in series.sharp],
        "rate": [number(n) for n in series.rate],
        "lower": [number(n) for n in series.lower],
        "upper": [number(n) for n in series.upper],
    }


def _card(card: IncidentCard) -> Data:
    earliest, latest = card.start_earliest, card.start_latest
    return {
        "id": card.key,
        "name": card.name,
        "start": card.start,
        "start_earliest": None if earliest is None else earliest.isoformat(),
        "start_latest": None if latest is None else latest.isoformat(),
        "end": card.end,
        "reported": card.reported,
        "initiators": list(card.initiators),
        "receivers": list(card.receivers),
        "targets": list(card.targets),
        "objectives": list(card.objectives),
        "severity": number(card.severity),
        "campaign": card.campaign,
        "claimants": list(card.claimants),
        "commercial_use": card.commercial_use,
        "sources": list(card.sources),
        "cell": card.cell,
        "when": card.when,
        "scopes": list(card.scopes),
    }
