"""Simulation-based calibration of the four-cell fit at three densities.

    python benchmarks/sbc.py --runs 1000

Truths come from the prior (levels, drifts, step sizes, steps), panels from the truths; the truth's
place in each posterior must be uniform. Prints a Markdown table; `--workers` changes no number.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from comity.verification.calibration import chi_square, coverage, ecdf_band, place_of
from comity.verification.examine.pool import run_all
from comity.verification.fit import fit_panel
from comity.verification.simulate import DCID_SIZE, World, simulate_panel

DENSITIES = {
    "low (1.5 a year in A)": World(sizes=(22.0, 22.0, 30.0, 80.0)),
    "DCID (4 a year in A)": World(sizes=DCID_SIZE),
    "rich (30 a quarter in A)": World(sizes=(1800.0, 1800.0, 2400.0, 6600.0)),
}
NAMES = ("jump", "net-1", "net-3", "net-5", "level", "displacement")


def one(piece: tuple[World, int, float, int]) -> list[float]:
    """Return the truth's place for every estimand; `shrink` below 1 breaks the fit on purpose."""
    world, seed, shrink, draws = piece
    counts, truth = simulate_panel(world, np.random.default_rng([77, seed]))
    if (counts.spread().sum(axis=1) == 0).any():
        return [float("nan")] * len(NAMES)  # an empty cell: a smaller comparison is fitted then
    fit = fit_panel(
        counts, world.comparison, world.onset, prior=world.prior, draws=draws, seed=seed
    )
    known = {**truth.estimands}
    known["displacement"] = known["level"] - known["jump"]
    places = []
    for name in NAMES:
        if name not in fit.estimands:
            places.append(float("nan"))
            continue
        values = fit.estimands[name]
        if shrink != 1.0:
            centre = float(fit.draws.weights @ values)
            fit.estimands[name][:] = centre + shrink * (values - centre)  # type: ignore[index]
        places.append(place_of(fit, name, known[name]))
    return places


def main() -> None:
    from sbc import one as work  # by name, so that a worker finds it

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--draws", type=int, default=1500)
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--only", default="", help="part of a density's name")
    asked = parser.parse_args()
    print("| density | estimand | chi-square p | band | cover of 90 % | runs |")
    print("|---|---|---|---|---|---|")
    for title, world in DENSITIES.items():
        if asked.only not in title:
            continue
        start = time.perf_counter()
        pieces = [(world, seed, 1.0, asked.draws) for seed in range(asked.runs)]
        places = np.array(run_all(work, pieces, asked.workers))
        for k, name in enumerate(NAMES):
            mine = places[:, k][np.isfinite(places[:, k])]
            band, (share, error) = ecdf_band(mine), coverage(mine)
            inside = "inside" if band.inside else "LEFT"
            print(
                f"| {title} | {name} | {chi_square(mine):.2f} | {inside} ({band.furthest:.2f}) | "
                f"{share:.3f} ± {error:.3f} | {len(mine)} |", flush=True,
            )  # fmt: skip
        print(f"<!-- {title}: {time.perf_counter() - start:.0f} s -->", flush=True)


if __name__ == "__main__":
    main()
