"""Lambda steps: the handler is called in this process."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from pipelines.local.errors import DefinitionError, StepError
from pipelines.local.kinds import StepKind, Workspace
from pipelines.local.steps import Step

__all__ = ["Handler", "LambdaKind", "handler_at"]

Handler = Callable[[dict[str, Any], Any], Any]


@dataclass
class LambdaKind(StepKind):
    """Calls the handler given for a step's function.

    Parameters
    ----------
    handlers : mapping of str to callable, default={}
        Handlers by function name, or by ARN.
    """

    handlers: Mapping[str, Handler] = field(default_factory=dict)

    def problems(self, step: Step) -> Iterator[str]:
        """Find functions that no handler was given for."""
        name = _function_name(step)
        if self._handler(step) is None:
            known = ", ".join(self.handlers) or "none"
            yield f"FunctionArn: no handler was given for '{name}' (--function {name}=module:handler); given: {known}"

    def run(self, arguments: Mapping[str, Any], room: Workspace) -> Mapping[str, Any]:
        """Call the handler with the step's arguments; its answer must hold the step's output parameters."""
        handler = self._handler(room.step)
        if handler is None:
            raise StepError(
                room.step.name, f"no handler was given for '{_function_name(room.step)}'", kind="Step.CLIENT"
            )
        room.log.parent.mkdir(parents=True, exist_ok=True)
        try:
            answer = handler(json.loads(json.dumps(dict(arguments))), None)
        except Exception as error:
            room.log.write_text(traceback.format_exc(), "utf-8")
            reason = f"its handler raised {type(error).__name__}: {error}"
            raise StepError(room.step.name, reason, room.log, "Lambda.SERVICE_EXCEPTION") from error
        room.log.write_text(json.dumps(answer, default=str), "utf-8")
        return {"OutputParameters": dict(_outputs(room.step, answer))}

    def _handler(self, step: Step) -> Handler | None:
        """Find a step's handler."""
        return self.handlers.get(str(step.extra.get("FunctionArn"))) or self.handlers.get(
            _function_name(step)
        )


def handler_at(place: str) -> Handler:
    """Import a handler from `module:function` or `path/to/file.py:function`.

    Raises
    ------
    DefinitionError
        When it does not exist.
    """
    module, _, name = place.rpartition(":")
    try:
        loaded = _loaded(Path(module)) if module.endswith(".py") else import_module(module)
        handler: Handler = getattr(loaded, name)
    except (ImportError, AttributeError, ValueError, OSError, SyntaxError) as error:
        raise DefinitionError([f"handler '{place}' cannot be imported: {error}"]) from error
    return handler


def _loaded(path: Path) -> ModuleType:
    """Load a program from its file."""
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"'{path}' is no Python program")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _function_name(step: Step) -> str:
    """Return the name in a function's ARN."""
    return str(step.extra.get("FunctionArn", "")).rsplit(":", 1)[-1]


def _outputs(step: Step, answer: Any) -> Iterator[tuple[str, Any]]:
    """Take the declared output parameters out of an answer."""
    for parameter in step.extra.get("OutputParameters") or ():
        name = parameter["OutputName"]
        if not isinstance(answer, Mapping) or name not in answer:
            raise StepError(
                step.name, f"OutputParameters: the handler's answer lacks '{name}'", kind="Step.CLIENT"
            )
        yield name, answer[name]
