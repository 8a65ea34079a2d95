"""The cheapest arborescence of a directed graph (Chu and Liu 1965, Edmonds 1967)."""

from __future__ import annotations

from collections.abc import Mapping

Edges = Mapping[tuple[int, int], int]


def cheapest_parents(nodes: int, root: int, edges: Edges) -> dict[int, int]:
    """Return for each node but the root its parent in the tree of least total weight.

    `edges` maps (parent, child) to a weight; every node must be reachable from `root`. Among
    trees that weigh the same, the one whose parents have the smaller numbers is preferred at
    each node that is free to choose. Raises ValueError where a node has no edge into it.

    >>> cheapest_parents(3, 0, {(0, 1): 5, (0, 2): 5, (1, 2): 1, (2, 1): 1})
    {1: 0, 2: 1}
    """
    triples = [(p, c, w) for (p, c), w in sorted(edges.items()) if c != root and p != c]
    chosen = _solve(nodes, root, [(p, c, w, k) for k, (p, c, w) in enumerate(triples)])
    return {triples[k][1]: triples[k][0] for k in sorted(chosen, key=lambda k: triples[k][1])}


def _solve(nodes: int, root: int, edges: list[tuple[int, int, int, int]]) -> set[int]:
    """Return the numbers of the chosen edges; an edge is parent, child, weight, number."""
    best: dict[int, tuple[int, int, int, int]] = {}
    for edge in edges:
        if edge[1] not in best or edge[2] < best[edge[1]][2]:
            best[edge[1]] = edge
    if missing := set(range(nodes)) - {root} - set(best):
        raise ValueError(f"no edge leads to node {min(missing)}")
    cycle = _cycle(nodes, root, {c: e[0] for c, e in best.items()})
    if not cycle:
        return {e[3] for e in best.values()}
    places: dict[int, int] = {}
    for node in range(nodes):
        if node not in cycle:
            places[node] = len(places)
    merged = len(places)
    smaller = []
    into: dict[int, int] = {}
    for p, c, w, k in edges:
        inside_p, inside_c = p in cycle, c in cycle
        if inside_p and inside_c:
            continue
        if inside_c:
            smaller.append((places[p], merged, w - best[c][2], k))
            into[k] = c
        else:
            smaller.append((merged if inside_p else places[p], places[c], w, k))
    chosen = _solve(merged + 1, places[root], smaller)
    broken = next(into[k] for k in chosen if k in into)
    return chosen | {best[c][3] for c in cycle if c != broken}


def _cycle(nodes: int, root: int, parent: Mapping[int, int]) -> frozenset[int]:
    """Return the nodes of one cycle, none where there is no cycle."""
    state = [0] * nodes
    state[root] = 2
    for start in range(nodes):
        path = []
        node = start
        while state[node] == 0:
            state[node] = 1
            path.append(node)
            node = parent[node]
        if state[node] == 1:
            return frozenset(path[path.index(node) :])
        for done in path:
            state[done] = 2
    return frozenset()
