"""What a long fit has done already, kept in a folder, so that a fit that was cut off goes on from there.

A piece of work is known by the digest of all that goes into it. Another fit, on other data or with other parameters,
never takes it for its own; and the same fit ends in the same bytes whether it was cut off or not.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import numpy as np

__all__ = ["Checkpoints", "active_checkpoints", "keeping_checkpoints"]

_SUFFIX = ".checkpoint"


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """Pieces of work kept in a folder.

    Parameters
    ----------
    folder : Path
        Where they are; one file each.
    """

    folder: Path

    def key(self, *made_of: object) -> str:
        """Name a piece of work by all that goes into it: numpy arrays, and values with distinct `repr`."""
        total = hashlib.sha256()
        for each in made_of:
            if isinstance(each, np.ndarray):
                total.update(f"{each.dtype.str}{each.shape}".encode())
                total.update(np.ascontiguousarray(each).data)
            else:
                total.update(repr(each).encode())
            total.update(b"\x1f")
        return total.hexdigest()

    def find(self, key: str) -> str | None:
        """Return the text of a piece of work; None where it does not exist or not whole."""
        try:
            told, _, text = self._path(key).read_text("utf-8").partition("\n")
        except (OSError, UnicodeDecodeError):
            return None
        return text if told == hashlib.sha256(text.encode()).hexdigest() else None

    def keep(self, key: str, text: str) -> None:
        """Keep the text of a piece of work, whole or not at all."""
        path = self._path(key)
        part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
        part.write_text(f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}", "utf-8")
        part.replace(path)

    def _path(self, key: str) -> Path:
        """Return where a piece of work is."""
        return self.folder / f"{key}{_SUFFIX}"

    def clear(self) -> None:
        """Forget everything: the work is done."""
        for path in self.folder.glob(f"*{_SUFFIX}"):
            path.unlink(missing_ok=True)


_ACTIVE: ContextVar[Checkpoints | None] = ContextVar("checkpoints", default=None)


def active_checkpoints() -> Checkpoints | None:
    """Return the checkpoints of the fit that runs; None where none are kept. Threads do not inherit them."""
    return _ACTIVE.get()


@contextmanager
def keeping_checkpoints(folder: Path) -> Iterator[Checkpoints]:
    """Keep what is fitted inside in a folder, and forget it once all is done.

    Parameters
    ----------
    folder : Path
        Made where it does not exist.

    Examples
    --------
    >>> import tempfile
    >>> with keeping_checkpoints(Path(tempfile.mkdtemp())) as kept:
    ...     kept.keep(kept.key("sum", 2, 3), "5")
    ...     kept.find(kept.key("sum", 2, 3))
    '5'
    """
    folder.mkdir(parents=True, exist_ok=True)
    checkpoints = Checkpoints(folder)
    token = _ACTIVE.set(checkpoints)
    try:
        yield checkpoints
    finally:
        _ACTIVE.reset(token)
    checkpoints.clear()
