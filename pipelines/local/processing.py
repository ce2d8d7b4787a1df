"""Processing steps."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from pipelines.local.containers import Container
from pipelines.local.errors import StepError
from pipelines.local.images import HOW_TO_MAP, Images
from pipelines.local.kinds import StepKind, Workspace
from pipelines.local.relocation import CONTAINER_BASE
from pipelines.local.shapes import MAX_HOSTS
from pipelines.local.sources import source_of, source_problems
from pipelines.local.steps import Step
from pipelines.local.storage import Source
from samaan_ml.exceptions import DataError

__all__ = ["ProcessingKind", "fetch_input", "host_names", "inside", "write_json"]

_SCRIPT_INPUTS = frozenset(("code", "entrypoint", "sm_drivers", "sm_code"))


@dataclass
class ProcessingKind(StepKind):
    """Runs a processing job: inputs fetched, one container a host, outputs stored.

    Parameters
    ----------
    images : Images, default=Images()
        Commands of images, for jobs that name none.
    """

    images: Images = field(default_factory=Images)
    attributes: ClassVar[frozenset[str]] = frozenset(
        ("ProcessingJobName", "ProcessingJobArn", "ProcessingJobStatus")
    )
    fields: ClassVar[Mapping[str, Any]] = {
        "AppSpecification": {"ContainerEntrypoint?": [str], "ContainerArguments?": [str]},
        "ProcessingInputs?": [
            {
                "InputName": str,
                "AppManaged?": bool,
                "S3Input?": {
                    "S3Uri": str,
                    "LocalPath?": str,
                    "S3DataType?": str,
                    "S3InputMode?": str,
                    "S3CompressionType?": str,
                    "S3DataDistributionType?": str,
                },
            }
        ],
        "ProcessingOutputConfig?": {
            "Outputs": [{"OutputName": str, "S3Output?": {"S3Uri": str, "LocalPath": str}}]
        },
        "ProcessingResources?": {"ClusterConfig": {"InstanceCount?": "count"}},
        "StoppingCondition?": {"MaxRuntimeInSeconds?": float},
        "Environment?": dict,
    }

    def problems(self, step: Step) -> Iterator[str]:
        """Find what cannot be run here."""
        specification = step.arguments.get("AppSpecification", {})
        if not specification.get("ContainerEntrypoint") and self._own_command(specification) is None:
            image = specification.get("ImageUri")
            yield (
                f"AppSpecification.ContainerEntrypoint: missing, and image '{image}' is not run here; {HOW_TO_MAP}"
            )
        for each in step.arguments.get("ProcessingInputs", []):
            name = f"ProcessingInputs[{each.get('InputName')}]"
            if "S3Input" not in each:
                got = ", ".join(sorted(set(each) - {"InputName"}))
                yield f"{name}: only S3Input can be read here, got {got}"
            else:
                yield from source_problems(f"{name}.S3Input", each["S3Input"])
                yield from _place_problems(f"{name}.S3Input", each["S3Input"].get("LocalPath", ""))
        for each in step.arguments.get("ProcessingOutputConfig", {}).get("Outputs", []):
            name = f"ProcessingOutputConfig.Outputs[{each.get('OutputName')}]"
            if "S3Output" not in each:
                yield f"{name}: only S3Output can be written here"
            else:
                yield from _place_problems(f"{name}.S3Output", each["S3Output"].get("LocalPath"))

    def inputs(self, arguments: Mapping[str, Any]) -> Iterator[Source]:
        """Return what is read."""
        for each in arguments.get("ProcessingInputs", []):
            yield source_of(each["S3Input"])

    def outputs(self, arguments: Mapping[str, Any]) -> Iterator[str]:
        """Return the addresses written."""
        for each in arguments.get("ProcessingOutputConfig", {}).get("Outputs", []):
            yield each["S3Output"]["S3Uri"]

    def run(self, arguments: Mapping[str, Any], room: Workspace) -> Mapping[str, Any]:
        """Run the job."""
        cluster = arguments.get("ProcessingResources", {}).get("ClusterConfig", {})
        hosts = host_names(cluster.get("InstanceCount", 1))
        containers = [self._container(arguments, room, host, hosts) for host in hosts]
        room.usage = room.launcher.run_all(containers)
        for each in arguments.get("ProcessingOutputConfig", {}).get("Outputs", []):
            self._store(each, containers, room)
        return {
            **arguments,
            "ProcessingJobName": room.job_name,
            "ProcessingJobArn": f"arn:aws:sagemaker:local:000000000000:processing-job/{room.job_name}",
            "ProcessingJobStatus": "Completed",
        }

    def _container(
        self, arguments: Mapping[str, Any], room: Workspace, host: str, hosts: Sequence[str]
    ) -> Container:
        """Lay out one host's folder."""
        base = room.folder / host
        for each in arguments.get("ProcessingInputs", []):
            source = each["S3Input"]
            folder = inside(base, source["LocalPath"])
            sharded = source.get("S3DataDistributionType") == "ShardedByS3Key"
            fetch_input(
                room,
                f"input '{each['InputName']}'",
                source_of(source),
                folder,
                (host, hosts) if sharded else None,
            )
            if each["InputName"] in _SCRIPT_INPUTS:
                room.launcher.relocate(folder, base)
        for each in arguments.get("ProcessingOutputConfig", {}).get("Outputs", []):
            inside(base, each["S3Output"]["LocalPath"]).mkdir(parents=True, exist_ok=True)
        write_json(
            base / "config" / "processingjobconfig.json", {**arguments, "ProcessingJobName": room.job_name}
        )
        write_json(base / "config" / "resourceconfig.json", {"current_host": host, "hosts": list(hosts)})
        specification = arguments["AppSpecification"]
        entry = specification.get("ContainerEntrypoint") or self._own_command(specification) or ()
        command = (*entry, *specification.get("ContainerArguments", []))
        limit = arguments.get("StoppingCondition", {}).get("MaxRuntimeInSeconds")
        log = room.log if len(hosts) == 1 else room.log.with_suffix(f".{host}.log")
        return Container(room.step.name, base, command, arguments.get("Environment", {}), log, limit)

    def _own_command(self, specification: Mapping[str, Any]) -> Sequence[str] | None:
        """Return the command of an image that the definition gives none for."""
        return self.images.command(specification.get("ImageUri"), "process")

    def _store(self, output: Mapping[str, Any], containers: Sequence[Container], room: Workspace) -> None:
        """Store one output of every host."""
        target, stored = output["S3Output"], False
        for container in containers:
            folder = inside(container.base, target["LocalPath"])
            stored |= any(path.is_file() for path in folder.rglob("*"))
            room.store(folder, target["S3Uri"])
        if not stored:
            reason = (
                f"output '{output['OutputName']}' is empty; nothing was written to '{target['LocalPath']}'"
            )
            raise StepError(room.step.name, reason, room.log)


