"""Is the model calibrated at the size of the evidence that ships?

    uv run python benchmarks/calibration.py --runs 2000 --fixed 500

Draws panels of DCID's size (cells 60, 60, 80, 220 over 60 quarters) from the model, fits each with
the same prior, and counts how often a 90 % interval holds the truth; then at fixed effects
without drift: coverage, width and how often "fell" would be claimed (P >= 0.95 under four cells and
>= 0.8 with the target alone). Prints Markdown tables; docs/model.md quotes them.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from comity.verification.fit import fit_panel
from comity.verification.simulate import World, simulate_panel

ESTIMANDS = ("jump", "net-5", "level")


def run(world: World, runs: int, seed: int) -> dict[str, np.ndarray]:
    """Return arrays over runs: where the truth lies in each posterior, width, P(fell), claim."""
    random = np.random.default_rng(seed)
    rank, width, fell, claim, poor = [], [], [], [], []
    for k in range(runs):
        counts, truth = simulate_panel(world, random)
        fit = fit_panel(counts, "four-cells", world.onset, prior=world.prior, seed=k, draws=1500)
        draws = fit.draws
        present = [e for e in ESTIMANDS if e in fit.estimands]
        if len(present) < len(ESTIMANDS):
            continue
        rank.append([draws.probability(fit.estimands[e] < truth.estimands[e]) for e in ESTIMANDS])
        ends = [fit.ratio(e, 0.9) for e in ESTIMANDS]
        width.append([np.log(upper / lower) for _, lower, upper in ends])
        fell.append([fit.fell(e) for e in ESTIMANDS])
        poor.append(draws.pareto_k > 0.7 or draws.effective < 100)
        claimed = False
        if fell[-1][1] >= 0.95:
            alone = fit_panel(counts, "target-alone", world.onset, prior=alone_prior(world), seed=k)
            claimed = alone.fell("net-5") >= 0.8
        claim.append(claimed)
    return {
        "rank": np.array(rank), "width": np.array(width), "fell": np.array(fell),
        "claim": np.array(claim), "poor": np.array(poor),
    }  # fmt: skip


def alone_prior(world: World):
    """Return the world's prior for cell A alone."""
    prior = world.prior
    return type(prior)(prior.step_means, prior.delta_sd, prior.alpha_mean[:1], prior.alpha_sd)


def row(name: str, world: World, runs: int, seed: int) -> str:
    """Return one line of the table."""
    start = time.perf_counter()
    found = run(world, runs, seed)
    rank = found["rank"]
    inside = ((rank > 0.05) & (rank < 0.95)).mean(axis=0)
    cells = [f"{v:.3f}" for v in inside]
    cells += [f"{np.exp(w):.1f}" for w in np.median(found["width"], axis=0)]
    cells += [f"{v:.3f}" for v in (found["fell"] >= 0.95).mean(axis=0)]
    cells += [f"{found['claim'].mean():.3f}", f"{found['poor'].mean():.3f}", str(len(rank))]
    took = time.perf_counter() - start
    return f"| {name} | " + " | ".join(cells) + f" | {took:.0f} s |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000, help="panels a row under prior draws")
    parser.add_argument("--fixed", type=int, default=500, help="panels a row at fixed effects")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    print(
        "| panels | cover jump | net-5 | level | upper/lower jump | net-5 | level "
        "| P>=.95 jump | net-5 | level | claims fell | poor fits | runs | took |"
    )
    print("|" + "---|" * 14)
    for coarse in (0.08, 0.50):
        name = f"prior draws, {100 * coarse:.0f} % year-only"
        print(row(name, World(coarse=coarse), args.runs, args.seed), flush=True)
    for coarse in (0.08, 0.50):
        for effect, name in ((0.0, "no effect"), (np.log(0.5), "-50 %"), (np.log(0.25), "-75 %")):
            world = World(coarse=coarse, delta=float(effect), drift=False)
            label = f"{name}, {100 * coarse:.0f} % year-only"
            print(row(label, world, args.fixed, args.seed), flush=True)


if __name__ == "__main__":
    main()
