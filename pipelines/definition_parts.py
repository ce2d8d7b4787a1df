"""What the steps of a definition share: parameters, retries, references and the forms of names."""

from __future__ import annotations

from typing import Any

from pipelines.areas import Area
from pipelines.sdk_session import BUCKET

__all__ = ["ROLE", "dashed", "job_retries", "output_of", "parameters_of", "retries", "said_by", "snaked"]

ROLE = "arn:aws:iam::000000000000:role/samaan-sathi-pipeline"
IMAGE = "000000000000.dkr.ecr.ap-south-1.amazonaws.com/samaan-sathi:0.1.0"


def parameters_of(area: Area) -> dict[str, Any]:
    """Make the parameters of a pipeline, each of its own type."""
    from sagemaker.core.workflow.parameters import (
        ParameterBoolean,
        ParameterFloat,
        ParameterInteger,
        ParameterString,
    )

    given: dict[str, str | int | float | bool] = {
        "Bucket": BUCKET,
        "DataUri": f"s3://{BUCKET}/data/current",
        "ChampionUri": f"s3://{BUCKET}/champions/{area.name}",
        "ImageUri": IMAGE,
        "RoleArn": ROLE,
        "ProcessingInstanceType": "ml.m5.xlarge",
        "TrainingInstanceType": "ml.m5.xlarge",
        "MinimumSkill": 0.0,
        "ChampionTolerance": 0.02,
        "MaximumLatencyMs": area.maximum_latency_ms,
        "MaximumModelMib": 200.0,
        **area.settings,
        "BatchTransform": False,
    }
    kinds = {str: ParameterString, int: ParameterInteger, float: ParameterFloat, bool: ParameterBoolean}
    made = {name: kinds[type(value)](name, default_value=value) for name, value in given.items()}
    made["ApprovalStatus"] = ParameterString(
        "ApprovalStatus", default_value="Approved", enum_values=["Approved", "PendingManualApproval"]
    )
    return made


def retries() -> list[Any]:
    """Retry what is the service's fault, and no more."""
    from sagemaker.mlops.workflow.retry import StepExceptionTypeEnum, StepRetryPolicy

    kinds = [StepExceptionTypeEnum.SERVICE_FAULT, StepExceptionTypeEnum.THROTTLING]
    return [StepRetryPolicy(exception_types=kinds, interval_seconds=10, backoff_rate=2.0, max_attempts=3)]


def job_retries() -> list[Any]:
    """Retry a job also where no machine was free; what the job itself got wrong is wrong again."""
    from sagemaker.mlops.workflow.retry import SageMakerJobExceptionTypeEnum, SageMakerJobStepRetryPolicy

    kinds = [SageMakerJobExceptionTypeEnum.CAPACITY_ERROR, SageMakerJobExceptionTypeEnum.RESOURCE_LIMIT]
    waiting = SageMakerJobStepRetryPolicy(
        exception_types=kinds, interval_seconds=60, backoff_rate=2.0, expire_after_mins=240
    )
    return [*retries(), waiting]


def said_by(step: Any, file: str, path: str) -> Any:
    """Return a value of a step's property file."""
    from sagemaker.core.workflow.functions import JsonGet

    return JsonGet(step_name=step.name, property_file=file, json_path=path)


def output_of(step: Any, name: str) -> Any:
    """Return the address of a processing step's output."""
    return step.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri


def dashed(name: str) -> str:
    """Turn `HorizonDays` into `horizon-days`."""
    return snaked(name).replace("_", "-")


def snaked(name: str) -> str:
    """Turn `HorizonDays` into `horizon_days`."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
