"""Local alignment of words (Smith and Waterman 1981), many pairs of passages at once.

A shared word scores 2, a changed word and a word on one side only cost 1 each. The matrices of a
batch of pairs are filled diagonal by diagonal, every pair of the batch in one step; scores of
passages of 60 words fit into a byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from comity.diffusion.passages import MOST_WORDS, Passages

MATCH, CHANGE, GAP = 2, 1, 1
BATCH, BATCH_KEPT = 1024, 256
_PAD = np.array([2**31, 2**31 + 1], dtype=np.uint32)
Pairs = NDArray[np.int64]
Cells = NDArray[np.int8]


class Matched(NamedTuple):
    """The shared words of one aligned pair: places in the first and in the second passage."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]


def scores_of(passages: Passages, pairs: Pairs) -> NDArray[np.int16]:
    """Return the best local score of each pair; `pairs` is (n, 2) numbers of passages."""
    scores = np.zeros(len(pairs), dtype=np.int16)
    for rows in _batches(passages, pairs, BATCH):
        a, b = _words(passages, pairs[rows, 0], 0), _words(passages, pairs[rows, 1], 1)
        scores[rows] = _filled(a, b, keep=False).max(axis=0)
    return scores


def matched_words(passages: Passages, pairs: Pairs) -> list[Matched]:
    """Return the shared words of the best local alignment of each pair, in reading order."""
    found: list[Matched] = [Matched(np.zeros(0, np.int64), np.zeros(0, np.int64))] * len(pairs)
    for rows in _batches(passages, pairs, BATCH_KEPT):
        a, b = _words(passages, pairs[rows, 0], 0), _words(passages, pairs[rows, 1], 1)
        for row, matched in zip(rows, _traced(a, b, _filled(a, b, keep=True)), strict=True):
            found[row] = matched
    return found


def _batches(passages: Passages, pairs: Pairs, size: int) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of each batch: pairs of passages of about one length."""
    lengths = passages.lengths
    order = np.lexsort((lengths[pairs[:, 1]], lengths[pairs[:, 0]] // 4))
    for begin in range(0, len(order), size):
        yield order[begin : begin + size]


def _words(passages: Passages, which: NDArray[np.int64], side: int) -> NDArray[np.uint32]:
    """Return (longest, pairs) words, padded with what no word of the other side equals."""
    begin = passages.first[which]
    lengths = passages.first[which + 1] - begin
    place = np.arange(lengths.max())[:, None]
    at = np.minimum(begin[None, :] + place, len(passages.codes) - 1)
    return np.where(place < lengths[None, :], passages.codes[at], _PAD[side])


def _filled(a: NDArray[np.uint32], b: NDArray[np.uint32], keep: bool) -> Cells:
    """Return scores by diagonal.

    With `keep`: (diagonals, words of a + 1, pairs), where [d, i] is the cell of the first i words
    of a and the first d - i of b. Without: (words of a + 1, pairs), the best of each row.
    """
    rows, columns, pairs = len(a), len(b), a.shape[1]
    if max(rows, columns) > MOST_WORDS:
        raise ValueError(f"passages of over {MOST_WORDS} words do not fit into a byte")
    planes = np.zeros((rows + columns + 1 if keep else 3, rows + 1, pairs), dtype=np.int8)
    best = np.zeros((rows + 1, pairs), dtype=np.int8)
    alike = np.empty((rows, pairs), dtype=bool)
    back = b[::-1]
    back = np.ascontiguousarray(back)
    count = len(planes)
    for d in range(2, rows + columns + 1):
        low, high = max(1, d - columns), min(rows, d - 1) + 1
        old, last, new = planes[(d - 2) % count], planes[(d - 1) % count], planes[d % count]
        same = alike[: high - low]
        shift = columns - d
        np.equal(a[low - 1 : high - 1], back[shift + low : shift + high], out=same)
        gain = same.view(np.int8)
        gain *= MATCH + CHANGE
        gain += old[low - 1 : high - 1]
        cell = new[low:high]
        np.maximum(last[low - 1 : high - 1], last[low:high], out=cell)
        np.maximum(cell, gain, out=cell)
        cell -= GAP
        np.maximum(cell, 0, out=cell)
        if not keep:
            np.maximum(best[low:high], cell, out=best[low:high])
    return planes if keep else best


def _traced(a: NDArray[np.uint32], b: NDArray[np.uint32], planes: Cells) -> Iterator[Matched]:
    """Yield the shared words of each pair of a batch, from the best cell back to a zero."""
    _, rows, pairs = planes.shape
    peak = planes.reshape(-1, pairs).argmax(axis=0)
    d, i = np.divmod(peak, rows)
    each = np.arange(pairs)
    found: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = []
    while True:
        score = planes[d, i, each]
        live = np.flatnonzero(score > 0)
        if not len(live):
            break
        di, ii, k = d[live], i[live], live
        same = a[ii - 1, k] == b[di - ii - 1, k]
        value = score[live].astype(np.int16)
        step = np.where(same, MATCH, -CHANGE)
        diagonal = planes[di - 2, ii - 1, k] + step == value
        above = planes[di - 1, ii - 1, k] - GAP == value
        hit = diagonal & same
        found.append((k[hit], ii[hit] - 1, (di - ii)[hit] - 1))
        d[live] = di - np.where(diagonal, 2, 1)
        i[live] = ii - (diagonal | above)
    which, left, right = (
        (np.concatenate(c) for c in zip(*found, strict=True))
        if found
        else (np.zeros(0, np.int64),) * 3
    )
    order = np.lexsort((left, which))
    edges = np.searchsorted(which[order], np.arange(pairs + 1))
    for pair in range(pairs):
        part = order[edges[pair] : edges[pair + 1]]
        yield Matched(left[part], right[part])
