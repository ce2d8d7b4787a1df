"""Builders of small definitions, and a registry that keeps what it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipelines.local import Definition, ModelPackage, Registered

Json = dict[str, Any]


@dataclass
class ListRegistry:
    """A registry in a list: one version for the same content."""

    packages: list[ModelPackage] = field(default_factory=list)

    def register(self, package: ModelPackage) -> Registered:
        """Keep a package, once."""
        digests = [each.digest for each in self.packages]
        if package.digest not in digests:
            self.packages.append(package)
            digests.append(package.digest)
        return Registered(str(digests.index(package.digest) + 1), package.approved)

    def knows(self, group: str, version: str) -> bool:
        """Tell whether a version was registered."""
        return int(version) <= len(self.packages) and self.packages[int(version) - 1].group == group


def output_of(step: str) -> Json:
    """Refer to the output of a step made by `a_processing_step`."""
    return {"Get": f"Steps.{step}.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri"}


def said_by(step: str, path: str) -> Json:
    """Refer to a value in the property file of a step."""
    return {"Std:JsonGet": {"PropertyFile": {"Get": f"Steps.{step}.PropertyFiles.said"}, "Path": path}}


def a_processing_step(
    name: str,
    code: str,
    inputs: Mapping[str, Any] | None = None,
    *,
    cached: bool = True,
    property_file: str | None = None,
    count: int = 1,
    sharded: Sequence[str] = (),
    **more: Any,
) -> Json:
    """A processing step that runs Python code; it writes to /opt/ml/processing/output/out."""
    step: Json = {
        "Name": name,
        "Type": "Processing",
        "Arguments": {
            "ProcessingResources": {"ClusterConfig": {"InstanceCount": count, "InstanceType": "ml.m5.large"}},
            "AppSpecification": {"ImageUri": "image", "ContainerEntrypoint": ["python3", "-c", code]},
            "ProcessingInputs": [
                {
                    "InputName": each,
                    "S3Input": {
                        "S3Uri": uri,
                        "LocalPath": f"/opt/ml/processing/input/{each}",
                        "S3DataDistributionType": "ShardedByS3Key" if each in sharded else "FullyReplicated",
                    },
                }
                for each, uri in (inputs or {}).items()
            ],
            "ProcessingOutputConfig": {
                "Outputs": [
                    {
                        "OutputName": "out",
                        "S3Output": {
                            "LocalPath": "/opt/ml/processing/output/out",
                            "S3Uri": {
                                "Std:Join": {
                                    "On": "/",
                                    "Values": ["s3://bucket", {"Get": "Execution.PipelineExecutionId"}, name],
                                }
                            },
                        },
                    }
                ]
            },
        },
        **more,
    }
    if cached:
        step["CacheConfig"] = {"Enabled": True, "ExpireAfter": "P1D"}
    if property_file:
        step["PropertyFiles"] = [{"PropertyFileName": "said", "OutputName": "out", "FilePath": property_file}]
    return step


def writing(text: str, name: str = "said.json") -> str:
    """Code that writes a text to the output."""
    return f"open('/opt/ml/processing/output/out/{name}', 'w').write({text!r})"


def a_training_step(name: str, code: str, channels: Mapping[str, Any] | None = None, **more: Any) -> Json:
    """A training step that runs Python code."""
    return {
        "Name": name,
        "Type": "Training",
        "Arguments": {
            "AlgorithmSpecification": {"TrainingImage": "i", "ContainerEntrypoint": ["python3", "-c", code]},
            "HyperParameters": {"depth": "3"},
            "OutputDataConfig": {"S3OutputPath": "s3://bucket/models"},
            "InputDataConfig": [
                {
                    "ChannelName": each,
                    "DataSource": {"S3DataSource": {"S3Uri": uri, "S3DataType": "S3Prefix"}},
                }
                for each, uri in (channels or {}).items()
            ],
        },
        "CacheConfig": {"Enabled": True},
        **more,
    }


def a_registration(name: str, training: str, group: str = "shoes", status: str = "Approved") -> Json:
    """A step that registers what a training step made."""
    model = {"Get": f"Steps.{training}.ModelArtifacts.S3ModelArtifacts"}
    return {
        "Name": name,
        "Type": "RegisterModel",
        "Arguments": {
            "ModelPackageGroupName": group,
            "ModelApprovalStatus": status,
            "InferenceSpecification": {"Containers": [{"Image": "i", "ModelDataUrl": model}]},
        },
    }


def a_definition(*steps: Json, parameters: Sequence[Json] = (), name: str = "small") -> Definition:
    """A definition of some steps."""
    return Definition.read(
        {"Version": "2020-12-01", "Parameters": list(parameters), "Steps": list(steps)}, name
    )
