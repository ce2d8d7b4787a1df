"""Model archives that are the same bytes whenever their content is the same."""

from __future__ import annotations

import gzip
import os
import tarfile
from pathlib import Path

from pipelines.local.storage import files_below

__all__ = ["pack"]


def pack(folder: Path, archive: Path) -> None:
    """Write a folder to a `.tar.gz` without times, owners or order of its own."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    part = archive.with_name(f".{archive.name}.{os.getpid()}.part")
    with (
        part.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=6, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name, path in files_below(folder):
            entry = tarfile.TarInfo(name)
            entry.size = path.stat().st_size
            entry.mode = 0o755 if os.access(path, os.X_OK) else 0o644
            with path.open("rb") as stream:
                tar.addfile(entry, stream)
    part.replace(archive)
