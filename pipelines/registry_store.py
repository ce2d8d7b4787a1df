"""The SQLite registry's file: opened by one process at a time, and found again where the home was moved."""

from __future__ import annotations

import fcntl
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["StoreLock", "follow_home"]

_PLACES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
_MARK = "/mlflow/artifacts/"


@dataclass
class StoreLock:
    """A hold on the registry that a process, or a thread of it, waits for; it may be taken again inside.

    MLflow's first opening of a SQLite file makes its tables, and two at once fail each other.

    Parameters
    ----------
    path : Path or None
        The lock's file; None locks nothing, for a server looks after itself.
    """

    path: Path | None
    _thread: threading.RLock = field(default_factory=threading.RLock)
    _depth: int = 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold it."""
        with self._thread:
            if self.path is None or self._depth:
                yield
                return
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1


def follow_home(database: Path, home: Path) -> int:
    """Point the registry's addresses of files at the home where it is now; give how many it changed.

    MLflow writes absolute addresses. Those below another folder's `mlflow/artifacts` are of the place where the home
    was made; the files moved with it.

    Parameters
    ----------
    database : Path
        The SQLite file.
    home : Path
        Where the home is now.
    """
    if not database.is_file():
        return 0
    now, changed = f"{(home / 'mlflow' / 'artifacts').as_uri()}/", 0
    with closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        known = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        for table, column in _PLACES:
            if table not in known:
                continue
            # Names of the tables and columns above, no input.
            question = f"SELECT DISTINCT {column} FROM {table} WHERE {column} LIKE 'file://%'"  # noqa: S608
            for (place,) in connection.execute(question).fetchall():
                before, mark, rest = str(place).rpartition(_MARK)
                if mark and f"{before}{mark}" != now:
                    order = f"UPDATE {table} SET {column} = ? WHERE {column} = ?"  # noqa: S608
                    changed += connection.execute(order, (now + rest, place)).rowcount
    return changed
