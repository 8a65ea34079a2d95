"""Pairs of passages that may share words: shingles, MinHash, and one bucket table a hash.

A shingle is three words in a row; one that too many passages hold says little and is read on to
six words. MinHash (Broder 1997) keeps of each passage the least of its shingles under 64 random
hashes: two passages agree in a hash with the chance their shingles are shared in (Jaccard). Every
hash is a band of its own (locality-sensitive hashing with one row a band), so that a pair sharing
5 % of its shingles is found with 96 %, 10 % with 99.9 %.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from comity.diffusion.passages import Passages

HASHES = 64
SHORT, LONG = 3, 6
COMMON = 8
NEIGHBOURS = 32
CHUNK = 4096
TABLE = 1 << 25
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_STEP = np.uint64(0x9E3779B97F4A7C15)
NEVER = np.uint32(0xFFFFFFFF)
Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]


def candidate_pairs(passages: Passages, seed: int = 1) -> Pairs:
    """Return (n, 2) pairs of passages of different documents that share a bucket, each once.

    The first of a pair is of the earlier document in the order given. A bucket of more than
    NEIGHBOURS + 1 passages is not paired in full: each is paired with its NEIGHBOURS next ones
    and with the first, so that the work grows with the passages and not with their square.
    Passages that repeat an earlier one of their document are left out.
    """
    kept = np.flatnonzero((passages.same == np.arange(len(passages))) & (passages.lengths >= SHORT))
    if len(kept) < 2:
        return np.zeros((0, 2), dtype=np.int64)
    signatures = _signatures(passages, kept, seed)
    document = passages.document[kept].astype(np.int64)
    size = np.int64(len(kept))
    found = np.zeros(0, dtype=np.int64)
    waiting: list[Pairs] = []
    for signature in signatures:
        waiting.extend(a * size + b for a, b in _bucketed(signature, document))
        if sum(map(len, waiting)) > max(4 * len(found), 1 << 20):
            found = np.unique(np.concatenate([found, *waiting]))
            waiting = []
    found = np.unique(np.concatenate([found, *waiting]))
    return np.stack([kept[found // size], kept[found % size]], axis=1)


def _bucketed(signature: NDArray[np.uint32], document: Pairs) -> Iterator[tuple[Pairs, Pairs]]:
    """Yield the pairs of one table of buckets, the earlier passage first."""
    keys = (signature.astype(np.uint64) << np.uint64(32)) | np.arange(
        len(signature), dtype=np.uint64
    )
    keys.sort()
    keys = keys[: np.searchsorted(keys, np.uint64(NEVER) << np.uint64(32))]
    value = keys >> np.uint64(32)
    which = (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)
    for apart in range(1, NEIGHBOURS + 1):
        at = np.flatnonzero(value[apart:] == value[:-apart])
        if not len(at):
            return
        a, b = which[at], which[at + apart]
        other = document[a] != document[b]
        yield a[other], b[other]
    heads = np.flatnonzero(np.append(True, value[1:] != value[:-1]))
    sizes = np.diff(np.append(heads, len(value)))
    place = np.arange(len(value)) - np.repeat(heads, sizes)
    far = np.flatnonzero(place > NEIGHBOURS)
    a, b = which[far - place[far]], which[far]
    other = document[a] != document[b]
    yield a[other], b[other]


def _signatures(passages: Passages, kept: Pairs, seed: int) -> NDArray[np.uint32]:
    """Return (hashes, kept) the least value of each passage under each hash, NEVER for none."""
    rng = np.random.default_rng(seed)
    seeds = rng.integers(0, 2**63, size=(HASHES, 2), dtype=np.uint64) | np.uint64(1)
    found = np.full((HASHES, len(kept)), NEVER, dtype=np.uint32)
    common = _common(passages)
    for begin in range(0, len(kept), CHUNK):
        rows = np.arange(begin, min(begin + CHUNK, len(kept)))
        shingles, owner = _shingles(passages, kept[rows], common)
        if not len(shingles):
            continue
        heads = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
        columns = rows[owner[heads]]
        mixed = np.empty_like(shingles)
        for k, (flip, factor) in enumerate(seeds):
            np.bitwise_xor(shingles, flip, out=mixed)
            np.multiply(mixed, factor, out=mixed)
            least = np.minimum.reduceat(mixed, heads)
            found[k, columns] = (least >> np.uint64(32)).astype(np.uint32)
    return found


def _hashed(codes: NDArray[np.uint32], words: int) -> Hashes:
    """Return a hash of each run of so many words, by where it begins; the last have none."""
    count = max(len(codes) - words + 1, 0)
    mixed = np.zeros(count, dtype=np.uint64)
    for k in range(words):
        mixed += codes[k : k + count]
        mixed *= _STEP
        mixed ^= mixed >> np.uint64(29)
    mixed *= _MIX[0]
    mixed ^= mixed >> np.uint64(32)
    return mixed


def _shingles(passages: Passages, which: Pairs, common: NDArray[np.bool_]) -> tuple[Hashes, Pairs]:
    """Return the shingles of consecutive passages, and for each the row of its passage."""
    begin, end = passages.first[which[0]], passages.first[which[-1] + 1]
    codes = passages.codes[begin:end]
    row_of = np.full(which[-1] - which[0] + 1, -1, dtype=np.int64)
    row_of[which - which[0]] = np.arange(len(which))
    lengths = passages.lengths[which[0] : which[-1] + 1]
    owner = np.repeat(row_of, lengths)
    left = np.repeat(passages.first[which[0] + 1 : which[-1] + 2] - begin, lengths)
    left -= np.arange(len(codes))
    short = _hashed(codes, SHORT)
    rare = ~common[_slot(short, len(common))]
    keep = np.flatnonzero(rare & (left[: len(short)] >= SHORT) & (owner[: len(short)] >= 0))
    long = _hashed(codes, LONG)
    again = np.flatnonzero(
        ~rare[: len(long)] & (left[: len(long)] >= LONG) & (owner[: len(long)] >= 0)
    )
    shingles, owners = np.append(short[keep], long[again]), np.append(owner[keep], owner[again])
    order = np.argsort(owners, kind="stable")
    return shingles[order], owners[order]


def _slot(hashes: Hashes, size: int) -> NDArray[np.int64]:
    return (hashes & np.uint64(size - 1)).astype(np.int64)


def _common(passages: Passages) -> NDArray[np.bool_]:
    """Return which slots of a table of short shingles are filled more than COMMON times."""
    size = 1 << max(10, min(int(len(passages.codes) * 2).bit_length(), TABLE.bit_length() - 1))
    counts = np.zeros(size, dtype=np.int32)
    for begin in range(0, len(passages.codes), TABLE // 4):
        hashes = _hashed(passages.codes[begin : begin + TABLE // 4 + SHORT - 1], SHORT)
        counts += np.bincount(_slot(hashes, size), minlength=size).astype(np.int32)
    return counts > COMMON
