"""What can go wrong with a pipeline here, drawn as a tree.

SamaanError
├── DefinitionError     the definition cannot be run as it is (logical: fix it); says so before any step
├── StepError           a step failed while running (its name, its log)
└── ExecutionError      the run as a whole cannot go on: it runs already, was stopped, has no record
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from samaan_ml.exceptions import SamaanError

__all__ = ["DefinitionError", "ExecutionError", "StepError", "told"]


class DefinitionError(SamaanError, ValueError):
    """A pipeline definition, or a parameter given to it, cannot be run as it is.

    Parameters
    ----------
    problems : sequence of str
        Every problem found, each naming the step and the field.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        listed = "\n".join(f"  {problem}" for problem in self.problems)
        count = f"{len(self.problems)} problem" + ("s" if len(self.problems) != 1 else "")
        super().__init__(f"the pipeline cannot be run here, {count}:\n{listed}")


class StepError(SamaanError, RuntimeError):
    """A step failed.

    Parameters
    ----------
    step : str
        Name of the step.
    reason : str
        What happened.
    log : Path or None, default=None
        Where its output is.
    kind : str, default="SageMaker.JOB_INTERNAL_ERROR"
        The exception type that retry policies match, in SageMaker's words.
    """

    def __init__(
        self, step: str, reason: str, log: Path | None = None, kind: str = "SageMaker.JOB_INTERNAL_ERROR"
    ) -> None:
        self.step = step
        self.reason = reason
        self.log = log
        self.kind = kind
        where = f" (log: {log})" if log is not None else ""
        super().__init__(f"step '{step}': {reason}{where}")


class ExecutionError(SamaanError, RuntimeError):
    """The execution as a whole cannot start or go on."""


def told(error: Exception) -> str:
    """Say in a line what an error is."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: '{error.filename}'" if error.filename else error.strerror
    if isinstance(error, KeyError):
        return f"field {error} is missing"
    return str(error) if isinstance(error, SamaanError) else f"{type(error).__name__}: {error}"
