"""The tables of talks that ship: sound, large enough, and beside every question as its rivals."""

from __future__ import annotations

import csv
import datetime as dt
import json
from importlib import resources
from pathlib import Path

import pytest
from typer.testing import CliRunner

import comity
from comity.cli import app
from comity.diffusion.adoption import Way, load_takeups
from comity.instruments.register import load_register
from comity.process.model import SHOCK_RUNG, ActKind, TrackKind
from comity.process.queries import bearing_on, talks_on, tracks_of
from comity.process.register import check_talks, load_talks
from comity.verification.question import load_question

QUESTIONS = resources.files("comity").joinpath("data/questions")
RIVALLED = sorted(
    f.name.removesuffix(".toml") for f in QUESTIONS.iterdir()
    if f.name.endswith(".toml") and "[[rival]]" in f.read_text(encoding="utf-8")
)  # fmt: skip


def test_what_ships_is_sound() -> None:
    assert check_talks() == ()
    talks = load_talks()
    assert len(talks.tracks) >= 35
    kinds = {t.kind for t in talks.tracks.values()}
    assert kinds == set(TrackKind)


@pytest.mark.parametrize(
    ("day", "standing"),
    [
        ("2013-04-12", ""), ("2013-07-08", "open"), ("2014-05-18", "open"),
        ("2014-05-19", "suspended"), ("2015-01-01", "suspended"), ("2026-01-01", "suspended"),
    ],
)  # fmt: skip
def test_the_cyber_working_group_stands_as_its_record_says(day: str, standing: str) -> None:
    found = talks_on(load_talks(), "us-china", dt.date.fromisoformat(day))
    status = {c.track: c.status for c in found.continuity}
    if not standing:
        assert "us-cn-cwg" not in status
        return
    assert status["us-cn-cwg"].standing == standing
    if standing == "suspended":
        assert status["us-cn-cwg"].since.text == "2014-05-19"


def test_separate_tracks_are_never_merged() -> None:
    mine = {t.id for t in tracks_of(load_talks(), "us-china")}
    assert {"us-cn-cwg", "us-cn-seg", "us-cn-hljd", "us-cn-lecd"} <= mine
    found = talks_on(load_talks(), "us-china", dt.date(2016, 6, 1))
    status = {c.track: c.status.standing for c in found.continuity}
    assert status["us-cn-seg"] == "open"
    assert status["us-cn-cwg"] == "suspended"


def test_talks_nobody_ended_are_not_thereby_alive() -> None:
    found = talks_on(load_talks(), "us-cn-lecd", dt.date(2025, 1, 1))
    assert found.continuity[0].status.standing == "silent"
    line = talks_on(load_talks(), "us-cn-hotline", dt.date(2025, 1, 1))
    assert line.continuity[0].status.standing == "open"


def test_who_ended_the_channel_of_2021_is_told_by_each_side() -> None:
    found = talks_on(load_talks(), "us-ru-2021", dt.date(2023, 1, 1))
    status = found.continuity[0].status
    assert {a.account_of for a in status.accounts} == {"RU", "US"}
    assert not status.certain


def test_both_dates_of_a_charge_are_kept() -> None:
    acts = load_talks().acts
    pairs = {
        a.affair for a in acts if a.kind is ActKind.CHARGED and a.affair
    } & {a.affair for a in acts if a.kind is ActKind.CHARGES_PUBLIC}  # fmt: skip
    assert {"PLA five", "Boyusec"} <= pairs


def test_every_track_of_an_instrument_is_on_its_card() -> None:
    register, talks = load_register(), load_talks()
    named = {t.id for t in talks.tracks.values() if t.instrument}
    assert {t.id for t in register.tracks} == named


def test_acts_that_bear_on_a_state_come_by_day_and_once() -> None:
    found = bearing_on(load_talks(), {"CN"})
    days = [day for day, _ in found]
    assert days == sorted(days)
    assert dt.date(2014, 5, 19) in days
    both = bearing_on(load_talks(), {"RU"})
    assert sum("channel" in act.what for _, act in both) == 1  # two accounts, one fact
    assert bearing_on(load_talks(), set()) == ()


