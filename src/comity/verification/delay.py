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

It assumes that the delay does not depend on when the incident began, and that a start is as likely
on each day of its window; a list whose delays shorten over the years shows it wrong. The
nonparametric F is that of delays no longer than the longest follow-up: of longer ones such a list
says nothing. The integrals are closed forms where a report may follow its start at once, where
points would be wrong by more than half, and points elsewhere. Source: the likelihood of the R
packages primarycensored and epidist (Park et al. 2024), whose published values a test repeats; the
expectation step with ghosts for what was truncated is Turnbull's (1976).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from comity.errors import ModelError
from comity.verification.delay_curves import FAMILIES, Parametric, Stepwise

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_INFORMATIVE: Final = 20
WIDEST_INFORMATIVE: Final = 366  # days of a window beyond which a date says little of a delay
PRIOR_MEAN: Final = (float(np.log(180.0)), 0.0)
PRIOR_SD: Final = (1.5, 0.7)
LARGEST_SD_SHARE: Final = 0.9  # posterior sd of m over the prior's: more is not identified
MONTH: Final = 365.25 / 12
_NEAR, _FAR, _FARTHEST = 0.25, 10.0, 60.0  # widths of a start window: for 8, 2 and 1 points
_ROUNDING = 1e-14
_MONTHS = 24  # of delay in bins of a month; quarters beyond
_STILL = 1e-6  # change of F at which rounds end
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class DelayData:
    """Incidents with both dates: (N,) INCLUSIVE proleptic ordinals, `n` how many are alike."""

    start_lo: Ints
    start_hi: Ints
    rep_lo: Ints
    rep_hi: Ints
    closed_on: int
    n: Floats


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
        return float(self.quantile(np.array(0.5)))

    def cdf(self, days: Floats) -> Floats:
        """Return the share reported within these days of the start; 0 for negative days."""
        return self.curve.cdf(np.asarray(days, dtype=np.float64))

    def quantile(self, p: Floats | float) -> Floats:
        """Return the days by which a share p is reported. Raises ModelError outside [0, 1]."""
        share = np.asarray(p, dtype=np.float64)
        if not bool(np.all((share >= 0) & (share <= 1))):
            raise ModelError(f"A share of reports lies between 0 and 1, not at {p!r}.")
        return self.curve.quantile(share)

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
        held, seen = _overlaps(self.data, self.curve.edges)
        drawn = []
        for _ in range(n):
            weight = self.data.n * rng.exponential(size=len(self.data.n))
            mass = _expectation(held, seen, weight, self.curve.mass, 200)
            drawn.append(replace(self, curve=Stepwise(self.curve.edges, mass)))
        return tuple(drawn)


@dataclass(frozen=True, slots=True)
class _Means:
    """How the mean over each start window of P(early < D <= late) is computed, N windows.

    Windows that reach, or nearly reach, what limits the delay (`near`) by the area under F at four
    limits, the others by Gauss-Legendre points, fewer the farther they are.
    """

    size: int
    near: Ints
    limits: Floats
    length: Floats
    owner: Ints
    weight: Floats
    early: Floats
    late: Floats

    def of(self, curve: Parametric | Stepwise) -> Floats:
        """Return the (N,) means."""
        means = np.bincount(
            self.owner, self.weight * curve.between(self.early, self.late), minlength=self.size
        ).astype(np.float64)
        a, b, c, d = curve.area(self.limits)
        # Differences of areas are exact to their own rounding, not below it.
        means[self.near] = np.maximum((a - b) - (c - d), _ROUNDING * a) / self.length
        return means


def _limits(lo: Ints, hi: Ints, first: Ints, last: Ints) -> Floats:
    """Return (4, N) delays whose areas, signed + - - +, sum a start in lo..hi reported in
    first..last, all INCLUSIVE."""
    limits = [last + 1 - lo, last - hi, first - lo, first - hi - 1]
    return np.stack(limits).astype(np.float64)


def _means(lo: Ints, hi: Ints, first: Ints, last: Ints, clear: Ints, near: float) -> _Means:
    """Return the plan for starts in lo..hi reported in first..last; `clear` are the days between
    a start window's end and the next limit of the delay, below 0 where they overlap; areas are
    taken of windows clear by less than `near` times their width."""
    width: Floats = (hi - lo + 1).astype(np.float64)
    owners, weights, starts = [], [], []
    tier = np.digitize(clear / width, (near, _FAR, _FARTHEST))
    for level, points in ((1, 8), (2, 2), (3, 1)):
        rows = np.flatnonzero(tier == level)
        place, weight = np.polynomial.legendre.leggauss(points)
        owners.append(np.repeat(rows, points))
        weights.append(np.tile(weight / 2, len(rows)))
        starts.append((lo[rows, None] + width[rows, None] * (place + 1) / 2).ravel())
    owner, s = np.concatenate(owners), np.concatenate(starts)
    at = np.flatnonzero(tier == 0)
    return _Means(
        len(lo), at, _limits(lo[at], hi[at], first[at], last[at]), width[at],
        owner, np.concatenate(weights), first[owner] - s, last[owner] + 1 - s,
    )  # fmt: skip


