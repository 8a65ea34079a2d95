"""Next evidence: which open facts would move the verdict most if they were settled.

Settling one fact changes one incident's place in the panel. The posterior's draws are weighed again
by how much better or worse the changed panel fits each of them, which is exact up to the draws: no
fit is made. A start known to a year may turn out to lie in any of its periods, with the chances the
model gives them now; an incident whose motive or attribution is open may leave the scope.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.incidents.model import read_attributions
from comity.verification.change import Analysis
from comity.verification.examine.model import NextEvidence, NextItem, Settlement
from comity.verification.fit import Fit
from comity.verification.model import Check
from comity.verification.panel import Panel
from comity.verification.prepare import ListData, Prepared
from comity.verification.sentences import HEADLINE
from comity.verification.words import percent

Floats = NDArray[np.float64]

LISTED = 10
STAYS = {"motive": 0.5, "attribution": 0.8}  # chance that an open fact keeps the incident in scope
THIN = 0.25  # effective draws left, as a share, below which a settlement is not weighed again


@dataclass(frozen=True, slots=True)
class _Open:
    """One open fact of one incident: its row and group, and the settlements' log weights (S,)."""

    key: str
    name: str
    kind: str
    now: str
    sources: tuple[str, ...]
    ways: tuple[tuple[str, float, Floats], ...]  # what, chance, log weight per draw


@dataclass(frozen=True, slots=True)
class _State:
    """What every settlement is weighed against: rates per draw (S, G, T) with exposure."""

    fit: Fit
    mu: Floats
    groups: tuple[str, ...]
    labels: tuple[str, ...]


def _places(one: ListData, prepared: Prepared, row: int) -> tuple[int, int]:
    """Return the first and last period an incident's start may lie in, cut to the grid."""
    days = one.table[row].select("start_earliest", "start_latest").row(0)
    first, last = (prepared.grid.index(day) for day in days)
    return max(first, 0), min(last, prepared.grid.periods - 1)


def _start_ways(
    state: _State, g: int, first: int, last: int
) -> tuple[tuple[str, float, Floats], ...]:
    """Return how a coarse start may be settled: each period with its chance now."""
    piece = state.mu[:, g, first : last + 1]
    total = piece.sum(axis=1)
    weights = state.fit.draws.weights
    chances = weights @ (piece / np.maximum(total, 1e-300)[:, None])
    with np.errstate(divide="ignore"):
        logs = np.log(piece) - np.log(total)[:, None]
    return tuple(
        (state.labels[first + k], float(chances[k]), logs[:, k])
        for k in range(last - first + 1)
        if chances[k] > 0.01
    )


def _leaving_ways(
    state: _State, g: int, first: int, last: int, kind: str
) -> tuple[tuple[str, float, Floats], ...]:
    """Return how an open motive or attribution may be settled: it stays, or it leaves the cell."""
    total = state.mu[:, g, first : last + 1].sum(axis=1)
    stays = STAYS[kind]
    words = {
        "motive": ("commercial advantage intended", "another purpose: not in scope"),
        "attribution": ("attribution confirmed", "another actor: not in this cell"),
    }[kind]
    return (
        (words[0], stays, np.zeros(len(total))),
        (words[1], 1 - stays, -np.log(np.maximum(total, 1e-300))),
    )


def _reweighed(state: _State, log_weight: Floats) -> tuple[float, float] | None:
    """Return (P(fell), median ratio) under new weights, None where too few draws carry them."""
    draws = state.fit.draws
    raw = draws.weights * np.exp(log_weight - log_weight.max())
    raw /= raw.sum()
    if 1 / (raw**2).sum() < THIN * draws.effective:
        return None
    values = state.fit.estimands[HEADLINE]
    order = np.argsort(values)
    middle = np.cumsum(raw[order]) - 0.5 * raw[order]
    median = float(np.exp(np.interp(0.5, middle, values[order])))
    return float(raw[values < 0].sum()), median


