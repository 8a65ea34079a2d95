"""What the pages are made from: what ships, what the user added, and the state it is in."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from comity import __version__
from comity.storage import home as usual_home

if TYPE_CHECKING:
    from comity.incidents.model import Evidence
    from comity.web.asking import Asker
    from comity.web.texts import Texts

WATCHED = (
    "evidence/manifest.json",
    "evidence/reports/manifest.json",
    "links/links.json",
    "links/decisions.jsonl",
    "replies.jsonl",
)


def state_of(home: Path | None = None) -> str:
    """Return a short name of the state of the user's folder: it changes with every change there."""
    digest = hashlib.sha256(__version__.encode())
    for name in WATCHED:
        try:
            stat = ((home or usual_home()) / name).stat()
        except OSError:
            continue
        digest.update(f"{name} {stat.st_mtime_ns} {stat.st_size} {stat.st_ino}\n".encode())
    return digest.hexdigest()[:16]


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
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _held: tuple[str, Evidence] | None = None

    @property
    def state(self) -> str:
        """The name of the state the user's folder is in now."""
        return state_of(self.home)

    def evidence(self) -> Evidence:
        """Return all lists at hand, read once for each state. Raises SourceError, StoreError."""
        from comity.incidents.load import load_evidence

        state = self.state
        with self._lock:
            if self._held is None or self._held[0] != state:
                self._held = (state, load_evidence(home=self.home))
            return self._held[1]
