"""Who follows whom: the network that best explains in what order parties took things up.

The greedy algorithm of Gomez-Rodriguez, Leskovec and Krause (2012, "Inferring networks of diffusion
and influence", ACM TKDD 5:21), in the form with an exponential delay: a party is infected by the
best of the parties before it to which an edge leads, with density rate * exp(-rate * delay), or by
something outside with the tiny chance `epsilon`. An edge's gain is what it adds to the log chance
of all cascades. Parties that take something up together (members of one grouping) do not infect
each other: their delay is zero.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from comity.errors import AdoptionError

EPSILON = 1e-64
FEWEST = 5  # cascades in which an edge must have its parties in this order to be told at all
DRAWS = 500
HEADER = ("cascade", "node", "time")


@dataclass(frozen=True, slots=True)
class Cascade:
    """One thing taken up: (time, party) by time, each party once; times in any one unit."""

    name: str
    events: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """`target` follows `source`: in how many cascades it can, what that explains, how long it took.

    `support` is the share of bootstrap draws of the cascades in which the edge was found again.
    """

    source: str
    target: str
    cascades: int
    gain: float
    median_delay: float
    mean_delay: float
    support: float | None


@dataclass(frozen=True, slots=True)
class Network:
    """The edges found, by gain; `reason` says why none is told where that is so."""

    cascades: int
    parties: int
    rate: float
    edges: tuple[Edge, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Every ordered pair within a cascade: edge, cascade, (cascade, target), delay and the target's
    time, aligned."""

    edges: tuple[tuple[str, str], ...]
    edge: NDArray[np.intp]
    cascade: NDArray[np.intp]
    slot: NDArray[np.intp]
    delay: NDArray[np.float64]
    at: NDArray[np.float64]
    slots: int


