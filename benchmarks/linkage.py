"""How well lists are linked: precision, recall and calibration against labelled pairs.

    uv run python benchmarks/linkage.py EUREPOC_FILES... --cfr CFR_FILE
    uv run python benchmarks/linkage.py ... --crossed     also with levels from the other half
    uv run python benchmarks/linkage.py ... --levels      also print the levels' shares

The labels (`linkage_labels.tsv`) name pairs of rows of EuRepoC 1.3, CFR 2023-04 and DCID 2.0 by the
hashes of the rows, drawn over the whole range of an early version's scores, so many from each
stratum; `stands_for` is how many candidate pairs each stands for. `reader_a` and `reader_b` are the
labels of two readers, neither of whom saw the other's or any score: s one incident (one may be a
part of the other, as where a list splits an operation by victim), r related (one group, another
operation), d different, u cannot be told. Where they differ on s, `settled` is what a third look at
both rows and their sources gave.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from scipy.stats import beta

from comity.incidents.actors import load_actors
from comity.incidents.linkage.comparisons import COMPARISONS
from comity.incidents.linkage.groups import finder_of_groups
from comity.incidents.linkage.link import link
from comity.incidents.linkage.model import Linkage
from comity.incidents.load import load_evidence
from comity.incidents.model import Evidence
from comity.incidents.sources.cfr import read_cfr
from comity.incidents.sources.eurepoc import read_eurepoc

LABELS = Path(__file__).with_name("linkage_labels.tsv")
BINS = (0.0, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 1.0)
DRAWS = 2000


def evidence_of(eurepoc: list[Path], cfr: Path) -> Evidence:
    """Return DCID as it ships with the two lists of these files."""
    shipped, one, other = load_evidence(["dcid"]), read_eurepoc(eurepoc), read_cfr(cfr)
    tables = [shipped.table, one.table, other.table]
    return Evidence((*shipped.releases, one.release, other.release), pl.concat(tables))


def kappa(a: np.ndarray, b: np.ndarray) -> float:
    """Return Cohen's kappa of two readers' yes or no."""
    agree, p, q = (a == b).mean(), a.mean(), b.mean()
    chance = p * q + (1 - p) * (1 - q)
    return float((agree - chance) / (1 - chance))


def scored(linkage: Linkage, labels: pl.DataFrame) -> pl.DataFrame:
    """Return the labels with the model's probability (0 where it kept no link) and levels."""

    def row_of(which: str) -> pl.Expr:
        return pl.concat_str(
            pl.col(which).str.split(":").list.first(), pl.lit(":"), f"{which}_hash"
        )

    named = linkage.table.with_columns(row_of("first").alias("a"), row_of("second").alias("b"))
    return labels.join(
        named.select("a", "b", "probability", *(c.name for c in COMPARISONS)),
        left_on=["first", "second"], right_on=["a", "b"], how="left",
    ).with_columns(pl.col("probability").fill_null(0.0))  # fmt: skip


def rates(frame: pl.DataFrame, lowest: float) -> tuple[float, float]:
    """Return (precision, recall) at a probability, weighted to all candidates."""
    weight, same = frame["stands_for"].to_numpy(), (frame["settled"] == "same").to_numpy()
    said = (frame["probability"] >= lowest).to_numpy()
    return (
        float((weight * same * said).sum() / max((weight * said).sum(), 1e-9)),
        float((weight * same * said).sum() / max((weight * same).sum(), 1e-9)),
    )


def told(name: str, frame: pl.DataFrame) -> None:
    """Print precision and recall with 90 % bootstrap intervals."""
    print(f"{name}:")
    rng = np.random.default_rng(0)
    for lowest in (0.2, 0.5, 0.8, 0.95):
        boot = np.array([rates(frame[rng.integers(0, len(frame), len(frame))], lowest)
                         for _ in range(DRAWS)])  # fmt: skip
        p, r = rates(frame, lowest)
        low, high = np.quantile(boot, [0.05, 0.95], axis=0)
        print(f"from {lowest:.2f}: precision {p:.2f} ({low[0]:.2f}-{high[0]:.2f}), "
              f"recall {r:.2f} ({low[1]:.2f}-{high[1]:.2f})")  # fmt: skip


