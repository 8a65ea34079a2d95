"""How a track stands on a day, how long it was silent, what it survived, how soon it resumed.

A track that nobody ended is not thereby alive: one without a contact on record for SILENT_DAYS is
silent. Lines and contact networks stand ready without being used, so silence says nothing of them.

Every measure is taken as of a day: what happened later is not used, and a suspension that still
holds, or a silence that still lasts, is censored there. Imprecise dates are read at the middle of
the days they allow for durations; a standing that such a date leaves open is said to be so.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from comity.dates import ImpreciseDate
from comity.process.model import CONTACT, SHOCK_RUNG, Act, ActKind, Track, TrackKind
from comity.saying import joined, say

OPEN, SUSPENDED, ENDED, NOT_YET = "open", "suspended", "ended", "not yet founded"
SILENT = "silent"
NO_CONTACT = say("talks.no_contact_after")
NEVER_MET = say("talks.never_met")
ENDS_HERE = say("talks.ends_here")  # where what is said of it today may not be
SURVIVED_DAYS = 90
SILENT_DAYS = 730
MET_AGAIN_DAYS = 365
STAND_READY = (TrackKind.HOTLINE, TrackKind.NETWORK)


@dataclass(frozen=True, slots=True)
class TrackStatus:
    """How a track stands on a day. `since` is the date of the act that made it so; `certain` is
    False where an imprecise date or a contested fact leaves it open; `accounts` are told acts."""

    track: str
    day: dt.date
    standing: str
    since: ImpreciseDate
    certain: bool
    because: str
    accounts: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class Suspension:
    """A suspension and its end; `days` until it resumed, or until the day of looking (censored).

    Where the track ended before it resumed, it is censored on that day: `ended_with` says so.
    """

    track: str
    began: ImpreciseDate
    resumed: ImpreciseDate | None
    days: int
    censored: bool
    what: str
    ended_with: bool = False


@dataclass(frozen=True, slots=True)
class Shock:
    """An act from SHOCK_RUNG on between a track's parties, and whether the track stayed open.

    `survived` is None where SURVIVED_DAYS have not passed, `met_again` (a contact on it within
    MET_AGAIN_DAYS) where those have not and there was none yet.
    """

    act: Act
    was_open: bool
    survived: bool | None
    met_again: bool | None


@dataclass(frozen=True, slots=True)
class Continuity:
    """A track's record as of a day; days are whole days, `acts` what happened on it by then."""

    track: str
    day: dt.date
    status: TrackStatus
    contacts: int
    last_contact: ImpreciseDate | None
    days_since: int | None
    longest_silence: int | None
    silence_from: dt.date | None
    suspensions: tuple[Suspension, ...]
    shocks: tuple[Shock, ...]
    acts: tuple[Act, ...]

    @property
    def share_met_again(self) -> float | None:
        """Of the shocks that met the track open, the share after which its parties met on it."""
        known = [s.met_again for s in self.shocks if s.was_open and s.met_again is not None]
        return sum(known) / len(known) if known else None

    @property
    def share_survived(self) -> float | None:
        """Of the shocks that met the track open, the share that left it open."""
        known = [s.survived for s in self.shocks if s.was_open and s.survived is not None]
        return sum(known) / len(known) if known else None


@dataclass(frozen=True, slots=True)
class SurvivalStep:
    """The Kaplan-Meier curve from `days` on: share not yet resumed, with its interval."""

    days: int
    share: float
    lower: float
    upper: float
    at_risk: int
    resumed: int


def middle(date: ImpreciseDate) -> dt.date | None:
    """Return the middle of the days a date allows; an open or unknown end is left out."""
    first, last = date.earliest, date.latest
    if first is None or last is None:
        return first or last
    return first + (last - first) // 2


def known_by(track: Track, day: dt.date) -> Track:
    """Return a track as it can be told of a day that is past: without the table's description of
    how it stands today, and without an end that was still to come."""
    ended = track.ended if track.ended and (middle(track.ended) or dt.date.min) <= day else None
    return replace(track, state="", ended=ended)


def status_on(track: Track, acts: Sequence[Act], day: dt.date) -> TrackStatus:
    """Return how a track stands on a day by what had happened by then.

    A later act outweighs an earlier one. Meetings reopen nothing: a suspension ends with a
    resumption, or with the track.
    """
    contested = tuple(a for a in acts if a.account_of and _on_standing(a))
    steps: list[tuple[ImpreciseDate, str, str]] = [(track.founded, OPEN, track.founding)]
    for act in acts:
        if act.account_of and any(
            other.fact == act.fact and other.id < act.id for other in contested
        ):
            continue  # the first account places the fact; all are listed
        if act.kind is ActKind.SUSPENSION:
            steps.append((act.date, SUSPENDED, act.what))
        elif act.kind is ActKind.RESUMPTION:
            steps.append((act.date, OPEN, act.what))
        elif act.kind is ActKind.END:
            steps.append((act.date, ENDED, act.what))
    if track.ended is not None:
        steps.append((track.ended, ENDED, track.state or ENDS_HERE))
    steps.sort(key=lambda s: middle(s[0]) or dt.date.min)
    standing, since, because, certain = NOT_YET, track.founded, "", True
    for date, becomes, why in steps:
        at = middle(date) or dt.date.min
        if date.earliest and date.latest and date.earliest <= day < date.latest:
            certain = False
        if at <= day and standing != ENDED:
            standing, since, because = becomes, date, why
    if standing == OPEN and track.kind not in STAND_READY:
        touched = _touched(acts, day)
        last = max([at for at in (middle(since), *(at for at, _ in touched)) if at], default=None)
        if last is not None and (day - last).days > SILENT_DAYS:
            date = touched[-1][1] if touched and touched[-1][0] == last else since
            because = joined(
                filter(None, (NO_CONTACT if touched else NEVER_MET, track.state)), "; "
            )
            standing, since = SILENT, date
    told = tuple(a for a in contested if (middle(a.date) or dt.date.min) <= day)
    return TrackStatus(track.id, day, standing, since, certain and not told, because, told)


