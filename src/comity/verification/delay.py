"""How long after an incident begins it is reported, from dates that are windows and a list that
was closed.

Time is continuous, in days, a day d being [d, d + 1). Incident i of n_i like it has

    S_i ~ Uniform[start_lo, start_hi + 1)            when it began (primary event)
    D_i ~ F                                           how long until it was reported
    R_i = S_i + D_i  in  [rep_lo, rep_hi + 1)         when it was reported (secondary event)
    R_i < closed_on + 1                               or it would not be in the list

so it is doubly interval-censored and right-truncated, and with U_i its start window

    L_i = int_U [F(rep_hi + 1 - s) - F(rep_lo - s)] ds  /  int_U F(closed_on + 1 - s) ds

F is parametric (lognormal, gamma, Weibull: the one with the most weight, all three in the draws) or
a distribution over months of delay, quarters after two years. Each parametric F is written by m,
the log of its median in days, and k, the log of about the standard deviation of log D, with the
weak priors

    m ~ Normal(log 180, 1.5)        k ~ Normal(0, 0.7)

It assumes that a start is as likely on each day of its window, and one F whenever the incident
began. The latter is tested: where the earlier and the later half of the starts want different
delays, the fit is not identified, because late starts can only have shown short delays and one F
would fill in for them what was true of early ones; `fit_delay_by_epoch` then takes epochs apart.
The nonparametric F is that of delays no longer than the longest follow-up: of longer ones such a
list says nothing. The integrals are closed forms where a report may follow its start at once, where
points would be wrong by more than half, and points elsewhere. Source: the likelihood of the R
packages primarycensored and epidist (Park et al. 2024), whose published values a test repeats; the
expectation step with ghosts for what was truncated is Turnbull's (1976).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from comity.errors import ModelError
from comity.saying import say
from comity.verification.delay_curves import FAMILIES, Parametric, Stepwise
from comity.verification.delay_laws import Laws, law_of
from comity.verification.delay_steps import MONTH, bins, expectation
from comity.verification.delay_windows import DelayData, Means, overlaps, records_and_reports
from comity.verification.lowest import lowest_point

__all__ = [
    "DelayByEpoch",
    "DelayData",
    "DelayFit",
    "fit_delay",
    "fit_delay_by_epoch",
    "reported_between",
    "reported_by",
    "steadied",
    "steadied_by_epoch",
    "unsteady",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_INFORMATIVE: Final = 20
WIDEST_INFORMATIVE: Final = 366  # days of a window beyond which a date says little of a delay
PRIOR_MEAN: Final = (float(np.log(180.0)), 0.0)
PRIOR_SD: Final = (1.5, 0.7)
LARGEST_SD_SHARE: Final = 0.9  # posterior sd of m over the prior's: more is not identified
UNSTEADY: Final = 0.001  # chance of so different halves under one F: less is a failed check,
MATERIAL: Final = 0.25  # where m or k differ by more than this as well
_TINY = 1e-300
_SPREADS = (-4.0, 2.5)  # of k, within which a curve is computed
_EASIEST_FIRST = ("lognormal", "weibull", "gamma")  # each fit begins where the last one ended


@dataclass(frozen=True, slots=True)
class DelayFit:
    """A reporting delay; `n` informative incidents; where not `identified`, `reason` says why.

    `shares` are the families' weights by AIC (all have two parameters), empty for steps.
    """

    curve: Parametric | Stepwise
    n: float
    identified: bool
    reason: str
    shares: Mapping[str, float] = field(default_factory=dict)
    covariances: Mapping[str, Floats] = field(default_factory=dict)
    curves: Mapping[str, Parametric] = field(default_factory=dict)
    data: DelayData | None = None

    @property
    def median(self) -> float:
        """Days by which half is reported."""
        return self.curve.median

    def cdf(self, days: Floats) -> Floats:
        """Return the share reported within these days of the start; 0 for negative days."""
        return self.curve.cdf(np.asarray(days, dtype=np.float64))

    def quantile(self, p: Floats | float) -> Floats:
        """Return the days by which a share p is reported. Raises ModelError outside [0, 1]."""
        share = np.asarray(p, dtype=np.float64)
        if not bool(np.all((share >= 0) & (share <= 1))):
            raise ModelError(f"A share of reports lies between 0 and 1, not at {p!r}.")
        return self.curve.quantile(share)

    def stretched(self, factor: float) -> DelayFit:
        """Return the fit with every delay `factor` times as long, its uncertainty left out."""
        return replace(self, curve=self.curve.stretched(factor), shares={}, data=None)

    def draws(self, n: int, seed: int) -> tuple[DelayFit, ...]:
        """Return n draws of the delay, each a fit: families by their weight and parameters by the
        normal at the mode; for steps, the Bayesian bootstrap of the incidents."""
        rng = np.random.default_rng(seed)
        if self.shares:
            names = list(self.shares)
            picks = rng.choice(len(names), size=n, p=[self.shares[name] for name in names])
            noise = rng.standard_normal((n, 2))
            roots = {name: np.linalg.cholesky(self.covariances[name]) for name in names}
            found = []
            for pick, z in zip(picks, noise, strict=True):
                name = names[int(pick)]
                m, k = roots[name] @ z + (self.curves[name].m, self.curves[name].k)
                found.append(replace(self, curve=Parametric(name, float(m), float(k))))
            return tuple(found)
        if self.data is None or not isinstance(self.curve, Stepwise):
            return (self,) * n
        held, seen = overlaps(self.data, self.curve.edges)
        drawn = []
        for _ in range(n):
            weight = self.data.n * rng.exponential(size=len(self.data.n))
            mass = expectation(held, seen, weight, self.curve.mass, 200)
            drawn.append(replace(self, curve=Stepwise(self.curve.edges, mass)))
        return tuple(drawn)


@dataclass(frozen=True, slots=True)
class DelayByEpoch:
    """A delay for each epoch of starts: `fits` one more than `first_days`, the first days
    (ordinals, INCLUSIVE) of all epochs but the first."""

    first_days: tuple[int, ...]
    fits: tuple[DelayFit, ...]

    @property
    def median(self) -> float:
        """Days by which half is reported of the latest epoch's starts."""
        return self.fits[-1].median

    @property
    def identified(self) -> bool:
        """True where the delay of every epoch is."""
        return all(fit.identified for fit in self.fits)

    def stretched(self, factor: float) -> DelayByEpoch:
        """Return every epoch's fit with delays `factor` times as long."""
        return replace(self, fits=tuple(fit.stretched(factor) for fit in self.fits))

    def epoch(self, days: Floats) -> Ints:
        """Return the position in `fits` of each day."""
        return np.asarray(np.searchsorted(self.first_days, days, side="right"), dtype=np.int64)

    def draws(self, n: int, seed: int) -> tuple[DelayByEpoch, ...]:
        """Return n draws, the epochs independent of each other."""
        seeds = np.random.SeedSequence(seed).generate_state(len(self.fits))
        drawn = [fit.draws(n, int(one)) for fit, one in zip(self.fits, seeds, strict=True)]
        return tuple(replace(self, fits=fits) for fits in zip(*drawn, strict=True))


