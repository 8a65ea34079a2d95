"""The public functions where the line between parties meets the evidence and the talks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from comity.errors import ExchangeError

if TYPE_CHECKING:
    from comity.exchange.desk import Desk
    from comity.exchange.measure import LineRecord
    from comity.exchange.model import Level, Line
    from comity.process.model import Act


@dataclass(frozen=True, slots=True)
class OnTheLine:
    """How a track's line was kept by this machine's desk: its record, and its acts by date, which
    stand in no public source."""

    record: LineRecord
    acts: tuple[Act, ...]


def provision_of(text: str) -> str:
    """Return what a message says it is about, as `INSTRUMENT` or `INSTRUMENT.NORM`, in order.

    Raises ExchangeError for an instrument or a norm of it that the register does not have.
    """
    from comity.instruments.register import load_register

    instrument, _, norm = text.strip().partition(".")
    register = load_register()
    if instrument not in register.instruments:
        raise ExchangeError(
            f"{instrument[:60]!r} is no instrument of the register: see `comity instruments`. "
            "Write us-china-2015, or us-china-2015.commercial-theft for one of its norms."
        )
    norms = sorted({p.norm for p in register.provisions if p.instrument == instrument})
    if norm and norm not in norms:
        raise ExchangeError(
            f"{instrument} has no provision on {norm[:60]!r}. It has: {', '.join(norms) or 'none'}."
        )
    return text.strip()


def evidence_bundle(key: str, marking: str = "", home: Path | None = None) -> tuple[bytes, Level]:
    """Return an incident (`dcid:43`) as a STIX bundle for a message, and the level it is marked.

    Without `marking` it is clear, as what its list's licence lets anybody have. AMBER and above say
    whose it is: then it is made by the party of the desk in `home` (`COMITY_EXCHANGE` without).
    Raises SourceError for no such incident, ExchangeError for a level that is none, for a list
    whose licence does not say that it may be passed on, and where a party is needed and no desk is.
    """
    from comity.exchange.model import Level
    from comity.incidents.load import load_evidence
    from comity.incidents.summary import find_in, find_incident, find_report
    from comity.report.export.export import known_on
    from comity.report.export.stix import incident_bundle

    find_incident(key)  # says what is wrong with a key
    evidence = load_evidence([key.partition(":")[0]])
    release = evidence.releases[0]
    if not marking and not release.redistributable:
        raise ExchangeError(
            f"The licence of {release.list} does not say that it may be passed on "
            f"({release.licence}). To send this incident all the same, on your own judgement, say "
            "how far it may go: --marking amber."
        )
    try:
        level = Level((marking or "clear").lower())
    except ValueError:
        levels = ", ".join(Level)
        raise ExchangeError(f"{marking[:40]!r} is no marking. There is: {levels}.") from None
    author = ""
    if level not in (Level.CLEAR, Level.GREEN):
        from comity.exchange.desk_config import exchange_home, load
        from comity.exchange.messages import identity_of

        author = identity_of(load(exchange_home(home)).party)
    incident, fact = find_in(evidence, key), find_report(key)
    return incident_bundle(incident, release, fact, known_on(evidence), level, author), level


def on_the_line(
    tracks: Collection[str], day: dt.date | None = None, home: Path | None = None
) -> tuple[OnTheLine, ...]:
    """Return how the lines of some tracks were kept, up to a day (INCLUSIVE), by this desk's
    journal; nothing where there is no desk or it holds none of these lines open.

    Raises ExchangeError where there is a desk and it cannot be read.
    """
    from comity.exchange.desk_config import FILE, exchange_home

    folder = exchange_home(home)
    if not (folder / FILE).exists():
        return ()
    from comity.exchange.desk import Desk

    desk = Desk.open(folder)
    try:
        return tuple(_kept(desk, line, day) for line in desk.lines() if line.id in tracks)
    finally:
        desk.close()


def _kept(desk: Desk, line: Line, day: dt.date | None) -> OnTheLine:
    from comity.exchange.measure import acts_of, line_record
    from comity.exchange.views import headers_by_thread

    now = desk.clock()
    if day is not None:
        now = min(now, dt.datetime.combine(day, dt.time.max, dt.UTC))
    threads = {
        name: [one for one in headers if one.sent <= now]
        for name, headers in headers_by_thread(desk, line).items()
    }
    record = line_record(line, threads, now, _partial(desk, line))
    return OnTheLine(record, acts_of(line, threads, _states(desk, line)))


def _states(desk: Desk, line: Line) -> dict[str, str]:
    """Return the country or body of each party whose card is known here."""
    found = {}
    for party in line.parties:
        try:
            found[party] = desk.card_of(party).country
        except ExchangeError:
            continue  # its name is said instead
    return found


def _partial(desk: Desk, line: Line) -> set[str]:
    """Return the replies that say more is to follow, as far as our keys open them."""
    from comity.exchange.model import Kind
    from comity.exchange.templates import is_partial

    found = set()
    for one in desk.messages(line.id):
        header = one.message.header
        if header.kind is Kind.REPLY:
            try:
                fields = desk.opened(one.message).fields
            except ExchangeError:
                continue  # what cannot be opened is taken for an answer
            if is_partial(header.kind, fields):
                found.add(header.id)
    return found
