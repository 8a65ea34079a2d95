"""The most parsimonious tree, in time, of who may have taken a clause's wording from whom.

Every instrument takes from an earlier one, or from one that may be earlier by its imprecise date,
at the least number of changed features. The tree is the minimum arborescence over these edges.
Among parents that need equally few changes (all are shown as ties) the tree takes the one with
most features known, then one with a party in common, who had it in hand, then the earliest, who
said it first. An instrument that would have to change over half of what is compared is its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from comity.diffusion.arborescence import cheapest_parents
from comity.diffusion.compared import MISSING, Compared, compare
from comity.diffusion.mixture import Mixing, mixture_of
from comity.diffusion.model import Clause, Descent, FeatureChange, Lineage, Mixture, Order
from comity.errors import LineageError
from comity.saying import say

RESAMPLES = 1000
OWN_WORDS = 10**12
PER_CHANGE, PER_MISSING, PER_STRANGER = 10**8, 10**5, 10**4


def trace_clause(
    clause: Clause,
    parties: Mapping[str, frozenset[str]] | None = None,
    links: Mapping[str, tuple[tuple[str, str], ...]] | None = None,
    seed: int = 1,
    resamples: int = RESAMPLES,
) -> Lineage:
    """Return the tree of a clause with support, ties and mixed texts; the same for a seed.

    `parties` are the countries of each instrument: among parents equally near, they only choose
    which one is drawn. `links` are what the register says each takes up, shown beside the tree.

    Raises LineageError where fewer than two instruments can be placed.
    """
    compared, aside = compare(clause, parties or {})
    if len(compared.variants) < 2:
        raise LineageError(
            f"The wording of {clause.name} is known well enough for {len(compared.variants)} "
            "instruments; a tree needs two."
        )
    parents = _parents(compared)
    rng = np.random.default_rng(seed)
    weights = _resampled(len(compared.features), resamples, rng)
    mixing = Mixing(compared, parents, weights, rng)
    descents = (
        _descent(compared, child, parents, weights, mixture_of(mixing, child))
        for child in range(len(compared.variants))
    )
    here = {v.instrument for v in clause.variants}
    record = {k: tuple(t for t in v if t[1] in here) for k, v in (links or {}).items()}
    told = tuple(replace(d, on_record=record.get(d.instrument, ())) for d in descents)
    return Lineage(clause, told, aside, resamples)


def _parents(compared: Compared) -> dict[int, int]:
    """Return the parent of each variant by number; its own number where the wording is its own."""
    n = len(compared.variants)
    near = compared.near()
    changed = compared.differs.sum(axis=2)
    edges = {(n, child): OWN_WORDS for child in range(n)}
    for child, parent in zip(*np.nonzero(near), strict=True):
        weight = PER_CHANGE * changed[child, parent] + PER_MISSING * compared.missing[child, parent]
        weight += PER_STRANGER * compared.strangers[child, parent] + parent
        edges[int(parent), int(child)] = int(weight)
    chosen = cheapest_parents(n + 1, n, edges)
    return {child: child if parent == n else parent for child, parent in chosen.items()}


def _resampled(features: int, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Return (resamples, features): how often each feature was drawn, with replacement."""
    return rng.multinomial(features, np.full(features, 1 / features), size=resamples)


def _descent(
    compared: Compared,
    child: int,
    parents: dict[int, int],
    weights: np.ndarray,
    mixture: Mixture | None,
) -> Descent:
    """Return where one instrument stands."""
    variant, parent = compared.variants[child], parents[child]
    own = parent == child
    near = np.flatnonzero(compared.near()[child])
    known = int((compared.own[child] != MISSING).sum())
    votes = _votes(compared, child, near, weights)
    alike = (compared.filled[near] == compared.filled[parent]).all(axis=1)
    changed = compared.differs[child].sum(axis=1)
    ties = () if own else [p for p in near if p != parent and changed[p] == changed[parent]]
    return Descent(
        instrument=variant.instrument,
        date=variant.date,
        parent="" if own else compared.variants[parent].instrument,
        reason=_own_reason(compared, child) if own else "",
        order=Order.NOT if own else compared.orders[parent, child],
        changes=() if own else _changes(compared, child, parent),
        compared=0 if own else len(compared.features) - int(compared.missing[child, parent]),
        known=known,
        ties=tuple(compared.variants[p].instrument for p in ties),
        support=0.0 if own else float(votes[near == parent].sum()),
        wording_support=0.0 if own else float(votes[alike].sum()),
        rests_on=() if own else _rests_on(compared, child, parent, near),
        mixture=None if own else mixture,
        sources=variant.sources,
        status=variant.status,
        candidates=len(near),
    )


def _own_reason(compared: Compared, child: int) -> str:
    """Say why an instrument has no parent."""
    if not compared.allowed[child].any():
        return say("lineage.none_earlier")
    if compared.near()[child].any():
        return say("lineage.maybe_later")
    return say("lineage.far")


def _changes(compared: Compared, child: int, parent: int) -> tuple[FeatureChange, ...]:
    """Return the features a child changed, in the order of the table."""
    return tuple(
        FeatureChange(
            compared.features[f],
            compared.values[f][compared.filled[parent, f]],
            compared.values[f][compared.own[child, f]],
        )
        for f in np.flatnonzero(compared.differs[child, parent])
    )


def _votes(compared: Compared, child: int, near: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the share of resamples each near parent is cheapest in; ties share a vote."""
    if not len(near):
        return np.zeros(0)
    costs = weights @ compared.differs[child, near].T.astype(float)
    cheapest = costs == costs.min(axis=1, keepdims=True)
    votes: np.ndarray = (cheapest / cheapest.sum(axis=1, keepdims=True)).mean(axis=0)
    return votes


def _rests_on(compared: Compared, child: int, parent: int, near: np.ndarray) -> tuple[str, ...]:
    """Return the features without any one of which another parent would be cheaper."""
    found = []
    for f, name in enumerate(compared.features):
        costs = np.delete(compared.differs[child], f, axis=1).sum(axis=1)
        if costs[near].min() < costs[parent]:
            found.append(name)
    return tuple(found)
