"""Other regimes beside cyber instruments, as plain text: nearest, what it has, where it breaks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from comity.parallels.model import DESIGN, FEATURES, Cell, Parallels, Regime
from comity.parallels.nearest import FEWEST_SHARED, Parallel
from comity.provenance import numbered
from comity.report.lines import Line, columns, hanging, wrap
from comity.report.text import clean

SHOWN = 5
CSV_COLUMNS = (
    "regime", "name", "field", "feature", "question", "code", "value", "limit", "status", "sources",
)  # fmt: skip
LIMIT = (
    "Likeness counts shared features of design, each alike in weight. It is no forecast: that a "
    "regime like this one lasted does not say that this one will."
)
DEGREES = {"yes": "y", "partial": "p", "no": "n", "unknown": "?"}


def overview_lines(parallels: Parallels, width: int = 80) -> list[Line]:
    """Return all regimes by their yes-or-no features, one row each."""
    asked = [f for f in FEATURES.values() if f.codes == ("no", "partial", "yes")]
    lines = _said(
        f"{len(parallels.others)} regimes of other fields and {len(parallels.instruments)} cyber "
        f"instruments by {len(FEATURES)} features. y yes, p partly, n no, ? not known.", width,
    )  # fmt: skip
    lines += [("", "")]
    lines += [("", f"  {k}  {f.question}") for k, f in zip("abcdefghijklmno", asked, strict=False)]
    lines += [("", "")]
    heads = ["", *"abcdefghijklmno"[: len(asked)], "regime"]
    rows = [heads]
    for r in parallels.regimes.values():
        marks = [DEGREES[c.code] if (c := r.cells.get(f.id)) else "?" for f in asked]
        rows.append([r.id, *marks, clean(r.name)])
    lines += columns(rows, width)
    return [*lines, ("", ""), *_said(
        "One of them whole: `comity parallels incidents-at-sea`. What is near an instrument: "
        "`comity parallels us-china-2015`.", width,
    )]  # fmt: skip


def regime_lines(regime: Regime, width: int = 80) -> list[Line]:
    """Return every feature of one regime with its source and status."""
    cited = numbered(c.sources for c in regime.cells.values())
    lines = _said(f"{clean(regime.name)} ({regime.id}), {clean(regime.field)}", width)
    lines += [("", "")]
    for c in regime.cells.values():
        lines += _cell(c, cited, width)
    lines += [("", ""), ("Where the analogy breaks", "")]
    lines += hanging("  ", clean(regime.breaks), width)
    return [*lines, ("", ""), *_sources(cited)]


def nearest_lines(
    instrument: Regime, found: Sequence[Parallel], shown: int = SHOWN, width: int = 80
) -> list[Line]:
    """Return the likest regimes of other fields, what each has, and where each analogy breaks."""
    top = [p for p in found[:shown] if p.likeness.score is not None]
    cells = [c for p in top for pair in (*p.has, *p.lacks, *p.breaks) for c in pair]
    cited = numbered(c.sources for c in cells)
    lines = _said(f"Nearest to {clean(instrument.name)} ({instrument.id})", width)
    rows = [("likeness", "features", "regime")]
    for p in found:
        score = "-" if p.likeness.score is None else f"{p.likeness.score:.2f}"
        rows.append((score, str(p.likeness.compared), clean(f"{p.regime.id}: {p.regime.name}")))
    lines += [("", ""), *columns(rows, width, right=(0, 1), cut=False)]
    lines += _said(
        "Features: those that at least one of the two has, and that are known of both. A dash: "
        f"fewer than {FEWEST_SHARED}. Few make a likeness loose: of {FEWEST_SHARED} features, one "
        f"that were otherwise moves it by {1 / FEWEST_SHARED:.2f}, more than lies between most "
        "neighbours here.", width
    )  # fmt: skip
    for p in top:
        lines += [("", ""), (clean(f"{p.regime.id}: {p.regime.name}"), "")]
        lines += _pairs("It has, and the instrument lacks or has less of:", p.has, cited, width)
        lines += _pairs("The instrument has more of:", p.lacks, cited, width)
        lines += _pairs("The matter differs:", p.breaks, cited, width)
        lines += hanging("  ", f"The analogy breaks: {clean(p.regime.breaks)}", width)
    lines += [("", ""), *_said(LIMIT, width), ("", "")]
    return [*lines, *_sources(cited)]


def pair_lines(one: Regime, other: Regime, width: int = 80) -> list[Line]:
    """Return two of them feature by feature."""
    both = [f for f in FEATURES.values() if f.id in one.cells or f.id in other.cells]
    cited = numbered(r.cells[f.id].sources for f in both for r in (one, other) if f.id in r.cells)
    lines = _said(f"{clean(one.name)} ({one.id}) beside {clean(other.name)} ({other.id})", width)
    for f in both:
        lines += [("", ""), (f.question, "")]
        for r in (one, other):
            c = r.cells.get(f.id)
            said = "not coded" if c is None else _words(c, cited)
            lines += hanging("  ", f"{r.id}: {said}", width)
    lines += [("", ""), ("Where analogies break", "")]
    for r in (one, other):
        lines += hanging("  ", f"{r.id}: {clean(r.breaks)}", width)
    return [*lines, ("", ""), *_sources(cited)]


def feature_lines(feature: str, cells: Iterable[Cell], width: int = 80) -> list[Line]:
    """Return how each regime stands on one feature."""
    listed = sorted(cells, key=lambda c: (_rank(c), c.of))
    cited = numbered(c.sources for c in listed)
    lines: list[Line] = [(FEATURES[feature].question, "")]
    for c in listed:
        lines += hanging("  ", f"{c.of}: {_words(c, cited)}", width)
    return [*lines, ("", ""), *_sources(cited)]


def _rank(cell: Cell) -> int:
    codes = FEATURES[cell.feature].codes
    return -codes.index(cell.code) if cell.code in codes else 1


def cell_rows(regimes: Iterable[Regime]) -> list[tuple[object, ...]]:
    """Return every cell as a row under CSV_COLUMNS."""
    return [
        (
            r.id, r.name, r.field, c.feature, FEATURES[c.feature].question, c.code, c.value,
            c.limit, c.status, " ".join(c.sources),
        )
        for r in regimes for c in r.cells.values()
    ]  # fmt: skip


def _pairs(
    heading: str, pairs: Sequence[tuple[Cell, Cell]], cited: dict[str, int], width: int
) -> list[Line]:
    lines: list[Line] = [("", f"  {heading}")] if pairs else []
    for its, mine in pairs:
        question = FEATURES[its.feature].question
        lines += hanging("  - ", f"{question} {_words(its, cited)}", width)
        lines += hanging("    ", f"here: {_words(mine, cited)}", width)
    return lines


def _words(cell: Cell, cited: dict[str, int]) -> str:
    marks = "".join(f"[{n}]" for n in sorted({cited[a] for a in cell.sources}))
    limit = f" ({cell.limit})" if cell.limit else ""
    return clean(f"{cell.code}, {cell.value}{limit} {marks} {cell.status}").replace("  ", " ")


def _cell(cell: Cell, cited: dict[str, int], width: int) -> list[Line]:
    question = FEATURES[cell.feature].question
    first, *rest = wrap(f"{question} {_words(cell, cited)}", width - 4)
    return [("", f"  {first}"), *(("", f"    {line}") for line in rest)]


def design_features() -> tuple[str, ...]:
    """Return the ids of the features that make two regimes alike."""
    return tuple(f.id for f in FEATURES.values() if f.use == DESIGN)


def _sources(cited: dict[str, int]) -> list[Line]:
    return [("Sources", ""), *(("", f"  [{n}] {clean(a)}") for a, n in cited.items())]


def _said(text: str, width: int) -> list[Line]:
    return [("", line) for line in wrap(text, width)]
