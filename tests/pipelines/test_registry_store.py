"""The registry's file: first openings side by side, and addresses that follow the home."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from pipelines.registry_store import follow_home


@pytest.mark.slow
def test_first_openings_side_by_side_all_end_well(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from pipelines.registry import MlflowRegistry; "
        "MlflowRegistry(Path(sys.argv[1])).versions('x')"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    environment.pop("SAMAAN_MLFLOW_URI", None)
    ask = [sys.executable, "-c", code, str(tmp_path / "home")]
    running = [subprocess.Popen(ask, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    told = [each.communicate(timeout=300)[1] for each in running]
    assert [each.returncode for each in running] == [0, 0, 0], told


def test_addresses_follow_the_home_and_those_elsewhere_stay(tmp_path: Path) -> None:
    database = tmp_path / "new" / "mlflow" / "mlflow.db"
    database.parent.mkdir(parents=True)
    places = [
        "file:///old/mlflow/artifacts/g/run/artifacts",
        "s3://bucket/mlflow/artifacts/x",
        "/somewhere/mlruns/0",
    ]
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE runs (artifact_uri TEXT)")
        connection.executemany("INSERT INTO runs VALUES (?)", [(place,) for place in places])
    assert follow_home(database, tmp_path / "new") == 1
    assert follow_home(database, tmp_path / "new") == 0
    with closing(sqlite3.connect(database)) as connection:
        found = [place for (place,) in connection.execute("SELECT artifact_uri FROM runs")]
    assert found == [f"{(tmp_path / 'new').as_uri()}/mlflow/artifacts/g/run/artifacts", *places[1:]]
