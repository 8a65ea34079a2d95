"""Pooling promises: against sums a reader can check, simulation, and what is never pooled."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from made import PAIRS, evidence, incident, question
from scipy import stats

from comity.instruments.register import load_register
from comity.verification.fit import fit_panel
from comity.verification.model import Choices
from comity.verification.pooling import (
    MU,
    TAU,
    TAU_SCALE,
    THETA,
    Alone,
    _elsewhere,
    alone,
    pool,
    prior_density,
    quantile,
    shared_change,
    silent,
)
from comity.verification.promises import pool_promises, promises_to_pool
from comity.verification.question import load_question, shipped_questions
from comity.verification.simulate_promises import Promises, drift_given, simulate_promises

SHIPPED = [load_question(name) for name in shipped_questions()]
PRIOR_SD = 1.25


def from_normal(estimate, error, seed=0, size=4000, elsewhere=0.0):
    """What a fit would say whose likelihood of theta + b is normal(estimate, error), where b, the
    change elsewhere, is normal(0, elsewhere)."""
    values = estimate + error * np.random.default_rng(seed).standard_normal(size)
    return Alone(values, np.full(size, 1 / size), (0.0, elsewhere))


def by_hand(estimates, errors):
    """Posterior over (tau, mu) of the normal hierarchical model, by multiplying densities."""
    mu, tau = MU[None, :], TAU[:, None]
    post = stats.norm.pdf(mu, 0, 1) * stats.halfnorm.pdf(tau, 0, TAU_SCALE)
    for y, s in zip(estimates, errors, strict=True):
        post = post * stats.norm.pdf(y, mu, np.sqrt(tau**2 + s**2))
    return post / post.sum()


def test_the_prior_of_a_net_change_has_the_spread_it_is_given_and_sums_to_one():
    grid = np.linspace(-12, 12, 4001)
    density = prior_density(grid, PRIOR_SD)
    assert np.trapezoid(density, grid) == pytest.approx(1.0, abs=1e-4)
    assert np.sqrt(np.trapezoid(density * grid**2, grid)) == pytest.approx(PRIOR_SD, abs=0.01)


def test_normal_evidence_gives_what_multiplying_normals_gives():
    estimates, errors = (-0.8, -0.2, 0.5, -0.6), (0.4, 0.5, 0.6, 0.9)
    found = pool(
        [from_normal(y, s, k) for k, (y, s) in enumerate(zip(estimates, errors, strict=True))]
    )
    wanted = by_hand(estimates, errors)
    for points, ours, theirs in (
        (MU, found.mu, wanted.sum(axis=0)),
        (TAU, found.tau, wanted.sum(axis=1)),
    ):
        for p in (0.05, 0.5, 0.95):
            assert quantile(points, ours, p) == pytest.approx(quantile(points, theirs, p), abs=0.06)
    for k, (y, s) in enumerate(zip(estimates, errors, strict=True)):
        share = TAU[:, None] ** 2 / (TAU[:, None] ** 2 + s**2)
        mean = float((wanted * (MU[None, :] + share * (y - MU[None, :]))).sum())
        assert found.parts[k].density @ THETA == pytest.approx(mean, abs=0.05)


def test_a_promise_without_evidence_contributes_nothing_and_borrows_all():
    speaking = [from_normal(-0.7, 0.3, k) for k in range(3)]
    without, with_silent = pool(speaking), pool([*speaking, silent()])
    assert np.abs(without.grid - with_silent.grid).max() < 1e-9
    borrowed = with_silent.parts[3]
    assert borrowed.effective == 0
    assert borrowed.density @ THETA == pytest.approx(float(without.mu @ MU), abs=0.02)
    assert borrowed.sd > without.mu_sd


def test_without_any_evidence_the_answer_is_the_prior():
    found = pool([silent(), silent()])
    assert quantile(MU, found.mu, 0.95) == pytest.approx(1.645, abs=0.03)
    assert found.parts[0].fell == pytest.approx(0.5, abs=0.01)


def test_thin_evidence_moves_to_the_others_and_rich_evidence_stays():
    found = pool([from_normal(-1.0, 0.15, 1), from_normal(-1.1, 0.15, 2), from_normal(0.3, 0.9, 3)])
    assert found.parts[0].quantile(0.5) == pytest.approx(-1.0, abs=0.05)
    assert found.parts[2].quantile(0.5) < -0.4
    assert found.parts[2].sd < 0.75


def test_an_error_that_all_share_is_not_averaged_away():
    estimates = (-0.7, -0.6, -0.8, -0.7)
    apart = pool([from_normal(y, 0.3, k) for k, y in enumerate(estimates)])
    shared = pool([from_normal(y, 0.3, k, elsewhere=0.5) for k, y in enumerate(estimates)])
    # mu's variance is that of apart, and beside it the shared 0.5 squared, drawn in by mu's prior
    wanted = 1 / (1 + 1 / (apart.mu_sd**2 / (1 - apart.mu_sd**2) + 0.25))
    assert shared.mu_sd == pytest.approx(np.sqrt(wanted), abs=0.02)


def test_what_b_and_d_say_is_told_apart_from_what_a_and_c_say():
    random, size = np.random.default_rng(1), 40_000
    # prior theta ~ N(0, 1.25^2); B and D: b ~ N(0.4, 0.5^2); A and C: theta + b = -0.3, sd 0.6
    theta, b = PRIOR_SD * random.standard_normal(size), 0.4 + 0.5 * random.standard_normal(size)
    weights = np.exp(-0.5 * ((theta + b + 0.3) / 0.6) ** 2)
    mean, sd = _elsewhere(np.stack([theta, b]), weights / weights.sum())
    assert (mean, sd) == (pytest.approx(0.4, abs=0.03), pytest.approx(0.5, abs=0.03))


def test_promises_compared_with_nothing_share_no_error():
    counts = simulate_promises(Promises(), 0.0, 0.2, np.random.default_rng(3))[0][0]
    window = range(60)
    four = fit_panel(counts, "four-cells", 39, draws=400)
    assert shared_change(four, window) is not None
    assert alone(four, window).elsewhere[1] > 0.2
    for comparison in ("receiver-otherwise", "target-alone"):
        fit = fit_panel(counts, comparison, 39, draws=400)
        assert shared_change(fit, window) is None
        assert alone(fit, window).elsewhere == (0.0, 0.0)


def test_a_simulated_promise_has_the_net_change_it_was_given():
    random = np.random.default_rng(5)
    for theta in (-1.5, 0.0, 0.8):
        delta, u = drift_given(theta, 60, 39, random)
        assert delta + u[39:59].mean() - u[19:39].mean() == pytest.approx(theta)
        assert u[38] == 0.0


def coverage(world, runs, seed):
    """Share of 90 % intervals that hold mu, and the promises' ratios, over simulated worlds."""
    random = np.random.default_rng(seed)
    common, each = 0, 0
    for number in range(runs):
        mu, tau = random.standard_normal(), abs(TAU_SCALE * random.standard_normal())
        panels, thetas = simulate_promises(world, mu, tau, random)
        own = [
            alone(fit_panel(c, "four-cells", world.onset_of(k), seed=number), range(60))
            if c.spread()[0].sum() > 0
            else silent()
            for k, c in enumerate(panels)
        ]
        found = pool(own)
        common += quantile(MU, found.mu, 0.05) < mu < quantile(MU, found.mu, 0.95)
        each += sum(
            part.quantile(0.05) < theta < part.quantile(0.95)
            for part, theta in zip(found.parts, thetas, strict=True)
        )
    return common, each


