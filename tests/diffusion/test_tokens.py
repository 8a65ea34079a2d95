"""Words of a text: against a plain reading, letter by letter, and in scripts of all kinds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.diffusion import tokens
from comity.diffusion.tokens import NO_BREAK, PARAGRAPH, SENTENCE, words_of


def texts(text: str) -> list[str]:
    found = words_of(text)
    return [text[s:e] for s, e in zip(found.start, found.end, strict=True)]


def test_words_are_runs_of_letters_and_digits() -> None:
    assert texts("Cyber-enabled theft, ICT2 (2015).") == [
        "Cyber",
        "enabled",
        "theft",
        "ICT2",
        "2015",
    ]


def test_accents_belong_to_words_and_ideographs_stand_alone() -> None:
    assert texts("État d'alerte") == ["État", "d", "alerte"]
    assert texts("e\u0301tat") == ["e\u0301tat"]
    assert texts("网络 安全ICT") == ["网", "络", "安", "全", "ICT"]
    assert texts("информационная безопасность") == ["информационная", "безопасность"]


def test_equal_words_share_a_code_whatever_their_case_and_others_do_not() -> None:
    code = words_of("Theft theft THEFT thefts heft État état").code.tolist()
    assert code[0] == code[1] == code[2]
    assert len({code[0], code[3], code[4]}) == 3
    assert code[5] == code[6]


def test_a_code_does_not_depend_on_where_the_word_stands() -> None:
    alone = words_of("undertaking").code[0]
    far = words_of("x " * 5000 + "undertaking").code[-1]
    assert alone == far


def test_what_stands_between_words_is_told() -> None:
    found = words_of("One two. Three 3.5 four\nfive\n \nSix\fseven")
    assert found.after.tolist() == [
        NO_BREAK, SENTENCE, NO_BREAK, NO_BREAK, NO_BREAK, NO_BREAK, PARAGRAPH, PARAGRAPH, NO_BREAK,
    ]  # fmt: skip
    assert found.number.tolist() == [False, False, False, True, True, False, False, False, False]


def test_no_words_are_no_words() -> None:
    for text in ("", " \n\n ", "...", "\x00\x01"):
        assert texts(text) == []


@given(st.text(alphabet="abÀß1 .\n-", max_size=200))
def test_words_are_those_a_pattern_finds(text: str) -> None:
    assert texts(text) == re.findall(r"[^\W_]+", text)


@given(st.text(max_size=80))
def test_any_text_can_be_read_and_offsets_stay_inside(text: str) -> None:
    found = words_of(text)
    assert all(0 <= s < e <= len(text) for s, e in zip(found.start, found.end, strict=True))


def test_a_lone_surrogate_is_read_over() -> None:
    assert texts("one \ud800 two") == ["one", "two"]


def test_a_long_text_is_read_in_pieces_and_no_word_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    text = " ".join(f"word{k}" for k in range(400)) + ".\n\nend"
    whole = words_of(text)
    monkeypatch.setattr(tokens, "PIECE", 97)
    pieces = words_of(text)
    assert pieces.code.tolist() == whole.code.tolist()
    assert pieces.start.tolist() == whole.start.tolist()
