"""Condition and Fail steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pipelines.local.errors import StepError
from pipelines.local.expressions import negated
from pipelines.local.kinds import StepKind, Workspace
from pipelines.local.steps import Step

__all__ = ["ConditionKind", "FailKind"]

_OPERATORS = (
    "Equals",
    "GreaterThan",
    "GreaterThanOrEqualTo",
    "In",
    "LessThan",
    "LessThanOrEqualTo",
    "Not",
    "Or",
)


class ConditionKind(StepKind):
    """Chooses a branch: all of its conditions must hold."""

    control = True
    fields: ClassVar[Mapping[str, Any]] = {"Conditions": [dict]}

    def problems(self, step: Step) -> Iterator[str]:
        """Find operators that are not known."""
        if not step.arguments.get("Conditions"):
            yield "Conditions: missing; there must be one at least"
        yield from _unknown_operators(step.arguments.get("Conditions", []))

    def run(self, arguments: Mapping[str, Any], room: Workspace) -> Mapping[str, Any]:
        """Evaluate the conditions."""
        holds = all(room.resolver.holds(each, room.step.name) for each in arguments["Conditions"])
        return {"Outcome": "True" if holds else "False", "Told": f"outcome {holds}"}


class FailKind(StepKind):
    """Ends the execution with a message."""

    control = True

    def run(self, arguments: Mapping[str, Any], room: Workspace) -> Mapping[str, Any]:
        """Fail."""
        message = room.resolver.resolve(arguments.get("ErrorMessage"), room.step.name)
        raise StepError(
            room.step.name, str(message or "the pipeline stopped at a Fail step"), kind="Step.FAIL"
        )


def _unknown_operators(conditions: Any) -> Iterator[str]:
    """Find operators that are not known, inside `Not` and `Or` too."""
    for condition in conditions if isinstance(conditions, list) else [conditions]:
        if not isinstance(condition, Mapping):
            yield f"Conditions: a condition must be a structure, got {condition!r}"
            continue
        kind = condition.get("Type")
        if kind not in _OPERATORS:
            yield f"Conditions: operator '{kind}' is not known; these are: {', '.join(_OPERATORS)}"
        elif kind == "Not":
            if "Condition" in condition or "Expression" in condition:
                yield from _unknown_operators([negated(condition)])
            else:
                yield "Conditions: 'Not' lacks its 'Condition'"
        elif kind == "Or":
            yield from _unknown_operators(condition.get("Conditions", []))
        elif kind == "In" and not isinstance(condition.get("Values"), list):
            yield "Conditions: 'In' lacks its 'Values', a list"
        else:
            wanted = ("QueryValue", "Values") if kind == "In" else ("LeftValue", "RightValue")
            yield from (
                f"Conditions: '{kind}' lacks its '{name}'" for name in wanted if name not in condition
            )
