"""Charts: what they draw is what the verdict holds, and they say it in words too."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from comity.report.chart_data import (
    MOST_SPANS,
    activity_alt,
    activity_rows,
    decimal_year,
    forest_alt,
    forest_rows,
    mark_rows,
    onset_alt,
    onset_rows,
    period_start,
    span_rows,
    yearly,
)
from comity.report.charts import activity_svg, forest_svg, onset_svg
from comity.verification.model import IncidentCard, Rival, Verdict

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(svg).iter(f"{SVG}text")]


def test_a_day_is_a_decimal_year_in_leap_years_too() -> None:
    assert decimal_year(dt.date(2015, 1, 1)) == 2015
    assert decimal_year(dt.date(2016, 12, 31)) == pytest.approx(2016 + 365 / 366)
    assert (period_start("2015-Q4"), period_start("2015-07")) == (2015.75, 2015.5)


def test_activity_has_a_row_for_each_cell_and_quarter(verdict: Verdict) -> None:
    rows = activity_rows(verdict)
    assert len(rows) == 4 * 60
    assert {r["title"] for r in rows if r["cell"] == "B"} == {"China to others"}
    assert all(r["sharp"] <= r["count"] and r["x"] < r["x2"] for r in rows)
    first = rows[0]
    assert (first["period"], first["x"]) == ("2006-Q1", 2006.0)
    assert first["x2"] == pytest.approx(2006.25, abs=0.005)


def test_a_rate_that_was_not_fitted_is_missing_and_not_nan(unidentified: Verdict) -> None:
    rows = activity_rows(unidentified)
    assert rows
    assert {r["rate"] for r in rows} == {None}


def test_an_imprecise_date_is_a_span_of_all_the_days_it_may_mean(verdict: Verdict) -> None:
    rows = span_rows(verdict)
    assert len(rows) == 23
    year = next(r for r in rows if r["x"] == 2007.0)
    assert (year["x2"], year["sharp"]) == (2008.0, False)
    day = next(r for r in rows if r["x"] == decimal_year(dt.date(2016, 3, 1)))
    assert day["sharp"]
    assert [r["order"] for r in rows] == list(range(23))
    assert [r["x"] for r in rows] == sorted(r["x"] for r in rows)


def test_a_span_with_an_open_end_reaches_to_the_end_of_the_window(verdict: Verdict) -> None:
    card = verdict.incidents[0]
    cards: tuple[IncidentCard, ...] = (
        replace(card, key="dcid:open", start_earliest=dt.date(2018, 1, 1), start_latest=None),
        replace(card, key="dcid:unknown", start_earliest=None, start_latest=None),
        replace(
            card,
            key="dcid:late",
            start_earliest=dt.date(2021, 5, 1),
            start_latest=dt.date(2021, 5, 1),
        ),
    )
    rows = span_rows(replace(verdict, incidents=cards))
    assert [(r["key"], r["x"], r["x2"]) for r in rows] == [("dcid:open", 2018.0, 2021.0)]


def test_very_many_incidents_are_cut_to_the_sharpest(verdict: Verdict) -> None:
    card = verdict.incidents[0]
    cards = tuple(replace(card, key=f"dcid:{n}") for n in range(MOST_SPANS + 50))
    assert len(span_rows(replace(verdict, incidents=cards))) == MOST_SPANS


def test_agreement_and_rivals_are_marked_in_order(verdict: Verdict) -> None:
    assert [(m["label"], m["date"]) for m in mark_rows(verdict)] == [
        ("1", "2014-05-19"),
        ("2", "2015-04-01"),
        ("agreement", "2015-09-25"),
        ("3", "2015-12-31"),
    ]


def test_onset_rows_add_up_to_one_with_no_change(verdict: Verdict) -> None:
    rows = onset_rows(verdict)
    assert rows[-1]["kind"] == "none"
    assert sum(r["posterior"] for r in rows) == pytest.approx(1.0)
    assert sum(r["prior"] for r in rows) == pytest.approx(1.0)


def test_the_forest_shows_scopes_comparisons_outcomes_and_lists(with_two_lists: Verdict) -> None:
    rows = forest_rows(with_two_lists)
    assert [r["group"] for r in rows] == (
        ["By scope"] * 4
        + ["Narrow scope, other comparisons"] * 3
        + ["Narrow scope, other counts"] * 2
        + ["By list"] * 2
    )
    assert [r["label"] for r in rows if r["group"] == "By list"] == ["dcid", "my-list"]
    missing = [r for r in rows if r["median"] is None]
    assert [(r["label"], r["text"]) for r in missing] == [
        ("weighted by severity", "not identified")
    ]
    assert missing[0]["reason"]
    assert [r["declared"] for r in rows[:5]] == [True, True, True, True, False]


def test_years_add_up_to_the_quarters(verdict: Verdict) -> None:
    series = verdict.activity[0]
    years = yearly(verdict)
    assert [year for year, _, _ in years] == list(range(2006, 2021))
    assert sum(sharp + coarse for _, sharp, coarse in years) == pytest.approx(sum(series.count))


def test_each_chart_is_an_image_with_a_name_and_a_description(with_two_lists: Verdict) -> None:
    for draw, alt in (
        (activity_svg, activity_alt),
        (onset_svg, onset_alt),
        (forest_svg, forest_alt),
    ):
        root = ET.fromstring(draw(with_two_lists))
        assert root.get("role") == "img"
        title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert title is not None
        assert desc is not None
        assert desc.text == alt(with_two_lists)
        assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"


def test_words_beside_a_chart_hold_its_numbers(verdict: Verdict) -> None:
    assert "China to the United States: " in activity_alt(verdict)
    assert "23 incidents in scope drawn as spans, 6 of them wider" in activity_alt(verdict)
    assert "agreement, 2015-09-25" in activity_alt(verdict)
    assert "Highest: 2015-Q4" in onset_alt(verdict)
    assert "No change at all: 17 %, assumed 50 % before looking" in onset_alt(verdict)
    assert "target alone: 0.83 (0.31–1.94), fell 64 %." in forest_alt(verdict)


def test_what_is_not_identified_is_written_in_its_row(verdict: Verdict) -> None:
    assert texts(forest_svg(verdict)).count("not identified") == 1


def test_charts_name_common_fonts_and_a_generic_one_and_fetch_nothing(verdict: Verdict) -> None:
    for draw in (activity_svg, onset_svg, forest_svg):
        svg = draw(verdict)
        fonts = set(re.findall(r'font-family="([^"]+)"', svg))
        assert fonts == {"Arial, Helvetica, sans-serif"}  # as wide as what labels are measured with
        root = ET.fromstring(svg)
        assert not list(root.iter(f"{SVG}script"))
        assert not list(root.iter(f"{SVG}image"))
        assert "href" not in svg
        assert not re.search(r"url\((?!#)", svg)


def test_a_chart_with_nothing_to_draw_is_empty_and_says_so(unidentified: Verdict) -> None:
    bare = replace(unidentified, activity=())
    assert (activity_svg(bare), onset_svg(bare), forest_svg(bare)) == ("", "", "")
    assert activity_alt(bare).startswith("No activity to draw")
    assert onset_alt(bare).startswith("No onset to draw")
    assert "not identified" in forest_alt(bare)


def test_counts_are_drawn_where_nothing_was_fitted(unidentified: Verdict) -> None:
    said = " ".join(texts(activity_svg(unidentified)))
    assert "Line and band" not in said
    assert "agreement" not in said, "it lies outside the years drawn"


def test_a_name_with_markup_stays_text_in_a_chart(verdict: Verdict) -> None:
    nasty = "</text><script>alert(1)</script>"
    scope = replace(verdict.question.scope, title=nasty)
    rivals = (Rival(dt.date(2014, 5, 19), nasty, ""),)
    question = replace(verdict.question, scope=scope, rivals=rivals)
    marked = replace(verdict, question=question)
    for draw in (activity_svg, forest_svg):
        root = ET.fromstring(draw(marked))
        assert not list(root.iter(f"{SVG}script"))
    assert any(nasty in t for t in texts(forest_svg(marked)))
