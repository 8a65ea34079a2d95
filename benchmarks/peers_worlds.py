"""Panels for `peers.py`: seven conditions in which the true change is known.

Cells of the shipped list's size (60, 60, 80, 220 incidents expected over 60 quarters, 2006 to 2020,
agreement at 2015-Q4) unless a condition says otherwise. From the agreement on cell A runs at a
constant share of what it would have been, and nothing else about the pair changes: jump, net change
over any span, ratio of averages and relative effect are then one and the same number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.verification.counts import Counts
from comity.verification.delay_windows import DelayData
from comity.verification.grid import build_grid
from comity.verification.simulate import DCID_SIZE, year_patterns

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

T, ONSET = 60, 39
CELLS = ("A", "B", "C", "D")
EFFECTS = {"no effect": 1.0, "-50 %": 0.5, "-75 %": 0.25}
EDGES = build_grid(dt.date(2006, 1, 1), dt.date(2020, 12, 31), 3, 0).edges
CLOSED_ON = int(EDGES[-1]) - 1
DELAY_MEDIAN, DELAY_SPREAD = 540.0, 1.0  # days, and of log days
COARSE = 0.3
TIMES = 4.0  # how far attention to everything grows over the 60 quarters
TURN = 2.0  # how far attention to one state rises around the agreement
DRIFT = {"s": 0.15, "i": 0.08, "r": 0.08}  # sd of a quarter's step


@dataclass(frozen=True, slots=True)
class Panel:
    """One simulated list. `printed` (4, T) counts starts by the quarter that the list prints, a
    year-only date as its 1 January; `counts` is the same as Comity reads it; `delays` holds both
    dates of every incident where reports are late, and nothing else knows of them."""

    printed: Floats
    counts: Counts
    delays: DelayData | None
    truth: float  # log of the true rate ratio


def _flat(random: np.random.Generator) -> Floats:
    """Attention stays as it is."""
    return np.zeros((4, T))


def _growing(random: np.random.Generator) -> Floats:
    """Attention to everything grows steadily, fourfold in all."""
    return np.tile(np.linspace(0.0, np.log(TIMES), T), (4, 1))


def _turn(cells: tuple[str, ...]) -> Floats:
    """Attention to some cells doubles from a year before the agreement to a year after it."""
    rise = np.interp(np.arange(T), [ONSET - 4, ONSET + 4], [0.0, np.log(TURN)])
    return np.array([rise if cell in cells else np.zeros(T) for cell in CELLS])


def _initiator(random: np.random.Generator) -> Floats:
    """Attention turns to the initiator, towards everyone."""
    return _turn(("A", "B"))


def _receiver(random: np.random.Generator) -> Floats:
    """Attention turns to the receiver, from everyone."""
    return _turn(("A", "C"))


def _drifting(random: np.random.Generator) -> Floats:
    """Attention to everything, to the initiator and to the receiver wanders; the pair does not."""
    s, i, r = (np.cumsum(sd * random.standard_normal(T)) for sd in DRIFT.values())
    return np.array([s + i + r, s + i, s + r, s])


CONDITIONS: dict[str, Callable[[np.random.Generator], Floats]] = {
    "flat": _flat,
    "growing": _growing,
    "to the initiator": _initiator,
    "to the receiver": _receiver,
    "not yet reported": _flat,
    "coarse dates": _flat,
    "wandering": _drifting,
}


def rates(condition: str, ratio: float, random: np.random.Generator) -> Floats:
    """Return expected starts by quarter (4, T); without an effect each cell's add up to its size
    wherever attention grows or wanders."""
    path = np.exp(CONDITIONS[condition](random))
    size = np.array(DCID_SIZE)[:, None]
    if condition in ("growing", "wandering"):
        path = path / path.mean(axis=1, keepdims=True)
    rate = size / T * path
    rate[0, ONSET:] *= ratio
    return np.asarray(rate)


def simulate(condition: str, ratio: float, seed: int) -> Panel:
    """Draw one panel; the same seed gives the same panel."""
    random = np.random.default_rng([list(CONDITIONS).index(condition), seed])
    n = random.poisson(rates(condition, ratio, random))
    truth = float(np.log(ratio))
    none = np.zeros(0, dtype=np.int64)
    if condition == "not yet reported":
        n, delays = _reported(n, random)
        y = n.astype(float)
        counts = Counts(CELLS, np.ones((4, T)), y, none, none, np.zeros((0, 1)), np.zeros(0))
        return Panel(y, counts, delays, truth)
    share = COARSE if condition == "coarse dates" else 0.0
    y, group, first, many = year_patterns(n, share, random)
    counts = Counts(CELLS, np.ones((4, T)), y, group, first, np.ones((len(group), 4)), many)
    printed = y.copy()
    np.add.at(printed, (group, first), many)
    return Panel(printed, counts, None, truth)


def _reported(n: Ints, random: np.random.Generator) -> tuple[Ints, DelayData]:
    """Return what was reported by the closing day of starts (4, T), and both dates of each."""
    cell, quarter = np.nonzero(n)
    many = n[cell, quarter]
    cell, quarter = np.repeat(cell, many), np.repeat(quarter, many)
    start = EDGES[quarter] + random.random(len(quarter)) * np.diff(EDGES)[quarter]
    wait = np.exp(np.log(DELAY_MEDIAN) + DELAY_SPREAD * random.standard_normal(len(quarter)))
    begun, told = np.floor(start).astype(np.int64), np.floor(start + wait).astype(np.int64)
    seen = told <= CLOSED_ON
    listed = np.zeros_like(n)
    np.add.at(listed, (cell[seen], quarter[seen]), 1)
    begun, told = begun[seen], told[seen]
    return listed, DelayData(begun, begun, told, told, CLOSED_ON, np.ones(len(begun)))
