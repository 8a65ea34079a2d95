"""Robustness: every combination is run or told of, the declared one is the verdict's, shares add
up."""

import datetime as dt
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from made import evidence, question, release, simulated

from comity.verification.examine.effects import variance_shares
from comity.verification.examine.robustness import robustness
from comity.verification.examine.specs import drawn, impossible, near, space_of
from comity.verification.examine.tasks import FitTask, run_fit
from comity.verification.model import Choices, Scope
from comity.verification.prepare import prepare
from comity.verification.verdict import judge


def asked():
    wide = Scope("whole", "everything", "variant", ("CN",), ("US",))
    return question(variants=(wide,), receiver_not_party=True)


def held(seed=3, **more):
    made = simulated(
        lambda c, d: 1.2 if c != "A" or d < dt.date(2015, 9, 1) else 0.4, seed,
        coarse=0.1, first_of_year=True, delay=lambda r: r.lognormal(5.5, 0.8),
        closed_on=dt.date(2021, 6, 30), **more,
    )  # fmt: skip
    listed = release(closed_on="2021-06-30", has_report_dates=True, severity_scale="0 to 10")
    some = [replace(i, campaign="one" if n % 9 < 2 else "") for n, i in enumerate(made)]
    return evidence(some, listed)


@pytest.fixture(scope="module")
def found():
    ready = prepare(asked(), held(), {"VN": dt.date(2016, 1, 1)}, Choices())
    return robustness(ready, held(), analyses=260, workers=1)


def test_every_combination_is_run_or_told_of(found):
    space = {a.name: [o.option for o in a.options] for a in found.axes}
    assert found.possible == np.prod([len(o) for o in space.values()])
    assert found.run == len(found.specifications) == len({s.options for s in found.specifications})
    left = sum(x.analyses for x in found.left)
    near_by = sum(1 for s in found.specifications if s.distance <= 2)
    every = list(near(space_of(asked(), ("made",), Choices().reading, True, True)))
    told = near_by + sum(1 for x in found.left for _ in range(x.analyses))
    assert len(set(every)) <= told
    assert left > 0
    assert any(x.kind == "impossible" and "half-years" in x.reason for x in found.left)


def test_the_declared_analysis_comes_first_and_is_the_verdicts(found):
    first = found.specifications[0]
    assert first.distance == 0
    verdict = judge(asked(), held(), under_promise={"VN": dt.date(2016, 1, 1)}, brief=True)
    own = verdict.change_of("narrow")
    assert (first.before, first.after) == (own.before, own.after)
    assert first.ratio.median == pytest.approx(own.ratio.median, rel=0.15)
    assert first.fell == pytest.approx(own.fell, abs=0.06)


def test_no_axis_is_dead(found):
    for axis in found.axes:
        if axis.name == "lists":
            continue
        assert len(axis.options) > 1, axis.name
        assert all(o.analyses for o in axis.options), axis.name
        assert axis.share is not None


def test_shares_are_parts_of_the_whole(found):
    shares = [a.share for a in found.axes if a.share is not None]
    assert all(0 <= s <= 1 for s in shares)
    assert sum(shares) + found.unexplained == pytest.approx(1.0)


def test_an_unidentified_analysis_shows_no_number():
    quiet = evidence(simulated(lambda c, d: 0.02, 1), release())
    ready = prepare(question(), quiet, {}, Choices())
    got = robustness(ready, quiet, analyses=40, workers=1)
    assert got.identified == 0
    assert all(s.ratio is None and s.fell is None and s.reason for s in got.specifications)
    assert got.sentence.startswith("None of")


def brute_force(codes, values):
    """Average gain in R squared over every order of axes."""

    def explained(chosen):
        if not chosen:
            return 0.0
        columns = [np.ones(len(values))]
        for k in chosen:
            columns += [(codes[k] == v).astype(float) for v in np.unique(codes[k])[1:]]
        design = np.stack(columns, axis=1)
        fitted = design @ np.linalg.lstsq(design, values, rcond=None)[0]
        return 1 - ((values - fitted) ** 2).sum() / ((values - values.mean()) ** 2).sum()

    shares = np.zeros(len(codes))
    orders = list(permutations(range(len(codes))))
    for order in orders:
        for place, axis in enumerate(order):
            shares[axis] += explained(order[: place + 1]) - explained(order[:place])
    return shares / len(orders)


def test_variance_shares_are_the_average_gain_over_all_orders():
    random = np.random.default_rng(5)
    codes = [random.integers(0, k, 80) for k in (2, 3, 2, 4)]
    codes[2] = np.where(random.random(80) < 0.7, codes[0], codes[2])  # not balanced
    values = codes[0] * 1.0 + (codes[1] == 2) * 0.5 + random.normal(0, 0.3, 80)
    assert variance_shares(codes, values) == pytest.approx(brute_force(codes, values), abs=1e-6)


def test_an_axis_that_never_varies_explains_nothing():
    codes = [np.zeros(10, int), np.arange(10) % 2]
    assert variance_shares(codes, np.arange(10) % 2 * 1.0) == pytest.approx([0.0, 1.0])
    assert variance_shares(codes, np.ones(10)).tolist() == [0.0, 0.0]


def test_drawn_analyses_do_not_repeat_and_reach_the_whole_space():
    space = space_of(question(), ("one",), Choices().reading, False, False)
    small = replace(space, axes={k: v[:2] for k, v in list(space.axes.items())[:6]})
    assert len(set(drawn(small, 1))) == small.size


def test_impossible_is_said_in_words():
    space = space_of(question(), ("one",), Choices().reading, False, False)
    options = dict(space.declared) | {"period": "half-year", "anticipation": "one"}
    assert "half-years" in impossible(tuple(options.items()), {"one": frozenset({"one"})})
    options = dict(space.declared) | {"outcome": "severity"}
    assert "severities" in impossible(tuple(options.items()), {"one": frozenset()})


def test_a_tasks_content_is_what_decides_its_answer():
    ready = prepare(asked(), held(), {}, Choices())
    from comity.verification.change import lay_out
    from comity.verification.examine.robustness import task_of

    laid = lay_out(ready, ready.question.scope, "target-alone")
    task = task_of(ready, laid)
    assert task.content() == task_of(ready, laid, seed=9).content()
    assert task.content() != task_of(ready, laid, "ramp").content()
    assert task.content() != replace(task, onset=task.onset - 1).content()
    counts = replace(task.counts, y=task.counts.y + 1.0)
    assert task.content() != replace(task, counts=counts).content()
    assert isinstance(task, FitTask)
    assert run_fit(replace(task, onset=0)).problem.startswith("The onset")


@pytest.mark.slow
def test_the_shipped_question_has_a_thousand_distinct_analyses():
    import comity

    one, two = (
        comity.verify(
            "us-china-2015", mirror=False,
            examine=comity.Examine(("robustness",), 1000, workers=n),
        ).examination.robustness
        for n in (1, 2)
    )  # fmt: skip
    assert one.run >= 1000
    assert one == two
