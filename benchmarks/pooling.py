"""Is the pooling of promises calibrated, and what does sharing a comparison cost it?

    uv run python benchmarks/pooling.py --runs 400

Draws worlds of five promises by one initiator (`comity.verification.simulate_promises`), fits each
promise as `comity verify` does, pools them, and counts how often a 90 % interval holds the truth:
of a typical promise (mu), of each promise pooled, and of each alone. Worlds: every promise for
itself; all sharing cells B and D on one day; the same with promises up to seven quarters apart.
"blind" leaves the shared error out of the pooling. Last, no effect at all: how often a fall
would be claimed (P >= 0.95). Prints a Markdown table; docs/all.md quotes it.
"""

from __future__ import annotations

import argparse

import numpy as np

from comity.verification.counts import Counts
from comity.verification.fit import Fit, fit_panel
from comity.verification.pooling import (
    MU,
    TAU_SCALE,
    THETA,
    Alone,
    alone,
    pool,
    prior_density,
    quantile,
    silent,
)
from comity.verification.simulate_promises import Promises, simulate_promises

WORLDS = {
    "each for itself": Promises(shared=False),
    "one day, shared": Promises(),
    "seven quarters apart, shared": Promises(later=(0, 0, 3, 6, 7)),
}
NAMES = (
    "mu", "pooled", "alone", "blind mu", "blind", "width", "width alone", "claim", "claim 1",
)  # fmt: skip


def fitted(world: Promises, panels: list[Counts], seed: int) -> list[Fit | None]:
    """Return each promise's own fit, None where it has no incident."""
    return [
        fit_panel(counts, "four-cells", world.onset_of(k), draws=2000, seed=seed + k)
        if counts.spread()[0].sum() > 0
        else None
        for k, counts in enumerate(panels)
    ]


def sharing_nothing(fit: Fit) -> Alone:
    """Return what a fit says, as if no other promise were compared with the same things."""
    values = fit.estimands["net-5"]
    return Alone(values, fit.draws.weights / prior_density(values, fit.prior_sd["net-5"]))


def held(points: np.ndarray, probability: np.ndarray, truth: float) -> tuple[bool, float]:
    """Return whether the central 90 % interval holds a truth, and how wide it is."""
    low, high = (quantile(points, probability, p) for p in (0.05, 0.95))
    return low < truth < high, high - low


def run(world: Promises, runs: int, seed: int, effect: bool = True) -> dict[str, list[float]]:
    """Return what happened in each run, by name."""
    random = np.random.default_rng(seed)
    names = (
        "mu",
        "pooled",
        "alone",
        "blind mu",
        "blind",
        "width",
        "width alone",
        "claim",
        "claim 1",
    )
    found: dict[str, list[float]] = {name: [] for name in names}
    for number in range(runs):
        mu = random.standard_normal() if effect else 0.0
        tau = abs(TAU_SCALE * random.standard_normal()) if effect else 0.0
        panels, thetas = simulate_promises(world, mu, tau, random)
        fits = fitted(world, panels, 10 * number)
        window = range(world.periods)
        own = [silent() if fit is None else alone(fit, window) for fit in fits]
        blind = pool([silent() if fit is None else sharing_nothing(fit) for fit in fits])
        together = pool(own)
        found["mu"].append(held(MU, together.mu, mu)[0])
        found["blind mu"].append(held(MU, blind.mu, mu)[0])
        found["claim"].append(together.mu[MU < 0].sum() >= 0.95)
        for k, theta in enumerate(thetas):
            inside, width = held(THETA, together.parts[k].density, theta)
            found["pooled"].append(inside)
            found["width"].append(width)
            found["blind"].append(held(THETA, blind.parts[k].density, theta)[0])
            found["claim 1"].append(together.parts[k].fell >= 0.95)
        for fit, theta in zip(fits, thetas, strict=True):
            if fit is not None:
                values = fit.estimands["net-5"]
                low, high = (fit.draws.quantile(values, p) for p in (0.05, 0.95))
                found["alone"].append(low < theta < high)
                found["width alone"].append(high - low)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=2015)
    asked = parser.parse_args()
    print("| worlds | mu | pooled | alone | blind: mu | blind: pooled | width pooled, alone |")
    print("|---|---|---|---|---|---|---|")
    for name, world in WORLDS.items():
        got = {k: float(np.mean(v)) for k, v in run(world, asked.runs, asked.seed).items()}
        cover = " | ".join(f"{got[k]:.3f}" for k in ("mu", "pooled", "alone", "blind mu", "blind"))
        factor = f"{np.exp(got['width']):.1f}, {np.exp(got['width alone']):.1f}"
        print(f"| {name} | {cover} | {factor} |", flush=True)
    none = run(WORLDS["one day, shared"], asked.runs, asked.seed, effect=False)
    common, one = np.mean(none["claim"]), np.mean(none["claim 1"])
    print(f"\nNo effect: a typical promise fell in {common:.3f}, one promise in {one:.3f} of runs.")


if __name__ == "__main__":
    main()
