"""Passages that documents share, as text, as data, as rows of a table, as a page, as a picture."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from comity import __version__
from comity.diffusion.marks import ADDED, CHANGED, LEFT_OUT, marks_of
from comity.diffusion.model import CAVEAT, Common, Direction, Mark, Reuse, Reuses, Span
from comity.report.html import _environment
from comity.report.lines import Line, columns, hanging, wrap
from comity.report.plain import Data
from comity.report.terminal import NARROWEST, page_of
from comity.report.text import clean
from comity.report.time_graph import Edge, Node, time_graph

CSV_COLUMNS = (
    "first", "first_date", "first_place", "second", "second_date", "second_place", "direction",
    "score", "words_first", "words_second", "words_shared", "also",
)  # fmt: skip
MOST_SHOWN, MOST_ON_PAGE, MOST_PAIRS = 10, 300, 20
LONGEST, LONGEST_COMMON = 1500, 160
PER_DOCUMENT = 3
Place = Callable[[Span], str]


@dataclass(frozen=True, slots=True)
class Between:
    """What two documents share in all; `first` is the earlier one where `known`."""

    first: int
    second: int
    finds: int
    words: int
    known: bool


def pairs_of(reuses: Reuses) -> tuple[Between, ...]:
    """Return the documents that share passages, two by two, most shared words first."""
    sums: dict[tuple[int, int, bool], list[int]] = {}
    for reuse in reuses.found:
        key = (reuse.first.document, reuse.second.document, _known(reuse))
        total = sums.setdefault(key, [0, 0])
        total[0] += 1
        total[1] += len(reuse.shared)
    found = [Between(a, b, n, words, known) for (a, b, known), (n, words) in sums.items()]
    return tuple(sorted(found, key=lambda p: (-p.words, p.first, p.second)))


def _known(reuse: Reuse) -> bool:
    return reuse.direction is Direction.EARLIER_FIRST


def render_reuses(reuses: Reuses, place: Place, width: int = 80, most: int = MOST_SHOWN) -> Text:
    """Return the finds as text at most `width` columns wide (60 at least), the best `most`."""
    width = max(width, NARROWEST)
    count = len(reuses.found)
    head = (
        f"{len(reuses.texts)} documents, {reuses.passages:,} passages: "
        f"{count:,} {'find' if count == 1 else 'finds'} of score {reuses.least} or more."
    )
    lines: list[Line] = [(line, "") for line in wrap(head, width)]
    if not count:
        lines += hanging("", "No passage of one was found in another.", width)
        return page_of([*lines, *_undated(reuses, width)])
    lines += [*hanging("", CAVEAT, width), ("", ""), *_pairs(reuses, width)]
    lines += [("", "")]
    legend = "In brackets: [earlier > later] changed, [-left out-], [+added+]. Score: twice the "
    legend += "shared words less the others."
    lines += hanging("", legend, width)
    for number, reuse in enumerate(reuses.found[:most], start=1):
        lines += [("", ""), *_find(reuses, reuse, number, place, width)]
    for common in reuses.common:
        said = f"In {len(common.documents)} of the documents, so not counted as a find: "
        lines += [("", ""), *hanging("", said + _opening(reuses, common), width)]
    if count > most:
        more = f"{count - most:,} more: --most {count}, --html FILE or --json."
        lines += [("", ""), *hanging("", more, width)]
    return page_of([*lines, *_undated(reuses, width)])


def _opening(reuses: Reuses, common: Common) -> str:
    """Return how a common passage begins, in quotation marks."""
    span = common.span
    text = clean(reuses.texts[span.document].text[span.start : span.end])
    return f'"{text[:LONGEST_COMMON]}{".." if len(text) > LONGEST_COMMON else ""}"'


def _pairs(reuses: Reuses, width: int) -> list[Line]:
    """Return the table of documents that share most."""
    pairs = pairs_of(reuses)
    rows = [("words", "finds", "documents")]
    for pair in pairs[:MOST_PAIRS]:
        names = _arrow(reuses, pair.first, pair.second, pair.known, (width - 26) // 2)
        rows.append((f"{pair.words:,}", f"{pair.finds:,}", names))
    lines = columns(rows, width, right=(0, 1))
    if len(pairs) > MOST_PAIRS:
        lines += hanging("  ", f"and {len(pairs) - MOST_PAIRS} more pairs of documents", width)
    return lines


def _arrow(reuses: Reuses, first: int, second: int, known: bool, room: int = 1000) -> str:
    """Return two documents as told apart by date, each in at most `room` characters."""
    names = (clean(reuses.texts[k].name) for k in (first, second))
    one, two = (n if len(n) <= room else n[: room - 2] + ".." for n in names)
    return f"{one} > {two}" if known else f"{one} ? {two} (direction unknown)"


def _find(reuses: Reuses, reuse: Reuse, number: int, place: Place, width: int) -> list[Line]:
    """Return one find: where, how much, and its words with what changed."""
    names = _arrow(reuses, reuse.first.document, reuse.second.document, _known(reuse))
    lines: list[Line] = [(line, "") for line in wrap(f"{number}. {names}", width)]
    lines += hanging("   ", f"{place(reuse.first)}; {place(reuse.second)}", width)
    lines += hanging("   ", amount_of(reuse), width)
    text = "".join(map(_marked, marks_of(reuses, reuse)))
    text = text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + " .."
    return lines + hanging("   ", clean(text), width)


def amount_of(reuse: Reuse) -> str:
    """Return in words how much is shared, and where else the same words stand."""
    said = f"score {reuse.score}: {len(reuse.shared)} of {reuse.words[0]} words are also in the "
    said += f"{reuse.words[1]} of the other"
    times = max(reuse.first.times, reuse.second.times)
    if times > 1:
        said += f"; stands {times} times in one document"
    if reuse.also:
        said += f"; {reuse.also} more matches of the same words are grouped here"
    return said


def _marked(mark: Mark) -> str:
    first, second = clean(mark.first), clean(mark.second)
    if mark.kind == CHANGED:
        return f"[{first} > {second}] "
    if mark.kind == LEFT_OUT:
        return f"[-{first}-] "
    if mark.kind == ADDED:
        return f"[+{second}+] "
    return f"{second} "


def _undated(reuses: Reuses, width: int) -> list[Line]:
    """Return which documents have no date, and how to give one."""
    undated = [clean(t.name) for t in reuses.texts if not t.date.text]
    if not undated:
        return []
    listed = ", ".join(undated[:8]) + (f" and {len(undated) - 8} more" if len(undated) > 8 else "")
    said = f"No date: {listed}. Give one with --date FILE=2015-09-25 (or 2015, 2015-09)."
    return [("", ""), *hanging("", said, width)]


def reuses_to_dict(reuses: Reuses, place: Place, problems: Sequence[str] = ()) -> Data:
    """Return the finds as plain data, with the words of each; `problems` name unread files."""
    return {
        "caveat": CAVEAT,
        "least": reuses.least,
        "passages": reuses.passages,
        "pairs_aligned": reuses.compared,
        "documents": [
            {"name": t.name, "date": t.date.text, "dated_by": t.dated_by} for t in reuses.texts
        ],
        "finds": [
            {
                "first": _span(reuses, reuse.first, place),
                "second": _span(reuses, reuse.second, place),
                "direction": str(reuse.direction),
                "score": reuse.score,
                "words": list(reuse.words),
                "shared": len(reuse.shared),
                "also": reuse.also,
                "marks": [
                    {"kind": m.kind, "first": m.first, "second": m.second}
                    for m in marks_of(reuses, reuse)
                ],
            }
            for reuse in reuses.found
        ],
        "common": [
            {
                **_span(reuses, common.span, place),
                "documents": [reuses.texts[d].name for d in common.documents],
                "finds": common.finds,
                "begins": _opening(reuses, common),
            }
            for common in reuses.common
        ],
        "problems": list(problems),
    }


def _span(reuses: Reuses, span: Span, place: Place) -> Data:
    return {
        "document": reuses.texts[span.document].name,
        "place": place(span),
        "start": span.start,
        "end": span.end,
        "times": span.times,
    }


def reuse_rows(reuses: Reuses, place: Place) -> Iterator[tuple[str, ...]]:
    """Yield the cells of each find, as CSV_COLUMNS names them."""
    for reuse in reuses.found:
        one, two = (reuses.texts[s.document] for s in (reuse.first, reuse.second))
        yield (
            one.name, one.date.text, place(reuse.first), two.name, two.date.text,
            place(reuse.second), str(reuse.direction), str(reuse.score), str(reuse.words[0]),
            str(reuse.words[1]), str(len(reuse.shared)), str(reuse.also),
        )  # fmt: skip


def reuse_svg(reuses: Reuses) -> str:
    """Return the documents on an axis of time, each joined to the three it shares most with.

    A solid line leads from the earlier document, a dashed one has no direction by date; wider is
    more shared words.
    """
    pairs = pairs_of(reuses)
    most = max((p.words for p in pairs), default=1)
    kept: dict[int, list[Between]] = {}
    for pair in pairs:
        mine = kept.setdefault(pair.second, [])
        if len(mine) < PER_DOCUMENT:
            mine.append(pair)
    edges = [
        Edge(
            str(p.first), str(p.second), p.words / most, not p.known,
            f"{_arrow(reuses, p.first, p.second, p.known)}: {p.words} words in {p.finds} finds",
        )
        for group in kept.values()
        for p in group
    ]  # fmt: skip
    used = {name for e in edges for name in (e.source, e.target)}
    nodes = []
    for k, text in enumerate(reuses.texts):
        mine = kept.get(k, [])
        detail = "; ".join(
            f"{p.words:,} words {'from' if p.known else 'as in'} {reuses.texts[p.first].name}"
            for p in mine
        )
        if str(k) in used:
            nodes.append(Node(str(k), text.name, detail, detail or "nothing earlier", text.date))
    notes = (
        "A line leads from the earlier document to one that shares passages with it, the three "
        "strongest of each; wider is more words.",
        f"Dashed: dates do not tell the direction. {len(reuses.texts) - len(nodes)} documents "
        "share nothing. Not proof of borrowing.",
    )
    return time_graph(nodes, edges, "Passages that documents share", notes)


def render_page(reuses: Reuses, place: Place) -> str:
    """Return the best finds side by side as one HTML page that opens offline."""
    finds = [
        {
            "names": _arrow(reuses, r.first.document, r.second.document, _known(r)),
            "known": _known(r),
            "amount": amount_of(r),
            "places": (place(r.first), place(r.second)),
            "marks": marks_of(reuses, r),
        }
        for r in reuses.found[:MOST_ON_PAGE]
    ]
    picture = base64.b64encode(reuse_svg(reuses).encode()).decode("ascii")
    page: str = (
        _environment()
        .get_template("reuse.html.j2")
        .render(
            v={"version": __version__},
            r=reuses,
            finds=finds,
            pairs=[(p, _arrow(reuses, p.first, p.second, p.known)) for p in pairs_of(reuses)],
            most=MOST_ON_PAGE,
            common=[(c, _opening(reuses, c)) for c in reuses.common],
            caveat=CAVEAT,
            picture=f"data:image/svg+xml;base64,{picture}",
            command="comity lineage FILE... --html FILE.html",
        )
    )
    return page
