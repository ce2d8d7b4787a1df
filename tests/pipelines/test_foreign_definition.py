"""A definition that the SageMaker SDK wrote for others' scripts runs here as it is."""

from __future__ import annotations

import gc
import importlib.util
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipelines.local import Definition, LocalRunner
from tests.pipelines import foreign
from tests.pipelines.builders import ListRegistry

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(
        importlib.util.find_spec("sagemaker") is None, reason="the SageMaker SDK is not installed"
    ),
]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A pipeline session whose S3 is an embedded one."""
    from moto import mock_aws

    for name, value in {
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": "us-east-1",
        "SAGEMAKER_VALIDATE_ROLE": "false",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        import boto3
        from sagemaker.core.workflow.pipeline_context import PipelineSession

        boto3.client("s3").create_bucket(Bucket="foreign")
        quiet = {"SchemaVersion": "1.0", "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}}}
        made = PipelineSession(boto_session=boto3.Session(), default_bucket="foreign", sagemaker_config=quiet)
        yield made
        # The SDK leaves temporary folders to the collector, which would complain after the tests.
        made.context = None
        gc.collect()


def download(bucket: str, root: Path) -> None:
    """Bring what the SDK uploaded into the local store."""
    import boto3

    client = boto3.client("s3")
    for each in client.list_objects_v2(Bucket=bucket).get("Contents", []):
        path = root / bucket / each["Key"]
        path.parent.mkdir(parents=True, exist_ok=True)
        client.download_file(bucket, each["Key"], str(path))


def test_an_sklearn_pipeline_of_others_runs_unchanged(
    session: Any, make_runner: Callable[..., LocalRunner], registry: ListRegistry, tmp_path: Path
) -> None:
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    foreign.write_scripts(scripts)
    text = foreign.build(scripts, session)
    runner = make_runner()
    download("foreign", runner.home / "s3")
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.normal(size=(300, 3)), columns=["length", "height", "weight"])
    rows["rings"] = rows @ np.array([1.0, -2.0, 3.0]) + rng.normal(size=300)
    raw = runner.storage.path("s3://foreign/raw")
    raw.mkdir(parents=True)
    rows.to_csv(raw / "abalone.csv", index=False)

    definition = Definition.read(json.loads(text), "abalone")
    status = runner.run(definition)
    assert status.state == "Succeeded", (status.reason, _logs(runner, status.execution_id))
    assert [package.group for package in registry.packages] == ["abalone"]
    refused = make_runner().run(definition, {"MseThreshold": 0.01})
    assert refused.reason == "step 'Fail': MSE above 0.01"
    assert refused.steps["TrainAbaloneModel"].state == "Cached"
    assert not os.path.lexists("/opt/ml/model/model.joblib")


def _logs(runner: LocalRunner, execution: str) -> str:
    """Read all logs of an execution."""
    return "\n".join(
        path.read_text() for path in (runner.home / "runs" / "abalone" / execution / "logs").glob("*")
    )
