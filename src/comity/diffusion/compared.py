"""Every pair of variants, feature by feature: what changed, what is missing, who was first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.diffusion.model import Clause, Order, Variant, order_of

LEAST_KNOWN = 0.5
MISSING = -1
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]
Costs = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Compared:
    """The variants that can be placed, in order of date, and how they differ.

    With n variants and f features: `own` (n, f) codes as read, `filled` (n, f) with what is
    missing read as in the text it is nearest to, both MISSING where nothing is known;
    `differs` (n, n, f) child, parent, feature: known on both sides and unlike; `missing` (n, n)
    features not known on both sides; `allowed` (n, n) child, parent: the parent is or may be
    earlier; `strangers` (n, n) no common party on record. `values` name the codes of a feature.
    """

    features: tuple[str, ...]
    variants: tuple[Variant, ...]
    values: tuple[tuple[str, ...], ...]
    own: Codes
    filled: Codes
    differs: Flags
    missing: Codes
    allowed: Flags
    strangers: Flags
    orders: dict[tuple[int, int], Order]

    def near(self) -> Flags:
        """Return (n, n) child, parent: allowed, and at most half of what is compared changed."""
        changed = self.differs.sum(axis=2)
        both = len(self.features) - self.missing
        found: Flags = self.allowed & (both > 0) & (2 * changed <= both)
        return found


def compare(
    clause: Clause, parties: Mapping[str, frozenset[str]]
) -> tuple[Compared, dict[str, str]]:
    """Return the comparison of a clause's variants, and those set aside with the reason.

    A variant of which fewer than half of the counted features are known is set aside. A missing
    feature is read as in the cheapest earlier text, going by date, so that knowing less of a
    text never makes it look nearer to a later one; what nobody earlier says stays missing.
    """
    features = tuple(clause.counted)
    aside: dict[str, str] = {}
    kept: list[tuple[Variant, dict[str, str]]] = []
    for variant in clause.variants:
        coded = clause.coded(variant)
        if len(coded) < LEAST_KNOWN * len(features):
            aside[variant.instrument] = f"{len(coded)} of {len(features)} features known"
        else:
            kept.append((variant, coded))
    variants = tuple(v for v, _ in kept)
    values = tuple(tuple(sorted({c[f] for _, c in kept if f in c})) for f in features)
    own = np.full((len(kept), len(features)), MISSING)
    for row, (_, coded) in enumerate(kept):
        for column, name in enumerate(features):
            if name in coded:
                own[row, column] = values[column].index(coded[name])
    orders, allowed = _orders(variants)
    filled = _filled(own, allowed)
    known = (own[:, None, :] != MISSING) & (filled[None, :, :] != MISSING)
    differs = known & (own[:, None, :] != filled[None, :, :])
    missing = (~known).sum(axis=2)
    return Compared(
        features, variants, values, own, filled, differs, missing, allowed,
        _strangers(variants, parties), orders,
    ), aside  # fmt: skip


def _strangers(variants: tuple[Variant, ...], parties: Mapping[str, frozenset[str]]) -> Flags:
    """Return (n, n) whether two instruments have no party in common on record."""
    who = [parties.get(v.instrument, frozenset()) for v in variants]
    return np.array([[not (a & b) for b in who] for a in who], dtype=bool)


def _orders(variants: tuple[Variant, ...]) -> tuple[dict[tuple[int, int], Order], Flags]:
    """Return the order of each pair (parent, child), and (child, parent) where it is allowed."""
    n = len(variants)
    orders = {
        (p, c): order_of(variants[p].date, variants[c].date)
        for p in range(n)
        for c in range(n)
        if p != c
    }
    allowed = np.zeros((n, n), dtype=bool)
    for (p, c), order in orders.items():
        allowed[c, p] = order is not Order.NOT
    return orders, allowed


def _filled(own: Codes, allowed: Flags) -> Codes:
    """Return the codes with what is missing taken from the cheapest text before it in the order."""
    filled = own.copy()
    for row in range(len(own)):
        before = np.flatnonzero(allowed[row, :row])
        if not len(before) or (own[row] != MISSING).all():
            continue
        known = (own[row] != MISSING) & (filled[before] != MISSING)
        changed = (known & (filled[before] != own[row])).sum(axis=1)
        nearest = before[np.lexsort((before, -known.sum(axis=1), changed))[0]]
        gaps = own[row] == MISSING
        filled[row, gaps] = filled[nearest, gaps]
    return filled
