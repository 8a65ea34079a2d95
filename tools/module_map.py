"""Write the module map of ARCHITECTURE.md from the first sentence of every module.

Run `python tools/module_map.py` to see whether the map is current, with `--write` to renew it.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "comity"
PAGE = ROOT / "ARCHITECTURE.md"
BEGIN, END = "<!-- modules -->", "<!-- /modules -->"


def first_sentence(path: Path) -> str:
    """Return the first sentence of a module's docstring on one line; empty where there is none."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    paragraph = " ".join(text.split("\n\n")[0].split())
    sentence = re.match(r".*?[.?!](?=\s|$)", paragraph)
    return (sentence.group() if sentence else paragraph).rstrip(".")


def modules(package: Path = PACKAGE) -> list[str]:
    """Return every module's path inside the package: the top first, then room by room."""
    paths = [p.relative_to(package) for p in package.rglob("*.py")]
    return [p.as_posix() for p in sorted(paths, key=lambda p: (len(p.parts) > 1, p.as_posix()))]


def module_map(package: Path = PACKAGE) -> str:
    """Return the map as Markdown, one line a module. Raises ValueError where a docstring lacks."""
    lines: list[str] = []
    room = ""
    for name in modules(package):
        sentence = first_sentence(package / name)
        if not sentence:
            raise ValueError(f"{name} has no docstring to put into the map: write its first line")
        folder = name.rpartition("/")[0]
        if folder != room:
            room = folder
            lines += ["", f"`{room}/`", ""]
        lines.append(f"- `{name}`: {sentence}")
    return "\n".join(lines).strip()


def with_map(page: str, text: str) -> str:
    """Return the page with `text` between its two markers. Raises ValueError without them."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"ARCHITECTURE.md needs the lines {BEGIN} and {END} around the map")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Renew the map (`--write`) or say whether it is current: 0 when it is, 1 when not."""
    page = PAGE.read_text(encoding="utf-8")
    renewed = with_map(page, module_map())
    if "--write" in arguments:
        PAGE.write_text(renewed, encoding="utf-8")
    elif renewed != page:
        print("The module map is not current: python tools/module_map.py --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
