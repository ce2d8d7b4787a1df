"""Builds the pipeline definitions with the SageMaker SDK, the same bytes every time.

The one module that imports the SDK, and only when a definition is built: what runs, here or on AWS, is the
JSON under `definitions/`. Everything that differs between accounts is a parameter: bucket, image, role,
instance types. Each job is the project's own image with its command in the definition and no `source_dir`,
so nothing is uploaded and the step cache can work.
"""

from __future__ import annotations

import json
import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.model_card import card_parts
from samaan_ml.exceptions import MissingExtraError, ParameterError

__all__ = ["AREAS", "Area", "build", "golden_path", "golden_text", "render"]

_GOLDEN = Path(__file__).parent / "definitions"
_REGION = "ap-south-1"
_BUCKET = "samaan-sathi"
_ROLE = "arn:aws:iam::000000000000:role/samaan-sathi-pipeline"
_IMAGE = "000000000000.dkr.ecr.ap-south-1.amazonaws.com/samaan-sathi:0.1.0"
_CONTENT_TYPES = ["application/json", "application/jsonlines", "text/csv", "application/x-parquet"]


@dataclass(frozen=True, slots=True)
class Area:
    """What differs between the pipelines.

    Parameters
    ----------
    name : str
        Its name, and that of the commands' argument.
    settings : mapping of str to str
        Parameters of the pipeline that reach the jobs as hyperparameters and options, with defaults.
    summary : str
        One line for the list.
    """

    name: str
    settings: Mapping[str, str]
    summary: str


AREAS: dict[str, Area] = {
    area.name: area
    for area in (
        Area(
            "demand",
            {"HorizonDays": "14", "Windows": "3", "RandomState": "0"},
            "quantile forecasts of every item's daily demand",
        ),
        Area(
            "price",
            {"HeldOutDays": "91", "RandomState": "0"},
            "price elasticities with their evidence, for the price advice",
        ),
        Area(
            "udhaar",
            {"HeldOutDays": "120", "RandomState": "0"},
            "calibrated risk that a customer's credit is paid late",
        ),
    )
}


def golden_path(area: str) -> Path:
    """Say where the committed definition of an area is.

    Raises
    ------
    ParameterError
        When there is no such area.
    """
    if area not in AREAS:
        raise ParameterError(f"'{area}' is not a pipeline; these are: {', '.join(AREAS)}")
    return _GOLDEN / f"{area}.json"


def golden_text(area: str) -> str:
    """Read the committed definition of an area."""
    return golden_path(area).read_text("utf-8")


