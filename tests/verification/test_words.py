"""The rule of confidence: the code follows the table, and the page shows the table."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from comity.verification.checks import CHECKS
from comity.verification.model import Check, Registration
from comity.verification.registered import registration_check
from comity.verification.words import CONFIDENCE, confidence

PAGE = Path(__file__).resolve().parents[2] / "docs" / "words.md"


def table(first: str, second: str) -> tuple[tuple[str, ...], ...]:
    """Return the rows of the table of docs/words.md with this header."""
    text = PAGE.read_text(encoding="utf-8").partition(f"| {first} | {second} |\n")[2]
    rows = text.partition("\n\n")[0].splitlines()[1:]
    return tuple(tuple(cell.strip() for cell in row.strip("|").split("|")) for row in rows)


def test_the_page_has_the_rule_as_the_code_has_it() -> None:
    assert table("confidence", "when") == CONFIDENCE


def test_the_page_has_every_check_as_the_code_has_it() -> None:
    assert table("check", "passes where") == tuple(CHECKS.items())


def expected(checks: tuple[Check, ...], identified: bool, lists: int) -> str:
    """Return the word as a reader of the page would reach it."""
    failed = [c.name for c in checks if c.passed is False]
    if not identified or "fit diagnostic" in failed or len(failed) >= 3:
        return "low"
    return "moderate" if failed or lists < 2 else "high"


def test_every_case_gets_the_word_of_the_first_line_that_applies() -> None:
    names = ("fit diagnostic", "other fits", "comparisons agree", "reporting delay known")
    seen = set()
    for passed in product((True, False, None), repeat=len(names)):
        checks = tuple(Check(n, p, n) for n, p in zip(names, passed, strict=True))
        for identified, lists in product((True, False), (0, 1, 2, 3)):
            found = confidence(checks, identified, lists)
            assert found.word == expected(checks, identified, lists)
            assert found.rule.startswith(f"{found.word}: {dict(CONFIDENCE)[found.word]}.")
            failed = sum(p is False for p in passed)
            counted = sum(p is not None for p in passed)
            assert f"{failed} of {counted} checks failed" in found.rule
            seen.add(found.word)
    assert seen == {"low", "moderate", "high"}


@pytest.mark.parametrize(("state", "word"), [("unchanged", "high"), ("changed", "moderate")])
def test_a_question_changed_since_it_was_registered_lowers_the_confidence(
    state: str, word: str
) -> None:
    check = registration_check(Registration(state, "2026-11-20T10:15:00Z", "ab" * 32))
    found = confidence((Check("fit diagnostic", True, ""), check), True, 2)
    assert found.word == word


def test_not_being_registered_lowers_nothing() -> None:
    assert confidence((registration_check(None),), True, 2).word == "high"
