"""Detectability: when a true change of a given size could be seen, with evidence like this.

Panels are simulated from the declared analysis: levels and attention before the agreement from its
posterior, without a drift of the pair's own, so that the true net change is the ratio asked for;
after it everything else stays as it was at the agreement, and cell A runs at that ratio times its
old rate. That is the best case: attention that moves makes a change harder to see.
Dates are as coarse and reports as late as in this evidence, the list is read `years` after the
agreement, and the claim "fell" is made by the verdict's own rule: 0.95 by the declared comparison
and 0.8 by the least favourable. The cheapest comparison is fitted first: where it already refuses,
so does the rule.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.verification.cells import LAYOUTS
from comity.verification.change import Analysis
from comity.verification.counts import Counts
from comity.verification.delay import reported_by
from comity.verification.examine.model import Detectability, DetectabilityPoint
from comity.verification.examine.pool import Progress, run_all
from comity.verification.examine.tasks import TASK_DRAWS, FitTask, run_fit
from comity.verification.model import COMPARISONS, Check
from comity.verification.prepare import Prepared
from comity.verification.sentences import HEADLINE
from comity.verification.simulate import year_patterns
from comity.verification.words import FELL_LEAST, FELL_PRIMARY, MIN_INFORMATIVE, percent

Floats = NDArray[np.float64]

RATIOS = (1.0, 0.75, 0.5, 0.25)
YEARS = (1.0, 2.0, 3.0, 5.0, 10.0)
WANTED = 0.8
RUNS = 200
RULE = (
    f"a fall is claimed at {percent(FELL_PRIMARY)} by the declared comparison and "
    f"{percent(FELL_LEAST)} by the least favourable"
)
LARGEST = 7.0  # log rate per period that a simulated panel may not pass


@dataclass(frozen=True, slots=True)
class Setting:
    """What simulated panels share: a posterior draw's levels and walks before the agreement are in
    `levels` (R, G) and `walks` (R, onset, W); `before` is the exposure of the periods before
    (G, onset), `held` (Y, T) the share of each period's starts that a list read after each of
    `years` holds."""

    cells: tuple[str, ...]
    comparison: str
    onset: int
    months: int
    levels: Floats
    walks: Floats
    before: Floats
    held: tuple[Floats, ...]
    years: tuple[float, ...]
    coarse: float
    level: float


@dataclass(frozen=True, slots=True)
class Trial:
    """One simulated future: which draw, which true ratio, which length of record."""

    setting: Setting
    draw: int
    ratio: float
    length: int  # index into years
    seed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a trial's panel would claim a fall, and cell A's incidents after the agreement."""

    claimed: bool
    after: float


def simulate(trial: Trial) -> Counts:
    """Draw one panel of a trial."""
    setting = trial.setting
    random = np.random.default_rng(trial.seed)
    layout = LAYOUTS[setting.comparison]
    per_year = 12 // setting.months
    ahead = round(setting.years[trial.length] * per_year)
    X = np.concatenate([setting.walks[trial.draw], np.zeros((ahead, len(layout.walks)))])
    Z = np.array([layout.walk_loads[c] for c in setting.cells], dtype=float)
    eta = setting.levels[trial.draw][:, None] + Z @ X.T
    after = np.arange(len(X)) >= setting.onset
    eta[setting.cells.index("A")] += np.log(trial.ratio) * after
    held = setting.held[trial.length]
    exposure = (
        np.concatenate([setting.before, np.ones((len(setting.cells), ahead))], axis=1)
        * held[None, : len(X)]
    )
    n = random.poisson(exposure * np.exp(np.minimum(eta, LARGEST)))
    spare = -len(X) % per_year
    padded = np.pad(n, ((0, 0), (0, spare)))
    y, group, first, many = year_patterns(padded, setting.coarse, random) if per_year == 4 else (
        n.astype(float), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    )  # fmt: skip
    y = y[:, : len(X)]
    inside = first[:, None] + np.arange(4) < len(X) if len(first) else np.zeros((0, 4), bool)
    columns = np.minimum(first[:, None] + np.arange(4), len(X) - 1)
    weight = np.where(inside, exposure[group[:, None], columns], 0.0)
    alive = weight.sum(axis=1) > 0
    return Counts(
        setting.cells, exposure, y, group[alive], first[alive], weight[alive], many[alive]
    )


