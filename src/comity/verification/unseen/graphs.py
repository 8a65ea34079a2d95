"""Averaging over decomposable graphs: which lists depend on which, weighed by the counts.

Madigan and York (1997, Biometrika 84, 19-31): lists are the nodes, a hyper-Dirichlet prior with
`delta` a cell on the patterns' probabilities, and 1/N on how many there are in all. For a
decomposable graph the marginal likelihood of every N is a product over cliques, divided by one over
separators, so that the posterior is exact on a grid. Averaging over graphs is no identification:
what it leaves out (dependence among all lists at once, the complete graph) the data cannot show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from comity.verification.unseen.captures import Captures

Floats = NDArray[np.float64]
Clique = frozenset[int]
Graph = tuple[tuple[Clique, ...], tuple[Clique, ...]]  # cliques and separators
POINTS = 1200  # of the grid
FURTHEST = 40.0  # unseen considered, times the seen


@dataclass(frozen=True, slots=True)
class GraphAverage:
    """The posterior of all publicly reported. `totals` (T,) is the grid, `density` (T,) its
    weights, `by_graph` each graph's weight with its own (median, low, high) at the level asked."""

    totals: Floats
    density: Floats
    by_graph: tuple[tuple[Graph, float, tuple[float, float, float]], ...]

    def quantile(self, p: float) -> float:
        """Return a quantile of the total."""
        return _quantile(self.totals, self.density, p)

    @property
    def edge(self) -> float:
        """The weight on the last hundredth of the grid: above a little, the data set no bound."""
        return float(self.density[-max(POINTS // 100, 1) :].sum())


def _quantile(grid: Floats, weights: Floats, p: float) -> float:
    return float(grid[min(int(np.searchsorted(np.cumsum(weights), p)), len(grid) - 1)])


@lru_cache(maxsize=8)
def decomposable_graphs(lists: int) -> tuple[Graph, ...]:
    """Return every decomposable graph on so many nodes with its cliques and separators: 2, 8, 61,
    822 and 18,154 of them for 2 to 6 nodes."""
    pairs = list(combinations(range(lists), 2))
    found = []
    for bits in range(1 << len(pairs)):
        near: list[int] = [0] * lists
        for k, (i, j) in enumerate(pairs):
            if bits >> k & 1:
                near[i] |= 1 << j
                near[j] |= 1 << i
        graph = _decompose(near)
        if graph is not None:
            found.append(graph)
    return tuple(found)


def _decompose(near: list[int]) -> Graph | None:
    """Return cliques and separators, or None where the graph is not chordal.

    Maximum cardinality search (Tarjan and Yannakakis 1984): in its order each node's numbered
    neighbours are a clique exactly where the graph is chordal.
    """
    size = len(near)
    numbered = 0
    order: list[int] = []
    earlier: list[int] = []
    while len(order) < size:
        node = max(
            (n for n in range(size) if not numbered >> n & 1),
            key=lambda n: (near[n] & numbered).bit_count(),
        )
        before = near[node] & numbered
        rest = before
        while rest:
            low = rest & -rest
            if (before & ~low) & ~near[low.bit_length() - 1]:
                return None
            rest ^= low
        order.append(node)
        earlier.append(before)
        numbered |= 1 << node
    cliques: list[int] = []
    separators: list[int] = []
    current = 0
    for node, before in zip(order, earlier, strict=True):
        if before == current or not cliques:
            current = before | 1 << node
            if cliques:
                cliques[-1] = current
            else:
                cliques.append(current)
        else:
            separators.append(before)
            current = before | 1 << node
            cliques.append(current)
    return (
        tuple(frozenset(_bits(c)) for c in cliques),
        tuple(frozenset(_bits(s)) for s in separators if s),
    )


def _bits(number: int) -> Iterator[int]:
    while number:
        low = number & -number
        yield low.bit_length() - 1
        number ^= low


def average_graphs(
    captures: Captures,
    level: float = 0.9,
    delta: float | None = None,
    unseen: Floats | None = None,
) -> GraphAverage:
    """Return the posterior averaged over every decomposable graph but the complete one.

    `delta` is the prior's weight of a pattern, in incidents; by default all patterns together weigh
    one, which leaves sparse counts of many lists to speak. `unseen` is the grid of how many no list
    holds (even steps in N, INCLUSIVE of its ends); by default it goes to FURTHEST times the seen in
    geometric steps, each weighed by its width.
    """
    seen = captures.seen
    if unseen is None:
        top = max(FURTHEST * seen, 50.0)
        steps = np.expm1(np.linspace(0.0, np.log1p(top), POINTS))
        hidden: Floats = np.unique(np.round(steps)).astype(np.float64)
        width: Floats = np.asarray(np.gradient(hidden), dtype=np.float64)
    else:
        hidden, width = np.asarray(unseen, dtype=np.float64), np.ones(len(unseen))
    totals: Floats = seen + hidden
    lists = len(captures.lists)
    delta = 2.0**-lists if delta is None else delta
    parts = {
        nodes: _marginal(captures, nodes, hidden, delta)
        for size in range(1, lists + 1)
        for nodes in map(frozenset, combinations(range(lists), size))
    }
    whole = delta * 2.0**lists
    anchor = gammaln(whole) - gammaln(totals + whole)
    base = gammaln(totals + 1.0) - gammaln(hidden + 1.0) - np.log(totals) + np.log(width)
    graphs = tuple(g for g in decomposable_graphs(lists) if len(g[0][0]) < lists)
    logs = np.empty((len(graphs), len(hidden)))
    for row, (cliques, separators) in enumerate(graphs):
        found = sum(parts[c] for c in cliques) - sum((parts[s] for s in separators), np.zeros(1))
        logs[row] = found + (len(cliques) - len(separators)) * anchor + base
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    by_graph = weights.sum(axis=1)
    tail = (1.0 - level) / 2.0
    told = tuple(
        (graphs[k], float(by_graph[k]), tuple(
            _quantile(totals, weights[k] / by_graph[k], p) for p in (0.5, tail, 1.0 - tail)
        ))
        for k in np.argsort(-by_graph)
        if by_graph[k] > 1e-6
    )  # fmt: skip
    return GraphAverage(totals, weights.sum(axis=0), told)  # type: ignore[arg-type]


def _marginal(captures: Captures, nodes: frozenset[int], hidden: Floats, delta: float) -> Floats:
    """Return the log Dirichlet factor of a marginal table, for every number of unseen."""
    order = sorted(nodes)
    prior = delta * 2.0 ** (len(captures.lists) - len(order))
    counts: dict[tuple[int, ...], float] = {}
    for pattern, n in captures.counts.items():
        key = tuple(pattern[i] for i in order)
        counts[key] = counts.get(key, 0.0) + n
    none = counts.pop((0,) * len(order), 0.0)
    fixed = sum(gammaln(n + prior) - gammaln(prior) for n in counts.values())
    found: Floats = fixed + gammaln(none + hidden + prior) - gammaln(prior)
    return found
