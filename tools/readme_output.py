"""Fill the output blocks of README and docs by running the commands they show, at 80 columns.

A block is ```console between `<!-- output:NAME -->` and `<!-- /output -->`, its first line the
command. Run `python tools/readme_output.py` to see whether they are current, `--write` to renew.
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
PAGES = (ROOT / "README.md", ROOT / "docs" / "evidence.md")
COMMANDS = {
    "verify": "comity verify us-china-2015",
    "instruments": "comity instruments us-china-2015",
    "evidence": "comity evidence",
    "problems": "comity evidence problems dcid",
    "show": "comity evidence show dcid:43",
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


def main(arguments: list[str]) -> int:
    """Renew the blocks (`--write`) or say whether they are current: 0 when they are, 1 when not."""
    old = []
    for path in PAGES:
        page = path.read_text(encoding="utf-8")
        renewed = with_output(page)
        if "--write" in arguments:
            path.write_text(renewed, encoding="utf-8")
        elif renewed != page:
            old.append(path.name)
    if old:
        print(f"{' and '.join(old)}: old output. python tools/readme_output.py --write")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
