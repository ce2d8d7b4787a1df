"""A container's command run as a child process, its `/opt/ml` being a folder of its own."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
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

from pipelines.local import enclosure
from pipelines.local.errors import StepError
from pipelines.local.relocation import CONTAINER_BASE, plain_name, relocate, relocated

__all__ = ["Container", "Launcher", "Usage", "end_orphans"]

_GRACE_SECONDS = 20.0
# A job must not change the environment that it shares: `pip install -r requirements.txt` succeeds where all is there
# and fails, naming what is missing, where something is not.
_NO_INSTALLING = {"PIP_DRY_RUN": "1", "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
_TAIL_BYTES = 65_536
_REASON_LETTERS = 1_024
"""The service's own limit of a failure's reason."""


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
    workdir : str, default="."
        Where the command starts, below `/opt/ml`.
    """

    step: str
    base: Path
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    timeout_seconds: float | None = None
    workdir: str = "."


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
    stop : threading.Event
        Set, it ends what runs.
    enclosed : bool or None, default=None
        Whether each job sees its folder as `/opt/ml`, by a mount namespace; None is yes where the machine allows it.
        Without, paths in commands, environment and scripts are rewritten.
    """

    commands: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=_default_commands)
    environment: Mapping[str, str] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    enclosed: bool | None = None

    @property
    def encloses(self) -> bool:
        """Return whether jobs see their folder as `/opt/ml`."""
        return enclosure.available() if self.enclosed is None else self.enclosed

    def relocate(self, folder: Path, base: Path) -> None:
        """Point a job's own copy of its code at its folder, where `/opt/ml` is not that folder."""
        if not self.encloses:
            relocate(folder, base)

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
        workdir = container.base / container.workdir
        workdir.mkdir(parents=True, exist_ok=True)
        container.log.parent.mkdir(parents=True, exist_ok=True)
        try:
            environment = self._environment(container)
            with container.log.open("ab") as log:
                child = subprocess.Popen(  # noqa: S603 - the definition's own command, no shell
                    self._command(container, environment),
                    cwd=workdir,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            reason = f"its command '{container.command[0]}' cannot be started here: {error.strerror}"
            raise StepError(container.step, reason, container.log, "Step.CLIENT") from error
        except ValueError as error:  # a NUL in a word of the command or the environment
            raise StepError(container.step, f"its command: {error}", container.log, "Step.CLIENT") from error
        (container.base / "pid").write_text(f"{child.pid} {_start_mark(child.pid)}", "ascii")
        return child

    def _command(self, container: Container, environment: Mapping[str, str]) -> list[str]:
        """Return the words to start; a missing one is reported before it is wrapped.

        Raises
        ------
        OSError
            When there is no such program.
        """
        argv = [str(word) for word in self.argv(container.command)]
        if not self.encloses:
            return [relocated(word, container.base) for word in argv]
        if any("\0" in word for word in (*argv, *environment.values())):
            raise ValueError("embedded null byte")
        place = argv[0].replace(CONTAINER_BASE, str(container.base), 1) if _is_below(argv[0]) else argv[0]
        if shutil.which(place, path=environment["PATH"]) is None:
            code = errno.EACCES if Path(place).exists() else errno.ENOENT
            raise OSError(code, os.strerror(code))
        return enclosure.enclosed(str(container.base), container.workdir, argv)

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
        """Return a child what a container would have, and a way to find this project's packages."""
        scripts = sysconfig.get_path("scripts")
        found = [find_spec(name) for name in ("samaan", "samaan_ml", "training")]
        homes = {str(Path(spec.origin).parent.parent) for spec in found if spec is not None and spec.origin}
        given, base = {key: str(value) for key, value in container.environment.items()}, CONTAINER_BASE
        if not self.encloses:
            base = plain_name(container.base)
            given = {key: relocated(value, container.base) for key, value in given.items()}
        # Steps run beside each other: two whose threads wait for each other's cores take ten times as long.
        single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        return {
            **single,
            **os.environ,
            "PATH": os.pathsep.join((scripts, os.environ.get("PATH", ""))),
            "PYTHONPATH": os.pathsep.join([*sorted(homes), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "PYTHONUNBUFFERED": "1",
            **_NO_INSTALLING,
            **self.environment,
            **given,
            "SAGEMAKER_BASE_DIR": base,
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


def _is_below(word: str) -> bool:
    """Return whether a word is a path below `/opt/ml`."""
    return word.startswith(CONTAINER_BASE + "/")


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
    """Return why a container failed: its failure file, else the last line of its log; never more than a short text."""
    failure = container.base / "output" / "failure"
    if failure.is_file():
        return _tail(failure, of_start=True).strip()[:_REASON_LETTERS]
    lines = _tail(container.log).strip().splitlines()
    last = f": {lines[-1].strip()[-_REASON_LETTERS:]}" if lines else ""
    if code < 0:
        return f"it was ended by signal {signal.Signals(-code).name}{last}"
    return f"it ended with code {code}{last}"


def _tail(path: Path, *, of_start: bool = False) -> str:
    """Read the end, or the start, of a file that may be of any size."""
    with path.open("rb") as file:
        if not of_start:
            file.seek(max(path.stat().st_size - _TAIL_BYTES, 0))
        return file.read(_TAIL_BYTES).decode("utf-8", "replace")
