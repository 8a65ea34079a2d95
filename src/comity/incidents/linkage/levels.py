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
    "text": (0.069, 0.287, 0.352, 0.042, 0.009, 0.241),
    "pages": (0.303, 0.517, 0.180),
    "starts": (0.017, 0.101, 0.196, 0.218, 0.468),
    "public": (0.091, 0.077, 0.082, 0.751),
    "lag": (0.076, 0.144, 0.116, 0.664),
    "initiators": (0.012, 0.016, 0.972),
    "receivers": (0.058, 0.399, 0.542),
    "actors": (0.160, 0.840),
    "effects": (0.088, 0.203, 0.709),
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
    "effects": (0.352, 0.279, 0.369),
}


def usual_levels() -> dict[str, NDArray[np.float64]]:
    """Return each comparison's shares among pairs drawn at random, summing to one."""
    return {name: np.array(shares) / sum(shares) for name, shares in USUAL.items()}


def believed_levels() -> dict[str, NDArray[np.float64]]:
    """Return each comparison's shares, summing to one."""
    return {name: np.array(shares) / sum(shares) for name, shares in BELIEVED.items()}
