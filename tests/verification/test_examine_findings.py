"""The findings of a cross-examination on made evidence whose truth is known."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from made import PAIRS, evidence, incident, question, release, simulated
from scipy import stats

from comity.dates import parse_date
from comity.errors import QuestionError
from comity.incidents.model import Attribution, Initiator
from comity.verification.cards import cards_of
from comity.verification.change import analyse
from comity.verification.examine.accounts import AGREEMENT, onset_accounts, shifted
from comity.verification.examine.asked import Examine
from comity.verification.examine.claimants import claimants
from comity.verification.examine.detect import claims_fall, detectability, setting_of, simulate
from comity.verification.examine.lasting import persistence
from comity.verification.examine.next_evidence import next_evidence
from comity.verification.examine.placebo import jeffreys, pairs_of, placebo
from comity.verification.examine.record import independent_claimants, record, strength
from comity.verification.examine.tipping import tipping
from comity.verification.fit import fit_panel
from comity.verification.model import Choices, Rival
from comity.verification.prepare import prepare
from comity.verification.verdict import judge

AGREED = dt.date(2015, 9, 25)


def ready(incidents, asked=None, **more):
    held = evidence(incidents, release(**more))
    return prepare(asked or question(), held, {}, Choices()), held


def fell(share, day=AGREED, rate=4.0):
    """Rates a quarter: cell A falls to a share on a day, the others stay."""
    return lambda c, d: rate * (share if c == "A" and d >= day - dt.timedelta(40) else 1.0)


@pytest.fixture(scope="module")
def plain():
    """Two incidents a quarter in each cell, cell A halved."""
    prepared, held = ready(simulated(fell(0.5, rate=2.0), 4, coarse=0.15))
    return prepared, held, analyse(prepared, prepared.question.scope, "four-cells")


# placebo


def test_a_fall_ranks_first_among_pairs_and_a_promised_pair_is_no_placebo():
    made = simulated(fell(0.1), 2)
    prepared, held = ready(made)
    got = placebo(prepared, held, workers=1)
    pairs = next(s for s in got.sets if s.kind == "dyad")
    assert {(r.initiator, r.receiver) for r in pairs.rows} == {PAIRS["B"], PAIRS["C"], PAIRS["D"]}
    assert pairs.rank == 1
    assert pairs.smallest == pytest.approx(1 / (pairs.identified + 1))
    without = placebo(prepared, held, {PAIRS["C"]}, workers=1)
    left = next(s for s in without.sets if s.kind == "dyad")
    assert ("IR", "US") not in {(r.initiator, r.receiver) for r in left.rows}
    assert "1 are under the same promise" in left.sentence


def test_placebo_dates_use_one_side_of_the_agreement_only():
    prepared, held = ready(simulated(fell(0.02), 6))
    dates = next(s for s in placebo(prepared, held, workers=1).sets if s.kind == "date")
    assert dates.identified > 5
    assert dates.alarms <= 1  # the real fall, fifty-fold, must not leak into any of them
    early = [r for r in dates.rows if r.date < AGREED]
    late = [r for r in dates.rows if r.date > AGREED]
    assert early
    assert late
    total = sum(i.initiators[0].code == "CN" and i.receivers == ("US",) for i in held.incidents())
    assert all(r.before + r.after < total for r in early)


def test_the_pair_itself_is_no_placebo_in_either_direction():
    made = simulated(fell(1.0, rate=0.5), 3)
    turned = replace(made[0], initiators=(Initiator("US"),), receivers=("CN",))
    prepared, _ = ready([*made, replace(turned, id="9000")])
    assert not {("CN", "US"), ("US", "CN")} & set(pairs_of(prepared))


def test_jeffreys_intervals_are_the_quantiles_of_their_beta_and_hold_the_ends():
    assert jeffreys(0, 0) == (0.0, 1.0)
    assert jeffreys(0, 10)[0] == 0.0
    assert jeffreys(10, 10)[1] == 1.0
    low, high = jeffreys(3, 20)
    assert stats.beta(3.5, 17.5).cdf([low, high]) == pytest.approx([0.05, 0.95])


# detectability


def test_a_rich_list_sees_a_great_fall_and_a_poor_one_none():
    rich, _ = ready(simulated(fell(1.0, rate=25.0), 1))
    poor, _ = ready(simulated(fell(1.0, rate=0.25), 1))
    chances = []
    for prepared in (rich, poor):
        primary = analyse(prepared, prepared.question.scope, "four-cells")
        got = detectability(prepared, primary, runs=12, ratios=(1.0, 0.1), years=(5.0,), workers=1)
        chances.append({p.ratio: p.chance for p in got.points})
    assert chances[0][0.1] > 0.9
    assert chances[0][1.0] <= 0.1
    assert chances[1][0.1] <= 0.6
    assert chances[1][0.1] < chances[0][0.1]
    assert "not within 5 years" in got.sentence


def test_a_simulated_panel_is_as_long_and_as_rich_as_asked(plain):
    prepared, _, primary = plain
    setting = setting_of(prepared, primary, (1.0, 5.0), 40)
    from comity.verification.examine.detect import Trial

    totals = []
    for draw in range(40):
        counts = simulate(Trial(setting, draw, 0.5, 1, (1, draw)))
        assert counts.shape[1] == setting.onset + 20
        totals.append(counts.spread()[0, setting.onset :].sum())
    expected = np.exp(setting.levels[:, 0]).mean() * 0.5 * 20
    assert np.mean(totals) == pytest.approx(expected, rel=0.2)


def test_a_known_delay_makes_early_detection_harder():
    made = simulated(fell(1.0, rate=12.0), 8, delay=lambda r: r.lognormal(6.6, 0.5),
                     closed_on=dt.date(2022, 6, 30))  # fmt: skip
    prepared, _ = ready(made, has_report_dates=True)
    primary = analyse(prepared, prepared.question.scope, "four-cells")
    late = setting_of(prepared, primary, (1.0,), 4)
    at_once, _ = ready(made)
    prompt = setting_of(at_once, analyse(at_once, at_once.question.scope, "four-cells"), (1.0,), 4)
    assert late.held[0][-4:].mean() < 0.5
    assert prompt.held[0][-4:].mean() == 1.0


@pytest.mark.slow
def test_detectability_is_within_three_points_of_brute_force():
    # Brute force: every trial's panel fitted under every comparison, with many draws.
    from comity.verification.cells import LAYOUTS
    from comity.verification.examine.detect import Trial
    from comity.verification.model import COMPARISONS

    prepared, _ = ready(simulated(fell(1.0, rate=6.0), 5))
    primary = analyse(prepared, prepared.question.scope, "four-cells")
    setting = setting_of(prepared, primary, (5.0,), 150)
    quick = slow = 0
    for draw in range(150):
        trial = Trial(setting, draw, 0.4, 0, (7, draw))
        quick += claims_fall(trial).claimed
        counts = simulate(trial)
        chances = {
            c: fit_panel(
                counts.select(LAYOUTS[c].cells), c, setting.onset, draws=2500, seed=draw
            ).fell("net-5")
            for c in COMPARISONS
        }
        slow += chances["four-cells"] >= 0.95 and min(chances.values()) >= 0.8
    assert abs(quick - slow) / 150 <= 0.03


# onset


def test_a_step_at_a_rivals_date_is_found():
    day = dt.date(2012, 1, 1)
    rival = Rival(day, "another thing")
    prepared, _ = ready(simulated(fell(0.1, day), 5), question(rivals=(rival,)))
    primary = analyse(prepared, prepared.question.scope, "four-cells")
    got = onset_accounts(prepared, primary)
    best = max(got.accounts, key=lambda a: a.posterior)
    assert best.label in ("another thing", f"{AGREEMENT} and: another thing")
    assert next(a for a in got.accounts if a.label == "another thing").factor > 3
    assert sum(a.prior for a in got.accounts) == pytest.approx(1)
    assert sum(a.posterior for a in got.accounts) == pytest.approx(1)


def test_a_step_at_the_agreement_beats_a_far_rival_and_two_steps_beat_one():
    day = dt.date(2010, 1, 1)
    rival = Rival(day, "an early thing", "https://example.org/x")
    prepared, _ = ready(simulated(fell(0.1), 5), question())
    primary = analyse(prepared, prepared.question.scope, "four-cells")
    got = {a.label: a for a in onset_accounts(prepared, primary, (rival,)).accounts}
    assert got["an early thing"].factor < 1 / 3
    assert got["no step"].factor < 1 / 3
    assert got[AGREEMENT].effect == pytest.approx(0.1, abs=0.1)

    def twice(c, d):
        return 9.0 * (0.3 if c == "A" and d >= day else 1.0) * fell(0.2, rate=1.0)(c, d)

    prepared, _ = ready(simulated(twice, 5))
    primary = analyse(prepared, prepared.question.scope, "four-cells")
    got = {a.label: a for a in onset_accounts(prepared, primary, (rival,)).accounts}
    assert got[f"{AGREEMENT} and: an early thing"].factor > 1


def test_an_offset_is_the_same_as_a_rate(plain):
    _, _, primary = plain
    counts = primary.panels[0].counts
    offset = np.linspace(-1, 1, counts.shape[1])
    moved, extra = shifted(counts, offset)
    rate = np.full(counts.shape, 0.7)
    mine = np.array([c == "A" for c in counts.cells])[:, None]

    def loglik(c, r):
        mu = r * c.exposure
        spans = np.minimum(c.first[:, None] + np.arange(c.weight.shape[1]), c.shape[1] - 1)
        coarse = np.log((c.weight * r[c.group[:, None], spans]).sum(axis=1)) @ c.n
        return (c.y * np.log(r)).sum() + coarse - mu.sum()

    direct = loglik(counts, rate * np.exp(np.where(mine, offset, 0.0)))
    assert loglik(moved, rate) + extra == pytest.approx(direct)


# persistence, tipping


def test_a_return_to_the_old_level_is_dated():
    def back(c, d):
        down = c == "A" and dt.date(2015, 8, 1) <= d < dt.date(2018, 9, 1)
        return 14.0 * (0.15 if down else 1.0)

    prepared, _ = ready(simulated(back, 9))
    got = persistence(prepared, analyse(prepared, prepared.question.scope, "four-cells"))
    assert [p.year for p in got.points] == [1, 2, 3, 4, 5]
    assert got.points[0].below > 0.95
    assert got.returned_by is not None
    assert dt.date(2018, 12, 1) <= got.returned_by <= dt.date(2020, 12, 31)
    stays, _ = ready(simulated(fell(0.15, rate=14.0), 9))
    still = persistence(stays, analyse(stays, stays.question.scope, "four-cells"))
    assert still.returned_by is None
    assert still.points[-1].below > 0.95


def test_tipping_divides_the_apparent_ratio(plain):
    prepared, _, primary = plain
    got = tipping(prepared, primary)
    one = next(p for p in got.points if p.factor == 1.0)
    assert one.fell == pytest.approx(primary.fit.fell("net-5"))
    fells = [p.fell for p in got.points]
    assert fells == sorted(fells)
    median, _, _ = primary.fit.ratio("net-5", 0.9)
    assert got.no_fall == pytest.approx(median)
    assert got.unseen == pytest.approx(primary.after / median - primary.after)
    half = next(p for p in got.points if p.factor != 1.0)
    assert half.ratio.median == pytest.approx(one.ratio.median / half.factor)


# claimants, record


def said(claimant, kind="private-company", country="", source="", day="2016-01-01"):
    return Attribution(claimant, kind, country, "CN", parse_date(day), source=source)


def test_without_a_claimant_its_incidents_leave_in_every_cell():
    made = simulated(fell(0.5, rate=3.0), 12)
    named = [
        replace(i, attributions=(said("Loud Ltd"),) if n % 3 == 0 else (said("Quiet"), said("B")))
        for n, i in enumerate(made)
    ]
    prepared, _ = ready(named)
    mine = [i for i in named if i.receivers == ("US",) and i.initiators[0].code == "CN"]
    loud = sum(i.attributions[0].claimant == "Loud Ltd" for i in mine)
    got = claimants(prepared, 0.9, workers=1)
    row = next(r for r in got.rows if r.claimant == "Loud Ltd")
    assert (row.involved, row.alone) == (loud, loud)
    assert row.before + row.after == pytest.approx(len(mine) - loud, abs=0.6)
    quiet = next(r for r in got.rows if r.claimant == "Quiet")
    assert quiet.alone == 0
    assert quiet.ratio_involved is not None
    everyone = next(r for r in got.rows if r.claimant == "all companies")
    assert everyone.ratio_involved is None
    assert got.unnamed == 0


@pytest.mark.parametrize(
    ("claims", "names"),
    [
        ([said("FBI", "receiver-government", "US"), said("DoJ", "receiver-government", "US")],
         ("FBI",)),
        ([said("UK", "third-government", "GB"), said("DoJ", "receiver-government", "US")],
         ("UK", "DoJ")),
        ([said("Paper", "media"), said("Firm")], ("Firm",)),
        ([said("Paper", "media"), said("Other paper", "media")], ("Paper", "Other paper")),
        ([said("One", source="https://a.example"), said("Two", source="https://a.example")],
         ("One",)),
        ([said("")], ()),
    ],
)  # fmt: skip
def test_independence_is_judged_by_the_written_rule(claims, names):
    assert independent_claimants(claims) == names


def test_the_record_lists_what_came_after_and_says_no_more_than_the_claims():
    made = [
        replace(incident(1, "A", "2014-01-02"), attributions=(said("Before"),)),
        replace(incident(2, "A", "2016-01-02"), attributions=(said("Firm"),)),
        replace(incident(3, "A", "2016-02-02"), commercial_use="claimed",
                attributions=(said("DoJ", "receiver-government", "US", day="2018-12"),)),
        incident(4, "A", "2017-01-02"),
        incident(5, "A", "2015"),
    ]  # fmt: skip
    prepared, _ = ready(made)
    got = record(prepared, cards_of(prepared))
    assert [(i.incident, i.when, i.strength) for i in got.incidents] == [
        ("made:5", "straddles", "none"), ("made:2", "after", "company"),
        ("made:3", "after", "official"), ("made:4", "after", "none"),
    ]  # fmt: skip
    assert (got.official, got.unattributed, got.commercial) == (1, 1, 1)
    assert got.first_official == "2018-12"
    assert "Of 3 incidents" in got.sentence
    assert "compl" not in got.sentence
    assert strength([said("x", "other")]) == "other"


# next evidence


def test_settling_one_date_is_what_a_refit_says():
    made = simulated(fell(0.4, rate=1.5), 7)
    open_one = replace(incident(9000, "A", "2015"), attributions=(said("Firm"),))
    prepared, _ = ready([*made, open_one])
    primary = analyse(prepared, prepared.question.scope, "four-cells", draws=8000)
    item = next(i for i in next_evidence(prepared, primary).items if i.kind == "start")
    assert item.incident == "made:9000"
    assert sum(s.chance for s in item.settlements) == pytest.approx(1.0, abs=0.05)
    for way, day in ((item.settlements[0], "2015-02-01"), (item.settlements[-1], "2015-11-01")):
        settled, _ = ready([*made, replace(open_one, start=parse_date(day))])
        again = analyse(settled, settled.question.scope, "four-cells", draws=8000)
        assert way.fell == pytest.approx(again.fit.fell("net-5"), abs=0.025)
        assert way.ratio == pytest.approx(again.fit.ratio("net-5", 0.9)[0], rel=0.06)


def test_ten_items_at_most_and_the_largest_first(plain):
    prepared, _, primary = plain
    got = next_evidence(prepared, primary)
    moves = [i.movement for i in got.items]
    assert moves == sorted(moves, reverse=True)
    assert len(moves) <= 10
    assert got.considered >= len(moves)


# all of them


def test_only_what_is_asked_for_is_found_and_an_unknown_name_is_an_error():
    held = evidence(simulated(fell(0.5, rate=1.0), 4), release())
    verdict = judge(question(), held, examine=Examine(("tipping", "record"), workers=1))
    assert verdict.examination.tipping is not None
    assert verdict.examination.record is not None
    assert verdict.examination.robustness is None
    with pytest.raises(QuestionError, match="no finding 'luck'"):
        judge(question(), held, examine=Examine(("luck",)))


def test_what_rests_on_an_unidentified_change_is_not_shown():
    quiet = evidence([incident(1, "A", "2014-01-02")], release())
    wanted = ("tipping", "persistence", "next_evidence", "onset", "detectability", "record")
    got = judge(question(), quiet, examine=Examine(wanted, workers=1)).examination
    assert got.tipping is None
    assert got.persistence is None
    assert got.next_evidence is None
    assert got.onset is None
    assert got.detectability is None
    assert got.record.sentence.startswith("No incident in scope")
