"""Questions to the talks: whose tracks, and how they stood on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from comity.countries import country_name, resolve_country
from comity.errors import RegisterError
from comity.process.continuity import (
    ENDED,
    OPEN,
    SILENT,
    STAND_READY,
    SUSPENDED,
    Continuity,
    Shock,
    SurvivalStep,
    Suspension,
    continuity_of,
    known_by,
    middle,
    time_to_resume,
)
from comity.process.model import Act, Talks, Track
from comity.saying import say

MONTH = 31
STANDINGS = (OPEN, SILENT, SUSPENDED, ENDED)
BODIES = {"x-un": "United Nations", "x-eu": "European Union", "x-allies": say("party.allies")}


@dataclass(frozen=True, slots=True)
class TalksOnDay:
    """Some tracks as they stood on a day, with how long suspensions lasted over all of them.

    `described`: the tracks carry the table's description of how they stand today, which a past day
    could not know.
    """

    asked: str
    day: dt.date
    tracks: tuple[Track, ...]
    continuity: tuple[Continuity, ...]
    suspensions: tuple[Suspension, ...]
    resumed: tuple[SurvivalStep, ...]
    described: bool = True

    def survived(self, stand_ready: bool) -> tuple[int, int]:
        """Shocks that met talks open (or lines and networks, which stand ready) and whose time
        has passed, and those that left them open."""
        known = [
            s.survived for t, c in zip(self.tracks, self.continuity, strict=True) for s in c.shocks
            if (t.kind in STAND_READY) is stand_ready and s.was_open and s.survived is not None
        ]  # fmt: skip
        return len(known), sum(known)

    @property
    def shocks(self) -> tuple[tuple[Act, tuple[tuple[str, Shock], ...]], ...]:
        """Each act that was a shock, by day, with (track, how it took it) for each track."""
        acts: dict[str, Act] = {}
        taken: dict[str, list[tuple[str, Shock]]] = {}
        for c in self.continuity:
            for s in c.shocks:
                acts[s.act.id] = s.act
                taken.setdefault(s.act.id, []).append((c.track, s))
        by_day = sorted(acts, key=lambda i: (middle(acts[i].date) or dt.date.min, i))
        return tuple((acts[i], tuple(taken[i])) for i in by_day)


def pair_of(text: str) -> tuple[str, str] | None:
    """Return the two countries of a text such as us-china or "US CN"; None where it names no pair.

    >>> pair_of("us-china")
    ('US', 'CN')
    """
    parts = [p for p in text.replace("_", "-").replace(" ", "-").split("-") if p]
    for cut in range(1, len(parts)):
        both = [" ".join(parts[:cut]), " ".join(parts[cut:])]
        codes = [_code(p) for p in both]
        if codes[0] and codes[1]:
            return codes[0], codes[1]
    return None


def _code(text: str) -> str:
    for spelling in (text, text.upper(), text.title()):
        if code := resolve_country(spelling):
            return code
    return ""


def tracks_of(talks: Talks, text: str) -> tuple[Track, ...]:
    """Return the tracks of a pair (us-china), a track by its id, or those whose id or name begins
    or holds the text. Raises RegisterError naming what there is."""
    if not text:
        return tuple(talks.tracks.values())
    if text in talks.tracks:
        return (talks.tracks[text],)
    pair = pair_of(text)
    if pair and pair[0] == pair[1]:
        raise RegisterError(f"{text!r} names one state twice; a pair is written us-china.")
    if pair:
        found = tuple(t for t in talks.tracks.values() if set(pair) <= set(t.parties))
        if found:
            return found
    wanted = text.casefold()
    found = tuple(
        t for t in talks.tracks.values()
        if t.id.startswith(wanted) or wanted in t.name.casefold()
    )  # fmt: skip
    if found:
        return found
    raise RegisterError(
        f"No track of talks fits {text!r}. There are: {', '.join(talks.tracks)}. A pair is written "
        "us-china."
    )


def talks_on(
    talks: Talks, text: str, day: dt.date, standing: str = "", today: dt.date | None = None
) -> TalksOnDay:
    """Return tracks as they stood on a day, by what had happened by then; with `standing` only
    those that stood so. Of a day before `today` nothing later is told: tracks are then `known_by`
    that day. Raises RegisterError for a track or a standing there is not."""
    if standing and standing not in STANDINGS:
        raise RegisterError(f"A track stands {', '.join(STANDINGS)}; not {standing!r}.")
    founded = (t for t in tracks_of(talks, text) if (at := middle(t.founded)) is None or at <= day)
    described = day >= (today or dt.date.today())
    as_told = (t if described else known_by(t, day) for t in founded)
    both = [(t, continuity_of(t, talks.of(t.id), talks.acts, day)) for t in as_told]
    both = [(t, c) for t, c in both if c.status.standing == (standing or c.status.standing)]
    tracks, found = tuple(t for t, _ in both), tuple(c for _, c in both)
    suspensions = tuple(s for c in found for s in c.suspensions)
    resumed = time_to_resume(suspensions)
    return TalksOnDay(text, day, tracks, found, suspensions, resumed, described)


def bearing_on(talks: Talks, states: Collection[str]) -> tuple[tuple[dt.date, Act], ...]:
    """Return acts that may have changed the conduct of some states, each with its day, by day.

    An act known to a month is placed at its middle; one known less precisely is left out, and so
    is a second account of the same fact.
    """
    found: dict[str, tuple[dt.date, Act]] = {}
    for act in talks.acts:
        first, last, at = act.date.earliest, act.date.latest, middle(act.date)
        if first is None or last is None or at is None or (last - first).days > MONTH:
            continue
        if set(states) & set(act.bears_on):
            found.setdefault(act.fact, (at, act))
    return tuple(sorted(found.values(), key=lambda f: (f[0], f[1].id)))


def party_name(code: str) -> str:
    """Return a party's name: a country's, or a body's as it is written.

    >>> party_name("CN"), party_name("x-osce"), party_name("x-un"), party_name("grouping:OAS")
    ('China', 'OSCE', 'United Nations', 'OAS')
    """
    if code in BODIES:
        return BODIES[code]
    if len(code) == 2 and code.isupper():
        return country_name(code)
    if code.startswith("x-"):
        return code.removeprefix("x-").upper()
    return code.removeprefix("grouping:")
