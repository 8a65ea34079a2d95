"""All that the register has on one instrument: as lines of text, and as data."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from itertools import groupby

from comity.countries import country_name
from comity.instruments.model import (
    GROUPING_PREFIX,
    Commits,
    Instrument,
    PartyStatus,
    Provision,
    Register,
    Role,
    Status,
)
from comity.instruments.queries import cited_sources, get_instrument, standing_in_plain_words

NOTES = {
    Status.SEEN: "",
    Status.SECONDARY: " (taken from others, not read at its source)",
    Status.UNVERIFIED: " (not verified)",
}
PROMISES = {
    Commits.YES: "",
    Commits.NO: " Stated, not promised by anyone.",
    Commits.DISPUTED: " Whether this was promised is disputed.",
}
EACH_ON_A_LINE = 9
"""Up to so many who joined on one day have a line each; more share one."""


def plain(text: str) -> str:
    """Return text on one line without control or invisible characters, which a terminal obeys.

    >>> plain("a\\x1b[31m\\nb")
    'a [31m b'
    """
    return "".join(c if c.isprintable() else " " for c in text)


LIST_COLUMNS = (
    "id", "title", "date", "forum", "body", "standing", "parties", "norms", "status", "sources",
)  # fmt: skip


def list_rows(register: Register, found: Iterable[Instrument]) -> Iterator[tuple[str, ...]]:
    """Yield the cells of each instrument, as LIST_COLUMNS names them: a table for a spreadsheet."""
    for i in found:
        parties = " ".join(p.party for p in register.parties if p.instrument == i.id)
        norms = " ".join(dict.fromkeys(p.norm for p in register.provisions if p.instrument == i.id))
        yield (
            i.id, i.title, i.date.text, i.forum, i.body, i.standing, parties, norms, i.status,
            " ".join(i.sources),
        )  # fmt: skip


def party_names(register: Register, instrument_id: str) -> tuple[str, ...]:
    """Return the names of an instrument's parties, a grouping by its own name."""
    return tuple(_name(p) for p in register.parties if p.instrument == instrument_id)


def card_lines(register: Register, instrument_id: str, width: int = 80) -> list[str]:
    """Return a card of an instrument as lines at most `width` wide, but for long addresses.

    Numbers in brackets are of the sources at its end. Raises RegisterError for an unknown id.
    """
    instrument = get_instrument(register, instrument_id)
    marks = {s.address: s.number for s in cited_sources(register, instrument_id)}
    lines = [*_wrap(instrument.title, width, ""), instrument.id, ""]
    for heading, paragraphs in _sections(register, instrument, marks):
        lines.append(heading)
        for paragraph in paragraphs:
            lines.extend(_wrap(paragraph, width, "  "))
        lines.append("")
    lines.append("Sources")
    for source in cited_sources(register, instrument_id):
        lines.append(f"  [{source.number}] {source.status}: {plain(source.address)}")
    return lines


def card_record(register: Register, instrument_id: str) -> dict[str, object]:
    """Return the same card as data of strings, numbers, lists and dictionaries only."""
    i = get_instrument(register, instrument_id)
    return {
        "id": i.id,
        "title": i.title,
        "date": i.date.text,
        "forum": str(i.forum),
        "body": i.body,
        "standing": {
            "kind": str(i.standing),
            "in_plain_words": standing_in_plain_words(i.standing),
            "reason": i.standing_reason,
        },
        "status": str(i.status),
        "parties": [_party_record(p) for p in register.parties if p.instrument == i.id],
        "not_bound": [_party_record(p) for p in register.not_bound if p.instrument == i.id],
        "provisions": [
            _provision_record(register, p) for p in register.provisions if p.instrument == i.id
        ],
        "accounts": [
            {"topic": a.topic, "party": a.party, "date": a.date.text, "says": a.says}
            | _backing(a.sources, a.status)
            for a in register.accounts
            if a.instrument == i.id
        ],
        "follow_up": [
            {
                "id": t.id, "name": t.name, "kind": t.kind, "since": t.since.text,
                "until": t.until.text if t.until else "", "state": t.state,
            }
            | _backing(t.sources, t.status)
            for t in register.tracks
            if t.instrument == i.id
        ],
        "links": [
            {"source": k.source, "kind": k.kind, "target": k.target, "note": k.note}
            | _backing(k.sources, k.status)
            for k in register.links
            if i.id in (k.source, k.target)
        ],
        "sources": [
            {"number": s.number, "address": s.address, "status": str(s.status)}
            for s in cited_sources(register, i.id)
        ],
    }  # fmt: skip


