"""Deployment to SageMaker: pipelines, model registry, endpoints that are rolled out with care.

Everything is boto3; the SDK is not needed to deploy. What serves is the approved model package; an endpoint
is real-time with autoscaling, or serverless; a real-time one is replaced behind a canary whose alarms roll it
back.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pipelines.areas import AREAS, golden_path, golden_text
from pipelines.capture_watch import WATCH_SCHEDULE, CaptureWatch
from pipelines.defaults import with_defaults
from pipelines.endpoint_alarms import endpoint_alarms
from pipelines.endpoints import (
    VARIANT,
    Autoscaling,
    DataCapture,
    Endpoint,
    config_name,
    replacement,
    shadow,
    variant,
)
from samaan_ml.exceptions import ParameterError, SamaanError

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

__all__ = ["Autoscaling", "CaptureWatch", "DataCapture", "Deployer", "DeploymentError", "Endpoint"]


# States whose configuration can be replaced; the service rolls a failed update back by itself, so one of those serves.
_REPLACED = ("InService", "UpdateRollbackFailed")
_WAIT = "wait until it has ended, then deploy once more"
_ADVICE = {
    "OutOfService": "it cannot be updated; look for its reason with describe-endpoint, delete it and deploy once more",
    "Deleting": "deploy again after it is deleted",
}


class DeploymentError(SamaanError, RuntimeError):
    """Something cannot be deployed as it is: no approved model, an endpoint in transition."""


@dataclass
class Deployer:
    """Deploys to one account and region.

    Parameters
    ----------
    session : boto3.Session or None, default=None
        Credentials and region; None is boto3's default.
    clients : dict, default={}
        Clients by service, for callers that have their own.
    """

    session: Any = None
    clients: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def sagemaker(self) -> SageMakerClient:
        """The SageMaker client."""
        client: SageMakerClient = self._client("sagemaker")
        return client

    def _client(self, service: str) -> Any:
        """Return a client."""
        if service not in self.clients:
            import boto3

            session: Any = self.session or boto3.Session()
            self.clients[service] = session.client(service)
        return self.clients[service]

    # --- pipelines

    def upsert_pipeline(self, area: str, role_arn: str, parameters: Mapping[str, str] | None = None) -> str:
        """Create or update an area's pipeline from its committed definition; give its ARN.

        Parameters
        ----------
        area : str
            demand, price or udhaar.
        role_arn : str
            Role that the pipeline has.
        parameters : mapping of str to str, default=None
            New defaults of parameters, such as Bucket, ImageUri and RoleArn of this account.
        """
        request = {
            "PipelineName": f"samaan-{area}",
            "PipelineDefinition": with_defaults(golden_text(area), parameters or {}),
            "RoleArn": role_arn,
        }
        pages = self.sagemaker.get_paginator("list_pipelines").paginate(
            PipelineNamePrefix=request["PipelineName"]
        )
        listed = {each["PipelineName"] for page in pages for each in page["PipelineSummaries"]}
        if request["PipelineName"] in listed:
            return str(self.sagemaker.update_pipeline(**request)["PipelineArn"])  # type: ignore[arg-type]
        request["ClientRequestToken"] = f"samaan-{area}".ljust(32, "0")
        return str(self.sagemaker.create_pipeline(**request)["PipelineArn"])  # type: ignore[arg-type]

    def start_pipeline(self, area: str, parameters: Mapping[str, str] | None = None) -> str:
        """Start an area's pipeline; give the execution's ARN."""
        given = [{"Name": name, "Value": value} for name, value in (parameters or {}).items()]
        answer = self.sagemaker.start_pipeline_execution(
            PipelineName=f"samaan-{area}",
            PipelineParameters=given,  # type: ignore[arg-type]
            ClientRequestToken=secrets.token_hex(16),
        )
        return str(answer["PipelineExecutionArn"])

    def schedule_pipeline(
        self, area: str, role_arn: str, schedule: str | None = None, time_zone: str = "Asia/Kolkata"
    ) -> str:
        """Start an area's pipeline at fixed times; give the schedule's ARN.

        Parameters
        ----------
        area : str
            demand, price or udhaar.
        role_arn : str
            Role that may start the pipeline.
        schedule : str or None, default=None
            Times as EventBridge Scheduler writes them, such as "cron(0 2 * * ? *)" for two o'clock every
            night; None is the area's own.
        time_zone : str, default="Asia/Kolkata"
            Zone of those times.
        """
        golden_path(area)  # refuses what is no area
        name = f"samaan-{area}"
        pipeline = self.sagemaker.describe_pipeline(PipelineName=name)["PipelineArn"]
        target = {
            "Arn": pipeline,
            "RoleArn": role_arn,
            "SageMakerPipelineParameters": {"PipelineParameterList": []},
        }
        return self._schedule(name, target, schedule or AREAS[area].schedule, time_zone)

    def schedule_watch(
        self,
        watch: CaptureWatch,
        role_arn: str,
        schedule: str = WATCH_SCHEDULE,
        time_zone: str = "Asia/Kolkata",
    ) -> str:
        """Hold what an endpoint was asked against its model's baseline at fixed times; give the schedule's ARN.

        Parameters
        ----------
        watch : CaptureWatch
            What is read, where it is reported.
        role_arn : str
            Role that may create processing jobs and pass on the role of `watch`.
        schedule : str, default="cron(0 5 * * ? *)"
            Times as EventBridge Scheduler writes them.
        time_zone : str, default="Asia/Kolkata"
            Zone of those times.
        """
        return self._schedule(watch.name, watch.target(role_arn), schedule, time_zone)

    def _schedule(self, name: str, target: dict[str, Any], schedule: str, time_zone: str) -> str:
        """Make a schedule, or move the one of that name."""
        scheduler = self._client("scheduler")
        request = {
            "Name": name,
            "ScheduleExpression": schedule,
            "ScheduleExpressionTimezone": time_zone,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                **target,
                "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3600},
            },
        }
        pages = scheduler.get_paginator("list_schedules").paginate(NamePrefix=name)
        known = {each["Name"] for page in pages for each in page["Schedules"]}
        change = scheduler.update_schedule if name in known else None
        answer = (change or scheduler.create_schedule)(**request)
        return str(answer["ScheduleArn"])

    # --- registry

    def approved(self, group: str) -> str:
        """Return the ARN of the newest approved model package.

        Raises
        ------
        DeploymentError
            When none is approved.
        """
        answer = self.sagemaker.list_model_packages(
            ModelPackageGroupName=group,
            ModelApprovalStatus="Approved",
            SortBy="CreationTime",
            SortOrder="Descending",
        )
        found = answer["ModelPackageSummaryList"]
        if not found:
            raise DeploymentError(f"model '{group}' has no approved version; approve one first")
        newest = max(found, key=lambda each: int(each.get("ModelPackageVersion", 0)))
        return str(newest["ModelPackageArn"])

    def set_approval(self, package_arn: str, status: str, reason: str) -> None:
        """Approve or reject a model package; a champion is an approved one, what was rolled back is rejected."""
        if status not in ("Approved", "Rejected", "PendingManualApproval"):
            raise ParameterError(
                f"an approval status is Approved, Rejected or PendingManualApproval, got '{status}'"
            )
        self.sagemaker.update_model_package(
            ModelPackageArn=package_arn,
            ModelApprovalStatus=status,  # type: ignore[arg-type]
            ApprovalDescription=reason,
        )

    # --- endpoints

    def deploy(self, endpoint: Endpoint) -> str:
        """Create an endpoint, or replace what it serves; give the name of the configuration used.

        Raises
        ------
        DeploymentError
            When no model is approved, or the endpoint is changing already.
        """
        model = self._ensure_model(endpoint.name, endpoint.group, endpoint.role_arn)
        beside = endpoint.shadow_group
        shadowed = None if beside is None else self._ensure_model(endpoint.name, beside, endpoint.role_arn)
        config = self._ensure_config(model, shadowed, endpoint)
        status = self._status(endpoint.name)
        if status is None:
            self.sagemaker.create_endpoint(EndpointName=endpoint.name, EndpointConfigName=config)
        elif status in _REPLACED:
            alarms = endpoint.alarms or self._alarms(endpoint)
            self.sagemaker.update_endpoint(**replacement(replace(endpoint, alarms=alarms), config))
        elif status == "Failed":
            reason = self._failure(endpoint.name)
            self.sagemaker.delete_endpoint(EndpointName=endpoint.name)
            raise DeploymentError(
                f"endpoint '{endpoint.name}' had failed: {reason}. It is deleted, for the service updates none that "
                "failed; deploy again after it is deleted"
            )
        else:
            raise DeploymentError(f"endpoint '{endpoint.name}' is '{status}': {_ADVICE.get(status, _WAIT)}")
        if endpoint.autoscaling is not None:
            self._scale(endpoint, endpoint.autoscaling)
        return config

    def endpoint(self, name: str) -> dict[str, Any]:
        """Describe an endpoint: its state, the reason of a failure, configuration and models.

        Raises
        ------
        DeploymentError
            When there is none.
        """
        if self._status(name) is None:
            raise DeploymentError(f"endpoint '{name}' does not exist")
        said = self.sagemaker.describe_endpoint(EndpointName=name)
        config = self.sagemaker.describe_endpoint_config(EndpointConfigName=said["EndpointConfigName"])
        variants = [*config["ProductionVariants"], *config.get("ShadowProductionVariants", [])]
        return {
            "name": name,
            "status": str(said["EndpointStatus"]),
            "reason": said.get("FailureReason"),
            "config": said["EndpointConfigName"],
            "models": {each["VariantName"]: each["ModelName"] for each in variants},
        }

    def roll_back(self, name: str) -> str:
        """Return an endpoint the configuration made before the one it has; give that one's name.

        Raises
        ------
        DeploymentError
            When there is none before, or the endpoint is not in service.
        """
        said = self.endpoint(name)
        if said["status"] not in _REPLACED:
            raise DeploymentError(
                f"endpoint '{name}' is '{said['status']}': {_ADVICE.get(said['status'], _WAIT)}"
            )
        made = sorted(
            (each for each in self._listed("list_endpoint_configs", "EndpointConfigs", f"{name}-")),
            key=lambda each: each["CreationTime"],
        )
        names = [str(each["EndpointConfigName"]) for each in made]
        place = names.index(said["config"]) if said["config"] in names else 0
        if place == 0:
            raise DeploymentError(f"endpoint '{name}' has no configuration before '{said['config']}'")
        self.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=names[place - 1])
        return names[place - 1]

    def _failure(self, name: str) -> str:
        """Return why an endpoint failed."""
        return str(
            self.sagemaker.describe_endpoint(EndpointName=name).get("FailureReason") or "no reason is given"
        )

    def _ensure_model(self, endpoint: str, group: str, role_arn: str) -> str:
        """Create the model of a group's approved package where it does not exist; give its name.

        The name has a mark of package and role: the same version number in another group is another model.
        """
        package = self.approved(group)
        mark = hashlib.sha256(f"{package} {role_arn}".encode()).hexdigest()[:8]
        name = f"{endpoint[:40]}-v{package.rsplit('/', 1)[-1]}-{mark}"
        if not self._exists("list_models", "Models", "ModelName", name):
            self.sagemaker.create_model(
                ModelName=name, ExecutionRoleArn=role_arn, Containers=[{"ModelPackageName": package}]
            )
        return name

    def _ensure_config(self, model: str, shadowed: str | None, endpoint: Endpoint) -> str:
        """Create the endpoint configuration where it does not exist."""
        request: dict[str, Any] = {"ProductionVariants": [variant(model, endpoint)]}
        if shadowed is not None:
            request["ShadowProductionVariants"] = [shadow(shadowed, endpoint)]
        if endpoint.capture is not None:
            request["DataCaptureConfig"] = endpoint.capture.config()
        name = config_name(model, request)
        if not self._exists("list_endpoint_configs", "EndpointConfigs", "EndpointConfigName", name):
            self.sagemaker.create_endpoint_config(EndpointConfigName=name, **request)
        return name

    def _alarms(self, endpoint: Endpoint) -> tuple[str, ...]:
        """Make the alarms that roll a canary back: errors of the model, and answers that take too long."""
        if endpoint.instance_type is None:
            return ()
        return endpoint_alarms(self._client("cloudwatch"), endpoint)

    def _status(self, name: str) -> str | None:
        """Return an endpoint's status; None where there is none."""
        found = self._listed("list_endpoints", "Endpoints", name)
        return next((str(each["EndpointStatus"]) for each in found if each["EndpointName"] == name), None)

    def _exists(self, call: str, key: str, field_name: str, name: str) -> bool:
        """Return whether something of this very name is there."""
        return any(each[field_name] == name for each in self._listed(call, key, name))

    def _listed(self, call: str, key: str, name: str) -> Iterator[Mapping[str, Any]]:
        """List what has a name within its own, page after page."""
        paginator = self.sagemaker.get_paginator(call)  # type: ignore[call-overload]
        for page in paginator.paginate(NameContains=name):
            yield from page[key]

    def _scale(self, endpoint: Endpoint, bounds: Autoscaling) -> None:
        """Let the number of instances follow the requests."""
        client, resource = (
            self._client("application-autoscaling"),
            f"endpoint/{endpoint.name}/variant/{VARIANT}",
        )
        target = {
            "ServiceNamespace": "sagemaker",
            "ResourceId": resource,
            "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        }
        client.register_scalable_target(**target, MinCapacity=bounds.least, MaxCapacity=bounds.most)
        client.put_scaling_policy(
            **target,
            PolicyName=f"{endpoint.name}-invocations",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": float(bounds.invocations_per_instance),
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                },
                "ScaleInCooldown": 300,
                "ScaleOutCooldown": 60,
            },
        )
