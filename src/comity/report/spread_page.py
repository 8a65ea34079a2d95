"""How a norm spread, who follows whom, and what goes with taking it up, as plain text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import groupby

from comity.countries import country_name
from comity.diffusion.adoption import NOT_TAKEN_UP, Adoption, Way
from comity.diffusion.hazards import Hazards
from comity.diffusion.network import Network
from comity.diffusion.reach import Reached
from comity.diffusion.spread import Curve, Spread, Step
from comity.instruments.model import Standing
from comity.provenance import numbered
from comity.report.lines import Line, columns, hanging, wrap
from comity.report.text import clean
from comity.saying import say

CSV_COLUMNS = (
    "country", "name", "date", "way", "instrument", "by_reference", "first", "what", "status",
    "sources",
)  # fmt: skip
MOST_NAMED = 24
OWN = {
    "Put into own law or doctrine": (Way.LAW,),
    "Reaffirmed alone": (Way.ALONE,),
    "Reservations and explanations of position, no adoptions": (Way.RESERVED, Way.EXPLAINED),
}


def spread_lines(found: Spread, width: int = 80) -> list[Line]:
    """Return a norm's state, its path through forums, its curves, who took it up, sources."""
    cited = numbered([*(s.sources for s in found.path), *(a.sources for a in _own(found))])
    lines = _said(f"{clean(found.title)} ({found.norm}), as of {found.day}", width)
    lines += [("", ""), ("How it stands", "")]
    for sentence in found.state:
        lines += hanging("  ", sentence, width)
    lines += [("", ""), ("Its path, oldest first", "")]
    for step in found.path:
        lines += _step(step, cited, width)
    lines += [("", ""), ("How far, by region", ""), *_curves(found.regions, width)]
    lines += [("", ""), (f"How far, by votes (right: the side of a yes on {found.anchor})", "")]
    lines += _curves(found.camps, width)
    lines += [("", ""), ("Who, by first taking up", ""), *_who(found, width)]
    lines += _alone(found, cited, width)
    lines += [("", ""), *_limits(found, width), ("", ""), ("Sources", "")]
    return [*lines, *(("", f"  [{n}] {clean(a)}") for a, n in cited.items())]


def reach_lines(found: Sequence[Reached], day: dt.date, width: int = 80) -> list[Line]:
    """Return a table of norms and how far each came by a day."""
    head = ("norm", "texts", "furthest", "states", "promised", "first", "last")
    rows = [
        (r.norm, str(r.texts), r.furthest, str(r.states), str(r.promised), r.first, r.last)
        for r in found
    ]
    lines = _said(f"As of {day}: {len(found)} norms that some text carries", width)
    lines += [("", ""), *columns([head, *rows], width, right=(1, 3, 4)), ("", "")]
    return lines + _said(
        "States: those that took the norm up in any way, of them those that promised it. One of "
        "them: `comity spread commercial-theft`.", width,
    )  # fmt: skip


def _own(found: Spread) -> tuple[Adoption, ...]:
    return tuple(a for a in found.adoptions if not a.instrument)


def _alone(found: Spread, cited: dict[str, int], width: int) -> list[Line]:
    """Return what states did or said alone, each way under a heading, one text once."""
    lines: list[Line] = []
    for heading, ways in OWN.items():
        mine = [a for a in _own(found) if a.way in ways]
        if not mine:
            continue
        lines += [("", ""), (heading, "")]
        key = lambda a: (a.day, a.date.text, a.way, a.what, a.sources, a.status)  # noqa: E731
        for (_, date, way, what, sources, status), rows in groupby(sorted(mine, key=key), key):
            names = ", ".join(sorted(country_name(a.country) for a in rows))
            told = f" ({way})" if len(ways) > 1 else ""
            lines += hanging(
                "  ", f"{date}  {names}{told}: {clean(what)} {_marks(sources, cited)} {status}",
                width,
            )  # fmt: skip
    return lines


def _step(step: Step, cited: dict[str, int], width: int) -> list[Line]:
    how = {
        "yes": say("carried.yes"),
        "no": say("carried.no"),
        "disputed": say("carried.disputed"),
    }[step.promised]
    reference = ", by reference to the list it is in" if step.by_reference else ""
    who = "no party is named here"
    if step.without_vote:
        who = "adopted without a vote"
    elif step.standing is Standing.RESOLUTION:
        who = f"{step.yes} yes, {step.no} no, {step.abstained} abstained; {step.new_states} new"
    elif step.states:
        who = f"{step.states} states, {step.new_states} new to it"
    after = "".join(f"; {kind} {target}" for kind, target in step.after)
    words = (
        f"{step.date}  {step.instrument}, {step.forum} {step.standing}: {how}{reference}; "
        f"{who}{after} {_marks(step.sources, cited)} {step.status}"
    )
    first, *rest = wrap(clean(words), width - 4)
    return [("", f"  {first}"), *(("", f"    {line}") for line in rest)]


