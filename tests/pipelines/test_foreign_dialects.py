"""Definitions of others in their dialects: script mode, source tarballs, mapped images, built-in XGBoost, tuning."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipelines.fetch import fetch_inputs, inputs_of
from pipelines.local import DefinitionError, Images, Launcher, LocalRunner
from pipelines.local.functions import handler_at
from pipelines.local.images import read_images
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
SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:{}-cpu-py3"
MODEL = {"Get": "Steps.T.ModelArtifacts.S3ModelArtifacts"}
FIT = """
import argparse, json, os, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--slope", type=float)
parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
args = parser.parse_args()
rows = [line.split(",") for line in (pathlib.Path(args.train) / "x.csv").read_text().split()]
said = {"slope": args.slope, "rows": len(rows), "hps": json.loads(os.environ["SM_HPS"]), "cwd": os.getcwd()}
(pathlib.Path(args.model_dir) / "model.json").write_text(json.dumps(said))
print("loss=0.9 loss=0.5")
print("loss=0.25")
"""
INFER = """
import json, os
def model_fn(model_dir):
    return json.loads(open(os.path.join(model_dir, "model.json")).read())["slope"]
def predict_fn(data, model):
    return data[:, 0] * model
"""
DOUBLE = """
def model_fn(model_dir):
    return 2
def input_fn(body, content_type):
    assert content_type == "text/csv", content_type
    return [float(line) for line in body.split()]
def predict_fn(data, model):
    return [each * model for each in data]
def output_fn(said, accept):
    return "\\n".join(str(each) for each in said), accept
"""


def tarball(files: dict[str, str]) -> bytes:
    """Pack files as the SDK does."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


def lay(runner: LocalRunner, uri: str, content: str | bytes) -> None:
    """Store a file."""
    path = runner.storage.path(uri)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def a_script_step(name: str = "T", **hyperparameters: str) -> Json:
    """A training step as SDK v2 writes one for an estimator with an entry point."""
    step = a_training_step(name, "", {"train": "s3://b/train"})
    step["Arguments"]["AlgorithmSpecification"] = {"TrainingImage": SKLEARN, "TrainingInputMode": "File"}
    step["Arguments"]["HyperParameters"] = {
        "sagemaker_submit_directory": '"s3://b/code/sourcedir.tar.gz"',
        "sagemaker_program": '"train.py"',
        "sagemaker_region": '"us-east-1"',
        "slope": "3.5",
        **hyperparameters,
    }
    return step


def an_xgboost_step(version: str = "1.7-1", **hyperparameters: str) -> Json:
    """A training step of the built-in algorithm."""
    step = a_training_step("T", "", {"train": "s3://b/train", "validation": "s3://b/train"})
    step["Arguments"]["AlgorithmSpecification"] = {"TrainingImage": XGBOOST.format(version)}
    for channel in step["Arguments"]["InputDataConfig"]:
        channel["ContentType"] = "text/csv"
    step["Arguments"]["HyperParameters"] = {
        "objective": "reg:squarederror",
        "num_round": "20",
        "eta": "0.3",
        **hyperparameters,
    }
    return step


def a_model(*containers: Json) -> Json:
    """A step that creates a model."""
    return {"Name": "M", "Type": "Model", "Arguments": {"Containers": list(containers)}}


def a_transform(accept: str | None = None, **source: Any) -> Json:
    """A step that asks the model every row of a table."""
    data = {
        "DataSource": {"S3DataSource": {"S3Uri": "s3://b/asked"}},
        "ContentType": "text/csv",
        "SplitType": "Line",
    }
    target = {
        "S3OutputPath": "s3://b/answers",
        "AssembleWith": "Line",
        **({"Accept": accept} if accept else {}),
    }
    arguments = {"ModelName": {"Get": "Steps.M.ModelName"}, "TransformInput": {**data, **source}}
    return {"Name": "X", "Type": "Transform", "Arguments": {**arguments, "TransformOutput": target}}