def render(area: str) -> str:
    """Build an area's definition as the text that is committed.

    Raises
    ------
    MissingExtraError
        When the SageMaker SDK is not installed.
    """
    return json.dumps(build(area), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def build(area: str) -> dict[str, Any]:
    """Build an area's definition.

    Raises
    ------
    ParameterError
        When there is no such area.
    MissingExtraError
        When the SageMaker SDK is not installed.
    """
    golden_path(area)
    with _quiet_sdk():
        try:
            from sagemaker.mlops.workflow.pipeline import Pipeline
        except ImportError:
            raise MissingExtraError("sagemaker", "pipelines") from None
        graph = _Graph(AREAS[area])
        pipeline = Pipeline(
            name=f"samaan-{area}",
            parameters=list(graph.parameters.values()),
            steps=graph.steps(),
            sagemaker_session=graph.session,
        )
        document: dict[str, Any] = json.loads(pipeline.definition())
    document["Steps"] = _finished(document["Steps"], area)
    return document


@contextmanager
def _quiet_sdk() -> Iterator[None]:
    """Let the SDK build without an account, a network or its chatter, and leave the environment as it was."""
    wanted = {
        "SAGEMAKER_VALIDATE_ROLE": "false",
        "AWS_DEFAULT_REGION": _REGION,
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _session() -> Any:
    """Make a session that records requests and sends none."""
    import boto3
    from sagemaker.core.workflow.pipeline_context import PipelineSession

    no_telemetry = {
        "SchemaVersion": "1.0",
        "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}},
    }
    session = boto3.Session(region_name=_REGION)
    return PipelineSession(boto_session=session, default_bucket=_BUCKET, sagemaker_config=no_telemetry)


class _Graph:
    """Builds the steps of one area: prepare; train, evaluate and describe side by side; gate; register or refuse."""

    def __init__(self, area: Area) -> None:
        from sagemaker.core.workflow.parameters import ParameterInteger, ParameterString
        from sagemaker.mlops.workflow.steps import CacheConfig

        self.area = area
        self.session = _session()
        given = {
            "Bucket": _BUCKET,
            "DataUri": f"s3://{_BUCKET}/data/current",
            "ChampionUri": f"s3://{_BUCKET}/champions/{area.name}",
            "ImageUri": _IMAGE,
            "RoleArn": _ROLE,
            "ProcessingInstanceType": "ml.m5.xlarge",
            "TrainingInstanceType": "ml.m5.xlarge",
            "MinimumSkill": "0.0",
            "ChampionTolerance": "0.02",
            **area.settings,
        }
        self.parameters: dict[str, Any] = {
            name: ParameterString(name, default_value=value) for name, value in given.items()
        }
        self.parameters["ApprovalStatus"] = ParameterString(
            "ApprovalStatus",
            default_value="Approved",
            enum_values=["Approved", "PendingManualApproval"],
        )
        self.parameters["BatchTransform"] = ParameterString(
            "BatchTransform", default_value="No", enum_values=["No", "Yes"]
        )
        self.parameters["TransformInstanceType"] = ParameterString(
            "TransformInstanceType", default_value="ml.m5.xlarge"
        )
        self.parameters["TransformInstanceCount"] = ParameterInteger(
            "TransformInstanceCount", default_value=1
        )
        self.cache = CacheConfig(enable_caching=True, expire_after="P30D")

    def steps(self) -> list[Any]:
        """Give the steps."""
        prepare = self._processing("Prepare", {"data": self.parameters["DataUri"]}, ["prepared"])
        prepared = _output(prepare, "prepared")
        train = self._training("Train", {"prepared": prepared})
        baseline = self._processing("Baseline", {"prepared": prepared}, ["baseline"])
        evaluate = self._processing(
            "Evaluate",
            {"prepared": prepared},
            ["evaluation"],
            self._options(*self.area.settings),
            property_file="evaluation",
        )
        model = train.properties.ModelArtifacts.S3ModelArtifacts
        gate = self._processing(
            "Gate",
            {
                "model": model,
                "evaluation": _output(evaluate, "evaluation"),
                "champion": self.parameters["ChampionUri"],
                "prepared": prepared,
            },
            ["gate"],
            self._options("MinimumSkill", "ChampionTolerance"),
            property_file="gate",
        )
        register = self._registration("Register", model, evaluate, gate, baseline)
        transform = self._transform_if_asked(model, prepared)
        return [prepare, train, baseline, evaluate, gate, self._decide(gate, [register, transform])]

    def _decide(self, gate: Any, accepted: list[Any]) -> Any:
        """Go on with what passed the gate; refuse the rest with the gate's reasons."""
        from sagemaker.core.workflow.conditions import ConditionEquals
        from sagemaker.core.workflow.functions import Join, JsonGet
        from sagemaker.mlops.workflow.condition_step import ConditionStep
        from sagemaker.mlops.workflow.fail_step import FailStep

        def said(path: str) -> Any:
            return JsonGet(step_name=gate.name, property_file="gate", json_path=path)

        return ConditionStep(
            name="Decide",
            conditions=[ConditionEquals(left=said("passed"), right=True)],
            if_steps=accepted,
            else_steps=[
                FailStep(
                    "Refuse",
                    error_message=Join(on="", values=["the gate refuses the model: ", said("reasons")]),
                )
            ],
        )

    def _transform_if_asked(self, model: Any, prepared: Any) -> Any:
        """Score every shop with the new model where the parameter BatchTransform says so."""
        from sagemaker.core.workflow.conditions import ConditionEquals
        from sagemaker.mlops.workflow.condition_step import ConditionStep

        options = self._options("HorizonDays") if self.area.name == "demand" else []
        requests = self._processing("Requests", {"prepared": prepared}, ["requests"], options)
        create = self._model("Create", model)
        return ConditionStep(
            name="TransformIfAsked",
            conditions=[ConditionEquals(left=self.parameters["BatchTransform"], right="Yes")],
            if_steps=[
                requests,
                create,
                self._transform("Transform", create, _output(requests, "requests")),
            ],
            else_steps=[],
        )

    def _model(self, name: str, model: Any) -> Any:
        """Make the step that creates the model that a transform serves."""
        from sagemaker.mlops.workflow.model_step import ModelStep

        return ModelStep(name=name, step_args=self._builder(model).build(), retry_policies=_retries())

    def _transform(self, name: str, create: Any, requests: Any) -> Any:
        """Make the batch transform: a line is a request, and its answer a line."""
        from sagemaker.core.transformer import Transformer
        from sagemaker.mlops.workflow.steps import TransformStep

        transformer = Transformer(
            model_name=create.properties.ModelName,
            instance_count=1,  # the SDK takes a number only; `_finished` puts the parameter there
            instance_type=self.parameters["TransformInstanceType"],
            strategy="SingleRecord",
            assemble_with="Line",
            accept="application/jsonlines",
            max_payload=20,
            output_path=self._uri(name),
            sagemaker_session=self.session,
        )
        asked = transformer.transform(data=requests, content_type="application/jsonlines", split_type="Line")
        return TransformStep(name=name, step_args=asked, cache_config=self.cache, retry_policies=_retries())

    def _options(self, *names: str) -> list[Any]:
        """Write parameters as command-line options, `HorizonDays` as `--horizon-days`."""
        options: list[Any] = []
        for name in names:
            if name in self.parameters:
                options += ["--" + _dashed(name), self.parameters[name]]
        return options

    def _processing(
        self,
        name: str,
        inputs: Mapping[str, Any],
        outputs: Sequence[str],
        options: Sequence[Any] = (),
        property_file: str | None = None,
    ) -> Any:
        """Make a processing step that runs `samaan train <name> <area>`."""
        from sagemaker.core import shapes
        from sagemaker.core.processing import Processor
        from sagemaker.core.workflow.properties import PropertyFile
        from sagemaker.mlops.workflow.steps import ProcessingStep

        processor = Processor(
            role=self.parameters["RoleArn"],
            image_uri=self.parameters["ImageUri"],
            entrypoint=["samaan", "train", name.lower(), self.area.name],
            instance_count=1,
            instance_type=self.parameters["ProcessingInstanceType"],
            max_runtime_in_seconds=4 * 3600,
            sagemaker_session=self.session,
        )
        read = [
            shapes.ProcessingInput(
                input_name=each,
                s3_input=shapes.ProcessingS3Input(
                    s3_uri=uri,
                    local_path=f"/opt/ml/processing/input/{each}",
                    s3_data_type="S3Prefix",
                    s3_input_mode="File",
                    s3_data_distribution_type="FullyReplicated",
                ),
            )
            for each, uri in inputs.items()
        ]
        written = [
            shapes.ProcessingOutput(
                output_name=each,
                s3_output=shapes.ProcessingS3Output(
                    s3_uri=self._uri(name, each),
                    local_path=f"/opt/ml/processing/output/{each}",
                    s3_upload_mode="EndOfJob",
                ),
            )
            for each in outputs
        ]
        files = (
            [PropertyFile(property_file, property_file, f"{property_file}.json")] if property_file else None
        )
        return ProcessingStep(
            name=name,
            step_args=processor.run(inputs=read, outputs=written, arguments=list(options) or None),
            property_files=files,
            cache_config=self.cache,
            retry_policies=_retries(),
        )

    def _training(self, name: str, channels: Mapping[str, Any]) -> Any:
        """Make a training step that runs `samaan train fit <area>`."""
        from sagemaker.mlops.workflow.steps import TrainingStep
        from sagemaker.train import configs
        from sagemaker.train.model_trainer import ModelTrainer

        trainer = ModelTrainer(
            training_image=self.parameters["ImageUri"],
            role=_ROLE,
            sagemaker_session=self.session,
            base_job_name=f"samaan-{self.area.name}",
            compute=configs.Compute(
                instance_type=self.parameters["TrainingInstanceType"], instance_count=1, volume_size_in_gb=30
            ),
            stopping_condition=configs.StoppingCondition(max_runtime_in_seconds=4 * 3600),
            hyperparameters={_snaked(key): self.parameters[key] for key in self.area.settings},
            output_data_config=configs.OutputDataConfig(s3_output_path=self._uri(name)),
            input_data_config=[
                configs.InputData(channel_name=channel, data_source=uri) for channel, uri in channels.items()
            ],
        )
        return TrainingStep(
            name=name, step_args=trainer.train(), cache_config=self.cache, retry_policies=_retries()
        )

    def _builder(self, model: Any) -> Any:
        """Describe the container that serves a model."""
        from sagemaker.serve.model_builder import ModelBuilder

        builder = ModelBuilder(
            image_uri=self.parameters["ImageUri"],
            s3_model_data_url=model,
            role_arn=_ROLE,
            sagemaker_session=self.session,
        )
        builder.bucket = _BUCKET  # else the SDK asks S3 for its default bucket
        return builder

    def _registration(self, name: str, model: Any, evaluate: Any, gate: Any, baseline: Any) -> Any:
        """Make the step that registers the model with its evaluation, its data's baseline and its card."""
        from sagemaker.core.drift_check_baselines import DriftCheckBaselines
        from sagemaker.core.model_metrics import MetricsSource, ModelMetrics
        from sagemaker.core.shapes import ModelPackageModelCard
        from sagemaker.mlops.workflow.model_step import ModelStep

        def file(step: Any, output: str, name: str | None = None) -> Any:
            return MetricsSource(s3_uri=self._file_of(step, output, name), content_type="application/json")

        statistics, constraints = (file(baseline, "baseline", each) for each in ("statistics", "constraints"))
        request = self._builder(model).register(
            content_types=_CONTENT_TYPES,
            response_types=_CONTENT_TYPES,
            inference_instances=["ml.m5.large", "ml.m5.xlarge"],
            transform_instances=["ml.m5.xlarge"],
            model_package_group_name=f"samaan-{self.area.name}",
            approval_status=self.parameters["ApprovalStatus"],
            model_metrics=ModelMetrics(
                model_statistics=file(evaluate, "evaluation"),
                model_constraints=file(gate, "gate"),
                model_data_statistics=statistics,
                model_data_constraints=constraints,
            ),
            drift_check_baselines=DriftCheckBaselines(
                model_data_statistics=statistics, model_data_constraints=constraints
            ),
            model_card=ModelPackageModelCard(
                model_card_content=self._card(evaluate), model_card_status="Draft"
            ),
            customer_metadata_properties={
                "area": self.area.name,
                "data": self.parameters["DataUri"],
                **{_snaked(key): self.parameters[key] for key in self.area.settings},
            },
        )
        return ModelStep(name=name, step_args=request, retry_policies=_retries())

    def _card(self, evaluate: Any) -> Any:
        """Join the card's words with the figures of the evaluation."""
        from sagemaker.core.workflow.functions import Join, JsonGet

        pieces: list[Any] = list(card_parts(self.area.name))
        for place in range(1, len(pieces), 2):
            pieces[place] = JsonGet(
                step_name=evaluate.name, property_file="evaluation", json_path=pieces[place]
            )
        return Join(on="", values=pieces)

    def _file_of(self, step: Any, output: str, name: str | None = None) -> Any:
        """Give the address of a JSON file of an output, by default the one of the output's own name."""
        from sagemaker.core.workflow.functions import Join

        return Join(on="/", values=[_output(step, output), f"{name or output}.json"])

    def _uri(self, *parts: str) -> Any:
        """Give an address in this execution's own folder."""
        from sagemaker.core.workflow.execution_variables import ExecutionVariables
        from sagemaker.core.workflow.functions import Join

        here = (ExecutionVariables.PIPELINE_NAME, ExecutionVariables.PIPELINE_EXECUTION_ID)
        return Join(
            on="/", values=["s3:/", self.parameters["Bucket"], "runs", *here, *(p.lower() for p in parts)]
        )


def _retries() -> list[Any]:
    """Retry what is the service's fault, and no more."""
    from sagemaker.mlops.workflow.retry import StepExceptionTypeEnum, StepRetryPolicy

    kinds = [StepExceptionTypeEnum.SERVICE_FAULT, StepExceptionTypeEnum.THROTTLING]
    return [StepRetryPolicy(exception_types=kinds, interval_seconds=10, backoff_rate=2.0, max_attempts=3)]


def _output(step: Any, name: str) -> Any:
    """Give the address of a processing step's output."""
    return step.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri


def _dashed(name: str) -> str:
    """Turn `HorizonDays` into `horizon-days`."""
    return _snaked(name).replace("_", "-")


def _snaked(name: str) -> str:
    """Turn `HorizonDays` into `horizon_days`."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def _finished(value: Any, area: str) -> Any:
    """Say what the SDK cannot: the training job's command, and each role as the parameter it is elsewhere."""
    if isinstance(value, list):
        return [_finished(each, area) for each in value]
    if not isinstance(value, dict):
        return value
    finished = {key: _finished(each, area) for key, each in value.items()}
    for key in ("RoleArn", "ExecutionRoleArn"):
        if finished.get(key) == _ROLE:
            finished[key] = {"Get": "Parameters.RoleArn"}
    if "TransformResources" in finished:
        finished["TransformResources"]["InstanceCount"] = {"Get": "Parameters.TransformInstanceCount"}
    if "TrainingImage" in finished:
        finished["ContainerEntrypoint"] = ["samaan", "train", "fit", area]
    return finished
