"""What is wrong with a definition's steps as a graph: names used twice, references to nothing, circles."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pipelines.local.steps import EXECUTION_VARIABLES, Step, malformed

__all__ = ["after", "before", "graph_problems", "inside"]


def graph_problems(
    steps: tuple[Step, ...], parameters: Collection[str], unread: Collection[str] = ()
) -> Iterator[str]:
    """Find names used twice, references to unknown names, and circles.

    Parameters
    ----------
    steps : tuple of Step
        The steps that could be read.
    parameters : collection of str
        Names of the parameters.
    unread : collection of str, default=()
        Names of steps that are there but could not be read: what refers to them is not judged.
    """
    names = [step.name for step in steps]
    yield from (
        f"step '{name}': the name is used twice" for name in sorted({n for n in names if names.count(n) > 1})
    )
    known = {each.name: each for each in steps}
    for step in steps:
        missing = sorted(step.needs() - set(names) - set(unread))
        yield from (f"step '{step.name}': refers to step '{name}', which does not exist" for name in missing)
        yield from _reference_problems(step, parameters, known)
    yield from _circles(steps)


def inside(step: Step, condition: str, steps: Collection[Step]) -> bool:
    """Return whether a step is in a branch of a condition, however deep."""
    known, place = {each.name: each for each in steps}, step.branch
    for _ in range(len(known)):
        if place is None:
            return False
        if place[0] == condition:
            return True
        place = known[place[0]].branch if place[0] in known else None
    return False


def before(steps: Collection[Step], name: str) -> set[str]:
    """Name the steps that a step needs, near or far."""
    known, found = {each.name: each for each in steps}, set[str]()
    waiting = [name]
    while waiting:
        needs = known[waiting.pop()].needs() - found
        found |= needs
        waiting += needs
    return found


def after(steps: Collection[Step], name: str) -> set[str]:
    """Name a step and those that need it, near or far."""
    return {name} | {each.name for each in steps if name in before(steps, each.name)}


def _reference_problems(step: Step, parameters: Collection[str], steps: Mapping[str, Step]) -> Iterator[str]:
    """Find references of a step to parameters, variables and property files that do not exist."""
    yield from (f"step '{step.name}': {told}" for told in malformed(step.own()))
    for reference in sorted(step.references()):
        scope, _, rest = reference.partition(".")
        owner, _, path = rest.partition(".")
        name = path.removeprefix("PropertyFiles.")
        if scope == "Parameters" and rest not in parameters:
            yield f"step '{step.name}': refers to parameter '{rest}', which does not exist"
        elif scope == "Execution" and rest not in EXECUTION_VARIABLES:
            known = ", ".join(EXECUTION_VARIABLES)
            yield f"step '{step.name}': refers to 'Execution.{rest}'; there are {known}"
        elif scope not in ("Parameters", "Execution", "Steps"):
            yield f"step '{step.name}': reference '{reference}' leads nowhere"
        elif name != path and owner in steps and name not in {f.name for f in steps[owner].property_files}:
            yield f"step '{step.name}': step '{owner}' has no property file '{name}' among its 'PropertyFiles'"


def _circles(steps: tuple[Step, ...]) -> Iterator[str]:
    """Find steps that wait for each other; who names a condition by `DependsOn` waits for its branches too."""
    names = {each.name for each in steps}
    waiting = {step.name: set(step.needs()) & names for step in steps}
    for step in steps:
        for condition in step.depends_on:
            if not inside(step, condition, steps):
                waiting[step.name] |= {each.name for each in steps if inside(each, condition, steps)}
    while free := [name for name, needs in waiting.items() if not needs]:
        for name in free:
            del waiting[name]
        for needs in waiting.values():
            needs.difference_update(free)
    if waiting:
        yield f"steps '{', '.join(waiting)}' wait for each other in a circle"
