"""What makes it likelier that a state takes a norm up: an event-history model with intervals.

A proportional-hazards model on calendar time, one stratum a norm (so every norm has its own
baseline): each state is at risk from the day a norm was first stated until it takes it up. The
model is lifelines' (Davidson-Pilon), Efron's ties. States that take a norm up in one instrument do
so together, so instruments and not states are the sample: intervals are from the jackknife that
leaves out one occasion at a time (its states count as not at risk), and with fewer occasions than
FEWEST nothing is told.
"""

from __future__ import annotations

import datetime as dt
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from comity.countries import groupings, members, region_of
from comity.diffusion.adoption import Adoption, first_adoptions
from comity.diffusion.votes import VoteMap
from comity.errors import AdoptionError

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

    Raises AdoptionError where lifelines is not there.
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
    from scipy.stats import t as students_t  # slow to import, and only needed here

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
        wide = float(students_t.ppf(0.5 + LEVEL / 2, n - 1)) * error
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
        neighbours = [c for c in regions[region_of(s.country)] if c != s.country]
        for a, b in pairwise(cuts):
            if mine is not None and mine.day <= a:
                break
            took = mine is not None and mine.day == b
            had = sum((other := first.get(c)) is not None and other.day <= a for c in neighbours)
            share = 10 * had / len(neighbours) if neighbours else 0.0
            occasion = (mine.instrument or f"{s.country} {b}") if took and mine else ""
            found.append(
                _Spell(
                    norm, s.country, (a - cuts[0]).days, (b - cuts[0]).days, took, occasion,
                    (share, s.position / spread, float(_groups(s.country, b))),
                )
            )  # fmt: skip
    return found


def _spread(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return math.sqrt(sum((v - mean) ** 2 for v in values) / len(values)) or 1.0


def _groups(country: str, day: dt.date) -> int:
    """Count the lasting groupings a state is in; groups of experts are none."""
    return sum(country in members(g, day) for g in groupings() if not g.startswith("GGE"))


def _fit(spells: Sequence[_Spell]) -> tuple[float, ...]:
    """Return the logs of the ratios of rates."""
    try:
        import pandas as pd
        from lifelines import CoxTimeVaryingFitter
        from lifelines.exceptions import ConvergenceError
    except ImportError as error:
        raise AdoptionError(
            "This model needs lifelines: pip install 'comity[survival]' and ask again."
        ) from error
    table: Any = pd.DataFrame(
        {
            "who": [f"{s.norm} {s.country}" for s in spells],
            "norm": [s.norm for s in spells],
            "start": [float(s.start) for s in spells],
            "stop": [float(s.stop) for s in spells],
            "took_up": [s.took_up for s in spells],
            **{name: [s.values[k] for s in spells] for k, name in enumerate(COVARIATES)},
        }
    )
    model: Any = CoxTimeVaryingFitter(penalizer=PENALTY)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model.fit(
                table, id_col="who", event_col="took_up", start_col="start", stop_col="stop",
                strata=["norm"],
            )  # fmt: skip
        except ConvergenceError as error:
            raise AdoptionError(
                "The model of these norms has no single best fit: too few states, or all alike."
            ) from error
    return tuple(float(model.params_[name]) for name in COVARIATES)
