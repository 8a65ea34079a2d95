"""The union of lists: every incident once, dates combined, nothing lost."""

from __future__ import annotations

import datetime as dt
import json

import polars as pl
import pytest

from comity.dates import DateReading
from comity.incidents.linkage.union import OPEN_START, union
from comity.incidents.model import Attribution, Evidence, Initiator
from incidents.linkage.world import evidence, incident

EXACT = DateReading("exact", "exact")


def _row(found: Evidence, ident: str) -> dict[str, object]:
    (row,) = found.table.filter(pl.col("id") == ident).to_dicts()
    return dict(row)


def test_linked_records_are_one_and_the_rest_stay() -> None:
    world = evidence({
        "one": [incident("A", "1", "one"), incident("B", "2", "one")],
        "two": [incident("A too", "1", "two"), incident("C", "3", "two")],
    })  # fmt: skip
    found = union(world, [("one:1", "two:1")], EXACT)
    assert sorted(found.evidence.table["id"]) == ["one:1 + two:1", "one:2", "two:3"]
    assert found.linked == 1
    assert found.from_lists == {"one": 2, "two": 2}
    assert found.alone == {"one": 1, "two": 1}
    (release,) = found.evidence.releases
    assert release.list == "all"
    assert release.release == "one 2020 + two 2020"
    assert "3 incidents, 1 of them in more than one list" in release.note


def test_dates_that_fit_are_narrowed_and_those_that_do_not_are_spanned() -> None:
    world = evidence({
        "one": [incident("A", "1", "one", start="2015"),
                incident("B", "2", "one", start="2014-05")],
        "two": [incident("A", "1", "two", start="2015-03"),
                incident("B", "2", "two", start="2015-02")],
    })  # fmt: skip
    found = union(world, [("one:1", "two:1"), ("one:2", "two:2")], EXACT)
    narrow, wide = _row(found.evidence, "one:1 + two:1"), _row(found.evidence, "one:2 + two:2")
    assert (narrow["start_earliest"], narrow["start_latest"]) == (
        dt.date(2015, 3, 1), dt.date(2015, 3, 31),
    )  # fmt: skip
    assert (wide["start_earliest"], wide["start_latest"]) == (
        dt.date(2014, 5, 1), dt.date(2015, 2, 28),
    )  # fmt: skip
    assert found.disagree == 1


def test_a_record_known_by_its_report_bounds_the_start_of_the_other() -> None:
    world = evidence({
        "one": [incident("A", "1", "one", start="2015")],
        "two": [incident("A", "1", "two", start="../2015-06-03", reported="2015-06-03")],
    })  # fmt: skip
    row = _row(union(world, [("one:1", "two:1")], EXACT).evidence, "one:1 + two:1")
    assert (row["start_earliest"], row["start_latest"]) == (
        dt.date(2015, 1, 1), dt.date(2015, 6, 3),
    )  # fmt: skip
    assert row["reported"] == "2015-06-03"


def test_a_record_with_a_report_alone_may_have_begun_up_to_three_years_before() -> None:
    world = evidence({
        "one": [incident("A", "1", "one", start="../2015-06-03", reported="2015-06-03")],
        "two": [incident("B", "1", "two", start="")],
    })  # fmt: skip
    found = union(world, [], EXACT)
    row, bare = _row(found.evidence, "one:1"), _row(found.evidence, "two:1")
    assert row["start_earliest"] == dt.date(2015, 6, 3) - OPEN_START
    assert row["start_latest"] == dt.date(2015, 6, 3)
    assert found.undated == 1
    assert bare["start_earliest"] is None


def test_what_one_list_knows_the_union_knows() -> None:
    claim = Attribution("A company", "private-company", "", "CN")
    world = evidence({
        "one": [incident("A", "1", "one", initiators=(Initiator("X-UNKNOWN"),),
                         receivers=("US",), targets=("unknown",), attributions=(claim,))],
        "two": [incident("A", "1", "two", receivers=("US", "JP"), targets=("private",),
                         commercial_use="claimed", sources=("https://b.example/x",))],
    })  # fmt: skip
    row = _row(union(world, [("one:1", "two:1")], EXACT).evidence, "one:1 + two:1")
    assert row["initiators"] == ["CN"]
    assert row["receivers"] == ["US", "JP"]
    assert row["targets"] == ["private"]
    assert row["commercial_use"] == "claimed"
    assert json.loads(str(row["attributions"]))[0]["claimant"] == "A company"
    assert row["sources"] == ["https://b.example/x"]


def test_other_draws_come_beside_the_most_probable_reading() -> None:
    world = evidence({
        "one": [incident("A", "1", "one")], "two": [incident("A", "1", "two")],
    })  # fmt: skip
    found = union(world, [("one:1", "two:1")], EXACT, [[], [("one:1", "two:1")]])
    assert [t.height for t in found.evidence.redrawn] == [2, 1]
    assert found.evidence.table.height == 1


def test_a_cluster_of_records_that_are_gone_leaves_the_others_alone() -> None:
    world = evidence({"one": [incident("A", "1", "one")], "two": [incident("B", "2", "two")]})
    found = union(world, [("one:1", "two:9")], EXACT)
    assert sorted(found.evidence.table["id"]) == ["one:1", "two:2"]
    assert found.linked == 0


@pytest.mark.parametrize("reading", [DateReading(), EXACT])
def test_dates_are_read_before_they_are_joined(reading: DateReading) -> None:
    from dataclasses import replace

    world = evidence({
        "one": [incident("A", "1", "one", start="2015-01-01")],
        "two": [incident("A", "1", "two", start="2015-07-04")],
    })  # fmt: skip
    typed = Evidence(
        tuple(replace(r, dates_typed_as_days=True) for r in world.releases), world.table
    )
    found = union(typed, [("one:1", "two:1")], reading)
    assert found.disagree == (0 if reading == DateReading() else 1)