def test_a_verdicts_onset_takes_the_tables_acts_and_none_twice() -> None:
    verdict = comity.verify("us-china-2015", mirror=False, examine=("onset",))
    assert verdict.examination is not None
    assert verdict.examination.onset is not None
    labels = [a.label for a in verdict.examination.onset.accounts]
    assert len(labels) == len(set(labels))
    assert any("ties a unit of China's army" in label for label in labels)
    assert {r.what for r in verdict.question.rivals} <= set(labels)


@pytest.mark.parametrize("name", RIVALLED)
def test_a_declared_rival_is_an_act_of_the_one_table(name: str) -> None:
    question = load_question(name)
    acts = bearing_on(load_talks(), {*question.scope.initiator, *question.scope.receiver})
    assert {r.date for r in question.rivals} <= {day for day, _ in acts}


def test_the_command_answers_the_issue_s_question() -> None:
    result = CliRunner().invoke(app, ["process", "us-china", "--as-of", "2015-01-01"])
    assert result.exit_code == 0, result.output
    assert "suspended since 2014-05-19" in result.output
    assert "https://" in result.output


def test_the_commands_draw_and_write(tmp_path) -> None:
    for name, args in (("t", ["us-china"]), ("l", ["ladder", "us-china"])):
        svg, page = tmp_path / f"{name}.svg", tmp_path / f"{name}.html"
        result = CliRunner().invoke(
            app, ["process", *args, "--svg", str(svg), "--report", str(page)]
        )
        assert result.exit_code == 0, result.output
        assert svg.read_text().startswith("<svg")
        assert "<script" not in page.read_text()


@pytest.mark.parametrize("kind", ["enforcement", "implementation"])
def test_what_was_done_is_listed_with_its_sources(kind: str, tmp_path: Path) -> None:
    page = tmp_path / "p.html"
    result = CliRunner().invoke(app, ["process", kind, "--report", str(page)])
    assert result.exit_code == 0, result.output
    assert "Sources" in result.output
    assert "<script" not in page.read_text()
    table = CliRunner().invoke(app, ["process", kind, "--csv"])
    laws = [t for t in load_takeups() if t.way is Way.LAW]  # listed as steps, from their table
    rows = len(load_talks().enforcement)
    if kind == "implementation":
        rows = len(load_talks().measures) + len(laws)
    assert len(list(csv.reader(table.output.splitlines()))) == rows + 1
    both = CliRunner().invoke(app, ["process", kind, "--csv", "--json"])
    assert both.exit_code != 0


def test_a_law_is_a_step_of_its_state_and_an_adoption_of_its_own_kind() -> None:
    steps = CliRunner().invoke(app, ["process", "implementation", "DE"]).output
    assert "2016-10-21" in steps
    norm = CliRunner().invoke(app, ["spread", "commercial-theft"]).output
    assert "2016-10-21" in norm.split("Put into own law or doctrine")[1]


def test_what_was_cut_and_taken_up_again_gives_a_time_to_resume() -> None:
    found = talks_on(load_talks(), "kr-kp-lines", dt.date(2024, 1, 1))
    assert [(s.began.text, s.censored) for s in found.suspensions] == [
        ("2013-03-11", False), ("2013-06-12", False),
        ("2016-02", False), ("2020-06-09", False), ("2021-08-10", False), ("2023-04-07", True),
    ]  # fmt: skip
    assert found.suspensions[3].days == 413  # as the South's ministry counted
    # six began; 3 of 6 outlast 88 days; the one that still holds was looked at for 269 days
    assert [s.days for s in found.resumed] == [34, 55, 88, 413, 688]
    assert [s.share for s in found.resumed] == pytest.approx([5 / 6, 2 / 3, 1 / 2, 1 / 4, 0])
    every = talks_on(load_talks(), "", dt.date(2026, 1, 1))
    assert len(every.suspensions) >= 10
    assert any(s.censored for s in every.suspensions)


