"""`s3://` addresses kept as files in a folder."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from samaan_ml.exceptions import DataError

__all__ = ["Storage", "file_digest", "files_below"]


@dataclass(frozen=True)
class Storage:
    """A folder that answers `s3://bucket/key` with `root/bucket/key`.

    Parameters
    ----------
    root : Path
        The folder.
    mounts : mapping of str to Path, default={}
        Prefixes that lie elsewhere, such as `{"s3://samaan-sathi/data/current": Path("shop")}`; they are
        read and never written.

    Examples
    --------
    >>> Storage(Path("store")).path("s3://bucket/a/b.csv").as_posix()
    'store/bucket/a/b.csv'
    """

    root: Path
    mounts: Mapping[str, Path] = field(default_factory=dict)

    def path(self, uri: str) -> Path:
        """Say where an address lies.

        Raises
        ------
        DataError
            When it is no `s3://` address or leaves its bucket.
        """
        if not uri.startswith("s3://"):
            raise DataError(f"'{uri}' is not an s3:// address")
        if ".." in uri.split("/"):
            raise DataError(f"'{uri}' leaves its bucket")
        mount = self._mount_of(uri)
        if mount is not None:
            rest = uri[len(mount) :].strip("/")
            return self.mounts[mount] / rest if rest else self.mounts[mount]
        return self.root / uri.removeprefix("s3://").strip("/")

    def files(self, uri: str) -> list[tuple[str, Path]]:
        """List the files at an address, each with its name below it, sorted by name.

        Raises
        ------
        DataError
            When there is nothing at the address.
        """
        path = self.path(uri)
        if path.is_file():
            return [(path.name, path)]
        found = list(files_below(path))
        if not found:
            stands = f", which is '{path}' here" if self._mount_of(uri) is not None else ""
            raise DataError(f"nothing is stored at '{uri}'{stands}")
        return found

    def fetch(self, uri: str, folder: Path) -> None:
        """Copy the files at an address into a folder."""
        for name, source in self.files(uri):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)

    def store(self, source: Path, uri: str) -> None:
        """Copy a file, or the files of a folder, to an address; each file appears whole or not at all.

        Raises
        ------
        DataError
            When the address lies in a mount, which is never written.
        """
        if self._mount_of(uri) is not None:
            raise DataError(f"'{uri}' is input from elsewhere and is never written")
        target = self.path(uri)
        pairs = (
            [(target, source)]
            if source.is_file()
            else [(target / name, path) for name, path in files_below(source)]
        )
        for destination, path in pairs:
            destination.parent.mkdir(parents=True, exist_ok=True)
            part = destination.with_name(f".{destination.name}.{os.getpid()}.part")
            shutil.copyfile(path, part)
            part.replace(destination)

    def digest(self, uri: str, known: dict[str, list[object]] | None = None) -> str:
        """Give the SHA-256 of the names and contents at an address.

        `known` remembers the digests of files by path, size and time of change.
        """
        total = hashlib.sha256()
        for name, path in self.files(uri):
            total.update(json.dumps([name, _remembered_digest(path, known)]).encode())
        return total.hexdigest()

    def _mount_of(self, uri: str) -> str | None:
        """Find the longest mounted prefix of an address."""
        bare = uri.rstrip("/")
        fitting = [
            prefix for prefix in self.mounts if bare == prefix or bare.startswith(prefix.rstrip("/") + "/")
        ]
        return max(fitting, key=len, default=None)


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Go through the files under a folder, sorted, with their names in it; unfinished parts are left out."""
    if not folder.is_dir():
        return
    for path in sorted(folder.rglob("*")):
        unfinished = path.name.startswith(".") and path.name.endswith(".part")
        if path.is_file() and not unfinished:
            yield path.relative_to(folder).as_posix(), path


def file_digest(path: Path) -> str:
    """Give the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _remembered_digest(path: Path, known: dict[str, list[object]] | None) -> str:
    """Give a file's digest, from memory where the file has not changed since."""
    if known is None:
        return file_digest(path)
    state = path.stat()
    mark = [state.st_size, state.st_mtime_ns, state.st_ino]
    entry = known.get(str(path.resolve()))
    if entry is not None and entry[:3] == mark:
        return str(entry[3])
    digest = file_digest(path)
    known[str(path.resolve())] = [*mark, digest]
    return digest
