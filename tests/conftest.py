"""What tests share: the folder of published lists, where it is at hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import vl_convert
from hypothesis import settings

from vega_schema import first_slip

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


@pytest.fixture(scope="session", autouse=True)
def _no_test_reads_or_writes_the_real_home(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """Give the tests a home of their own; one that writes there sets a COMITY_HOME for itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMITY_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _every_chart_drawn_is_held_against_the_schema() -> Iterator[None]:
    """Fail where a chart that a test draws is no Vega-Lite: the drawing would pass over a slip."""
    draw = vl_convert.vegalite_to_svg

    def checked(spec: dict[str, Any], **settings: Any) -> str:
        slip = first_slip(spec)
        assert slip is None, slip
        svg: str = draw(spec, **settings)
        return svg

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vl_convert, "vegalite_to_svg", checked)
        yield


@pytest.fixture
def clean_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder with a home of its own, no desk named, 80 columns wide."""
    monkeypatch.setenv("COMITY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("COMITY_EXCHANGE", "COMITY_EXCHANGE_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
