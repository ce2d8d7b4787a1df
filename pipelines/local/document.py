"""A pipeline definition as SageMaker writes it, read into dataclasses with its dependency graph."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.local.errors import DefinitionError

__all__ = ["CachePolicy", "Definition", "Parameter", "PropertyFile", "RetryPolicy", "Step", "references"]

_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Integer": (int,),
    "Float": (float, int),
    "Boolean": (bool,),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the pipeline.

    Parameters
    ----------
    name : str
        Its name.
    type : {"String", "Integer", "Float", "Boolean"}
        What its value is.
    default : object, default=None
        Value where none is given; None means that one must be given.
    choices : tuple of str, default=()
        The only values allowed, where not empty.
    """

    name: str
    type: str
    default: Any = None
    choices: tuple[str, ...] = ()

    def read(self, given: Any) -> Any:
        """Turn a value, or the text of the command line, into the parameter's type.

        Raises
        ------
        ValueError
            Saying what was expected and what was got.
        """
        value = self._convert(given) if isinstance(given, str) and self.type != "String" else given
        wanted = _PYTHON_TYPES.get(self.type, (object,))
        if not isinstance(value, wanted) or (isinstance(value, bool) and self.type != "Boolean"):
            raise ValueError(f"parameter '{self.name}' is a {self.type}, got '{given}'")
        if self.choices and value not in self.choices:
            raise ValueError(f"parameter '{self.name}' is one of {', '.join(self.choices)}, got '{given}'")
        return value

    def _convert(self, text: str) -> Any:
        """Read text as the parameter's type; text that is none is returned as it is, to be refused."""
        if self.type == "Boolean":
            return {"true": True, "false": False}.get(text.lower(), text)
        try:
            return int(text) if self.type == "Integer" else float(text)
        except ValueError:
            return text


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """Whether a step's earlier result may be used, and how old it may be (an ISO 8601 duration)."""

    enabled: bool = False
    expire_after: str | None = None


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how soon a step that failed in one of some ways is tried again.

    `max_attempts` or `expire_after_seconds` since the first try ends it, whichever is given and comes first.
    """

    kinds: tuple[str, ...]
    interval_seconds: float = 1.0
    backoff_rate: float = 2.0
    max_attempts: int | None = None
    expire_after_seconds: float | None = None

    def allows(self, attempts: int, seconds: float) -> bool:
        """Tell whether another try may follow so many, so long after the first began."""
        within = self.expire_after_seconds is None or seconds < self.expire_after_seconds
        return within and (self.max_attempts is None or attempts < self.max_attempts)

    def pause_seconds(self, attempts: int) -> float:
        """Say how long to wait after so many tries."""
        return self.interval_seconds * self.backoff_rate ** (attempts - 1)


@dataclass(frozen=True, slots=True)
class PropertyFile:
    """A JSON file among a step's outputs that later steps read from."""

    name: str
    output_name: str
    path: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the definition.

    Parameters
    ----------
    name, type : str
        Its name and SageMaker's word for its type.
    arguments : mapping
        The request, with references not yet resolved.
    depends_on : tuple of str
        Steps named by `DependsOn`.
    branch : tuple of (str, bool) or None
        The condition step and the outcome under which this step runs; None for a step that always runs.
    cache, retries, property_files
        Its policies and property files.
    """

    name: str
    type: str
    arguments: Mapping[str, Any]
    depends_on: tuple[str, ...] = ()
    branch: tuple[str, bool] | None = None
    cache: CachePolicy = field(default_factory=CachePolicy)
    retries: tuple[RetryPolicy, ...] = ()
    property_files: tuple[PropertyFile, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def needs(self) -> frozenset[str]:
        """Name the steps that must have run before this one."""
        used = {
            reference.split(".")[1] for reference in references(self._own()) if reference.startswith("Steps.")
        }
        before = {name.split(".")[0] for name in self.depends_on}
        chosen = {self.branch[0]} if self.branch else set()
        return frozenset(used | before | chosen)

    def _own(self) -> Any:
        """Give the arguments without those of the steps inside a condition's branches."""
        inner = ("IfSteps", "ElseSteps") if self.type == "Condition" else ()
        arguments = {key: value for key, value in self.arguments.items() if key not in inner}
        return [arguments, self.extra]


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
        steps = tuple(_read_steps(raw["Steps"], None, problems))
        parameters = tuple(_read_parameters(raw.get("Parameters", []), problems))
        problems += _graph_problems(steps, {parameter.name for parameter in parameters})
        if problems:
            raise DefinitionError(problems)
        return cls(name, parameters, steps)

    def step(self, name: str) -> Step:
        """Find a step by its name."""
        return next(step for step in self.steps if step.name == name)

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


