"""Save and load a model folder: plain files, a checksum each, and nothing that runs code.

A folder holds `manifest.json` (format, kind, model version, package versions, metadata and the SHA-256 of
every other file), `state.json`, and where the model has them `arrays.npz`, `<name>.parquet` and `<name>.txt`
(LightGBM's own text). No pickle is written and none is read. The same state gives the same bytes, so the
model version, which is a digest of the files, is reproducible.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np

from samaan_ml.artifacts._files import (
    _file_name,
    _json,
    _read_arrays,
    _read_frame,
    _replace_folder,
    _write_arrays,
)
from samaan_ml.exceptions import ArtifactError

__all__ = ["KINDS", "Manifest", "Persistable", "load_model", "load_state", "read_manifest", "save_model"]

FORMAT = 1
_LONG_TEXT = 2_000
_REFERENCE = "$file"

KINDS: dict[str, str] = {
    "demand": "samaan_ml.forecasting:DemandForecaster",
    "price": "samaan_ml.pricing:ElasticityModel",
    "udhaar": "samaan_ml.udhaar:LedgerRiskModel",
    "credit": "samaan_ml.udhaar:UdhaarRiskModel",
    "prices": "samaan_ml.pricing:PriceOptimizer",
    "croston": "samaan_ml.forecasting:CrostonForecaster",
    "ensemble": "samaan_ml.forecasting:EnsembleForecaster",
    "ets": "samaan_ml.forecasting:ETSForecaster",
    "seasonal-naive": "samaan_ml.forecasting:SeasonalNaiveForecaster",
    "theta": "samaan_ml.forecasting:ThetaForecaster",
    "tsb": "samaan_ml.forecasting:TSBForecaster",
    "window-mean": "samaan_ml.forecasting:WindowMeanForecaster",
}
"""The kinds of model and the class that each one is read into."""


@runtime_checkable
class Persistable(Protocol):
    """What a model offers to be saved: its state as plain values, arrays, frames and text."""

    def get_state(self) -> dict[str, Any]:
        """Return everything learned; nested dicts of JSON values, arrays, frames and text."""
        ...

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Any:
        """Make a fitted model from `get_state`'s answer."""
        ...


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model folder says of itself.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    model_version : str
        Digest of the files: the same model has the same version wherever it lies.
    files : dict of str to str
        SHA-256 of every file beside the manifest.
    versions : dict of str to str
        Versions of Python and the packages that wrote it.
    metadata : dict
        Lineage and metrics given by who saved it.
    """

    FILE: ClassVar[str] = "manifest.json"

    kind: str
    model_version: str
    files: dict[str, str]
    versions: dict[str, str]
    metadata: dict[str, Any]


def save_model(
    model: Persistable,
    folder: Path | str,
    metadata: Mapping[str, Any] | None = None,
    *,
    history: bool = False,
) -> Manifest:
    """Write a fitted model to a folder, whole or not at all.

    Parameters
    ----------
    model : Persistable
        A fitted model of one of `KINDS`.
    folder : path
        Made or replaced.
    metadata : mapping, default=None
        JSON values: metrics, data hash, code commit, parameters.
    history : bool, default=False
        Whether a `DemandForecaster` is saved with the sales it was fitted on, so that `predict` and `update` need no
        tables after loading. The other forecasters are their history and always have it.

    Returns
    -------
    Manifest
        What was written.

    Raises
    ------
    ArtifactError
        When the model is of no known kind or its state holds a value of another type.
    """
    kind = _kind_of(model)
    state = model.get_state()
    if history and "history" not in state:
        state = {**state, "history": _history_of(model)}
    files = _files_of(state)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    version = hashlib.sha256(json.dumps([FORMAT, kind, digests]).encode()).hexdigest()[:12]
    manifest = Manifest(kind, version, digests, _versions(), dict(metadata or {}))
    files[Manifest.FILE] = _json(
        {
            "format": FORMAT,
            "kind": kind,
            "model_version": version,
            "files": digests,
            "versions": manifest.versions,
            "metadata": manifest.metadata,
        }
    )
    _replace_folder(Path(folder), files)
    return manifest


def read_manifest(folder: Path | str) -> Manifest:
    """Read what a model folder says of itself, without checking its files.

    Raises
    ------
    ArtifactError
        When there is no manifest, or it is of another format.
    """
    path = Path(folder) / Manifest.FILE
    try:
        raw = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise ArtifactError(f"'{folder}' holds no model: '{Manifest.FILE}' is missing") from None
    except (OSError, ValueError) as error:
        raise ArtifactError(f"'{path}' cannot be read: {error}") from None
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        got = raw.get("format") if isinstance(raw, dict) else type(raw).__name__
        raise ArtifactError(
            f"'{path}' has format '{got}', this version reads {FORMAT}; train the model again"
        )
    try:
        return Manifest(raw["kind"], raw["model_version"], raw["files"], raw["versions"], raw["metadata"])
    except KeyError as error:
        raise ArtifactError(f"'{path}' lacks {error}; the folder was altered") from None


def check_files(folder: Path | str) -> str:
    """Hold a model folder's files against the checksums of its manifest; give its model version.

    Raises
    ------
    ArtifactError
        When there is no manifest, or a file is absent or altered.
    """
    path = Path(folder) / Manifest.FILE
    try:
        raw = json.loads(path.read_bytes())
        version, files = str(raw["model_version"]), dict(raw.get("files", {}))
    except FileNotFoundError:
        raise ArtifactError(f"'{folder}' holds no model: '{Manifest.FILE}' is missing") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"'{path}' cannot be read: {error}") from None
    for name, digest in files.items():
        _read_checked(Path(folder), name, digest)
    return version


def _read_checked(folder: Path, name: str, digest: str) -> bytes:
    """Read a file whose checksum the manifest has."""
    if Path(name).name != name:
        raise ArtifactError(f"'{folder}' names a file outside itself: '{name}'")
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise ArtifactError(f"'{folder}' lacks '{name}': {error.strerror}") from None
    if hashlib.sha256(content).hexdigest() != digest:
        raise ArtifactError(f"'{folder / name}' was altered: its checksum is not the manifest's")
    return content


def load_state(folder: Path | str) -> tuple[Manifest, dict[str, Any]]:
    """Read a model folder's state after checking every file against its checksum.

    Raises
    ------
    ArtifactError
        When a file is absent, altered or unexpected.
    """
    manifest = read_manifest(folder)
    contents = {name: _read_checked(Path(folder), name, digest) for name, digest in manifest.files.items()}
    if "state.json" not in contents:
        raise ArtifactError(f"'{folder}' lacks 'state.json'")
    arrays = _read_arrays(contents.get("arrays.npz"))
    state = _restore(json.loads(contents["state.json"]), contents, arrays)
    return manifest, state


def load_model(folder: Path | str, kind: str | None = None) -> Any:
    """Read a model folder into a fitted model.

    Parameters
    ----------
    folder : path
        Written by `save_model`.
    kind : str, default=None
        The kind that is expected; None accepts any.

    Returns
    -------
    DemandForecaster, ElasticityModel or UdhaarRiskModel
        Fitted, with `model_version_` set.

    Raises
    ------
    ArtifactError
        When the folder is absent, altered or of another kind.
    """
    manifest, state = load_state(folder)
    if kind is not None and manifest.kind != kind:
        raise ArtifactError(f"'{folder}' holds a model of kind '{manifest.kind}', expected '{kind}'")
    if manifest.kind not in KINDS:
        raise ArtifactError(f"'{folder}' holds a model of unknown kind '{manifest.kind}'")
    model = _class_of(manifest.kind).from_state(state)
    model.model_version_ = manifest.model_version
    return model


def _history_of(model: Any) -> dict[str, Any]:
    """Return the history of a forecaster as its state.

    Raises
    ------
    ArtifactError
        When the model has none.
    """
    from samaan_ml.forecasting.models._panel_state import panel_state

    panel = getattr(model, "history_", None)
    if panel is None:
        raise ArtifactError(f"'{type(model).__name__}' has no history to save; leave out history=True")
    return panel_state(panel)


def _kind_of(model: Any) -> str:
    """Find the kind that a model's class belongs to."""
    for kind, home in KINDS.items():
        if any(f"{home.split(':')[1]}" == base.__name__ for base in type(model).__mro__):
            return kind
    raise ArtifactError(
        f"'{type(model).__name__}' is not a kind of model that can be saved: {', '.join(KINDS)}"
    )


