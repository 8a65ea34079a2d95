"""Fill the output blocks of README and docs by running the commands they show, at 80 columns.

A block is ```console between `<!-- output:NAME -->` and `<!-- /output -->`, its first line the
command. Run `python tools/readme_output.py` to see whether they are current, `--write` to renew.
Current is what has the same words and nearly the same numbers: last digits of draws may differ
between machines and versions of numpy.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "README.md", ROOT / "docs" / "evidence.md", ROOT / "docs" / "all.md")
COMMANDS = {
    "verify": "comity verify us-china-2015",
    "all": "comity verify --all",
    "instruments": "comity instruments us-china-2015",
    "evidence": "comity evidence",
    "problems": "comity evidence problems dcid",
    "show": "comity evidence show dcid:43",
    "delay": "comity evidence delay dcid --question us-china-2015",
}
BLOCK = re.compile(r"<!-- output:(\w+) -->.*?<!-- /output -->", re.DOTALL)


def run(command: str) -> str:
    """Return what a command prints to somebody with nothing added, 80 columns and no colour.

    Raises subprocess.CalledProcessError where the command fails.
    """
    with tempfile.TemporaryDirectory() as home:
        return _printed(command, Path(home))


def _printed(command: str, home: Path) -> str:
    settings = {
        **os.environ,
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "TERM": "dumb",
        "PYTHONUTF8": "1",
        "COMITY_HOME": str(home),
    }
    start = "from comity.cli import main; main()"
    words = [sys.executable, "-c", start, *shlex.split(command)[1:]]
    done = subprocess.run(words, env=settings, capture_output=True, check=True, encoding="utf-8")
    return "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip("\n")


def with_output(page: str) -> str:
    """Return the page with every block between its markers as the program prints it now."""

    def renewed(match: re.Match[str]) -> str:
        name = match.group(1)
        command = COMMANDS[name]
        shown = f"```console\n$ {command}\n{run(command)}\n```"
        return f"<!-- output:{name} -->\n{shown}\n<!-- /output -->"

    return BLOCK.sub(renewed, page)


NUMBER = re.compile(r"\d+(?:\.\d+)?")


def nearly(old: str, new: str) -> bool:
    """Say whether two texts have the same words, spacing apart, and nearly the same numbers.

    Decimals may differ by 0.02 or 15 %, whichever is more, whole numbers by 2; four digits (years)
    not at all.

    >>> nearly("a 0.43 (86 %)", "a  0.44 (87 %)"), nearly("a 0.43", "a 0.51"), nearly("a 1", "b 1")
    (True, False, False)
    """
    words, numbers = zip(
        *((NUMBER.sub("#", " ".join(t.split())), NUMBER.findall(t)) for t in (old, new)),
        strict=True,
    )
    return words[0] == words[1] and all(_near(a, b) for a, b in zip(*numbers, strict=True))


def _near(old: str, new: str) -> bool:
    if min(len(old), len(new)) >= 4 and "." not in old + new:
        return old == new
    decimals = "." in old and "." in new
    most = max(0.15 * abs(float(old)), 0.02) if decimals else 2.0
    return abs(float(old) - float(new)) <= most + 1e-9


def main(arguments: list[str]) -> int:
    """Renew the blocks (`--write`) or say whether they are current: 0 when they are, 1 when not."""
    old = []
    for path in PAGES:
        page = path.read_text(encoding="utf-8")
        renewed = with_output(page)
        if "--write" in arguments:
            path.write_text(renewed, encoding="utf-8")
        elif not nearly(page, renewed):
            old.append(path.name)
    if old:
        print(f"{' and '.join(old)}: old output. python tools/readme_output.py --write")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
