"""Shards of a batch job side by side on one machine, each a process of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from samaan_ml.exceptions import ParameterError, SamaanError
from training.batch import BatchJob, Shard

__all__ = ["WorkerError", "run_shards"]


class WorkerError(SamaanError, RuntimeError):
    """A worker process ended before its shard was scored."""


def run_shards(job: BatchJob, workers: int) -> None:
    """Score a whole job by several processes.

    Raises
    ------
    ParameterError
        When the job is only a shard itself.
    WorkerError
        When a process fails; the others are waited for, and the next run takes up what is missing.
    """
    if job.shard.count != 1:
        raise ParameterError("give either --workers or --shard: a part is scored by one process")
    shards = [replace(job, shard=Shard(index, workers)) for index in range(workers)]
    children = [subprocess.Popen(_command(shard)) for shard in shards]  # noqa: S603 - our own command
    codes = [child.wait() for child in children]
    failed = [f"{index} (exit code {code})" for index, code in enumerate(codes) if code]
    if failed:
        raise WorkerError(f"worker {', '.join(failed)} of {workers} ended early; run the same command again")


def _command(job: BatchJob) -> list[str]:
    """Write a shard's command."""
    shard = f"{job.shard.index}/{job.shard.count}"
    as_of = () if job.as_of is None else ("--as-of", f"{job.as_of}")
    return [
        *(sys.executable, "-m", "training", "score-shard", job.area),
        *("--data", str(job.source), "--out", str(job.target), "--model", str(job.model)),
        *("--horizon-days", str(job.horizon_days), "--shard", shard, *as_of),
    ]
