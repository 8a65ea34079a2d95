"""A Merkle tree of a log that only grows, as certificate logs keep it (RFC 9162, section 2.1).

Leaves are bytes; hashes are SHA-256, in hexadecimal wherever they leave this module. The root of
n leaves and a short proof show that a leaf is in the log (inclusion), or that a longer log begins
with all of a shorter one (consistency), without the log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_SIZE = 32
_EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf; its first byte keeps it apart from that of any two hashes."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a tree: all that is needed to add leaves and to say the root.

    Holds one hash for each bit set in the number of leaves: at most 20 for a million of them.
    """

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []  # of whole subtrees, the largest first

    def append(self, leaf: bytes) -> None:
        """Add a leaf at the end."""
        found, size = hashlib.sha256(b"\x00" + leaf).digest(), self.size
        while size & 1:
            found = hashlib.sha256(b"\x01" + self._peaks.pop() + found).digest()
            size >>= 1
        self._peaks.append(found)
        self.size += 1

    def root(self) -> str:
        """Return the root of all leaves added so far."""
        return _bagged(self._peaks).hex()

    def to_json(self) -> dict[str, Any]:
        """Return the state, from which `from_json` makes the same frontier again."""
        return {"size": self.size, "peaks": [peak.hex() for peak in self._peaks]}

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Frontier:
        """Return the frontier that `to_json` wrote. Raises ValueError for what it did not write."""
        size, peaks = state.get("size"), state.get("peaks")
        if not isinstance(size, int) or isinstance(size, bool) or not isinstance(peaks, list):
            raise ValueError("the state of a tree is its size and its peaks")
        found = [_bytes(peak) for peak in peaks]
        if size < 0 or len(found) != size.bit_count() or None in found:
            raise ValueError(f"a tree of {size} leaves has another number of peaks, 64 digits each")
        made = cls()
        made.size = size
        made._peaks = [peak for peak in found if peak is not None]
        return made


class Tree:
    """A whole tree in memory, from which any proof is cut in a moment: 64 bytes a leaf."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self._levels = [bytearray()]
        for leaf in leaves:
            self._levels[0] += leaf_hash(leaf)
        self.size = len(self._levels[0]) // _SIZE
        while len(self._levels[-1]) >= 2 * _SIZE:
            below, level = self._levels[-1], bytearray()
            for at in range(0, len(below) - 2 * _SIZE + 1, 2 * _SIZE):
                level += hashlib.sha256(b"\x01" + below[at : at + 2 * _SIZE]).digest()
            self._levels.append(level)

    def root(self, size: int | None = None) -> str:
        """Return the root of the first `size` leaves, of all without one."""
        return self._hash(0, self._within(size)).hex()

    def inclusion_proof(self, index: int, size: int | None = None) -> tuple[str, ...]:
        """Return the proof that leaf `index` (from 0) is among the first `size` leaves.

        Raises ValueError where it is not.
        """
        size = self._within(size)
        if not 0 <= index < size:
            raise ValueError(f"leaf {index} is not among {size} leaves, counted from 0")
        low, high, path = 0, size, []
        while high - low > 1:
            middle = low + _split(high - low)
            if index < middle:
                path.append(self._hash(middle, high))
                high = middle
            else:
                path.append(self._hash(low, middle))
                low = middle
        return tuple(h.hex() for h in reversed(path))

    def consistency_proof(self, first: int, size: int | None = None) -> tuple[str, ...]:
        """Return the proof that the first `size` leaves begin with the first `first` leaves.

        Raises ValueError where `first` is more than `size`. None is needed for 0 or all of them.
        """
        size = self._within(size)
        if not 0 <= first <= size:
            raise ValueError(f"{first} leaves are not the beginning of {size}")
        if first in (0, size):
            return ()
        low, high, whole, path = 0, size, True, []
        while first != high:
            middle = low + _split(high - low)
            if first <= middle:
                path.append(self._hash(middle, high))
                high = middle
            else:
                path.append(self._hash(low, middle))
                low, whole = middle, False
        if not whole:
            path.append(self._hash(low, high))
        return tuple(h.hex() for h in reversed(path))

    def _within(self, size: int | None) -> int:
        if size is None:
            return self.size
        if not 0 <= size <= self.size:
            raise ValueError(f"the tree has {self.size} leaves, not {size}")
        return size

    def _hash(self, low: int, high: int) -> bytes:
        """Return the root of leaves low to high - 1, where `low` begins a subtree."""
        peaks = []
        while low < high:
            level = (high - low).bit_length() - 1
            at = (low >> level) * _SIZE
            peaks.append(bytes(self._levels[level][at : at + _SIZE]))
            low += 1 << level
        return _bagged(peaks)


def root_of(leaves: Iterable[bytes]) -> str:
    """Return the root of some leaves.

    >>> root_of([])[:16]
    'e3b0c44298fc1c14'
    """
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[str], root: str) -> bool:
    """Say whether a proof shows that `leaf` is number `index` (from 0) of `size` under `root`.

    RFC 9162, section 2.1.3.2.
    """
    path = [_bytes(step) for step in proof]
    if not 0 <= index < size or None in path:
        return False
    at, last, found = index, size - 1, leaf_hash(leaf)
    for step in path:
        if step is None or last == 0:
            return False
        if at & 1 or at == last:
            found = _node(step, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = _node(found, step)
        at, last = at >> 1, last >> 1
    return last == 0 and found == _bytes(root)


def verify_consistency(
    first: int, second: int, first_root: str, second_root: str, proof: Sequence[str]
) -> bool:
    """Say whether a proof shows that `second` leaves under one root begin with `first` under
    another. RFC 9162, section 2.1.4.2; no leaves begin any log, and need no proof."""
    roots = _bytes(first_root), _bytes(second_root)
    path = [_bytes(step) for step in proof]
    if None in roots or None in path or not 0 <= first <= second:
        return False
    if first == 0:
        return not path and roots[0] == _EMPTY
    if first == second:
        return not path and roots[0] == roots[1]
    if first & (first - 1) == 0:
        path.insert(0, roots[0])
    if not path:
        return False
    return _grown(first - 1, second - 1, [step for step in path if step is not None]) == roots


def _grown(at: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Return the two roots that a consistency proof leads to, None where it leads nowhere."""
    while at & 1:
        at, last = at >> 1, last >> 1
    shorter = longer = path[0]
    for step in path[1:]:
        if last == 0:
            return None
        if at & 1 or at == last:
            shorter, longer = _node(step, shorter), _node(step, longer)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            longer = _node(longer, step)
        at, last = at >> 1, last >> 1
    return (shorter, longer) if last == 0 else None


def _split(count: int) -> int:
    """Return the largest power of two smaller than a count of two or more."""
    return 1 << ((count - 1).bit_length() - 1)


def _bagged(peaks: Sequence[bytes]) -> bytes:
    """Return the root over whole subtrees, the largest first."""
    if not peaks:
        return _EMPTY
    found = peaks[-1]
    for peak in reversed(peaks[:-1]):
        found = hashlib.sha256(b"\x01" + peak + found).digest()
    return found


def _bytes(text: object) -> bytes | None:
    """Return the hash that 64 lower-case hexadecimal digits are, None for anything else."""
    if not isinstance(text, str) or len(text) != 2 * _SIZE or text != text.lower():
        return None
    try:
        found = bytes.fromhex(text)
    except ValueError:
        return None
    return found if len(found) == _SIZE else None
