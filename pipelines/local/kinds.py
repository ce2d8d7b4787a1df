"""What every kind of step must answer, and the room it works in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

from pipelines.local.containers import Launcher, Usage
from pipelines.local.expressions import Resolver
from pipelines.local.steps import Step
from pipelines.local.storage import Source, Storage

__all__ = ["ModelPackage", "ModelRegistry", "Registered", "StepKind", "Workspace"]


@dataclass(frozen=True, slots=True)
class ModelPackage:
    """A model to be registered.

    Parameters
    ----------
    group : str
        Model package group, the registry's name of the model.
    archive : Path
        The `model.tar.gz`, or the folder of an uncompressed model.
    further : tuple of Path, default=()
        The models of the containers that answer after the first one.
    digest : str
        SHA-256 of that content; the same content is registered once.
    approved : bool
        Whether it may serve at once (`ModelApprovalStatus` Approved).
    metadata : mapping of str to str
        `CustomerMetadataProperties`.
    reports : mapping of str to Path
        Quality, bias and explainability reports by their place in `ModelMetrics`.
    lineage : mapping of str to str
        Pipeline, execution and step that made it.
    """

    group: str
    archive: Path
    digest: str
    approved: bool
    metadata: Mapping[str, str]
    reports: Mapping[str, Path]
    lineage: Mapping[str, str]
    further: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Registered:
    """What the registry answers: the version, and whether it serves now."""

    version: str
    champion: bool


class ModelRegistry(Protocol):
    """Where RegisterModel steps register; MLflow in `pipelines.registry`."""

    def register(self, package: ModelPackage) -> Registered:
        """Register a model, once for the same content, whole or not at all."""

    def knows(self, group: str, version: str) -> bool:
        """Tell cheaply whether a version is still there."""


@dataclass(slots=True)
class Workspace:
    """Where and with what one step works.

    Parameters
    ----------
    step : Step
        The step.
    folder : Path
        Its own folder; one folder a host inside.
    log : Path
        Its log.
    storage, launcher, registry, resolver
        The store, the starter of containers, the model registry, the values known so far.
    job_name : str
        The name SageMaker would give the job.
    lineage : mapping of str to str
        Pipeline and execution.
    models : dict
        Containers of the models created so far, by model name; those of registered packages by ARN.
    usage : Usage
        What its containers used.
    written : list of Path
        The files that it stored.
    """

    step: Step
    folder: Path
    log: Path
    storage: Storage
    launcher: Launcher
    registry: ModelRegistry
    resolver: Resolver
    job_name: str
    lineage: Mapping[str, str]
    models: dict[str, Sequence[Mapping[str, Any]]]
    usage: Usage = field(default_factory=Usage)
    written: list[Path] = field(default_factory=list)

    def store(self, source: Path, uri: str) -> None:
        """Copy files to an address, and note them as what the step wrote."""
        self.written += self.storage.store(source, uri)


class StepKind(ABC):
    """One type of step.

    `control` marks a kind that only steers: it resolves its own references and is never cached or retried.
    `reads_extra` marks a kind whose fields beside `Arguments` belong to its request. `fields` are those that the
    request must have, as `misshapen` reads them. `attributes` are what a step tells of itself beside its request;
    None where that is not known before it runs.
    """

    control: ClassVar[bool] = False
    reads_extra: ClassVar[bool] = False
    fields: ClassVar[Mapping[str, Any]] = {}
    attributes: ClassVar[frozenset[str] | None] = None

    def problems(self, step: Step) -> Iterator[str]:  # noqa: ARG002
        """Return what of the step cannot be run here, before anything is."""
        return iter(())

    def problems_among(self, step: Step, others: Mapping[str, Step]) -> Iterator[str]:  # noqa: ARG002
        """Return what of the step cannot be run here in view of the other steps."""
        return iter(())

    def inputs(self, arguments: Mapping[str, Any]) -> Iterator[Source]:  # noqa: ARG002
        """Return what the step reads."""
        return iter(())

    def outputs(self, arguments: Mapping[str, Any]) -> Iterator[str]:  # noqa: ARG002
        """Return the addresses the step writes to."""
        return iter(())

    @abstractmethod
    def run(self, arguments: Mapping[str, Any], room: Workspace) -> Mapping[str, Any]:
        """Run the step; give what it describes of itself."""
