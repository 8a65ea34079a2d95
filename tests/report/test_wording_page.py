"""The descent of a clause as a person, a spreadsheet and a program see it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

from comity.dates import parse_date
from comity.diffusion.descent import trace_clause
from comity.diffusion.model import CAVEAT, Clause, Lineage, Variant
from comity.report.wording import (
    CSV_COLUMNS,
    lineage_rows,
    lineage_svg,
    lineage_to_dict,
    render_lineage,
)

FEATURES = ("knowingly", "enabled_by", "secrets", "beneficiary", "advantage")
TEXTS = {
    "us-2015": ("2015-09-25", "yes cyber yes yes providing"),
    "uk-2015": ("2015-10-22", "no cyber yes no providing"),
    "g20-2015": ("2015-11-16", "no ICT yes yes providing"),
    "ca-2017": ("2017-06-22", "yes cyber yes yes providing"),
    "dim-2018": ("2018", "yes ? ? ? ?"),
}


@pytest.fixture
def lineage() -> Lineage:
    variants = []
    for name, (date, values) in TEXTS.items():
        known = {f: v for f, v in zip(FEATURES, values.split(), strict=True) if v != "?"}
        address = f"https://e.org/{name}"
        variants.append(Variant(name, parse_date(date), known, "", (address,), "seen"))
    clause = Clause(
        "made", "A made clause <b>\x1b[31m", "n", dict.fromkeys(FEATURES, ""),
        {"subject": "follows from who was there"}, {}, tuple(variants),
    )  # fmt: skip
    return trace_clause(clause)


@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_tree_fits_the_width_and_says_what_changed_how_sure_and_from_where(
    lineage: Lineage, width: int
) -> None:
    page = render_lineage(lineage, width).plain
    assert max(map(len, page.splitlines())) <= width
    flat = " ".join(page.replace("|", " ").split())
    for said in (
        "knowingly yes > no; beneficiary yes > no",
        "0 of 5 known features changed",
        "as few changes from uk-2015",
        "mixed: us-2015 (beneficiary) and uk-2015 (knowingly) together leave 1 changed",
        "dim-2018: 1 of 5 features known",
        "subject: follows from who was there",
        "ca-2017 (seen) https://e.org/ca-2017",
        "not proof of borrowing",
    ):
        assert said in flat, said
    assert "\x1b" not in page


def test_a_child_stands_below_its_parent_one_step_in(lineage: Lineage) -> None:
    lines = render_lineage(lineage).plain.splitlines()
    starts = [line for line in lines if ("20" in line and "+- " in line) or line.startswith("us-")]
    assert starts == [
        "us-2015  2015-09-25", "+- uk-2015  2015-10-22", "+- g20-2015  2015-11-16",
        "+- ca-2017  2017-06-22",
    ]  # fmt: skip


def test_the_data_hold_every_instrument_with_its_parent_ties_and_sources(lineage: Lineage) -> None:
    data = json.loads(json.dumps(lineage_to_dict(lineage)))
    assert data["caveat"] == CAVEAT
    by_name = {d["instrument"]: d for d in data["instruments"]}
    assert by_name["g20-2015"]["parent"] == "us-2015"
    assert by_name["g20-2015"]["ties"] == ["uk-2015"]
    assert by_name["g20-2015"]["mixture"]["from_second"] == ["knowingly"]
    assert by_name["uk-2015"]["changes"][0] == {
        "feature": "knowingly", "before": "yes", "after": "no",
    }  # fmt: skip
    assert by_name["ca-2017"]["sources"] == ["https://e.org/ca-2017"]
    assert data["not_placed"] == {"dim-2018": "1 of 5 features known"}


def test_the_table_has_a_row_an_instrument(lineage: Lineage) -> None:
    rows = [dict(zip(CSV_COLUMNS, row, strict=True)) for row in lineage_rows(lineage)]
    assert [r["instrument"] for r in rows] == ["us-2015", "uk-2015", "g20-2015", "ca-2017"]
    assert rows[2]["mixed_of"] == "us-2015 (beneficiary) + uk-2015 (knowingly)"
    assert rows[0]["parent"] == ""
    assert rows[0]["reason"] == "no earlier text on record"


def test_the_picture_is_sound_escaped_and_has_time_running_right(lineage: Lineage) -> None:
    root = ET.fromstring(lineage_svg(lineage))
    space = "{http://www.w3.org/2000/svg}"
    assert "A made clause <b>" in (root.find(f"{space}title").text or "")
    assert root.findall(f".//{space}script") == []
    dots = {
        g.find(f"{space}title").text.split(":")[0]: float(g.find(f"{space}circle").get("cx"))
        for g in root.findall(f"{space}g")
    }
    assert dots["us-2015"] < dots["uk-2015"] < dots["g20-2015"] < dots["ca-2017"]
    dashed = [p for p in root.iter(f"{space}path") if p.get("stroke-dasharray")]
    assert len(dashed) == 1, "the mixed text's second parent"
    assert len([*root.iter(f"{space}path")]) == 4


def test_no_label_of_the_picture_runs_out_of_it(lineage: Lineage) -> None:
    root = ET.fromstring(lineage_svg(lineage))
    wide = float(root.get("width"))
    for text in root.iter("{http://www.w3.org/2000/svg}text"):
        said = "".join(text.itertext())
        if text.get("text-anchor") != "middle":
            assert float(text.get("x")) + 6.4 * len(said) <= wide, said
