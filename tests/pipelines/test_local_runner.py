"""The local runner: order, branches, data between steps, cache, retries, shards, failures."""

from __future__ import annotations

import json
import shlex
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.local import DefinitionError, ExecutionError, LocalRunner
from pipelines.local.images import Images
from pipelines.local.transform import TransformKind
from tests.pipelines.builders import (
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

OUT = "/opt/ml/processing/output/out"
LISTING = f"import os; open('{OUT}/said.json', 'w').write(' '.join(sorted(os.listdir('/opt/ml/processing/input/a'))))"
COPYING = f"import shutil; shutil.copytree('/opt/ml/processing/input/a', '{OUT}', dirs_exist_ok=True)"


def stored(runner: LocalRunner, uri: str) -> str:
    """Read what is stored at an address."""
    return runner.storage.path(uri).read_text("utf-8")


def a_choice(step: str, wanted: object, then: list[object], otherwise: list[object]) -> dict[str, object]:
    """A condition on what a step said."""
    return {
        "Name": "Choose",
        "Type": "Condition",
        "Arguments": {
            "Conditions": [{"Type": "Equals", "LeftValue": said_by(step, "v"), "RightValue": wanted}],
            "IfSteps": then,
            "ElseSteps": otherwise,
        },
    }


def test_what_one_step_stores_the_next_one_finds(make_runner: Make) -> None:
    runner = make_runner()
    status = runner.run(
        a_definition(
            a_processing_step("B", LISTING, {"a": output_of("A")}),  # written before what it needs
            a_processing_step("A", writing("1", "x.txt")),
        )
    )
    assert status.state == "Succeeded"
    assert stored(runner, f"s3://bucket/{status.execution_id}/B/said.json") == "x.txt"


def test_a_training_step_finds_its_config_and_leaves_the_same_archive_every_time(make_runner: Make) -> None:
    code = (
        "import json; c = '/opt/ml/input/config/'; "
        "said = [json.load(open(c + n + '.json')) for n in ('hyperparameters', 'inputdataconfig', 'resourceconfig')]; "
        "open('/opt/ml/model/said.json', 'w').write(json.dumps(said) + open('/opt/ml/input/data/train/x.txt').read())"
    )
    runner = make_runner()
    step = a_training_step("T", code, {"train": output_of("A")})
    del step["CacheConfig"]
    definition = a_definition(a_processing_step("A", writing("rows", "x.txt")), step)
    archives = []
    for _ in range(2):
        status = runner.run(definition)
        uri = status.steps["T"].description["ModelArtifacts"]["S3ModelArtifacts"]
        archives.append(runner.storage.path(uri).read_bytes())
    said = (
        runner.home / "runs" / "small" / status.execution_id / "T" / "algo-1" / "model" / "said.json"
    ).read_text()
    assert said.endswith("rows")
    assert json.loads(said.removesuffix("rows"))[0] == {"depth": "3"}
    assert json.loads(said.removesuffix("rows"))[1]["train"]["TrainingInputMode"] == "File"
    assert archives[0] == archives[1]


@pytest.mark.parametrize(("said", "registered", "state"), [(1, 1, "Succeeded"), (0, 0, "Failed")])
def test_a_condition_chooses_between_registering_and_failing(
    make_runner: Make, registry: ListRegistry, said: int, registered: int, state: str
) -> None:
    refusal = {"Std:Join": {"On": " ", "Values": ["it said", said_by("Ask", "v")]}}
    fail = {"Name": "Refuse", "Type": "Fail", "Arguments": {"ErrorMessage": refusal}}
    status = make_runner().run(
        a_definition(
            a_processing_step("Ask", writing(json.dumps({"v": said})), property_file="said.json"),
            a_training_step("T", "open('/opt/ml/model/m', 'w').write('m')"),
            a_choice("Ask", 1, [a_registration("Register", "T")], [fail]),
        )
    )
    assert (len(registry.packages), status.state) == (registered, state)
    skipped = "Refuse" if said else "Register"
    assert status.steps[skipped].state == "Skipped"
    assert said or status.reason == "step 'Refuse': it said 0"


def test_a_second_run_takes_everything_from_the_cache_and_registers_nothing_again(
    make_runner: Make, registry: ListRegistry
) -> None:
    definition = a_definition(
        a_processing_step("A", writing("{}")),
        a_training_step("T", "open('/opt/ml/model/m', 'w').write('m')", {"a": output_of("A")}),
        a_registration("R", "T"),
    )
    first, second = make_runner().run(definition), make_runner().run(definition)
    assert [step.state for step in first.steps.values()] == ["Succeeded"] * 3
    assert [step.state for step in second.steps.values()] == ["Cached"] * 3
    assert second.steps["A"].description["CachedFrom"] == first.execution_id
    assert len(registry.packages) == 1


def test_changed_input_runs_what_depends_on_it_and_nothing_else(make_runner: Make, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "x.txt").write_text("1")
    definition = a_definition(
        a_processing_step("Reads", COPYING, {"a": "s3://data/current"}),
        a_processing_step("After", COPYING, {"a": output_of("Reads")}),
        a_processing_step("Apart", writing("{}")),
    )
    mounts = {"s3://data/current": source}
    make_runner(mounts=mounts).run(definition)
    (source / "x.txt").write_text("2")
    states = {name: step.state for name, step in make_runner(mounts=mounts).run(definition).steps.items()}
    assert states == {"Reads": "Succeeded", "After": "Succeeded", "Apart": "Cached"}


def test_a_step_whose_rerun_gives_the_same_output_leaves_the_rest_cached(
    make_runner: Make, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "x.txt").write_text("1")
    definition = a_definition(
        a_processing_step("Counts", LISTING, {"a": "s3://data/current"}),
        a_processing_step("After", LISTING, {"a": output_of("Counts")}),
    )
    make_runner(mounts={"s3://data/current": source}).run(definition)
    (source / "x.txt").write_text("2")
    second = make_runner(mounts={"s3://data/current": source}).run(definition)
    assert [step.state for step in second.steps.values()] == ["Succeeded", "Cached"]


def test_a_cached_step_runs_again_when_its_output_was_removed_or_is_too_old(make_runner: Make) -> None:
    step = a_processing_step("A", writing("{}"))
    runner = make_runner()
    first = runner.run(a_definition(step))
    runner.storage.path(f"s3://bucket/{first.execution_id}/A/said.json").unlink()
    assert make_runner().run(a_definition(step)).steps["A"].state == "Succeeded"
    step["CacheConfig"]["ExpireAfter"] = "PT0S"
    assert make_runner().run(a_definition(step)).steps["A"].state == "Succeeded"


def test_a_step_without_cache_config_always_runs(make_runner: Make) -> None:
    definition = a_definition(a_processing_step("A", writing("{}"), cached=False))
    make_runner().run(definition)
    assert make_runner().run(definition).steps["A"].state == "Succeeded"


def test_independent_steps_run_side_by_side(make_runner: Make, tmp_path: Path) -> None:
    meet = (
        "import pathlib, time; pathlib.Path('{mine}').touch(); end = time.time() + 20\n"
        "while not pathlib.Path('{other}').exists():\n"
        "    assert time.time() < end, 'the other step never came'\n"
        "    time.sleep(0.01)\n" + writing("{{}}")
    )
    a, b = tmp_path / "a", tmp_path / "b"
    status = make_runner(max_parallel=2).run(
        a_definition(
            a_processing_step("A", meet.format(mine=a, other=b)),
            a_processing_step("B", meet.format(mine=b, other=a)),
        )
    )
    assert status.state == "Succeeded"


def test_depends_on_is_kept_without_data_between_the_steps(make_runner: Make, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    status = make_runner(max_parallel=2).run(
        a_definition(
            a_processing_step("Late", f"assert open('{mark}').read()\n" + writing("{}"), DependsOn=["Early"]),
            a_processing_step(
                "Early", f"import time; time.sleep(0.2); open('{mark}', 'w').write('x')\n" + writing("{}")
            ),
        )
    )
    assert status.state == "Succeeded"


def test_a_step_is_tried_again_as_its_policy_says(make_runner: Make, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    code = f"import os, sys\nif not os.path.exists('{mark}'):\n    open('{mark}', 'w').close(); sys.exit('not yet')\n"
    policy = {"ExceptionType": ["SageMaker.JOB_INTERNAL_ERROR"], "IntervalSeconds": 0, "MaxAttempts": 2}
    status = make_runner().run(
        a_definition(a_processing_step("A", code + writing("{}"), RetryPolicies=[policy]))
    )
    assert (status.state, status.steps["A"].attempts) == ("Succeeded", 2)


def test_a_step_without_a_fitting_policy_is_not_tried_again(make_runner: Make) -> None:
    policy = {"ExceptionType": ["Step.THROTTLING"], "IntervalSeconds": 0, "MaxAttempts": 5}
    status = make_runner().run(
        a_definition(a_processing_step("A", "import sys; sys.exit('no')", RetryPolicies=[policy]))
    )
    assert (status.state, status.steps["A"].attempts) == ("Failed", 1)


def test_a_failure_names_the_step_and_what_it_said_last(make_runner: Make) -> None:
    status = make_runner().run(
        a_definition(
            a_processing_step("Breaks", "print('reading'); raise ValueError('no column units')"),
            a_processing_step("After", writing("{}"), {"a": output_of("Breaks")}),
        )
    )
    assert status.reason == "step 'Breaks': it ended with code 1: ValueError: no column units"
    assert status.steps["After"].state == "Skipped"


def test_a_failure_file_is_believed_before_the_log(make_runner: Make) -> None:
    told = "os.makedirs('/opt/ml/output', exist_ok=True); open('/opt/ml/output/failure', 'w').write('channel is bare')"
    code = f"import os; {told}; exit(1)"
    assert make_runner().run(a_definition(a_training_step("T", code))).reason == "step 'T': channel is bare"


def test_an_input_that_is_not_there_is_named(make_runner: Make) -> None:
    status = make_runner().run(
        a_definition(a_processing_step("A", "pass", {"rows": "s3://data/none"}, cached=False))
    )
    assert status.reason == "step 'A': input 'rows': nothing is stored at 's3://data/none'"


def test_an_empty_output_is_a_failure(make_runner: Make) -> None:
    status = make_runner().run(a_definition(a_processing_step("A", "pass")))
    assert "output 'out' is empty" in str(status.reason)


@pytest.mark.parametrize("sharded", [True, False])
def test_hosts_share_out_or_replicate_the_files(make_runner: Make, tmp_path: Path, sharded: bool) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in "abcde":
        (source / name).write_text(name)
    code = (
        "import json, os; host = json.load(open('/opt/ml/config/resourceconfig.json'))['current_host']; "
        f"open(f'{OUT}/{{host}}', 'w').write(''.join(sorted(os.listdir('/opt/ml/processing/input/a'))))"
    )
    step = a_processing_step("A", code, {"a": "s3://data/x"}, count=2, sharded=["a"] if sharded else [])
    runner = make_runner(mounts={"s3://data/x": source})
    status = runner.run(a_definition(step))
    said = [stored(runner, f"s3://bucket/{status.execution_id}/A/algo-{host}") for host in (1, 2)]
    assert said == (["ace", "bd"] if sharded else ["abcde", "abcde"])


def test_a_job_cannot_change_what_it_was_given(make_runner: Make, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "x").write_text("given")
    code = "open('/opt/ml/processing/input/a/x', 'w').write('changed')\n" + writing("{}")
    make_runner(mounts={"s3://data/x": source}).run(
        a_definition(a_processing_step("A", code, {"a": "s3://data/x"}))
    )
    assert (source / "x").read_text() == "given"


def test_a_pipeline_that_runs_already_is_not_started_twice(make_runner: Make, tmp_path: Path) -> None:
    go = tmp_path / "go"
    wait = f"import os, time\nwhile not os.path.exists('{go}'): time.sleep(0.01)\n" + writing("{}")
    definition, states = a_definition(a_processing_step("A", wait)), []
    thread = threading.Thread(target=lambda: states.append(make_runner().run(definition).state))
    thread.start()
    lock = tmp_path / "home" / "runs" / "small"
    while not list(lock.glob("*/A/algo-1/pid")):
        time.sleep(0.01)
    with pytest.raises(ExecutionError, match="'small' is running already"):
        make_runner().run(definition)
    go.touch()
    thread.join()
    assert states == ["Succeeded"]


def test_the_order_to_stop_ends_the_step_and_the_execution(make_runner: Make, tmp_path: Path) -> None:
    runner = make_runner()
    definition = a_definition(
        a_processing_step("A", "import time; time.sleep(60)"), a_processing_step("B", "pass", DependsOn=["A"])
    )
    results = []
    thread = threading.Thread(target=lambda: results.append(runner.run(definition)))
    thread.start()
    while not list((tmp_path / "home" / "runs" / "small").glob("*/A/algo-1/pid")):
        time.sleep(0.01)
    runner.launcher.stop.set()
    thread.join(timeout=30)
    assert results[0].state == "Stopped"
    assert {name: step.state for name, step in results[0].steps.items()} == {"A": "Stopped", "B": "Skipped"}


def test_the_status_file_tells_what_the_run_returned(make_runner: Make) -> None:
    runner = make_runner()
    status = runner.run(a_definition(a_processing_step("A", writing("{}"))))
    path = runner.home / "runs" / "small" / status.execution_id / "status.json"
    said = json.loads(path.read_text("utf-8"))
    assert (said["state"], said["steps"]["A"]["state"]) == ("Succeeded", "Succeeded")
    assert said["steps"]["A"]["cpu_seconds"] > 0


def test_what_cannot_be_run_is_said_before_anything_is(make_runner: Make, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    tuning = {"Name": "Tune", "Type": "AutoML", "Arguments": {}}
    imageless = a_processing_step("Bare", "pass", DependsOn=["First"])
    del imageless["Arguments"]["AppSpecification"]["ContainerEntrypoint"]
    outside = a_processing_step("Outside", "pass")
    outside["Arguments"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["LocalPath"] = "/elsewhere"
    with pytest.raises(DefinitionError) as caught:
        make_runner().run(
            a_definition(a_processing_step("First", f"open('{mark}', 'w')"), tuning, imageless, outside)
        )
    text = str(caught.value)
    assert "step 'Tune': type 'AutoML' cannot be run here: Autopilot is a service" in text
    assert "step 'Bare', AppSpecification.ContainerEntrypoint: missing" in text
    assert "step 'Outside', ProcessingOutputConfig.Outputs[out].S3Output.LocalPath" in text
    assert not mark.exists()


def test_parameters_are_checked_by_name_and_type(make_runner: Make) -> None:
    parameters = [
        {"Name": "Count", "Type": "Integer", "DefaultValue": 1},
        {"Name": "Mode", "Type": "String", "EnumValues": ["a", "b"], "DefaultValue": "a"},
        {"Name": "Needed", "Type": "String"},
    ]
    definition = a_definition(a_processing_step("A", "pass"), parameters=parameters)
    with pytest.raises(DefinitionError) as caught:
        make_runner().run(definition, {"Count": "many", "Mode": "c", "Unknown": 1})
    assert len(caught.value.problems) == 4
    for name in ("Count", "Mode", "Needed", "Unknown"):
        assert f"'{name}'" in str(caught.value)


def a_decision(*conditions: object) -> dict[str, object]:
    """A condition on values of the definition itself, which fails where it does not hold."""
    fail = {"Name": "No", "Type": "Fail", "Arguments": {"ErrorMessage": "it does not hold"}}
    arguments = {"Conditions": list(conditions), "IfSteps": [], "ElseSteps": [fail]}
    return {"Name": "Choose", "Type": "Condition", "Arguments": arguments}


def compared(kind: str, left: object, right: object) -> dict[str, object]:
    """A comparison."""
    return {"Type": kind, "LeftValue": left, "RightValue": right}


TRUE, FALSE = compared("Equals", 1, 1), compared("Equals", 1, 2)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (compared("Equals", {"Get": "Parameters.Count"}, 3), True),
        (compared("Equals", "a", "b"), False),
        (compared("GreaterThan", 3, 3), False),
        (compared("GreaterThanOrEqualTo", 3, 3), True),
        (compared("LessThan", 3, 3), False),
        (compared("LessThanOrEqualTo", 3, 3.0), True),
        ({"Type": "In", "QueryValue": {"Get": "Parameters.Count"}, "Values": [1, 3]}, True),
        ({"Type": "In", "QueryValue": 2, "Values": [1, 3]}, False),
        ({"Type": "Not", "Condition": FALSE}, True),
        ({"Type": "Not", "Expression": TRUE}, False),
        ({"Type": "Or", "Conditions": [FALSE, {"Type": "Not", "Condition": FALSE}]}, True),
        ({"Type": "Or", "Conditions": [FALSE, FALSE]}, False),
    ],
)
def test_every_operator_decides(make_runner: Make, condition: object, holds: bool) -> None:
    parameters = [{"Name": "Count", "Type": "Integer", "DefaultValue": 3}]
    status = make_runner().run(a_definition(a_decision(condition), parameters=parameters))
    assert status.state == ("Succeeded" if holds else "Failed")
    assert (
        make_runner().run(a_definition(a_decision(condition, FALSE), parameters=parameters)).state == "Failed"
    )


@pytest.mark.parametrize(
    ("condition", "complaint"),
    [
        ({"Type": "Like"}, "step 'Choose', Conditions: operator 'Like' is not known"),
        ({"Type": "Not"}, "step 'Choose', Conditions: 'Not' lacks its 'Condition'"),
        ({"Type": "In", "QueryValue": 1}, "step 'Choose', Conditions: 'In' lacks its 'Values'"),
        ({"Type": "Or", "Conditions": [{"Type": "Equals"}]}, "Conditions: 'Equals' lacks its 'LeftValue'"),
    ],
)
def test_a_broken_condition_is_named_before_anything_runs(
    make_runner: Make, condition: object, complaint: str
) -> None:
    with pytest.raises(DefinitionError, match=complaint):
        make_runner().run(a_definition(a_decision(condition)))


def test_sides_that_cannot_be_compared_fail_their_step(make_runner: Make) -> None:
    status = make_runner().run(a_definition(a_decision(compared("LessThan", "a", 1))))
    assert status.reason == "step 'Choose': 'LessThan' cannot compare 'a' with 1"


def test_retries_end_by_time_where_the_policy_says_so() -> None:
    raw = {"ExceptionType": ["Step.THROTTLING"], "IntervalSeconds": 2, "BackoffRate": 3, "ExpireAfterMin": 1}
    step = {"Name": "A", "Type": "Fail", "Arguments": {}, "RetryPolicies": [raw]}
    [policy] = a_definition(step).steps[0].retries
    assert policy.allows(attempts=99, seconds=59.9)
    assert not policy.allows(attempts=1, seconds=60)
    assert [policy.pause_seconds(attempts) for attempts in (1, 2, 3)] == [2, 6, 18]
    del raw["ExpireAfterMin"]
    [policy] = a_definition({**step, "RetryPolicies": [{**raw, "MaxAttempts": 2}]}).steps[0].retries
    assert policy.allows(attempts=1, seconds=1e9)
    assert not policy.allows(attempts=2, seconds=0)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("Callback", "it waits for a message in a queue that only the account has"),
        ("ClarifyCheck", "Clarify's analysis runs in an image of its own"),
        ("EMR", "it needs a cluster"),
        ("Dance", "these can: Condition, Fail, Lambda"),
    ],
)
def test_a_type_that_cannot_be_run_is_refused_with_its_reason(
    make_runner: Make, kind: str, reason: str
) -> None:
    with pytest.raises(DefinitionError, match=f"step 'X': type '{kind}' cannot be run here: {reason}"):
        make_runner().run(a_definition({"Name": "X", "Type": kind, "Arguments": {}}))


def test_a_transform_of_the_same_model_and_input_is_found_in_the_cache(
    make_runner: Make, tmp_path: Path
) -> None:
    server = (
        "import http.server, sys\n"
        "class Echo(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self): self.send_response(200); self.end_headers()\n"
        "    def do_POST(self):\n"
        "        body = self.rfile.read(int(self.headers['Content-Length']))\n"
        "        self.send_response(200); self.end_headers(); self.wfile.write(body.upper())\n"
        "http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Echo).serve_forever()"
    )
    source = tmp_path / "source"
    source.mkdir()
    (source / "x.jsonl").write_text("a\nb\n")
    training = a_training_step("T", "open('/opt/ml/model/m', 'w').write('m')")
    archive = {"Get": "Steps.T.ModelArtifacts.S3ModelArtifacts"}
    model = {"PrimaryContainer": {"Image": "echo", "ModelDataUrl": archive}}
    transform = {
        "ModelName": {"Get": "Steps.M.ModelName"},
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3Uri": "s3://data/x"}},
            "SplitType": "Line",
        },
        "TransformOutput": {"S3OutputPath": "s3://bucket/answers", "AssembleWith": "Line"},
    }
    definition = a_definition(
        training,
        {"Name": "M", "Type": "Model", "Arguments": model},
        {"Name": "X", "Type": "Transform", "Arguments": transform, "CacheConfig": {"Enabled": True}},
    )
    states = []
    for _ in range(2):
        runner = make_runner(mounts={"s3://data/x": source})
        runner.kinds = {
            **runner.kinds,
            "Transform": TransformKind(Images({"echo": f"python3 -c {shlex.quote(server)} {{port}}"})),
        }
        status = runner.run(definition)
        states.append((status.state, status.steps["X"].state))
        assert stored(runner, "s3://bucket/answers/x.jsonl.out") == "A\nB"
    assert states == [("Succeeded", "Succeeded"), ("Succeeded", "Cached")]