def _records_and_reports(data: DelayData) -> tuple[_Means, _Means]:
    """Return the plans for each record and for any report by the closing day."""
    lo, hi = data.start_lo, data.start_hi
    closing = np.full(len(lo), data.closed_on)
    records = _means(lo, hi, data.rep_lo, data.rep_hi, data.rep_lo - hi - 1, _NEAR)
    # Any report: its window begins with the starts. Areas lose precision in F's upper tail only,
    # where what is left to report is small: the records' worry, not this sum's.
    return records, _means(lo, hi, np.minimum(lo, closing), closing, closing - hi, _FAR)


def _log_likelihood(curve: Parametric, plans: tuple[_Means, _Means], n: Floats) -> float:
    """Return sum n_i log L_i of the module's docstring."""
    top, bottom = (np.maximum(plan.of(curve), _TINY) for plan in plans)
    return float(n @ (np.log(top) - np.log(bottom)))


def _fit_family(
    family: str, plans: tuple[_Means, _Means], n: Floats, start: Sequence[float]
) -> tuple[Parametric, Floats, float]:
    """Return the mode, its covariance (2, 2) by differences, and the log posterior there."""
    from scipy import optimize

    mean, sd = np.array(PRIOR_MEAN), np.array(PRIOR_SD)

    def loss(theta: Floats) -> float:
        curve = Parametric(family, float(theta[0]), float(np.clip(theta[1], -4.0, 2.5)))
        return 0.5 * float((((theta - mean) / sd) ** 2).sum()) - _log_likelihood(curve, plans, n)

    found = optimize.minimize(
        loss, np.array(start), method="BFGS", options={"gtol": 1e-2, "eps": 1e-5}
    )
    mode = np.asarray(found.x)
    step = 1e-3
    shifts = step * np.array([[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1], [1, -1], [-1, 1]])
    f0 = loss(mode)
    f = [loss(mode + shift) for shift in shifts]
    cross = (f[4] + f[5] - f[6] - f[7]) / (4 * step**2)
    first, second = (f[0] + f[1] - 2 * f0) / step**2, (f[2] + f[3] - 2 * f0) / step**2
    hessian = np.array([[first, cross], [cross, second]])
    values, vectors = np.linalg.eigh(hessian)
    # A direction the data do not curve keeps no more than the prior's uncertainty.
    values = np.maximum(values, 1.0 / max(PRIOR_SD) ** 2)
    covariance = (vectors / values) @ vectors.T
    curve = Parametric(family, float(mode[0]), float(np.clip(mode[1], -4.0, 2.5)))
    return curve, np.asarray(covariance), -float(f0)


def _rough(data: DelayData) -> tuple[float, float]:
    """Return where to begin: m and k of the delays between the middles of both windows."""
    if not len(data.n):
        return PRIOR_MEAN
    middle = (data.rep_lo + data.rep_hi - data.start_lo - data.start_hi) / 2
    logs = np.log(np.maximum(middle, 0.5))
    return float(np.median(logs)), float(np.log(np.clip(logs.std(), 0.3, 3.0)))


def _informative(data: DelayData) -> float:
    """Return how many incidents have both windows within a year."""
    widths = np.maximum(data.start_hi - data.start_lo, data.rep_hi - data.rep_lo) + 1
    return float(data.n[widths <= WIDEST_INFORMATIVE].sum())


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
) -> DelayFit:
    """Return the reporting delay of a list; with fewer than 20 informative incidents, or where the
    median's posterior is nearly its prior, it is marked as not identified.

    Raises ModelError for records that cannot be, or an unknown method or family.
    """
    unknown = [name for name in families if name not in FAMILIES]
    if unknown or not families or method not in ("parametric", "nonparametric"):
        raise ModelError(
            f"No delay of method {method!r} with families {tuple(families)!r}. Methods are "
            f"parametric and nonparametric; families are {', '.join(FAMILIES)}."
        )
    data = _check(data)
    n = _informative(data)
    reason = ""
    if n < FEWEST_INFORMATIVE:
        reason = f"{n:g} incidents have both dates within a year; {FEWEST_INFORMATIVE} are needed"
    if method == "nonparametric":
        return _fit_steps(data, n, reason)
    plans = _records_and_reports(data)
    curves, covariances, logs = {}, {}, {}
    start: Sequence[float] = _rough(data)
    for family in families:
        curves[family], covariances[family], logs[family] = _fit_family(
            family, plans, data.n, start
        )
        start = (curves[family].m, curves[family].k)
    best = max(logs, key=lambda name: logs[name])
    odds = {name: float(np.exp(logs[name] - logs[best])) for name in logs}
    shares = {name: value / sum(odds.values()) for name, value in odds.items()}
    sd = float(np.sqrt(covariances[best][0, 0]))
    if not reason and sd > LARGEST_SD_SHARE * PRIOR_SD[0]:
        reason = "the reports by the closing date leave the median delay as wide as its prior"
    return DelayFit(curves[best], n, not reason, reason, shares, covariances, curves)


