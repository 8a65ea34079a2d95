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
a distribution over months of delay. Each parametric F is written by m, the log of its median in
days, and k, the log of about the standard deviation of log D, with the weak priors

    m ~ Normal(log 180, 1.5)        k ~ Normal(0, 0.7)

It assumes that the delay does not depend on when the incident began, and that a start is as likely
on each day of its window; a list whose delays shorten over the years shows it wrong. The
nonparametric F is that of delays no longer than the longest follow-up: of longer ones such a list
says nothing. Source: the likelihood of primarycensored (Park et al. 2024); the expectation step
with ghosts for what was truncated is Turnbull's (1976).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from comity.errors import ModelError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FAMILIES: Final = ("lognormal", "gamma", "weibull")
FEWEST_INFORMATIVE: Final = 20
WIDEST_INFORMATIVE: Final = 366  # days of a window beyond which a date says little of a delay
PRIOR_MEAN: Final = (float(np.log(180.0)), 0.0)
PRIOR_SD: Final = (1.5, 0.7)
LARGEST_SD_SHARE: Final = 0.9  # posterior sd of m over the prior's: more is not identified
MONTH: Final = 365.25 / 12
_NARROW = 3  # days of start window for which its middle will do
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(8)
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
class Parametric:
    """One family's distribution by log median `m` and log spread `k`."""

    family: str
    m: float
    k: float

    def cdf(self, days: Floats) -> Floats:
        """Return P(D <= days); 0 up to day 0."""
        x = np.maximum(np.asarray(days, dtype=np.float64), 1e-12)
        if self.family == "lognormal":
            value = special.ndtr((np.log(x) - self.m) * np.exp(-self.k))
        elif self.family == "gamma":
            shape = np.exp(-2 * self.k)
            value = special.gammainc(shape, x * (special.gammaincinv(shape, 0.5) / np.exp(self.m)))
        else:
            slope = np.pi / np.sqrt(6) * np.exp(-self.k)
            value = -np.expm1(-np.log(2) * np.exp(np.minimum(slope * (np.log(x) - self.m), 50.0)))
        return np.asarray(np.where(np.asarray(days) > 0, value, 0.0))

    def quantile(self, p: Floats) -> Floats:
        """Return the days by which a share p is reported."""
        if self.family == "lognormal":
            return np.asarray(np.exp(self.m + np.exp(self.k) * special.ndtri(p)))
        if self.family == "gamma":
            shape = np.exp(-2 * self.k)
            unit = special.gammaincinv(shape, p) / special.gammaincinv(shape, 0.5)
            return np.asarray(np.exp(self.m) * unit)
        slope = np.pi / np.sqrt(6) * np.exp(-self.k)
        with np.errstate(divide="ignore"):
            return np.asarray(np.exp(self.m) * (-np.log1p(-p) / np.log(2)) ** (1 / slope))


@dataclass(frozen=True, slots=True)
class Stepwise:
    """Masses (J,) over months of delay, spread evenly in each: F is straight between `edges`."""

    edges: Floats
    mass: Floats

    def cdf(self, days: Floats) -> Floats:
        """Return P(D <= days); 1 from the longest follow-up on."""
        steps = np.concatenate([[0.0], np.cumsum(self.mass)])
        return np.asarray(np.interp(days, self.edges, steps / steps[-1]))

    def quantile(self, p: Floats) -> Floats:
        """Return the days by which a share p is reported."""
        steps = np.concatenate([[0.0], np.cumsum(self.mass)])
        return np.asarray(np.interp(p, steps / steps[-1], self.edges))


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
class _Nodes:
    """Start windows as weighted points; `owner` is the incident of each, of `size` in all.

    A window's weights sum to the share of it that could end in what is asked: for the record
    (`late`, `early`: longest and shortest delay), that it begins before the report window's end.
    """

    size: int
    owner: Ints
    weight: Floats
    late: Floats
    early: Floats
    seen_owner: Ints
    seen_weight: Floats
    follow: Floats

    def records(self, values: Floats) -> Floats:
        """Return the (N,) means over start windows of values at the points of the records."""
        return np.asarray(
            np.bincount(self.owner, self.weight * values, minlength=self.size), dtype=np.float64
        )

    def reports(self, values: Floats) -> Floats:
        """Return the (N,) means over start windows of values at the points of any report."""
        return np.asarray(
            np.bincount(self.seen_owner, self.seen_weight * values, minlength=self.size),
            dtype=np.float64,
        )


def _quadrature(lo: Ints, hi: Ints, last: Ints) -> tuple[Ints, Floats, Floats]:
    """Return owner, weight and place of points over [lo, min(hi, last) + 1) of windows lo..hi."""
    length = np.minimum(hi, last) + 1.0 - lo
    wide = length > _NARROW
    few, many = np.flatnonzero(~wide), np.flatnonzero(wide)
    owner = np.concatenate([few, np.repeat(many, len(_POINTS))])
    points = np.concatenate([np.zeros(len(few)), np.tile(_POINTS, len(many))])
    weight = np.concatenate([np.full(len(few), 2.0), np.tile(_WEIGHTS, len(many))]) / 2
    weight *= (length / (hi + 1.0 - lo))[owner]
    return owner, weight, lo[owner] + length[owner] * (points + 1) / 2