def linear_rows(count: int = 200) -> str:
    """A table whose target is three times the first column, without a heading."""
    values = np.random.default_rng(0).uniform(0, 10, (count, 2)).round(3)
    return "\n".join(f"{3 * x:.3f},{x},{y}" for x, y in values)


def test_classic_script_mode_trains_serves_and_registers(make_runner: Make, registry: ListRegistry) -> None:
    runner = make_runner()
    lay(runner, "s3://b/train/x.csv", "1,2\n3,4\n")
    lay(runner, "s3://b/asked/a.csv", "1,0\n2,0\n")
    lay(runner, "s3://b/code/sourcedir.tar.gz", tarball({"train.py": FIT}))
    lay(runner, "s3://b/serve/sourcedir.tar.gz", tarball({"inference.py": INFER}))
    serve = {
        "SAGEMAKER_PROGRAM": "inference.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": "s3://b/serve/sourcedir.tar.gz",
    }
    container = {"Image": SKLEARN, "ModelDataUrl": MODEL, "Environment": serve}
    train = a_script_step()
    train["Arguments"]["AlgorithmSpecification"]["MetricDefinitions"] = [
        {"Name": "loss", "Regex": "loss=([0-9.]+)"}
    ]
    loss = {"Get": "Steps.T.FinalMetricDataList['loss'].Value"}
    limit = {"Type": "LessThan", "LeftValue": loss, "RightValue": 0.3}
    branches = {"Conditions": [limit], "IfSteps": [a_registration("R", "T")], "ElseSteps": []}
    check = {"Name": "C", "Type": "Condition", "Arguments": branches}
    status = runner.run(a_definition(train, a_model(container), a_transform(), check))
    assert status.state == "Succeeded", status.reason
    assert len(registry.packages) == 1
    with tarfile.open(registry.packages[0].archive) as files:
        content = files.extractfile("model.json")
        assert content is not None
        said = json.loads(content.read())
    assert (said["slope"], said["rows"], said["hps"]) == (3.5, 2, {"slope": 3.5})
    assert said["cwd"].endswith("/code")
    assert runner.storage.path("s3://b/answers/a.csv.out").read_text() == "3.5\n7.0"


@pytest.mark.parametrize("enclosed", [None, False])
def test_a_source_that_comes_as_a_tarball_sees_its_folders(
    make_runner: Make, tmp_path: Path, enclosed: bool | None
) -> None:
    home = tmp_path / "a home with spaces"
    runner = LocalRunner(home, ListRegistry(), launcher=Launcher(enclosed=enclosed))
    script = "import os\nos.makedirs('/opt/ml/processing/output/out', exist_ok=True)\n" + writing("{}")
    lay(runner, "s3://b/code/sourcedir.tar.gz", tarball({"job.py": script}))
    run = '#!/bin/bash\nset -e\ncd /opt/ml/processing/input/code/\ntar -xzf sourcedir.tar.gz\npython job.py "$@"\n'
    lay(runner, "s3://b/entrypoint/runproc.sh", run)
    step = a_processing_step("A", "", {"code": "s3://b/code", "entrypoint": "s3://b/entrypoint"})
    entry = ["/bin/bash", "/opt/ml/processing/input/entrypoint/runproc.sh"]
    step["Arguments"]["AppSpecification"]["ContainerEntrypoint"] = entry
    before = os.path.lexists("/opt/ml")
    status = runner.run(a_definition(step))
    assert status.state == "Succeeded", status.reason
    assert os.path.lexists("/opt/ml") == before


@pytest.mark.skipif(not Launcher().encloses, reason="this machine allows no mounts of one's own")
def test_an_enclosed_job_finds_its_folder_and_the_machines_own_opt(make_runner: Make) -> None:
    code = (
        "import json, os; "
        "json.dump([sorted(os.listdir('/opt')), os.environ['SAGEMAKER_BASE_DIR'], os.getcwd()], "
        "open('/opt/' + 'ml/processing/output/out/said.json', 'w'))"
    )
    runner = make_runner()
    status = runner.run(a_definition(a_processing_step("A", code)))
    assert status.state == "Succeeded", status.reason
    said = json.loads(runner.storage.path(f"s3://bucket/{status.execution_id}/A/said.json").read_text())
    assert said == [sorted({*(each.name for each in Path("/opt").iterdir()), "ml"}), "/opt/ml", "/opt/ml"]