def agreement(labels: pl.DataFrame) -> None:
    """Print how far two readers agree that pairs are one incident, kappa with a 90 % interval."""
    one, other = ((labels[c] == "s").to_numpy() for c in ("reader_a", "reader_b"))
    rng = np.random.default_rng(0)
    boot = []
    for _ in range(DRAWS):
        drawn = rng.integers(0, len(one), len(one))
        boot.append(kappa(one[drawn], other[drawn]))
    low, high = np.quantile(boot, [0.05, 0.95])
    print(f"agreement {(one == other).mean():.3f}, kappa {kappa(one, other):.2f} "
          f"({low:.2f}-{high:.2f}); {int((one != other).sum())} differ")  # fmt: skip


def calibration(frame: pl.DataFrame) -> None:
    """Print how often pairs are one incident by what the model says, with 90 % intervals
    (Jeffreys: of the labelled pairs as they are, not weighted)."""
    print("calibration: probability said, share that are one incident (90 %), pairs")
    for low, high in pairwise(BINS):
        part = frame.filter(
            pl.col("probability").is_between(low, high, closed="left" if high < 1 else "both")
        )
        if len(part):
            same = (part["settled"] == "same").to_numpy()
            weight = part["stands_for"].to_numpy()
            said = np.average(part["probability"], weights=weight)
            share = np.average(same, weights=weight)
            ends = beta.ppf([0.05, 0.95], same.sum() + 0.5, len(same) - same.sum() + 0.5)
            print(f"  {low:.2f}-{high:.2f}: {said:.3f}  {same.mean():.2f} ({ends[0]:.2f}-"
                  f"{ends[1]:.2f}), weighted {share:.2f}  {len(part)}")  # fmt: skip


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("eurepoc", nargs="+", type=Path)
    parser.add_argument("--cfr", type=Path, required=True)
    parser.add_argument("--levels", action="store_true")
    parser.add_argument("--crossed", action="store_true")
    asked = parser.parse_args()
    labels = pl.read_csv(LABELS, separator="\t", infer_schema_length=0).with_columns(
        pl.col("stands_for").cast(pl.Float64), pl.col("reader_a", "reader_b").fill_null("")
    )
    read_twice = labels.filter(pl.col("reader_a") != "")
    print(f"{len(labels)} pairs, {len(read_twice)} of them read twice")
    if len(read_twice):
        agreement(read_twice)
    evidence = evidence_of(asked.eurepoc, asked.cfr)
    linkage = link(evidence, finder_of_groups(load_actors()))
    frame = scored(linkage, labels)
    print("links expected:", {f"{a}-{b}": round(n) for (a, b), n in linkage.weights.links.items()})
    told("as they ship", frame)
    calibration(frame)
    if asked.crossed:
        told("levels from the other half", crossed(evidence, labels, frame))
    if asked.levels:
        for name, share in level_shares(frame).items():
            print(f'    "{name}": ({", ".join(f"{x:.3f}" for x in share)}),')


def level_shares(frame: pl.DataFrame) -> dict[str, np.ndarray]:
    """Return the share of each level among pairs that are one incident, weights held at 30."""
    same = frame.filter((pl.col("settled") == "same") & pl.col("text").is_not_null())
    found = {}
    for one in COMPARISONS:
        part = same.filter(pl.col(one.name) >= 0)
        weight = np.minimum(part["stands_for"].to_numpy(), 30.0)
        counts = np.bincount(part[one.name].to_numpy(), weights=weight, minlength=len(one.levels))
        raised = counts + 0.01 * counts.sum()
        found[one.name] = raised / raised.sum()
    return found


def crossed(evidence: Evidence, labels: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the labels scored by levels from the other half of them."""
    half = pl.int_range(pl.len()) % 2
    parts = []
    for k in (0, 1):
        believed = level_shares(frame.filter(half != k))
        groups = finder_of_groups(load_actors())
        parts.append(scored(link(evidence, groups, believed=believed), labels.filter(half == k)))
    return pl.concat(parts)


if __name__ == "__main__":
    main()