def _nodes(data: DelayData) -> _Nodes:
    """Return the quadrature of the start windows."""
    lo, hi = data.start_lo, data.start_hi
    closing = np.full(len(lo), data.closed_on)
    owner, weight, s = _quadrature(lo, hi, data.rep_hi)
    seen_owner, seen_weight, any_s = _quadrature(lo, hi, closing)
    return _Nodes(
        len(lo), owner, weight, data.rep_hi[owner] + 1 - s, data.rep_lo[owner] - s,
        seen_owner, seen_weight, data.closed_on + 1 - any_s,
    )  # fmt: skip


def _log_likelihood(curve: Parametric, nodes: _Nodes, n: Floats) -> float:
    """Return sum n_i log L_i of the module's docstring."""
    top = nodes.records(np.maximum(curve.cdf(nodes.late) - curve.cdf(nodes.early), 0.0))
    bottom = nodes.reports(curve.cdf(nodes.follow))
    return float(n @ (np.log(np.maximum(top, _TINY)) - np.log(np.maximum(bottom, _TINY))))


def _fit_family(
    family: str, nodes: _Nodes, n: Floats, start: Sequence[float]
) -> tuple[Parametric, Floats, float]:
    """Return the mode, its covariance (2, 2) by differences, and the log posterior there."""
    mean, sd = np.array(PRIOR_MEAN), np.array(PRIOR_SD)

    def loss(theta: Floats) -> float:
        curve = Parametric(family, float(theta[0]), float(np.clip(theta[1], -4.0, 2.5)))
        return 0.5 * float((((theta - mean) / sd) ** 2).sum()) - _log_likelihood(curve, nodes, n)

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
    wrong = {
        "start windows end before they begin": data.start_hi < data.start_lo,
        "report windows end before they begin": data.rep_hi < data.rep_lo,
        "reports come before the start": data.rep_hi < data.start_lo,
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
    return replace(data, rep_hi=np.minimum(data.rep_hi, data.closed_on))


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
    nodes = _nodes(data)
    curves, covariances, logs = {}, {}, {}
    start: Sequence[float] = _rough(data)
    for family in families:
        curves[family], covariances[family], logs[family] = _fit_family(
            family, nodes, data.n, start
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
    """Return (N, J) the chance of the record and of any report, given a delay in each month."""
    nodes = _nodes(data)
    lower, width = edges[:-1], np.diff(edges)

    def share(limit: Floats) -> Floats:
        return np.asarray(np.clip((limit[:, None] - lower) / width, 0.0, 1.0))

    held = np.zeros((nodes.size, len(lower)))
    np.add.at(held, nodes.owner, nodes.weight[:, None] * (share(nodes.late) - share(nodes.early)))
    seen = np.zeros_like(held)
    np.add.at(seen, nodes.seen_owner, nodes.seen_weight[:, None] * share(nodes.follow))
    return held, seen


def _expectation(held: Floats, seen: Floats, n: Floats, mass: Floats, steps: int) -> Floats:
    """Return the masses after at most so many rounds: records shared out by their chance, and for
    each record the ghosts that the closing date hides."""
    for _ in range(steps):
        top, bottom = held @ mass, seen @ mass
        own = (n / np.maximum(top, _TINY)) @ held
        ghosts = (n / np.maximum(bottom, _TINY)) @ (1.0 - seen)
        new = mass * (own + ghosts)
        new /= new.sum()
        moved = float(np.abs(np.cumsum(new) - np.cumsum(mass)).max())
        mass = new
        if moved < 1e-7:
            break
    return mass


def _fit_steps(data: DelayData, n: float, reason: str) -> DelayFit:
    """Return the distribution over months up to the longest follow-up."""
    if not len(data.n):
        edges: Floats = np.arange(13.0) * MONTH
        return DelayFit(Stepwise(edges, np.full(12, 1 / 12)), n, False, reason)
    longest = float((data.closed_on + 1 - data.start_lo).max())
    edges = np.arange(np.ceil(longest / MONTH) + 1.0) * MONTH
    held, seen = _overlaps(data, edges)
    mass = _expectation(held, seen, data.n, np.full(len(edges) - 1, 1 / (len(edges) - 1)), 2000)
    return DelayFit(Stepwise(edges, mass), n, not reason, reason, data=data)


def reported_by(fit: DelayFit, edges: Ints, closed_on: int) -> Floats:
    """Return (T,) the chance that a start, even over each period, is reported by the closing day.

    `edges` (T + 1,) are first days of periods and the first day after the last; `closed_on` is
    INCLUSIVE. A period wholly after it has 0.
    """
    first = np.asarray(edges[:-1], dtype=np.float64)
    whole = np.diff(edges).astype(np.float64)
    open_days = np.clip(closed_on + 1 - first, 0.0, whole)
    s = first[:, None] + open_days[:, None] * (_POINTS + 1) / 2
    mean = fit.cdf(closed_on + 1 - s) @ (_WEIGHTS / 2)
    return np.asarray(mean * open_days / whole)
