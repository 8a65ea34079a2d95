"""Onset in full: which dated accounts of the change the evidence favours, alone and together.

Accounts compared: no change; a step at the agreement; a step at each dated rival; the agreement
joined with each rival (two steps); the agreement as a ramp over a year; and as a step that fades by
half every one or every two years. Marginal likelihoods are Laplace approximations at the step sizes
of the declared fit, mixed; a second step has the same normal(0, 1) prior as the first, bears on
cell A alone, and is summed out by Gauss-Hermite quadrature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from comity.verification.change import Analysis
from comity.verification.counts import Counts
from comity.verification.examine.model import Explanation, OnsetAccounts
from comity.verification.fit import step_path
from comity.verification.laplace import Model, build_scatter, find_modes
from comity.verification.model import Check, Rival
from comity.verification.onset import SEPARABLE
from comity.verification.prepare import Prepared
from comity.verification.words import percent

Floats = NDArray[np.float64]

NODES = 9
NO_CHANGE_PRIOR = 0.5
AGREEMENT = "the agreement"
FADES = (1.0, 2.0)  # half-lives, years


@dataclass(frozen=True, slots=True)
class _Account:
    """One account: its path x (T,), or none; a second step's path for a joint one."""

    kind: str
    label: str
    rivals: tuple[Rival, ...]
    x: Floats | None
    second: Floats | None = None


@dataclass(frozen=True, slots=True)
class _Bench:
    """The declared fit's model and the step sizes every account is judged at."""

    model: Model
    tau: Floats
    log_share: Floats
    X: Floats
    b: Floats


def _bench(analysis: Analysis) -> _Bench:
    """Return the points of the declared fit that carry its weight."""
    fit = analysis.fit
    assert fit is not None
    mixture, modes = fit.mixture, fit.mixture.modes
    keep = np.flatnonzero(mixture.weights > 1e-3)
    share = np.log(mixture.weights[keep]) - modes.log_marginal[keep]
    return _Bench(mixture.model, modes.tau[keep], share, modes.X[keep], modes.b[keep])


def _log_sum(terms: Floats) -> float:
    """Return log(sum(exp(terms)))."""
    top = float(terms.max())
    return top + float(np.log(np.exp(terms - top).sum()))


def _marginal(bench: _Bench, model: Model, start: Floats | None = None) -> tuple[float, Floats]:
    """Return the log marginal likelihood of a model and, for each point, the mode of delta."""
    found = find_modes(model, bench.X, bench.b if start is None else start, bench.tau)
    delta = found.b[:, model.counts.shape[0]]
    return _log_sum(found.log_marginal + bench.log_share), delta


def _none(bench: _Bench) -> float:
    """Return the log marginal likelihood of no step at all."""
    base = bench.model
    groups = base.counts.shape[0]
    still = base.border_sd.copy()
    still[groups:] = 1e-4
    flat = bench.b.copy()
    flat[:, groups:] = 0.0
    value, _ = _marginal(bench, replace(base, border_sd=still), flat)
    return value + float(np.log(base.border_sd[groups:] / still[groups:]).sum())


def shifted(counts: Counts, offset: Floats) -> tuple[Counts, float]:
    """Return counts whose cell A has log rates `offset` (T,) higher than the model will say, and
    the term this adds to the log likelihood of the exact counts."""
    mine = np.array([cell == "A" for cell in counts.cells])
    moved = np.where(mine[:, None], offset, 0.0)
    factor = np.exp(moved)
    columns = np.minimum(
        counts.first[:, None] + np.arange(counts.weight.shape[1]), counts.shape[1] - 1
    )
    weight = counts.weight * factor[counts.group[:, None], columns]
    changed = replace(counts, exposure=counts.exposure * factor, weight=weight)
    return changed, float((counts.y * moved).sum())


def _joint(bench: _Bench, account: _Account) -> float:
    """Return the log marginal likelihood of two steps, the second summed out."""
    assert account.x is not None
    assert account.second is not None
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    terms = np.empty(NODES)
    for k, node in enumerate(nodes):
        counts, extra = shifted(bench.model.counts, node * account.second)
        model = replace(
            bench.model, counts=counts, x=account.x, scatter=build_scatter(counts, bench.model.Z)
        )
        value, _ = _marginal(bench, model)
        terms[k] = value + extra + np.log(weights[k] / weights.sum())
    return _log_sum(terms)


def _fade(periods: int, onset: int, half_life: float) -> Floats:
    """Return x (T,): 0 before `onset`, then 1 falling by half every `half_life` periods."""
    t = np.arange(periods, dtype=float)
    path = np.where(t < onset, 0.0, 0.5 ** (np.maximum(t - onset, 0.0) / half_life))
    return np.asarray(path)


