"""The watch over what an endpoint was asked, as a processing job that a schedule starts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from samaan_ml.domain.capture import refusal
from samaan_ml.exceptions import ParameterError

__all__ = ["EACH_START", "WATCH_SCHEDULE", "CaptureWatch", "read_from"]

WATCH_SCHEDULE = "cron(0 5 * * ? *)"
"""When it runs, as EventBridge Scheduler writes it: five in the morning, after the night's pipelines."""

_INPUTS, _OUTPUTS = "/opt/ml/processing/input", "/opt/ml/processing/output"
# The scheduler writes each start's own id in its place; a job's name can be had once.
EACH_START = "<aws.scheduler.execution-id>"


@dataclass(frozen=True, slots=True)
class CaptureWatch:
    """What a watch reads, where it reports, and on what it runs.

    Parameters
    ----------
    area : {"demand", "price"}
        The area whose model was asked.
    captured_uri : str
        Where the endpoint's `DataCapture` stores. All of it is brought to the job, so let a lifecycle rule empty it.
    baseline_uri : str
        Folder with the model's `statistics.json` and `constraints.json`.
    report_uri : str
        Where reports go, each into a folder of its own.
    image_uri : str
        The image of all jobs.
    role_arn : str
        Role of the job, which reads and writes these places.
    hours : int, default=168
        Captures of this many hours before the newest one count.
    instance_type : str, default="ml.m5.large"
        Machine.
    volume_gb : int, default=30
        Its disk, which the captures have to fit on.

    Raises
    ------
    ParameterError
        When the area's questions are never stored, an address is none, or a number is less than 1.
    """

    area: str
    captured_uri: str
    baseline_uri: str
    report_uri: str
    image_uri: str
    role_arn: str
    hours: int = 168
    instance_type: str = "ml.m5.large"
    volume_gb: int = 30

    def __post_init__(self) -> None:
        """Check the values."""
        if refused := refusal(self.area):
            raise ParameterError(refused)
        for name in ("captured_uri", "baseline_uri", "report_uri"):
            if not getattr(self, name).startswith("s3://"):
                raise ParameterError(f"'{name}' must be s3://bucket/prefix, got '{getattr(self, name)}'")
        for name in ("hours", "volume_gb"):
            if getattr(self, name) < 1:
                raise ParameterError(f"'{name}' must be 1 or more, got {getattr(self, name)}")

    @property
    def name(self) -> str:
        """The schedule's name, with which its jobs' names begin."""
        return f"samaan-watch-{self.area}"

    def job(self) -> dict[str, Any]:
        """Write the request that starts the job (CreateProcessingJob)."""
        return {
            "ProcessingJobName": f"{self.name}-{EACH_START}",
            "RoleArn": self.role_arn,
            "AppSpecification": {
                "ImageUri": self.image_uri,
                "ContainerEntrypoint": ["samaan", "train", "captured", self.area],
                "ContainerArguments": ["--hours", str(self.hours)],
            },
            "ProcessingInputs": [
                read_from("captured", self.captured_uri),
                read_from("baseline", self.baseline_uri),
            ],
            "ProcessingOutputConfig": {
                "Outputs": [
                    {
                        "OutputName": "report",
                        "S3Output": {
                            "S3Uri": f"{self.report_uri.rstrip('/')}/{EACH_START}",
                            "LocalPath": f"{_OUTPUTS}/report",
                            "S3UploadMode": "EndOfJob",
                        },
                    }
                ]
            },
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceCount": 1,
                    "InstanceType": self.instance_type,
                    "VolumeSizeInGB": self.volume_gb,
                }
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        }

    def target(self, role_arn: str) -> dict[str, Any]:
        """Write what EventBridge Scheduler calls, with a role that may create the job and pass on the job's role."""
        return {
            "Arn": "arn:aws:scheduler:::aws-sdk:sagemaker:createProcessingJob",
            "RoleArn": role_arn,
            "Input": json.dumps(self.job()),
        }


def read_from(name: str, uri: str) -> dict[str, Any]:
    """Bring a folder to the job."""
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"{_INPUTS}/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
        },
    }
