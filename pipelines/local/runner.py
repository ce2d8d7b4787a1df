"""Checks definitions and runs them: what can be run, with which kinds of steps, one run at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.local.attributes import attribute_problems
from pipelines.local.containers import Launcher, end_orphans
from pipelines.local.control import ConditionKind, FailKind
from pipelines.local.document import Definition
from pipelines.local.errors import DefinitionError, ExecutionError, told
from pipelines.local.execution import Execution
from pipelines.local.functions import Handler, LambdaKind
from pipelines.local.images import Images
from pipelines.local.kinds import ModelRegistry, StepKind
from pipelines.local.locks import only_one
from pipelines.local.models import ModelKind, RegisterModelKind
from pipelines.local.processing import ProcessingKind
from pipelines.local.quality_check import QualityCheckKind
from pipelines.local.refusals import REFUSALS
from pipelines.local.shapes import misshapen
from pipelines.local.status import ExecutionStatus, Progress
from pipelines.local.steps import Step
from pipelines.local.storage import Storage
from pipelines.local.training import TrainingKind
from pipelines.local.transform import TransformKind
from pipelines.local.tuning import TuningKind
from samaan_ml.exceptions import SamaanError

__all__ = ["LocalRunner"]


def _step_kinds(images: Images, functions: Mapping[str, Handler]) -> dict[str, StepKind]:
    """Name the step types that can be run here."""
    return {
        "Condition": ConditionKind(),
        "Fail": FailKind(),
        "Lambda": LambdaKind(functions),
        "Model": ModelKind(),
        "Processing": ProcessingKind(images),
        "QualityCheck": QualityCheckKind(),
        "RegisterModel": RegisterModelKind(),
        "Training": TrainingKind(images),
        "Transform": TransformKind(images),
        "Tuning": TuningKind(images),
    }


@dataclass
class LocalRunner:
    """Runs SageMaker pipeline definitions as child processes on this machine.

    Parameters
    ----------
    home : Path
        Where executions, the step cache and, under `s3/`, the store are kept.
    registry : ModelRegistry
        Where RegisterModel steps register.
    mounts : mapping of str to Path, default={}
        `s3://` prefixes that lie elsewhere; read, never written.
    launcher : Launcher, default=Launcher()
        Starts containers.
    progress : Progress or None, default=None
        Shows what happens; None shows nothing.
    max_parallel : int or None, default=None
        How many independent steps run side by side; None is one a processor.
    kinds : mapping of str to StepKind, default={}
        Step types that can be run beside, or in the place of, those known.
    functions : mapping of str to callable, default={}
        Handlers of Lambda steps by function name or ARN.
    images : Images, default=Images()
        Commands that stand for container images.
    """

    home: Path
    registry: ModelRegistry
    mounts: Mapping[str, Path] = field(default_factory=dict)
    launcher: Launcher = field(default_factory=Launcher)
    progress: Progress | None = None
    max_parallel: int | None = None
    kinds: Mapping[str, StepKind] = field(default_factory=dict)
    functions: Mapping[str, Handler] = field(default_factory=dict)
    images: Images = field(default_factory=Images)

    def __post_init__(self) -> None:
        """Make addresses absolute, since containers work elsewhere; name the kinds of steps."""
        self.kinds = {**_step_kinds(self.images, self.functions), **self.kinds}
        self.home = Path(self.home).resolve()
        mounts = {prefix: Path(path).resolve() for prefix, path in self.mounts.items()}
        self.storage = Storage(self.home / "s3", mounts)

    def check(self, definition: Definition, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Check that a definition can be run here with these parameters; give their values.

        Raises
        ------
        DefinitionError
            Listing every step and field that cannot.
        """
        problems: list[str] = []
        given = {**definition.defaults(), **parameters}
        known = {step.name: step.with_parameters(given) for step in definition.steps}
        for step in definition.steps:
            kind = self.kinds.get(step.type)
            if kind is None:
                reason = REFUSALS.get(step.type, f"these can: {', '.join(sorted(self.kinds))}")
                problems.append(f"step '{step.name}': type '{step.type}' cannot be run here: {reason}")
            else:
                problems += [f"step '{step.name}', {problem}" for problem in _problems(kind, step, known)]
        problems += attribute_problems(definition.steps, self.kinds)
        try:
            values = definition.values(parameters)
        except DefinitionError as error:
            raise DefinitionError([*problems, *error.problems]) from None
        if problems:
            raise DefinitionError(problems)
        return values

    def run(
        self,
        definition: Definition,
        parameters: Mapping[str, Any] | None = None,
        from_step: str | None = None,
    ) -> ExecutionStatus:
        """Run a definition to its end; a step that fails ends it, and the status says why.

        Parameters
        ----------
        definition : Definition
            What to run.
        parameters : mapping, default=None
            Values of its parameters.
        from_step : str or None, default=None
            This step and those after it run; the results of the steps before it are taken from the cache, however
            old, also where the definition asks for none.

        Returns
        -------
        ExecutionStatus
            How every step ended.

        Raises
        ------
        DefinitionError
            When it cannot be run here; nothing has been started then.
        ExecutionError
            When the same pipeline is running in this home, or the home cannot be written.
        """
        values = self.check(definition, parameters or {})
        if from_step is not None and from_step not in {step.name for step in definition.steps}:
            named = ", ".join(step.name for step in definition.steps)
            raise DefinitionError([f"step '{from_step}' does not exist; the steps are {named}"])
        folder = self.home / "runs" / definition.name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with only_one(
                folder / "lock", f"pipeline '{definition.name}' is running already in '{self.home}'"
            ):
                _close_interrupted(folder)
                return Execution(self, definition, values, folder, from_step).run()
        except OSError as error:  # a full disk, a folder that may not be written
            raise ExecutionError(f"pipeline '{definition.name}' cannot go on: {told(error)}") from error


def _problems(kind: StepKind, step: Step, known: Mapping[str, Step]) -> list[str]:
    """Find what of a step cannot be run here; its shape first, on which all else relies.

    `known` are all steps, with the values of the parameters in the place of references to them.
    """
    found = list(misshapen(step.arguments, kind.fields))
    if found:
        return found
    try:
        return [*kind.problems(known[step.name]), *kind.problems_among(known[step.name], known)]
    except SamaanError as error:
        return [told(error)]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return [f"Arguments: a field has another shape than SageMaker's: {told(error)}"]


def _close_interrupted(folder: Path) -> None:
    """Write down that executions whose runner was killed were interrupted, and end what they left running."""
    for path in folder.glob("*/status.json"):
        try:
            status = json.loads(path.read_text("utf-8"))
        except ValueError:
            continue
        if status.get("state") == "Executing":
            end_orphans(pid.parent for pid in path.parent.glob("*/*/pid"))
            path.write_text(json.dumps({**status, "state": "Interrupted"}, indent=1), "utf-8")