def _place_problems(field: str, place: object) -> Iterator[str]:
    """Find a container path that has no place here; a path that is only known later is checked later."""
    if isinstance(place, str) and not _is_inside(place):
        yield f"{field}.LocalPath: must lie below '{CONTAINER_BASE}/', got '{place}'"


def inside(base: Path, place: str) -> Path:
    """Return where a container path lies here.

    Raises
    ------
    DataError
        When it leaves the folder that stands for `/opt/ml`.
    """
    if not _is_inside(place):
        raise DataError(f"'{place}' does not lie below '{CONTAINER_BASE}/'")
    return base / place.removeprefix(CONTAINER_BASE).strip("/")


def _is_inside(place: str) -> bool:
    """Return whether a container path lies below `/opt/ml`."""
    return place.startswith(CONTAINER_BASE + "/") and ".." not in place.split("/")


def host_names(count: Any) -> list[str]:
    """Name the hosts of a job as SageMaker does.

    Raises
    ------
    DataError
        When the count, which a parameter may have given, is none.
    """
    try:
        number = int(count)
    except (TypeError, ValueError, OverflowError):
        number = 0
    if not 1 <= number <= MAX_HOSTS:
        raise DataError(f"InstanceCount: must be a whole number from 1 to {MAX_HOSTS}, got {count!r}")
    return [f"algo-{host}" for host in range(1, number + 1)]


def fetch_input(
    room: Workspace, what: str, source: Source, folder: Path, shard: tuple[str, Sequence[str]] | None = None
) -> None:
    """Copy an input into a host's folder, all of it or every n-th file, as `ShardedByS3Key` deals them out.

    Raises
    ------
    StepError
        Naming the input, when there is nothing at its address.
    """
    folder.mkdir(parents=True, exist_ok=True)
    part = slice(None) if shard is None else slice(shard[1].index(shard[0]), None, len(shard[1]))
    try:
        room.storage.fetch(source, folder, part)
    except DataError as error:
        raise StepError(room.step.name, f"{what}: {error}", kind="Step.CLIENT") from error


def write_json(path: Path, values: Any) -> None:
    """Write JSON, making the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values, indent=1, sort_keys=True), "utf-8")