def test_a_few_simulated_worlds_are_held_by_most_intervals():
    world = Promises(a=(30.0, 12.0, 8.0), c=(40.0, 20.0, 15.0))
    common, each = coverage(world, 6, 4)
    assert common >= stats.binom.ppf(0.001, 6, 0.9)
    assert each >= stats.binom.ppf(0.0001, 18, 0.85)


@pytest.mark.slow
@pytest.mark.parametrize(
    "world", [Promises(shared=False), Promises(), Promises(later=(0, 0, 3, 6, 7))]
)
def test_ninety_per_cent_intervals_hold_the_truth_nine_times_in_ten(world):
    runs = 150
    common, each = coverage(world, runs, 17)
    assert stats.binom.ppf(0.001, runs, 0.87) <= common <= stats.binom.ppf(0.999, runs, 0.96)
    assert each / (5 * runs) > 0.85


REGISTER = load_register()


def test_only_chinas_bilateral_promises_on_commercial_theft_are_pooled():
    groups = promises_to_pool(SHIPPED, REGISTER)
    assert [[q.id for q in group] for group in groups] == [
        ["us-china-2015", "uk-china-2015", "germany-china-2016", "australia-china-2017",
         "canada-china-2017"],
    ]  # fmt: skip


def test_other_norms_wider_scopes_and_texts_that_build_confidence_are_never_pooled():
    pooled = {q.id for group in promises_to_pool(SHIPPED, REGISTER) for q in group}
    for one in SHIPPED:
        if one.norm != "commercial-theft" or one.scope.target != ("private",):
            assert one.id not in pooled
    disguised = [replace(q, norm="osce-cbm-3", instrument="osce-1106") for q in SHIPPED]
    assert promises_to_pool(disguised, REGISTER) == ()
    claimed = [replace(q, instrument="osce-1106") for q in SHIPPED]  # it does not promise that norm
    assert promises_to_pool(claimed, REGISTER) == ()
    many = [replace(q, instrument="g20-antalya-2015") for q in SHIPPED]  # promised to many at once
    assert promises_to_pool(many, REGISTER) == ()


