"""The methods that `peers.py` compares: each reads a panel and gives a log rate ratio.

All are given the same list. Those of others are used as their documentation has it: defaults, the
data in the shape they ask for. They get the dates as the list prints them, because none of them has
a place for a date that is only a year, or for the day of a report.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec

import numpy as np
from peers_worlds import CELLS, CLOSED_ON, EDGES, ONSET, Panel, T

from comity.verification.counts import Counts
from comity.verification.delay import fit_delay, reported_by
from comity.verification.delay_mix import mix_delay
from comity.verification.examine.detect import Rule, rule_claims
from comity.verification.fit import Fit, fit_panel

LEVEL = 0.9
Z = 1.6448536269514722  # of a 90 % interval
DELAY_DRAWS = 12
AFTER = np.arange(T) >= ONSET


@dataclass(frozen=True, slots=True)
class Estimate:
    """A log rate ratio with its 90 % interval, and whether a fall is said: with 95 % or more,
    one-sided. nan where a method gives none."""

    log_ratio: float
    lower: float
    upper: float
    fell: bool


@dataclass(frozen=True, slots=True)
class Method:
    """One row of the tables. `needs` is a module of the peer; `slow` ones see fewer panels."""

    name: str
    needs: str
    run: Callable[[Panel, int], Estimate]
    slow: bool = False

    @property
    def present(self) -> bool:
        """Say whether the peer is installed."""
        return find_spec(self.needs) is not None


def _wald(estimate: float, sd: float) -> Estimate:
    """Return an estimate with a normal error."""
    return Estimate(estimate, estimate - Z * sd, estimate + Z * sd, estimate + Z * sd < 0)


def naive(panel: Panel, seed: int) -> Estimate:
    """Cell A's incidents a quarter after over before, half an incident added to each side."""
    a = panel.printed[0]
    after, before = a[AFTER].sum() + 0.5, a[~AFTER].sum() + 0.5
    ratio = np.log(after / AFTER.sum()) - np.log(before / (~AFTER).sum())
    return _wald(float(ratio), float(np.sqrt(1 / after + 1 / before)))


def _poisson(y: np.ndarray, columns: list[np.ndarray], wanted: int, **errors: object) -> Estimate:
    """Fit a Poisson regression with statsmodels and return one coefficient."""
    import statsmodels.api as sm

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = sm.GLM(y, np.column_stack(columns), family=sm.families.Poisson()).fit(**errors)
    return _wald(float(fit.params[wanted]), float(fit.bse[wanted]))


def interrupted(panel: Panel, seed: int) -> Estimate:
    """Cell A: log-linear trend and a step at the agreement; errors robust to autocorrelation."""
    t = (np.arange(T) - ONSET) / 4.0
    columns = [AFTER.astype(float), np.ones(T), t]
    return _poisson(panel.printed[0], columns, 0, cov_type="HAC", cov_kwds={"maxlags": 4})


def _differences(panel: Panel, cells: str) -> Estimate:
    """Return A's change beside other cells': cell and quarter effects, for four cells also those
    of initiator and receiver after the agreement. Quarters without an incident say nothing."""
    rows = [CELLS.index(cell) for cell in cells]
    counts = panel.printed[rows]
    counts, after = counts[:, counts.sum(axis=0) > 0], AFTER[counts.sum(axis=0) > 0]
    size, periods = counts.shape
    cell, period = np.repeat(np.arange(size), periods), np.tile(np.arange(periods), size)
    late = np.tile(after, size)
    columns = [late & (cell == 0)]
    if cells == "ABCD":
        columns += [late & (cell <= 1), late & (cell % 2 == 0)]
    columns += [cell == c for c in range(1, size)] + [period == p for p in range(periods)]
    return _poisson(counts.ravel(), [c.astype(float) for c in columns], 0)


def difference(panel: Panel, seed: int) -> Estimate:
    """A beside B: the same initiator towards others."""
    return _differences(panel, "AB")


def triple(panel: Panel, seed: int) -> Estimate:
    """A beside B, less C beside D."""
    return _differences(panel, "ABCD")


def _relative(actual: float, expected: tuple[float, float, float], fell: bool) -> Estimate:
    """Return actual over expected incidents a quarter; `expected` is (middle, upper, lower end).
    Where nothing or less was expected, the ratio has no upper end."""
    with np.errstate(divide="ignore"):
        logs = [float(np.log(actual / e)) if e > 0 else np.inf for e in expected]
    return Estimate(*logs, fell=fell)


def _from_impact(actual: float, impact: np.ndarray) -> Estimate:
    """Return the ratio from draws of an effect in incidents a quarter."""
    middle, low, high = (float(v) for v in np.quantile(impact, [0.5, 0.05, 0.95]))
    expected = (actual - middle, actual - low, actual - high)
    return _relative(actual, expected, bool((impact < 0).mean() >= 0.95))