def _curves(curves: Sequence[Curve], width: int) -> list[Line]:
    rows = [("", "states", "of", "first", "latest")]
    for c in curves:
        first = c.points[0][0].isoformat() if c.points else "-"
        last = c.points[-1][0].isoformat() if c.points else "-"
        rows.append((c.group, str(c.reached), str(c.of), first, last))
    return columns(rows, width, right=(1, 2))


def _who(found: Spread, width: int) -> list[Line]:
    lines: list[Line] = []
    key = lambda a: (a.day, a.instrument, a.way, a.told)  # noqa: E731
    for (_, instrument, way, day), rows in groupby(sorted(found.first, key=key), key):
        names = sorted(country_name(a.country) for a in rows)
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        through = f" through {instrument}" if instrument else ""
        words = f"{day}  {way}{through}: {', '.join(names[:MOST_NAMED])}{more}"
        lines += _hang(words, width)
    return lines or _said("  Nobody is on record.", width)


def _limits(found: Spread, width: int) -> list[Line]:
    spanned = sum(a.spanned for a in found.first)
    late = f" (by; so for {spanned} of {len(found.first)} states)" if spanned else ""
    return _said(
        "A state counts from the day it first took the norm up in any way, and where only a span "
        f"is known from its last day{late}; ways are kept apart "
        "above. What experts agreed in a report counts for no state. The register does not hold "
        "every text, least of all what states said alone: an empty place is silence of this "
        "table, not of the state.", width,
    )  # fmt: skip


def adoption_rows(found: Spread) -> list[tuple[object, ...]]:
    """Return every taking up as rows under CSV_COLUMNS."""
    first = set(found.first)
    return [
        (
            a.country, country_name(a.country), a.date.text, a.way, a.instrument,
            "yes" if a.by_reference else "no", "yes" if a in first else "no", a.what, a.status,
            " ".join(a.sources),
        )
        for a in found.adoptions
    ]  # fmt: skip


def network_lines(found: Network, what: str, width: int = 80) -> list[Line]:
    """Return who follows whom, or why that cannot be told."""
    lines = _said(
        f"Who follows whom: {what}; {found.cascades} distinct cascades, {found.parties} parties",
        width,
    )
    if found.reason:
        return [*lines, ("", ""), *_said(f"Not told: {found.reason}.", width)]
    rows = [("follows", "whom", "cascades", "gain", "median delay", "support")]
    for e in found.edges:
        support = "-" if e.support is None else f"{e.support:.0%}"
        rows.append(
            (
                clean(e.target), clean(e.source), str(e.cascades), f"{e.gain:.2f}",
                f"{e.median_delay:.3g}", support,
            )
        )  # fmt: skip
    lines += [("", ""), *columns(rows, width, right=(2, 3, 4, 5)), ("", "")]
    return lines + _said(
        "Support is the share of redrawn sets of cascades that find the edge again. That one "
        "comes after another in many cascades does not show that it follows because of it: both "
        "may follow a third that is not in the data.", width,
    )  # fmt: skip


def hazard_lines(found: Hazards, width: int = 80) -> list[Line]:
    """Return what goes with taking norms up earlier, or why that cannot be told."""
    lines = _said(
        f"What goes with taking up earlier: {found.adoptions} first adoptions of "
        f"{len(found.norms)} norms ({', '.join(found.norms)}) on {found.occasions} occasions",
        width,
    )
    if found.reason:
        return [*lines, ("", ""), *_said(f"Not told: {found.reason}.", width)]
    rows = [("rate times", "90 % interval", "for")]
    for e in found.effects:
        rows.append((f"{e.ratio:.2f}", f"{e.lower:.2f} to {e.upper:.2f}", e.words))
    lines += [("", ""), *columns(rows, width, right=(0,), cut=False), ("", "")]
    return lines + _said(
        "States that took a norm up in one text did so together, so the sample is the occasions, "
        "not the states. An interval that holds 1 shows neither direction. These are "
        "associations.", width,
    )  # fmt: skip


def way_counts(found: Spread) -> dict[str, int]:
    """Return how many states took the norm up in each way that is one."""
    return {
        str(way): len({a.country for a in found.adoptions if a.way is way})
        for way in Way if way not in NOT_TAKEN_UP
    }  # fmt: skip


def _marks(sources: Sequence[str], cited: dict[str, int]) -> str:
    return "".join(f"[{n}]" for n in sorted({cited[a] for a in sources}))


def _said(text: str, width: int) -> list[Line]:
    return [("", line) for line in wrap(text, width)]


def _hang(text: str, width: int) -> list[Line]:
    first, *rest = wrap(clean(text), width - 4)
    return [("", f"  {first}"), *(("", f"    {line}") for line in rest)]
