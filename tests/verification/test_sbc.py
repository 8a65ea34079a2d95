"""Calibration of the fit, and that the measure of it notices a fit that is not calibrated."""

import sys
from pathlib import Path

import numpy as np
import pytest

from comity.verification.calibration import chi_square, coverage, ecdf_band, place_of
from comity.verification.fit import fit_panel
from comity.verification.simulate import World, simulate_panel

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))


def test_even_places_pass_and_crowded_ones_do_not():
    random = np.random.default_rng(1)
    even = random.random(1000)
    assert chi_square(even) > 0.01
    assert ecdf_band(even).inside
    for crowded in (random.beta(2, 2, 1000), random.beta(0.6, 0.6, 1000), even**1.3):
        assert chi_square(crowded) < 0.01
        assert not ecdf_band(crowded).inside


def test_the_band_is_left_as_often_as_it_says():
    random = np.random.default_rng(2)
    left = sum(not ecdf_band(random.random(200)).inside for _ in range(300))
    assert 3 <= left <= 30  # 5 % of 300, within three standard errors


def test_coverage_counts_the_middle():
    share, error = coverage(np.linspace(0.005, 0.995, 100))
    assert share == pytest.approx(0.9)
    assert error == pytest.approx(0.03)


def test_the_place_of_a_truth_is_its_probability():
    world = World()
    counts, _ = simulate_panel(world, np.random.default_rng(3))
    fit = fit_panel(counts, "four-cells", world.onset, draws=600)
    median = float(np.log(fit.ratio("net-5", 0.9)[0]))
    assert place_of(fit, "net-5", median) == pytest.approx(0.5, abs=0.01)
    assert place_of(fit, "net-5", 50.0) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_step_sizes_of_a_rich_panel_are_not_left_to_one_point(seed):
    import sbc

    world = sbc.DENSITIES["rich (30 a quarter in A)"]
    counts, truth = simulate_panel(world, np.random.default_rng([77, seed]))
    fit = fit_panel(counts, "four-cells", world.onset, prior=world.prior, draws=400, seed=seed)
    assert fit.mixture.weights.max() < 0.6
    steps = fit.mixture.weights @ fit.mixture.modes.tau**-0.5
    assert 0.5 < steps[0] / truth.steps[0] < 2.0


@pytest.mark.slow
@pytest.mark.parametrize("density", ["low", "DCID", "rich"])
def test_ranks_are_even_under_prior_draws(density):
    import sbc

    world = next(w for name, w in sbc.DENSITIES.items() if name.startswith(density))
    from comity.verification.examine.pool import run_all

    places = np.array(run_all(sbc.one, [(world, s, 1.0, 1000) for s in range(300)]))
    for k, name in enumerate(sbc.NAMES):
        mine = places[:, k][np.isfinite(places[:, k])]
        assert chi_square(mine, 10) > 0.001, name
        assert ecdf_band(mine, 0.999).inside, name
        assert 0.84 <= coverage(mine)[0] <= 0.96, name


@pytest.mark.slow
def test_a_fit_with_intervals_half_as_wide_is_noticed():
    import sbc

    from comity.verification.examine.pool import run_all

    world = sbc.DENSITIES["DCID (4 a year in A)"]
    places = np.array(run_all(sbc.one, [(world, s, 0.5, 600) for s in range(300)]))
    assert chi_square(places[:, 0]) < 1e-6
    assert not ecdf_band(places[:, 0]).inside
