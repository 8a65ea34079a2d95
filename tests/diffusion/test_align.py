"""Alignment of words: many pairs at once, against one pair by the textbook."""

from __future__ import annotations

import numpy as np
import pytest

from comity.diffusion import align
from comity.diffusion.align import CHANGE, GAP, MATCH, matched_words, scores_of
from comity.diffusion.passages import Passages, passages_of


def textbook(a: list[int], b: list[int]) -> int:
    """Return the best local score, cell by cell."""
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a, start=1):
        for j, y in enumerate(b, start=1):
            diagonal = table[i - 1][j - 1] + (MATCH if x == y else -CHANGE)
            table[i][j] = max(0, diagonal, table[i - 1][j] - GAP, table[i][j - 1] - GAP)
    return max(map(max, table))


def random_passages(seed: int, count: int, words: int) -> Passages:
    rng = np.random.default_rng(seed)
    return passages_of(
        [
            " ".join(f"w{k}" for k in rng.integers(0, words, size=rng.integers(1, 61)))
            for _ in range(count)
        ]
    )


def codes(passages: Passages, k: int) -> list[int]:
    return passages.codes[passages.first[k] : passages.first[k + 1]].tolist()


@pytest.mark.parametrize("words", [2, 5, 40])
def test_scores_are_those_of_the_textbook(words: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(align, "BATCH", 7)  # batches of unlike lengths, the last one short
    passages = random_passages(words, 12, words)
    pairs = np.array([(i, j) for i in range(12) for j in range(12)])
    expected = [textbook(codes(passages, i), codes(passages, j)) for i, j in pairs]
    assert scores_of(passages, pairs).tolist() == expected


@pytest.mark.parametrize("words", [3, 30])
def test_shared_words_are_equal_rise_on_both_sides_and_make_the_score(words: int) -> None:
    passages = random_passages(words + 100, 12, words)
    pairs = np.array([(i, j) for i in range(12) for j in range(i)])
    scores = scores_of(passages, pairs)
    for (i, j), score, matched in zip(pairs, scores, matched_words(passages, pairs), strict=True):
        a, b = codes(passages, i), codes(passages, j)
        assert [a[k] for k in matched.first] == [b[k] for k in matched.second]
        first, second = matched.first, matched.second
        assert (np.diff(first) > 0).all()
        assert (np.diff(second) > 0).all()
        between = np.maximum(np.diff(first), np.diff(second)) - 1
        assert MATCH * len(first) - between.sum() == score


def test_sixty_equal_words_fit_into_a_byte() -> None:
    text = " ".join(f"w{k}" for k in range(60))
    assert scores_of(passages_of([text, text]), np.array([[0, 1]])).tolist() == [120]


def test_a_longer_passage_is_refused_and_not_wrapped_round() -> None:
    text = " ".join(f"w{k}" for k in range(61))
    passages = passages_of([text, text])
    long = Passages(
        passages.codes, passages.start, passages.size, passages.begins,
        np.array([0, 61, 122]), np.array([0, 1], dtype=np.int32), np.array([0, 1]),
    )  # fmt: skip
    with pytest.raises(ValueError, match="over 60 words"):
        scores_of(long, np.array([[0, 1]]))


def test_no_pairs_have_no_scores() -> None:
    passages = passages_of(["one two"])
    nothing = np.zeros((0, 2), dtype=np.int64)
    assert scores_of(passages, nothing).tolist() == []
    assert matched_words(passages, nothing) == []
