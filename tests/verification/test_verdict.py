"""Verdicts: what they say, when they refuse to say it, and that bad input is told apart."""

import datetime as dt
from dataclasses import FrozenInstanceError, replace

import pytest
from made import evidence, incident, question, release, simulated

from comity.dates import DateReading, parse_date
from comity.errors import QuestionError
from comity.incidents.model import Attribution
from comity.verification.model import Choices, Claim, Rival, Scope
from comity.verification.verdict import judge

AGREED = dt.date(2015, 9, 25)


def steady(seed=1, rate=1.5, **more):
    return simulated(lambda c, d: rate, seed, **more)


def test_an_agreement_after_the_evidence_ends_is_not_identified_and_fits_nothing():
    asked = question(agreed=dt.date(2021, 6, 16), window_to=dt.date(2025, 12, 31))
    verdict = judge(asked, evidence(steady()))
    assert verdict.changed.term == "not identified"
    assert "the evidence ends (2020-12-31) before the agreement" in verdict.changed.sentence
    assert all(c.ratio is None for c in verdict.change)
    assert verdict.onset is None
    assert verdict.confidence.word == "low"


def test_no_incident_in_scope_is_not_identified_and_says_so():
    asked = question(scope=replace(question().scope, target=("civil-society",)))
    verdict = judge(asked, evidence(steady()))
    assert "no incident of this evidence is in scope" in verdict.changed.sentence
    assert verdict.changed.probability is None


def test_too_few_incidents_before_the_agreement_are_not_identified():
    few = [incident(1, "A", "2010"), incident(2, "A", "2017-03"), incident(3, "B", "2012")]
    verdict = judge(question(), evidence(few))
    assert "incident before the agreement is too few" in verdict.changed.sentence


def test_an_agreement_outside_its_own_window_is_refused():
    with pytest.raises(QuestionError, match="lies outside the window"):
        judge(question(window_to=dt.date(2014, 12, 31)), evidence(steady()))


def test_a_list_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(QuestionError, match="There are: made"):
        judge(question(), evidence(steady()), choices=Choices(lists=("eurepoc",)))


def test_a_verdict_is_frozen_and_the_same_twice():
    made = evidence(steady())
    one, two = judge(question(), made), judge(question(), made)
    assert one == replace(two, activity=one.activity)
    with pytest.raises(FrozenInstanceError):
        one.version = "2"  # type: ignore[misc]


def test_evidence_is_counted_in_the_four_cells():
    rows = [
        *[incident(n, "A", "2010-05") for n in range(3)],
        *[incident(n, "B", "2011-05") for n in range(10, 14)],
        *[incident(n, "C", "2012-05") for n in range(20, 25)],
        *[incident(n, "D", "2013-05") for n in range(30, 36)],
    ]
    verdict = judge(question(), evidence(rows))
    assert verdict.lists[0].cells == {"A": 3.0, "B": 4.0, "C": 5.0, "D": 6.0}


def test_a_receiver_under_the_same_promise_leaves_and_its_leaving_is_not_a_fall():
    # Viet Nam is owed the same from November 2015. Its incidents after that day do not count.
    made = steady(3, 3.0)
    asked = question(receiver_not_party=True)
    owed = {"VN": dt.date(2015, 11, 16)}
    with_it = judge(asked, evidence(made), under_promise=owed)
    without = judge(asked, evidence(made))
    assert with_it.lists[0].cells["B"] < without.lists[0].cells["B"]
    assert with_it.change_of("narrow", estimand="displacement").ratio.upper > 0.8
    assert any("leave the comparison" in c for c in with_it.caveats)


def test_the_as_of_date_hides_what_was_not_public():
    early = judge(question(), evidence(steady()), choices=Choices(as_of=dt.date(2017, 6, 30)))
    assert early.lists[0].covers_to == "2017-06-30"
    assert all(c.start_earliest <= dt.date(2017, 6, 30) for c in early.incidents)
    assert any("overstates what was known" in c for c in early.caveats)


def test_a_claim_made_later_than_the_as_of_date_is_not_counted():
    claims = (
        Claim("2015-10-19", "A firm", "private-company", "breach", "x", "https://e.org", "seen"),
        Claim("2018-11", "A state", "receiver-government", "breach", "x", "https://e.org", "seen"),
    )
    early = judge(
        question(), evidence(steady()), claims=claims,
        choices=Choices(as_of=dt.date(2018, 11, 15)), brief=True,
    )  # fmt: skip
    late = judge(question(), evidence(steady()), claims=claims, brief=True)
    assert early.kept.term == "breach claimed by 1 independent party"
    assert late.kept.term == "breach claimed by 2 independent parties"


def test_one_party_citing_another_is_one():
    claims = (
        Claim("2016", "A firm", "private-company", "breach", "x", "https://e.org", "seen"),
        Claim("2017", "A paper", "media", "breach", "x", "https://e.org", "seen", "A firm"),
    )
    verdict = judge(question(), evidence(steady()), claims=claims, brief=True)
    assert verdict.kept.term == "breach claimed by 1 independent party"


def test_fewer_incidents_do_not_keep_a_promise():
    made = simulated(lambda c, d: 4.0 * (0.1 if c == "A" and d > AGREED else 1.0), 5)
    verdict = judge(question(), evidence(made), brief=True)
    assert " fell " in verdict.changed.sentence
    assert "silence is not evidence that the promise was kept" in verdict.kept.sentence
    text = " ".join((verdict.changed.sentence, verdict.kept.sentence, verdict.because.sentence))
    assert "complied" not in text
    assert "certain " not in text.replace("almost certain", "")


