"""Questions to the register: which instruments, in what standing, on whose word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from comity.countries import groupings, resolve_country
from comity.dates import ImpreciseDate, parse_date
from comity.errors import DateError, RegisterError
from comity.instruments.model import (
    GROUPING_PREFIX,
    Account,
    Forum,
    Instrument,
    Link,
    Norm,
    PartyStatus,
    Provision,
    Register,
    Standing,
    Status,
    Track,
)
from comity.saying import say

PLAIN_WORDS = {
    Standing.TREATY: say("plainly.treaty"),
    Standing.RESOLUTION: say("plainly.resolution"),
    Standing.REPORT: say("plainly.report"),
    Standing.COMMITMENT: say("plainly.commitment"),
    Standing.STATEMENT: say("plainly.statement"),
    Standing.PROPOSAL: say("plainly.proposal"),
    Standing.RESTATEMENT: say("plainly.restatement"),
    Standing.NON_STATE: say("plainly.non_state"),
}
_Row = Instrument | Norm | Provision | PartyStatus | Link | Track | Account
_RANK = (Status.SEEN, Status.SECONDARY, Status.UNVERIFIED)


@dataclass(frozen=True, slots=True)
class CitedSource:
    """One address a card cites; `status` is the best of the rows that rest on it."""

    number: int
    address: str
    status: Status


def standing_in_plain_words(standing: Standing) -> str:
    """Return one sentence that says what a standing means to somebody who is no lawyer.

    >>> standing_in_plain_words(Standing.COMMITMENT)
    'A promise in politics, not in law: its breach has no legal remedy.'
    """
    return PLAIN_WORDS[standing]


def find_instruments(
    register: Register,
    *,
    norm: str = "",
    party: str = "",
    forum: str = "",
    standing: str = "",
    since: str = "",
    until: str = "",
    text: str = "",
) -> tuple[Instrument, ...]:
    """Return the instruments that meet every condition given, by date and then by id.

    `party` is a country in any spelling or a grouping; `since` and `until` are EDTF and INCLUSIVE
    (an instrument counts where its date may lie between); `text` is looked for in titles, norms
    and provisions, whatever the case. Raises RegisterError for a norm, party, forum or standing
    that is not known, and DateError for a date that is none.
    """
    wanted_norm = _known_norm(register, norm)
    wanted_party = _known_party(party)
    wanted_forum = _known(forum, tuple(Forum), "forum")
    wanted_standing = _known(standing, tuple(Standing), "standing")
    first, last = _bound(since), _bound(until)
    if first and last and first.earliest and last.latest and last.latest < first.earliest:
        raise DateError(f"From {since} to {until} is no time: the end is before the beginning.")

    def fits(instrument: Instrument) -> bool:
        return (
            wanted_norm in ("", *_norms_of(register, instrument.id))
            and (not wanted_party or wanted_party in _parties_of(register, instrument.id))
            and wanted_forum in ("", instrument.forum)
            and wanted_standing in ("", instrument.standing)
            and _within(instrument.date, first, last)
            and text.casefold() in _words_of(register, instrument)
        )

    return tuple(sorted(filter(fits, register.instruments.values()), key=_by_date))


def get_instrument(register: Register, instrument_id: str) -> Instrument:
    """Return one instrument. Raises RegisterError naming the ids there are."""
    if instrument_id not in register.instruments:
        known = ", ".join(sorted(register.instruments))
        near = get_close_matches(instrument_id, register.instruments)
        nearest = f" Nearest: {', '.join(near)}." if near else ""
        raise RegisterError(
            f"There is no instrument {instrument_id!r}.{nearest} There are: {known}. "
            "`comity instruments` lists them with their titles."
        )
    return register.instruments[instrument_id]


def links_of_each(register: Register) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return what each instrument takes up, as (kind, instrument), by its id."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for link in register.links:
        found[link.source] = (*found.get(link.source, ()), (str(link.kind), link.target))
    return found


def cited_sources(register: Register, instrument_id: str) -> tuple[CitedSource, ...]:
    """Return every address that rows on an instrument rest on, numbered from 1 as first cited."""
    best: dict[str, Status] = {}
    for addresses, status in _cited(register, instrument_id):
        for address in addresses:
            best[address] = min(best.get(address, status), status, key=_RANK.index)
    return tuple(
        CitedSource(number, address, status)
        for number, (address, status) in enumerate(best.items(), start=1)
    )


def count_statuses(register: Register) -> dict[str, dict[Status, int]]:
    """Return how many rows of each table were seen, taken from others, or not verified."""
    tables: dict[str, Sequence[_Row]] = {
        "instruments": tuple(register.instruments.values()),
        "norms": tuple(register.norms.values()),
        "provisions": register.provisions,
        "parties": (*register.parties, *register.not_bound),
        "links": register.links,
        "tracks": register.tracks,
        "accounts": register.accounts,
    }
    return {
        name: {status: sum(row.status is status for row in rows) for status in Status}
        for name, rows in tables.items()
    }


def _cited(register: Register, instrument_id: str) -> Iterator[tuple[tuple[str, ...], Status]]:
    """Yield addresses and status of each row on an instrument, in the order a card shows them."""
    instrument = register.instruments[instrument_id]
    yield instrument.sources, instrument.status
    rows: list[PartyStatus | Provision | Account | Track]
    rows = [*register.parties, *register.not_bound, *register.provisions]
    rows += [*register.accounts, *register.tracks]
    for row in rows:
        if row.instrument == instrument_id:
            yield row.sources, row.status
    for link in register.links:
        if instrument_id in (link.source, link.target):
            yield link.sources, link.status


def _by_date(instrument: Instrument) -> tuple[str, str]:
    return str(instrument.date.earliest), instrument.id


def _norms_of(register: Register, instrument_id: str) -> set[str]:
    return {p.norm for p in register.provisions if p.instrument == instrument_id}


def _parties_of(register: Register, instrument_id: str) -> set[str]:
    rows = [p for p in register.parties if p.instrument == instrument_id]
    return {p.party for p in rows} | {code for p in rows for code in p.codes}


def _words_of(register: Register, instrument: Instrument) -> str:
    provisions = [p for p in register.provisions if p.instrument == instrument.id]
    norms = [register.norms[p.norm] for p in provisions]
    words = [instrument.id, instrument.title, instrument.body]
    words += [p.gloss for p in provisions] + [f"{n.title} {n.gloss}" for n in norms]
    return "\n".join(words).casefold()


def _within(date: ImpreciseDate, first: ImpreciseDate | None, last: ImpreciseDate | None) -> bool:
    """Say whether a date may lie from the first day of one to the last day of another."""
    begins = first is None or not (first.earliest and date.latest and date.latest < first.earliest)
    ends = last is None or not (last.latest and date.earliest and date.earliest > last.latest)
    return begins and ends


def _bound(text: str) -> ImpreciseDate | None:
    if not text:
        return None
    date = parse_date(text)
    if not date.known:
        raise DateError(f"{text!r} has no first and last day: give one such as 2015 or 2015-09.")
    return date


def _known_norm(register: Register, norm: str) -> str:
    if norm and norm not in register.norms:
        raise RegisterError(f"There is no norm {norm!r}. There are: {', '.join(register.norms)}.")
    return norm


def _known_party(party: str) -> str:
    """Return a country's code, or `grouping:NAME`; AU is Australia, `grouping:AU` the union."""
    code = resolve_country(party) or resolve_country(party.upper())
    if not party or code:
        return code or ""
    name = party.removeprefix(GROUPING_PREFIX).casefold()
    for grouping in groupings():
        if name == grouping.casefold():
            return f"{GROUPING_PREFIX}{grouping}"
    raise RegisterError(
        f"No country or grouping is called {party!r}. Give a name, an ISO code such as CN, "
        f"or one of {', '.join(groupings())}."
    )


def _known(value: str, allowed: tuple[str, ...], what: str) -> str:
    """Return the allowed value that `value` begins or equals; empty where none is asked for."""
    if not value:
        return ""
    fits = [a for a in allowed if a.casefold().startswith(value.casefold())]
    if len(fits) != 1:
        raise RegisterError(f"There is no {what} {value!r}. Allowed are: {', '.join(allowed)}.")
    return fits[0]
