"""The same links on Spark: optional, with the extra `scale` and Java 17."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from comity.incidents.linkage.link import link
from comity.incidents.load import load_evidence
from comity.incidents.model import Evidence
from comity.incidents.sources.cfr import read_cfr
from comity.incidents.sources.eurepoc import read_eurepoc
from incidents.linkage.world import two_lists

pytestmark = [pytest.mark.scale, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Yield a Spark session in this process; stopped after the tests."""
    pytest.importorskip("pyspark", reason="the extra `scale` is not installed")
    if shutil.which("java") is None:
        pytest.skip("no Java on this machine: install a Java 17 runtime")
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .appName("links")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.default.parallelism", "4")
        .getOrCreate()
    )
    session.sparkContext.setCheckpointDir(str(tmp_path_factory.mktemp("spark")))
    yield session
    session.stop()


def same_on(session: Any, world: Evidence) -> None:
    """Assert that both backends give the same links with the same levels and probabilities."""
    from splink import SparkAPI

    here = link(world).table
    there = link(world, backend=SparkAPI(spark_session=session)).table
    assert here.drop("probability", "alone").equals(there.drop("probability", "alone"))
    gap = (here["probability"] - there["probability"]).abs().max()
    assert isinstance(gap, float)
    assert gap < 1e-9


def test_spark_gives_the_links_that_duckdb_gives(spark: Any) -> None:
    same_on(spark, two_lists(shared=12, alone=18))


def test_spark_gives_the_same_links_of_the_published_lists(spark: Any, shared_data: Path) -> None:
    one = read_eurepoc(sorted((shared_data / "eurepoc").glob("*_global_*.xlsx")))
    other = read_cfr(shared_data / "cfr" / "cyber-operations-incidents_2023-04.csv")
    shipped = load_evidence(["dcid"])
    tables = pl.concat([shipped.table, one.table, other.table])
    same_on(spark, Evidence((*shipped.releases, one.release, other.release), tables))
