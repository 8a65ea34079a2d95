"""Links between lists as plain text: how many, each with its evidence, two records side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from comity.incidents.linkage.clusters import UNLIKE
from comity.report.lines import Line, columns, hanging, wrap
from comity.report.text import clean

if TYPE_CHECKING:
    from comity.incidents.linkage.clusters import Conflict
    from comity.incidents.linkage.decisions import Contradiction, Decision, Stale
    from comity.incidents.linkage.linked import Linked
    from comity.incidents.linkage.model import Link
    from comity.incidents.model import Incident
    from comity.verification.examine.sight import Sight
    from comity.verification.unseen.coverage import Coverage

SHOWN = 5  # conflicts named
FULL = 8  # marks of a bar for the largest share
LIKELY = (0.95, 0.8, 0.5, 0.2)


def linkage_record(found: Linked) -> dict[str, object]:
    """Return the page as data: lists, links by lists and probability, clusters, conflicts."""
    weights = found.linkage.weights
    chances = found.linkage.table.select("first", "second", "probability").rows()
    between: dict[str, dict[str, object]] = {}
    for (a, b), expected in sorted(weights.links.items()):
        mine = [p for x, y, p in chances if _lists(x, y) == (a, b)]
        between[f"{a} {b}"] = {
            "pairs": weights.possible[a, b],
            "expected": round(expected, 1),
            "by_probability": {f"{low:g}": sum(p >= low for p in mine) for low in LIKELY},
        }
    return {
        "releases": dict(found.linkage.releases),
        "compared": found.linkage.compared,
        "skipped": dict(found.linkage.skipped),
        "between": between,
        "clusters": len(found.clusters),
        "largest": max(map(len, found.clusters), default=0),
        "decisions": len(found.decisions),
        "conflicts": [
            {"first": c.first, "second": c.second, "through": list(c.through), "why": c.why}
            for c in found.conflicts
        ],
        "stale": list(found.stale),
    }


def linkage_lines(found: Linked, width: int) -> list[Line]:
    """Return what was linked, how much of it how surely, and what a person should look at."""
    linkage = found.linkage
    names = ", ".join(f"{clean(n)} {clean(r)}" for n, r in sorted(linkage.releases.items()))
    lines: list[Line] = [(f"Links between {names}", "")]
    lines += _said(
        f"{linkage.compared:,} pairs of records had something in common and were compared. "
        "Nothing is merged: a link is a record of its own, with its probability and evidence.",
        width,
    )
    lines.append(("", ""))
    rows = [("lists", "expected", *(f"from {100 * low:.0f} %" for low in LIKELY), "")]
    chances = linkage.table.select("first", "second", "probability").rows()
    for (a, b), expected in sorted(linkage.weights.links.items()):
        mine = [p for x, y, p in chances if _lists(x, y) == (a, b)]
        counts = (f"{sum(p >= low for p in mine):,}" for low in LIKELY)
        rows.append((f"{clean(a)}, {clean(b)}", f"{expected:,.0f}", *counts, ""))
    lines += columns(rows, width, right=(1, 2, 3, 4, 5))
    lines.append(("", ""))
    sizes = Counter(len({key.split(":", 1)[0] for key in keys}) for keys in found.clusters)
    within = sizes.pop(1, 0)  # records of one list, which a person joined
    told = ", ".join(f"{n:,} in {size} lists" for size, n in sorted(sizes.items())) or "none"
    lines += _said(f"Incidents in more than one list, from 50 %: {told}.", width)
    if within:
        lines += _said(f"{within:,} more: records of one list, joined by a person.", width)
    lines += _notes(found, width)
    lines += _said(
        "Look at doubtful ones: `comity link review`. One pair: `comity link show A B`. The union: "
        "`comity verify QUESTION --list all`.",
        width,
    )
    return lines


def _notes(found: Linked, width: int) -> Iterator[Line]:
    """Yield decisions, conflicts, what was passed over and what is out of date."""
    if found.decisions:
        yield from _said(f"{len(found.decisions):,} decided by a person; they win.", width)
    if found.conflicts:
        yield from _conflicts(found.conflicts, width)
    for kind, n in found.linkage.skipped.items():
        yield from _said(
            f"{n:,} {KINDS.get(kind, kind)} shared by too many records were passed over.", width
        )
    if found.stale:
        listed = ", ".join(map(clean, found.stale))
        yield from _said(f"Changed since they were linked: {listed}. Link again.", width)


def _conflicts(found: Sequence[Conflict], width: int) -> Iterator[Line]:
    """Yield pairs that are one incident by way of others only: what a person parted first."""
    by_model = sum(c.why == UNLIKE for c in found)
    some = "" if by_model == len(found) else f"{by_model:,} of them "
    told = f", {some}{UNLIKE}" if by_model else ""
    yield from _said(
        f"{len(found):,} pairs are one incident only by way of other records{told}:", width
    )
    first = sorted(found, key=lambda c: c.why == UNLIKE)
    for one in first[:SHOWN]:
        through = ", ".join(map(clean, one.through))
        why = "" if one.why == UNLIKE else f": {one.why}"
        text = f"{clean(one.first)} and {clean(one.second)}, through {through}{why}"
        yield from hanging("  - ", text, width)
    if len(found) > SHOWN:
        yield from _said(f"And {len(found) - SHOWN:,} more: `comity link --json`.", width)


KINDS: Mapping[str, str] = {
    "page": "pages",
    "word": "words",
    "dyad": "pairs of states in a year",
    "group": "groups in a year",
}


def links_lines(links: Sequence[Link], found: Linked, width: int) -> list[Line]:
    """Return links, a line each: probability, what a person said, the two records."""
    if not links:
        return [("", "No link fits.")]
    lines: list[Line] = []
    for one in links:
        pair = (min(one.first, one.second), max(one.first, one.second))
        said = found.decisions.get(pair)
        word = {} if said is None else {"same": " (accepted)", "different": " (rejected)"}
        text = f"{clean(one.first)} and {clean(one.second)}"
        mark = f"{100 * one.probability:3.0f} %  "
        lines += hanging(mark, text + (word.get(said.verdict, "") if said else ""), width)
    return lines


def side_by_side(
    first: Incident, second: Incident, link: Link | None, found: Linked, width: int
) -> list[Line]:
    """Return two records in two columns, then what speaks for and against their being one."""
    half = (width - 14) // 2
    lines: list[Line] = []
    for label, one, other in _fields(first, second):
        left, right = wrap(clean(one) or "-", half - 2), wrap(clean(other) or "-", half)
        for n in range(max(len(left), len(right))):
            a = left[n] if n < len(left) else ""
            b = right[n] if n < len(right) else ""
            head = label if n == 0 else ""
            lines.append((f"{head:<13}", f"{a:<{half}}{b}"))
    lines.append(("", ""))
    if link is None:
        lines += _said("The model made no link of these two: it found too little in common.", width)
    else:
        lines += _evidence(link, width)
    said = found.decisions.get((min(first.key, second.key), max(first.key, second.key)))
    if said is not None:
        by = f" by {clean(said.by)}" if said.by else ""
        note = f": {clean(said.note)}" if said.note else ""
        lines += _said(f"Decided {said.verdict}{by} on {said.when[:10]}{note}.", width)
    return lines


def _fields(first: Incident, second: Incident) -> Iterator[tuple[str, str, str]]:
    """Yield a label and what each record has."""
    pairs = zip(_texts(first), _texts(second), strict=True)
    yield from ((label, one, other) for (label, one), (_, other) in pairs)


def _texts(one: Incident) -> list[tuple[str, str]]:
    return [
        ("record", one.key),
        ("name", one.name),
        ("start", one.start.text or "unknown"),
        ("end", one.end.text),
        ("reported", one.reported.text),
        ("initiator", ", ".join(i.code for i in one.initiators)),
        ("group", "; ".join(dict.fromkeys(i.organ for i in one.initiators if i.organ))),
        ("receiver", ", ".join(one.receivers)),
        ("targets", ", ".join(one.targets)),
        ("objective", ", ".join(one.objectives)),
        ("words", one.description[:300]),
        ("sources", " ".join(one.sources[:3])),
    ]


def _evidence(link: Link, width: int) -> Iterator[Line]:
    """Yield the waterfall as text: what each field adds, in bits, from the start to the sum."""
    yield (f"{100 * link.probability:.1f} % one incident", " (one bit doubles the odds)")
    shares = [("at random", "two records drawn at random", link.start_bits)]
    shares += [(b.title, b.said, b.bits) for b in link.bits if b.level >= 0]
    if link.rivals_bits < -0.05:
        shares.append(("rivals", "other records fit one of the two as well", link.rivals_bits))
    largest = max(abs(bits) for _, _, bits in shares)
    for title, said, bits in shares:
        size = round(FULL * abs(bits) / max(largest, 1e-9))
        bar = (
            f"{'-' * size:>{FULL}}|{'':<{FULL}}"
            if bits < 0
            else f"{'':>{FULL}}|{'+' * size:<{FULL}}"
        )
        yield from hanging(f"  {title:<17}{bits:+6.1f} {bar} ", said, width)


def decisions_lines(
    made: Sequence[Decision],
    held: Mapping[tuple[str, str], Decision],
    against: Sequence[Contradiction],
    touched: Sequence[Stale],
    width: int,
) -> list[Line]:
    """Return every decision that holds, what contradicts itself, and what a release touched."""
    if not made:
        return [("", "Nothing was decided yet: `comity link review`.")]
    lines: list[Line] = [(f"{len(held)} decisions hold, of {len(made)} made", "")]
    for one in held.values():
        word = "=" if one.verdict == "same" else "is not"
        note = f": {clean(one.note)}" if one.note else ""
        by = f" by {clean(one.by)}" if one.by else ""
        text = f"{clean(one.first)} {word} {clean(one.second)} ({one.when[:10]}{by}{note})"
        lines += hanging("  - ", text, width)
    for odd in against:
        chain = " = ".join(map(clean, odd.chain))
        lines += _said(f"They contradict each other: {chain}, but the ends were parted.", width)
    for gone in touched:
        lines += _said(f"{clean(gone.key)} {gone.why}.", width)
    return lines


def _said(text: str, width: int) -> list[Line]:
    return [("", line) for line in wrap(text, width)]


def _lists(first: str, second: str) -> tuple[str, str]:
    return (first.split(":", 1)[0], second.split(":", 1)[0])


def coverage_lines(found: Coverage, width: int) -> list[Line]:
    """Return how the lists overlap, and the range of what none holds with every reading."""
    years = f"{found.first.year} to {found.last.year}"
    lines: list[Line] = [(f"What the lists hold in common, {years}", "")]
    names = list(found.held)
    rows = [("", *map(clean, names), "alone", "")]
    for one in names:
        cells = []
        for other in names:
            pair = (one, other) if (one, other) in found.shared else (other, one)
            cells.append(f"{found.held[one] if one == other else found.shared[pair]:,}")
        rows.append((clean(one), *cells, f"{found.alone[one]:,}", ""))
    lines += columns(rows, width, right=tuple(range(1, len(names) + 2)))
    lines.append(("", ""))
    u = found.unseen
    if u.identified:
        text = (
            f"{u.seen:,.0f} incidents are in one list or more. Reported publicly and in none of "
            f"them: {u.low:,.0f} to {u.high:,.0f}, over every reading of how the lists depend."
        )
    else:
        text = (
            f"{u.seen:,.0f} incidents are in one list or more. How many more no list holds is not "
            f"identified: {'; '.join(u.reasons)}."
        )
    lines += _said(text, width)
    for e in u.estimates:
        mark = " (assumed)" if e.shifted else ""
        said = f"{e.total:,.0f} in all ({e.low:,.0f}-{e.high:,.0f}) if {clean(e.assumes)}{mark}"
        lines += hanging("  - ", said, width)
    for warning in u.warnings:
        lines += hanging("  ! ", clean(warning), width)
    lines += _said(
        "What nobody reported publicly has no chance of being in any list, and is not in this. "
        "Lists set out to hold different things: `comity evidence coverage QUESTION` asks of one "
        "scope.",
        width,
    )
    return lines


def sight_lines(found: Sight, width: int) -> list[Line]:
    """Return what the lists hold and miss of one scope, before and after."""
    lines: list[Line] = [("What the lists hold and miss", "")]
    lines += _said(clean(found.sentence), width)
    for period in found.periods:
        lines.append(("", ""))
        lines.append((f"{period.period}: {period.seen:.1f} held over {period.years:.1f} years", ""))
        names = ", ".join(map(clean, period.lists))
        if names:
            lines += _said(f"{period.overlap:.1f} of them by two or more of {names}.", width)
        for r in period.readings:
            mark = " (assumed)" if r.shifted else ""
            said = f"{r.total:,.0f} in all ({r.low:,.0f}-{r.high:,.0f}) if {clean(r.assumes)}{mark}"
            lines += hanging("  - ", said, width)
        for why in (*period.reasons, *period.warnings):
            lines += hanging("  ! ", clean(why), width)
    return lines
