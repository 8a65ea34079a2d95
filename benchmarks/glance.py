"""How long a glance takes, beside the whole verdict, on one core.

    OPENBLAS_NUM_THREADS=1 uv run python benchmarks/glance.py --question us-china-2015 --glances 30

Asks of `comity.api.glance` one as-of date after another, each new to it, then the same dates again
(their reporting delays are then known), then of `comity.verify` the whole verdict without its
mirror, all warm. Prints medians of processor time and of elapsed time; on a machine that does other
things as well, processor time is the fairer of the two.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import comity
from comity.api import glance

FIRST, APART = dt.date(2018, 1, 15), 41  # days: as-of dates when much of the evidence was public


def medians(title: str, work: list[Callable[[], object]]) -> None:
    """Run each piece of work once and print a row of medians."""
    taken = []
    for each in work:
        before = time.process_time(), time.perf_counter()
        each()
        taken.append((time.process_time() - before[0], time.perf_counter() - before[1]))
    processor, elapsed = (1000 * statistics.median(column) for column in zip(*taken, strict=True))
    print(f"| {title} | {processor:.0f} | {elapsed:.0f} |")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--question", default="us-china-2015")
    parser.add_argument("--glances", type=int, default=30)
    parser.add_argument("--verdicts", type=int, default=5)
    given = parser.parse_args()
    evidence, question = comity.load_evidence(), comity.load_question(given.question)
    days = [FIRST + dt.timedelta(APART * number) for number in range(given.glances)]
    glance(question, evidence)
    dated = [lambda day=day: glance(question, evidence, as_of=day) for day in days]
    print("| what, warm | processor, ms | elapsed, ms |\n|---|---|---|")
    medians("glance, an as-of date not asked before", dated)
    medians("glance, the same dates again", dated)
    whole = [lambda: comity.verify(question, evidence, mirror=False)] * given.verdicts
    whole[0]()
    medians("whole verdict, without its mirror", whole)


if __name__ == "__main__":
    main()