def _overlaps(data: DelayData, edges: Floats) -> tuple[Floats, Floats]:
    """Return (N, J) the chance of the record and of any report, given a delay in each bin."""
    low, width = edges[:-1], np.diff(edges)
    days = data.start_hi - data.start_lo + 1.0

    def share(first: Ints, last: Ints) -> Floats:
        signed = np.zeros((len(days), len(low)))
        limits = _limits(data.start_lo, data.start_hi, first, last)
        for sign, limit in zip((1, -1, -1, 1), limits, strict=True):
            into = np.clip(limit[:, None] - low, 0.0, width)
            signed += sign * (into**2 / (2 * width) + np.maximum(limit[:, None] - low - width, 0))
        part = signed / days[:, None]
        return np.asarray(np.where(part > _ROUNDING * 1e3, part, 0.0))

    closing = np.full(len(days), data.closed_on)
    return share(data.rep_lo, data.rep_hi), share(data.start_lo, closing)


def _round(held: Floats, seen: Floats, n: Floats, mass: Floats) -> tuple[Floats, float]:
    """Return the masses after one round (records shared out by their chance, and for each record
    the ghosts that the closing date hides) and the log likelihood before it."""
    top, bottom = np.maximum(held @ mass, _TINY), np.maximum(seen @ mass, _TINY)
    new = mass * ((n / top) @ held + (n / bottom) @ (1.0 - seen))
    return np.asarray(new / new.sum()), float(n @ (np.log(top) - np.log(bottom)))


def _expectation(held: Floats, seen: Floats, n: Floats, mass: Floats, rounds: int) -> Floats:
    """Return the masses after at most so many rounds, three to a leap along where they are heading
    (SQUAREM, Varadhan & Roland 2008); a leap that loses likelihood is taken back."""
    for _ in range(rounds // 3):
        one, _ = _round(held, seen, n, mass)
        two, before = _round(held, seen, n, one)
        first, second = one - mass, two - 2 * one + mass
        moved = float(np.abs(np.cumsum(two - one)).max())
        if moved < _STILL or not second.any():
            return two
        length = max(float(np.linalg.norm(first) / np.linalg.norm(second)), 1.0)
        leap = np.maximum(mass + 2 * length * first + length**2 * second, 1e-3 * two)
        found, after = _round(held, seen, n, leap / leap.sum())
        mass = found if after >= before else two
    return mass


def _bins(longest: float) -> Floats:
    """Return edges of months for two years of delay, then of quarters, to the longest or over."""
    months = np.arange(min(np.ceil(longest / MONTH), _MONTHS) + 1.0)
    quarters = np.arange(_MONTHS, np.ceil(longest / MONTH) + 2, 3.0)[1:]
    return np.asarray(np.concatenate([months, quarters]) * MONTH)


def _fit_steps(data: DelayData, n: float, reason: str) -> DelayFit:
    """Return the distribution over months, then quarters, up to the longest follow-up."""
    if not len(data.n):
        edges: Floats = np.arange(13.0) * MONTH
        return DelayFit(Stepwise(edges, np.full(12, 1 / 12)), n, False, reason)
    edges = _bins(float((data.closed_on + 1 - data.start_lo).max()))
    held, seen = _overlaps(data, edges)
    mass = _expectation(held, seen, data.n, np.diff(edges) / edges[-1], 2000)
    return DelayFit(Stepwise(edges, mass), n, not reason, reason, data=data)


def reported_by(fit: DelayFit, edges: Ints, closed_on: int) -> Floats:
    """Return (T,) the chance that a start, even over each period, is reported by the closing day.

    `edges` (T + 1,) are first days of periods and the first day after the last; `closed_on` is
    INCLUSIVE. A period wholly after it has 0.
    """
    area = fit.curve.area(closed_on + 1.0 - np.asarray(edges, dtype=np.float64))
    return np.asarray(np.clip((area[:-1] - area[1:]) / np.diff(edges), 0.0, 1.0))
