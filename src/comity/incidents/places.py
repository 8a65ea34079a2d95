"""Where the user's evidence is kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def home() -> Path:
    """Return the user's data directory for Comity: `COMITY_HOME`, or else the platform's own.

    That is `~/Library/Application Support/comity` on macOS, `%LOCALAPPDATA%\\comity` on Windows,
    and `$XDG_DATA_HOME/comity` (`~/.local/share/comity`) elsewhere. It need not exist.
    """
    if chosen := os.environ.get("COMITY_HOME", "").strip():
        return Path(chosen).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "comity"
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", "")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "comity"
    shared = os.environ.get("XDG_DATA_HOME", "")
    base = Path(shared) if shared.startswith("/") else Path.home() / ".local" / "share"
    return base / "comity"
