"""The descent of a clause's wording as text, as data, as rows of a table and as a picture."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from comity.diffusion.model import CAVEAT, Descent, FeatureChange, Lineage, Mixture, Order
from comity.report.lines import Line, hanging, labelled, wrap
from comity.report.plain import Data, plain
from comity.report.terminal import NARROWEST, page_of
from comity.report.text import clean
from comity.saying import joined, say
from comity.verification.words import percent

CSV_COLUMNS = (
    "instrument", "date", "parent", "order", "changes", "compared", "known", "ties", "support",
    "wording_support", "rests_on", "mixed_of", "mixed_support", "mixed_by_chance", "reason",
    "sources", "status", "candidates", "on_record",
)  # fmt: skip
MARK, PLAIN = "+- ", "   "
ALONE = say("lineage.alone")


def render_lineage(lineage: Lineage, width: int = 80) -> Text:
    """Return the tree as text at most `width` columns wide (60 at least)."""
    width = max(width, NARROWEST)
    clause = lineage.clause
    placed, empty = len(lineage.descents), ("", "")
    lines: list[Line] = [(line, "") for line in wrap(clean(clause.title), width)]
    head = f"Who may have taken the wording from whom: {placed} instruments, "
    lines += hanging("", f"{head}{lineage.changes} changed features in all.", width)
    lines += [*hanging("", CAVEAT, width), empty]
    for root in lineage.children(""):
        lines += _branch(lineage, root, "", "", width)
    lines += [empty, *_reading(lineage, width)]
    lines += [empty, ("Sources", "")]
    for descent in lineage.descents:
        lines += hanging("- ", f"{descent.instrument} ({descent.status})", width)
        lines += [("", f"  {clean(address)}") for address in descent.sources]
    return page_of(lines)


def _branch(lineage: Lineage, descent: Descent, mark: str, before: str, width: int) -> list[Line]:
    """Return an instrument and, below it, those placed with it."""
    lines: list[Line] = [("", f"{mark}{clean(descent.instrument)}  {descent.date.text}")]
    children = lineage.children(descent.instrument)
    rail = before + ("|  " if children else PLAIN)
    for said in facts_of(descent):
        for n, line in enumerate(wrap(said, width - len(rail) - 2)):
            lines.append(("", rail + ("" if n == 0 else "  ") + line))
    for child in children:
        last = child is children[-1]
        lines += _branch(lineage, child, before + MARK, before + (PLAIN if last else "|  "), width)
    return lines


def facts_of(descent: Descent) -> Iterator[str]:
    """Yield what is known of an instrument's place, a sentence each."""
    if not descent.parent:
        yield say("lineage.own", reason=descent.reason)
        yield from _otherwise(descent)
        return
    yield changes_of(descent)
    support = percent(descent.support)
    if descent.candidates == 1:
        yield ALONE
    elif descent.wording_support - descent.support > 0.005:
        wording = percent(descent.wording_support)
        yield say("lineage.support_wording", support=support, wording=wording)
    else:
        yield say("lineage.support", support=support)
    if descent.ties:
        yield say("lineage.ties", texts=joined(descent.ties))
    yield from _otherwise(descent)
    if descent.rests_on:
        yield say("lineage.rests_on", features=joined(descent.rests_on, say("lineage.or")))
    if descent.order is Order.POSSIBLY:
        yield say("lineage.maybe_first")
    if descent.mixture:
        yield mixture_of(descent.mixture)


def _otherwise(descent: Descent) -> Iterator[str]:
    """Yield what the register says a text takes up, where the tree has it elsewhere."""
    names = {name for _, name in descent.on_record}
    if not names or descent.parent in names:
        return
    said = joined(
        say(f"takes_up.{kind.replace(' ', '-')}", text=name) for kind, name in descent.on_record
    )
    if names & set(descent.ties):
        yield say("lineage.register_near", said=said)
    else:
        yield say("lineage.register_other", said=said)


def changes_of(descent: Descent) -> str:
    """Return in words what a text changed."""
    known = descent.known
    changed = joined([_change(c) for c in descent.changes], "; ")
    if descent.compared == known:
        if not descent.changes:
            return say("lineage.none_changed", known=known)
        return say("lineage.changed", n=len(descent.changes), known=known, changed=changed)
    compared = descent.compared
    if not descent.changes:
        return say("lineage.none_changed_of", known=known, compared=compared)
    return say(
        "lineage.changed_of",
        n=len(descent.changes),
        known=known,
        compared=compared,
        changed=changed,
    )


def _change(change: FeatureChange) -> str:
    name = change.feature.replace("_", " ")
    return f"{name} {clean(change.before)} > {clean(change.after)}"


def mixture_of(mixture: Mixture) -> str:
    """Return in words which two texts explain one better than any alone."""
    first = f"{mixture.first} ({', '.join(mixture.from_first)})"
    second = f"{mixture.second} ({', '.join(mixture.from_second)})"
    said = say(
        "lineage.mixed",
        first=first,
        second=second,
        together=mixture.changed_together,
        alone=mixture.changed_alone,
        support=percent(mixture.support),
        by_chance=percent(mixture.by_chance),
    )
    if mixture.ties:
        pairs = joined(joined(pair, say("scope.and")) for pair in mixture.ties)
        said = say("lineage.mixed_ties", said=said, pairs=pairs)
    return said


