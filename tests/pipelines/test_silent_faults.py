"""What a runner must not do without a word: overwrite a model, skip a step, read other files than the service."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.local import DefinitionError, LocalRunner
from pipelines.local.durations import duration_seconds
from pipelines.local.execution import job_name
from tests.pipelines.builders import (
    Json,
    ListRegistry,
    a_definition,
    a_processing_step,
    a_registration,
    a_training_step,
    writing,
)

Make = Callable[..., LocalRunner]
EXECUTION = "20260101t000000000-abcd"
HELD = "import os; print('HELD', sorted(os.listdir('/opt/ml/{place}')));"


def a_condition(name: str, holds: bool, *steps: Json, otherwise: tuple[Json, ...] = (), **more: Any) -> Json:
    """A condition whose outcome is known."""
    condition = {"Type": "Equals", "LeftValue": holds, "RightValue": True}
    branches = {"IfSteps": list(steps), "ElseSteps": list(otherwise)}
    return {"Name": name, "Type": "Condition", "Arguments": {"Conditions": [condition], **branches}, **more}


def lay(runner: LocalRunner, uri: str, content: str) -> None:
    """Store a file."""
    path = runner.storage.path(uri)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def held(runner: LocalRunner) -> str:
    """Read what a job printed of its folder."""
    lines = "".join(log.read_text() for log in runner.home.rglob("*.log")).splitlines()
    return next(line.removeprefix("HELD ") for line in lines if line.startswith("HELD"))


@given(st.lists(st.from_regex(r"[A-Za-z0-9_-]{1,200}", fullmatch=True), min_size=2, max_size=5, unique=True))
def test_no_two_steps_share_a_job_name(names: list[str]) -> None:
    jobs = [job_name(EXECUTION, name) for name in names]
    assert len(set(jobs)) == len(names)
    assert all(len(job) <= 63 and "_" not in job for job in jobs)


def test_two_steps_with_alike_long_names_keep_their_models(make_runner: Make, registry: ListRegistry) -> None:
    first, second = "TrainDemandForecastModelForShopAlpha", "TrainDemandForecastModelForShopBeta"
    steps = [
        a_training_step(name, f"open('/opt/ml/model/m', 'w').write('{name}')") for name in (first, second)
    ]
    registrations = [a_registration("A", first, "alpha"), a_registration("B", second, "beta")]
    make_runner().run(a_definition(*steps, *registrations))
    packages = sorted(registry.packages, key=lambda package: package.group)
    for package, name in zip(packages, (first, second), strict=True):
        with tarfile.open(package.archive) as files:
            content = files.extractfile("m")
            assert content is not None
            assert content.read().decode() == name


def test_a_second_attempt_of_a_step_works_apart_from_a_step_of_that_number(
    make_runner: Make, tmp_path: Path
) -> None:
    mark = tmp_path / "tried"
    failing = f"import pathlib; p = pathlib.Path({str(mark)!r}); t = p.exists(); p.touch(); assert t;"
    retry = {"ExceptionType": ["SageMaker.JOB_INTERNAL_ERROR"], "IntervalSeconds": 0, "MaxAttempts": 2}
    steps = (
        a_processing_step("A", failing + writing("first"), RetryPolicies=[retry]),
        a_processing_step("A-2", writing("second"), DependsOn=["A"]),
    )
    status = make_runner().run(a_definition(*steps))
    logs = [status.steps[name].log for name in ("A", "A-2")]
    assert (status.state, len(set(logs))) == ("Succeeded", 2)


@pytest.mark.parametrize("holds", [True, False])
def test_a_step_may_depend_on_its_own_condition_and_on_one_around_it(make_runner: Make, holds: bool) -> None:
    inner = a_condition("Inner", True, a_processing_step("Deep", writing("{}"), DependsOn=["Outer", "Inner"]))
    other = a_processing_step("Other", writing("{}"), DependsOn=["Outer"])
    outer = a_condition("Outer", holds, inner, otherwise=(other,))
    after = a_processing_step("After", writing("{}"), DependsOn=["Outer"])
    status = make_runner().run(a_definition(outer, after))
    ran = {name for name, step in status.steps.items() if step.state == "Succeeded"}
    assert status.state == "Succeeded"
    assert ran == ({"Outer", "Inner", "Deep", "After"} if holds else {"Outer", "Other", "After"})


def test_a_step_that_waits_for_a_branch_that_waits_for_it_is_a_circle() -> None:
    condition = a_condition("Check", True, a_processing_step("In", writing("{}"), DependsOn=["Out"]))
    with pytest.raises(DefinitionError, match=r"'(In, Out|Out, In)' wait for each other"):
        a_definition(condition, a_processing_step("Out", writing("{}"), DependsOn=["Check"]))


def test_cached_steps_that_share_an_output_address_are_found_by_the_files_they_wrote(
    make_runner: Make,
) -> None:
    steps = [a_training_step(name, f"open('/opt/ml/model/m', 'w').write('{name}')") for name in "AB"]
    make_runner().run(a_definition(*steps))
    assert [each.state for each in make_runner().run(a_definition(*steps)).steps.values()] == ["Cached"] * 2


def test_a_cached_step_whose_file_another_step_overwrote_runs_again(make_runner: Make) -> None:
    steps = [
        a_processing_step(name, writing(name), DependsOn=needs) for name, needs in (("A", []), ("B", ["A"]))
    ]
    for step in steps:
        step["Arguments"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"] = "s3://bucket/shared"
    make_runner().run(a_definition(*steps))
    states = [each.state for each in make_runner().run(a_definition(*steps)).steps.values()]
    assert states == ["Succeeded", "Succeeded"]  # A's file holds what B wrote; then B's holds what A wrote


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("30d", 2_592_000),
        ("T16m", 960),
        ("30dT5h", 2_610_000),
        ("P1Y", 31_536_000),
        ("pt1h30m", 5_400),
        ("2w", 1_209_600),
    ],
)
def test_durations_are_read_as_aws_writes_them(written: str, seconds: int) -> None:
    assert duration_seconds(written) == seconds


@pytest.mark.parametrize("written", ["", "P", "T", "30dT", "soon", "30", "d30", "-1d", "1h", "P1.5D", "٣d"])
def test_what_is_no_duration_is_one_problem_and_no_false_one(written: str) -> None:
    a = a_processing_step(
        "A", writing("{}"), cached=False, CacheConfig={"Enabled": True, "ExpireAfter": written}
    )
    with pytest.raises(DefinitionError) as refused:
        a_definition(a, a_processing_step("B", writing("{}"), DependsOn=["A"]))
    assert len(refused.value.problems) == 1
    assert "CacheConfig.ExpireAfter" in refused.value.problems[0]


def test_a_manifest_names_the_files_of_a_channel_and_of_an_input(make_runner: Make) -> None:
    runner = make_runner()
    for name in ("x.csv", "y.csv", "deep/z.csv"):
        lay(runner, f"s3://b/d/{name}", name)
    lay(runner, "s3://b/m.manifest", json.dumps([{"prefix": "s3://b/d/"}, "x.csv", "deep/z.csv"]))
    step = a_training_step(
        "T", HELD.format(place="input/data/train") + "open('/opt/ml/model/m', 'w').write('1')"
    )
    source = {"S3DataType": "ManifestFile", "S3Uri": "s3://b/m.manifest"}
    step["Arguments"]["InputDataConfig"] = [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}]
    assert runner.run(a_definition(step)).state == "Succeeded"
    assert held(runner) == "['deep', 'x.csv']"
    lay(runner, "s3://b/d/x.csv", "changed")
    assert (
        make_runner().run(a_definition(step)).steps["T"].state == "Succeeded"
    )  # the cache knows the files named


@pytest.mark.parametrize(
    "manifest",
    [
        "{}",
        "[]",
        '["a"]',
        '[{"prefix": "s3://b/"}]',
        '[{"prefix": "s3://b/"}, "../../x"]',
        '[{"prefix": 1}, "x"]',
        "[1",
    ],
)
def test_a_manifest_that_is_none_fails_its_step_by_name(make_runner: Make, manifest: str) -> None:
    runner = make_runner()
    lay(runner, "s3://b/m.manifest", manifest)
    step = a_processing_step("A", writing("{}"), {"in": "s3://b/m.manifest"})
    step["Arguments"]["ProcessingInputs"][0]["S3Input"]["S3DataType"] = "ManifestFile"
    status = runner.run(a_definition(step))
    assert status.state == "Failed"
    assert "step 'A': input 'in': " in str(status.reason)


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("s3://b/data/tra", "['train', 'train-data.csv', 'train-truth.csv']"),
        ("s3://b/data/train-", "['train-data.csv', 'train-truth.csv']"),
        ("s3://b/data/train/", "['x.csv']"),
        ("s3://b/data/train", "['train-data.csv', 'train-truth.csv', 'x.csv']"),
        ("s3://b/data/raw.txt", "['raw.txt']"),
        ("s3://b", "['data']"),
    ],
)
def test_a_prefix_stands_for_every_key_that_begins_with_it(
    make_runner: Make, prefix: str, expected: str
) -> None:
    runner = make_runner()
    for name in ("train-data.csv", "train-truth.csv", "train/x.csv", "raw.txt"):
        lay(runner, f"s3://b/data/{name}", name)
    lay(runner, "s3://bb/other", "another bucket")
    step = a_processing_step("A", HELD.format(place="processing/input/in") + writing("{}"), {"in": prefix})
    assert runner.run(a_definition(step)).state == "Succeeded"
    assert held(runner) == expected


@pytest.mark.parametrize(
    ("place", "field", "value"),
    [
        ("channel", "CompressionType", "Gzip"),
        ("channel", "InputMode", "Pipe"),
        ("channel", "RecordWrapperType", "RecordIO"),
        ("source", "S3DataType", "AugmentedManifestFile"),
        ("source", "S3DataType", "Whatever"),
        ("input", "S3CompressionType", "Gzip"),
        ("input", "S3InputMode", "Pipe"),
        ("input", "S3DataType", "AugmentedManifestFile"),
        ("input", "S3DataDistributionType", "Scattered"),
    ],
)
def test_a_field_that_would_be_read_otherwise_is_refused_by_its_name(
    make_runner: Make, place: str, field: str, value: str
) -> None:
    train = a_training_step("T", "pass", {"train": "s3://b/d"})
    read = a_processing_step("P", writing("{}"), {"in": "s3://b/d"})
    channel = train["Arguments"]["InputDataConfig"][0]
    places = {
        "channel": channel,
        "source": channel["DataSource"]["S3DataSource"],
        "input": read["Arguments"]["ProcessingInputs"][0]["S3Input"],
    }
    places[place][field] = value
    with pytest.raises(DefinitionError) as refused:
        make_runner().run(a_definition(train, read))
    assert len(refused.value.problems) == 1
    assert f"{field}: '{value}'" in refused.value.problems[0]