def _class_of(kind: str) -> Any:
    """Import the class of a kind."""
    module, name = KINDS[kind].split(":")
    return getattr(import_module(module), name)


def _versions() -> dict[str, str]:
    """Name the versions that may change what a model answers."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    versions = {"python": platform.python_version()}
    for package in ("samaan-sathi", "numpy", "lightgbm", "scikit-learn"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:  # run from a bare checkout, or a process that only serves
            continue
    return versions


def _files_of(state: Mapping[str, Any]) -> dict[str, bytes]:
    """Lay a state out as files: values in JSON, arrays in npz, frames in Parquet, long text beside."""
    files: dict[str, bytes] = {}
    arrays: dict[str, np.ndarray] = {}
    files["state.json"] = _json(_lay_out(state, "", files, arrays))
    if arrays:
        files["arrays.npz"] = _write_arrays(arrays)
    return files


def _lay_out(value: Any, at: str, files: dict[str, bytes], arrays: dict[str, np.ndarray]) -> Any:
    """Replace what JSON cannot hold by a reference to a file."""
    if isinstance(value, Mapping):
        return {str(k): _lay_out(v, f"{at}.{k}" if at else str(k), files, arrays) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        if value.dtype == object:
            raise ArtifactError(f"state '{at}' is an array of objects, which cannot be saved without pickle")
        arrays[at] = value
        return {_REFERENCE: "arrays.npz", "name": at}
    if isinstance(value, np.generic):
        return value.item()
    if hasattr(value, "to_parquet"):
        name = f"{_file_name(at)}.parquet"
        buffer = io.BytesIO()
        value.to_parquet(buffer, index=False)
        files[name] = buffer.getvalue()
        return {_REFERENCE: name}
    if isinstance(value, str) and len(value) > _LONG_TEXT:
        name = f"{_file_name(at)}.txt"
        files[name] = value.encode()
        return {_REFERENCE: name}
    if isinstance(value, list | tuple):
        return [_lay_out(each, f"{at}.{i}", files, arrays) for i, each in enumerate(value)]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise ArtifactError(f"state '{at}' is of type '{type(value).__name__}', which a model folder cannot hold")


def _restore(value: Any, contents: Mapping[str, bytes], arrays: Mapping[str, np.ndarray]) -> Any:
    """Put files back where the state refers to them."""
    if isinstance(value, list):
        return [_restore(each, contents, arrays) for each in value]
    if not isinstance(value, dict):
        return value
    if _REFERENCE not in value:
        return {k: _restore(v, contents, arrays) for k, v in value.items()}
    name = value[_REFERENCE]
    try:
        return _READERS[Path(name).suffix](contents[name]) if name != "arrays.npz" else arrays[value["name"]]
    except KeyError:
        raise ArtifactError(f"the state refers to '{name}', which the folder does not hold") from None


_READERS: dict[str, Callable[[bytes], Any]] = {".parquet": _read_frame, ".txt": bytes.decode}
