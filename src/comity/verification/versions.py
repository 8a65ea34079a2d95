"""A panel's counts as each draw of a reporting delay and of the links has them, made when used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import overload

from comity.verification.counts import Counts
from comity.verification.panel import Panel
from comity.verification.prepare import combine

DELAY_DRAWS = 12  # draws of a reporting delay over which a fit is mixed, if it has draws enough


class Versions(Sequence[Counts]):
    """Counts under each of DELAY_DRAWS draws, each computed the first time it is asked for: a fit
    of few draws mixes fewer, and fits of one scope share them."""

    def __init__(self, length: int, make: Callable[[int], Counts]) -> None:
        self._made: list[Counts | None] = [None] * length
        self._make = make

    def __len__(self) -> int:
        """How many draws there are: none where neither delays nor links are uncertain."""
        return len(self._made)

    @overload
    def __getitem__(self, at: int) -> Counts: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Counts, ...]: ...

    def __getitem__(self, at: int | slice) -> Counts | tuple[Counts, ...]:
        """Return one version, or those of a slice."""
        if isinstance(at, slice):
            return tuple(self[k] for k in range(len(self))[at])
        number = range(len(self))[at]
        found = self._made[number]
        if found is None:
            found = self._made[number] = self._make(number)
        return found


def versions_of(
    panels: Sequence[Panel], seed: int, redrawn: Sequence[tuple[Panel, ...]] = ()
) -> Versions:
    """Return the panels' counts under each draw of their lists' delays, and of the links between
    their records (`redrawn`, for each panel); none where neither is known."""
    others = redrawn or [()] * len(panels)
    if all(p.window.delay is None for p in panels) and not any(others):
        return Versions(0, lambda _: combine(()))
    delays = [
        None if p.window.delay is None else p.window.delay.draws(DELAY_DRAWS, seed) for p in panels
    ]

    def version(number: int) -> Counts:
        counts = []
        for panel, drawn, delay in zip(panels, others, delays, strict=True):
            other = drawn[number % len(drawn)] if drawn else panel
            found = other.counts if delay is None else other.counts_under(delay[number])
            counts.append(found if other is panel else other.laid_out_as(panel, found))
        return combine(tuple(counts))

    return Versions(DELAY_DRAWS, version)
