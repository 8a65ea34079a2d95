"""What a briefing says of talks and of what parties say, from the register and the talks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from comity.instruments.model import Account, Claim, Register, independent_parties
from comity.process.continuity import (
    ENDED,
    OPEN,
    SILENT,
    SUSPENDED,
    Continuity,
    continuity_of,
    known_by,
    middle,
)
from comity.process.model import Talks, Track
from comity.process.queries import TalksOnDay
from comity.report.briefing.model import Line, Run, Source, Table
from comity.report.briefing.said import day_words, line, said, short, sources_of
from comity.report.html import SAYS
from comity.report.text import clean, reply_head
from comity.verification.model import Reply

CLAIMS = {"breach": "claims a breach", "no-breach": "denies it", "decline": "reports less of it"}
NAMES_PROMISE = "Names the promise:"
ORDER = (OPEN, SUSPENDED, SILENT, ENDED)
LONGEST_REPLY = 320


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of talks that bear on an instrument or a pair, as they stood on a day."""

    talks: Talks
    found: TalksOnDay

    @property
    def pairs(self) -> tuple[tuple[Track, Continuity], ...]:
        """The tracks with their record: open ones first, then suspended, silent, ended."""
        both = zip(self.found.tracks, self.found.continuity, strict=True)
        return tuple(sorted(both, key=lambda b: ORDER.index(_rank(b[1]))))


def _rank(record: Continuity) -> str:
    return record.status.standing if record.status.standing in ORDER else ENDED


def stands(record: Continuity) -> str:
    """Return "open since 2015-09-25", or "ended 2017"."""
    status = record.status
    word = "" if status.standing == ENDED else "since "
    return f"{status.standing} {word}{day_words(status.since)}"


def lines_of_talks(
    talks: Talks,
    instrument: str,
    sides: Sequence[Collection[str]],
    day: dt.date,
    past: bool = False,
) -> Lines:
    """Return the lines of talks of an instrument, and those between the two `sides`."""
    tracks = tuple(
        t for t in talks.tracks.values()
        if ((instrument and t.instrument == instrument)
            or (sides and all(set(side) & set(t.parties) for side in sides)))
        and ((at := middle(t.founded)) is None or at <= day)
    )  # fmt: skip
    if past:  # only what was known by then is to be said
        tracks = tuple(known_by(t, day) for t in tracks)
    found = tuple(continuity_of(t, talks.of(t.id), talks.acts, day) for t in tracks)
    suspensions = tuple(s for c in found for s in c.suspensions)
    return Lines(talks, TalksOnDay("", day, tracks, found, suspensions, (), not past))


def talk_items(lines: Lines) -> tuple[Line, ...]:
    """Return one point a line of talks: how it stands, since when, why."""
    items = []
    for track, record in lines.pairs:
        status = record.status
        sure = "" if status.certain else " (contested or imprecise)"
        why = clean(status.because).rstrip(".")
        text = f"{stands(record)}{sure}{': ' if why else ''}{why}."
        if record.last_contact is not None and status.standing in (OPEN, SUSPENDED):
            text += f" Last contact on record {day_words(record.last_contact)}."
        items.append(_opened(f"{track.name}:", text, sources_of(track.name, track.sources)))
    return tuple(items)


def talk_table(lines: Lines) -> Table:
    """Return every line of talks: standing, contacts, what it survived, how far it was checked."""
    rows = []
    for track, record in lines.pairs:
        status = record.status
        told = "".join(f" {clean(a.account_of)} says: {clean(a.what)}" for a in status.accounts)
        last = f", the last {day_words(record.last_contact)}" if record.last_contact else ""
        met = [s for s in record.shocks if s.was_open and s.survived is not None]
        shocks = (
            f"{sum(bool(s.survived) for s in met)} of {len(met)} left it open" if met else "none"
        )
        rows.append(
            (
                line(track.name, sources_of(track.name, track.sources)),
                line(f"{stands(record)}. {clean(status.because)}{told}"),
                line(f"{record.contacts}{last}"),
                line(shocks),
                line(track.status),
            )
        )
    return Table(
        "Lines of talks. A shock is an act of one party against the other, from an attribution up.",
        ("Line", "How it stands", "Contacts", "Shocks while open", "Checked"),
        tuple(rows), (24, 36, 18, 12, 10),
    )  # fmt: skip


