"""How much of one party a line takes in a day, so that nobody fills another's disk.

What is over it is refused with words and the reason `quota`, which its sender's desk takes as
"later": it is tried again, and taken in on the next day (in UTC, by this desk's clock). A message
that reaches the quota is still taken, so that at most one more than the quota gets in.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from comity.errors import ExchangeError, RefusedError
from comity.exchange.model import Line, Reason
from comity.exchange.notes import get_note, notes_under, put_note
from comity.exchange.tables import notes

if TYPE_CHECKING:
    from comity.exchange.heads import Head

MB = 1_000_000
TOLD_DAYS = 7  # for which the alarm stands after the last refusal


@dataclass(frozen=True, slots=True)
class Quota:
    """What each other party may bring on a line in a day: messages, and bytes of them."""

    messages: int = 10_000
    bytes: int = 200 * MB


@dataclass(frozen=True, slots=True)
class Used:
    """What was taken in of a party on a line on `day`, and the day of the last refusal, or ""."""

    day: str = ""
    messages: int = 0
    bytes: int = 0
    refused: str = ""


def names_of(line: Line) -> list[str]:
    """Return the names of the notes in which a line's quota and its use are kept."""
    return [f"quota:{line.id}", *(f"used:{line.id}:{party}" for party in line.parties)]


def read_quota(kept: Mapping[str, str], line: str) -> Quota:
    """Return the quota of a line from its note, or the usual one."""
    text = kept.get(f"quota:{line}", "")
    return Quota(**json.loads(text)) if text else Quota()


def quota_of(link: Connection, line: str) -> Quota:
    """Return the quota of a line."""
    return read_quota({f"quota:{line}": get_note(link, f"quota:{line}")}, line)


def set_quota(link: Connection, line: str, quota: Quota) -> None:
    """Keep the quota of a line. Raises ExchangeError for one that lets nothing in."""
    for name, value in asdict(quota).items():
        if not 0 < value <= 10**15:
            raise ExchangeError(f"{name} a day must be above 0; given {value}.")
    put_note(link, f"quota:{line}", json.dumps(asdict(quota)))


def used_on(link: Connection, line: str, now: dt.datetime) -> dict[str, Used]:
    """Return what each party has brought on a line today."""
    found = {p: Used(**json.loads(v)) for p, v in notes_under(link, f"used:{line}:").items()}
    return {party: _today(used, now) for party, used in found.items()}


def check_quota(head: Head, sender: str, now: dt.datetime) -> None:
    """Raise RefusedError (quota) where a party has used up what a line takes of it in a day."""
    quota, used = read_quota(head.notes, head.line.id), _used(head, sender, now)
    if used.messages < quota.messages and used.bytes < quota.bytes:
        return
    if used.refused != used.day:
        _keep(head, sender, replace(used, refused=used.day))
    raise RefusedError(
        f"{sender} has brought {used.messages:,} messages of {used.bytes / MB:,.0f} MB on this "
        f"line today; a day it takes {quota.messages:,} and {quota.bytes / MB:,.0f} MB. It is "
        "tried again, and taken in tomorrow (UTC).", Reason.QUOTA,
    )  # fmt: skip


def charge(head: Head, sender: str, size: int, now: dt.datetime) -> None:
    """Count a message of so many bytes. It is written with the transaction that holds `head`."""
    used = _used(head, sender, now)
    _keep(head, sender, replace(used, messages=used.messages + 1, bytes=used.bytes + size))


def quota_alarms(link: Connection, now: dt.datetime) -> dict[str, str]:
    """Return the parties that were refused for their quota in the last days, by line and party,
    with the day."""
    first = f"{now - dt.timedelta(days=TOLD_DAYS):%Y-%m-%d}"
    found = {}
    for name, value in notes_under(link, "used:").items():
        if (day := Used(**json.loads(value)).refused) >= first:
            found[f"quota:{name}"] = day
    return found


def load_notes(link: Connection, names: list[str]) -> dict[str, str]:
    """Return those notes of some names that there are."""
    query = select(notes).where(notes.c.name.in_(names))
    return {row.name: row.value for row in link.execute(query)}


def _used(head: Head, sender: str, now: dt.datetime) -> Used:
    text = head.notes.get(f"used:{head.line.id}:{sender}", "")
    return _today(Used(**json.loads(text)) if text else Used(), now)


def _today(used: Used, now: dt.datetime) -> Used:
    day = f"{now.astimezone(dt.UTC):%Y-%m-%d}"
    return used if used.day == day else Used(day, refused=used.refused)


def _keep(head: Head, sender: str, used: Used) -> None:
    name = f"used:{head.line.id}:{sender}"
    head.notes[name] = head.fresh_notes[name] = json.dumps(asdict(used))
