"""What an endpoint is to be, as the service describes it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from samaan_ml.domain.capture import CAPTURED_AREAS
from samaan_ml.exceptions import ParameterError

__all__ = [
    "SHADOW",
    "VARIANT",
    "Autoscaling",
    "DataCapture",
    "Endpoint",
    "config_name",
    "replacement",
    "shadow",
    "variant",
]

VARIANT, SHADOW = "AllTraffic", "Shadow"
_LONGEST_NAME = 63
_MOST_ALARMS = 10
_LIMITS = {
    "instance_count": (1, 1_000),
    "concurrency": (1, 200),
    "canary_percent": (1, 50),
    "bake_seconds": (0, 3_600),
    "shadow_percent": (1, 100),
}
"""The service's own limits, inclusive."""
_SERVERLESS_MIB = (1024, 2048, 3072, 4096, 5120, 6144)
_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_INSTANCE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9]+")
_CAPTURED_GROUPS = tuple(f"samaan-{area}" for area in CAPTURED_AREAS)


@dataclass(frozen=True, slots=True)
class Autoscaling:
    """How many instances serve.

    Parameters
    ----------
    least, most : int
        Bounds.
    invocations_per_instance : int, default=600
        Requests a minute that one instance is to answer.
    """

    least: int
    most: int
    invocations_per_instance: int = 600

    def __post_init__(self) -> None:
        """Check the values."""
        if not 1 <= self.least <= self.most or self.invocations_per_instance < 1:
            got = f"{self.least}, {self.most}, {self.invocations_per_instance}"
            raise ParameterError(
                f"autoscaling needs 1 <= least <= most and invocations of 1 or more, got {got}"
            )


@dataclass(frozen=True, slots=True)
class DataCapture:
    """A sample of questions and answers, stored for the monitors.

    Parameters
    ----------
    s3_uri : str
        Where; give the folder a lifecycle rule that empties it.
    percent : int, default=10
        Share of the questions, from 1 to 100.
    kms_key_id : str or None, default=None
        Key that they are encrypted with; None is the bucket's own.

    Raises
    ------
    ParameterError
        When the address or the share is none.
    """

    s3_uri: str
    percent: int = 10
    kms_key_id: str | None = None

    def __post_init__(self) -> None:
        """Check the values."""
        if not self.s3_uri.startswith("s3://"):
            raise ParameterError(f"'s3_uri' must be s3://bucket/prefix, got '{self.s3_uri}'")
        if not 1 <= self.percent <= 100:
            raise ParameterError(f"'percent' must be from 1 to 100, got {self.percent}")

    @property
    def mark(self) -> str:
        """A few letters that tell one capture from another: a configuration is never changed, only replaced."""
        told = f"{self.s3_uri} {self.percent} {self.kms_key_id}"
        return f"capture-{hashlib.sha256(told.encode()).hexdigest()[:6]}"

    def config(self) -> dict[str, Any]:
        """Describe it as the service does; JSON is stored as it is, so that it can be read."""
        key = {} if self.kms_key_id is None else {"KmsKeyId": self.kms_key_id}
        return {
            "EnableCapture": True,
            "InitialSamplingPercentage": self.percent,
            "DestinationS3Uri": self.s3_uri,
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json", "application/jsonlines"]},
            **key,
        }


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What an endpoint is to be.

    Parameters
    ----------
    name : str
        Its name.
    group : str
        Model package group whose approved model it serves.
    role_arn : str
        Role that the model's container has.
    instance_type : str or None, default=None
        Real-time on this type; None is serverless.
    instance_count : int, default=1
        Instances to start with.
    memory_mib : int, default=3072
        Memory of a serverless endpoint.
    concurrency : int, default=20
        Requests a serverless endpoint answers at once.
    autoscaling : Autoscaling or None, default=None
        For real-time endpoints.
    alarms : tuple of str, default=()
        CloudWatch alarms that roll a replacement back.
    canary_percent : int, default=10
        Share of the capacity that a replacement gets first.
    bake_seconds : int, default=600
        How long it is watched before it gets the rest.
    capture : DataCapture or None, default=None
        Which questions and answers are stored; None stores none.
    shadow_group : str or None, default=None
        Model package group whose approved model is asked the same questions beside; its answers are only recorded.
    shadow_percent : int, default=100
        Share of the questions that the shadow gets.

    Raises
    ------
    ParameterError
        When a value is beyond the service's limits, or questions are to be stored that hold what customers owe, or by
        a serverless endpoint, which cannot.
    """

    name: str
    group: str
    role_arn: str
    instance_type: str | None = None
    instance_count: int = 1
    memory_mib: int = 3072
    concurrency: int = 20
    autoscaling: Autoscaling | None = None
    alarms: tuple[str, ...] = ()
    canary_percent: int = 10
    bake_seconds: int = 600
    capture: DataCapture | None = None
    shadow_group: str | None = None
    shadow_percent: int = 100

    def __post_init__(self) -> None:
        """Refuse to store personal data, what cannot be stored, and what is beyond the service's limits."""
        for problem in self._limits():
            raise ParameterError(problem)
        if self.capture is not None and self.group not in _CAPTURED_GROUPS:
            raise ParameterError(
                f"questions to '{self.group}' may hold what customers owe and are never stored; "
                f"only those to {' and '.join(_CAPTURED_GROUPS)} are"
            )
        if self.capture is not None and self.instance_type is None:
            raise ParameterError("a serverless endpoint stores no questions; give 'instance_type'")

    def _limits(self) -> Iterator[str]:
        """Return what the service would refuse."""
        if self.instance_type is None:
            yield from self._serverless_limits()
        elif not _INSTANCE.fullmatch(self.instance_type):
            yield f"'instance_type' must be such as ml.m5.large, got '{self.instance_type}'"
        if not _NAME.fullmatch(self.name):
            yield f"'name' must be 1 to 63 letters, digits and hyphens, got '{self.name}'"
        for name, (least, most) in _LIMITS.items():
            value = getattr(self, name)
            if not least <= value <= most:
                yield f"'{name}' must be from {least} to {most}, got {value}"
        if len(self.alarms) > _MOST_ALARMS:
            yield f"'alarms' may name {_MOST_ALARMS} at most, got {len(self.alarms)}"

    def _serverless_limits(self) -> Iterator[str]:
        """Return what a serverless endpoint cannot have."""
        if self.autoscaling is not None:
            yield "'autoscaling' is for real-time endpoints: a serverless one scales by itself; give 'instance_type'"
        if self.shadow_group is not None:
            yield "'shadow_group' is for real-time endpoints; give 'instance_type'"
        if self.memory_mib not in _SERVERLESS_MIB:
            yield f"'memory_mib' must be one of {', '.join(map(str, _SERVERLESS_MIB))}, got {self.memory_mib}"


