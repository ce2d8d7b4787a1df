"""Training steps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from pipelines.local.commands import command_problems, runs_script, training_command
from pipelines.local.containers import Container
from pipelines.local.errors import StepError
from pipelines.local.images import Images
from pipelines.local.kinds import StepKind, Workspace
from pipelines.local.metrics import final_metrics, metric_definitions, metric_problems
from pipelines.local.model_servers import writes_pickle
from pipelines.local.processing import fetch_input, host_names, write_json
from pipelines.local.script_mode import lay_code, script_environment, unquoted
from pipelines.local.sources import channel_problems, source_of
from pipelines.local.steps import Step
from pipelines.local.storage import Source, files_below
from training.archives import pack

__all__ = ["TrainingKind"]

_CHECKPOINTS = "/opt/ml/checkpoints"
_CHANNEL = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
_SCRIPT_CHANNELS = frozenset(("code", "sm_drivers"))


@dataclass
class TrainingKind(StepKind):
    """Runs a training job: config files and channels laid out, the model packed and stored.

    Parameters
    ----------
    images : Images, default=Images()
        Commands of images, for jobs that name none.
    """

    images: Images = field(default_factory=Images)
    attributes: ClassVar[frozenset[str]] = frozenset(
        (
            "TrainingJobName",
            "TrainingJobArn",
            "TrainingJobStatus",
            "ModelArtifacts",
            "FinalMetricDataList",
        )
    )
    fields: ClassVar[Mapping[str, Any]] = {
        "AlgorithmSpecification": {"ContainerEntrypoint?": [str], "ContainerArguments?": [str]},
        "OutputDataConfig": {"S3OutputPath": str, "CompressionType?": str},
        "InputDataConfig?": [
            {
                "ChannelName": str,
                "InputMode?": str,
                "CompressionType?": str,
                "DataSource": {"S3DataSource?": {"S3Uri": str, "S3DataType?": str}},
            }
        ],
        "ResourceConfig?": {"InstanceCount?": "count"},
        "StoppingCondition?": {"MaxRuntimeInSeconds?": float},
        "HyperParameters?": dict,
        "CheckpointConfig?": {"S3Uri": str, "LocalPath?": str},
        "Environment?": dict,
    }

    def problems(self, step: Step) -> Iterator[str]:
        """Find what cannot be run here."""
        specification = step.arguments.get("AlgorithmSpecification", {})
        yield from command_problems(step.arguments, self.images)
        yield from metric_problems(specification)
        if specification.get("TrainingInputMode", "File") == "Pipe":
            yield "AlgorithmSpecification.TrainingInputMode: 'Pipe' is not available here; use 'File'"
        for channel in step.arguments.get("InputDataConfig", []):
            name = channel.get("ChannelName")
            if isinstance(name, str) and not _CHANNEL.fullmatch(name):
                yield f"InputDataConfig.ChannelName: '{name}' must be of letters, digits, '.', '-' and '_'"
            yield from channel_problems(channel)
        if step.arguments.get("ResourceConfig", {}).get("InstanceGroups"):
            yield "ResourceConfig.InstanceGroups: groups of unlike instances are not available here"
        place = PurePosixPath(step.arguments.get("CheckpointConfig", {}).get("LocalPath", _CHECKPOINTS))
        if not place.is_relative_to("/opt/ml") or ".." in place.parts:
            yield f"CheckpointConfig.LocalPath: '{place}' is outside of /opt/ml, which alone is a folder here"

    def inputs(self, arguments: Mapping[str, Any]) -> Iterator[Source]:
        """Return what is read."""
        for channel in arguments.get("InputDataConfig", []):
            yield source_of(channel["DataSource"]["S3DataSource"])

    def outputs(self, arguments: Mapping[str, Any]) -> Iterator[str]:
        """Return the address written."""
        yield arguments["OutputDataConfig"]["S3OutputPath"]

    def run(self, arguments: Mapping[str, Any], room: Workspace) -> Mapping[str, Any]:
        """Run the job."""
        hosts = host_names(arguments.get("ResourceConfig", {}).get("InstanceCount", 1))
        containers = [self._container(arguments, room, host, hosts) for host in hosts]
        room.usage = room.launcher.run_all(containers)
        metrics = final_metrics(
            [container.log for container in containers],
            metric_definitions(arguments["AlgorithmSpecification"]),
        )
        artifacts = self._store(arguments, [container.base for container in containers], room)
        return {
            **arguments,
            "TrainingJobName": room.job_name,
            "TrainingJobArn": f"arn:aws:sagemaker:local:000000000000:training-job/{room.job_name}",
            "TrainingJobStatus": "Completed",
            "ModelArtifacts": {"S3ModelArtifacts": artifacts},
            "FinalMetricDataList": metrics,
        }

    def _container(
        self, arguments: Mapping[str, Any], room: Workspace, host: str, hosts: Sequence[str]
    ) -> Container:
        """Lay out one host's folder."""
        base = room.folder / host
        channels = arguments.get("InputDataConfig", [])
        for channel in channels:
            source, folder = (
                channel["DataSource"]["S3DataSource"],
                base / "input" / "data" / channel["ChannelName"],
            )
            sharded = source.get("S3DataDistributionType") == "ShardedByS3Key"
            shard = (host, hosts) if sharded else None
            fetch_input(room, f"channel '{channel['ChannelName']}'", source_of(source), folder, shard)
            if channel["ChannelName"] in _SCRIPT_CHANNELS:
                room.launcher.relocate(folder, base)
        for folder in (base / "model", base / "output" / "data"):
            folder.mkdir(parents=True, exist_ok=True)
        if "CheckpointConfig" in arguments:
            _lay_checkpoints(arguments["CheckpointConfig"], base, room)
        (base / "checkpoints").mkdir(exist_ok=True)
        config = base / "input" / "config"
        write_json(config / "hyperparameters.json", _texts(arguments.get("HyperParameters", {})))
        write_json(
            config / "inputdataconfig.json",
            {channel["ChannelName"]: _described(channel) for channel in channels},
        )
        write_json(config / "resourceconfig.json", _resources(arguments, host, hosts))
        command = training_command(arguments, self.images)
        if runs_script(arguments, self.images):
            lay_code(unquoted(arguments["HyperParameters"].get("sagemaker_submit_directory", "")), base, room)
        limit = arguments.get("StoppingCondition", {}).get("MaxRuntimeInSeconds")
        log = room.log if len(hosts) == 1 else room.log.with_suffix(f".{host}.log")
        environment = {**arguments.get("Environment", {}), "TRAINING_JOB_NAME": room.job_name}
        workdir = "."
        if writes_pickle(arguments["AlgorithmSpecification"].get("TrainingImage")):
            environment["SAMAAN_XGBOOST_PICKLE"] = "1"
        if runs_script(arguments, self.images):
            workdir = "code"
            environment = {**script_environment(arguments, host, hosts, room.job_name), **environment}
        return Container(room.step.name, base, command, environment, log, limit, workdir)

    def _store(self, arguments: Mapping[str, Any], bases: Sequence[Path], room: Workspace) -> str:
        """Pack and store the first host's model and output; give the model's address."""
        if not any(True for _ in files_below(bases[0] / "model")):
            raise StepError(
                room.step.name, "it left no model; nothing was written to '/opt/ml/model'", room.log
            )
        config = arguments["OutputDataConfig"]
        prefix = f"{config['S3OutputPath'].rstrip('/')}/{room.job_name}/output"
        if any(True for _ in files_below(bases[0] / "output" / "data")):
            archive = room.folder / "output.tar.gz"
            pack(bases[0] / "output" / "data", archive)
            room.store(archive, f"{prefix}/output.tar.gz")
        if config.get("CompressionType") == "NONE":
            room.store(bases[0] / "model", f"{prefix}/model")
            return f"{prefix}/model"
        archive = room.folder / "model.tar.gz"
        pack(bases[0] / "model", archive)
        room.store(archive, f"{prefix}/model.tar.gz")
        return f"{prefix}/model.tar.gz"


