"""The last number this desk gave on each line, kept outside the database.

A database that is set back to a copy would give a number a second time, and its party would have
signed two messages as one: a contradiction that nobody can take back. This file notices.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from comity.errors import ExchangeError
from comity.storage import locked, refused, write_whole


@dataclass(frozen=True, slots=True)
class Level:
    """The highest number that was sent, and the digest of its message."""

    number: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class HighWater:
    """The file of high-water marks of a desk, one for each line."""

    path: Path

    def level(self, line: str) -> Level:
        """Return the mark of a line; zero where nothing was sent. Raises ExchangeError."""
        found = self._all().get(line)
        return Level(*found) if found else Level()

    def rise(self, line: str, number: int, digest: str) -> None:
        """Raise the mark of a line; a lower one is left. Raises StoreError where it cannot be."""
        self._put(line, number, digest, lower=False)

    def reset(self, line: str, number: int, digest: str) -> None:
        """Set the mark of a line, lower than it was too: what is above it is given up."""
        self._put(line, number, digest, lower=True)

    def _put(self, line: str, number: int, digest: str, lower: bool) -> None:
        with locked(self.path.with_suffix(".lock")):
            marks = self._all()
            if number <= marks.get(line, (0, ""))[0] and not lower:
                return
            marks[line] = (number, digest)
            try:
                write_whole(self.path, json.dumps(marks).encode())
            except OSError as error:
                raise refused(str(self.path), error) from error

    def _all(self) -> dict[str, tuple[int, str]]:
        try:
            marks = json.loads(self.path.read_text(encoding="utf-8"))
            return {str(line): (int(n), str(digest)) for line, (n, digest) in marks.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ExchangeError(
                f"{self.path} cannot be read: {error}. It holds the last numbers this desk gave. "
                "Run `comity exchange sync` and, when the other party has nothing more, remove it."
            ) from error
