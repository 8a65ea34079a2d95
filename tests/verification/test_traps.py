"""The five traps of docs/five-traps.md: the naive count is wrong, the verdict right or flagged.

Each test simulates a list whose truth is known, counts it as a bar chart would (before and after,
by the dates as typed), and asks the verdict of the same list.
"""

import datetime as dt

import pytest
from made import evidence, question, release, simulated
from scipy import stats

from comity.dates import parse_date
from comity.incidents.model import incident_from_row
from comity.verification.model import Scope
from comity.verification.verdict import judge

AGREED = dt.date(2015, 9, 25)


def naive(incidents, cell="CN", first=dt.date(2006, 1, 1), last=dt.date(2020, 12, 31), on="US"):
    """After-to-before rate ratio by typed dates, and the one-sided p-value of a Poisson test."""
    days = [
        i.start.earliest for i in incidents
        if i.initiators[0].code == cell and on in i.receivers and first <= i.start.earliest <= last
    ]  # fmt: skip
    before = sum(d <= AGREED for d in days)
    after = len(days) - before
    span = (AGREED - first).days / (last - first).days
    ratio = (after / (1 - span)) / (before / span)
    return ratio, float(stats.binom.cdf(after, before + after, 1 - span))


def claims_fell(verdict):
    return " fell after the agreement" in verdict.changed.sentence


def ratio(verdict, estimand="net-5", scope="narrow"):
    change = verdict.change_of(scope, estimand=estimand)
    assert change is not None
    assert change.ratio is not None, change.reason
    return change.ratio


def covers(verdict, truth, estimand="net-5"):
    found = ratio(verdict, estimand)
    return found.lower <= truth <= found.upper


def test_false_precision_a_typed_first_of_january_is_not_before_the_agreement():
    # Nothing changes, but every date is typed as 1 January: three years' worth of incidents stand
    # before an agreement that came after 2.73 years, two years' worth after it.
    made = simulated(lambda c, d: 16.0, 1, coarse=1.0, first_of_year=True)
    window = {"window_from": dt.date(2013, 1, 1), "window_to": dt.date(2017, 12, 31)}
    wrong, p = naive(made, first=window["window_from"], last=window["window_to"])
    assert wrong < 0.85
    assert p < 0.05
    verdict = judge(question(**window), evidence(made), brief=True)
    assert not claims_fell(verdict)
    assert verdict.change_of("narrow", "target-alone").fell < 0.9
    assert any(c.name == "dates fine enough" and c.passed is False for c in verdict.checks)


def late(random):
    return random.lognormal(6.6, 0.9)


CLOSED = dt.date(2018, 12, 31)


def test_reporting_delay_quiet_last_years_are_not_a_fall():
    made = simulated(lambda c, d: 4.0, 2, delay=late, closed_on=CLOSED)
    wrong, p = naive(made, last=CLOSED)
    assert wrong < 0.8
    assert p < 0.001
    dated = release(
        covers_to="2018-12-31", closed_on="2018-12-31", has_report_dates=True,
        dates_typed_as_days=False,
    )  # fmt: skip
    verdict = judge(question(), evidence(made, dated), brief=True)
    assert not claims_fell(verdict)
    alone = verdict.change_of("narrow", "target-alone")
    assert alone.ratio.lower < 1.0 < alone.ratio.upper
    assert alone.fell < 0.9


def test_reporting_delay_a_list_without_report_dates_is_flagged():
    made = simulated(lambda c, d: 4.0, 2, delay=late, closed_on=CLOSED)
    undated = [incident_without_report(i) for i in made]
    verdict = judge(
        question(), evidence(undated, release(covers_to="2018-12-31", closed_on="2018-12-31")),
        brief=True,
    )  # fmt: skip
    assert any(c.name == "reporting delay known" and c.passed is False for c in verdict.checks)
    assert any("reporting delay is not known" in caveat for caveat in verdict.caveats)


def incident_without_report(found):
    from dataclasses import replace

    return replace(found, reported=parse_date(""))


