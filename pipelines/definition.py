"""Builds the pipeline definitions with the SageMaker SDK, the same bytes every time.

Only this module, `definition_parts` and `sdk_session` import the SDK, and only when a definition is built: what
runs, here or on AWS, is the JSON under `definitions/`. Everything that differs between accounts is a parameter:
bucket, image, role, instance types. Each job is the project's own image with its command in the definition and no
`source_dir`, so nothing is uploaded and the step cache can work.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.areas import AREAS, Area, golden_path
from pipelines.definition_parts import (
    ROLE,
    dashed,
    job_retries,
    output_of,
    parameters_of,
    retries,
    said_by,
    snaked,
)
from pipelines.sdk_session import BUCKET, checked_once, new_session, quiet_sdk
from samaan_ml.exceptions import MissingExtraError

__all__ = ["build", "render"]

_LINES = "application/jsonlines"
_CONTENT_TYPES = ("application/json", _LINES, "text/csv", "application/x-parquet")
_TRANSFORM_MIB = 50
"""Largest body of batch transform, where a line is all the questions of one shop; the service allows 100."""


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
    with quiet_sdk():
        try:
            from sagemaker.mlops.workflow.pipeline import Pipeline
        except ImportError:
            raise MissingExtraError("sagemaker", "pipelines") from None
        graph = _Graph(AREAS[area])
        with checked_once(graph.session.sagemaker_config):
            pipeline = Pipeline(
                name=f"samaan-{area}",
                parameters=list(graph.parameters.values()),
                steps=graph.steps(),
                sagemaker_session=graph.session,
            )
            document: dict[str, Any] = json.loads(pipeline.definition())
    document["Steps"] = _finished(document["Steps"], area)
    return document


class _Graph:
    """Builds the steps of one area.

    Prepare, then train beside evaluate, check, gate; register or refuse; and, where asked, score every shop.
    """

    def __init__(self, area: Area) -> None:
        from sagemaker.mlops.workflow.steps import CacheConfig

        self.area = area
        self.session = new_session()
        self.parameters = parameters_of(area)
        self.cache = CacheConfig(enable_caching=True, expire_after="P30D")

    def steps(self) -> list[Any]:
        """Return the steps."""
        prepare = self._processing("Prepare", {"data": self.parameters["DataUri"]}, ["prepared"])
        prepared = output_of(prepare, "prepared")
        train = self._training("Train", {"prepared": prepared})
        model = train.properties.ModelArtifacts.S3ModelArtifacts
        evaluate = self._processing(
            "Evaluate", {"prepared": prepared}, ["evaluation"], self._options(*self.area.settings)
        )
        evaluation = output_of(evaluate, "evaluation")
        check = self._processing(
            "Check",
            {"model": model, "prepared": prepared, "evaluation": evaluation},
            ["checks"],
            self._options("HorizonDays"),
            property_file="checks",
        )
        gate = self._processing(
            "Gate",
            {
                "model": model,
                "evaluation": evaluation,
                "checks": output_of(check, "checks"),
                "champion": self.parameters["ChampionUri"],
            },
            ["gate"],
            self._options("MinimumSkill", "ChampionTolerance", "MaximumLatencyMs", "MaximumModelMib"),
            property_file="gate",
        )
        decide = self._decide(gate, self._registration("Register", model, evaluate, check, gate))
        publish = self._publish(gate, model, evaluation, check)
        return [prepare, train, evaluate, check, gate, decide, publish, self._batch(gate, model, prepared)]

    def _decide(self, gate: Any, register: Any) -> Any:
        """Register what passed the gate; refuse the rest with the gate's reasons."""
        from sagemaker.core.workflow.conditions import ConditionEquals
        from sagemaker.core.workflow.functions import Join
        from sagemaker.mlops.workflow.condition_step import ConditionStep
        from sagemaker.mlops.workflow.fail_step import FailStep

        reasons = ["the gate refuses the model: ", said_by(gate, "gate", "reasons")]
        return ConditionStep(
            name="Decide",
            conditions=[ConditionEquals(left=said_by(gate, "gate", "passed"), right=True)],
            if_steps=[register],
            else_steps=[FailStep("Refuse", error_message=Join(on="", values=reasons))],
        )

    def _publish(self, gate: Any, model: Any, evaluation: Any, check: Any) -> Any:
        """Write what was registered as approved where the next gate reads the champion."""
        from sagemaker.core.workflow.conditions import ConditionEquals
        from sagemaker.mlops.workflow.condition_step import ConditionStep

        read = {
            "model": model,
            "evaluation": evaluation,
            "checks": output_of(check, "checks"),
            "gate": output_of(gate, "gate"),
        }
        champion = self._processing(
            "Champion", read, ["champion"], targets={"champion": self.parameters["ChampionUri"]}
        )
        champion.add_depends_on(["Decide"])
        return ConditionStep(
            name="Publish",
            conditions=[
                ConditionEquals(left=said_by(gate, "gate", "passed"), right=True),
                ConditionEquals(left=self.parameters["ApprovalStatus"], right="Approved"),
            ],
            if_steps=[champion],
            else_steps=[],
        )

    def _batch(self, gate: Any, model: Any, prepared: Any) -> Any:
        """Score every shop with what passed, where the parameter BatchTransform asks for it.

        A condition of its own beside Decide: the service nests no conditions.
        """
        from sagemaker.core.workflow.conditions import ConditionEquals
        from sagemaker.mlops.workflow.condition_step import ConditionStep

        requests = self._processing(
            "Requests", {"prepared": prepared}, ["requests"], self._options("HorizonDays")
        )
        create = self._model("Model", model)
        return ConditionStep(
            name="Batch",
            conditions=[
                ConditionEquals(left=self.parameters["BatchTransform"], right=True),
                ConditionEquals(left=said_by(gate, "gate", "passed"), right=True),
            ],
            if_steps=[
                requests,
                create,
                self._transform("Transform", create, output_of(requests, "requests")),
            ],
            else_steps=[],
        )

    def _options(self, *names: str) -> list[Any]:
        """Write parameters as command-line options, `HorizonDays` as `--horizon-days`."""
        options: list[Any] = []
        for name in names:
            if name in self.parameters:
                options += ["--" + dashed(name), self._text(name)]
        return options

    def _text(self, name: str) -> Any:
        """Return a parameter as text, which is what options and hyperparameters are."""
        return self.parameters[name].to_string()

    def _processing(
        self,
        name: str,
        inputs: Mapping[str, Any],
        outputs: Sequence[str],
        options: Sequence[Any] = (),
        property_file: str | None = None,
        targets: Mapping[str, Any] | None = None,
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
                    s3_uri=(targets or {}).get(each) or self._uri(name, each),
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
            retry_policies=job_retries(),
        )

    def _training(self, name: str, channels: Mapping[str, Any]) -> Any:
        """Make a training step that runs `samaan train fit <area>`."""
        from sagemaker.mlops.workflow.steps import TrainingStep
        from sagemaker.train import configs
        from sagemaker.train.model_trainer import ModelTrainer

        trainer = ModelTrainer(
            training_image=self.parameters["ImageUri"],
            role=ROLE,
            sagemaker_session=self.session,
            base_job_name=f"samaan-{self.area.name}",
            compute=configs.Compute(
                instance_type=self.parameters["TrainingInstanceType"], instance_count=1, volume_size_in_gb=30
            ),
            stopping_condition=configs.StoppingCondition(max_runtime_in_seconds=4 * 3600),
            hyperparameters={snaked(key): self._text(key) for key in self.area.settings},
            output_data_config=configs.OutputDataConfig(s3_output_path=self._uri(name)),
            checkpoint_config=configs.CheckpointConfig(s3_uri=self._checkpoints()),
            input_data_config=[
                configs.InputData(channel_name=channel, data_source=uri) for channel, uri in channels.items()
            ],
        )
        return TrainingStep(
            name=name, step_args=trainer.train(), cache_config=self.cache, retry_policies=job_retries()
        )

    def _builder(self, model: Any, environment: Mapping[str, str] | None = None) -> Any:
        """Make the builder of a model in the project's image."""
        from sagemaker.serve.model_builder import ModelBuilder

        builder = ModelBuilder(
            image_uri=self.parameters["ImageUri"],
            s3_model_data_url=model,
            role_arn=ROLE,
            env_vars=dict(environment or {}),
            sagemaker_session=self.session,
        )
        builder.bucket = BUCKET  # else the SDK asks S3 for its default bucket
        return builder

    def _model(self, name: str, model: Any) -> Any:
        """Make the step that creates the model batch transform runs."""
        from sagemaker.mlops.workflow.model_step import ModelStep

        builder = self._builder(model, {"SAMAAN_MAX_PAYLOAD_BYTES": str(_TRANSFORM_MIB * 2**20)})
        return ModelStep(name=name, step_args=builder.build(), retry_policies=retries())

    def _transform(self, name: str, model: Any, requests: Any) -> Any:
        """Make the step that asks the model every shop's questions, a JSON line each."""
        from sagemaker.core.transformer import Transformer
        from sagemaker.mlops.workflow.steps import TransformStep

        transformer = Transformer(
            model_name=model.properties.ModelName,
            instance_count=1,
            instance_type=self.parameters["ProcessingInstanceType"],
            strategy="MultiRecord",
            assemble_with="Line",
            accept=_LINES,
            max_payload=_TRANSFORM_MIB,
            max_concurrent_transforms=2,
            output_path=self._uri(name, "answers"),
            sagemaker_session=self.session,
        )
        request = transformer.transform(data=requests, content_type=_LINES, split_type="Line")
        return TransformStep(
            name=name, step_args=request, cache_config=self.cache, retry_policies=job_retries()
        )

    def _registration(self, name: str, model: Any, evaluate: Any, check: Any, gate: Any) -> Any:
        """Make the step that registers the model with its metrics, baselines, lineage and card."""
        from sagemaker.core.metadata_properties import MetadataProperties
        from sagemaker.core.shapes import ModelPackageModelCard
        from sagemaker.core.workflow.execution_variables import ExecutionVariables
        from sagemaker.mlops.workflow.model_step import ModelStep

        metrics, baselines = self._reports(evaluate, check, gate)
        card = ModelPackageModelCard(
            model_card_content=said_by(check, "checks", "model_card"), model_card_status="PendingReview"
        )
        request = self._builder(model).register(
            content_types=list(_CONTENT_TYPES),
            response_types=list(_CONTENT_TYPES),
            inference_instances=["ml.m5.large", "ml.m5.xlarge"],
            transform_instances=["ml.m5.xlarge"],
            model_package_group_name=f"samaan-{self.area.name}",
            approval_status=self.parameters["ApprovalStatus"],
            model_metrics=metrics,
            drift_check_baselines=baselines,
            model_card=card,
            metadata_properties=MetadataProperties(
                commit_id=said_by(check, "checks", "lineage.commit"),
                generated_by=ExecutionVariables.PIPELINE_EXECUTION_ARN,
            ),
            customer_metadata_properties={
                "area": self.area.name,
                "data": self.parameters["DataUri"],
                **{
                    key: said_by(check, "checks", f"lineage.{key}")
                    for key in ("data_digest", "trained_until", "hyperparameters")
                },
                "model_version": said_by(check, "checks", "model_version"),
            },
        )
        return ModelStep(name=name, step_args=request, retry_policies=retries())

    def _reports(self, evaluate: Any, check: Any, gate: Any) -> tuple[Any, Any]:
        """Return the model's metrics, and the baselines that later rows are compared with."""
        from sagemaker.core.drift_check_baselines import DriftCheckBaselines
        from sagemaker.core.model_metrics import MetricsSource, ModelMetrics

        def source(step: Any, output: str, name: str | None = None) -> Any:
            return MetricsSource(s3_uri=self._file_of(step, output, name), content_type="application/json")

        quality = {
            "model_statistics": source(evaluate, "evaluation"),
            "model_constraints": source(gate, "gate"),
            "model_data_statistics": source(check, "checks", "statistics"),
            "model_data_constraints": source(check, "checks", "constraints"),
        }
        fairness = source(check, "checks", "fairness")
        metrics = ModelMetrics(**quality, bias_post_training=fairness)
        return metrics, DriftCheckBaselines(**quality, bias_post_training_constraints=fairness)

    def _file_of(self, step: Any, output: str, name: str | None = None) -> Any:
        """Return the address of a JSON file among an output; the one named as the output is by default."""
        from sagemaker.core.workflow.functions import Join

        return Join(on="/", values=[output_of(step, output), f"{name or output}.json"])

    def _checkpoints(self) -> Any:
        """Return the address of the checkpoints: one for all executions, for a later one goes on from them."""
        from sagemaker.core.workflow.execution_variables import ExecutionVariables
        from sagemaker.core.workflow.functions import Join

        place = [self.parameters["Bucket"], "checkpoints", ExecutionVariables.PIPELINE_NAME]
        return Join(on="/", values=["s3:/", *place])

    def _uri(self, *parts: str) -> Any:
        """Return an address in this execution's own folder."""
        from sagemaker.core.workflow.execution_variables import ExecutionVariables
        from sagemaker.core.workflow.functions import Join

        here = (ExecutionVariables.PIPELINE_NAME, ExecutionVariables.PIPELINE_EXECUTION_ID)
        return Join(
            on="/", values=["s3:/", self.parameters["Bucket"], "runs", *here, *(p.lower() for p in parts)]
        )


def _finished(value: Any, area: str) -> Any:
    """Return what the SDK cannot: the training job's command, and its role as the parameter it is elsewhere."""
    if isinstance(value, list):
        return [_finished(each, area) for each in value]
    if not isinstance(value, dict):
        return value
    finished = {key: _finished(each, area) for key, each in value.items()}
    for key in ("RoleArn", "ExecutionRoleArn"):
        if finished.get(key) == ROLE:
            finished[key] = {"Get": "Parameters.RoleArn"}
    if "TrainingImage" in finished:
        finished["ContainerEntrypoint"] = ["samaan", "train", "fit", area]
    return finished
