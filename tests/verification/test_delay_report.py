"""How late a list is: planted delays come back by epoch and cell; the naive median does not."""

from __future__ import annotations

import datetime as dt
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from made import PAIRS, QUARTERS, evidence, incident, question, release

from comity.dates import UNKNOWN, DateReading, from_day, parse_date
from comity.errors import QuestionError, SourceError
from comity.report.delay_chart import delay_alt, delay_rows, delay_svg
from comity.report.delay_page import delay_lines
from comity.report.plain import plain
from comity.verification.delay_report import DelayReport, delay_report

CLOSED = dt.date(2018, 12, 31)
AGREED = dt.date(2015, 9, 25)
LITERAL = DateReading("exact", "exact")


def list_with(medians, seed, rate=3.0, spread=0.9, **more):
    """A list closed at the end of 2018 whose delays are lognormal with a median by cell and side of
    the agreement: medians[cell] is (until, after); what is not yet reported is not in it."""
    random = np.random.default_rng(seed)
    found = []
    for cell in PAIRS:
        for quarter in QUARTERS:
            for _ in range(random.poisson(rate)):
                day = quarter + dt.timedelta(days=int(random.integers(90)))
                median = medians[cell][day > AGREED]
                seen = day + dt.timedelta(days=int(median * np.exp(spread * random.normal())))
                if seen <= CLOSED:
                    found.append(
                        incident(len(found), cell, day.isoformat(), reported=from_day(seen).text)
                    )
    dated = {"covers_to": "2018-12-31", "closed_on": "2018-12-31", "has_report_dates": True}
    return evidence(found, release(**dated, **more))


@pytest.fixture(scope="module")
def report() -> DelayReport:
    """Slow until the agreement and quick after it, but for cell C, always quick."""
    medians = dict.fromkeys("ABD", (600.0, 150.0)) | {"C": (80.0, 80.0)}
    held = list_with(medians, 1)
    return delay_report(held, "made", question(), reading=LITERAL)


def estimate(report, cell, first="", last=""):
    return next(e for e in report.estimates if (e.cell, e.first, e.last) == (cell, first, last))


def at(found, share=0.5):
    return next(one for one in found if one.share == share)


def test_the_delay_of_each_cell_and_epoch_comes_back(report: DelayReport) -> None:
    truths = {
        ("A", "", "2015-09-25"): 600.0, ("A", "2015-09-26", ""): 150.0,
        ("D", "", "2015-09-25"): 600.0, ("D", "2015-09-26", ""): 150.0,
        ("C", "", "2015-09-25"): 80.0, ("C", "2015-09-26", ""): 80.0, ("C", "", ""): 80.0,
    }  # fmt: skip
    held = 0
    for group, truth in truths.items():
        one = estimate(report, *group)
        assert one.identified, one.reason
        for found in (one.parametric, one.steps):
            middle = at(found)
            assert middle.days == pytest.approx(truth, rel=0.35)
            held += middle.lower <= truth <= middle.upper
    assert held >= 11  # of 14 intervals at 90 %
    assert "Delays differ: half are reported within" in report.sentence
    assert "each start the delay of its epoch" in report.sentence


def test_under_truncation_the_median_as_listed_is_too_short_and_the_estimates_are_not() -> None:
    held = list_with(dict.fromkeys("ABCD", (900.0, 900.0)), 2, spread=1.0)
    found = delay_report(held, "made", question(), reading=LITERAL)
    late = estimate(found, "", "2015-09-26")
    assert late.listed is not None
    assert late.listed < 500
    pooled = estimate(found, "")
    assert at(pooled.parametric).lower <= 900 <= at(pooled.parametric).upper
    assert at(pooled.steps).days == pytest.approx(900, rel=0.3)
    assert found.sentence.startswith("One delay serves for all starts, before and after")
    assert found.last_year is not None
    # Of starts in 2018, spread evenly, a lognormal of median 900 and spread 1 has this share out.
    from scipy.special import ndtr

    left = np.arange(0.5, 365.0)
    truth = float(ndtr(np.log(left / 900.0)).mean())
    assert found.last_year.lower <= truth <= found.last_year.upper


