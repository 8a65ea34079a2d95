"""The lines of a desk as a busy server reads them: from memory, at most a second old."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from comity.exchange.model import Line

KEPT_SECONDS = 1.0
"""For how long a change that another process made may go unseen; one's own is seen at once."""


@dataclass(slots=True)
class KeptLines:
    """What `read` returned a moment ago. `monotonic` says how long ago that is."""

    read: Callable[[], tuple[Line, ...]]
    monotonic: Callable[[], float] = time.monotonic
    _kept: tuple[Line, ...] = ()
    _until: float = float("-inf")
    _changes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fresh(self) -> tuple[Line, ...] | None:
        """Return the lines where they are known well enough, else None. It never waits."""
        with self._lock:
            return self._kept if self.monotonic() < self._until else None

    def lines(self) -> tuple[Line, ...]:
        """Return the lines, by id. Raises what `read` raises, and keeps nothing then."""
        found = self.fresh()
        if found is None:
            with self._lock:
                changes, until = self._changes, self.monotonic() + KEPT_SECONDS
            found = self.read()
            with self._lock:
                if changes == self._changes:  # none was changed while they were read
                    self._kept, self._until = found, until
        return found

    def forget(self) -> None:
        """Read them again the next time: one was changed here."""
        with self._lock:
            self._changes += 1
            self._until = float("-inf")