def _log_likelihood(curve: Parametric, plans: tuple[Means, Means], n: Floats) -> float:
    """Return sum n_i log L_i of the module's docstring."""
    top, bottom = (np.maximum(plan.of(curve), _TINY) for plan in plans)
    return float(n @ (np.log(top) - np.log(bottom)))


def _log_likelihoods(laws: Laws, plans: tuple[Means, Means], n: Floats) -> Floats:
    """Return `_log_likelihood` of several laws, (k,)."""
    top, bottom = (np.maximum(plan.of_each(laws), _TINY) for plan in plans)
    return np.array([float(n @ each) for each in np.log(top) - np.log(bottom)])


def _fit_family(
    family: str, plans: tuple[Means, Means], n: Floats, start: Sequence[float]
) -> tuple[Parametric, Floats, float]:
    """Return the mode, its covariance (2, 2) by differences, and the log posterior there."""
    mean, sd = np.array(PRIOR_MEAN), np.array(PRIOR_SD)

    def losses(theta: Floats) -> Floats:
        prior = 0.5 * (((theta - mean) / sd) ** 2).sum(axis=1)
        laws = Laws(law_of(family, theta[:, 0], np.clip(theta[:, 1], *_SPREADS)))
        return np.asarray(prior - _log_likelihoods(laws, plans, n))

    mode, hessian, lowest = lowest_point(
        losses, np.array(start, dtype=np.float64), 1.0 / max(PRIOR_SD) ** 2
    )
    values, vectors = np.linalg.eigh(hessian)
    # A direction the data do not curve keeps no more than the prior's uncertainty.
    values = np.maximum(values, 1.0 / max(PRIOR_SD) ** 2)
    covariance = (vectors / values) @ vectors.T
    curve = Parametric(family, float(mode[0]), float(np.clip(mode[1], *_SPREADS)))
    return curve, np.asarray(covariance), -lowest


