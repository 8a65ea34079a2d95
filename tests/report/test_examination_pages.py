"""A cross-examination on the page, the terminal and in the JSON: whole, safe, as asked."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import jsonschema
import pytest

from comity.report.data import load_schema, verdict_to_json
from comity.report.examination_charts import CHARTS, DRAWN, drawn
from comity.report.examination_tables import ATTACKS, TABLES
from comity.report.html import render_html
from comity.report.plain import plain, schema_of
from comity.report.terminal import render_verdict
from comity.verification.examine import model as found
from comity.verification.examine.asked import FINDINGS, Examination
from comity.verification.examine.sight import Reading, Sight, SightPeriod
from comity.verification.model import Check, RatioInterval, Verdict

NASTY = '<script>alert("x")</script>=cmd|\x1b[31m'
BAD = "javascript:alert(1)"
RATIO = RatioInterval(0.5, 0.2, 1.1, 0.9)
CHECK = (Check("a check", False, NASTY),)


def specification(number: int, comparison: str, known: bool = True) -> found.Specification:
    ratio = replace(RATIO, median=0.3 + number / 400) if known else None
    return found.Specification(
        number, (("comparison", comparison), ("scope", "narrow")), 0 if number == 0 else 1, ratio,
        0.96 if known else None, known, "" if known else "too few", 10.0, 4.0,
    )  # fmt: skip


def examination() -> Examination:
    specs = tuple(specification(n, ("a", "b")[n % 2], n != 5) for n in range(400))
    option = found.OptionEffect("a", NASTY, 200, 0.4, 0.5)
    axes = (
        found.Axis("comparison", "compared with what", 0.4, (option, replace(option, option="b"))),
        found.Axis("scope", "what counts", None, (replace(option, option="narrow"),)),
    )
    left = (found.Left("impossible", NASTY, 3, (("scope", "narrow"),)),)
    day = dt.date(2015, 9, 25)
    row = found.PlaceboRow("date", NASTY, day, "CN", "US", 5, 5, RATIO, 0.97, True, "")
    sets = (found.PlaceboSet("date", (row,), 1, 1, 1, 1.0, 0.2, 1.0, 1, 0.5, NASTY),)
    at = found.ReplayPoint(dt.date(2016, 12, 31), "not identified", None, None, False, "soon",
                           5, 0, 0, 0, False)  # fmt: skip
    later = replace(at, as_of=dt.date(2018, 12, 31), ratio=RATIO, fell=0.8, identified=True)
    claim = found.PublicVerdict("2016-06", NASTY, "decline", NASTY, BAD, "seen", "nothing")
    points = tuple(
        found.DetectabilityPoint(r, y, 0.1, 0.02, 3.0) for r in (1.0, 0.5) for y in (1.0, 10.0)
    )
    step = found.Explanation("step", "the agreement", (day,), BAD, 0.5, 0.6, 1.0, 0.5)
    path = found.PathPoint(1, day, dt.date(2016, 9, 24), RATIO, 0.8, 0.0)
    effect = found.ClaimantEffect(NASTY, "media", 3, 1, 9, 4, RATIO, 0.8, None, None)
    tip = tuple(found.TippingPoint(f, RATIO, 0.5) for f in (0.5, 1.0, 2.0))
    item = found.NextItem("made:1", NASTY, "start", "2015", 0.02,
                          (found.Settlement("2015-Q4", 1.0, 0.8, 0.4),), (BAD,))  # fmt: skip
    said = found.RecordedClaim(NASTY, "media", "", "2016", "", BAD)
    card = found.RecordedIncident("made:1", NASTY, "2016", "after", "2017", 3.0, (said,), "other",
                                  1, "unknown", (BAD, "https://example.org/a"))  # fmt: skip
    return Examination(
        robustness=found.Robustness(
            "net-5", 800, 400, 399, 0.5, 0.0, 1.0, 0.4, specs[0], specs[-1], axes, 0.6, left,
            specs, NASTY, CHECK,
        ),
        placebo=found.Placebo(replace(row, kind="real"), sets, NASTY, CHECK),
        detectability=found.Detectability(0.8, 10.0, "rule", 1.4, 0.1, None, points,
                                          ((0.5, None),), NASTY, CHECK),
        replay=found.Replay("pseudo-replay", "four-cells", (at, later), (claim,), later.as_of,
                            None, 3, NASTY, CHECK),
        onset=found.OnsetAccounts(3.0, (step, replace(step, kind="none", label="no step")), (),
                                  NASTY, CHECK),
        persistence=found.Persistence((path,), None, NASTY, CHECK),
        claimants=found.Claimants((effect,), 1, 4, NASTY, CHECK),
        tipping=found.Tipping("four-cells", tip, 0.5, None, 4.0, (NASTY,), NASTY, CHECK),
        next_evidence=found.NextEvidence(1, (item,), None, NASTY, CHECK),
        record=found.Record("a rule", (card,), 0, 0, 0, "", NASTY, CHECK),
        unseen=Sight("narrow", NASTY, (
            SightPeriod("before", 9.7, (NASTY, "b"), 20.0, 12.0, 3.0, 40.0, True, 0.9,
                        (Reading(NASTY, NASTY, 30.0, 25.0, 50.0, False),), (), (NASTY,)),
            SightPeriod("after", 5.3, ("a",), 3.0, 0.0, None, None, False, 0.8, (), (NASTY,), ()),
        ), 0.5, (0.2, 1.4), (0.1, 3.0), False, NASTY, CHECK),
    )  # fmt: skip


@pytest.fixture
def examined(verdict: Verdict) -> Verdict:
    return replace(verdict, examination=examination())


def test_every_finding_is_an_attack_with_a_table() -> None:
    assert set(FINDINGS) == set(ATTACKS) == set(TABLES)
    assert set(CHARTS) <= set(FINDINGS)


def test_the_page_shows_every_finding_and_runs_nothing(examined: Verdict) -> None:
    page = render_html(examined)
    for attack in ATTACKS.values():
        assert f">{attack}<" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "javascript:" not in page.replace("&#", "").split("href=")[0]
    assert f'href="{BAD}' not in page
    assert page.count("data:image/svg+xml") >= len(CHARTS)


def test_what_was_not_asked_for_does_not_appear(verdict: Verdict) -> None:
    page = render_html(verdict)
    assert "Cross-examination" not in page
    only = Examination(tipping=examination().tipping)
    page = render_html(replace(verdict, examination=only))
    assert ATTACKS["tipping"] in page
    assert ATTACKS["replay"] not in page
    assert "Cross-examination" in render_verdict(replace(verdict, examination=only)).plain


@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_terminal_keeps_to_its_width_and_shows_no_escape(examined: Verdict, width: int) -> None:
    text = render_verdict(examined, width).plain
    for attack in ATTACKS.values():
        assert attack in text
    assert "\x1b" not in text
    body = text[text.index("Cross-examination") :]
    assert max(map(len, body.splitlines())) <= width + 24  # tables do not wrap


def test_the_json_is_what_the_schema_says(examined: Verdict) -> None:
    data = json.loads(verdict_to_json(examined))
    validator = jsonschema.Draft202012Validator(load_schema())
    validator.validate(data)
    assert data["examination"]["robustness"]["run"] == 400
    data["examination"]["robustness"]["mood"] = 1
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(data)


def test_the_curve_draws_the_declared_one_and_evenly_of_the_rest() -> None:
    robust = examination().robustness
    assert robust is not None
    shown = drawn(robust)
    assert DRAWN <= len(shown) <= DRAWN + 1
    assert any(s.distance == 0 for s in shown)
    medians = [s.ratio.median for s in shown if s.ratio is not None]
    assert medians == sorted(medians)
    assert medians[0] == 0.3
    few = replace(robust, specifications=robust.specifications[:20])
    assert len(drawn(few)) == 19  # the one that is not identified has no ratio


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_each_chart_is_one_image_with_words_for_it(name: str) -> None:
    svg = CHARTS[name](getattr(examination(), name))
    assert svg.startswith('<svg role="img"')
    assert "<desc" in svg
    assert "<script" not in svg
    assert "NaN" not in svg


def test_a_chart_of_nothing_is_nothing() -> None:
    empty = examination()
    assert empty.robustness is not None
    assert empty.placebo is not None
    assert empty.replay is not None
    assert CHARTS["robustness"](replace(empty.robustness, specifications=())) == ""
    assert CHARTS["placebo"](replace(empty.placebo, sets=())) == ""
    assert CHARTS["replay"](replace(empty.replay, points=())) == ""


def test_plain_data_has_no_nan_and_no_unknown_type() -> None:
    assert plain(float("nan")) is None
    assert plain({"a": (1.23456789, dt.date(2015, 1, 2))}) == {"a": [1.23457, "2015-01-02"]}
    with pytest.raises(TypeError, match="object has no plain form"):
        plain(object())
    names = schema_of(Examination, "x_")
    assert names["x_examination"]["properties"]["replay"]["anyOf"][0] == {
        "$ref": "#/$defs/x_replay"
    }
