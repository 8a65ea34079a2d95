"""What is believed of the levels before any list is linked: their shares among true links.

From the labelled pairs of `benchmarks/linkage_labels.tsv` by `benchmarks/linkage.py --levels`,
which prints this table: of so many pairs that are one incident, the share in each level, least
alike first.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

WORTH = 400.0  # labelled links that the table below is worth against a user's own lists
SPLIT = 0.15  # chance that a record of one list is two of another: see docs/linking.md

BELIEVED: Mapping[str, tuple[float, ...]] = {
    "text": (0.070, 0.280, 0.356, 0.043, 0.009, 0.243),
    "pages": (0.314, 0.507, 0.179),
    "starts": (0.016, 0.097, 0.181, 0.208, 0.499),
    "public": (0.084, 0.078, 0.082, 0.757),
    "lag": (0.069, 0.145, 0.117, 0.669),
    "initiators": (0.012, 0.016, 0.972),
    "receivers": (0.057, 0.382, 0.560),
    "actors": (0.164, 0.836),
}


USUAL_WORTH = 300.0  # pairs drawn at random that the table below is worth
USUAL: Mapping[str, tuple[float, ...]] = {  # among pairs drawn at random, on the same three lists
    "text": (0.984, 0.014, 0.0017, 0.00001, 0.00001, 0.00015),
    "pages": (0.9998, 0.0002, 0.00003),
    "starts": (0.792, 0.136, 0.057, 0.010, 0.005),
    "public": (0.865, 0.082, 0.023, 0.030),
    "lag": (0.582, 0.286, 0.077, 0.055),
    "initiators": (0.843, 0.0044, 0.153),
    "receivers": (0.864, 0.069, 0.067),
    "actors": (0.981, 0.019),
}


def usual_levels() -> dict[str, NDArray[np.float64]]:
    """Return each comparison's shares among pairs drawn at random, summing to one."""
    return {name: np.array(shares) / sum(shares) for name, shares in USUAL.items()}


def believed_levels() -> dict[str, NDArray[np.float64]]:
    """Return each comparison's shares, summing to one."""
    return {name: np.array(shares) / sum(shares) for name, shares in BELIEVED.items()}
