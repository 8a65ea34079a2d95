"""Lines of a page of plain text: broken at spaces, labelled, hanging behind a mark."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

INDENT = "  "
Line = tuple[str, str]  # a heading in bold, then the rest


def wrap(text: str, width: int) -> list[str]:
    """Return text broken at spaces into lines at most `width` cells wide; a wide character is two.

    >>> wrap("one two three", 7)
    ['one two', 'three']
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        while cell_len(word) > width:
            cut = max(1, len(set_cell_size(word, width).rstrip()))
            lines += [line] if line else []
            lines, line, word = [*lines, word[:cut]], "", word[cut:]
        longer = f"{line} {word}" if line else word
        if cell_len(longer) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line] if line else lines


def labelled(label: str, text: str, width: int) -> list[Line]:
    """Return a paragraph that its label opens, the lines after the first indented."""
    body = wrap(f"{label} {text}", width - len(INDENT))
    first, *others = body
    rest = first[len(label) :]
    return [(label, rest), *[("", INDENT + line) for line in others]]


def hanging(mark: str, text: str, width: int) -> list[Line]:
    """Return a paragraph behind a mark."""
    body = wrap(text, width - len(mark))
    return [("", (mark if n == 0 else " " * len(mark)) + line) for n, line in enumerate(body)]


def columns(
    rows: Sequence[Sequence[str]], width: int, right: Sequence[int] = (), cut: bool = True
) -> list[Line]:
    """Return rows as aligned columns, the last one cut to what is left of the width, or wrapped.

    The first row is the heading, in bold; columns named in `right` are aligned right.
    """
    if not rows:
        return []
    last = len(rows[0]) - 1
    sizes = [max(cell_len(row[k]) for row in rows) for k in range(last)]
    lines: list[Line] = []
    for number, row in enumerate(rows):
        cells = []
        for k in range(last):
            space = " " * (sizes[k] - cell_len(row[k]))
            cells.append(space + row[k] if k in right else row[k] + space)
        text = INDENT + "  ".join(cells) + "  "
        room = max(width - cell_len(text), 8)
        first, *rest = [_fitted(row[last], room)] if cut else wrap(row[last], room) or [""]
        lead, text = cell_len(text), (text + first).rstrip()
        lines.append((text, "") if number == 0 else ("", text))
        lines += [("", " " * lead + line) for line in rest]
    return lines


def _fitted(text: str, room: int) -> str:
    """Return text that fits into so many cells, its end shown as cut."""
    return text if cell_len(text) <= room else set_cell_size(text, room - 2).rstrip() + ".."
