"""Definitions: tables checked, nearness, camps, change over time, the reading of the evidence."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from coded_rows import NARROW, WIDE, row, write
from typer.testing import CliRunner

from comity.cli import app
from comity.definitions.camps import find_camps
from comity.definitions.compare import (
    definitions_of,
    extremes,
    latest_of_each,
    nearness,
    neighbours,
    shifts_of,
)
from comity.definitions.mapping import reading_of
from comity.definitions.register import (
    check_definitions,
    definer_name,
    find_definer,
    find_definition,
    find_term,
    load_definitions,
)
from comity.errors import RegisterError

runner = CliRunner()
STATES = ("US", "GB", "FR", "DE", "JP", "AU")
OTHERS = ("RU", "CN", "KZ", "TJ", "x-one")


def two_camps(folder: Path) -> Path:
    """Write states that define narrowly and others that define widely."""
    rows = [row(f"{c.lower()}-2015-cybersecurity", c, NARROW) for c in STATES]
    rows += [row(f"{c.lower()}-2015-cybersecurity", c, WIDE) for c in OTHERS]
    return write(folder, rows)


def test_what_ships_is_sound_and_wide_enough() -> None:
    assert check_definitions() == ()
    definitions = load_definitions()
    assert len(definitions.terms) >= 12
    assert all(d.sources for d in definitions.rows if d.status == "seen")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("protects", "none;systems"), "protects has none beside an element"),
        (("protects", "people"), "protects has 'people'"),
        (("content", "maybe"), "content is 'maybe'; it must be one of yes, no, unclear"),
        (("term", "peace"), "term 'peace' is not in terms.tsv"),
        (("definer", "x-nobody"), "definer 'x-nobody' is neither"),
        (("sources", ""), "status is 'seen' without an http(s) address"),
        (("date", "last year"), "date: "),
        (("second", "twice"), "second is 'twice'"),
        (("gloss", ""), "gloss is empty"),
    ],
)
def test_a_spoiled_row_is_said_with_its_line(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    folder = write(tmp_path, [row("us-2015-cybersecurity", "US", NARROW)])
    assert check_definitions(folder) == ()
    path = folder / "definitions.tsv"
    head, cells = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    cells[head.index(change[0])] = change[1]
    path.write_text("\t".join(head) + "\n" + "\t".join(cells) + "\n", encoding="utf-8")
    problems = check_definitions(folder)
    assert any(p.startswith("definitions.tsv:2: ") and message in p for p in problems), problems
    with pytest.raises(RegisterError, match="problems"):
        load_definitions(folder)


def test_nearness_is_one_for_the_same_and_counts_only_what_is_said(tmp_path: Path) -> None:
    rows = [
        row("us-2015-cybersecurity", "US", NARROW),
        row("gb-2015-cybersecurity", "GB", NARROW),
        row("ru-2015-cybersecurity", "RU", WIDE),
        row("fr-2015-cybersecurity", "FR", "networks|none|unspecified|unclear|unclear"),
    ]
    us, gb, ru, fr = load_definitions(write(tmp_path, rows)).rows
    assert nearness(us, gb).value == pytest.approx(1)
    assert nearness(us, ru).value == pytest.approx(0)
    found = nearness(us, fr)
    assert found.by_aspect["content"] is None
    assert found.by_aspect["protects"] == pytest.approx(0.5)
    # two of three units of weight speak: protects 2 x 1/2, properties 1 x 0
    assert found.value == pytest.approx(1 / 3)
    assert found.only_first["protects"] == {"systems"}
    assert [n.second.definer for n in neighbours((us, gb, ru), us)] == ["GB", "RU"]


def test_two_camps_are_found_where_there_are_two(tmp_path: Path) -> None:
    found = find_camps(load_definitions(two_camps(tmp_path)).rows)
    sides = {p.definition.definer: p.side for p in found.placed}
    assert len({sides[c] for c in STATES}) == 1
    assert len({sides[c] for c in OTHERS}) == 1
    assert found.clear
    assert found.strength > 0.9
    assert min(p.stability for p in found.placed) > 0.9


def test_no_camps_are_claimed_where_aspects_are_unrelated(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    pick = lambda *options: str(random.choice(options))  # noqa: E731
    codes = ("US", "GB", "FR", "DE", "JP", "AU", "RU", "CN", "KZ", "TJ", "BR", "IN", "ZA", "KE")
    rows = [
        row(
            f"{c.lower()}-2015-cybersecurity", c,
            "|".join((pick("networks", "systems", "state"), pick("none", "integrity"),
                      pick("attack", "crime"), pick("yes", "no"), pick("inward", "outward"))),
        )
        for c in codes
    ]  # fmt: skip
    assert not find_camps(load_definitions(write(tmp_path, rows)).rows).clear


def test_too_few_definitions_have_no_camps(tmp_path: Path) -> None:
    rows = load_definitions(write(tmp_path, [row("us-2015-cybersecurity", "US", NARROW)])).rows
    with pytest.raises(RegisterError, match="too few"):
        find_camps(rows)


def test_change_over_time_says_what_was_gained_and_lost(tmp_path: Path) -> None:
    rows = [
        row("ru-2000-information-security", "RU", NARROW, "information-security", "2000"),
        row("ru-2016-information-security", "RU", WIDE, "information-security", "2016-12-05"),
        row("ru-2016-other", "RU", WIDE, "information-security", "2016"),
    ]
    definitions = load_definitions(write(tmp_path, rows))
    first, *_ = shifts_of(definitions.rows)
    assert first.gained["protects"] == {"society", "state", "content"}
    assert first.lost["properties"] == {"confidentiality", "integrity", "availability"}
    assert all(s.earlier.date.latest < s.later.date.earliest for s in shifts_of(definitions.rows))
    assert len(latest_of_each(definitions.rows)) == 1


def test_kin_are_terms_for_one_subject(tmp_path: Path) -> None:
    rows = [
        row("us-2015-cybersecurity", "US", NARROW),
        row("ru-2016-information-security", "RU", WIDE, "information-security"),
    ]
    definitions = load_definitions(write(tmp_path, rows))
    assert len(definitions_of(definitions, "cybersecurity")) == 1
    assert len(definitions_of(definitions, "cybersecurity", kin=True)) == 2


def test_names_are_found_as_people_type_them(tmp_path: Path) -> None:
    definitions = load_definitions(two_camps(tmp_path))
    assert find_definer(definitions, "Russia") == "RU"
    assert find_definer(definitions, "one") == "x-one"
    assert find_term(definitions, "Information") == "information-security"
    assert find_definition(definitions, "us-2015").definer == "US"
    for wrong in (find_definer, find_term, find_definition):
        with pytest.raises(RegisterError, match="There"):
            wrong(definitions, "atlantis")


def test_a_definition_takes_the_acts_it_speaks_of(tmp_path: Path) -> None:
    rows = [
        row("us-2015-cybersecurity", "US", "systems|confidentiality|attack|no|inward"),
        row("gb-2015-cybersecurity", "GB", "state|none|any|yes|both"),
        row("fr-2015-cybersecurity", "FR", "critical-infrastructure|availability|any|unclear|both"),
    ]
    us, gb, fr = (reading_of(d) for d in load_definitions(write(tmp_path, rows)).rows)
    assert (us.objectives, us.targets) == (("espionage",), ())
    assert "influence" in gb.objectives
    assert gb.targets == ("government", "military")
    assert fr.objectives == ("disruption", "degradation")
    assert fr.targets == ("critical-infrastructure",)
    assert fr.notes


def test_the_commands_give_text_data_table_and_map(tmp_path: Path) -> None:
    shown = runner.invoke(app, ["definitions", "cybersecurity", "--map", str(tmp_path / "m.svg")])
    assert shown.exit_code == 0, shown.output
    assert "a shuffled table splits as" in " ".join(shown.output.split())
    assert (tmp_path / "m.svg").read_text(encoding="utf-8").startswith("<svg")
    data = json.loads(runner.invoke(app, ["definitions", "cybersecurity", "--json"]).output)
    assert data["camps"]["placed"]
    table = list(csv.DictReader(io.StringIO(runner.invoke(app, ["definitions", "--csv"]).output)))
    assert len(table) == len(load_definitions().rows)
    two = sorted({d.definer for d in definitions_of(load_definitions(), "cybersecurity")})[:2]
    compared = runner.invoke(app, ["definitions", "compare", *two])
    assert "(0 to 1)" in " ".join(compared.output.split())
    assert runner.invoke(app, ["definitions", "compare", "Atlantis"]).exit_code == 1
    assert runner.invoke(app, ["definitions", "peace"]).exit_code == 1


def test_the_nearest_and_farthest_pairs_are_of_different_definers(tmp_path: Path) -> None:
    near, far = extremes(load_definitions(two_camps(tmp_path)).rows)
    assert near[0].value == pytest.approx(1)
    assert far[0].value == pytest.approx(0)
    assert all(n.first.definer != n.second.definer for n in [*near, *far])


def test_a_definers_own_words_for_the_term_asked_go_before_later_ones_of_its_kin(
    tmp_path: Path,
) -> None:
    rows = [
        row("us-2015-cybersecurity", "US", NARROW),
        row("us-2020-network", "US", WIDE, "network-and-information-security", "2020"),
        row("ru-2016-information-security", "RU", WIDE, "information-security", "2016"),
        row("ru-2021-iis", "RU", NARROW, "international-information-security", "2021"),
    ]
    every = definitions_of(load_definitions(write(tmp_path, rows)), "cybersecurity", kin=True)
    chosen = {d.definer: d.id for d in latest_of_each(every, "cybersecurity")}
    assert chosen == {"US": "us-2015-cybersecurity", "RU": "ru-2016-information-security"}
    assert {d.id for d in latest_of_each(every)} == {"us-2020-network", "ru-2021-iis"}


def test_what_tells_two_camps_apart_is_told(tmp_path: Path) -> None:
    # The camps of the made table differ in every aspect: all alike within, nothing across.
    found = find_camps(load_definitions(two_camps(tmp_path)).rows)
    assert {a.aspect for a in found.apart} >= {"protects", "content"}
    assert all(a.within > a.across for a in found.apart)
    gaps = [a.within - a.across for a in found.apart]
    assert gaps == sorted(gaps, reverse=True)


def test_a_split_that_a_draw_of_the_shuffles_would_undo_is_not_called_clear() -> None:
    rows = latest_of_each(
        definitions_of(load_definitions(), "cybersecurity", kin=True), "cybersecurity"
    )
    found = find_camps(rows, seed=0)
    assert not found.clear or found.chance < 0.035  # 0.05 less the error of 400 shuffles


def test_change_over_time_and_comparison_cite_their_sources_and_what_they_leave_out() -> None:
    changed = " ".join(runner.invoke(app, ["definitions", "over-time", "RU"]).output.split())
    assert "Sources [1] http" in changed
    assert "unverified [1]" in changed
    assert "no change in what is coded" in changed
    compared = " ".join(runner.invoke(app, ["definitions", "compare", "US", "RU"]).output.split())
    assert "and Russia (information-security)" in compared
    assert "content: United States no; Russia unclear" in compared
    assert "Not compared, by the same:" in compared
    alone = runner.invoke(app, ["definitions", "compare", "US"]).output
    assert "Name two or more to compare" in alone


def test_a_definer_is_named_with_its_article_in_a_sentence() -> None:
    every = load_definitions()
    names = [definer_name(every, c, in_sentence=True) for c in ("US", "x-sco", "CN", "x-iso")]
    assert names == ["the United States", "the SCO", "China", "ISO and IEC"]
    assert definer_name(every, "US") == "United States"