def _opened(name: str, text: str, cites: Iterable[Source]) -> Line:
    return (Run(clean(name) + " ", "strong"), said(text, cites))


def claim_source(claim: Claim) -> tuple[Source, ...]:
    """Return what a claim points to."""
    return sources_of(f"{claim.party}, {day_words(claim.date)}", (claim.source,))


def voices(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """Return one claim for each party that speaks for itself and each thing it says.

    Breach first, then denials, then less of it; of a party's several claims the first that names
    the promise, or else the first. What is short of these is left out.
    """
    found = []
    for says in ("breach", "no-breach", "decline"):
        for party in independent_parties(claims, says):
            mine = [c for c in claims if c.says == says and party in (c.party, c.independent_of)]
            own = [c for c in mine if c.party == party] or mine
            found += ([c for c in own if c.what.startswith(NAMES_PROMISE)] or own)[:1]
    return tuple(found)


def claim_items(claims: Sequence[Claim]) -> tuple[Line, ...]:
    """Return one point for each of the `voices`; what they leave out stands in the annex."""
    return tuple(
        _opened(
            c.independent_of or c.party,
            f"({day_words(c.date)}) {CLAIMS[c.says]}. {clean(c.what).rstrip('.')}.",
            claim_source(c),
        )
        for c in voices(claims)
    )


def claim_table(claims: Sequence[Claim]) -> Table:
    """Return every public claim with its source and how far that was checked."""
    rows = []
    for c in claims:
        kind = clean(c.party_kind).replace("-", " ")
        counts = f"; counts as {clean(c.independent_of)}" if c.independent_of else ""
        rows.append(
            (
                line(day_words(c.date)),
                (said(f"{c.party} "), said(f"{kind}{counts}", look="soft")),
                line(SAYS.get(c.says, c.says)),
                line(c.what, claim_source(c)),
                line(c.status),
            )
        )
    return Table(
        "Public claims. Several that count as one party's are one voice. A claim is not a finding.",
        ("Date", "Party", "Says", "What", "Checked"), tuple(rows), (12, 27, 12, 39, 10),
    )  # fmt: skip


def accounts_of(
    register: Register, instrument: str, day: dt.date | None, topics: Collection[str] = ()
) -> tuple[Account, ...]:
    """Return what parties say differently of an instrument, by `day` and on `topics` if given."""
    return tuple(
        a for a in register.accounts
        if a.instrument == instrument and (not topics or a.topic in topics)
        and (day is None or a.date.earliest is None or a.date.earliest <= day)
    )  # fmt: skip


def account_items(accounts: Sequence[Account]) -> tuple[Line, ...]:
    """Return one point a contested topic, every party's account in it: none stands alone."""
    items = []
    for topic in dict.fromkeys(a.topic for a in accounts):
        runs = [Run(f"{clean(topic)[:1].upper()}{clean(topic)[1:]}. ", "strong")]
        for a in (a for a in accounts if a.topic == topic):
            text = f"{clean(a.party)}, {day_words(a.date)}: {clean(a.says).rstrip('.')}."
            runs += [said(text, sources_of(f"{a.party}, {day_words(a.date)}", a.sources)), Run(" ")]
        items.append(tuple(runs[:-1]))
    return tuple(items)


def account_table(accounts: Sequence[Account]) -> Table:
    """Return every account with its source and how far that was checked."""
    rows = tuple(
        (
            line(a.topic), line(a.party), line(day_words(a.date)),
            line(a.says, sources_of(f"{a.party}, {day_words(a.date)}", a.sources)),
            line(str(a.status)),
        )
        for a in accounts
    )  # fmt: skip
    return Table(
        "Told differently. No account is marked as the true one.",
        ("Topic", "Party", "Date", "Says", "Checked"), rows, (20, 20, 11, 39, 10),
    )  # fmt: skip


def reply_items(replies: Sequence[Reply], most: int = LONGEST_REPLY) -> tuple[Line, ...]:
    """Return what parties reply and what was corrected, each as theirs."""
    return tuple(
        _opened(reply_head(r), short(r.text, most), sources_of(f"{r.party}, {r.date}", (r.source,)))
        for r in replies
    )