def test_attention_a_growing_list_does_not_hide_a_fall():
    # Four times the attention to everything; the pair falls to a third of what it would have been.
    def rate(cell, day):
        return 2.0 * (4.0 if day > AGREED else 1.0) * (1 / 3 if cell == "A" and day > AGREED else 1)

    made = simulated(rate, 3)
    wrong, _ = naive(made)
    assert wrong > 1.0
    verdict = judge(question(), evidence(made), brief=True)
    assert ratio(verdict).upper < 1.0
    assert covers(verdict, 1 / 3)


def test_attention_a_dying_list_does_not_fake_a_fall():
    made = simulated(lambda c, d: 3.0 if d <= AGREED else 1.0, 4)
    wrong, p = naive(made)
    assert wrong < 0.6
    assert p < 0.001
    verdict = judge(question(), evidence(made), brief=True)
    assert not claims_fell(verdict)
    assert covers(verdict, 1.0)


def test_displacement_victims_it_moved_to_are_no_fair_comparison():
    def rate(cell, day):
        after = day > AGREED
        return 4.0 * {"A": 0.5 if after else 1.0, "B": 2.0 if after else 1.0}.get(cell, 1.0)

    made = simulated(rate, 5)
    target, _ = naive(made)
    elsewhere, _ = naive(made, on="VN")
    assert target / elsewhere < 0.35  # the difference in differences says a fall by 75 %
    verdict = judge(question(), evidence(made), brief=True)
    assert covers(verdict, 0.5, "level")
    assert covers(verdict, 2.0, "displacement")
    assert ratio(verdict, "displacement").lower > 1.0
    assert verdict.displacement.sentence.startswith("That the initiator's reported activity")


def test_scope_a_fall_in_what_was_not_promised_is_not_credited_to_the_promise():
    made = simulated(lambda c, d: 1.0, 6) + simulated(
        lambda c, d: 0.2 if c == "A" and d > AGREED else 2.0, 7, target="government"
    )
    made = [i if n < 1 else with_id(i, n) for n, i in enumerate(made)]
    wrong, p = naive(made)
    assert wrong < 0.7
    assert p < 0.001
    everything = Scope("whole-dyad", "everything", "variant", ("CN",), ("US",))
    control = Scope("uncovered", "espionage against government", "control", ("CN",), ("US",),
                    ("espionage",), ("government",))  # fmt: skip
    verdict = judge(question(variants=(everything,), controls=(control,)), evidence(made))
    assert not claims_fell(verdict)
    assert ratio(verdict, scope="uncovered").upper < 1.0
    assert covers(verdict, 1.0)
    assert verdict.because.term == "cannot be separated"
    assert "espionage against government, which it does not cover" in verdict.because.sentence


def with_id(found, number):
    from dataclasses import replace

    return replace(found, id=str(number))


def test_coarsening_that_is_not_at_random_blurs_the_step_and_never_sharpens_it():
    # A fall to a fifth; then the same list with every date of the five quarters around the
    # agreement, and only those, coarsened to 2015-2016: the step moves towards no change.
    def rate(cell, day):
        return 6.0 * (0.2 if cell == "A" and day > AGREED else 1.0)

    made = simulated(rate, 8)
    near = parse_date("2014-10/2016-09")
    blurred = [blur(i, near) if near.contains(i.start.earliest) else i for i in made]
    sharp = judge(question(), evidence(made), brief=True)
    soft = judge(question(), evidence(blurred), brief=True)
    assert ratio(sharp, "jump").median < ratio(soft, "jump").median * 1.2
    assert covers(soft, 0.2, "net-5")


def blur(found, near):
    from dataclasses import replace

    return replace(found, start=near)


def test_made_rows_survive_the_table():
    made = simulated(lambda c, d: 0.05, 9)
    table = evidence(made).table
    assert [incident_from_row(r) for r in table.iter_rows(named=True)] == made


@pytest.mark.parametrize("seed", [11, 12])
def test_a_real_fall_is_called_a_fall(seed):
    made = simulated(lambda c, d: 6.0 * (0.15 if c == "A" and d > AGREED else 1.0), seed)
    verdict = judge(question(), evidence(made), brief=True)
    assert claims_fell(verdict)
    assert covers(verdict, 0.15)
