"""The linking engine on a published set of people with known duplicates, beside Splink's own way.

    uv run python benchmarks/linkage_people.py FEBRL3.csv

The set: Febrl's third, 5,000 records of 2,000 people. The same candidate pairs and comparisons for
both; ours weighs them with `incidents.linkage.weights` (no labels, no prior), Splink with its own
EM. Timed in one run on one machine; figures are in docs/linking.md.
"""

from __future__ import annotations

import argparse
import logging
import time
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl

from comity.incidents.linkage.vectors import vectors
from comity.incidents.linkage.weights import estimate, shares

FIELDS = ("given_name", "surname", "date_of_birth", "soc_sec_id", "address_1", "postcode", "suburb")
BLOCKS = (("soc_sec_id",), ("date_of_birth", "postcode"), ("given_name", "surname"),
          ("surname", "date_of_birth"), ("given_name", "postcode"), ("address_1", "suburb"),
          ("date_of_birth", "suburb"))  # fmt: skip
FROM = 0.5


def comparisons() -> list[object]:
    """Return comparisons of names, dates, numbers and addresses."""
    import splink.comparison_library as cl

    return [
        cl.JaroWinklerAtThresholds("given_name", [0.9, 0.8]),
        cl.JaroWinklerAtThresholds("surname", [0.9, 0.8]),
        cl.LevenshteinAtThresholds("date_of_birth", [1, 2]),
        cl.LevenshteinAtThresholds("soc_sec_id", [1, 2]),
        cl.JaroWinklerAtThresholds("address_1", [0.9]),
        cl.LevenshteinAtThresholds("postcode", [1]),
        cl.JaroWinklerAtThresholds("suburb", [0.9]),
    ]


def blocked(records: pl.DataFrame) -> pl.DataFrame:
    """Return pairs that agree in one of BLOCKS, each once."""
    found = []
    for keys in BLOCKS:
        held = records.select("row", *keys).drop_nulls()
        found.append(
            held.join(held, on=list(keys), suffix="_right")
            .filter(pl.col("row") < pl.col("row_right"))
            .select(pl.col("row").alias("left"), pl.col("row_right").alias("right"))
        )
    return pl.concat(found).unique().sort("left", "right")


def measured(chance: np.ndarray, same: np.ndarray, total: int) -> str:
    """Return precision and recall in words."""
    said = chance >= FROM
    hit = float((said & same).sum())
    return f"precision {hit / said.sum():.4f}, recall {hit / total:.4f}"


def main() -> None:
    """Print both measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    raw = pl.read_csv(parser.parse_args().file, infer_schema_length=0)
    raw = raw.rename({c: c.strip() for c in raw.columns})
    blank = (pl.when(pl.col(c).str.strip_chars() != "").then(pl.col(c).str.strip_chars()).alias(c)
             for c in FIELDS)  # fmt: skip
    records = raw.with_columns(*blank).with_columns(
        pl.int_range(pl.len()).alias("row"),
        pl.col("rec_id").str.extract(r"rec-(\d+)-").alias("person"),
        pl.lit("people").alias("source_dataset"),
    )
    person = records["person"].to_numpy()
    total = sum(n * (n - 1) // 2 for n in np.unique(person, return_counts=True)[1])
    began = time.perf_counter()
    pairs = blocked(records)
    compared = vectors(records, pairs, comparisons())  # type: ignore[arg-type]
    names = [c for c in compared.columns if c not in ("left", "right")]
    sizes = {n: int(compared[n].max()) + 1 for n in names}  # type: ignore[call-overload]
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(person), (2, 200_000))
    some = pl.DataFrame({"left": drawn[0], "right": drawn[1]}).filter(
        pl.col("left") < pl.col("right")
    )
    u = shares(vectors(records, some.unique(maintain_order=True), comparisons()), sizes)  # type: ignore[arg-type]
    prior = {n: np.linspace(1, 10, k) / np.linspace(1, 10, k).sum() for n, k in sizes.items()}
    possible = {("people", "people"): len(person) * (len(person) - 1) // 2}
    _, chance, _ = estimate(
        compared, [("people", "people")] * len(compared), possible, u, prior, 1.0, 1.0
    )
    same = person[compared["left"].to_numpy()] == person[compared["right"].to_numpy()]
    print(f"{len(person)} records, {total} true pairs, {len(compared)} candidates, "
          f"{same.sum() / total:.4f} of the true pairs among them")  # fmt: skip
    print(f"ours:   {measured(chance, same, total)}, {time.perf_counter() - began:.1f} s")
    began = time.perf_counter()
    print(f"Splink: {_splink(records, total)}, {time.perf_counter() - began:.1f} s")


def _splink(records: pl.DataFrame, total: int) -> str:
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = SettingsCreator(
        link_type="dedupe_only", unique_id_column_name="rec_id", comparisons=comparisons(),  # type: ignore[arg-type]
        blocking_rules_to_generate_predictions=[block_on(*keys) for keys in BLOCKS],
    )  # fmt: skip
    base = DuckDBAPI()
    linker = Linker(
        base.register(records.drop("source_dataset").to_arrow()), settings, log_level=None
    )
    linker.training.estimate_probability_two_random_records_match(
        [block_on("soc_sec_id")], recall=0.9
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for keys in combinations(("date_of_birth", "surname"), 1):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*keys))
    found = pl.from_arrow(
        linker.inference.predict(threshold_match_probability=FROM).as_pyarrow_table()
    )
    assert isinstance(found, pl.DataFrame)
    one, other = (found[f"rec_id_{x}"].str.extract(r"rec-(\d+)-").to_numpy() for x in "lr")
    same = one == other
    return measured(np.ones(len(found)), same, total)


if __name__ == "__main__":
    main()
