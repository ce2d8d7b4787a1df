"""Files in a folder."""

import contextlib
import os
import re
import secrets
from pathlib import Path

from serving.errors import NotFound, StoreUnavailable

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


class FilesystemBlobStore:
    """Keeps each blob as a file, written beside its place and then renamed.

    Parameters
    ----------
    folder : Path
        The folder; no key leads out of it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, key: str) -> Path:
        """Return the place of a key; a part that starts with a dot is refused."""
        if not _KEY.fullmatch(key):
            raise ValueError(f"'{key}' is not a key")
        return self._folder / key

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes."""
        path = self._path(key)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
            raise StoreUnavailable("the file could not be kept") from error

    def get(self, key: str) -> bytes:
        """Return the bytes."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise NotFound("no such file") from None
        except OSError as error:
            raise StoreUnavailable("the file could not be read") from error

    def delete(self, key: str) -> None:
        """Delete the bytes."""
        self._path(key).unlink(missing_ok=True)
