"""Two releases of one list side by side, as plain text for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from comity.incidents.compare import (
    BY,
    FieldChange,
    IncidentBrief,
    IncidentChange,
    ReleaseComparison,
)
from comity.report.lines import Line, columns, hanging, wrap
from comity.report.text import clean

SOME = 10  # incidents named of each kind, unless all are asked for
LONGEST = 60  # characters of a value shown
HOW = {"name": "the same name", "date and name": "date and a name nearly the same",
       "address": "an address no other has"}  # fmt: skip


def comparison_lines(found: ReleaseComparison, every: bool, width: int = 80) -> list[Line]:
    """Return the page: counts, fields that changed, then incidents by name, `every` one or some."""
    name = clean(found.list)
    old, new = clean(found.old), clean(found.new)
    lines: list[Line] = [(line, "") for line in wrap(f"{name}: {old} and {new}", width)]
    rows = [("", old, new)]
    rows.append(("incidents", f"{found.old_incidents:,}", f"{found.new_incidents:,}"))
    rows.append(("rows set aside", f"{found.old_aside:,}", f"{found.new_aside:,}"))
    lines += columns([(*row, "") for row in rows], width, right=(1, 2))
    for text in _said(found):
        lines += [("", line) for line in wrap(text, width)]
    if found.fields:
        lines.append(("", ""))
        table = [("field", "incidents", "")]
        table += [(field, f"{n:,}", "") for field, n in found.fields.items()]
        lines += columns(table, width, right=(1,))
    limit = None if every else SOME
    lines += _briefs(f"Only in {new}", found.added, limit, width)
    lines += _briefs(f"Only in {old}", found.removed, limit, width)
    return lines + _changes(found.changed, limit, width)


def _said(found: ReleaseComparison) -> Iterator[str]:
    """Yield what the comparison comes to."""
    yield (
        f"{len(found.added):,} added, {len(found.removed):,} removed, {len(found.changed):,} "
        f"changed, {found.unchanged:,} the same."
    )
    if found.late:
        yield (
            f"{found.late:,} of those added are dated to {clean(found.old_closed_on)} or before, "
            "when the older release was closed: a verdict on it could not have had them."
        )
    if found.removed and found.new_aside:
        yield (
            "What is removed may be among the rows of the newer file that were set aside: "
            f"`comity evidence problems {clean(found.list)}` lists them once it is added."
        )
    judged = Counter(change.matched_by for change in found.changed)
    for by in BY[1:]:
        if judged[by]:
            yield f"{judged[by]:,} changed their id and were matched by {HOW[by]}."


def _briefs(title: str, rows: Sequence[IncidentBrief], limit: int | None, width: int) -> list[Line]:
    """Return incidents of one release only, under a heading; none where there is none."""
    if not rows:
        return []
    lines: list[Line] = [("", ""), (title, "")]
    for row in rows[:limit]:
        when = row.reported or row.start or "undated"
        lines += hanging("  ", f"{clean(row.id)}  {clean(row.name)} ({clean(when)})", width)
    return lines + _more(len(rows), limit)


def _changes(rows: Sequence[IncidentChange], limit: int | None, width: int) -> list[Line]:
    """Return incidents of both releases that differ, field by field."""
    if not rows:
        return []
    lines: list[Line] = [("", ""), ("Changed", "")]
    for row in rows[:limit]:
        lines += hanging("  ", f"{clean(row.id)}  {clean(row.name)}", width)
        for change in row.changes:
            lines += hanging("    ", _change(change), width)
    return lines + _more(len(rows), limit)


def _change(change: FieldChange) -> str:
    """Return one field's old and new value, long ones from where they begin to differ."""
    old, new = clean(change.old), clean(change.new)
    same = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        same += 1
    cut = max(same - 20, 0) if max(len(old), len(new)) > LONGEST else 0
    return f"{change.field}: {_value(old, cut)} -> {_value(new, cut)}"


def _value(text: str, cut: int) -> str:
    """Return a value from `cut` on, shortened, or that there is none."""
    if not text:
        return "nothing"
    shown = ("..." if cut else "") + text[cut : cut + LONGEST]
    return f"{shown}..." if len(text) > cut + LONGEST else shown


def _more(count: int, limit: int | None) -> list[Line]:
    if limit is None or count <= limit:
        return []
    return [("", f"  and {count - limit:,} more: add --all")]
