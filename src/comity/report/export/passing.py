"""What may be said of records whose list may not be passed on: that they are there, no name.

A list's own id can hold its words (a date and a title), so that it is not passed on either: a hash
of it stands in its place. Whoever has the list can match it, nobody else can read it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import replace

from comity.incidents.model import JOIN, UNION
from comity.verification.model import Finding, Verdict

HASHED = (
    "of a list that may not be passed on, list:# and the first 16 hexadecimal digits of the "
    "SHA-256 of its own id"
)


def records_of(key: str) -> tuple[str, ...]:
    """Return the records, list:id, that an incident's key names: one, or those a union joins.

    >>> records_of("all:dcid:1 + cfr:2015-a"), records_of("dcid:1")
    (('dcid:1', 'cfr:2015-a'), ('dcid:1',))
    """
    return tuple(key.removeprefix(f"{UNION}:").split(JOIN))


def lists_of(key: str) -> frozenset[str]:
    """Return the lists of an incident's key."""
    return frozenset(record.split(":", 1)[0] for record in records_of(key))


def record_name(record: str, passed_on: Collection[str]) -> str:
    """Return a record's name, list:id, as it may be passed on.

    >>> record_name("dcid:1", ["dcid"]), record_name("cfr:2015-a-theft", ["dcid"])
    ('dcid:1', 'cfr:#98ac9687634632b0')
    """
    name, _, ident = record.partition(":")
    if name in passed_on:
        return record
    return f"{name}:#{hashlib.sha256(ident.encode()).hexdigest()[:16]}"


def reduced(verdict: Verdict, passed_on: Collection[str]) -> Verdict:
    """Return a verdict without the incidents of lists that may not be passed on.

    Its numbers stay; a caveat says how many incidents are not listed. Where findings name such an
    incident, they name its hash. A cross-examination, which goes through incidents one by one, is
    left out with them.
    """
    allowed = frozenset(passed_on)
    gone = [card for card in verdict.incidents if not lists_of(card.key) <= allowed]
    closed = frozenset().union(*(lists_of(card.key) for card in gone)) - allowed
    verdict = replace(
        verdict,
        displacement=_hashed(verdict.displacement, allowed),
        by_list=_hashed(verdict.by_list, allowed),
        by_claimant=_hashed(verdict.by_claimant, allowed),
        date_reading=_hashed(verdict.date_reading, allowed),
    )
    if not gone:
        return verdict
    counted = (
        "1 incident counted here is"
        if len(gone) == 1
        else f"{len(gone)} incidents counted here are"
    )
    said = (
        f"{counted} not listed in this file: the licence of {', '.join(sorted(closed))} does not "
        "let its incidents be passed on."
    )
    kept = tuple(card for card in verdict.incidents if lists_of(card.key) <= allowed)
    return replace(verdict, incidents=kept, caveats=(*verdict.caveats, said), examination=None)


def _hashed(finding: Finding, passed_on: Collection[str]) -> Finding:
    names = (
        JOIN.join(record_name(r, passed_on) for r in records_of(key)) for key in finding.incidents
    )
    return replace(finding, incidents=tuple(names))
