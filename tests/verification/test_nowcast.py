"""Nowcasts: recent periods are made whole, and their intervals hold what was finally known."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from comity.errors import ModelError
from comity.verification.nowcast import nowcast, reporting_triangle, share_reported


def test_by_hand_half_on_the_day_and_half_on_the_next_doubles_the_present() -> None:
    # 20 days of 50 + 50; today 50 are in: 100 in the end. Before today all is known.
    triangle = np.full((21, 2), 50)
    triangle[-1, 1] = 0
    found = nowcast(triangle)
    assert found.median[:-1].tolist() == found.lower[:-1].tolist() == [100.0] * 20
    assert found.median[-1] == pytest.approx(100, abs=2)
    assert found.reported[-1] == pytest.approx(0.5, abs=0.01)
    assert found.lower[-1] > 75
    assert found.upper[-1] < 130


def test_by_hand_the_share_reported_is_the_product_of_reverse_hazards() -> None:
    # One old period with 60, 30, 10 by delay: F(0) = 0.6, F(1) = 0.9. The two new ones with 600
    # on the day only say nothing of later delays, because those cannot have been seen.
    old = np.tile([600, 300, 100], (30, 1))
    triangle = np.vstack([old, [[600, 300, 0], [600, 0, 0]]])
    share = share_reported(triangle, 4000, np.random.default_rng(1)).mean(axis=0)
    assert share == pytest.approx([0.6, 0.9, 1.0], abs=0.003)
    # The same records read as if the triangle were whole would say more is in than is.
    assert triangle[:, 0].sum() / triangle.sum() > 0.605


def test_a_triangle_holds_what_was_known_then() -> None:
    start = np.array([10, 10, 11, 12, 12, 9, 10])
    report = np.array([10, 12, 11, 12, 13, 9, 14])
    triangle = reporting_triangle(start, report, first=10, now=12, longest=2)
    # Left out: the report of day 13, the start of day 9, the delay of 4.
    assert triangle.tolist() == [[1, 0, 1], [1, 0, 0], [1, 0, 0]]


def test_the_outbreak_of_2011_is_made_whole_as_the_published_method_does(
    shared_data: Path,
) -> None:
    with (shared_data / "methods" / "delay" / "husO104Hosp.csv").open() as file:
        rows = [(row["dHosp"], row["dReport"]) for row in csv.DictReader(file)]
    dates = np.array([
        [dt.date.fromisoformat(a).toordinal(), dt.date.fromisoformat(b).toordinal()]
        for a, b in rows if "NA" not in (a, b)
    ])  # fmt: skip
    first, now = int(dates[:, 0].min()), dt.date(2011, 6, 2).toordinal()
    found = nowcast(reporting_triangle(dates[:, 0], dates[:, 1], first, now, 15))
    begin = dt.date(2011, 5, 23).toordinal() - first
    eight = slice(begin, begin + 8)
    finally_known = np.array([44, 51, 49, 34, 34, 22, 19, 26])
    covered = (found.lower[eight] <= finally_known) & (finally_known <= found.upper[eight])
    assert covered.sum() >= 7
    # R package surveillance, bayes.trunc, 95 %: median and interval.
    median = np.array([35, 52, 50, 44, 35, 25, 40, 36])
    lower = np.array([28, 42, 38, 32, 23, 14, 21, 15])
    upper = np.array([45, 67, 66, 61, 53, 44, 70, 75])
    width = found.upper[eight] - found.lower[eight]
    assert np.all(np.abs(found.median[eight] - median) <= 2)
    assert np.all(np.abs(width / (upper - lower) - 1) < 0.2)


def test_intervals_hold_the_final_count_as_often_as_they_say() -> None:
    share = np.array([0.3, 0.3, 0.2, 0.1, 0.1])
    covered = runs = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        counts = rng.poisson(30, 25)
        whole = np.array([rng.multinomial(n, share) for n in counts])
        seen = np.add.outer(np.arange(25), np.arange(5)) <= 24
        found = nowcast(whole * seen, level=0.9, draws=2000, seed=seed)
        covered += int(((found.lower <= counts) & (counts <= found.upper))[-4:].sum())
        runs += 4
    low, high = stats.binom.ppf([0.001, 0.999], runs, 0.9)
    assert low <= covered <= high + 0.03 * runs  # counts are whole: intervals are a little wide


def test_naming_the_prior_and_the_seed_repeats_the_answer() -> None:
    triangle = np.full((10, 3), 5) * (np.add.outer(np.arange(10), np.arange(3)) <= 9)
    one, two = nowcast(triangle, (2.0, 0.1), seed=3), nowcast(triangle, (2.0, 0.1), seed=3)
    assert one.upper.tolist() == two.upper.tolist()
    assert nowcast(triangle, level=0.5).upper[-1] <= nowcast(triangle, level=0.99).upper[-1]
    assert np.all(one.lower >= one.seen)


def test_what_is_no_triangle_is_refused() -> None:
    with pytest.raises(ModelError, match="before their start"):
        reporting_triangle(np.array([5]), np.array([4]), 0, 9, 3)
    with pytest.raises(ModelError, match="none of counts"):
        nowcast(np.zeros((0, 3), dtype=np.int64))
    with pytest.raises(ModelError, match="none of counts"):
        nowcast(np.array([[1, -1]]))
    with pytest.raises(ModelError, match="after its last period"):
        nowcast(np.array([[1, 1], [1, 1]]))
    with pytest.raises(ModelError, match="between 0 and 1"):
        nowcast(np.array([[1]]), level=1.0)
    with pytest.raises(ModelError, match="above 0"):
        nowcast(np.array([[1]]), (0.0, 1.0))