def _rough(data: DelayData) -> tuple[float, float]:
    """Return where to begin: m and k of the delays between the middles of both windows."""
    if not len(data.n):
        return PRIOR_MEAN
    logs = np.log(np.maximum(data.listed(), 0.5))
    return float(np.median(logs)), float(np.log(np.clip(logs.std(), 0.3, 3.0)))


def informative(data: DelayData) -> Floats:
    """Return (N,) the counts of incidents with both windows within a year, 0 for others."""
    widths = np.maximum(data.start_hi - data.start_lo, data.rep_hi - data.rep_lo) + 1
    return np.where(widths <= WIDEST_INFORMATIVE, data.n, 0.0)


def _unsteady(data: DelayData, pooled: Parametric) -> str:
    """Return why one delay for all starts is wrong, or nothing: the earlier and the later half of
    the starts apart against together."""
    middle, counted = data.middle(), informative(data)
    order = np.argsort(middle)
    total = np.cumsum(counted[order])
    if not len(total) or total[-1] < 2 * FEWEST_INFORMATIVE:
        return ""
    split = middle[order[int(np.searchsorted(total, total[-1] / 2))]]
    halves = [data.some(middle < split), data.some(middle >= split)]
    if min(float(informative(half).sum()) for half in halves) < FEWEST_INFORMATIVE:
        return ""
    start = (pooled.m, pooled.k)
    sides = [(records_and_reports(half), half.n) for half in halves]
    fitted = [_fit_family(pooled.family, plans, n, start)[0] for plans, n in sides]
    if not _differ(sides, fitted, pooled):
        return ""
    days = [f"{max(np.exp(curve.m), 1.0):,.0f}" for curve in fitted]
    return say(
        "delay.changed",
        days=days[0],
        until=dt.date.fromordinal(int(split)).isoformat(),
        later=days[1],
    )


def _differ(
    sides: Sequence[tuple[tuple[Means, Means], Floats]],
    apart: Sequence[Parametric],
    pooled: Parametric,
) -> bool:
    """Say whether two curves of one family, each of its side's plans and counts, are far better, by
    the likelihood ratio with two degrees of freedom, than one, and far enough apart to matter."""
    gain = 0.0
    for curve, (plans, n) in zip(apart, sides, strict=True):
        gain += _log_likelihood(curve, plans, n) - _log_likelihood(pooled, plans, n)
    distance = max(abs(apart[0].m - apart[1].m), abs(apart[0].k - apart[1].k))
    return bool(np.exp(-max(gain, 0.0)) < UNSTEADY and distance > MATERIAL)


