"""References to what a step tells of itself, checked before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipelines.local.expressions import path_parts
from pipelines.local.kinds import StepKind
from pipelines.local.steps import Step

__all__ = ["attribute_problems"]


def attribute_problems(steps: Sequence[Step], kinds: Mapping[str, StepKind]) -> Iterator[str]:
    """Find references to attributes that a step of that type never has.

    Parameters
    ----------
    steps : sequence of Step
        All steps.
    kinds : mapping of str to StepKind
        The types of steps.

    Yields
    ------
    str
        Step, reference, and what there is.
    """
    known = {step.name: step for step in steps}
    for step in steps:
        for reference in sorted(step.references()):
            scope, _, rest = reference.partition(".")
            name, _, path = rest.partition(".")
            owner = known.get(name) if scope == "Steps" else None
            if owner is None or path.startswith("PropertyFiles.") or not path:
                continue
            found = _attributes(owner, kinds)
            parts = path_parts(path)
            if found is not None and parts and parts[0] not in found:
                told = ", ".join(sorted(found))
                yield f"step '{step.name}': step '{name}' has no attribute '{parts[0]}'; it has {told}"


def _attributes(step: Step, kinds: Mapping[str, StepKind]) -> frozenset[str] | None:
    """Name what a step tells of itself; None where that is not known."""
    kind = kinds.get(step.type)
    if kind is None or kind.attributes is None:
        return None
    return kind.attributes | frozenset(step.arguments)
