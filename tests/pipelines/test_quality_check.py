"""QualityCheck steps: a dataset described, held against a baseline, and refused where it left it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pipelines.local import DefinitionError, LocalRunner
from tests.pipelines.builders import a_definition, a_processing_step, output_of, writing

Make = Callable[..., LocalRunner]


def a_check(dataset: Any, name: str = "Check", kind: str = "DATA_QUALITY", **extra: Any) -> dict[str, Any]:
    """A QualityCheck step as the SDK writes it."""
    place = "/opt/ml/processing/input/baseline_dataset_input"
    source = {"S3Uri": dataset, "LocalPath": place, "S3DataType": "S3Prefix"}
    target = {"S3Uri": f"s3://bucket/{name}", "LocalPath": "/opt/ml/processing/output"}
    return {
        "Name": name,
        "Type": "QualityCheck",
        "Arguments": {
            "AppSpecification": {"ImageUri": "sagemaker-model-monitor-analyzer"},
            "Environment": {"dataset_format": json.dumps({"csv": {"header": True}})},
            "ProcessingInputs": [{"InputName": "baseline_dataset_input", "S3Input": source}],
            "ProcessingOutputConfig": {
                "Outputs": [{"OutputName": "quality_check_output", "S3Output": target}]
            },
        },
        "CheckType": kind,
        "SkipCheck": False,
        "FailOnViolation": True,
        "RegisterNewBaseline": False,
        **extra,
    }


def rows(high: int) -> str:
    """A table of numbers up to a height, and of two words."""
    return "units,kind\n" + "".join(f"{n % high},{'tea' if n % 2 else 'rice'}\n" for n in range(400))


def the_baseline() -> dict[str, Any]:
    """What an earlier check calculated."""
    return {
        "SuppliedBaselineStatistics": {"Get": "Steps.First.CalculatedBaselineStatistics"},
        "SuppliedBaselineConstraints": {"Get": "Steps.First.CalculatedBaselineConstraints"},
    }


def a_pair(later: str, **extra: Any) -> Any:
    """A definition: a baseline of one table, another table held against it."""
    return a_definition(
        a_processing_step("Before", writing(rows(10), "rows.csv")),
        a_processing_step("Now", writing(later, "rows.csv")),
        a_check(output_of("Before"), "First", SkipCheck=True, RegisterNewBaseline=True),
        a_check(output_of("Now"), "Later", **{**the_baseline(), **extra}),
    )


def test_a_table_like_the_baseline_passes_and_leaves_the_files_of_model_monitor(make_runner: Make) -> None:
    runner = make_runner()
    status = runner.run(a_pair(rows(10)))
    assert status.state == "Succeeded"
    folder = runner.storage.path("s3://bucket/Later")
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["constraint_violations.json", "constraints.json", "statistics.json"]
    assert json.loads((folder / "constraint_violations.json").read_text()) == {"violations": []}
    described = json.loads((folder / "statistics.json").read_text())
    assert described["dataset"]["item_count"] == 400
    kept = status.steps["Later"].description["BaselineUsedForDriftCheckConstraints"]
    assert kept == "s3://bucket/First/constraints.json"


@pytest.mark.parametrize(
    ("later", "told"),
    [
        (rows(30), "column 'units', baseline_drift_check"),
        (rows(10).replace("tea", "salt"), "column 'kind', categorical_values_check"),
        (rows(10).replace("kind", "sort"), "column 'kind', missing_column_check"),
        (rows(10).replace("\n3,", "\n,"), "column 'units', completeness_check"),
        (rows(10).replace("\n3,", "\nthree,"), "column 'units', data_type_check"),
    ],
)
def test_a_table_that_left_the_baseline_fails_the_step_and_says_where(
    make_runner: Make, later: str, told: str
) -> None:
    status = make_runner().run(a_pair(later))
    assert status.state == "Failed"
    assert told in str(status.reason)


def test_violations_are_told_and_nothing_fails_where_the_step_says_so(make_runner: Make) -> None:
    runner = make_runner()
    status = runner.run(a_pair(rows(30), FailOnViolation=False))
    assert status.state == "Succeeded"
    report = json.loads(runner.storage.path("s3://bucket/Later/constraint_violations.json").read_text())
    assert [each["constraint_check_type"] for each in report["violations"]] == ["baseline_drift_check"]


def test_another_baseline_is_another_check_for_the_cache(make_runner: Make) -> None:
    cached = {"CacheConfig": {"Enabled": True, "ExpireAfter": "P1D"}}
    runner = make_runner()
    first = runner.run(a_pair(rows(10), **cached))
    again = runner.run(a_pair(rows(10), **cached))
    looser = runner.run(a_pair(rows(10), **cached, SuppliedBaselineStatistics=None))
    states = [each.steps["Later"].state for each in (first, again, looser)]
    assert states == ["Succeeded", "Cached", "Succeeded"]


@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        (a_check("s3://bucket/x", kind="MODEL_BIAS"), "'MODEL_BIAS' is not available here"),
        (a_check("s3://bucket/x", ModelPackageGroupName="tea"), "not looked up in a model package group"),
    ],
)
def test_what_the_check_cannot_answer_is_said_before_anything_runs(
    make_runner: Make, step: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(DefinitionError, match=complaint):
        make_runner().run(a_definition(step))


def predictions(error: float, heading: bool = True) -> str:
    """A table of forecasts that are all off by so much, and of what came."""
    lines = [f"{n % 10 + error},{n % 10},{0.9 if n % 3 else 0.2},{int(n % 3 > 0)}" for n in range(300)]
    return ("forecast,came,probability,label\n" if heading else "") + "\n".join(lines) + "\n"


def a_quality_check(dataset: Any, name: str, environment: dict[str, str], **extra: Any) -> dict[str, Any]:
    """A model quality check as the SDK writes it."""
    step = a_check(dataset, name, "MODEL_QUALITY", **extra)
    step["Arguments"]["Environment"] |= {"analysis_type": "MODEL_QUALITY", **environment}
    return step


REGRESSION = {
    "problem_type": "Regression",
    "inference_attribute": "forecast",
    "ground_truth_attribute": "came",
}
BINARY = {
    "problem_type": "BinaryClassification",
    "probability_attribute": "probability",
    "probability_threshold_attribute": "0.5",
    "ground_truth_attribute": "label",
}


def a_quality_pair(environment: dict[str, str], later: str) -> Any:
    """A baseline of one table of predictions, another table held against it."""
    return a_definition(
        a_processing_step("Before", writing(predictions(1.0), "rows.csv")),
        a_processing_step("Now", writing(later, "rows.csv")),
        a_quality_check(output_of("Before"), "First", environment, SkipCheck=True, RegisterNewBaseline=True),
        a_quality_check(output_of("Now"), "Later", environment, **the_baseline()),
    )


def test_predictions_as_good_as_the_baseline_pass_with_their_metrics_written_down(make_runner: Make) -> None:
    runner = make_runner()
    assert runner.run(a_quality_pair(REGRESSION, predictions(0.5))).state == "Succeeded"
    folder = runner.storage.path("s3://bucket/Later")
    said = json.loads((folder / "statistics.json").read_text("utf-8"))
    assert said["dataset"] == {"item_count": 300}
    metrics = said["regression_metrics"]
    assert {name: round(each["value"], 6) for name, each in metrics.items()} == {
        "mae": 0.5,
        "mse": 0.25,
        "rmse": 0.5,
        "r2": round(1 - 0.25 / 8.25, 6),
    }
    limits = json.loads((folder / "constraints.json").read_text("utf-8"))["regression_constraints"]
    assert limits["mae"] == {"threshold": 0.5, "comparison_operator": "GreaterThanThreshold"}
    assert limits["r2"]["comparison_operator"] == "LessThanThreshold"


def test_predictions_worse_than_the_baseline_end_the_run_naming_the_metric(make_runner: Make) -> None:
    status = make_runner().run(a_quality_pair(REGRESSION, predictions(2.0)))
    assert status.state == "Failed"
    assert "4 violations: metric 'mae', GreaterThanThreshold: Metric mae with 2 was" in str(status.reason)


def test_labels_are_measured_from_their_probabilities(make_runner: Make) -> None:
    runner = make_runner()
    assert runner.run(a_quality_pair(BINARY, predictions(0.0))).state == "Succeeded"
    said = json.loads(runner.storage.path("s3://bucket/Later/statistics.json").read_text("utf-8"))
    metrics = said["binary_classification_metrics"]
    assert metrics["confusion_matrix"] == {"0": {"0": 100, "1": 0}, "1": {"0": 0, "1": 200}}
    assert {metrics[name]["value"] for name in ("accuracy", "precision", "recall", "f1", "auc")} == {1.0}
    turned = predictions(0.0).replace(",0.9,1", ",0.1,1")
    reason = str(make_runner().run(a_quality_pair(BINARY, turned)).reason)
    assert "metric 'accuracy', LessThanThreshold" in reason


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        (
            REGRESSION | {"problem_type": "MulticlassClassification"},
            "'MulticlassClassification' is not measured",
        ),
        ({"problem_type": "Regression", "inference_attribute": "f"}, "ground_truth_attribute: missing"),
        ({"problem_type": "Regression", "ground_truth_attribute": "f"}, "inference_attribute: missing"),
    ],
)
def test_what_cannot_be_measured_is_refused_before_anything_runs(
    make_runner: Make, environment: dict[str, str], complaint: str
) -> None:
    with pytest.raises(DefinitionError, match=complaint):
        make_runner().run(a_definition(a_quality_check("s3://data/x", "Check", environment, SkipCheck=True)))


@pytest.mark.parametrize(
    ("table", "environment", "complaint"),
    [
        ("forecast,arrived\n1,2\n", REGRESSION, "column 'came' is missing; got forecast, arrived"),
        ("forecast,came\n1,much\n", REGRESSION, "column 'came' must hold numbers"),
        ("forecast,came\n1,\n", REGRESSION, "no row has a 'came'"),
        ("probability,label\n0.5,7\n", BINARY, "column 'label' must hold labels 0 and 1"),
    ],
)
def test_a_table_that_is_no_table_of_predictions_says_why(
    make_runner: Make, table: str, environment: dict[str, str], complaint: str
) -> None:
    check = a_quality_check(output_of("Now"), "Check", environment, SkipCheck=True)
    status = make_runner().run(a_definition(a_processing_step("Now", writing(table, "rows.csv")), check))
    assert complaint in str(status.reason)
