"""False alarms where the model is wrong: how often "fell" is claimed although nothing changed.

    python benchmarks/misspecified.py --runs 400

Panels of DCID's size without any effect, in worlds the model does not describe. For each: how often
the verdict's rule claims a fall (0.95 by four cells, 0.8 by the least favourable comparison), how
often 0.95 alone would, and how often a check of the verdict fails on the panels that raise a false
alarm. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from comity.verification.cells import LAYOUTS
from comity.verification.counts import Counts
from comity.verification.examine.detect import Rule, rule_claims
from comity.verification.examine.pool import run_all
from comity.verification.fit import fit_panel
from comity.verification.fit_checks import PEAKED, ROUGH, rise_before, roughness
from comity.verification.model import COMPARISONS
from comity.verification.simulate import DCID_SIZE

T, ONSET = 60, 39
CELLS = ("A", "B", "C", "D")


def flat() -> np.ndarray:
    """Return constant expected counts (4, T) of DCID's size."""
    return np.repeat(np.array(DCID_SIZE)[:, None] / T, T, axis=1)


def to_pair(rate: np.ndarray) -> np.ndarray:
    """Attention turns to the pair: its reports double in the two years before the agreement and
    fall back over the two years after."""
    t = np.arange(T)
    peak = np.interp(t, [ONSET - 9, ONSET - 1, ONSET, ONSET + 8], [1.0, 2.0, 2.0, 1.0])
    return rate * np.where(np.arange(4)[:, None] == 0, peak, 1.0)


def to_pair_after(rate: np.ndarray) -> np.ndarray:
    """Attention turns to the pair after the agreement and stays: more of it is reported."""
    rise = np.interp(np.arange(T), [ONSET, ONSET + 8], [1.0, 2.0])
    return rate * np.where(np.arange(4)[:, None] == 0, rise, 1.0)


def away(rate: np.ndarray) -> np.ndarray:
    """Attention turns away from the pair at the agreement, to half: nothing else tells it from a
    fall."""
    return rate * np.where((np.arange(4)[:, None] == 0) & (np.arange(T) >= ONSET), 0.5, 1.0)


def dying(rate: np.ndarray) -> np.ndarray:
    """The list dies: over its last three years it takes in ever less of everything."""
    return rate * np.interp(np.arange(T), [T - 13, T - 1], [1.0, 0.2])


def seasonal(rate: np.ndarray) -> np.ndarray:
    """Starts come in seasons: half as many more in one quarter, half as many fewer in another."""
    return rate * (1.0 + 0.5 * np.sin(np.arange(T) * np.pi / 2))


def steady(rate: np.ndarray) -> np.ndarray:
    """Nothing is amiss."""
    return rate


WORLDS = {
    "the model's own world, nothing changes": (steady, 1.0, 0.08, 0.08, False),
    "attention peaks on the pair at the agreement": (to_pair, 1.0, 0.08, 0.08, False),
    "attention turns to the pair after it": (to_pair_after, 1.0, 0.08, 0.08, False),
    "attention turns away from the pair at it": (away, 1.0, 0.08, 0.08, False),
    "the list dies over its last three years": (dying, 1.0, 0.08, 0.08, False),
    "starts are seasonal": (seasonal, 1.0, 0.08, 0.08, False),
    "campaigns of three, not known": (steady, 3.0, 0.08, 0.08, False),
    "campaigns of three, known": (steady, 3.0, 0.08, 0.08, True),
    "year-only dates: 40 % before, 4 % after": (steady, 1.0, 0.40, 0.04, False),
    "year-only dates: 60 % of A before, none else": (steady, 1.0, -0.60, 0.0, False),
}


def panel(name: str, seed: int) -> tuple[Counts, np.ndarray]:
    """Draw one panel of a world; `factors` (4,) are what known clusters divide counts by."""
    shape, cluster, before, after, known = WORLDS[name]
    random = np.random.default_rng([list(WORLDS).index(name), seed])
    rate = shape(flat())
    n = random.poisson(rate / cluster) * int(cluster)
    share = np.where(np.arange(T) < ONSET - ONSET % 4, abs(before), after) * np.ones((4, 1))
    if before < 0:
        share[1:] = 0.0
    hidden = random.binomial(n, share)
    years = hidden.reshape(4, -1, 4).sum(axis=2)
    group, year = np.nonzero(years)
    y = (n - hidden).astype(float)
    counts = Counts(
        CELLS, np.ones((4, T)), y, group.astype(np.int64), (4 * year).astype(np.int64),
        np.ones((len(group), 4)), years[group, year].astype(float),
    )  # fmt: skip
    factors = np.full(4, cluster if known else 1.0)
    return counts.scaled(cluster) if known else counts, factors


def one(piece: tuple[str, int]) -> tuple[bool, bool, bool, bool, bool, bool]:
    """Return for one panel: the rule's claim, 0.95 by four cells, and which checks fail."""
    name, seed = piece
    counts, factors = panel(name, seed)
    fit = fit_panel(counts, "four-cells", ONSET, draws=1500, seed=seed)
    fell = fit.fell("net-5") >= 0.95
    claimed = fell and rule_claims(counts, Rule("four-cells", ONSET, seed=seed))
    peak = uneven = apart = coarse = False
    if fell:
        peak = (rise_before(fit, ONSET, 0, 4) or 0.0) >= PEAKED
        uneven = roughness(fit, factors, range(T), seed) < ROUGH
        chances = [
            fit_panel(counts.select(LAYOUTS[c].cells), c, ONSET, draws=800, seed=seed).fell("net-5")
            for c in COMPARISONS
        ]
        apart = max(chances) - min(chances) > 0.3
        total = counts.spread().sum()
        coarse = counts.n.sum() / total > 0.25
    return claimed, fell, peak, uneven, apart, coarse


def main() -> None:
    from misspecified import one as work  # by name, so that a worker finds it

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--only", default="", help="part of a world's name")
    asked = parser.parse_args()
    print(
        "| world | rule claims | 0.95 by four cells | of these, noticed by: peak before | uneven | "
        "comparisons apart | dates coarse |"
    )
    print("|---|---|---|---|---|---|---|")
    for name in WORLDS:
        if asked.only not in name:
            continue
        start = time.perf_counter()
        pieces = [(name, seed) for seed in range(asked.runs)]
        found = np.array(run_all(work, pieces, asked.workers))
        alarms = found[found[:, 1]]
        noticed = " | ".join(f"{100 * alarms[:, k].mean():.0f} %" if len(alarms) else "-"
                             for k in (2, 3, 4, 5))  # fmt: skip
        error = np.sqrt(0.05 * 0.95 / asked.runs)
        print(
            f"| {name} | {100 * found[:, 0].mean():.1f} % | {100 * found[:, 1].mean():.1f} % "
            f"(± {100 * error:.1f}) | {noticed} |", flush=True,
        )  # fmt: skip
        print(f"<!-- {time.perf_counter() - start:.0f} s -->", flush=True)


if __name__ == "__main__":
    main()
