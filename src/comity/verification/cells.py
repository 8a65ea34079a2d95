"""The four-cell model's shape: which walks and steps each cell carries, and every prior.

    log lambda_A = alpha_A + s[t] + i[t] + r[t] + u[t] + (delta_i + delta) * x[t; tau]
    log lambda_B = alpha_B + s[t] + i[t]               +  delta_i          * x[t; tau]
    log lambda_C = alpha_C + s[t]        + r[t]
    log lambda_D = alpha_D + s[t]

s is attention to everything, i to the initiator, r to the receiver, u the pair's own drift: random
walks that pass through zero in the period before the agreement, so that alpha is the log rate
there. With fewer cells the walks that can no longer be told apart are dropped: with A and B the
shared walk stands for s and i together and delta is the redirection; with A and C delta is the
level; with A alone only u and delta remain, and the whole of attention counts as change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prior:
    """Every prior of the model, per quarter.

    Step sizes are exponential with the means given; `delta`, `delta_i` normal(0, delta_sd);
    alpha normal(alpha_mean, alpha_sd), where None centres each group on its own average rate a
    period (half an incident added). A half-year's step is the square root of two times a quarter's.
    """

    step_means: Mapping[str, float]
    delta_sd: float = 1.0
    alpha_mean: tuple[float, ...] | None = None
    alpha_sd: float = 2.0


DEFAULT_PRIOR = Prior({"s": 0.30, "i": 0.15, "r": 0.15, "u": 0.15})


@dataclass(frozen=True, slots=True)
class Layout:
    """Which cells a comparison uses, and how walks and steps load on them.

    `walk_loads` is (cells, walks), `step_loads` (cells, steps), both 0 or 1.
    """

    cells: tuple[str, ...]
    walks: tuple[str, ...]
    steps: tuple[str, ...]
    walk_loads: Mapping[str, tuple[int, ...]]
    step_loads: Mapping[str, tuple[int, ...]]
    estimands: tuple[str, ...]


NET = ("net-1", "net-3", "net-5")
LAYOUTS: Mapping[str, Layout] = {
    "four-cells": Layout(
        cells=("A", "B", "C", "D"),
        walks=("s", "i", "r", "u"),
        steps=("delta", "delta_i"),
        walk_loads={"A": (1, 1, 1, 1), "B": (1, 1, 0, 0), "C": (1, 0, 1, 0), "D": (1, 0, 0, 0)},
        step_loads={"A": (1, 1), "B": (0, 1), "C": (0, 0), "D": (0, 0)},
        estimands=("jump", *NET, "level", "redirection", "displacement"),
    ),
    "initiator-elsewhere": Layout(
        cells=("A", "B"),
        walks=("s", "u"),
        steps=("delta",),
        walk_loads={"A": (1, 1), "B": (1, 0)},
        step_loads={"A": (1,), "B": (0,)},
        estimands=("jump", *NET, "redirection"),
    ),
    "receiver-otherwise": Layout(
        cells=("A", "C"),
        walks=("s", "u"),
        steps=("delta",),
        walk_loads={"A": (1, 1), "C": (1, 0)},
        step_loads={"A": (1,), "C": (0,)},
        estimands=("jump", *NET, "level"),
    ),
    "everyone-else": Layout(
        cells=("A", "D"),
        walks=("s", "u"),
        steps=("delta",),
        walk_loads={"A": (1, 1), "D": (1, 0)},
        step_loads={"A": (1,), "D": (0,)},
        estimands=("jump", *NET),
    ),
    "target-alone": Layout(
        cells=("A",),
        walks=("u",),
        steps=("delta",),
        walk_loads={"A": (1,)},
        step_loads={"A": (1,)},
        estimands=("jump", *NET, "level"),
    ),
}


def without(layout: Layout, missing: frozenset[str]) -> Layout | None:
    """Return the layout that remains when some cells hold no evidence, None where A is missing."""
    cells = frozenset(layout.cells) - missing
    if "A" not in cells:
        return None
    if cells == frozenset(layout.cells):
        return layout
    if "B" in cells:
        return LAYOUTS["initiator-elsewhere"]
    if "C" in cells:
        return LAYOUTS["receiver-otherwise"]
    return LAYOUTS["target-alone"]
