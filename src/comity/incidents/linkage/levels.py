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


def believed_levels() -> dict[str, NDArray[np.float64]]:
    """Return each comparison's shares, summing to one."""
    return {name: np.array(shares) / sum(shares) for name, shares in BELIEVED.items()}
