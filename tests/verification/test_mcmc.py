"""The fast fit against the same model sampled by PyMC and nutpie (extra `mcmc`)."""

import numpy as np
import pytest

from comity.api import others_under_promise
from comity.incidents.load import load_evidence
from comity.instruments.register import load_register
from comity.verification.fit import fit_panel
from comity.verification.model import Choices
from comity.verification.prepare import panel_of, prepare
from comity.verification.question import load_question
from comity.verification.simulate import World, simulate_panel

pytestmark = [
    pytest.mark.mcmc,
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]

BATCHES = 50  # of draws in a row, each long beside how far one draw is felt in the next

WORLDS = [
    World(coarse=0.08, delta=0.0, drift=False),
    World(coarse=0.5, delta=float(np.log(0.5)), drift=False),
    World(coarse=0.3, delta=float(np.log(0.25)), drift=False),
    World(coarse=0.08),
    World(coarse=0.5),
]


def share_error(happened):
    """Return the standard error of a share of draws that follow one another, by batch means; the
    draws of one seed differ from processor to processor."""
    batches = happened[: len(happened) // BATCHES * BATCHES].reshape(BATCHES, -1).mean(1)
    return float(batches.std(ddof=1) / np.sqrt(BATCHES))


def compare(counts, onset, window=None):
    """P(fell) within 0.02, beyond what the chains leave open, and interval ends within 0.05 of the
    rate ratio, or the diagnostic said that the fast fit is off. Ends above 1 are compared relative
    to their size."""
    mcmc = pytest.importorskip("comity.verification.mcmc")
    pytest.importorskip("nutpie")
    pytest.importorskip("pymc")
    fast = fit_panel(counts, "four-cells", onset, window=window, draws=60_000, seed=1)
    slow = mcmc.sample_panel(
        counts, "four-cells", onset, window=window, draws=6000, chains=2, seed=1
    )
    assert slow.worst_rhat < 1.01
    off = []
    for name in ("jump", "net-5", "level"):
        values = slow.estimands[name]
        allowed = 0.02 + 2 * share_error(values < 0)
        if abs(fast.fell(name) - float((values < 0).mean())) > allowed:
            off.append(f"P({name}) {fast.fell(name):.3f} {(values < 0).mean():.3f}")
        _, lower, upper = fast.ratio(name, 0.9)
        for ours, p in ((lower, 0.05), (upper, 0.95)):
            theirs = float(np.exp(np.quantile(values, p)))
            if abs(ours - theirs) > 0.05 * max(1.0, theirs):
                off.append(f"{name} {ours:.3f} {theirs:.3f}")
    flagged = fast.draws.pareto_k > 0.7 or fast.draws.effective < 2000
    assert not off or flagged, "; ".join(off)


@pytest.mark.parametrize("number", range(5))
def test_the_fast_fit_agrees_with_mcmc_on_a_simulated_panel(number):
    counts, _ = simulate_panel(WORLDS[number], np.random.default_rng(100 + number))
    compare(counts, 39)


@pytest.mark.parametrize("scope", ["narrow", "whole-dyad"])
def test_the_fast_fit_agrees_with_mcmc_on_the_evidence_that_ships(scope):
    question = load_question("us-china-2015")
    owed = others_under_promise(load_register(), question)
    prepared = prepare(question, load_evidence(("dcid",)), owed, Choices())
    wanted = next(s for s in question.scopes if s.id == scope)
    panel = panel_of(prepared, prepared.lists[0], wanted)
    compare(panel.counts, prepared.onset, prepared.periods)