def test_requirements_that_are_not_there_fail_by_name_and_install_nothing(make_runner: Make) -> None:
    install = ["python3", "-m", "pip", "install", "no-such-package-of-anyone==1"]
    step = a_processing_step("A", "")
    step["Arguments"]["AppSpecification"]["ContainerEntrypoint"] = install
    status = make_runner().run(a_definition(step))
    assert "no-such-package-of-anyone" in str(status.reason)


def test_an_image_is_mapped_to_a_command(make_runner: Make, tmp_path: Path) -> None:
    program = tmp_path / "main.py"
    program.write_text("import sys, pathlib; pathlib.Path('/opt/ml/model/m').write_text(sys.argv[1])")
    step = a_training_step("T", "")
    step["Arguments"]["AlgorithmSpecification"] = {"TrainingImage": {"Get": "Parameters.Image"}}
    parameter = {"Name": "Image", "Type": "String", "DefaultValue": "1.dkr.ecr/own-image:2"}
    definition = a_definition(step, a_registration("R", "T"), parameters=[parameter])
    with pytest.raises(DefinitionError, match=r"image '1.dkr.ecr/own-image:2' is not run here; .*--image"):
        make_runner().run(definition)
    images = read_images({"own-image": f"python3 {program}"})
    assert make_runner(images=images, launcher=Launcher(enclosed=Launcher().encloses)).run(
        definition
    ).state == ("Succeeded" if Launcher().encloses else "Failed")


def test_a_file_of_images_is_read_and_the_command_line_wins(tmp_path: Path) -> None:
    file = tmp_path / "images.json"
    file.write_text(json.dumps({"a": "python a.py", "b:*": "python b.py {task} {port}"}))
    images = read_images({"a": "python other.py"}, file)
    assert images.command("x/a:1", "serve") == ("python", "other.py", "serve")
    assert images.command("b:9", "serve") == ("python", "b.py", "serve", "{port}")
    assert images.command("c", "train") is None
    for wrong in ("[]", '{"a": 1}', "{", '{"a": "\'"}', '{"": "x"}'):
        file.write_text(wrong)
        with pytest.raises(DefinitionError):
            read_images({}, file)


@pytest.mark.parametrize("version", ["1.0-1", "1.7-1"])
def test_the_built_in_xgboost_trains_and_answers(make_runner: Make, version: str) -> None:
    pytest.importorskip("xgboost")
    runner = make_runner()
    lay(runner, "s3://b/train/x.csv", linear_rows())
    lay(runner, "s3://b/asked/a.csv", "1.0,5.0\n9.0,5.0\n")
    container = {"Image": XGBOOST.format(version), "ModelDataUrl": MODEL}
    status = runner.run(a_definition(an_xgboost_step(version), a_model(container), a_transform()))
    assert status.state == "Succeeded", status.reason
    low, high = map(float, runner.storage.path("s3://b/answers/a.csv.out").read_text().split())
    assert low == pytest.approx(3, abs=1.5)
    assert high == pytest.approx(27, abs=1.5)
    metrics = {each["MetricName"] for each in status.steps["T"].description["FinalMetricDataList"]}
    assert metrics == {"train:rmse", "validation:rmse"}


