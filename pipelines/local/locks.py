"""A hold on a folder that ends with its process, however that ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.local.errors import ExecutionError

__all__ = ["only_one"]


@contextmanager
def only_one(path: Path, taken: str) -> Iterator[None]:
    """Hold a lock file for this process.

    Raises
    ------
    ExecutionError
        Saying `taken`, when another process holds it.
    """
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ExecutionError(taken) from None
        yield
