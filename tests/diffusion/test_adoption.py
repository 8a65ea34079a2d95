"""Who took up a norm: ways kept apart, by reference, by vote, alone; the state it is in."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from comity.cli import app
from comity.countries import NO_REGION, region_of
from comity.diffusion.adoption import (
    COLUMNS,
    Way,
    adoptions_of,
    check_takeups,
    first_adoptions,
    load_takeups,
    stands_for,
)
from comity.diffusion.hazards import FEWEST, fit_hazards
from comity.diffusion.spread import Spread, spread_of
from comity.diffusion.votes import VoteMap, load_roll_calls, map_votes
from comity.errors import AdoptionError
from comity.instruments.register import load_register
from comity.report.spread_chart import spread_svg
from comity.report.spread_page import spread_lines

DAY = dt.date(2026, 1, 1)


@lru_cache(maxsize=1)
def votes() -> VoteMap:
    return map_votes(load_roll_calls())


@lru_cache(maxsize=8)
def spread(norm: str, day: dt.date = DAY) -> Spread:
    return spread_of(load_register(), norm, day, load_roll_calls(), load_takeups(), votes())


def test_commercial_theft_went_from_one_bilateral_to_the_g20_and_stopped_there() -> None:
    found = spread("commercial-theft")
    assert found.path[0].instrument == "us-china-2015"
    ways = {a.instrument: a.way for a in found.adoptions}
    assert ways["us-china-2015"] is Way.PROMISED
    assert ways["us-korea-2015"] is Way.AFFIRMED
    assert any("stopped there: no global text" in s for s in found.state)
    g20 = next(s for s in found.path if s.instrument == "g20-antalya-2015")
    assert g20.forum == "plurilateral"
    assert ("follows model of", "us-china-2015") in g20.after
    # The Union is a member of the G20 and no state.
    assert g20.states == 19


def test_party_vote_and_own_word_are_kept_apart() -> None:
    found = spread("gge-2015-13f")
    by_way = {way: {a.country for a in found.adoptions if a.way is way} for way in Way}
    assert len(by_way[Way.VOTED]) > len(by_way[Way.AFFIRMED]) > len(by_way[Way.PROMISED])
    assert "SN" in by_way[Way.AFFIRMED] - by_way[Way.VOTED]  # supports the Paris Call, cast no yes
    assert "CN" in by_way[Way.VOTED]
    step = next(s for s in found.path if s.instrument == "unga-73-27")
    voted = {a.country for a in found.adoptions if a.instrument == "unga-73-27"}
    assert len(voted) == step.yes == step.states
    assert not voted & {"US", "GB"}  # both voted no


def test_a_resolution_without_a_vote_is_nobodys_by_name() -> None:
    found = spread("gge-2015-all")
    step = next(s for s in found.path if s.instrument == "unga-70-237")
    assert step.without_vote
    assert step.states == 0
    assert any("unga-70-237 (2015-12-23) without a vote" in s for s in found.state)


def test_what_experts_agreed_is_no_states_adoption() -> None:
    assert not [a for a in spread("gge-2015-13f").adoptions if a.instrument == "un-gge-2015"]


def test_one_of_the_eleven_is_taken_up_by_reference_to_all() -> None:
    register = load_register()
    assert stands_for(register, "gge-2015-13c") == ("gge-2015-13c", "gge-2015-all")
    assert stands_for(register, "gge-2015-28a") == ("gge-2015-28a",)
    assert stands_for(register, "gge-2015-all") == ("gge-2015-all",)
    found = [a for a in adoptions_of(register, "gge-2015-13c") if a.by_reference]
    assert {a.instrument for a in found} >= {"g20-antalya-2015", "asean-2018"}


def test_a_reservation_is_no_adoption_and_is_shown() -> None:
    found = spread("gge-2015-all")
    apart = {(a.country, a.way) for a in found.apart}
    assert ("IR", Way.RESERVED) in apart
    firsts = first_adoptions(tuple(a for a in found.adoptions if a.country == "IR"))
    assert all(a.way not in (Way.RESERVED, Way.EXPLAINED) for a in firsts.values())


def test_nothing_later_than_the_day_is_used() -> None:
    found = spread("commercial-theft", dt.date(2015, 10, 1))
    assert [s.instrument for s in found.path] == ["us-china-2015"]
    assert {a.country for a in found.first} == {"US", "CN"}
    assert any("It reached bilateral texts" in s for s in found.state)


def test_a_state_whose_day_is_a_span_is_told_as_by_its_end() -> None:
    # Of most supporters of the Paris Call only a span, 2018-11-12/2021, is known.
    found = spread("commercial-theft")
    austria = next(a for a in found.first if a.country == "AT")
    assert (austria.spanned, austria.told) == (True, "by 2021-12-31")
    assert any("came some time from 2018-11-12 to 2021-12-31" in s for s in found.state)
    said = "\n".join(line for _, line in spread_lines(found, 200))
    assert "by 2021-12-31 affirmed in a joint text through paris-call-2018: Albania" in said
    assert f"so for {sum(a.spanned for a in found.first)} of {len(found.first)} states" in said
    assert "may have come earlier" in spread_svg(found)


def test_within_a_span_a_state_is_told_as_one_that_may_have_come() -> None:
    found = spread("commercial-theft", dt.date(2019, 1, 1))
    assert "AT" not in {a.country for a in found.first}
    assert any("more states may have taken it up by then" in s for s in found.state)


def test_before_any_text_nothing_is_said_to_be_proposed() -> None:
    found = spread("commercial-theft", dt.date(1900, 1, 1))
    assert "No text of this register carried it by that day." in found.state
    assert not any("proposed" in s for s in found.state)


def test_curves_never_fall_and_end_at_the_number_of_states() -> None:
    found = spread("gge-2015-13f")
    for curve in (*found.regions, *found.camps):
        counts = [n for _, n in curve.points]
        assert counts == sorted(counts)
        assert curve.reached <= curve.of
    assert sum(c.reached for c in found.regions) == len(found.first)
    assert sum(c.reached for c in found.camps) == len(found.first)


def test_an_unknown_norm_is_an_error() -> None:
    with pytest.raises(AdoptionError, match="no norm 'nothing'"):
        spread("nothing")


@pytest.mark.parametrize(
    ("code", "region"),
    [("US", "Americas"), ("EE", "Europe"), ("NG", "Africa south of the Sahara"), ("JP", "Asia"),
     ("EG", "Middle East and North Africa"), ("FJ", "Oceania"), ("X-EU", NO_REGION)],
)  # fmt: skip
def test_regions_follow_the_numbering_of_states(code: str, region: str) -> None:
    assert region_of(code) == region


def test_the_table_that_ships_is_sound() -> None:
    assert check_takeups(load_register().norms) == ()


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("norm", "nothing", "there is no norm 'nothing'"),
        ("party", "Mars", "Mars"),
        ("date", "soon", "soon"),
        ("way", "hint", "hint"),
        ("what", "x" * 161, "161 characters"),
        ("what", "", "what"),
        ("sources", "ftp://example.org", "ftp"),
        ("status", "sure", "sure"),
    ],
)
def test_a_bad_row_says_line_and_cause(
    tmp_path: Path, column: str, value: str, message: str
) -> None:
    row = {
        "norm": "commercial-theft", "party": "GB", "date": "2018-12-20", "way": "statement",
        "what": "It holds the other to its word.", "sources": "https://example.org/",
        "status": "seen",
    }  # fmt: skip
    row[column] = value
    path = tmp_path / "takeups.tsv"
    path.write_text("\t".join(COLUMNS) + "\n" + "\t".join(row[c] for c in COLUMNS) + "\n")
    problems = check_takeups(load_register().norms, path)
    assert problems
    assert all(p.startswith("takeups.tsv:2: ") for p in problems)
    assert message in problems[0]


def test_too_few_occasions_tell_nothing_about_causes() -> None:
    register = load_register()
    rows = adoptions_of(register, "commercial-theft", load_roll_calls())
    found = fit_hazards({"commercial-theft": rows}, votes(), DAY)
    assert found.occasions < FEWEST
    assert found.effects == ()
    assert "too few occasions" in found.reason


def test_the_model_of_all_prohibitions_gives_intervals() -> None:
    register = load_register()
    norms = [n.id for n in register.norms.values() if n.prohibits]
    rows = {n: adoptions_of(register, n, load_roll_calls(), load_takeups()) for n in norms}
    found = fit_hazards(rows, votes(), DAY)
    assert found.reason == ""
    assert found.occasions >= FEWEST
    for effect in found.effects:
        assert effect.lower < effect.ratio < effect.upper


def run(*args: str) -> str:
    result = CliRunner().invoke(app, ["spread", *args])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_says_how_the_norm_stands_with_sources() -> None:
    text = run("commercial-theft", "--as-of", "2020")
    assert "stopped" in text
    assert "Sources" in text
    assert "https://" in text


def test_the_command_draws_and_writes(tmp_path: Path) -> None:
    run("commercial-theft", "--svg", str(tmp_path / "a.svg"), "--report", str(tmp_path / "a.html"))
    picture = (tmp_path / "a.svg").read_text()
    assert picture.startswith("<svg")
    assert "side on the axis of votes" in picture
    assert "Africa south of the Sahara" in picture  # curves by region
    assert "disputed" not in picture  # nobody disputes that it was promised: no such key
    page = (tmp_path / "a.html").read_text()
    assert "<script" not in page
    assert 'href="https://' in page
    run("commercial-theft", "--svg", str(tmp_path / "a.png"))
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_the_same_as_data_and_as_a_table() -> None:
    assert '"states_by_way"' in run("commercial-theft", "--json")
    assert run("commercial-theft", "--csv").splitlines()[0].startswith("country,name,date,way")
    assert "too few occasions" in run("follows")
