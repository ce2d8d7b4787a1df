"""Model archives, packed to the same bytes every time, and unpacked whole or not at all."""

from __future__ import annotations

import gzip
import lzma
import os
import tarfile
import zlib
from pathlib import Path

from samaan_ml.exceptions import ArtifactError

__all__ = ["pack", "unpack"]

_BLOCK = 2**20
_FAULTS = (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError)


def pack(folder: Path, archive: Path) -> None:
    """Write a folder to a `.tar.gz` without times, owners or order of its own; unfinished parts are left out."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    part = archive.with_name(f".{archive.name}.{os.getpid()}.part")
    with (
        part.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=6, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or (path.name.startswith(".") and path.name.endswith(".part")):
                continue
            entry = tarfile.TarInfo(path.relative_to(folder).as_posix())
            entry.size = path.stat().st_size
            entry.mode = 0o755 if os.access(path, os.X_OK) else 0o644
            with path.open("rb") as stream:
                tar.addfile(entry, stream)
    part.replace(archive)


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a `.tar.gz`; an entry that would leave the folder is refused.

    Raises
    ------
    ArtifactError
        When it is no archive, a damaged or an unsafe one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(archive, "r:*") as tar:
            tar.extractall(folder, filter="data")
            while tar.fileobj.read(_BLOCK):
                pass  # the checksum stands at the end, behind what the archive needs
    except _FAULTS as error:
        raise ArtifactError(f"'{archive.name}' cannot be unpacked: {error}") from error
