"""What a pipeline definition is made of: parameters, and steps with their policies and files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

__all__ = [
    "EXECUTION_VARIABLES",
    "PYTHON_TYPES",
    "CachePolicy",
    "Parameter",
    "PropertyFile",
    "RetryPolicy",
    "Step",
    "malformed",
    "references",
]

PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Integer": (int,),
    "Float": (float, int),
    "Boolean": (bool,),
}

_PROPERTY_FILE_PARTS = 4
EXECUTION_VARIABLES = (
    "PipelineName",
    "PipelineArn",
    "PipelineExecutionId",
    "PipelineExecutionArn",
    "StartDateTime",
    "CurrentDateTime",
)


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
        wanted = PYTHON_TYPES.get(self.type, (object,))
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
        """Return whether another try may follow so many, so long after the first began."""
        within = self.expire_after_seconds is None or seconds < self.expire_after_seconds
        return within and (self.max_attempts is None or attempts < self.max_attempts)

    def pause_seconds(self, attempts: int) -> float:
        """Return how long to wait after so many tries."""
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

    def with_parameters(self, values: Mapping[str, Any]) -> Step:
        """Return the step with the pipeline's parameters in the place of references to them."""
        return replace(
            self, arguments=_substituted(self.arguments, values), extra=_substituted(self.extra, values)
        )

    def needs(self) -> frozenset[str]:
        """Name the steps that must have run before this one."""
        used = {reference.split(".")[1] for reference in self.references() if reference.startswith("Steps.")}
        before = {name.split(".")[0] for name in self.depends_on}
        chosen = {self.branch[0]} if self.branch else set()
        return frozenset(used | before | chosen)

    def references(self) -> frozenset[str]:
        """Return the step's references."""
        return frozenset(references(self.own()))

    def own(self) -> Any:
        """Return the step's fields, without those of the steps inside a condition's branches."""
        inner = ("IfSteps", "ElseSteps") if self.type == "Condition" else ()
        arguments = {key: value for key, value in self.arguments.items() if key not in inner}
        return [arguments, self.extra]


def _substituted(value: Any, values: Mapping[str, Any]) -> Any:
    """Put values in the place of references to parameters, also inside `Std:Join` where all is known then."""
    if isinstance(value, list | tuple):
        return [_substituted(each, values) for each in value]
    if not isinstance(value, Mapping):
        return value
    if set(value) == {"Get"} and isinstance(value["Get"], str):
        return values.get(value["Get"].removeprefix("Parameters."), value)
    inner = {key: _substituted(each, values) for key, each in value.items()}
    join = inner.get("Std:Join") if set(inner) == {"Std:Join"} else None
    parts = join.get("Values") if isinstance(join, Mapping) else None
    if (
        isinstance(join, Mapping)
        and isinstance(parts, list)
        and all(isinstance(each, str | int | float) for each in parts)
    ):
        return str(join.get("On", "")).join(str(each) for each in parts)
    return inner


def malformed(value: Any) -> Iterator[str]:
    """Find every `Get`, `Std:Join` and `Std:JsonGet` inside a value that is not written as SageMaker has it."""
    if isinstance(value, list | tuple):
        for each in value:
            yield from malformed(each)
    if not isinstance(value, Mapping):
        return
    for each in value.values():
        yield from malformed(each)
    if set(value) == {"Get"} and not (isinstance(value["Get"], str) and "." in value["Get"]):
        yield f"'Get' must name a parameter, a variable or a step's property, got {value['Get']!r}"
    elif set(value) == {"Std:Join"}:
        join = value["Std:Join"]
        if not isinstance(join, Mapping) or not isinstance(join.get("Values"), list):
            yield "'Std:Join' lacks its 'Values', a list"
    elif set(value) == {"Std:JsonGet"}:
        yield from _malformed_json_get(value["Std:JsonGet"])


def _malformed_json_get(get: Any) -> Iterator[str]:
    """Find what a `Std:JsonGet` lacks."""
    if not isinstance(get, Mapping) or not isinstance(get.get("Path"), str):
        yield "'Std:JsonGet' lacks its 'Path'"
    elif "S3Uri" not in get:
        file = get.get("PropertyFile")
        named = file.get("Get") if isinstance(file, Mapping) else None
        parts = named.split(".", 3) if isinstance(named, str) else []
        if len(parts) != _PROPERTY_FILE_PARTS or parts[0] != "Steps" or parts[2] != "PropertyFiles":
            yield "'Std:JsonGet' lacks its 'PropertyFile', written as {'Get': 'Steps.NAME.PropertyFiles.FILE'}"


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