@pytest.mark.parametrize("strategy", [pytest.param("Random", marks=pytest.mark.slow), "Bayesian"])
def test_tuning_runs_its_jobs_and_puts_the_best_first(make_runner: Make, strategy: str) -> None:
    pytest.importorskip("xgboost")
    runner = make_runner()
    lay(runner, "s3://b/train/x.csv", linear_rows())
    train = an_xgboost_step()["Arguments"]
    train["StaticHyperParameters"] = {**train.pop("HyperParameters"), "num_round": "5"}
    ranges = {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.01", "MaxValue": "0.9"}]}
    config = {
        "Strategy": strategy,
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 3, "MaxParallelTrainingJobs": 3},
        "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:rmse"},
        "ParameterRanges": ranges,
    }
    tune: Json = {"Name": "H", "Type": "Tuning", "Arguments": {"HyperParameterTuningJobConfig": config}}
    tune["Arguments"]["TrainingJobDefinition"] = train
    best = {"Get": "Steps.H.TrainingJobSummaries[0].TrainingJobName"}
    place = {"Std:Join": {"On": "/", "Values": ["s3://bucket/models", best, "output/model.tar.gz"]}}
    definition = a_definition(tune, a_model({"Image": XGBOOST.format("1.7-1"), "ModelDataUrl": place}))
    statuses = [make_runner().run(definition) for _ in range(2)]
    assert [status.state for status in statuses] == ["Succeeded"] * 2, statuses[0].reason
    found = [status.steps["H"].description["TrainingJobSummaries"] for status in statuses]
    values = [each["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for each in found[0]]
    assert len(values) == 3
    assert values == sorted(values)
    assert [each["TunedHyperParameters"] for each in found[0]] == [
        each["TunedHyperParameters"] for each in found[1]
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"Strategy": "Hyperband"}, "Strategy: 'Hyperband' is not available, Bayesian, Random and Grid are"),
        (
            {"HyperParameterTuningJobObjective": {"Type": "Best", "MetricName": "validation:rmse"}},
            "Minimize or Max",
        ),
        (
            {"HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "mine"}},
            "'mine' is not among",
        ),
        ({"ParameterRanges": {}}, "ParameterRanges: none is given"),
        ({"ResourceLimits": {"MaxNumberOfTrainingJobs": 10**9}}, "MaxNumberOfTrainingJobs: must be"),
    ],
)
def test_a_search_that_cannot_be_is_refused_before_anything_runs(
    make_runner: Make, change: Json, told: str
) -> None:
    config = {
        "Strategy": "Random",
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 3},
        "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:rmse"},
        "ParameterRanges": {
            "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "3"}]
        },
        **change,
    }
    arguments = {
        "HyperParameterTuningJobConfig": config,
        "TrainingJobDefinition": an_xgboost_step()["Arguments"],
    }
    with pytest.raises(DefinitionError) as refused:
        make_runner().run(a_definition({"Name": "H", "Type": "Tuning", "Arguments": arguments}))
    assert told in str(refused.value)


def test_the_containers_of_a_pipeline_model_answer_one_after_the_other(
    make_runner: Make, registry: ListRegistry
) -> None:
    runner = make_runner()
    lay(runner, "s3://b/first/model.tar.gz", tarball({"code/inference.py": DOUBLE}))
    lay(
        runner, "s3://b/second/model.tar.gz", tarball({"code/inference.py": DOUBLE.replace("* model", "+ 1")})
    )
    lay(runner, "s3://b/asked/a.csv", "1\n2\n")
    containers = [
        {"Image": SKLEARN, "ModelDataUrl": f"s3://b/{name}/model.tar.gz"} for name in ("first", "second")
    ]
    registration = a_registration("R", "T")
    registration["Arguments"]["InferenceSpecification"]["Containers"] = containers
    package = {"ModelPackageName": {"Get": "Steps.R.ModelPackageArn"}}
    status = runner.run(a_definition(registration, a_model(package), a_transform("text/csv")))
    assert status.state == "Succeeded", status.reason
    assert runner.storage.path("s3://b/answers/a.csv.out").read_text() == "3.0\n5.0"
    assert len(registry.packages[0].further) == 1


def test_an_image_that_nobody_can_serve_is_told_before_anything_runs(make_runner: Make) -> None:
    train = a_training_step("T", "open('/opt/ml/model/m', 'w').write('1')")
    definition = a_definition(
        train, a_model({"Image": "1.dkr.ecr/x:1", "ModelDataUrl": MODEL}), a_transform()
    )
    with pytest.raises(
        DefinitionError, match=r"step 'X', ModelName, of step 'M': image '1.dkr.ecr/x:1' is not served"
    ):
        make_runner().run(definition)
    served = make_runner(images=Images({"x:1": "python serve.py"}))
    assert served.check(definition, {}) == {}


