"""Scoring on Spark, for chains that one machine's night is too short for: a partition is a part of the shops.

Each task runs the same `Scoring` as one machine does, on its own part, so that the answers are the same bytes; Spark
brings the machines, the retries and the progress. Tables, model and answers must lie where every executor reaches
them: on S3, or on a disk that all share. Runs in local mode here, and unchanged on EMR Serverless or a SageMaker
PySpark processing job.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from samaan_ml.exceptions import MissingExtraError, ParameterError
from training.batch import Shard
from training.scoring import Scoring

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["score_on_spark"]

_SCHEMA = "part long, scored long, failed long"


def score_on_spark(scoring: Scoring, parts: int, session: Any = None) -> dict[str, Any] | None:
    """Score every part in a task of its own.

    Parameters
    ----------
    scoring : Scoring
        The whole job; not a part of one.
    parts : int
        Partitions; some three for every core of the cluster keep it busy.
    session : pyspark.sql.SparkSession or None, default=None
        None takes the session there is, or starts one.

    Returns
    -------
    dict or None
        The manifest; None where a part left none.

    Raises
    ------
    MissingExtraError
        When pyspark is not installed.
    ParameterError
        When the job is a part itself, or there are no parts.
    """
    if scoring.shard.count != 1 or parts < 1:
        raise ParameterError(
            f"a whole job is dealt to one or more parts, got shard {scoring.shard}, {parts} parts"
        )
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise MissingExtraError("pyspark", "spark") from None
    spark = session or SparkSession.builder.appName(f"samaan-score-{scoring.area}").getOrCreate()
    numbers = spark.range(0, parts, 1, parts)
    numbers.mapInPandas(_task(scoring, parts), _SCHEMA).collect()
    # Every part is there now; reading them again costs little and writes the manifest where two ended at once.
    return replace(scoring, shard=Shard(parts - 1, parts)).run()


def _task(scoring: Scoring, parts: int) -> Callable[[Iterator[pd.DataFrame]], Iterator[pd.DataFrame]]:
    """Make what an executor runs on its partition."""

    def score_parts(numbers: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        import json

        import pandas as pd

        for frame in numbers:
            for part in frame["id"].tolist():
                one = replace(scoring, shard=Shard(int(part), parts))
                one.run()
                said = json.loads(one.report_path().read_text("utf-8"))["shops"].values()
                failed = sum(each["reason"] is not None for each in said)
                yield pd.DataFrame({"part": [part], "scored": [len(said) - failed], "failed": [failed]})

    return score_parts
