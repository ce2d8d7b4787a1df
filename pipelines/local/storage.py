"""`s3://` addresses kept as files in a folder."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from samaan_ml.exceptions import DataError

__all__ = ["Source", "Storage", "file_digest", "files_below", "files_digest"]

_MANIFEST_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Source:
    """What a job reads: an address, and how the files there are found.

    Parameters
    ----------
    uri : str
        The address.
    kind : {"object", "prefix", "manifest"}, default="prefix"
        `object` is the file or folder of that name; `prefix` is every key that begins with the address, as
        `S3DataType` `S3Prefix` means it; `manifest` is the files that the JSON list at the address names.
    """

    uri: str
    kind: Literal["object", "prefix", "manifest"] = "prefix"


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
        """Return where an address lies.

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

    def listing(self, source: Source) -> list[tuple[str, Path]]:
        """List what a job reads, each file with its name in the job's folder, sorted by name.

        Raises
        ------
        DataError
            When there is nothing, or a manifest is none or names an unknown object.
        """
        if source.kind == "manifest":
            return self._of_manifest(source.uri)
        path = self.path(source.uri)
        bucket_alone = "/" not in source.uri.removeprefix("s3://").rstrip("/")
        if source.kind == "object" or source.uri.endswith("/") or bucket_alone or self._mount_of(source.uri):
            return self.files(source.uri)
        found = ([(path.name, path)] if path.is_file() else list(files_below(path))) + list(_siblings(path))
        if not found:
            raise DataError(f"nothing is stored at '{source.uri}'")
        return sorted(found)

    def _of_manifest(self, uri: str) -> list[tuple[str, Path]]:
        """List the files that a manifest names: a prefix first, then names that follow it."""
        path = self.path(uri)
        try:
            if path.stat().st_size > _MANIFEST_BYTES:
                raise DataError(f"the manifest at '{uri}' is larger than {_MANIFEST_BYTES // 2**20} MiB")
            entries = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise DataError(f"'{uri}' is not a manifest: {error}") from None
        first = entries[0] if isinstance(entries, list) and entries else None
        prefix = first.get("prefix") if isinstance(first, Mapping) else None
        if not isinstance(prefix, str) or not all(isinstance(name, str) for name in entries[1:]):
            raise DataError(
                f"'{uri}' is not a manifest: it must be a list of {{'prefix': 's3://...'}} and names"
            )
        found = [(name.lstrip("/"), self.path(prefix + name)) for name in entries[1:]]
        absent = next((name for name, file in found if not file.is_file()), None)
        if absent is not None or not found:
            told = (
                "names no file"
                if absent is None
                else f"names '{prefix}{absent}', and nothing is stored there"
            )
            raise DataError(f"the manifest at '{uri}' {told}")
        return sorted(found)

    def fetch(self, source: Source, folder: Path, shard: slice = slice(None)) -> None:
        """Copy what a job reads, or every n-th file of it, into a folder."""
        for name, path in self.listing(source)[shard]:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)

    def store(self, source: Path, uri: str) -> list[Path]:
        """Copy a file, or the files of a folder, to an address; each file appears whole or not at all.

        Returns
        -------
        list of Path
            The files written.

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
        return [destination for destination, _ in pairs]

    def digest(self, source: Source, known: dict[str, list[object]] | None = None) -> str:
        """Return the SHA-256 of the names and contents of what a job reads.

        `known` remembers the digests of files by path, size and time of change.
        """
        return files_digest(self.listing(source), known)

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


def _siblings(path: Path) -> Iterator[tuple[str, Path]]:
    """Go through the files whose key goes on after a prefix that ends inside a name."""
    parent = path.parent
    for each in parent.iterdir() if parent.is_dir() else ():
        if each.name.startswith(path.name) and each.name != path.name:
            found = [(each.name, each)] if each.is_file() else list(files_below(each))
            yield from ((name if each.is_file() else f"{each.name}/{name}", file) for name, file in found)


def files_digest(files: Iterable[tuple[str, Path]], known: dict[str, list[object]] | None = None) -> str:
    """Return the SHA-256 of the names and contents of files."""
    total = hashlib.sha256()
    for name, path in files:
        total.update(json.dumps([name, file_digest(path, known)]).encode())
    return total.hexdigest()


def file_digest(path: Path, known: dict[str, list[object]] | None = None) -> str:
    """Return the SHA-256 of a file, from memory where the file has not changed since."""
    if known is None:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    state = path.stat()
    mark = [state.st_size, state.st_mtime_ns, state.st_ino]
    entry = known.get(str(path.resolve()))
    if entry is not None and entry[:3] == mark:
        return str(entry[3])
    digest = file_digest(path)
    known[str(path.resolve())] = [*mark, digest]
    return digest
