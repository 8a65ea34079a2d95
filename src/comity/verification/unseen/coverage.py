"""How much lists hold in common, as one record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from comity.verification.unseen.bounds import Unseen

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much the lists hold in common, over the years that all of them cover (`first` to `last`,
    INCLUSIVE). `held` counts each list's incidents, `alone` those no other list has; `shared` those
    that two lists both hold; `unseen` bounds what none holds."""

    first: dt.date
    last: dt.date
    held: Mapping[str, int]
    alone: Mapping[str, int]
    shared: Mapping[Pair, int]
    unseen: Unseen
