"""Talks and the ladder of acts, as plain text for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from comity.process.continuity import (
    ENDED,
    SILENT_DAYS,
    STAND_READY,
    SURVIVED_DAYS,
    Continuity,
    Shock,
)
from comity.process.ladder import Ladder
from comity.process.model import Act, Track
from comity.process.queries import TalksOnDay, party_name
from comity.provenance import numbered
from comity.report.lines import Line, columns, wrap
from comity.report.text import clean

if TYPE_CHECKING:
    from comity.process.excitation import Estimate, Excitation

PAST = (
    "Only what had happened by that day is told: how the table describes a track today is left out."
)

NONE_SO = "None of those asked for had been founded by that day, or none stood so."
ACT_COLUMNS = (
    "id", "date", "kind", "actor", "target", "track", "rung", "what", "account_of", "status",
    "sources",
)  # fmt: skip


def talks_lines(found: TalksOnDay, width: int = 80) -> list[Line]:
    """Return each track as it stood on the day, with its silences and suspensions.

    Where a pair or a track was asked for, what happened on each track and each shock are listed
    too, with their sources; for all tracks at once that would be pages.
    """
    whole = bool(found.asked)
    told = [a.sources for c in found.continuity for a in c.acts] if whole else []
    shocks = found.shocks if whole else ()
    cited = numbered([*(t.sources for t in found.tracks), *told, *(a.sources for a, _ in shocks)])
    lines = _said(
        f"As of {found.day.isoformat()}: {_count(len(found.tracks), 'track')} of talks", width
    )
    if not found.tracks:
        return lines + _said(NONE_SO, width)
    for track, c in zip(found.tracks, found.continuity, strict=True):
        lines += [("", ""), *_track(track, c, cited, width)]
        if whole:
            lines += [line for act in c.acts for line in _act(act, cited, width, "  ")]
    if shocks:
        lines += [("", ""), *_shocks(shocks, cited, width)]
    lines += [("", ""), *_survived(found, width), *_resumed(found, width)]
    lines += [("", ""), *_said(
        "Open: founded, and neither suspended, ended nor silent, by this table. Silent: no "
        f"contact on record for {SILENT_DAYS} days; a line or a network stands ready and is never "
        "so called.",
        width,
    )]  # fmt: skip
    if not found.described:
        lines += _said(PAST, width)
    if not whole:
        lines += _said("What happened on a track: `comity process us-cn-cwg`, or us-china.", width)
    return [*lines, ("", ""), *_sources(cited)]


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _share(part: float) -> str:
    return f"{100 * part:.0f} %"


def _track(track: Track, c: Continuity, cited: dict[str, int], width: int) -> list[Line]:
    status = c.status
    marks = _marks(track.sources, cited)
    parties = ", ".join(party_name(p) for p in track.parties)
    lines: list[Line] = [
        (line, "") for line in wrap(clean(f"{track.name} ({track.id}, {track.kind})"), width)
    ]
    sure = "" if status.certain else " (contested or imprecise)"
    since = "" if status.standing == ENDED else " since"
    lines += _hang(
        f"  {status.standing}{since} {status.since}{sure}: {clean(status.because)}", width
    )
    lines += _hang(f"  between {clean(parties)}; {track.status} {marks}", width)
    if c.last_contact is not None:
        lines += _hang(
            f"  {_count(c.contacts, 'contact')} on record, the last {c.last_contact} "
            f"({c.days_since} days before); longest without one on record {c.longest_silence} days "
            f"from {c.silence_from}", width,
        )  # fmt: skip
    else:
        lines += _hang("  no contact on record: whether it met, this table does not know", width)
    for act in status.accounts:
        lines += _hang(f"  {clean(act.account_of)} says ({act.date}): {clean(act.what)}", width)
    for s in c.suspensions:
        until = f"until {s.resumed}" if s.resumed else "and had not resumed"
        until = "until the track ended" if s.ended_with else until
        days = "on that day" if s.ended_with and not s.days else f"{s.days} days"
        lines += _hang(f"  suspended {s.began} {until}, {days}: {clean(s.what)}", width)
    if c.shocks:
        share = c.share_survived
        said = "not known yet" if share is None else f"{_share(share)} left it open"
        met = sum(s.was_open for s in c.shocks)
        if c.share_met_again is not None and track.kind not in STAND_READY:
            said += f"; {_share(c.share_met_again)} were followed by a contact on it within a year"
        if share == 1 and track.kind in STAND_READY:
            said = "nothing on record shut it; whether it was used is not known"
        if not met:
            said = "none while it was open"
        others = f", {len(c.shocks) - met} more while suspended or silent" * (met < len(c.shocks))
        lines += _hang(f"  {_count(met, 'shock')} while it was open: {said}{others}", width)
    return lines


def _shocks(
    shocks: Sequence[tuple[Act, tuple[tuple[str, Shock], ...]]], cited: dict[str, int], width: int
) -> list[Line]:
    """Return each shock with the tracks it met open, and which of them it closed."""
    lines: list[Line] = [("Shocks, and the tracks that were open", "")]
    for act, taken in shocks:
        lines += _act(act, cited, width)
        met = {t: s.survived for t, s in taken if s.was_open}
        parts = [
            f"{words}: {', '.join(t for t, v in met.items() if v is value)}"
            for words, value in (("stayed open", True), ("closed", False), ("too soon", None))
            if value in met.values()
        ]
        lines += _hang(f"    {'; '.join(parts) or 'met no track open'}", width)
    return lines


def _survived(found: TalksOnDay, width: int) -> list[Line]:
    """Return how many shocks talks survived, and apart from them lines, which stand ready."""
    lines: list[Line] = []
    for ready, what in ((False, "talks"), (True, "a line or a network")):
        met, survived = found.survived(ready)
        if met:
            lines += _said(
                f"Of {_count(met, 'shock')} that met {what} open and are {SURVIVED_DAYS} days "
                f"past, {survived} left {'it' if ready else 'them'} open, that is neither "
                "suspended nor ended. A shock counts once for each track.", width,
            )  # fmt: skip
    return lines


def _resumed(found: TalksOnDay, width: int) -> list[Line]:
    open_ended = sum(s.censored for s in found.suspensions)
    total = len(found.suspensions)
    if not total:
        return _said("No suspension is on record for these tracks.", width)
    lines = _said(
        f"{_count(total, 'suspension')}, {open_ended} of them not resumed by that day.", width
    )
    if not found.resumed:
        return lines + _said("None was resumed, so no time to resume can be given.", width)
    rows = [("days", "not yet resumed", "90 % interval", "at risk")]
    for s in found.resumed:
        rows.append(
            (
                str(s.days), _share(s.share), f"{_share(s.lower)} to {_share(s.upper)}",
                str(s.at_risk),
            )
        )  # fmt: skip
    return lines + columns(rows, width, right=(0, 1))


def _act(act: Act, cited: dict[str, int], width: int, lead: str = "") -> list[Line]:
    """Return one act: its day, kind, who, what, whose account it is, sources, status."""
    who = ", ".join(party_name(p) for p in act.actor)
    told = f" (as {act.account_of} tells it)" if act.account_of else ""
    return _hang(
        lead + clean(f"{act.date}  {act.kind}, {who}: {act.what}{told} "
                     f"{_marks(act.sources, cited)} {act.status}"), width,
    )  # fmt: skip


def act_rows(acts: Iterable[Act]) -> list[tuple[object, ...]]:
    """Return acts as rows under ACT_COLUMNS."""
    return [
        (
            a.id, a.date.text, a.kind, " ; ".join(a.actor), " ; ".join(a.target), a.track, a.rung,
            a.what, a.account_of, a.status, " ".join(a.sources),
        )
        for a in acts
    ]  # fmt: skip


def act_lines(acts: Sequence[Act], width: int = 80) -> list[Line]:
    """Return acts as a dated list with their sources."""
    cited = numbered(a.sources for a in acts)
    lines = [line for a in acts for line in _act(a, cited, width)]
    return [*lines, ("", ""), *_sources(cited)]


def ladder_lines(found: Ladder, fitted: Excitation | None, width: int = 80) -> list[Line]:
    """Return the ladder between two states: shares answered, pressure, excitation, the acts."""
    one, two = party_name(found.first), party_name(found.second)
    lines = _said(
        f"Acts between {one} and {two}: {len(found.acts)} on record, {len(found.answers)} of them "
        f"steps on the ladder, the highest rung {found.highest} of 10", width,
    )  # fmt: skip
    rows = [("within", "acts", "answered", "further up", "denied only", "neither", "eased")]
    for s in found.shares:
        neither = s.acts - s.answered - s.denied_only
        rows.append(
            (
                f"{s.within} days", str(s.acts), str(s.answered), str(s.further_up),
                str(s.denied_only), str(neither), str(s.eased),
            )
        )  # fmt: skip
    lines += [("", ""), *columns(rows, width, right=(1, 2, 3, 4, 5))]
    lines += _said(
        "An answer is the next act of the other side from a statement on; further up: answered on "
        "a higher rung; eased: whatever else followed, a side held back, both agreed, or talks "
        "were taken up again. That something followed does not show "
        "that it was because of it.", width,
    )  # fmt: skip
    for p in found.pressure:
        lines += _hang(
            clean(
                f"Before {p.agreement.date}, {p.agreement.what}: "
                f"{_count(len(p.acts), 'act')} of accusation or more in the year before"
                + (f", the highest rung {p.highest}" if p.acts else "")
            ), width,
        )  # fmt: skip
    lines += [("", ""), *_excited(fitted, one, two, width), ("", "")]
    return [*lines, *act_lines(found.acts, width)]


def _excited(fitted: Excitation | None, one: str, two: str, width: int) -> list[Line]:
    if fitted is None or fitted.reason:
        why = fitted.reason if fitted else "nothing to fit"
        return _said(
            f"Whether one side's acts make the other's likelier: not identified ({why}).", width
        )

    def said(e: Estimate, known: bool) -> str:
        text = f"{e.value:.2f} ({e.lower:.2f} to {e.upper:.2f})"
        return text if known else f"{text}, not identified"

    lines = _said("Acts that one act brings about in all, 90 % intervals:", width)
    for a, name in enumerate((one, two)):
        for b, other in enumerate((one, two)):
            pull = said(fitted.pull[a][b], fitted.identified[a][b])
            lines += _hang(f"  of {name} by one of {other}: {pull}", width)
    return lines


def _marks(sources: Iterable[str], cited: dict[str, int]) -> str:
    return "".join(f"[{n}]" for n in sorted(cited[a] for a in sources))


def _sources(cited: dict[str, int]) -> list[Line]:
    return [("Sources", ""), *(("", f"  [{n}] {clean(a)}") for a, n in cited.items())]


def _said(text: str, width: int) -> list[Line]:
    return [("", line) for line in wrap(text, width)]


def _hang(text: str, width: int) -> list[Line]:
    lead = " " * (len(text) - len(text.lstrip(" ")))
    first, *rest = wrap(text, width - len(lead) - 4) or [""]
    return [("", lead + first), *(("", lead + "    " + line) for line in rest)]
