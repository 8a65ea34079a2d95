"""A delay in the panel: one for all starts or one an epoch, and its uncertainty carried along."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from made import evidence, question, release, simulated

from comity.verification.change import DELAY_DRAWS, exposed, versions_of
from comity.verification.delay import (
    DelayByEpoch,
    DelayFit,
    fit_delay,
    reported_between,
    reported_by,
)
from comity.verification.delay_curves import Parametric
from comity.verification.delay_list import delay_data, delay_words, list_delay
from comity.verification.delay_mix import mix_delay
from comity.verification.fit import fit_panel, log_ratios
from comity.verification.model import Choices
from comity.verification.prepare import panel_of, prepare
from comity.verification.verdict import judge

AGREED = dt.date(2015, 9, 25)
CLOSED = dt.date(2018, 12, 31)
DATED = {
    "covers_to": "2018-12-31", "closed_on": "2018-12-31", "has_report_dates": True,
    "dates_typed_as_days": False,
}  # fmt: skip


def by_day(before, after, spread=0.8):
    """Delays of a median of `before` days of starts until the agreement, `after` of later ones:
    given as the kept incidents of `simulated`, whose delay knows nothing of the start."""

    def keep(made, random):
        found = []
        for one in made:
            start = one.start.earliest
            median = before if start <= AGREED else after
            seen = start + dt.timedelta(days=int(median * np.exp(spread * random.normal())))
            if seen <= CLOSED:
                found.append((one, seen))
        return found

    return keep


def two_delays(seed, before=500.0, after=60.0, rate=6.0):
    from dataclasses import replace

    from comity.dates import from_day

    made = simulated(lambda c, d: rate, seed)
    kept = by_day(before, after)(made, np.random.default_rng(seed + 100))
    return [replace(one, reported=from_day(seen)) for one, seen in kept]


def list_of(made):
    held = evidence(made, release(**DATED))
    return prepare(question(), held, {}, Choices()).lists[0]


def test_delays_that_differ_at_the_agreement_are_two_and_both_are_recovered() -> None:
    one = list_of(two_delays(1))
    delay = one.window.delay
    assert isinstance(delay, DelayByEpoch)
    assert [dt.date.fromordinal(d) for d in delay.first_days] == [AGREED + dt.timedelta(days=1)]
    first, second = delay.fits
    assert 400 < first.median < 620
    assert 50 < second.median < 72
    words = delay_words(delay)
    assert f"within {first.median:,.0f} days of starts before 2015-09-26" in words
    assert f"within {second.median:,.0f} days of later ones" in words


def test_a_delay_that_does_not_differ_is_one() -> None:
    delay = list_of(two_delays(2, 200.0, 200.0)).window.delay
    assert isinstance(delay, DelayFit)
    assert 170 < delay.median < 235


def test_too_few_after_the_agreement_are_not_an_epoch_of_their_own() -> None:
    made = [i for i in two_delays(3, 200.0, 200.0) if i.start.earliest < dt.date(2015, 12, 1)]
    assert isinstance(list_of(made).window.delay, DelayFit)


def test_too_few_dates_are_told() -> None:
    held = evidence(two_delays(4)[:12], release(**DATED))
    delay, why = list_delay(held.table, CLOSED.toordinal(), AGREED)
    assert delay is None
    assert why == "12 incidents with both dates (20 needed)"


def test_a_report_before_its_start_tells_of_no_delay() -> None:
    from dataclasses import replace

    from comity.dates import parse_date

    made = two_delays(5)
    odd = [replace(one, reported=parse_date("2001")) for one in made[:3]]
    table = evidence([*odd, *made[3:]], release(**DATED)).table
    assert len(delay_data(table, CLOSED.toordinal()).n) == len(made) - 3


def test_short_intervals_have_the_same_chance_by_rule_as_by_difference() -> None:
    early = np.array([0.0, 5.0, 30.0, 400.0, 5000.0])
    for family in ("lognormal", "gamma", "weibull"):
        for k in (-2.0, 0.0, 0.6):
            curve = Parametric(family, np.log(200.0), k)
            found = curve.between(early, early + 1.0)
            low, high = curve.cdf(early), curve.cdf(early + 1.0)
            assert np.allclose(found, high - low, rtol=2e-6, atol=2e-15)


def test_a_start_has_the_delay_of_its_epoch() -> None:
    fast, slow = (
        DelayFit(Parametric("lognormal", np.log(m), 0.0), 40.0, True, "") for m in (30.0, 900.0)
    )
    both = DelayByEpoch((1000,), (slow, fast))
    start = np.array([900.0, 1000.0, 1100.0])
    zero, month = np.zeros(3), np.full(3, 30.0)
    found = reported_between(both, start, zero, month)
    assert found[1] == found[2] == pytest.approx(0.5)
    assert found[0] == pytest.approx(float(slow.cdf(np.array(30.0))))
    edges = np.array([900, 1000, 1100])
    shares = reported_by(both, edges, 1130)
    assert shares[0] == pytest.approx(float(reported_by(slow, edges, 1130)[0]))
    assert shares[1] == pytest.approx(float(reported_by(fast, edges, 1130)[1]))


def test_mixing_gives_what_fitting_again_at_each_draw_gives() -> None:
    # Few dated incidents, so that the draws of the delay lie far apart and matter.
    from dataclasses import replace

    from comity.dates import UNKNOWN

    made = two_delays(6, 700.0, 700.0)
    made = [one if n % 9 == 0 else replace(one, reported=UNKNOWN) for n, one in enumerate(made)]
    prepared = prepare(question(), evidence(made, release(**DATED)), {}, Choices())
    one = prepared.lists[0]
    assert one.window.delay is not None
    panel = panel_of(prepared, one, prepared.question.scope)
    window = exposed(prepared, (panel,))
    fit = fit_panel(panel.counts, "target-alone", prepared.onset, window=window, draws=4000)
    versions = versions_of((panel,), 1)
    assert len(versions) == DELAY_DRAWS
    mixed = mix_delay(fit, versions, 1, window, 3)
    assert mixed.draws.weights.sum() == pytest.approx(1.0)
    assert mixed.draws.pareto_k < 0.7
    assert mixed.draws.effective > 0.5 * fit.draws.effective
    again = [
        fit_panel(v, "target-alone", prepared.onset, window=window, draws=4000, seed=n)
        for n, v in enumerate(versions)
    ]
    values = np.concatenate([f.estimands["net-5"] for f in again])
    weights = np.concatenate([f.draws.weights for f in again])
    mean = weights @ values / weights.sum()
    sd = float(np.sqrt(weights @ (values - mean) ** 2 / weights.sum()))
    ours = mixed.estimands["net-5"]
    assert mixed.draws.weights @ ours == pytest.approx(mean, abs=0.08 * sd)
    assert mixed.draws.sd(ours) == pytest.approx(sd, rel=0.06)
    # It is not the fit at the centre of the delay: the uncertainty of the delay is in it.
    centre = fit.draws.weights @ fit.estimands["net-5"]
    means = [float(f.draws.weights @ f.estimands["net-5"]) for f in again]
    assert np.std(means) > 0.03
    assert abs(centre - mean) < 3 * np.std(means)
    shifted = log_ratios(
        mixed.layout, mixed.draws.X, mixed.draws.b, prepared.onset, window, 4
    )["net-5"]  # fmt: skip
    assert np.array_equal(shifted, ours)


def test_one_delay_for_all_would_call_a_change_of_reporting_a_change_of_conduct() -> None:
    # Reports become slower at the agreement and nothing else changes: the last years look quiet.
    # A single delay fills in too little; a delay for each epoch does not claim a fall.
    made = two_delays(7, 60.0, 700.0, rate=5.0)
    days = [one.start.earliest for one in made if one.initiators[0].code == "CN"]
    late = sum(d > AGREED for d in days) / (CLOSED - AGREED).days
    early = sum(d <= AGREED for d in days) / (AGREED - dt.date(2006, 1, 1)).days
    assert late / early < 0.75
    held = evidence(made, release(**DATED))
    verdict = judge(question(), held, brief=True)
    alone = verdict.change_of("narrow", "target-alone")
    assert alone is not None
    assert alone.ratio is not None
    assert alone.ratio.lower < 1.0 < alone.ratio.upper
    assert " fell after the agreement" not in verdict.changed.sentence
    check = next(c for c in verdict.checks if c.name == "reporting delay known")
    assert check.passed
    assert "of starts before 2015-09-26" in check.detail
    assert fit_delay(delay_data(held.table, CLOSED.toordinal())).reason.startswith("delays changed")


def test_a_delay_that_hardly_a_draw_carries_fails_the_diagnostic() -> None:
    from dataclasses import replace

    from comity.verification.words import MIN_EFFECTIVE

    prepared = prepare(question(), evidence(two_delays(8), release(**DATED)), {}, Choices())
    panel = panel_of(prepared, prepared.lists[0], prepared.question.scope)
    window = exposed(prepared, (panel,))
    fit = fit_panel(panel.counts, "four-cells", prepared.onset, window=window, draws=2000)
    sane = versions_of((panel,), 1)
    assert mix_delay(fit, sane, 1, window, 3).draws.effective > MIN_EFFECTIVE
    exposure = panel.counts.exposure
    noise = np.random.default_rng(1).lognormal(0, 2, exposure.shape)
    wild = replace(panel.counts, exposure=exposure * noise)
    mixed = mix_delay(fit, (wild, *sane[1:]), 1, window, 3)
    assert mixed.draws.effective < MIN_EFFECTIVE