def _open_facts(
    prepared: Prepared, panel: Panel, one: ListData, state: _State, offset: int
) -> list[_Open]:
    """Return every open fact of one list's incidents in the comparison."""
    found = []
    norm = prepared.question.norm
    rows = one.table.select("id", "name", "start", "commercial_use", "attributions", "sources")
    pairs = sorted(set(zip(panel.rows.tolist(), panel.row_cells, strict=True)))
    for row, cell in pairs:
        g = next((k for k, name in enumerate(state.groups[offset:]) if name == cell), None)
        if g is None:
            continue
        first, last = _places(one, prepared, row)
        identity, name, start, use, claims, sources = rows.row(row)
        key = f"{one.release.list}:{identity}"
        about = (key, str(name or ""))
        addresses = tuple(str(s) for s in sources)
        if last > first and first < prepared.onset <= last:
            ways = _start_ways(state, g + offset, first, last)
            found.append(_Open(*about, "start", f"start {start}, cell {cell}", addresses, ways))
        if cell != "A":
            continue
        if norm == "commercial-theft" and use == "unknown":
            ways = _leaving_ways(state, g + offset, first, last, "motive")
            found.append(_Open(*about, "motive", "commercial use not known", addresses, ways))
        if not read_attributions(str(claims or "")):
            ways = _leaving_ways(state, g + offset, first, last, "attribution")
            found.append(_Open(*about, "attribution", "no claimant on record", addresses, ways))
    return found


def next_evidence(prepared: Prepared, primary: Analysis) -> NextEvidence | None:
    """Return the open facts that would move the probability of a fall most, or None where nothing
    was fitted. Starts matter only where they may lie on either side of the agreement."""
    fit = primary.fit
    if fit is None or HEADLINE not in fit.estimands:
        return None
    counts = fit.mixture.model.counts
    state = _State(fit, counts.exposure * fit.rates(), counts.cells, prepared.grid.labels)
    facts: list[_Open] = []
    offset = 0
    used = [one for one in prepared.counting if one.release.list in primary.lists]
    for one, panel in zip(used, primary.panels, strict=True):
        facts += _open_facts(prepared, panel, one, state, offset)
        offset += sum(cell in fit.layout.cells for cell in panel.counts.cells)
    base = fit.fell(HEADLINE)
    items = [item for fact in facts if (item := _item(state, fact, base)) is not None]
    items.sort(key=lambda item: (-item.movement, item.incident, item.kind))
    top = tuple(items[:LISTED])
    return NextEvidence(
        len(facts), top, _together(state, facts, base, prepared.choices.seed),
        _sentence(top, len(facts), base),
        (Check("no single fact decides", _decides(top), _most(top)),),
    )  # fmt: skip


def _item(state: _State, fact: _Open, base: float) -> NextItem | None:
    """Return one open fact with what each way of settling it would give."""
    ways = []
    for what, chance, log_weight in fact.ways:
        answer = _reweighed(state, log_weight)
        if answer is None:
            return None
        ways.append(Settlement(what, chance, *answer))
    movement = sum(w.chance * abs(w.fell - base) for w in ways)
    return NextItem(fact.key, fact.name, fact.kind, fact.now, movement, tuple(ways), fact.sources)


def _together(state: _State, facts: Sequence[_Open], base: float, seed: int) -> float | None:
    """Return the expected movement if every open start were settled at once, over 200 ways."""
    starts = [f for f in facts if f.kind == "start"]
    if not starts:
        return None
    random = np.random.default_rng(seed)
    moves = []
    for _ in range(200):
        total = np.zeros(len(state.fit.draws.weights))
        for fact in starts:
            chances = np.array([chance for _, chance, _ in fact.ways])
            total += fact.ways[int(random.choice(len(chances), p=chances / chances.sum()))][2]
        answer = _reweighed(state, total)
        if answer is not None:
            moves.append(abs(answer[0] - base))
    return float(np.mean(moves)) if len(moves) > 100 else None


def _decides(items: Sequence[NextItem]) -> bool | None:
    """Say whether no single fact is expected to move the probability by 0.05 or more."""
    return items[0].movement < 0.05 if items else None


def _most(items: Sequence[NextItem]) -> str:
    """Return the largest expected movement in words."""
    if not items:
        return "no open fact bears on the comparison"
    return f"the largest expected movement is {100 * items[0].movement:.1f} points"


def _sentence(items: Sequence[NextItem], considered: int, base: float) -> str:
    """Return the finding in one sentence."""
    if not items:
        return (
            "No start, motive or attribution in the comparison is open in a way that bears on it."
        )
    first = items[0]
    return (
        f"Of {considered} open facts the {first.kind} of {first.incident} matters most: settling "
        f"it would move the chance of a fall by {100 * first.movement:.1f} points in expectation "
        f"(now {percent(base)})."
    )
