"""What tests share: the folder of published lists, where it is at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("comity", deadline=None)  # no test hangs on how busy a machine is
settings.load_profile("comity")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of publishers' files; skip where it is absent."""
    folder = Path(os.environ.get("COMITY_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(
            f"no folder of published lists at {folder}: set COMITY_DATA to one to run this test"
        )
    return folder
