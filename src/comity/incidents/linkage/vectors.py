"""Comparison vectors of pairs of records, by Splink: the same comparisons on DuckDB and on Spark.

Splink (Linacre et al. 2022, https://moj-analytical-services.github.io/splink/) writes the SQL and
runs it; which pairs are compared, and what the levels weigh, is decided elsewhere.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from splink.internals.comparison_creator import ComparisonCreator

LEAST = 2.0**-20


def vectors(
    records: pl.DataFrame,
    pairs: pl.DataFrame,
    comparisons: Sequence[ComparisonCreator],
    backend: Any = None,
) -> pl.DataFrame:
    """Return `left`, `right` and one column a comparison (Int8, -1 where there is none).

    `records` has `row`, `unique_id`, `source_dataset` and the columns that the comparisons name;
    `pairs` has `left` and `right`, rows of it. `backend` is a Splink database (DuckDB in this
    process unless given; Spark's is the other one tested). Rows come in the order of `pairs`.
    """
    from splink import DuckDBAPI, Linker, SettingsCreator

    names = [str(c.create_output_column_name()) for c in comparisons]
    if not pairs.height:
        levels = (pl.Series(name, [], dtype=pl.Int8) for name in names)
        return pairs.select(pl.col("left", "right").cast(pl.Int64)).with_columns(levels)
    logging.getLogger("splink").setLevel(logging.ERROR)
    database = backend if backend is not None else DuckDBAPI()
    dialect = database.sql_dialect.sqlglot_dialect
    frame = records.with_columns(pl.col("row").cast(pl.String).alias("unique_id"))
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_weighing_its_number(c, dialect) for c in comparisons],
        blocking_rules_to_generate_predictions=[],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )
    blocked = pairs.select(
        pl.lit("0").alias("match_key"),
        pl.col("left").cast(pl.String).alias("join_key_l"),
        pl.col("right").cast(pl.String).alias("join_key_r"),
    )
    linker = Linker(_registered(database, frame), settings, log_level=None)
    linker.table_management.register_blocked_pairs_for_predict(_registered(database, blocked))
    found = linker.inference.predict(warning_mode="never")
    return _in_order(_frame(found), pairs, names)


def _weighing_its_number(comparison: ComparisonCreator, dialect: str) -> dict[str, Any]:
    """Return a comparison in which level k weighs k + 1 bits, and none 0: Splink then hands back
    the levels themselves, without the columns they were read from (words of a million pairs)."""
    described: dict[str, Any] = comparison.create_comparison_dict(dialect)
    levels = described["comparison_levels"]
    telling = [one for one in levels if not one.get("is_null_level")]
    for number, one in enumerate(reversed(telling), start=1):
        one["u_probability"], one["m_probability"] = LEAST, LEAST * 2.0**number
    return described


def _registered(database: Any, frame: pl.DataFrame) -> Any:
    """Return a frame as a table of a Splink database; Spark takes rows, DuckDB takes Arrow."""
    spark = getattr(database, "spark", None)
    table = frame.to_arrow()
    return database.register(table if spark is None else spark.createDataFrame(table))


def _frame(found: Any) -> pl.DataFrame:
    table = pl.from_arrow(found.as_pyarrow_table())
    assert isinstance(table, pl.DataFrame)
    return table


def _in_order(found: pl.DataFrame, pairs: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return the vectors in the order of the pairs; Splink may hand a pair back the other way."""
    one, other = pl.col("unique_id_l").cast(pl.Int64), pl.col("unique_id_r").cast(pl.Int64)
    levels = found.select(
        pl.min_horizontal(one, other).alias("_low"),
        pl.max_horizontal(one, other).alias("_high"),
        *((pl.col(f"mw_{name}").round() - 1).cast(pl.Int8).alias(name) for name in names),
    )
    return (
        pairs.with_columns(
            pl.min_horizontal("left", "right").alias("_low"),
            pl.max_horizontal("left", "right").alias("_high"),
        )
        .join(levels, on=["_low", "_high"], how="left", maintain_order="left")
        .drop("_low", "_high")
    )
