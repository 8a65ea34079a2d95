"""Reused passages: what is found, where, in which direction, and what must not flood."""

from __future__ import annotations

import numpy as np
import pytest
from made_texts import CHANGED, PLEDGE, UNLIKE, dated, filler

from comity.diffusion import candidates
from comity.diffusion.align import scores_of
from comity.diffusion.candidates import candidate_pairs
from comity.diffusion.marks import marks_of
from comity.diffusion.model import Direction, Reuse, Reuses
from comity.diffusion.passages import MOST_WORDS, passages_of
from comity.diffusion.reuse import LEAST_SCORE, find_reuse
from comity.errors import LineageError


def between(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs)


def said(reuses: Reuses, reuse: Reuse) -> tuple[str, str]:
    """Return the text of both spans."""
    first, second = (
        reuses.texts[s.document].text[s.start : s.end] for s in (reuse.first, reuse.second)
    )
    return first, second


def test_a_reused_passage_is_found_at_its_place_and_an_unlike_one_is_not() -> None:
    old = between(filler(1), PLEDGE, filler(2))
    new = between(filler(3), UNLIKE, CHANGED, filler(4))
    found = find_reuse([dated("old", old, "1850"), dated("new", new, "1851"),
                        dated("unlike", between(filler(5), filler(6)), "1852")])  # fmt: skip
    (reuse,) = found.found
    first, second = said(found, reuse)
    assert found.texts[reuse.first.document].name == "old"
    assert first == PLEDGE[:-1]
    assert second == CHANGED[:-1]


def test_direction_goes_by_date_and_not_by_the_order_given() -> None:
    texts = [dated("new", CHANGED, "2017-06"), dated("old", PLEDGE, "2015-09-25")]
    (reuse,) = find_reuse(texts).found
    names = [t.name for t in find_reuse(texts).texts]
    assert reuse.direction is Direction.EARLIER_FIRST
    assert names[reuse.first.document] == "old"


def test_a_date_with_an_open_beginning_is_earlier_than_what_its_end_precedes() -> None:
    texts = [dated("new", CHANGED, "2017"), dated("old", PLEDGE, "../2015")]
    found = find_reuse(texts)
    (reuse,) = found.found
    assert reuse.direction is Direction.EARLIER_FIRST
    assert found.texts[reuse.first.document].name == "old"
    assert said(found, reuse) == (PLEDGE[:-1], CHANGED[:-1])


@pytest.mark.parametrize("dates", [("2015", "2015-06"), ("2015", ""), ("", ""), ("2015", "2015")])
def test_dates_that_overlap_or_are_missing_give_no_direction(dates: tuple[str, str]) -> None:
    texts = [dated("one", PLEDGE, dates[0]), dated("two", CHANGED, dates[1])]
    (reuse,) = find_reuse(texts).found
    assert reuse.direction is Direction.UNKNOWN


def test_marks_say_what_was_changed_left_out_and_added() -> None:
    found = find_reuse([dated("old", PLEDGE, "1850"), dated("new", CHANGED, "1851")])
    marks = marks_of(found, found.found[0])
    told = [(m.kind, m.first.strip(), m.second.strip()) for m in marks if m.kind != "same"]
    assert told == [
        ("changed", "two", "three"),
        ("changed", "neither", "none"),
        ("left out", "knowingly", ""),
        ("added", "", "or fog,"),
        ("left out", "lanterns", ""),
    ]
    assert "".join(m.first for m in marks) == said(found, found.found[0])[0]
    assert "".join(m.second for m in marks) == said(found, found.found[0])[1]


def test_the_score_is_twice_the_shared_words_less_the_others() -> None:
    found = find_reuse([dated("old", PLEDGE, "1850"), dated("new", CHANGED, "1851")])
    (reuse,) = found.found
    gaps = np.diff(reuse.shared, axis=0).max(axis=1) - 1
    assert reuse.score == 2 * len(reuse.shared) - gaps.sum()
    assert reuse.words == tuple(reuse.shared[-1] + 1)


def test_a_reused_page_is_one_find() -> None:
    page = between(*(filler(k, 5) for k in range(10, 20)))
    found = find_reuse(
        [
            dated("old", between(filler(1), page), "1850"),
            dated("new", between(page, UNLIKE), "1851"),
        ]
    )
    (reuse,) = found.found
    assert len(reuse.shared) == 10 * 5 * 14
    assert said(found, reuse)[0] == page[:-1]


def test_a_passage_cut_in_another_place_is_found_whole() -> None:
    """Windows fall differently in the two documents; the find does not end where a window does."""
    long = filler(30, 12).replace(".", "")
    found = find_reuse(
        [dated("old", long, "1850"), dated("new", f"{filler(31, 1)[:-1]} plus {long}", "1851")]
    )
    (reuse,) = found.found
    assert len(reuse.shared) == 12 * 14


def test_a_few_shared_words_count_beside_a_find_and_not_alone() -> None:
    """Ten words score 20: too few by themselves, enough in the paragraph after a find."""
    ten = "a net a lantern and a rope for each boat"

    def after(opening: str, seed: int) -> str:
        return between(opening, f"{filler(seed, 1)[:-1]} {ten} {filler(seed + 1, 1)}")

    (together,) = find_reuse(
        [dated("old", after(PLEDGE, 40), "1850"), dated("new", after(PLEDGE, 50), "1851")]
    ).found
    alone = find_reuse(
        [dated("old", after(filler(1), 40), "1850"), dated("new", after(filler(2), 50), "1851")]
    )
    assert len(together.shared) == len(PLEDGE.replace("'", " ").split()) + 10
    assert alone.found == ()


