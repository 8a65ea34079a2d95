"""Linking: what is found, how surely, what is never touched, and lists that are odd."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from comity.dates import DateReading
from comity.errors import SourceError, StoreError
from comity.incidents.linkage.candidates import candidates
from comity.incidents.linkage.clusters import most_probable, settled
from comity.incidents.linkage.features import features
from comity.incidents.linkage.link import link
from comity.incidents.linkage.store import load_linkage, outdated, save_linkage
from comity.incidents.linkage.union import union
from comity.incidents.linkage.words import page_of, words_of
from comity.incidents.model import JOIN, Evidence, Initiator
from incidents.linkage.world import evidence, incident, two_lists


def test_what_two_lists_tell_of_one_incident_is_linked_and_the_rest_is_not() -> None:
    world = two_lists(shared=25, alone=40)
    before = world.table.clone()
    found = link(world)
    sure = {(x.first, x.second) for x in found.links(0.5)}
    right = {(f"one:{n}", f"two:x{n}") for n in range(25)}
    assert sure == right
    assert world.table.equals(before), "linking alters no record"
    assert found.weights.links["one", "two"] == pytest.approx(25, abs=2)


def test_the_same_evidence_gives_the_same_links_whatever_the_order_of_rows() -> None:
    world = two_lists(shared=10, alone=15)
    turned = Evidence(world.releases[::-1], world.table.reverse())
    one, other = link(world).table, link(turned).table
    assert one.select("first", "second").equals(other.select("first", "second"))
    gap = (one["probability"] - other["probability"]).abs().max()
    assert isinstance(gap, float)
    assert gap < 0.02


def test_the_evidence_for_a_link_adds_up_to_its_probability() -> None:
    found = link(two_lists(shared=12, alone=12))
    for one in found.links(0.05):
        bits = one.start_bits + sum(b.bits for b in one.bits) + one.rivals_bits
        assert 1.0 / (1.0 + 2.0**-bits) == pytest.approx(one.probability, abs=0.02)
        assert all(b.bits == 0.0 for b in one.bits if b.level < 0)


def test_a_link_is_found_in_either_order_and_one_not_made_is_none() -> None:
    found = link(two_lists(shared=5, alone=5))
    assert found.link("one:0", "two:x0") == found.link("two:x0", "one:0")
    assert found.link("one:0", "two:x1") is None


def test_records_without_dates_are_linked_by_what_else_they_have() -> None:
    world = two_lists(shared=15, alone=15)
    dateless = evidence(
        {
            "one": [i for i in world.incidents() if i.list == "one"],
            "two": [
                incident(i.name, i.id, "two", start="", initiators=i.initiators,
                         receivers=i.receivers, sources=i.sources, description=i.description)
                for i in world.incidents() if i.list == "two"
            ],
        }
    )  # fmt: skip
    found = {(x.first, x.second) for x in link(dateless).links(0.5)}
    assert len(found & {(f"one:{n}", f"two:x{n}") for n in range(15)}) >= 12
    assert all(a.split(":")[1] == b.split(":x")[1] for a, b in found)


def test_dates_are_compared_as_intervals_not_as_they_are_written() -> None:
    """A year holds its month: both say the same, and neither contradicts."""
    words = {"description": "thieves copied plans of the zzturbine wwengine vvplant at length"}
    lists = {
        "one": [incident("Zzturbine", "a", "one", start="2015-03", **words)],
        "two": [
            incident("Zzturbine", "b", "two", start="2015", **words),
            incident("Zzturbine again", "c", "two", start="2009-01-02", **words),
        ],
    }
    found = link(evidence(lists))
    near, far = found.link("one:a", "two:b"), found.link("one:a", "two:c")
    assert near is not None
    level = {b.name: b.said for b in near.bits}
    assert level["starts"] == "starts that can be the same, told coarsely"
    assert far is None or far.probability < near.probability


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (("availability",), ("availability",), "the same kinds of effect"),
        (("availability", "integrity"), ("integrity",), "a kind of effect in common"),
        (("availability",), ("confidentiality",), "other kinds of effect"),
        ((), ("confidentiality",), "nothing to compare"),
    ],
)
def test_kinds_of_effect_are_compared_where_both_lists_code_them(
    one: tuple[str, ...], other: tuple[str, ...], said: str
) -> None:
    words = {"description": "thieves copied plans of the zzturbine wwengine vvplant at length"}
    lists = {
        "one": [incident("Zzturbine", "a", "one", effects=one, **words)],
        "two": [incident("Zzturbine", "b", "two", effects=other, **words)],
    }
    found = link(evidence(lists)).link("one:a", "two:b")
    assert found is not None
    assert {b.name: b.said for b in found.bits}["effects"] == said


def test_linking_alters_no_record_and_the_union_holds_every_one() -> None:
    world = two_lists(shared=8, alone=6)
    before = world.table.clone()
    found = link(world)
    assert world.table.equals(before)
    clusters = most_probable(settled(found.table, {}))
    joined = union(world, clusters, DateReading()).evidence.table
    keys = [key for ident in joined["id"] for key in ident.split(JOIN)]
    assert sorted(keys) == sorted(f"{a}:{b}" for a, b in before.select("list", "id").iter_rows())


def test_ten_thousand_records_of_one_name_make_no_million_pairs() -> None:
    many = [
        incident("Unknown actors attacked a website", f"{n}", "one", start="2015")
        for n in range(5000)
    ]
    others = [
        incident("Unknown actors attacked a website", f"{n}", "two", start="2015")
        for n in range(5000)
    ]
    records = features(evidence({"one": many, "two": others}))
    found = candidates(records)
    assert found.pairs.height < 100_000
    assert found.skipped["dyad"] >= 1, "what is passed over is counted"


def test_two_lists_that_are_one_file_are_refused() -> None:
    world = two_lists(shared=5, alone=5)
    same = world.table.filter(pl.col("list") == "one")
    copied = pl.concat([same, same.with_columns(pl.lit("two").alias("list"))])
    with pytest.raises(SourceError, match="one file under two names"):
        link(Evidence(world.releases, copied))


def test_one_list_alone_has_nothing_to_be_linked_to() -> None:
    with pytest.raises(SourceError, match="needs two"):
        link(evidence({"one": [incident("A", "1")]}))


def test_lists_with_nothing_in_common_have_no_links() -> None:
    world = evidence({
        "one": [incident("Aaa", "1", "one", start="2001", receivers=("US",))],
        "two": [incident("Bbb", "1", "two", start="2015", receivers=("JP",),
                         initiators=(Initiator("RU"),))],
    })  # fmt: skip
    found = link(world)
    assert len(found) == 0
    assert found.compared == 0


def test_links_are_kept_and_read_back_and_know_when_a_list_changed(tmp_path: Path) -> None:
    world = two_lists(shared=6, alone=6)
    made = link(world)
    save_linkage(made, tmp_path)
    again = load_linkage(tmp_path)
    assert again is not None
    assert again.links(0.5) == made.links(0.5)
    assert outdated(again, world) == ()
    changed = world.table.with_columns(
        pl.when(pl.col("id") == "0").then(pl.lit("new")).otherwise("row_hash").alias("row_hash")
    )
    assert outdated(again, Evidence(world.releases, changed)) == ("one",)


def test_damaged_links_say_how_to_make_them_again(tmp_path: Path) -> None:
    assert load_linkage(tmp_path) is None
    save_linkage(link(two_lists(shared=3, alone=3)), tmp_path)
    path = tmp_path / "links" / "links.json"
    path.write_text(path.read_text("utf-8")[:-40], "utf-8")
    with pytest.raises(StoreError, match="comity link"):
        load_linkage(tmp_path)


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("http://www.a.example/x/", "a.example/x"),
        ("https://A.example/X?utm_source=mail", "a.example/x"),
        ("https://a.example/story?id=7", "a.example/story?id=7"),
        ("https://web.archive.org/web/2016/https://a.example/x", "a.example/x"),
        ("https://a.example/", ""),
        ("http://[broken", ""),
    ],
)
def test_addresses_of_one_page_are_one(address: str, page: str) -> None:
    assert page_of(address) == page


def test_words_of_other_scripts_meet_in_latin_letters() -> None:
    assert words_of("Атака на Укренерго") == ["ataka", "ukrenergo"]
    assert words_of("Électricité de France") == ["electricite", "france"]
