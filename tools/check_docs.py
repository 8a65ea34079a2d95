"""Check the docs against the program: links, commands, public names, code blocks.

Every problem is printed as `file:line: what is wrong`; the exit status is 1 if there is one.
"""

from __future__ import annotations

import json
import re
import shlex
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SKIPPED = {".venv", ".git", "node_modules", "dist"}
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
COMMAND = re.compile(r"^\s*(?:\$ |pip install uv && )?(?:uv run )?(comity(?: .*)?)$")
SHELLS = ("", "console", "sh", "bash", "shell")


@dataclass(frozen=True, slots=True)
class Page:
    """One Markdown file: its path and its lines."""

    path: Path
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The page as one text."""
        return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced or indented block of code: its language, first line (from 1) and lines."""

    language: str
    line: int
    lines: tuple[str, ...]


def read_pages(root: Path) -> tuple[Page, ...]:
    """Return every Markdown page under `root`, in order of path, hidden folders left out."""
    return tuple(
        Page(path, tuple(path.read_text(encoding="utf-8").splitlines()))
        for path in sorted(root.rglob("*.md"))
        if not any(part in SKIPPED or part.startswith(".") for part in path.relative_to(root).parts)
    )


def blocks(page: Page) -> Iterator[Block]:
    """Yield the page's fenced blocks."""
    opened: tuple[str, int] | None = None
    inside: list[str] = []
    for number, line in enumerate(page.lines, start=1):
        if not line.lstrip().startswith("```"):
            inside.append(line)
        elif opened is None:
            opened, inside = (line.strip().strip("`").strip(), number), []
        else:
            yield Block(opened[0], opened[1] + 1, tuple(inside))
            opened = None


def prose(page: Page) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines that are not in a fenced block."""
    fenced = False
    for number, line in enumerate(page.lines, start=1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield number, line


def anchors(page: Page) -> frozenset[str]:
    """Return the anchors that a page's headings get when shown on the web."""
    found = set()
    for _, line in prose(page):
        if heading := HEADING.match(line):
            words = re.sub(r"[^\w\- ]", "", heading.group(1).lower())
            found.add(words.replace(" ", "-"))
    return frozenset(found)


def check_links(pages: Iterable[Page]) -> Iterator[str]:
    """Yield each relative link that leads to no file, or to no heading of a page."""
    by_path = {page.path.resolve(): page for page in pages}
    for page in by_path.values():
        for number, line in prose(page):
            for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
                if re.match(r"[a-z]+:", target):
                    continue
                name, _, anchor = target.partition("#")
                path = (page.path.parent / name).resolve() if name else page.path.resolve()
                if not path.exists():
                    yield f"{page.path}:{number}: {target} leads to no file"
                elif anchor and path in by_path and anchor not in anchors(by_path[path]):
                    yield f"{page.path}:{number}: {target} leads to no heading"


def check_blocks(pages: Iterable[Page]) -> Iterator[str]:
    """Yield each block of Python, TOML or JSON that does not parse."""
    parsers: dict[str, Callable[[str], object]] = {
        "python": lambda text: None if ">>>" in text else compile(text, "block", "exec"),
        "toml": tomllib.loads,
        "json": json.loads,
    }
    for page in pages:
        for block in blocks(page):
            parse = parsers.get(block.language)
            if parse is None:
                continue
            try:
                parse("\n".join(block.lines))
            except (SyntaxError, ValueError) as error:
                yield f"{page.path}:{block.line}: not {block.language}: {error}"


def command_tree() -> Any:
    """Return the command line as one tree of commands."""
    import typer

    from comity.cli import app

    return typer.main.get_command(app)


def walk(command: Any, name: str = "comity") -> Iterator[tuple[str, Any]]:
    """Yield every command under `command` with its full name, groups included."""
    yield name, command
    for part, child in sorted(getattr(command, "commands", {}).items()):
        if not child.hidden:
            yield from walk(child, f"{name} {part}")


