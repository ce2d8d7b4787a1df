"""The order of steps: which can start, which are skipped, and which wait for what never comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipelines.local.graph import inside
from pipelines.local.status import StepStatus
from pipelines.local.steps import Step

__all__ = ["Order"]

_ENDED_WELL = ("Succeeded", "Cached")


@dataclass(frozen=True)
class Order:
    """Reads off the states of an execution's steps what can be done next.

    Parameters
    ----------
    steps : tuple of Step
        All steps.
    states : mapping of str to StepStatus
        How each stands.
    """

    steps: tuple[Step, ...]
    states: Mapping[str, StepStatus]

    def ready(self) -> list[Step]:
        """Find the steps that can start now; none once one has failed."""
        if any(step.state in ("Failed", "Stopped") for step in self.states.values()):
            return []
        return [
            step
            for step in self.steps
            if self.states[step.name].state == "Waiting" and not self.lacking(step)
        ]

    def lacking(self, step: Step) -> list[str]:
        """Name what a step still waits for."""
        needs = [name for name in sorted(step.needs()) if self.states[name].state not in _ENDED_WELL]
        return needs + [
            each.name
            for each in self._branches(step)
            if self._taken(each) and self.states[each.name].state not in (*_ENDED_WELL, "Skipped")
        ]

    def stalled(self) -> Iterator[str]:
        """Describe the steps that wait though nothing runs."""
        for step in self.steps:
            if self.states[step.name].state == "Waiting":
                names = ", ".join(f"'{name}'" for name in self.lacking(step))
                yield f"step '{step.name}' waits for {names}"

    def unreachable(self) -> Iterator[Step]:
        """Go through the waiting steps of branches not taken, and those that need a skipped step."""
        changed = True
        while changed:
            changed = False
            for step in self.steps:
                if self.states[step.name].state == "Waiting" and self._cut_off(step):
                    changed = True
                    yield step

    def _cut_off(self, step: Step) -> bool:
        """Return whether a step can no longer run."""
        if any(self.states[name].state == "Skipped" for name in step.needs()):
            return True
        return step.branch is not None and self._decided(step.branch[0]) and not self._taken(step)

    def _branches(self, step: Step) -> Iterator[Step]:
        """Go through the steps of the branches of conditions that a step outside of them names by `DependsOn`."""
        for condition in step.depends_on:
            if not inside(step, condition, self.steps):
                yield from (each for each in self.steps if inside(each, condition, self.steps))

    def _decided(self, condition: str) -> bool:
        """Return whether a condition has chosen."""
        return bool(self.states[condition].description.get("Outcome"))

    def _taken(self, step: Step) -> bool:
        """Return whether the branch of a step is the one its condition chose."""
        if step.branch is None:
            return True
        condition, side = step.branch
        return self.states[condition].description.get("Outcome") == ("True" if side else "False")
