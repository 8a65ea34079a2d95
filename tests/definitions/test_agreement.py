"""How far two readers agreed: read off the table, and told by the page as the table has it."""

from __future__ import annotations

from pathlib import Path

import pytest
from coded_rows import NARROW, row, write

from comity.definitions.agreement import CODED, NOT_FOUND, Agreement, agreement, second_reading
from comity.definitions.register import check_definitions, load_definitions

PAGE = Path(__file__).resolve().parents[2] / "docs" / "definitions.md"


def test_a_column_counts_where_it_was_coded_blind_and_is_the_same_where_it_did_not_differ() -> None:
    reading = second_reading("differed: against, content (not blind: protects)")
    assert reading is not None
    assert reading.differed == {"against", "content"}
    assert reading.blind == set(CODED) - {"protects"}
    assert second_reading("one reader") is None
    assert second_reading("one reader; searched again, not found") is None


@pytest.mark.parametrize(
    "text",
    [
        "differed: ",
        "differed: colour",
        "agreed (not blind: )",
        "twice",
        "agreed; searched again, not found",
        "differed: content (not blind: content)",
    ],
)
def test_a_cell_that_says_nothing_of_a_second_reading_is_refused(text: str) -> None:
    with pytest.raises(
        ValueError, match="it must be one reader, one reader; searched again, not found, agreed or"
    ):
        second_reading(text)


def test_agreement_is_counted_by_hand(tmp_path: Path) -> None:
    seconds = ("agreed", "differed: against", "one reader", "agreed (not blind: protects, against)")
    rows = []
    for code, second in zip(("US", "GB", "FR", "RU"), seconds, strict=True):
        cells = row(f"{code.lower()}-2015-cybersecurity", code, NARROW).split("\t")
        rows.append("\t".join([*cells[:-1], second]))
    counted = agreement(load_definitions(write(tmp_path, rows)))
    assert counted["protects"] == Agreement(same=2, of=2)
    assert counted["against"] == Agreement(same=1, of=2)
    assert counted["content"] == Agreement(same=3, of=3)


def test_the_page_tells_the_counts_and_the_agreement_of_the_table_that_ships() -> None:
    definitions = load_definitions()
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    statuses = [d.status for d in definitions.rows]
    seen, secondary, not_verified = map(statuses.count, ("seen", "secondary", "unverified"))
    assert f"{len(statuses)} definitions of {len(definitions.terms)} terms" in page
    assert f"{seen} read at their source, {secondary} read in others' quotations" in page
    assert f"{not_verified} not verified" in page
    alone = sum(second_reading(d.second) is None for d in definitions.rows)
    again = sum(d.second == NOT_FOUND for d in definitions.rows)
    assert f"{len(statuses) - alone} were coded by two readers" in page
    assert f"The other {alone} rows have one reader" in page
    assert f"a second searched for {again} of them" in page
    for column, found in agreement(definitions).items():
        share = round(100 * found.same / found.of)
        assert f"| {column} | {found.same} | {found.of} | {share} %" in page
    assert check_definitions() == ()
