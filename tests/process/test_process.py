"""Talks: standing on a day, continuity, the ladder, excitation; tables checked."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from comity.dates import parse_date
from comity.errors import ModelError, RegisterError
from comity.process.continuity import Suspension, continuity_of, status_on, time_to_resume
from comity.process.excitation import _History, fit_excitation, simulate
from comity.process.ladder import ladder_of
from comity.process.model import Talks
from comity.process.queries import pair_of, talks_on, tracks_of
from comity.process.register import COLUMNS, check_talks, load_talks
from comity.report.carried_out_page import enforcement_lines
from comity.report.process_page import NONE_SO, ladder_lines, talks_lines

A = "https://example.org/a"
TRACKS = [
    f"us-cn-one|Group|working group|US ; CN||2013-04-13|both set it up|2016||Met.|{A}|seen",
    f"us-cn-two|Expert group|expert group|US ; CN||2016-05-11|the presidents|||Met once.|{A}|seen",
]
EVENTS = [
    f"2013-one-founded|2013-04-13|founding|US ; CN||us-cn-one||Set up.|||{A}|seen",
    f"2013-one-met|2013-07-08|meeting|US ; CN||us-cn-one||Met.|||{A}|seen",
    f"2014-charged|2014-05-01|indictment-returned|US|CN||Officers|Under seal.|||{A}|seen",
    f"2014-charges|2014-05-19|indictment-unsealed|US|CN||Officers|Made public.||CN|{A}|seen",
    f"2014-one-off|2014-05-19|suspension|CN|US|us-cn-one||Suspended.|||{A}|seen",
    f"2014-denied|2014-05-20|denial|CN|US||Officers|Denied.|||{A}|seen",
    f"2015-order|2015-04-01|sanction-authority|US|CN|||An order.||CN|{A}|seen",
    f"2015-promise|2015-09-25|commitment|US ; CN||||A promise.|||{A}|seen",
    f"2016-two-met|2016-05-11|meeting|US ; CN||us-cn-two||Met.|||{A}|seen",
    f"2018-sanction|2018-12-20|sanction|US|CN|||A sanction.|||{A}|seen",
]


def write(folder: Path, tracks: list[str] = TRACKS, events: list[str] = EVENTS) -> Path:
    """Write the four tables."""
    rows = {
        "tracks.tsv": tracks, "events.tsv": events,
        "implementation.tsv": [f"CN|osce-cbm-8|contact-point|Named a contact point.|2016|{A}|seen"],
        "enforcement.tsv": [
            "2014-case|none|Theft.|US|2014-05-19|fines|sanction ; indictment|2014-05-19|"
            f"Talks off.|struck-back|{A}|seen"
        ],
    }  # fmt: skip
    for name, columns in COLUMNS.items():
        lines = ["\t".join(columns), *(r.replace("|", "\t") for r in rows[name])]
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def talks(tmp_path: Path) -> Talks:
    return load_talks(write(tmp_path))


def test_a_track_stands_as_the_last_act_by_that_day_made_it(talks: Talks) -> None:
    track, acts = talks.tracks["us-cn-one"], talks.of("us-cn-one")
    standing = {
        day: status_on(track, acts, dt.date.fromisoformat(day)).standing
        for day in ("2013-01-01", "2014-05-18", "2015-01-01", "2017-01-01")
    }
    assert standing == {
        "2013-01-01": "not yet founded", "2014-05-18": "open", "2015-01-01": "suspended",
        "2017-01-01": "ended",
    }  # fmt: skip
    found = status_on(track, acts, dt.date(2015, 1, 1))
    assert found.since.text == "2014-05-19"
    assert found.certain


def test_separate_tracks_are_never_one(talks: Talks) -> None:
    other = talks.tracks["us-cn-two"]
    day = dt.date(2016, 12, 1)
    assert status_on(other, talks.of("us-cn-two"), day).standing == "open"
    assert status_on(talks.tracks["us-cn-one"], talks.of("us-cn-one"), day).standing != "open"


def test_an_imprecise_end_leaves_the_standing_open_within_its_days(talks: Talks) -> None:
    track, acts = talks.tracks["us-cn-one"], talks.of("us-cn-one")
    assert not status_on(track, acts, dt.date(2016, 3, 1)).certain
    assert status_on(track, acts, dt.date(2017, 3, 1)).certain


def test_each_account_of_a_contested_fact_is_told(tmp_path: Path) -> None:
    told = [
        f"2016-met-us|2016-12-08|meeting|US ; CN||us-cn-two||Met, says one.|US||{A}|seen",
        f"2016-met-cn|2016-12-20|meeting|US ; CN||us-cn-two||Later, says another.|CN||{A}|seen",
    ]
    talks = load_talks(write(tmp_path, events=[*EVENTS, *told]))
    found = status_on(talks.tracks["us-cn-two"], talks.of("us-cn-two"), dt.date(2017, 1, 1))
    assert [a.account_of for a in found.accounts] == ["US", "CN"]
    assert not found.certain
    assert {a.fact for a in found.accounts} == {"2016-met"}


def test_continuity_uses_nothing_later_than_its_day(talks: Talks) -> None:
    track, acts = talks.tracks["us-cn-one"], talks.of("us-cn-one")
    early = continuity_of(track, acts, talks.acts, dt.date(2014, 5, 1))
    assert early.suspensions == ()
    assert early.contacts == 2
    assert early.shocks == ()
    late = continuity_of(track, acts, talks.acts, dt.date(2015, 12, 31))
    assert late.days_since == (dt.date(2015, 12, 31) - dt.date(2013, 7, 8)).days
    (suspension,) = late.suspensions
    assert suspension.censored
    # the charges of May 2014 met it open and it was suspended that day; the order met it suspended
    assert [(s.act.id, s.was_open, s.survived) for s in late.shocks] == [
        ("2014-charges", True, False), ("2015-order", False, True),
    ]  # fmt: skip
    assert late.share_survived == 0


def test_charges_under_seal_shock_nobody(talks: Talks) -> None:
    found = continuity_of(
        talks.tracks["us-cn-one"], talks.of("us-cn-one"), talks.acts, dt.date(2016, 1, 1)
    )
    assert "2014-charged" not in [s.act.id for s in found.shocks]


def test_time_to_resume_is_the_known_curve() -> None:
    def one(days: int, censored: bool) -> Suspension:
        return Suspension("t", parse_date("2015"), None, days, censored, "")

    lasted = [(6, False)] * 3 + [(6, True), (7, False), (9, True), (10, False), (10, True)]
    steps = time_to_resume([one(*pair) for pair in lasted])
    # Kaplan and Meier by hand: 8 at risk at 6, 4 at 7, 2 at 10
    assert [s.days for s in steps] == [6, 7, 10]
    assert [s.share for s in steps] == pytest.approx([5 / 8, 5 / 8 * 3 / 4, 5 / 8 * 3 / 4 / 2])
    assert all(s.lower <= s.share <= s.upper for s in steps)


def test_the_ladder_counts_answers_and_what_came_before_a_promise(talks: Talks) -> None:
    found = ladder_of(talks.acts, "US", "CN", dt.date(2017, 1, 1))
    answers = {a.act.id: a for a in found.answers}
    assert answers["2014-charges"].answered_by is not None
    assert answers["2014-charges"].answered_by.id == "2014-one-off"
    assert answers["2015-order"].answered_by is None
    (pressure,) = found.pressure
    assert [a.id for a in pressure.acts] == ["2015-order"]
    assert "2018-sanction" not in [a.id for a in found.acts]
    within = {s.within: s for s in found.shares}
    # neither: the suspension, itself the answer to the charges of its day, and the order
    assert within[30].acts == within[30].answered + within[30].denied_only + 2


def test_pairs_and_tracks_are_found_as_people_type_them(talks: Talks) -> None:
    assert pair_of("us-china") == ("US", "CN")
    assert pair_of("united-states-china") == ("US", "CN")
    assert pair_of("osce") is None
    assert len(tracks_of(talks, "us-china")) == 2
    with pytest.raises(RegisterError, match="No track of talks fits 'atlantis'"):
        tracks_of(talks, "atlantis")


def test_the_page_of_a_pair_lists_what_happened_with_its_sources(talks: Talks) -> None:
    shown = talks_lines(talks_on(talks, "us-china", dt.date(2015, 12, 31)))
    page = " ".join("\n".join(a + b for a, b in shown).split())
    assert "2013-07-08 meeting, United States, China: Met. [1] seen" in page
    assert "2014-05-19 suspension, China: Suspended. [1] seen" in page
    # the charges met the group open and it was suspended that day; the order met nothing open
    assert "Made public. [1] seen closed: us-cn-one" in page
    assert "An order. [1] seen met no track open" in page
    everything = talks_lines(talks_on(talks, "", dt.date(2015, 12, 31)))
    assert not any("Met." in b and "meeting" in b for _, b in everything)


def test_talks_and_lines_that_stand_ready_are_counted_apart(tmp_path: Path) -> None:
    line = f"us-cn-line|Line|hotline|US ; CN||2010|both|||Ready.|{A}|seen"
    found = talks_on(load_talks(write(tmp_path, [*TRACKS, line])), "", dt.date(2020, 1, 1))
    # the line: charges, suspension of the group, order, sanction; the group: the charges alone;
    # the experts met in 2016 and were silent when the sanction came
    assert found.survived(stand_ready=True) == (4, 4)
    assert found.survived(stand_ready=False) == (1, 0)  # the charges and the first group
    act, taken = found.shocks[0]
    assert act.id == "2014-charges"
    assert [(track, s.survived) for track, s in taken] == [
        ("us-cn-one", False), ("us-cn-line", True),
    ]  # fmt: skip


def test_a_suspension_that_its_track_did_not_outlive_is_censored_there(talks: Talks) -> None:
    track, acts = talks.tracks["us-cn-one"], talks.of("us-cn-one")
    (found,) = continuity_of(track, acts, talks.acts, dt.date(2020, 1, 1)).suspensions
    assert found.censored
    assert found.ended_with
    assert found.days == (dt.date(2016, 7, 1) - dt.date(2014, 5, 19)).days  # the middle of 2016
    (held,) = continuity_of(track, acts, talks.acts, dt.date(2015, 1, 1)).suspensions
    assert not held.ended_with


def test_an_answer_on_a_higher_rung_and_easing_are_counted_beside(tmp_path: Path) -> None:
    more = [
        f"2015-order-back|2015-04-10|sanction|CN|US|||Higher.|||{A}|seen",
        f"2015-eased|2015-04-20|de-escalation|US|CN|||Held back.|||{A}|seen",
    ]
    talks = load_talks(write(tmp_path, events=[*EVENTS, *more]))
    month = ladder_of(talks.acts, "US", "CN", dt.date(2015, 6, 1)).shares[0]
    # steps: charges (answered by the suspension, higher), suspension, order (answered, higher),
    # the sanction in answer; after the order and the sanction one side eased
    assert (month.acts, month.answered, month.further_up, month.eased) == (4, 2, 2, 2)


def test_the_table_of_enforcement_counts_what_was_done_and_what_followed(talks: Talks) -> None:
    page = "\n".join(a + b for a, b in enforcement_lines(talks.enforcement))
    done = {line.split()[0]: line.split()[1:] for line in page.splitlines() if line[:3] == "  s"}
    #                       cases eased more back again denied nothing
    assert done["sanction"] == ["1", "0", "0", "1", "0", "0", "0"]
    assert max(map(len, page.splitlines())) <= 80


@pytest.mark.parametrize(
    ("table", "row", "message"),
    [
        ("enforcement.tsv", f"x|none|T.|US|2014|f|fine|2014|B.|eased|{A}|seen",
         "responses is 'fine'; allowed: none, statement"),
        ("enforcement.tsv", f"x|none|T.|US|2014|f|none|2014|B.|war|{A}|seen",
         "course is 'war'; allowed: eased"),
        ("implementation.tsv", f"CN|m|gift|Named one.|2016|{A}|seen", "kind is 'gift'"),
    ],
)  # fmt: skip
def test_a_code_that_is_none_is_said_with_its_line(
    tmp_path: Path, table: str, row: str, message: str
) -> None:
    write(tmp_path)
    path = tmp_path / table
    path.write_text(path.read_text() + row.replace("|", "\t") + "\n", encoding="utf-8")
    problems = check_talks(tmp_path)
    assert len(problems) == 1
    assert problems[0].startswith(f"{table}:3: {message}")


def test_pages_keep_their_width_and_say_what_is_unknown(talks: Talks) -> None:
    shown = talks_lines(talks_on(talks, "us-china", dt.date(2015, 1, 1)))
    page = "\n".join(a + b for a, b in shown)
    assert "suspended since 2014-05-19" in page
    assert "None was resumed" in " ".join(page.split())
    found = ladder_of(talks.acts, "US", "CN", dt.date(2017, 1, 1))
    lines = ladder_lines(found, fit_excitation([1.0], [2.0], 10))
    assert "not identified" in " ".join(b for _, b in lines)
    assert max(len(a + b) for a, b in lines) <= 80


def test_excitation_finds_a_known_truth_and_knows_when_it_cannot() -> None:
    random = np.random.default_rng(0)
    pull, inside = np.array([[0.1, 0.5], [0.3, 0.1]]), []
    for _ in range(12):
        one, two = simulate(np.array([0.01, 0.008]), pull, 1 / 40, 5500, random)
        found = fit_excitation(list(one), list(two), 5500)
        inside += [
            found.pull[a][b].lower <= pull[a, b] <= found.pull[a][b].upper
            for a in (0, 1) for b in (0, 1)
        ]  # fmt: skip
    assert 0.75 <= np.mean(inside) <= 1
    few = fit_excitation([1.0, 2.0], [3.0], 100)
    assert few.reason.endswith("are needed")
    with pytest.raises(ModelError, match="from 0 to 100"):
        fit_excitation([200.0], [1.0], 100)
    with pytest.raises(ModelError, match="no end"):
        simulate(np.array([1.0, 1.0]), np.array([[0.9, 0.9], [0.9, 0.9]]), 1, 10, random)


def test_the_gradient_is_that_of_the_loss() -> None:
    random = np.random.default_rng(1)
    one, two = simulate(np.array([0.01, 0.01]), np.full((2, 2), 0.2), 1 / 40, 3000, random)
    history = _History([one, two], 3000)
    at = history.centre() + random.normal(0, 0.2, 7)
    _, gradient = history.loss(at)
    for k in range(7):
        step = np.eye(7)[k] * 1e-6
        slope = (history.loss(at + step)[0] - history.loss(at - step)[0]) / 2e-6
        assert gradient[k] == pytest.approx(slope, rel=1e-4, abs=1e-4)


@pytest.mark.slow
def test_intervals_of_pulls_hold_the_truth() -> None:
    random = np.random.default_rng(5)
    inside: list[bool] = []
    while len(inside) < 4 * 500:
        pull = np.exp(random.normal(np.log(0.2), 1, (2, 2)))
        if np.max(np.abs(np.linalg.eigvals(pull))) >= 0.9:
            continue
        decay = float(np.exp(-(np.log(60) + 0.7 * random.standard_normal())))
        base = np.exp(random.normal(np.log(50 / 5500), 0.4, 2))
        one, two = simulate(base, pull, decay, 5500, random)
        found = fit_excitation(list(one), list(two), 5500)
        if found.reason.endswith("needed"):
            continue
        inside += [
            found.pull[a][b].lower <= pull[a, b] <= found.pull[a][b].upper
            for a in (0, 1) for b in (0, 1)
        ]  # fmt: skip
    assert 0.85 <= np.mean(inside) <= 0.95


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"2012-early|2012-01-01|meeting|US||us-cn-one||Met.|||{A}|seen", "before its track was"),
        (f"2015-on|2017-01-01|resumption|US||us-cn-two||On.|||{A}|seen", "2015-on"),
        (f"2014-off|2014-06-01|suspension|US||us-cn-one||Off.|||{A}|seen", "is suspended since"),
        (f"2015-told|2015-01-01|meeting|||us-cn-one||Told.|CN||{A}|seen", "actor is empty"),
        (f"2015-lost|2015-01-01|meeting|US||no-track||Met.|||{A}|seen", "is not in tracks.tsv"),
        (f"2015-odd|2015-01-01|party|US||||Odd.|||{A}|seen", "kind is 'party'"),
        ("2015-bare|2015-01-01|meeting|US||||Met.||||seen", "without an http(s) address"),
    ],
)
def test_a_spoiled_act_is_said_with_its_line(tmp_path: Path, row: str, message: str) -> None:
    assert check_talks(write(tmp_path)) == ()
    problems = check_talks(write(tmp_path, events=[*EVENTS, row]))
    if message == "2015-on":
        assert any("resumes without having been suspended" in p for p in problems)
        return
    here = f"events.tsv:{len(EVENTS) + 2}: "
    assert any(p.startswith(here) and message in p for p in problems), problems


def test_a_track_that_ends_before_it_begins_is_said(tmp_path: Path) -> None:
    row = f"x-y|Z|hotline|US ; CN||2016|set up|2015||Ended.|{A}|seen"
    problems = check_talks(write(tmp_path, tracks=[*TRACKS, row]))
    assert problems == ("tracks.tsv:4: until 2015 is before since 2016",)


def test_what_no_contact_is_on_record_of_is_not_said_to_have_been_silent_after_one(
    tmp_path: Path,
) -> None:
    old = f"us-cn-old|Old talks|working group|US ; CN||1998|both|||Yearly.|{A}|seen"
    line = f"us-cn-line|Line|hotline|US ; CN||2015-09-25|both|||Ready.|{A}|seen"
    talks = load_talks(write(tmp_path, [*TRACKS, old, line]))
    found = talks_on(talks, "us-china", dt.date(2026, 1, 1))
    said = "\n".join(b for _, b in talks_lines(found, 200))
    assert "no contact on it is on record at all" in said
    assert "whether it met, this table does not know" in said
    assert "nothing on record shut it; whether it was used is not known" in said
    assert "longest without one on record" in said


def test_before_any_track_nothing_is_said_of_suspensions(talks: Talks) -> None:
    lines = talks_lines(talks_on(talks, "us-china", dt.date(1900, 1, 1)))
    assert [b for _, b in lines] == ["As of 1900-01-01: 0 tracks of talks", NONE_SO]


def test_a_pair_of_one_state_is_an_error(talks: Talks) -> None:
    with pytest.raises(RegisterError, match="names one state twice"):
        tracks_of(talks, "us-us")


def test_who_alleged_a_breach_is_named_and_not_coded(tmp_path: Path) -> None:
    folder = write(tmp_path)
    table = folder / "enforcement.tsv"
    table.write_text(table.read_text("utf-8").replace("\tUS\t", "\tGB, US and allies\t"), "utf-8")
    said = "\n".join(b for _, b in enforcement_lines(load_talks(folder).enforcement, 120))
    assert "United Kingdom, United States and allies" in said


def test_another_problem_hides_no_resumption_without_a_suspension(tmp_path: Path) -> None:
    rows = [
        *EVENTS,
        f"2017-two-on|2017-01-01|resumption|US ; CN||us-cn-two||Again.|||{A}|seen",
        "2018-bad|2018-13-01|meeting|US ; CN||us-cn-one||When?||||seen",
    ]
    problems = "\n".join(check_talks(write(tmp_path, events=rows)))
    assert "us-cn-two resumes without having been suspended" in problems
    assert "2018-13-01" in problems
