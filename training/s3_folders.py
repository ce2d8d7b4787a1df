"""Folders on S3 as folders here: staged in, worked on, and sent back, so that a job knows one kind of place.

What lies here already and has not changed there is not fetched again, and only what changed is sent. Every object
is put whole or not at all, which is S3's own promise; the file that says that the rest is complete goes last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from samaan_ml.exceptions import DataError, MissingExtraError, ParameterError, SamaanError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["S3Error", "S3Folder"]

_BLOCK = 2**20


class S3Error(SamaanError, RuntimeError):
    """S3 refused, or did not answer."""


@dataclass
class S3Folder:
    """A prefix of a bucket, and the folder that stands for it here.

    Parameters
    ----------
    uri : str
        `s3://bucket/prefix`.
    staging : Path
        Folder below which it is staged.
    client : object or None, default=None
        boto3's S3 client; None makes one of the environment's credentials.
    """

    uri: str
    staging: Path
    client: Any = None
    _bucket: str = field(init=False, default="")
    _prefix: str = field(init=False, default="")
    _fetched: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        """Read the address."""
        bucket, _, prefix = self.uri.removeprefix("s3://").partition("/")
        if not self.uri.startswith("s3://") or not bucket or ".." in PurePosixPath(prefix).parts:
            raise ParameterError(f"an address on S3 is s3://bucket/prefix, got '{self.uri}'")
        self._bucket, self._prefix = bucket, prefix.strip("/") + "/" if prefix.strip("/") else ""

    @property
    def folder(self) -> Path:
        """The folder here."""
        return self.staging / self._bucket / self._prefix

    @cached_property
    def _s3(self) -> S3Client:
        """Connect, on first use."""
        if self.client is not None:
            given: S3Client = self.client
            return given
        try:
            import boto3
        except ImportError:
            raise MissingExtraError("boto3", "training") from None
        return boto3.client("s3")

    def fetch(self, below: str = "") -> Path:
        """Bring the objects here, and remove what was deleted.

        Parameters
        ----------
        below : str, default=""
            Only what lies below this part of the prefix.

        Returns
        -------
        Path
            The folder here.

        Raises
        ------
        S3Error
            When the bucket cannot be read.
        """
        kept = set()
        for name, tag, size in self._objects(below):
            path = self.folder / name
            kept.add(path)
            self._fetched.add(name)
            if not _same(path, tag, size):
                path.parent.mkdir(parents=True, exist_ok=True)
                part = path.with_name(f".{path.name}.part")
                self._call("download_file", self._bucket, self._prefix + name, str(part))
                part.replace(path)
        here = self.folder / below
        for path in sorted(here.rglob("*")) if here.is_dir() else ():
            if path.is_file() and path not in kept:
                path.unlink()
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder

    def send(self, last: str | None = None) -> None:
        """Put what changed here there, `last` after all others, and take away there what went away here.

        What others put there since `fetch` is left alone: hosts share a folder of answers.

        Raises
        ------
        S3Error
            When the bucket cannot be written; what was put stays, and the next run sends the rest.
        """
        there = {name: (tag, size) for name, tag, size in self._objects()}
        names = sorted(
            path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()
        )
        names = [name for name in names if not PurePosixPath(name).name.startswith(".")]
        for name in sorted(names, key=lambda each: (each == last, each)):
            tag, size = there.get(name, ("", -1))
            if not _same(self.folder / name, tag, size):
                self._call("upload_file", str(self.folder / name), self._bucket, self._prefix + name)
        for name in self._fetched - set(names):
            self.remove(name)

    def remove(self, name: str) -> None:
        """Take one object away; a missing one is no error."""
        self._call("delete_object", Bucket=self._bucket, Key=self._prefix + name)

    def _objects(self, below: str = "") -> Iterator[tuple[str, str, int]]:
        """List name, tag and size of every object.

        Raises
        ------
        DataError
            When a key leads out of the folder.
        """
        pages = self._s3.get_paginator("list_objects_v2")
        found = []
        try:
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix + below):
                found += page.get("Contents", [])
        except _errors() as error:
            raise S3Error(f"'{self.uri}' cannot be read: {error}") from error
        for each in found:
            name = each["Key"].removeprefix(self._prefix)
            if name and not name.endswith("/"):
                if ".." in PurePosixPath(name).parts or name.startswith("/"):
                    raise DataError(f"'{self.uri}' holds a key that leads out of it: '{name}'")
                yield name, each["ETag"].strip('"'), each["Size"]

    def _call(self, name: str, *arguments: Any, **named: Any) -> None:
        """Call the client, and say whose fault a failure is."""
        try:
            getattr(self._s3, name)(*arguments, **named)
        except _errors() as error:
            raise S3Error(f"'{self.uri}': {name} failed: {error}") from error


def _errors() -> tuple[type[Exception], ...]:
    """Name what boto3 raises."""
    from boto3.exceptions import S3UploadFailedError
    from botocore.exceptions import BotoCoreError, ClientError

    return (BotoCoreError, ClientError, S3UploadFailedError)


def _same(path: Path, tag: str, size: int) -> bool:
    """Return whether a file is the object; a tag of several parts is no digest, and such an object is sent again."""
    if not path.is_file() or path.stat().st_size != size:
        return False
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest() == tag
