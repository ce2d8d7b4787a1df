"""The committed definitions: what the SDK builds, what the API takes, what the runner can run."""

from __future__ import annotations

import copy
import importlib.util
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from pipelines.areas import AREAS, golden_path, golden_text
from pipelines.definition import render
from pipelines.local import Definition, LocalRunner
from samaan_ml.exceptions import ParameterError
from tests.pipelines.api_model import faults
from training.areas import area_named

pytestmark = pytest.mark.filterwarnings("ignore")  # the SDK warns about its own dependencies


@pytest.fixture(params=AREAS)
def area(request: pytest.FixtureRequest) -> str:
    """Every area."""
    return str(request.param)


@pytest.fixture
def document(area: str) -> dict[str, Any]:
    """The committed definition of an area."""
    loaded: dict[str, Any] = json.loads(golden_text(area))
    return loaded


def test_the_api_takes_every_request_and_reference(area: str, document: dict[str, Any]) -> None:
    assert list(faults(Definition.read(document, area))) == []


def spoilt(document: dict[str, Any], path: list[Any], value: Any) -> dict[str, Any]:
    """Give a copy with one value replaced."""
    result = copy.deepcopy(document)
    place: Any = result
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return result


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (["Steps", 0, "Arguments", "AppSpecification"], {"Image": "x"}, "ImageUri"),
        (["Steps", 1, "Arguments", "HyperParameters"], {"depth": 3}, "depth"),
        (["Steps", 1, "Arguments", "ResourceConfig", "InstanceCount"], "one", "InstanceCount"),
        (
            ["Steps", 1, "Arguments", "InputDataConfig", 0, "DataSource", "S3DataSource", "S3Uri"],
            {"Get": "Steps.Prepare.ProcessingOutput.Outputs['prepared'].S3Output.S3Uri"},
            "ProcessingOutput",
        ),
    ],
)
def test_the_api_check_sees_planted_faults(path: list[Any], value: Any, complaint: str) -> None:
    document = json.loads(golden_text("demand"))
    found = list(faults(Definition.read(spoilt(document, path, value), "spoilt")))
    assert len(found) == 1
    assert complaint in found[0]


def test_the_runner_can_run_every_step(
    area: str, document: dict[str, Any], make_runner: Callable[..., LocalRunner]
) -> None:
    values = make_runner().check(Definition.read(document, area), {})
    assert values["ApprovalStatus"] == "Approved"


def test_the_settings_of_a_pipeline_are_those_of_its_area(area: str) -> None:
    named = {
        re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): value for name, value in AREAS[area].settings.items()
    }
    assert named == area_named(area).settings


def test_the_gates_limits_are_the_areas_own_by_default(area: str, document: dict[str, Any]) -> None:
    values = {each["Name"]: each.get("DefaultValue") for each in document["Parameters"]}
    rules = area_named(area).rules
    assert values["MaximumLatencyMs"] == rules.most_latency_ms
    assert values["MaximumModelMib"] == rules.most_mib


def test_every_parameter_has_the_type_of_its_value(document: dict[str, Any]) -> None:
    kinds = {each["Name"]: each["Type"] for each in document["Parameters"]}
    assert kinds["MinimumSkill"] == kinds["MaximumLatencyMs"] == "Float"
    assert kinds["RandomState"] == "Integer"
    assert kinds["BatchTransform"] == "Boolean"


def test_no_condition_is_inside_another_which_the_service_refuses(document: dict[str, Any]) -> None:
    conditions = [step for step in document["Steps"] if step["Type"] == "Condition"]
    inner = [
        each["Type"]
        for step in conditions
        for side in ("IfSteps", "ElseSteps")
        for each in step["Arguments"][side]
    ]
    assert len(conditions) == 3
    assert "Condition" not in inner


def test_a_model_is_registered_with_metrics_baselines_lineage_and_card(document: dict[str, Any]) -> None:
    register = _step(document, "Register")["Arguments"]
    for part in ("ModelMetrics", "DriftCheckBaselines"):
        assert {"ModelQuality", "ModelDataQuality", "Bias"} <= set(register[part])
    assert {"data_digest", "hyperparameters", "model_version", "trained_until"} <= set(
        register["CustomerMetadataProperties"]
    )
    assert register["MetadataProperties"]["GeneratedBy"] == {"Get": "Execution.PipelineExecutionArn"}
    path = register["ModelCard"]["ModelCardContent"]["Std:JsonGet"]["Path"]
    assert path == "model_card"


def test_jobs_wait_for_a_machine_and_are_not_retried_for_what_they_got_wrong(
    document: dict[str, Any],
) -> None:
    jobs = [
        step for step in _all(document["Steps"]) if step["Type"] in ("Processing", "Training", "Transform")
    ]
    assert len(jobs) == 8
    for step in jobs:
        kinds = {kind for policy in step["RetryPolicies"] for kind in policy["ExceptionType"]}
        assert "SageMaker.CAPACITY_ERROR" in kinds
        assert "SageMaker.JOB_INTERNAL_ERROR" not in kinds


def _all(steps: list[Any]) -> list[dict[str, Any]]:
    """Give all steps, those in branches too."""
    found: list[dict[str, Any]] = []
    for step in steps:
        found.append(step)
        for side in ("IfSteps", "ElseSteps"):
            found += _all(step["Arguments"].get(side, []))
    return found


def _step(document: dict[str, Any], name: str) -> dict[str, Any]:
    """Find a step."""
    return next(step for step in _all(document["Steps"]) if step["Name"] == name)


def test_nothing_of_an_account_or_a_machine_is_in_a_definition(document: dict[str, Any]) -> None:
    text = json.dumps(document["Steps"])
    assert "arn:aws:iam" not in text
    assert not re.search(r"\d{12}", text)
    assert "/opt/ml" in text


def test_an_unknown_area_is_named_with_those_that_exist() -> None:
    with pytest.raises(ParameterError, match="'fruit' is not a pipeline; these are: demand, price, udhaar"):
        golden_path("fruit")


@pytest.mark.skipif(
    importlib.util.find_spec("sagemaker") is None, reason="the SageMaker SDK is not installed"
)
def test_the_sdk_builds_the_committed_bytes_every_time(area: str) -> None:
    assert render(area) == golden_text(area)  # committed by another process: the same bytes every time
