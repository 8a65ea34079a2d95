"""How many publicly reported incidents no list holds, as a range over how the lists depend on each
other.

Every estimate of the unseen rests on how lists depend, which their overlap cannot show in full:
with two lists not at all, with more up to their highest interaction. So the answer is the envelope
of what is defensible, not an average: for two lists the odds ratio between them over a stated
range; for more, lists apart, pairs chosen step by step, the graphs that the counts favour, hidden
kinds of incident, and all that with a dependence of all lists at once. Where those disagree
outright it is not identified.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import norm

from comity.errors import ModelError
from comity.verification.unseen.captures import Captures
from comity.verification.unseen.graphs import average_graphs
from comity.verification.unseen.latent import latent_classes
from comity.verification.unseen.loglinear import LogLinear, Pair, fit_loglinear, stepwise

ODDS = (0.5, 1.0, 2.0, 4.0)  # between two lists: rarely apart by design, often from one report
ALL_AT_ONCE = (0.5, 4.0)  # times what pairs explain: loud incidents in every list make it more
FEWEST_OVERLAP = 10.0  # incidents in two lists or more, below which nothing is said
GRAPH_WEIGHT = 0.05  # of a graph, against the weightiest, from which it counts as defensible
WIDEST = 10.0  # highest over lowest total, from which the range says nothing
MOST_AT_EDGE = 0.01  # weight of the graphs' posterior at the end of what was considered


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one defensible reading gives for all publicly reported: point and interval. `assumes`
    says in plain words what it takes for granted."""

    name: str
    assumes: str
    total: float
    low: float
    high: float
    shifted: bool = False  # another reading, moved by a dependence that the counts cannot show


@dataclass(frozen=True, slots=True)
class Unseen:
    """Publicly reported incidents that none of these lists holds: `low` to `high` over every
    reading.

    `seen` is how many some list holds, `overlap` how many two hold or more. Where `identified` is
    false the range says nothing, and `reasons` why; `warnings` say what to mind where it does.
    """

    lists: tuple[str, ...]
    seen: float
    overlap: float
    low: float
    high: float
    estimates: tuple[Estimate, ...]
    identified: bool
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def range(self) -> tuple[float, float]:
        """The least and the most of all publicly reported: seen and unseen."""
        return self.seen + self.low, self.seen + self.high


def bound_unseen(
    captures: Captures,
    level: float = 0.9,
    copies: Sequence[Pair] = (),
    seed: int = 0,
    kinds: bool = True,
) -> Unseen:
    """Return the range of what no list holds, at a level, and whether it says anything.

    `copies` are pairs of lists (by number) of which one is known to draw on the other: their
    dependence is left free in every model. `kinds` takes in hidden kinds of incident, which takes a
    second. The rule for "not identified" is written in docs/linking.md.
    """
    reasons = _too_thin(captures)
    warnings: list[str] = []
    if reasons:
        return _nothing(captures, reasons)
    estimates: list[Estimate] = []
    if len(captures.lists) == 2:
        if copies:
            return _nothing(
                captures, ["the two lists copy one another: their overlap tells nothing"]
            )
        estimates = _two_lists(captures, level)
    else:
        try:
            estimates, warnings = _more_lists(captures, level, tuple(copies), seed, kinds)
        except ModelError as error:
            return _nothing(captures, [str(error)])
    low = min(e.low for e in estimates)
    high = max(e.high for e in estimates)
    reasons = _says_nothing(estimates, low, high)
    return Unseen(
        captures.lists, captures.seen, captures.overlap, max(low - captures.seen, 0.0),
        high - captures.seen, tuple(estimates), not reasons, tuple(reasons), tuple(warnings),
    )  # fmt: skip


def _nothing(captures: Captures, reasons: Sequence[str]) -> Unseen:
    return Unseen(
        captures.lists,
        captures.seen,
        captures.overlap,
        0.0,
        math.inf,
        (),
        False,
        tuple(reasons),
        (),
    )


def _too_thin(captures: Captures) -> list[str]:
    """Return why the overlap is too small to say anything."""
    found = [
        f"{captures.lists[n]} holds no incident here"
        for n in range(len(captures.lists))
        if captures.held(n) == 0
    ]
    for i, j in captures.pairs():
        if captures.held(i) and captures.held(i) == captures.held(i, j) == captures.held(j):
            found.append(f"{captures.lists[i]} and {captures.lists[j]} hold the same incidents")
    if captures.overlap < FEWEST_OVERLAP:
        found.append(
            f"only {captures.overlap:.0f} incidents are in two lists or more "
            f"({FEWEST_OVERLAP:.0f} needed)"
        )
    return found


