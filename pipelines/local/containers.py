"""A container's command run as a child process, its `/opt/ml` being a folder of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from pipelines.local.errors import StepError

__all__ = ["CONTAINER_BASE", "Container", "Launcher", "Usage", "end_orphans", "relocate"]

CONTAINER_BASE = "/opt/ml"
_GRACE_SECONDS = 20.0
_RELOCATED_SUFFIXES = frozenset((".py", ".sh", ".json", ".cfg", ".toml", ".yaml", ".yml"))
_RELOCATED_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Container:
    """One container to run.

    Parameters
    ----------
    step : str
        The step it belongs to.
    base : Path
        The folder that stands for `/opt/ml`.
    command : tuple of str
        Entry point and arguments as in the definition.
    environment : mapping of str to str
        Environment as in the definition.
    log : Path
        Where its output goes.
    timeout_seconds : float or None, default=None
        It is stopped after so long.
    """

    step: str
    base: Path
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    timeout_seconds: float | None = None


@dataclass(slots=True)
class Usage:
    """What children used: CPU seconds, and the largest resident memory in MiB."""

    cpu_seconds: float = 0.0
    peak_mib: float = 0.0

    def add(self, cpu_seconds: float, peak_mib: float) -> None:
        """Count one child."""
        self.cpu_seconds += cpu_seconds
        self.peak_mib = max(self.peak_mib, peak_mib)


def _default_commands() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Map the image's commands to what runs here."""
    python = (sys.executable,)
    return {
        ("samaan", "train"): (*python, "-m", "training"),
        ("samaan",): (*python, "-m", "samaan"),
        ("python",): python,
        ("python3",): python,
        ("/usr/bin/python3",): python,
    }


