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
    "text": (0.08, 0.24, 0.28, 0.10, 0.06, 0.24),
    "pages": (0.37, 0.50, 0.13),
    "starts": (0.03, 0.07, 0.20, 0.29, 0.41),
    "public": (0.10, 0.10, 0.12, 0.68),
    "lag": (0.03, 0.14, 0.15, 0.68),
    "initiators": (0.02, 0.03, 0.95),
    "receivers": (0.05, 0.38, 0.57),
    "actors": (0.05, 0.95),
}


def believed_levels() -> dict[str, NDArray[np.float64]]:
    """Return each comparison's shares, summing to one."""
    return {name: np.array(shares) / sum(shares) for name, shares in BELIEVED.items()}