def _says_nothing(estimates: Sequence[Estimate], low: float, high: float) -> list[str]:
    """Return why the readings together say nothing."""
    found = []
    fitted = [e for e in estimates if not e.shifted]
    one, other = min(fitted, key=lambda e: e.high), max(fitted, key=lambda e: e.low)
    if one.high < other.low:
        found.append(
            f"defensible readings contradict each other: {one.name} gives at most {one.high:,.0f}, "
            f"{other.name} at least {other.low:,.0f}"
        )
    if high > WIDEST * low:
        found.append(f"the range is too wide to say anything ({low:,.0f} to {high:,.0f} in all)")
    return found


def _two_lists(captures: Captures, level: float) -> list[Estimate]:
    """Return the total at several odds ratios between two lists, each with its interval.

    With both = m, first only = b, second only = c the unseen are theta b c / m at odds ratio theta;
    the corrected form (m + 1) keeps small overlaps finite (Chapman 1951).
    """
    both = captures.counts.get((1, 1), 0.0)
    first, second = captures.counts.get((1, 0), 0.0), captures.counts.get((0, 1), 0.0)
    z = float(norm.ppf(0.5 + level / 2.0))
    se = math.sqrt(1.0 / (both + 1.0) + 1.0 / (first + 0.5) + 1.0 / (second + 0.5))
    found = []
    for odds in ODDS:
        hidden = odds * (first + 0.5) * (second + 0.5) / (both + 1.0)
        said = "as likely" if odds == 1 else f"{odds:.2g} times as likely (in odds)"
        found.append(Estimate(
            f"odds ratio {odds:.2g}",
            f"an incident in one list is {said} to be in the other",
            captures.seen + hidden, captures.seen + hidden * math.exp(-z * se),
            captures.seen + hidden * math.exp(z * se), odds != 1.0,
        ))  # fmt: skip
    return found


def _more_lists(
    captures: Captures, level: float, copies: tuple[Pair, ...], seed: int, kinds: bool
) -> tuple[list[Estimate], list[str]]:
    """Return every defensible reading of three lists or more, and what to mind."""
    warnings: list[str] = []
    plain = fit_loglinear(captures, copies)
    chosen = stepwise(captures, always=copies)
    found = [
        _of(plain, "lists apart", "lists hold incidents independently of each other"
            if not copies else "lists depend only where one copies the other", level),
    ]  # fmt: skip
    if chosen.pairs != plain.pairs:
        named = ", ".join(f"{captures.lists[i]} and {captures.lists[j]}" for i, j in chosen.pairs)
        found.append(_of(chosen, "pairs chosen", f"only these depend: {named}", level))
    graphs = average_graphs(captures, level)
    if graphs.edge > MOST_AT_EDGE:
        warnings.append("the graphs set no upper bound within what was considered")
    best = max((weight for _, weight, _ in graphs.by_graph), default=1.0)
    for (cliques, _), weight, (median, low, high) in graphs.by_graph:
        together = [sorted(c) for c in cliques if len(c) > 1]
        if weight < GRAPH_WEIGHT * best or not all(
            any({i, j} <= set(c) for c in together) for i, j in copies
        ):
            continue
        named = "; ".join(" with ".join(captures.lists[i] for i in c) for c in together)
        said = f"these depend: {named}" if named else "no list depends on another, by graphs"
        name = f"graph {named or 'without ties'}"
        found.append(Estimate(name, said, median, low, high))
    if kinds:
        latent = latent_classes(captures, seed)
        said = "incidents are of hidden kinds, each caught by the lists in its own way"
        if latent.settled:
            found.append(Estimate("hidden kinds", said, *latent.total(level)))
        else:
            warnings.append(f"the model of hidden kinds did not settle (R-hat {latent.apart:.2f})")
    middle = chosen if chosen.pairs else plain
    for factor in ALL_AT_ONCE:
        word = "more" if factor > 1 else "fewer"
        point, low, high = (
            captures.seen + factor * (t - captures.seen) for t in middle.total(level)
        )
        found.append(Estimate(
            f"all lists at once, {word}",
            f"no list holds {factor:.2g} times what pairs of lists explain", point, low, high, True,
        ))  # fmt: skip
    return found, warnings


def _of(model: LogLinear, name: str, assumes: str, level: float) -> Estimate:
    return Estimate(name, assumes, *model.total(level))
