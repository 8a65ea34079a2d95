"""What is nearest to an instrument, what it has that the instrument lacks, where the likeness ends.

Likeness is the mean over the design features known of both: 1 where the codes are the same, and
for ordered codes 1 less their distance as a share of the scale; 0 otherwise. What both lack is left
out, for two things are not alike by all that neither of them is (Gower 1971 on asymmetric
attributes); so is a feature unknown of either. It is a count of shared features, not a theory:
features weigh alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from comity.errors import RegisterError
from comity.parallels.model import DESIGN, FEATURES, SUBJECT, UNKNOWN, Cell, Parallels, Regime

FEWEST_SHARED = 5


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two are: `score` from 0 to 1 over `compared` features; None with too few."""

    one: str
    other: str
    score: float | None
    compared: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Parallel:
    """A regime held against an instrument: likeness, what it has, what both lack, what breaks.

    Pairs are (the regime's cell, the instrument's cell).
    """

    regime: Regime
    likeness: Likeness
    has: tuple[tuple[Cell, Cell], ...]
    lacks: tuple[tuple[Cell, Cell], ...]
    breaks: tuple[tuple[Cell, Cell], ...]


def get_regime(parallels: Parallels, name: str) -> Regime:
    """Return a regime or instrument by id, whatever the case. Raises RegisterError."""
    by_id = {i.casefold(): r for i, r in parallels.regimes.items()}
    if name.casefold() in by_id:
        return by_id[name.casefold()]
    near = [r for i, r in by_id.items() if name.casefold() in i or name.casefold() in
            r.name.casefold()]  # fmt: skip
    if len(near) == 1:
        return near[0]
    there = [r.id for r in near] or list(parallels.regimes)
    raise RegisterError(
        f"There is no regime or coded instrument {name!r}. There are: {', '.join(there)}."
    )


def likeness(one: Regime, other: Regime) -> Likeness:
    """Return how alike two are by their design features.

    >>> # the same regime is fully like itself
    >>> from comity.parallels.register import load_parallels
    >>> some = load_parallels().others[0]
    >>> likeness(some, some).score
    1.0
    """
    scores, left_out = [], 0
    for f in FEATURES.values():
        if f.use != DESIGN:
            continue
        a, b = one.cells.get(f.id), other.cells.get(f.id)
        if (
            a is None
            or b is None
            or UNKNOWN in (a.code, b.code)
            or (f.ordered and f.codes[0] == a.code == b.code)
        ):
            left_out += 1
        elif f.ordered:
            gap = abs(f.codes.index(a.code) - f.codes.index(b.code))
            scores.append(1 - gap / (len(f.codes) - 1))
        else:
            scores.append(float(a.code == b.code))
    score = sum(scores) / len(scores) if len(scores) >= FEWEST_SHARED else None
    return Likeness(one.id, other.id, score, len(scores), left_out)


def parallel(instrument: Regime, regime: Regime) -> Parallel:
    """Return what a regime has that an instrument lacks, the reverse, and where analogy breaks."""
    has, lacks, breaks = [], [], []
    for f in FEATURES.values():
        mine, its = instrument.cells.get(f.id), regime.cells.get(f.id)
        if mine is None or its is None or UNKNOWN in (mine.code, its.code):
            continue
        if f.use == DESIGN and f.ordered:
            more = f.codes.index(its.code) - f.codes.index(mine.code)
            if more > 0:
                has.append((its, mine))
            elif more < 0:
                lacks.append((its, mine))
        elif f.use == SUBJECT and mine.code != its.code:
            breaks.append((its, mine))
    return Parallel(regime, likeness(instrument, regime), tuple(has), tuple(lacks), tuple(breaks))


def nearest(parallels: Parallels, instrument: Regime) -> tuple[Parallel, ...]:
    """Return every regime of another field held against an instrument, the likest first.

    Those with too few features in common come last.
    """
    found = [parallel(instrument, r) for r in parallels.others if r.id != instrument.id]

    def order(p: Parallel) -> tuple[bool, float, str]:
        score = p.likeness.score
        return score is None, -(score or 0.0), p.regime.id

    return tuple(sorted(found, key=order))


def with_feature(parallels: Parallels, feature: str) -> tuple[Cell, ...]:
    """Return each regime's and instrument's cell of one feature. Raises RegisterError."""
    if feature not in FEATURES:
        raise RegisterError(f"There is no feature {feature!r}. There are: {', '.join(FEATURES)}.")
    return tuple(r.cells[feature] for r in parallels.regimes.values() if feature in r.cells)
