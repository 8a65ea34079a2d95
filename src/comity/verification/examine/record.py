"""Kept? in full: every incident in scope after the agreement, and what is claimed about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from comity.dates import parse_date
from comity.incidents.model import Attribution, incident_from_row
from comity.verification.examine.model import Record, RecordedClaim, RecordedIncident
from comity.verification.model import Check, IncidentCard
from comity.verification.prepare import Prepared
from comity.verification.words import counted

OFFICIAL = ("receiver-government", "third-government")
RULE = (
    "All bodies of one government count as one party. Two claims that rest on the same address "
    "count as one. A newspaper or broadcaster that carries a claim counts only where nobody else "
    "is named. Parties that used one body of evidence without saying so still count apart: the "
    "number is an upper bound."
)


def independent_claimants(claims: Iterable[Attribution]) -> tuple[str, ...]:
    """Return claimants independent of each other by RULE, in order of first appearance."""
    listed = [c for c in claims if c.claimant]
    if any(c.claimant_kind != "media" for c in listed):
        listed = [c for c in listed if c.claimant_kind != "media"]
    parties: dict[str, str] = {}
    sources: set[str] = set()
    for claim in listed:
        official = claim.claimant_kind in OFFICIAL and claim.claimant_country
        party = f"government of {claim.claimant_country}" if official else claim.claimant
        if party in parties or (claim.source and claim.source in sources):
            continue
        parties[party] = claim.claimant
        sources.add(claim.source)
    return tuple(parties.values())


def strength(claims: Iterable[Attribution]) -> str:
    """Return the strongest public attribution: official, company, other or none."""
    kinds = {c.claimant_kind for c in claims if c.claimant}
    if kinds & set(OFFICIAL):
        return "official"
    if "private-company" in kinds:
        return "company"
    return "other" if kinds else "none"


def _attributions(prepared: Prepared, keys: set[str]) -> dict[str, tuple[Attribution, ...]]:
    """Return the claims of some incidents by key, of what was public on the as-of date."""
    found: dict[str, tuple[Attribution, ...]] = {}
    as_of = prepared.choices.as_of
    for one in prepared.lists:
        ids = [k.partition(":")[2] for k in keys if k.startswith(f"{one.release.list}:")]
        for row in one.table.filter(pl.col("id").is_in(ids)).iter_rows(named=True):
            incident = incident_from_row(row)
            found[incident.key] = tuple(
                a for a in incident.attributions
                if as_of is None or a.when.latest is None or a.when.latest <= as_of
            )  # fmt: skip
    return found


def record(prepared: Prepared, cards: Sequence[IncidentCard]) -> Record:
    """Return the incidents of the narrow scope after the agreement with their claims.

    Incidents that may lie before it (`straddles`) or cannot be placed (`unknown`) are listed too
    and marked so; the sentence counts only those after it.
    """
    scope = prepared.question.scope.id
    mine = [c for c in cards if scope in c.scopes and c.when != "before"]
    claims = _attributions(prepared, {c.key for c in mine})
    rows = tuple(_row(card, claims.get(card.key, ())) for card in mine)
    after = [r for r in rows if r.when == "after"]
    official = [r for r in after if r.strength == "official"]
    unattributed = sum(r.strength == "none" for r in after)
    commercial = sum(r.commercial_use == "claimed" for r in after)
    first = _first(c for r in official for c in r.claims if c.kind in OFFICIAL)
    check = Check(
        "every incident attributed by name", not unattributed if after else None,
        f"{unattributed} of {len(after)} incidents after the agreement have no claimant on record",
    )  # fmt: skip
    return Record(
        RULE, rows, len(official), unattributed, commercial, first,
        _sentence(after, len(official), unattributed, commercial, first), (check,),
    )  # fmt: skip


def _row(card: IncidentCard, claims: tuple[Attribution, ...]) -> RecordedIncident:
    """Return one incident with its claims, in order of date."""
    made = [
        RecordedClaim(
            c.claimant, c.claimant_kind, c.claimant_country, c.when.text, c.basis, c.source
        )
        for c in claims
    ]  # fmt: skip
    made.sort(key=lambda c: (not c.when, c.when, c.claimant))
    return RecordedIncident(
        card.key, card.name, card.start, card.when, card.reported, card.severity, tuple(made),
        strength(claims), len(independent_claimants(claims)), card.commercial_use, card.sources,
        _before(claims, card.start),
    )  # fmt: skip


def _before(claims: Iterable[Attribution], start: str) -> bool:
    """Say whether a claim is surely older than a start, given as EDTF."""
    began = parse_date(start).earliest if start else None
    return began is not None and any(
        c.when.latest is not None and c.when.latest < began for c in claims
    )


def _first(claims: Iterable[RecordedClaim]) -> str:
    """Return the earliest date among claims, as EDTF; empty where none is dated."""
    dated = [(day, c.when) for c in claims if c.when and (day := parse_date(c.when).earliest)]
    return min(dated)[1] if dated else ""


def _sentence(
    after: Sequence[RecordedIncident], official: int, unattributed: int, commercial: int, first: str
) -> str:
    """Return the finding in words that never say more than the claims do."""
    if not after:
        return "No incident in scope is on record after the agreement: silence is no evidence."
    between = len(after) - official - unattributed
    words = (
        f"Of {counted(len(after), 'incident')} in scope after the agreement, a government names "
        f"the initiator of {official} in public, companies or others alone that of {between}, and "
        f"for {unattributed} no claimant is on record"
    )
    if first:
        words += f"; the first official attribution on record is of {first}"
    said = f"commercial use is claimed for {commercial}" if commercial else (
        "commercial use is claimed for none"
    )  # fmt: skip
    words = f"{words}; {said}. A claim is not a finding."
    early = sum(r.claimed_before_start for r in after)
    if early:
        words += (
            f" For {early} the first claim is older than the start its list gives: one of the two "
            "dates is wrong, or an older operation of the same group is meant."
        )
    return words
