"""Text made safe, numbers and commands, as every page says them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from comity.dates import DateReading
from comity.report.text import (
    cell_titles,
    change_ratio,
    clean,
    command_line,
    country,
    number,
    ratio_number,
    ratio_text,
    tag,
)
from comity.verification.model import Choices, RatioInterval, Statement, Verdict


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;https://evil.example\x07link\x1b]8;;\x07", "link"),
        ("\x1b]0;title\x1b\\after", "after"),
        ("\x9b31mred", "red"),
        ("a\x07\x08b\x00", "ab"),
        ("line\nbreak\ttab", "line break tab"),
        ("abc\u202edcba", "abcdcba"),
        ("zero\ufeffwidth\u2066", "zerowidth"),
        ("half \ud800 a pair", "half  a pair"),
        ("Ope\u0301ration Ünïcödé 行动", "Ope\u0301ration Ünïcödé 行动"),
    ],
)
def test_escapes_controls_and_reversals_are_taken_out_of_text(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_numbers_have_no_decimals_they_do_not_need() -> None:
    assert [number(n) for n in (0, 14, 14.5, 0.25, 12345.6)] == ["0", "14", "14.5", "0.2", "12,346"]
    assert [ratio_number(n) for n in (0.05, 9.99, 12.34, 250.0, float("nan"))] == [
        "0.05",
        "9.99",
        "12.3",
        "250",
        "?",
    ]


def test_a_ratio_that_is_not_identified_is_never_shown_even_where_one_was_computed(
    verdict: Verdict,
) -> None:
    computed = replace(verdict.change[0], identified=False)
    assert computed.ratio is not None
    assert change_ratio(computed) == "not identified"
    assert ratio_text(RatioInterval(0.31, 0.12, 0.82, 0.9)) == "0.31 (0.12-0.82)"


def test_the_tag_of_an_answer_says_what_its_probability_is_of() -> None:
    assert tag(Statement("", "likely", 0.64)) == "likely, 64 % that it fell"
    assert tag(Statement("", "almost certain", 0.02)) == "almost certain, 98 % that it rose"
    assert tag(Statement("", "roughly even chance", 0.5)) == (
        "roughly even chance, 50 % that it fell"
    )
    assert tag(Statement("", "cannot be separated", None)) == "cannot be separated"


def test_cells_are_named_by_their_countries(verdict: Verdict) -> None:
    assert cell_titles(verdict.question.scope) == {
        "A": "China to the United States",
        "B": "China to others",
        "C": "others to the United States",
        "D": "others to others",
    }


def test_a_code_no_table_knows_is_shown_as_it_is() -> None:
    assert country("CN") == "China"
    assert country("G20\x1b[1m") == "G20"


def test_the_command_repeats_every_choice_and_is_safe_to_paste(verdict: Verdict) -> None:
    plain = replace(verdict, choices=Choices())
    assert command_line(plain) == "comity verify us-china-2015"
    chosen = replace(
        verdict,
        question=replace(verdict.question, path="my question; rm -rf $HOME.toml"),
        choices=Choices(("dcid",), dt.date(2017, 6, 30), DateReading("exact", "exact"), 7),
    )
    assert command_line(chosen) == (
        "comity verify 'my question; rm -rf $HOME.toml' --list dcid --as-of 2017-06-30 "
        "--first-of-year exact --first-of-month exact --seed 7"
    )
