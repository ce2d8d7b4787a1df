"""Model and RegisterModel steps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from pipelines.local.errors import StepError
from pipelines.local.kinds import ModelPackage, StepKind, Workspace
from pipelines.local.model_servers import model_uri
from pipelines.local.steps import Step
from pipelines.local.storage import Source
from samaan_ml.exceptions import DataError

__all__ = ["ModelKind", "RegisterModelKind", "containers_of"]


_MOST_CONTAINERS = 15
_CONTAINER = {
    "Image?": str,
    "ModelPackageName?": str,
    "ModelDataUrl?": str,
    "ModelDataSource?": {"S3DataSource?": {"S3Uri": str}},
    "Environment?": dict,
}


class ModelKind(StepKind):
    """Creates a model: its containers are remembered for the steps that use them."""

    attributes: ClassVar[frozenset[str]] = frozenset(("ModelName", "ModelArn"))

    fields: ClassVar[Mapping[str, Any]] = {
        "PrimaryContainer?": _CONTAINER,
        "Containers?": [_CONTAINER],
        "ModelName?": str,
    }

    def problems(self, step: Step) -> Iterator[str]:
        """Find what cannot be run here."""
        if not containers_of(step.arguments):
            yield "PrimaryContainer: missing; a model needs a container"

    def inputs(self, arguments: Mapping[str, Any]) -> Iterator[Source]:
        """Return the model's data."""
        for container in containers_of(arguments):
            if uri := model_uri(container):
                yield Source(uri, "object")

    def run(self, arguments: Mapping[str, Any], room: Workspace) -> Mapping[str, Any]:
        """Create the model."""
        for source in self.inputs(arguments):
            if not room.storage.path(source.uri).exists():
                reason = f"ModelDataUrl: nothing is stored at '{source.uri}'"
                raise StepError(room.step.name, reason, kind="Step.CLIENT")
        name = arguments.get("ModelName") or self._name(arguments, room)
        room.models[name] = list(_unpackaged(containers_of(arguments), room))
        arn = f"arn:aws:sagemaker:local:000000000000:model/{name}"
        return {**arguments, "ModelName": name, "ModelArn": arn}

    def _name(self, arguments: Mapping[str, Any], room: Workspace) -> str:
        """Name a model by its content, so that a transform of the same model is found in the cache."""
        content = [room.storage.digest(uri) for uri in self.inputs(arguments)]
        image = [[each.get("Image"), each.get("Environment")] for each in containers_of(arguments)]
        text = json.dumps([image, content], sort_keys=True, default=str)
        return f"{room.step.name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


class RegisterModelKind(StepKind):
    """Registers a model in the registry, once for the same content."""

    attributes: ClassVar[frozenset[str]] = frozenset(
        (
            "ModelPackageArn",
            "ModelPackageName",
            "ModelPackageVersion",
            "ModelPackageStatus",
            "ModelApprovalStatus",
            "Champion",
        )
    )

    fields: ClassVar[Mapping[str, Any]] = {
        "InferenceSpecification": {"Containers": [_CONTAINER]},
        "ModelPackageGroupName?": str,
        "ModelApprovalStatus?": str,
        "CustomerMetadataProperties?": dict,
        "ModelMetrics?": dict,
        "ModelCard?": dict,
    }

    def problems(self, step: Step) -> Iterator[str]:
        """Find what cannot be run here."""
        containers = step.arguments.get("InferenceSpecification", {}).get("Containers", [])
        if not 1 <= len(containers) <= _MOST_CONTAINERS:
            yield f"InferenceSpecification.Containers: 1 to {_MOST_CONTAINERS} can be registered, got {len(containers)}"
        for place, each in enumerate(containers):
            if "ModelDataUrl" not in each and "ModelDataSource" not in each:
                yield f"InferenceSpecification.Containers[{place}].ModelDataUrl: missing"
        if "ModelPackageGroupName" not in step.arguments:
            yield "ModelPackageGroupName: missing; the registry needs the model's name"

    def inputs(self, arguments: Mapping[str, Any]) -> Iterator[Source]:
        """Return the model and its reports."""
        for uri in (*_registered_uris(arguments), *_reports(arguments).values()):
            yield Source(uri, "object")

    def run(self, arguments: Mapping[str, Any], room: Workspace) -> Mapping[str, Any]:
        """Register the model."""
        group, uris = arguments["ModelPackageGroupName"], _registered_uris(arguments)
        status = arguments.get("ModelApprovalStatus", "PendingManualApproval")
        try:
            package = ModelPackage(
                group=group,
                archive=room.storage.path(uris[0]),
                further=tuple(room.storage.path(uri) for uri in uris[1:]),
                digest=_digest(uris, room),
                approved=status == "Approved",
                metadata={
                    key: str(value) for key, value in arguments.get("CustomerMetadataProperties", {}).items()
                },
                reports=_report_paths(arguments, room) | _card(arguments, room),
                lineage=room.lineage,
            )
        except DataError as error:
            raise StepError(
                room.step.name, f"ModelDataUrl or ModelMetrics: {error}", kind="Step.CLIENT"
            ) from error
        registered = room.registry.register(package)
        arn = f"arn:aws:sagemaker:local:000000000000:model-package/{group}/{registered.version}"
        room.models[arn] = arguments["InferenceSpecification"]["Containers"]
        return {
            **arguments,
            "ModelPackageArn": arn,
            "ModelPackageName": group,
            "ModelPackageVersion": registered.version,
            "ModelPackageStatus": "Completed",
            "ModelApprovalStatus": status,
            "Champion": registered.champion,
        }