def test_without_a_question_epochs_are_calendar_years_and_poor_ones_join() -> None:
    held = list_with(dict.fromkeys("ABCD", (200.0, 200.0)), 3, rate=0.8)
    found = delay_report(held, "made", reading=LITERAL)
    labels = [e.label for e in found.estimates]
    assert labels == ["all starts", "to 2009", "2010 to 2014", "from 2015"]
    assert sum(e.incidents for e in found.estimates[1:]) == found.estimates[0].incidents
    thin = list_with(dict.fromkeys("ABCD", (200.0, 200.0)), 3, rate=0.15)
    merged = [e.label for e in delay_report(thin, "made", reading=LITERAL).estimates]
    assert len(merged) < 4


def test_too_few_are_named_and_not_estimated(report: DelayReport) -> None:
    held = list_with(dict.fromkeys("ABCD", (200.0, 200.0)), 4, rate=0.3)
    found = delay_report(held, "made", question(), reading=LITERAL)
    few = [e for e in found.estimates if not e.parametric]
    assert few
    assert all(e.n < 20 and not e.identified and "20 are needed" in e.reason for e in few)
    assert all(e.curve is None for e in few)
    text = "\n".join(heading + rest for heading, rest in delay_lines(found))
    assert text.count("too few") == len(few)
    assert f"{len(few)} groups have fewer than 20 incidents" in " ".join(text.split())


def test_the_page_fits_eighty_columns_and_shows_the_three_readings(report: DelayReport) -> None:
    lines = [heading + rest for heading, rest in delay_lines(report)]
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    for words in ("as listed", "by steps", "lognormal", "A, to 2015-09-25", "90 % intervals"):
        assert words in text
    assert ".." not in text


def test_the_chart_says_in_words_what_it_draws(report: DelayReport) -> None:
    svg = delay_svg(report)
    ET.fromstring(svg)
    words = delay_alt(report)
    assert words.replace("&", "&amp;") in svg
    assert "C, all starts: half of" in words
    rows = delay_rows(estimate(report, "A"))
    shares = [row["parametric"] for row in rows]
    assert shares == sorted(shares)
    assert all(r["parametric_lower"] <= r["parametric_upper"] for r in rows)
    assert rows[-1]["listed"] == 1.0


def test_a_list_s_name_cannot_act_on_the_terminal_or_in_the_chart(report: DelayReport) -> None:
    nasty = replace(report, list="x\x1b[31m<script>", release="1\n2")
    text = "\n".join(heading + rest for heading, rest in delay_lines(nasty))
    assert "\x1b" not in text
    assert "<script>" not in delay_svg(nasty)


def test_the_same_as_data(report: DelayReport) -> None:
    data = plain(report)
    assert data["list"] == "made"
    assert data["estimates"][0]["parametric"][1]["share"] == 0.5


def test_what_cannot_be_asked_is_told() -> None:
    held = list_with(dict.fromkeys("ABCD", (200.0, 200.0)), 5, rate=0.3)
    with pytest.raises(SourceError, match="no list 'other'"):
        delay_report(held, "other")
    with pytest.raises(QuestionError, match="has no scope 'x'"):
        delay_report(held, "made", question(), scope="x")
    bare = [replace(i, reported=UNKNOWN) for i in held.incidents()]
    with pytest.raises(SourceError, match="made has no dates of report"):
        delay_report(evidence(bare, release()), "made")


def test_a_list_with_hardly_a_date_of_report_has_no_chart() -> None:
    one = incident(1, "A", "2012-03-04", reported="2012-05-06")
    other = replace(one, id="2", reported=UNKNOWN, start=parse_date("2013"))
    found = delay_report(evidence([one, other], release()), "made", reading=LITERAL)
    assert delay_svg(found) == ""
    assert found.last_year is None
    assert "1 incidents with both dates (20 needed)" in found.sentence
