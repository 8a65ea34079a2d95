"""Finds the passages that documents share: candidates, alignment, stretches, direction by date."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from comity.diffusion.align import matched_words, scores_of
from comity.diffusion.candidates import Pairs, candidate_pairs
from comity.diffusion.model import (
    Common,
    DatedText,
    Direction,
    Order,
    Reuse,
    Reuses,
    Span,
    order_of,
)
from comity.diffusion.passages import Passages, passages_of
from comity.diffusion.stretches import Stretch, common_of, grouped, stretches_of
from comity.errors import LineageError

LEAST_SCORE = 24
LEAST_BESIDE = 14
_AROUND = np.array([(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if (a, b) != (0, 0)])


def find_reuse(
    texts: Sequence[DatedText],
    least: int = LEAST_SCORE,
    progress: Callable[[str], None] = lambda _: None,
) -> Reuses:
    """Return what every two of some documents share, best first.

    A passage is shown where its local alignment scores `least` or more (24 is twelve words in a
    row; two unrelated passages of 60 words do not get past about 15). Raises LineageError where
    fewer than two documents have any words.
    """
    ordered = sorted(texts, key=_by_date)
    progress("cutting the documents into passages")
    passages = passages_of([t.text for t in ordered])
    if len(np.unique(passages.document)) < 2:
        raise LineageError(
            "Reuse is looked for between documents: give two or more that hold words."
        )
    progress(f"looking for passages alike among {len(passages)}")
    pairs = candidate_pairs(passages)
    progress(f"aligning {len(pairs)} pairs of passages")
    scores = scores_of(passages, pairs)
    kept = pairs[scores >= least]
    beside = _beside(passages, kept)
    near = scores_of(passages, beside) >= min(LEAST_BESIDE, least)
    kept = np.concatenate([kept, beside[near]])
    stretches = stretches_of(passages, kept, matched_words(passages, kept))
    best = [(s, also) for s, also in grouped(passages, stretches) if s.score >= least]
    apart = common_of(passages, [stretch for stretch, _ in best], len(ordered))
    times = np.bincount(passages.same, minlength=len(passages))
    found = [
        _reuse(ordered, passages, times, stretch, also)
        for (stretch, also), group in zip(best, apart, strict=True)
        if group < 0
    ]
    found.sort(key=lambda r: (-r.score, r.first.document, r.first.start, r.second.document))
    groups: dict[int, list[Stretch]] = {}
    for (stretch, _), group in zip(best, apart, strict=True):
        if group >= 0:
            groups.setdefault(int(group), []).append(stretch)
    common = tuple(_common(passages, times, group) for group in groups.values())
    compared = len(pairs) + len(beside)
    return Reuses(tuple(ordered), tuple(found), common, len(passages), compared, least)


def _common(passages: Passages, times: NDArray[np.int64], group: Sequence[Stretch]) -> Common:
    """Return the record of a passage that most documents share."""
    earliest = min(group, key=lambda s: (s.anchor[0], -s.score))
    documents = {int(passages.document[p]) for s in group for p in s.anchor}
    return Common(_span(passages, times, earliest, 0), tuple(sorted(documents)), len(group))


def _by_date(text: DatedText) -> tuple[str, str, str]:
    earliest, latest = text.date.earliest, text.date.latest
    return str(earliest or "9999"), str(latest or "9999"), text.name


def _beside(passages: Passages, kept: Pairs) -> Pairs:
    """Return the pairs of passages next to those kept, in the same documents, that are new."""
    if not len(kept):
        return kept
    around = (kept[:, None, :] + _AROUND[None, :, :]).reshape(-1, 2)
    within = ((around >= 0) & (around < len(passages))).all(axis=1)
    source = np.repeat(kept, len(_AROUND), axis=0)[within]
    around = around[within]
    around = around[(passages.document[around] == passages.document[source]).all(axis=1)]
    size = np.int64(len(passages))
    keys = np.setdiff1d(around[:, 0] * size + around[:, 1], kept[:, 0] * size + kept[:, 1])
    return np.stack([keys // size, keys % size], axis=1)


def _reuse(
    texts: Sequence[DatedText],
    passages: Passages,
    times: NDArray[np.int64],
    stretch: Stretch,
    also: int,
) -> Reuse:
    """Return the record of one stretch; the earlier document, where dates tell, comes first."""
    spans = [_span(passages, times, stretch, side) for side in (0, 1)]
    dates = [texts[span.document].date for span in spans]
    shared = (stretch.words - stretch.words[0]).astype(np.int32)
    sizes = (int(shared[-1, 0]) + 1, int(shared[-1, 1]) + 1)
    if order_of(dates[1], dates[0]) is Order.EARLIER:
        spans, shared, sizes = spans[::-1], shared[:, ::-1], sizes[::-1]
        dates = dates[::-1]
    known = order_of(dates[0], dates[1]) is Order.EARLIER
    direction = Direction.EARLIER_FIRST if known else Direction.UNKNOWN
    return Reuse(spans[0], spans[1], direction, stretch.score, sizes, shared, also)


def _span(passages: Passages, times: NDArray[np.int64], stretch: Stretch, side: int) -> Span:
    """Return the stretch's span in one document."""
    words = stretch.words[:, side]
    anchor = stretch.anchor[side]
    document = int(passages.document[anchor])
    start, end = passages.place(int(words[0])), passages.place(int(words[-1]))
    return Span(document, start[0], end[1], int(times[passages.same[anchor]]))
