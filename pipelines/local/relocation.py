"""Points a job's code at the folder that stands for `/opt/ml`, where the machine allows no mounts of its own."""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import tempfile
from pathlib import Path

from samaan_ml.exceptions import ArtifactError
from training.archives import pack, unpack

__all__ = ["CONTAINER_BASE", "plain_name", "relocate", "relocated"]

CONTAINER_BASE = "/opt/ml"
_SUFFIXES = frozenset((".py", ".sh", ".json", ".cfg", ".toml", ".yaml", ".yml"))
_TARBALLS = (".tar.gz", ".tgz", ".tar")
_BYTES = 1_000_000
_UNSAFE = re.compile(r"[^A-Za-z0-9_./+@%:=,-]")


def relocated(word: str, base: Path) -> str:
    """Point one word of a command or of the environment at the folder that stands for `/opt/ml`."""
    return word.replace(CONTAINER_BASE, plain_name(base))


def relocate(folder: Path, base: Path) -> None:
    """Point the scripts in a job's own copy of its code, also those in tarballs, at the folder."""
    for path in folder.rglob("*"):
        if path.is_file() and path.name.endswith(_TARBALLS):
            _relocate_tarball(path, base)
        elif path.is_file() and path.suffix in _SUFFIXES and path.stat().st_size <= _BYTES:
            with contextlib.suppress(UnicodeDecodeError):
                text = path.read_text("utf-8")
                if CONTAINER_BASE in text:
                    path.write_text(relocated(text, base), "utf-8")


def plain_name(base: Path) -> str:
    """Name a folder without what a shell would split or expand: scripts put paths in unquoted.

    A folder whose own name holds a space gets a link from the folder of temporary files.
    """
    if not _UNSAFE.search(str(base)):
        return str(base)
    link = Path(tempfile.gettempdir()) / f"samaan-{hashlib.sha256(str(base).encode()).hexdigest()[:16]}"
    with contextlib.suppress(FileExistsError):
        link.symlink_to(base, target_is_directory=True)
    return str(link)


def _relocate_tarball(path: Path, base: Path) -> None:
    """Rewrite the scripts inside a tarball; one that cannot be unpacked is left for the job to complain of."""
    with tempfile.TemporaryDirectory(prefix="samaan-relocate-") as scratch:
        inner = Path(scratch) / "content"
        try:
            unpack(path, inner)
        except ArtifactError:
            return
        relocate(inner, base)
        packed = Path(scratch) / "packed"
        pack(inner, packed)
        shutil.move(packed, path)
