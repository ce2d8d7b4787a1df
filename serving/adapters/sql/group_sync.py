"""One fsync for all writers that wait for one: durable commits without a disk's turn each."""

import contextlib
import os
import threading
from pathlib import Path


class GroupSync:
    """Makes the write-ahead log durable, once for all who wait.

    SQLite with `synchronous=NORMAL` writes a commit into the log and leaves its fsync to the next checkpoint;
    with FULL it syncs at each commit, holding the write lock. Here the lock is free again before the sync, and
    the one that syncs does it for all commits written so far. The answer to a writer still waits for it.

    Parameters
    ----------
    log : Path
        The log: the database's name with `-wal`.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._changed = threading.Condition()
        self._asked = 0
        self._synced = 0
        self._running = False

    def wait(self) -> None:
        """Return when everything written before this call is on the disk."""
        with self._changed:
            self._asked += 1
            mine = self._asked
            while self._synced < mine:
                if self._running:
                    self._changed.wait()
                    continue
                self._lead()

    def _lead(self) -> None:
        """Sync for all who asked so far; called and left with the lock held, which is free meanwhile."""
        self._running = True
        covered = self._asked
        self._changed.release()
        try:
            self._sync()
        except BaseException:
            covered = self._synced
            raise
        finally:
            self._changed.acquire()
            self._running = False
            self._synced = max(self._synced, covered)
            self._changed.notify_all()

    def _sync(self) -> None:
        """Sync the log; a missing one was written into the database and synced there."""
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(self._log, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