def _fell(counts: Counts, comparison: str, rule: Rule) -> float | None:
    """Return the probability of a fall under one comparison, None where not identified."""
    task = FitTask(
        counts.select(LAYOUTS[comparison].cells), comparison, rule.onset, (0, counts.shape[1]),
        rule.months, level=rule.level, draws=TASK_DRAWS, seed=rule.seed,
    )  # fmt: skip
    summary = run_fit(task)
    if summary.problem or summary.reason(HEADLINE):
        return None
    return summary.estimates[HEADLINE].fell


@dataclass(frozen=True, slots=True)
class Rule:
    """What a claim is made by: the declared comparison, the onset period and how to fit."""

    declared: str
    onset: int
    months: int = 3
    level: float = 0.90
    seed: int = 0


def rule_claims(counts: Counts, rule: Rule) -> bool:
    """Say whether the verdict's rule claims a fall on a panel's counts."""
    mine = counts.spread()[counts.cells.index("A")]
    before, after = float(mine[: rule.onset].sum()), float(mine[rule.onset :].sum())
    expected = before / rule.onset * (counts.shape[1] - rule.onset)
    if before < MIN_INFORMATIVE or max(expected, after) < MIN_INFORMATIVE:
        return False
    usable = [c for c in COMPARISONS if set(LAYOUTS[c].cells) <= set(counts.cells)]
    for comparison in sorted(usable, key=lambda c: (c == rule.declared, len(LAYOUTS[c].cells))):
        fell = _fell(counts, comparison, rule)
        if fell is None or fell < (FELL_PRIMARY if comparison == rule.declared else FELL_LEAST):
            return False
    return True


def claims_fall(trial: Trial) -> Outcome:
    """Say whether the verdict's rule claims a fall on a trial's panel."""
    setting = trial.setting
    counts = simulate(trial)
    after = float(counts.spread()[counts.cells.index("A"), setting.onset :].sum())
    rule = Rule(setting.comparison, setting.onset, setting.months, setting.level, trial.draw)
    return Outcome(rule_claims(counts, rule), after)


def setting_of(
    prepared: Prepared, primary: Analysis, years: tuple[float, ...], runs: int
) -> Setting | None:
    """Return what to simulate from, or None where the declared analysis was not fitted whole."""
    fit = primary.fit
    if fit is None or fit.layout is not LAYOUTS[primary.comparison]:
        return None
    random = np.random.default_rng(prepared.choices.seed)
    draws = fit.draws
    picks = random.choice(len(draws.weights), size=runs, p=draws.weights)
    first, onset = prepared.window[0], prepared.onset
    model = fit.mixture.model
    keep = [model.counts.cells.index(cell) for cell in fit.layout.cells]
    groups = model.counts.shape[0]
    closed = onset - first
    edges = prepared.grid.edges[first : onset + 1]
    before = model.counts.exposure[keep, first:onset]
    walks = draws.X[picks, first:onset].copy()
    walks[:, :, fit.layout.walks.index("u")] = 0.0
    return Setting(
        fit.layout.cells, primary.comparison, closed, prepared.grid.months,
        draws.b[picks][:, :groups][:, keep], walks,
        (before > 0).astype(float),
        tuple(_held(prepared, edges, y) for y in years), years, _coarse(primary),
        prepared.choices.level,
    )  # fmt: skip


def _coarse(primary: Analysis) -> float:
    """Return the largest share, over lists, of incidents dated to the year or worse."""
    return max((p.year_only for p in primary.panels), default=0.0)


def _held(prepared: Prepared, before: NDArray[np.int64], years: float) -> Floats:
    """Return the share of each period's starts that a list read `years` after the agreement holds:
    all where the delay is not known (then it would be missed in the same way)."""
    per_year = 12 // prepared.grid.months
    ahead = round(years * per_year)
    days = round(365.25 / per_year)
    later = before[-1] + days * np.arange(1, ahead + 1)
    edges = np.concatenate([before, later]).astype(np.int64)
    delays = [one.window.delay for one in prepared.counting if one.window.delay is not None]
    if not delays:
        return np.ones(len(edges) - 1)
    shares = [reported_by(delay, edges, int(edges[-1])) for delay in delays]
    return np.asarray(np.mean(shares, axis=0))


