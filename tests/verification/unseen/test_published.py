"""What no list holds: published figures, and lists made up with a known total."""

from __future__ import annotations

import csv
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from comity.errors import ModelError
from comity.verification.unseen.bounds import bound_unseen
from comity.verification.unseen.captures import Captures, captures_from, captures_of
from comity.verification.unseen.graphs import average_graphs, decomposable_graphs
from comity.verification.unseen.latent import latent_classes
from comity.verification.unseen.loglinear import exists, fit_loglinear, stepwise
from comity.verification.unseen.periods import compare_periods

FIVE = (0, 27, 37, 19, 4, 4, 1, 1, 97, 22, 37, 25, 2, 1, 3, 5,
        83, 36, 34, 18, 3, 5, 0, 2, 30, 5, 23, 8, 0, 3, 0, 2)  # fmt: skip
"""The five lists of Madigan and York (1997), as in the documentation of the R package dga."""


def published(folder: Path, name: str) -> Captures:
    """Return one of the published tables of captures."""
    with (folder / "methods" / "mse" / f"{name}.csv").open() as stream:
        head, *rows = csv.reader(stream)
    return captures_from(head[:-1], {tuple(map(int, r[:-1])): float(r[-1]) for r in rows})


def made(total: int, reach: tuple[float, ...], seed: int = 0) -> Captures:
    """Return captures of so many incidents by independent lists."""
    rng = np.random.default_rng(seed)
    there = rng.random((total, len(reach))) < np.array(reach)
    names = [chr(97 + n) for n in range(len(reach))]
    return captures_of(names, ({names[k] for k in np.flatnonzero(row)} for row in there))


@pytest.mark.parametrize(
    ("name", "main", "stepped"),
    [
        ("UKdat", (12214, 10989, 13621), (11418, 9977, 13146)),
        ("UKdat_5", (13444, 11985, 15133), (11313, 9884, 13027)),
        ("Ned_5", (52924, 48595, 57718), (121522, 98675, 150139)),
    ],
)
def test_the_published_estimates_are_reproduced(
    shared_data: Path, name: str, main: tuple[int, ...], stepped: tuple[int, ...]
) -> None:
    """SparseMSE 2.0.1: points within 2 %, interval ends within 5 % are asked; met to the unit."""
    captures = published(shared_data, name)
    assert fit_loglinear(captures).total(0.95) == pytest.approx(main, rel=1e-4)
    assert stepwise(captures).total(0.95) == pytest.approx(stepped, rel=1e-4)


def test_where_published_models_disagree_nothing_is_claimed(shared_data: Path) -> None:
    found = bound_unseen(published(shared_data, "Ned_5"))
    assert not found.identified
    assert any("contradict" in reason for reason in found.reasons)


def test_the_five_lists_of_madigan_and_york() -> None:
    counts = {p: float(n) for p, n in zip(product((0, 1), repeat=5), FIVE, strict=True) if n}
    captures = captures_from("abcde", counts)
    assert captures.seen == 537
    found = average_graphs(captures, delta=0.5, unseen=np.arange(1.0, 301.0))
    assert [found.quantile(p) for p in (0.5, 0.025, 0.975)] == [616, 588, 655]


def test_every_decomposable_graph_is_there_once() -> None:
    assert [len(decomposable_graphs(n)) for n in (2, 3, 4, 5)] == [2, 8, 61, 822]
    for graph in decomposable_graphs(4):
        cliques, separators = graph
        assert sum(map(len, cliques)) - sum(map(len, separators)) == 4
    assert len(set(decomposable_graphs(4))) == 61


def test_independent_lists_with_a_known_total_are_covered_by_every_reading() -> None:
    captures = made(600, (0.5, 0.4, 0.3))
    found = bound_unseen(captures)
    assert found.identified
    assert found.range[0] < 600 < found.range[1]
    plain = fit_loglinear(captures).total(0.99)
    assert plain[1] < 600 < plain[2]
    graphs = average_graphs(captures)
    assert graphs.quantile(0.005) < 600 < graphs.quantile(0.995)
    latent = latent_classes(captures)
    assert latent.settled
    assert latent.total(0.99)[1] < 600 < latent.total(0.99)[2]


def test_lists_that_see_the_same_loud_ones_make_independence_too_low() -> None:
    loud, quiet = made(250, (0.7,) * 5, 1), made(750, (0.15,) * 5, 2)
    counts = dict(loud.counts)
    for pattern, n in quiet.counts.items():
        counts[pattern] = counts.get(pattern, 0.0) + n
    captures = captures_from("abcde", counts)
    assert fit_loglinear(captures).total(0.9)[2] < 1000
    latent = latent_classes(captures).total(0.9)
    assert latent[1] < 1000 < latent[2]


