"""The cheapest tree, against every tree of small graphs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from comity.diffusion.arborescence import cheapest_parents


def cheapest_of_all(nodes: int, edges: dict[tuple[int, int], int]) -> int:
    """Return the weight of the best tree from node 0, by trying every choice of parents."""
    best = 10**9
    for choice in itertools.product(range(nodes), repeat=nodes - 1):
        parents = dict(zip(range(1, nodes), choice, strict=True))
        if any((p, c) not in edges for c, p in parents.items()):
            continue
        if all(_reaches_root(node, parents) for node in parents):
            best = min(best, sum(edges[p, c] for c, p in parents.items()))
    return best


def _reaches_root(node: int, parents: dict[int, int]) -> bool:
    for _ in range(len(parents) + 1):
        if node == 0:
            return True
        node = parents[node]
    return False


@pytest.mark.parametrize("seed", range(40))
def test_no_tree_of_a_small_graph_is_cheaper(seed: int) -> None:
    rng = np.random.default_rng(seed)
    nodes = int(rng.integers(2, 6))
    edges = {(0, c): int(rng.integers(0, 30)) for c in range(1, nodes)}
    for p, c in itertools.permutations(range(1, nodes), 2):
        if rng.random() < 0.8:
            edges[p, c] = int(rng.integers(0, 12))
    parents = cheapest_parents(nodes, 0, edges)
    assert set(parents) == set(range(1, nodes))
    assert all(_reaches_root(node, parents) for node in parents)
    assert sum(edges[p, c] for c, p in parents.items()) == cheapest_of_all(nodes, edges)


def test_a_circle_of_free_edges_is_broken_at_its_cheapest_entry() -> None:
    edges = {(0, 1): 9, (0, 2): 4, (0, 3): 9, (1, 2): 0, (2, 3): 0, (3, 1): 0}
    assert cheapest_parents(4, 0, edges) == {1: 3, 2: 0, 3: 2}


def test_a_node_nothing_leads_to_is_an_error() -> None:
    with pytest.raises(ValueError, match="no edge leads to node 2"):
        cheapest_parents(3, 0, {(0, 1): 1})
