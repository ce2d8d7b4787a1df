"""The champion as a folder of one archive: what the gate reads, and what registering writes.

`model.tar.gz` holds the model with its evaluation, the gate's sentences and the checks; `statistics.json` and
`constraints.json` beside it are the baseline that captured questions are compared with. One object holds all that
the gate reads, so that it never sees half of one champion and half of another.
"""

from __future__ import annotations

import json
import shutil
import tarfile
import tempfile
from pathlib import Path

from training.archives import pack, unpack

__all__ = ["ARCHIVE", "NOBODY", "archived_version", "read_champion", "write_champion"]

ARCHIVE = "model.tar.gz"
NOBODY = "none.json"
"""Laid where nothing serves yet: the service refuses an input under which nothing is stored."""
_BASELINE = ("statistics.json", "constraints.json")


def write_champion(model: Path, reports: list[Path], target: Path) -> str:
    """Write a model that was registered as the champion; give its version.

    Parameters
    ----------
    model : Path
        The model's folder.
    reports : list of Path
        Folders of the evaluation, the checks and the gate's decision, whose files go with it.
    target : Path
        Where the champion's folder is.

    Raises
    ------
    ArtifactError
        When the model was altered.
    """
    from samaan_ml.artifacts import check_files

    version = check_files(model)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="samaan-champion-") as scratch:
        whole = Path(scratch) / "model"
        shutil.copytree(model, whole)
        for folder in reports:
            for path in sorted(folder.iterdir()):
                if path.is_file() and not (whole / path.name).exists():
                    shutil.copyfile(path, whole / path.name)
        for name in _BASELINE:
            if (whole / name).is_file():
                shutil.copyfile(whole / name, target / name)
        pack(whole, target / ARCHIVE)
    return version


def read_champion(folder: Path, scratch: Path) -> Path | None:
    """Find the champion in a job's input; None where nothing serves yet.

    Parameters
    ----------
    folder : Path
        The input: a champion's folder, or the model's own.
    scratch : Path
        Where an archive is unpacked.

    Raises
    ------
    ArtifactError
        When the archive is none.
    """
    if (folder / ARCHIVE).is_file():
        unpack(folder / ARCHIVE, scratch)
        return scratch
    return folder if (folder / "manifest.json").is_file() else None


def archived_version(folder: Path) -> str | None:
    """Read which model a champion's folder holds, without unpacking it; None where it holds none."""
    try:
        with tarfile.open(folder / ARCHIVE, "r:gz") as tar:
            stream = tar.extractfile("manifest.json")
            return None if stream is None else str(json.load(stream)["model_version"])
    except (OSError, KeyError, ValueError, tarfile.TarError):
        return None
