"""The bands of fitted activity: weighted quantiles of many draws, period by period."""

import numpy as np
import pytest

from comity.verification.activity import _ascending as ascending
from comity.verification.activity import _weighted_quantiles as weighted_quantiles


@pytest.mark.parametrize("size", [1, 2, 7, 1000, 4096, 5000])
def test_rates_are_put_in_order_as_by_any_sort(size):
    row = np.exp(3 * np.random.default_rng(size).standard_normal(size))
    assert row[ascending(row)].tolist() == sorted(row)


def test_rates_that_differ_in_their_last_bit_are_put_in_order_too():
    low = np.nextafter(2.0, 3.0)
    row = np.array([low, 2.0, np.nextafter(low, 3.0), 1.0, 0.0, low, 2.0])
    assert row[ascending(row)].tolist() == sorted(row)


def test_a_quantile_is_the_first_rate_at_which_so_much_weight_is_reached():
    rates = np.array([[4.0, 1.0, 3.0, 2.0]])
    weights = np.array([0.1, 0.2, 0.3, 0.4])  # of 1: 0.2; up to 2: 0.6; up to 3: 0.9
    found = weighted_quantiles(rates, weights, (0.5, 0.05, 0.95))
    assert found[:, 0].tolist() == [2.0, 1.0, 4.0]