def shadow(model: str, endpoint: Endpoint) -> dict[str, Any]:
    """Describe the variant that gets a copy of the questions and whose answers are only recorded."""
    made = variant(model, endpoint)
    return {**made, "VariantName": SHADOW, "InitialVariantWeight": endpoint.shadow_percent / 100}


def config_name(model: str, request: Mapping[str, Any]) -> str:
    """Name a configuration by its content: every changed setting makes a new one.

    Examples
    --------
    >>> config_name("demand-1", {"ProductionVariants": []})
    'demand-1-0f4b6e4ff29d'
    """
    mark = hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()[:12]
    return f"{model[: _LONGEST_NAME - len(mark) - 1]}-{mark}"


def variant(model: str, endpoint: Endpoint) -> dict[str, Any]:
    """Describe what serves."""
    shared: dict[str, Any] = {"VariantName": VARIANT, "ModelName": model}
    if endpoint.instance_type is None:
        serverless = {"MemorySizeInMB": endpoint.memory_mib, "MaxConcurrency": endpoint.concurrency}
        return shared | {"ServerlessConfig": serverless}
    return shared | {
        "InstanceType": endpoint.instance_type,
        "InitialInstanceCount": endpoint.instance_count,
        "InitialVariantWeight": 1.0,
    }


def replacement(endpoint: Endpoint, config: str) -> dict[str, Any]:
    """Describe how an endpoint is given another configuration: behind a canary, with alarms to roll it back."""
    request: dict[str, Any] = {"EndpointName": endpoint.name, "EndpointConfigName": config}
    if endpoint.instance_type is None:
        return request  # serverless endpoints are replaced at once; the service has no canary for them
    request["DeploymentConfig"] = {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {
                "Type": "CANARY",
                "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": endpoint.canary_percent},
                "WaitIntervalInSeconds": endpoint.bake_seconds,
            },
            "TerminationWaitInSeconds": 120,
            "MaximumExecutionTimeoutInSeconds": 14_400,
        }
    }
    if endpoint.alarms:
        alarms = [{"AlarmName": name} for name in endpoint.alarms]
        request["DeploymentConfig"]["AutoRollbackConfiguration"] = {"Alarms": alarms}
    return request
