"""Proportional hazards: a case on paper, agreement with lifelines, and what cannot be fitted."""

from __future__ import annotations

import numpy as np
import pytest

from comity.diffusion.cox import fit_cox
from comity.errors import AdoptionError


def test_two_at_risk_and_one_event_a_time_is_a_logistic_regression() -> None:
    # Each stratum: two at risk with values 1 and 0, one event. It happens to the 1 in three of
    # four strata, so the odds, and with one parameter the ratio of rates, are 3.
    stratum = [name for name in "abcd" for _ in (0, 1)]
    values = np.array([[1.0], [0.0]] * 4)
    event = np.array([True, False] * 3 + [False, True])
    found = fit_cox(stratum, np.zeros(8), np.ones(8), event, values, 0.0)
    assert np.exp(found) == pytest.approx([3.0], rel=1e-5)


def test_a_ridge_pulls_towards_no_effect() -> None:
    stratum = [name for name in "abcd" for _ in (0, 1)]
    values = np.array([[1.0], [0.0]] * 4)
    event = np.array([True, False] * 3 + [False, True])
    args = (stratum, np.zeros(8), np.ones(8), event, values)
    assert 1 < np.exp(fit_cox(*args, 0.1))[0] < 3


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_lifelines_on_ties_strata_and_changing_values(seed: int) -> None:
    lifelines = pytest.importorskip("lifelines", reason="a package for development")
    pd = pytest.importorskip("pandas", reason="comes with lifelines")
    rng = np.random.default_rng(seed)
    rows = []
    for who in range(120):
        level, start = rng.standard_normal(2), 0
        for _ in range(3):
            stop = start + int(rng.integers(1, 4))
            value = level + rng.standard_normal(2) * 0.5
            died = bool(rng.random() < 0.25 * np.exp(0.5 * value[0]))
            rows.append((who, "ab"[who % 2], start, stop, died, *value))
            if died:
                break
            start = stop
    table = pd.DataFrame(rows, columns=["who", "stratum", "start", "stop", "died", "x", "y"])
    theirs = lifelines.CoxTimeVaryingFitter(penalizer=0.01).fit(
        table, id_col="who", event_col="died", start_col="start", stop_col="stop",
        strata=["stratum"],
    )  # fmt: skip
    ours = fit_cox(
        list(table["stratum"]), table["start"].to_numpy(float), table["stop"].to_numpy(float),
        table["died"].to_numpy(bool), table[["x", "y"]].to_numpy(float), 0.01,
    )  # fmt: skip
    assert ours == pytest.approx(theirs.params_.to_numpy(), abs=1e-3)


def test_no_event_or_no_variation_is_said() -> None:
    some = (["a"] * 4, np.zeros(4), np.ones(4))
    with pytest.raises(AdoptionError, match="no single best fit"):
        fit_cox(*some, np.zeros(4, dtype=bool), np.arange(4.0)[:, None], 0.01)
    with pytest.raises(AdoptionError, match="no single best fit"):
        fit_cox(*some, np.array([True, False, False, True]), np.ones((4, 1)), 0.01)
