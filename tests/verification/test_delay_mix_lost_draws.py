"""A draw without weight has no say in how the uncertainty of a delay is mixed in."""

from dataclasses import replace

import numpy as np

from comity.verification.delay_mix import mix_delay
from comity.verification.fit import fit_panel
from comity.verification.simulate import World, simulate_panel


def test_a_draw_without_weight_cannot_take_the_others_down():
    world = World()
    counts, _ = simulate_panel(world, np.random.default_rng(2))
    fit = fit_panel(counts, "four-cells", world.onset, draws=400)
    b, weights = fit.draws.b.copy(), fit.draws.weights.copy()
    b[0, : len(counts.cells)] = 12.0  # rates beyond all reason, which a smaller exposure favours
    weights[0] = 0.0
    lost = replace(fit, draws=replace(fit.draws, b=b, weights=weights / weights.sum()))
    fewer = [replace(counts, exposure=0.9 * counts.exposure)]
    mixed = mix_delay(lost, fewer, 0, range(world.periods), 3)
    assert np.isfinite(mixed.draws.weights).all()
    assert np.isclose(mixed.draws.weights.sum(), 1.0)
    assert mixed.draws.weights[0] < 1e-12
