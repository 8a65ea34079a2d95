"""A person's decisions: kept, winning, contradictory, outlived by their rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from comity.errors import SourceError, StoreError
from comity.incidents.linkage.clusters import conflicts, drawn, most_probable, settled
from comity.incidents.linkage.decisions import (
    contradictions,
    current,
    decide,
    read_decisions,
    stale,
)
from comity.incidents.linkage.link import link
from incidents.linkage.world import evidence, incident, two_lists

WORLD = two_lists(shared=8, alone=8)


def test_a_decision_wins_over_the_model_and_its_withdrawal_gives_it_back(tmp_path: Path) -> None:
    links = link(WORLD).table
    sure = most_probable(settled(links, {}))
    assert ("one:0", "two:x0") in sure
    decide(WORLD, "two:x0", "one:0", "different", "two victims", "AB", tmp_path)
    said = {p: d.verdict == "same" for p, d in current(read_decisions(tmp_path)).items()}
    assert said == {("one:0", "two:x0"): False}
    assert ("one:0", "two:x0") not in most_probable(settled(links, said))
    decide(WORLD, "one:0", "two:x0", "withdrawn", home=tmp_path)
    assert current(read_decisions(tmp_path)) == {}
    assert len(read_decisions(tmp_path)) == 2, "nothing is ever taken out"


def test_a_person_may_join_what_the_model_did_not_compare(tmp_path: Path) -> None:
    decide(WORLD, "one:9", "two:x20", "same", home=tmp_path)
    said = {p: d.verdict == "same" for p, d in current(read_decisions(tmp_path)).items()}
    assert ("one:9", "two:x20") in most_probable(settled(link(WORLD).table, said))


def test_a_person_may_join_two_records_of_one_list(tmp_path: Path) -> None:
    decide(WORLD, "one:0", "one:1", "same", home=tmp_path)
    said = {p: d.verdict == "same" for p, d in current(read_decisions(tmp_path)).items()}
    clusters = most_probable(settled(link(WORLD).table, said))
    assert any({"one:0", "one:1"} <= set(keys) for keys in clusters)


def test_decisions_that_contradict_each_other_are_shown_with_the_way(tmp_path: Path) -> None:
    decide(WORLD, "one:0", "two:x0", "same", home=tmp_path)
    decide(WORLD, "two:x0", "one:1", "same", home=tmp_path)
    decide(WORLD, "one:0", "one:1", "different", home=tmp_path)
    (odd,) = contradictions(current(read_decisions(tmp_path)))
    assert odd.chain == ("one:0", "two:x0", "one:1")
    assert odd.parted.pair == ("one:0", "one:1")
    said = {p: d.verdict == "same" for p, d in current(read_decisions(tmp_path)).items()}
    links = settled(link(WORLD).table, said)
    shown = conflicts(links, most_probable(links), said)
    assert ("one:0", "one:1") in {(c.first, c.second) for c in shown}


def test_a_new_release_keeps_decisions_and_says_which_rows_changed(tmp_path: Path) -> None:
    decide(WORLD, "one:0", "two:x0", "same", home=tmp_path)
    decide(WORLD, "one:1", "two:x1", "same", home=tmp_path)
    newer = evidence({"one": [incident("Renamed", "0", "one")], "two": []})
    touched = stale(current(read_decisions(tmp_path)), newer)
    assert {(s.key, s.why.split()[0]) for s in touched} == {
        ("one:0", "has"), ("two:x0", "is"), ("one:1", "is"), ("two:x1", "is"),
    }  # fmt: skip
    assert len(current(read_decisions(tmp_path))) == 2


@pytest.mark.parametrize(
    ("pair", "verdict", "match"),
    [
        (("one:0", "one:0"), "same", "needs two"),
        (("one:0", "two:zzz"), "same", "no record 'two:zzz'"),
        (("one:0", "two:x0"), "perhaps", "one of same, different, withdrawn"),
        (("one:0", "two:x0"), "withdrawn", "no decision"),
    ],
)
def test_a_decision_that_cannot_be_is_refused(
    tmp_path: Path, pair: tuple[str, str], verdict: str, match: str
) -> None:
    with pytest.raises(SourceError, match=match):
        decide(WORLD, *pair, verdict, home=tmp_path)
    assert read_decisions(tmp_path) == ()


def test_an_unknown_record_is_told_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"Near it: .*two:x1"):
        decide(WORLD, "one:0", "two:x01", "same", home=tmp_path)


def test_a_damaged_line_is_named_and_nothing_is_lost(tmp_path: Path) -> None:
    decide(WORLD, "one:0", "two:x0", "same", home=tmp_path)
    path = tmp_path / "links" / "decisions.jsonl"
    whole = path.read_text("utf-8")
    path.write_text(whole + '{"first": "one:1"}\n', "utf-8")
    with pytest.raises(StoreError, match=r"decisions\.jsonl:2"):
        read_decisions(tmp_path)
    path.write_text(whole + whole[:30], "utf-8")
    with pytest.raises(StoreError):
        decide(WORLD, "one:1", "two:x1", "same", home=tmp_path)
    assert path.read_text("utf-8") == whole + whole[:30]


def test_a_note_is_one_line_of_json_whatever_is_in_it(tmp_path: Path) -> None:
    decide(WORLD, "one:0", "two:x0", "same", 'a "quote"\n\x1b[31mand more', "N", tmp_path)
    (line,) = (tmp_path / "links" / "decisions.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["note"].startswith('a "quote"')


def test_an_id_may_hold_any_character(tmp_path: Path) -> None:
    odd = evidence(
        {"one": [incident("A", "a\u2028b:c\td", "one")], "two": [incident("B", "ü", "two")]}
    )
    decide(odd, "one:a\u2028b:c\td", "two:ü", "same", home=tmp_path)
    assert [d.pair for d in read_decisions(tmp_path)] == [("one:a\u2028b:c\td", "two:ü")]


def test_draws_hold_each_link_as_often_as_it_is_probable() -> None:
    links = settled(link(WORLD).table, {})
    import polars as pl

    half = links.with_columns(pl.lit(0.3).alias("probability")).head(1)
    there = sum(len(drawn(half, seed)) for seed in range(300))
    assert 60 <= there <= 120
    assert drawn(links, 1) == drawn(links, 1)


def test_a_cluster_has_one_record_of_a_list_unless_a_person_says_so() -> None:
    import polars as pl

    links = pl.DataFrame(
        [("a:1", "b:1", 0.9), ("a:2", "b:1", 0.8), ("b:1", "c:1", 0.7), ("a:2", "c:1", 0.6)],
        schema=["first", "second", "probability"], orient="row",
    )  # fmt: skip
    assert most_probable(links) == (("a:1", "b:1", "c:1"),)
