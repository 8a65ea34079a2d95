"""Documents cut into passages: paragraphs, or runs of whole sentences, of 20 to 60 words."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.diffusion.tokens import PARAGRAPH, SENTENCE, Words, words_of

LEAST_WORDS, MOST_WORDS = 20, 60
NUMBERS_ALIKE = np.uint64(0x2545F4914F6CDD1D)
Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Passages:
    """The passages of some documents, a row a passage, in the order of the documents given.

    Words `first[i]:first[i + 1]` of `codes` are passage i (no passage is empty); it stands in
    document `document[i]` from character `start[i]` to `end[i]` (EXCLUSIVE). `same[i]` is the
    first passage of the same document that has the same words, numbers aside: i itself where it
    is the first. A running head is one passage with many places.
    """

    codes: NDArray[np.uint32]
    first: Index
    document: NDArray[np.int32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    same: Index

    def __len__(self) -> int:
        return len(self.document)

    @property
    def lengths(self) -> Index:
        """The number of words of each passage."""
        return np.diff(self.first)


def passages_of(texts: Sequence[str]) -> Passages:
    """Return the passages of some texts."""
    parts = [_cut(words_of(text)) for text in texts]
    counts = [len(begins) for _, begins, _ in parts]
    document = np.repeat(np.arange(len(parts), dtype=np.int32), counts)
    sizes = [len(words.code) for words, _, _ in parts]
    shift = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    first = [begins + shift[k] for k, (_, begins, _) in enumerate(parts)]
    start = [words.start[begins] for words, begins, _ in parts]
    end = [words.end[ends - 1] for words, _, ends in parts]
    keys = [_keys(words, begins) for words, begins, _ in parts]
    return Passages(
        codes=_joined([words.code for words, _, _ in parts], np.uint32),
        first=np.append(_joined(first, np.int64), shift[-1]),
        document=document,
        start=_joined(start, np.int32),
        end=_joined(end, np.int32),
        same=_same(document, _joined(keys, np.uint64)),
    )


def _joined(parts: list[NDArray[np.generic]], kind: type) -> NDArray[np.generic]:  # type: ignore[type-arg]
    return np.concatenate([*parts, np.zeros(0, kind)]).astype(kind, copy=False)


def _cut(words: Words) -> tuple[Words, Index, Index]:
    """Return the words with the number of the first and one past the last of each passage."""
    bounds = list(_bounds(words))
    edges = np.array([0, *bounds] if bounds else [0], dtype=np.int64)
    return words, edges[:-1], edges[1:]


def _bounds(words: Words) -> Iterator[int]:
    """Yield where each passage ends: a paragraph's end, else a sentence's, else 60 words on."""
    paragraphs = (np.flatnonzero(words.after == PARAGRAPH) + 1).tolist()
    sentences = (np.flatnonzero(words.after >= SENTENCE) + 1).tolist()
    begin, total = 0, len(words.code)
    while begin < total:
        least, most = begin + LEAST_WORDS, min(begin + MOST_WORDS, total)
        at = bisect_left(paragraphs, least)
        if at < len(paragraphs) and paragraphs[at] <= most:
            begin = paragraphs[at]
        elif begin + MOST_WORDS >= total:
            begin = total
        else:
            at = bisect_right(sentences, most) - 1
            begin = sentences[at] if at >= 0 and sentences[at] >= least else most
        yield begin


def _keys(words: Words, begins: Index) -> NDArray[np.uint64]:
    """Return a number for each passage that those with the same words share, numbers alike."""
    if not len(begins):
        return np.zeros(0, dtype=np.uint64)
    codes = np.where(words.number, NUMBERS_ALIKE, words.code.astype(np.uint64))
    lengths = np.diff(np.append(begins, len(codes)))
    place = np.arange(len(codes)) - np.repeat(begins, lengths)
    mixed = (codes + np.uint64(0x9E3779B97F4A7C15) * (place.astype(np.uint64) + np.uint64(1))) * (
        codes | np.uint64(1)
    )
    mixed ^= mixed >> np.uint64(29)
    found: NDArray[np.uint64] = np.add.reduceat(mixed * np.uint64(0xBF58476D1CE4E5B9), begins)
    return found


def _same(document: NDArray[np.int32], keys: NDArray[np.uint64]) -> Index:
    """Return for each passage the first of its document with the same key."""
    same = np.arange(len(keys))
    order = np.lexsort((same, keys, document))
    repeats = (keys[order][1:] == keys[order][:-1]) & (document[order][1:] == document[order][:-1])
    heads = np.where(np.append(False, repeats), -1, np.arange(len(order)))
    np.maximum.accumulate(heads, out=heads)
    same[order] = order[heads]
    return same
