"""The night on AWS: a processing job that a schedule starts after the pipelines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pipelines.areas import AREAS
from pipelines.capture_watch import EACH_START, read_from
from samaan_ml.exceptions import ParameterError

__all__ = ["NIGHT_SCHEDULE", "NightJob"]

NIGHT_SCHEDULE = "cron(30 4 * * ? *)"
"""When it runs: half past four in the morning, after the pipelines, before the shops open."""


@dataclass(frozen=True, slots=True)
class NightJob:
    """What the night reads, where its answers go, and on what it runs.

    Parameters
    ----------
    data_uri : str
        Tables of all shops.
    champions_uri : str
        Folder of the champions' folders by area.
    answers_uri : str
        Where answers, orders, price decisions and alerts go, each night into a folder of its own.
    image_uri, role_arn : str
        The image of all jobs, and the job's role.
    instance_type : str, default="ml.m5.xlarge"
        Machine.
    volume_gb : int, default=50
        Its disk, which the tables have to fit on.
    horizon_days : int, default=14
        Days ahead, for demand.

    Raises
    ------
    ParameterError
        When an address is none, or a number is less than 1.
    """

    data_uri: str
    champions_uri: str
    answers_uri: str
    image_uri: str
    role_arn: str
    instance_type: str = "ml.m5.xlarge"
    volume_gb: int = 50
    horizon_days: int = 14

    def __post_init__(self) -> None:
        """Check the values."""
        for name in ("data_uri", "champions_uri", "answers_uri"):
            if not getattr(self, name).startswith("s3://"):
                raise ParameterError(f"'{name}' must be s3://bucket/prefix, got '{getattr(self, name)}'")
        for name in ("volume_gb", "horizon_days"):
            if getattr(self, name) < 1:
                raise ParameterError(f"'{name}' must be 1 or more, got {getattr(self, name)}")

    @property
    def name(self) -> str:
        """The schedule's name, with which its jobs' names begin."""
        return "samaan-night"

    def job(self) -> dict[str, Any]:
        """Write the request that starts the job (CreateProcessingJob)."""
        champions = {f"champion-{area}": f"{self.champions_uri.rstrip('/')}/{area}/" for area in AREAS}
        cluster = {"InstanceCount": 1, "InstanceType": self.instance_type, "VolumeSizeInGB": self.volume_gb}
        output = {
            "S3Uri": f"{self.answers_uri.rstrip('/')}/{EACH_START}",
            "LocalPath": "/opt/ml/processing/output/answers",
            "S3UploadMode": "EndOfJob",
        }
        return {
            "ProcessingJobName": f"{self.name}-{EACH_START}",
            "RoleArn": self.role_arn,
            "AppSpecification": {
                "ImageUri": self.image_uri,
                "ContainerEntrypoint": ["samaan", "train", "night"],
                "ContainerArguments": ["--horizon-days", str(self.horizon_days)],
            },
            "ProcessingInputs": [
                read_from("data", self.data_uri),
                *(read_from(name, uri) for name, uri in champions.items()),
            ],
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "answers", "S3Output": output}]},
            "ProcessingResources": {"ClusterConfig": cluster},
            "StoppingCondition": {"MaxRuntimeInSeconds": 4 * 3600},
        }

    def target(self, role_arn: str) -> dict[str, Any]:
        """Write what EventBridge Scheduler calls, with a role that may create the job and pass on the job's role."""
        return {
            "Arn": "arn:aws:scheduler:::aws-sdk:sagemaker:createProcessingJob",
            "RoleArn": role_arn,
            "Input": json.dumps(self.job()),
        }
