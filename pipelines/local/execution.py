"""One run of a definition: order, branches, cache, retries, side-by-side steps, status."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.local.cache import CachedStep, StepCache
from pipelines.local.document import Definition
from pipelines.local.errors import StepError, told
from pipelines.local.expressions import Resolver
from pipelines.local.graph import after, before
from pipelines.local.kinds import StepKind, Workspace
from pipelines.local.order import Order
from pipelines.local.status import ExecutionStatus, StepStatus
from pipelines.local.steps import CachePolicy, RetryPolicy, Step
from samaan_ml.exceptions import DataError, SamaanError

if TYPE_CHECKING:
    from pipelines.local.runner import LocalRunner

__all__ = ["Execution", "job_name"]

_LONGEST_JOB_NAME = 63
_RETRIED_NEVER = frozenset(("Step.CLIENT", "Step.STOPPED", "Step.FAIL"))


class Execution:
    """One run of one definition."""

    def __init__(
        self,
        runner: LocalRunner,
        definition: Definition,
        values: dict[str, Any],
        folder: Path,
        from_step: str | None = None,
    ) -> None:
        started = datetime.now(UTC)
        self.runner = runner
        self.definition = definition
        # Sorts by time, also within a second.
        self.id = f"{started:%Y%m%dt%H%M%S}{started.microsecond // 1000:03d}-{secrets.token_hex(2)}"
        self.folder = folder / self.id
        self.folder.mkdir()
        self.cache = StepCache(runner.home / "cache", runner.storage)
        self.resolver = Resolver(values, self._variables(started), self._read_property, self._read_object)
        self.status = ExecutionStatus(
            definition.name,
            self.id,
            values,
            {step.name: StepStatus(step.name, step.type) for step in definition.steps},
        )
        self.kept = set[str]() if from_step is None else before(definition.steps, from_step)
        self.again = set[str]() if from_step is None else after(definition.steps, from_step)
        self.order = Order(definition.steps, self.status.steps)
        self.models: dict[str, Sequence[Mapping[str, Any]]] = {}
        self.written: dict[str, tuple[Path, ...]] = {}
        self.lock = threading.Lock()
        self.ended_others = False
        self.clock = time.monotonic()

    def run(self) -> ExecutionStatus:
        """Run every step that is to run."""
        self._tell_begin()
        running: dict[Future[None], Step] = {}
        with ThreadPoolExecutor(self.runner.max_parallel or os.cpu_count() or 1) as pool:
            try:
                while True:
                    for step in self.order.unreachable():
                        self._change(step, "Skipped")
                    for step in self.order.ready():
                        self._change(step, "Executing")
                        running[pool.submit(self._run_step, step)] = step
                    if not running:
                        break
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        running.pop(future)
                        future.result()
            except BaseException:
                self._end_others()  # a surprise, or Ctrl-C: take the children along
                self._close("Stopped", "it was stopped")
                raise
            finally:
                pool.shutdown()
                if self.ended_others:  # the order was this run's own: the runner's next run has none
                    self.runner.launcher.stop.clear()
        self._settle()
        return self.status

    def _end_others(self) -> None:
        """Order what still runs to end."""
        if not self.runner.launcher.stop.is_set():
            self.ended_others = True
            self.runner.launcher.stop.set()

    def _tell_begin(self) -> None:
        """Write the first status."""
        self._write()
        if self.runner.progress:
            self.runner.progress.begin(self.status)

    def _settle(self) -> None:
        """Return how the execution ended."""
        steps = self.status.steps.values()
        failed = [step for step in steps if step.state == "Failed"]
        stopped = [step for step in steps if step.state == "Stopped"]
        stalled = [] if failed or stopped else list(self.order.stalled())
        for step in steps:
            if step.state == "Waiting":
                step.state = "Skipped"
        if stalled:
            self._close("Failed", f"{stalled[0]}, which never ends")
        elif failed:
            self._close("Failed", f"step '{failed[0].name}': {failed[0].reason}")
        elif stopped:
            self._close("Stopped", f"step '{stopped[0].name}' was stopped")
        else:
            self._close("Succeeded", None)

    def _close(self, state: str, reason: str | None) -> None:
        """Write the last status."""
        self.status.state, self.status.reason = state, reason
        self.status.seconds = round(time.monotonic() - self.clock, 3)
        self.cache.save()
        self._write()
        if self.runner.progress:
            self.runner.progress.end(self.status)

    # --- one step

    def _run_step(self, step: Step) -> None:
        """Run one step with its cache and retries, and note how it went."""
        status, begun = self.status.steps[step.name], time.monotonic()
        try:
            state, description = self._with_cache(step)
        except Exception as error:  # noqa: BLE001 (of whatever kind: it is reported as this step's fault)
            reason = self._reason(step, error)
            stopped = isinstance(error, StepError) and error.kind == "Step.STOPPED"
            status.seconds = round(time.monotonic() - begun, 3)
            self._change(step, "Stopped" if stopped else "Failed", reason)
            self._end_others()
            return
        with self.lock:
            self.resolver.steps[step.name] = description
            status.description = dict(description)
            status.seconds = round(time.monotonic() - begun, 3)
        self._change(step, state, description.get("Told"))

    def _reason(self, step: Step, error: Exception) -> str:
        """Return why a step failed; for an unexpected error, the log has the traceback."""
        if isinstance(error, StepError):
            return error.reason
        if not isinstance(error, SamaanError | OSError):
            with contextlib.suppress(OSError):
                log = self.folder / "logs" / f"{step.name}.log"
                log.parent.mkdir(parents=True, exist_ok=True)
                with log.open("a", encoding="utf-8") as file:
                    traceback.print_exception(error, file=file)
        return told(error)

    def _with_cache(self, step: Step) -> tuple[str, Mapping[str, Any]]:
        """Take a step's result from the cache, or run it and keep the result there."""
        kind = self.runner.kinds[step.type]
        if kind.control:
            return "Succeeded", kind.run(step.arguments, self._room(step, 1))
        request = {**step.arguments, **step.extra} if kind.reads_extra else step.arguments
        arguments = self.resolver.resolve(request, step.name)
        try:
            key = self.cache.key(step, kind, arguments)
        except DataError:  # an input is absent: the step itself says which of its fields named it
            return "Succeeded", self._attempt(step, kind, arguments)
        found = self._remembered(step, key)
        if found is not None and self._still_there(step, found.description):
            return "Cached", {**found.description, "CachedFrom": found.execution}
        description = self._attempt(step, kind, arguments)
        self.cache.keep(key, description, self.written.get(step.name, ()), self.id)
        return "Succeeded", description

    def _remembered(self, step: Step, key: str) -> CachedStep | None:
        """Find a step's earlier result, where it may be used."""
        if step.name in self.again:
            return None
        if step.name in self.kept:
            return self.cache.find(key, CachePolicy(enabled=True))
        return (
            self.cache.find(key, step.cache) if step.cache.enabled or step.type == "RegisterModel" else None
        )

    def _still_there(self, step: Step, description: Mapping[str, Any]) -> bool:
        """Return whether a cached registration is still in the registry."""
        if step.type != "RegisterModel":
            return True
        group, version = description["ModelPackageGroupName"], description["ModelPackageVersion"]
        return self.runner.registry.knows(group, version)

    def _attempt(self, step: Step, kind: StepKind, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Run a step, again where its retry policies say so."""
        attempt, begun = 0, time.monotonic()
        while True:
            attempt += 1
            self.status.steps[step.name].attempts = attempt
            room = self._room(step, attempt)
            try:
                description = kind.run(arguments, room)
            except StepError as error:
                policy = _policy_for(step, error)
                if policy is None or not policy.allows(attempt, time.monotonic() - begun):
                    raise
                self._note_retry(step, error)
                if self.runner.launcher.stop.wait(policy.pause_seconds(attempt)):
                    raise StepError(step.name, "it was stopped", room.log, "Step.STOPPED") from error
                continue
            with self.lock:
                status = self.status.steps[step.name]
                status.cpu_seconds = round(room.usage.cpu_seconds, 3)
                status.peak_mib = round(room.usage.peak_mib, 1)
                self.written[step.name] = tuple(room.written)
            return description

    def _note_retry(self, step: Step, error: StepError) -> None:
        """Write down why a step is tried again."""
        self._change(step, "Executing", f"tried again after: {error.reason}")

    def _room(self, step: Step, attempt: int) -> Workspace:
        """Make the room an attempt works in."""
        suffix = "" if attempt == 1 else f".{attempt}"  # no step's name has a dot
        folder = self.folder / f"{step.name}{suffix}"
        log = self.folder / "logs" / f"{step.name}{suffix}.log"
        self.status.steps[step.name].log = str(log.relative_to(self.runner.home))
        lineage = {"pipeline": self.definition.name, "execution": self.id, "step": step.name}
        return Workspace(
            step=step,
            folder=folder,
            log=log,
            storage=self.runner.storage,
            launcher=self.runner.launcher,
            registry=self.runner.registry,
            resolver=self.resolver,
            job_name=job_name(self.id, step.name),
            lineage=lineage,
            models=self.models,
        )

    # --- what expressions read

    def _variables(self, started: datetime) -> dict[str, str]:
        """Return the execution variables."""
        name = self.definition.name
        arn = f"arn:aws:sagemaker:local:000000000000:pipeline/{name}"
        return {
            "PipelineName": name,
            "PipelineArn": arn,
            "PipelineExecutionId": self.id,
            "PipelineExecutionArn": f"{arn}/execution/{self.id}",
            "StartDateTime": started.isoformat(timespec="seconds"),
            "CurrentDateTime": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    def _read_property(self, owner: str, name: str) -> Any:
        """Read a property file of a finished step."""
        file = next((each for each in self.definition.step(owner).property_files if each.name == name), None)
        outputs = self.resolver.steps.get(owner, {}).get("ProcessingOutputConfig", {}).get("Outputs", [])
        output = next((each for each in outputs if file and each["OutputName"] == file.output_name), None)
        if file is None or output is None:
            raise StepError(owner, f"property file '{name}' is not among its outputs", kind="Step.CLIENT")
        return self._read_object(f"{output['S3Output']['S3Uri']}/{file.path}", owner)

    def _read_object(self, uri: str, owner: str = "") -> Any:
        """Read a JSON document from the store."""
        try:
            return json.loads(self.runner.storage.path(uri).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise StepError(owner, f"'{uri}' is not a JSON file: {error}", kind="Step.CLIENT") from error

    # --- telling

    def _change(self, step: Step, state: Any, reason: str | None = None) -> None:
        """Note a step's state, in the file and for the eye."""
        with self.lock:
            status = self.status.steps[step.name]
            status.state, status.reason = state, reason
            if state == "Executing" and status.started is None:
                status.started = datetime.now(UTC).isoformat(timespec="milliseconds")
            self._write()
        if self.runner.progress:
            self.runner.progress.changed(status)

    def _write(self) -> None:
        """Write the status file."""
        self.status.seconds = round(time.monotonic() - self.clock, 3)
        self.status.write(self.folder / "status.json")


def job_name(execution: str, step: str) -> str:
    """Name a step's job within the service's 63 letters; two steps never share a name.

    Examples
    --------
    >>> job_name("20260101t000000000-abcd", "Train")
    'pipelines-20260101t000000000-abcd-Train'
    """
    name = f"pipelines-{execution}-{step}"
    allowed = name.replace("_", "-")
    if len(name) <= _LONGEST_JOB_NAME and name == allowed:
        return name
    mark = hashlib.sha256(step.encode()).hexdigest()[:10]
    return f"{allowed[: _LONGEST_JOB_NAME - len(mark) - 1].rstrip('-')}-{mark}"


def _policy_for(step: Step, error: StepError) -> RetryPolicy | None:
    """Find the retry policy that an error falls under."""
    if error.kind in _RETRIED_NEVER:
        return None
    return next((policy for policy in step.retries if error.kind in policy.kinds), None)
