"""Pairs of records worth comparing: those of different lists that share something telling.

A pair is a candidate where both records share a page, a rare or scarce word, a group with the year,
or who did it to whom with the year. What so many records share that it tells nothing (ten thousand
records of one name) makes no candidates; it is counted and said, not silently cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

MOST = 20_000  # pairs that one thing in common may make
CHUNK = 4_000_000  # pairs made at a time


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidate pairs as two columns of rows, `left` and `right`, the list of the left first by
    name; `skipped` counts the things in common that were passed over, by kind."""

    pairs: pl.DataFrame
    skipped: dict[str, int]


def candidates(records: pl.DataFrame, most: int = MOST) -> Candidates:
    """Return the candidate pairs among records of `features`; each pair once, in order of rows."""
    keys = _keys(records)
    sizes = (
        keys.group_by("key", "source_dataset")
        .len()
        .group_by("key")
        .agg(
            ((pl.col("len").sum() ** 2 - (pl.col("len") ** 2).sum()) // 2).alias("makes"),
        )
        .filter(pl.col("makes") > 0)
    )
    over = sizes.filter(pl.col("makes") > most)
    skipped = {
        str(kind): int(n)
        for kind, n in over.group_by(pl.col("key").str.split("|").list.first()).len().rows()
    }
    kept = keys.join(sizes.filter(pl.col("makes") <= most), on="key").sort("key", "row")
    found = [_pairs(part) for part in _parts(kept)]
    schema = {"left": pl.Int64, "right": pl.Int64}
    pairs = pl.concat(found).unique() if found else pl.DataFrame(schema=schema)
    return Candidates(pairs.sort("left", "right"), dict(sorted(skipped.items())))


def _parts(keys: pl.DataFrame) -> list[pl.DataFrame]:
    """Return the keys in parts that each make a bounded number of pairs."""
    if not keys.height:
        return []
    heads = keys.group_by("key", maintain_order=True).agg(pl.col("makes").first())
    part = (heads["makes"].cum_sum() // CHUNK).alias("part")
    return (
        keys.join(heads.select("key", part), on="key")
        .drop("makes")
        .partition_by("part", include_key=False)
    )


def _pairs(keys: pl.DataFrame) -> pl.DataFrame:
    return (
        keys.join(keys, on="key", suffix="_right")
        .filter(pl.col("source_dataset") < pl.col("source_dataset_right"))
        .select(pl.col("row").alias("left"), pl.col("row_right").alias("right"))
        .unique()
    )


def _keys(records: pl.DataFrame) -> pl.DataFrame:
    """Return (key, row, source_dataset): everything of each record that may be in common."""
    base = ["row", "source_dataset"]

    def told(column: str, kind: str) -> pl.DataFrame:
        return (
            records.select(*base, pl.col(column).alias("value"))
            .explode("value", empty_as_null=True)
            .drop_nulls("value")
            .select(pl.concat_str(pl.lit(kind + "|"), "value").alias("key"), *base)
        )

    years = _years(records)
    parties = (
        records.select(*base, "initiators", "receivers")
        .explode("receivers", empty_as_null=True)
        .explode("initiators", empty_as_null=True)
        .with_columns(pl.col("initiators").fill_null("?"), pl.col("receivers").fill_null("?"))
        .filter((pl.col("initiators") != "?") | (pl.col("receivers") != "?"))
    )
    dyads = parties.join(years, on="row").select(
        pl.concat_str(
            pl.lit("dyad|"), "initiators", pl.lit(">"), "receivers", pl.lit("|"), "year"
        ).alias("key"),
        *base,
    )
    groups = (
        records.select(*base, "actors")
        .explode("actors", empty_as_null=True)
        .drop_nulls("actors")
        .join(years, on="row")
        .select(pl.concat_str(pl.lit("group|"), "actors", pl.lit("|"), "year").alias("key"), *base)
    )
    return pl.concat(
        [told("pages", "page"), told("rare", "word"), told("scarce", "word"), dyads, groups]
    ).unique(maintain_order=True)


def _years(records: pl.DataFrame) -> pl.DataFrame:
    """Return (row, year): every year that a record may have begun, run or become public in, and the
    year after the last, because one list tells the start and another the report."""
    first = pl.coalesce("start_from", "public_from")
    last = pl.max_horizontal(
        pl.coalesce("start_to", "public_to"), pl.col("public_from"), pl.col("start_to")
    )
    spans = records.select(
        "row", (first / 365.2425).floor().cast(pl.Int64).alias("a"),
        (last / 365.2425).floor().cast(pl.Int64).alias("b"),
    ).drop_nulls()  # fmt: skip
    return spans.select(
        "row", pl.int_ranges("a", pl.min_horizontal("b", pl.col("a") + 4) + 2).alias("year")
    ).explode("year", empty_as_null=True)
