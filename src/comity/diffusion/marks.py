"""A reused passage word by word: what is shared, changed, left out and added."""

from __future__ import annotations

from comity.diffusion.model import Mark, Reuse, Reuses, Span
from comity.diffusion.tokens import words_of

SAME, CHANGED, LEFT_OUT, ADDED = "same", "changed", "left out", "added"


def marks_of(reuses: Reuses, reuse: Reuse) -> tuple[Mark, ...]:
    """Return a reused passage as pieces in reading order, each with both documents' text.

    The pieces' texts, put together, are the span of each document, character for character. A
    word counts as the same where only its case, or the signs behind it, differ.
    """
    one, two = (_words(reuses, span) for span in (reuse.first, reuse.second))
    marks: list[tuple[str, list[str], list[str]]] = []
    last = (-1, -1)
    for a, b in reuse.shared.tolist():
        left, right = one[last[0] + 1 : a], two[last[1] + 1 : b]
        if left or right:
            kind = CHANGED if left and right else LEFT_OUT if left else ADDED
            marks.append((kind, left, right))
        if not marks or marks[-1][0] != SAME:
            marks.append((SAME, [], []))
        marks[-1][1].append(one[a])
        marks[-1][2].append(two[b])
        last = a, b
    return tuple(Mark(kind, "".join(left), "".join(right)) for kind, left, right in marks)


def _words(reuses: Reuses, span: Span) -> list[str]:
    """Return the words of a span, each with what stands between it and the next."""
    text = reuses.texts[span.document].text[span.start : span.end]
    words = words_of(text)
    begins = words.start.tolist()
    found = []
    for k, begin in enumerate(begins):
        until = begins[k + 1] if k + 1 < len(begins) else len(text)
        found.append(text[begin:until])
    return found