def test_date_reading_is_a_choice_whose_effect_is_shown():
    made = simulated(lambda c, d: 2.0, 6, coarse=0.5, first_of_year=True)
    asked, held = question(), evidence(made)
    verdict = judge(asked, held)
    assert len(verdict.date_reading.rows) == 2
    assert verdict.date_reading.rows[0].ratio != verdict.date_reading.rows[1].ratio
    literal = judge(asked, held, choices=Choices(reading=DateReading("exact", "exact")), brief=True)
    assert verdict.lists[0].year_only > 0.3
    assert literal.lists[0].year_only == 0.0


def test_two_lists_are_weighed_as_one_list_s_worth():
    one = steady(7, 2.0)
    two = [replace(i, list="other") for i in one]
    single = judge(question(), evidence(one), brief=True)
    both = judge(question(), evidence(one + two, release(), release("other")), brief=True)
    a, b = (v.change_of("narrow").ratio for v in (single, both))
    assert a.median == pytest.approx(b.median, rel=0.1)
    assert (b.upper / b.lower) > 0.85 * (a.upper / a.lower)
    assert [c.lists for c in both.by_list.rows] == [("made",), ("other",)]


def test_a_list_without_starts_counts_by_report_and_says_so():
    made = [
        replace(i, start=parse_date(f"../{i.start.text}"), reported=i.start) for i in steady(8, 2.0)
    ]
    verdict = judge(question(), evidence(made), brief=True)
    assert verdict.lists[0].basis == "report"
    assert any("counts by date of report" in c for c in verdict.caveats)


def test_a_list_whose_initiators_are_read_by_rule_says_so():
    by_rule = release(extracted="initiators, receivers")
    verdict = judge(question(), evidence(steady(), by_rule), brief=True)
    assert any("made does not code initiators, receivers" in c for c in verdict.caveats)
    plain = judge(question(), evidence(steady()), brief=True)
    assert not any("does not code" in c for c in plain.caveats)


def test_the_change_without_one_claimant_is_reported_where_claimants_are_known():
    by = (Attribution("One firm", "private-company"),)
    made = [replace(i, attributions=by) if n % 3 == 0 else i for n, i in enumerate(steady(9, 2.0))]
    verdict = judge(question(), evidence(made))
    assert "without One firm" in verdict.by_claimant.sentence
    assert verdict.by_claimant.rows[0].before < verdict.change_of("narrow").before


def test_campaigns_count_as_clusters_not_as_many_witnesses():
    made = steady(10, 2.0)
    alike = [replace(i, campaign=f"C{n // 8}") for n, i in enumerate(made)]
    alone, together = (judge(question(), evidence(m), brief=True) for m in (made, alike))
    widths = [v.change_of("narrow").ratio.upper / v.change_of("narrow").ratio.lower
              for v in (alone, together)]  # fmt: skip
    assert widths[1] > 1.3 * widths[0]


def test_onset_finds_the_quarter_of_a_sharp_change_and_sets_rivals_apart():
    def rate(cell, day):
        return 12.0 * (0.1 if cell == "A" and day > AGREED else 1.0)

    asked = question(
        rivals=(Rival(dt.date(2014, 5, 19), "before"), Rival(dt.date(2015, 9, 1), "as good as it"))
    )
    verdict = judge(asked, evidence(simulated(rate, 11)))
    onset = verdict.onset
    assert onset.no_change < 0.01
    assert onset.periods[onset.posterior.index(max(onset.posterior))] == "2015-Q4"
    assert sum(onset.posterior) + onset.no_change == pytest.approx(1.0)
    far, near = onset.rivals[0], onset.rivals[1]
    assert far.separable
    assert not near.separable
    assert not onset.separable


def test_onset_of_nothing_is_mostly_no_change():
    verdict = judge(question(), evidence(steady(12, 6.0)))
    assert verdict.onset.no_change > 0.6


def test_an_unknown_or_domestic_initiator_is_counted_and_left_out():
    from comity.incidents.model import Initiator

    rows = steady(13, 1.0)
    rows.append(replace(rows[0], id="u", initiators=(Initiator("X-UNKNOWN"),)))
    rows.append(replace(rows[0], id="h", initiators=(Initiator("CN"),), receivers=("CN",)))
    rows.append(replace(rows[0], id="r", initiators=(Initiator("US"),), receivers=("CN",)))
    verdict = judge(question(), evidence(rows), brief=True)
    assert verdict.lists[0].excluded == {
        "initiator unknown, unattributed or non-state": 1,
        "within one country": 1,
        "the pair reversed": 1,
    }


def test_an_incident_with_several_receivers_counts_once_in_each_cell_it_touches():
    rows = [replace(incident(1, "A", "2012"), receivers=("US", "VN", "JP"))]
    verdict = judge(question(), evidence(rows))
    assert verdict.lists[0].cells == {"A": 1.0, "B": 1.0}


def test_half_of_a_wider_scope_is_shown_beside_the_narrow_one():
    wide = Scope("all", "everything", "variant", ("CN",), ("US",))
    verdict = judge(question(variants=(wide,)), evidence(steady()))
    assert {c.scope for c in verdict.change} == {"narrow", "all"}


def test_every_check_of_a_verdict_is_one_the_page_explains():
    from comity.verification.checks import CHECKS

    made = simulated(lambda c, d: 6.0, 3)
    verdict = judge(question(), evidence(made), brief=True)
    names = [check.name for check in verdict.checks]
    assert names == [name for name in CHECKS if name in names]
    assert set(names) >= {"fit diagnostic", "identified", "comparisons agree", "registered"}
