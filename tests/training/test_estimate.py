"""The estimate before a run: near what the run takes, nothing written, cost by the second."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from samaan_ml.exceptions import DataError
from training.batch import BatchJob, Shard
from training.estimate import Estimate, estimate
from training.score_cli import score


@pytest.mark.slow
def test_the_estimate_is_near_what_the_run_takes_and_writes_nothing(
    tables: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    job = BatchJob("demand", tables, tmp_path / "out", models["demand"])
    estimate(job)  # what is loaded once is loaded
    told = estimate(job)
    assert not (tmp_path / "out").exists()
    begun = time.process_time()
    job.run()
    taken = time.process_time() - begun
    # A machine that is busy with other work tells time badly; figures of a quiet one are in the benchmark.
    assert 0.4 * taken < told.cpu_seconds < 2.5 * taken
    assert (told.shops, told.probed) == (3, 2)


def test_the_command_tells_time_memory_and_cost(
    tables: Path, models: dict[str, Path], tmp_path: Path
) -> None:
    words = ["price", "--data", str(tables), "--out", str(tmp_path / "out"), "--model", str(models["price"])]
    done = CliRunner().invoke(score, [*words, "--estimate", "--hourly-paise", "1700", "--workers", "2"])
    assert done.exit_code == 0, done.output
    assert "3 shops with" in done.output
    assert "with 2 workers" in done.output
    assert "rupees at 1700 paise an hour" in done.output
    assert not (tmp_path / "out").exists()


def test_workers_beyond_the_processors_bring_nothing_but_their_start() -> None:
    one = Estimate(100, 1000, 6, 2.0, 2.0, 60.0, 60.0, 300.0, workers=1, cores=2)
    two = Estimate(100, 1000, 6, 2.0, 2.0, 60.0, 60.0, 300.0, workers=2, cores=2)
    four = Estimate(100, 1000, 6, 2.0, 2.0, 60.0, 60.0, 300.0, workers=4, cores=2)
    assert (one.seconds, two.seconds, four.seconds) == (62.0, 32.0, 34.0)
    assert (one.cpu_seconds, four.cpu_seconds) == (62.0, 68.0)
    assert one.cost_paise(3600) == 62
    assert one.cost_paise(1) == 1


def test_a_part_without_shops_is_said(tables: Path, models: dict[str, Path], tmp_path: Path) -> None:
    empty = next(
        Shard(n, 50) for n in range(50) if not any(Shard(n, 50).holds(f"shop-0{k}") for k in (1, 2, 3))
    )
    with pytest.raises(DataError, match="holds no shop to be scored"):
        estimate(BatchJob("price", tables, tmp_path, models["price"], shard=empty))
