"""Who follows whom: published edges found again, support, and what cannot be told."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from comity.diffusion.network import Cascade, infer_network, read_cascades
from comity.errors import AdoptionError


def test_the_published_edges_and_gains_are_found_exactly(shared_data: Path) -> None:
    folder = shared_data / "methods" / "diffusion"
    found = infer_network(read_cascades(folder / "netinf_cascades.csv"), edges=5, rate=1.0)
    with (folder / "netinf_validation.csv").open() as file:
        wanted = {(r["origin_node"], r["destination_node"]): r for r in csv.DictReader(file)}
    assert {(e.source, e.target) for e in found.edges} == set(wanted)
    for e in found.edges:
        row = wanted[e.source, e.target]
        assert e.cascades == int(row["volume"])
        assert e.gain == pytest.approx(float(row["marginal_gain"]), abs=1e-5)
        assert e.mean_delay == pytest.approx(float(row["mean_time_difference"]), abs=1e-5)
        # The published median of an even number is the upper of the two in the middle.
        assert e.median_delay <= float(row["median_time_difference"]) + 1e-5


def made(cascades: int, seed: int = 0) -> list[Cascade]:
    """Return cascades in which b follows a and c follows b, while d comes at any time."""
    rng = np.random.default_rng(seed)
    found = []
    for k in range(cascades):
        a = float(rng.uniform(0, 1))
        b = a + float(rng.exponential(0.2))
        c = b + float(rng.exponential(0.2))
        events = sorted([(a, "a"), (b, "b"), (c, "c"), (float(rng.uniform(0, 20)), "d")])
        found.append(Cascade(f"k{k}", tuple(events)))
    return found


def test_a_chain_is_found_with_support_and_its_shortcut_is_not() -> None:
    found = infer_network(made(60), edges=2, rate=5.0, draws=50)
    assert [(e.source, e.target) for e in found.edges] == [("a", "b"), ("b", "c")]
    assert all(e.support is not None and e.support > 0.9 for e in found.edges)


def test_too_few_cascades_are_said_and_no_edge_is_told() -> None:
    found = infer_network(made(4))
    assert found.edges == ()
    assert "too few cascades" in found.reason
    assert found.cascades == 4


def test_the_same_occasion_counts_once() -> None:
    one = made(1)[0]
    again = [Cascade(f"copy {k}", one.events) for k in range(9)]
    found = infer_network(again)
    assert found.cascades == 1
    assert found.edges == ()


def test_what_is_taken_up_on_one_day_is_one_occasion_of_following() -> None:
    made_of_dates = [Cascade(f"n{k}", ((2015.0 - k, "a"), (2018.9, "b"))) for k in range(9)]
    assert infer_network(made_of_dates, rate=1.0).edges
    assert infer_network(made_of_dates, rate=1.0, calendar=True).edges == ()


def test_those_who_adopt_together_do_not_follow_each_other() -> None:
    together = [Cascade(f"t{k}", ((float(k), "a"), (float(k), "b"))) for k in range(9)]
    assert infer_network(together).edges == ()


@pytest.mark.parametrize(("rate", "epsilon"), [(0.0, 0.1), (-1.0, 0.1), (1.0, 0.0), (1.0, 1.0)])
def test_settings_that_are_none_are_refused(rate: float, epsilon: float) -> None:
    with pytest.raises(AdoptionError):
        infer_network(made(9), rate=rate, epsilon=epsilon)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("node,cascade,time\n", "header"),
        ("cascade,node,time\n1,a,soon\n", "line 2"),
        ("cascade,node,time\n1,a,1\n1,a,2\n", "line 3: a is in cascade 1 twice"),
        ("cascade,node,time\n1,,1\n", "line 2"),
        ("cascade,node,time\n1,a,inf\n", "line 2"),
    ],
)
def test_a_bad_file_says_where(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AdoptionError, match=message):
        read_cascades(path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(AdoptionError, match="cannot be read"):
        read_cascades(tmp_path / "none.csv")
