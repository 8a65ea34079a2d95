"""A step in one series: by hand, against dense algebra, and on the seat belt law."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from comity.errors import ModelError
from comity.verification.structural import (
    FIRST_SD,
    GRID,
    _mode,
    _regressors,
    _Series,
    fit_step,
)


def test_by_hand_a_steady_series_that_halves_has_log_one_half() -> None:
    # 40 periods of 50, then 20 of 25: log(25/50), sd about sqrt(1/2000 + 1/500) = 0.05.
    y = np.concatenate([np.full(40, 50.0), np.full(20, 25.0)])
    found = fit_step(y, onset=40, season=1, level_mean=0.001)
    assert found.mean == pytest.approx(np.log(0.5), abs=0.01)
    assert found.sd == pytest.approx(0.05, abs=0.01)
    low, high = found.interval(0.9)
    assert low < np.log(0.5) < high
    assert high - low == pytest.approx(2 * 1.645 * found.sd, rel=0.05)
    assert found.probability_below() > 0.999


def test_by_hand_exposure_that_halves_is_no_step() -> None:
    y = np.concatenate([np.full(40, 50.0), np.full(20, 25.0)])
    w = np.concatenate([np.full(40, 1.0), np.full(20, 0.5)])
    found = fit_step(y, onset=40, season=1, exposure=w, level_mean=0.001)
    assert found.mean == pytest.approx(0, abs=0.01)
    assert found.probability_below() == pytest.approx(0.5, abs=0.1)


def test_by_hand_a_season_is_taken_out_and_sums_to_zero() -> None:
    # Every fourth period has twice the events: log 2 above the others, no step.
    y = np.tile([40.0, 20.0, 20.0, 20.0], 15)
    found = fit_step(y, onset=30, season=4, level_mean=0.001)
    assert found.mean == pytest.approx(0, abs=0.02)
    assert found.season.sum() == pytest.approx(0, abs=1e-9)
    assert found.season[0] - found.season[1:] == pytest.approx(np.full(3, np.log(2)), abs=0.02)


def test_the_seat_belt_law_has_the_published_effect(shared_data: Path) -> None:
    with (shared_data / "methods" / "its" / "UK_Seatbelts_1969_1984.csv").open() as file:
        rows = [(float(row["VanKilled"]), int(row["law"])) for row in csv.DictReader(file)]
    killed, law = np.array([k for k, _ in rows]), np.array([w for _, w in rows])
    onset = int(law.argmax())
    assert (onset, len(killed)) == (14 * 12 + 1, 192)  # February 1983
    found = fit_step(killed, onset)
    assert found.mean == pytest.approx(-0.278, abs=0.02)
    assert found.sd == pytest.approx(0.16, abs=0.02)


def dense_loss(series: _Series, sigma: float, theta: np.ndarray) -> float:
    """Return minus the log posterior given sigma, its normal constants left out, entry by entry."""
    T = len(series.y)
    mu, beta = theta[:T], theta[T:]
    eta = series.offset + mu + series.X @ beta
    walk = ((mu[0] - series.centre) / FIRST_SD) ** 2 + (np.diff(mu) ** 2).sum() / sigma**2
    return float(
        np.exp(eta).sum() - series.y @ eta + 0.5 * (walk + (series.precision * beta**2).sum())
    )


def test_the_mode_and_its_evidence_are_those_of_dense_algebra() -> None:
    y = np.array([3.0, 5.0, 2.0, 6.0, 1.0, 0.0, 2.0, 1.0])
    series = _Series(
        y, np.log(np.linspace(0.5, 1.5, 8)), _regressors(8, 4, 3),
        np.array([0.01, 1.0, 1.0]), float(np.log(2.5)),
    )  # fmt: skip
    sigma, size = 0.4, 8 + 3
    mu, beta, covariance, evidence = _mode(series, sigma, np.zeros(8), np.zeros(3))
    mode, h = np.concatenate([mu, beta]), 1e-4
    unit = np.eye(size) * h
    slope = [
        (dense_loss(series, sigma, mode + e) - dense_loss(series, sigma, mode - e)) / (2 * h)
        for e in unit
    ]
    assert np.abs(slope).max() < 1e-4
    rate = np.exp(series.offset + mu + series.X @ beta)
    D = np.hstack([np.eye(8), series.X])
    differences = np.diff(np.eye(8), axis=0) / sigma
    prior = np.zeros((size, size))
    prior[:8, :8] = differences.T @ differences
    prior[0, 0] += 1 / FIRST_SD**2
    prior[8:, 8:] = np.diag(series.precision)
    hessian = D.T @ (rate[:, None] * D) + prior
    assert covariance == pytest.approx(np.linalg.inv(hessian)[8:, 8:], rel=1e-6)
    log_det = np.linalg.slogdet(hessian)[1]
    expected = -dense_loss(series, sigma, mode) - 7 * np.log(sigma) - 0.5 * log_det
    assert evidence == pytest.approx(expected, rel=1e-9)


def test_intervals_hold_the_step_as_often_as_they_say_with_and_without_one() -> None:
    runs, held = 60, {0.0: 0, -0.7: 0}
    for step in held:
        for seed in range(runs):
            rng = np.random.default_rng(seed)
            level = np.log(8) + np.cumsum(0.08 * rng.standard_normal(60))
            y = rng.poisson(np.exp(level + step * (np.arange(60) >= 35))).astype(float)
            low, high = fit_step(y, 35, season=1, level_mean=0.08).interval(0.9)
            held[step] += low <= step <= high
    least, most = stats.binom.ppf([0.0005, 0.9995], runs, 0.9)
    assert all(least <= count <= most for count in held.values())


def test_weights_lie_inside_the_grid_where_there_are_data() -> None:
    rng = np.random.default_rng(9)
    y = rng.poisson(np.exp(3 + np.cumsum(0.15 * rng.standard_normal(100)))).astype(float)
    found = fit_step(y, 50, season=1)
    assert found.weights.sum() == pytest.approx(1)
    assert found.weights[[0, -1]].max() < 1e-3
    assert GRID[0] < found.sigma < GRID[-1]
    assert found.level.shape == (100,)


def test_what_cannot_have_a_step_is_refused() -> None:
    y = np.full(20, 3.0)
    with pytest.raises(ModelError, match="one of 1 to 19"):
        fit_step(y, 0)
    with pytest.raises(ModelError, match="one of 1 to 19"):
        fit_step(y, 20)
    with pytest.raises(ModelError, match="season of 24 periods"):
        fit_step(y, 5, season=24)
    with pytest.raises(ModelError, match="no series"):
        fit_step(-y, 5)
    with pytest.raises(ModelError, match="no series"):
        fit_step(y, 5, exposure=np.zeros(20))
    with pytest.raises(ModelError, match="without any event"):
        fit_step(np.zeros(20), 5)
    with pytest.raises(ModelError, match="between 0 and 1"):
        fit_step(y, 5, season=1).interval(0.0)
