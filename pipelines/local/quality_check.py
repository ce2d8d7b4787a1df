"""QualityCheck steps: Model Monitor's checks of data and of predictions, answered by our own figures in its files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pipelines.local.errors import StepError
from pipelines.local.kinds import StepKind, Workspace
from pipelines.local.steps import Step
from pipelines.local.storage import Source
from samaan_ml.exceptions import DataError

if TYPE_CHECKING:
    import pandas as pd

    from training.model_quality import Columns

__all__ = ["QualityCheckKind"]

_DATASET = "baseline_dataset_input"
_FORMATS = ("csv", "json", "parquet")


class QualityCheckKind(StepKind):
    """Describes a dataset and holds it against the baseline that was supplied."""

    reads_extra: ClassVar[bool] = True
    fields: ClassVar[Mapping[str, Any]] = {
        "ProcessingInputs?": [{"InputName": str}],
        "ProcessingOutputConfig?": {"Outputs": [{"S3Output": {"S3Uri": str}}]},
        "Environment?": dict,
    }

    def problems(self, step: Step) -> Iterator[str]:
        """Find what cannot be run here."""
        kind = step.extra.get("CheckType")
        if kind not in ("DATA_QUALITY", "MODEL_QUALITY"):
            told = "DATA_QUALITY and MODEL_QUALITY are; write it as a Processing step"
            yield f"CheckType: '{kind}' is not available here, {told}"
        if kind == "MODEL_QUALITY":
            yield from _quality_problems(step.arguments.get("Environment", {}))
        if _dataset(step.arguments) is None:
            yield f"ProcessingInputs[{_DATASET}]: missing; the check needs a dataset"
        if not step.arguments.get("ProcessingOutputConfig", {}).get("Outputs"):
            yield "ProcessingOutputConfig.Outputs: missing; the check needs a place for its files"
        names = {each.get("InputName") for each in step.arguments.get("ProcessingInputs", [])}
        for script in ("post_processor_script_input", "record_preprocessor_script_input"):
            if script in names:
                yield f"ProcessingInputs[{script}]: the scripts of Model Monitor's image are not run here"
        if step.extra.get("SkipCheck") is False and not _supplied(step.extra):
            group = step.extra.get("ModelPackageGroupName")
            yield (
                "SuppliedBaselineConstraints: missing; a baseline is not looked up in a model package group "
                f"here, got '{group}'"
            )

    def inputs(self, arguments: Mapping[str, Any]) -> Iterator[Source]:
        """Return the dataset and the baseline."""
        yield Source(_dataset_uri(arguments))
        for name in ("SuppliedBaselineStatistics", "SuppliedBaselineConstraints"):
            if arguments.get(name) and not arguments.get("SkipCheck"):
                yield Source(str(arguments[name]), "object")

    def outputs(self, arguments: Mapping[str, Any]) -> Iterator[str]:
        """Return the address of the check's files."""
        for each in arguments["ProcessingOutputConfig"]["Outputs"]:
            yield str(each["S3Output"]["S3Uri"])

    def run(self, arguments: Mapping[str, Any], room: Workspace) -> Mapping[str, Any]:
        """Run the check."""
        from training.json_files import write_json

        place = next(self.outputs(arguments)).rstrip("/")
        try:
            statistics, constraints, report = _checked(arguments, room)
            folder = room.folder / "results"
            write_json(folder / "statistics.json", statistics)
            write_json(folder / "constraints.json", constraints)
            found: list[dict[str, str]] = []
            if report is not None:
                write_json(folder / "constraint_violations.json", report)
                found = report["violations"]
        except DataError as error:
            raise StepError(room.step.name, str(error), room.log, "Step.CLIENT") from error
        room.store(folder, place)
        if found and arguments.get("FailOnViolation", True):
            raise StepError(room.step.name, _told(found), room.log, "Step.CLIENT")
        return {**arguments, **_properties(arguments, place), "Told": _told(found) if found else None}


def _quality_problems(environment: Mapping[str, Any]) -> Iterator[str]:
    """Find what a model quality check lacks; what a parameter says is known later."""
    from training.model_quality import PROBLEMS

    problem = environment.get("problem_type")
    if isinstance(problem, str | None) and problem not in PROBLEMS:
        yield f"Environment.problem_type: '{problem}' is not measured here; {' and '.join(PROBLEMS)} are"
    if not environment.get("ground_truth_attribute"):
        yield "Environment.ground_truth_attribute: missing; the check needs a column of what came"
    if not (environment.get("inference_attribute") or environment.get("probability_attribute")):
        yield "Environment.inference_attribute: missing, and so is probability_attribute; one of them is needed"


def _checked(
    arguments: Mapping[str, Any], room: Workspace
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None]:
    """Give statistics, suggested constraints and, where it is checked, the violations of the dataset."""
    frame = _read(arguments, room)
    baseline = None if arguments.get("SkipCheck") else _baseline(arguments, room)
    if arguments.get("CheckType") == "MODEL_QUALITY":
        from training.model_quality import quality_constraints, quality_of, quality_violations

        problem, columns = _quality_columns(arguments.get("Environment", {}))
        measured = quality_of(frame, problem, columns)
        report = None if baseline is None else quality_violations(measured, baseline[0], problem)
        return measured, quality_constraints(measured, problem), report
    from training.model_monitor import statistics_of, suggested_constraints, violations

    statistics = statistics_of(frame)
    found = None if baseline is None else violations(frame, *baseline)
    return statistics, suggested_constraints(statistics), found


