"""Answers already made: the bytes of a view, kept while the state they were made from lasts."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

MOST_BYTES = 96 * 1024 * 1024
SMALLEST_ZIPPED = 700
ZIPPED = ("text/", "application/json", "application/javascript", "image/svg")


@dataclass(frozen=True, slots=True)
class Answer:
    """One view in one form: its bytes, as they are and zipped (empty where that gains nothing)."""

    status: int
    media_type: str
    body: bytes
    zipped: bytes
    tag: str
    settled: bool = True
    name: str = ""  # to save it under
    policy: str = ""

    @property
    def size(self) -> int:
        """Bytes held."""
        return len(self.body) + len(self.zipped)


def make_answer(
    status: int, media_type: str, body: bytes, settled: bool = True, name: str = "",
    policy: str = "",
) -> Answer:  # fmt: skip
    """Return an answer with its tag; what is text is zipped as well."""
    zipped = b""
    if len(body) >= SMALLEST_ZIPPED and media_type.startswith(ZIPPED):
        zipped = gzip.compress(body, 5, mtime=0)
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    return Answer(status, media_type, body, zipped, tag, settled, name, policy)


class Answers:
    """The answers used last, at most MOST_BYTES of them."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._held: OrderedDict[tuple[object, ...], Answer] = OrderedDict()
        self._lock = threading.Lock()
        self._most, self._size = most, 0

    def get(self, key: tuple[object, ...]) -> Answer | None:
        """Return an answer made before, None where there is none."""
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: tuple[object, ...], answer: Answer) -> None:
        """Keep an answer; the ones not used for longest go."""
        with self._lock:
            before = self._held.pop(key, None)
            self._size += answer.size - (before.size if before else 0)
            self._held[key] = answer
            while self._size > self._most and len(self._held) > 1:
                _, gone = self._held.popitem(last=False)
                self._size -= gone.size
