"""Reporting delay: recovered from what a closed list shows, with dates that are windows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import integrate, stats

from comity.errors import ModelError
from comity.verification.delay import (
    MONTH,
    DelayData,
    DelayFit,
    _log_likelihood,
    _log_likelihoods,
    fit_delay,
    fit_delay_by_epoch,
    reported_by,
    steadied,
    steadied_by_epoch,
)
from comity.verification.delay_curves import FAMILIES, Parametric, Stepwise
from comity.verification.delay_laws import Laws, law_of
from comity.verification.delay_windows import records_and_reports

CLOSED = 735_599  # 2015-01-01
YEARS = 6


def simulate(
    seed: int,
    starts: int,
    median: float = 300.0,
    sigma: float = 1.0,
    year_only: float = 0.0,
) -> tuple[DelayData, np.ndarray]:
    """Return what the list shows of starts spread evenly over six years, and the delays shown."""
    rng = np.random.default_rng(seed)
    first = CLOSED + 1 - 365 * YEARS
    s = first + rng.uniform(0, 365 * YEARS, starts)
    r = s + median * np.exp(sigma * rng.standard_normal(starts))
    seen = r < CLOSED + 1
    s, r = s[seen], r[seen]
    lo = np.floor(s).astype(np.int64)
    hi = lo.copy()
    coarse = rng.random(len(s)) < year_only
    lo[coarse] = first + (lo[coarse] - first) // 365 * 365
    hi[coarse] = lo[coarse] + 364
    report = np.floor(r).astype(np.int64)
    return DelayData(lo, hi, report, report.copy(), CLOSED, np.ones(len(s))), r - s


@pytest.mark.parametrize("method", ["parametric", "nonparametric"])
def test_the_truth_is_recovered_where_the_delays_shown_are_too_short(method: str) -> None:
    data, shown = simulate(11, 4000, median=500.0)
    fit = fit_delay(data, method)  # type: ignore[arg-type]
    assert np.median(shown) < 400  # what a list shows of a median of 500 days
    # Steps know of delays up to six years only: their truth is the median of those.
    truth = 500.0
    if method == "nonparametric":
        truth *= float(np.exp(stats.norm.ppf(stats.norm.cdf(np.log(365 * YEARS / 500)) / 2)))
    assert fit.median == pytest.approx(truth, rel=0.08)
    assert fit.identified
    assert fit.reason == ""


@pytest.mark.parametrize("method", ["parametric", "nonparametric"])
def test_starts_known_to_a_year_are_read_as_windows(method: str) -> None:
    data, _ = simulate(12, 3000, year_only=0.5)
    fit = fit_delay(data, method)  # type: ignore[arg-type]
    assert 270 < fit.median < 335
    # Read as the first of January they would add half a year to every second delay.
    literal = DelayData(
        data.start_lo, data.start_lo, data.rep_lo, data.rep_hi, data.closed_on, data.n
    )
    assert fit_delay(literal, method).median > 360  # type: ignore[arg-type]


def test_the_family_that_made_the_delays_gets_the_weight() -> None:
    data, _ = simulate(13, 1500)
    fit = fit_delay(data)
    assert isinstance(fit.curve, Parametric)
    assert fit.curve.family == "lognormal"
    assert fit.shares["lognormal"] > 0.99
    assert sum(fit.shares.values()) == pytest.approx(1)


@pytest.mark.slow
def test_intervals_of_the_median_cover_it_as_often_as_they_say() -> None:
    runs, covered = 200, 0
    for seed in range(runs):
        data, _ = simulate(1000 + seed, 150, year_only=0.3)
        fit = fit_delay(data, families=("lognormal",))
        medians = [one.median for one in fit.draws(400, seed)]
        low, high = np.quantile(medians, [0.05, 0.95])
        covered += bool(low <= 300.0 <= high)
    low_count, high_count = stats.binom.ppf([0.001, 0.999], runs, 0.9)
    assert low_count <= covered <= high_count


def test_by_hand_incidents_reported_the_same_day_have_a_delay_below_two_days() -> None:
    start = np.full(30, CLOSED - 2000)
    data = DelayData(start, start, start, start, CLOSED, np.ones(30))
    assert fit_delay(data, "nonparametric").cdf(np.array([MONTH]))[0] == pytest.approx(1, abs=1e-3)
    assert fit_delay(data).median < 2


def test_by_hand_the_share_within_a_month_is_the_share_of_incidents() -> None:
    # Long ago: nothing is truncated. 3 in 4 reported on day 10, 1 in 4 on day 50 (second month).
    start = np.full(40, CLOSED - 3000)
    report = start + np.where(np.arange(40) < 30, 10, 50)
    fit = fit_delay(
        DelayData(start, start, report, report, CLOSED, np.ones(40)), method="nonparametric"
    )
    shares = fit.cdf(np.array([0.0, MONTH, 2 * MONTH]))
    assert shares == pytest.approx([0, 0.75, 1.0], abs=1e-3)
    assert fit.quantile(0.75) == pytest.approx(MONTH, rel=0.01)


def test_counts_stand_for_incidents_that_are_alike() -> None:
    data, _ = simulate(14, 300)
    lo, hi, rep_lo, rep_hi = (
        np.tile(column, 2) for column in (data.start_lo, data.start_hi, data.rep_lo, data.rep_hi)
    )
    twice = DelayData(lo, hi, rep_lo, rep_hi, CLOSED, np.ones(2 * len(data.n)))
    counted = DelayData(data.start_lo, data.start_hi, data.rep_lo, data.rep_hi, CLOSED, 2 * data.n)
    assert fit_delay(twice).median == pytest.approx(fit_delay(counted).median, rel=1e-3)
    assert fit_delay(twice).n == fit_delay(counted).n


def test_few_incidents_do_not_identify_a_delay() -> None:
    data, _ = simulate(15, 19)
    for method in ("parametric", "nonparametric"):
        fit = fit_delay(data, method)
        assert not fit.identified
        assert "20 are needed" in fit.reason
    none = np.zeros(0, dtype=np.int64)
    empty = DelayData(none, none, none, none, CLOSED, np.zeros(0))
    assert not fit_delay(empty).identified
    assert not fit_delay(empty, "nonparametric").identified
    assert fit_delay(empty).median == pytest.approx(180, rel=0.05)  # the prior's


def test_windows_wider_than_a_year_are_not_informative() -> None:
    data, _ = simulate(16, 60)
    wide = DelayData(data.start_lo - 400, data.start_hi, data.rep_lo, data.rep_hi, CLOSED, data.n)
    assert fit_delay(wide).n == 0
    assert not fit_delay(wide).identified


def test_a_list_that_shows_only_the_beginning_of_the_delay_does_not_identify_it() -> None:
    # All starts in the last month, delays of about two years: the few seen are evenly early.
    rng = np.random.default_rng(17)
    start = CLOSED - rng.integers(2, 30, 25)
    report = rng.integers(start, CLOSED + 1)
    fit = fit_delay(DelayData(start, start, report, report, CLOSED, np.ones(25)))
    assert fit.n == 25
    low, high = np.quantile([one.median for one in fit.draws(500, 1)], [0.05, 0.95])
    assert not fit.identified or high / low > 5


@pytest.mark.parametrize("family", FAMILIES)
def test_a_curve_is_a_distribution_and_its_quantile_undoes_it(family: str) -> None:
    curve = Parametric(family, float(np.log(200.0)), -0.2)
    days = np.array([-3.0, 0.0, 1e-6, 50.0, 200.0, 1000.0, 1e7])
    share = curve.cdf(days)
    assert share[:2].tolist() == [0, 0]
    assert np.all(np.diff(share) >= 0)
    assert share[4] == pytest.approx(0.5)
    assert share[-1] == pytest.approx(1)
    p = np.array([0.1, 0.5, 0.9])
    assert curve.cdf(curve.quantile(p)) == pytest.approx(p)


def test_the_curves_are_those_of_another_library() -> None:
    days, k, m = np.array([20.0, 200.0, 900.0]), -0.3, float(np.log(150.0))
    lognormal = stats.lognorm(np.exp(k), scale=150.0)
    shape = np.exp(-2 * k)
    gamma = stats.gamma(shape, scale=150.0 / stats.gamma(shape).median())
    slope = np.pi / np.sqrt(6) * np.exp(-k)
    weibull = stats.weibull_min(slope, scale=150.0 / stats.weibull_min(slope).median())
    for family, other in zip(FAMILIES, (lognormal, gamma, weibull), strict=True):
        assert Parametric(family, m, k).cdf(days) == pytest.approx(other.cdf(days))


def test_draws_repeat_with_the_seed_and_spread_around_the_fit() -> None:
    data, _ = simulate(18, 300)
    for method, count in (("parametric", 300), ("nonparametric", 20)):
        fit = fit_delay(data, method)  # type: ignore[arg-type]
        medians = np.array([one.median for one in fit.draws(count, 5)])
        assert medians.tolist() == [one.median for one in fit.draws(count, 5)]
        assert medians.min() < fit.median < medians.max()
        assert 0 < medians.std() < 0.3 * fit.median


def chance(curve: Parametric, lo: int, hi: int, rep_lo: int, rep_hi: int, closed: int) -> float:
    """Return L of one record, as the likelihood computes it."""
    days = (np.array([day]) for day in (lo, hi, rep_lo, rep_hi))
    top, bottom = records_and_reports(DelayData(*days, closed, np.ones(1)))
    return float(top.of(curve)[0] / bottom.of(curve)[0])


def weibull(shape: float, scale: float) -> Parametric:
    """Return a Weibull by its usual parameters."""
    k = float(np.log(np.pi / np.sqrt(6) / shape))
    return Parametric("weibull", float(np.log(scale) + np.log(np.log(2)) / shape), k)


def test_a_record_has_the_chance_that_primarycensored_publishes() -> None:
    # Examples of dprimarycensored and pprimarycensored in the R package's reference, windows of
    # a day: Weibull(1.5, 2), report a day later; lognormal(0, 1), report on the same day.
    never = 100_000
    curve = weibull(1.5, 2.0)
    assert chance(curve, 0, 0, 1, 1, never) == pytest.approx(0.3463199, abs=1e-7)
    same_day = chance(Parametric("lognormal", 0.0, 0.0), 0, 0, 0, 0, never)
    assert same_day == pytest.approx(0.2384217081, abs=1e-10)
    # dprimarycensored(1:9, pweibull, L = 1, D = 10): closed on day 9, the same day left out.
    published = [
        0.3967387124, 0.3138303103, 0.1723520068, 0.0760439783, 0.0283706839,
        0.0091967620, 0.0026354003, 0.0006757134, 0.0001564326,
    ]  # fmt: skip
    known_by_9 = [chance(curve, 0, 0, day, day, 9) for day in range(10)]
    assert sum(known_by_9) == pytest.approx(1, abs=1e-5)
    later = np.array(known_by_9[1:]) / (1 - known_by_9[0])
    assert later == pytest.approx(published, rel=2e-4)


def test_the_area_under_a_curve_is_the_one_primarycensored_publishes() -> None:
    # pprimarycensored(c(0.1, 0.5, 1), plnorm, meanlog = 0, sdlog = 1), window of a day.
    area = Parametric("lognormal", 0.0, 0.0).area(np.array([0.1, 0.5, 1.0]))
    assert area == pytest.approx([0.0002753888, 0.0475094632, 0.2384217081], abs=1e-10)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("median", [2.0, 20.0, 600.0])
def test_chances_are_those_of_numerical_integration(family: str, median: float) -> None:
    # Start lo..hi, report lo..hi, closing: same day, within three days, months, year-only, late.
    records = [
        (0, 0, 0, 0, 90), (0, 0, 3, 3, 10), (0, 2, 1, 2, 9), (0, 30, 10, 10, 500),
        (0, 364, 100, 100, 800), (0, 364, 364, 364, 364), (0, 364, 440, 500, 999),
        (0, 364, 300, 700, 900), (0, 0, 650, 650, 700),
    ]  # fmt: skip
    for k in (-0.5, 0.4, 0.9):
        curve = Parametric(family, float(np.log(median)), k)
        for lo, hi, rep_lo, rep_hi, closed in records:

            def record(s: float, a: int = rep_lo, b: int = rep_hi, f: Parametric = curve) -> float:
                return float(f.between(np.array(a - s), np.array(b + 1 - s)))

            def report(s: float, c: int = closed, f: Parametric = curve) -> float:
                return float(f.cdf(np.array(c + 1 - s)))

            kinks = [day for day in (rep_lo, rep_hi + 1, closed + 1) if lo < day < hi + 1]
            top, bottom = (
                integrate.quad(each, lo, hi + 1, points=kinks or None, limit=200)[0]
                for each in (record, report)
            )
            expected = top / bottom
            if expected > 1e-12:
                found = chance(curve, lo, hi, rep_lo, rep_hi, closed)
                assert found == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("family", FAMILIES)
def test_short_delays_with_windows_of_days_are_recovered(family: str) -> None:
    # Half within 5 days, starts known to one to three days: most windows touch.
    rng = np.random.default_rng(21)
    start = CLOSED - rng.uniform(0, 300, 3000)
    truth = Parametric(family, float(np.log(5.0)), 0.2)
    report = start + truth.quantile(rng.random(3000))
    seen = report < CLOSED + 1
    day, first = np.floor(report[seen]).astype(np.int64), np.floor(start[seen]).astype(np.int64)
    width = rng.integers(1, 4, len(first))
    lo = first // width * width
    fit = fit_delay(
        DelayData(lo, lo + width - 1, day, day, CLOSED, np.ones(len(day))), families=(family,)
    )
    assert fit.median == pytest.approx(5.0, rel=0.06)
    assert isinstance(fit.curve, Parametric)
    assert fit.curve.k == pytest.approx(0.2, abs=0.06)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_area_is_the_integral_of_the_curve(family: str) -> None:
    for curve in (Parametric(family, float(np.log(90.0)), 0.6), steps()):
        for days in (-5.0, 0.0, 3.0, 40.0, 95.0, 2000.0):
            by_sum = 0.0
            if days > 0:
                inner = [edge for edge in (30.0, 60.0, 90.0) if edge < days]
                by_sum = integrate.quad(
                    lambda u, c=curve: float(c.cdf(np.array(u))), 0, days,
                    points=inner or None, limit=200,
                )[0]  # fmt: skip
            assert float(curve.area(np.array(days))) == pytest.approx(by_sum, rel=1e-6, abs=1e-9)


def steps() -> Stepwise:
    """Return half within 30 days, a quarter within 60, a quarter within 90."""
    return Stepwise(np.array([0.0, 30.0, 60.0, 90.0]), np.array([2.0, 1.0, 1.0]))


def test_by_hand_steps_have_their_shares_area_and_quantile() -> None:
    assert steps().cdf(np.array([-1.0, 15.0, 45.0, 90.0, 500.0])).tolist() == [
        0, 0.25, 0.625, 1, 1,
    ]  # fmt: skip
    # Triangle 30 x 0.5 / 2, then trapezes 30 x (0.5 + 0.75) / 2 and 30 x (0.75 + 1) / 2.
    assert steps().area(np.array([30.0, 60.0, 90.0, 100.0])).tolist() == [7.5, 26.25, 52.5, 62.5]
    assert float(steps().quantile(np.array(0.5))) == 30
    assert float(steps().between(np.array(15.0), np.array(45.0))) == pytest.approx(0.375)


def test_a_naive_fit_is_too_short_and_the_fit_is_not_under_heavy_truncation() -> None:
    # Delays of a median of three years in a list over six: two in five have been reported.
    medians, naive = [], []
    for seed in range(5):
        data, _ = simulate(40 + seed, 1500, median=1100.0)
        assert 500 < len(data.n) < 750
        medians.append(fit_delay(data, families=("lognormal",)).median)
        # Without the truncation: the same records, closed so late that nothing is hidden.
        late = DelayData(
            data.start_lo, data.start_hi, data.rep_lo, data.rep_hi, CLOSED + 10**7, data.n
        )
        naive.append(fit_delay(late, families=("lognormal",)).median)
    assert max(naive) < 650
    assert np.mean(medians) == pytest.approx(1100, rel=0.2)


def known(median: float = 100.0) -> DelayFit:
    """Return a fit with a delay that is known: lognormal, sigma 1."""
    return DelayFit(Parametric("lognormal", float(np.log(median)), 0.0), 100.0, True, "")


def test_by_hand_the_share_reported_is_the_mean_over_the_period() -> None:
    # A period of one day a median before the end of the closing day: a half is reported.
    edges = np.array([CLOSED + 1 - 100, CLOSED + 2 - 100])
    assert reported_by(known(), edges, CLOSED)[0] == pytest.approx(0.5, abs=0.005)
    quarters = CLOSED + 1 - np.array([1095, 365, 91, 0, -91])
    days = np.arange(0.0005, 1.0, 0.001)
    by_sum = [
        known().cdf(CLOSED + 1 - (a + (b - a) * days)).mean()
        for a, b in itertools.pairwise(quarters)
    ]
    assert reported_by(known(), quarters, CLOSED) == pytest.approx(by_sum, abs=1e-4)


def test_nothing_is_reported_of_a_period_after_the_closing_day() -> None:
    edges = np.array([CLOSED - 200, CLOSED + 1, CLOSED + 90])
    share = reported_by(known(), edges, CLOSED)
    assert share[0] > 0
    assert share[1] == 0
    # A period that closing cuts in two: its later part counts as unreported.
    cut = reported_by(known(), np.array([CLOSED - 99, CLOSED + 101]), CLOSED)[0]
    whole = reported_by(known(), np.array([CLOSED - 99, CLOSED + 1]), CLOSED)[0]
    assert cut == pytest.approx(whole / 2)


def two_epochs(seed: int, early: float, late: float) -> tuple[DelayData, int]:
    """Return a list whose delays have one median in its first four years and another in its last
    two, and the first day of the latter."""
    change = CLOSED + 1 - 365 * 2
    parts = [simulate(seed, 1200, median=early)[0], simulate(seed + 1, 1200, median=late)[0]]
    keep = [parts[0].start_lo < change, parts[1].start_lo >= change]

    def both(name: str) -> np.ndarray:
        return np.concatenate([getattr(p, name)[k] for p, k in zip(parts, keep, strict=True)])

    names = ("start_lo", "start_hi", "rep_lo", "rep_hi")
    return DelayData(*(both(name) for name in names), CLOSED, both("n")), change


@pytest.mark.parametrize("method", ["parametric", "nonparametric"])
def test_delays_that_changed_are_not_one_delay(method: str) -> None:
    data, _ = two_epochs(60, early=400.0, late=10.0)
    fit = fit_delay(data, method)  # type: ignore[arg-type]
    assert not fit.identified
    assert "delays changed" in fit.reason


def test_delays_that_changed_are_known_by_epoch() -> None:
    data, change = two_epochs(60, early=400.0, late=10.0)
    fit = fit_delay_by_epoch(data, [change])
    assert fit.identified
    assert fit.first_days == (change,)
    assert [one.median for one in fit.fits] == pytest.approx([400, 10], rel=0.15)
    # Half a year before closing, one delay for all says far less is known than is.
    edges = np.array([CLOSED + 1 - 270, CLOSED + 1 - 180])
    one_delay = reported_by(fit_delay(data), edges, CLOSED)[0]
    assert reported_by(fit, edges, CLOSED)[0] > 0.98
    assert one_delay < 0.8
    for draw in fit.draws(5, 1):
        assert reported_by(draw, edges, CLOSED)[0] > 0.95


@pytest.mark.parametrize(("early", "late", "steady"), [(400.0, 10.0, False), (90.0, 90.0, True)])
def test_steadiness_tested_afterwards_is_what_it_is_tested_at_once(
    early: float, late: float, steady: bool
) -> None:
    data, change = two_epochs(60, early, late)
    untested = fit_delay(data, steady=False)
    assert untested.identified
    at_once = fit_delay(data)
    assert repr(steadied(untested, data)) == repr(at_once)
    assert at_once.identified == steady
    late_edge = [change - 365]  # the first epoch is steady, the second holds the change
    apart = fit_delay_by_epoch(data, late_edge, steady=False)
    assert repr(steadied_by_epoch(apart, data)) == repr(fit_delay_by_epoch(data, late_edge))
    assert fit_delay_by_epoch(data, late_edge).identified == steady


def test_a_period_has_the_delay_of_its_epoch() -> None:
    data, change = two_epochs(60, early=400.0, late=10.0)
    fit = fit_delay_by_epoch(data, [change])
    edges = np.array([change - 91, change, change + 91])
    apart = [reported_by(one, edges, CLOSED) for one in fit.fits]
    assert reported_by(fit, edges, CLOSED).tolist() == [apart[0][0], apart[1][1]]


def test_epochs_with_too_few_incidents_join_their_neighbour() -> None:
    data, _ = simulate(61, 400)
    first, last = int(data.start_lo.min()), int(data.start_lo.max())
    middle = (first + last) // 2
    fit = fit_delay_by_epoch(data, [first + 5, middle, last - 3])
    assert fit.first_days == (middle,)
    assert sum(one.n for one in fit.fits) == len(data.n)
    assert fit_delay_by_epoch(data, []).fits[0].median == fit_delay(data).median


def test_a_steady_delay_is_seldom_called_changed() -> None:
    called = 0
    for seed in range(60):
        data, _ = simulate(2000 + seed, 250, year_only=0.3)
        called += "changed" in fit_delay(data, families=("lognormal",)).reason
    assert called <= 1  # at one in a thousand


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"start_hi": -5}, "start windows end before they begin"),
        ({"rep_hi": -5}, "report windows end before they begin"),
        ({"start_lo": 900, "start_hi": 900}, "reports come before the start"),
        ({"start_lo": 1005, "start_hi": 1010, "rep_hi": 1050}, "or the start after closing"),
        ({"rep_lo": 9000, "rep_hi": 9000}, "after the list was closed"),
        ({"n": -2}, "counts are below 0"),
    ],
)
def test_records_that_cannot_be_are_refused(change: dict[str, int], why: str) -> None:
    start = np.full(30, CLOSED - 1000)
    fields = {
        "start_lo": start, "start_hi": start, "rep_lo": start + 50, "rep_hi": start + 50,
        "n": np.ones(30),
    }  # fmt: skip
    for name, by in change.items():
        fields[name] = fields[name] + by
    with pytest.raises(ModelError, match=why):
        fit_delay(DelayData(closed_on=CLOSED, **fields))


def test_an_unknown_method_family_or_share_is_refused_with_what_is_allowed() -> None:
    data, _ = simulate(19, 30)
    with pytest.raises(ModelError, match="parametric and nonparametric"):
        fit_delay(data, "magic")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="lognormal, gamma, weibull"):
        fit_delay(data, families=("normal",))
    with pytest.raises(ModelError, match="between 0 and 1"):
        known().quantile(1.5)


@pytest.mark.parametrize("family", FAMILIES)
def test_several_curves_at_once_are_each_curve_to_the_bit(family):
    m, k = np.log([3.0, 90.0, 2000.0]), np.array([-2.0, 0.3, 1.5])
    early = np.array([-5.0, 0.0, 1.0, 88.0, 90.0, 91.0, 4000.0])
    late = np.array([0.0, 2.0, 1.5, 88.5, 500.0, 91.2, 9000.0])
    together = Laws(law_of(family, m, k))
    for row, one in enumerate(zip(m, k, strict=True)):
        curve = Parametric(family, *map(float, one))
        assert together.between(early, late)[row].tolist() == curve.between(early, late).tolist()
        assert together.area(late)[row].tolist() == curve.area(late).tolist()


@pytest.mark.parametrize("family", FAMILIES)
def test_curves_near_each_other_are_each_curve_to_the_bit(family):
    m, k = np.log(90.0) + np.array([0.0, 1e-3, -1e-3]), np.array([-1.0, -1.001, -0.999])
    early = np.array([-5.0, 0.0, 40.0, 89.95, 90.0, 90.05, 300.0, 300.0])
    late = np.array([2.0, 3.0, 41.0, 700.0, 500.0, 600.0, 301.0, 310.0])
    together = Laws(law_of(family, m, k))
    for row, one in enumerate(zip(m, k, strict=True)):
        curve = Parametric(family, *map(float, one))
        assert together.between(early, late)[row].tolist() == curve.between(early, late).tolist()
        limits = np.stack([late, early])
        assert together.area(limits)[row].tolist() == curve.area(limits).tolist()


def test_the_likeliest_curve_is_the_same_from_many_points_at_once():
    data = DelayData(
        np.arange(100, 160), np.arange(100, 160) + 3, np.arange(100, 160) + 40,
        np.arange(100, 160) + 45, 400, np.ones(60),
    )  # fmt: skip
    plans = records_and_reports(data)
    thetas = np.array([[3.7, -1.0], [4.5, 0.2], [3.0, -3.0]])
    each = [_log_likelihood(Parametric("gamma", *map(float, t)), plans, data.n) for t in thetas]
    laws = Laws(law_of("gamma", thetas[:, 0], thetas[:, 1]))
    assert _log_likelihoods(laws, plans, data.n).tolist() == each