def test_every_meeting_of_a_pair_is_on_its_page() -> None:
    page = CliRunner().invoke(app, ["process", "us-china"]).output
    talks = load_talks()
    acts = [a for t in tracks_of(talks, "us-china") for a in talks.of(t.id)]
    assert len(acts) > 15
    for act in acts:
        assert f"{act.date} {act.kind}" in page


def test_nothing_done_or_seen_stands_alone() -> None:
    for row in load_talks().enforcement:
        assert row.responses == ("none",) or "none" not in row.responses
        assert row.course == ("nothing-seen",) or "nothing-seen" not in row.course
        if row.course == ("nothing-seen",):
            assert "seen" in row.followed or "No answer" in row.followed


@pytest.mark.parametrize("day", ["2012-06-30", "2015-01-01", "2019-12-31", "2023-03-01"])
def test_of_a_past_day_nothing_is_told_that_came_later(day: str) -> None:
    said = " ".join(CliRunner().invoke(app, ["process", "--as-of", day]).output.split())
    data = CliRunner().invoke(app, ["process", "--as-of", day, "--json"]).output
    told = json.loads(data)
    assert "how the table describes a track today is left out" in said
    assert told["described"] is False
    for track in load_talks().tracks.values():
        state = " ".join(track.state.split()).rstrip(".")
        assert len(state) > 12
        assert state not in said
        assert state not in data
    for row in told["tracks"]:
        assert row["state"] == ""
        assert not row["ended"] or row["ended"]["text"][:4] <= day[:4]
    for record in told["continuity"]:
        back = [s["resumed"] for s in record["suspensions"] if s["resumed"]]
        dates = [act["date"]["text"] for act in record["acts"]] + [d["text"] for d in back]
        assert all(text[:4] <= day[:4] for text in dates)


def test_of_today_a_track_is_told_as_the_table_describes_it() -> None:
    talks, day = load_talks(), dt.date(2026, 11, 1)
    today = talks_on(talks, "us-ru-bpc", day, today=day)
    assert today.described
    assert today.continuity[0].status.because == talks.tracks["us-ru-bpc"].state
    after = talks_on(talks, "us-ru-bpc", day, today=day + dt.timedelta(days=1))
    assert after.continuity[0].status.because == "by this table it ends then"
    assert after.continuity[0].status.standing == "ended"
    quiet = talks_on(talks, "us-cn-seg", day, today=day + dt.timedelta(days=1))
    assert quiet.continuity[0].status.because == "no contact on record after it"


def test_a_protest_is_no_shock_and_takes_nothing_away() -> None:
    """The written rule of docs/process.md: a summons or a recall is an accusation."""
    protests = [
        a for a in load_talks().acts
        if any(word in a.what for word in (" summons ", "calls its ambassador back"))
    ]  # fmt: skip
    assert len(protests) >= 10
    assert {a.kind for a in protests} == {ActKind.ACCUSATION}
    assert all(a.rung < SHOCK_RUNG for a in protests)


@pytest.mark.parametrize("asked", [["us-cn-cwg"], ["ladder", "us-china"]])
def test_acts_are_a_table_with_sources_and_status(asked: list[str]) -> None:
    printed = CliRunner().invoke(app, ["process", *asked, "--csv"])
    rows = list(csv.DictReader(printed.output.splitlines()))
    suspended = next(r for r in rows if r["id"] == "2014-us-cn-cwg-suspension")
    assert (suspended["date"], suspended["actor"], suspended["rung"]) == ("2014-05-19", "CN", "8")
    assert all(r["sources"].startswith("http") and r["status"] for r in rows)
    assert CliRunner().invoke(app, ["process", *asked, "--csv", "--json"]).exit_code != 0
