"""The container contract: where a job finds and leaves things, and how it fails."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from training.job import Hyperparameters, Job, JobError


def a_job(base: Path, hyperparameters: Any = None) -> Job:
    """A job's folder."""
    config = base / "input" / "config"
    config.mkdir(parents=True)
    if hyperparameters is not None:
        (config / "hyperparameters.json").write_text(
            hyperparameters if isinstance(hyperparameters, str) else json.dumps(hyperparameters)
        )
    return Job(base)


IN_PROCESS = ("-m", "training")
AS_THE_IMAGE = ("-m", "samaan", "train")


def run(
    project_root: Path, base: Path, *arguments: str, start: tuple[str, ...] = IN_PROCESS
) -> subprocess.CompletedProcess[str]:
    """Run a job as the local runner does, or by the definition's own command as the image does."""
    return subprocess.run(
        [sys.executable, *start, *arguments],
        cwd=base,
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(base), "PYTHONPATH": str(project_root)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_base_folder_is_the_variables_else_the_containers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SAGEMAKER_BASE_DIR", raising=False)
    assert Job().base == Path("/opt/ml")
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    assert Job().model == tmp_path / "model"


def test_absent_hyperparameters_are_none_at_all(tmp_path: Path) -> None:
    assert a_job(tmp_path).hyperparameters == Hyperparameters({})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "is not JSON"),
        ("[]", "must hold an object, got list"),
        ('{"depth": 3}', "'depth' must be text, got 3"),
    ],
)
def test_broken_hyperparameters_are_named(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(JobError, match=complaint):
        _ = a_job(tmp_path, text).hyperparameters


@pytest.mark.parametrize(
    ("given", "complaint"),
    [("many", "must be a whole number, got 'many'"), ("0", "must be 1 or more, got '0'")],
)
def test_a_wrong_number_is_named(given: str, complaint: str) -> None:
    with pytest.raises(JobError, match=f"hyperparameter 'windows' {complaint}"):
        Hyperparameters({"windows": given}).integer("windows", 3, minimum=1)


def test_a_missing_channel_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    job = a_job(tmp_path)
    (tmp_path / "input" / "data" / "other").mkdir(parents=True)
    with pytest.raises(JobError, match="channel 'prepared' is missing or empty; there are: other"):
        job.channel("prepared")


@pytest.mark.parametrize("start", [IN_PROCESS, AS_THE_IMAGE])
def test_a_failing_job_leaves_its_reason_and_ends_with_1(
    project_root: Path, tmp_path: Path, start: tuple[str, ...]
) -> None:
    ended = run(project_root, tmp_path, "fit", "price", start=start)
    reason = "channel 'prepared' is missing or empty; there are: none"
    assert (ended.returncode, (tmp_path / "output" / "failure").read_text()) == (1, reason)
    assert ended.stderr.strip() == f"error: {reason}"


def test_a_wrong_word_on_a_jobs_command_line_is_its_failure_and_help_is_none(
    project_root: Path, tmp_path: Path
) -> None:
    assert run(project_root, tmp_path, "gate", "price", "--help").returncode == 0
    assert not (tmp_path / "output").exists()
    ended = run(project_root, tmp_path, "gate", "price", "--minimum-skill", "much")
    reason = (tmp_path / "output" / "failure").read_text()
    assert ended.returncode == 1
    assert "'--minimum-skill'" in reason
    assert "'much'" in reason


def test_an_unknown_hyperparameter_is_named_with_those_that_exist(project_root: Path, tmp_path: Path) -> None:
    a_job(tmp_path, {"depth": "3"})
    run(project_root, tmp_path, "fit", "price")
    expected = "hyperparameter 'depth' is unknown to area 'price'; it has: held_out_days, random_state"
    assert (tmp_path / "output" / "failure").read_text() == expected


def test_a_job_told_to_stop_says_so(project_root: Path, tmp_path: Path) -> None:
    code = (
        "from training.job import run_as_job; import sys, time\n"
        "def work(): print('ready', flush=True); time.sleep(60)\n"
        "sys.exit(run_as_job(work))"
    )
    environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(tmp_path), "PYTHONPATH": str(project_root)}
    with subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.send_signal(signal.SIGTERM)
        assert child.wait(timeout=30) == 1
    assert (tmp_path / "output" / "failure").read_text() == "the job was stopped"
