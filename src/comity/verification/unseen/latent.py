"""Hidden kinds of incident: each kind is caught by the lists in its own way, all lists apart within
it.

The Bayesian latent-class model of Manrique-Vallier (2016, Biometrics 72, 1246-1254; R package
LCMCR): a Dirichlet process mixture of independent lists, sticks broken up to `kinds`, the number of
incidents with prior 1/N, by Gibbs sampling. It carries dependence that comes from incidents being
unlike (loud ones are in every list), not dependence of one list on another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.verification.unseen.captures import Captures

Floats = NDArray[np.float64]
KINDS = 6
CHAINS, BURN, KEPT = 2, 1500, 4000
MOST_APART = 1.1  # of chains (R-hat) that still counts as settled
SHAPE, RATE = 0.25, 0.25  # of the gamma prior on how readily sticks break
LARGEST = 1e7  # unseen, beyond which a draw says nothing


@dataclass(frozen=True, slots=True)
class LatentClasses:
    """Draws of all publicly reported (S,), and how far apart the chains ended (R-hat, 1 is
    settled)."""

    totals: Floats
    apart: float

    @property
    def settled(self) -> bool:
        """Whether the chains agree."""
        return self.apart <= MOST_APART

    def total(self, level: float) -> tuple[float, float, float]:
        """Return (median, low, high), central at `level`."""
        tail = (1.0 - level) / 2.0
        return tuple(float(q) for q in np.quantile(self.totals, [0.5, tail, 1.0 - tail]))  # type: ignore[return-value]


def latent_classes(captures: Captures, seed: int = 0, kinds: int = KINDS) -> LatentClasses:
    """Return draws of the posterior. The same counts and seed give the same draws."""
    chains = np.array(
        [_chain(captures, np.random.default_rng([seed, n]), kinds) for n in range(CHAINS)]
    )
    logs = np.log(chains)
    halves = logs.reshape(2 * CHAINS, -1)
    within = halves.var(axis=1, ddof=1).mean()
    size = halves.shape[1]
    between = size * halves.mean(axis=1).var(ddof=1)
    pooled = (size - 1) / size * within + between / size
    return LatentClasses(chains.ravel(), float(np.sqrt(pooled / within)) if within > 0 else 1.0)


def _chain(captures: Captures, rng: np.random.Generator, kinds: int) -> Floats:
    patterns = np.array(list(captures.counts), dtype=float)
    counts = np.round(list(captures.counts.values())).astype(np.int64)
    seen, lists = int(counts.sum()), patterns.shape[1]
    reach = rng.beta(1.0, 2.0, (kinds, lists))
    share = np.full(kinds, 1.0 / kinds)
    alpha = 1.0
    kept = np.empty(KEPT)
    for step in range(BURN + KEPT):
        log_in, log_out = np.log(reach), np.log1p(-reach)
        chance = np.log(share) + patterns @ log_in.T + (1.0 - patterns) @ log_out.T
        chance = np.exp(chance - chance.max(axis=1, keepdims=True))
        where = rng.multinomial(counts, chance / chance.sum(axis=1, keepdims=True))
        hidden_by_kind = share * np.exp(log_out.sum(axis=1))
        missed = float(np.clip(hidden_by_kind.sum(), 1e-12, 1.0 - 1e-7))
        unseen = int(min(rng.negative_binomial(seen, 1.0 - missed), LARGEST))
        nowhere = rng.multinomial(unseen, hidden_by_kind / hidden_by_kind.sum())
        size = where.sum(axis=0) + nowhere
        caught = where.T @ patterns
        reach = np.clip(rng.beta(1.0 + caught, 1.0 + size[:, None] - caught), 1e-9, 1.0 - 1e-9)
        rest = size[::-1].cumsum()[::-1]
        stick = rng.beta(1.0 + size[:-1], alpha + rest[1:])
        stick = np.clip(stick, 1e-9, 1.0 - 1e-9)
        share = np.append(stick, 1.0) * np.append(1.0, np.cumprod(1.0 - stick))
        share = np.maximum(share, 1e-300)
        alpha = rng.gamma(SHAPE + kinds - 1, 1.0 / (RATE - np.log1p(-stick).sum()))
        if step >= BURN:
            kept[step - BURN] = seen + unseen
    return kept
