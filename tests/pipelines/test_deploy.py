"""Deployment: against moto where it has the call, against botocore's Stubber where it has not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from pipelines.areas import AREAS, golden_text
from pipelines.defaults import with_defaults
from pipelines.deploy import Autoscaling, DataCapture, Deployer, DeploymentError, Endpoint
from samaan_ml.exceptions import ParameterError

ROLE = "arn:aws:iam::123456789012:role/samaan"
REALTIME = Endpoint(
    "demand",
    "samaan-demand",
    ROLE,
    instance_type="ml.m5.large",
    autoscaling=Autoscaling(1, 4),
    alarms=("errors",),
)
SERVERLESS = Endpoint("demand", "samaan-demand", ROLE)

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def deployer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployer]:
    """A deployer to an embedded account."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    with mock_aws():
        yield Deployer(boto3.Session(region_name="ap-south-1"))


def a_package(deployer: Deployer, status: str, group: str = "samaan-demand") -> str:
    """Register a model package."""
    client = deployer.sagemaker
    groups = client.list_model_package_groups()["ModelPackageGroupSummaryList"]
    if group not in [each["ModelPackageGroupName"] for each in groups]:
        client.create_model_package_group(ModelPackageGroupName=group)
    containers = [{"Image": "i", "ModelDataUrl": "s3://b/model.tar.gz"}]
    answer = client.create_model_package(
        ModelPackageGroupName=group,
        ModelApprovalStatus=status,  # type: ignore[arg-type]
        InferenceSpecification={
            "Containers": containers,  # type: ignore[typeddict-item]
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    )
    return answer["ModelPackageArn"]


@pytest.mark.parametrize("area", ["demand", "price", "udhaar"])
def test_a_pipeline_is_created_then_updated_and_started(deployer: Deployer, area: str) -> None:
    first = deployer.upsert_pipeline(area, ROLE, {"Bucket": "mine"})
    assert deployer.upsert_pipeline(area, ROLE, {"Bucket": "ours"}) == first
    said = deployer.sagemaker.describe_pipeline(PipelineName=f"samaan-{area}")["PipelineDefinition"]
    defaults = {each["Name"]: each["DefaultValue"] for each in json.loads(said)["Parameters"]}
    assert defaults["Bucket"] == "ours"
    assert json.loads(said)["Steps"] == json.loads(golden_text(area))["Steps"]
    assert f"samaan-{area}" in deployer.start_pipeline(area, {"Bucket": "mine"})


def test_a_pipeline_is_scheduled_once_and_then_moved(deployer: Deployer) -> None:
    deployer.upsert_pipeline("demand", ROLE)
    first = deployer.schedule_pipeline("demand", ROLE)
    scheduler = boto3.Session(region_name="ap-south-1").client("scheduler")
    own = scheduler.get_schedule(Name="samaan-demand")["ScheduleExpression"]
    assert own == AREAS["demand"].schedule
    assert deployer.schedule_pipeline("demand", ROLE, "cron(30 3 * * ? *)") == first
    said = scheduler.get_schedule(Name="samaan-demand")
    assert said["ScheduleExpression"] == "cron(30 3 * * ? *)"
    assert said["ScheduleExpressionTimezone"] == "Asia/Kolkata"
    assert said["Target"]["Arn"].endswith("pipeline/samaan-demand")


def test_an_unknown_parameter_is_named() -> None:
    with pytest.raises(ParameterError, match="no parameter 'Buckets'; it has: Bucket"):
        with_defaults(golden_text("demand"), {"Buckets": "x"})


def test_a_default_gets_its_parameters_type_or_is_refused() -> None:
    text = with_defaults(golden_text("demand"), {"HorizonDays": "28", "BatchTransform": "true"})
    values = {each["Name"]: each["DefaultValue"] for each in json.loads(text)["Parameters"]}
    assert (values["HorizonDays"], values["BatchTransform"]) == (28, True)
    with pytest.raises(ParameterError, match="'HorizonDays' is a Integer, got 'soon'"):
        with_defaults(golden_text("demand"), {"HorizonDays": "soon"})


def test_the_newest_approved_model_serves(deployer: Deployer) -> None:
    approved = [a_package(deployer, status) for status in ("Approved", "Approved", "PendingManualApproval")]
    assert deployer.approved("samaan-demand") == approved[1]
    deployer.set_approval(approved[2], "Approved", "looks right")
    assert deployer.approved("samaan-demand") == approved[2]
    deployer.set_approval(approved[2], "Rejected", "rolled back")
    assert deployer.approved("samaan-demand") == approved[1]


def test_nothing_is_deployed_without_an_approved_model(deployer: Deployer) -> None:
    a_package(deployer, "Rejected")
    with pytest.raises(DeploymentError, match="'samaan-demand' has no approved version"):
        deployer.deploy(SERVERLESS)
    assert deployer.sagemaker.list_models()["Models"] == []


def test_a_word_that_is_no_status_is_refused(deployer: Deployer) -> None:
    with pytest.raises(ParameterError, match="got 'Fine'"):
        deployer.set_approval("arn", "Fine", "")


def test_a_serverless_endpoint_is_created_once(deployer: Deployer) -> None:
    a_package(deployer, "Approved")
    config = deployer.deploy(SERVERLESS)
    said = deployer.sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"][0]
    assert said["ServerlessConfig"] == {"MemorySizeInMB": 3072, "MaxConcurrency": 20}
    assert deployer.sagemaker.describe_endpoint(EndpointName="demand")["EndpointConfigName"] == config


def test_another_model_of_a_longer_name_is_not_taken_for_this_one(deployer: Deployer) -> None:
    a_package(deployer, "Approved")
    for number in range(12):  # more than a page of names that hold this one
        deployer.sagemaker.create_model(
            ModelName=f"demand-v1-{number}", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "i"}
        )
    config = deployer.deploy(SERVERLESS)
    variants = deployer.sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
    model = deployer.sagemaker.describe_model(ModelName=variants[0]["ModelName"])
    assert model["Containers"][0]["ModelPackageName"].endswith("samaan-demand/1")


