"""Talks: lines of talks as they stood on a day, and the tracks of a pair or a group in full."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import lru_cache, partial

from comity.countries import country_name
from comity.errors import RegisterError
from comity.process.continuity import (
    MET_AGAIN_DAYS,
    SILENT_DAYS,
    STAND_READY,
    SURVIVED_DAYS,
    Continuity,
)
from comity.process.model import Act, Track
from comity.process.queries import (
    STANDINGS,
    TalksOnDay,
    pair_of,
    party_name,
    talks_on,
    tracks_of,
)
from comity.process.register import load_talks
from comity.report.plain import plain
from comity.web.page import Asked, Page, Sheet, View
from comity.web.pages.shared import AS_OF, day_of, or_missing
from comity.web.parameters import Parameter, Values

COLUMNS = (
    "track", "name", "kind", "parties", "standing", "since", "certain", "because", "contacts",
    "last_contact", "days_since", "longest_silence", "silence_from", "suspensions", "shocks",
    "share_survived", "status", "sources",
)  # fmt: skip
STANDING = Parameter("standing", "only those that stand so", "choice", STANDINGS)


@lru_cache(maxsize=64)
def _on(whose: str, day: dt.date, standing: str = "") -> TalksOnDay:
    talks = load_talks()
    pair = pair_of(whose)
    if whose and pair and whose not in talks.tracks:
        try:
            tracks_of(talks, whose)
        except RegisterError:  # two states without a line of talks: their acts may be on record
            return TalksOnDay(whose, day, (), (), (), ())
    return talks_on(talks, whose, day, standing)


@lru_cache(maxsize=64)
def _drawn(whose: str, day: dt.date, standing: str = "") -> str:
    from comity.report.process_chart import talks_svg

    return talks_svg(load_talks(), _on(whose, day, standing))


@lru_cache(maxsize=64)
def _resumed(whose: str, day: dt.date) -> str:
    from comity.report.resume_chart import resume_svg

    found = _on(whose, day)
    last = max((s.days for s in found.suspensions), default=0)
    return resume_svg(found.resumed, len(found.suspensions), last)


def slug_of(parties: Sequence[str]) -> str:
    """Return how an address names two states, empty for other parties.

    >>> slug_of(("US", "CN")), slug_of(("x-un",))
    ('us-china', '')
    """
    if len(parties) != 2 or not all(len(p) == 2 and p.isupper() for p in parties):
        return ""
    names = [country_name(p).lower() for p in parties]
    words = "-".join(n if n.isalpha() else p.lower() for n, p in zip(names, parties, strict=True))
    codes = "-".join(p.lower() for p in parties)
    return words if pair_of(words) == tuple(parties) else codes


def outlived(c: Continuity) -> tuple[int, int]:
    """Return how many shocks that met a track open left it open, of how many whose time is past."""
    known = [s.survived for s in c.shocks if s.was_open and s.survived is not None]
    return sum(known), len(known)


def met_again(c: Continuity) -> tuple[int, int]:
    """Return how many of the shocks that met a track open were followed by a contact on it."""
    known = [s.met_again for s in c.shocks if s.was_open and s.met_again is not None]
    return sum(known), len(known)


def _survived(found: TalksOnDay) -> list[tuple[str, int, int]]:
    """Return, of talks and of what stands ready, the shocks that met them open and how many of
    those left them so."""
    both = (("talks", *found.survived(False)), ("ready", *found.survived(True)))
    return [(what, met, left) for what, met, left in both if met]


def since_words(values: Values) -> str:
    """Return the option that asks a command for the same day, empty for today."""
    return f" --as-of {values['as_of']}" if "as_of" in values else ""


def _rows(found: TalksOnDay) -> tuple[tuple[object, ...], ...]:
    return tuple(_row(t, c) for t, c in zip(found.tracks, found.continuity, strict=True))


def _row(t: Track, c: Continuity) -> tuple[object, ...]:
    return (
        t.id, t.name, t.kind, "; ".join(t.parties), c.status.standing, c.status.since.text,
        "yes" if c.status.certain else "no", c.status.because, c.contacts,
        c.last_contact.text if c.last_contact else "", c.days_since, c.longest_silence,
        c.silence_from, len(c.suspensions), len(c.shocks), c.share_survived, t.status,
        " ".join(t.sources),
    )  # fmt: skip


def talks(asked: Asked) -> Page:
    """Return every line of talks as it stood on a day."""
    day, wanted = day_of(asked), asked.values.get("standing", "")
    every, found = _on("", day), _on("", day, wanted)
    shown = list(zip(found.tracks, found.continuity, strict=True))
    counts: dict[str, int] = {}
    for c in every.continuity:
        counts[c.status.standing] = counts.get(c.status.standing, 0) + 1
    pairs = dict.fromkeys(s for t in load_talks().tracks.values() if (s := slug_of(t.parties)))
    words = {s: " – ".join(party_name(p) for p in pair_of(s) or ()) for s in pairs}
    return Page(
        "talks.html.j2", asked.world.texts("talks.title"),
        {
            "day": day, "rows": shown, "counts": counts, "total": len(every.tracks), "pairs": words,
            "slug": slug_of, "party": party_name, "survived": _survived(every),
            "survived_days": SURVIVED_DAYS, "silent_days": SILENT_DAYS,
            "standings": [(s, asked.world.texts.coded(s, "stands")) for s in STANDING.allowed],
            "outlived": outlived,
        },
        data=plain(found), sheet=Sheet(COLUMNS, tuple(_row(t, c) for t, c in shown)),
        charts={"tracks": partial(_drawn, "", day, wanted)} if shown else {},
        command=f"comity process{since_words(asked.values)}"
                + (f" --standing {wanted}" if wanted else ""),
        python=_python("", day, wanted),
    )  # fmt: skip


def _python(whose: str, day: dt.date, standing: str = "") -> str:
    return (
        "import datetime\nfrom comity.process.queries import talks_on\n"
        "from comity.process.register import load_talks\n"
        f"talks_on(load_talks(), {whose!r}, datetime.date.fromisoformat('{day}')"
        + (f", {standing!r})" if standing else ")")
    )


def lines(asked: Asked) -> Page:
    """Return the tracks of a pair or a group in full: meetings, silences, shocks, accounts."""
    whose, day = asked.names["whose"], day_of(asked)
    found = or_missing(partial(_on, whose, day))
    pair = pair_of(whose)
    title = " – ".join(party_name(p) for p in pair) if pair else whose
    if len(found.tracks) == 1 and whose in load_talks().tracks:
        title = found.tracks[0].name
    return Page(
        "talks_of.html.j2", asked.world.texts("talks.of", whose=title),
        {
            "whose": whose, "day": day, "pair": pair, "found": found, "survived": _survived(found),
            "rows": list(zip(found.tracks, found.continuity, strict=True)), "party": party_name,
            "told": {c.track: told_apart(c.acts) for c in found.continuity},
            "ready_kinds": STAND_READY, "survived_days": SURVIVED_DAYS,
            "silent_days": SILENT_DAYS, "again_days": MET_AGAIN_DAYS, "spelled": spelled,
            "outlived": outlived, "met_again": met_again,
        },
        data=plain(found), sheet=Sheet(COLUMNS, _rows(found)),
        charts=_charts(found, whose, day),
        command=f"comity process {whose}{since_words(asked.values)}", python=_python(whose, day),
    )  # fmt: skip


def _charts(found: TalksOnDay, whose: str, day: dt.date) -> dict[str, partial[str]]:
    charts = {"tracks": partial(_drawn, whose, day)} if found.tracks else {}
    return charts | ({"resumed": partial(_resumed, whose, day)} if found.resumed else {})


def told_apart(acts: Iterable[Act]) -> list[list[Act]]:
    """Return the facts that parties tell differently, each with every account of it."""
    by_fact: dict[str, list[Act]] = {}
    for act in acts:
        by_fact.setdefault(act.fact, []).append(act)
    return [some for some in by_fact.values() if any(a.account_of for a in some)]


def spelled(text: str) -> str:
    """Return text with country codes as names.

    >>> spelled("GB and US"), spelled("Press")
    ('United Kingdom and United States', 'Press')
    """
    return " ".join(_spelled(word) for word in text.split(" "))


def _spelled(word: str) -> str:
    code = word.rstrip(",;")
    if len(code) != 2 or not code.isupper():
        return word
    return party_name(code) + word[2:]


VIEWS = (
    View("talks", "/talks", "Every line of talks as it stood on a day", talks, (AS_OF, STANDING)),
    View("talks-of", "/talks/{whose}", "The lines of talks of a pair or a group", lines, (AS_OF,)),
)
