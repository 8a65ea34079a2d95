"""How long reused passages take to find, and how many of all that are there are found.

    uv run python benchmarks/lineage.py STRATEGIES              # 5,000 all pairs, 10,000, 100,000
    uv run python benchmarks/lineage.py STRATEGIES --million    # and 1,000,000, a few minutes more

STRATEGIES is a folder of plain-text documents (national cyber strategies, say). Larger collections
are made from them: documents of 300 paragraphs of 20 to 60 words, nine tenths drawn word by word
from what follows what in the originals (so that stock phrases are common), going elsewhere at every
seventh word or so (or rare words would lead through whole sentences, and all would be reuse) and
without addresses (a dozen words each); one tenth copies of a paragraph of an earlier document with
5 to 35 % of the words changed. All is timed from the documents' text in memory to the finished
finds; the whole runs on one core.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from pathlib import Path

import numpy as np

from comity.dates import ImpreciseDate, parse_date
from comity.diffusion.align import scores_of
from comity.diffusion.candidates import candidate_pairs
from comity.diffusion.model import DatedText
from comity.diffusion.passages import Passages, passages_of
from comity.diffusion.reuse import LEAST_SCORE, find_reuse

PARAGRAPHS = 300
COPIED, JUMPS = 0.1, 0.15
ALL_PAIRS = 5000


def made(originals: list[str], passages: int, seed: int = 1) -> list[DatedText]:
    """Return documents with about so many passages, made from the originals."""
    rng = np.random.default_rng(seed)
    words = [w for text in originals for w in text.split() if len(w) < 30 and "/" not in w]
    distinct, codes = np.unique(words, return_inverse=True)
    names = distinct.astype(object)
    follows = codes[np.argsort(codes[:-1], kind="stable") + 1]
    counts = np.bincount(codes[:-1], minlength=len(names))
    begins = np.cumsum(counts) - counts
    lengths = rng.integers(20, 61, size=passages)
    drawn = np.empty((passages, 60), dtype=np.int64)
    drawn[:, 0] = rng.choice(codes[:-1], size=passages)
    for k in range(1, 60):
        last = np.where(counts[drawn[:, k - 1]] > 0, drawn[:, k - 1], codes[0])
        drawn[:, k] = follows[begins[last] + (rng.random(passages) * counts[last]).astype(int)]
        elsewhere = rng.random(passages) < JUMPS
        drawn[elsewhere, k] = rng.choice(codes, size=elsewhere.sum())
    for copy in np.flatnonzero(rng.random(passages) < COPIED):
        earlier = copy // PARAGRAPHS * PARAGRAPHS
        if earlier:
            source = rng.integers(earlier)
            lengths[copy] = lengths[source]
            changed = rng.random(60) < rng.uniform(0.05, 0.35)
            drawn[copy] = np.where(changed, rng.choice(codes, size=60), drawn[source])
    texts = []
    for number, begin in enumerate(range(0, passages, PARAGRAPHS)):
        rows = range(begin, min(begin + PARAGRAPHS, passages))
        body = "\n\n".join(" ".join(names[drawn[r, : lengths[r]]]) for r in rows)
        texts.append(DatedText(f"made-{number}", body, day(number)))
    return texts


def day(number: int) -> ImpreciseDate:
    """Return a date for a document: one a day."""
    return parse_date(str(np.datetime64("1990-01-01") + number))


def pairs_of(passages: Passages) -> np.ndarray:
    """Return every pair of passages of different documents."""
    first, second = np.triu_indices(len(passages), 1)
    other = passages.document[first] != passages.document[second]
    return np.stack([first[other], second[other]], axis=1)


def against_all_pairs(name: str, texts: list[DatedText]) -> None:
    """Time one run against the alignment of all pairs, and count what it finds of it."""
    begun = time.perf_counter()
    find_reuse(texts)
    ours = time.perf_counter() - begun
    passages = passages_of([t.text for t in texts])
    everything = pairs_of(passages)
    begun = time.perf_counter()
    scores = scores_of(passages, everything)
    theirs = time.perf_counter() - begun
    size = len(passages)
    found = candidate_pairs(passages)
    hit = np.isin(everything[:, 0] * size + everything[:, 1], found[:, 0] * size + found[:, 1])
    print(
        f"{name}: {size} passages, {len(everything):,} pairs; all pairs {theirs:.1f} s, "
        f"ours {ours:.2f} s, {theirs / ours:.0f} times faster"
    )
    for least in (20, LEAST_SCORE, 30, 40):
        there = scores >= least
        share = hit[there].mean() if there.any() else float("nan")
        print(f"  score {least} or more: {there.sum():,} alignments, recall {share:.3f}")


def timed(originals: list[str], passages: int) -> None:
    """Time a run over a made collection; memory is the process's peak so far."""
    texts = made(originals, passages)
    before = peak()
    begun = time.perf_counter()

    def step(said: str) -> None:
        print(f"  {time.perf_counter() - begun:6.1f} s {said}", file=sys.stderr, flush=True)

    reuses = find_reuse(texts, progress=step)
    took = time.perf_counter() - begun
    print(
        f"{reuses.passages:,} passages in {len(texts):,} documents: {took:.1f} s, "
        f"{1e6 * took / reuses.passages:.0f} microseconds a passage; {reuses.compared:,} pairs "
        f"aligned, {len(reuses.found):,} finds; memory {peak():.1f} GB (documents {before:.1f})",
        flush=True,
    )


def peak() -> float:
    """Return the most memory this process has held, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def all_pairs(files: list[Path], originals: list[str]) -> None:
    """Compare with all pairs on about 5,000 passages: of the documents as they are, and made."""
    whole = [
        DatedText(f.name, text, day(k))
        for k, (f, text) in enumerate(zip(files, originals, strict=True))
    ]
    random.Random(1).shuffle(whole)
    some, size = [], 0
    for text in whole:
        if size < ALL_PAIRS:
            some.append(text)
            size += len(passages_of([text.text]))
    against_all_pairs("as they are", some)
    against_all_pairs("made", made(originals, ALL_PAIRS))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--sizes", type=int, nargs="*", help="only collections of these sizes")
    options = parser.parse_args()
    files = sorted(options.folder.glob("*.txt"))
    originals = [f.read_text(encoding="utf-8") for f in files]
    if not originals:
        raise SystemExit(f"no .txt file in {options.folder}")
    if not options.sizes:
        all_pairs(files, originals)
    sizes = options.sizes or (10_000, 100_000, *([1_000_000] if options.million else []))
    for count in sizes:
        timed(originals, count)


if __name__ == "__main__":
    main()
