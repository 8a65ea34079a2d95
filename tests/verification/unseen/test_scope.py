"""What lists hold and miss of a scope: counted by their own coding, in shared years."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from comity.dates import DateReading, parse_date
from comity.incidents.linkage.union import union
from comity.incidents.model import Evidence, Incident, Initiator
from comity.verification.examine.sight import Sight
from comity.verification.examine.unseen import unseen
from comity.verification.model import Choices
from comity.verification.prepare import prepare
from comity.verification.question import load_question
from incidents.linkage.world import evidence, incident

QUESTION = load_question("us-china-2015")
NAMES = ("one", "two", "three")


def sight(lists: dict[str, Sequence[Incident]], clusters: Sequence[Sequence[str]]) -> Sight:
    """Return the finding on the union of some lists."""
    world = evidence(lists)
    covers = (replace(r, covers_to=parse_date("2020-12-31"), closed_on=parse_date("2021-12-31"))
              for r in world.releases)  # fmt: skip
    joined = union(Evidence(tuple(covers), world.table), clusters, DateReading()).evidence
    return unseen(prepare(QUESTION, joined, {}, Choices(lists=("all",))), joined)


def drawn(
    before: int, after: int, reach: Sequence[float], seed: int = 1
) -> tuple[dict[str, Sequence[Incident]], list[list[str]]]:
    """Return three lists of so many incidents on either side, and which records are one."""
    rng = np.random.default_rng(seed)
    lists: dict[str, list[Incident]] = {name: [] for name in NAMES}
    clusters = []
    for n in range(before + after):
        year = 2007 + n % 8 if n < before else 2016 + n % 5
        there = [name for name, p in zip(NAMES, reach, strict=True) if rng.random() < p]
        for name in there:
            lists[name].append(incident(f"Case {n}", f"{n}", name, start=f"{year}-05"))
        if len(there) > 1:
            clusters.append([f"{name}:{n}" for name in there])
    return dict(lists), clusters


def test_the_range_holds_what_was_there_on_both_sides() -> None:
    found = sight(*drawn(150, 60, (0.5, 0.45, 0.4)))
    before, after = found.periods
    assert before.identified
    assert after.identified
    assert before.low is not None
    assert before.high is not None
    assert before.seen + before.low < 150 < before.seen + before.high
    assert before.lists == NAMES or set(before.lists) == set(NAMES)
    assert found.same is not None
    assert found.same[0] < (60 / 5.27) / (150 / 9.73) < found.same[1]
    assert "never" not in found.sentence
    assert "nobody reported" in found.sentence


def test_a_record_counts_only_by_its_own_lists_coding() -> None:
    """A list that names no receiver learns it from a link: that must not count as its own."""
    lists, clusters = drawn(120, 40, (0.5, 0.5, 0.4))
    blind = [replace(i, receivers=("X-UNKNOWN",)) for i in lists["two"]]
    found = sight({**lists, "two": blind}, clusters)
    assert all("two" not in p.lists for p in found.periods if p.readings)
    assert "two holds nothing in this scope by its own coding" in found.sentence


def test_a_date_on_both_sides_counts_on_both_by_its_days() -> None:
    lists = {"one": [incident("A", "1", "one", start="2015")],
             "two": [incident("A", "1", "two", start="2015")]}  # fmt: skip
    found = sight(lists, [["one:1", "two:1"]])
    before, after = found.periods
    days = (dt.date(2015, 9, 25) - dt.date(2015, 1, 1)).days
    assert before.seen == 0 or abs(before.seen - days / 365) < 0.01
    assert not before.identified
    assert not after.identified
    assert "not identified" in found.sentence


def test_a_list_that_cites_another_is_left_free_to() -> None:
    lists, clusters = drawn(150, 60, (0.5, 0.45, 0.4))
    citing = [replace(i, sources=("https://www.a.example/some/page",)) for i in lists["two"]]
    found = sight({**lists, "two": citing}, clusters)
    assert "cites one in 100 %" in found.sentence
    readings = found.periods[0].readings
    assert any("depend only where one copies" in r.assumes for r in readings)


def test_other_targets_and_other_pairs_are_not_counted() -> None:
    lists, clusters = drawn(20, 10, (0.6, 0.6, 0.6))
    other = [replace(i, initiators=(Initiator("RU"),)) for i in lists["one"]]
    mine = sight(lists, clusters).periods[0].seen
    fewer = sight({**lists, "one": other}, clusters).periods[0].seen
    assert fewer < mine
