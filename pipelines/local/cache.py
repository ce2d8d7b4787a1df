"""The step cache: a step whose type, arguments, code and input content are known is not run again."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pipelines.local.durations import duration_seconds
from pipelines.local.kinds import StepKind
from pipelines.local.steps import CachePolicy, Step
from pipelines.local.storage import Storage, file_digest, files_below

__all__ = ["CachedStep", "StepCache", "write_atomically"]

# What decides where and for how long a job runs, not what comes out of it.
_IRRELEVANT = frozenset(
    (
        "ExperimentConfig",
        "InstanceType",
        "NetworkConfig",
        "RoleArn",
        "ExecutionRoleArn",
        "StoppingCondition",
        "Tags",
        "VolumeKmsKeyId",
        "VolumeSizeInGB",
        "KmsKeyId",
    )
)
_SCHEMA = 2  # of the records; another one is not read
_OWN_PACKAGES = ("samaan_ml", "training")
_LIBRARIES = ("numpy", "pandas", "scipy", "scikit-learn", "lightgbm", "numba", "statsmodels")


@dataclass(frozen=True, slots=True)
class CachedStep:
    """What a step described of itself when it ran, and which execution that was."""

    description: Mapping[str, Any]
    execution: str


@dataclass
class StepCache:
    """Results of steps by the content they depend on.

    Parameters
    ----------
    folder : Path
        Where the records are.
    storage : Storage
        Where inputs and outputs are.
    """

    folder: Path
    storage: Storage
    _digests: dict[str, list[object]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Read the digests of files seen before."""
        try:
            self._digests = json.loads((self.folder / "digests.json").read_text("utf-8"))
        except (OSError, ValueError):
            self._digests = {}

    def key(self, step: Step, kind: StepKind, arguments: Mapping[str, Any]) -> str:
        """Return the key of a step with resolved arguments.

        Raises
        ------
        DataError
            When an input is absent.
        """
        with self._lock:
            inputs = {
                source.uri: self.storage.digest(source, self._digests)
                for source in dict.fromkeys(kind.inputs(arguments))
            }
        content = _content(arguments, inputs, frozenset(kind.outputs(arguments)))
        files = [[each.name, each.output_name, each.path] for each in step.property_files]
        text = json.dumps(
            [_SCHEMA, step.name, step.type, content, files, _code_digest()], sort_keys=True, default=str
        )
        return hashlib.sha256(text.encode()).hexdigest()

    def find(self, key: str, policy: CachePolicy) -> CachedStep | None:
        """Find a result that is not too old and whose outputs are still what they were."""
        path = self._path(key)
        try:
            record = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        if policy.expire_after and time.time() - record["at"] > duration_seconds(policy.expire_after):
            return None
        with self._lock:
            if any(self._state(Path(path)) != state for path, state in record["files"].items()):
                return None
        return CachedStep(record["description"], record["execution"])

    def keep(self, key: str, description: Mapping[str, Any], files: Iterable[Path], execution: str) -> None:
        """Remember a result, with the content of the files that it wrote."""
        with self._lock:
            root = self.storage.root
            named = {path: path.relative_to(root) if path.is_relative_to(root) else path for path in files}
            states = {str(name): self._state(path) for path, name in named.items()}
        record = {"at": time.time(), "execution": execution, "description": description, "files": states}
        write_atomically(self._path(key), record)

    def save(self) -> None:
        """Remember the digests of the files seen."""
        with self._lock:
            write_atomically(self.folder / "digests.json", self._digests)

    def _path(self, key: str) -> Path:
        """Return where a result's record is."""
        return self.folder / key[:2] / f"{key}.json"

    def _state(self, path: Path) -> str | None:
        """Return the digest of a file that a step wrote; None where it was deleted."""
        place = path if path.is_absolute() else self.storage.root / path
        return file_digest(place, self._digests) if place.is_file() else None


def write_atomically(path: Path, values: Any) -> None:
    """Write JSON so that a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    part.write_text(json.dumps(values, indent=1, default=str), "utf-8")
    part.replace(path)


def _content(value: Any, inputs: Mapping[str, str], outputs: frozenset[str]) -> Any:
    """Replace addresses read by what is there, and leave out addresses written and what does not matter."""
    if isinstance(value, Mapping):
        return {key: _content(each, inputs, outputs) for key, each in value.items() if key not in _IRRELEVANT}
    if isinstance(value, list | tuple):
        return [_content(each, inputs, outputs) for each in value]
    if isinstance(value, str) and value in inputs:
        return f"sha256:{inputs[value]}"
    return None if isinstance(value, str) and value in outputs else value


@cache
def _code_digest() -> str:
    """Return the digest of what stands in for the image: this project's code and the libraries' versions."""
    total = hashlib.sha256(platform.python_version().encode())
    for name in _OWN_PACKAGES:
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            for relative, path in files_below(Path(spec.origin).parent):
                if path.suffix == ".py":
                    total.update(relative.encode() + path.read_bytes())
    for name in _LIBRARIES:
        try:
            total.update(f"{name}=={metadata.version(name)}".encode())
        except metadata.PackageNotFoundError:
            continue
    return total.hexdigest()