def unsteady(data: DelayData, apart: DelayByEpoch) -> bool:
    """Say whether there is good evidence that the delays of two epochs differ. The family is the
    one with the most weight over both; steps and epochs other than two are never compared."""
    if len(apart.fits) != 2 or not all(fit.curves for fit in apart.fits):
        return False
    first, second = apart.fits
    weight = {name: first.shares[name] * second.shares[name] for name in first.shares}
    family = max(weight, key=lambda name: weight[name])
    pair = [fit.curves[family] for fit in apart.fits]
    start = [(pair[0].m + pair[1].m) / 2, (pair[0].k + pair[1].k) / 2]
    pooled, _, _ = _fit_family(family, records_and_reports(data), data.n, start)
    later = apart.epoch(data.middle()) == 1
    sides = [(records_and_reports(side), side.n) for side in map(data.some, (~later, later))]
    return _differ(sides, pair, pooled)


def _check(data: DelayData) -> DelayData:
    """Return the data with report windows cut at the closing. Raises ModelError where a record
    cannot be: a window that ends before it begins, a report before the start or after closing."""
    cut = replace(data, rep_hi=np.minimum(data.rep_hi, data.closed_on))
    wrong = {
        "start windows end before they begin": data.start_hi < data.start_lo,
        "report windows end before they begin": data.rep_hi < data.rep_lo,
        "reports come before the start, or the start after closing": cut.rep_hi < data.start_lo,
        "reports come after the list was closed": data.rep_lo > data.closed_on,
        "counts are below 0": data.n < 0,
    }
    for what, which in wrong.items():
        if bool(which.any()):
            raise ModelError(
                f"{int(which.sum())} {what} (first at position {int(np.argmax(which))}); a "
                "reporting delay needs start_lo <= start_hi, rep_lo <= rep_hi, "
                "start_lo <= rep_hi and rep_lo <= closed_on."
            )
    return cut


def fit_delay(
    data: DelayData,
    method: Literal["parametric", "nonparametric"] = "parametric",
    families: Sequence[str] = FAMILIES,
    steady: bool = True,
) -> DelayFit:
    """Return the reporting delay of a list; with fewer than 20 informative incidents, where the
    median's posterior is nearly its prior, or where delays changed, it is not identified.

    Whether they changed costs two fits more, and is left to `steadied` where `steady` is False (of
    the parametric method). Raises ModelError for records that cannot be, or an unknown method or
    family.
    """
    unknown = [name for name in families if name not in FAMILIES]
    if unknown or not families or method not in ("parametric", "nonparametric"):
        raise ModelError(
            f"No delay of method {method!r} with families {tuple(families)!r}. Methods are "
            f"parametric and nonparametric; families are {', '.join(FAMILIES)}."
        )
    data = _check(data)
    n = float(informative(data).sum())
    reason = ""
    if n < FEWEST_INFORMATIVE:
        reason = say("delay.few_years", n=f"{n:g}", needed=FEWEST_INFORMATIVE)
    plans = records_and_reports(data)
    if method == "nonparametric":
        pooled, _, _ = _fit_family(families[0], plans, data.n, _rough(data))
        return _fit_steps(data, n, reason or _unsteady(data, pooled))
    curves, covariances, logs = {}, {}, {}
    start: Sequence[float] = _rough(data)
    for family in sorted(families, key=_EASIEST_FIRST.index):
        curves[family], covariances[family], logs[family] = _fit_family(
            family, plans, data.n, start
        )
        start = (curves[family].m, curves[family].k)
    best = max(logs, key=lambda name: logs[name])
    odds = {name: float(np.exp(logs[name] - logs[best])) for name in logs}
    shares = {name: value / sum(odds.values()) for name, value in odds.items()}
    sd = float(np.sqrt(covariances[best][0, 0]))
    if not reason and sd > LARGEST_SD_SHARE * PRIOR_SD[0]:
        reason = say("delay.wide")
    found = DelayFit(curves[best], n, not reason, reason, shares, covariances, curves)
    return steadied(found, data) if steady else found