def check_commands(tree: Any, pages: Iterable[Page]) -> Iterator[str]:
    """Yield each command that has no help, or an option without, or that no page mentions."""
    text = " ".join(" ".join(page.text.split()) for page in pages)
    for name, command in walk(tree):
        if not command.help:
            yield f"{name}: the command has no help"
        for parameter in command.params:
            if parameter.param_type_name == "option" and not parameter.help:
                yield f"{name} {parameter.opts[0]}: the option has no help"
        if not re.search(rf"{re.escape(name)}(?![\w-])", text):
            yield f"{name}: no page of the docs mentions this command"


def check_options(tree: Any, pages: Iterable[Page]) -> Iterator[str]:
    """Yield each command line in the pages that the program would not know."""
    known = dict(walk(tree))
    for page in pages:
        for number, words in command_lines(page):
            name = "comity"
            while len(words) > 0 and f"{name} {words[0]}" in known:
                name, words = f"{name} {words[0]}", words[1:]
            usual = getattr(known[name], "usual", "")
            if usual and words:
                name = f"{name} {usual}"
            command = known[name]
            leaf = not getattr(command, "commands", {})
            if not leaf and words and not words[0].startswith("-") and not has_arguments(command):
                yield f"{page.path}:{number}: comity has no command `{name} {words[0]}`"
            options = {o for p in command.params for o in [*p.opts, *p.secondary_opts]}
            for word in words:
                option = word.partition("=")[0]
                if re.match(r"--?[a-z]", option) and option not in options | {"--help"}:
                    yield f"{page.path}:{number}: `{name}` has no option {option}"


def has_arguments(command: Any) -> bool:
    """Say whether a group takes an argument of its own, so that any word may follow its name."""
    return any(p.param_type_name == "argument" for p in command.params)


def command_lines(page: Page) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and words after `comity` for each command shown in a block of a page."""
    shown = [
        (block.line + offset, line)
        for block in blocks(page)
        if block.language in SHELLS
        for offset, line in enumerate(block.lines)
    ]
    indented = [(n, line) for n, line in prose(page) if line.startswith("    ")]
    for number, line in (*whole_lines(shown), *whole_lines(indented)):
        if match := COMMAND.match(line):
            text = re.split(r"\s(?:#|\||>|&&)", match.group(1))[0]
            words = [w.strip("[].") for w in shlex.split(text.replace("'", ""))[1:]]
            yield number, [w for w in words if w]


def whole_lines(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Yield lines with their numbers, those that end in a backslash joined to what follows."""
    begun: tuple[int, str] | None = None
    for number, line in lines:
        first, text = begun or (number, "")
        text += line.lstrip() if begun else line
        begun = (first, text[:-1]) if text.endswith("\\") else None
        if begun is None:
            yield first, text
    if begun is not None:
        yield begun


def check_names(names: Iterable[str], pages: Iterable[Page]) -> Iterator[str]:
    """Yield each public name that no page mentions."""
    text = "\n".join(page.text for page in pages)
    for name in names:
        if not re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", text):
            yield f"comity.{name}: no page of the docs mentions this name"


def problems(root: Path = ROOT, tree: Any = None, names: Iterable[str] = ()) -> list[str]:
    """Return every problem of the docs under `root` with this command tree and these names."""
    pages = read_pages(root)
    guides = tuple(
        p for p in pages if p.path.is_relative_to(root / "docs") and "decisions" not in p.path.parts
    )
    found = [*check_links(pages), *check_blocks(pages), *check_names(names, guides)]
    if tree is not None:
        found += [*check_commands(tree, guides), *check_options(tree, pages)]
    return [line.replace(f"{root}/", "") for line in found]


def main() -> int:
    """Print every problem; return 1 if there is one."""
    import comity

    found = problems(ROOT, command_tree(), comity.__all__)
    print("\n".join(found) or "The docs agree with the program.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