@dataclass(frozen=True)
class Launcher:
    """Starts containers as child processes and waits for them.

    Parameters
    ----------
    commands : mapping
        First words of a container's command, and the words that replace them here.
    environment : mapping of str to str, default={}
        Added to every child's environment.
    """

    commands: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=_default_commands)
    environment: Mapping[str, str] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)

    def argv(self, command: Sequence[str]) -> list[str]:
        """Replace the first words of a command by what runs here."""
        for length in range(min(len(command), 3), 0, -1):
            replacement = self.commands.get(tuple(command[:length]))
            if replacement is not None:
                return [*replacement, *command[length:]]
        return list(command)

    def run(self, container: Container) -> Usage:
        """Run one container to its end.

        Raises
        ------
        StepError
            When it cannot start, fails, takes too long or is stopped.
        """
        return self._wait(self._start(container), container)

    def _start(self, container: Container) -> subprocess.Popen[bytes]:
        """Start a container's command."""
        container.base.mkdir(parents=True, exist_ok=True)
        container.log.parent.mkdir(parents=True, exist_ok=True)
        argv = [_relocated(str(word), container.base) for word in self.argv(container.command)]
        with container.log.open("ab") as log:
            try:
                child = subprocess.Popen(  # noqa: S603 - the definition's own command, no shell
                    argv,
                    cwd=container.base,
                    env=self._environment(container),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                reason = f"its command '{container.command[0]}' cannot be started here: {error.strerror}"
                raise StepError(container.step, reason, container.log, "Step.CLIENT") from error
            except ValueError as error:  # a NUL in a word of the command or the environment
                raise StepError(
                    container.step, f"its command: {error}", container.log, "Step.CLIENT"
                ) from error
        (container.base / "pid").write_text(f"{child.pid} {_start_mark(child.pid)}", "ascii")
        return child

    @contextmanager
    def serving(self, container: Container) -> Iterator[Callable[[], None]]:
        """Run a server while the block runs, then end it in good order; what it gives raises once the server ended."""
        child = self._start(container)

        def check() -> None:
            code = child.poll()
            if code is not None:
                raise StepError(container.step, _reason(container, code), container.log)

        try:
            yield check
        finally:
            _end(child)

    def run_all(self, containers: Sequence[Container]) -> Usage:
        """Run several containers side by side; the first failure stops the others."""
        if len(containers) == 1:
            return self.run(containers[0])
        total, errors = Usage(), list[StepError]()

        def one(container: Container) -> None:
            try:
                used = self.run(container)
                total.add(used.cpu_seconds, used.peak_mib)
            except StepError as error:
                errors.append(error)

        threads = [threading.Thread(target=one, args=(container,)) for container in containers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]
        return total

    def _environment(self, container: Container) -> dict[str, str]:
        """Give a child what a container would have, and a way to find this project's packages."""
        scripts = sysconfig.get_path("scripts")
        found = [find_spec(name) for name in ("samaan", "samaan_ml", "training")]
        homes = {str(Path(spec.origin).parent.parent) for spec in found if spec is not None and spec.origin}
        given = {key: _relocated(str(value), container.base) for key, value in container.environment.items()}
        # Steps run beside each other: two whose threads wait for each other's cores take ten times as long.
        single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        return {
            **single,
            **os.environ,
            "PATH": os.pathsep.join((scripts, os.environ.get("PATH", ""))),
            "PYTHONPATH": os.pathsep.join([*sorted(homes), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "PYTHONUNBUFFERED": "1",
            **self.environment,
            **given,
            "SAGEMAKER_BASE_DIR": str(container.base),
        }

    def _wait(self, child: subprocess.Popen[bytes], container: Container) -> Usage:
        """Wait for a child, its time limit, or the order to stop."""
        deadline = time.monotonic() + (container.timeout_seconds or float("inf"))
        pause = 0.005
        while True:
            pid, status, used = os.wait4(child.pid, os.WNOHANG)
            if pid:
                child.returncode = os.waitstatus_to_exitcode(status)
                break
            if self.stop.is_set() or time.monotonic() > deadline:
                _end(child)
                if self.stop.is_set():
                    raise StepError(container.step, "it was stopped", container.log, "Step.STOPPED")
                reason = f"it took longer than its limit of {container.timeout_seconds:g} seconds"
                raise StepError(container.step, reason, container.log, "SageMaker.JOB_INTERNAL_ERROR")
            self.stop.wait(pause)
            pause = min(pause * 1.5, 0.1)
        if child.returncode != 0:
            raise StepError(container.step, _reason(container, child.returncode), container.log)
        return Usage(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def relocate(folder: Path, base: Path) -> None:
    """Point the scripts in a job's own copy of its code at the folder that stands for `/opt/ml`."""
    for path in folder.rglob("*"):
        if (
            not path.is_file()
            or path.suffix not in _RELOCATED_SUFFIXES
            or path.stat().st_size > _RELOCATED_BYTES
        ):
            continue
        with contextlib.suppress(UnicodeDecodeError):
            text = path.read_text("utf-8")
            if CONTAINER_BASE in text:
                path.write_text(text.replace(CONTAINER_BASE, str(base)), "utf-8")


def end_orphans(bases: Iterable[Path]) -> int:
    """End children of a runner that was killed, as their pid files tell; give their number."""
    ended = 0
    for base in bases:
        with contextlib.suppress(OSError, ValueError):
            pid, mark = (base / "pid").read_text("ascii").split(" ", 1)
            if mark and _start_mark(int(pid)) == mark:
                os.killpg(int(pid), signal.SIGKILL)
                ended += 1
    return ended


def _relocated(word: str, base: Path) -> str:
    """Point one word of a command or of the environment at the folder that stands for `/opt/ml`."""
    return word.replace(CONTAINER_BASE, str(base))


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask a child and its own children to end, then insist."""
    for order, patience in ((signal.SIGTERM, _GRACE_SECONDS), (signal.SIGKILL, _GRACE_SECONDS)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, order)
        try:
            child.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            continue
        return


def _start_mark(pid: int) -> str:
    """Give when a process started, so that a reused pid is not mistaken for it; empty where not known."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        return ""


def _reason(container: Container, code: int) -> str:
    """Say why a container failed: its failure file, else the last line of its log."""
    failure = container.base / "output" / "failure"
    if failure.is_file():
        return failure.read_text("utf-8", "replace").strip()
    lines = container.log.read_text("utf-8", "replace").strip().splitlines()
    last = f": {lines[-1].strip()}" if lines else ""
    if code < 0:
        return f"it was ended by signal {signal.Signals(-code).name}{last}"
    return f"it ended with code {code}{last}"
