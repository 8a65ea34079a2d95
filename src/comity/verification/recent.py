"""What was lately computed from a table: kept while the very same table is asked about again.

A table is known by its identity and held while it is kept, so that no other can take its place; it
is never written to. A verdict moved from one as-of date to the next asks the same of one table.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    import polars as pl

T = TypeVar("T")


class Recent(Generic[T]):
    """The last `most` results, each by its table and whatever else it depends on."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[pl.DataFrame, T]] = OrderedDict()
        self._lock = Lock()

    def of(self, table: pl.DataFrame, key: Hashable, make: Callable[[], T]) -> T:
        """Return the result kept for a table and key, or make and keep it."""
        name = (id(table), key)
        with self._lock:
            held = self._kept.get(name)
            if held is not None and held[0] is table:
                self._kept.move_to_end(name)
                return held[1]
        made = make()
        with self._lock:
            self._kept[name] = (table, made)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made