def test_one_question_an_instrument_and_no_group_of_one():
    twice = [load_question("us-china-2015"), load_question("us-china-2015")]
    assert promises_to_pool(twice, REGISTER) == ()


def made_promises(counts):
    """Two made promises, to the United States and to Vietnam, with incidents (before, after)."""
    found = []
    pairs = {"US": "A", "VN": "B"}
    for receiver, (before, after) in counts.items():
        for side, (number, years) in enumerate(((before, (2008, 2015)), (after, (2016, 2020)))):
            for n in range(number):
                year = years[0] + n % (years[1] - years[0])
                start = f"{year}-{1 + (5 * n + side) % 12:02d}-10"
                found.append(incident(len(found), pairs[receiver], start))
    for cell in ("C", "D"):
        for n in range(30):
            found.append(incident(len(found), cell, f"{2007 + n % 13}-0{1 + n % 9}-15"))
    for n in range(12):  # the initiator elsewhere
        more = {"receivers": ("JP",)}
        found.append(incident(len(found), "B", f"{2008 + n}-03-15", **more))
    asked = question()
    other = question(
        id="made-2", scope=replace(asked.scope, receiver=("VN",)), agreed=dt.date(2016, 6, 13)
    )
    return pool_promises([asked, other], evidence(found), {}, Choices(draws=1500))


def test_two_promises_with_incidents_are_pooled_and_shown_beside_themselves_alone():
    found = made_promises({"US": (24, 8), "VN": (10, 3)})
    assert found.identified
    assert found.common is not None
    assert [p.before + p.after for p in found.promises] == [32, 13]
    one, other = found.promises
    assert other.alone.ratio is not None
    assert (
        other.pooled.upper / other.pooled.lower < other.alone.ratio.upper / other.alone.ratio.lower
    )
    assert 0 < one.fell < 1
    assert found.apart_common is not None
    assert "Over 2 promises" in found.sentence


def test_with_one_promise_that_speaks_nothing_is_pooled_and_the_sentence_says_so():
    found = made_promises({"US": (20, 10), "VN": (0, 0)})
    assert not found.identified
    assert found.common is None
    assert found.fell is None
    assert found.reason.startswith("1 of 2 promises has an incident before it")
    assert found.promises[1].pooled is None
    assert found.reason in found.sentence


def test_another_promises_receiver_is_not_what_a_promise_is_compared_with():
    found = made_promises({"US": (24, 8), "VN": (10, 3)})
    cells = [p.alone.cells for p in found.promises]
    assert cells[0]["B"] == cells[1]["B"] == 12  # Japan only, not each other
    assert PAIRS["B"] == ("CN", "VN")
