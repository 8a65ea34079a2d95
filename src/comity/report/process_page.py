"""Talks, the ladder of acts, and what was carried out, as plain text for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from comity.process.continuity import SILENT_DAYS, STAND_READY, SURVIVED_DAYS, Continuity
from comity.process.excitation import Estimate, Excitation
from comity.process.ladder import Ladder
from comity.process.model import Act, Enforcement, Measure, Track
from comity.process.queries import TalksOnDay, party_name
from comity.provenance import numbered
from comity.report.lines import Line, columns, wrap
from comity.report.text import clean


def talks_lines(found: TalksOnDay, width: int = 80) -> list[Line]:
    """Return each track as it stood on the day, with its meetings, silences, shocks, sources."""
    cited = numbered(
        [*(t.sources for t in found.tracks), *(s.act.sources for c in found.continuity
                                               for s in c.shocks)]
    )  # fmt: skip
    lines = _said(f"As of {found.day.isoformat()}: {len(found.tracks)} tracks of talks", width)
    for track, c in zip(found.tracks, found.continuity, strict=True):
        lines += [("", ""), *_track(track, c, cited, width)]
    met, survived = found.shocks
    if met:
        lines += [("", ""), *_said(
            f"Of {met} shocks that met a track open and are {SURVIVED_DAYS} days past, {survived} "
            "left it open, that is neither suspended nor ended. A shock counts once for each "
            "track.",
            width,
        )]  # fmt: skip
    lines += _said(
        "Open: founded, and neither suspended, ended nor silent, by this table. Silent: no "
        f"contact on record for {SILENT_DAYS} days; a line or a network stands ready and is never "
        "so called.",
        width,
    )
    lines += [("", ""), *_resumed(found, width)]
    return [*lines, ("", ""), *_sources(cited)]


def _track(track: Track, c: Continuity, cited: dict[str, int], width: int) -> list[Line]:
    status = c.status
    marks = _marks(track.sources, cited)
    parties = ", ".join(party_name(p) for p in track.parties)
    lines: list[Line] = [
        (line, "") for line in wrap(clean(f"{track.name} ({track.id}, {track.kind})"), width)
    ]
    sure = "" if status.certain else " (contested or imprecise)"
    lines += _hang(
        f"  {status.standing} since {status.since}{sure}: {clean(status.because)}", width
    )
    lines += _hang(f"  between {clean(parties)}; {track.status} {marks}", width)
    if c.last_contact is not None:
        lines += _hang(
            f"  {c.contacts} contacts, the last {c.last_contact} ({c.days_since} days before); "
            f"longest silence {c.longest_silence} days from {c.silence_from}", width,
        )  # fmt: skip
    else:
        lines += _hang("  no contact on record", width)
    for act in status.accounts:
        lines += _hang(f"  {clean(act.account_of)} says ({act.date}): {clean(act.what)}", width)
    for s in c.suspensions:
        until = f"until {s.resumed}" if s.resumed else "and had not resumed"
        lines += _hang(f"  suspended {s.began} {until}, {s.days} days: {clean(s.what)}", width)
    if c.shocks:
        share = c.share_survived
        said = "not known yet" if share is None else f"{share:.0%} left it open"
        met = sum(s.was_open for s in c.shocks)
        if c.share_met_again is not None and track.kind not in STAND_READY:
            said += f"; {c.share_met_again:.0%} were followed by a contact on it within a year"
        others = f", {len(c.shocks) - met} more while suspended or silent" * (met < len(c.shocks))
        lines += _hang(f"  {met} shocks while it was open: {said}{others}", width)
    return lines


def _resumed(found: TalksOnDay, width: int) -> list[Line]:
    open_ended = sum(s.censored for s in found.suspensions)
    total = len(found.suspensions)
    if not total:
        return _said("No suspension is on record for these tracks.", width)
    lines = _said(f"{total} suspensions, {open_ended} of them not resumed by that day.", width)
    if not found.resumed:
        return lines + _said("None was resumed, so no time to resume can be given.", width)
    rows = [("days", "not yet resumed", "90 %", "at risk")]
    for s in found.resumed:
        rows.append(
            (str(s.days), f"{s.share:.0%}", f"{s.lower:.0%} to {s.upper:.0%}", str(s.at_risk))
        )
    return lines + columns(rows, width, right=(0, 1))


def act_lines(acts: Sequence[Act], width: int = 80) -> list[Line]:
    """Return acts as a dated list with their sources."""
    cited = numbered(a.sources for a in acts)
    lines: list[Line] = []
    for a in acts:
        who = ", ".join(party_name(p) for p in a.actor)
        told = f" (as {a.account_of} tells it)" if a.account_of else ""
        lines += _hang(
            clean(
                f"{a.date}  {a.kind}, {who}: {a.what}{told} {_marks(a.sources, cited)} {a.status}"
            ),
            width,
        )
    return [*lines, ("", ""), *_sources(cited)]


def ladder_lines(found: Ladder, fitted: Excitation | None, width: int = 80) -> list[Line]:
    """Return the ladder between two states: shares answered, pressure, excitation, the acts."""
    one, two = party_name(found.first), party_name(found.second)
    lines = _said(
        f"Acts between {one} and {two}: {len(found.acts)} on record, {len(found.answers)} of them "
        f"steps on the ladder, the highest rung {found.highest} of 10", width,
    )  # fmt: skip
    rows = [("within", "acts", "answered in kind", "denied only", "neither", "eased")]
    for s in found.shares:
        neither = s.acts - s.answered - s.denied_only
        rows.append(
            (
                f"{s.within} days", str(s.acts), str(s.answered), str(s.denied_only),
                str(neither), str(s.eased),
            )
        )  # fmt: skip
    lines += [("", ""), *columns(rows, width, right=(1, 2, 3, 4, 5))]
    lines += _said(
        "An answer is the next act of the other side; eased: whatever else followed, a side held "
        "back, both agreed, or talks were taken up again. That something followed does not show "
        "that it was because of it.", width,
    )  # fmt: skip
    for p in found.pressure:
        lines += _hang(
            clean(
                f"Before {p.agreement.date}, {p.agreement.what}: {len(p.acts)} acts of accusation "
                f"or more in the year before, the highest rung {p.highest}"
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


def measure_lines(measures: Sequence[Measure], width: int = 80) -> list[Line]:
    """Return what parties did to carry out norms and measures."""
    cited = numbered(m.sources for m in measures)
    lines: list[Line] = []
    for m in sorted(measures, key=lambda m: (m.party, m.norm, m.date.text)):
        lines += _hang(
            clean(f"{party_name(m.party)}, {m.norm}, {m.date}: {m.what} {_marks(m.sources, cited)} "
                  f"{m.status}"), width,
        )  # fmt: skip
    return [*lines, ("", ""), *_sources(cited)]


def enforcement_lines(rows: Sequence[Enforcement], width: int = 80) -> list[Line]:
    """Return each promise thought broken, what was done about it, what followed."""
    cited = numbered(r.sources for r in rows)
    lines: list[Line] = []
    for r in sorted(rows, key=lambda r: r.date.text):
        when = f" ({r.response_date})" if r.response_date else ""
        lines += _hang(
            clean(
                f"{r.date}  {r.promise}: {r.alleged_by} alleges: {r.breach}. Done: {r.response}"
                f"{when}. Followed: {r.followed} {_marks(r.sources, cited)} {r.status}"
            ), width,
        )  # fmt: skip
    return [*lines, ("", ""), *_sources(cited)]


def _marks(sources: Iterable[str], cited: dict[str, int]) -> str:
    return "".join(f"[{n}]" for n in sorted(cited[a] for a in sources))


def _sources(cited: dict[str, int]) -> list[Line]:
    return [("Sources", ""), *(("", f"  [{n}] {clean(a)}") for a, n in cited.items())]


def _said(text: str, width: int) -> list[Line]:
    return [("", line) for line in wrap(text, width)]


def _hang(text: str, width: int) -> list[Line]:
    lead = "  " if text.startswith("  ") else ""
    first, *rest = wrap(text, width - 4) or [""]
    return [("", lead + first), *(("", "    " + line) for line in rest)]
