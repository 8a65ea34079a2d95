"""The same links on Spark: optional, with the extra `scale` and Java 17."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from comity.incidents.linkage.link import link
from incidents.linkage.world import two_lists

pytestmark = pytest.mark.scale


@pytest.mark.filterwarnings("ignore")
def test_spark_gives_the_links_that_duckdb_gives(tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="the extra `scale` is not installed")
    if shutil.which("java") is None:
        pytest.skip("no Java on this machine: install a Java 17 runtime")
    from pyspark.sql import SparkSession
    from splink import SparkAPI

    session = (
        SparkSession.builder.master("local[2]")
        .appName("links")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.default.parallelism", "4")
        .getOrCreate()
    )
    session.sparkContext.setCheckpointDir(str(tmp_path))
    try:
        world = two_lists(shared=12, alone=18)
        here = link(world).table
        there = link(world, backend=SparkAPI(spark_session=session)).table
        assert here.drop("probability", "alone").equals(there.drop("probability", "alone"))
        gap = (here["probability"] - there["probability"]).abs().max()
        assert isinstance(gap, float)
        assert gap < 1e-9
    finally:
        session.stop()
