"""A pipeline definition as SageMaker writes it, read into dataclasses with its dependency graph."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.local.durations import duration_seconds
from pipelines.local.errors import DefinitionError
from pipelines.local.graph import graph_problems
from pipelines.local.steps import (
    PYTHON_TYPES,
    CachePolicy,
    Parameter,
    PropertyFile,
    RetryPolicy,
    Step,
)

__all__ = ["Definition"]

_NAME = re.compile(r"[A-Za-z0-9_-]{1,200}")
_LONGEST = 10**7


@dataclass(frozen=True, slots=True)
class Definition:
    """A pipeline definition.

    Parameters
    ----------
    name : str
        Name of the pipeline.
    parameters : tuple of Parameter
        Its parameters.
    steps : tuple of Step
        All steps, those of conditions' branches included, in the order in which they are written.

    Examples
    --------
    >>> raw = {"Version": "2020-12-01", "Steps": [{"Name": "Stop", "Type": "Fail", "Arguments": {}}]}
    >>> Definition.read(raw, "mine").steps[0].name
    'Stop'
    """

    name: str
    parameters: tuple[Parameter, ...]
    steps: tuple[Step, ...]

    @classmethod
    def load(cls, path: Path | str, name: str | None = None) -> Definition:
        """Read a definition file.

        Raises
        ------
        DefinitionError
            When the file is absent, is not JSON, or does not hold a definition.
        """
        path = Path(path)
        try:
            raw = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise DefinitionError([f"'{path}' does not exist"]) from None
        except (OSError, ValueError) as error:
            raise DefinitionError([f"'{path}' is not a JSON file: {error}"]) from error
        return cls.read(raw, name or path.stem)

    @classmethod
    def read(cls, raw: Any, name: str) -> Definition:
        """Read a definition from JSON values.

        Raises
        ------
        DefinitionError
            Naming every step and field that is wrong.
        """
        if not isinstance(raw, dict) or not isinstance(raw.get("Steps"), list):
            raise DefinitionError(["it has no list 'Steps'"])
        problems: list[str] = []
        named = set(_step_names(raw["Steps"]))
        steps = tuple(_read_steps(raw["Steps"], None, problems))
        parameters = tuple(_read_parameters(raw.get("Parameters", []), problems))
        named_parameters = set(_names(raw.get("Parameters")))
        problems += graph_problems(steps, named_parameters, named - {step.name for step in steps})
        if problems:
            raise DefinitionError(problems)
        return cls(name, parameters, steps)

    def step(self, name: str) -> Step:
        """Find a step by its name."""
        return next(step for step in self.steps if step.name == name)

    def defaults(self) -> dict[str, Any]:
        """Return the parameters that have a default."""
        return {each.name: each.default for each in self.parameters if each.default is not None}

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Join the parameters given with the defaults.

        Raises
        ------
        DefinitionError
            When one is unknown, missing or of another type.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        problems = [
            f"parameter '{name}' is unknown; known are {', '.join(known) or 'none'}"
            for name in given
            if name not in known
        ]
        values: dict[str, Any] = {}
        for name, parameter in known.items():
            value = given.get(name, parameter.default)
            if value is None:
                problems.append(f"parameter '{name}' has no default and was not given")
                continue
            try:
                values[name] = parameter.read(value)
            except ValueError as error:
                problems.append(str(error))
        if problems:
            raise DefinitionError(problems)
        return values


def _read_parameters(raw: Any, problems: list[str]) -> Iterator[Parameter]:
    """Read the parameters, noting those that are wrong."""
    if not isinstance(raw or [], list):
        problems.append("'Parameters' must be a list")
        return
    for place, each in enumerate(raw or []):
        if not isinstance(each, dict) or not isinstance(each.get("Name"), str):
            problems.append(f"parameter {place}: 'Name' must be given")
            continue
        name, kind = each["Name"], each.get("Type")
        if not isinstance(kind, str) or kind not in PYTHON_TYPES:
            problems.append(
                f"parameter '{name}': 'Type' must be one of {', '.join(PYTHON_TYPES)}, got '{kind}'"
            )
            continue
        choices = each.get("EnumValues") or ()
        if not isinstance(choices, list | tuple):
            problems.append(f"parameter '{name}': 'EnumValues' must be a list")
            continue
        yield Parameter(name, kind, each.get("DefaultValue"), tuple(choices))


def _names(raw: Any) -> Iterator[str]:
    """Go through the names in a list of structures."""
    for each in raw if isinstance(raw, list) else []:
        if isinstance(each, dict) and isinstance(each.get("Name"), str):
            yield each["Name"]


def _step_names(raw: Any) -> Iterator[str]:
    """Go through the names of all steps, also of those that cannot be read."""
    yield from _names(raw)
    for each in raw if isinstance(raw, list) else []:
        arguments = each.get("Arguments") if isinstance(each, dict) else None
        if isinstance(arguments, dict):
            yield from (*_step_names(arguments.get("IfSteps")), *_step_names(arguments.get("ElseSteps")))


def _read_steps(raw: Any, branch: tuple[str, bool] | None, problems: list[str]) -> Iterator[Step]:
    """Read steps and, after each condition, the steps of its branches."""
    if not isinstance(raw or [], list):
        problems.append(
            f"step '{branch[0]}': 'IfSteps' and 'ElseSteps' must be lists" if branch else "no steps"
        )
        return
    for place, each in enumerate(raw or []):
        if not isinstance(each, dict):
            problems.append(f"step {place}: it must be a structure with 'Name', 'Type' and 'Arguments'")
            continue
        name, kind, arguments = each.get("Name"), each.get("Type"), each.get("Arguments", {})
        if not isinstance(name, str) or not isinstance(kind, str) or not isinstance(arguments, dict):
            problems.append(f"step '{name}': 'Name', 'Type' and 'Arguments' must be given")
            continue
        if not _NAME.fullmatch(name):
            problems.append(f"step '{name}': 'Name' must be of letters, digits, '-' and '_', 200 at most")
            continue
        try:
            step = _read_step(each, branch)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            told = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            problems.append(f"step '{name}': {told}")
            continue
        yield step
        if kind == "Condition":
            yield from _read_steps(arguments.get("IfSteps"), (name, True), problems)
            yield from _read_steps(arguments.get("ElseSteps"), (name, False), problems)


def _read_step(each: Mapping[str, Any], branch: tuple[str, bool] | None) -> Step:
    """Read one step whose name, type and arguments are there.

    Raises
    ------
    ValueError, KeyError
        Naming the field that is wrong.
    """
    before = _list_of(each, "DependsOn", str, "step names")
    return Step(
        name=each["Name"],
        type=each["Type"],
        arguments=each.get("Arguments", {}),
        depends_on=tuple(before),
        branch=branch,
        cache=_read_cache(_structure(each, "CacheConfig")),
        retries=tuple(_read_retry(policy) for policy in _list_of(each, "RetryPolicies", dict, "policies")),
        property_files=tuple(
            PropertyFile(str(one["PropertyFileName"]), str(one["OutputName"]), str(one["FilePath"]))
            for one in _list_of(each, "PropertyFiles", dict, "files")
        ),
        extra={key: value for key, value in each.items() if key not in _COMMON_FIELDS},
    )


def _structure(each: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a structure that may be left out."""
    found = each.get(name) or {}
    if not isinstance(found, Mapping):
        raise ValueError(f"'{name}' must be a structure")  # noqa: TRY004 (the definition's fault)
    return found