def detectability(
    prepared: Prepared,
    primary: Analysis,
    *,
    runs: int = RUNS,
    ratios: tuple[float, ...] = RATIOS,
    years: tuple[float, ...] = YEARS,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Detectability | None:
    """Return the chance of claiming "fell" for true ratios as years pass, each from `runs`
    simulated futures; None where the declared analysis was not fitted in all its cells."""
    setting = setting_of(prepared, primary, years, runs)
    if setting is None:
        return None
    seed = prepared.choices.seed
    trials = [
        Trial(setting, draw, ratio, length, (seed, draw, length))
        for ratio in ratios
        for length in range(len(years))
        for draw in range(runs)
    ]
    done = run_all(claims_fall, trials, workers, progress)
    points = []
    for position, (ratio, length) in enumerate((r, n) for r in ratios for n in range(len(years))):
        mine = done[position * runs : (position + 1) * runs]
        chance = sum(o.claimed for o in mine) / runs
        error = float(np.sqrt(max(chance * (1 - chance), 0.25 / runs) / runs))
        points.append(
            DetectabilityPoint(
                ratio, years[length], chance, error,
                float(np.mean([o.after for o in mine])),
            )
        )  # fmt: skip
    first = tuple((r, _first(points, r)) for r in ratios if r < 1)
    rate = primary.before / max(primary.years[0], 1e-9)
    delays = [one.window.delay for one in prepared.counting]
    medians = [d.median for d in delays if d is not None]
    return Detectability(
        WANTED, years[-1], RULE, rate, setting.coarse, max(medians, default=None), tuple(points),
        first, _sentence(points, first, years[-1], rate), (_check(points),),
    )  # fmt: skip


def _first(points: list[DetectabilityPoint], ratio: float) -> float | None:
    """Return the first year looked at with the wanted chance, None where there is none."""
    return next((p.years for p in points if p.ratio == ratio and p.chance >= WANTED), None)


def _check(points: list[DetectabilityPoint]) -> Check:
    """Say whether false alarms stay within the nominal rate, two standard errors allowed."""
    none = [p for p in points if p.ratio == 1.0]
    worst = max(none, key=lambda p: p.chance, default=None)
    if worst is None:
        return Check("false alarms", None, "no true ratio of 1 was simulated")
    return Check(
        "false alarms", worst.chance - 2 * worst.error <= 1 - FELL_PRIMARY,
        f"at most {100 * worst.chance:.1f} % where nothing changed ({worst.years:g} years on)",
    )  # fmt: skip


def _fall(ratio: float) -> str:
    """Return a true ratio in words."""
    return "a halving" if ratio == 0.5 else f"a fall of {100 * (1 - ratio):.0f} %"


def _few(chance: float) -> str:
    """Return how many true falls would be claimed at the most."""
    return "hardly any true fall would" if chance < 0.02 else f"{percent(chance)} at most would"


def _sentence(
    points: list[DetectabilityPoint],
    first: tuple[tuple[float, float | None], ...],
    horizon: float,
    rate: float,
) -> str:
    """Return the finding in one sentence."""
    soon = min(p.years for p in points)
    parts = []
    for ratio, year in first:
        if year is None:
            last = next(p for p in points if p.ratio == ratio and p.years == horizon)
            parts.append(
                f"{_fall(ratio)} not within {horizon:g} years ({percent(last.chance)} by then)"
            )
        else:
            parts.append(f"{_fall(ratio)} after {year:g} years")
    early = max((p.chance for p in points if p.years == soon and p.ratio < 1), default=0.0)
    return (
        f"A week after the signature nobody could have known; after {soon:g} "
        f"{'year' if soon == 1 else 'years'} {_few(early)} be claimed. At {rate:.1f} reported "
        "incidents a year, and all else still, the chance of seeing it reaches "
        f"{percent(WANTED)} for {'; '.join(parts)}."
    )
