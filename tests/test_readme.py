"""README and docs show what the program prints."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


def tool(name: str) -> ModuleType:
    """Load one script of tools/ as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def filler() -> ModuleType:
    return tool("readme_output")


@pytest.fixture(scope="module")
def painter() -> ModuleType:
    return tool("activity_image")


def test_pages_mark_the_place_of_each_output(filler: ModuleType) -> None:
    pages = {p.name: filler.BLOCK.findall(p.read_text(encoding="utf-8")) for p in filler.PAGES}
    assert "verify" in pages["README.md"]
    assert set(pages["evidence.md"]) == {"delay", "evidence", "problems", "show"}
    assert set().union(*pages.values()) <= set(filler.COMMANDS)


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


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("net change 0.43 (0.13-1.53); 86 %", "net change 0.44 (0.12-1.48);\n  87 %", True),
        ("counts 14 before, 8 after", "counts 14 before, 11 after", False),
        ("net change 0.43", "net change 0.51", False),
        ("as known on 2022-06-30", "as known on 2021-06-30", False),
        ("Changed? [fell]", "Changed? [rose]", False),
        ("8 after", "8 after, 1 more", False),
    ],
)
def test_output_is_current_up_to_the_last_digits_of_draws(
    filler: ModuleType, old: str, new: str, same: bool
) -> None:
    assert filler.nearly(old, new) is same


@pytest.mark.slow
def test_pages_show_what_the_program_prints_now(filler: ModuleType) -> None:
    assert filler.main([]) == 0, "python tools/readme_output.py --write"


def test_no_line_of_output_is_wider_than_80_but_for_an_address(filler: ModuleType) -> None:
    shown = [m.group() for p in filler.PAGES for m in filler.BLOCK.finditer(p.read_text("utf-8"))]
    lines = [line for block in shown for line in block.splitlines()]
    assert len(lines) > 20
    assert [line for line in lines if len(line) > 80 and "://" not in line] == []


def test_the_image_has_a_description_and_refers_to_nothing_outside_itself(
    painter: ModuleType,
) -> None:
    svg = painter.IMAGE.read_text(encoding="utf-8")
    assert svg.startswith('<svg role="img"')
    assert "agreement, 2015-09-25" in painter.described(svg)
    assert "<script" not in svg
    assert re.findall(r"(?:href|src)\s*=", svg) == []
    assert {a for a in re.findall(r"url\(([^)]*)\)", svg) if not a.startswith("#")} == set()
    assert "(docs/images/activity.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_image_says_what_the_program_says_now(
    painter: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMITY_HOME", str(tmp_path))
    assert painter.main([]) == 0, "python tools/activity_image.py --write"