def containers_of(arguments: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return a model's containers."""
    primary = arguments.get("PrimaryContainer")
    return [primary] if primary else list(arguments.get("Containers", []))


def _unpackaged(containers: Sequence[Mapping[str, Any]], room: Workspace) -> Iterator[Mapping[str, Any]]:
    """Put a registered package's containers in the place of its name.

    Raises
    ------
    StepError
        When no step of this execution registered it.
    """
    for each in containers:
        name = each.get("ModelPackageName")
        if name is None:
            yield each
        elif name in room.models:
            yield from (
                {**inner, "Environment": {**inner.get("Environment", {}), **each.get("Environment", {})}}
                for inner in room.models[name]
            )
        else:
            reason = f"ModelPackageName: no step of this execution registered '{name}'"
            raise StepError(room.step.name, reason, kind="Step.CLIENT")


def _digest(uris: Sequence[str], room: Workspace) -> str:
    """Return the digest of all models of a package."""
    found = [room.storage.digest(Source(uri, "object")) for uri in uris]
    return found[0] if len(found) == 1 else hashlib.sha256(json.dumps(found).encode()).hexdigest()


def _registered_uris(arguments: Mapping[str, Any]) -> list[str]:
    """Return the addresses of the models to register."""
    return [str(model_uri(each)) for each in arguments["InferenceSpecification"]["Containers"]]


def _reports(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return the addresses of the reports in `ModelMetrics`, by their place."""
    found: dict[str, str] = {}
    for area, reports in arguments.get("ModelMetrics", {}).items():
        for name, report in reports.items():
            if isinstance(report, Mapping) and "S3Uri" in report:
                found[f"{area}.{name}"] = report["S3Uri"]
    return found


def _report_paths(arguments: Mapping[str, Any], room: Workspace) -> dict[str, Path]:
    """Find the reports' files."""
    return {
        f"{place}/{name}": path
        for place, uri in _reports(arguments).items()
        for name, path in room.storage.files(uri)
    }


def _card(arguments: Mapping[str, Any], room: Workspace) -> dict[str, Path]:
    """Write the model card beside the reports.

    Raises
    ------
    StepError
        When its content is no JSON object; the service would refuse it too.
    """
    content = arguments.get("ModelCard", {}).get("ModelCardContent")
    if content is None:
        return {}
    try:
        card = json.loads(content)
    except (TypeError, ValueError) as error:
        raise StepError(room.step.name, f"ModelCard.ModelCardContent: {error}", kind="Step.CLIENT") from error
    if not isinstance(card, dict):
        raise StepError(room.step.name, "ModelCard.ModelCardContent: not a JSON object", kind="Step.CLIENT")
    path = room.folder / "model_card.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(card, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    return {"ModelCard/model_card.json": path}