def _lay_checkpoints(checkpoints: Mapping[str, Any], base: Path, room: Workspace) -> None:
    """Put the stored checkpoints where the job looks for them: as with the service, what it keeps is stored at once."""
    place = room.storage.path(checkpoints["S3Uri"])
    place.mkdir(parents=True, exist_ok=True)
    folder = base / PurePosixPath(checkpoints.get("LocalPath", _CHECKPOINTS)).relative_to("/opt/ml")
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.symlink_to(place, target_is_directory=True)


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Hyperparameters reach a container as text."""
    return {key: value if isinstance(value, str) else str(value) for key, value in values.items()}


def _resources(arguments: Mapping[str, Any], host: str, hosts: Sequence[str]) -> dict[str, Any]:
    """Describe the cluster as `resourceconfig.json` does."""
    group, kind = "homogeneousCluster", arguments.get("ResourceConfig", {}).get("InstanceType", "local")
    return {
        "current_host": host,
        "current_instance_type": kind,
        "current_group_name": group,
        "hosts": list(hosts),
        "instance_groups": [{"instance_group_name": group, "instance_type": kind, "hosts": list(hosts)}],
        "network_interface_name": "lo",
    }


def _described(channel: Mapping[str, Any]) -> dict[str, str]:
    """Describe a channel as `inputdataconfig.json` does."""
    source = channel["DataSource"]["S3DataSource"]
    described = {
        "TrainingInputMode": channel.get("InputMode", "File"),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    return described | ({"ContentType": channel["ContentType"]} if "ContentType" in channel else {})