def _list_of(each: Mapping[str, Any], name: str, kind: type, what: str) -> list[Any]:
    """Return the members of a field that may be left out."""
    members = each.get(name) or []
    if not isinstance(members, list) or not all(isinstance(member, kind) for member in members):
        raise ValueError(f"'{name}' must be a list of {what}")
    return members


_COMMON_FIELDS = frozenset(
    (
        "Name",
        "Type",
        "Arguments",
        "DependsOn",
        "CacheConfig",
        "RetryPolicies",
        "PropertyFiles",
        "DisplayName",
        "Description",
    )
)


def _read_cache(raw: Mapping[str, Any]) -> CachePolicy:
    """Read `CacheConfig`."""
    if raw.get("ExpireAfter") is not None:
        try:
            duration_seconds(str(raw["ExpireAfter"]))
        except ValueError as error:
            raise ValueError(f"CacheConfig.ExpireAfter: {error}") from None
    return CachePolicy(bool(raw.get("Enabled")), raw.get("ExpireAfter"))


def _read_retry(raw: Mapping[str, Any]) -> RetryPolicy:
    """Read one of `RetryPolicies`."""
    minutes, attempts = raw.get("ExpireAfterMin"), raw.get("MaxAttempts")
    return RetryPolicy(
        tuple(_list_of(raw, "ExceptionType", str, "exception types")),
        _number(raw, "IntervalSeconds", 1.0),
        _number(raw, "BackoffRate", 2.0),
        int(_number(raw, "MaxAttempts", 5.0)) if attempts is not None or minutes is None else None,
        None if minutes is None else _number(raw, "ExpireAfterMin", 0.0) * 60,
    )


def _number(raw: Mapping[str, Any], name: str, default: float) -> float:
    """Read a number of a retry policy."""
    value = raw.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LONGEST:
        raise ValueError(f"RetryPolicies.{name}: must be a number from 0 to {_LONGEST}, got '{value}'")
    return float(value)