def _accounts(prepared: Prepared, rivals: Sequence[Rival]) -> list[_Account]:
    """Return every account; rivals outside the window or in the agreement's own quarter are not
    accounts of their own (the second cannot be told apart by construction)."""
    T, onset, per_year = prepared.grid.periods, prepared.onset, 12 // prepared.grid.months
    own = Rival(prepared.question.agreed, AGREEMENT)
    step = step_path(T, onset)
    found = [
        _Account("none", "no step", (), None),
        _Account("step", AGREEMENT, (own,), step),
        _Account("ramp", f"{AGREEMENT}, over a year", (own,), step_path(T, onset, per_year)),
    ]
    for years in FADES:
        label = f"{AGREEMENT}, fading by half every {years:g} year{'s' if years > 1 else ''}"
        found.append(_Account("fade", label, (own,), _fade(T, onset, years * per_year)))
    for rival in rivals:
        at = prepared.grid.boundary(rival.date)
        if at == onset or not prepared.window[0] + 4 <= at <= prepared.window[1] - 4:
            continue
        path = step_path(T, at)
        found.append(_Account("step", rival.what, (rival,), path))
        found.append(_Account("joint", f"{AGREEMENT} and: {rival.what}", (own, rival), step, path))
    return found


def _priors(accounts: Sequence[_Account]) -> Floats:
    """Return prior probabilities: half for no step; the other half even over dates, then half of
    each date's to a plain step and half to its other shapes and joint accounts."""
    prior = np.zeros(len(accounts))
    plain = [k for k, a in enumerate(accounts) if a.kind == "step"]
    rest = [k for k, a in enumerate(accounts) if a.kind not in ("step", "none")]
    prior[plain] = 0.5 * (1 - NO_CHANGE_PRIOR) / len(plain)
    prior[rest] = 0.5 * (1 - NO_CHANGE_PRIOR) / len(rest)
    prior[[k for k, a in enumerate(accounts) if a.kind == "none"]] = NO_CHANGE_PRIOR
    return np.asarray(prior / prior.sum())


def onset_accounts(
    prepared: Prepared, primary: Analysis, rivals: Sequence[Rival] = ()
) -> OnsetAccounts | None:
    """Return how well each dated account fits, or None where nothing was fitted.

    `rivals` are dated events beside those the question declares. Two accounts whose posterior odds
    over prior odds lie within SEPARABLE of each other cannot be told apart.
    """
    if primary.fit is None:
        return None
    known = {(r.date, r.what): r for r in (*prepared.question.rivals, *rivals)}
    accounts = _accounts(prepared, sorted(known.values(), key=lambda r: (r.date, r.what)))
    bench = _bench(primary)
    values, deltas = np.empty(len(accounts)), []
    for k, account in enumerate(accounts):
        delta = None
        if account.x is None:
            values[k] = _none(bench)
        elif account.second is not None:
            values[k] = _joint(bench, account)
        else:
            values[k], delta = _marginal(bench, replace(bench.model, x=account.x))
        deltas.append(delta)
    prior = _priors(accounts)
    posterior = np.exp(values - values.max()) * prior
    posterior /= posterior.sum()
    agreement = next(k for k, a in enumerate(accounts) if a.label == AGREEMENT)
    rows = tuple(
        Explanation(
            a.kind, a.label, tuple(r.date for r in a.rivals),
            next((r.source for r in a.rivals if r.source), ""),
            float(prior[k]), float(posterior[k]),
            float(np.exp(np.clip(values[k] - values[agreement], -30, 30))), _effect(deltas[k]),
        )
        for k, a in enumerate(accounts)
    )  # fmt: skip
    near = tuple(
        r.label for r in rows if 1 / SEPARABLE < r.factor < SEPARABLE and r.label != AGREEMENT
    )
    groups = ((AGREEMENT, *near),) if near else ()
    return OnsetAccounts(SEPARABLE, rows, groups, _sentence(rows, near), (_check(rows, near),))


def _effect(delta: Floats | None) -> float | None:
    """Return the likeliest step as a ratio: the median of its modes over step sizes."""
    return None if delta is None else float(np.exp(np.median(delta)))


def _check(rows: Sequence[Explanation], near: tuple[str, ...]) -> Check:
    """Say whether the agreement stands apart from every rival and from no step."""
    others = [r for r in rows if r.kind in ("none", "step") and r.label != AGREEMENT]
    apart = [r for r in others if r.factor <= 1 / SEPARABLE]
    return Check(
        "the agreement stands apart", len(apart) == len(others),
        f"{len(apart)} of {len(others)} other accounts fit less well by a factor of "
        f"{SEPARABLE:g} or more",
    )  # fmt: skip


def _sentence(rows: Sequence[Explanation], near: tuple[str, ...]) -> str:
    """Return the finding in one sentence."""
    none = next(r for r in rows if r.kind == "none")
    best = max(rows, key=lambda r: r.factor)
    among = f"Among {len(rows)} accounts named beforehand, no step at all goes"
    words = (
        f"{among} from {percent(none.prior)} to {percent(none.posterior)}; the account "
        f"that fits best is {best.label} ({best.factor:.1f} times the agreement's fit)"
        if best.label != AGREEMENT
        else f"{among} from {percent(none.prior)} to {percent(none.posterior)}; the "
        "agreement fits best"
    )
    if near:
        return (
            f"{words}. Not separable from the agreement (within a factor of {SEPARABLE:g}): "
            f"{len(near)} of {len(rows) - 1} other accounts."
        )
    return f"{words}. Every other account differs by a factor of {SEPARABLE:g} or more."
