"""The banded Newton engine, against plain dense arithmetic and numeric derivatives."""

from dataclasses import replace

import numpy as np
import pytest

from comity.verification.cells import DEFAULT_PRIOR, LAYOUTS
from comity.verification.fit import build_model, step_path
from comity.verification.laplace import (
    HIGHEST,
    assemble,
    bounded,
    evaluate,
    find_modes,
    predictor,
    solve,
)
from comity.verification.laplace import _factor_one as factor_one
from comity.verification.simulate import World, simulate_panel


@pytest.fixture
def model():
    counts, _ = simulate_panel(
        World(sizes=(30.0, 30.0, 40.0, 90.0), periods=20, onset=11, coarse=0.4),
        np.random.default_rng(3),
    )
    return build_model(counts, LAYOUTS["four-cells"], DEFAULT_PRIOR, step_path(20, 11), 10)


def flat(X, b):
    return np.concatenate([X.ravel(), b.ravel()])


def states(model, seed=5):
    random = np.random.default_rng(seed)
    T, W = model.counts.shape[1], model.walks
    X = 0.3 * random.standard_normal((1, T, W))
    X[:, model.anchor] = 0.0
    b = 0.3 * random.standard_normal((1, len(model.border_mean)))
    return X, b, np.full((1, W), 9.0)


def free(model):
    """Indices of unknowns that may move: all but the anchored period's walks."""
    T, W = model.counts.shape[1], model.walks
    n = T * W + len(model.border_mean)
    fixed = range(model.anchor * W, (model.anchor + 1) * W)
    return np.array([k for k in range(n) if k not in fixed])


def value(model, vector, tau):
    T, W = model.counts.shape[1], model.walks
    X, b = vector[: T * W].reshape(1, T, W), vector[T * W :][None]
    return evaluate(model, X, b, tau).value[0]


@pytest.mark.parametrize("ramp", [0, 4])
def test_a_log_rate_is_level_walks_and_what_of_the_step_has_come(model, ramp):
    model = replace(model, x=step_path(20, 11, ramp))
    X, b, _ = states(model)
    groups = model.counts.shape[0]
    by_hand = [
        [
            b[0, g] + model.Z[g] @ X[0, t] + (model.S[g] @ b[0, groups:]) * model.x[t]
            for t in range(20)
        ]
        for g in range(groups)
    ]
    assert predictor(model, X, b)[0] == pytest.approx(np.array(by_hand), abs=1e-12)


def test_no_log_rate_is_above_the_highest():
    assert bounded(np.array([[-2.0, 29.0]])).tolist() == [[-2.0, 29.0]]
    assert bounded(np.array([[-2.0, 31.0]])).tolist() == [[-2.0, HIGHEST]]
    assert bounded(np.array([[np.inf, 1.0]])).tolist() == [[HIGHEST, 1.0]]


def test_the_gradient_is_the_slope_of_the_log_posterior(model):
    X, b, tau = states(model)
    system = assemble(model, X, b, tau, evaluate(model, X, b, tau), full=True)
    ours = np.concatenate([system.gx[0], system.gb[0]])
    start, h = flat(X, b), 1e-5
    for k in free(model):
        step = np.zeros_like(start)
        step[k] = h
        slope = (value(model, start + step, tau) - value(model, start - step, tau)) / (2 * h)
        assert ours[k] == pytest.approx(slope, abs=1e-5)


def test_a_newton_step_solves_the_dense_system(model):
    X, b, tau = states(model)
    system = assemble(model, X, b, tau, evaluate(model, X, b, tau), full=True)
    start, h, index = flat(X, b), 1e-3, free(model)

    def gradient(vector):
        T, W = model.counts.shape[1], model.walks
        x, c = vector[: T * W].reshape(1, T, W), vector[T * W :][None]
        s = assemble(model, x, c, tau, evaluate(model, x, c, tau), full=True)
        return np.concatenate([s.gx[0], s.gb[0]])

    dense = np.empty((len(index), len(index)))
    for column, k in enumerate(index):
        step = np.zeros_like(start)
        step[k] = h
        dense[:, column] = -(gradient(start + step) - gradient(start - step))[index] / (2 * h)
    factor = factor_one(system.band[0], system.C[0], system.D[0])
    assert factor is not None
    dx, db = solve(factor, system.gx[0], system.gb[0])
    ours = np.concatenate([dx, db])[index]
    wanted = np.linalg.solve(dense, gradient(start)[index])
    assert ours == pytest.approx(wanted, abs=1e-4)
    assert factor.logdet == pytest.approx(np.linalg.slogdet(dense)[1], abs=1e-4)


def test_modes_are_where_the_gradient_vanishes_for_every_step_size_at_once(model):
    X, b, _ = states(model)
    tau = np.array([[4.0] * 4, [25.0] * 4, [400.0] * 4])
    found = find_modes(model, np.repeat(X, 3, axis=0), np.repeat(b, 3, axis=0), tau)
    assert found.converged.all()
    at = evaluate(model, found.X, found.b, tau)
    system = assemble(model, found.X, found.b, tau, at, full=True)
    assert np.abs(system.gx).max() < 0.2
    assert np.abs(system.gb).max() < 0.2
    assert (np.diff(found.value) != 0).all()


def test_the_anchored_period_stays_at_zero(model):
    X, b, tau = states(model)
    found = find_modes(model, X, b, tau)
    assert np.abs(found.X[:, model.anchor]).max() == 0.0
