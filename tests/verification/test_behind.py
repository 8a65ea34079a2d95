"""The incidents behind a bar add up to it, and every one of a cell is named or explained."""

from __future__ import annotations

import pytest

from comity.api import Verdict, verify
from comity.api_behind import behind
from comity.errors import QuestionError
from comity.verification.behind import NO_DATE, OUTSIDE


@pytest.fixture(scope="module")
def verdict() -> Verdict:
    return verify("us-china-2015", mirror=False)


@pytest.mark.parametrize("cell", ["A", "B", "C", "D"])
def test_shares_of_a_period_add_up_to_the_bar_of_the_verdicts_chart(
    cell: str, verdict: Verdict
) -> None:
    (series,) = [s for s in verdict.activity if s.cell == cell and s.scope == "narrow"]
    for period, count in list(zip(series.periods, series.count, strict=True))[::9]:
        found, _ = behind("us-china-2015", cell=cell, period=period)
        assert found.total == pytest.approx(count, abs=1e-9)
        assert found.total == pytest.approx(sum(i.share for i in found.incidents))
        assert all(0 < i.share <= 1 for i in found.incidents)


def test_an_incident_dated_to_a_year_is_shared_out_over_its_quarters() -> None:
    found, _ = behind("us-china-2015", cell="A")
    (cloudhopper,) = [i for i in found.incidents if i.key == "dcid:114"]  # 2014-01-01, a year
    assert [label for label, _ in cloudhopper.spread] == [f"2014-Q{n}" for n in (1, 2, 3, 4)]
    assert sum(share for _, share in cloudhopper.spread) == pytest.approx(1)
    assert not cloudhopper.sharp


def test_those_before_and_those_not_before_are_all() -> None:
    whole, _ = behind("us-china-2015")
    before, _ = behind("us-china-2015", side="before")
    after, _ = behind("us-china-2015", side="after")
    keys = [{i.key for i in one.incidents} for one in (whole, before, after)]
    assert keys[0] == keys[1] | keys[2]
    assert not keys[1] & keys[2]
    assert all(i.side == "before" for i in before.incidents)


def test_those_after_are_the_cards_in_scope_that_did_not_begin_before(verdict: Verdict) -> None:
    cards = {c.key for c in verdict.incidents if "narrow" in c.scopes and c.when != "before"}
    found, _ = behind("us-china-2015", side="after")
    assert {i.key for i in found.incidents} == cards


def test_what_is_in_no_bar_says_why() -> None:
    found, _ = behind("us-china-2015", cell="D")
    for one in found.incidents:
        assert (one.share > 0) == (one.why == "")
        assert one.why in ("", NO_DATE, OUTSIDE)


def test_what_there_is_not_is_told_with_what_there_is() -> None:
    with pytest.raises(QuestionError, match="There are: A, B, C, D"):
        behind("us-china-2015", cell="E")
    with pytest.raises(QuestionError, match="2006-Q1 to"):
        behind("us-china-2015", period="1999-Q1")
    with pytest.raises(QuestionError, match="before or after"):
        behind("us-china-2015", side="beside")