def _touched(acts: Sequence[Act], day: dt.date) -> list[tuple[dt.date, ImpreciseDate]]:
    """Return the contacts on a track up to a day, by date."""
    found = [
        (at, a.date) for a in acts
        if a.kind in CONTACT and not a.account_of and (at := middle(a.date)) and at <= day
    ]  # fmt: skip
    return sorted(found, key=lambda t: t[0])


def _on_standing(act: Act) -> bool:
    return act.kind in (ActKind.SUSPENSION, ActKind.RESUMPTION, ActKind.END, ActKind.MEETING)


def suspensions_of(track: Track, acts: Sequence[Act], day: dt.date) -> tuple[Suspension, ...]:
    """Return every suspension begun by a day, each with its resumption or censored there."""
    found: list[Suspension] = []
    begun: Act | None = None
    for act in sorted(acts, key=lambda a: middle(a.date) or dt.date.min):
        at = middle(act.date)
        if at is None or at > day:
            continue
        if act.kind is ActKind.SUSPENSION and begun is None:
            begun = act
        elif act.kind is ActKind.RESUMPTION and begun is not None:
            found.append(_closed(track, begun, act.date, at, False))
            begun = None
    if begun is not None:
        ended = middle(track.ended) if track.ended else None
        over = ended is not None and ended <= day
        until = ended if ended is not None and over else day
        found.append(replace(_closed(track, begun, None, until, True), ended_with=over))
    return tuple(found)


def _closed(
    track: Track, begun: Act, resumed: ImpreciseDate | None, until: dt.date, censored: bool
) -> Suspension:
    from_day = middle(begun.date) or until
    days = max((until - from_day).days, 0)
    return Suspension(track.id, begun.date, resumed, days, censored, begun.what)


def continuity_of(
    track: Track, acts: Sequence[Act], everything: Sequence[Act], day: dt.date
) -> Continuity:
    """Return a track's record as of a day; `everything` holds the acts from which shocks come."""
    contacts = _touched(acts, day)
    touched = [at for at, _ in contacts]
    ended = middle(track.ended) if track.ended else None
    until = min(day, ended) if ended else day
    gaps = [(b - a).days for a, b in pairwise([*touched, until])] if touched else []
    longest = max(range(len(gaps)), key=gaps.__getitem__) if gaps else None
    return Continuity(
        track.id, day, status_on(track, acts, day), len(touched),
        contacts[-1][1] if contacts else None,
        (day - touched[-1]).days if touched else None,
        None if longest is None else max(gaps[longest], 0),
        None if longest is None else touched[longest],
        suspensions_of(track, acts, day), _shocks(track, acts, everything, day),
        tuple(a for a in acts if (at := middle(a.date)) is not None and at <= day),
    )  # fmt: skip


def _shocks(
    track: Track, acts: Sequence[Act], everything: Sequence[Act], day: dt.date
) -> tuple[Shock, ...]:
    """Return acts from SHOCK_RUNG on of one party towards another, and how the track took them."""
    parties, found = set(track.parties), []
    for act in everything:
        at = middle(act.date)
        if act.rung < SHOCK_RUNG or at is None or at > day or act.track == track.id:
            continue
        if not (parties & set(act.actor) and (parties - set(act.actor)) & set(act.target)):
            continue
        before = status_on(track, acts, at - dt.timedelta(days=1)).standing
        if before in (NOT_YET, ENDED):
            continue
        after = at + dt.timedelta(days=SURVIVED_DAYS)
        survived = None if after > day else _stayed(track, acts, at, after)
        again = any(at < met <= at + dt.timedelta(days=MET_AGAIN_DAYS)
                    for met, _ in _touched(acts, day))  # fmt: skip
        known = again or at + dt.timedelta(days=MET_AGAIN_DAYS) <= day
        found.append(Shock(act, before == OPEN, survived, again if known else None))
    return tuple(found)


def _stayed(track: Track, acts: Sequence[Act], first: dt.date, last: dt.date) -> bool:
    """Say whether a track was neither suspended nor ended from a day to another."""
    closed = [
        a.date for a in acts if a.kind in (ActKind.SUSPENSION, ActKind.END)
    ] + ([track.ended] if track.ended else [])  # fmt: skip
    return not any((at := middle(d)) is not None and first <= at <= last for d in closed)


def time_to_resume(suspensions: Sequence[Suspension], z: float = 1.645) -> tuple[SurvivalStep, ...]:
    """Return the Kaplan-Meier curve of days until talks resumed, with Greenwood's interval on the
    log-minus-log scale; suspensions that still hold are censored."""
    resumed = [s.days for s in suspensions if not s.censored]
    share, variance, steps = 1.0, 0.0, []
    for at in sorted(set(resumed)):
        risk, events = sum(s.days >= at for s in suspensions), resumed.count(at)
        share *= 1 - events / risk
        variance += events / (risk * (risk - events)) if risk > events else math.inf
        lower, upper = _interval(share, variance, z)
        steps.append(SurvivalStep(at, share, lower, upper, risk, events))
    return tuple(steps)


def _interval(share: float, variance: float, z: float) -> tuple[float, float]:
    if not 0 < share < 1 or not math.isfinite(variance):
        return (0.0, 1.0) if share > 0 else (0.0, 0.0)
    width = z * math.sqrt(variance) / abs(math.log(share))
    return share ** math.exp(width), share ** math.exp(-width)
