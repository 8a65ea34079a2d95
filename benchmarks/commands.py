"""How long a command takes from the shell, on what ships: words, tables, pictures and pages.

    uv run python benchmarks/commands.py [--runs 5] [--only WORDS]

Each command runs in a new process over an empty home of its own, once unmeasured (the interpreter
then has its compiled files, as after any first start) and then so many times. Prints the median of
elapsed and of processor time; on a machine that does other things as well, processor time is the
fairer of the two. Lines and pictures go to a folder that is deleted.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMANDS = (
    "instruments", "instruments us-china-2015 uk-china-2015", "norms", "norms commercial-theft",
    "definitions cybersecurity", "definitions compare US CN RU ISO", "definitions over-time US",
    "definitions cybersecurity --map map.svg", "lineage --clause commercial-theft",
    "lineage --clause commercial-theft --svg tree.svg", "check",
    "spread commercial-theft", "spread commercial-theft --svg path.svg",
    "spread commercial-theft --report path.html", "spread follows", "spread model",
    "votes", "votes --svg axis.svg", "votes --svg axis.png", "votes --report votes.html",
    "process us-china", "process us-china --as-of 2015-01-01", "process us-china --svg tracks.svg",
    "process us-china --report tracks.html", "process ladder us-china",
    "process ladder us-china --svg ladder.svg", "process ladder us-china --report ladder.html",
    "process implementation CN", "process enforcement", "parallels", "parallels us-china-2015",
    "parallels us-china-2015 --report parallels.html",
)  # fmt: skip


def once(words: list[str], folder: Path) -> tuple[float, float]:
    """Return the elapsed and the processor seconds of one run. Raises where it fails."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(
        [sys.executable, "-m", "comity", *words],
        cwd=folder,
        env={**environment, "COMITY_HOME": str(folder / "home")},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return time.perf_counter() - start, spent


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="measured runs of each command")
    parser.add_argument("--only", default="", help="only commands with these words")
    asked = parser.parse_args()
    print("| command | elapsed, s | processor, s |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        for command in COMMANDS:
            if asked.only not in command:
                continue
            once(command.split(), Path(name))
            runs = [once(command.split(), Path(name)) for _ in range(asked.runs)]
            elapsed, spent = (statistics.median(column) for column in zip(*runs, strict=True))
            print(f"| `comity {command}` | {elapsed:.2f} | {spent:.2f} |", flush=True)


if __name__ == "__main__":
    main()
