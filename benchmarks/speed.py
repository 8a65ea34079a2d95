"""How long a fit takes, against the same model in PyMC + nutpie in the same run.

    uv run --extra mcmc python benchmarks/speed.py             # everything, about four minutes
    uv run python benchmarks/speed.py --no-peer                # ours alone, half a minute

Ours is the median of repeated calls after one warm-up, with 1,000 draws; the peer is one call in a
fresh process with its compilation and two chains of 1,000 draws, because that is what a user waits
for. Neither's imports are counted. Both run on one and the same core.
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
from collections.abc import Callable

import numpy as np
import polars as pl

from comity.verification.counts import Counts
from comity.verification.fit import fit_panel
from comity.verification.grid import build_grid
from comity.verification.model import Scope
from comity.verification.panel import ListWindow, build_panel
from comity.verification.scope import assign_cells
from comity.verification.simulate import World, simulate_panel


def median(call: Callable[[], object], runs: int = 11) -> float:
    """Return the median wall time of a call, in milliseconds, after one warm-up."""
    call()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


def panel(periods: int = 60) -> Counts:
    """Return about 420 incidents over 60 quarters (in proportion for more), 8 % year-only."""
    sizes = tuple(s * periods / 60 for s in (60.0, 60.0, 80.0, 220.0))
    world = World(sizes, periods, periods * 39 // 60, 0.08, delta=-0.5, drift=False)
    return simulate_panel(world, np.random.default_rng(1))[0]


def one_core() -> None:
    """Keep this process, and those it starts, on one core where the system allows it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def fits(peer: bool) -> None:
    """Time the one-cell and the four-cell fit, and the peer."""
    counts = panel()
    one = median(lambda: fit_panel(counts, "target-alone", 39))
    four = median(lambda: fit_panel(counts, "four-cells", 39))
    print(f"one-cell fit, 60 quarters, 1,000 draws: {one:.1f} ms")
    size = counts.y.sum() + counts.n.sum()
    print(f"four-cell fit, 60 quarters, {size:.0f} incidents, 1,000 draws: {four:.1f} ms")
    for periods in (60, 120, 300, 600):
        long = panel(periods)
        took = median(lambda long=long, p=periods: fit_panel(long, "four-cells", p * 39 // 60), 3)
        print(
            f"four-cell fit, {periods} quarters: {took:.0f} ms, {took / periods:.2f} ms a quarter"
        )
    if not peer:
        return
    for comparison, ours in (("target-alone", one), ("four-cells", four)):
        call = [sys.executable, __file__, "--only", "peer", "--comparison", comparison]
        said = subprocess.run(call, check=True, capture_output=True, text=True).stdout
        took = float(said.split()[-1])
        print(f"PyMC + nutpie, {comparison}: {took:.1f} s, {1e3 * took / ours:.0f} times ours")


def peer(comparison: str) -> None:
    """Print how long PyMC + nutpie take for one panel in this fresh process, imports left out."""
    import nutpie  # noqa: F401  (their import is not counted, as ours is not)
    import pymc  # noqa: F401

    from comity.verification.mcmc import sample_panel

    counts = panel()
    start = time.perf_counter()
    sample_panel(counts, comparison, 39, draws=1000, chains=2, seed=1)
    print(time.perf_counter() - start)


def million(rows: int = 1_000_000) -> None:
    """Time a million incidents to panel and fit, and print the process's peak memory."""
    random = np.random.default_rng(1)
    first = np.datetime64("2006-01-01") + random.integers(0, 15 * 365, rows)
    countries = np.array(["CN", "US", "RU", "IR", "UA", "VN", "JP", "DE"])
    by, on = (countries[random.integers(0, 8, rows)] for _ in range(2))
    days = pl.Series(first.astype("datetime64[D]"))
    coarse = pl.Series(random.random(rows) < 0.3)
    frame = pl.DataFrame({"day": days, "coarse": coarse, "by": by, "on": on})
    table = frame.select(
        pl.concat_list("by").alias("initiators"),
        pl.concat_list("on").alias("receivers"),
        pl.when("coarse").then(pl.date(pl.col("day").dt.year(), 1, 1)).otherwise("day")
        .alias("start_earliest"),
        pl.when("coarse").then(pl.date(pl.col("day").dt.year(), 12, 31)).otherwise("day")
        .alias("start_latest"),
        pl.lit(None, dtype=pl.Date).alias("reported_earliest"),
        pl.lit(None, dtype=pl.Date).alias("reported_latest"),
        pl.lit("").alias("campaign"),
        pl.lit(1.0).alias("severity"),
    )  # fmt: skip
    del frame, by, on
    start = time.perf_counter()
    grid = build_grid(first.min().astype(object), first.max().astype(object))
    scope = Scope("all", "all", "narrow", ("CN",), ("US",))
    window = ListWindow(int(grid.edges[0]), int(grid.edges[-1]) - 1, int(grid.edges[-1]) - 1)
    made = build_panel(table, assign_cells(table, scope, {}), grid, window)
    panelled = time.perf_counter() - start
    fit_panel(made.counts, "four-cells", 43)
    took = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{rows:,} incidents: panel {panelled:.2f} s, panel and fit {took:.2f} s, "
        f"peak {peak:.0f} MB"
    )


def commands(runs: int = 5) -> None:
    """Time the command line cold, as a user meets it."""
    for words in (["--help"], ["verify", "us-china-2015"]):
        call = [sys.executable, "-m", "comity", *words]
        times = []
        with tempfile.TemporaryDirectory() as home:  # the history of verdicts is kept there
            for _ in range(runs):
                start = time.perf_counter()
                settings = {**os.environ, "COMITY_HOME": home}
                subprocess.run(call, check=True, capture_output=True, env=settings)
                times.append(time.perf_counter() - start)
        print(f"comity {' '.join(words)}: {statistics.median(times):.2f} s (median of {runs})")


def main() -> None:
    """Run every benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-peer", action="store_true", help="leave PyMC + nutpie out")
    parser.add_argument("--only", choices=["fits", "million", "commands", "peer"])
    parser.add_argument("--comparison", default="four-cells", help="for --only peer")
    args = parser.parse_args()
    if args.only == "peer":
        peer(args.comparison)
        return
    if args.only in (None, "million"):
        million()
    if args.only in (None, "commands"):
        commands()
    if args.only in (None, "fits"):
        one_core()
        fits(not args.no_peer)


if __name__ == "__main__":
    main()
