"""Definitions written wrongly in any place are refused or fail by step and field; none breaks the runner."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.local import Definition, DefinitionError, ExecutionError, Launcher, LocalRunner, StepError
from pipelines.local.containers import Container, Usage
from tests.pipelines.builders import (
    Json,
    ListRegistry,
    a_definition,
    a_processing_step,
    a_registration,
    a_training_step,
    output_of,
    said_by,
    writing,
)

Make = Callable[..., LocalRunner]


class AtOnce(Launcher):
    """Leaves what the steps below would leave, without starting a process."""

    def run(self, container: Container) -> Usage:
        """Write an output and a model."""
        for place in ("processing/output/out", "model"):
            (container.base / place).mkdir(parents=True, exist_ok=True)
            (container.base / place / "said.json").write_text('{"a": {"b": 1}}', "utf-8")
        return Usage()

    @contextlib.contextmanager
    def serving(self, container: Container) -> Iterator[Callable[[], None]]:
        """Refuse to serve."""
        raise StepError(container.step, "nothing serves here")
        yield lambda: None


def a_whole_definition() -> Json:
    """A definition with every kind of step and every kind of reference."""
    model = {"Image": "samaan-sathi", "ModelDataUrl": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}}
    one_is_two = {"Type": "Equals", "LeftValue": 1, "RightValue": 2}
    conditions = [
        {
            "Type": "GreaterThan",
            "LeftValue": said_by("First", "a.b"),
            "RightValue": {"Get": "Parameters.Limit"},
        },
        {"Type": "In", "QueryValue": 1, "Values": [1, 2]},
        {"Type": "Not", "Condition": {"Type": "Or", "Conditions": [one_is_two]}},
    ]
    refusal = {
        "Name": "No",
        "Type": "Fail",
        "Arguments": {"ErrorMessage": {"Std:Join": {"Values": ["no", 1]}}},
    }
    transform = {
        "ModelName": {"Get": "Steps.Model.ModelName"},
        "TransformInput": {"DataSource": {"S3DataSource": {"S3Uri": output_of("First")}}},
        "TransformOutput": {"S3OutputPath": "s3://bucket/answers"},
    }
    retry = {"ExceptionType": ["Step.SERVICE_FAULT"], "IntervalSeconds": 1, "MaxAttempts": 2}
    return {
        "Version": "2020-12-01",
        "Parameters": [{"Name": "Limit", "Type": "Float", "DefaultValue": 0.5}],
        "Steps": [
            a_processing_step("First", "", property_file="said.json"),
            a_training_step("Train", "", {"train": output_of("First")}, RetryPolicies=[retry]),
            {
                "Name": "Ask",
                "Type": "Condition",
                "Arguments": {
                    "Conditions": conditions,
                    "IfSteps": [a_registration("Register", "Train")],
                    "ElseSteps": [refusal],
                },
            },
            {"Name": "Model", "Type": "Model", "Arguments": {"PrimaryContainer": model}},
            {"Name": "Answers", "Type": "Transform", "DependsOn": ["Ask"], "Arguments": transform},
        ],
    }


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Go through every place of a document."""
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        yield from places(each, (*path, key))


