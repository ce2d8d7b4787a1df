"""Read and write the files of a model folder."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from samaan_ml.exceptions import ArtifactError


def _file_name(at: str) -> str:
    """Make a file name of a place in the state."""
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in at)


def _read_frame(content: bytes) -> Any:
    """Read a Parquet file; pandas is imported only for models that keep frames."""
    import pandas as pd

    return pd.read_parquet(io.BytesIO(content))


def _write_arrays(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Write arrays as npz with fixed times, so that equal arrays give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, array in sorted(arrays.items()):
            entry = io.BytesIO()
            np.lib.format.write_array(entry, np.asarray(array, order="C"), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), entry.getvalue(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _read_arrays(content: bytes | None) -> dict[str, np.ndarray]:
    """Read all arrays; pickled ones are refused."""
    if content is None:
        return {}
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise ArtifactError(f"'arrays.npz' cannot be read: {error}") from None


def _json(value: Any) -> bytes:
    """Write JSON the same way every time; a number that is not finite is an error, not `NaN`."""
    try:
        return json.dumps(value, sort_keys=True, indent=1, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        raise ArtifactError(f"a value cannot be written as JSON: {error}") from None


def _replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write beside, then swap, so that a reader sees the old folder or the new one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        for name, content in files.items():
            (part / name).write_bytes(content)
        if folder.exists():
            old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
            shutil.rmtree(old, ignore_errors=True)
            folder.rename(old)
            part.rename(folder)
            shutil.rmtree(old)
        else:
            part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
