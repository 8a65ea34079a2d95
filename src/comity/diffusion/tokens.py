"""Text as words, all at once: where each begins and ends, a number for it, what stands after it.

A word is a run of letters, digits and marks, in any script; an ideograph is a word of its own.
Case does not count. Scripts written without spaces and without ideographs (Thai, Khmer) give one
word a phrase: reuse is then found only phrase by phrase.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NO_BREAK, SENTENCE, PARAGRAPH = 0, 1, 2
_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(32)
_STOPS = ".!?;:。！？；։؟।"
_LINES = "\n\u2028"
_PARAGRAPHS = "\f\u2029"
PIECE = 1 << 20


class Words(NamedTuple):
    """The words of a text, a row a word.

    `start` and `end` are offsets in the text (end EXCLUSIVE), `code` a number below 2**31 that
    equal words share (case aside; two unlike words share one about once in two billion pairs),
    `number` whether it is digits alone, `after` what stands behind it: NO_BREAK, SENTENCE (a
    full stop or the like, then a space) or PARAGRAPH (an empty line).
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    code: NDArray[np.uint32]
    number: NDArray[np.bool_]
    after: NDArray[np.uint8]


def words_of(text: str) -> Words:
    """Return the words of a text; a long one is read in pieces that end at a line's end."""
    parts, begin = [], 0
    while begin < len(text):
        end = min(begin + PIECE, len(text))
        if end < len(text):
            cut = max(text.rfind("\n", begin, end), text.rfind(" ", begin, end))
            end = cut if cut > begin else end
        parts.append(_words(text[begin:end], begin))
        begin = end
    if not parts:
        empty = np.zeros(0, dtype=np.int64)
        return Words(empty, empty, empty.astype(np.uint32), empty > 0, empty.astype(np.uint8))
    return Words(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _words(text: str, offset: int) -> Words:
    """Return the words of one piece."""
    kind, lower = _tables()
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    plane = np.minimum(points, np.uint32(0xFFFF))
    kinds = kind[plane]
    kinds[(points >= 0x20000) & (points < 0x40000)] = _IDEOGRAPH
    inside = (kinds == _LETTER) | (kinds == _DIGIT) | (kinds == _IDEOGRAPH)
    alone = kinds == _IDEOGRAPH
    before = np.empty_like(inside)
    before[:1], before[1:] = False, inside[:-1]
    joined = inside & before
    joined[1:] &= ~(alone[1:] | alone[:-1])
    start = np.flatnonzero(inside & ~joined)
    stop = np.ones(len(points) + 1, dtype=bool)
    stop[:-1] = ~joined
    breaks = np.flatnonzero(stop)
    end = breaks[np.searchsorted(breaks, start, side="right")]
    code = _codes(np.where(points > 0xFFFF, points, lower[plane]), start, end)
    digits = _running(kinds == _DIGIT)
    number = digits[end] - digits[start] == end - start
    return Words(start + offset, end + offset, code, number, _after(kinds, start, end))


def _codes(
    points: NDArray[np.uint32], start: NDArray[np.int64], end: NDArray[np.int64]
) -> NDArray[np.uint32]:
    """Return a number for each word: a polynomial of its letters modulo 2**64, mixed and cut."""
    powers, inverse = _powers()
    sums = np.zeros(len(points) + 1, dtype=np.uint64)
    np.cumsum((points.astype(np.uint64) + np.uint64(1)) * powers[: len(points)], out=sums[1:])
    code = (sums[end] - sums[start]) * inverse[start]
    code ^= code >> _SHIFT
    code *= _MIX
    return (code >> np.uint64(33)).astype(np.uint32)


def _after(
    kinds: NDArray[np.uint8], start: NDArray[np.int64], end: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Return what stands between each word and the next."""
    until = np.append(start[1:], len(kinds))

    def count(flags: NDArray[np.bool_]) -> NDArray[np.int64]:
        running = _running(flags)
        found: NDArray[np.int64] = running[until] - running[end]
        return found

    lines, blanks = count(kinds == _LINE), count((kinds == _SPACE) | (kinds == _LINE))
    after = np.where((count(kinds == _STOP) > 0) & (blanks > 0), SENTENCE, NO_BREAK)
    after = np.where(count(kinds == _WIDE_STOP) > 0, SENTENCE, after)
    after = np.where((lines > 1) | (count(kinds == _PAGE) > 0), PARAGRAPH, after)
    return after.astype(np.uint8)


def _running(flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many of the first k are true, for k from 0 to all."""
    total = np.zeros(len(flags) + 1, dtype=np.int64)
    np.cumsum(flags, out=total[1:])
    return total


_OTHER, _LETTER, _DIGIT, _IDEOGRAPH, _SPACE, _LINE, _PAGE, _STOP, _WIDE_STOP = range(9)


@lru_cache(maxsize=1)
def _tables() -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    """Return the kind and the lower case of each character of the basic plane."""
    kind = np.zeros(0x10000, dtype=np.uint8)
    lower = np.arange(0x10000, dtype=np.uint32)
    for point in range(0x10000):
        char = chr(point)
        category = unicodedata.category(char)
        if char in _LINES:
            kind[point] = _LINE
        elif char in _PARAGRAPHS:
            kind[point] = _PAGE
        elif char in _STOPS:
            kind[point] = _STOP if point < 0x3000 else _WIDE_STOP
        elif char.isspace():
            kind[point] = _SPACE
        elif category == "Nd":
            kind[point] = _DIGIT
        elif (0x3040 <= point < 0xA000 and category == "Lo") or 0xF900 <= point < 0xFB00:
            kind[point] = _IDEOGRAPH
        elif category[0] in "LMN":
            kind[point] = _LETTER
        small = char.lower()
        if len(small) == 1:
            lower[point] = ord(small)
    return kind, lower


@lru_cache(maxsize=1)
def _powers() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the powers of the base and of its inverse modulo 2**64."""
    base = np.full(PIECE + 1, _BASE, dtype=np.uint64)
    back = np.full(PIECE + 1, np.uint64(pow(int(_BASE), -1, 2**64)), dtype=np.uint64)
    base[0] = back[0] = 1
    return np.multiply.accumulate(base), np.multiply.accumulate(back)
