"""A whole database as one file, from SQLite or PostgreSQL into either.

The file holds one JSON document a line: first a head, then each row of each table, last a foot with the sums by
which the restored database is compared: rows of every table, every paisa and every milli-unit.
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from serving.adapters.sql.database import Database
from serving.adapters.sql.json_rows import plain_row, typed_row
from serving.adapters.sql.schema import metadata
from serving.errors import InvalidInput

_FORMAT = "samaan-backup-1"
_CHUNK = 500
_LEFT_OUT = {"rate_buckets", "sessions", "sign_in_codes", "schema_revisions"}
"""Who signs in again needs no old session, and a backup should not sign anybody in; what made a database is its own."""


def back_up(database: Database, path: Path) -> dict[str, dict[str, int]]:
    """Write all rows in one consistent reading; half a file never takes the place of a whole one."""
    draft = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with database.snapshot() as db, gzip.open(draft, "wt", encoding="utf-8") as file:
        file.write(json.dumps({"format": _FORMAT}) + "\n")
        for table in _tables():
            for row in db.execute(sa.select(table)).mappings():
                file.write(json.dumps([table.name, plain_row(row)]) + "\n")
        sums = _sums(db)
        file.write(json.dumps({"sums": sums}) + "\n")
    draft.replace(path)
    return sums


def restore(database: Database, path: Path) -> dict[str, dict[str, int]]:
    """Fill an empty, migrated database from a backup and compare every sum, all in one unit of work.

    Raises
    ------
    InvalidInput
        When the file is no whole backup, the database is not empty, or a sum differs.
    """
    with database.writing() as db:
        filled = [
            table.name
            for table in _tables()
            if db.execute(sa.select(sa.literal(1)).select_from(table)).first()
        ]
        if filled:
            raise InvalidInput(
                f"the database is not empty: {', '.join(filled)}", hint="restore into a new one"
            )
        wanted = _fill(db, path)
        found = _sums(db)
        differ = [
            f"{t}.{c}" for t, sums in wanted.items() for c, n in sums.items() if found.get(t, {}).get(c) != n
        ]
        if differ:
            raise InvalidInput(f"the restored sums differ in: {', '.join(differ)}")
    return found


def _fill(db: sa.Connection, path: Path) -> dict[str, dict[str, int]]:
    """Insert the rows of a backup and return the sums it closes with."""
    waiting: dict[str, list[dict[str, Any]]] = {}
    foot: dict[str, Any] = {}
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            if json.loads(file.readline()).get("format") != _FORMAT:
                raise InvalidInput(f"'{path}' is not a backup of this service")
            for line in file:
                entry = json.loads(line)
                if isinstance(entry, dict):
                    foot = entry
                    continue
                rows = waiting.setdefault(entry[0], [])
                rows.append(entry[1])
                if len(rows) >= _CHUNK:
                    _insert(db, entry[0], rows)
    except (OSError, EOFError, ValueError, AttributeError) as error:
        raise InvalidInput(f"'{path}' is not a whole backup: {error}") from error
    for name, rows in waiting.items():
        _insert(db, name, rows)
    if "sums" not in foot:
        raise InvalidInput(f"'{path}' ends too early", hint="use another backup")
    sums: dict[str, dict[str, int]] = foot["sums"]
    return sums


def _insert(db: sa.Connection, name: str, rows: list[dict[str, Any]]) -> None:
    """Insert some rows of a table and forget them."""
    table = metadata.tables[name]
    if rows:
        db.execute(table.insert(), [typed_row(table, row) for row in rows])
    rows.clear()


def _tables() -> Iterator[sa.Table]:
    """Go through the tables that a backup holds."""
    yield from (table for table in metadata.sorted_tables if table.name not in _LEFT_OUT)


def _sums(db: sa.Connection) -> dict[str, dict[str, int]]:
    """Count the rows and sum the money and quantities of each table."""
    found: dict[str, dict[str, int]] = {}
    for table in _tables():
        columns = [c for c in table.c if c.name.endswith(("_paise", "_milli"))]
        query = sa.select(sa.func.count().label("rows"), *(sa.func.sum(c).label(c.name) for c in columns))
        row = db.execute(query.select_from(table)).mappings().one()
        found[table.name] = {name: int(value or 0) for name, value in row.items()}
    return found
