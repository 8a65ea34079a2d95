"""Which choice matters most: the variance of an answer over analyses, shared out over the choices.

The log ratio is regressed on every axis's options; an axis's share of the explained variance is
its average gain over all orders in which axes may enter (Lindeman, Merenda & Gold 1980; "LMG"), so
that the shares add up to the whole R squared even where the analyses run are no balanced design.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_AXES = 14  # beyond this the subsets are too many


def _dummies(codes: Ints) -> Floats:
    """Return indicator columns (N, options - 1) of one axis, centred."""
    columns = codes[:, None] == np.arange(1, int(codes.max(initial=0)) + 1)
    centred: Floats = columns - columns.mean(axis=0)
    return centred


def variance_shares(codes: Sequence[Ints], values: Floats) -> Floats:
    """Return each axis's share of the variance of `values` (N,).

    `codes` holds (N,) option numbers for every axis; an axis with one option has share 0. Shares
    add up to the R squared of the additive regression. All zero where values do not vary.
    """
    shares = np.zeros(len(codes))
    active = [k for k, c in enumerate(codes) if len(np.unique(c)) > 1]
    y = values - values.mean()
    total = float(y @ y)
    if not active or total < 1e-12:
        return shares
    if len(active) > MOST_AXES:
        raise ValueError(f"{len(active)} axes vary; at most {MOST_AXES} can be shared out")
    blocks = [_dummies(codes[k]) for k in active]
    design = np.concatenate(blocks, axis=1)
    owner = np.repeat(np.arange(len(active)), [b.shape[1] for b in blocks])
    gram, moment = design.T @ design, design.T @ y
    gram[np.diag_indices_from(gram)] += 1e-9 * len(values)
    count = len(active)
    explained = np.zeros(1 << count)
    for subset in range(1, 1 << count):
        keep = np.flatnonzero((subset >> owner) & 1)
        solved = np.linalg.solve(gram[np.ix_(keep, keep)], moment[keep])
        explained[subset] = float(moment[keep] @ solved) / total
    sizes = np.array([int(s).bit_count() for s in range(1 << count)])
    weight = np.array([1.0 / (count * comb(count - 1, k)) for k in range(count)])
    everything = np.arange(1 << count)
    for position, axis in enumerate(active):
        without = everything[(everything >> position) & 1 == 0]
        gain = explained[without | (1 << position)] - explained[without]
        shares[axis] = float(weight[sizes[without]] @ gain)
    return np.clip(shares, 0.0, 1.0)
