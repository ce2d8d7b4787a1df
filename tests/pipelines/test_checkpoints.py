"""Checkpoints of training jobs: stored as they are made, there for the next execution."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipelines.local import DefinitionError, LocalRunner
from tests.pipelines.builders import a_definition, a_training_step


def test_checkpoints_of_a_job_that_was_cut_off_reach_the_next_execution(
    make_runner: Callable[..., LocalRunner],
) -> None:
    code = (
        "import os, sys; kept = '/opt/ml/checkpoints/done'\n"
        "if os.path.exists(kept): open('/opt/ml/model/m', 'w').write(open(kept).read())\n"
        "else: open(kept, 'w').write('half'); sys.exit('the machine was taken away')"
    )
    step = a_training_step("Train", code, {})
    step["Arguments"]["CheckpointConfig"] = {"S3Uri": "s3://bucket/checkpoints/shoes"}
    definition = a_definition(step)
    assert make_runner().run(definition).state == "Failed"
    assert make_runner().run(definition).state == "Succeeded"


def test_a_checkpoint_folder_elsewhere_is_refused_before_anything_runs(
    make_runner: Callable[..., LocalRunner],
) -> None:
    step = a_training_step("Train", "pass", {})
    step["Arguments"]["CheckpointConfig"] = {"S3Uri": "s3://bucket/c", "LocalPath": "/opt/ml/../../etc"}
    with pytest.raises(DefinitionError, match=r"CheckpointConfig.LocalPath: '/opt/ml/../../etc' is outside"):
        make_runner().run(a_definition(step))
