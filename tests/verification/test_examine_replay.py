"""Replay: nothing that was not public on a day bears on what could have been said that day."""

import datetime as dt
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import evidence, incident, question, release, simulated

from comity.dates import parse_date
from comity.incidents.model import Attribution
from comity.verification.examine.replay import public_evidence, quarter_ends, replay
from comity.verification.model import Choices, Claim
from comity.verification.prepare import prepare

AGREED = dt.date(2015, 9, 25)


def attributed(one, day=None):
    """Return an incident attributed in public on its day of report, or on another."""
    when = parse_date(day) if day else one.reported
    return replace(one, attributions=(Attribution("A firm", "private-company", "", "CN", when),))


def listed():
    made = simulated(
        lambda c, d: 1.0 if c != "A" or d < AGREED else 0.3, 11,
        delay=lambda r: r.lognormal(5.0, 0.7), closed_on=dt.date(2021, 6, 30),
    )  # fmt: skip
    return [attributed(i) for i in made]


RELEASE = release(closed_on="2021-06-30", has_report_dates=True)
BASE = listed()


def points(incidents, claims=()):
    held = evidence(incidents, RELEASE)
    return replay(prepare(question(), held, {}, Choices()), held, claims, workers=1)


@cache
def base():
    return points(BASE)


@pytest.fixture(scope="module")
def before():
    return base()


@pytest.mark.slow
@settings(max_examples=3)
@given(
    public=st.dates(dt.date(2016, 1, 1), dt.date(2021, 3, 1)),
    late=st.sampled_from(["report", "attribution", "report interval"]),
    cell=st.sampled_from(["A", "B", "C"]),
)
def test_what_comes_out_later_changes_no_earlier_day(public, late, cell):
    planted = incident(9001, cell, "2014-05-05", reported="2014-08-01")
    if late == "report":
        planted = attributed(
            replace(planted, reported=parse_date(public.isoformat())), "2014-08-02"
        )
    elif late == "attribution":
        planted = attributed(planted, public.isoformat())
    else:
        span = parse_date(f"2014-06-01/{public.isoformat()}")
        planted = attributed(replace(planted, reported=span), "2014-06-02")
    old, new = base(), points([*BASE, planted])
    early = [p for p in old.points if p.as_of < public]
    assert early == [p for p in new.points if p.as_of < public]
    assert [p for p in old.points if p.as_of >= public] != [
        p for p in new.points if p.as_of >= public
    ]


def test_an_incident_without_a_dated_attribution_never_enters():
    nobody = replace(incident(9002, "A", "2014-05-05", reported="2014-06-01"), attributions=())
    undated = attributed(incident(9003, "A", "2014-05-05", reported="2014-06-01"))
    undated = replace(undated, attributions=(Attribution("A firm", "private-company"),))
    old, new = base(), points([*BASE, nobody, undated])
    assert old.points == new.points
    assert new.withheld == old.withheld + 2


def test_the_day_of_entry_is_the_later_of_report_and_attribution():
    one = attributed(incident(1, "A", "2014-05-05", reported="2014-06"), "2015-02-03")
    two = attributed(incident(2, "A", "2014-05-05", reported="2016-04"), "2015-02-03")
    held, withheld = public_evidence(evidence([one, two], RELEASE))
    assert held.table["reported_latest"].to_list() == [dt.date(2015, 2, 3), dt.date(2016, 4, 30)]
    assert withheld == 0


def test_nothing_can_be_known_at_once(before):
    assert before.points[0].as_of == dt.date(2015, 9, 30)
    assert before.points[0].changed == "not identified"
    assert before.points[0].ratio is None
    assert before.first_identified > dt.date(2015, 12, 31)
    assert before.basis == "pseudo-replay"


def test_claims_stand_beside_what_could_have_been_said(before):
    claim = Claim("2016-01-02", "A firm", "private-company", "decline", "Conduct only: less",
                  "https://example.org", "seen")  # fmt: skip
    later = replace(claim, date="2021-05", says="breach")
    got = points(BASE, (claim, later))
    assert got.points[0].breach == 0
    assert got.points[-1].breach == 1
    assert got.claims[0].method.startswith("not identified (2015-12-31)")
    assert [p.ratio for p in got.points] == [p.ratio for p in before.points]


def test_releases_take_the_place_of_todays_list():
    early = evidence([i for i in BASE if i.start.earliest < dt.date(2017, 1, 1)],
                     release(covers_to="2016-12-31", closed_on="2017-06-30"))  # fmt: skip
    held = evidence(BASE, RELEASE)
    ready = prepare(question(), held, {}, Choices())
    got = replay(ready, held, releases={dt.date(2017, 6, 30): early}, workers=1)
    assert got.basis == "releases"
    assert [p.as_of for p in got.points] == [dt.date(2017, 6, 30)]
    assert got.withheld == 0


def test_quarter_ends():
    assert quarter_ends(dt.date(2015, 9, 25), dt.date(2016, 4, 1)) == (
        dt.date(2015, 9, 30), dt.date(2015, 12, 31), dt.date(2016, 3, 31)
    )  # fmt: skip
    assert quarter_ends(dt.date(2015, 10, 1), dt.date(2015, 12, 30)) == ()
