"""How well `comity definitions find` finds: precision and recall on labelled places.

    python benchmarks/find_definitions.py FOLDER

FOLDER holds the documents of `labels/definitions.tsv` (file stems with .txt; a file whose SHA-256
is another is refused). Labels give places, never text: where a term stands, and whether it is
defined there. Every sentence of the sixteen documents that has a term was read, so that a candidate
at no labelled place is wrong. Prints a Markdown table with 95 % Wilson intervals.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from collections import defaultdict
from pathlib import Path

from comity.definitions.find.finder import Candidate, find_definitions
from comity.documents import read_document

LABELS = Path(__file__).parent / "labels" / "definitions.tsv"
NEAR = 60  # characters by which offsets may differ: an article, or a list of synonyms before it


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Return the Wilson interval of a share."""
    if not of:
        return 0.0, 1.0
    share, scale = hits / of, 1 + z * z / of
    middle = (share + z * z / (2 * of)) / scale
    half = z * ((share * (1 - share) / of + z * z / (4 * of * of)) ** 0.5) / scale
    return middle - half, middle + half


def matches(candidate: Candidate, row: dict[str, str]) -> bool:
    """Say whether a candidate is the definition at a labelled place."""
    at = int(row["start"])
    return candidate.term == row["term"] and candidate.start - NEAR <= at <= candidate.end


def score(folder: Path, show: bool = False) -> dict[str, tuple[int, int, int]]:
    """Return found and right, found, and there, by set and by file. Raises SystemExit for a file
    that is not the one labelled."""
    by_file: dict[str, list[dict[str, str]]] = defaultdict(list)
    labels = LABELS.read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(labels, delimiter="\t"):
        by_file[row["file"]].append(row)
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for stem, rows in by_file.items():
        path = folder / f"{stem}.txt"
        if hashlib.sha256(path.read_bytes()).hexdigest() != rows[0]["sha256"]:
            raise SystemExit(f"{path.name} is not the file that was labelled.")
        found = find_definitions(read_document(path))
        there = [r for r in rows if r["defines"] == "yes"]
        right = [c for c in found if any(matches(c, r) for r in there)]
        seen = [r for r in there if any(matches(c, r) for c in found)]
        if show:
            for c in found:
                print(f"{'+' if c in right else '-'} {stem[:14]} {c.term}: {c.sentence[:90]}")
            for r in there:
                if r not in seen:
                    print(f"? {stem[:14]} {r['term']} at {r['start']}")
        for key in (rows[0]["set"], stem, "all"):
            for k, n in enumerate((len(right), len(found), len(there))):
                totals[key][k] += n
            totals[f"{key} recall"][0] += len(seen)
    return {k: (v[0], v[1], v[2]) for k, v in totals.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", action="store_true", help="list candidates and what was missed")
    args = parser.parse_args()
    totals = score(args.folder, args.show)
    print("| documents | definitions | candidates | precision | recall |\n|---|---|---|---|---|")
    for key in [k for k in totals if not k.endswith(" recall")]:
        right, found, there = totals[key]
        seen = totals[f"{key} recall"][0]
        cells = []
        for hits, of in ((right, found), (seen, there)):
            low, high = wilson(hits, of)
            share = f"{100 * hits / of:.0f} % ({100 * low:.0f}-{100 * high:.0f})" if of else "-"
            cells.append(share)
        print(f"| {key} | {there} | {found} | {cells[0]} | {cells[1]} |")


if __name__ == "__main__":
    main()