def _quality_columns(environment: Mapping[str, Any]) -> tuple[Any, Columns]:
    """Read which problem was solved and which columns hold what.

    Raises
    ------
    DataError
        When the threshold is no number, or the problem is not measured here.
    """
    from training.model_quality import PROBLEMS, Columns

    problem, threshold = environment["problem_type"], environment.get("probability_threshold_attribute", 0.5)
    if problem not in PROBLEMS:
        raise DataError(f"Environment.problem_type: '{problem}' is not measured here")
    try:
        share = float(threshold)
    except (TypeError, ValueError):
        raise DataError(f"Environment.probability_threshold_attribute: '{threshold}' is no number") from None
    names = (environment.get(f"{each}_attribute") for each in ("ground_truth", "inference", "probability"))
    actual, inference, probability = (None if name is None else _column(str(name)) for name in names)
    return problem, Columns(str(actual), inference, probability, share)


def _column(name: str) -> str:
    """Name a column: a number is the place of one without a heading, as the service counts them."""
    return f"_c{name}" if name.isdigit() else name


def _dataset(arguments: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the input that is checked."""
    given = arguments.get("ProcessingInputs", [])
    return next((each for each in given if each.get("InputName") == _DATASET and "S3Input" in each), None)


def _dataset_uri(arguments: Mapping[str, Any]) -> str:
    """Return the address of the dataset."""
    dataset = _dataset(arguments)
    assert dataset is not None, "problems() refuses a check without one"
    return str(dataset["S3Input"]["S3Uri"])


def _supplied(extra: Mapping[str, Any]) -> bool:
    """Return whether a baseline was supplied."""
    return bool(extra.get("SuppliedBaselineConstraints"))


def _read(arguments: Mapping[str, Any], room: Workspace) -> pd.DataFrame:
    """Read the dataset's files in the format that the step names.

    Raises
    ------
    DataError
        When there is none, or one is not in that format.
    """
    import pandas as pd

    kind, header = _format(arguments)
    parts = []
    for name, path in room.storage.listing(Source(_dataset_uri(arguments))):
        try:
            parts.append(_table(path, kind, header=header))
        except (ValueError, OSError) as error:
            raise DataError(f"ProcessingInputs[{_DATASET}]: '{name}' is no {kind} file: {error}") from None
    if not parts:
        raise DataError(f"ProcessingInputs[{_DATASET}]: nothing is stored there")
    return pd.concat(parts, ignore_index=True)


def _format(arguments: Mapping[str, Any]) -> tuple[str, bool]:
    """Read `dataset_format` of the job's environment."""
    text = arguments.get("Environment", {}).get("dataset_format", '{"csv": {"header": true}}')
    try:
        given = json.loads(text) if isinstance(text, str) else text
        kind = next(name for name in _FORMATS if name in given)
    except (ValueError, TypeError, StopIteration):
        raise DataError(
            f"Environment.dataset_format: one of {', '.join(_FORMATS)} is read here, got '{text}'"
        ) from None
    return kind, bool(given[kind].get("header", True))


def _table(path: Path, kind: str, *, header: bool) -> pd.DataFrame:
    """Read one file; columns without a heading are numbered as the service does."""
    import pandas as pd

    if kind == "parquet":
        return pd.read_parquet(path)
    if kind == "json":
        return pd.read_json(path, lines=True)
    table = pd.read_csv(path, header=0 if header else None)
    return table if header else table.rename(columns=lambda place: f"_c{place}")


def _baseline(said: Mapping[str, Any], room: Workspace) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Read the constraints and, where supplied, the statistics to hold the dataset against."""
    from training.json_files import read_json

    constraints = read_json(room.storage.path(said["SuppliedBaselineConstraints"]))
    statistics = said.get("SuppliedBaselineStatistics")
    return constraints, read_json(room.storage.path(statistics)) if statistics else None


def _told(found: list[dict[str, str]]) -> str:
    """Return what was found in one line."""
    first = found[0]
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return (
        f"{len(found)} violation{'s' if len(found) > 1 else ''}: {_subject(first)}, "
        f"{first['constraint_check_type']}: {first['description']}{more}"
    )


def _subject(violation: Mapping[str, str]) -> str:
    """Name what was violated."""
    if "metric_name" in violation:
        return f"metric '{violation['metric_name']}'"
    return f"column '{violation['feature_name']}'"


def _properties(said: Mapping[str, Any], place: str) -> dict[str, str]:
    """Return what later steps may read of the check."""
    made = {"Statistics": f"{place}/statistics.json", "Constraints": f"{place}/constraints.json"}
    kept = said.get("RegisterNewBaseline") or not _supplied(said)
    return {
        **{f"CalculatedBaseline{name}": uri for name, uri in made.items()},
        **{
            f"BaselineUsedForDriftCheck{name}": uri
            if kept
            else str(said.get(f"SuppliedBaseline{name}") or uri)
            for name, uri in made.items()
        },
    }
