"""How often the range of what no list holds covers the truth, over lists made up with a known
total.

    uv run python benchmarks/unseen.py [RUNS]          default 200 a world

Each world draws lists anew. For every reading: how often its 90 % interval holds the true total,
and the median of its point over the truth. For the range: how often it holds the truth where it is
called identified, how often it is, and how wide it is (highest over lowest). Figures are in
docs/linking.md.
"""

from __future__ import annotations

import sys
from collections import defaultdict

import numpy as np

from comity.verification.unseen.bounds import bound_unseen
from comity.verification.unseen.captures import captures_of

Rows = np.ndarray


def independent(rng: np.random.Generator) -> Rows:
    """Three lists that reach half, two fifths and a third of 400, independently."""
    return rng.random((400, 3)) < np.array([0.5, 0.4, 0.33])


def together(rng: np.random.Generator) -> Rows:
    """The first two lists hold what the other holds twice as often (in odds of three)."""
    there = rng.random((400, 3)) < np.array([0.5, 0.35, 0.33])
    more = rng.random(400) < 0.6
    there[:, 1] = np.where(there[:, 0], more, there[:, 1])
    return there


def apart(rng: np.random.Generator) -> Rows:
    """The second list holds less often what the first holds."""
    there = rng.random((400, 3)) < np.array([0.45, 0.5, 0.35])
    fewer = rng.random(400) < 0.25
    there[:, 1] = np.where(there[:, 0], fewer, there[:, 1])
    return there


def loud_and_quiet(rng: np.random.Generator) -> Rows:
    """A quarter is loud (two in three a list), the rest quiet (one in six)."""
    reach = np.where(rng.random(400) < 0.25, 0.66, 0.16)
    return rng.random((400, 3)) < reach[:, None]


def copier(rng: np.random.Generator) -> Rows:
    """The third list takes half of what the first holds and finds little itself."""
    there = rng.random((400, 3)) < np.array([0.45, 0.4, 0.1])
    there[:, 2] |= there[:, 0] & (rng.random(400) < 0.5)
    return there


def thin(rng: np.random.Generator) -> Rows:
    """Small lists that overlap as the real ones do: some 60, 50 and 35 of 200."""
    return rng.random((200, 3)) < np.array([0.3, 0.25, 0.175])


WORLDS = (independent, together, apart, loud_and_quiet, copier, thin)


def main() -> None:
    """Print a table a world."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    for number, world in enumerate(WORLDS):
        rng = np.random.default_rng([7, number])
        covered, points = defaultdict(list), defaultdict(list)
        held, wide, identified, warned = [], [], 0, [0, 0]
        for run in range(runs):
            there = world(rng)
            total = len(there)
            captures = captures_of(
                "abc", ({"abc"[k] for k in np.flatnonzero(row)} for row in there)
            )
            copies = [(0, 2)] if world is copier else []
            found = bound_unseen(captures, copies=copies, seed=run, kinds=run < runs // 4)
            for e in found.estimates:
                name = e.name if not e.name.startswith("graph") else "any graph kept"
                covered[name].append(e.low <= total <= e.high)
                points[name].append(e.total / total)
            inside = found.range[0] <= total <= found.range[1]
            if found.identified:
                identified += 1
                held.append(inside)
                wide.append(found.range[1] / found.range[0])
            plain = next((e for e in found.estimates if e.name == "lists apart"), None)
            if plain is not None and not plain.low <= total <= plain.high:
                warned[0] += not found.identified or inside
                warned[1] += 1
        print(f"{world.__name__}: {(world.__doc__ or '').splitlines()[0]}")
        share = np.mean(held) if held else float("nan")
        width = np.median(wide) if wide else float("nan")
        print(f"  range: identified {identified / runs:.2f}, holds the truth then {share:.2f}, "
              f"{width:.1f} times as high as low")  # fmt: skip
        print(f"  where 'lists apart' misses the truth ({warned[1]} of {runs}): the range holds it "
              f"or says nothing in {warned[0]}")  # fmt: skip
        for name in covered:
            print(f"  {name:26} covers {np.mean(covered[name]):.2f}, point over truth "
                  f"{np.median(points[name]):.2f} ({len(points[name])})")  # fmt: skip


if __name__ == "__main__":
    main()
