"""A fit that is cut off goes on from what it has done, to the bytes of one that was not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest

from samaan_ml.artifacts import save_model
from samaan_ml.checkpoints import Checkpoints, active_checkpoints, keeping_checkpoints
from samaan_ml.tables import ShopData
from training.areas import Prepared, area_named
from training.job import Hyperparameters
from training.prepare import prepare


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_work_is_the_same_only_where_all_that_goes_into_it_is(tmp_path: Path) -> None:
    kept, rows = Checkpoints(tmp_path), np.arange(6.0)
    same = kept.key("a", rows)
    assert kept.key("a", rows.copy()) == same
    others = (("a", rows.reshape(2, 3)), ("a", rows + 1), ("a", rows.astype("f4")), ("b", rows), ("ab", rows))
    assert len({same, *(kept.key(*other) for other in others)}) == 6


@pytest.mark.parametrize("broken", [b"", b"cut off", b"\xff\xfe", b"0" * 64 + b"\naltered"])
def test_what_is_not_whole_is_not_there(broken: bytes, tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path)
    kept.keep("k", "work\nof two lines")
    assert kept.find("k") == "work\nof two lines"
    [path] = tmp_path.iterdir()
    path.write_bytes(broken)
    assert kept.find("k") is None


def test_what_is_kept_is_forgotten_once_all_is_done_and_not_before(tmp_path: Path) -> None:
    def cut_off() -> None:
        with keeping_checkpoints(tmp_path) as kept:
            kept.keep("k", "work")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_off()
    assert len(list(tmp_path.iterdir())) == 1
    assert active_checkpoints() is None
    with keeping_checkpoints(tmp_path) as kept:
        assert kept.find("k") == "work"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_fit_trains_no_booster_twice_and_ends_in_the_same_bytes(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[object] = []
    train, most = lightgbm.train, 2

    def counted(*given: Any) -> Any:
        if len(trained) >= most:
            raise KeyboardInterrupt  # as SIGTERM does
        booster = train(*given)
        trained.append(given[0])
        return booster

    def fitted(name: str) -> dict[str, bytes]:
        trained.clear()
        with keeping_checkpoints(tmp_path / "checkpoints"):
            save_model(area_named("demand").fit(prepared, Hyperparameters({})), tmp_path / name)
        return contents(tmp_path / name)

    monkeypatch.setattr(lightgbm, "train", counted)
    with pytest.raises(KeyboardInterrupt):
        fitted("cut-off")
    kept = len(list((tmp_path / "checkpoints").iterdir()))
    most = 1000
    resumed, again = fitted("resumed"), len(trained)
    assert fitted("whole") == resumed
    assert kept >= 2
    assert again + kept == len(trained)


@pytest.mark.slow
def test_a_job_told_to_stop_is_started_again_and_leaves_the_model_of_one_that_was_not(
    world: ShopData, tmp_path: Path, project_root: Path
) -> None:
    command = [sys.executable, "-m", "training", "fit", "demand"]
    ended = {}
    world.save(tmp_path / "tables")
    for name in ("cut-off", "whole"):
        base = tmp_path / name
        channel = base / "input" / "data" / "prepared"
        channel.mkdir(parents=True)
        prepare(area_named("demand"), tmp_path / "tables", channel)
        environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(base), "PYTHONPATH": str(project_root)}
        if name == "cut-off":
            with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as child:
                while not list((base / "checkpoints").glob("*.checkpoint")):
                    assert child.poll() is None
                    time.sleep(0.005)
                child.send_signal(signal.SIGTERM)
                assert child.wait(timeout=120) == 1  # the service kills what is not gone by then
            assert (base / "output" / "failure").read_text() == "the job was stopped"
            assert list((base / "checkpoints").glob("*.checkpoint"))
            assert not (base / "model").exists()
        subprocess.run(command, env=environment, check=True, capture_output=True)
        assert list((base / "checkpoints").iterdir()) == []
        ended[name] = contents(base / "model")
    assert ended["cut-off"] == ended["whole"]
