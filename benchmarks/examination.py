"""How long a cross-examination takes, and whether time is linear and memory flat.

    python benchmarks/examination.py

One run on this machine: 1,000 four-cell analyses of DCID's size on every processor and on one;
each finding of `comity verify us-china-2015 --full`; robustness for 600, 1,200 and 2,400 analyses
with the highest memory of this process and of its workers. Prints Markdown tables.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import comity
from comity.verification.examine.pool import default_workers, run_all
from comity.verification.examine.tasks import FitTask, run_fit
from comity.verification.simulate import World, simulate_panel


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """Return seconds and the result."""
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def four_cells(count: int) -> list[FitTask]:
    """Return tasks on simulated panels of DCID's size."""
    world, random = World(), np.random.default_rng(1)
    return [
        FitTask(simulate_panel(world, random)[0], "four-cells", world.onset, (0, world.periods),
                seed=k)
        for k in range(count)
    ]  # fmt: skip


def examined(asked: comity.Examine) -> object:
    """Return the verdict of 2015 with some findings."""
    return comity.verify("us-china-2015", mirror=False, examine=asked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    asked = parser.parse_args()
    cores = default_workers()
    print(f"| what ({cores} processors) | seconds |")
    print("|---|---|")
    tasks = four_cells(asked.count)
    answers = []
    for workers in (cores, 1):
        took, found = timed(lambda workers=workers: run_all(run_fit, tasks, workers))
        answers.append(found)
        print(f"| {asked.count} four-cell analyses, {workers} workers | {took:.1f} |", flush=True)
    assert answers[0] == answers[1], "the number of workers changed a result"
    base, _ = timed(lambda: comity.verify("us-china-2015", mirror=False))
    print(f"| the verdict alone, warm | {base:.1f} |")
    for name in comity.FINDINGS:
        took, _ = timed(
            lambda name=name: comity.verify("us-china-2015", mirror=False, examine=(name,))
        )
        print(f"| and {name} | {took - base:.1f} |", flush=True)
    for analyses in (600, 1200, 2400):
        asked_for = comity.Examine(("robustness",), analyses)
        took, _ = timed(lambda asked_for=asked_for: examined(asked_for))
        mine = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        theirs = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
        print(
            f"| robustness, {analyses} analyses ({mine:.0f} MB here, {theirs:.0f} MB a worker, at "
            f"most) | {took - base:.1f} |", flush=True,
        )  # fmt: skip


if __name__ == "__main__":
    main()
