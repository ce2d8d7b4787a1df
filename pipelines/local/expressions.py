"""The values that a definition leaves open: Get, Std:Join, Std:JsonGet, and the operators of conditions."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.local.errors import StepError

__all__ = ["Resolver", "json_path", "negated", "path_parts"]

_PART = re.compile(r"\.?([^.\[\]'\"]+)|\[(?:'([^']*)'|\"([^\"]*)\"|(\d+))\]")
_NAME_KEYS = ("OutputName", "InputName", "ChannelName", "MetricName", "Name")

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}


@dataclass
class Resolver:
    """Resolves references with what is known so far.

    Parameters
    ----------
    parameters : mapping
        Values of the pipeline's parameters.
    execution : mapping
        Execution variables, such as `PipelineExecutionId`.
    steps : dict
        What each finished step describes of itself, by step name.
    read_json : callable
        Reads a property file: `read_json(step, property_file)` gives its JSON values.
    read_object : callable
        Reads a JSON document from an `s3://` address.
    """

    parameters: Mapping[str, Any]
    execution: Mapping[str, Any]
    read_json: Callable[[str, str], Any]
    read_object: Callable[[str], Any]
    steps: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def resolve(self, value: Any, step: str) -> Any:
        """Replace every reference inside a value, for the step that uses it.

        Raises
        ------
        StepError
            Naming the step and the reference that leads nowhere.
        """
        if isinstance(value, Mapping):
            if set(value) == {"Get"}:
                return self._get(value["Get"], step)
            if set(value) == {"Std:Join"}:
                return self._join(value["Std:Join"], step)
            if set(value) == {"Std:JsonGet"}:
                return self._json_get(value["Std:JsonGet"], step)
            return {key: self.resolve(each, step) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.resolve(each, step) for each in value]
        return value

    def holds(self, condition: Mapping[str, Any], step: str) -> bool:
        """Return whether a condition of a Condition step holds.

        Raises
        ------
        StepError
            When the two sides cannot be compared.
        """
        kind = condition["Type"]
        if kind == "Not":
            return not self.holds(negated(condition), step)
        if kind == "Or":
            return any(self.holds(each, step) for each in condition["Conditions"])
        if kind == "In":
            asked = self.resolve(condition["QueryValue"], step)
            return bool(asked in [self.resolve(each, step) for each in condition["Values"]])
        left = self.resolve(condition["LeftValue"], step)
        right = self.resolve(condition["RightValue"], step)
        try:
            return _COMPARISONS[kind](left, right)
        except TypeError:
            raise StepError(
                step, f"'{kind}' cannot compare {left!r} with {right!r}", kind="Step.CLIENT"
            ) from None

    def _get(self, reference: str, step: str) -> Any:
        """Follow one reference."""
        scope, _, rest = reference.partition(".")
        if scope == "Parameters" and rest in self.parameters:
            return self.parameters[rest]
        if scope == "Execution" and rest in self.execution:
            return self.execution[rest]
        if scope == "Steps":
            name, _, path = rest.partition(".")
            if name in self.steps:
                return self._property(name, path, step)
        raise StepError(step, f"reference '{reference}' leads nowhere", kind="Step.CLIENT")

    def _property(self, name: str, path: str, step: str) -> Any:
        """Walk into what a finished step describes of itself."""
        value: Any = self.steps[name]
        for part in path_parts(path):
            value = _enter(value, part)
            if value is None:
                raise StepError(step, f"step '{name}' has no property '{path}'", kind="Step.CLIENT")
        return value

    def _join(self, join: Mapping[str, Any], step: str) -> str:
        """Join values to text."""
        return str(join.get("On", "")).join(_text(self.resolve(each, step)) for each in join["Values"])

    def _json_get(self, get: Mapping[str, Any], step: str) -> Any:
        """Read one value of a property file, or of a document in the store."""
        if "S3Uri" in get:
            document = self.read_object(self.resolve(get["S3Uri"], step))
        else:
            _, owner, _, name = get["PropertyFile"]["Get"].split(".", 3)
            document = self.read_json(owner, name)
        found = json_path(document, get["Path"])
        if found is None:
            raise StepError(step, f"the property file holds nothing at '{get['Path']}'", kind="Step.CLIENT")
        return found


def negated(condition: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a `Not` denies: `Condition` as the service has it, `Expression` in earlier SDKs' words."""
    inner: Mapping[str, Any] = condition["Condition"] if "Condition" in condition else condition["Expression"]
    return inner


def json_path(document: Any, path: str) -> Any:
    """Find a value in JSON by a path such as `metrics.mse.value` or `rows[0]['a b']`; None if absent.

    Examples
    --------
    >>> json_path({"metrics": [{"value": 3}]}, "metrics[0].value")
    3
    """
    value = document
    for part in path_parts(path.removeprefix("$").lstrip(".")):
        value = _enter(value, part)
    return value


def path_parts(path: str) -> list[str]:
    """Split a path into its parts."""
    return [next(group for group in match.groups() if group is not None) for match in _PART.finditer(path)]


def _enter(value: Any, part: str) -> Any:
    """Take one step into a mapping, or a list by index or by its members' name."""
    if isinstance(value, Mapping):
        return value.get(part)
    if isinstance(value, list):
        if part.isdigit() and int(part) < len(value):
            return value[int(part)]
        named = (
            each
            for each in value
            if isinstance(each, Mapping) and any(each.get(key) == part for key in _NAME_KEYS)
        )
        return next(named, None)
    return None


def _text(value: Any) -> str:
    """Write a value as SageMaker joins it."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