def test_an_attribute_that_a_step_never_has_is_told_before_anything_runs(make_runner: Make) -> None:
    train = a_training_step("T", "pass")
    reads = a_processing_step("A", writing("{}"), {"in": {"Get": "Steps.T.ModelArtefacts.S3ModelArtifacts"}})
    with pytest.raises(
        DefinitionError, match=r"step 'A': step 'T' has no attribute 'ModelArtefacts'; it has .*Model"
    ):
        make_runner().run(a_definition(train, reads))


def test_a_run_from_a_step_takes_what_is_before_it_and_runs_the_rest_again(make_runner: Make) -> None:
    steps = [
        a_processing_step("A", writing("{}"), cached=False),
        a_processing_step("B", writing("{}"), {"a": "s3://bucket/none"}, DependsOn=["A"]),
        a_processing_step("C", writing("{}"), DependsOn=["B"]),
    ]
    steps[1]["Arguments"]["ProcessingInputs"] = []
    definition = a_definition(*steps)
    make_runner().run(definition)
    states = {name: step.state for name, step in make_runner().run(definition, from_step="B").steps.items()}
    assert states == {"A": "Cached", "B": "Succeeded", "C": "Succeeded"}
    with pytest.raises(DefinitionError, match="step 'D' does not exist; the steps are A, B, C"):
        make_runner().run(definition, from_step="D")


def test_a_log_of_any_size_leaves_a_short_reason(make_runner: Make) -> None:
    flood = "import sys; sys.stdout.write('x' * 5_000_000); sys.exit(3)"
    runner = make_runner()
    status = runner.run(a_definition(a_processing_step("A", flood)))
    assert len(str(status.reason)) < 1_200
    written = next(runner.home.glob("runs/small/*/status.json"))
    assert written.stat().st_size < 20_000


def test_a_lambdas_handler_is_named_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "deploy.py").write_text("def handler(event, context):\n    return {'said': event['x']}\n")
    assert handler_at(f"{tmp_path / 'deploy.py'}:handler")({"x": 1}, None) == {"said": 1}
    for wrong in (f"{tmp_path / 'none.py'}:handler", f"{tmp_path / 'deploy.py'}:nothing", "nothing"):
        with pytest.raises(DefinitionError):
            handler_at(wrong)


def test_what_a_definition_reads_is_fetched_and_what_it_makes_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from moto import mock_aws

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    parameter = {"Name": "Data", "Type": "String", "DefaultValue": "s3://shop/train"}
    train = a_script_step(sagemaker_submit_directory='"s3://code/sourcedir.tar.gz"')
    train["Arguments"]["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"] = {
        "Get": "Parameters.Data"
    }
    definition = a_definition(
        train, a_processing_step("A", "", {"m": "s3://bucket/models/x"}), parameters=[parameter]
    )
    assert inputs_of(definition, {}) == ["s3://code/sourcedir.tar.gz", "s3://shop/train"]
    with mock_aws():
        import boto3

        client = boto3.client("s3", region_name="us-east-1")
        for bucket, key in (
            ("code", "sourcedir.tar.gz"),
            ("shop", "train/x.csv"),
            ("shop", "train/deep/y.csv"),
        ):
            if bucket not in {each["Name"] for each in client.list_buckets()["Buckets"]}:
                client.create_bucket(Bucket=bucket)
            client.put_object(Bucket=bucket, Key=key, Body=key.encode())
        told = list(fetch_inputs(definition, {}, tmp_path, client))
    assert told == ["s3://code/sourcedir.tar.gz: 1 file", "s3://shop/train: 2 files"]
    assert (tmp_path / "shop" / "train" / "deep" / "y.csv").read_text() == "train/deep/y.csv"
