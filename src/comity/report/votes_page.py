"""Votes on one axis, as plain text for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from comity.countries import country_name
from comity.diffusion.votes import Standpoint, VoteMap
from comity.report.lines import Line, columns, hanging, wrap
from comity.report.text import clean
from comity.verification.words import percent

SHORT = {"yes": "y", "no": "n", "abstain": "a", "absent": "."}
BINS, BAR = 24, 8
MOST_NAMED = 12  # states that changed a vote alike


def vote_lines(found: VoteMap, wanted: Sequence[str] = (), width: int = 80) -> list[Line]:
    """Return the page: the texts, the axis, who stands between, who changed, and some states."""
    first, last = found.resolutions[0].date.year, found.resolutions[-1].date.year
    lines = _said(
        f"{len(found.resolutions)} roll calls of the General Assembly on information security, "
        f"{first} to {last}; {len(found.states)} states",
        width,
    )
    lines += _said(
        f"One axis, computed from votes alone: right is the side of a yes on {found.anchor}, the "
        "most divided text. An abstention is a vote between no and yes; an absence says nothing.",
        width,
    )
    lines += [("", ""), *_texts(found, width), ("", ""), *_axis(found, width), ("", "")]
    if wanted:
        lines += _states([found.of(code) for code in wanted], width)
    else:
        between = [s for s in found.states if s.side == "between"]
        lines += _said(f"Between: on neither side with 90 %: {len(between)} states", width)
        lines += _states(between, width)
    lines += [("", ""), *_changed(found, wanted, width), ("", ""), *_limits(found, width)]
    return [*lines, ("", ""), *_sources(found, width)]


def _sources(found: VoteMap, width: int) -> list[Line]:
    """Return where the votes on each text come from, an address once."""
    texts: dict[str, list[str]] = {}
    for r in found.resolutions:
        for address in r.sources:
            texts.setdefault(address, []).append(f"{r.id} ({r.status})")
    lines: list[Line] = [("Sources", "")]
    for address, named in texts.items():
        every = len(named) == len(found.resolutions)
        status = ", ".join(dict.fromkeys(r.status for r in found.resolutions))
        which = f"every text ({status})" if every else ", ".join(named)
        lines += [("", f"  {clean(address)}"), *hanging("    ", which, width)]
    return lines


def _said(text: str, width: int) -> list[Line]:
    return [("", line) for line in wrap(text, width)]


def _texts(found: VoteMap, width: int) -> list[Line]:
    rows = [("text", "date", "yes", "no", "abstain", "slope", "what was voted on")]
    for r, slope in zip(found.resolutions, found.slopes, strict=True):
        rows.append(
            (
                r.id, r.date.isoformat(), str(r.yes), str(r.no), str(r.abstain), f"{slope:+.1f}",
                clean(r.subject),
            )
        )  # fmt: skip
    return columns(rows, width, right=(2, 3, 4, 5), cut=False)


def _axis(found: VoteMap, width: int) -> list[Line]:
    """Return how many states stand where, as bars on the axis with its dividing point."""
    low, high = found.states[0].position, found.states[-1].position
    step = (high - low) / BINS or 1.0
    counts = Counter(min(int((s.position - low) / step), BINS - 1) for s in found.states)
    top = max(counts.values())
    lines = []
    for level in range(BAR, 0, -1):
        row = "".join(
            "#" if counts[k] and BAR * counts[k] / top > level - 1 else " " for k in range(BINS)
        )
        lines.append(("", "  " + "".join(c * 2 for c in row).rstrip()))
    mark = min(max(int((found.dividing - low) / step), 0), BINS - 1)
    lines.append(("", "  " + "-" * (2 * mark) + "|" + "-" * (2 * BINS - 2 * mark - 1)))
    sides = Counter(s.side for s in found.states)
    words = ", ".join(f"{side} {sides[side]}" for side in ("left", "between", "right"))
    lines.append(("", f"  {low:.1f} to {high:.1f}; | divides; with 90 %: {words}"))
    for name, end in (("Leftmost", found.states[:6]), ("Rightmost", found.states[-6:])):
        listed = ", ".join(country_name(s.country) for s in end)
        lines += _said(f"  {name}: {listed}", width)
    return lines


def _states(states: Sequence[Standpoint], width: int) -> list[Line]:
    rows = [("state", "position", "right", "votes, in order")]
    for s in states:
        rows.append(
            (
                clean(country_name(s.country))[:28],
                f"{s.position:+.2f} ({s.lower:+.2f} to {s.upper:+.2f})",
                percent(s.right), " ".join(SHORT[v] for v in s.votes),
            )
        )  # fmt: skip
    return columns(rows, width, right=(2,))


def _changed(found: VoteMap, wanted: Sequence[str], width: int) -> list[Line]:
    """Return votes that changed within a series: of the states asked for, or how many of all."""
    listed = [s for s in found.switches if not wanted or s.country in wanted]
    if not listed:
        return _said("No vote changed between two texts of one series.", width)
    lines = _said("Changed votes within a series, whose texts do not all ask the same", width)
    if wanted:
        for s in listed:
            lines += _said(
                f"  {country_name(s.country)}, {s.series}: {s.before} on {s.earlier}, {s.after} on "
                f"{s.later}", width,
            )  # fmt: skip
        return lines
    changes: dict[tuple[str, str, str, str, str], list[str]] = {}
    for s in listed:
        key = (s.series, s.earlier, s.later, s.before, s.after)
        changes.setdefault(key, []).append(country_name(s.country))
    for (series, earlier, later, before, after), who in sorted(changes.items()):
        named = f": {', '.join(sorted(who))}" if len(who) <= MOST_NAMED else ""
        lines += hanging(
            "  ", f"{series}, {earlier} to {later}: {before} to {after} {len(who)}{named}", width
        )
    return lines


def _limits(found: VoteMap, width: int) -> list[Line]:
    last = found.resolutions[-1].date.year
    return _said(
        f"y yes, n no, a abstained, . absent. {len(found.both)} states said yes to texts of both "
        f"sides. Few texts, one axis: positions are rough, states that voted alike stand alike, "
        f"and nothing after {last} is in this table.", width,
    )  # fmt: skip
