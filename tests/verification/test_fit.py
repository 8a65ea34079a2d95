"""The posterior: exact where arithmetic can be exact, and robust where panels are extreme."""

import numpy as np
import pytest
from scipy import integrate, stats

from comity.errors import ModelError
from comity.verification.cells import Prior
from comity.verification.counts import Counts
from comity.verification.fit import fit_panel
from comity.verification.posterior import pareto_k
from comity.verification.simulate import World, simulate_panel
from comity.verification.steps import composite_design, step_of


def panel(y, cells=("A",)):
    y = np.atleast_2d(np.asarray(y, dtype=float))
    none = np.zeros(0, dtype=np.int64)
    return Counts(cells, np.ones_like(y), y, none, none, np.zeros((0, 1)), np.zeros(0))


def test_without_drift_the_posterior_of_one_cell_is_the_exact_two_rate_posterior():
    # 24 incidents in 12 quarters, then 6 in 12: two Poisson rates, integrated by brute force.
    y = [2] * 12 + [1, 0] * 6
    tiny = Prior({"s": 1e-4, "i": 1e-4, "r": 1e-4, "u": 1e-4}, 1.0, (0.0,), 2.0)
    fit = fit_panel(panel(y), "target-alone", 12, prior=tiny, draws=8000, seed=1)

    def density(alpha, delta):
        log = 30 * alpha + 6 * delta - 12 * np.exp(alpha) * (1 + np.exp(delta))
        return np.exp(log - 0.5 * delta**2 - 0.5 * (alpha / 2) ** 2)

    def mass(low, high):
        return integrate.dblquad(density, low, high, -3, 3)[0]

    exact = mass(-5, 0) / mass(-5, 5)
    assert fit.fell("jump") == pytest.approx(exact, abs=0.003)
    median = fit.ratio("jump", 0.9)[0]
    below = mass(-5, float(np.log(median))) / mass(-5, 5)
    assert below == pytest.approx(0.5, abs=0.02)


def test_the_same_seed_gives_the_same_numbers_and_another_nearly_the_same():
    world = World(coarse=0.3, delta=-0.5, drift=False)
    counts, _ = simulate_panel(world, np.random.default_rng(4))
    one, same = (fit_panel(counts, "four-cells", 39, seed=1) for _ in range(2))
    other = fit_panel(counts, "four-cells", 39, seed=2)
    assert one.ratio("net-5", 0.9) == same.ratio("net-5", 0.9)
    assert one.fell("net-5") == pytest.approx(other.fell("net-5"), abs=0.05)


@pytest.mark.parametrize(
    "comparison", ["initiator-elsewhere", "receiver-otherwise", "target-alone"]
)
def test_fewer_cells_give_fewer_estimands_and_no_displacement(comparison):
    counts, _ = simulate_panel(World(), np.random.default_rng(4))
    fit = fit_panel(counts, comparison, 39)
    assert "displacement" not in fit.estimands
    assert {"jump", "net-1", "net-3", "net-5"} <= set(fit.estimands)


def test_a_cell_without_incidents_is_dropped_with_the_walks_it_told_apart():
    counts, _ = simulate_panel(World(coarse=0.0), np.random.default_rng(4))
    y = counts.y.copy()
    y[1] = 0.0
    fit = fit_panel(
        Counts(
            counts.cells, counts.exposure, y, counts.group, counts.first, counts.weight, counts.n
        ),
        "four-cells",
        39,
    )
    assert fit.layout.cells == ("A", "C")


def test_no_incident_after_the_agreement_is_a_fall_not_an_error():
    fit = fit_panel(panel([3] * 30 + [0] * 20), "target-alone", 30)
    assert fit.fell("jump") > 0.95
    assert fit.mixture.modes.converged.all()


def test_large_and_tiny_panels_find_their_modes():
    for scale in (0.01, 1.0, 5000.0):
        counts, _ = simulate_panel(
            World(sizes=tuple(s * scale for s in (60.0, 60.0, 80.0, 220.0)), coarse=0.5),
            np.random.default_rng(8),
        )
        fit = fit_panel(counts, "target-alone", 39)
        assert fit.mixture.modes.converged.all()
        assert np.isfinite(fit.ratio("net-5", 0.9)).all()


def test_an_onset_outside_the_grid_is_refused():
    with pytest.raises(ModelError, match="outside"):
        fit_panel(panel([1, 2, 3]), "target-alone", 3)


def test_the_design_integrates_the_variance_of_a_normal():
    for walks in (1, 2, 3, 4):
        points, weights = composite_design(walks)
        dense = weights * np.exp(-0.5 * (points**2).sum(axis=1))
        dense /= dense.sum()
        assert (dense @ points**2) == pytest.approx(np.ones(walks), abs=0.06)


def test_z_turns_a_normal_into_the_exponential_prior_of_a_step():
    means = np.array([0.3, 0.15])
    assert step_of(np.zeros(2), means) == pytest.approx(means * np.log(2))
    for z in (-4.0, -1.0, 2.0, 5.0):  # P(step > s) must be P(normal > z)
        steps = step_of(np.full(2, z), means)
        assert np.exp(-steps / means) == pytest.approx(stats.norm.sf(z), rel=1e-9)


def test_pareto_k_is_near_the_truth_for_pareto_weights():
    random = np.random.default_rng(1)
    for k in (0.2, 0.5, 0.9):
        found = [pareto_k(-k * np.log1p(-random.random(20_000))) for _ in range(20)]
        assert np.mean(found) == pytest.approx(k, abs=0.1)
