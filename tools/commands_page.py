"""Write docs/commands.md from the help of every command, so that the two cannot differ.

Run `python tools/commands_page.py` to see whether the page is current, `--write` to renew it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from check_docs import command_tree, walk

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "commands.md"
HEAD = """# Commands

Made from each command's own help by `tools/commands_page.py`. `--help` after any command prints
the same.
"""


def entry(name: str, command: Any) -> str:
    """Return one command's part of the page: usage, help, arguments and options."""
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option"]
    usage = " ".join([name, *(_argument(p) for p in arguments), *["[options]"] * bool(options)])
    parts = [f"## {name}", f"`{usage}`", " ".join((command.help or "").split())]
    rows = [
        f"| `{' / '.join([*p.opts, *p.secondary_opts])}` | {' '.join((p.help or '').split())} |"
        for p in options
    ]
    if rows:
        parts.append("\n".join(["| option | what it does |", "|---|---|", *rows]))
    return "\n\n".join(parts)


def _argument(parameter: Any) -> str:
    name = (parameter.metavar or parameter.name).upper()
    many = "..." if parameter.nargs != 1 else ""
    return f"{name}{many}" if parameter.required else f"[{name}{many}]"


def page(tree: Any) -> str:
    """Return the whole page for a tree of commands, in order of name."""
    return HEAD + "\n" + "\n\n".join(entry(name, command) for name, command in walk(tree)) + "\n"


def main(arguments: list[str]) -> int:
    """Renew the page (`--write`) or say whether it is current: 0 when it is, 1 when not."""
    text = page(command_tree())
    if "--write" in arguments:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        print("docs/commands.md is not current: python tools/commands_page.py --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