def _causalpy_model(seed: int):  # type: ignore[no-untyped-def]
    """Return CausalPy's default Bayesian model, with nothing printed."""
    import causalpy

    logging.getLogger("pymc").setLevel(logging.ERROR)
    options = {"random_seed": seed, "progressbar": False, "cores": 1}
    return causalpy.pymc_models.LinearRegression(sample_kwargs=options)


def causalpy_interrupted(panel: Panel, seed: int) -> Estimate:
    """Cell A's counts before the agreement, a line through them drawn on."""
    import causalpy
    import pandas as pd

    a = panel.printed[0]
    frame = pd.DataFrame({"t": np.arange(T, dtype=float), "y": a})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = causalpy.InterruptedTimeSeries(
            frame, treatment_time=ONSET, formula="y ~ 1 + t", model=_causalpy_model(seed)
        )
    impact = found.post_impact.mean("obs_ind").to_numpy().ravel()
    return _from_impact(float(a[AFTER].mean()), impact)


def causalpy_difference(panel: Panel, seed: int) -> Estimate:
    """Counts of A beside B, by group and before or after."""
    import causalpy
    import pandas as pd

    pieces = [
        pd.DataFrame(
            {"y": panel.printed[row], "t": np.arange(T), "group": group, "unit": group,
             "post_treatment": AFTER}
        )
        for row, group in ((0, 1), (1, 0))
    ]  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = causalpy.DifferenceInDifferences(
            pd.concat(pieces, ignore_index=True), formula="y ~ 1 + group*post_treatment",
            time_variable_name="t", group_variable_name="group", model=_causalpy_model(seed),
        )  # fmt: skip
    impact = found.causal_impact.to_numpy().ravel()
    return _from_impact(float(panel.printed[0][AFTER].mean()), impact)


def causal_impact(panel: Panel, seed: int) -> Estimate:
    """Cell A's counts predicted from B, C and D by a structural time series, port of the R one."""
    import pandas as pd
    from causal_impact import CausalImpact

    frame = pd.DataFrame(panel.printed.T, columns=["y", "B", "C", "D"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = CausalImpact(
            frame, [0, ONSET - 1], [ONSET, T - 1], alpha=1 - LEVEL, model_args={"seed": seed}
        )._results
    actual = float(panel.printed[0][AFTER].mean())
    high, low = found.average_prediction_upper, found.average_prediction_lower
    middle = float(np.mean(found.predictions_mean))
    return _relative(actual, (middle, float(high), float(low)), actual < low)


def _counts(panel: Panel, seed: int) -> tuple[Counts, tuple[Counts, ...]]:
    """Return the counts to fit, and as draws of the delay would have them where reports are
    late: the delay is estimated from the panel's own dates."""
    if panel.delays is None:
        return panel.counts, ()
    fit = fit_delay(panel.delays)
    exposed = [
        replace(panel.counts, exposure=np.tile(reported_by(f, EDGES, CLOSED_ON), (4, 1)))
        for f in (fit, *fit.draws(DELAY_DRAWS, seed))
    ]
    return exposed[0], tuple(exposed[1:])


def _fit(panel: Panel, comparison: str, seed: int) -> Fit:
    """Fit a panel as a verdict does, with the priors that ship."""
    counts, versions = _counts(panel, seed)
    fit = fit_panel(counts, comparison, ONSET, seed=seed)
    return mix_delay(fit, versions, seed, range(T), 3)


def _ours(comparison: str, estimand: str) -> Callable[[Panel, int], Estimate]:
    """Return the method that gives one estimand under one comparison."""

    def run(panel: Panel, seed: int) -> Estimate:
        fit = _fit(panel, comparison, seed)
        logs = [float(np.log(v)) for v in fit.ratio(estimand, LEVEL)]
        return Estimate(*logs, fell=fit.fell(estimand) >= 0.95)

    return run


def verdict(panel: Panel, seed: int) -> Estimate:
    """Say only whether a verdict would claim a fall: 0.95 by four cells, 0.8 by the least
    favourable comparison."""
    counts, _ = _counts(panel, seed)
    claimed = rule_claims(counts, Rule("four-cells", ONSET, seed=seed))
    return Estimate(np.nan, np.nan, np.nan, bool(claimed))


METHODS = (
    Method("before and after", "numpy", naive),
    Method("interrupted time series (statsmodels)", "statsmodels", interrupted),
    Method("differences, A and B (statsmodels)", "statsmodels", difference),
    Method("triple differences (statsmodels)", "statsmodels", triple),
    Method("CausalImpact (bsts-causalimpact)", "causal_impact", causal_impact),
    Method("interrupted time series (CausalPy)", "causalpy", causalpy_interrupted, slow=True),
    Method("differences, A and B (CausalPy)", "causalpy", causalpy_difference, slow=True),
    Method("Comity, four cells, net change", "comity", _ours("four-cells", "net-5")),
    Method("Comity, four cells, jump", "comity", _ours("four-cells", "jump")),
    Method("Comity, target alone, net change", "comity", _ours("target-alone", "net-5")),
    Method("Comity, the verdict's rule", "comity", verdict),
)
