"""One change in a Poisson rate: exact on paper, and on the coal mining disasters."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from comity.errors import ModelError
from comity.verification.changepoint import find_change


def test_by_hand_three_periods_have_the_posterior_worked_out_on_paper() -> None:
    # A side with S events in W periods weighs S! / (1 + W)^(S + 1).
    # y = 2 0 0. Change at 1: 2/8 * 1/3 = 1/12. Change at 2: 2/27 * 1/2 = 1/27. So 9/13, 4/13.
    found = find_change(np.array([2.0, 0.0, 0.0]))
    assert found.probability == pytest.approx([0, 9 / 13, 4 / 13])
    assert found.mode == 1
    # Rates (1 + S) / (1 + W): before 3/2 or 3/3, after 1/3 or 1/2.
    assert found.before == pytest.approx(9 / 13 * 3 / 2 + 4 / 13 * 1)
    assert found.after == pytest.approx(9 / 13 / 3 + 4 / 13 / 2)
    # No change: 2/64. Odds for a change: the mean of 1/12 and 1/27 over 1/32.
    assert np.exp(found.log_odds) == pytest.approx(52 / 27)


def test_by_hand_two_periods_have_one_place_for_a_change() -> None:
    found = find_change(np.array([4.0, 0.0]))
    assert found.probability.tolist() == [0, 1]
    assert (found.before, found.after) == (2.5, 0.5)
    assert found.interval() == (1, 1)


def test_exposure_counts_as_time() -> None:
    # y = 2 0 0 with w = 2 1 1. Change at 1: 2/27 * 1/3 = 2/81. Change at 2: 2/64 * 1/2 = 1/64.
    found = find_change(np.array([2.0, 0.0, 0.0]), np.array([2.0, 1.0, 1.0]))
    assert found.probability == pytest.approx([0, 128 / 209, 81 / 209])
    wide = find_change(np.array([6.0, 1.0]), np.array([2.0, 2.0]))
    assert (wide.before, wide.after) == pytest.approx((7 / 3, 2 / 3))


def test_the_coal_disasters_have_the_exact_posterior(shared_data: Path) -> None:
    with (shared_data / "methods" / "changepoint" / "coal.csv").open() as file:
        dates = [float(row["date"]) for row in csv.DictReader(file)]
    years = np.arange(1851, 1963)
    counts = np.bincount(np.floor(dates).astype(int) - 1851, minlength=112).astype(float)
    assert counts.sum() == 191
    found = find_change(counts)
    assert years[found.mode] == 1892
    share = dict(zip(years.tolist(), found.probability.tolist(), strict=True))
    assert [share[y] for y in (1892, 1891, 1890)] == pytest.approx([0.245, 0.185, 0.143], abs=5e-4)
    assert [int(years[end]) for end in found.interval(0.95)] == [1887, 1897]
    assert found.before == pytest.approx(3.06, abs=0.01)
    assert found.after == pytest.approx(0.92, abs=0.01)
    assert found.log_odds > 25


def test_without_a_change_the_odds_speak_against_one() -> None:
    rng = np.random.default_rng(5)
    odds = [find_change(rng.poisson(2.0, 100).astype(float)).log_odds for _ in range(200)]
    assert np.mean(np.array(odds) < 0) > 0.9


def test_intervals_hold_the_place_of_the_change_as_often_as_they_say() -> None:
    rng = np.random.default_rng(6)
    held, runs = 0, 400
    for _ in range(runs):  # draws from the prior: place, then both rates
        place = int(rng.integers(1, 60))
        before, after = rng.gamma(1.0, 1.0, 2)
        y = np.concatenate([rng.poisson(before, place), rng.poisson(after, 60 - place)])
        low, high = find_change(y.astype(float)).interval(0.9)
        held += low <= place <= high
    assert held / runs > 0.9 - 3 * np.sqrt(0.09 / runs)


def test_what_has_no_change_to_find_is_refused() -> None:
    for y in (np.array([3.0]), np.ones((2, 2))):
        with pytest.raises(ModelError, match="no change to find"):
            find_change(y)
    with pytest.raises(ModelError, match="no change to find"):
        find_change(np.ones(3), np.ones(2))
    with pytest.raises(ModelError, match="0 or more"):
        find_change(np.array([1.0, -1.0]))
    with pytest.raises(ModelError, match="above 0"):
        find_change(np.ones(3), shape=0.0)
    with pytest.raises(ModelError, match="between 0 and 1"):
        find_change(np.ones(3)).interval(1.0)
