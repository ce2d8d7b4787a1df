"""A runner killed in the middle: the next run ends what it left, takes up what is done, registers once."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.builders import a_processing_step, a_registration, a_training_step, output_of, writing


def a_pipeline(folder: Path) -> Path:
    """A definition whose training sleeps for a minute until a file is there."""
    go = folder / "go"
    wait = f"import os, time\nif not os.path.exists('{go}'): time.sleep(60)\n"
    steps = [
        a_processing_step("Prepare", writing("rows", "x.txt")),
        a_training_step(
            "Train", wait + "open('/opt/ml/model/m', 'w').write('m')", {"a": output_of("Prepare")}
        ),
        a_registration("Register", "Train"),
    ]
    path = folder / "small.json"
    path.write_text(json.dumps({"Version": "2020-12-01", "Steps": steps}))
    return path


def command(definition: Path, home: Path) -> list[str]:
    """The command line that runs a definition."""
    code = "import sys; from samaan.cli import main; main(sys.argv[1:])"
    return [sys.executable, "-c", code, "pipeline", "run", str(definition), "--home", str(home), "--quiet"]


def alive(pid: int) -> bool:
    """Tell whether a process runs."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="orphans are told apart by /proc")
def test_a_killed_run_is_finished_by_the_next_with_nothing_done_twice(
    tmp_path: Path, project_root: Path
) -> None:
    definition, home = a_pipeline(tmp_path), tmp_path / "home"
    environment = {**os.environ, "PYTHONPATH": str(project_root), "PYTHONWARNINGS": "ignore"}
    environment.pop("SAMAAN_MLFLOW_URI", None)
    with subprocess.Popen(command(definition, home), env=environment, cwd=tmp_path) as first:
        while not (pids := list(home.glob("runs/small/*/Train/algo-1/pid"))) or not pids[0].read_text():
            assert first.poll() is None
            time.sleep(0.02)
        first.send_signal(signal.SIGKILL)
    orphan = int(pids[0].read_text().split()[0])
    assert alive(orphan)
    (tmp_path / "go").touch()
    subprocess.run(command(definition, home), env=environment, cwd=tmp_path, check=True, timeout=120)
    states = [_status(path) for path in sorted(home.glob("runs/small/*/status.json"))]
    assert [status["state"] for status in states] == ["Interrupted", "Succeeded"]
    assert {name: step["state"] for name, step in states[1]["steps"].items()} == {
        "Prepare": "Cached",
        "Train": "Succeeded",
        "Register": "Succeeded",
    }
    assert not alive(orphan)
    assert [path.name for path in (home / "models" / "shoes" / "versions").iterdir()] == ["1"]
    assert (home / "models" / "shoes" / "champion" / "m").read_text() == "m"


def _status(path: Path) -> dict[str, Any]:
    """Read a status file."""
    said: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return said