def _reading(lineage: Lineage, width: int) -> list[Line]:
    """Return what counts, what was set aside, and how to read support."""
    clause = lineage.clause
    lines = labelled("Counted:", ", ".join(clause.counted) + ".", width)
    for name, why in clause.uncounted.items():
        lines += labelled("Not counted:", f"{name}: {clean(why)}.", width)
    for name, why in lineage.aside.items():
        lines += labelled("Not placed:", f"{name}: {why}.", width)
    said = (
        f"Support: how often this parent needs fewest changes when the features are drawn anew "
        f"({lineage.resamples} times); instruments that tie share it, and a feature nobody could "
        "read tells nothing apart."
    )
    return lines + hanging("", said, width)


def lineage_to_dict(lineage: Lineage) -> Data:
    """Return the tree as plain data."""
    clause = lineage.clause
    instruments = []
    for descent in lineage.descents:
        record: Data = {
            name: plain(getattr(descent, name))
            for name in Descent.__dataclass_fields__
            if name not in ("date", "order")
        }
        instruments.append({**record, "date": descent.date.text, "order": str(descent.order)})
    return {
        "clause": clause.name,
        "title": clause.title,
        "norm": clause.norm,
        "caveat": CAVEAT,
        "counted": dict(clause.counted),
        "uncounted": dict(clause.uncounted),
        "changes": lineage.changes,
        "resamples": lineage.resamples,
        "instruments": instruments,
        "not_placed": dict(lineage.aside),
    }


def lineage_rows(lineage: Lineage) -> Iterator[tuple[str, ...]]:
    """Yield the cells of each instrument, as CSV_COLUMNS names them."""
    for d in lineage.descents:
        mixed = d.mixture
        parts = (
            [(mixed.first, mixed.from_first), (mixed.second, mixed.from_second)] if mixed else []
        )
        yield (
            d.instrument, d.date.text, d.parent, str(d.order) if d.parent else "",
            "; ".join(_change(c) for c in d.changes), str(d.compared), str(d.known),
            " ".join(d.ties), f"{d.support:.3f}", f"{d.wording_support:.3f}",
            " ".join(d.rests_on),
            " + ".join(f"{name} ({', '.join(features)})" for name, features in parts),
            f"{mixed.support:.3f}" if mixed else "", f"{mixed.by_chance:.3f}" if mixed else "",
            d.reason, " ; ".join(d.sources), d.status, str(d.candidates),
            "; ".join(f"{kind} {name}" for kind, name in d.on_record),
        )  # fmt: skip


def lineage_svg(lineage: Lineage) -> str:
    """Return the tree drawn on an axis of time; a mixed text's second parent is a dashed line."""
    from comity.report.time_graph import Edge, Node, time_graph  # drawing is slow to import

    nodes, edges = [], []
    for d in _in_order(lineage, ""):
        said = "; ".join(facts_of(d))
        nodes.append(Node(d.instrument, d.instrument, _detail(d), said, d.date))
        if d.parent:
            told = f"{d.parent} to {d.instrument}: {changes_of(d)}"
            support = 0.0 if d.candidates == 1 else d.wording_support
            edges.append(Edge(d.parent, d.instrument, support, False, told))
        if d.mixture:
            for name in (d.mixture.first, d.mixture.second):
                if name != d.parent:
                    edges.append(Edge(name, d.instrument, 0, True, mixture_of(d.mixture)))
    notes = (
        "Each text stands with the earlier one it needs fewest changes from; a wider line is "
        "better supported (per cent).",
        "Dashed: a second text that a mixed one may have drawn on. A hypothesis about wording, "
        "not proof of borrowing.",
    )
    return time_graph(nodes, edges, lineage.clause.title, notes)


def _detail(descent: Descent) -> str:
    """Return the line under a label: how well supported, then what changed."""
    if not descent.parent:
        return descent.reason
    alone = descent.candidates == 1
    said: list[str] = ["no other is near" if alone else percent(descent.wording_support)]
    if tied := len(descent.ties):
        said.append(f"{tied} other{'s' if tied > 1 else ''} as near")
    said += ["mixed"] if descent.mixture else []
    elsewhere = descent.on_record and not {n for _, n in descent.on_record} & {
        descent.parent, *descent.ties
    }  # fmt: skip
    said += ["the register has it otherwise"] if elsewhere else []
    changed = [_change(c) for c in descent.changes] or ["nothing changed"]
    return "; ".join([*said, *changed])


def _in_order(lineage: Lineage, parent: str) -> Iterator[Descent]:
    """Yield each instrument below a parent, followed by those below it."""
    for child in lineage.children(parent):
        yield child
        yield from _in_order(lineage, child.instrument)
