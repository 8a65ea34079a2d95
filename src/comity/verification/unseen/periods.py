"""Before and after an agreement: did activity fall, or did sight?

The lists hold fewer incidents after than before. Either fewer were publicly reported, or the lists
missed more of what was. How often they hold the same ones bounds the second, in each period apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from comity.verification.unseen.bounds import Unseen


@dataclass(frozen=True, slots=True)
class Compared:
    """All publicly reported a year, after over before. `seen` is the ratio of what the lists hold;
    `same` its range if the lists depend on each other after as before, reading by reading;
    `changed` if that may have changed too. `told_apart` where even then all of the range lies on
    one side of 1."""

    seen: float
    same: tuple[float, float] | None
    changed: tuple[float, float] | None
    told_apart: bool


def compare_periods(
    before: Sequence[Unseen],
    after: Sequence[Unseen],
    years: tuple[float, float],
    reported: tuple[float, float] = (1.0, 1.0),
) -> Compared:
    """Return how two periods compare. `before` and `after` hold one bound for each draw of the
    links; `years` are their lengths; `reported` the chance, in (0, 1], that a report came before
    the lists closed, by which what was known is divided."""
    scale = years[0] / years[1] * reported[0] / reported[1]
    seen = after[0].seen / before[0].seen * scale if before[0].seen else math.inf
    if not all(u.identified for u in (*before, *after)):
        return Compared(seen, None, None, False)
    lows, highs = [], []
    for one, other in zip(before, after, strict=True):
        known = {e.name: e for e in one.estimates if not e.shifted}
        for later in other.estimates:
            earlier = known.get(later.name)
            if earlier is None or later.shifted:
                continue
            spread = math.hypot(
                math.log(earlier.high / earlier.low) / 2.0, math.log(later.high / later.low) / 2.0
            )
            middle = math.log(later.total / earlier.total)
            lows.append(middle - spread)
            highs.append(middle + spread)
    same = (scale * math.exp(min(lows)), scale * math.exp(max(highs))) if lows else None
    least = min(u.range[0] for u in after) / max(u.range[1] for u in before)
    most = max(u.range[1] for u in after) / min(u.range[0] for u in before)
    changed = (scale * least, scale * most)
    return Compared(seen, same, changed, changed[1] < 1.0 or changed[0] > 1.0)
