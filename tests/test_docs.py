"""The docs agree with the program, and the check that says so sees what is wrong."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import typer

import comity

ROOT = Path(__file__).resolve().parents[1]
Write = Callable[[str, str], Path]


@pytest.fixture(scope="module")
def check() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_docs", ROOT / "tools" / "check_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["check_docs"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_page(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return tmp_path

    return write_page


def sample_app() -> typer.Typer:
    app = typer.Typer(help="A program.")
    evidence = typer.Typer(help="What is held.")

    @app.command()
    def verify(question: str, report: str = typer.Option("", help="A file.")) -> None:
        """Answer a question."""

    @evidence.command("show")
    def show(key: str, bare: str = typer.Option("")) -> None: ...

    app.add_typer(evidence, name="evidence")
    return app


def test_the_docs_agree_with_the_program(check: ModuleType) -> None:
    found = check.problems(ROOT, check.command_tree(), comity.__all__)
    assert not found, "\n".join(found)


def test_a_link_to_no_file_is_found_by_page_and_line(check: ModuleType, write: Write) -> None:
    root = write("docs/a.md", "# A\n\nSee [b](b.md), [up](../README.md), [web](https://x.org/y).\n")
    write("README.md", "[docs](docs/a.md) and `[no](link.md)`\n")
    assert check.problems(root) == ["docs/a.md:3: b.md leads to no file"]


def test_a_link_to_no_heading_is_found(check: ModuleType, write: Write) -> None:
    root = write("a.md", "# The five traps, plain\n\n[x](#the-five-traps-plain) [y](#six)\n")
    assert check.problems(root) == ["a.md:3: #six leads to no heading"]


def test_links_inside_code_are_not_links(check: ModuleType, write: Write) -> None:
    assert check.problems(write("a.md", "```\n[x](nowhere.md)\n```\n")) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [("toml", "a = "), ("json", "{a: 1}"), ("python", "def f(:")],
)
def test_a_block_that_does_not_parse_is_found(
    check: ModuleType, write: Write, language: str, text: str
) -> None:
    found = check.problems(write("a.md", f"One.\n\n```{language}\n{text}\n```\n"))
    assert len(found) == 1
    assert found[0].startswith(f"a.md:4: not {language}: ")


def test_commands_without_help_or_mention_are_found(check: ModuleType, write: Write) -> None:
    root = write("docs/a.md", "`comity verify` and `comity evidence`\n")
    found = check.problems(root, typer.main.get_command(sample_app()))
    assert "comity evidence show: the command has no help" in found
    assert "comity evidence show --bare: the option has no help" in found
    assert "comity evidence show: no page of the docs mentions this command" in found
    assert not any(line.startswith("comity verify") for line in found)


def test_a_command_line_the_program_does_not_know_is_found(check: ModuleType, write: Write) -> None:
    text = (
        "```console\n$ comity verify q --report out.html\n$ comity evidence shew x\n```\n"
        "\n    uv run comity verify q --rapport x   # writes a page\n"
    )
    root = write("a.md", text)
    found = check.check_options(typer.main.get_command(sample_app()), check.read_pages(root))
    assert [line.removeprefix(f"{root}/") for line in found] == [
        "a.md:3: comity has no command `comity evidence shew`",
        "a.md:6: `comity verify` has no option --rapport",
    ]


def test_a_public_name_no_page_mentions_is_found(check: ModuleType, write: Write) -> None:
    root = write("docs/a.md", "`comity.verify(question)` returns a `Verdict`.\n")
    assert check.problems(root, names=["Verdict", "verify", "veri"]) == [
        "comity.veri: no page of the docs mentions this name"
    ]


@pytest.fixture(scope="module")
def commands_page() -> ModuleType:
    place = ROOT / "tools" / "commands_page.py"
    spec = importlib.util.spec_from_file_location("commands_page", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_commands_is_what_the_commands_say(commands_page: ModuleType) -> None:
    assert commands_page.main([]) == 0, "python tools/commands_page.py --write"


def test_a_command_is_shown_with_usage_help_and_options(commands_page: ModuleType) -> None:
    text = commands_page.page(typer.main.get_command(sample_app()))
    assert (
        "## comity verify\n\n`comity verify QUESTION [options]`\n\nAnswer a question.\n\n"
        "| option | what it does |\n|---|---|\n| `--report` | A file. |\n"
    ) in text
