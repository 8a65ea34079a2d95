"""What the pages are made from: what ships, what the user added, and the state it is in."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from comity import __version__
from comity.errors import StoreError
from comity.storage import home as usual_home

if TYPE_CHECKING:
    from comity.incidents.model import Evidence
    from comity.saying import Texts
    from comity.verification.behind import Behind
    from comity.web.asking import Asker, Asking

WATCHED = (
    "evidence/manifest.json",
    "evidence/reports",  # a folder: each file of it
    "links/links.json",
    "links/decisions.jsonl",
    "questions",
    "history/replies.jsonl",
)


TRIES = 3  # to read the folder while it is being changed


def state_of(home: Path | None = None) -> str:
    """Return a short name of the state of the user's folder: it changes with every change there."""
    digest = hashlib.sha256(__version__.encode())
    base = home or usual_home()
    for name in WATCHED:
        for path in _files(base / name):
            try:
                stat = path.stat()
            except OSError:
                continue
            digest.update(
                f"{name} {path.name} {stat.st_mtime_ns} {stat.st_size} {stat.st_ino}\n".encode()
            )
    return digest.hexdigest()[:16]


def _files(path: Path) -> list[Path]:
    """Return a file, or the files of a folder by name."""
    try:
        return sorted(path.iterdir()) if path.is_dir() else [path]
    except OSError:
        return []


@dataclass(slots=True)
class World:
    """What ships and what the user added; every page of one answer reads the same state of it.

    `home` is the user's folder (None is the usual one). `editable` says whether the workbench may
    change it: the pages of a static site may not.
    """

    asker: Asker
    texts: Texts
    home: Path | None = None
    editable: bool = True
    token: str = ""  # what a form must carry to change anything
    party: str = ""  # whose desk the pages of the exchange are of; empty without them
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _held: tuple[str, Evidence] | None = None

    @property
    def state(self) -> str:
        """The name of the state the user's folder is in now."""
        return state_of(self.home)

    def evidence(self) -> Evidence:
        """Return all lists at hand, read once for each state. Raises SourceError, StoreError."""
        from comity.incidents.load import load_evidence

        with self._lock:
            for _ in range(TRIES):
                state = self.state
                if self._held is not None and self._held[0] == state:
                    return self._held[1]
                try:
                    self._held = (state, load_evidence(home=self.home))
                except StoreError:
                    if self.state == state:  # else it was changed while it was read
                        raise
                    continue
            return load_evidence(home=self.home) if self._held is None else self._held[1]

    def behind(self, asking: Asking, cell: str, period: str, side: str) -> tuple[Behind, Evidence]:
        """Return the incidents behind a number of a verdict, and the evidence they are in."""
        from comity.web.asking import Number

        number = Number(asking, cell, period, side)
        found, joined = self.asker.behind(number, self.state)
        return found, joined if joined is not None else self.evidence()
