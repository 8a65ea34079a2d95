"""Threads as they stand, kept while they are needed: each message is judged by those before it.

The memory is this process's own, and another may append in between: it counts only while the
journal is as long as this process left it.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, select

from comity.exchange.headers import read_header
from comity.exchange.heads import Head
from comity.exchange.messages import EXTENSION
from comity.exchange.model import Header
from comity.exchange.order import Case
from comity.exchange.tables import messages

MOST_HEADERS = 50_000


@dataclass(slots=True)
class Threads:
    """Cases by line and thread, as far as the journal went when they were last used."""

    _sizes: dict[str, int] = field(default_factory=dict)
    _held: dict[tuple[str, str], Case] = field(default_factory=dict)
    _count: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def start(self, head: Head) -> None:
        """Begin a transaction that holds `head`: what another process made old is dropped."""
        if self._sizes.get(head.line.id) != head.size or self._count > MOST_HEADERS:
            self.forget(head.line.id)

    def finish(self, head: Head) -> None:
        """Say that the transaction that held `head` is on disk."""
        self._sizes[head.line.id] = head.size

    def forget(self, line: str) -> None:
        """Drop what is held of a line."""
        with self._lock:
            self._sizes.pop(line, None)
            for key in [key for key in self._held if key[0] == line]:
                self._count -= 1 + len(self._held.pop(key).valid)

    def of(self, link: Connection, head: Head, thread: str) -> Case:
        """Return a thread as its messages that kept the order make it.

        Of a thread that is not held nothing is still to be written: it is asked for here before
        anything is appended to it.
        """
        key = (head.line.id, thread)
        with self._lock:
            if key not in self._held:
                case = Case(head.line.parties)
                for header in load_headers(link, head.line.id, thread):
                    case.add(header)  # a journal has each after all that its sender knew
                self._held[key] = case
                self._count += 1 + len(case.valid)
            return self._held[key]

    def add(self, header: Header) -> None:
        """Add a header that was appended in this transaction."""
        with self._lock:
            if case := self._held.get((header.line, header.thread)):
                case.add(header)
                self._count += 1


_LINE = (
    select(messages.c.root)
    .where(messages.c.line == bindparam("line"), messages.c.regular)
    .order_by(messages.c.n)
)
_THREAD = _LINE.where(messages.c.thread == bindparam("thread"))


def load_headers(link: Connection, line: str, thread: str = "") -> list[Header]:
    """Return the headers of a thread, or of a whole line, without those that broke its order."""
    query = _THREAD if thread else _LINE
    rows = link.execute(query, {"line": line, "thread": thread} if thread else {"line": line})
    return [read_header(json.loads(root)["extensions"][EXTENSION]["header"]) for (root,) in rows]
