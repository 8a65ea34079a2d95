"""How often a sign-in may fail: after a few, the next try has to wait, ever longer."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from comity.errors import ExchangeError

FREE = 5  # failures of one name from one place before it waits
FREE_ANYWHERE = 50  # failures of one name, or from one place, before all of them wait
FIRST_WAIT = 2.0  # seconds, doubled with each failure
LONGEST_WAIT, LONGEST_ANYWHERE = 900.0, 30.0
MEMORY = 3600.0  # seconds after which failures are forgotten
MOST = 10_000  # names and places remembered

Key = tuple[str, str, str]


@dataclass(slots=True)
class _Tries:
    count: int = 0
    until: float = 0.0
    last: float = 0.0


@dataclass(slots=True)
class Throttle:
    """Failures by name and place, by name, and by place. `clock` counts seconds.

    A try counts as a failure from when it begins until it is known to be right, so that many at
    one time do not slip through. It holds for this process: a restart forgives. Guessing a name
    from many places, or many names from one, makes all of them wait, but never for long: whoever
    guesses must not be able to keep somebody out.
    """

    clock: Callable[[], float] = time.monotonic
    _held: OrderedDict[Key, _Tries] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, name: str, origin: str) -> None:
        """Count a try. Raises ExchangeError where it has to wait, saying how long."""
        now = self.clock()
        with self._lock:
            wait = max(self._tries(key, now).until - now for key in _keys(name, origin))
            if wait > 0:
                minutes = f"{wait / 60:.0f} minutes" if wait > 90 else f"{wait + 0.5:.0f} seconds"
                raise ExchangeError(
                    f"Too many sign-ins failed. Try again in {minutes}; until then not even the "
                    "right password is looked at."
                )
            for key in _keys(name, origin):
                self._count(key, now)

    def passed(self, name: str, origin: str) -> None:
        """Note that the last try was right: this name's failures from this place are forgotten."""
        with self._lock:
            both, *others = _keys(name, origin)
            self._held.pop(both, None)
            for key in others:
                if tries := self._held.get(key):
                    tries.count, tries.until = max(0, tries.count - 1), 0.0

    def _count(self, key: Key, now: float) -> None:
        tries = self._tries(key, now)
        tries.count, tries.last = tries.count + 1, now
        free, most = (FREE, LONGEST_WAIT) if all(key) else (FREE_ANYWHERE, LONGEST_ANYWHERE)
        if tries.count >= free:
            tries.until = now + min(most, FIRST_WAIT * 2.0 ** min(tries.count - free, 20))

    def _tries(self, key: Key, now: float) -> _Tries:
        found = self._held.get(key)
        if found is None or now - found.last > MEMORY:
            found = self._held[key] = _Tries(last=now)
        self._held.move_to_end(key)
        while len(self._held) > MOST:
            self._held.popitem(last=False)
        return found


def _keys(name: str, origin: str) -> tuple[Key, ...]:
    place = origin or "here"
    return (name, place, "both"), (name, "", ""), ("", place, "")


SIGN_INS = Throttle()
"""Of this process."""
