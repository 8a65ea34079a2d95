"""Coverage over many simulated panels; the full figures are benchmarks/calibration.py's."""

import numpy as np
import pytest
from scipy import stats

from comity.verification.fit import fit_panel
from comity.verification.simulate import World, simulate_panel

RUNS = 400
ESTIMANDS = ("jump", "net-5", "level")


def within(hits, runs, low, high):
    """Is a count of hits compatible with a rate in [low, high], at one in a thousand a side?"""
    return stats.binom.ppf(0.001, runs, low) <= hits <= stats.binom.ppf(0.999, runs, high)


@pytest.mark.slow
@pytest.mark.parametrize("coarse", [0.08, 0.5])
def test_ninety_per_cent_intervals_hold_the_truth_nine_times_in_ten(coarse):
    world, random = World(coarse=coarse), np.random.default_rng(11)
    hits, runs = dict.fromkeys(ESTIMANDS, 0), 0
    for number in range(RUNS):
        counts, truth = simulate_panel(world, random)
        fit = fit_panel(counts, "four-cells", world.onset, prior=world.prior, seed=number)
        if not set(ESTIMANDS) <= set(fit.estimands):
            continue
        runs += 1
        for name in ESTIMANDS:
            _, lower, upper = fit.ratio(name, 0.9)
            hits[name] += lower <= np.exp(truth.estimands[name]) <= upper
    for name in ESTIMANDS:
        assert within(hits[name], runs, 0.88, 0.92), (name, hits[name], runs)


@pytest.mark.slow
def test_a_fall_is_claimed_where_there_is_none_at_most_once_in_twenty():
    world, random = World(coarse=0.3, delta=0.0, drift=False), np.random.default_rng(12)
    claims = 0
    for number in range(RUNS):
        counts, _ = simulate_panel(world, random)
        four = fit_panel(counts, "four-cells", world.onset, seed=number)
        if four.fell("net-5") >= 0.95:
            alone = fit_panel(counts, "target-alone", world.onset, seed=number)
            claims += alone.fell("net-5") >= 0.8
    assert claims <= stats.binom.ppf(0.999, RUNS, 0.05)


@pytest.mark.slow
def test_a_fall_to_a_quarter_is_seen_more_often_than_not():
    world = World(coarse=0.3, delta=float(np.log(0.25)), drift=False)
    random, seen = np.random.default_rng(13), 0
    for number in range(100):
        counts, _ = simulate_panel(world, random)
        seen += fit_panel(counts, "four-cells", world.onset, seed=number).fell("net-5") >= 0.95
    assert seen > 60