def steadied(fit: DelayFit, data: DelayData) -> DelayFit:
    """Return a parametric fit, not identified where the delays of its data changed."""
    if not fit.identified or not isinstance(fit.curve, Parametric):
        return fit
    reason = _unsteady(data, fit.curve)
    return replace(fit, identified=not reason, reason=reason)


def fit_delay_by_epoch(
    data: DelayData,
    first_days: Sequence[int],
    method: Literal["parametric", "nonparametric"] = "parametric",
    families: Sequence[str] = FAMILIES,
    steady: bool = True,
) -> DelayByEpoch:
    """Return a delay for each epoch of starts, by the middle of their windows; `first_days` are
    ordinals, INCLUSIVE. An epoch with fewer than 20 informative incidents joins the one before it
    (the first, the one after). `steady` and errors as of `fit_delay`."""
    data, edges = _check(data), sorted(first_days)
    middle = data.middle()
    while edges:
        epoch = np.searchsorted(edges, middle, side="right")
        counts = np.bincount(epoch, informative(data), minlength=len(edges) + 1)
        poor = np.flatnonzero(counts < FEWEST_INFORMATIVE)
        if not len(poor):
            break
        edges.pop(max(int(poor[-1]) - 1, 0))
    epoch = np.searchsorted(edges, middle, side="right")
    fits = tuple(
        fit_delay(data.some(epoch == each), method, families, steady)
        for each in range(len(edges) + 1)
    )
    return DelayByEpoch(tuple(edges), fits)


def steadied_by_epoch(delay: DelayByEpoch, data: DelayData) -> DelayByEpoch:
    """Return parametric fits of the epochs of data, each `steadied`."""
    data = _check(data)
    epoch = delay.epoch(data.middle())
    parts = (data.some(epoch == each) for each in range(len(delay.fits)))
    return replace(delay, fits=tuple(map(steadied, delay.fits, parts)))


def _fit_steps(data: DelayData, n: float, reason: str) -> DelayFit:
    """Return the distribution over months, then quarters, up to the longest follow-up."""
    if not len(data.n):
        edges: Floats = np.arange(13.0) * MONTH
        return DelayFit(Stepwise(edges, np.full(12, 1 / 12)), n, False, reason)
    edges = bins(float((data.closed_on + 1 - data.start_lo).max()))
    held, seen = overlaps(data, edges)
    mass = expectation(held, seen, data.n, np.diff(edges) / edges[-1], 2000)
    return DelayFit(Stepwise(edges, mass), n, not reason, reason, data=data)


def reported_by(fit: DelayFit | DelayByEpoch, edges: Ints, closed_on: int) -> Floats:
    """Return (T,) the chance that a start, even over each period, is reported by the closing day.

    `edges` (T + 1,) are first days of periods and the first day after the last; `closed_on` is
    INCLUSIVE. A period wholly after it has 0; of epochs, a period has that of its middle.
    """
    days = np.asarray(edges, dtype=np.float64)
    if isinstance(fit, DelayByEpoch):
        shares = np.stack([reported_by(one, edges, closed_on) for one in fit.fits])
        which = fit.epoch((days[:-1] + days[1:]) / 2)
        return np.asarray(shares[which, np.arange(len(which))])
    area = fit.curve.area(closed_on + 1.0 - days)
    return np.asarray(np.clip((area[:-1] - area[1:]) / np.diff(days), 0.0, 1.0))


def reported_between(
    fit: DelayFit | DelayByEpoch, start: Floats, early: Floats, late: Floats
) -> Floats:
    """Return P(early < D <= late) of starts on some days (ordinals), by the epoch of each start;
    three arrays of one shape."""
    if isinstance(fit, DelayFit):
        return np.asarray(fit.cdf(late) - fit.cdf(early))
    each = np.stack([one.cdf(late) - one.cdf(early) for one in fit.fits])
    which = fit.epoch(np.asarray(start, dtype=np.float64))
    return np.asarray(np.take_along_axis(each, which[None], axis=0)[0])
