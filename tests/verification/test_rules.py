"""Rules that a hostile reader tried to turn: each of these was once wrong, or could be."""

import datetime as dt
from dataclasses import replace

import pytest
from made import evidence, incident, question, release, simulated

from comity.dates import parse_date
from comity.errors import QuestionError
from comity.verification.model import Choices, Rival, Scope
from comity.verification.sentences import claim_of
from comity.verification.verdict import judge

AGREED = dt.date(2015, 9, 25)


def test_a_rival_that_fits_better_is_a_reason_against_the_agreement_not_for_it():
    def rate(cell, day):
        return 12.0 * (0.1 if cell == "A" and day >= dt.date(2014, 7, 1) else 1.0)

    control = Scope("control", "espionage against government", "control", ("CN",), ("US",),
                    ("espionage",), ("government",))  # fmt: skip
    made = simulated(rate, 1) + [
        replace(i, id=f"g{i.id}", targets=("government",))
        for i in simulated(lambda c, d: 3.0, 2)
    ]  # fmt: skip
    asked = question(rivals=(Rival(dt.date(2014, 7, 1), "a rival"),), controls=(control,))
    verdict = judge(asked, evidence(made))
    assert verdict.onset.rivals[0].odds > 3
    assert not verdict.onset.separable
    assert "2014-07-01 fits better" in verdict.onset.sentence
    assert verdict.because.term == "cannot be separated"
    assert "2014-07-01 fits the dates better" in verdict.because.sentence


def test_fell_is_not_made_easier_by_a_comparison_that_failed():
    made = simulated(lambda c, d: 6.0 * (0.15 if c == "A" and d > AGREED else 1.0), 11)
    verdict = judge(question(), evidence(made), brief=True)
    assert claim_of(verdict.question, verdict.change) == "fell"
    without = tuple(
        replace(c, identified=False, reason="failed") if c.comparison == "target-alone" else c
        for c in verdict.change
    )
    assert claim_of(verdict.question, without) == "fell relatively"
    alone = tuple(c for c in verdict.change if c.comparison == "four-cells")
    assert claim_of(verdict.question, alone) == "fell relatively"


def test_the_years_compared_are_said_where_there_are_not_five():
    made = simulated(lambda c, d: 6.0, 3)
    verdict = judge(question(window_to=dt.date(2018, 6, 30)), evidence(made), brief=True)
    assert "2.75 years after against 5 before" in verdict.changed.sentence
    late = judge(
        question(), evidence(made, release(covers_from=parse_date("2013-10"))), brief=True
    )  # fmt: skip
    assert "5 years after against 2 before" in late.changed.sentence


def test_the_same_list_named_twice_is_one():
    held = evidence(simulated(lambda c, d: 2.0, 4))
    once = judge(question(), held, choices=Choices(lists=("made",)), brief=True)
    twice = judge(question(), held, choices=Choices(lists=("made", "made")), brief=True)
    assert once.change == twice.change


def test_a_list_with_nothing_of_the_pair_neither_speaks_nor_dilutes():
    one = simulated(lambda c, d: 2.0, 5)
    other = [replace(i, list="other", id=f"o{i.id}") for i in one if i.receivers == ("UA",)]
    alone = judge(question(), evidence(one), brief=True)
    both = judge(question(), evidence(one + other, release(), release("other")), brief=True)
    assert both.change_of("narrow").ratio == alone.change_of("narrow").ratio
    assert "only one list speaks" in both.confidence.reasons


def test_too_few_in_every_list_is_too_few_however_many_lists_repeat_it():
    rows = [incident(n, "A", f"20{10 + n}-05") for n in range(4)]
    rows += [incident(9, "A", "2017-05")]
    again = [replace(i, list="other") for i in rows]
    verdict = judge(question(), evidence(rows + again, release(), release("other")))
    assert verdict.changed.term == "not identified"


def test_every_incident_of_the_scope_is_counted_or_left_out_with_a_reason():
    made = simulated(lambda c, d: 1.0, 6)
    made += [incident(9001, "A", "2003-05"), incident(9002, "A", "2021-03")]
    owed = {"VN": dt.date(2015, 11, 16)}
    list_ = release(covers_from=parse_date("2008"))
    verdict = judge(
        question(receiver_not_party=True), evidence(made, list_), under_promise=owed, brief=True
    )
    use = verdict.lists[0]
    # The padding before the window is counted in the fit and not in `cells`: here it is uncovered.
    assert sum(use.cells.values()) + sum(use.excluded.values()) == len(made)
    assert use.excluded["others already under the same promise"] > 10
    assert use.excluded["outside the list's coverage"] > 10


def test_a_coarse_date_at_the_end_of_coverage_counts_whole():
    rows = [incident(n, "A", "2018") for n in range(8)]
    rows += [incident(100 + n, "A", f"20{10 + n % 5}-05") for n in range(12)]
    verdict = judge(question(), evidence(rows, release(covers_to="2018-06-30")), brief=True)
    assert verdict.change_of("narrow").after == pytest.approx(8.0)


def test_what_surely_began_after_is_after_though_its_end_is_open():
    rows = [*simulated(lambda c, d: 1.0, 7), incident(9003, "A", "2016-01-01/..")]
    verdict = judge(question(), evidence(rows), brief=True)
    assert next(c for c in verdict.incidents if c.key == "made:9003").when == "after"


def test_one_impossible_pair_of_dates_does_not_stop_a_verdict():
    dated = release(has_report_dates=True, closed_on="2021-06-30", covers_to="2022-12-31")
    rows = simulated(lambda c, d: 1.0, 8, delay=lambda r: r.integers(900), closed_on=AGREED)
    rows.append(incident(9004, "A", "2021-11-05", reported="2021"))
    verdict = judge(question(), evidence(rows, dated), brief=True)
    assert verdict.lists[0].name == "made"


def test_a_level_of_one_cell_is_not_pulled_by_the_size_of_another():
    # Flat truth, A and B rare, C and D very common: no level should lean down.
    rows = simulated(lambda c, d: 0.4 if c in "AB" else 60.0, 9)
    verdict = judge(question(), evidence(rows), brief=True)
    assert 0.2 < verdict.change_of("narrow", estimand="level").fell < 0.8


def test_comparisons_that_tell_different_stories_fail_the_check():
    def rate(cell, day):
        after = day > AGREED
        return 4.0 * {"A": 1.0, "B": 3.0 if after else 1.0}.get(cell, 3.0 if after else 1.0)

    verdict = judge(question(), evidence(simulated(rate, 10)), brief=True)
    check = next(c for c in verdict.checks if c.name == "comparisons agree")
    assert check.passed is False


def test_an_initiator_that_is_its_own_receiver_is_refused():
    from comity.verification.question import TEMPLATE, read_question

    with pytest.raises(QuestionError, match="same country"):
        read_question(TEMPLATE.replace('receiver = ["US"]', 'receiver = ["CN"]'))
    with pytest.raises(QuestionError, match=r"variant\.0"):
        read_question(TEMPLATE.replace('id = "whole-dyad"', 'id = "whole-dyad"\ninitiator = "*"'))


def test_a_boundary_far_from_the_agreement_is_said():
    verdict = judge(
        question(agreed=dt.date(2015, 8, 14)), evidence(simulated(lambda c, d: 2.0, 12)), brief=True
    )
    assert any("Quarters are whole" in c for c in verdict.caveats)