WHOLE = a_whole_definition()
PLACES = list(places(WHOLE))[1:]
WRONG = [
    None, 0, -1, True, 10**9, 1e308, "", "x", "../../up", "a\0b", [], {}, [None],
    {"Get": "Steps.Nobody.Name"}, {"Get": 5}, {"Get": "Execution.Nothing"}, {"Get": "Parameters.Limit"},
    {"Std:Join": {}}, {"Std:JsonGet": {}}, {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.First"}, "Path": "a"}},
]  # fmt: skip


@given(st.sampled_from(PLACES), st.sampled_from(WRONG), st.booleans())
def test_whatever_is_wrong_is_told_before_the_start_or_as_a_steps_failure(
    place: tuple[Any, ...], wrong: Any, left_out: bool
) -> None:
    document = copy.deepcopy(WHOLE)
    around = document
    for key in place[:-1]:
        around = around[key]
    if left_out:
        del around[place[-1]]
    else:
        around[place[-1]] = copy.deepcopy(wrong)
    with TemporaryDirectory() as home:
        runner = LocalRunner(Path(home), ListRegistry(), launcher=AtOnce())
        with contextlib.suppress(DefinitionError):
            status = runner.run(Definition.read(document, "small"))
            told = status.reason or ""
            assert (status.state, told[:6]) in {("Succeeded", ""), ("Failed", "step '")}
        assert {path.name for path in Path(home).parent.glob("up*")} == set()


@pytest.mark.parametrize(
    ("place", "wrong", "told"),
    [
        ((0, "Name"), "../../up", "step '../../up': 'Name' must be of letters"),
        ((0, "Arguments", "ProcessingInputs"), "s3://x", "step 'First', ProcessingInputs: must be a list"),
        ((0, "Arguments", "ProcessingResources", "ClusterConfig", "InstanceCount"), 10**9, "InstanceCount: must be"),
        ((0, "Arguments", "ProcessingOutputConfig", "Outputs", 0, "S3Output"), {}, r"S3Output.S3Uri: missing"),
        ((0, "Arguments", "ProcessingOutputConfig", "Outputs", 0, "S3Output", "LocalPath"), "/opt/ml/../x", "must lie"),
        ((0, "CacheConfig", "ExpireAfter"), "soon", "step 'First': CacheConfig.ExpireAfter: 'soon' is not an ISO"),
        ((0, "PropertyFiles", 0), {"PropertyFileName": "said"}, "step 'First': 'OutputName' is missing"),
        ((0, "PropertyFiles"), [], "step 'Ask': step 'First' has no property file 'said'"),
        ((1, "Arguments", "OutputDataConfig"), None, "step 'Train', OutputDataConfig: missing"),
        ((1, "Arguments", "InputDataConfig", 0, "ChannelName"), "../x", "step 'Train', InputDataConfig.ChannelName"),
        ((1, "RetryPolicies", 0, "IntervalSeconds"), "often", "RetryPolicies.IntervalSeconds: must be a number"),
        ((2, "Arguments", "Conditions"), [], "step 'Ask', Conditions: missing"),
        ((2, "Arguments", "Conditions", 0, "RightValue"), {"Get": "Execution.No"}, "refers to 'Execution.No'"),
        ((2, "Arguments", "Conditions", 0, "LeftValue"), {"Std:JsonGet": {"Path": "a"}}, "lacks its 'PropertyFile'"),
        ((4, "DependsOn"), "Ask", "step 'Answers': 'DependsOn' must be a list of step names"),
        ((4, "Arguments", "TransformInput", "DataSource"), {}, "TransformInput.DataSource.S3DataSource: missing"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_its_step_before_anything_runs(
    make_runner: Make, place: tuple[Any, ...], wrong: Any, told: str
) -> None:
    document = copy.deepcopy(WHOLE)
    around = document["Steps"]
    for key in place[:-1]:
        around = around[key]
    around[place[-1]] = wrong
    with pytest.raises(DefinitionError, match=told):
        make_runner(launcher=AtOnce()).run(Definition.read(document, "small"))


def test_an_instance_count_that_a_parameter_gives_is_checked_when_its_step_runs(make_runner: Make) -> None:
    step = a_processing_step("Many", "pass")
    step["Arguments"]["ProcessingResources"]["ClusterConfig"]["InstanceCount"] = {"Get": "Parameters.Hosts"}
    hosts = {"Name": "Hosts", "Type": "Integer", "DefaultValue": 10**9}
    status = make_runner().run(a_definition(step, parameters=[hosts]))
    assert status.reason == "step 'Many': InstanceCount: must be a whole number from 1 to 64, got 1000000000"


def test_a_runner_runs_again_after_a_run_that_failed(make_runner: Make) -> None:
    runner = make_runner()
    assert runner.run(a_definition(a_processing_step("Bad", "raise SystemExit(3)"))).state == "Failed"
    assert runner.run(a_definition(a_processing_step("Good", writing("{}")))).state == "Succeeded"


def test_a_fault_that_nobody_foresaw_is_the_steps_failure_with_its_traceback_in_the_log(
    make_runner: Make,
) -> None:
    class Broken(Launcher):
        def run(self, container: Container) -> Usage:
            raise ZeroDivisionError("what nobody foresaw")

    runner = make_runner(launcher=Broken())
    status = runner.run(a_definition(a_processing_step("Odd", "pass")))
    assert status.reason == "step 'Odd': ZeroDivisionError: what nobody foresaw"
    log = runner.home / str(status.steps["Odd"].log)
    assert "Traceback" in log.read_text("utf-8")


def test_a_home_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    runner = LocalRunner(tmp_path / "file", ListRegistry(), launcher=AtOnce())
    with pytest.raises(ExecutionError, match=r"^pipeline 'small' cannot go on: Not a directory: '.*'$"):
        runner.run(a_definition(a_processing_step("First", "")))


def test_a_model_server_that_ends_at_once_is_told_at_once(make_runner: Make) -> None:
    document = a_whole_definition()
    commands = {("samaan", "train"): ("python3", "-c", "raise SystemExit('no such model')")}

    class Dying(AtOnce):
        """Starts a server that ends."""

        serving = Launcher.serving

    status = make_runner(launcher=Dying(commands)).run(Definition.read(document, "small"))
    assert status.reason == "step 'Answers': it ended with code 1: no such model"
    assert status.seconds < 30
