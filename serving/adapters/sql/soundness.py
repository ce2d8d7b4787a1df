"""Checks that an SQLite file is a whole database of this program before anything is read from or written to it.

SQLite creates a new database where a file is empty, and reads on around a page that it does not need. Without this
check a damaged file looks like a new shop, or works until the damaged page is needed.
"""

import sqlite3
from pathlib import Path

from samaan_ml.domain.errors import SamaanError

APPLICATION_ID = 0x53414D53
"""Written into the head of each of our files (`PRAGMA application_id`): "SAMS"."""
_HEADER = b"SQLite format 3\x00"
_RESTORE = "restore the newest backup into a new home: SAMAAN_HOME=NEW samaan restore FILE"


class DatabaseDamagedError(SamaanError):
    """The file is not a whole database of this program."""


def check_file(path: Path) -> None:
    """Check an existing file; a missing one is left to be created.

    Raises
    ------
    DatabaseDamagedError
        When the file is empty, is no SQLite database, belongs to another program or fails `PRAGMA quick_check`. The
        message names the file and what to do.
    """
    if not path.exists():
        return
    with path.open("rb") as file:
        head = file.read(len(_HEADER))
    if not head:
        raise DatabaseDamagedError(
            f"the database '{path}' is empty; {_RESTORE}, or delete the file to start with no shops"
        )
    if head != _HEADER:
        raise DatabaseDamagedError(f"the database '{path}' is damaged: it has no SQLite header; {_RESTORE}")
    try:
        found = _first_fault(path)
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found:
        raise DatabaseDamagedError(f"the database '{path}' is damaged ({found}); {_RESTORE}")


def _first_fault(path: Path) -> str | None:
    """Return the first fault that SQLite finds, or None."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=5)
    try:
        (owner,) = connection.execute("PRAGMA application_id").fetchone()
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
        foreign = owner not in (0, APPLICATION_ID) or (tables and "alembic_version" not in tables)
        if foreign:
            return "it belongs to another program"
        faults = [str(row[0]) for row in connection.execute("PRAGMA quick_check(1)")]
    finally:
        connection.close()
    return None if faults == ["ok"] else " ".join(faults[0].split())