def test_a_list_that_copies_another_is_left_free_to() -> None:
    """Half of b is taken from a: taken as independent, the two seem to have seen nearly all."""
    rng = np.random.default_rng(5)
    a, b, c = rng.random((3, 800)) < np.array([[0.4], [0.15], [0.3]])
    b |= a & (rng.random(800) < 0.5)
    held = [
        {n for n, there in zip("abc", row, strict=True) if there} for row in np.stack([a, b, c], 1)
    ]
    captures = captures_of("abc", held)
    assert fit_loglinear(captures).total(0.9)[2] < 800
    free = fit_loglinear(captures, [(0, 1)]).total(0.9)
    assert free[1] < 800 < free[2]
    found = bound_unseen(captures, copies=[(0, 1)])
    assert found.range[0] < 800 < found.range[1]


def test_two_lists_are_a_range_over_how_they_depend() -> None:
    found = bound_unseen(captures_from("ab", {(1, 0): 60.0, (0, 1): 40.0, (1, 1): 20.0}))
    assert found.identified
    middle = next(e for e in found.estimates if e.name == "odds ratio 1")
    assert middle.total == pytest.approx(120 + 60.5 * 40.5 / 21)
    assert found.low < middle.total - 120 < found.high
    assert found.high > 5 * (middle.total - 120)
    copied = bound_unseen(
        captures_from("ab", {(1, 0): 60.0, (1, 1): 20.0, (0, 1): 9.0}), copies=[(0, 1)]
    )
    assert not copied.identified


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        ({(1, 0, 0): 20.0, (0, 1, 0): 20.0, (0, 0, 1): 9.0, (1, 1, 0): 4.0}, "needed"),
        ({(1, 0, 0): 20.0, (0, 1, 0): 20.0, (1, 1, 0): 14.0}, "c holds no incident"),
        ({(1, 1, 0): 30.0, (0, 0, 1): 20.0, (1, 1, 1): 14.0}, "hold the same incidents"),
    ],
)
def test_overlap_that_says_nothing_is_not_identified(
    counts: dict[tuple[int, ...], float], why: str
) -> None:
    found = bound_unseen(captures_from("abc", counts))
    assert not found.identified
    assert any(why in reason for reason in found.reasons)
    assert found.high == float("inf")


def test_a_model_without_a_finite_estimate_is_refused_with_its_reason() -> None:
    thin = captures_from("abc", {(1, 0, 0): 5.0, (0, 1, 0): 4.0, (0, 0, 1): 3.0})
    assert not exists(thin, [])
    with pytest.raises(ModelError, match="too thin"):
        fit_loglinear(thin)


@pytest.mark.parametrize(
    ("names", "counts", "match"),
    [
        ("a", {(1,): 3.0}, "2 to 6 lists"),
        ("aa", {(1, 0): 3.0}, "named twice"),
        ("ab", {(1, 0, 0): 3.0}, "pattern of 2 lists"),
        ("ab", {(0, 0): 3.0}, "no list holds"),
        ("ab", {(1, 0): -3.0}, "no count"),
        ("ab", {(1, 0): float("nan")}, "no count"),
    ],
)
def test_counts_that_are_none_are_refused(
    names: str, counts: dict[tuple[int, ...], float], match: str
) -> None:
    with pytest.raises(ModelError, match=match):
        captures_from(names, counts)


def test_leaving_a_list_out_hides_what_only_it_holds() -> None:
    captures = captures_from("abc", {(1, 0, 0): 5.0, (1, 1, 0): 2.0, (0, 0, 1): 4.0})
    rest = captures.without(2)
    assert rest.lists == ("a", "b")
    assert rest.counts == {(1, 0): 5.0, (1, 1): 2.0}


def test_a_fall_in_activity_is_told_from_a_fall_in_sight() -> None:
    before = bound_unseen(made(900, (0.5, 0.45, 0.4), 3))
    fewer = bound_unseen(made(90, (0.5, 0.45, 0.4), 4))
    blind = bound_unseen(made(900, (0.16, 0.15, 0.14), 5))
    fell = compare_periods([before], [fewer], (5.0, 5.0))
    assert fell.told_apart
    assert fell.changed is not None
    assert fell.changed[1] < 1.0
    sight = compare_periods([before], [blind], (5.0, 5.0))
    assert sight.seen < 0.6
    assert not sight.told_apart
    assert sight.same is not None
    assert sight.same[0] < 1.0 < sight.same[1]


def test_periods_are_compared_a_year_and_for_reports_still_to_come() -> None:
    one = bound_unseen(made(300, (0.5, 0.5, 0.4), 7))
    same = compare_periods([one], [one], (10.0, 5.0))
    assert same.seen == pytest.approx(2.0)
    late = compare_periods([one], [one], (5.0, 5.0), (1.0, 0.5))
    assert late.seen == pytest.approx(2.0)


def test_the_same_seed_gives_the_same_draws() -> None:
    captures = made(200, (0.5, 0.4, 0.3))
    assert np.array_equal(latent_classes(captures, 3).totals, latent_classes(captures, 3).totals)
