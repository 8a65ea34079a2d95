"""The unseen: how many publicly reported incidents in scope none of the lists holds, before and
after.

Asked of the union of lists, whose rows say which lists hold each incident. Only what every list set
out to hold is counted: the scope, and the years that all of them cover. An incident whose date may
lie on either side of the agreement counts on both, by the share of its days.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

import numpy as np
import polars as pl

from comity.incidents.model import JOIN, UNION, Evidence
from comity.verification.examine.sight import Reading, Sight, SightPeriod
from comity.verification.model import Check, Scope
from comity.verification.prepare import ListData, Prepared
from comity.verification.scope import assign_cells
from comity.verification.unseen.bounds import Unseen, bound_unseen
from comity.verification.unseen.captures import MOST_LISTS, Captures, captures_from
from comity.verification.unseen.copies import cited_by, cited_pairs, drawn_on
from comity.verification.unseen.periods import Compared, compare_periods

DRAWINGS = 6  # draws of the links looked at beside the most probable
NAMES = ("before", "after")


def unseen(prepared: Prepared, evidence: Evidence) -> Sight:
    """Return what the lists miss in the narrow scope or, where that says nothing, in the widest."""
    joined = next((one for one in prepared.lists if one.release.list == UNION), None)
    question = prepared.question
    if joined is None or evidence.parts is None:
        names = ", ".join(one.release.list for one in prepared.lists)
        return Sight(
            question.scope.id, question.scope.title, (), None, None, None, False,
            f"What no list holds is not identified: these are {names}, not linked. Ask of "
            "the union of two lists or more: --list all.",
            (Check("unseen identified", False, "no union of lists"),),
        )  # fmt: skip
    found = _of(prepared, joined, question.scope, evidence.parts)
    wider = [
        v for v in question.variants if v.role == "variant" and not v.objective and not v.target
    ]
    for scope in wider:
        if all(p.identified for p in found.periods):
            break
        other = _of(prepared, joined, scope, evidence.parts)
        if all(p.identified for p in other.periods):
            found = other
    return found


def _of(prepared: Prepared, joined: ListData, scope: Scope, parts: Evidence) -> Sight:
    """Return the finding for one scope."""
    agreed, level = prepared.question.agreed, prepared.choices.level
    first = max(dt.date.fromordinal(joined.window.covers_from), prepared.question.window_from)
    last = min(dt.date.fromordinal(joined.window.covers_to), prepared.question.window_to)
    spans = ((first, agreed - dt.timedelta(days=1)), (agreed, last))
    years = tuple(max((b - a).days + 1, 1) / 365.2425 for a, b in spans)
    own = _own(parts.table, scope, prepared)
    names = _lists(own)
    copied = cited_by(parts, own)
    tables = (joined.table, *joined.redrawn[:DRAWINGS])
    bounds: list[list[Unseen]] = [[], []]
    for number, table in enumerate(tables):
        for side, span in enumerate(spans):
            captures = _captures(table, own, names, span)
            bounds[side].append(
                bound_unseen(
                    captures,
                    level,
                    cited_pairs(captures.lists, copied),
                    prepared.choices.seed,
                    kinds=number == 0,
                )
                if captures is not None
                else _one_list(names)
            )
    reported = tuple(_reported(prepared, joined, span) for span in spans)
    compared = compare_periods(
        bounds[0], bounds[1], (years[0], years[1]), (reported[0], reported[1])
    )
    periods = tuple(
        _period(NAMES[side], years[side], reported[side], bounds[side]) for side in (0, 1)
    )
    told = all(p.identified for p in periods)
    return Sight(
        scope.id, scope.title, periods, compared.seen if np.isfinite(compared.seen) else None,
        compared.same, compared.changed, compared.told_apart,
        _sentence(scope, periods, compared, (first, last)) + drawn_on(copied)
        + _left_out(parts, names),
        (Check("unseen identified", told, "; ".join(r for p in periods for r in p.reasons)
               or "overlap enough, readings agree"),),
    )  # fmt: skip


def _own(parts: pl.DataFrame, scope: Scope, prepared: Prepared) -> frozenset[str]:
    """Return the records that are of the scope and of cell A by their own list's coding.

    What a record learns from another list does not count: a list that names no receiver would
    seem to hold only what others hold too.
    """
    frame = assign_cells(parts, scope, prepared.under_promise).frame
    rows = [int(n) for n in frame.filter(pl.col("cell") == "A")["row"]]
    keys = parts.select(pl.concat_str("list", pl.lit(":"), "id"))[rows].to_series()
    return frozenset(keys)


def _lists(own: frozenset[str]) -> tuple[str, ...]:
    """Return the lists, those with most incidents first, as many as can be looked at."""
    held = Counter(key.split(":", 1)[0] for key in sorted(own))
    return tuple(name for name, _ in held.most_common(MOST_LISTS))


def _captures(
    table: pl.DataFrame,
    own: frozenset[str],
    names: tuple[str, ...],
    span: tuple[dt.date, dt.date],
) -> Captures | None:
    """Return which lists hold the incidents of a period, those of uncertain date by the share of
    their days in it; None where fewer than two lists hold any."""
    counts: dict[tuple[int, ...], float] = {}
    for cell, first, last in table.select("id", "start_earliest", "start_latest").iter_rows():
        here = {key.split(":", 1)[0] for key in cell.split(JOIN) if key in own}
        pattern = tuple(int(n in here) for n in names)
        if not any(pattern) or first is None or last is None:
            continue
        days = (min(last, span[1]) - max(first, span[0])).days + 1
        if days > 0:
            share = days / ((last - first).days + 1)
            counts[pattern] = counts.get(pattern, 0.0) + share
    used = [k for k in range(len(names)) if any(p[k] for p in counts)]
    if len(used) < 2:
        return None
    kept: dict[tuple[int, ...], float] = {}
    for pattern, n in counts.items():
        part = tuple(pattern[k] for k in used)
        if any(part):
            kept[part] = kept.get(part, 0.0) + n
    return captures_from([names[k] for k in used], kept)


def _left_out(parts: Evidence, names: Sequence[str]) -> str:
    """Return which lists hold nothing in scope by their own coding, in words."""
    none = [r.list for r in parts.releases if r.list not in names]
    if not none:
        return ""
    verb = "hold" if len(none) > 1 else "holds"
    which = "their" if len(none) > 1 else "its"
    return (
        f" Counted are {', '.join(names) or 'none'}; {', '.join(none)} {verb} nothing in this "
        f"scope by {which} own coding."
    )


def _one_list(names: tuple[str, ...]) -> Unseen:
    return Unseen(
        names, 0.0, 0.0, 0.0, float("inf"), (), False,
        ("fewer than two lists hold an incident in scope",), (),
    )  # fmt: skip


def _reported(prepared: Prepared, joined: ListData, span: tuple[dt.date, dt.date]) -> float:
    """Return the mean chance that an incident of a period was reported before the lists closed."""
    if joined.window.delay is None:
        return 1.0
    from comity.verification.delay import reported_by

    grid = prepared.grid
    chance = reported_by(joined.window.delay, grid.edges, joined.window.closed_on)
    weight = grid.overlap(span[0].toordinal(), span[1].toordinal())
    return float(np.average(chance, weights=weight)) if weight.sum() > 0 else 1.0


def _period(name: str, years: float, reported: float, bounds: Sequence[Unseen]) -> SightPeriod:
    """Return one period: the most probable links' readings, the range over every draw of them."""
    one = bounds[0]
    identified = all(u.identified for u in bounds)
    reasons = one.reasons or tuple(dict.fromkeys(r for u in bounds for r in u.reasons))
    return SightPeriod(
        name, round(years, 2), one.lists, one.seen, one.overlap,
        min(u.low for u in bounds) if identified else None,
        max(u.high for u in bounds) if identified else None,
        identified, reported,
        tuple(Reading(e.name, e.assumes, e.total, e.low, e.high, e.shifted) for e in one.estimates),
        reasons, one.warnings,
    )  # fmt: skip


