"""The record of an execution: a file that always tells how far it is, and lines or a table for the eye."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TextIO

from pipelines.local.cache import write_atomically

__all__ = ["ExecutionStatus", "Progress", "StepState", "StepStatus"]

StepState = Literal["Waiting", "Executing", "Succeeded", "Cached", "Failed", "Skipped", "Stopped"]
_SIGNS: dict[str, str] = {
    "Waiting": "·",
    "Executing": "▸",
    "Succeeded": "✓",
    "Cached": "≡",
    "Failed": "✗",
    "Skipped": "-",
    "Stopped": "■",
}


@dataclass(slots=True)
class StepStatus:
    """How one step stands."""

    name: str
    type: str
    state: StepState = "Waiting"
    attempts: int = 0
    started: str | None = None
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mib: float = 0.0
    reason: str | None = None
    log: str | None = None
    description: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ExecutionStatus:
    """How an execution stands; `state` is one of Executing, Succeeded, Failed, Stopped, Interrupted."""

    pipeline: str
    execution_id: str
    parameters: dict[str, Any]
    steps: dict[str, StepStatus]
    state: str = "Executing"
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    seconds: float = 0.0
    reason: str | None = None

    def write(self, path: Path) -> None:
        """Write the status file."""
        write_atomically(path, asdict(self))


class Progress:
    """Shows an execution: a table redrawn in place on a terminal, a line an event elsewhere.

    Parameters
    ----------
    stream : text stream or None, default=None
        Where to; None is standard error.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._live = self._stream.isatty()
        self._drawn = 0
        self._lock = threading.Lock()
        self._status: ExecutionStatus | None = None
        self._ticker: threading.Thread | None = None
        self._done = threading.Event()

    def begin(self, status: ExecutionStatus) -> None:
        """Show the start of an execution."""
        self._status = status
        self._print(f"pipeline {status.pipeline}, execution {status.execution_id}")
        if self._live:
            self._ticker = threading.Thread(target=self._tick, daemon=True)
            self._ticker.start()

    def changed(self, step: StepStatus) -> None:
        """Show that a step changed its state."""
        if self._live:
            self._draw()
        elif step.state != "Waiting":
            self._print(_line(step))

    def end(self, status: ExecutionStatus) -> None:
        """Show how the execution ended."""
        self._done.set()
        if self._ticker is not None:
            self._ticker.join()
            self._draw()
        reason = f": {status.reason}" if status.reason else ""
        self._print(f"pipeline {status.pipeline} {status.state.lower()} in {status.seconds:.1f} s{reason}")

    def _tick(self) -> None:
        """Redraw so that running times go on."""
        while not self._done.wait(0.5):
            self._draw()

    def _draw(self) -> None:
        """Draw the table over the last one."""
        if self._status is None:
            return
        with self._lock:
            lines = [_line(step) for step in self._status.steps.values()]
            up = f"\x1b[{self._drawn}A" if self._drawn else ""
            self._stream.write(up + "".join(f"\x1b[2K{line}\n" for line in lines))
            self._stream.flush()
            self._drawn = len(lines)

    def _print(self, line: str) -> None:
        """Print one line."""
        with self._lock:
            self._stream.write(line + "\n")
            self._stream.flush()


def last_status(paths: Iterable[Path]) -> Path | None:
    """Find the status file written last."""
    return max(paths, key=lambda path: path.stat().st_mtime_ns, default=None)


def _line(step: StepStatus) -> str:
    """Write a step's state on one line."""
    seconds = step.seconds
    if step.state == "Executing" and step.started:
        seconds = time.time() - datetime.fromisoformat(step.started).timestamp()
    timing = f"{seconds:7.1f} s" if step.state not in ("Waiting", "Skipped") else " " * 9
    again = f" (attempt {step.attempts})" if step.attempts > 1 else ""
    reason = f"  {step.reason.splitlines()[0][:160]}" if step.reason else ""
    return f"  {_SIGNS[step.state]} {step.name:<18} {step.type:<14} {step.state:<10}{timing}{again}{reason}"
