"""The README shows what the program prints."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def filler() -> ModuleType:
    place = ROOT / "tools" / "readme_output.py"
    spec = importlib.util.spec_from_file_location("readme_output", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_readme_marks_the_place_of_each_output(filler: ModuleType) -> None:
    names = filler.BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert "verify" in names
    assert set(names) <= set(filler.COMMANDS)


def test_only_what_is_between_the_markers_is_renewed(
    filler: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filler, "run", lambda command: f"<{command}>")
    page = "Before.\n<!-- output:evidence -->\nold\n<!-- /output -->\nAfter.\n"
    assert filler.with_output(page) == (
        "Before.\n<!-- output:evidence -->\n"
        "```console\n$ comity evidence\n<comity evidence>\n```\n"
        "<!-- /output -->\nAfter.\n"
    )


@pytest.mark.slow
def test_the_readme_shows_what_the_program_prints_now(filler: ModuleType) -> None:
    assert filler.main([]) == 0, "python tools/readme_output.py --write"


@pytest.mark.slow
def test_no_line_of_output_in_the_readme_is_wider_than_80(filler: ModuleType) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = [m.group() for m in filler.BLOCK.finditer(page)]
    assert [line for block in shown for line in block.splitlines() if len(line) > 80] == []