def _sentence(
    scope: Scope,
    periods: Sequence[SightPeriod],
    compared: Compared,
    span: tuple[dt.date, dt.date],
) -> str:
    """Return the finding in words."""
    about = "What nobody reported publicly has no chance of being in any list, and is not in this."
    named = f"In {scope.title} ({span[0].year} to {span[1].year})"
    bad = next((p for p in periods if not p.identified), None)
    if bad is not None:
        why = "; ".join(bad.reasons[:2])
        return (
            f"{named} what was reported and no list holds is not identified: {bad.period}, {why}."
        )
    said = " and ".join(
        f"{p.period} the agreement {p.seen:.0f} and miss {p.low or 0:.0f} to {p.high or 0:.0f}"
        for p in periods
    )
    words = f"{named} the lists hold {said} that were publicly reported."
    if compared.same is not None:
        low, high = compared.same
        words += (
            " If the lists depend on each other after as before, all that was reported a year came "
            f"to {low:.2f} to {high:.2f} of what it was"
        )
    if compared.changed is not None:
        low, high = compared.changed
        words += f"; if that may have changed, {low:.2f} to {high:.2f}."
    words += (
        " Even then it is activity that changed, not only sight."
        if compared.told_apart
        else " A fall in activity and a fall in sight cannot be told apart by this."
    )
    return f"{words} {about}"