def _sections(
    register: Register, instrument: Instrument, marks: dict[str, int]
) -> Iterator[tuple[str, list[str]]]:
    """Yield (heading, paragraphs) of a card, those without content left out."""
    i = instrument
    refs = _References(marks)
    yield "Agreed", [f"{i.date}, {i.forum}: {i.body}.{refs(i.sources, i.status)}"]
    yield "Parties", list(_party_lines(register, i, refs))
    waiting = [p for p in register.not_bound if p.instrument == i.id]
    if waiting:
        yield "Not bound yet", list(_waiting_lines(waiting, refs))
    words = f"{str(i.standing).capitalize()}. {standing_in_plain_words(i.standing)}"
    yield "Standing", [words, i.standing_reason]
    provisions = [p for p in register.provisions if p.instrument == i.id]
    if provisions:
        said = [_provision_line(register, p, refs) for p in provisions]
        if register.only_builds_confidence(i.id):
            said.append("A text of measures that build confidence: it prohibits nothing.")
        yield "What it says, in our words", said
    accounts = [a for a in register.accounts if a.instrument == i.id]
    for topic, told in groupby(accounts, key=lambda a: a.topic):
        yield (
            f"Told differently: {plain(topic)}",
            [f"{a.party}, {a.date}: {a.says}{refs(a.sources, a.status)}" for a in told],
        )
    tracks = [t for t in register.tracks if t.instrument == i.id]
    if tracks:
        yield (
            "Follow-up",
            [f"{t.name} ({t.kind}): {t.state}{refs(t.sources, t.status)}" for t in tracks],
        )
    links = [k for k in register.links if i.id in (k.source, k.target)]
    if links:
        yield (
            "Other instruments",
            [
                f"{k.source} {k.kind} {k.target}{': ' if k.note else ''}{k.note}."
                f"{refs(k.sources, k.status)}"
                for k in links
            ],
        )


class _References:
    """Turns the addresses of a row into the numbers of the list of sources."""

    def __init__(self, marks: dict[str, int]) -> None:
        self._marks = marks

    def __call__(self, addresses: Iterable[str], status: Status) -> str:
        numbers = sorted(self._marks[a] for a in addresses)
        marks = (" " if len(numbers) > EACH_ON_A_LINE else "").join(f"[{n}]" for n in numbers)
        return f" {marks}{NOTES[status]}" if numbers else ""


def _party_lines(register: Register, instrument: Instrument, refs: _References) -> Iterator[str]:
    rows = [p for p in register.parties if p.instrument == instrument.id]
    if not rows:
        joined = any(p.instrument == instrument.id for p in register.not_bound)
        yield "None known to be bound." if joined else "None: it binds nobody to anybody."
    for together in _joined_alike(rows):
        if len(together) > EACH_ON_A_LINE:
            first = together[0]
            until = f" to {first.until}" if first.until else ""
            yield f"From {first.since}{until}: {_names(together)}{_shared_refs(together, refs)}"
        else:
            yield from _each_party(together, refs)


def _each_party(rows: Iterable[PartyStatus], refs: _References) -> Iterator[str]:
    for row in rows:
        until = f" to {row.until}" if row.until else ""
        members = f", {len(row.codes)} members on that day" if _is_grouping(row) else ""
        yield f"{_name(row)}, from {row.since}{until}{members}{refs(row.sources, row.status)}"


def _waiting_lines(rows: list[PartyStatus], refs: _References) -> Iterator[str]:
    """Yield who signed or ratified without being bound, those of one day together."""
    for together in _joined_alike(rows):
        did = "ratified" if together[0].role is Role.RATIFIED else "signed"
        yield f"{_names(together)} {did} {together[0].since}{_shared_refs(together, refs)}"


def _joined_alike(rows: list[PartyStatus]) -> list[list[PartyStatus]]:
    """Return rows by role, dates and status, the earliest first."""
    alike: dict[tuple[str, ...], list[PartyStatus]] = {}
    for row in rows:
        until = row.until.text if row.until else ""
        alike.setdefault((row.role, row.since.text, until, row.status), []).append(row)
    return sorted(alike.values(), key=lambda rows: str(rows[0].since.earliest))


def _names(rows: list[PartyStatus]) -> str:
    return ", ".join(map(_name, rows))


def _shared_refs(rows: list[PartyStatus], refs: _References) -> str:
    return refs(dict.fromkeys(a for row in rows for a in row.sources), rows[0].status)


def _provision_line(register: Register, row: Provision, refs: _References) -> str:
    """Return what a provision says, then how and where; that nobody promised it only once."""
    promised_by_any = any(p.instrument == row.instrument for p in register.parties)
    promise = PROMISES[row.commits] if promised_by_any else ""
    where = f"({row.norm}, {row.strength}; {row.place})"
    return (
        f"{register.norms[row.norm].title}. {row.gloss}{promise} {where}"
        f"{refs(row.sources, row.status)}"
    )


def _party_record(row: PartyStatus) -> dict[str, object]:
    return {
        "party": row.party,
        "name": _name(row),
        "members": list(row.codes),
        "since": row.since.text,
        "until": row.until.text if row.until else "",
    } | _backing(row.sources, row.status)


def _provision_record(register: Register, row: Provision) -> dict[str, object]:
    return {
        "place": row.place,
        "norm": row.norm,
        "norm_title": register.norms[row.norm].title,
        "prohibits": register.norms[row.norm].prohibits,
        "strength": row.strength,
        "commits": str(row.commits),
        "gloss": row.gloss,
    } | _backing(row.sources, row.status)


def _backing(sources: Iterable[str], status: Status) -> dict[str, object]:
    return {"sources": list(sources), "status": str(status)}


def _is_grouping(row: PartyStatus) -> bool:
    return row.party.startswith(GROUPING_PREFIX)


def _name(row: PartyStatus) -> str:
    if _is_grouping(row):
        return row.party.removeprefix(GROUPING_PREFIX)
    return country_name(row.party)


def _wrap(text: str, width: int, indent: str) -> list[str]:
    """Return a paragraph as lines; what does not fit one line is indented further."""
    return textwrap.wrap(
        plain(text), width, initial_indent=indent, subsequent_indent=indent * 2,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
