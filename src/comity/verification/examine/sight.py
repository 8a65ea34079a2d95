"""What the lists hold and miss in a scope, before and after an agreement, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass

from comity.verification.model import Check


@dataclass(frozen=True, slots=True)
class Reading:
    """One defensible reading of what the lists miss: all publicly reported, with its interval.
    `shifted` marks one moved by a dependence between lists that the counts cannot show."""

    name: str
    assumes: str
    total: float
    low: float
    high: float
    shifted: bool


@dataclass(frozen=True, slots=True)
class SightPeriod:
    """What the lists hold and miss in one period (before or after), over `years`. `low` to `high`
    were publicly reported and are in none of them, over every reading and every draw of the links;
    both None where not `identified`. `reported` is the chance that a report came before the lists
    closed."""

    period: str
    years: float
    lists: tuple[str, ...]
    seen: float
    overlap: float
    low: float | None
    high: float | None
    identified: bool
    reported: float
    readings: tuple[Reading, ...]
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """Publicly reported, but in none of these lists: never "all covert activity".

    `scope` is the widest reading needed to say anything. `seen` is the ratio a year, after over
    before, of what the lists hold; `same` of all publicly reported if the lists depend on each
    other after as before, `changed` if that may have changed too; None where not identified.
    `told_apart` says whether a fall in activity and a fall in sight can be told apart.
    """

    scope: str
    title: str
    periods: tuple[SightPeriod, ...]
    seen: float | None
    same: tuple[float, float] | None
    changed: tuple[float, float] | None
    told_apart: bool
    sentence: str
    checks: tuple[Check, ...] = ()
