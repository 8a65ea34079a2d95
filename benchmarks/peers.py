"""Comity beside other methods, on the same simulated panels, where the true change is known.

    pip install -r benchmarks/peers-requirements.txt      # in an environment of its own
    OPENBLAS_NUM_THREADS=1 python benchmarks/peers.py     # about a quarter of an hour
    python benchmarks/peers.py --slow 0 --panels 20       # a minute, without CausalPy

Seven conditions (`peers_worlds`), three true changes, every method (`peers_methods`) on the same
panels in one process on one core. Runs with whatever peers are installed and says which are not.
Prints Markdown tables; with `--into docs/peers.md` they also replace those of that page.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from peers_methods import METHODS, Estimate, Method
from peers_worlds import CONDITIONS, EFFECTS, simulate

WIDEST = float(np.log(50.0))  # log ratios beyond it, such as that of a cell left empty, are cut
SLOW_EFFECTS = ("no effect", "-50 %")
PACKAGES = ("statsmodels", "bsts-causalimpact", "causalpy", "numpy", "scipy")
MARKED = re.compile(r"(?<=<!-- tables -->\n).*?(?=<!-- /tables -->)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Score:
    """One method in one condition at one true change, over panels. `bias` is the median error of
    the log ratio, `rmse` its root mean square, `cover` the share of 90 % intervals that hold the
    truth, `width` their median upper over lower end, `fell` the share where a fall was said,
    `failed` the panels without an answer, `seconds` the median time of an analysis."""

    panels: int
    bias: float
    rmse: float
    cover: float
    width: float
    fell: float
    failed: int
    seconds: float


Scores = dict[tuple[str, str, str], Score]  # by method, condition, true change


def score(found: Sequence[Estimate | None], truth: float, times: Sequence[float]) -> Score:
    """Return how estimates compare to the truth (a log ratio); None is a panel without an answer,
    in which no fall is said."""
    estimates = [e for e in found if e is not None]
    logs = np.array([[e.log_ratio, e.lower, e.upper] for e in estimates]).reshape(-1, 3)
    point, lower, upper = np.clip(logs, -WIDEST, WIDEST).T
    silent = np.isnan(point)
    inside = (logs[:, 1] <= truth) & (truth <= logs[:, 2])
    error = point[~silent] - truth
    none = not len(error)
    return Score(
        len(found),
        float("nan") if none else float(np.median(error)),
        float("nan") if none else float(np.sqrt((error**2).mean())),
        float("nan") if none else float(inside[~silent].mean()),
        float("nan") if none else float(np.exp(np.median((upper - lower)[~silent]))),
        sum(e.fell for e in estimates) / len(found),
        len(found) - len(estimates),
        float(np.median(times)),
    )


def attempt(
    method: Method, condition: str, ratio: float, seed: int
) -> tuple[Estimate | None, float]:
    """Run a method on a panel; what it raises is a panel without an answer."""
    panel = simulate(condition, ratio, seed)
    start = time.perf_counter()
    try:
        found: Estimate | None = method.run(panel, seed)
    except Exception as error:  # a peer may raise anything
        print(f"{method.name}, {condition}, panel {seed}: {error!r}", file=sys.stderr)
        found = None
    return found, time.perf_counter() - start


def compare(methods: Sequence[Method], conditions: Sequence[str], panels: int, slow: int) -> Scores:
    """Return every score; panel k of a condition is the same for all methods, and the quick ones
    see `panels` of them, the slow ones `slow`, at no effect and at a halving."""
    for method in methods:
        attempt(method, conditions[0], 1.0, 0)  # what is compiled or loaded once is not timed
    scores: Scores = {}
    for condition in conditions:
        for effect, ratio in EFFECTS.items():
            for method in methods:
                if method.slow and effect not in SLOW_EFFECTS:
                    continue
                many = slow if method.slow else panels
                found = [attempt(method, condition, ratio, seed) for seed in range(many)]
                if found:
                    estimates, times = zip(*found, strict=True)
                    truth = float(np.log(ratio))
                    scores[method.name, condition, effect] = score(estimates, truth, times)
        print(f"{condition}: done", file=sys.stderr, flush=True)
    return scores


def table(scores: Scores, measure: Callable[[Score], float], digits: int) -> list[str]:
    """Return one Markdown table: methods by conditions, true changes apart by slashes."""
    names = list(dict.fromkeys(name for name, _, _ in scores))
    conditions = list(dict.fromkeys(condition for _, condition, _ in scores))
    lines = ["| method | " + " | ".join(conditions) + " |", "|---|" + "---|" * len(conditions)]
    for name in names:
        cells = []
        for condition in conditions:
            each = [scores.get((name, condition, effect)) for effect in EFFECTS]
            values = [float("nan") if s is None else measure(s) for s in each]
            cells.append(" / ".join("-" if np.isnan(v) else f"{v:.{digits}f}" for v in values))
        if any(cell != "- / - / -" for cell in cells):
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def cost(scores: Scores) -> list[str]:
    """Return the table of time, panels and failures by method."""
    lines = [
        "| method | ms an analysis | where reports are late | panels a cell | no answer |",
        "|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(name for name, _, _ in scores):
        mine = {key: s for key, s in scores.items() if key[0] == name}
        late = [1e3 * s.seconds for key, s in mine.items() if key[1] == "not yet reported"]
        rest = [1e3 * s.seconds for key, s in mine.items() if key[1] != "not yet reported"]
        cells = [f"{np.median(t):.3g}" if t else "-" for t in (rest, late)]
        many = max(s.panels for s in mine.values())
        failed = sum(s.failed for s in mine.values())
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {many} | {failed} |")
    return lines


MEASURES: tuple[tuple[str, Callable[[Score], float], int], ...] = (
    ("Median error of the log ratio", lambda s: s.bias, 2),
    ("Root mean square error of the log ratio", lambda s: s.rmse, 2),
    ("Share of 90 % intervals that hold the truth", lambda s: s.cover, 2),
    ("Width of the 90 % interval, upper over lower end", lambda s: s.width, 1),
    ("Share of panels where a fall is said: false alarms / power / power", lambda s: s.fell, 2),
)


def page(scores: Scores) -> str:
    """Return all tables as Markdown."""
    lines = [f"In each cell: {' / '.join(EFFECTS)}.", ""]
    for title, measure, digits in MEASURES:
        lines += [f"**{title}**", "", *table(scores, measure, digits), ""]
    return "\n".join([*lines, "**Time**", "", *cost(scores), ""])


def versions() -> str:
    """Return the versions of the peers at hand."""
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except ModuleNotFoundError:
            found.append(f"{package} not installed")
    return ", ".join(found)


def one_core() -> None:
    """Keep this process on one core where the system allows it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--panels", type=int, default=150, help="panels for the quick methods")
    parser.add_argument("--slow", type=int, default=8, help="panels for CausalPy; 0 leaves it out")
    parser.add_argument("--only", default="", help="part of a condition's name")
    parser.add_argument("--into", type=Path, help="a page whose tables to replace")
    asked = parser.parse_args()
    one_core()
    methods = [m for m in METHODS if m.present and (asked.slow or not m.slow)]
    for method in METHODS:
        if not method.present:
            print(f"Not installed, left out: {method.name} (module {method.needs}).")
    start = time.perf_counter()
    conditions = [c for c in CONDITIONS if asked.only in c]
    if not conditions:
        parser.error(f"no condition has {asked.only!r} in it: {', '.join(CONDITIONS)}")
    text = page(compare(methods, conditions, asked.panels, asked.slow))
    text += f"\n{versions()}; {(time.perf_counter() - start) / 60:.0f} minutes in all.\n"
    print(text)
    if asked.into:
        old = asked.into.read_text(encoding="utf-8")
        if not MARKED.search(old):
            parser.error(f"{asked.into} has no <!-- tables --> ... <!-- /tables -->")
        asked.into.write_text(MARKED.sub(lambda _: text, old), encoding="utf-8")


if __name__ == "__main__":
    main()
