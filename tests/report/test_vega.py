"""Specifications of charts: what is written is Vega-Lite, and a slip is found."""

from __future__ import annotations

import pytest

from comity.report.svg import finished
from comity.report.vega import Chart, beside, channel, fixed, layer, table
from vega_schema import first_slip

ROWS = [{"year": 2015, "count": 3, "end": 2016}, {"year": 2016, "count": 1, "end": 2017}]


def bars() -> Chart:
    return table(ROWS).mark("bar", color="black").encode(x="year:Q", x2="end:Q", y="count:Q")


def test_a_chart_is_its_rows_its_mark_and_its_channels() -> None:
    assert bars().spec() == {
        "data": {"values": ROWS},
        "mark": {"type": "bar", "color": "black"},
        "encoding": {
            "x": {"field": "year", "type": "quantitative"},
            "x2": {"field": "end"},
            "y": {"field": "count", "type": "quantitative"},
        },
    }


def test_each_step_returns_a_new_chart_and_leaves_the_old_one() -> None:
    base = table(ROWS).encode(x="year:Q")
    few = base.where("datum.count > 1").calculate(twice="2 * datum.count").mark("point")
    named = few.encode(y="twice:Q")
    assert set(base.spec()["encoding"]) == {"x"}
    assert "transform" not in base.spec()
    assert set(few.spec()["encoding"]) == {"x"}
    assert set(named.spec()["encoding"]) == {"x", "y"}
    assert named.spec()["transform"] == [
        {"filter": "datum.count > 1"},
        {"calculate": "2 * datum.count", "as": "twice"},
    ]


@pytest.mark.parametrize("short", ["year", "year:X", ":Q", "year:Q:Q", "a year:Q", ""])
def test_a_channel_without_its_type_is_refused(short: str) -> None:
    with pytest.raises(ValueError, match="not a field and its type"):
        channel(short)


def test_layers_and_panels_are_drawn() -> None:
    line = table(ROWS).mark("rule").encode(x="year:Q", y=fixed(0))
    count = table(ROWS).mark("bar").encode(x="year:O", y=channel("count():Q", title="years"))
    both = beside("vconcat", [layer(bars(), line).sized(300, 100), count], 8).resolve(x="shared")
    svg = finished(both, "Two panels", ["one above the other"], "Bars and counts.")
    assert ">years<" in svg
    assert "Two panels" in svg


@pytest.mark.parametrize(
    "chart",
    [
        table(ROWS).mark("bra").encode(x="year:Q"),
        table(ROWS).mark("bar", colour="black").encode(x="year:Q"),
        table(ROWS).mark("bar").encode(x=channel("year:Q", scale={"domian": [0, 1]})),
        table(ROWS).mark("bar").encode(across="year:Q"),
        table(ROWS).mark("bar").encode(x="year:Q").resolve(x="sharde"),
    ],
)
def test_a_slip_in_a_specification_is_found(chart: Chart) -> None:
    assert first_slip(chart.spec()) is not None
    with pytest.raises(AssertionError):
        finished(chart, "A slip", [], "Nothing.")
