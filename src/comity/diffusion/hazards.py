"""What makes it likelier that a state takes a norm up: an event-history model with intervals.

A proportional-hazards model on calendar time, one stratum a norm (so every norm has its own
baseline): each state is at risk from the day a norm was first stated until it takes it up. States
that take a norm up in one instrument do so together, so instruments and not states are the sample:
intervals are from the jackknife that leaves out one occasion at a time (its states count as not at
risk), and with fewer occasions than FEWEST nothing is told.
"""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from comity.countries import groupings, members, region_of
from comity.diffusion.adoption import Adoption, first_adoptions
from comity.diffusion.cox import fit_cox
from comity.diffusion.votes import VoteMap
from comity.special import t_quantile

FEWEST = 8  # occasions on which somebody took a norm up
COVARIATES: Mapping[str, str] = {
    "region": "share of its region that had taken it up, per 10 points",
    "position": "one standard deviation to the right on the axis of votes",
    "groups": "one more grouping it is a member of",
}
PENALTY = 0.01
LEVEL = 0.9


@dataclass(frozen=True, slots=True)
class Effect:
    """How the rate of taking up changes: a ratio of rates with its interval."""

    name: str
    words: str
    ratio: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Hazards:
    """The model over some norms; `reason` says why nothing is told where that is so."""

    norms: tuple[str, ...]
    adoptions: int
    occasions: int
    effects: tuple[Effect, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class _Spell:
    norm: str
    country: str
    start: int
    stop: int
    took_up: bool
    occasion: str
    values: tuple[float, ...]


def fit_hazards(
    adoptions: Mapping[str, Sequence[Adoption]], votes: VoteMap, day: dt.date
) -> Hazards:
    """Return what goes with taking norms up earlier. `adoptions` are by norm.

    Raises AdoptionError where states or their values are too alike for a single best fit.
    """
    spells: list[_Spell] = []
    for norm, rows in adoptions.items():
        spells += _spells(norm, rows, votes, day)
    occasions = sorted({s.occasion for s in spells if s.took_up})
    took = sum(s.took_up for s in spells)
    names = tuple(adoptions)
    if len(occasions) < FEWEST:
        return Hazards(
            names, took, len(occasions), (),
            f"too few occasions: states took the norms up on {len(occasions)}, and {FEWEST} are "
            "asked for",
        )  # fmt: skip
    whole = _fit(spells)
    without = [
        _fit([s for s in spells if (s.norm, s.country) not in left])
        for o in occasions
        if (left := {(s.norm, s.country) for s in spells if s.took_up and s.occasion == o})
    ]
    effects = []
    for k, (name, words) in enumerate(COVARIATES.items()):
        values = [w[k] for w in without]
        n = len(values)
        mean = sum(values) / n
        error = math.sqrt((n - 1) / n * sum((v - mean) ** 2 for v in values))
        wide = t_quantile(0.5 + LEVEL / 2, n - 1) * error
        effects.append(
            Effect(
                name, words, math.exp(whole[k]), math.exp(whole[k] - wide),
                math.exp(whole[k] + wide),
            )
        )  # fmt: skip
    return Hazards(names, took, len(occasions), tuple(effects), "")


def _spells(norm: str, rows: Sequence[Adoption], votes: VoteMap, day: dt.date) -> list[_Spell]:
    """Return each state's time at risk, cut on every day on which some state took the norm up."""
    first = {c: a for c, a in first_adoptions(tuple(rows)).items() if a.day <= day}
    if not first:
        return []
    start = min(a.day for a in first.values())
    days = sorted({a.day for a in first.values()})
    cuts = [start - dt.timedelta(days=1), *days, *([day] if day > days[-1] else [])]
    regions: dict[str, list[str]] = {}
    for s in votes.states:
        regions.setdefault(region_of(s.country), []).append(s.country)
    spread = _spread([s.position for s in votes.states])
    found = []
    for s in votes.states:
        mine = first.get(s.country)
        nearby = regions[region_of(s.country)]
        joined = sorted(first[c].day for c in nearby if c != s.country and c in first)
        for a, b in pairwise(cuts):
            if mine is not None and mine.day <= a:
                break
            took = mine is not None and mine.day == b
            share = 10 * bisect_right(joined, a) / (len(nearby) - 1) if len(nearby) > 1 else 0.0
            occasion = (mine.instrument or f"{s.country} {b}") if took and mine else ""
            found.append(
                _Spell(
                    norm, s.country, (a - cuts[0]).days, (b - cuts[0]).days, took, occasion,
                    (share, s.position / spread, float(_groups(b).get(s.country, 0))),
                )
            )  # fmt: skip
    return found


def _spread(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return math.sqrt(sum((v - mean) ** 2 for v in values) / len(values)) or 1.0


@lru_cache(maxsize=256)
def _groups(day: dt.date) -> Mapping[str, int]:
    """Count the lasting groupings each state is in on a day; groups of experts are none."""
    lasting = (g for g in groupings() if not g.startswith("GGE"))
    return Counter(country for g in lasting for country in set(members(g, day)))


def _fit(spells: Sequence[_Spell]) -> tuple[float, ...]:
    """Return the logs of the ratios of rates, one baseline a norm. Raises AdoptionError."""
    found = fit_cox(
        [s.norm for s in spells],
        np.array([s.start for s in spells], dtype=float),
        np.array([s.stop for s in spells], dtype=float),
        np.array([s.took_up for s in spells], dtype=bool),
        np.array([s.values for s in spells], dtype=float).reshape(len(spells), len(COVARIATES)),
        PENALTY,
    )
    return tuple(float(b) for b in found)
