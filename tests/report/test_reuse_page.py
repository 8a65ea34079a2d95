"""Shared passages as a person, a spreadsheet and a program see them."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html import unescape

import pytest

from comity.dates import UNKNOWN, parse_date
from comity.diffusion.model import DatedText, Reuses, Span
from comity.diffusion.reuse import find_reuse
from comity.report.reuse import (
    CSV_COLUMNS,
    pairs_of,
    render_page,
    render_reuses,
    reuse_rows,
    reuse_svg,
    reuses_to_dict,
)

OLD = (
    "The two harbour towns agree that neither shall tow away, or knowingly help to tow away, the "
    "boats of the <script>alert(1)</script> other's fishermen by night, in order to give its own "
    "fleet an advantage at market."
)
NEW = OLD.replace("knowingly ", "").replace("by night", "at any hour").replace("two", "three")


@pytest.fixture
def reuses() -> Reuses:
    return find_reuse(
        [
            DatedText("new <i>.txt", NEW, parse_date("2017"), "given"),
            DatedText("old.txt", OLD, parse_date("2015-09-25"), "its file's name"),
            DatedText("\x1b[31mundated.txt", OLD, UNKNOWN),
            DatedText("other.txt", "Nothing of the kind stands in here.", parse_date("2016")),
        ]
    )


def place(span: Span) -> str:
    return f"character {span.start}"


@pytest.mark.parametrize("width", [60, 80])
def test_the_text_names_documents_places_and_marks_what_changed(reuses: Reuses, width: int) -> None:
    page = render_reuses(reuses, place, width).plain
    assert max(map(len, page.splitlines())) <= width
    flat = " ".join(page.split())
    for said in (
        "old.txt > new <i>.txt",
        "[two > three]",
        "[-knowingly-]",
        "[by night, > at any hour,]",
        "? undated.txt (direction unknown)",
        "No date: undated.txt. Give one with --date",
        "character 0",
        "not proof of borrowing",
    ):
        assert said in flat, said
    assert "\x1b" not in page


def test_what_is_not_printed_is_told(reuses: Reuses) -> None:
    assert "2 more: --most 3" in render_reuses(reuses, place, 80, most=1).plain


def test_nothing_found_is_said() -> None:
    texts = [DatedText("a", "One thing.", UNKNOWN), DatedText("b", "Another.", UNKNOWN)]
    assert (
        "No passage of one was found in another." in render_reuses(find_reuse(texts), place).plain
    )


def test_pairs_add_up_to_the_finds(reuses: Reuses) -> None:
    pairs = pairs_of(reuses)
    assert sum(p.finds for p in pairs) == len(reuses.found) == 3
    assert sum(p.words for p in pairs) == sum(len(r.shared) for r in reuses.found)
    assert [p.words for p in pairs] == sorted((p.words for p in pairs), reverse=True)


def test_the_page_shows_text_as_text_and_holds_no_script(reuses: Reuses) -> None:
    page = render_page(reuses, place)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "new &lt;i&gt;.txt" in page
    assert "\x1b" not in page
    assert "<del>knowingly </del>" in page
    assert re.search(r"<ins>at any hour,?\s*</ins>", page)
    assert "default-src 'none'" in page


def test_each_side_of_the_page_is_the_document_s_own_text(reuses: Reuses) -> None:
    page = render_page(reuses, place)
    cells = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td></tr>", page, flags=re.S)
    for left, right in cells:
        for cell, whole in ((left, OLD), (right, NEW)):
            said = " ".join(unescape(re.sub(r"</?(del|ins)>", "", cell)).split())
            assert said in (whole[:-1], OLD[:-1], NEW[:-1])


def test_the_data_hold_both_texts_piece_by_piece(reuses: Reuses) -> None:
    data = json.loads(json.dumps(reuses_to_dict(reuses, place, ["c.pdf cannot be read"])))
    assert data["problems"] == ["c.pdf cannot be read"]
    assert {d["name"] for d in data["documents"]} >= {"old.txt", "other.txt"}
    best = next(f for f in data["finds"] if f["direction"] == "first is earlier")
    assert best["first"]["document"] == "old.txt"
    assert best["second"]["document"] == "new <i>.txt"
    assert "".join(m["first"] for m in best["marks"]) == OLD[: best["first"]["end"]]
    assert "".join(m["second"] for m in best["marks"]) == NEW[: best["second"]["end"]]


def test_the_table_has_a_row_a_find(reuses: Reuses) -> None:
    rows = [dict(zip(CSV_COLUMNS, row, strict=True)) for row in reuse_rows(reuses, place)]
    assert len(rows) == 3
    assert {r["direction"] for r in rows} == {"first is earlier", "direction unknown"}


def test_the_picture_joins_those_that_share_and_leaves_out_the_rest(reuses: Reuses) -> None:
    root = ET.fromstring(reuse_svg(reuses))
    space = "{http://www.w3.org/2000/svg}"
    labels = {
        "".join(t.itertext()) for g in root.findall(f"{space}g") for t in g.findall(f"{space}text")
    }
    assert any(label.startswith("new <i>.txt") for label in labels)
    assert any(label.startswith("undated.txt no date") for label in labels)
    assert not any(label.startswith("other.txt") for label in labels)
    paths = [*root.iter(f"{space}path")]
    assert len(paths) == 3
    assert sum(p.get("stroke-dasharray") is not None for p in paths) == 2
