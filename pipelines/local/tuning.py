"""Tuning steps: training jobs with other hyperparameters, one after the other, the best one first in the end."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar

from pipelines.local.commands import command_problems
from pipelines.local.errors import StepError
from pipelines.local.images import Images
from pipelines.local.kinds import StepKind, Workspace
from pipelines.local.metrics import metric_definitions
from pipelines.local.sources import source_of
from pipelines.local.steps import Step
from pipelines.local.storage import Source
from pipelines.local.training import TrainingKind

if TYPE_CHECKING:
    import optuna

__all__ = ["TuningKind"]

_MOST_JOBS = 100
_STRATEGIES = ("Bayesian", "Random", "Grid")
_RANGES = ("ContinuousParameterRanges", "IntegerParameterRanges", "CategoricalParameterRanges")


@dataclass
class TuningKind(StepKind):
    """Searches hyperparameters with Optuna, seeded: `Bayesian` by its TPE sampler, `Random`, or `Grid`.

    Parameters
    ----------
    images : Images, default=Images()
        Commands of images, for jobs that name none.
    """

    images: Images = field(default_factory=Images)
    attributes: ClassVar[frozenset[str]] = frozenset(
        (
            "HyperParameterTuningJobName",
            "HyperParameterTuningJobArn",
            "HyperParameterTuningJobStatus",
            "TrainingJobSummaries",
            "BestTrainingJob",
            "TrainingJobStatusCounters",
        )
    )
    fields: ClassVar[Mapping[str, Any]] = {
        "HyperParameterTuningJobConfig": {
            "Strategy": str,
            "ResourceLimits": {"MaxNumberOfTrainingJobs": "count"},
            "HyperParameterTuningJobObjective": {"Type": str, "MetricName": str},
            "ParameterRanges": {name + "?": [{"Name": str}] for name in _RANGES},
        },
        "TrainingJobDefinition": {
            "AlgorithmSpecification": {"TrainingImage?": str, "ContainerEntrypoint?": [str]},
            "OutputDataConfig": {"S3OutputPath": str},
            "StaticHyperParameters?": dict,
            "InputDataConfig?": [{"ChannelName": str, "DataSource": {"S3DataSource?": {"S3Uri": str}}}],
        },
    }

    def problems(self, step: Step) -> Iterator[str]:
        """Find what cannot be run here."""
        config, job = step.arguments["HyperParameterTuningJobConfig"], step.arguments["TrainingJobDefinition"]
        if find_spec("optuna") is None:
            yield "Tuning needs the package optuna: pip install 'samaan-sathi[training]'"
        if config["Strategy"] not in _STRATEGIES:
            yield f"HyperParameterTuningJobConfig.Strategy: '{config['Strategy']}' is not available, {_listed()} are"
        if step.arguments.get("WarmStartConfig"):
            yield "WarmStartConfig: earlier searches are not taken up here"
        if config["HyperParameterTuningJobObjective"]["Type"] not in ("Minimize", "Maximize"):
            yield "HyperParameterTuningJobConfig.HyperParameterTuningJobObjective.Type: must be Minimize or Maximize"
        yield from _range_problems(config)
        request = _request(job, {})
        yield from (f"TrainingJobDefinition.{problem}" for problem in command_problems(request, self.images))
        metric = config["HyperParameterTuningJobObjective"]["MetricName"]
        names = [name for name, _ in metric_definitions(job["AlgorithmSpecification"])]
        if metric not in names:
            known = ", ".join(names) or "none"
            yield f"HyperParameterTuningJobObjective.MetricName: '{metric}' is not among the MetricDefinitions: {known}"

    def inputs(self, arguments: Mapping[str, Any]) -> Iterator[Source]:
        """Return what is read."""
        for channel in arguments["TrainingJobDefinition"].get("InputDataConfig", []):
            yield source_of(channel["DataSource"]["S3DataSource"])

    def outputs(self, arguments: Mapping[str, Any]) -> Iterator[str]:
        """Return the address written."""
        yield arguments["TrainingJobDefinition"]["OutputDataConfig"]["S3OutputPath"]

    def run(self, arguments: Mapping[str, Any], room: Workspace) -> Mapping[str, Any]:
        """Run the search."""
        config = arguments["HyperParameterTuningJobConfig"]
        goal = config["HyperParameterTuningJobObjective"]
        study, begun = _study(config, goal), time.monotonic()
        limit = config["ResourceLimits"].get("MaxRuntimeInSeconds", float("inf"))
        summaries: list[dict[str, Any]] = []
        for place in range(min(int(config["ResourceLimits"]["MaxNumberOfTrainingJobs"]), _size(config))):
            if summaries and time.monotonic() - begun > limit:
                break
            trial = study.ask()
            chosen = _chosen(trial, config["ParameterRanges"])
            summary = self._train(arguments["TrainingJobDefinition"], chosen, goal["MetricName"], place, room)
            study.tell(trial, summary["FinalHyperParameterTuningJobObjectiveMetric"]["Value"])
            summaries.append(summary)
        summaries.sort(
            key=lambda each: each["FinalHyperParameterTuningJobObjectiveMetric"]["Value"],
            reverse=goal["Type"] == "Maximize",
        )
        arn = f"arn:aws:sagemaker:local:000000000000:hyper-parameter-tuning-job/{room.job_name}"
        return {
            **arguments,
            "HyperParameterTuningJobName": room.job_name,
            "HyperParameterTuningJobArn": arn,
            "HyperParameterTuningJobStatus": "Completed",
            "TrainingJobSummaries": summaries,
            "BestTrainingJob": summaries[0],
            "TrainingJobStatusCounters": {"Completed": len(summaries)},
        }

    def _train(
        self, job: Mapping[str, Any], chosen: Mapping[str, str], metric: str, place: int, room: Workspace
    ) -> dict[str, Any]:
        """Run one training job of the search.

        Raises
        ------
        StepError
            When it fails, or its log does not tell the metric.
        """
        own = replace(
            room,
            folder=room.folder / f"job-{place}",
            log=room.log.with_suffix(f".job-{place}.log"),
            job_name=_job_name(room.job_name, place),
            written=room.written,
        )
        said = TrainingKind(self.images).run(_request(job, chosen), own)
        room.usage.add(own.usage.cpu_seconds, own.usage.peak_mib)
        values = {each["MetricName"]: each["Value"] for each in said["FinalMetricDataList"]}
        if metric not in values:
            reason = f"the log of training job {place + 1} does not tell '{metric}'"
            raise StepError(room.step.name, reason, own.log, "Step.CLIENT")
        return {
            "TrainingJobName": own.job_name,
            "TrainingJobArn": said["TrainingJobArn"],
            "TrainingJobStatus": "Completed",
            "TunedHyperParameters": dict(chosen),
            "FinalHyperParameterTuningJobObjectiveMetric": {"MetricName": metric, "Value": values[metric]},
        }


def _request(job: Mapping[str, Any], chosen: Mapping[str, str]) -> dict[str, Any]:
    """Write the request of one training job."""
    kept = {
        name: value for name, value in job.items() if name not in ("StaticHyperParameters", "DefinitionName")
    }
    cluster = job.get("HyperParameterTuningResourceConfig") or job.get("ResourceConfig") or {}
    return {
        **kept,
        "ResourceConfig": cluster,
        "HyperParameters": {**job.get("StaticHyperParameters", {}), **chosen},
    }


def _job_name(tuning: str, place: int) -> str:
    """Name a training job within the service's 63 letters."""
    mark = hashlib.sha256(tuning.encode()).hexdigest()[:8]
    return f"{tuning[:48].rstrip('-')}-{place + 1:03d}-{mark}"


