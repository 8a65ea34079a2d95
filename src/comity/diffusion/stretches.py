"""Aligned pairs of passages joined into stretches: a reused page is one find, not forty."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from comity.diffusion.align import GAP, MATCH, Matched
from comity.diffusion.passages import Passages

HALF = 0.5
MANY = 20


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Words that two documents share in one order.

    `words` (n, 2) are their numbers among all words, rising on both sides; `anchor` the passages
    of the pair with most shared words.
    """

    words: NDArray[np.int64]
    anchor: tuple[int, int]
    score: int


def stretches_of(
    passages: Passages, pairs: NDArray[np.int64], matched: Sequence[Matched]
) -> list[Stretch]:
    """Return the stretches of aligned pairs: pairs of neighbouring passages become one."""
    members: dict[int, list[int]] = {}
    for k, head in enumerate(_components(pairs, matched)):
        members.setdefault(head, []).append(k)
    found = []
    for rows in members.values():
        words = np.concatenate(
            [
                np.stack([passages.first[pairs[k, side]] + matched[k][side] for side in (0, 1)], 1)
                for k in rows
            ]
        )
        if not len(words):
            continue
        words = _extended(passages, words if len(rows) == 1 else _rising(words))
        anchor = max(rows, key=lambda k: len(matched[k].first))
        found.append(
            Stretch(words, (int(pairs[anchor, 0]), int(pairs[anchor, 1])), score_of(words))
        )
    return found


def score_of(words: NDArray[np.int64]) -> int:
    """Return the score of shared words: two each, less what stands between them on either side."""
    between = np.diff(words, axis=0).max(axis=1, initial=1) - 1
    return int(MATCH * len(words) - GAP * between.sum())


def _components(pairs: NDArray[np.int64], matched: Sequence[Matched]) -> list[int]:
    """Return for each pair the first of those it is joined to, step by step, by neighbours.

    Two neighbours that share a passage are joined only where the second goes on in it behind the
    words of the first: a formula in two passages running is two finds and no long one.
    """
    number = {(int(a), int(b)): k for k, (a, b) in enumerate(pairs)}
    head = list(range(len(pairs)))

    def find(k: int) -> int:
        while head[k] != k:
            head[k] = head[head[k]]
            k = head[k]
        return k

    for (a, b), k in number.items():
        for shared, other in ((0, (a, b + 1)), (1, (a + 1, b)), (None, (a + 1, b + 1))):
            at = number.get(other)
            if at is not None and (shared is None or _goes_on(matched, k, at, shared)):
                one, two = find(k), find(at)
                head[max(one, two)] = min(one, two)
    return [find(k) for k in range(len(pairs))]


def _goes_on(matched: Sequence[Matched], one: int, two: int, side: int) -> bool:
    """Say whether a pair's words on a side all stand behind another's."""
    first, second = matched[one][side], matched[two][side]
    return len(first) > 0 and len(second) > 0 and bool(first[-1] < second[0])


def _rising(words: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the most words that rise on both sides (longest increasing subsequence)."""
    order = np.lexsort((-words[:, 1], words[:, 0]))
    second = words[order, 1].tolist()
    tails: list[int] = []
    at: list[int] = []
    back: list[int] = []
    for k, value in enumerate(second):
        place = bisect_left(tails, value)
        back.append(at[place - 1] if place else -1)
        if place == len(tails):
            tails.append(value)
            at.append(k)
        else:
            tails[place], at[place] = value, k
    chain = []
    k = at[-1]
    while k >= 0:
        chain.append(order[k])
        k = back[k]
    return words[chain[::-1]]


def _extended(passages: Passages, words: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return shared words with those that go on, word for word, past the ends of a passage."""
    codes = passages.codes
    bounds = [passages.bounds(int(w)) for w in words[0]]
    parts = [words]
    for step, at in ((-1, words[0]), (1, words[-1])):
        a, b = int(at[0]) + step, int(at[1]) + step
        more = []
        while (
            bounds[0][0] <= a < bounds[0][1]
            and bounds[1][0] <= b < bounds[1][1]
            and codes[a] == codes[b]
        ):
            more.append((a, b))
            a, b = a + step, b + step
        if more:
            extra = np.array(more[::step], dtype=np.int64)
            parts = [extra, *parts] if step < 0 else [*parts, extra]
    return np.concatenate(parts)


def grouped(passages: Passages, stretches: Sequence[Stretch]) -> Iterator[tuple[Stretch, int]]:
    """Yield the best of the stretches of two documents that match over the same words.

    With each the number of others that half or more of it, on either side, was already matched
    by: a formula that recurs in one document is one find with its other places counted.
    """
    together: dict[tuple[int, int], list[Stretch]] = {}
    for stretch in stretches:
        documents = passages.document[list(stretch.anchor)]
        together.setdefault((int(documents[0]), int(documents[1])), []).append(stretch)
    for group in together.values():
        group.sort(key=lambda s: (-s.score, *s.anchor))
        kept: list[Stretch] = []
        also: list[int] = []
        spans = np.zeros((len(group), 4), dtype=np.int64)
        for stretch in group:
            (a, b), (c, d) = stretch.words[0], stretch.words[-1]
            done = spans[: len(kept)]
            over = np.maximum(
                (np.minimum(done[:, 1], c) - np.maximum(done[:, 0], a) + 1) / (c - a + 1),
                (np.minimum(done[:, 3], d) - np.maximum(done[:, 2], b) + 1) / (d - b + 1),
            )
            if len(over) and over.max() >= HALF:
                also[int(over.argmax())] += 1
            else:
                spans[len(kept)] = a, c, b, d
                kept.append(stretch)
                also.append(0)
        yield from zip(kept, also, strict=True)


def common_of(
    passages: Passages, stretches: Sequence[Stretch], documents: int
) -> NDArray[np.int64]:
    """Return for each stretch the number of the common passage it is of, -1 for none.

    Passages that match, step by step, are one; it is common where it stands in over half of all
    documents and in over MANY.
    """
    found = np.full(len(stretches), -1)
    if documents <= MANY or not stretches:
        return found
    anchors = np.array([s.anchor for s in stretches])
    graph = coo_array((np.ones(len(anchors)), anchors.T), shape=(len(passages), len(passages)))
    _, group = connected_components(graph, directed=False)
    pairs = np.stack([group[anchors.ravel()], passages.document[anchors.ravel()]], axis=1)
    counts = np.bincount(np.unique(pairs, axis=0)[:, 0])
    of = group[anchors[:, 0]]
    common: NDArray[np.int64] = np.where(counts[of] > max(MANY, documents / 2), of, found)
    return common