def read_cascades(path: Path) -> tuple[Cascade, ...]:
    """Return the cascades of a file with the columns cascade, node, time.

    Raises AdoptionError with every line that is wrong.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise AdoptionError(f"{path} cannot be read: {error}") from error
    if not rows or tuple(c.strip() for c in rows[0]) != HEADER:
        raise AdoptionError(f"{path}: the header must be {', '.join(HEADER)}.")
    found: dict[str, list[tuple[float, str]]] = {}
    problems = []
    for number, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        try:
            name, node, time = row
            at = float(time)
            if not math.isfinite(at) or not name or not node:
                raise ValueError
        except ValueError:
            problems.append(f"line {number}: a cascade, a node and a number are needed, not {row}")
            continue
        if any(node == earlier for _, earlier in found.setdefault(name, [])):
            problems.append(f"line {number}: {node} is in cascade {name} twice")
        found[name].append((at, node))
    if problems:
        raise AdoptionError(f"{path}:\n" + "\n".join(problems))
    return tuple(Cascade(name, tuple(sorted(events))) for name, events in found.items())


def infer_network(
    cascades: Sequence[Cascade],
    edges: int | None = None,
    rate: float | None = None,
    *,
    epsilon: float = EPSILON,
    fewest: int = FEWEST,
    draws: int = 0,
    seed: int = 1,
    calendar: bool = False,
) -> Network:
    """Return the edges that explain the cascades best, greedily, at most `edges` of them.

    `rate` is that of the exponential delay, per unit of the cascades' time; without one, the
    inverse of the mean delay between consecutive adoptions. An edge is told only where its parties
    come in this order in `fewest` cascades; `draws` bootstrap draws of the cascades give each
    edge's support. Cascades with the same parties at the same times count once: they are one
    occasion. `calendar` says that times are dates: what a party takes up on one day in several
    cascades is then one occasion of following and not several. Raises AdoptionError for a rate or
    epsilon that is none.
    """
    if rate is not None and not rate > 0:
        raise AdoptionError(f"The rate must be a positive number, not {rate}.")
    if not 0 < epsilon < 1:
        raise AdoptionError(f"epsilon must lie between 0 and 1, not {epsilon}.")
    distinct = tuple(_distinct(cascades))
    parties = len({p for c in distinct for _, p in c.events})
    chosen_rate = rate if rate is not None else _rate(distinct)
    pairs = _pairs(distinct)
    counts = np.bincount(pairs.edge, minlength=len(pairs.edges))
    if calendar:
        counts = _occasions(pairs)
    if not len(counts) or counts.max() < fewest:
        most = int(counts.max()) if len(counts) else 0
        return Network(
            len(distinct), parties, chosen_rate, (),
            f"too few {'occasions' if calendar else 'cascades'}: no party follows another on more "
            f"than {most}, in {len(distinct)} distinct cascades, and {fewest} are asked for",
        )  # fmt: skip
    allowed = counts >= fewest
    once = np.ones(len(distinct))
    found = _greedy(pairs, chosen_rate, epsilon, once, allowed, edges)
    support = _support(pairs, chosen_rate, epsilon, len(distinct), allowed, found, draws, seed)
    told = []
    for number, gain in found:
        delays = pairs.delay[pairs.edge == number]
        source, target = pairs.edges[number]
        told.append(
            Edge(
                source, target, int(counts[number]), gain, float(np.median(delays)),
                float(np.mean(delays)), support.get(number),
            )
        )  # fmt: skip
    return Network(len(distinct), parties, chosen_rate, tuple(told), "")


def _distinct(cascades: Iterable[Cascade]) -> Iterable[Cascade]:
    seen = set()
    for cascade in cascades:
        if cascade.events not in seen:
            seen.add(cascade.events)
            yield cascade


def _rate(cascades: Sequence[Cascade]) -> float:
    gaps = [
        b - a for c in cascades
        for (a, _), (b, _) in pairwise(c.events) if b > a
    ]  # fmt: skip
    return 1 / float(np.mean(gaps)) if gaps else 1.0


def _pairs(cascades: Sequence[Cascade]) -> _Pairs:
    numbers: dict[tuple[str, str], int] = {}
    edge, cascade, slot, delay, when = [], [], [], [], []
    slots = 0
    for number, c in enumerate(cascades):
        for place, (at, target) in enumerate(c.events):
            for earlier, source in c.events[:place]:
                if earlier < at:
                    edge.append(numbers.setdefault((source, target), len(numbers)))
                    cascade.append(number)
                    slot.append(slots)
                    delay.append(at - earlier)
                    when.append(at)
            slots += 1
    return _Pairs(
        tuple(numbers), np.array(edge, dtype=np.intp), np.array(cascade, dtype=np.intp),
        np.array(slot, dtype=np.intp), np.array(delay, dtype=np.float64),
        np.array(when, dtype=np.float64), slots,
    )  # fmt: skip


def _occasions(pairs: _Pairs) -> NDArray[np.intp]:
    """Return on how many days each edge's target took anything up after its source."""
    days = {(int(e), float(t)) for e, t in zip(pairs.edge, pairs.at, strict=True)}
    counts = np.zeros(len(pairs.edges), dtype=np.intp)
    for number, _ in days:
        counts[number] += 1
    return counts


def _greedy(
    pairs: _Pairs,
    rate: float,
    epsilon: float,
    weights: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    edges: int | None,
) -> list[tuple[int, float]]:
    """Return (edge, gain) in the order in which the greedy choice takes them."""
    score = math.log(rate) - rate * pairs.delay
    best = np.full(pairs.slots, math.log(epsilon))
    free = allowed.copy()
    found: list[tuple[int, float]] = []
    while free.any() and (edges is None or len(found) < edges):
        worth = np.maximum(score - best[pairs.slot], 0) * weights[pairs.cascade]
        gains = np.where(free, np.bincount(pairs.edge, worth, minlength=len(pairs.edges)), -1.0)
        number = int(gains.argmax())
        if gains[number] <= 0:
            break
        found.append((number, float(gains[number])))
        free[number] = False
        mine = pairs.edge == number
        np.maximum.at(best, pairs.slot[mine], score[mine])
    return found


def _support(
    pairs: _Pairs,
    rate: float,
    epsilon: float,
    cascades: int,
    allowed: NDArray[np.bool_],
    found: Sequence[tuple[int, float]],
    draws: int,
    seed: int,
) -> Mapping[int, float]:
    """Return the share of draws of the cascades, with replacement, that find each edge again."""
    if not draws:
        return {}
    rng = np.random.default_rng(seed)
    again = dict.fromkeys((number for number, _ in found), 0)
    for _ in range(draws):
        weights = rng.multinomial(cascades, np.full(cascades, 1 / cascades)).astype(float)
        for number, _gain in _greedy(pairs, rate, epsilon, weights, allowed, len(found)):
            if number in again:
                again[number] += 1
    return {number: count / draws for number, count in again.items()}