def _listed() -> str:
    """Name the strategies."""
    return f"{', '.join(_STRATEGIES[:-1])} and {_STRATEGIES[-1]}"


def _range_problems(config: Mapping[str, Any]) -> Iterator[str]:
    """Find ranges that are invalid."""
    ranges = config["ParameterRanges"]
    if not any(ranges.get(name) for name in _RANGES):
        yield "HyperParameterTuningJobConfig.ParameterRanges: none is given"
    for name in _RANGES[:2]:
        for each in ranges.get(name, []):
            where = f"ParameterRanges.{name}[{each['Name']}]"
            try:
                low, high = float(each["MinValue"]), float(each["MaxValue"])
            except (KeyError, TypeError, ValueError):
                yield f"{where}: 'MinValue' and 'MaxValue' must be numbers"
                continue
            if not low <= high:
                yield f"{where}: 'MinValue' {low:g} is above 'MaxValue' {high:g}"
            if each.get("ScalingType") == "Logarithmic" and low <= 0:
                yield f"{where}: a logarithmic scale begins above 0"
    for each in ranges.get("CategoricalParameterRanges", []):
        if not isinstance(each.get("Values"), list) or not each["Values"]:
            yield f"ParameterRanges.CategoricalParameterRanges[{each['Name']}]: 'Values' must be a list"
    if config["Strategy"] == "Grid" and any(ranges.get(name) for name in _RANGES[:2]):
        yield "HyperParameterTuningJobConfig.Strategy: 'Grid' takes categorical ranges only"


def _size(config: Mapping[str, Any]) -> int:
    """Return how many jobs there can be."""
    size = _MOST_JOBS
    if config["Strategy"] == "Grid":
        grid = 1
        for each in config["ParameterRanges"].get("CategoricalParameterRanges", []):
            grid *= len(each["Values"])
        size = min(size, grid)
    return size


def _study(config: Mapping[str, Any], goal: Mapping[str, Any]) -> optuna.Study:
    """Make a search that gives the same proposals every time."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    seed, ranges = int(config.get("RandomSeed", 0)), config["ParameterRanges"]
    sampler: optuna.samplers.BaseSampler
    if config["Strategy"] == "Random":
        sampler = optuna.samplers.RandomSampler(seed=seed)
    elif config["Strategy"] == "Grid":
        named = {each["Name"]: list(each["Values"]) for each in ranges.get("CategoricalParameterRanges", [])}
        sampler = optuna.samplers.GridSampler(named, seed=seed)
    else:
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=4)
    return optuna.create_study(
        sampler=sampler, direction="maximize" if goal["Type"] == "Maximize" else "minimize"
    )


def _chosen(trial: optuna.Trial, ranges: Mapping[str, Any]) -> dict[str, str]:
    """Ask for the next hyperparameters, as text."""
    found: dict[str, str] = {}
    for each in ranges.get("ContinuousParameterRanges", []):
        low, high = float(each["MinValue"]), float(each["MaxValue"])
        found[each["Name"]] = str(trial.suggest_float(each["Name"], low, high, log=_is_log(each)))
    for each in ranges.get("IntegerParameterRanges", []):
        first, last = int(float(each["MinValue"])), int(float(each["MaxValue"]))
        found[each["Name"]] = str(trial.suggest_int(each["Name"], first, last, log=_is_log(each)))
    for each in ranges.get("CategoricalParameterRanges", []):
        found[each["Name"]] = str(trial.suggest_categorical(each["Name"], list(each["Values"])))
    return found


def _is_log(range_: Mapping[str, Any]) -> bool:
    """Return whether a range is searched on a logarithmic scale."""
    return range_.get("ScalingType") == "Logarithmic"