def references(value: Any) -> Iterator[str]:
    """Go through every `{"Get": ...}` inside a value."""
    if isinstance(value, Mapping):
        if set(value) == {"Get"} and isinstance(value["Get"], str):
            yield value["Get"]
        else:
            for each in value.values():
                yield from references(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from references(each)


def _read_parameters(raw: Any, problems: list[str]) -> Iterator[Parameter]:
    """Read the parameters, noting those that are wrong."""
    for each in raw or []:
        name, kind = each.get("Name"), each.get("Type")
        if not name or kind not in _PYTHON_TYPES:
            problems.append(
                f"parameter '{name}': 'Type' must be one of {', '.join(_PYTHON_TYPES)}, got '{kind}'"
            )
            continue
        yield Parameter(name, kind, each.get("DefaultValue"), tuple(each.get("EnumValues") or ()))


def _read_steps(raw: Any, branch: tuple[str, bool] | None, problems: list[str]) -> Iterator[Step]:
    """Read steps and, after each condition, the steps of its branches."""
    for each in raw or []:
        name, kind, arguments = each.get("Name"), each.get("Type"), each.get("Arguments", {})
        if not isinstance(name, str) or not isinstance(kind, str) or not isinstance(arguments, dict):
            problems.append(f"step '{name}': 'Name', 'Type' and 'Arguments' must be given")
            continue
        yield Step(
            name=name,
            type=kind,
            arguments=arguments,
            depends_on=tuple(each.get("DependsOn") or ()),
            branch=branch,
            cache=_read_cache(each.get("CacheConfig") or {}),
            retries=tuple(_read_retry(policy) for policy in each.get("RetryPolicies") or ()),
            property_files=tuple(
                PropertyFile(one["PropertyFileName"], one["OutputName"], one["FilePath"])
                for one in each.get("PropertyFiles") or ()
            ),
            extra={key: value for key, value in each.items() if key not in _COMMON_FIELDS},
        )
        if kind == "Condition":
            yield from _read_steps(arguments.get("IfSteps"), (name, True), problems)
            yield from _read_steps(arguments.get("ElseSteps"), (name, False), problems)


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
    return CachePolicy(bool(raw.get("Enabled")), raw.get("ExpireAfter"))


def _read_retry(raw: Mapping[str, Any]) -> RetryPolicy:
    """Read one of `RetryPolicies`."""
    minutes, attempts = raw.get("ExpireAfterMin"), raw.get("MaxAttempts")
    return RetryPolicy(
        tuple(raw.get("ExceptionType") or ()),
        float(raw.get("IntervalSeconds", 1)),
        float(raw.get("BackoffRate", 2.0)),
        int(attempts) if attempts is not None else (5 if minutes is None else None),
        None if minutes is None else float(minutes) * 60,
    )


def _graph_problems(steps: tuple[Step, ...], parameters: set[str]) -> Iterator[str]:
    """Find names used twice, references to what is not there, and circles."""
    names = [step.name for step in steps]
    yield from (
        f"step '{name}': the name is used twice" for name in sorted({n for n in names if names.count(n) > 1})
    )
    for step in steps:
        missing = sorted(step.needs() - set(names))
        yield from (f"step '{step.name}': refers to step '{name}', which is not there" for name in missing)
        used = {ref.split(".", 1)[1] for ref in references(step.arguments) if ref.startswith("Parameters.")}
        unknown = sorted(used - parameters)
        yield from (
            f"step '{step.name}': refers to parameter '{name}', which is not there" for name in unknown
        )
    yield from _circles(steps)


def _circles(steps: tuple[Step, ...]) -> Iterator[str]:
    """Find steps that wait for each other."""
    waiting = {step.name: set(step.needs()) & {each.name for each in steps} for step in steps}
    while free := [name for name, needs in waiting.items() if not needs]:
        for name in free:
            del waiting[name]
        for needs in waiting.values():
            needs.difference_update(free)
    if waiting:
        yield f"steps '{', '.join(waiting)}' wait for each other in a circle"