def test_a_real_time_endpoint_scales_between_its_bounds(deployer: Deployer) -> None:
    a_package(deployer, "Approved")
    deployer.deploy(REALTIME)
    scaling = boto3.Session(region_name="ap-south-1").client("application-autoscaling")
    [target] = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 4)


REALTIME_CONFIG = "demand-v7-3d048ea4-1172f6b51f14"
"""Version, a mark of package and role, a mark of the content."""


def variant_of(deployer: Deployer, config: str) -> dict[str, Any]:
    """Give the one variant of a configuration."""
    said = deployer.sagemaker.describe_endpoint_config(EndpointConfigName=config)
    return dict(said["ProductionVariants"][0])


@pytest.mark.parametrize(
    ("endpoint", "change"),
    [
        (SERVERLESS, {"memory_mib": 6144}),
        (SERVERLESS, {"concurrency": 50}),
        (REALTIME, {"instance_count": 3}),
        (REALTIME, {"instance_type": "ml.c5.large"}),
        (REALTIME, {"shadow_group": "samaan-price"}),
    ],
)
def test_every_changed_setting_makes_a_new_configuration_and_the_same_one_none(
    deployer: Deployer, endpoint: Endpoint, change: dict[str, Any]
) -> None:
    a_package(deployer, "Approved")
    a_package(deployer, "Approved", "samaan-price")
    configs = []
    for given in (endpoint, replace(endpoint, **change), endpoint):
        configs.append(deployer.deploy(given))
        deployer.sagemaker.delete_endpoint(EndpointName=given.name)  # moto cannot update one
    assert configs[0] == configs[2] != configs[1]


def test_the_same_version_number_in_another_group_is_another_model(deployer: Deployer) -> None:
    a_package(deployer, "Approved")
    a_package(deployer, "Approved", "samaan-price")
    models = [
        variant_of(deployer, deployer.deploy(replace(SERVERLESS, name=name, group=group)))["ModelName"]
        for name, group in (("x", "samaan-demand"), ("x-y", "samaan-price"))
    ]
    held = [
        deployer.sagemaker.describe_model(ModelName=each)["Containers"][0]["ModelPackageName"]
        for each in models
    ]
    assert ["samaan-demand" in held[0], "samaan-price" in held[1]] == [True, True]


