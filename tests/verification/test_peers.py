"""The comparison with other methods: its panels, its scores and the two methods always at hand."""

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import peers  # noqa: E402
from peers_methods import METHODS, Estimate, Method, naive  # noqa: E402
from peers_worlds import CONDITIONS, EFFECTS, ONSET, rates, simulate  # noqa: E402

PANELS = 8
OURS = {m.name.removeprefix("Comity, "): m.run for m in METHODS if m.needs == "comity"}
FOUR, ALONE = OURS["four cells, net change"], OURS["target alone, net change"]


def error(run, condition: str, ratio: float = 0.5) -> float:
    """Return the median error of a method's log ratio over a few panels."""
    found = [run(simulate(condition, ratio, seed), seed).log_ratio for seed in range(PANELS)]
    return float(np.median(found) - np.log(ratio))


@pytest.mark.parametrize("run", [naive, FOUR, ALONE], ids=["before and after", "four", "alone"])
def test_where_attention_is_flat_a_halving_is_found(run):
    assert error(run, "flat") == pytest.approx(0.0, abs=0.3)


@pytest.mark.parametrize(
    ("condition", "low", "high"),
    [
        ("growing", 0.4, 1.2),
        ("to the initiator", 0.3, 1.0),
        ("not yet reported", -1.0, -0.3),
    ],
)
def test_before_and_after_fails_in_a_trap_and_four_cells_do_not(condition, low, high):
    assert low < error(naive, condition) < high
    assert error(FOUR, condition) == pytest.approx(0.0, abs=0.3)


def test_the_target_alone_mends_delay_but_not_attention():
    assert error(ALONE, "not yet reported") == pytest.approx(0.0, abs=0.35)
    assert error(ALONE, "growing") > 0.3


@pytest.mark.parametrize("condition", CONDITIONS)
def test_only_cell_a_changes_and_by_the_ratio_asked_for(condition):
    before = rates(condition, 1.0, np.random.default_rng(1))
    after = rates(condition, 0.25, np.random.default_rng(1))
    assert after[0, ONSET:] == pytest.approx(0.25 * before[0, ONSET:])
    assert (after[:, :ONSET] == before[:, :ONSET]).all()
    assert (after[1:] == before[1:]).all()


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_same_seed_gives_the_same_panel(condition):
    one, two, other = (simulate(condition, 1.0, seed) for seed in (3, 3, 4))
    assert (one.printed == two.printed).all()
    assert (one.printed != other.printed).any()


def test_a_coarse_date_is_printed_as_its_january_and_none_is_lost():
    panel = simulate("coarse dates", 1.0, 0)
    held = panel.counts.y.sum() + panel.counts.n.sum()
    assert panel.printed.sum() == held
    assert panel.printed[:, ::4].sum() > 1.5 * panel.printed.sum() / 4
    assert panel.counts.n.sum() / held == pytest.approx(0.3, abs=0.08)


def test_what_is_not_yet_reported_is_in_no_count():
    panel = simulate("not yet reported", 1.0, 0)
    assert panel.delays is not None
    assert panel.delays.n.sum() == panel.printed.sum()
    assert (panel.delays.rep_lo <= panel.delays.closed_on).all()
    steady = simulate("flat", 1.0, 0).printed
    assert panel.printed[:, -4:].sum() < 0.5 * steady[:, -4:].sum()


def test_scores_are_what_a_reader_works_out():
    found = [
        Estimate(0.1, -0.2, 0.4, False),
        Estimate(-0.3, -0.5, -0.1, True),
        Estimate(0.2, -np.inf, np.inf, False),
        None,
    ]
    score = peers.score(found, 0.0, [1.0, 2.0, 3.0, 4.0])
    assert (score.panels, score.failed, score.seconds) == (4, 1, 2.5)
    assert score.bias == pytest.approx(0.1)
    assert score.rmse == pytest.approx(np.sqrt(0.14 / 3))
    assert score.cover == pytest.approx(2 / 3)
    assert score.fell == pytest.approx(0.25)
    assert score.width == pytest.approx(np.exp(0.6))


def test_a_peer_that_is_not_installed_is_named_and_one_that_raises_gives_no_answer(
    monkeypatch, capsys
):
    def broken(panel, seed):
        raise ValueError("no")

    methods = (
        Method("before and after", "numpy", naive),
        Method("broken", "numpy", broken),
        Method("absent", "no_such_module_here", naive),
    )
    monkeypatch.setattr(peers, "METHODS", methods)
    monkeypatch.setattr(peers, "one_core", lambda: None)
    monkeypatch.setattr(sys, "argv", ["peers.py", "--panels", "2", "--only", "flat"])
    peers.main()
    said = capsys.readouterr()
    assert "Not installed, left out: absent (module no_such_module_here)." in said.out
    rows = [line for line in said.out.splitlines() if line.endswith((" 2 | 0 |", " 2 | 6 |"))]
    assert rows[0].startswith("| before and after |")
    assert rows[1].startswith("| broken |")  # two panels at each of three true changes
    assert len(rows) == 2
    assert "ValueError" in said.err


def test_the_page_has_every_method_and_condition_in_its_tables():
    text = (ROOT / "docs" / "peers.md").read_text(encoding="utf-8")
    tables = peers.MARKED.search(text)
    assert tables is not None
    for method in METHODS:
        assert f"\n| {method.name} |" in tables[0], method.name
    assert "| method | " + " | ".join(CONDITIONS) + " |" in tables[0]
    assert " / ".join(EFFECTS) in tables[0]
