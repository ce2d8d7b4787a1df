"""The container contract of SageMaker jobs, read from a folder that is `/opt/ml` in a container.

`SAGEMAKER_BASE_DIR` names the folder, as AWS's own toolkits have it. A training job finds
`input/config/*.json` and `input/data/<channel>/` and leaves `model/`; a processing job finds
`processing/input/<name>/` and leaves `processing/output/<name>/`. Whatever fails leaves its reason in
`output/failure`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import FrameType
from typing import Any

import click

from samaan_ml.exceptions import SamaanError

__all__ = ["BASE_VARIABLE", "Hyperparameters", "Job", "JobError", "run_as_job"]

BASE_VARIABLE = "SAGEMAKER_BASE_DIR"
_FAILURE_CHARACTERS = 1024


class JobError(SamaanError, RuntimeError):
    """A job's folder lacks what the job needs, or holds what it cannot use."""


@dataclass(frozen=True)
class Hyperparameters:
    """Hyperparameters, which reach a job as text.

    Parameters
    ----------
    values : mapping of str to str
        As given.

    Examples
    --------
    >>> Hyperparameters({"horizon_days": "14"}).integer("horizon_days", default=7, minimum=1)
    14
    """

    values: Mapping[str, str]

    def integer(self, name: str, default: int, minimum: int = 0) -> int:
        """Read a whole number.

        Raises
        ------
        JobError
            Naming the hyperparameter, when it is no whole number or too small.
        """
        text = self.values.get(name)
        if text is None:
            return default
        try:
            value = int(text)
        except ValueError:
            raise JobError(f"hyperparameter '{name}' must be a whole number, got '{text}'") from None
        if value < minimum:
            raise JobError(f"hyperparameter '{name}' must be {minimum} or more, got '{text}'")
        return value


@dataclass(frozen=True)
class Job:
    """One job's folder.

    Parameters
    ----------
    base : Path
        The folder that is `/opt/ml` in a container.
    """

    base: Path = field(default_factory=lambda: Path(os.environ.get(BASE_VARIABLE) or "/opt/ml"))

    @property
    def model(self) -> Path:
        """Where a training job leaves its model."""
        return self.base / "model"

    @cached_property
    def hyperparameters(self) -> Hyperparameters:
        """The hyperparameters of a training job.

        Raises
        ------
        JobError
            When the file is not JSON of names and texts.
        """
        values = self._config("hyperparameters")
        wrong = [name for name, value in values.items() if not isinstance(value, str)]
        if wrong:
            raise JobError(f"hyperparameter '{wrong[0]}' must be text, got {values[wrong[0]]!r}")
        return Hyperparameters(values)

    @property
    def checkpoints(self) -> Path:
        """Where a job keeps what it has done, for when it is started again after its machine was taken away."""
        return self.base / "checkpoints"

    def channel(self, name: str) -> Path:
        """Return the folder of an input channel.

        Raises
        ------
        JobError
            When the channel is missing or empty.
        """
        return self._filled(self.base / "input" / "data" / name, f"channel '{name}'")

    def input(self, name: str) -> Path:
        """Return the folder of a processing job's input.

        Raises
        ------
        JobError
            When the input is missing or empty.
        """
        return self._filled(self.base / "processing" / "input" / name, f"input '{name}'")

    def output(self, name: str) -> Path:
        """Give, and make, the folder of a processing job's output."""
        folder = self.base / "processing" / "output" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def say(self, message: str) -> None:
        """Leave a processing job's last words where the service reads them: its `ExitMessage`."""
        if self.base.is_dir():
            path = self.base / "output" / "message"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(message[:_FAILURE_CHARACTERS], "utf-8")

    def fail(self, reason: str) -> None:
        """Leave the reason of a failure where the service reads it."""
        if not self.base.is_dir():
            return  # not in a container, and no folder was named
        path = self.base / "output" / "failure"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(reason[:_FAILURE_CHARACTERS], "utf-8")

    def _config(self, name: str) -> dict[str, Any]:
        """Read a file of `input/config`; an absent one is empty."""
        path = self.base / "input" / "config" / f"{name}.json"
        try:
            values = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise JobError(f"'{name}.json' is not JSON: {error}") from None
        if not isinstance(values, dict):
            raise JobError(f"'{name}.json' must hold an object, got {type(values).__name__}")
        return values

    def _filled(self, folder: Path, what: str) -> Path:
        """Check that a folder holds something."""
        if not folder.is_dir() or not any(folder.iterdir()):
            beside = sorted(path.name for path in folder.parent.iterdir()) if folder.parent.is_dir() else []
            raise JobError(f"{what} is missing or empty; there are: {', '.join(beside) or 'none'}")
        return folder


def run_as_job(work: Callable[[], object], job: Job | None = None) -> int:
    """Run a job's work; give its exit code, having left the reason of a failure.

    An error raised on purpose is one line; any other leaves its traceback in the log. SIGTERM, which the
    service sends before it takes the machine away, ends the work in good order.
    """
    job = job or Job()
    signal.signal(signal.SIGTERM, _end)
    try:
        work()
    except click.exceptions.Exit:
        raise  # help was asked for: no failure
    except (SamaanError, click.ClickException) as error:
        reason = error.format_message() if isinstance(error, click.ClickException) else str(error)
    except KeyboardInterrupt:
        reason = "the job was stopped"
    except Exception as error:  # noqa: BLE001 - the service is to learn of every failure
        traceback.print_exc()
        reason = f"{type(error).__name__}: {error}"
    else:
        return 0
    job.fail(reason)
    print(f"error: {reason}", file=sys.stderr)  # noqa: T201 - the job's log
    return 1


def _end(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of a handler
    """Turn SIGTERM into an exception, so that temporary files are cleared."""
    raise KeyboardInterrupt