def test_a_shadow_is_asked_beside_and_a_canary_has_its_alarms(deployer: Deployer) -> None:
    a_package(deployer, "Approved")
    a_package(deployer, "Approved", "samaan-price")
    sent: list[dict[str, Any]] = []  # moto forgets the shadow: what was sent, and passed botocore's check
    events = deployer.sagemaker.meta.events
    events.register(
        "before-parameter-build.sagemaker.CreateEndpointConfig", lambda params, **_: sent.append(dict(params))
    )
    deployer.deploy(replace(REALTIME, shadow_group="samaan-price", shadow_percent=50))
    [beside] = sent[0]["ShadowProductionVariants"]
    assert (beside["VariantName"], beside["InitialVariantWeight"]) == ("Shadow", 0.5)
    names = deployer._alarms(REALTIME)
    alarms = (
        boto3.Session(region_name="ap-south-1").client("cloudwatch").describe_alarms(AlarmNames=list(names))
    )
    assert {each["MetricName"] for each in alarms["MetricAlarms"]} == {"Invocation5XXErrors", "ModelLatency"}


@pytest.mark.parametrize(
    ("status", "told"),
    [("OutOfService", "delete it"), ("Deleting", "after it is deleted"), ("Updating", "wait")],
)
def test_a_state_that_cannot_be_deployed_to_is_told_with_what_to_do(
    deployer: Deployer, status: str, told: str
) -> None:
    existing = Existing(status)
    deployer.clients["sagemaker"] = existing.client
    with existing.stub, pytest.raises(DeploymentError, match=f"'{status}': .*{told}") as refused:
        deployer.deploy(REALTIME)
    assert "InService" not in str(refused.value)


def test_a_failed_endpoint_tells_its_reason_and_is_deleted_to_be_made_again(deployer: Deployer) -> None:
    existing = Existing("Failed")
    arn, now = "arn:aws:sagemaker:ap-south-1:123456789012:endpoint/demand", "2026-01-01T00:00:00Z"
    times = {"CreationTime": now, "LastModifiedTime": now}
    said = {
        "EndpointName": "demand",
        "EndpointArn": arn,
        "EndpointStatus": "Failed",
        "FailureReason": "no image",
    }
    existing.add("describe_endpoint", {**said, **times, "EndpointConfigName": "x"})
    existing.add("delete_endpoint", {}, {"EndpointName": "demand"})
    deployer.clients["sagemaker"] = existing.client
    with existing.stub, pytest.raises(DeploymentError, match=r"had failed: no image\. It is deleted"):
        deployer.deploy(REALTIME)
    existing.stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"autoscaling": Autoscaling(1, 4)}, "autoscaling"),
        ({"memory_mib": 3000}, "memory_mib"),
        ({"concurrency": 0}, "concurrency"),
        ({"instance_type": "m5.large"}, "instance_type"),
        ({"instance_type": "ml.m5.large", "canary_percent": 90}, "canary_percent"),
        ({"instance_type": "ml.m5.large", "bake_seconds": 10**6}, "bake_seconds"),
        ({"instance_type": "ml.m5.large", "instance_count": 0}, "instance_count"),
        ({"instance_type": "ml.m5.large", "alarms": ("a",) * 11}, "alarms"),
        ({"name": "no_such name"}, "name"),
    ],
)
def test_a_value_beyond_the_services_limits_is_refused_before_any_call(
    change: dict[str, Any], field: str
) -> None:
    with pytest.raises(ParameterError, match=f"'{field}'"):
        Endpoint(**{"name": "x", "group": "g", "role_arn": ROLE, **change})
    with pytest.raises(ParameterError, match="least <= most"):
        Autoscaling(4, 1)


