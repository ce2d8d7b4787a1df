"""Scoring on Spark gives the bytes that one machine gives."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from samaan_ml.exceptions import MissingExtraError, ParameterError
from training.batch import BatchJob, Shard
from training.scoring import Scoring
from training.spark import score_on_spark

INSTALLED = importlib.util.find_spec("pyspark") is not None


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch, project_root: Path) -> Iterator[Any]:
    """A Spark in local mode."""
    if not INSTALLED:
        pytest.skip("the extra 'spark' is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not on the path")
    from pyspark.sql import SparkSession

    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(project_root), *sys.path]))
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.driver.host", "127.0.0.1").getOrCreate()
    yield spark
    spark.stop()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.enable_socket
def test_partitions_give_the_files_and_the_manifest_of_one_process(
    session: Any, tables: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    BatchJob("demand", tables, tmp_path / "one", models["demand"]).run()
    scoring = Scoring("demand", tables, tmp_path / "spark", models["demand"], tmp_path / "staging")
    manifest = score_on_spark(scoring, 3, session)
    assert manifest is not None
    assert manifest["reconciliation"]["complete"]
    for path in (tmp_path / "one").glob("*.*"):
        assert (tmp_path / "spark" / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize("parts", [0, -1])
def test_a_job_needs_parts(parts: int, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=f"{parts} parts"):
        score_on_spark(Scoring("demand", tmp_path, tmp_path, tmp_path, tmp_path), parts)


def test_a_part_is_not_dealt_again(tmp_path: Path) -> None:
    part = Scoring("demand", tmp_path, tmp_path, tmp_path, tmp_path, shard=Shard(0, 2))
    with pytest.raises(ParameterError, match="a whole job"):
        score_on_spark(part, 2)


@pytest.mark.skipif(INSTALLED, reason="the extra 'spark' is installed")
def test_without_spark_the_extra_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingExtraError, match=r"samaan-sathi\[spark\]"):
        score_on_spark(Scoring("demand", tmp_path, tmp_path, tmp_path, tmp_path), 2)
