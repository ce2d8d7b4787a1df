"""Model archives, unpacked whole or not at all."""

from __future__ import annotations

import lzma
import tarfile
import zlib
from pathlib import Path

from samaan_ml.exceptions import ArtifactError

__all__ = ["unpack"]

_BLOCK = 2**20
_FAULTS = (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError)


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
