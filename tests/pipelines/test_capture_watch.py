"""The scheduled watch: a job the service takes, that is the command that was tested, and one schedule."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import boto3
import pytest
from botocore.validate import ParamValidator
from click.testing import CliRunner
from moto import mock_aws

from pipelines.capture_watch import CaptureWatch
from pipelines.deploy import Deployer
from samaan_ml.exceptions import ParameterError
from tests.pipelines.api_model import service
from training.cli import train

ROLE = "arn:aws:iam::123456789012:role/samaan"
WATCH = CaptureWatch(
    "demand", "s3://b/captured/samaan-demand", "s3://b/champions/demand", "s3://b/watch/", "image", ROLE, 48
)
START = "d32c5kddcf5bb8c3"


@pytest.fixture
def deployer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployer]:
    """A deployer to an embedded account."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    with mock_aws():
        yield Deployer(boto3.Session(region_name="ap-south-1"))


def test_the_scheduled_job_is_one_the_service_takes(deployer: Deployer) -> None:
    deployer.schedule_watch(WATCH, ROLE)
    target = deployer.clients["scheduler"].get_schedule(Name="samaan-watch-demand")["Target"]
    operation = service().operation_model("CreateProcessingJob")
    assert target["Arn"] == "arn:aws:scheduler:::aws-sdk:sagemaker:createProcessingJob"
    job = json.loads(target["Input"].replace("<aws.scheduler.execution-id>", START))
    assert not ParamValidator().validate(job, operation.input_shape).has_errors()
    assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", job["ProcessingJobName"])
    assert job["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"] == f"s3://b/watch/{START}"
    answer = deployer.sagemaker.create_processing_job(**job)
    assert answer["ProcessingJobArn"].endswith(f"samaan-watch-demand-{START}")


def test_the_jobs_command_is_there_and_reads_the_jobs_inputs(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = WATCH.job()
    said = job["AppSpecification"]
    program, group, *command = said["ContainerEntrypoint"] + said["ContainerArguments"]
    assert (program, group) == ("samaan", "train")
    base = tmp_path_factory.mktemp("opt-ml")
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(base))
    for place in job["ProcessingInputs"]:
        folder = base / place["S3Input"]["LocalPath"].removeprefix("/opt/ml/")
        folder.mkdir(parents=True)
        (folder / "statistics.json").write_text('{"features": []}')
        (folder / "constraints.json").write_text('{"features": []}')
    done = CliRunner().invoke(train, command)
    assert done.exit_code == 0, done.output
    assert "Completed: 0 to look at, 1 could not be watched" in done.output
    report = job["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["LocalPath"].removeprefix("/opt/ml/")
    assert (base / report / "captured.json").is_file()


def test_a_watch_is_scheduled_once_and_then_moved(deployer: Deployer) -> None:
    first = deployer.schedule_watch(WATCH, ROLE)
    assert deployer.schedule_watch(WATCH, ROLE, "rate(1 hour)", "UTC") == first
    said = deployer.clients["scheduler"].get_schedule(Name="samaan-watch-demand")
    assert (said["ScheduleExpression"], said["ScheduleExpressionTimezone"]) == ("rate(1 hour)", "UTC")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"area": "udhaar"}, "'udhaar' are never stored"),
        ({"captured_uri": "captured"}, "'captured_uri' must be s3://"),
        ({"hours": 0}, "'hours' must be 1 or more"),
    ],
)
def test_a_watch_that_cannot_be_is_refused(wrong: dict[str, str], told: str) -> None:
    with pytest.raises(ParameterError, match=told):
        replace(WATCH, **wrong)  # type: ignore[arg-type]
