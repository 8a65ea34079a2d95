"""Documents cut into passages: paragraphs, or runs of whole sentences, of 20 to 60 words."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from comity.diffusion.tokens import PARAGRAPH, SENTENCE, Words, words_of

LEAST_WORDS, MOST_WORDS = 20, 60
NUMBERS_ALIKE = np.uint64(0x2545F4914F6CDD1D)
Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Passages:
    """The passages of some documents, a row a passage, in the order of the documents given.

    Words `first[i]:first[i + 1]` are passage i, of document `document[i]` (no passage is empty);
    words `begins[d]:begins[d + 1]` are document d. Each word has its number (`codes`), the
    character it starts at (`start`) and how many it has (`size`). `same[i]` is the first passage
    of the same document that has the same words, numbers aside: i itself where it is the first.
    A running head is one passage with many places.
    """

    codes: NDArray[np.uint32]
    start: NDArray[np.int32]
    size: NDArray[np.uint16]
    begins: Index
    first: Index
    document: NDArray[np.int32]
    same: Index

    def __len__(self) -> int:
        return len(self.document)

    @property
    def lengths(self) -> Index:
        """The number of words of each passage."""
        return np.diff(self.first)

    def place(self, word: int) -> tuple[int, int]:
        """Return the characters of a word in its document: the first, and one past the last."""
        start = int(self.start[word])
        return start, start + int(self.size[word])

    def bounds(self, word: int) -> tuple[int, int]:
        """Return the words of the document a word is in: the first, and one past the last."""
        at = int(np.searchsorted(self.begins, word, side="right"))
        return int(self.begins[at - 1]), int(self.begins[at])


def passages_of(texts: Sequence[str]) -> Passages:
    """Return the passages of some texts."""
    parts = [_cut(words_of(text)) for text in texts]
    counts = [len(firsts) for _, firsts in parts]
    begins = np.cumsum([0, *(len(words.code) for words, _ in parts)], dtype=np.int64)
    document = np.repeat(np.arange(len(parts), dtype=np.int32), counts)
    firsts = _joined([f + begins[k] for k, (_, f) in enumerate(parts)], np.dtype(np.int64))
    keys = _joined([_keys(words, f) for words, f in parts], np.dtype(np.uint64))
    return Passages(
        codes=_joined([words.code for words, _ in parts], np.dtype(np.uint32)),
        start=_joined([words.start.astype(np.int32) for words, _ in parts], np.dtype(np.int32)),
        size=_joined([_sizes(words) for words, _ in parts], np.dtype(np.uint16)),
        begins=begins,
        first=np.append(firsts, begins[-1]),
        document=document,
        same=_same(document, keys),
    )


def _sizes(words: Words) -> NDArray[np.uint16]:
    sizes: NDArray[np.uint16] = np.minimum(words.end - words.start, 0xFFFF).astype(np.uint16)
    return sizes


def _joined(parts: list[NDArray[Any]], kind: np.dtype[Any]) -> NDArray[Any]:
    return np.concatenate([*parts, np.zeros(0, kind)])


def _cut(words: Words) -> tuple[Words, Index]:
    """Return the words with the number of the first of each passage."""
    ends = list(_bounds(words))
    return words, np.array([0, *ends[:-1]] if ends else [], dtype=np.int64)


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


def _keys(words: Words, firsts: Index) -> NDArray[np.uint64]:
    """Return a number for each passage that those with the same words share, numbers alike."""
    if not len(firsts):
        return np.zeros(0, dtype=np.uint64)
    codes = np.where(words.number, NUMBERS_ALIKE, words.code.astype(np.uint64))
    lengths = np.diff(np.append(firsts, len(codes)))
    place = np.arange(len(codes)) - np.repeat(firsts, lengths)
    mixed = (codes + np.uint64(0x9E3779B97F4A7C15) * (place.astype(np.uint64) + np.uint64(1))) * (
        codes | np.uint64(1)
    )
    mixed ^= mixed >> np.uint64(29)
    found: NDArray[np.uint64] = np.add.reduceat(mixed * np.uint64(0xBF58476D1CE4E5B9), firsts)
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