def test_a_running_head_is_grouped_and_does_not_flood() -> None:
    head = "Report of the harbour commission on boats, nets and lanterns to the council of the "
    head += "northern towns, part two, edition of the clerk, page "

    def paged(seed: int) -> str:
        return between(*(f"{head}{k}\n\n{filler(seed + k, 4)}" for k in range(25)))

    found = find_reuse([dated("old", paged(100), "1850"), dated("new", paged(500), "1851")])
    (reuse,) = found.found
    assert reuse.first.times == reuse.second.times == 25


def test_a_formula_that_recurs_is_one_find_with_its_other_places_counted() -> None:
    formula = PLEDGE[:-1]

    def articles(seed: int, count: int) -> str:
        return between(*(f"{formula} {filler(seed + k, 1)}" for k in range(count)))

    found = find_reuse(
        [dated("old", articles(100, 6), "1850"), dated("new", articles(300, 1), "1851")]
    )
    (reuse,) = found.found
    assert reuse.also == 5


def test_what_most_of_many_documents_share_stands_apart() -> None:
    notice = "This paper may be copied by any clerk who names the printer, the year and the town, "
    notice += "and who gives no copy away for money or for fish."
    texts = [
        dated(
            f"d{k:02}", between(notice, filler(k, 8), PLEDGE if k in (3, 9) else ""), str(1900 + k)
        )
        for k in range(30)
    ]
    found = find_reuse(texts)
    (common,) = found.common
    (reuse,) = found.found
    assert len(common.documents) == 30
    assert [found.texts[s.document].name for s in (reuse.first, reuse.second)] == ["d03", "d09"]


def test_a_clause_that_a_handful_of_documents_share_is_not_set_apart() -> None:
    texts = [dated(f"d{k}", between(filler(k), PLEDGE), str(1900 + k)) for k in range(6)]
    found = find_reuse(texts)
    assert found.common == ()
    assert len(found.found) == 15


def test_one_document_and_documents_without_words_are_errors() -> None:
    for texts in ([], [dated("a", PLEDGE)], [dated("a", PLEDGE), dated("b", "...")]):
        with pytest.raises(LineageError, match="two or more"):
            find_reuse(texts)


def test_an_empty_document_among_others_stops_nothing() -> None:
    texts = [dated("a", PLEDGE, "1850"), dated("empty", ""), dated("b", CHANGED, "1851")]
    assert len(find_reuse(texts).found) == 1


def test_passages_cover_every_word_once_and_are_never_over_sixty() -> None:
    texts = [between(filler(1, 20), UNLIKE, "Short."), "one", filler(2, 3).replace(".", "")]
    passages = passages_of(texts)
    assert passages.first[0] == 0
    assert passages.first[-1] == len(passages.codes)
    assert passages.lengths.min() > 0
    assert passages.lengths.max() <= MOST_WORDS
    for k in range(len(passages)):
        text = texts[passages.document[k]]
        begin, end = (
            passages.place(passages.first[k])[0],
            passages.place(passages.first[k + 1] - 1)[1],
        )
        assert text[begin:end].strip() == text[begin:end]


def altered(words: list[str], rate: float, rng: np.random.Generator) -> list[str]:
    """Return words of which a share is changed, left out or joined by a new one."""
    out = []
    for word in words:
        if rng.random() >= rate:
            out.append(word)
        elif rng.random() < 2 / 3:
            out += [f"new{rng.integers(10**6)}"] * int(rng.integers(1, 3))
    return out


def test_nearly_all_alignments_of_all_pairs_are_found() -> None:
    """400 passages of a small vocabulary, 150 of them altered copies by up to 40 %."""
    rng = np.random.default_rng(5)
    vocabulary = [f"v{k}" for k in range(900)]
    weights = 1 / np.arange(1, 901)
    originals = [
        list(rng.choice(vocabulary, p=weights / weights.sum(), size=rng.integers(25, 56)))
        for _ in range(250)
    ]
    copies = [
        altered(originals[rng.integers(250)], rng.uniform(0, 0.4), rng)[:60] for _ in range(150)
    ]
    passages = passages_of([" ".join(words) for words in originals + copies])
    size = len(passages)
    everything = np.stack(np.triu_indices(size, 1), axis=1)
    everything = everything[
        passages.document[everything[:, 0]] != passages.document[everything[:, 1]]
    ]
    there = everything[scores_of(passages, everything) >= LEAST_SCORE]
    found = candidate_pairs(passages)
    hit = np.isin(there[:, 0] * size + there[:, 1], found[:, 0] * size + found[:, 1])
    assert len(there) > 100
    assert hit.mean() >= 0.95
    assert len(found) < len(everything) / 20


def test_a_crowded_bucket_grows_with_its_size_and_not_with_the_square(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(candidates, "NEIGHBOURS", 4)
    passages = passages_of([PLEDGE] * 60)
    pairs = candidate_pairs(passages)
    alone = {tuple(p) for p in pairs.tolist()}
    assert len(alone) == len(pairs) <= 60 * 5
    assert {(0, k) for k in range(1, 60)} <= alone, "each is paired with the first"
    assert {(k, k + 1) for k in range(59)} <= alone
