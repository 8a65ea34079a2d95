"""Real documents with known answers, where they are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.dates import UNKNOWN, parse_date
from comity.diffusion.marks import marks_of
from comity.diffusion.model import DatedText, Direction, Reuses
from comity.diffusion.reuse import find_reuse


def found_in(folder: Path, names: dict[str, str]) -> Reuses:
    """Return what some files of a folder share; skip where one is absent."""
    texts = []
    for name, date in names.items():
        path = folder / name
        if not path.is_file():
            pytest.skip(f"no file {path.name} among the published data: this test compares it")
        text = path.read_text(encoding="utf-8-sig")
        texts.append(DatedText(name, text, parse_date(date) if date else UNKNOWN))
    return find_reuse(texts)


def test_the_code_that_reuses_another_is_found_and_the_one_that_does_not_is_not(
    shared_data: Path,
) -> None:
    found = found_in(
        shared_data / "methods" / "text" / "legal",
        {"ca1851-match.txt": "1851", "ca1851-nomatch.txt": "1851", "ny1850-match.txt": "1850"},
    )
    pairs = {
        (found.texts[r.first.document].name, found.texts[r.second.document].name)
        for r in found.found
    }
    assert pairs == {("ny1850-match.txt", "ca1851-match.txt")}
    assert {r.direction for r in found.found} == {Direction.EARLIER_FIRST}
    words = sum(len(r.shared) for r in found.found)
    assert words > 500, "most of the 746 words are taken over"


def test_the_protocol_takes_its_final_clauses_from_the_convention(shared_data: Path) -> None:
    found = found_in(
        shared_data / "texts",
        {
            "budapest-convention-2001.txt": "2001-11-23",
            "budapest-additional-protocol-2003.txt": "2003-01-28",
            "paris-call-2018-en.txt": "2018-11-12",
        },
    )
    pairs = {(r.first.document, r.second.document) for r in found.found}
    assert pairs == {(0, 1)}, "the Paris Call shares no passage with the two treaties"
    changed = [
        (m.first.strip(" .,"), m.second.strip(" .,"))
        for r in found.found
        for m in marks_of(found, r)
        if m.kind == "changed"
    ]
    assert changed.count(("Convention", "Protocol")) >= 5


def test_one_government_s_next_strategy_shares_most_with_its_last(shared_data: Path) -> None:
    found = found_in(
        shared_data / "definitions" / "national_cyber_strategies",
        {
            "20200601_Gambia_National_Cybersecurity_Strategy_ENG.txt": "2020-06",
            "20221101_Gambia_National_Cybersecurity_Strategy_ENG.txt": "2022-11",
            "20151030_USA_National_Cybersecurity_Strategy_ENG.txt": "2015-10-30",
        },
    )
    words = dict.fromkeys(((0, 1), (0, 2), (1, 2)), 0)
    for r in found.found:
        words[r.first.document, r.second.document] += len(r.shared)
    assert words[1, 2] > 5000
    assert words[0, 1] + words[0, 2] < 200