class Existing:
    """A SageMaker client whose endpoint exists already, recorded by the Stubber: moto cannot update endpoints."""

    def __init__(self, status: str) -> None:
        self.client = boto3.client("sagemaker", region_name="ap-south-1")
        self.stub = Stubber(self.client)
        arn = "arn:aws:sagemaker:ap-south-1:123456789012:"
        package = f"{arn}model-package/samaan-demand/7"
        now = "2026-01-01T00:00:00Z"
        self.add(
            "list_model_packages",
            {
                "ModelPackageSummaryList": [
                    {
                        "ModelPackageArn": package,
                        "ModelPackageVersion": 7,
                        "CreationTime": now,
                        "ModelPackageStatus": "Completed",
                    }
                ]
            },
        )
        self.add("list_models", {"Models": []})
        self.add("create_model", {"ModelArn": f"{arn}model/demand-v7"})
        self.add("list_endpoint_configs", {"EndpointConfigs": []})
        self.add("create_endpoint_config", {"EndpointConfigArn": f"{arn}endpoint-config/x"})
        endpoint = {
            "EndpointName": "demand",
            "EndpointArn": f"{arn}endpoint/demand",
            "EndpointStatus": status,
        }
        self.add(
            "list_endpoints", {"Endpoints": [{**endpoint, "CreationTime": now, "LastModifiedTime": now}]}
        )

    def add(self, call: str, answer: dict[str, Any], expected: dict[str, Any] | None = None) -> None:
        """Expect a call."""
        self.stub.add_response(call, answer, expected)


def test_an_endpoint_is_replaced_behind_a_canary_with_alarms(deployer: Deployer) -> None:
    existing = Existing("InService")
    routing = {
        "Type": "CANARY",
        "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
        "WaitIntervalInSeconds": 600,
    }
    expected = {
        "EndpointName": "demand",
        "EndpointConfigName": REALTIME_CONFIG,
        "DeploymentConfig": {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": routing,
                "TerminationWaitInSeconds": 120,
                "MaximumExecutionTimeoutInSeconds": 14_400,
            },
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
        },
    }
    existing.add(
        "update_endpoint",
        {"EndpointArn": "arn:aws:sagemaker:ap-south-1:123456789012:endpoint/demand"},
        expected,
    )
    deployer.clients["sagemaker"] = existing.client
    with existing.stub:
        assert deployer.deploy(REALTIME) == REALTIME_CONFIG
    existing.stub.assert_no_pending_responses()


def test_an_endpoint_that_is_changing_is_left_alone(deployer: Deployer) -> None:
    existing = Existing("Updating")
    deployer.clients["sagemaker"] = existing.client
    with existing.stub, pytest.raises(DeploymentError, match="'demand' is 'Updating'"):
        deployer.deploy(REALTIME)


def test_a_sample_of_questions_is_stored_where_it_is_asked_for(deployer: Deployer) -> None:
    a_package(deployer, "Approved")
    bare = deployer.deploy(REALTIME)
    capture = DataCapture("s3://bucket/captured", 20, "key")
    deployer.sagemaker.delete_endpoint(EndpointName="demand")
    config = deployer.deploy(replace(REALTIME, capture=capture))
    assert config != bare
    said = deployer.sagemaker.describe_endpoint_config(EndpointConfigName=config)["DataCaptureConfig"]
    assert said["EnableCapture"] is True
    assert (said["InitialSamplingPercentage"], said["DestinationS3Uri"]) == (20, "s3://bucket/captured")
    assert [each["CaptureMode"] for each in said["CaptureOptions"]] == ["Input", "Output"]
    assert said["KmsKeyId"] == "key"
    before = deployer.sagemaker.describe_endpoint_config(EndpointConfigName=bare)
    assert not before.get("DataCaptureConfig")


def test_what_customers_owe_is_never_stored_and_a_serverless_endpoint_stores_nothing() -> None:
    capture = DataCapture("s3://bucket/captured")
    with pytest.raises(ParameterError, match="may hold what customers owe and are never stored"):
        replace(REALTIME, group="samaan-udhaar", capture=capture)
    with pytest.raises(ParameterError, match="a serverless endpoint stores no questions"):
        replace(SERVERLESS, capture=capture)


@pytest.mark.parametrize(
    ("place", "percent"), [("bucket/x", 10), ("s3://bucket/x", 0), ("s3://bucket/x", 101)]
)
def test_a_capture_that_cannot_be_is_refused(place: str, percent: int) -> None:
    with pytest.raises(ParameterError, match="must be"):
        DataCapture(place, percent)
